package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tidemark/node/vault"
	"tidemark/schema"
)

// meet carries a stick from one node to another and back.
func meet(t testing.TB, x, y *Node) {
	t.Helper()
	for _, way := range [][2]*Node{{x, y}, {y, x}} {
		if err := brings(way[0], way[1]); err != nil {
			t.Fatalf("%s takes what %s brings: %v", way[1].Slug(), way[0].Slug(), err)
		}
	}
}

// brings brings all that one node has to another.
func brings(from, to *Node) error {
	var stick bytes.Buffer
	if err := from.Export(&stick); err != nil {
		return err
	}
	_, err := to.Import(context.Background(), stick.Bytes())
	return err
}

// ring is a coalition of four that meets by sticks: the founder and three others.
type ring struct {
	clock  *clock
	author *Node
	others []*Node // the witnesses; the first is the founder
}

// newRing stands on the day after the first quarter may be drawn, three days before its slot.
func newRing(t testing.TB) *ring {
	t.Helper()
	c := newClock()
	r := &ring{clock: c, others: []*Node{founded(t, c, "amber-lark", "")}}
	r.author = member(t, c, "quiet-heron", "")
	for _, slug := range []schema.Slug{"river-ibis", "north-fern"} {
		r.others = append(r.others, member(t, c, slug, ""))
	}
	joins(t, r.others[0], r.author, r.others[1], r.others[2])
	r.gather(t)
	c.set(time.Date(2026, 4, 8, 10, 0, 0, 0, time.UTC))
	return r
}

// gather lets the others learn from each other.
func (r *ring) gather(t testing.TB) {
	t.Helper()
	for range 2 {
		for _, n := range r.others[1:] {
			meet(t, r.others[0], n)
		}
	}
}

// trip is what `bundle trip` does, and the others hear of it. A refusal is the author's.
func (r *ring) trip(t testing.TB, author *Node) error {
	t.Helper()
	meet(t, r.others[0], author)
	_, err := author.Release(t.Context())
	meet(t, author, r.others[0])
	r.gather(t)
	return err
}

// copied closes a node, copies its folder and opens both.
func copied(t testing.TB, n *Node) (original, clone *Node) {
	t.Helper()
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	cfg := n.cfg
	cfg.Dir = filepath.Join(t.TempDir(), "clone")
	if err := os.CopyFS(cfg.Dir, os.DirFS(n.cfg.Dir)); err != nil {
		t.Fatal(err)
	}
	return reopen(t, n.cfg), reopen(t, cfg)
}

// stations are the moments of a release at which a folder may be copied. Each goes on from
// the one before.
var stations = []struct {
	name string
	step func(t testing.TB, r *ring)
}{
	{"nothing done", func(testing.TB, *ring) {}},
	{"witnesses asked", func(t testing.TB, r *ring) { wants(t, vault.ErrUnconfirmed, r.trip(t, r.author)) }},
	{"answers in", func(t testing.TB, r *ring) { meet(t, r.others[0], r.author) }},
	{"drawn", func(t testing.TB, r *ring) { releases(t, r.author) }},
	{"countersigned elsewhere", func(t testing.TB, r *ring) { meet(t, r.author, r.others[0]); r.gather(t) }},
	{"countersigned intent in it", func(t testing.TB, r *ring) { meet(t, r.others[0], r.author) }},
	{"published, nobody knows", func(t testing.TB, r *ring) { r.slot(); releases(t, r.author) }},
	{"published, all know", func(t testing.TB, r *ring) { wants(t, nil, r.trip(t, r.author)) }},
}

// slot lets the slot of the first quarter come.
func (r *ring) slot() { r.clock.set(time.Date(2026, 4, 10, 7, 0, 0, 0, time.UTC)) }

func releases(t testing.TB, n *Node) {
	t.Helper()
	if _, err := n.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func wants(t testing.TB, want, err error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("have %v, want %v", err, want)
	}
}

// A folder is copied at each moment of a release and both copies go on, in either order:
// at most one release of the period is ever seen by anybody, all see the same bytes, and
// the copy that comes second is told why it cannot.
func TestACopiedFolderGetsNoSecondDraw(t *testing.T) {
	orders := [][]int{{0, 1}, {1, 0}}
	for last := range stations {
		for _, order := range orders {
			if testing.Short() && (last%2 == 0) != (order[0] == 0) {
				continue
			}
			t.Run(fmt.Sprintf("%s, %v", stations[last].name, order), func(t *testing.T) {
				r := newRing(t)
				for _, s := range stations[:last+1] {
					s.step(t, r)
				}
				original, clone := copied(t, r.author)
				both := []*Node{original, clone}
				refusals := map[int]error{}
				for round := range 6 {
					if round == 3 {
						r.slot()
					}
					for _, i := range order {
						if err := r.trip(t, both[i]); err != nil && !errors.Is(err, vault.ErrUnconfirmed) {
							refusals[i] = err
						}
					}
				}
				oneRelease(t, append(r.others, both...))
				for i, err := range refusals {
					if !errors.Is(err, vault.ErrBehind) && !errors.Is(err, vault.ErrLost) && !errors.Is(err, vault.ErrOrder) {
						t.Errorf("copy %d is refused with %v", i, err)
					}
				}
			})
		}
	}
}

// oneRelease checks that all nodes hold one and the same release of the author's.
func oneRelease(t *testing.T, nodes []*Node) {
	t.Helper()
	seen := map[schema.Hash]bool{}
	holders := 0
	for _, n := range nodes {
		for p, err := range n.feeds.Parcels("quiet-heron", 1) {
			if err != nil {
				t.Fatal(err)
			}
			if p.Place.Kind == schema.KindRelease {
				seen[schema.HashOf(p.Raw)] = true
				holders++
			}
		}
	}
	if len(seen) > 1 {
		t.Errorf("%d different releases of one period", len(seen))
	}
	if len(seen) == 1 && holders != len(nodes) {
		t.Errorf("%d of %d hold it", holders, len(nodes))
	}
	if len(seen) == 0 {
		t.Error("no release: one of the copies should have got its quorum")
	}
}

// doubled copies every folder of a ring: witnesses among them that will say two things.
func (r *ring) doubled(t testing.TB) (here, there *ring) {
	t.Helper()
	here, there = &ring{clock: r.clock}, &ring{clock: r.clock}
	here.author, there.author = copied(t, r.author)
	for _, n := range r.others {
		x, y := copied(t, n)
		here.others, there.others = append(here.others, x), append(there.others, y)
	}
	return here, there
}

// Where witnesses let a copied folder draw twice, both draws are charged as soon as the
// proof comes home.
func TestAForkIsChargedTwice(t *testing.T) {
	r := newRing(t)
	for _, s := range stations[:3] {
		s.step(t, r)
	}
	here, there := r.doubled(t)
	for _, r := range []*ring{here, there} {
		for _, s := range stations[3:] {
			s.step(t, r)
		}
	}
	once := here.author.vault.Ledger().Total()
	for range 2 {
		meet(t, here.others[0], there.others[0])
		meet(t, here.others[0], here.author)
	}
	if all := here.author.feeds.Disputes(); len(all) != 1 || !all[0].Fork {
		t.Fatalf("disputes: %+v", all)
	}
	if l := here.author.vault.Ledger(); once == 0 || l.Total() != 2*once {
		t.Errorf("charged %d for two draws of %d", l.Total(), once)
	}
}
