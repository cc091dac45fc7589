package view

import (
	"math"
	"strconv"

	"tidemark/aggregation/account"
	"tidemark/schema"
)

// BudgetPage answers: how much privacy is spent?
type BudgetPage struct {
	Title    string
	Says     []string
	Gauge    Gauge
	Alone    *AloneBar     // the second bar; nil: no plan of the 12 months is a joint one
	Shares   []BudgetShare // spent, reserved and free: parts of the cap
	ShareBar []Zone
	Facts    []Term
	Longer   LongerTable
	Means    []Term // what the promise is about, and what it is not
	Charges  []ChargeRow
	None     string // where nothing has been charged yet
	Small    string // the same in the unit of the books
}

// Gauge shows a best guess between a coin and certainty.
type Gauge struct {
	Guess  string // "60"
	Word   Mark
	Label  string // the whole of it, for who does not see it
	Zones  []Zone
	Needle string // its place: "20%"
	Limit  string // the place of the cap
	Ends   [2]Tick
}

// Zone is a part of a bar, in percent of it.
type Zone struct{ X, Width, Class, Text string }

// Tick is a number at the edge of a bar.
type Tick struct{ X, Text string }

// BudgetShare is a part of the cap.
type BudgetShare struct{ Class, Name, Part, Note string }

// LongerTable says what the promise of 12 months means after more of them.
type LongerTable struct {
	Head []string
	Rows [][]string
}

// ChargeRow is what one release costs.
type ChargeRow struct {
	Period string
	Alone  string // what it means on its own
	Nano   string
	State  Mark
	Counts string // in the 12 months, or since when no more
	Note   *Link
}

// Budget is the page of the ledger. Without a coalition it explains what will be kept.
func (r *Reader) Budget(s Standing) (BudgetPage, error) {
	b := r.book(s)
	p := BudgetPage{
		Title: r.L.Say("budget.title", "guess", r.guess(b.spent)),
		Says:  []string{r.L.Say("budget.meaning", "guess", r.guess(b.spent)), r.L.Say("budget.promise", "guess", r.guess(b.cap))},
		Gauge: r.gaugeOf(b.spent, b.cap), Alone: r.aloneBar(b), Facts: r.budgetFacts(b, s), Longer: r.longer(&b.plan), Means: r.budgetMeans(b.cap, s.Protects),
		Charges: r.chargeRows(b, s),
		Small:   r.L.Say("budget.small", "spent", int64(b.spent), "cap", int64(b.cap), "mu", r.fixed(account.Mu(b.spent), 3)),
	}
	if p.Alone != nil {
		p.Says[1] += " " + r.L.Say("budget.promise.joint")
	}
	p.Shares, p.ShareBar = r.budgetShares(b)
	if len(p.Charges) == 0 {
		p.Title, p.None = r.L.Say("budget.title.none"), r.L.Say("budget.none")
	}
	return p, nil
}

// books is what the ledger says today.
type books struct {
	ledger          *account.Ledger
	today           schema.Date
	plan            schema.Plan // in force
	cap             schema.Charge
	spent, reserved schema.Charge // of the 12 months up to today; reserved is part of spent
}

func (r *Reader) book(s Standing) books {
	b := books{ledger: s.Ledger, cap: schema.DefaultCap, plan: schema.Plan{Cap: schema.DefaultCap}}
	if b.ledger == nil {
		b.ledger = &account.Ledger{}
	}
	if r.Snapshot == nil {
		// The pages have no clock of their own: the newest period is the worst day to ask about.
		if entries := b.ledger.Entries(); len(entries) > 0 {
			b.today = entries[len(entries)-1].Period.End()
		}
		b.spent = b.ledger.Spent(b.today)
		return b
	}
	b.plan, _ = r.planInForce()
	b.today, b.cap = schema.DateOf(r.Now), b.plan.Cap
	b.spent = b.ledger.Spent(b.today)
	for _, slot := range s.Slots {
		if end := slot.Period.End(); pending(slot.State) && end <= b.today && yearAfter(end) > b.today {
			b.reserved += slot.Charge
		}
	}
	b.reserved = min(b.reserved, b.spent)
	return b
}

// pending tells a slot whose charge is booked and whose release is not out.
func pending(state string) bool { return state == "reserved" || state == "drawn" }

// yearAfter is the first day on which a period that ended on a day counts no more.
func yearAfter(d schema.Date) schema.Date {
	t := d.Time()
	return schema.NewDate(t.Year()+1, t.Month(), t.Day())
}

// guess is a charge as a best guess, in whole times in 100.
func (r *Reader) guess(c schema.Charge) string {
	return r.L.Number(int64(math.Round(account.BestGuess(c))))
}

// gaugePlace is where a guess of 50 to 100 stands, in percent of the bar.
func gaugePlace(guess float64) float64 { return max(0, min(100, 2*(guess-50))) }

// zone is a part of a bar that runs as the language is read.
func (r *Reader) zone(from, to float64, class, text string) Zone {
	x := from
	if r.L.RTL {
		x = 100 - to
	}
	return Zone{svgPercent(x), svgPercent(to - from), class, text}
}

func (r *Reader) across(x float64) string {
	if r.L.RTL {
		x = 100 - x
	}
	return svgPercent(x)
}

func svgPercent(x float64) string { return strconv.FormatFloat(x, 'f', 2, 64) + "%" }

