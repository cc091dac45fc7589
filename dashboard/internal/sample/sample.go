package sample

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"tidemark/aggregation/account"
	"tidemark/aggregation/combine"
	"tidemark/aggregation/planner"
	"tidemark/dashboard"
	"tidemark/dashboard/brief"
	"tidemark/dashboard/view"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/fiction"
	"tidemark/schema/wire"
)

// Config says what a coalition looks like. Zero values are the ordinary demonstration.
type Config struct {
	Members  int    // 12
	People   int    // a quarter, all together; 4,000
	Quarters int    // 12
	Seed     uint64 // 7
	Title    string // of the own organisation
	Codebook *schema.Codebook
	Plan     func(*schema.Codebook, schema.Period) (schema.Plan, error) // the planner's small one
	Cases    func(member int) iter.Seq[fiction.Case]                    // instead of the fiction's
	Empty    bool                                                       // nobody has released anything
	Alone    bool                                                       // in no coalition
	Withdraw bool                                                       // the second member withdraws its newest release
	Dispute  bool                                                       // the third member has said two things
	Alarm    bool                                                       // the first member runs from two copies of its folder
	Demo     bool
	Council  bool // three admins of whom two sign; proposals of each kind, and a plan that waits for consent
	Outsider bool // of a council the own member is none
	Joint    int  // so many of the last quarters are in joint mode
	Stuck    bool // the newest joint round is under way, the one before it void
	Mute     bool // nobody has said what it offers
	Keepers  bool // an act names the keepers of the quarters after the running one
}

func (c *Config) defaults() {
	set := func(n *int, usual int) {
		if *n == 0 {
			*n = usual
		}
	}
	set(&c.Members, 12)
	set(&c.People, 4000)
	set(&c.Quarters, 12)
	if c.Seed == 0 {
		c.Seed = 7
	}
	if c.Codebook == nil {
		c.Codebook = schema.Incident()
	}
	if c.Plan == nil {
		c.Plan = func(_ *schema.Codebook, first schema.Period) (schema.Plan, error) { return planner.SmallLocal(first) }
	}
}

// Last is the newest quarter of every sample.
var Last = schema.Period{Year: 2026, Quarter: 3}

// Now is when a sample is looked at.
var Now = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

// Coalition is a sample: what dashboard.Coalition and dashboard.Own ask for.
type Coalition struct {
	cfg      Config
	World    *fiction.World
	snapshot *view.Snapshot
	notes    map[schema.Hash]*view.Note
	ledger   account.Ledger
	slots    []view.OwnSlot

	signers   []*wire.Signer // of the members, by order of admission
	proposals []view.Proposal
	unagreed  []schema.Hash
	Done      []string // what was asked of Governance and Admin, in order

	book     combine.Config
	released []combine.Released
	rounds   []view.RoundState
	drafts   map[string]brief.Draft
	opened   []view.Opened
}

// New makes a sample.
func New(t testing.TB, cfg Config) *Coalition {
	t.Helper()
	cfg.defaults()
	c := &Coalition{cfg: cfg, notes: map[schema.Hash]*view.Note{}}
	if err := c.make(); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *Coalition) make() error {
	first := Last.Add(1 - c.cfg.Quarters)
	world, err := fiction.New(fiction.Config{Seed: c.cfg.Seed, Members: c.cfg.Members, People: c.cfg.People, First: first, Quarters: c.cfg.Quarters})
	if err != nil {
		return err
	}
	c.World = world
	plan, err := c.cfg.Plan(c.cfg.Codebook, first)
	if err != nil {
		return err
	}
	state, signers, err := c.found(plan)
	if err != nil {
		return err
	}
	c.signers = signers
	c.book = combine.Config{Codebook: c.cfg.Codebook, Plans: map[schema.Hash]schema.Plan{wire.PlanHash(plan): plan}}
	if c.cfg.Joint > 0 {
		if state, err = c.goJoint(state, plan); err != nil {
			return err
		}
	}
	released, err := c.all(state, plan)
	if err != nil {
		return err
	}
	withdrawn := map[schema.Hash]schema.NoticeReason{}
	if c.cfg.Withdraw {
		for _, one := range released {
			if one.Member() == world.Organisations[1].Slug && one.Period() == Last {
				withdrawn[one.Release()] = schema.WrongMapping
			}
		}
	}
	c.released = released
	c.book.Owed, c.book.Withdrawn = owed(state, Now), withdrawn
	book, err := combine.NewBook(c.book, released)
	if err != nil {
		return err
	}
	c.snapshot = &view.Snapshot{
		Book: book, State: state, Codebook: c.cfg.Codebook, Pin: "0123456789abcdef-DA8PDw8PDw8MDw8PDw",
		Now: Now, Withdrawn: withdrawn, Rounds: c.rounds, Opened: c.opened, Demo: c.cfg.Demo,
	}
	if !c.cfg.Mute {
		if err := c.declare(); err != nil {
			return err
		}
	}
	if c.cfg.Council {
		if err := c.propose(plan); err != nil {
			return err
		}
	}
	if c.cfg.Dispute {
		if err := c.dispute(2, true); err != nil {
			return err
		}
	}
	if c.cfg.Alarm {
		return c.dispute(0, false)
	}
	return nil
}

