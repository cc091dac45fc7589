package node

import (
	"fmt"
	"runtime"
	"sync"
	"time"

	"tidemark/aggregation/combine"
	"tidemark/node/feeds"
	"tidemark/node/gate"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// keptPins is how many pinned readings, and states before the last act, stay in memory.
const keptPins = 4

// reader makes readings and keeps what they are made of, by the SHA-256 of the parcels
// that were verified: a new release costs one verification, not all of them again.
type reader struct {
	feeds *feeds.Store
	clock func() time.Time

	mu       sync.Mutex // guards the five; held for moments
	plans    map[schema.Hash]*combine.Expected
	released map[schema.Hash]combine.Released
	notices  map[schema.Hash]schema.Notice
	offers   map[schema.Hash]Declared
	sums     map[schema.Hash]keptSum

	one    sync.Mutex // one reading is made at a time; guards what follows
	live   *live
	pins   []Reading
	states []*coalition.State
	found  *index
}

// live is the last reading of the clock, and how long it is good for.
type live struct {
	Reading
	revision uint64
	until    time.Time
}

func newReader(clock func() time.Time) *reader {
	return &reader{
		clock: clock, plans: map[schema.Hash]*combine.Expected{},
		released: map[schema.Hash]combine.Released{}, notices: map[schema.Hash]schema.Notice{}, offers: map[schema.Hash]Declared{},
		sums: map[schema.Hash]keptSum{},
	}
}

// hear takes what the store has verified. A release that is not its plan's is left for
// a reading to complain about.
func (r *reader) hear(st *coalition.State, cb *schema.Codebook, a gate.Accepted) {
	notes := a.Notes()
	if a.Kind() != gate.Parcel || cb == nil || r.takeSum(schema.HashOf(a.Raw()), notes) {
		return
	}
	_ = r.take(st, cb, schema.HashOf(a.Raw()), notes[len(notes)-1])
}

// take keeps what readings need of a verified note.
func (r *reader) take(st *coalition.State, cb *schema.Codebook, raw schema.Hash, v wire.Verified) error {
	switch b := v.Body().(type) {
	case schema.Notice:
		r.mu.Lock()
		defer r.mu.Unlock()
		r.notices[raw] = b
	case schema.Capacity:
		r.mu.Lock()
		defer r.mu.Unlock()
		r.offers[raw] = Declared{v.ID(), b}
	case schema.Release:
		plan, err := r.expected(st, cb, b.Plan)
		if err != nil {
			return err
		}
		c, err := plan.Release(v)
		if err != nil {
			return err
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.released[raw] = c
	}
	return nil
}

// expected looks a plan up once.
func (r *reader) expected(st *coalition.State, cb *schema.Codebook, hash schema.Hash) (*combine.Expected, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.plans[hash] != nil {
		return r.plans[hash], nil
	}
	plan, ok := st.Plan(hash)
	if !ok {
		return nil, fmt.Errorf("its plan was never adopted")
	}
	r.plans[hash] = combine.Expect(cb, plan)
	return r.plans[hash], nil
}

// wanted is a place whose note is not in memory yet.
type wanted struct {
	member   schema.Slug
	sequence uint64
	raw      schema.Hash
}

// releases are the scope's releases, in the order of their feeds; lost counts those
// that the disk has lost.
func (r *reader) releases(s scope) (out []combine.Released, lost int, err error) {
	all := s.places(schema.KindRelease, false)
	if err := r.load(s, r.unknown(all)); err != nil {
		return nil, 0, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range all {
		if c, ok := r.released[w.raw]; ok {
			out = append(out, c)
		} else {
			lost++
		}
	}
	return out, lost, nil
}

// withdrawn are the releases that a notice speaks of, one that came after the pin too.
func (r *reader) withdrawn(s scope) (map[schema.Hash]schema.NoticeReason, error) {
	all := s.places(schema.KindNotice, true)
	if err := r.load(s, r.unknown(all)); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	out := map[schema.Hash]schema.NoticeReason{}
	for _, w := range all {
		if n, ok := r.notices[w.raw]; ok {
			out[n.Release] = n.Reason
		}
	}
	return out, nil
}

// places lists the pin's places of a kind, or with those that came later and that nobody
// disputes.
func (s scope) places(kind schema.Kind, later bool) []wanted {
	var out []wanted
	for i, f := range s.snapshot.Feeds {
		n := uint64(0)
		if i < len(s.pin.Places) {
			n = s.pin.Places[i]
		}
		if later {
			n = max(n, f.Settled())
		}
		for k, place := range f.Places[:n] {
			if place.Kind == kind {
				out = append(out, wanted{f.Member, uint64(k + 1), f.Raw[k]})
			}
		}
	}
	return out
}

// unknown are those that have not been heard of in this process.
func (r *reader) unknown(all []wanted) []wanted {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []wanted
	for _, w := range all {
		_, released := r.released[w.raw]
		_, noticed := r.notices[w.raw]
		_, offered := r.offers[w.raw]
		_, summed := r.sums[w.raw]
		if !released && !noticed && !offered && !summed {
			out = append(out, w)
		}
	}
	return out
}

// load verifies notes from the disk, on all processors.
func (r *reader) load(s scope, missing []wanted) error {
	for i, err := range each(len(missing), func(i int) error { return r.loadOne(s, missing[i]) }) {
		if err != nil {
			return fmt.Errorf("%s %d: %w", missing[i].member, missing[i].sequence, err)
		}
	}
	return nil
}

// each does something for every number below n, on all processors.
func each(n int, do func(int) error) []error {
	errs := make([]error, n)
	var workers sync.WaitGroup
	step := runtime.GOMAXPROCS(0)
	for first := range step {
		workers.Go(func() {
			for i := first; i < n; i += step {
				errs[i] = do(i)
			}
		})
	}
	workers.Wait()
	return errs
}

// loadOne leaves out what the disk has lost, or what another note has replaced meanwhile.
func (r *reader) loadOne(s scope, w wanted) error {
	p, err := r.feeds.Parcel(w.member, w.sequence)
	if err != nil || schema.HashOf(p.Raw) != w.raw {
		return nil
	}
	all, err := verifiedNotes(p.Raw, s.snapshot.State.Ring())
	if err != nil {
		return err
	}
	if r.takeSum(w.raw, all) {
		return nil
	}
	cb := s.snapshot.Codebook
	if cb == nil {
		cb = schema.Incident()
	}
	return r.take(s.snapshot.State, cb, w.raw, all[len(all)-1])
}
