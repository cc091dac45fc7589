package vault

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"filippo.io/age"

	"tidemark/node/archive"
	"tidemark/schema"
	"tidemark/schema/coalition"
)

// packed is a backup in memory, part by part.
type packed struct {
	names   []string
	parts   []*bytes.Buffer
	largest int // of what was written at a time
}

func (p *packed) Part(name string) (io.Writer, error) {
	p.names, p.parts = append(p.names, name), append(p.parts, &bytes.Buffer{})
	return p, nil
}

func (p *packed) Write(b []byte) (int, error) {
	p.largest = max(p.largest, len(b))
	return p.parts[len(p.parts)-1].Write(b)
}

func (p *packed) part(name string) *bytes.Buffer { return p.parts[slices.Index(p.names, name)] }

// reading gives the parts anew, any number of times.
type reading struct {
	*packed
	at int
}

func (r *reading) Next() (string, io.Reader, error) {
	if r.at == len(r.names) {
		return "", nil, io.EOF
	}
	r.at++
	return r.names[r.at-1], bytes.NewReader(r.parts[r.at-1].Bytes()), nil
}

func (p *packed) reader() *reading { return &reading{packed: p} }

func backedUp(t testing.TB, v *Vault) *packed {
	t.Helper()
	p := &packed{}
	must(t, v.Backup(background, p))
	return p
}

// back is a vault restored from a backup.
func back(t testing.TB, p *packed) *Vault {
	t.Helper()
	cfg := testConfig(filepath.Join(t.TempDir(), "vault"))
	must(t, Restore(cfg, cheap, p.reader(), today))
	return opened(t, cfg)
}

// A vault with everything in it: cases of several persons, edits, withdrawals, notes,
// releases, and one that is drawn and not published.
func lived(t testing.TB) (*Vault, *gathering) {
	t.Helper()
	v, g := shore(t)
	for n := range 3 {
		imported(t, v, batch(n)...)
	}
	_, err := v.Withdraw(background, Withdrawal{Case: "1-5"}, Withdrawal{Person: "p31"})
	must(t, err)
	releasedIn(t, v, g, "2026-Q1")
	_, id := v.Head()
	_, err = g.notice(v, id, schema.WrongMapping)
	must(t, err)
	imported(t, v, aCase("late", "p1", "2026-02-01"), aCase("new", "p2", "2026-05-01"))
	stepped(t, v, g, "2026-Q2")
	return v, g
}

func TestARestoredVaultIsTheOneThatWas(t *testing.T) {
	v, g := lived(t)
	drawn := stepped(t, v, g, "2026-Q2")
	p := backedUp(t, v)
	w := back(t, p)

	before, after := contents(t, v), contents(t, w)
	delete(before, string(journalKey))
	delete(after, string(journalKey)) // one entry longer
	if !reflect.DeepEqual(before, after) {
		t.Errorf("%d values before, %d after, or other ones", len(before), len(after))
	}
	if !reflect.DeepEqual(feedOf(t, w), feedOf(t, v)) || !reflect.DeepEqual(w.Slots(), v.Slots()) || !reflect.DeepEqual(w.Ledger(), v.Ledger()) {
		t.Error("feed, periods or ledger differ")
	}
	table, _ := schema.ParseTable("kind*place")
	for _, period := range []string{"2024-Q1", "2026-Q1", "2026-Q2"} {
		have, err := w.Board(background, table, quarter(period))
		must(t, err)
		want, err := v.Board(background, table, quarter(period))
		must(t, err)
		if !reflect.DeepEqual(have, want) {
			t.Errorf("the board of %s differs", period)
		}
	}
	if r := imported(t, w, batch(2)...); r.Added+r.Changed > 0 {
		t.Errorf("the same cases again: %+v", r)
	}
	if again := stepped(t, w, g, "2026-Q2"); again.Release != drawn.Release || !bytes.Equal(again.Intent, drawn.Intent) || w.cfg.Noise.(*still).asked > 0 {
		t.Error("what was drawn is drawn again")
	}
	if !w.Restored().Equal(today) || !v.Restored().IsZero() {
		t.Errorf("restored: %v and %v", w.Restored(), v.Restored())
	}
	if w = reopened(t, w); !w.Restored().Equal(today) {
		t.Error("it forgets that it came back")
	}
	live(t, w)
}

