package view_test

import (
	"crypto/ed25519"
	"errors"
	"slices"
	"strings"
	"testing"

	"tidemark/aggregation/account"
	"tidemark/dashboard/internal/sample"
	"tidemark/dashboard/view"
	"tidemark/dashboard/words"
	"tidemark/schema"
	"tidemark/schema/wire"
)

func languages(t *testing.T) words.Languages {
	t.Helper()
	all, err := words.Load(schema.Incident())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// reads opens a sample for a reader of a language.
func reads(t *testing.T, c *sample.Coalition, lang string, q view.Query) *view.Reader {
	t.Helper()
	s, err := c.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	return s.In(languages(t).Of(lang), q)
}

func standing(t *testing.T, c *sample.Coalition) view.Standing {
	t.Helper()
	s, err := c.Standing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func same(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

// one letter for each state, as a line of the grid.
func coverageLine(r view.CoverageRow) string {
	letters := map[string]string{"reported": "x", "silent": "-", "withdrawn": "w", "disputed": "!", "before": ".", "gone": "g", "noplan": "o"}
	line := ""
	for _, c := range r.Cells {
		line += letters[c.State]
	}
	return line
}

func TestCoverageSaysWhoWasIn(t *testing.T) {
	c := sample.New(t, sample.Config{Withdraw: true})
	r := reads(t, c, "en", view.Query{})
	r.Self = c.Self().Slug
	p, err := r.WhoWasIn()
	if err != nil {
		t.Fatal(err)
	}
	same(t, "lead", p.Lead, "Q3 2026: 11 of 12 members who owed a release reported.")
	want := map[schema.Slug]string{"river-heron": "xxxxxxxxxxxxxx", "bright-egret": "xxxxxxxxxxx---", "warm-lark": "xxxxxxxxxxxxxw"}
	for _, row := range p.Grid.Rows {
		if line, ok := want[row.Slug]; ok {
			same(t, string(row.Slug), coverageLine(row), line)
		}
		for _, cell := range row.Cells {
			if (cell.State == "reported" || cell.State == "withdrawn") != strings.HasPrefix(cell.Href, "/evidence/note/") {
				t.Errorf("%s: links to %q", cell.Say, cell.Href)
			}
		}
	}
	if len(p.Says) != 2 || !strings.HasPrefix(p.Says[0].Text, "bright-egret has not reported since Q1 2026.") ||
		p.Says[1].Text != "warm-lark has withdrawn its release of Q3 2026: a field was mapped wrongly." {
		t.Errorf("says %+v", p.Says)
	}
	same(t, "heads", heads(p.Grid), "2023:Q4 2024:Q1,Q2,Q3,Q4,Year 2025:Q1,Q2,Q3,Q4,Year 2026:Q1,Q2,Q3")
}

func heads(g view.CoverageGrid) string {
	var years []string
	at := 0
	for _, y := range g.Years {
		var names []string
		for _, h := range g.Heads[at : at+y.Span] {
			names = append(names, h.Name)
		}
		years = append(years, y.Name+":"+strings.Join(names, ","))
		at += y.Span
	}
	return strings.Join(years, " ")
}

// Only the newest quarters stand on the page, and a link leads to all of them.
func TestCoverageOfManyYearsIsCut(t *testing.T) {
	c := sample.New(t, sample.Config{Quarters: 16, Members: 4, People: 800})
	p, err := reads(t, c, "en", view.Query{}).WhoWasIn()
	if err != nil {
		t.Fatal(err)
	}
	if p.More == nil || p.More.Href != "/coverage?from=2022-Q4" || p.Grid.Heads[0].Full != "Q4 2023" {
		t.Fatalf("more %+v from %s", p.More, p.Grid.Heads[0].Full)
	}
	whole, err := reads(t, c, "en", view.Query{From: schema.Period{Year: 2022, Quarter: 4}}).WhoWasIn()
	if err != nil || whole.More != nil || whole.Grid.Heads[0].Full != "Q4 2022" {
		t.Errorf("more %+v from %s, %v", whole.More, whole.Grid.Heads[0].Full, err)
	}
}

func TestCoverageBeforeAnythingSaysWhatComes(t *testing.T) {
	p, err := reads(t, sample.New(t, sample.Config{Empty: true, Members: 3, People: 300}), "en", view.Query{}).WhoWasIn()
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Says) != 1 || !strings.HasPrefix(p.Says[0].Text, "No release is here yet.") {
		t.Errorf("says %+v", p.Says)
	}
}

func TestMembersListsSeatsPlansAndDecisions(t *testing.T) {
	c := sample.New(t, sample.Config{Dispute: true})
	r := reads(t, c, "en", view.Query{})
	r.Self = c.Self().Slug
	p, err := r.Members(standing(t, c))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Rows) != 12 || !p.Rows[0].Self || p.Rows[0].Seen.Text != "this node" || p.Rows[1].Seen.Class != "off" {
		t.Errorf("rows %+v", p.Rows[:2])
	}
	if len(p.Disputes) != 1 || len(p.Disputes[0].Notes) != 2 || !strings.Contains(p.Disputes[0].Says, "number 9") {
		t.Errorf("disputes %+v", p.Disputes)
	}
	g, err := r.Governance(governing(t, c))
	if err != nil {
		t.Fatal(err)
	}
	if len(g.Acts) != 13 || g.Acts[0].What != "plain-tern was admitted; it owes releases from Q4 2023 on." || g.Acts[12].Note.Text != "The charter" {
		t.Errorf("acts %+v", g.Acts)
	}
	if len(p.Plans) != 1 || p.Plans[0].State.Class != "active" || p.Plans[0].Periods != "from Q4 2023 on" {
		t.Errorf("plans %+v", p.Plans)
	}
}

func TestFingerprintIsFourGroupsOfTheHash(t *testing.T) {
	key := "quiet-heron+00000000+AA"
	digits := schema.HashOf([]byte(key)).String()
	same(t, "fingerprint", view.Fingerprint(key), digits[:4]+" "+digits[4:8]+" "+digits[8:12]+" "+digits[12:16])
}

// The default cap over years, and for someone known to two members.
func TestBudgetSaysWhatThePromiseMeansForLonger(t *testing.T) {
	c := sample.New(t, sample.Config{})
	p, err := reads(t, c, "en", view.Query{}).Budget(standing(t, c))
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"1 year", "60 in 100", "64 in 100"}, {"3 years", "67 in 100", "73 in 100"}, {"5 years", "71 in 100", "79 in 100"}}
	if !slices.EqualFunc(p.Longer.Rows, want, slices.Equal) {
		t.Errorf("longer %v, want %v", p.Longer.Rows, want)
	}
	if p.Gauge.Guess != "60" || p.Gauge.Needle != "19.97%" || p.Gauge.Limit != "19.97%" {
		t.Errorf("gauge %+v", p.Gauge)
	}
	if len(p.Charges) != 14 || p.Charges[0].Counts != "counts now" || p.Charges[5].Counts != "no more since 30 September 2026" || p.Charges[0].Note == nil {
		t.Errorf("charges %+v", p.Charges)
	}
	facts := p.Facts[0].Text + " " + p.Facts[1].Text
	for _, part := range []string{"Q4 2026, on 10 January 2027", "19 %", "before its period ends", "On 31 December 2026", "44 %"} {
		if !strings.Contains(facts, part) {
			t.Errorf("facts lack %q: %s", part, facts)
		}
	}
}

