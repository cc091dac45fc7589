package feeds_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"tidemark/node/feeds"
	"tidemark/node/gate"
	"tidemark/node/nodetest"
	"tidemark/schema"
)

func openStore(t testing.TB, dir string) *feeds.Store {
	t.Helper()
	s, err := feeds.Open(context.Background(), feeds.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func accept(t testing.TB, s *feeds.Store, raws ...[]byte) {
	t.Helper()
	for _, raw := range raws {
		if _, err := s.Accept(raw, nodetest.Now); err != nil {
			t.Fatal(err)
		}
	}
}

// A store on disk holds after a restart what it held before: acts, codebook, feeds and
// proofs.
func TestSurvivesARestart(t *testing.T) {
	c := nodetest.NewCoalition(t, 3)
	dir := filepath.Join(t.TempDir(), "feeds")
	s := c.Fill(t, openStore(t, dir))
	for _, m := range c.Members {
		accept(t, s, m.History(t, 3)...)
	}
	m := c.Members[1]
	other := m.Version()
	accept(t, s, m.Release(t, nodetest.Quarter(3)))
	if _, err := s.Accept(other.Release(t, schema.Period{Year: 2025}), nodetest.Now); !errors.Is(err, gate.ErrEquivocation) {
		t.Fatal(err)
	}
	digest, vector := s.Digest(), s.Vector()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = openStore(t, dir)
	defer s.Close()
	if s.Digest() != digest || fmt.Sprint(s.Vector()) != fmt.Sprint(vector) {
		t.Errorf("have %v, had %v", s.Vector(), vector)
	}
	if s.Codebook() == nil || s.State().ID() != c.State.ID() || len(s.Disputes()) != 1 || s.Disputes()[0].Sequence != 5 {
		t.Errorf("disputes %v", s.Disputes())
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder: %v %v", info.Mode(), err)
	}
}

func TestFoundIsIdempotentAndRefusesAnotherCoalition(t *testing.T) {
	c := nodetest.NewCoalition(t, 2)
	s := c.Store(t)
	digest := s.Digest()
	if err := s.Found(c.State.Log()[0], nil); err != nil || s.Digest() != digest || s.Codebook() == nil {
		t.Errorf("again: %v", err)
	}
	book := bytes.Replace(canonical(t, c), []byte(`"incident"`), []byte(`"accident"`), 1)
	if err := s.Found(c.State.Log()[0], book); err == nil {
		t.Error("another codebook: accepted")
	}
	if err := s.Found(c.State.Log()[1], nil); err == nil {
		t.Error("an act in the charter's place: accepted")
	}
}

func canonical(t *testing.T, c *nodetest.Coalition) []byte {
	t.Helper()
	book, err := c.Codebook.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	return book
}

func TestIteratesFeedsInOrder(t *testing.T) {
	c := nodetest.NewCoalition(t, 3)
	s := c.Store(t)
	for i := range 3 {
		accept(t, s, c.Members[2-i].History(t, i)...)
	}
	var have []string
	for p, err := range s.All() {
		if err != nil {
			t.Fatal(err)
		}
		notes, err := p.Notes(s.State().Ring())
		if err != nil || notes[len(notes)-1].ID() != p.Place.ID {
			t.Errorf("%s %d: %v", p.Member, p.Sequence, err)
		}
		have = append(have, fmt.Sprintf("%s/%d", p.Member, p.Sequence))
	}
	if fmt.Sprint(have) != "[member-000/1 member-000/2 member-000/3 member-001/1 member-001/2 member-002/1]" {
		t.Errorf("have %v", have)
	}
	for range s.Parcels(c.Members[0].Slug, 3) {
		have = have[:0]
	}
	if len(have) != 0 {
		t.Error("nothing from 3 on")
	}
}

// What is in dispute is kept, shown, and not given to readers.
func TestReadersGetNothingInDispute(t *testing.T) {
	c := nodetest.NewCoalition(t, 3)
	s := c.Store(t)
	m := c.Members[0]
	accept(t, s, m.History(t, 1)...)
	other := m.Version()
	accept(t, s, m.Release(t, nodetest.Quarter(1)), m.Release(t, nodetest.Quarter(2)))
	if _, err := s.Accept(other.Release(t, nodetest.Quarter(3)), nodetest.Now); !errors.Is(err, gate.ErrEquivocation) {
		t.Fatal(err)
	}
	n := 0
	for range s.All() {
		n++
	}
	if head, _ := s.Feed(m.Slug).Head(); n != 2 || head != 4 {
		t.Errorf("%d places for readers, %d stored; want 2 and 4", n, head)
	}
}

// Ten thousand parcels and acts come again, in random order, from memory and after a
// restart: nothing changes. Seeded.
func TestReplayChangesNothing(t *testing.T) {
	c := nodetest.NewCoalition(t, 8)
	s := c.Store(t)
	all := append([][]byte{}, c.State.Log()[1:]...)
	for _, m := range c.Members {
		history := m.History(t, 4)
		accept(t, s, history...)
		all = append(all, history...)
	}
	digest := s.Digest()
	rng := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		raw := all[rng.IntN(len(all))]
		if _, err := s.Accept(raw, nodetest.Now); !errors.Is(err, gate.ErrStale) {
			t.Fatalf("have %v", err)
		}
	}
	if s.Digest() != digest {
		t.Error("the digest changed")
	}
}

// Whatever the order in which parcels come, once each has come often enough everybody
// holds the same. Seeded.
func TestOrderDoesNotMatter(t *testing.T) {
	c := nodetest.NewCoalition(t, 4)
	var all [][]byte
	for _, m := range c.Members {
		all = append(all, m.History(t, 4)...)
	}
	want := c.Store(t)
	accept(t, want, all...)
	rng := rand.New(rand.NewPCG(3, 4))
	for round := range 20 {
		s := c.Store(t)
		for left := len(all); left > 0; {
			rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			before := left
			for _, raw := range all {
				_, err := s.Accept(raw, nodetest.Now)
				switch {
				case err == nil:
					left--
				case !errors.Is(err, gate.ErrStale) && !errors.Is(err, gate.ErrGap):
					t.Fatal(err)
				}
			}
			if left == before {
				t.Fatal("stuck")
			}
		}
		if s.Digest() != want.Digest() {
			t.Fatalf("round %d: another digest", round)
		}
	}
}

// Several goroutines bring the same parcels at once: each is stored once.
func TestAcceptFromManyGoroutines(t *testing.T) {
	c := nodetest.NewCoalition(t, 3)
	s := c.Store(t)
	history := c.Members[0].History(t, 4)
	var mu sync.Mutex
	stored := 0
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, raw := range history {
				for {
					_, err := s.Accept(raw, nodetest.Now)
					if err == nil {
						mu.Lock()
						stored++
						mu.Unlock()
					}
					if !errors.Is(err, gate.ErrGap) {
						break
					}
				}
			}
		})
	}
	wg.Wait()
	if head, _ := s.Feed(c.Members[0].Slug).Head(); stored != len(history) || head != uint64(len(history)) {
		t.Errorf("stored %d times, head %d, want %d", stored, head, len(history))
	}
}

