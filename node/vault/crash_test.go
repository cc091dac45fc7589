package vault

import (
	"bufio"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"tidemark/node/internal/badgerdb"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/mapping"
	"tidemark/schema/wire"
)

const batchSize = 300

// batch is what the child imports as its nth: new cases, and edits of the batch before.
func batch(n int) []mapping.Case {
	var cs []mapping.Case
	for i := range batchSize {
		cs = append(cs, aCase(fmt.Sprintf("%d-%d", n, i), fmt.Sprintf("p%d", (n*31+i*7)%1000), "2024-02-01", byte(n%2), 0, 0))
		if n > 0 && i%3 == 0 && i > 0 {
			cs = append(cs, aCase(fmt.Sprintf("%d-%d", n-1, i), "edited", "2024-02-03", byte(n%2), 1, 1))
		}
	}
	return cs
}

// childLife opens a child's vault, with the keys of its witnesses at hand.
func childLife(dir string) (*Vault, *gathering, func(error)) {
	check := func(err error) {
		if err != nil {
			fmt.Println("failed", err)
			os.Exit(1)
		}
	}
	g := &gathering{st: readLog(dir), keys: map[schema.Slug]*wire.Signer{}}
	for _, slug := range []schema.Slug{"north-wind", "south-wind"} {
		signer, err := keyOf(slug)
		check(err)
		g.keys[slug] = signer
	}
	cfg := testConfig(filepath.Join(dir, "vault"))
	cfg.Noise = NoiseChild{}
	v, err := Open(cfg, cheap)
	check(err)
	return v, g, check
}

// crashChild lives in dir until it is killed, and prints what it was told is done.
func crashChild(dir string) {
	v, g, check := childLife(dir)
	fmt.Println("opened")
	names := newNamer(v.keys.Hash)
	has := func(id string) bool {
		value, err := v.cases.db.Get(caseKey(names.caseKey(id)))
		check(err)
		return value != nil
	}
	n := 0
	for has(fmt.Sprintf("%d-1", n)) {
		n++
	}
	for ; ; n++ {
		_, err := v.Import(background, schema.PerID, these(batch(n)...))
		check(err)
		fmt.Println("imported", n)
		for range 2 {
			crashRelease(v, g, check)
		}
		crashWitness(v, g, n)
		if n%4 == 3 {
			_, err := v.Withdraw(background, Withdrawal{Case: fmt.Sprintf("%d-0", n-2)})
			check(err)
			fmt.Println("withdrawn", n-2)
		}
	}
}

func crashRelease(v *Vault, g *gathering, check func(error)) {
	if _, err := v.Declare(background, g.st); err != nil {
		check(err)
	}
	for _, due := range g.st.Due(ownSlug, today) {
		if d := v.book.at[place{g.st.ID(), due.Plan, due.Period}]; d != nil && d.state == isPublished {
			continue
		}
		p, err := g.step(v, due)
		check(err)
		fmt.Println("drawn", due.Period, noteID(p.Intent))
		raw, err := g.publish(v, due, p.Intent)
		check(err)
		fmt.Println("published", due.Period, schema.HashOf(raw))
		return
	}
}

// crashWitness is asked for its line on releases that no process before it has seen: the
// authors have two of each period, one more for each life of the witness.
func crashWitness(v *Vault, g *gathering, n int) {
	all := g.st.Due("north-wind", today)
	for i, member := range []schema.Slug{"north-wind", "south-wind"} {
		at := (n + i) % len(all)
		due := all[at]
		plan, _ := g.st.Plan(due.Plan)
		bytes := schema.Hash(newKey())
		raw, err := wire.Sign(schema.Intent{
			Coalition: g.st.ID(), Member: member, Sequence: uint64(at + 2), Plan: due.Plan, Period: due.Period,
			Charge: plan.Charge(due.Period.Cadence()), Roster: g.st.RosterFor(due.Period), Release: bytes,
		}, g.keys[member])
		if err != nil {
			panic(err)
		}
		if _, err := v.Countersign(background, g.st, raw); err == nil {
			fmt.Println("countersigned", member, due.Period, bytes)
		}
	}
}

// releaseChild carries one release through, as crashRelease does, and says how far it came.
func releaseChild(dir string) {
	v, g, check := childLife(dir)
	_, err := v.Declare(background, g.st)
	check(err)
	due := g.st.Due(ownSlug, today)[0]
	p, err := g.step(v, due)
	check(err)
	fmt.Println("drawn", noteID(p.Intent))
	raw, err := g.publish(v, due, p.Intent)
	check(err)
	fmt.Println("published", schema.HashOf(raw))
	fmt.Println("charged", v.Ledger().Total())
	check(v.Close())
}

func readLog(dir string) *coalition.State {
	raw, err := os.ReadFile(filepath.Join(dir, "log"))
	if err != nil {
		panic(err)
	}
	notes, err := wire.Unpack(raw)
	if err != nil {
		panic(err)
	}
	st, err := coalition.Found(notes[0])
	for _, act := range notes[1:] {
		if err != nil {
			panic(err)
		}
		st, err = st.Apply(act)
	}
	return st
}