// What is reserved is booked but not out: it is a part of its own.
func TestBudgetTellsReservedFromSpent(t *testing.T) {
	c := sample.New(t, sample.Config{Members: 4, People: 800})
	s := standing(t, c)
	s.Ledger = &account.Ledger{}
	quarter := schema.Period{Year: 2026, Quarter: 2}
	for i, state := range []string{"published", "drawn"} {
		e := account.Entry{Period: quarter.Add(i), Charge: 64_000_000}
		if err := s.Ledger.Reserve(e, schema.DefaultCap); err != nil {
			t.Fatal(err)
		}
		s.Slots = append(s.Slots[:i:i], view.OwnSlot{Period: e.Period, Charge: e.Charge, State: state})
	}
	p, err := reads(t, c, "en", view.Query{}).Budget(s)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "shares", p.Shares[0].Part+" "+p.Shares[1].Part+" "+p.Shares[2].Part, "25 % 25 % 50 %")
}

// In a language that is read to the left the gauge starts at the right.
func TestBudgetGaugeIsMirrored(t *testing.T) {
	c := sample.New(t, sample.Config{Members: 4, People: 800})
	p, err := reads(t, c, "ar", view.Query{}).Budget(standing(t, c))
	if err != nil {
		t.Fatal(err)
	}
	if p.Gauge.Needle != "80.03%" || p.Gauge.Zones[0].X != "90.00%" || p.Gauge.Ends[0].X != "100.00%" {
		t.Errorf("gauge %+v", p.Gauge)
	}
}