func TestVectorsSayWhatIsLacking(t *testing.T) {
	c := nodetest.NewCoalition(t, 3)
	full, empty := c.Store(t), feeds.Memory()
	if err := empty.Found(c.State.Log()[0], canonical(t, c)); err != nil {
		t.Fatal(err)
	}
	n := len(c.State.Log()) - 1
	for _, m := range c.Members {
		history := m.History(t, 2)
		accept(t, full, history...)
		n += len(history)
	}
	if behind := empty.Vector().Behind(full.Vector()); behind != uint64(n) {
		t.Errorf("behind by %d, want %d", behind, n)
	}
	for start := range 5 {
		items := 0
		s := feeds.Memory()
		if err := s.Found(c.State.Log()[0], canonical(t, c)); err != nil {
			t.Fatal(err)
		}
		for raw := range full.Lacking(s.Vector(), start) {
			accept(t, s, raw) // each can be accepted at once
			items++
		}
		if items != n || s.Digest() != full.Digest() {
			t.Errorf("start %d: %d items, want %d", start, items, n)
		}
	}
	for range full.Lacking(full.Vector(), 0) {
		t.Error("lacks something of itself")
	}
}

// Two who believed different versions of a member's feed, parting two notes back, end
// with the same dispute: each asks for the other version, back to where both part.
func TestForksAreWalkedBackToWhereTheyPart(t *testing.T) {
	c := nodetest.NewCoalition(t, 3)
	a, b := c.Store(t), c.Store(t)
	m := c.Members[0]
	for _, raw := range m.History(t, 1) {
		accept(t, a, raw)
		accept(t, b, raw)
	}
	other := m.Version()
	accept(t, a, m.Release(t, nodetest.Quarter(1)), m.Release(t, nodetest.Quarter(2)), m.Release(t, nodetest.Quarter(3)))
	accept(t, b, other.Release(t, nodetest.Quarter(2)), other.Release(t, nodetest.Quarter(1)), other.Release(t, nodetest.Quarter(3)), other.Release(t, schema.Period{Year: 2025}))
	if a.Digest() == b.Digest() {
		t.Fatal("no fork")
	}
	for round := 1; a.Digest() != b.Digest(); round++ {
		if round > 6 {
			t.Fatalf("not level after %d rounds: %v, %v", round-1, a.Vector(), b.Vector())
		}
		give(a, b)
		give(b, a)
	}
	for _, s := range []*feeds.Store{a, b} {
		if d := s.Disputes(); len(d) != 1 || d[0].Sequence != 3 || bytes.Contains(d[0].Raw, []byte("\ntable ")) {
			t.Errorf("disputes: %d", len(d))
		}
	}
}

// give sends what one store lacks of the other's, whatever becomes of it.
func give(from, to *feeds.Store) {
	for raw := range from.Lacking(to.Vector(), 0) {
		_, _ = to.Accept(raw, nodetest.Now)
	}
}

func BenchmarkAcceptOnDisk(b *testing.B) {
	c := nodetest.NewCoalition(b, 3)
	s := c.Fill(b, openStore(b, b.TempDir()))
	defer s.Close()
	m := c.Members[0]
	accept(b, s, m.Declare(b), m.Release(b, nodetest.Quarter(0)))
	parcels := make([][]byte, b.N)
	_, id := m.Head()
	for i := range parcels {
		parcels[i] = m.Say(b, schema.Notice{Link: m.Link(), Release: id, Reason: schema.OtherReason})
	}
	b.ResetTimer()
	accept(b, s, parcels...)
}

func BenchmarkOpen(b *testing.B) {
	c := nodetest.NewCoalition(b, 100)
	dir := b.TempDir()
	s := c.Fill(b, openStore(b, dir))
	for _, m := range c.Members {
		accept(b, s, m.History(b, 4)...)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for range b.N {
		s := openStore(b, dir)
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(500, "parcels")
}
