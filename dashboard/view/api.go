package view

import (
	"math"
	"slices"
	"time"

	"tidemark/aggregation/account"
	"tidemark/schema"
	"tidemark/schema/wire"
)

// APIStatus is how a node stands in its coalition. It tells of no case.
type APIStatus struct {
	Demonstration bool           `json:"demonstration"`
	Member        schema.Slug    `json:"member"`
	Version       string         `json:"version"` // of the program
	Coalition     *APICoalition  `json:"coalition,omitempty"`
	LastPeriod    *schema.Period `json:"last_period,omitempty"` // the newest for which anybody reported
	NextPeriod    *schema.Period `json:"next_period,omitempty"`
	NextSlot      *time.Time     `json:"next_slot,omitempty"`
}

// APICoalition is the coalition as this node knows it.
type APICoalition struct {
	Name     schema.Slug `json:"name"`
	ID       schema.Hash `json:"id"`
	Version  uint64      `json:"roster_version"`
	Active   int         `json:"active_members"`
	Codebook schema.Hash `json:"codebook"`
	Plan     schema.Hash `json:"plan"`
	Pin      string      `json:"pin"`
	Disputed int         `json:"disputed_members"`
	Missing  int         `json:"missing_notes"` // lost on this disk; other members have them
}

// APIStatus sums a node up; the snapshot may be nil.
func (s *Snapshot) APIStatus(self Self, version string) APIStatus {
	a := APIStatus{Member: self.Slug, Version: version}
	if s == nil {
		return a
	}
	_, plan := s.planInForce()
	a.Demonstration = s.Demo
	a.Coalition = &APICoalition{
		Name: s.State.Charter().Name, ID: s.State.ID(), Version: s.State.Roster().Version, Active: s.State.Roster().Active(),
		Codebook: s.Codebook.Hash(), Plan: plan, Pin: s.Pin, Disputed: s.contradicting(true), Missing: s.Lost,
	}
	if last := s.newest(); !last.IsZero() {
		a.LastPeriod = &last
	}
	if due, ok := s.State.Next(self.Slug, s.Now); ok {
		a.NextPeriod, a.NextSlot = &due.Period, &due.Slot
	}
	return a
}

// newest is the newest period for which anybody reported; zero if there is none.
func (s *Snapshot) newest() schema.Period {
	var newest schema.Period
	for _, c := range schema.Cadences {
		if last, ok := s.Last(c); ok && (newest.IsZero() || newest.Before(last)) {
			newest = last
		}
	}
	return newest
}

// APIPlan is a plan.
type APIPlan struct {
	Plan          schema.Hash        `json:"plan"`
	Codebook      schema.Hash        `json:"codebook"`
	Mode          schema.Mode        `json:"mode"`
	Noise         schema.NoiseSource `json:"noise"`
	First         schema.Period      `json:"first"`
	LateDays      int                `json:"late_days"`
	SlotDays      int                `json:"slot_days"`
	SlotHour      int                `json:"slot_hour_utc"`
	ChargeQuarter schema.Charge      `json:"charge_quarter_nano_mu2"`
	ChargeYear    schema.Charge      `json:"charge_year_nano_mu2"`
	Cap           schema.Charge      `json:"cap_nano_mu2"`
	BandNumber    int                `json:"band_number_per_thousand"`
	BandCaution   int                `json:"band_caution_per_thousand"`
	Tables        []APITable         `json:"tables"`
	Text          string             `json:"text"` // what members agreed on; its SHA-256 is the plan
}

// APITable is a table of a plan.
type APITable struct {
	Table   schema.Table   `json:"table"`
	Cadence schema.Cadence `json:"cadence"`
	Measure string         `json:"measure"`
	Cells   int            `json:"cells"`
	NoiseSD *float64       `json:"noise_sd"` // people, of one member's cell; null: derived from the other tables
	Charge  schema.Charge  `json:"charge_nano_mu2"`
}

