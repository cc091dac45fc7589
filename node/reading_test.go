package node

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tidemark/node/feeds"
	"tidemark/node/gate"
	"tidemark/node/nodetest"
	"tidemark/schema"
)

// story is a coalition with a reader over one store, and a clock that can be set.
type story struct {
	*nodetest.Coalition
	store *feeds.Store
	read  *reader
	clock time.Time
}

func newStory(t testing.TB, members int) *story {
	t.Helper()
	c := nodetest.NewCoalition(t, members)
	s := &story{Coalition: c, store: c.Store(t), clock: nodetest.Now}
	s.read = s.over(s.store)
	return s
}

func (s *story) over(store *feeds.Store) *reader {
	r := newReader(func() time.Time { return s.clock })
	r.feeds = store
	return r
}

func (s *story) accept(t testing.TB, raws ...[]byte) {
	t.Helper()
	for _, raw := range raws {
		if _, err := s.store.Accept(raw, nodetest.Now); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *story) now(t testing.TB) Reading {
	t.Helper()
	r, err := s.read.now()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (s *story) at(t testing.TB, p Pin) Reading {
	t.Helper()
	r, err := s.read.at(p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// text is what stands behind a reading's numbers: for each owed quarter the releases
// that count, "!" after one that was withdrawn.
func text(r Reading) string {
	var out []string
	for _, p := range r.Book.Periods(schema.Quarterly) {
		line := p.String()
		for _, m := range r.Book.Coverage(p).Reporting {
			line += fmt.Sprintf(" %s:%s", strings.TrimPrefix(string(m.Member), "member-"), m.Release.Short())
			if m.Withdrawn != "" {
				line += "!"
			}
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

func TestReadWaitsForACoalition(t *testing.T) {
	s := &story{clock: nodetest.Now}
	r := s.over(feeds.Memory())
	if _, err := r.now(); !errors.Is(err, ErrNoCoalition) {
		t.Error(err)
	}
	if _, err := r.at(Pin{}); !errors.Is(err, ErrNoCoalition) {
		t.Error(err)
	}
	if _, err := r.note(schema.Hash{}); !errors.Is(err, ErrNoCoalition) {
		t.Error(err)
	}
}

// The book is made again when a note comes in or a slot passes, and not otherwise.
func TestReadFollowsNotesAndSlots(t *testing.T) {
	s := newStory(t, 2)
	s.accept(t, s.Members[0].History(t, 2)...)
	first := s.now(t)
	if again := s.now(t); again.Book != first.Book {
		t.Error("nothing new: another book")
	}
	s.accept(t, s.Members[1].History(t, 1)...)
	second := s.now(t)
	if second.Book == first.Book || text(first) == text(second) {
		t.Errorf("a new release: have\n%s", text(second))
	}
	periods := len(second.Owed)
	for _, c := range []struct {
		at   time.Time
		more int
	}{
		{s.Plan.SlotOf(nodetest.Quarter(4)).Add(-time.Second), 0},
		{s.Plan.SlotOf(nodetest.Quarter(4)), 1},
		{nodetest.Now, 0}, // a clock that goes back
	} {
		s.clock = c.at
		if have := len(s.now(t).Owed); have != periods+c.more {
			t.Errorf("at %s: %d periods, want %d more than %d", c.at, have, c.more, periods)
		}
	}
}

// A pinned reading stays what it was, whatever comes later: releases, members, time. That
// a release was withdrawn is marked in it.
func TestPinnedReadingsStay(t *testing.T) {
	s := newStory(t, 2)
	m := s.Members[0]
	s.accept(t, m.History(t, 2)...)
	withdrawn := s.store.Feed(m.Slug).Places[2].ID
	then := s.now(t)
	pinned := s.at(t, then.Pin)
	before := text(pinned)
	if want := strings.Join(strings.Split(text(then), "\n")[:2], "\n"); !pinned.Pinned || then.Pinned || before != want {
		t.Errorf("pinned at once: have\n%s\nwant\n%s", before, want)
	}
	if len(then.Owed) != 5 || len(pinned.Owed) != 2 || !pinned.Now.Equal(s.Plan.SlotOf(nodetest.Quarter(1))) {
		t.Errorf("owed: now %d, pinned %d at %s", len(then.Owed), len(pinned.Owed), pinned.Now)
	}

	s.accept(t, m.Release(t, nodetest.Quarter(2)))
	s.accept(t, s.Members[1].History(t, 3)...)
	joins := s.Admit(t)
	s.accept(t, s.State.Log()[len(s.State.Log())-1])
	s.accept(t, joins.History(t, 2)...)
	s.clock = s.clock.AddDate(3, 0, 0)
	later := s.at(t, then.Pin)
	if have := text(later); have != before || later.State.Roster().Version != then.State.Roster().Version {
		t.Errorf("later: have\n%s\nwant\n%s", have, before)
	}
	if later.Book != pinned.Book {
		t.Error("made again, although nothing in it has changed")
	}
	if again, err := ParsePin(then.Pin.String()); err != nil || text(s.at(t, again)) != before {
		t.Errorf("from its text: %v", err)
	}

	s.accept(t, m.Say(t, schema.Notice{Link: m.Link(), Release: withdrawn, Reason: schema.WrongMapping}))
	marked := s.at(t, then.Pin)
	if have := text(marked); have != before+"!" || marked.Withdrawn[withdrawn] != schema.WrongMapping {
		t.Errorf("withdrawn: have\n%s\nwant\n%s!", have, before)
	}
	if len(pinned.Withdrawn) != 0 {
		t.Error("a reading that was handed out has changed")
	}
	now := s.now(t)
	fresh, err := s.over(s.store).at(now.Pin)
	if err != nil || len(fresh.Book.Coverage(nodetest.Quarter(0)).Reporting) != 3 {
		t.Errorf("a new process: %v", err)
	}
}

// Who holds fewer notes is told to catch up; who holds others is told so.
func TestPinsOfOtherStores(t *testing.T) {
	s := newStory(t, 2)
	m := s.Members[0]
	other := m.Version()
	s.accept(t, m.History(t, 2)...)
	pin := s.now(t).Pin

	behind := s.over(s.Store(t))
	if _, err := behind.at(pin); !errors.Is(err, ErrPinUnknown) {
		t.Errorf("behind: %v", err)
	}
	forked := s.Store(t)
	for _, raw := range append(other.History(t, 0), other.Release(t, nodetest.Quarter(1)), other.Release(t, nodetest.Quarter(0))) {
		if _, err := forked.Accept(raw, nodetest.Now); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.over(forked).at(pin); !errors.Is(err, ErrPinOther) {
		t.Errorf("another version of a feed: %v", err)
	}
	stranger := newStory(t, 0)
	for range 2 {
		stranger.Admit(t, "/ip4/127.0.0.1/tcp/7461")
	}
	stranger.store = stranger.Store(t)
	stranger.accept(t, stranger.Members[0].History(t, 3)...)
	if _, err := stranger.over(stranger.store).at(pin); !errors.Is(err, ErrPinOther) {
		t.Errorf("another coalition: %v", err)
	}
	pin.Acts++
	if _, err := s.read.at(pin); !errors.Is(err, ErrPinUnknown) {
		t.Errorf("an act to come: %v", err)
	}
	pin.Acts -= 2
	if _, err := s.read.at(pin); !errors.Is(err, ErrPinOther) {
		t.Errorf("fewer acts: %v", err)
	}
}

// A dispute that comes later leaves a pinned reading what it was, and is marked in it;
// the reading of now leaves out what is in dispute.
func TestPinnedReadingsOfADisputedFeed(t *testing.T) {
	s := newStory(t, 2)
	m := s.Members[0]
	s.accept(t, m.History(t, 1)...)
	other := m.Version()
	s.accept(t, m.Release(t, nodetest.Quarter(1)))
	then := s.now(t)
	before := text(s.at(t, then.Pin))
	if _, err := s.store.Accept(other.Release(t, schema.Period{Year: 2025}), nodetest.Now); !errors.Is(err, gate.ErrEquivocation) {
		t.Fatal(err)
	}
	after := s.at(t, then.Pin)
	if text(after) != before || after.Disputed[m.Slug] != 3 {
		t.Errorf("disputed %v, have\n%s", after.Disputed, text(after))
	}
	now := s.now(t)
	if now.Pin.Places[0] != 2 || len(now.Book.Coverage(nodetest.Quarter(1)).Reporting) != 0 {
		t.Errorf("now: %v, have\n%s", now.Pin, text(now))
	}
}

// What the store has verified on opening is not verified again, and gives the same book.
func TestReadingsFromWhatWasHeard(t *testing.T) {
	s := newStory(t, 3)
	heard := newReader(func() time.Time { return s.clock })
	dir := t.TempDir()
	open := func() *feeds.Store {
		store, err := feeds.Open(t.Context(), feeds.Config{Dir: dir, Verified: heard.hear})
		if err != nil {
			t.Fatal(err)
		}
		return store
	}
	store := s.Fill(t, open())
	for _, m := range s.Members {
		for _, raw := range m.History(t, 4) {
			s.accept(t, raw)
			if _, err := store.Accept(raw, nodetest.Now); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := text(s.now(t))
	for _, when := range []string{"as it came in", "on opening"} {
		heard.feeds = store
		if len(heard.released) != 12 {
			t.Errorf("%s: heard of %d releases", when, len(heard.released))
		}
		r, err := heard.now()
		if err != nil || text(r) != want {
			t.Errorf("%s: %v, have\n%s", when, err, text(r))
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		heard = newReader(heard.clock)
		store = open()
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}
