package vault

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"tidemark/aggregation"
	"tidemark/aggregation/account"
	"tidemark/schema"
	"tidemark/schema/wire"
)

// book is the fold of the journal: what was reserved, drawn, published and charged. It is
// changed by enter alone, with the same entries whether they are written or read.
type book struct {
	slug    schema.Slug
	at      map[place]*drawing
	slots   []*drawing // as they were reserved
	chains  map[schema.Hash]*chain
	latest  *chain // the one that an entry was last for
	charges []charge
	parcels []parcel // what the feed file holds, in its order
	// restored is when the folder last came back from a backup, in Unix seconds; 0: never.
	// What it had done in the meantime is not in the journal.
	restored int64
	intents  map[schema.Hash]bool // ids of the own ones that are known here
	vouches  vouches              // of others' intents
	consents map[schema.Hash]bool // plans
	forks    map[schema.Hash]bool // proofs against the own feed
	attested map[saying]statement // what this keeper said
	closed   map[place]bool       // joint rounds that are over
	joined   map[schema.Hash]bool // coalitions of which a plan was agreed to
}

// place names what is drawn once.
type place struct {
	Coalition, Plan schema.Hash
	Period          schema.Period
}

// state is how far a period has come.
type state int

const (
	isReserved  state = iota
	isDrawn           // nobody but the witnesses knows of it
	isPublished       // in the feed
	isVoid            // in the feed as a void
	isLost            // drawn, but its place in the feed has been taken: it can only be voided
	isGiven           // contributed to a joint round
)

func (s state) String() string {
	return [...]string{"reserved", "drawn", "published", "void", "lost", "given"}[s]
}

// drawing is a period that was reserved.
type drawing struct {
	place
	state    state
	charge   schema.Charge
	slot     aggregation.Slotted
	lateDays int
	sequence uint64
	id       schema.Hash // of the release
	intent   []byte      // the note; without the witnesses' lines until it is published
	release  []byte      // the note; nil once it is published
	given    []byte      // the contribution's note
	parcel   int         // where it is in the feed file
}

// chain is the own feed in one coalition.
type chain struct {
	coalition schema.Hash
	first     uint64 // sequence of ids[0]
	ids       []schema.Hash
	pending   []*drawing // drawn and not published, in order
	declared  int        // parcel of the declaration, -1: none
	share     schema.Charge
	notices   map[schema.Hash]int // parcels of notices, by the release they are about
	offers    map[schema.Hash]int // parcels of capacities, by their ids
	voids     map[place]int
	sums      map[place]int // as a keeper
}

// charge is what the ledger is made of.
type charge struct {
	account.Entry
	times int
}

// parcel is a place of the feed file. raw is there until it is in the file.
type parcel struct {
	hash   schema.Hash
	offset int64
	size   int
	raw    []byte
}

func newBook() *book {
	return &book{at: map[place]*drawing{}, chains: map[schema.Hash]*chain{}, intents: map[schema.Hash]bool{}, consents: map[schema.Hash]bool{}, forks: map[schema.Hash]bool{}, attested: map[saying]statement{}, closed: map[place]bool{}, joined: map[schema.Hash]bool{}}
}

func (b *book) chain(coalition schema.Hash) *chain {
	c := b.chains[coalition]
	if c == nil {
		c = &chain{coalition: coalition, declared: -1, notices: map[schema.Hash]int{}, offers: map[schema.Hash]int{}, voids: map[place]int{}, sums: map[place]int{}}
		b.chains[coalition] = c
	}
	b.latest = c
	return c
}

// head is the last published place.
func (c *chain) head() (uint64, schema.Hash) {
	if c == nil || len(c.ids) == 0 {
		return 0, schema.Hash{}
	}
	return c.first + uint64(len(c.ids)) - 1, c.ids[len(c.ids)-1]
}

// at is the note at a sequence, published or drawn.
func (c *chain) at(sequence uint64) (schema.Hash, bool) {
	if c == nil {
		return schema.Hash{}, false
	}
	for _, d := range c.pending {
		if d.sequence == sequence {
			return d.id, true
		}
	}
	return c.id(sequence)
}

// end is the last place that is published or drawn: what is drawn next follows it.
func (c *chain) end() (uint64, schema.Hash) {
	if c == nil {
		return 0, schema.Hash{}
	}
	if n := len(c.pending); n > 0 {
		return c.pending[n-1].sequence, c.pending[n-1].id
	}
	return c.head()
}

// id is the published note at a sequence.
func (c *chain) id(sequence uint64) (schema.Hash, bool) {
	if sequence < c.first || sequence-c.first >= uint64(len(c.ids)) {
		return schema.Hash{}, false
	}
	return c.ids[sequence-c.first], true
}

func (c *chain) push(sequence uint64, id schema.Hash) error {
	head, _ := c.head()
	if len(c.ids) == 0 {
		c.first = sequence
	} else if sequence != head+1 {
		return fmt.Errorf("sequence %d after %d", sequence, head)
	}
	c.ids = append(c.ids, id)
	return nil
}