// Nothing in a backup is longer than a piece, so memory does not grow with the vault, and
// what was sealed stays so.
func TestABackupIsWrittenInSmallPieces(t *testing.T) {
	v, _ := lived(t)
	p := backedUp(t, v)
	if want := []string{"key.age", "journal", "feed", "store"}; !slices.Equal(p.names, want) || p.largest > archive.MaxPiece {
		t.Errorf("parts %v, the longest write %d", p.names, p.largest)
	}
	for i, name := range p.names[:3] {
		if want := readFile(t, v, name); !bytes.Equal(p.parts[i].Bytes(), want) {
			t.Errorf("%s differs", name)
		}
	}
}

// A backup can be made while everything else goes on, and each is one moment's.
func TestBackupsBesideOtherWork(t *testing.T) {
	v, g := shore(t)
	failed := make(chan error, 1)
	go func() {
		for n := range 6 {
			if _, err := v.Import(background, schema.PerID, these(batch(n)...)); err != nil {
				failed <- err
				return
			}
			if n == 3 {
				_, err := v.Withdraw(background, Withdrawal{Case: "2-0"})
				if err != nil {
					failed <- err
					return
				}
			}
		}
		_, err := g.step(v, g.due("2026-Q1"))
		failed <- err
	}()
	for range 4 {
		live(t, back(t, backedUp(t, v)))
	}
	must(t, <-failed)
}

// Each durable step of a restore fails once: there is no vault then, or a whole one that
// knows that it came back.
func TestRestoreIsWholeOrNothing(t *testing.T) {
	v, _ := lived(t)
	p := backedUp(t, v)
	count := &fault{at: -1}
	cfg := testConfig(filepath.Join(t.TempDir(), "vault"))
	cfg.hook = count.hook
	must(t, Restore(cfg, cheap, p.reader(), today))
	for at := range count.seen {
		for _, done := range []bool{false, true} {
			f := &fault{at: at, done: done}
			cfg := testConfig(filepath.Join(t.TempDir(), "vault"))
			cfg.hook = f.hook
			if err := Restore(cfg, cheap, p.reader(), today); !errors.Is(err, errBroken) {
				t.Fatalf("%s: %v", f.step, err)
			}
			cfg.hook = nil
			if _, err := os.Stat(cfg.Dir); err == nil {
				if w := opened(t, cfg); w.Restored().IsZero() {
					t.Errorf("%s, done %v: a vault that does not know", f.step, done)
				}
				continue
			}
			must(t, Restore(cfg, cheap, p.reader(), today))
		}
	}
}

