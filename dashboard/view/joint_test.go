package view_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"tidemark/aggregation/combine"
	"tidemark/aggregation/planner"
	"tidemark/dashboard/chart"
	"tidemark/dashboard/internal/sample"
	"tidemark/dashboard/view"
	"tidemark/schema"
)

// turned is a coalition whose plan is joint for its last five quarters.
var turned = sample.Config{Joint: 5}

var spyware = view.Query{What: combine.Filter{Axis: schema.Axis{Dimension: "threat_type"}, Code: "device_spyware"}}

func holds(t *testing.T, what, have string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(have, want) {
			t.Errorf("%s: %q is not in it:\n%s", what, want, have)
		}
	}
}

// The series goes through both modes; around the joint ranges stand those of local mode.
func TestTrendThroughBothModes(t *testing.T) {
	p, err := reader(t, turned, spyware).Trends()
	if err != nil {
		t.Fatal(err)
	}
	holds(t, "notes", strings.Join(p.Figure.Notes, "\n"), "From Q3 2025 on the numbers are joint", "In local mode, with the same members and the same budget, the range of Q3 2026 would have been")
	holds(t, "chart", string(p.Figure.Chart), `class="outer"`, `class="outeredge"`, "joint from here")
	if !slices.Contains(p.Figure.Key, "outer") {
		t.Errorf("the key does not explain the dashes: %v", p.Figure.Key)
	}
	same(t, "newest row", p.Figure.Rows[0].Remark, "joint; amber-crane not reported")
	same(t, "last local row", p.Figure.Rows[5].Remark, "")
	same(t, "only in one", p.Only, "In Q3 2025 and not in the sum of Q3 2026: amber-crane. Part of the change may be theirs.")
	same(t, "carries", strings.Join(p.Carries, "\n"), "Whether it holds without any one member is not known: in joint mode only the sum is.")
	holds(t, "says", p.Says[0], "one sum against the other")
	same(t, "signed", p.Source.Signed, "one sum of 11 members, opened by this node")
	holds(t, "source", p.Source.Joint, "Nobody sees one member's table")

	local, err := reader(t, sample.Config{}, spyware).Trends()
	if err != nil {
		t.Fatal(err)
	}
	if len(local.Figure.Notes) > 0 || strings.Contains(string(local.Figure.Chart), "outer") || local.Only != "" || local.Source.Joint != "" {
		t.Errorf("a local trend speaks of joint mode: %v", local.Figure.Notes)
	}
}

// A picture in a file says in words what its dashes are.
func TestJointPictureHasItsLegend(t *testing.T) {
	r := reader(t, turned, view.Query{})
	id := view.FigureID{Kind: view.TrendFigure, What: spyware.What, From: sample.Last.Add(-8), To: sample.Last}
	f, err := r.Resolve(id)
	if err != nil {
		t.Fatal(err)
	}
	_, scene, err := r.Draw(f)
	if err != nil {
		t.Fatal(err)
	}
	holds(t, "source", scene.Source, "Dashed: the range of local mode", "From Q3 2025 on the numbers are joint")
	svg := string(scene.SVG(chart.Light(), ""))
	holds(t, "file", svg, `stroke-dasharray="6 4"`, "Made with Tidemark")
	if strings.Contains(svg, "…") {
		t.Error("the words below the picture are cut")
	}
}

// Mode and the deviation of local mode stand in every row: what the picture shows can be
// drawn again from its numbers. Half of twelve members are counted on: sqrt(6) between them.
func TestTidyTellsTheModes(t *testing.T) {
	r := reader(t, turned, view.Query{})
	answer, err := r.Tidy(view.Question{Table: schema.Table{Axes: []schema.Axis{spyware.What.Axis}}, Where: []combine.Filter{spyware.What}})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range answer.Rows {
		joint := !row.Period.Before(sample.Last.Add(-4))
		if (row.Mode == schema.Joint) != joint {
			t.Errorf("%s is %s", row.Period, row.Mode)
		}
		want := 1.0
		if joint {
			want = math.Sqrt(6)
		}
		if got := row.LocalSD / row.SD; math.Abs(got-want) > 0.02 {
			t.Errorf("%s: local mode has %.3f of the deviation, want %.3f", row.Period, got, want)
		}
	}
	var b bytes.Buffer
	if err := answer.CSV(&b); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	same(t, "columns", strings.Join(lines[0][len(lines[0])-2:], ","), "mode,sd_local")
	same(t, "last line", lines[len(lines)-1][len(lines[0])-2], "joint")
	everybody, err := r.Tidy(view.Question{From: sample.Last})
	if err != nil || everybody.Rows[0].LocalSD <= everybody.Rows[0].SD {
		t.Errorf("everybody: %+v, %v", everybody.Rows, err)
	}
}