func (r *Reader) budgetShares(b books) ([]BudgetShare, []Zone) {
	spent := capPart(b.spent-b.reserved, b.cap)
	reserved := capPart(b.reserved, b.cap)
	free := max(0, 100-spent-reserved)
	var shares []BudgetShare
	var bar []Zone
	at := 0.0
	for _, s := range []struct {
		class string
		part  int
	}{{"spent", spent}, {"reserved", reserved}, {"free", free}} {
		name := r.L.Say("budget." + s.class)
		shares = append(shares, BudgetShare{s.class, name, r.L.Say("budget.percent", "part", s.part), r.L.Say("budget." + s.class + ".note")})
		width := min(float64(s.part), 100-at)
		bar = append(bar, r.zone(at, at+width, s.class, name))
		at += width
	}
	return shares, bar
}

// capPart is a charge in percent of the cap.
func capPart(c, cap schema.Charge) int { return int(math.Round(100 * float64(c) / float64(cap))) }

func (r *Reader) budgetFacts(b books, s Standing) []Term {
	var out []Term
	add := func(key, text string) { out = append(out, Term{Name: r.L.Say("budget.fact." + key), Text: text}) }
	if r.Snapshot == nil {
		return nil
	}
	if !s.Next.IsZero() {
		add("next", r.nextRelease(b, s))
	}
	if day, charge, ok := b.ledger.DropsOut(b.today); ok {
		add("drops", r.L.Say("budget.drops", "day", r.L.Date(day), "part", capPart(charge, b.cap)))
	}
	add("pair", r.L.Say("budget.pair", "guess", r.guess(r.joinedBy(b.ledger, b.today).pair.Spent(b.today))))
	add("ever", r.L.Say("budget.ever", "guess", r.guess(b.ledger.Total())))
	return out
}

// nextRelease says what the next release costs and that it fits, or that it does not.
func (r *Reader) nextRelease(b books, s Standing) string {
	plan, hash, _ := r.State.PlanFor(s.Next)
	charge := plan.Charge(s.Next.Cadence())
	key := "budget.next.fits"
	if b.spent+charge > plan.Cap {
		key = "budget.next.then" // older ones drop out before its period ends
	}
	if b.ledger.Fits(account.Entry{Coalition: r.State.ID(), Plan: hash, Period: s.Next, Charge: charge}, plan.Cap) != nil {
		key = "budget.next.over"
	}
	return r.L.Say("budget.next", "period", r.L.Period(s.Next), "moment", r.L.Moment(s.Slot), "part", capPart(charge, plan.Cap), "guess", r.guess(charge)) + " " + r.L.Say(key)
}

func (r *Reader) budgetMeans(cap schema.Charge, p schema.Protection) []Term {
	out := []Term{
		{Name: r.L.Say("budget.means.unit"), Text: r.protectionSays(p)},
		{Name: r.L.Say("budget.means.key"), Text: r.L.Say("budget.means.key.text", "guess", r.guess(2*cap))},
		{Name: r.L.Say("budget.means.vault"), Text: r.L.Say("budget.means.vault.text")},
		{Name: r.L.Say("budget.means.not"), Text: r.L.Say("budget.means.not.text")},
	}
	return out
}

// protectionSays is what one weight of this node's own releases protects.
func (r *Reader) protectionSays(p schema.Protection) string {
	if !p.Valid() {
		return r.L.Say("budget.unit.none")
	}
	return r.L.Say("budget.unit." + string(p))
}

// protectionWord is the same in a word, of anybody's release.
func (r *Reader) protectionWord(p schema.Protection) string {
	return r.L.Say("evidence.protects." + string(p))
}

func (r *Reader) chargeRows(b books, s Standing) []ChargeRow {
	slots := map[schema.Period]OwnSlot{}
	for _, slot := range s.Slots {
		slots[slot.Period] = slot
	}
	var out []ChargeRow
	entries := b.ledger.Entries()
	for i := len(entries) - 1; i >= 0; i-- {
		out = append(out, r.chargeRow(b, entries[i], slots[entries[i].Period]))
	}
	return out
}

func (r *Reader) chargeRow(b books, e account.Entry, slot OwnSlot) ChargeRow {
	row := ChargeRow{
		Period: r.L.Period(e.Period), Alone: r.L.Say("budget.alone", "guess", r.guess(e.Charge)), Nano: r.L.Number(int64(e.Charge)),
		State: Mark{"found", r.L.Say("budget.state.found")}, Counts: r.L.Say("budget.counts"),
	}
	if slot.State != "" && (r.Snapshot == nil || e.Coalition == r.State.ID()) {
		row.State = Mark{slot.State, r.L.Say("budget.state." + slot.State)}
	}
	switch out := yearAfter(e.Period.End()); {
	case e.Period.End() > b.today:
		row.Counts = r.L.Say("budget.counts.later")
	case out <= b.today:
		row.Counts = r.L.Say("budget.counts.since", "day", r.L.Date(out))
	}
	if r.Snapshot != nil && slot.State == "published" && !slot.Release.IsZero() {
		row.Note = &Link{r.noteAt(slot.Release), r.L.Say("budget.note", "period", row.Period)}
	}
	return row
}

// fixed writes a technical number with its digits after the point.
func (r *Reader) fixed(x float64, digits int) string {
	return r.L.Fixed(x, digits)
}

func fraction(some, all int) string { return strconv.Itoa(some) + "/" + strconv.Itoa(all) }