func TestRestoreRefuses(t *testing.T) {
	v, g := lived(t)
	p := backedUp(t, v)
	older := p
	_, err := g.publish(v, g.due("2026-Q2"), stepped(t, v, g, "2026-Q2").Intent)
	must(t, err)
	newer := backedUp(t, v)
	stranger := backedUp(t, opened(t, made(t)))
	with := func(p *packed, name string, content []byte) *packed {
		q := &packed{names: slices.Clone(p.names), parts: slices.Clone(p.parts)}
		q.parts[slices.Index(q.names, name)] = bytes.NewBuffer(content)
		return q
	}
	changed := func(name string, at int) *packed {
		b := bytes.Clone(p.part(name).Bytes())
		b[at] ^= 1
		return with(p, name, b)
	}
	whole := p.part("store").Bytes()
	for name, c := range map[string]struct {
		p    *packed
		want error
	}{
		"an older journal than the store knows": {with(newer, "journal", older.part("journal").Bytes()), ErrJournal},
		"another vault's journal":               {with(p, "journal", stranger.part("journal").Bytes()), ErrJournal},
		"another vault's store":                 {with(p, "store", stranger.part("store").Bytes()), errSealed},
		"a changed value":                       {changed("store", len(whole)-1), errSealed},
		"a changed key":                         {changed("store", 3), errSealed},
		"a changed length":                      {changed("store", 0), nil},
		"a store that ends early":               {with(p, "store", whole[:len(whole)-1]), io.ErrUnexpectedEOF},
		"no store":                              {with(p, "store", nil), nil},
		"a changed journal":                     {changed("journal", 40), ErrJournal},
		"a feed that the journal does not know": {with(p, "feed", newer.part("feed").Bytes()), ErrJournal},
		"changed keys":                          {changed("key.age", p.part("key.age").Len()-1), nil},
		"parts missing":                         {&packed{names: p.names[:3], parts: p.parts[:3]}, io.EOF},
		"parts out of order":                    {&packed{names: []string{"journal"}, parts: p.parts[1:2]}, nil},
	} {
		cfg := testConfig(filepath.Join(t.TempDir(), "vault"))
		err := Restore(cfg, cheap, c.p.reader(), today)
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if left, _ := filepath.Glob(cfg.Dir + "*"); len(left) > 0 {
			t.Errorf("%s: left %v", name, left)
		}
	}
	cfg := testConfig(filepath.Join(t.TempDir(), "vault"))
	if err := Restore(cfg, Unlock{Passphrase: "wrong", WorkFactor: 1}, p.reader(), today); !errors.Is(err, ErrPassphrase) {
		t.Errorf("wrong passphrase: %v", err)
	}
	must(t, Restore(cfg, cheap, p.reader(), today))
	if err := Restore(cfg, cheap, p.reader(), today); !errors.Is(err, ErrExists) {
		t.Errorf("into a vault: %v", err)
	}
}

// The day of the newest restore is what the journal says, in whatever order they were.
func TestRestoredTwice(t *testing.T) {
	v, _ := shore(t)
	w := back(t, backedUp(t, v))
	cfg := testConfig(filepath.Join(t.TempDir(), "vault"))
	must(t, Restore(cfg, cheap, backedUp(t, w).reader(), today.AddDate(0, 0, -3)))
	if at := opened(t, cfg).Restored(); !at.Equal(today) {
		t.Errorf("restored %v", at)
	}
}

// moment is a backup with what the vault was then.
type moment struct {
	at     string
	backup *packed
}

// A life of imports, releases and notices, with a backup after each step. From whichever
// of them it is restored: once it has what its peers hold, ledger and head are those of
// the life that went on, nothing that anybody has seen is drawn again, and what comes next
// follows. 30 restores of seeded random ages, or TIDEMARK_RESTORES.
func TestARestoredVaultCatchesUpWithTheLifeThatWentOn(t *testing.T) {
	v, g := shore(t)
	var all []moment
	keep := func(at string) { all = append(all, moment{at, backedUp(t, v)}) }
	keep("declared")
	for i, due := range g.st.Due(ownSlug, today) {
		imported(t, v, aCase(fmt.Sprint("c", i), fmt.Sprint("p", i%2), "2026-02-01"), aCase(fmt.Sprint("d", i), "p", "2026-05-01"))
		keep("imported for " + due.Period.String())
		noise := v.cfg.Noise
		v.cfg.Noise = broken{}
		if _, err := g.step(v, due); !errors.Is(err, errBroken) {
			t.Fatal(err)
		}
		v.cfg.Noise = noise
		keep("reserved " + due.Period.String())
		p, err := g.step(v, due)
		must(t, err)
		keep("drawn " + due.Period.String())
		_, err = g.publish(v, due, p.Intent)
		must(t, err)
		keep("published " + due.Period.String())
		_, err = g.notice(v, p.Release, schema.WrongSource)
		must(t, err)
		keep("noticed " + due.Period.String())
	}
	peers := feedOf(t, v)
	restores, err := strconv.Atoi(os.Getenv("TIDEMARK_RESTORES"))
	if err != nil {
		restores = 30
	}
	r := rand.New(rand.NewPCG(5, 30))
	for range restores {
		catchesUp(t, v, g, all[r.IntN(len(all))], peers)
	}
}