// Killed at random moments (seeded; 20 times, or TIDEMARK_KILLS), opened again, killed
// again: what was acknowledged is there, imports are there whole or not at all, and no
// period was ever drawn twice.
func TestKilledAtAnyMoment(t *testing.T) {
	kills, err := strconv.Atoi(os.Getenv("TIDEMARK_KILLS"))
	if err != nil {
		kills = 20
	}
	dir := t.TempDir()
	cfg := testConfig(filepath.Join(dir, "vault"))
	must(t, Create(cfg, ownSlug, cheap))
	v := opened(t, cfg)
	g := gather(t, v, smallPlan("1980-Q1"), "north-wind", "south-wind")
	must(t, v.Close())
	log, err := wire.Pack(g.st.Log()...)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "log"), log, 0o600))

	r := rand.New(rand.NewPCG(5, 6))
	acks := map[string][]string{}
	for i := range kills {
		// Every second one once it has opened its folder: a slow machine would die of nothing
		// but opening.
		for _, line := range killedAfter(t, dir, i%2 == 0, time.Duration(r.IntN(440))*time.Millisecond) {
			if strings.HasPrefix(line, "failed") {
				t.Fatalf("child %d: %s", i, line)
			}
			words := strings.Fields(line)
			acks[words[0]] = append(acks[words[0]], strings.Join(words[1:], " "))
		}
	}
	v = opened(t, cfg)
	checkCases(t, v, acks)
	checkReleases(t, v, g, acks)
	checkLines(t, v, acks)
	t.Logf("%d kills, %d imports, %d withdrawals, %d draws, %d publications and %d countersignatures acknowledged",
		kills, len(acks["imported"]), len(acks["withdrawn"]), len(acks["drawn"]), len(acks["published"]), len(acks["countersigned"]))
}

// checkLines: whoever got a line of this witness for a period got it for one release, and
// the witness knows it.
func checkLines(t *testing.T, v *Vault, acks map[string][]string) {
	t.Helper()
	given := map[string]string{}
	for _, ack := range acks["countersigned"] {
		words := strings.Fields(ack)
		of := words[0] + " " + words[1]
		if other, twice := given[of]; twice && other != words[2] {
			t.Errorf("%s: two releases were countersigned", of)
		}
		given[of] = words[2]
	}
	for _, w := range v.book.vouches {
		if bytes, ok := given[string(w.member)+" "+w.at.Period.String()]; ok && bytes != w.bytes.String() {
			t.Errorf("%s %s: the witness remembers another release", w.member, w.at.Period)
		}
	}
	if len(given) > len(v.book.vouches) {
		t.Errorf("%d lines given, %d remembered", len(given), len(v.book.vouches))
	}
}

// killedAfter lets a child live for so long, from its start or from when it has opened.
func killedAfter(t *testing.T, dir string, opened bool, d time.Duration) (lines []string) {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	child := exec.Command(self, "crash-child", dir)
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	kill := func() { time.AfterFunc(d, func() { child.Process.Kill() }) }
	if !opened {
		kill()
	}
	in := bufio.NewScanner(out)
	for in.Scan() {
		if lines = append(lines, in.Text()); opened && len(lines) == 1 {
			kill()
		}
	}
	child.Wait() // killed
	return lines
}

func checkCases(t *testing.T, v *Vault, acks map[string][]string) {
	t.Helper()
	cases, names := live(t, v), newNamer(v.keys.Hash)
	batches := 0
	for _, ok := cases[names.caseKey("0-1")]; ok; _, ok = cases[names.caseKey(fmt.Sprintf("%d-1", batches))] {
		batches++
	}
	for _, ack := range acks["imported"] {
		if n, _ := strconv.Atoi(ack); n >= batches {
			t.Errorf("batch %d was acknowledged and is not there", n)
		}
	}
	for n := range batches {
		edited := cases[names.caseKey(fmt.Sprintf("%d-3", n))].Persons[0] == names.personKey("edited")
		if edited != (n < batches-1) {
			t.Errorf("batch %d of %d: edited %v", n, batches, edited)
		}
		for i := 1; i < batchSize; i++ {
			s, ok := cases[names.caseKey(fmt.Sprintf("%d-%d", n, i))]
			if !ok || (i%3 == 0) && (s.Persons[0] == names.personKey("edited")) != edited {
				t.Fatalf("batch %d is there in part: case %d", n, i)
			}
		}
	}
	for _, ack := range acks["withdrawn"] {
		if _, ok := cases[names.caseKey(ack+"-0")]; ok {
			t.Errorf("the withdrawn case of batch %s is there", ack)
		}
	}
	if len(acks["imported"]) == 0 {
		t.Error("the children never came to an import: the test tests nothing")
	}
}