// all is what members released, and what joint rounds have opened.
func (c *Coalition) all(st *coalition.State, plan schema.Plan) ([]combine.Released, error) {
	var folk []map[string][]person
	for i := range c.World.Organisations {
		folk = append(folk, c.people(i))
	}
	out, err := c.releases(st, c.signers, plan, folk)
	if err != nil {
		return nil, err
	}
	sums, err := c.sums(st, folk)
	return append(out, sums...), err
}

// dispute adds two contradicting intents of a member. Of an alarm's, the first counts.
func (c *Coalition) dispute(organisation int, fork bool) error {
	member := c.World.Organisations[organisation].Slug
	d := view.Dispute{Member: member, Sequence: 9, Fork: fork}
	for k := range 2 {
		raw, err := wire.Sign(schema.Intent{
			Coalition: c.snapshot.State.ID(), Member: member, Sequence: 9, Plan: schema.Hash{1}, Period: Last,
			Charge: 1, Roster: 3, Release: schema.Hash{byte(k + 1)},
		}, c.signers[organisation])
		if err != nil {
			return err
		}
		v, err := wire.Verify(raw, c.snapshot.State.Ring())
		if err != nil {
			return err
		}
		c.keep(v, member, 9, schema.Hash{}).Disputed = fork || k > 0
		d.Notes = append(d.Notes, v.ID())
	}
	c.snapshot.Disputes = append(c.snapshot.Disputes, d)
	return nil
}

// Fresh is the same sample before anybody has looked at it: nothing is kept in memory but
// the releases.
func (c *Coalition) Fresh() *Coalition {
	book, err := combine.NewBook(c.book, c.released)
	if err != nil {
		panic(err) // the same book was made before
	}
	fresh := *c
	s := c.snapshot
	fresh.snapshot = &view.Snapshot{
		Book: book, State: s.State, Codebook: s.Codebook, Pin: s.Pin, Now: s.Now, Withdrawn: s.Withdrawn, Declared: s.Declared, Disputes: s.Disputes, Rounds: s.Rounds, Opened: s.Opened, Demo: s.Demo,
	}
	return &fresh
}

// owed lists every period whose slot has come with the members who owe it.
func owed(st *coalition.State, now time.Time) []combine.Owed {
	at := map[schema.Period]int{}
	var out []combine.Owed
	for _, m := range st.Roster().Members {
		for _, due := range st.Due(m.Slug, now) {
			i, known := at[due.Period]
			if !known {
				i = len(out)
				at[due.Period] = i
				out = append(out, combine.Owed{Period: due.Period, Plan: due.Plan})
			}
			out[i].Members = append(out[i].Members, m.Slug)
		}
	}
	return out
}

// Codebook is what the sample is coded by.
func (c *Coalition) Codebook() *schema.Codebook { return c.cfg.Codebook }

// Snapshot is what is known now.
func (c *Coalition) Snapshot() (*view.Snapshot, error) {
	if c.cfg.Alone {
		return nil, dashboard.ErrNoCoalition
	}
	return c.snapshot, nil
}