// APIPlan is the plan of a period; of the running quarter for the zero period.
func (s *Snapshot) APIPlan(p schema.Period) (APIPlan, error) {
	plan, hash := s.planInForce()
	if !p.IsZero() {
		var ok bool
		if plan, hash, ok = s.State.PlanFor(p); !ok {
			return APIPlan{}, ErrPeriod
		}
	}
	a := APIPlan{
		Plan: hash, Codebook: plan.Codebook, Mode: plan.Mode, Noise: plan.Noise, First: plan.First, LateDays: plan.LateDays,
		SlotDays: plan.Slot.Days, SlotHour: plan.Slot.Hour, ChargeQuarter: plan.ChargeQuarter, ChargeYear: plan.ChargeYear, Cap: plan.Cap,
		BandNumber: plan.Bands.Number, BandCaution: plan.Bands.Caution, Text: wire.PlanText(plan),
	}
	for _, t := range plan.Tables {
		shape, err := s.Codebook.Shape(t.Table)
		if err != nil {
			return APIPlan{}, err
		}
		a.Tables = append(a.Tables, APITable{t.Table, t.Cadence, t.Measure.String(), shape.Cells(), noiseSD(t), t.Charge()})
	}
	return a, nil
}

// APICoverage is who reported each period, oldest first.
type APICoverage struct {
	Period    schema.Period `json:"period"`
	Plan      schema.Hash   `json:"plan"`
	Owing     []schema.Slug `json:"owing"`
	Reporting []schema.Slug `json:"reporting"`
	Missing   []schema.Slug `json:"missing"`
	Withdrawn []schema.Slug `json:"withdrawn"` // reported, and said since that it should not be relied on
	Mode      schema.Mode   `json:"mode"`
	Round     string        `json:"round,omitempty"` // of a joint round that has opened nothing
}

// allPeriods are the owed periods of every cadence, oldest first.
func (s *Snapshot) allPeriods() []schema.Period {
	var out []schema.Period
	for _, c := range schema.Cadences {
		out = append(out, s.Book.Periods(c)...)
	}
	slices.SortStableFunc(out, func(p, q schema.Period) int {
		switch {
		case p.Before(q):
			return -1
		case q.Before(p):
			return 1
		}
		return 0
	})
	return out
}

// APICoverage lists every owed period.
func (s *Snapshot) APICoverage() []APICoverage {
	out := []APICoverage{}
	for _, p := range s.allPeriods() {
		c := s.Book.Coverage(p)
		plan, hash, _ := s.Book.Plan(p)
		one := APICoverage{Period: p, Plan: hash, Owing: notNull(c.Owing), Reporting: notNull(c.Members()), Missing: notNull(c.Missing()), Withdrawn: []schema.Slug{}, Mode: plan.Mode}
		if round, stuck := s.stuck(p); stuck {
			one.Round = round.State
		}
		for _, r := range c.Reporting {
			if r.Withdrawn != "" {
				one.Withdrawn = append(one.Withdrawn, r.Member)
			}
		}
		out = append(out, one)
	}
	return out
}

// notNull is never null in JSON.
func notNull[T any](all []T) []T { return append([]T{}, all...) }

// APIRelease is a release that is held. Of a joint period it is the one sum, by its
// agreement.
type APIRelease struct {
	Release    schema.Hash         `json:"release"` // the note's id: ask for it at /api/v1/releases/{release}
	Member     schema.Slug         `json:"member,omitempty"`
	Members    []schema.Slug       `json:"members,omitempty"` // whose sum it is, in joint mode
	Period     schema.Period       `json:"period"`
	Plan       schema.Hash         `json:"plan"`
	Counted    bool                `json:"counted"` // false: its member did not owe it
	Protection schema.Protection   `json:"protection,omitempty"`
	Withdrawn  schema.NoticeReason `json:"withdrawn,omitempty"`
	Witnesses  []schema.Slug       `json:"witnesses"` // who countersigned its intent
}

// APIReleases lists the releases behind all numbers, then those that count nowhere. The
// function finds a stored note; of one that the disk has lost it may return none.
func (s *Snapshot) APIReleases(note func(schema.Hash) (Note, error)) ([]APIRelease, error) {
	return once(s, "api releases", func() ([]APIRelease, error) {
		out := s.apiReleases()
		for i := range out {
			w, err := s.witnessesOf(out[i].Release, note)
			if err != nil {
				return nil, err
			}
			out[i].Witnesses = notNull(w)
		}
		return out, nil
	})
}