// A joint period has one source, not one for each member.
func TestJointPackage(t *testing.T) {
	r := reader(t, turned, view.Query{})
	f, err := r.Resolve(view.FigureID{Kind: view.RankFigure, Table: schema.Table{Axes: []schema.Axis{spyware.What.Axis}}, Period: sample.Last})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := r.FigurePackage(f)
	if err != nil {
		t.Fatal(err)
	}
	description := string(unzip(t, raw)["datapackage.json"])
	if n := strings.Count(description, `"title": "tidemark/agreement 2026-Q3"`); n != 1 || strings.Contains(description, "tidemark/release ") {
		t.Errorf("%d agreements, in\n%s", n, description)
	}
	holds(t, "description", description, `"mode": "joint"`, `"honest": 6`, "only the members' sum is opened")
	holds(t, "readme", string(unzip(t, raw)["README.txt"]), "Joint are Q3 2026", "sd_local: ")
}

// Who is in a sum, who is not, which round came to nothing: each its own word.
func TestCoverageOfRounds(t *testing.T) {
	stuck := turned
	stuck.Stuck = true
	for _, c := range []struct {
		cfg  sample.Config
		want string // the newest five quarters of the third member
		says []string
	}{
		{turned, "joint outside joint joint joint", []string{"amber-crane has not reported since Q3 2026"}},
		{stuck, "joint outside joint void underway", []string{
			"Q3 2026: the joint round is under way. Its sum is opened once at least 8 contributions are agreed on.",
			"Q2 2026 is void: too few contributions (6, at least 8 are needed). This period is missed for everybody; that is not zero.",
		}},
	} {
		p, err := reader(t, c.cfg, view.Query{}).WhoWasIn()
		if err != nil {
			t.Fatal(err)
		}
		var states, says []string
		for _, cell := range p.Grid.Rows[2].Cells {
			if cell.Class == string(schema.Quarterly) {
				states = append(states, cell.State)
			}
		}
		same(t, "states", strings.Join(states[len(states)-5:], " "), c.want)
		for _, w := range p.Says {
			says = append(says, w.Text)
		}
		if len(says) != len(c.says) {
			t.Errorf("says %q", says)
		}
		for i, want := range c.says {
			holds(t, "says", says[i], want)
		}
		holds(t, "lead", p.Lead, "Nobody sees one member's table")
	}
}

// Rounds that opened nothing are said wherever the newest number stands.
func TestStuckRoundsAreSaid(t *testing.T) {
	stuck := turned
	stuck.Stuck = true
	trends, err := reader(t, stuck, spyware).Trends()
	if err != nil {
		t.Fatal(err)
	}
	same(t, "newest", trends.Source.Period, "Q1 2026")
	holds(t, "beside the trend", strings.Join(trends.Source.Warnings, "\n"), "Q2 2026 is void", "Q3 2026: the joint round is under way")
	first, err := reader(t, stuck, view.Query{}).Overview()
	if err != nil {
		t.Fatal(err)
	}
	if len(first.Silent) != 2 {
		t.Errorf("the first page says %+v", first.Silent)
	}
	e, err := reader(t, stuck, view.Query{Period: sample.Last.Add(-1)}).Evidence()
	if err != nil {
		t.Fatal(err)
	}
	holds(t, "evidence", e.Lead, "is void")
	if len(e.Steps) > 0 || e.Periods[0].Joint != nil || e.Periods[0].Stuck == "" {
		t.Errorf("a void period has a way: %+v", e.Periods)
	}
}

// A coalition that is too small for its joint plan has no round, which is not one that is
// under way.
func TestTooFewForARound(t *testing.T) {
	joint := func(_ *schema.Codebook, first schema.Period) (schema.Plan, error) { return planner.Full(first, 10, 2) }
	p, err := reader(t, sample.Config{Plan: joint, Members: 5, Quarters: 2}, view.Query{}).WhoWasIn()
	if err != nil {
		t.Fatal(err)
	}
	same(t, "state", p.Grid.Rows[0].Cells[0].State, "noround")
}