func TestBudgetOfANodeAloneIsUnspent(t *testing.T) {
	r := &view.Reader{L: languages(t).Of("en")}
	p, err := r.Budget(view.Standing{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Gauge.Guess != "50" || p.None == "" || p.Title != "No privacy is spent yet" {
		t.Errorf("alone %+v", p)
	}
}

func TestEvidenceOfATrend(t *testing.T) {
	c := sample.New(t, sample.Config{Withdraw: true})
	q := view.Query{Figure: "trend~threat_type.device_spyware~all~2025-Q4~2026-Q3"}
	p, err := reads(t, c, "en", q).Evidence()
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Periods) != 4 || p.Periods[0].Name != "Q3 2026" || !p.Periods[0].Open || p.Periods[1].Open {
		t.Fatalf("periods %+v", p.Periods)
	}
	newest := p.Periods[0]
	if newest.Value == nil || newest.Value.Range == "" || len(newest.Rows) != 11 || newest.Absent != "Did not report: bright-egret. That is not zero." {
		t.Errorf("newest %+v", newest)
	}
	withdrawn := 0
	for _, row := range newest.Rows {
		if row.Withdrawn != "" {
			withdrawn++
		}
	}
	if withdrawn != 1 {
		t.Errorf("%d releases are marked as withdrawn", withdrawn)
	}
	var holds []string
	for _, row := range p.Noise[0].Rows {
		if row.Holds {
			holds = append(holds, row.Table+" "+row.Sigma)
		}
	}
	same(t, "tables that hold it", strings.Join(holds, ", "), "What was done (main act) 11.3")
	if !strings.Contains(p.Without, "river-heron") {
		t.Errorf("without any one member: %q", p.Without)
	}
}

func TestEvidenceRefusesWhatIsNotThere(t *testing.T) {
	c := sample.New(t, sample.Config{Members: 4, People: 800, Quarters: 4})
	for figure, want := range map[string]error{
		"trend~threat_type.nothing~all~2025-Q4~2026-Q3": view.ErrUnknown,
		"trend~threat_type.doxing~all~2020-Q1~2020-Q2":  view.ErrPeriod,
		"heat~threat_type*nothing~2025~level":           view.ErrUnknown,
		"rank~threat_type~2020-Q1":                      view.ErrPeriod,
	} {
		if _, err := reads(t, c, "en", view.Query{Figure: figure}).Evidence(); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", figure, err, want)
		}
	}
}

func TestNotePageWorksOutTheHash(t *testing.T) {
	c := sample.New(t, sample.Config{Members: 4, People: 800, Quarters: 4})
	r := reads(t, c, "en", view.Query{})
	n, err := c.Note(r.Book.Coverage(sample.Last).Reporting[1].Release)
	if err != nil {
		t.Fatal(err)
	}
	p, err := r.NotePage(n, nil)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "title", p.Title, "Release of warm-lark, Q3 2026")
	if !p.Good || p.Text != n.Text || p.Partner == nil {
		t.Errorf("page %+v", p)
	}
	n.Text = strings.Replace(n.Text, "sequence ", "sequence 1", 1)
	if p, err = r.NotePage(n, nil); err != nil || p.Good {
		t.Errorf("a changed text passes: %v, %v", p.Good, err)
	}
	n.Text = "tidemark/release/v1\n"
	if _, err := r.NotePage(n, nil); err == nil {
		t.Error("half a note has a page")
	}
}