// witnessesOf are who countersigned the intent of a release, or signed an agreement.
func (s *Snapshot) witnessesOf(release schema.Hash, note func(schema.Hash) (Note, error)) ([]schema.Slug, error) {
	n, err := note(release)
	if n.Kind == schema.KindAgreement {
		return n.Signers, err
	}
	if err != nil || n.Other.IsZero() {
		return nil, err
	}
	intent, err := note(n.Other)
	return countersigners(intent), err
}

// countersigners are who has signed an intent beside its member.
func countersigners(intent Note) []schema.Slug {
	return slices.DeleteFunc(slices.Clone(intent.Signers), func(m schema.Slug) bool { return m == intent.Member })
}

func (s *Snapshot) apiReleases() []APIRelease {
	out := []APIRelease{}
	for _, p := range s.allPeriods() {
		_, plan, _ := s.Book.Plan(p)
		c := s.Book.Coverage(p)
		if c.Joint && len(c.Reporting) > 0 {
			sum := c.Reporting[0]
			out = append(out, APIRelease{Release: sum.Release, Members: c.Members(), Period: p, Plan: plan, Counted: true, Protection: sum.Protection})
			continue
		}
		for _, r := range c.Reporting {
			out = append(out, APIRelease{Release: r.Release, Member: r.Member, Period: p, Plan: plan, Counted: true, Protection: r.Protection, Withdrawn: r.Withdrawn})
		}
	}
	for _, c := range s.Book.LeftOut() {
		out = append(out, APIRelease{Release: c.Release(), Member: c.Member(), Members: c.Members(), Period: c.Period(), Plan: c.Plan(), Withdrawn: s.Withdrawn[c.Release()]})
	}
	return out
}

// APIBudget is how much of the people's privacy this node has spent.
type APIBudget struct {
	Cap       schema.Charge `json:"cap_nano_mu2"`   // of any 12 months
	Spent     schema.Charge `json:"spent_nano_mu2"` // of the 12 months up to today, by period end
	Quarter   schema.Charge `json:"charge_quarter_nano_mu2"`
	Year      schema.Charge `json:"charge_year_nano_mu2"`
	BestGuess float64       `json:"best_guess_in_100"` // right guesses of who knows every other record, at best; a coin: 50
	AtCap     float64       `json:"best_guess_in_100_at_cap"`
	APIBudgetJoint
	Strength    account.Strength `json:"strength"`
	Epsilon     float64          `json:"epsilon"`
	Delta       float64          `json:"delta"`
	FreedOn     *schema.Date     `json:"freed_on,omitempty"` // the oldest charge no longer counts from then on
	FreedCharge schema.Charge    `json:"freed_nano_mu2,omitempty"`
	Entries     []APICharge      `json:"entries"`
}

// APICharge is a release's.
type APICharge struct {
	Coalition schema.Hash   `json:"coalition"`
	Plan      schema.Hash   `json:"plan"`
	Period    schema.Period `json:"period"`
	Charge    schema.Charge `json:"charge_nano_mu2"`
}

// APIBudget reads a node's ledger.
func (s *Snapshot) APIBudget(standing Standing) APIBudget {
	r := s.In(nil, Query{})
	b := r.book(standing)
	plan := b.plan
	a := APIBudget{
		Cap: b.cap, Spent: b.spent, Quarter: plan.ChargeQuarter, Year: plan.ChargeYear, Strength: account.StrengthOf(b.spent),
		BestGuess: tenth(account.BestGuess(b.spent)), AtCap: tenth(account.BestGuess(b.cap)),
		Epsilon: math.Round(1000*account.Epsilon(b.spent, account.StatementDelta)) / 1000, Delta: account.StatementDelta, Entries: []APICharge{},
		APIBudgetJoint: r.apiBudgetJoint(b),
	}
	if day, charge, ok := b.ledger.DropsOut(b.today); ok {
		a.FreedOn, a.FreedCharge = &day, charge
	}
	for _, e := range b.ledger.Entries() {
		a.Entries = append(a.Entries, APICharge{e.Coalition, e.Plan, e.Period, e.Charge})
	}
	return a
}