func checkReleases(t *testing.T, v *Vault, g *gathering, acks map[string][]string) {
	t.Helper()
	drawn := map[string]string{}
	for _, ack := range acks["drawn"] {
		period, hash, _ := strings.Cut(ack, " ")
		if known, ok := drawn[period]; ok && known != hash {
			t.Errorf("%s was drawn twice", period)
		}
		drawn[period] = hash
	}
	var charged schema.Charge
	published := map[string]string{}
	for i, raw := range feedOf(t, v) {
		p, err := v.own(g.st, raw)
		must(t, err)
		if p.body.Place().Sequence != uint64(i+1) {
			t.Errorf("place %d", i+1)
		}
		if r, ok := p.body.(schema.Release); ok {
			published[r.Period.String()] = schema.HashOf(raw).String()
			if known, ok := drawn[r.Period.String()]; ok && known != noteID(p.intent).String() {
				t.Errorf("%s was published with another intent", r.Period)
			}
		}
	}
	for _, ack := range acks["published"] {
		if period, hash, _ := strings.Cut(ack, " "); published[period] != hash {
			t.Errorf("%s was acknowledged and is not in the feed", period)
		}
	}
	for _, s := range v.Slots() {
		charged += s.Charge
	}
	if v.Ledger().Total() != charged || len(v.Slots()) < len(published) || len(published) == 0 {
		t.Errorf("charged %d, %d slots, %d published", v.Ledger().Total(), len(v.Slots()), len(published))
	}
}

// What a kill in the middle of the switch leaves: the mark, the stage, and a beginning of
// the writes, at every length of it.
func TestASwitchGoesOnWhereverItStopped(t *testing.T) {
	v := opened(t, made(t))
	imported(t, v, aCase("c1", "p1", "2026-02-01"), aCase("c2", "p2", "2026-02-01"))
	must(t, v.Close())
	edits := []mapping.Case{
		aCase("c1", "p3", "2026-02-05", 1, 1, 1), aCase("c3", "p1", "2026-02-02"), aCase("c1", "p4", "2026-02-06", 1, 1, 2),
		{ID: "c2", Persons: []string{"p2", "p1"}, Date: day("2026-02-01"), Codes: []byte{0, 0, 0}}, aCase("c4", "p4", "2026-02-07"),
	}
	whole := opened(t, copied(t, v.cfg))
	imported(t, whole, edits...)
	want := live(t, whole)

	for n := 0; ; n++ {
		cfg := copied(t, v.cfg)
		stopped := opened(t, cfg)
		stopped.cases.disk.hook = func(step string, do func() error) error {
			if step == "store cases" {
				return errBroken
			}
			return do()
		}
		if _, err := stopped.Import(background, schema.PerID, these(edits...)); err != errBroken && err == nil {
			t.Fatal("the switch was not stopped")
		}
		if _, err := stopped.Stats(background); err == nil {
			t.Error("half an import was counted")
		}
		ended := writeSome(t, stopped, n)
		must(t, stopped.Close())
		again := opened(t, cfg)
		if got := live(t, again); !reflect.DeepEqual(got, want) {
			t.Errorf("stopped after %d writes: other cases", n)
		}
		if again.meta != whole.meta || len(contents(t, again)) != len(contents(t, whole)) {
			t.Errorf("stopped after %d writes: %+v, want %+v", n, again.meta, whole.meta)
		}
		must(t, again.Close())
		if ended {
			t.Logf("%d writes", n)
			return
		}
	}
}

// some is a writer that stops after so many writes, as a crash between two transactions
// of a batch does.
type some struct {
	badgerdb.Tx
	left int
}

func (s *some) Set(key, value []byte) error {
	if s.left--; s.left < 0 {
		return errStop
	}
	return s.Tx.Set(key, value)
}

func (s *some) Delete(key []byte) error {
	if s.left--; s.left < 0 {
		return errStop
	}
	return s.Tx.Delete(key)
}

func writeSome(t *testing.T, v *Vault, n int) (ended bool) {
	t.Helper()
	var mark staged
	_, err := v.cases.json(importKey, &mark)
	must(t, err)
	must(t, v.cases.db.Update(func(tx badgerdb.Tx) error {
		w := &some{tx, n}
		a := &applying{v: v, mark: mark, report: &ImportReport{}, pending: map[schema.Key]*stored{}, counted: v.book.counted()}
		err := readStage(v.cfg.Dir, mark.Key, mark.Count, func(n uint64, k schema.Key, s *stored) error {
			a.group = append(a.group, numbered{waiting{key: k, mine: s}, mark.Base + n})
			return nil
		})
		must(t, err)
		for i := range a.group {
			one := &a.group[i]
			if one.live, err = v.cases.get(tx, one.key); err != nil {
				return err
			}
			if err := a.one(w, one); err == errStop {
				return nil
			} else if err != nil {
				return err
			}
		}
		ended = true
		return nil
	}))
	return ended
}

// A stage without its mark was never committed: it goes.
func TestAStageWithoutItsMarkGoes(t *testing.T) {
	v := opened(t, made(t))
	imported(t, v, aCase("c1", "p1", "2026-02-01"))
	before := contents(t, v)
	must(t, v.Close())
	name := filepath.Join(v.cfg.Dir, stageName)
	replaceFile(t, name, []byte("what a crash left"))
	v = opened(t, v.cfg)
	if _, err := os.Stat(name); err == nil {
		t.Error("the stage is still there")
	}
	if !maps.Equal(before, contents(t, v)) {
		t.Error("the store has changed")
	}
}
