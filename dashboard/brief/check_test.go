package brief_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tidemark/dashboard/brief"
	"tidemark/dashboard/internal/sample"
	"tidemark/schema"
)

// figure is a spec of one figure and one text, in English.
func figure(id, text string, more ...string) string {
	head := "title: A brief\ntemplate: statement\nlanguages: [en]\n" + strings.Join(more, "")
	return head + fmt.Sprintf("blocks:\n  - {figure: %q, as: one}\n  - {text: %q}\n", id, text)
}

const (
	doxing = "trend~threat_type.doxing~all~2025-Q1~2026-Q3" // it rises, by how the fiction is made
	ranks  = "rank~threat_type~2026-Q3"
)

// The check panel, row by row: what is written, and what is said of it.
func TestCheck(t *testing.T) {
	src := source(t, sample.Config{People: 20_000})
	small := source(t, sample.Config{Members: 2, People: 20_000})
	noise := source(t, sample.Config{People: 40})
	taken := source(t, sample.Config{People: 20_000, Withdraw: true})
	for name, c := range map[string]struct {
		src   brief.Source
		spec  string
		key   string
		found bool
		stops bool
	}{
		"nothing to object to":       {src, figure(doxing, "We ask for an answer."), "", false, false},
		"the figure's own sentence":  {src, figure(doxing, "{one.says}"), "", false, false},
		"a rise that is there":       {src, figure(doxing, "It rises: {one.last}."), "direction", false, false},
		"a fall that is not there":   {src, figure(doxing, "It declines: {one.last}."), "direction", true, true},
		"a number of one's own":      {src, figure(doxing, "We know of 900."), "claim", true, false},
		"a year is no number":        {src, figure(doxing, "Since 2024 we have worked together."), "claim", false, false},
		"a direction of one's own":   {src, figure(doxing, "Attacks keep growing."), "claim", true, false},
		"persons of a shared number": {src, figure(doxing, "Of women: {one.last}."), "shares", true, false},
		"a year of a quarter":        {src, figure(doxing, "In a year: {one.last}."), "year", true, false},
		"no such figure":             {src, figure(doxing, "{two.last}"), "field", true, true},
		"no such field":              {src, figure(doxing, "{one.sigma}"), "field", true, true},
		"a cell of a table":          {src, figure(ranks, "{one.doxing}"), "field", false, false},
		"no such cell":               {src, figure(ranks, "{one.dancing}"), "field", true, true},
		"an old figure":              {src, figure("trend~threat_type.doxing~all~2025-Q1~2026-Q2", "So."), "old", true, false},
		"too noisy":                  {noise, figure(doxing, "So."), "noisy", true, true},
		"a field of what is noisy":   {noise, figure(doxing, "{one.last}"), "field.noisy", true, true},
		"two members":                {small, figure(doxing, "So."), "few", true, true},
		"a withdrawn release":        {taken, figure(doxing, "So."), "withdrawn", true, true},
		"a language is missing":      {src, strings.Replace(figure(doxing, "So."), "[en]", "[en, fr]", 1), "language", true, true},
	} {
		if c.spec = strings.Replace(c.spec, "title: A brief\ntemplate: statement\nlanguages: [en, fr]", "title: {en: A brief}\ntemplate: statement\nlanguages: [en, fr]", 1); strings.Contains(c.spec, "fr]") {
			c.spec = strings.Replace(c.spec, `{text: "So."}`, `{text: {en: "So."}}`, 1)
		}
		findings := gathered(t, c.src, c.spec).Check(c.src.Languages.Of("en"))
		has := slices.ContainsFunc(findings, func(f brief.Finding) bool { return f.Key == c.key && f.Refuse == c.stops })
		if c.key == "" && len(findings) > 0 || c.key != "" && has != c.found {
			t.Errorf("%s: %v", name, findings)
		}
		if brief.Refused(findings) != c.stops {
			t.Errorf("%s: refused %t", name, !c.stops)
		}
	}
}

