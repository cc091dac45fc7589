package view_test

import (
	"slices"
	"strings"
	"testing"

	"tidemark/aggregation/planner"
	"tidemark/dashboard/internal/sample"
	"tidemark/dashboard/view"
	"tidemark/dashboard/words"
	"tidemark/schema"
)

// full is a plan that crosses needs, and regions, with what became of them.
func full(_ *schema.Codebook, first schema.Period) (schema.Plan, error) {
	return planner.Full(first, 0, 0)
}

func gapsOf(t *testing.T, cfg sample.Config, lang string) view.GapsPage {
	t.Helper()
	s, err := sample.New(t, cfg).Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	p, err := open(t, s, lang, view.Query{}).Gaps()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func gapRow(t *testing.T, table view.GapTable, label string) view.GapRow {
	t.Helper()
	for _, row := range table.Rows {
		if row.Label == label {
			return row
		}
	}
	t.Fatalf("no row %s", label)
	return view.GapRow{}
}

// Who asked and went without stands beside who offers, each with its range; gaps and
// overlaps are said in words. What is drawn is seeded: nothing here depends on chance.
func TestGapsBesideWhatIsOffered(t *testing.T) {
	p := gapsOf(t, sample.Config{Plan: full}, "en")
	advice := gapRow(t, p.Needs, "Digital security advice")
	if advice.Asked.Full() != "about 1,480 (1,320 to 1,640)" || advice.Without.Full() != "about 230 (150 to 300)" || advice.Share != "15 in 100 (10 to 21)" {
		t.Errorf("%s, %s, %s", advice.Asked.Full(), advice.Without.Full(), advice.Share)
	}
	if o := advice.Offers; o.Says != "6 members offer it: 6 open." || o.Class != "room" || len(o.Who) != 6 ||
		!strings.HasPrefix(o.Where, "Sub-Saharan Africa (2), Latin America and the Caribbean (2)") || o.Languages != "English, French and Spanish" {
		t.Errorf("%+v", o)
	}
	want := "“Digital security advice”: about 1,480 (1,320 to 1,640) people asked for it or needed it, and about 230 (150 to 300) of them went without for want of capacity. 6 members offer it: 6 open."
	if len(p.Gaps) != 1 || p.Gaps[0] != want {
		t.Errorf("%q", p.Gaps)
	}
	if !slices.Contains(p.Overlaps, "2 members train on “Digital security advice” in San Aldo, Latin America and the Caribbean.") {
		t.Errorf("%q", p.Overlaps)
	}
	if !strings.Contains(p.Untrained, "Central Asia") || strings.Contains(p.Untrained, "Latin America") {
		t.Errorf("%q", p.Untrained)
	}
	if central := gapRow(t, p.Regions, "Central Asia"); central.Without.Full() != "about 180 (80 to 260)" || central.Without.Class != "caution" || central.Offers.Class != "none" {
		t.Errorf("%+v", central)
	}
}

// Too noisy, not asked and nobody's word look different, and none of them is a number.
func TestGapsTellDoubtFromNothing(t *testing.T) {
	p := gapsOf(t, sample.Config{Plan: full}, "en")
	legal := gapRow(t, p.Needs, "Legal support")
	if legal.Without.Class != "zero" || legal.Share != "" || legal.Without.Note != "too noisy for a number" {
		t.Errorf("%+v", legal)
	}
	if legal.Offers.Says != "2 members offer it and all are full." || legal.Offers.Class != "full" {
		t.Errorf("%+v", legal.Offers)
	}
	if medical := gapRow(t, p.Needs, "Medical care"); medical.Offers.Says != "No member has said that it offers this." || medical.Offers.Silent != "3 have not said what they offer." {
		t.Errorf("%+v", medical.Offers)
	}
	for _, s := range p.Gaps {
		if strings.Contains(s, "Legal support") {
			t.Errorf("a number that is too noisy is said: %s", s)
		}
	}
	noise := gapsOf(t, sample.Config{Plan: full, People: 40}, "en")
	if len(noise.Gaps) != 1 || !strings.Contains(noise.Gaps[0], "That does not mean that nobody did.") {
		t.Errorf("%q", noise.Gaps)
	}
}

// A plan that does not ask says what is missing and where it is changed; what members
// offer is there all the same.
func TestGapsOfAPlanThatDoesNotAsk(t *testing.T) {
	p := gapsOf(t, sample.Config{}, "en")
	if p.Needs.Told || len(p.Gaps) != 0 || len(p.Lacking) != 2 || !strings.Contains(p.Lacking[0].Says, "Main support asked for or needed") || p.Lacking[0].Href != "/members" {
		t.Errorf("%+v", p.Lacking)
	}
	if row := gapRow(t, p.Needs, "Account recovery"); row.Asked.Class != "untold" || row.Offers.Says != "1 member offers it: 1 open." {
		t.Errorf("%+v", row)
	}
	if p.All == nil || p.All.Lines[0].Value.Full() != "about 640 (540 to 740)" {
		t.Errorf("%+v", p.All)
	}
}

// Who has not said is listed as such, an old statement is marked, and before anybody has
// released or said anything the page says so.
func TestGapsNameWhoHasNotSaid(t *testing.T) {
	p := gapsOf(t, sample.Config{}, "en")
	if want := []string{"9 of 12 active members have said what they offer.", "3 have not said: that is not known, and does not mean that they offer nothing.", "One statement is older than half a year and is marked."}; !slices.Equal(p.Lead, want) {
		t.Errorf("%q", p.Lead)
	}
	old, silent := 0, 0
	for _, m := range p.Members {
		if m.Old {
			old++
		}
		if !m.Said {
			silent++
		}
	}
	if old != 1 || silent != 3 || len(p.Members) != 12 {
		t.Errorf("%d old, %d silent of %d", old, silent, len(p.Members))
	}
	none := gapsOf(t, sample.Config{Empty: true, Mute: true}, "en")
	if none.Cannot == nil || len(none.Needs.Rows) != 0 || none.Overlaps[0] != "No member has said what it offers yet, so that no overlap can be seen." || none.Untrained != "" {
		t.Errorf("%+v", none)
	}
}

// No sentence is left without its words.
func TestGapsInEveryLanguage(t *testing.T) {
	for _, lang := range words.Tags {
		p := gapsOf(t, sample.Config{Members: 6, People: 6000, Quarters: 5, Plan: full}, lang)
		for _, s := range slices.Concat(p.Lead, p.Gaps, p.Overlaps) {
			if strings.Contains(s, "gaps.") || strings.Contains(s, "{") {
				t.Errorf("%s: %q", lang, s)
			}
		}
	}
}