func catchesUp(t *testing.T, v *Vault, g *gathering, m moment, peers [][]byte) {
	t.Helper()
	w := back(t, m.backup)
	must(t, w.Adopt(background, g.st, peers))
	w = reopened(t, w)
	if have, want := w.Ledger().Total(), v.Ledger().Total(); have != want {
		t.Errorf("%s: charged %d, want %d", m.at, have, want)
	}
	if !slices.EqualFunc(feedOf(t, w), peers, bytes.Equal) {
		t.Errorf("%s: another feed", m.at)
	}
	for _, due := range g.st.Due(ownSlug, today) {
		have, err := g.step(w, due)
		must(t, err)
		if want := stepped(t, v, g, due.Period.String()); have.Release != want.Release || !bytes.Equal(have.Parcel, want.Parcel) {
			t.Errorf("%s: %s is another release", m.at, due.Period)
		}
	}
	if asked := w.cfg.Noise.(*still).asked; asked > 0 {
		t.Errorf("%s: drew %d times", m.at, asked)
	}
	later := today.AddDate(1, 0, 0)
	w.cfg.Now = func() time.Time { return later }
	i := slices.IndexFunc(g.st.Due(ownSlug, later), func(d coalition.Due) bool { return d.Period == quarter("2026-Q4") })
	p, err := g.step(w, g.st.Due(ownSlug, later)[i])
	if head, _ := v.Head(); err != nil || p.Sequence != head+1 {
		t.Errorf("%s: the next release has sequence %d after %d: %v", m.at, p.Sequence, head, err)
	}
}

// watching reports the Go heap at its highest while a backup is written or read.
type watching struct {
	io.ReadWriter
	n   int
	top uint64
}

func (w *watching) Write(b []byte) (int, error) { w.look(); return w.ReadWriter.Write(b) }
func (w *watching) Read(b []byte) (int, error)  { w.look(); return w.ReadWriter.Read(b) }

func (w *watching) look() {
	if w.n++; w.n%100 == 0 {
		runtime.GC() // what is held, not what is to be collected
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		w.top = max(w.top, m.HeapAlloc)
	}
}

// BenchmarkBackup writes a vault into an encrypted file and restores it from there:
// 200,000 cases with TIDEMARK_BENCH_CASES=200000. The heap is what is held at the highest,
// with what Badger needs while it sorts its files after an import.
func BenchmarkBackup(b *testing.B) {
	v := benchVault(b)
	n := benchCases()
	_, err := v.Import(background, schema.PerID, many(n))
	must(b, err)
	v = reopened(b, v) // Badger lets go of what the import left in memory
	id, err := age.GenerateX25519Identity()
	must(b, err)
	for i := 0; b.Loop(); i++ {
		f, err := os.Create(filepath.Join(b.TempDir(), "backup"))
		must(b, err)
		to := &watching{ReadWriter: f}
		runtime.GC()
		start := b.Elapsed()
		w, err := archive.NewWriter(to, archive.Header{Member: ownSlug, At: today}, id.Recipient())
		must(b, err)
		must(b, v.Backup(background, w))
		must(b, w.Close())
		b.ReportMetric((b.Elapsed() - start).Seconds(), "backup-s")
		b.ReportMetric(float64(to.top)/(1<<20), "backup-heap-MiB")
		size, err := f.Seek(0, io.SeekCurrent)
		must(b, err)
		b.ReportMetric(float64(size)/float64(n), "B/case")
		_, err = f.Seek(0, io.SeekStart)
		must(b, err)
		from := &watching{ReadWriter: f}
		start = b.Elapsed()
		r, err := archive.NewReader(from, id)
		must(b, err)
		must(b, Restore(testConfig(filepath.Join(b.TempDir(), "vault")), cheap, r, today))
		b.ReportMetric((b.Elapsed() - start).Seconds(), "restore-s")
		b.ReportMetric(float64(from.top)/(1<<20), "restore-heap-MiB")
		must(b, f.Close())
	}
}