// A writer who reads in another language than the brief's gets its words, not its codes.
func TestFiguresHaveNamesInEveryLanguage(t *testing.T) {
	src := source(t, sample.Config{People: 20_000})
	g := gathered(t, src, figure(doxing, "So."))
	want := g.NameOf(src.Languages.Of("en"), "one")
	if got := g.NameOf(src.Languages.Of("ar"), "one"); got != want || got == "doxing" {
		t.Errorf("%q, in its own language %q", got, want)
	}
}

// What was fixed to its releases long ago is old by what is known now.
func TestAPinnedBriefGrowsOld(t *testing.T) {
	src := source(t, sample.Config{People: 20_000})
	var then []schema.Period
	for _, p := range src.Snapshot.Book.Periods(schema.Quarterly) {
		if p.Before(sample.Last) {
			then = append(then, p)
		}
	}
	book, err := src.Snapshot.Book.Part(then)
	must(t, err)
	pinned := src
	pinned.Snapshot = src.Snapshot.Part(book)
	spec := figure("trend~threat_type.doxing~all~2025-Q1~2026-Q2", "So.")
	if f := gathered(t, pinned, spec).Check(src.Languages.Of("en")); len(f) != 0 {
		t.Errorf("then: %v", f)
	}
	pinned.Live = src.Snapshot
	if f := gathered(t, pinned, spec).Check(src.Languages.Of("en")); len(f) != 1 || f[0].Key != "old" {
		t.Errorf("now: %v", f)
	}
}

// A consent that has ended and a case that nobody holds are refused.
func TestACaseHasConsentAndHolder(t *testing.T) {
	src := source(t, sample.Config{People: 20_000})
	spec, err := brief.ParseSpec([]byte(figure(doxing, "So.") + "  - {case: {scope: public, expires: 2026-01-31, text: What she said.}}\n"))
	must(t, err)
	keys := func() (out []string) {
		g, err := brief.Gather(src, spec)
		must(t, err)
		for _, f := range g.Check(src.Languages.Of("en")) {
			out = append(out, f.Key)
		}
		return out
	}
	if got := fmt.Sprint(keys()); got != "[expired unheld]" {
		t.Errorf("have %s", got)
	}
	c := sample.New(t, sample.Config{})
	spec.Blocks[2].Case.Expires = "2027-06-30"
	held, err := c.Hold(t.Context(), *spec.Blocks[2].Case)
	must(t, err)
	spec.Blocks[2].Case = &held
	if got := keys(); len(got) != 0 {
		t.Errorf("a case that is held: %v", got)
	}
	held.Text = brief.Text{"en": "Something else."}
	spec.Blocks[2].Case = &held
	if got := fmt.Sprint(keys()); got != "[unheld]" {
		t.Errorf("another text than the holder's: %s", got)
	}
}

// Who did not agree is left out, and the numbers are others; out of a joint sum nobody can
// be taken, so there the figure is gone.
func TestWithoutAMember(t *testing.T) {
	src := source(t, sample.Config{People: 20_000})
	all := gathered(t, src, figure(doxing, "So."))
	out := string(all.Contributors[0])
	less := gathered(t, src, figure(doxing, "So.", "without: ["+out+"]\n"))
	if less.Members != all.Members-1 || less.Apart != 1 || slices.Contains(less.Contributors, all.Contributors[0]) {
		t.Errorf("%d members of %d, %d apart", less.Members, all.Members, less.Apart)
	}
	last := func(g *brief.Gathered) int64 { return g.Figures[0].Points[len(g.Figures[0].Points)-1].Number.Value }
	if last(less) == last(all) {
		t.Error("the numbers are the same without it")
	}
	joint := source(t, sample.Config{People: 20_000, Joint: 2})
	g := gathered(t, joint, figure("trend~threat_type.doxing~all~2026-Q2~2026-Q3", "So.", "without: ["+out+"]\n"))
	if p := g.Figures[0].Points; p[len(p)-1].Absent != brief.Missing {
		t.Error("a joint sum without one of its members")
	}
	if !brief.Refused(g.Check(src.Languages.Of("en"))) {
		t.Error("a figure that is gone is not refused")
	}
}