// Every kind of note and every change of an act is said in words.
func TestEveryNoteHasItsWords(t *testing.T) {
	c := sample.New(t, sample.Config{Members: 3, People: 300, Quarters: 4})
	r := reads(t, c, "en", view.Query{})
	id, plan := r.State.ID(), r.State.Charter().Plan
	link := schema.Link{Coalition: id, Member: "warm-lark", Sequence: 2, Previous: schema.Hash{1}}
	act := func(change schema.Change) schema.Body { return r.State.Act(schema.DateOf(r.Now), change) }
	for _, one := range []struct {
		body        schema.Body
		title, fact string
	}{
		{act(schema.Suspend{Member: "warm-lark"}), "Act 4 of the coalition", "warm-lark was suspended: its new notes are not accepted."},
		{act(schema.Resume{Member: "warm-lark"}), "Act 4 of the coalition", "The suspension of warm-lark has ended."},
		{act(schema.Remove{Member: "warm-lark"}), "Act 4 of the coalition", "warm-lark was removed. What it released before stays."},
		{act(schema.SetAdmins{Threshold: 1, Admins: r.State.Roster().Admins}), "Act 4 of the coalition", "The admins changed. Signatures that an act now needs: 1 of 1."},
		{act(schema.RetirePlan{Plan: wire.PlanHash(plan)}), "Act 4 of the coalition", "The plan " + wire.PlanHash(plan).Short() + " was retired."},
		{act(schema.AdoptPlan{Plan: plan}), "Act 4 of the coalition", "The plan " + wire.PlanHash(plan).Short() + " was adopted."},
		{r.State.Charter(), "The charter of demonstration", "1 September 2025"},
		{schema.Notice{Link: link, Release: schema.Hash{2}, Reason: schema.WrongSource}, "Notice of warm-lark", "the wrong source was read"},
		{schema.Void{Link: link, Plan: wire.PlanHash(plan), Period: sample.Last, Intent: schema.Hash{3}, Charge: 48_000_000}, "Void of warm-lark, Q3 2026", "note 2 in the feed of warm-lark"},
		{schema.Declaration{Link: schema.Link{Coalition: id, Member: "warm-lark", Sequence: 1}, Share: 1000}, "Declaration of warm-lark", "note 1 in the feed of warm-lark"},
	} {
		n := noteOf(t, one.body)
		p, err := r.NotePage(n, nil)
		if err != nil {
			t.Errorf("%s: %v", one.title, err)
			continue
		}
		same(t, "title", p.Title, one.title)
		if !slices.ContainsFunc(p.Facts, func(f view.Term) bool { return f.Text == one.fact }) {
			t.Errorf("%s: facts %+v lack %q", p.Title, p.Facts, one.fact)
		}
		if strings.HasPrefix(p.Says, "notepage.") {
			t.Errorf("%s: no words", p.Says)
		}
	}
}

// noteOf writes a note of warm-lark's, with a line that nobody verifies here.
func noteOf(t *testing.T, body schema.Body) view.Note {
	t.Helper()
	signer, err := wire.NewSigner("warm-lark", ed25519.NewKeyFromSeed(make([]byte, 32)))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := wire.Sign(body, signer)
	if err != nil {
		t.Fatal(err)
	}
	text, _, _ := strings.Cut(string(raw), "\n\n")
	n := view.Note{ID: schema.HashOf([]byte(text + "\n")), Kind: body.Kind(), Text: string(raw)}
	if linked, ok := body.(schema.Linked); ok {
		n.Member, n.Sequence = linked.Place().Member, linked.Place().Sequence
	}
	return n
}
