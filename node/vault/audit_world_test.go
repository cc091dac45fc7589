package vault

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	files "tidemark/node/intake"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/mapping"
	"tidemark/schema/wire"
)

// history is what the two files of an audit say, and what of it is released.
type history struct {
	codebook *schema.Codebook
	plan     schema.Plan
	periods  []string // whose releases the attacker holds, in the order of drawing
	charged  []string // the periods whose charges together are the claim for one person
	hers     []someCases
}

// someCases is a number of equal cases of one person, taken in just before the draw of
// a period: 0 is the first.
type someCases struct {
	before int
	date   string
	cases  int
	codes  []byte
}

// rows is the file that is taken in before the draw of a period. The others are in both
// members' files; the group is in one member's alone.
func (h *history) rows(before, group int) [][]string {
	header := []string{"case", "person", "date"}
	first, last := make([]byte, len(h.codebook.Dimensions)), make([]byte, len(h.codebook.Dimensions))
	for i, d := range h.codebook.Dimensions {
		header, last[i] = append(header, d.ID), byte(len(d.Codes)-1)
	}
	start := quarter(h.periods[before]).Start().String()
	out := [][]string{header}
	out = h.add(out, before, fmt.Sprint("other-", before), someCases{date: start, cases: 1, codes: first})
	out = h.add(out, before, "other", someCases{date: start, cases: 2, codes: last})
	for n := range group {
		for _, e := range h.hers {
			if e.before == before {
				out = h.add(out, before, fmt.Sprint("she-", n), e)
			}
		}
	}
	return out
}

func (h *history) add(rows [][]string, file int, person string, e someCases) [][]string {
	for range e.cases {
		row := []string{fmt.Sprint(file, "/", len(rows)), person, e.date}
		for i, code := range e.codes {
			row = append(row, string(h.codebook.Dimensions[i].Codes[code].Code))
		}
		rows = append(rows, row)
	}
	return rows
}

// mapping reads such files; persons is the mapping's person entry.
func (h *history) mapping(t *testing.T, persons string) *mapping.Mapping {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "name: audit\ncodebook: %s\nformat: csv\nperson: {%s}\ncase: {id: case}\ndate: {column: date, formats: [iso]}\ndimensions:\n", h.codebook.Name, persons)
	for _, d := range h.codebook.Dimensions {
		fmt.Fprintf(&b, "  %s:\n    column: %s\n    unmapped: refuse\n    default: %q\n    values:\n", d.ID, d.ID, d.Codes[0].Code)
		for _, c := range d.Codes {
			fmt.Fprintf(&b, "      %q: [%q]\n", c.Code, c.Code)
		}
	}
	m, err := mapping.Parse([]byte(b.String()), h.codebook)
	must(t, err)
	return m
}

// take writes the file and imports it as a member does.
func (h *history) take(t *testing.T, v *Vault, m *mapping.Mapping, before, group int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cases.csv")
	f, err := os.Create(path)
	must(t, err)
	must(t, csv.NewWriter(f).WriteAll(h.rows(before, group)))
	must(t, f.Close())
	var read files.Report
	_, err = v.Import(background, m.Protection(), files.Cases(background, m, path, &read))
	must(t, err)
	if read.Refused > 0 {
		t.Fatalf("%d rows of the audit's file were refused", read.Refused)
	}
}

// founded is a new vault, closed, and a coalition that it has declared itself to.
func (h *history) founded(t *testing.T) (Config, *gathering) {
	t.Helper()
	cfg := testConfig(filepath.Join(t.TempDir(), "vault"))
	cfg.Codebook = h.codebook
	must(t, Create(cfg, ownSlug, cheap))
	v := opened(t, cfg)
	g := gather(t, v, h.plan, "north-wind", "south-wind")
	_, err := v.Declare(background, g.st)
	must(t, err)
	must(t, v.Close())
	return cfg, g
}

