package brief_test

import (
	"strings"
	"testing"

	"tidemark/dashboard/brief"
	"tidemark/dashboard/internal/sample"
	"tidemark/schema"
)

// What would mislead if it were not said beside a figure is said there, and only there
// where it is so.
func TestAFigureSaysWhatWouldMislead(t *testing.T) {
	says := map[string]string{
		"shared": "shared among them", "leads": "stands behind more than half", "rests": "rests on one member",
		"other": "not rest on quite the same members", "method": "count in another way", "missing": "only those who reported both times",
		"joint": "only the sum of the members was ever opened", "asItIs": "A joint sum is compared as it is",
	}
	year := "trend~threat_type.doxing~all~2025-Q3~2026-Q3"
	for name, c := range map[string]struct {
		cfg    sample.Config
		id     string
		change func(*brief.Figure)
		want   string
	}{
		"whole persons":     {sample.Config{People: 20_000}, "trend~all~all~2025-Q1~2025-Q2", nil, ""},
		"a code":            {sample.Config{People: 20_000}, "trend~threat_type.doxing~all~2025-Q1~2025-Q2", nil, "shared"},
		"one member leads":  {sample.Config{People: 20_000}, "trend~threat_type.doxing~all~2025-Q1~2025-Q2", func(f *brief.Figure) { f.Leads = true }, "shared leads"},
		"it rests on one":   {sample.Config{People: 20_000}, "trend~threat_type.doxing~all~2025-Q1~2025-Q2", func(f *brief.Figure) { f.Change.Rests = true }, "shared rests"},
		"another counting":  {sample.Config{People: 20_000}, "trend~threat_type.doxing~all~2025-Q1~2025-Q2", func(f *brief.Figure) { f.Steps = []schema.Period{{Year: 2025, Quarter: 2}} }, "shared method"},
		"somebody missing":  {sample.Config{People: 20_000}, "trend~threat_type.doxing~all~2025-Q1~2025-Q2", func(f *brief.Figure) { f.Points[1].Reporting-- }, "shared missing"},
		"joint":             {sample.Config{People: 20_000, Joint: 4}, year, nil, "shared joint asItIs"},
		"others in the sum": {sample.Config{People: 20_000, Joint: 4}, year, func(f *brief.Figure) { f.Change.Joined = 1 }, "shared other joint asItIs"},
	} {
		src := source(t, c.cfg)
		g := gathered(t, src, figure(c.id, "So."))
		if c.change != nil {
			c.change(&g.Figures[0])
		}
		page, err := (&brief.Brief{Manifest: g.Manifest}).Write("md", src.Languages.Of("en"))
		must(t, err)
		text, _, _ := strings.Cut(string(page), "## How these figures were made")
		for key, sentence := range says {
			want := strings.Contains(" "+c.want+" ", " "+key+" ")
			if strings.Contains(text, sentence) != want {
				t.Errorf("%s: %s said %t, want %t", name, key, !want, want)
			}
		}
	}
}
