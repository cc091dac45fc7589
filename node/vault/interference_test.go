package vault

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tidemark/aggregation/noise"
	files "tidemark/node/intake"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/mapping"
	"tidemark/schema/wire"
)

// happened is a case as the plan's tables see it, and nothing else of it.
type happened struct {
	before  int   // the draw that it is known before, by its index
	quarter int   // of the plan; below 0: long before it
	late    bool  // its quarter is drawn by then: how many days late counts
	persons []int // who, as a number
	codes   []byte
}

// scribe writes cases down in its own way.
type scribe struct {
	r     *rand.Rand
	names map[string]string
}

var firstQuarter = quarter("2026-Q1")

// aYear is what one organisation sees, for five draws: four quarters and the year.
func aYear(r *rand.Rand) []happened {
	var all []happened
	for range 3 + r.IntN(10) {
		h := happened{before: r.IntN(4), codes: []byte{byte(r.IntN(2)), byte(r.IntN(3)), byte(r.IntN(4))}}
		h.quarter = h.before - r.IntN(min(h.before, 1)+1)
		h.late = h.quarter < h.before
		for range 1 + r.IntN(2) {
			if p := r.IntN(6); !slices.Contains(h.persons, p) {
				h.persons = append(h.persons, p)
			}
		}
		all = append(all, h)
	}
	return all
}

// name is a word for something, the same each time.
func (w *scribe) name(of string) string {
	if w.names[of] == "" {
		w.names[of] = fmt.Sprintf("%s%d-%s", strings.Repeat("x", w.r.IntN(40)), w.r.Uint64(), of)
	}
	return w.names[of]
}

func (w *scribe) text() string { return strings.Repeat("Word, \"word\"; ", w.r.IntN(30)) }

// day is any day of a case's quarter, but for a late one.
func (w *scribe) day(h happened) schema.Date {
	p := firstQuarter.Add(h.quarter)
	if h.late {
		return p.Start() + 80
	}
	return p.Start() + schema.Date(w.r.IntN(90))
}

func (w *scribe) row(id string, day schema.Date, persons []int, codes []byte) []string {
	var who []string
	for _, p := range persons {
		who = append(who, w.name(fmt.Sprint("person ", p)))
	}
	w.r.Shuffle(len(who), func(i, j int) { who[i], who[j] = who[j], who[i] })
	row := []string{w.name(id), strings.Join(who, ";"), w.text(), day.String()}
	for i, c := range codes {
		row = append(row, string(smallBook().Dimensions[i].Codes[c].Code))
	}
	return append(row, w.text())
}

// files is a source: before each draw cases that will be corrected, then the cases in any
// order, among such as no table counts.
func (w *scribe) files(year []happened) source {
	return func(before int) ([][][]string, []Withdrawal) { return w.filesBefore(year, before) }
}

func (w *scribe) filesBefore(year []happened, before int) (all [][][]string, gone []Withdrawal) {
	var early, rows [][]string
	for i, h := range year {
		if h.before != before {
			continue
		}
		id := fmt.Sprint("case ", i)
		if w.r.IntN(3) == 0 { // written down wrongly at first
			early = append(early, w.row(id, w.day(h), []int{w.r.IntN(9)}, []byte{1, 2, 3}))
		}
		rows = append(rows, w.row(id, w.day(h), h.persons, h.codes))
	}
	for i := range w.r.IntN(3) {
		id := fmt.Sprint("withdrawn ", before, i)
		rows = append(rows, w.row(id, firstQuarter.Add(before).Start(), []int{i}, []byte{0, 0, 0}))
		gone = append(gone, Withdrawal{Case: w.name(id)})
		rows = append(rows, w.row(fmt.Sprint("old ", before, i), day("2021-03-03"), []int{i}, []byte{0, 1, 0}))
	}
	w.r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	return [][][]string{early, rows}, gone
}

var interferenceMapping = `name: interference
codebook: small
format: csv
case: {id: id}
person: {id: who, separator: ";"}
date: {column: day, formats: [iso]}
dimensions:
  kind: {column: kind, values: {a: [a], b: [b]}}
  place: {column: place, values: {n: [n], s: [s], e: [e]}}
  help: {column: help, values: {w: [w], x: [x], y: [y], z: [z]}}
`

// seeded is noise that is the same for the same asks, and keeps them: they leave too.
type seeded struct {
	r     *rand.Rand
	asked *mail
}

