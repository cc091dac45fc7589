package view_test

import (
	"strings"
	"testing"

	"tidemark/dashboard/internal/sample"
	"tidemark/dashboard/view"
)

func TestRankingOrdersWhatIsSure(t *testing.T) {
	p, err := demo(t, view.Query{}).Ranking()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, g := range p.Groups {
		if (g.Says != "") != (len(g.Lines) > 1) {
			t.Errorf("a group of %d says %q", len(g.Lines), g.Says)
		}
		for _, l := range g.Lines {
			got = append(got, l.Place+" "+l.Label)
			if l.Value.Range == "" || l.Bar == "" || l.Value.Class == "fewer" || l.Value.Class == "zero" {
				t.Errorf("%+v", l)
			}
		}
	}
	want := []string{"Place 1 Harassment or hate speech", "Place 2 to 4 Spyware on a device", "Place 2 to 4 Private data exposed", "Place 2 to 4 Threat of harm", "Place 5 Account taken over or attempted"}
	if len(got) < len(want) || strings.Join(got[:len(want)], "\n") != strings.Join(want, "\n") {
		t.Errorf("order:\n%s", strings.Join(got, "\n"))
	}
	if len(got)+len(p.Noisy)+len(p.Vague) != 18 || len(p.Vague) != 1 || p.Vague[0].Label != "Not known" {
		t.Errorf("%d ranked, %d noisy, %d vague: %+v", len(got), len(p.Noisy), len(p.Vague), p.Vague)
	}
	for _, l := range p.Noisy {
		if l.Bar != "" || l.Value.Class != "fewer" && l.Value.Class != "zero" {
			t.Errorf("too noisy to rank: %+v", l)
		}
	}
}

func TestRankingSaysWhatItCannot(t *testing.T) {
	noise, err := reader(t, sample.Config{People: 40, Quarters: 2}, view.Query{}).Ranking()
	if err != nil || len(noise.Groups) != 0 || noise.Says[0] != "Every code is too noisy to rank." {
		t.Errorf("%q, %d groups, %v", noise.Says, len(noise.Groups), err)
	}
	two, err := demo(t, view.Query{Table: table(t, "threat_type*gender")}).Ranking()
	if err != nil || two.Cannot == nil || two.Cannot.Links[0].Href != "/heat?table=threat_type*gender" {
		t.Errorf("%+v, %v", two.Cannot, err)
	}
}

// The picture has the page's lines, in the page's words.
func TestRankFigureIsThePage(t *testing.T) {
	r := demo(t, view.Query{})
	p, err := r.Ranking()
	if err != nil {
		t.Fatal(err)
	}
	f, scene, err := r.RankFigure(p.Figure.ID)
	if err != nil {
		t.Fatal(err)
	}
	if f.ID.String() != "rank~threat_type~2026-Q3" || f.Permanent == "" || len(f.Downloads) == 0 {
		t.Errorf("%+v", f)
	}
	for _, g := range p.Groups {
		for _, l := range g.Lines {
			for _, word := range []string{l.Place, l.Value.Text, l.Value.Range} {
				if !strings.Contains(scene.String(), `"`+word+`"`) {
					t.Errorf("%s: the picture lacks %q", l.Label, word)
				}
			}
		}
	}
}