// enter takes an entry in. An error means that the journal is not one of ours.
func (b *book) enter(e entry) error {
	if (e.Kind == begun) != (b.slug == "") {
		return fmt.Errorf("%s is out of place", e.Kind)
	}
	switch e.Kind {
	case begun:
		b.slug = e.Slug
		return nil
	case reserved:
		return b.reserve(e)
	case drawn:
		return b.draw(e)
	case published:
		return b.publish(e)
	case noted:
		return b.note(e.Parcel)
	case forked:
		return b.fork(e.Parcel)
	case given:
		return b.give(e)
	case attested:
		return b.attest(e)
	case closed:
		return b.close(e)
	case renewed:
		return b.renew(e)
	case countersigned:
		return b.vouch(e)
	case consented:
		b.consents[e.Plan], b.joined[e.Coalition] = true, true
		return nil
	case restored:
		b.restored = max(b.restored, e.At)
		return nil
	}
	return fmt.Errorf("an entry of a kind that this version does not know")
}

func (b *book) reserve(e entry) error {
	if b.at[e.place()] != nil {
		return fmt.Errorf("period %s is reserved twice", e.Period)
	}
	b.open(&drawing{
		place: e.place(), charge: e.Charge, lateDays: e.LateDays,
		slot: aggregation.Slotted{Period: e.Period, Cutoff: e.Cutoff, NoLate: e.NoLate},
	})
	b.charged(e.place(), e.Charge, 1)
	b.chain(e.Coalition)
	return nil
}

func (b *book) open(d *drawing) *drawing {
	b.at[d.place] = d
	b.slots = append(b.slots, d)
	return d
}

func (b *book) charged(p place, c schema.Charge, times int) {
	e := account.Entry{Coalition: p.Coalition, Plan: p.Plan, Period: p.Period, Charge: c}
	for i := range b.charges {
		if b.charges[i].Entry == e {
			b.charges[i].times = max(b.charges[i].times, times)
			return
		}
	}
	b.charges = append(b.charges, charge{e, times})
}

func (b *book) draw(e entry) error {
	d := b.at[e.place()]
	if d == nil || d.state != isReserved {
		return fmt.Errorf("period %s is drawn without being reserved, or twice", e.Period)
	}
	body, err := wire.Peek(e.Release)
	release, ok := body.(schema.Release)
	if err != nil || !ok {
		return fmt.Errorf("period %s: not a release", e.Period)
	}
	d.state, d.sequence, d.id = isDrawn, release.Sequence, noteID(e.Release)
	d.intent, d.release = e.Intent, e.Release
	b.intents[noteID(e.Intent)] = true
	c := b.chain(e.Coalition)
	c.pending = append(c.pending, d)
	return nil
}

// renew takes the intent of a drawn release once more, under another roster version.
func (b *book) renew(e entry) error {
	d := b.at[e.place()]
	if d == nil || d.state != isDrawn {
		return fmt.Errorf("period %s: its intent is renewed without being drawn", e.Period)
	}
	d.intent = e.Intent
	b.intents[noteID(e.Intent)] = true
	return nil
}

func (b *book) publish(e entry) error {
	d, c := b.at[e.place()], b.chain(e.Coalition)
	if d == nil || len(c.pending) == 0 || c.pending[0] != d {
		return fmt.Errorf("period %s is published without being drawn, or out of order", e.Period)
	}
	raw, err := wire.Pack(e.Intent, d.release)
	if err != nil {
		return err
	}
	if err := c.push(d.sequence, d.id); err != nil {
		return err
	}
	c.pending = c.pending[1:]
	d.state, d.intent, d.release, d.parcel = isPublished, e.Intent, nil, b.add(raw)
	return nil
}

func (b *book) add(raw []byte) int {
	p := parcel{hash: schema.HashOf(raw), size: len(raw), raw: raw}
	if n := len(b.parcels); n > 0 {
		p.offset = b.parcels[n-1].offset + int64(b.parcels[n-1].size) + frameSize
	}
	b.parcels = append(b.parcels, p)
	return len(b.parcels) - 1
}

// note takes in a parcel that no draw here made: a declaration, a notice, a capacity, a
// void, or what peers held of this member and this folder did not. At a sequence that the feed
// has passed it is a fork's: its charge counts, and nothing else.
func (b *book) note(raw []byte) error {
	p, err := readParcel(raw)
	if err != nil {
		return err
	}
	link := p.body.Place()
	c := b.chain(link.Coalition)
	b.spend(p)
	b.learn(p)
	if head, _ := c.head(); len(c.ids) > 0 && link.Sequence <= head {
		return nil
	}
	if err := c.push(link.Sequence, p.id); err != nil {
		return err
	}
	// What was drawn for places after the former head follows another note than the one
	// that stands there now.
	for _, d := range c.pending {
		d.state = isLost
	}
	c.pending = nil
	b.placed(c, p, b.add(raw))
	return nil
}