func (s seeded) Noise(_ context.Context, asks []noise.Ask) ([][]int64, error) {
	s.asked.add("asks for noise", fmt.Appendf(nil, "%v", asks), nil)
	drawn := make([][]int64, len(asks))
	for i, a := range asks {
		drawn[i] = make([]int64, a.Count)
		for k := range drawn[i] {
			drawn[i][k] = s.r.Int64N(20_001) - 10_000
		}
	}
	return drawn, nil
}

// letter is something that leaves the vault: what, when by its clock, its bytes.
type letter struct {
	what string
	at   time.Time
	text []byte
}

// mail are all of them, in their order; a refusal is one too.
type mail struct {
	now time.Time
	all []letter
}

func (l *mail) add(what string, text []byte, err error) {
	if err != nil {
		what, text = what+" refused", []byte(err.Error())
	}
	l.all = append(l.all, letter{what, l.now, text})
}

// living is a vault that goes through its draws.
type living struct {
	t    *testing.T
	v    *Vault
	g    *gathering
	m    *mapping.Mapping
	sent *mail
	last []byte // the last release
}

// source gives the files that are taken in before a draw, and what is withdrawn then.
type source func(before int) (files [][][]string, gone []Withdrawal)

// correspondence is everything that leaves a copy of a vault while it takes in what a
// source gives and carries out the plan's draws up to a day.
func correspondence(t *testing.T, cfg Config, g *gathering, seed uint64, until time.Time, from source) *mail {
	t.Helper()
	sent := &mail{now: today}
	dir := t.TempDir()
	must(t, os.CopyFS(filepath.Join(dir, "vault"), os.DirFS(cfg.Dir)))
	cfg.Dir = filepath.Join(dir, "vault")
	cfg.Now = func() time.Time { return sent.now }
	cfg.Noise = seeded{rand.New(rand.NewPCG(seed, 1)), sent}
	cfg.Random = rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), 1})
	m, err := mapping.Parse([]byte(interferenceMapping), smallBook())
	must(t, err)
	l := &living{t: t, v: get(t)(Open(cfg, cheap)), g: g, m: m, sent: sent}
	dues := g.st.Due(ownSlug, until)
	for i, due := range dues {
		sent.now = due.Draw.Add(-time.Hour)
		all, gone := from(i)
		for _, rows := range all {
			l.take(rows)
		}
		_, err := l.v.Withdraw(background, gone...)
		must(t, err)
		l.release(due)
	}
	l.witness()
	l.notice(dues[len(dues)-1].Period)
	must(t, l.v.Close())
	must(t, os.RemoveAll(dir))
	return sent
}

// take imports a file, as a member does.
func (l *living) take(rows [][]string) {
	l.t.Helper()
	var text bytes.Buffer
	head := []string{"id", "who", "what was said", "day", "kind", "place", "help", "more"}
	must(l.t, csv.NewWriter(&text).WriteAll(append([][]string{head}, rows...)))
	var read files.Report
	_, err := l.v.Import(background, l.m.Protection(), files.CasesOf(background, l.m, text.Bytes(), &read))
	must(l.t, err)
	if read.Refused > 0 {
		l.t.Fatalf("rows were refused: %+v", read.Reasons)
	}
}

// release goes the whole way of one, each step tried too early first.
func (l *living) release(due coalition.Due) {
	l.t.Helper()
	parcel, err := l.v.Declare(background, l.g.st)
	l.sent.add("declaration", parcel, err)
	check, err := l.v.Ask(background, l.g.st)
	l.sent.add("check", check, err)
	sequence, last := l.v.published(l.g.st)
	heads, err := l.g.answers(check, due.Period, sequence, last)
	must(l.t, err)
	for _, moment := range []time.Time{due.Draw.Add(-time.Second), due.Draw} {
		l.sent.now = moment
		p, err := l.v.Step(background, l.g.st, due, heads)
		l.sent.add("intent", p.Intent, err)
		for _, moment := range []time.Time{due.Slot.Add(-time.Second), due.Slot} {
			if l.sent.now = moment; p.Intent == nil {
				continue
			}
			l.last, err = l.g.publish(l.v, due, p.Intent)
			l.sent.add("release", l.last, err)
		}
	}
	must(l.t, l.v.Renew(background, l.g.st))
}