// APIAct is a note of the coalition's log; the charter is version 0.
type APIAct struct {
	Version uint64        `json:"version"`
	ID      schema.Hash   `json:"id"`
	Verb    string        `json:"verb"` // "charter" for the charter
	Member  schema.Slug   `json:"member,omitempty"`
	Plan    *schema.Hash  `json:"plan,omitempty"`
	Date    schema.Date   `json:"date"`
	Signers []schema.Slug `json:"signers"`
}

// APIActs is the log, oldest first.
func (s *Snapshot) APIActs() ([]APIAct, error) {
	log, err := s.log()
	if err != nil {
		return nil, err
	}
	out := []APIAct{}
	for i, l := range log {
		a := APIAct{Version: uint64(i), ID: l.id, Verb: string(schema.KindCharter), Signers: notNull(l.signers)}
		switch b := l.body.(type) {
		case schema.Charter:
			plan := wire.PlanHash(b.Plan)
			a.Date, a.Plan = b.Date, &plan
		case schema.Act:
			a.Date, a.Verb = b.Date, b.Change.Verb()
			a.Member, a.Plan = subjectOf(b.Change)
		}
		out = append(out, a)
	}
	return out, nil
}

// subjectOf is whom or which plan a change is about.
func subjectOf(c schema.Change) (schema.Slug, *schema.Hash) {
	switch c := c.(type) {
	case schema.Admit:
		return c.Slug, nil
	case schema.Suspend:
		return c.Member, nil
	case schema.Resume:
		return c.Member, nil
	case schema.Remove:
		return c.Member, nil
	case schema.ReplaceNode:
		return c.Member, nil
	case schema.ReplaceMember:
		return c.Member, nil
	case schema.AdoptPlan:
		plan := wire.PlanHash(c.Plan)
		return "", &plan
	case schema.RetirePlan:
		return "", &c.Plan
	}
	return "", nil
}

// APIMember is a seat, as this node knows it.
type APIMember struct {
	Member    schema.Slug   `json:"member"`
	Status    schema.Status `json:"status"`
	First     schema.Period `json:"first"` // the first quarter that it owes
	Admitted  schema.Date   `json:"admitted"`
	Regions   []schema.Code `json:"regions"`
	Head      uint64        `json:"head"` // notes held of its feed
	Owes      int           `json:"owes"` // releases whose slot has come and that are not here
	Connected bool          `json:"connected"`
	Disputed  bool          `json:"disputed"`
	Alarmed   bool          `json:"alarmed"` // two notes of it are held of which it may sign one, and its feed goes on
}

// APIMembers lists the roster in order of admission.
func (s *Snapshot) APIMembers(standing Standing) []APIMember {
	out := []APIMember{}
	for _, m := range s.State.Roster().Members {
		peer := standing.Peers[m.Slug]
		out = append(out, APIMember{
			Member: m.Slug, Status: m.Status, First: m.First, Admitted: m.Admitted, Regions: notNull(m.Regions),
			Head: peer.Head, Owes: peer.Owes, Connected: peer.Connected,
			Disputed: s.inDispute(m.Slug), Alarmed: s.alarmed(m.Slug),
		})
	}
	return out
}

// Totals are the numbers of a coalition that a monitor may watch. None of them is about
// people.
type Totals struct {
	Members  map[schema.Status]int
	Held     int // releases that count
	Owed     int // releases whose slot has come, held or not
	LastSlot time.Time
	Disputed int // members with a fork
	Alarmed  int // members with an alarm
	Missing  int
}

// Totals adds up.
func (s *Snapshot) Totals() Totals {
	t := Totals{Members: map[schema.Status]int{schema.Active: 0, schema.Suspended: 0, schema.Removed: 0}, Disputed: s.contradicting(true), Alarmed: s.contradicting(false), Missing: s.Lost}
	for _, m := range s.State.Roster().Members {
		t.Members[m.Status]++
	}
	for _, p := range s.allPeriods() {
		c := s.Book.Coverage(p)
		t.Held += len(c.Reporting)
		t.Owed += len(c.Owing)
		plan := s.Plan(p)
		if slot := plan.SlotOf(p); slot.After(t.LastSlot) {
			t.LastSlot = slot
		}
	}
	return t
}
