package node

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"tidemark/aggregation/combine"
	"tidemark/node/feeds"
	"tidemark/schema"
	"tidemark/schema/coalition"
)

// Reading is the coalition as it is known at one moment, or as a pin names it. It does
// not change; do not change what it refers to.
type Reading struct {
	Book     *combine.Book
	State    *coalition.State
	Codebook *schema.Codebook
	Pin      Pin // leads back to this reading, on every node that holds the same notes
	// Pinned: made by ReadAt. It shows what the pin names, whatever came later; only that
	// a release was withdrawn, or a feed disputed, is marked in it too.
	Pinned bool
	// Now decides what is owed: the clock; in a pinned reading the newest slot of which it
	// holds a release or a void, so that it stays the same as time goes on.
	Now       time.Time
	Owed      []combine.Owed
	Withdrawn map[schema.Hash]schema.NoticeReason // by the release's id
	Disputed  map[schema.Slug]uint64              // the first place in dispute
	// Declared is what the active members offer, the last that each of them has said, by
	// order of admission. Who has said nothing is not in it.
	Declared []Declared
	// Missing counts places that the disk has lost and others still have: until they are
	// fetched again the reading is poorer than its pin.
	Missing int
	// Rounds are the joint rounds whose slot has passed, and Opened those that are open.
	Rounds []Round
	Opened []Opened
}

// Book is what the coalition's members have released, as this node knows it, ready to
// be asked.
func (n *Node) Book() (*combine.Book, error) {
	r, err := n.Read()
	return r.Book, err
}

// Read is what this node knows now. It costs nothing while nothing changes: no note
// comes in and no slot passes.
func (n *Node) Read() (Reading, error) { return n.reads.now() }

// ReadAt is the coalition as a pin names it: its acts, and the releases among those
// places. It fails with ErrPinUnknown or ErrPinOther where this node cannot tell.
func (n *Node) ReadAt(p Pin) (Reading, error) { return n.reads.at(p) }

// scope is what a reading is made from.
type scope struct {
	snapshot feeds.Snapshot
	state    *coalition.State
	pin      Pin
	missing  int
}

// read makes the reading of a moment.
func (r *reader) read(s scope, now time.Time) (Reading, error) {
	out := Reading{
		State: s.state, Codebook: s.snapshot.Codebook, Pin: s.pin, Now: now, Missing: s.missing,
		Owed: owed(s.state, now), Disputed: disputed(s.snapshot),
	}
	if out.Codebook == nil {
		out.Codebook = schema.Incident()
	}
	releases, lost, err := r.releases(s)
	if err != nil {
		return Reading{}, fmt.Errorf("trends: %w", err)
	}
	out.Missing += lost
	if out.Opened, out.Rounds, err = r.rounds(s, out.Codebook, now); err != nil {
		return Reading{}, fmt.Errorf("trends: %w", err)
	}
	together, err := r.together(s.state, out.Codebook, out.Opened)
	if err != nil {
		return Reading{}, fmt.Errorf("trends: %w", err)
	}
	if out.Withdrawn, err = r.withdrawn(s); err != nil {
		return Reading{}, fmt.Errorf("trends: %w", err)
	}
	if out.Declared, err = r.declared(s); err != nil {
		return Reading{}, fmt.Errorf("capacity: %w", err)
	}
	out.Book, err = bookOf(s.state, out, append(releases, together...))
	return out, err
}

// bookOf holds a reading's releases against what was owed.
func bookOf(st *coalition.State, r Reading, released []combine.Released) (*combine.Book, error) {
	c := combine.Config{Codebook: r.Codebook, Plans: map[schema.Hash]schema.Plan{}, Owed: r.Owed, Withdrawn: r.Withdrawn}
	for _, o := range c.Owed {
		if _, known := c.Plans[o.Plan]; !known {
			c.Plans[o.Plan], _ = st.Plan(o.Plan)
		}
	}
	return combine.NewBook(c, released)
}

// now is the reading of the clock's moment.
func (r *reader) now() (Reading, error) {
	r.one.Lock()
	defer r.one.Unlock()
	now := r.clock()
	if r.live != nil && r.live.revision == r.feeds.Revision() && !now.Before(r.live.Now) && now.Before(r.live.until) {
		return r.live.Reading, nil
	}
	snapshot := r.feeds.Snapshot()
	if snapshot.State == nil {
		return Reading{}, ErrNoCoalition
	}
	s := scope{snapshot: snapshot, state: snapshot.State, pin: pinNow(snapshot)}
	for i, n := range s.pin.Places {
		for _, place := range snapshot.Feeds[i].Places[:n] {
			if place.ID.IsZero() {
				s.missing++
			}
		}
	}
	out, err := r.read(s, now)
	if err != nil {
		return Reading{}, err
	}
	r.live = &live{out, snapshot.Revision, nextSlot(s.state, now)}
	return out, nil
}

