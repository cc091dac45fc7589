package node

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"tidemark/schema"
)

// howMany is how many lives of a member a test lets pass: a few, or what the variable says
// (`make soak-…`).
func howMany(t *testing.T, variable string) int {
	t.Helper()
	if n, err := strconv.Atoi(os.Getenv(variable)); err == nil {
		return n
	}
	if testing.Short() {
		return 2
	}
	return 6
}

// life is a member's folder that things happen to, among three witnesses whose folders
// are sound. Its seed makes it happen again.
type life struct {
	*ring
	t      *testing.T
	rng    *rand.Rand
	own    *clock  // of the member's machine
	alive  []*Node // copies of the folder that run
	old    []string
	told   []string // what the operator was told
	bricks int      // folders that do not open any more
}

// born makes a life from a ring that was built once: copies of its folders.
func born(t *testing.T, seed uint64, pattern string) *life {
	t.Helper()
	l := &life{t: t, rng: rand.New(rand.NewPCG(seed, 7)), ring: &ring{clock: newClock()}, own: newClock()}
	l.clock.set(time.Date(2026, 4, 8, 10, 0, 0, 0, time.UTC))
	l.own.set(l.clock.now())
	for i, slug := range ringSlugs {
		cfg := Config{Unlock: ringUnlock, Now: l.clock.now, Dir: filepath.Join(t.TempDir(), string(slug))}
		if err := os.CopyFS(cfg.Dir, os.DirFS(filepath.Join(pattern, string(slug)))); err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			cfg.Now = l.own.now
			l.alive = []*Node{l.open(cfg)}
			continue
		}
		l.others = append(l.others, reopen(t, cfg))
	}
	return l
}

var (
	ringSlugs  = []schema.Slug{"amber-lark", "quiet-heron", "river-ibis", "north-fern"}
	ringUnlock = Unlock{Passphrase: "a long passphrase for this test", WorkFactor: 10}
)