// spend charges what a parcel says was drawn. A release beside one of our own for the
// same period is a second draw.
func (b *book) spend(p ownParcel) {
	switch body := p.body.(type) {
	case schema.Release:
		at, times := place{body.Coalition, body.Plan, body.Period}, 1
		if d := b.at[at]; d != nil && d.state != isReserved && d.id != p.id {
			times = 2
		}
		b.charged(at, body.Charge, times)
	case schema.Void:
		b.charged(place{body.Coalition, body.Plan, body.Period}, body.Charge, 1)
	}
}

// learn remembers the intent that a parcel speaks of: it is not lost any more.
func (b *book) learn(p ownParcel) {
	if void, ok := p.body.(schema.Void); ok {
		b.intents[void.Intent] = true
	}
	if p.intent != nil {
		b.intents[noteID(p.intent)] = true
	}
}

// placed notes what a parcel at the feed's new head means for the rest.
func (b *book) placed(c *chain, p ownParcel, n int) {
	switch body := p.body.(type) {
	case schema.Declaration:
		c.declared, c.share = n, body.Share
	case schema.Notice:
		c.notices[body.Release] = n
	case schema.Capacity:
		c.offers[p.id] = n
	case schema.Sum:
		c.sums[roundOf(body.In())] = n
	case schema.Release:
		d := b.elsewhere(place{body.Coalition, body.Plan, body.Period}, body.Charge)
		if d.id != p.id { // its cutoff is lost: everything dated for it counts as counted
			d.slot.Cutoff = math.MaxUint64
		}
		d.state, d.sequence, d.id = isPublished, body.Sequence, p.id
		d.intent, d.release, d.parcel = p.intent, nil, n
	case schema.Void:
		d := b.elsewhere(place{body.Coalition, body.Plan, body.Period}, body.Charge)
		d.state, d.sequence, d.parcel = isVoid, body.Sequence, n
		c.voids[d.place] = n
	}
}

// elsewhere is the drawing of a period that may have been drawn by another copy of this
// folder, and then counts nothing here.
func (b *book) elsewhere(p place, c schema.Charge) *drawing {
	if d := b.at[p]; d != nil {
		return d
	}
	return b.open(&drawing{
		place: p, charge: c, lateDays: schema.MaxLateDays,
		slot: aggregation.Slotted{Period: p.Period},
	})
}

// ledger is the sum of all charges.
func (b *book) ledger() (*account.Ledger, error) {
	l := &account.Ledger{}
	for _, c := range b.charges {
		if err := l.Found(c.Entry, c.times); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// slotted are the reserved periods of a coalition's cadence, in plan order, up to one.
func (b *book) slotted(coalition schema.Hash, last schema.Period) []aggregation.Slotted {
	var all []aggregation.Slotted
	for _, d := range b.slots {
		p := d.Period
		if d.Coalition == coalition && p.Cadence() == last.Cadence() && !last.Before(p) {
			all = append(all, d.slot)
		}
	}
	// Two plans for one period can only come from a fork; the later cutoff holds.
	slices.SortFunc(all, func(a, b aggregation.Slotted) int {
		return cmp.Or(int(a.Period.End()-b.Period.End()), cmp.Compare(b.Cutoff, a.Cutoff))
	})
	return slices.CompactFunc(all, func(a, b aggregation.Slotted) bool { return a.Period == b.Period })
}

// known is the highest cutoff that is known: the store counts on above it.
func (b *book) known() uint64 {
	var highest uint64
	for _, d := range b.slots {
		if d.slot.Cutoff != math.MaxUint64 {
			highest = max(highest, d.slot.Cutoff)
		}
	}
	return highest
}

// counted tells where contents were counted, over every slot reserved so far and each by
// its own plan's rule.
type counted []countedRule

type countedRule struct {
	cadence int
	rule    *aggregation.Rule
}

func (b *book) counted() counted {
	var cs counted
	for _, d := range b.slots {
		cs = append(cs, countedRule{
			slices.Index(schema.Cadences, d.Period.Cadence()),
			aggregation.NewRule(d.lateDays, []aggregation.Slotted{d.slot}),
		})
	}
	return cs
}

func (cs counted) of(date schema.Date, seq uint64, before [2]schema.Period) [2]schema.Period {
	for _, c := range cs {
		before[c.cadence], _ = c.rule.CountedIn(date, seq, before[c.cadence])
	}
	return before
}

// edited tells what an edited case keeps of its earlier version: where that was counted,
// and when it was first taken in. If by that the new version would pass for counted in a
// period that counted neither of them, it is numbered as if it were new.
func (cs counted) edited(old *content, date schema.Date, next uint64) (uint64, [2]schema.Period) {
	was := cs.of(old.Date, old.Seq, old.Counted)
	if cs.of(date, old.Seq, was) != was {
		return next, was
	}
	return old.Seq, was
}

func chargeOf(plan *schema.Plan, at place) account.Entry {
	return account.Entry{
		Coalition: at.Coalition, Plan: at.Plan, Period: at.Period,
		Charge: plan.Charge(at.Period.Cadence()),
	}
}
