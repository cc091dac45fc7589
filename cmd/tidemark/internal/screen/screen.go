package screen

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"tidemark/aggregation/combine"
	"tidemark/dashboard"
	"tidemark/dashboard/view"
	"tidemark/node"
	"tidemark/node/vault"
	"tidemark/schema"
)

// Screen is what the pages read of one node.
type Screen struct {
	Node *node.Node
	Demo bool // everything is invented

	mu   sync.Mutex
	kept []keptSnapshot // newest last; the pages' own memo hangs on a snapshot
}

// keptSnapshot belongs to the reading with this book.
type keptSnapshot struct {
	book     *combine.Book
	snapshot *view.Snapshot
}

// mostKept is how many snapshots stay in memory: the present one, and a few pins.
const mostKept = 4

// Snapshot is what is known now.
func (s *Screen) Snapshot() (*view.Snapshot, error) {
	r, err := s.Node.Read()
	if err != nil {
		return nil, said(err)
	}
	return s.snapshot(r)
}

// At is what was known at a pin.
func (s *Screen) At(pin string) (*view.Snapshot, error) {
	p, err := node.ParsePin(pin)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", dashboard.ErrPinOther, err)
	}
	r, err := s.Node.ReadAt(p)
	if err != nil {
		return nil, said(err)
	}
	return s.snapshot(r)
}

// said turns a node's error into what the dashboard branches on.
func said(err error) error {
	for _, e := range []struct{ from, to error }{
		{node.ErrNoCoalition, dashboard.ErrNoCoalition},
		{node.ErrPinUnknown, dashboard.ErrPinUnknown},
		{node.ErrPinOther, dashboard.ErrPinOther},
		{node.ErrNoNote, dashboard.ErrNoNote},
		{node.ErrWords, dashboard.ErrWords},
	} {
		if errors.Is(err, e.from) {
			return fmt.Errorf("%w: %w", e.to, err)
		}
	}
	return err
}

// snapshot is the one of a reading, the same while the reading is the same.
func (s *Screen) snapshot(r node.Reading) (*view.Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, k := range s.kept {
		if k.book == r.Book && k.snapshot.Pinned == r.Pinned {
			s.kept = append(append(s.kept[:i:i], s.kept[i+1:]...), k)
			return k.snapshot, nil
		}
	}
	out := Of(r)
	out.Demo = s.Demo
	conflicts, err := s.Node.Conflicts()
	if err != nil {
		return nil, err
	}
	for _, c := range conflicts {
		out.Disputes = append(out.Disputes, view.Dispute{Member: c.Member, Sequence: c.Sequence, Notes: []schema.Hash{c.Notes[0].ID, c.Notes[1].ID}, Kind: c.Notes[0].Kind, Fork: c.Fork})
	}
	s.kept = append(s.kept, keptSnapshot{r.Book, out})
	s.kept = s.kept[max(0, len(s.kept)-mostKept):]
	return out, nil
}

// Of is a reading as the pages have it, without what is in dispute.
func Of(r node.Reading) *view.Snapshot {
	out := &view.Snapshot{
		Book: r.Book, State: r.State, Codebook: r.Codebook, Pin: r.Pin.String(), Pinned: r.Pinned, Now: r.Now,
		Withdrawn: r.Withdrawn, Lost: r.Missing, Rounds: rounds(r),
	}
	for _, d := range r.Declared {
		out.Declared = append(out.Declared, view.Declared(d))
	}
	for _, o := range r.Opened {
		out.Opened = append(out.Opened, view.Opened(o))
	}
	return out
}

// Note finds a stored note.
func (s *Screen) Note(id schema.Hash) (view.Note, error) {
	f, err := s.Node.NoteByID(id)
	if err != nil {
		return view.Note{}, said(err)
	}
	return view.Note{
		ID: f.ID, Kind: f.Kind, Member: f.Member, Sequence: f.Sequence, Text: string(f.Raw),
		Signers: f.Signers, Other: f.Other, Disputed: f.Disputed,
	}, nil
}

// Self is who this node is.
func (s *Screen) Self() view.Self {
	settings := s.Node.Settings()
	return view.Self{Slug: settings.Slug, Title: settings.Title, Language: settings.Language}
}

// Standing is how this node stands.
func (s *Screen) Standing(ctx context.Context) (view.Standing, error) {
	out := view.Standing{Peers: map[schema.Slug]view.Peer{}}
	stats, err := s.Node.Vault().Stats(ctx)
	if out.Apart = errors.Is(err, vault.ErrApart); err != nil && !out.Apart {
		return out, err
	}
	out.Cases, out.Persons, out.First, out.Last, out.Protects = stats.Cases, stats.Persons, stats.First, stats.Last, stats.Protection
	out.Ledger = s.Node.Vault().Ledger()
	for _, slot := range s.Node.Vault().Slots() {
		out.Slots = append(out.Slots, view.OwnSlot{Period: slot.Period, Charge: slot.Charge, State: slot.State, Release: slot.Release})
	}
	if due, ok := s.Node.NextSlot(); ok {
		out.Next, out.Slot = due.Period, due.Slot
	}
	for _, m := range s.Node.Members() {
		out.Peers[m.Slug] = view.Peer{Head: m.Head, Owes: m.Owes, Connected: m.Connected}
	}
	out.Waiting, err = s.waiting(ctx)
	return out, err
}

// Board is the exact count of the own cases, for this screen only.
func (s *Screen) Board(ctx context.Context, t schema.Table, p schema.Period) (view.Board, error) {
	b, err := s.Node.Vault().Board(ctx, t, p)
	return view.Board(b), err
}

// Preview is the note that a period's release would be.
func (s *Screen) Preview(ctx context.Context, p schema.Period) (string, error) {
	return s.Node.Preview(ctx, p)
}

// WriteCapacity is the note by which this member would say what it offers.
func (s *Screen) WriteCapacity(ctx context.Context, o schema.Offer) (schema.Capacity, error) {
	return s.Node.WriteCapacity(ctx, o)
}

// sayPatience is how long a page waits for the witnesses' answers.
const sayPatience = 5 * time.Second

// SayCapacity says it.
func (s *Screen) SayCapacity(ctx context.Context, c schema.Capacity) error {
	return s.Node.SayCapacity(ctx, c, sayPatience)
}