// pattern builds a ring once and leaves its folders.
func pattern(t *testing.T) string {
	t.Helper()
	r := newRing(t)
	dir := t.TempDir()
	for _, n := range append([]*Node{r.author}, r.others...) {
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(filepath.Join(dir, string(n.Slug())), os.DirFS(n.cfg.Dir)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// open opens a copy of the folder; nil: it does not open, and says why.
func (l *life) open(cfg Config) *Node {
	cfg.Told = func(s string) { l.told = append(l.told, s) }
	n, err := Open(l.t.Context(), cfg)
	if err != nil {
		l.told = append(l.told, err.Error())
		l.bricks++
		return nil
	}
	l.t.Cleanup(func() { n.Close() })
	return n
}

// passes lets days go by on every clock.
func (l *life) passes(days int) {
	l.clock.days(days)
	l.own.days(days)
}

// trips lets one of the living copies go to the others and back.
func (l *life) trips() {
	if len(l.alive) == 0 {
		return
	}
	n := l.alive[l.rng.IntN(len(l.alive))]
	if err := l.tryTrip(n); err != nil {
		l.told = append(l.told, err.Error())
	}
	l.notEarly()
}

// tryTrip is ring.trip for a member of whom anything may be broken.
func (l *life) tryTrip(n *Node) error {
	hub := l.others[0]
	if err := brings(hub, n); err != nil {
		return err
	}
	_, err := n.Release(l.t.Context())
	if back := brings(n, hub); back != nil {
		return errors.Join(err, back)
	}
	l.gather(l.t)
	return err
}

// notEarly checks that nobody has taken a release before its slot by the true clock.
func (l *life) notEarly() {
	l.t.Helper()
	for _, n := range l.others {
		for _, p := range n.feeds.Feed("quiet-heron").Places {
			if plan, ok := n.State().Plan(p.Plan); ok && p.Kind == schema.KindRelease && plan.SlotOf(p.Period).After(l.clock.now().Add(time.Minute)) {
				l.t.Errorf("%s was taken before its slot", p.Period)
			}
		}
	}
}

// ends checks what must hold whatever happened: of each period at most one release was
// ever seen, what anybody had is with all, and no ledger is below what is known or over
// the cap.
func (l *life) ends() {
	l.t.Helper()
	l.gather(l.t)
	seen := map[schema.Period]map[schema.Hash]bool{}
	for _, n := range append(l.others, l.alive...) {
		for p, err := range n.feeds.Parcels("quiet-heron", 1) {
			if err != nil || p.Place.Kind != schema.KindRelease {
				continue
			}
			if seen[p.Place.Period] == nil {
				seen[p.Place.Period] = map[schema.Hash]bool{}
			}
			seen[p.Place.Period][schema.HashOf(p.Raw)] = true
		}
	}
	for period, all := range seen {
		if len(all) > 1 {
			l.t.Errorf("%d releases of %s", len(all), period)
		}
	}
	for _, n := range l.alive {
		l.spent(n)
	}
}

// spent holds a copy's ledger against the releases in its own feed, and against the cap.
func (l *life) spent(n *Node) {
	l.t.Helper()
	var released schema.Charge
	for raw, err := range n.vault.Feed() {
		if err != nil {
			return // damaged: it has said so
		}
		if note, err := ReleaseNote(n.State(), raw); err == nil {
			released += note.Body().(schema.Release).Charge
		}
	}
	ledger := n.vault.Ledger()
	if ledger.Total() < released {
		l.t.Errorf("the ledger says %d, the feed %d", ledger.Total(), released)
	}
	if spent := ledger.Spent(schema.DateOf(l.clock.now())); spent > n.State().Charter().Plan.Cap {
		l.t.Errorf("over the cap: %d", spent)
	}
}

// year lets four quarters pass with something happening now and then.
func (l *life) year(happens func()) {
	for range 24 {
		l.passes(16)
		if l.rng.IntN(3) == 0 {
			happens()
		}
		for range 1 + l.rng.IntN(3) {
			l.trips()
		}
	}
}

func soak(t *testing.T, variable string, happens func(*life)) {
	dir := pattern(t)
	n := howMany(t, variable)
	released := 0
	for seed := range n {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			l := born(t, uint64(seed), dir)
			l.year(func() { happens(l) })
			l.ends()
			released += len(l.others[0].feeds.Feed("quiet-heron").Places)
		})
	}
	if released == 0 {
		t.Error("no member ever released anything: the test tests nothing")
	}
	t.Logf("%d lives, %d places in the feeds at their ends", n, released)
}

// copies copies the folder of a living copy.
func (l *life) copies(n *Node) string {
	dir := filepath.Join(l.t.TempDir(), "copy")
	if err := n.Close(); err != nil {
		l.told = append(l.told, err.Error())
	}
	if err := os.CopyFS(dir, os.DirFS(n.cfg.Dir)); err != nil {
		l.t.Fatal(err)
	}
	return dir
}

// again opens a living copy's folder once more, or takes it from the living.
func (l *life) again(i int) {
	if n := l.open(l.alive[i].cfg); n != nil {
		l.alive[i] = n
		return
	}
	l.alive = append(l.alive[:i], l.alive[i+1:]...)
}

// Clones: the folder is copied at random times, and all copies go on.
func TestSoakClones(t *testing.T) {
	soak(t, "TIDEMARK_CLONES", func(l *life) {
		if len(l.alive) == 0 || len(l.alive) > 3 {
			return
		}
		i := l.rng.IntN(len(l.alive))
		dir := l.copies(l.alive[i])
		cfg := l.alive[i].cfg
		l.again(i)
		cfg.Dir = dir
		if n := l.open(cfg); n != nil {
			l.alive = append(l.alive, n)
		}
	})
}

// Old copies: now and then one is kept, and now and then the folder is replaced by one, as
// a restored disk image does, which nobody tells the node of.
func TestSoakOldCopies(t *testing.T) {
	soak(t, "TIDEMARK_OLD_COPIES", func(l *life) {
		if len(l.alive) == 0 {
			return
		}
		if l.rng.IntN(2) == 0 || len(l.old) == 0 {
			l.old = append(l.old, l.copies(l.alive[0]))
			l.again(0)
			return
		}
		cfg := l.alive[0].cfg
		if err := l.alive[0].Close(); err != nil {
			l.t.Fatal(err)
		}
		cfg.Dir = filepath.Join(l.t.TempDir(), "restored")
		if err := os.CopyFS(cfg.Dir, os.DirFS(l.old[l.rng.IntN(len(l.old))])); err != nil {
			l.t.Fatal(err)
		}
		l.alive[0].cfg = cfg
		l.again(0)
	})
}

// Clocks: the member's clock jumps by up to a year either way, and comes back.
func TestSoakClocks(t *testing.T) {
	soak(t, "TIDEMARK_CLOCKS", func(l *life) {
		l.own.set(l.clock.now())
		if l.rng.IntN(3) > 0 {
			l.own.days(l.rng.IntN(731) - 365)
		}
	})
}

// Bits: one bit of any file in the member's folder flips while the node is down.
func TestSoakBits(t *testing.T) {
	soak(t, "TIDEMARK_BITS", func(l *life) {
		if len(l.alive) == 0 {
			return
		}
		l.alive[0].cfg.Probe = []string{os.Args[0], "store-probe"} // as the product has it
		good := l.copies(l.alive[0])
		file := l.flip(l.alive[0].cfg.Dir)
		before := l.bricks
		l.again(0)
		if l.bricks > before { // it has said so: the operator takes the copy from before
			if !l.helped() {
				l.t.Errorf("%s: the operator was told %q", file, l.told[len(l.told)-1])
			}
			if n := l.open(Config{Dir: good, Unlock: ringUnlock, Now: l.own.now}); n != nil {
				l.alive = append(l.alive, n)
			}
		}
	})
}

// flip flips one random bit of a random file that is not empty.
func (l *life) flip(dir string) string {
	var files []string
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().IsRegular() && info.Size() > 0 {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		l.t.Fatal(err)
	}
	file := files[l.rng.IntN(len(files))]
	b, err := os.ReadFile(file)
	if err != nil {
		l.t.Fatal(err)
	}
	b[l.rng.IntN(len(b))] ^= 1 << l.rng.IntN(8)
	if err := os.WriteFile(file, b, 0o600); err != nil {
		l.t.Fatal(err)
	}
	return strings.TrimPrefix(file, dir)
}

// helped tells whether the last message says what is broken.
func (l *life) helped() bool {
	last := l.told[len(l.told)-1]
	for _, word := range []string{"journal", "feed", "store", "key", "config", "passphrase", "charter", "codebook", "network"} {
		if strings.Contains(last, word) {
			return true
		}
	}
	return false
}