// at is the reading of a pin.
func (r *reader) at(p Pin) (Reading, error) {
	r.one.Lock()
	defer r.one.Unlock()
	snapshot := r.feeds.Snapshot()
	if snapshot.State == nil {
		return Reading{}, ErrNoCoalition
	}
	out, err := r.pinned(snapshot, p)
	if err != nil {
		return Reading{}, fmt.Errorf("pin: %w", err)
	}
	return out, nil
}

func (r *reader) pinned(snapshot feeds.Snapshot, p Pin) (Reading, error) {
	st, err := r.stateAt(snapshot.State, p.Acts)
	if err != nil {
		return Reading{}, err
	}
	if err := p.check(snapshot, st); err != nil {
		return Reading{}, err
	}
	s := scope{snapshot: snapshot, state: st, pin: p}
	if known, ok := r.kept(s); ok {
		return known, nil
	}
	out, err := r.read(s, newestSlot(s))
	if err != nil {
		return Reading{}, err
	}
	if out.Missing > 0 { // the disk lost them just now
		return Reading{}, ErrPinUnknown
	}
	out.Pinned = true
	r.pins = append(r.pins, out)
	r.pins = r.pins[max(0, len(r.pins)-keptPins):]
	return out, nil
}

// kept finds a pinned reading that was made before and that nothing was marked in since.
func (r *reader) kept(s scope) (Reading, bool) {
	i := slices.IndexFunc(r.pins, func(old Reading) bool { return old.Pin.Equal(s.pin) })
	if i < 0 {
		return Reading{}, false
	}
	old := r.pins[i]
	withdrawn, err := r.withdrawn(s)
	if err == nil && maps.Equal(withdrawn, old.Withdrawn) && maps.Equal(disputed(s.snapshot), old.Disputed) {
		return old, true
	}
	r.pins = slices.Delete(r.pins, i, i+1)
	return Reading{}, false
}

// stateAt folds the log again up to a version.
func (r *reader) stateAt(now *coalition.State, version uint64) (*coalition.State, error) {
	log := now.Log()
	if version >= uint64(len(log)) {
		return nil, ErrPinUnknown
	}
	if version == now.Roster().Version {
		return now, nil
	}
	for _, st := range r.states {
		if st.Roster().Version == version && st.ID() == now.ID() {
			return st, nil
		}
	}
	st, err := coalition.Found(log[0])
	for _, act := range log[1 : version+1] {
		if err != nil {
			break
		}
		st, err = st.Apply(act)
	}
	if err != nil {
		return nil, err
	}
	r.states = append(r.states, st)
	r.states = r.states[max(0, len(r.states)-keptPins):]
	return st, nil
}

// newestSlot is the last slot of which the pin's places tell that it has come.
func newestSlot(s scope) time.Time {
	var newest time.Time
	for i, n := range s.pin.Places {
		for _, place := range s.snapshot.Feeds[i].Places[:n] {
			if place.Period.IsZero() {
				continue
			}
			if plan, ok := s.state.Plan(place.Plan); ok && plan.SlotOf(place.Period).After(newest) {
				newest = plan.SlotOf(place.Period)
			}
		}
	}
	return newest
}

// seat is what decides which periods a member owes: members that are alike in it owe the
// same, and are asked about once.
type seat struct {
	first  schema.Period
	status schema.Status
}

// nextSlot is when more will be owed; a coalition that owes nothing is looked at daily.
func nextSlot(st *coalition.State, now time.Time) time.Time {
	next := now.AddDate(0, 0, 1)
	asked := map[seat]bool{}
	for _, m := range st.Roster().Members {
		if asked[seat{m.First, m.Status}] {
			continue
		}
		asked[seat{m.First, m.Status}] = true
		if due, ok := st.Next(m.Slug, now); ok && due.Slot.Before(next) {
			next = due.Slot
		}
	}
	return next
}

func disputed(s feeds.Snapshot) map[schema.Slug]uint64 {
	out := map[schema.Slug]uint64{}
	for _, f := range s.Feeds {
		if f.Disputed > 0 {
			out[f.Member] = f.Disputed
		}
	}
	return out
}

// owed lists every period whose slot has come with the members who owe it.
func owed(st *coalition.State, now time.Time) []combine.Owed {
	at, alike := map[schema.Period]int{}, map[seat][]coalition.Due{}
	var owed []combine.Owed
	for _, m := range st.Roster().Members {
		dues, asked := alike[seat{m.First, m.Status}]
		if !asked {
			dues = st.Due(m.Slug, now)
			alike[seat{m.First, m.Status}] = dues
		}
		for _, due := range dues {
			i, known := at[due.Period]
			if !known {
				i = len(owed)
				at[due.Period] = i
				owed = append(owed, combine.Owed{Period: due.Period, Plan: due.Plan})
			}
			owed[i].Members = append(owed[i].Members, m.Slug)
		}
	}
	slices.SortFunc(owed, func(a, b combine.Owed) int {
		if a.Period.Before(b.Period) {
			return -1
		}
		return 1
	})
	return owed
}