// cloned is a copy of a closed vault: the same keys, so that two members differ by
// nothing but their files.
func cloned(t *testing.T, cfg Config) Config {
	t.Helper()
	from := cfg.Dir
	cfg.Dir = filepath.Join(t.TempDir(), "vault")
	must(t, os.CopyFS(cfg.Dir, os.DirFS(from)))
	return cfg
}

// world is one of the two members, with the audited periods reserved.
type world struct {
	v        *Vault
	st       *coalition.State
	plan     *schema.Plan
	drawings []*drawing
	planted  func(v *Vault, d *drawing) // before each draw; nil: no fault
	salts    map[schema.Hash]bool
}

// reserved takes the files in and reserves the periods, each after its file.
func (h *history) reserved(t *testing.T, cfg Config, st *coalition.State, m *mapping.Mapping, group int) *world {
	t.Helper()
	w := &world{v: opened(t, cfg), st: st, salts: map[schema.Hash]bool{}}
	hash := wire.PlanHash(h.plan)
	plan, ok := st.Plan(hash)
	if !ok {
		t.Fatal("the coalition lacks the audit's plan")
	}
	w.plan = &plan
	for i, p := range h.periods {
		at := place{st.ID(), hash, quarter(p)}
		if w.v.book.at[at] == nil {
			h.take(t, w.v, m, i, group)
			must(t, w.v.reserve(st, w.plan, at))
		}
		w.drawings = append(w.drawings, w.v.book.at[at])
	}
	return w
}

// view is what a peer has of one run: the cells of all releases, their variances as the
// releases state them, and everything else that the signed notes say.
type view struct {
	cells, sigma2 []int64
	outside       string
}

// run draws every audited period once and reads the signed bytes as a peer does.
func (w *world) run() (seen view, err error) {
	var outside strings.Builder
	for _, d := range w.drawings {
		if w.planted != nil {
			w.planted(w.v, d)
		}
		release, intent, err := w.v.signed(background, w.st, w.plan, d)
		if err != nil {
			return seen, err
		}
		if err := w.read(&seen, release); err != nil {
			return seen, err
		}
		outside.WriteString(outsideTheCells(string(release)))
		outside.WriteString(outsideTheCells(string(intent)))
	}
	seen.outside = outside.String()
	return seen, nil
}

// read takes a release's cells out of its bytes, as a peer does.
func (w *world) read(seen *view, raw []byte) error {
	note, err := wire.Verify(raw, w.st.Ring())
	if err != nil {
		return err
	}
	r, ok := note.Body().(schema.Release)
	if !ok || w.salts[r.Salt] {
		return fmt.Errorf("no release, or one whose salt was used before")
	}
	w.salts[r.Salt] = true
	seen.take(r)
	return nil
}

func (s *view) take(r schema.Release) {
	for _, t := range r.Tables {
		s.cells = append(s.cells, t.Cells...)
		for range t.Cells {
			s.sigma2 = append(s.sigma2, t.Sigma2)
		}
	}
}

// outsideTheCells is a note without what is random in every run: cells, salt, the
// release's hash in its intent, signatures. How many cells a line has stays.
func outsideTheCells(raw string) string {
	var b strings.Builder
	for line := range strings.Lines(raw) {
		word, _, _ := strings.Cut(line, " ")
		switch {
		case word == "salt" || word == "release":
			b.WriteString(word)
		case word == "—":
			b.WriteString(line[:strings.LastIndexByte(line, ' ')])
		case line[0] == '-' || line[0] >= '0' && line[0] <= '9':
			fmt.Fprint(&b, "cells ", len(strings.Fields(line)))
		default:
			b.WriteString(strings.TrimSuffix(line, "\n"))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// withoutNoise draws once without noise: what an attacker who knows every other case, and
// hers for the sake of the argument, can work out.
func (w *world) withoutNoise() (view, error) {
	noiser := w.v.cfg.Noise
	w.v.cfg.Noise = &still{}
	defer func() { w.v.cfg.Noise = noiser }()
	return w.run()
}