// At knows the one pin.
func (c *Coalition) At(pin string) (*view.Snapshot, error) {
	if pin != c.snapshot.Pin {
		return nil, dashboard.ErrPinUnknown
	}
	return &view.Snapshot{
		Book: c.snapshot.Book, State: c.snapshot.State, Codebook: c.snapshot.Codebook, Pin: c.snapshot.Pin, Pinned: true,
		Now: c.snapshot.Now, Withdrawn: c.snapshot.Withdrawn, Declared: c.snapshot.Declared, Disputes: c.snapshot.Disputes, Rounds: c.snapshot.Rounds, Opened: c.snapshot.Opened, Demo: c.snapshot.Demo,
	}, nil
}

// Note finds a note.
func (c *Coalition) Note(id schema.Hash) (view.Note, error) {
	n, ok := c.notes[id]
	if !ok {
		return view.Note{}, dashboard.ErrNoNote
	}
	return *n, nil
}

// keep stores a note for Note.
func (c *Coalition) keep(v wire.Verified, member schema.Slug, sequence uint64, other schema.Hash) *view.Note {
	n := view.Note{ID: v.ID(), Kind: v.Body().Kind(), Member: member, Sequence: sequence, Text: string(v.Raw()), Other: other, Signers: v.Slugs()}
	c.notes[n.ID] = &n
	return &n
}

// Self is the first member.
func (c *Coalition) Self() view.Self {
	title := c.cfg.Title
	if title == "" {
		title = c.World.Organisations[0].Title
	}
	return view.Self{Slug: c.World.Organisations[0].Slug, Title: title}
}

// Standing is how the first member stands.
func (c *Coalition) Standing(context.Context) (view.Standing, error) {
	s := view.Standing{
		Cases: 9000, Persons: 5200, First: Last.Add(1 - c.cfg.Quarters).Start(), Last: Last.End(), Protects: schema.PerID,
		Ledger: &c.ledger, Slots: c.slots, Next: Last.Add(1), Slot: c.SlotOf(Last.Add(1)), Peers: map[schema.Slug]view.Peer{},
	}
	if c.cfg.Council {
		s.Waiting = view.Waiting{
			LacksKey: c.cfg.Outsider, NewNodeKey: c.cfg.Outsider, Unagreed: c.unagreed, Asked: &view.Lines{Have: 1, Need: 3},
			Drawn: []view.DrawnRelease{
				{Period: Last.Add(1), Slot: s.Slot, Lines: &view.Lines{Have: 1, Need: 3}},
				{Period: Last.Add(2), Slot: c.SlotOf(Last.Add(2)), Lines: &view.Lines{Have: 3, Need: 3}},
				{Period: Last.Add(3), Slot: c.SlotOf(Last.Add(3))},
			},
		}
	}
	for i, o := range c.World.Organisations {
		s.Peers[o.Slug] = view.Peer{Head: 15, Connected: i%3 != 1}
	}
	return s, nil
}

// Board counts the first member's fictional cases.
func (c *Coalition) Board(_ context.Context, table schema.Table, p schema.Period) (view.Board, error) {
	shape, err := c.cfg.Codebook.Shape(table)
	if err != nil {
		return view.Board{}, fmt.Errorf("board: %w", err)
	}
	b := view.Board{Table: table, Period: p, Rows: shape.Rows(), Cols: shape.Cols(), Cases: make([]int, shape.Cells()), Persons: make([]int, shape.Cells())}
	type place struct {
		person string
		cell   int // -1: anywhere
	}
	seen := map[place]bool{}
	first := func(p place) int {
		if seen[p] {
			return 0
		}
		seen[p] = true
		return 1
	}
	for one := range c.World.Cases(0) {
		if one.Date < p.Start() || one.Date > p.End() {
			continue
		}
		cell := shape.Cell(c.fold(one.Codes))
		b.Cases[cell]++
		b.AllCases++
		b.Persons[cell] += first(place{one.Person, cell})
		b.AllPersons += first(place{one.Person, -1})
	}
	return b, nil
}

// Preview is a note with dots.
func (c *Coalition) Preview(_ context.Context, p schema.Period) (string, error) {
	return "tidemark/release/v1\nperiod " + p.String() + " " + string(p.Cadence()) + "\n" + strings.Repeat("· ", 18) + "\n", nil
}