// What differs between two sums stands before the list, not below it.
func TestListsWarnOfOtherMembers(t *testing.T) {
	r := reader(t, turned, view.Query{})
	p, err := r.Overview()
	if err != nil {
		t.Fatal(err)
	}
	same(t, "quarter", p.Quarter.Warn, "In Q2 2026 and not in the sum of Q3 2026: amber-crane. Part of the change may be theirs.")
	holds(t, "note", p.Quarter.Note, "whole sums are compared")
	holds(t, "year", p.Year.Warn, "In fewer of the last four quarters than of the four before: north-ibis and amber-crane")
	c, err := r.ChangesOver(sample.Last, view.SpanPeriod)
	if err != nil {
		t.Fatal(err)
	}
	if !c.Joint || fmt.Sprint(c.Joined, c.Left) != "[] [amber-crane]" || c.Rows[0].Survives != nil {
		t.Errorf("joint %t, %v, %v, survives %v", c.Joint, c.Joined, c.Left, c.Rows[0].Survives)
	}
	heat, err := reader(t, turned, view.Query{Table: schema.Table{Axes: []schema.Axis{spyware.What.Axis}}, Period: sample.Last, Show: view.ShowChange}).Heat()
	if err != nil {
		t.Fatal(err)
	}
	holds(t, "heat map", heat.Says[0], "amber-crane")
}

// The evidence of a joint number: the agreement, the keepers, and what this node found.
func TestEvidenceOfASum(t *testing.T) {
	c := sample.New(t, turned)
	q := view.Query{Figure: "trend~threat_type.device_spyware~all~2025-Q2~2026-Q3"}
	p, err := reads(t, c, "en", q).Evidence()
	if err != nil {
		t.Fatal(err)
	}
	holds(t, "lead", p.Lead, "one joint sum of 11 members")
	holds(t, "way", strings.Join(p.Steps, "\n"), "sealed one for each keeper", "No table of a single member was ever opened")
	holds(t, "without", p.Without, "not known")
	newest, lied, local := p.Periods[0], p.Periods[3], p.Periods[5]
	same(t, "newest", newest.Absent, "Not in the sum: amber-crane. That is not zero.")
	if len(newest.Rows) > 0 || newest.Joint == nil || len(newest.Joint.Terms[0].Slugs) != 11 {
		t.Fatalf("newest %+v", newest)
	}
	agreement := newest.Joint.Terms[1].Note
	if _, id, _ := strings.Cut(agreement.Href, "/note/"); !strings.HasPrefix(id, agreement.Text) {
		t.Errorf("the agreement is at %s", agreement.Href)
	}
	same(t, "signers", fmt.Sprint(len(newest.Joint.Terms[2].Slugs))+": "+newest.Joint.Terms[2].Text, "5: Needed: 5 of 7")
	same(t, "checked", newest.Joint.Opened.Class, "checked")
	same(t, "lied", lied.Joint.Opened.Text, "What quiet-wren published as a sum does not fit the others. It was left out.")
	if local.Joint != nil || len(local.Rows) != 12 {
		t.Errorf("the local quarter %+v", local)
	}
}

// Programs are told the mode, the rounds, and one release a joint period.
func TestJointForPrograms(t *testing.T) {
	stuck := turned
	stuck.Stuck = true
	c := sample.New(t, stuck)
	r := reads(t, c, "en", view.Query{})
	rounds := map[string]string{}
	for _, one := range r.APICoverage() {
		if one.Mode == schema.Joint {
			rounds[one.Period.String()] = one.Round
		}
	}
	same(t, "rounds", fmt.Sprint(rounds), "map[2025-Q3: 2025-Q4: 2026-Q1: 2026-Q2:void 2026-Q3:under way]")
	all, err := r.APIReleases(c.Note)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range all {
		joint := one.Period.Cadence() == schema.Quarterly && !one.Period.Before(sample.Last.Add(-4))
		if joint != (one.Member == "") || joint != (len(one.Members) > 8) || joint && len(one.Witnesses) != 5 {
			t.Errorf("%s: %q, %d members, signed by %v", one.Period, one.Member, len(one.Members), one.Witnesses)
		}
	}
}