// witness says what it says to others.
func (l *living) witness() {
	l.t.Helper()
	line, err := l.v.Countersign(background, l.g.st, l.g.authored("north-wind", "2026-Q1", 2, nil))
	l.sent.add("line", line, err)
	other, err := l.v.Countersign(background, l.g.st, l.g.authored("north-wind", "2026-Q1", 3, nil))
	l.sent.add("line", other, err)
	check, err := wire.Sign(schema.Check{Coalition: l.g.st.ID(), Member: "north-wind", Asked: l.sent.now, Nonce: schema.Hash{1}}, l.g.keys["north-wind"])
	must(l.t, err)
	answer, err := l.v.Answer(background, l.g.st, check, 1, schema.Hash{2})
	l.sent.add("answer", answer, err)
}

func (l *living) notice(last schema.Period) {
	l.t.Helper()
	check, err := l.v.Ask(background, l.g.st)
	must(l.t, err)
	sequence, head := l.v.published(l.g.st)
	heads, err := l.g.answers(check, last, sequence, head)
	must(l.t, err)
	notes, err := wire.Unpack(l.last)
	must(l.t, err)
	parcel, err := l.v.Notice(background, l.g.st, noteID(notes[1]), schema.WrongMapping, heads)
	l.sent.add("notice", parcel, err)
}

// stranger is an organisation that writes in its own way.
func stranger(seed, n uint64) *scribe {
	return &scribe{r: rand.New(rand.NewPCG(seed, n)), names: map[string]string{}}
}

// unborn is a vault's folder that nobody has opened since it was made, and its coalition.
func unborn(t *testing.T) (Config, *gathering) {
	t.Helper()
	cfg := made(t)
	v := get(t)(Open(cfg, cheap))
	g := gather(t, v, smallPlan("2026-Q1"), "north-wind", "south-wind")
	must(t, v.Close())
	return cfg, g
}

// Two vaults with the same keys, noise, randomness and clock, and the same people in the
// same cells: what leaves them is the same to the byte, whatever else their cases say, in
// what order, corrected how often, beside how many that no table counts.
//
// 50 pairs; TIDEMARK_LEAK=full: 1,000.
func TestOnlyTheTablesLeave(t *testing.T) {
	pairs := uint64(50)
	if os.Getenv("TIDEMARK_LEAK") == "full" {
		pairs = 1000
	}
	cfg, g := unborn(t)
	until := time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)
	for seed := range pairs {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			year := aYear(rand.New(rand.NewPCG(seed, 0)))
			a := correspondence(t, cfg, g, seed, until, stranger(seed, 2).files(year))
			b := correspondence(t, cfg, g, seed, until, stranger(seed, 3).files(year))
			if !reflect.DeepEqual(a.all, b.all) {
				t.Error(firstDifference(a, b))
			}
		})
	}
}

// The comparison sees what it should: one code of one case, noise and randomness.
func TestATableThatDiffersLeaves(t *testing.T) {
	cfg, g := unborn(t)
	until := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	year := []happened{{persons: []int{1}, codes: []byte{0, 0, 0}}}
	a := correspondence(t, cfg, g, 0, until, stranger(0, 2).files(year))
	other := correspondence(t, cfg, g, 1, until, stranger(0, 2).files(year))
	year[0].codes[0] = 1
	b := correspondence(t, cfg, g, 0, until, stranger(0, 2).files(year))
	if reflect.DeepEqual(a.all, b.all) || reflect.DeepEqual(a.all, other.all) {
		t.Error("another table, or another seed, gives the same")
	}
	want := "1 declaration, 1 check, 1 intent refused, 1 asks for noise, 1 intent, 1 release refused, 1 release, 1 line, 1 line refused, 1 answer, 1 notice"
	if have := kinds(a); have != want {
		t.Errorf("left: %s", have)
	}
}

func firstDifference(a, b *mail) string {
	for i := range min(len(a.all), len(b.all)) {
		if !reflect.DeepEqual(a.all[i], b.all[i]) {
			return fmt.Sprintf("letter %d: %s at %v, and %s at %v", i, a.all[i].what, a.all[i].at, b.all[i].what, b.all[i].at)
		}
	}
	return fmt.Sprintf("%d letters, and %d", len(a.all), len(b.all))
}

func kinds(l *mail) string {
	count := map[string]int{}
	var order []string
	for _, x := range l.all {
		if count[x.what]++; count[x.what] == 1 {
			order = append(order, x.what)
		}
	}
	for i, what := range order {
		order[i] = fmt.Sprintf("%d %s", count[what], what)
	}
	return strings.Join(order, ", ")
}
