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

func governing(t *testing.T, c *sample.Coalition) view.Governing {
	t.Helper()
	g, err := c.Governing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func council(t *testing.T) *sample.Coalition {
	t.Helper()
	return sample.New(t, sample.Config{Members: 5, People: 500, Quarters: 5, Council: true})
}

// Each kind of act says first what it does, and then what an admin must not overlook.
func TestEveryActIsSaidBeforeItIsSigned(t *testing.T) {
	c := council(t)
	r := reads(t, c, "en", view.Query{})
	want := map[string][]string{
		"adopt-plan":     {"Adopt the plan ", "from Q2 2027 on: at least 7 days after the act", "releases nothing by it until its own operator agrees"},
		"admit":          {"Admit new-tern as a member. It owes releases from Q4 2026 on.", "That cannot be taken back.", "/ip4/192.0.2.9/tcp/7461", "The words of its request"},
		"remove":         {"Remove amber-crane: it is disconnected at once", "From 26 November 2026 on members reach each other under a new network key", "the active ones: 4"},
		"suspend":        {"Suspend warm-lark: it is disconnected at once", "warm-lark is an admin, and its present key goes on signing"},
		"admins":         {"From the next act on 1 of these 2 admins sign: warm-lark and amber-crane.", "Until now 2 of 3 sign.", "New as admins: amber-crane.", "No longer admins: river-heron and north-ibis.", "One admin alone can then change everything."},
		"rotate-key":     {"the active ones: 5"},
		"replace-node":   {"only the new one may connect", "New node key: 12D3Koo"},
		"replace-member": {"Replace the member key and the box key of amber-crane", "stays spent", "New member key: amber-crane+"},
		"keepers":        {"Name the keepers of joint rounds: amber-crane, river-heron, north-ibis and warm-lark. They keep the periods that end on 26 December 2026 or later, from Q4 2026 on.", "together open the sum over all members: 3 of 4", "at most: 1", "different countries"},
		"retire-plan":    {"Retire the plan ", "no period that starts on 26 November 2026 or later is released"},
	}
	for _, p := range governing(t, c).Proposals {
		verb := p.Act.Change.Verb()
		all := strings.Join(r.ActLines(p.Act), "\n")
		if len(want[verb]) == 0 {
			t.Errorf("no words are expected of %s", verb)
		}
		for _, w := range want[verb] {
			if !strings.Contains(all, w) {
				t.Errorf("%s lacks %q:\n%s", verb, w, all)
			}
		}
		delete(want, verb)
	}
	if len(want) > 0 {
		t.Errorf("not proposed: %v", want)
	}
	if all := strings.Join(r.ActLines(r.State.Act(0, schema.Remove{Member: "amber-crane"})), "\n"); !strings.Contains(all, "The network key stays as it is") {
		t.Errorf("a removal without a key: %s", all)
	}
	if all := strings.Join(r.ActLines(r.State.Act(0, schema.Admit{Applicant: sample.Applicant("amber-crane"), First: sample.Last})), "\n"); !strings.Contains(all, "again, to the seat that it had") {
		t.Errorf("a member that comes back: %s", all)
	}
}

// With three keepers nobody may be away.
func TestThreeKeepersAreAllNeeded(t *testing.T) {
	r := reads(t, council(t), "en", view.Query{})
	act := r.State.Act(schema.DateOf(r.Now), schema.AppointKeepers{Keepers: []schema.Slug{"river-heron", "warm-lark", "north-ibis"}})
	if all := strings.Join(r.ActLines(act), "\n"); !strings.Contains(all, "open the sum over all members: 3 of 3.") || !strings.Contains(all, "While one of them is away a round waits.") {
		t.Error(all)
	}
}

// joint makes the plan of a sample with so many honest members and one that may collude.
func joint(honest int) func(*schema.Codebook, schema.Period) (schema.Plan, error) {
	return func(_ *schema.Codebook, first schema.Period) (schema.Plan, error) {
		p, err := planner.SmallLocal(first)
		p.Mode, p.Noise, p.Honest, p.Colluders = schema.Joint, schema.ExactNoise, honest, 1
		return p, err
	}
}

// Governance says who keeps joint rounds, whether there are any, and what keepers could do.
func TestGovernanceSaysWhoKeepsJointRounds(t *testing.T) {
	const are = "Joint rounds are kept by river-heron, warm-lark, north-ibis, long-swift and amber-crane. Keepers that together open a sum: 4 of 5."
	for name, c := range map[string]struct {
		members int
		plan    func(*schema.Codebook, schema.Period) (schema.Plan, error)
		first   string
		last    string
	}{
		"local":  {5, nil, are, "The plan in force is in local mode: there are no joint rounds now."},
		"joint":  {5, joint(3), are, "In a joint round only the sum over all members is opened"},
		"few":    {5, joint(5), are, "Q4 2026 has no joint round: fewer members take part than it needs (6)."},
		"no one": {2, nil, "Joint rounds need keepers, at least: 3 active members.", "Joint rounds need keepers"},
	} {
		s := sample.New(t, sample.Config{Members: c.members, People: 500, Quarters: 5, Plan: c.plan})
		p, err := reads(t, s, "en", view.Query{}).Governance(governing(t, s))
		if err != nil {
			t.Fatal(err)
		}
		if p.Keepers[0] != c.first || !strings.HasPrefix(p.Keepers[len(p.Keepers)-1], c.last) {
			t.Errorf("%s: %q", name, p.Keepers)
		}
	}
}

// Who is named now may keep only later rounds.
func TestTheRunningRoundKeepsItsKeepers(t *testing.T) {
	c := sample.New(t, sample.Config{Members: 4, People: 500, Quarters: 5, Plan: joint(2), Keepers: true})
	p, err := reads(t, c, "en", view.Query{}).Governance(governing(t, c))
	if err != nil {
		t.Fatal(err)
	}
	const named = "north-ibis, river-heron and warm-lark"
	if p.Keepers[0] != "Joint rounds are kept by "+named+". Keepers that together open a sum: 3 of 3." ||
		p.Keepers[len(p.Keepers)-1] != "The round of Q4 2026 is still kept by river-heron, warm-lark, north-ibis and long-swift." {
		t.Errorf("%q", p.Keepers)
	}
	if p.Acts[0].What != "Named as keepers of joint rounds: "+named+"." {
		t.Errorf("act: %s", p.Acts[0].What)
	}
}

// No text of an act is left in English or without words in another language.
func TestEveryActIsSaidInEveryLanguage(t *testing.T) {
	c := council(t)
	for _, tag := range words.Tags {
		l := languages(t).Of(tag)
		for _, p := range governing(t, c).Proposals {
			for _, line := range reads(t, c, tag, view.Query{}).ActLines(p.Act) {
				if strings.HasPrefix(line, "gov.") || strings.ContainsAny(line, "{}") {
					t.Errorf("%s %s: %s", l.Tag, p.Act.Change.Verb(), line)
				}
			}
		}
	}
}

// Who has signed, what is missing, and whose signature this node's would be.
func TestAProposalSaysWhatIsMissing(t *testing.T) {
	c := council(t)
	r := reads(t, c, "en", view.Query{})
	g := governing(t, c)
	p, err := r.Governance(g)
	if err != nil {
		t.Fatal(err)
	}
	for _, card := range p.Proposals {
		if card.Lacks != "Signatures of admins: 1." || !slices.Equal(card.Signed, []schema.Slug{"warm-lark"}) || card.Ours || card.Until != "It may be signed until 19 December 2026." || card.Open.Text != "Look closer and sign" {
			t.Errorf("%+v", card)
		}
	}
	both := g.Proposals[0]
	both.Missing, both.MissingNew = 1, 2
	if page, err := r.ProposalPage(both, g); err != nil || page.Card.Lacks != "Signatures of the present admins: 1; of the new ones: 2." {
		t.Errorf("lacks %q, %v", page.Card.Lacks, err)
	}
	g.Signer = r.State.Roster().Member("warm-lark").MemberKey
	page, err := r.ProposalPage(g.Proposals[0], g)
	if err != nil || page.Sign || page.Not != "This member has signed it." {
		t.Errorf("signed twice: %+v, %v", page, err)
	}
}

// A member that is to become an admin signs the change of admins, and nothing else.
func TestWhoWouldBecomeAnAdminSignsThat(t *testing.T) {
	c := council(t)
	r := reads(t, c, "en", view.Query{})
	g := governing(t, c)
	g.Signer = r.State.Roster().Member("amber-crane").MemberKey
	for _, p := range g.Proposals {
		if got := r.MaySign(g, p.Act.Change); got != (p.Act.Change.Verb() == "admins") || r.IsAdmin(g) {
			t.Errorf("%s: may sign %v", p.Act.Change.Verb(), got)
		}
	}
	pinned, err := c.At("0123456789abcdef-DA8PDw8PDw8MDw8PDw")
	if err != nil {
		t.Fatal(err)
	}
	if old := pinned.In(r.L, view.Query{}); old.IsAdmin(governing(t, c)) {
		t.Error("what was known once can be changed")
	}
}

// What a plan changes, in numbers, beside the plan before it.
func TestAPlanIsShownBesideTheOneBefore(t *testing.T) {
	c := council(t)
	g := governing(t, c)
	r := reads(t, c, "en", view.Query{People: "300 400 500"})
	p, err := r.ConsentPage(g.Unagreed[0], g)
	if err != nil {
		t.Fatal(err)
	}
	if p.Agreed || !p.Ask || p.Plan.Refused != "" || p.Plan.Prospect == nil || !strings.HasPrefix(p.Plan.Binds, "It binds from Q1 2027 on.") {
		t.Errorf("%+v", p)
	}
	if len(p.Plan.Says) != 1 || p.Plan.Says[0] != "It spends more privacy than until now: each person is protected less." {
		t.Errorf("says %v", p.Plan.Says)
	}
	if first := p.Plan.Tables[0]; first.Was != "± 22" || first.Is != "± 19" {
		t.Errorf("first table %+v", first)
	}
	if late := p.Plan.Rest[len(p.Plan.Rest)-1]; late.Was != "180" || late.Is != "90" {
		t.Errorf("late %+v", late)
	}
	if !strings.Contains(p.Plan.Ceilings, "69.1 times in 100 (1,000,000,000 nano-mu²)") {
		t.Errorf("ceilings %s", p.Plan.Ceilings)
	}
	founding := reads(t, c, "en", view.Query{})
	if p, err = founding.ConsentPage(r.State.Plans()[0], g); err != nil || !p.Agreed || p.Ask || p.Plan.Says[0] != "No other plan would be in force then." {
		t.Errorf("the founding plan: %+v, %v", p, err)
	}
}

// A plan that turns to joint mode says so, lists every table by the sum of all members, and
// sets both modes beside each other.
func TestAPlanThatTurnsToJointMode(t *testing.T) {
	c := council(t)
	g := governing(t, c)
	r := reads(t, c, "en", view.Query{People: "300 400 500 300 200"})
	p := g.Proposals[0]
	adopt := p.Act.Change.(schema.AdoptPlan)
	adopt.Plan = planner.InMode(r.State.Charter().Plan, schema.Joint, 5)
	adopt.Plan.First = schema.Period{Year: 2027, Quarter: 3}
	p.Act.Change = adopt
	page, err := r.ProposalPage(p, g)
	if err != nil || page.Plan.Refused != "" {
		t.Fatalf("%+v, %v", page.Plan, err)
	}
	if all := strings.Join(page.Plan.Says, " "); !strings.Contains(all, "It changes to joint mode: only the sum") {
		t.Error(all)
	}
	// 1.96 times the root of 5 shares of ceil(459,520/3), in sixtieths of a person; before,
	// of 5 times the plan's before it.
	if n := len(page.Plan.Tables); n < len(adopt.Plan.Tables) || page.Plan.Tables[0].Is != "± 29" || !strings.HasPrefix(page.Plan.Note, "How far the noise moves the coalition's sum if all 5 members") {
		t.Errorf("%d tables, first %+v: %s", n, page.Plan.Tables[0], page.Plan.Note)
	}
	if page.Plan.Prospect.Modes == nil || len(page.Plan.Prospect.Modes.Terms) == 0 {
		t.Error("the modes are not compared")
	}
}

// A plan that no node would follow is shown as such and cannot be signed here.
func TestAPlanBeyondTheCeilingsIsNotSigned(t *testing.T) {
	c := council(t)
	g := governing(t, c)
	r := reads(t, c, "en", view.Query{People: "300 400"})
	p := g.Proposals[0]
	adopt := p.Act.Change.(schema.AdoptPlan)
	adopt.Plan.Cap = schema.MaxCap + 1
	p.Act.Change = adopt
	page, err := r.ProposalPage(p, g)
	if err != nil || page.Sign || page.Plan.Refused == "" || page.Plan.Prospect != nil {
		t.Errorf("%+v, %v", page, err)
	}
}

// Two copies of a folder are no dispute: nothing is missing, and nobody is accused.
func TestAnAlarmIsSaidApartFromAFork(t *testing.T) {
	c := sample.New(t, sample.Config{Members: 5, People: 500, Quarters: 5, Alarm: true})
	r := reads(t, c, "en", view.Query{})
	if bars := r.Alarms(); len(bars) > 0 {
		t.Errorf("every page says %v", bars)
	}
	p, err := r.Members(standing(t, c))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Disputes) != 0 || len(p.Alarms) != 1 || !strings.Contains(p.Alarms[0].Says, "The countersigned release counts; nothing is missing.") {
		t.Errorf("disputes %v, alarms %v", p.Disputes, p.Alarms)
	}
	cover, err := r.WhoWasIn()
	if err != nil {
		t.Fatal(err)
	}
	if row := cover.Grid.Rows[0]; row.Note != "two copies seen" || row.Cells[0].State != "reported" {
		t.Errorf("coverage %+v", row)
	}
	for i, want := range []string{"This one was countersigned: it counts", "it counts nowhere, the other one counts"} {
		n, err := c.Note(r.Disputes[0].Notes[i])
		if err != nil {
			t.Fatal(err)
		}
		page, err := r.NotePage(n, nil)
		if err != nil || page.Alarm != "" || !strings.Contains(page.Copies, want) || page.Beside == nil || !strings.Contains(page.Beside.Href, r.Disputes[0].Notes[1-i].String()) {
			t.Errorf("note %d: %q, %v", i, page.Copies, err)
		}
	}
	if totals := r.Totals(); totals.Disputed != 0 || totals.Alarmed != 1 {
		t.Errorf("totals %+v", totals)
	}
}

// A keeper that signed two agreements or two lists of one round is no second copy of releases:
// the pages say what it did, and what counts.
func TestAKeeperThatSignedTwiceIsSaidInWords(t *testing.T) {
	for kind, want := range map[schema.Kind][2]string{
		schema.KindAgreement: {"has signed two agreements where a keeper signs one. What enough keepers have signed counts.", "has signed another agreement of the same round"},
		schema.KindHeld:      {"has given two different lists of contributions. Neither counts, and the other keepers go on without its list.", "has given another list for the same round. Neither counts."},
	} {
		c := sample.New(t, sample.Config{Members: 5, People: 500, Quarters: 5, Alarm: true})
		r := reads(t, c, "en", view.Query{})
		r.Disputes[0].Kind = kind
		p, err := r.Members(standing(t, c))
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Disputes) != 0 || len(p.Alarms) != 1 || p.Alarms[0].Title != "A keeper has signed twice" || !strings.Contains(p.Alarms[0].Says, want[0]) {
			t.Errorf("%s: disputes %v, alarms %v", kind, p.Disputes, p.Alarms)
		}
		cover, err := r.WhoWasIn()
		if err != nil || cover.Grid.Rows[0].Note != "signed twice as a keeper" {
			t.Errorf("%s: coverage %+v, %v", kind, cover.Grid.Rows[0], err)
		}
		n, err := c.Note(r.Disputes[0].Notes[0])
		if err != nil {
			t.Fatal(err)
		}
		page, err := r.NotePage(n, nil)
		if err != nil || page.Alarm != "" || !strings.Contains(page.Copies, want[1]) || page.Beside == nil || page.Beside.Text != "The other note that it signed" {
			t.Errorf("%s: %q, %v", kind, page.Copies, err)
		}
	}
}

// A release tells who countersigned its intent, and whether that is enough.
func TestAReleaseNamesItsWitnesses(t *testing.T) {
	c := sample.New(t, sample.Config{Members: 5, People: 500, Quarters: 5})
	r := reads(t, c, "en", view.Query{})
	release, err := c.Note(r.Book.Coverage(sample.Last).Reporting[0].Release)
	if err != nil {
		t.Fatal(err)
	}
	intent, err := c.Note(release.Other)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []view.Note{release, intent} {
		p, err := r.NotePage(n, &intent)
		if err != nil || p.Counted == nil || p.Counted.Says != "countersigned by 3 of 4 witnesses; it needs 3" || !p.Counted.Enough || len(p.Counted.Witnesses) != 3 {
			t.Errorf("%s: %+v, %v", n.Kind, p.Counted, err)
		}
	}
	intent.Signers = []schema.Slug{intent.Member, "warm-lark", "nobody-here"}
	if p, err := r.NotePage(release, &intent); err != nil || p.Counted.Enough || !slices.Equal(p.Counted.Witnesses, []schema.Slug{"warm-lark"}) {
		t.Errorf("%+v, %v", p.Counted, err)
	}
	if p, err := r.NotePage(release, nil); err != nil || p.Counted != nil {
		t.Errorf("without its intent: %+v, %v", p.Counted, err)
	}
}

// Whatever keeps the own releases in is said on the first page and beside the own cases,
// each with where to go.
func TestWhatTheOwnReleasesWaitFor(t *testing.T) {
	c := sample.New(t, sample.Config{Members: 5, People: 500, Quarters: 5, Council: true, Outsider: true})
	r := reads(t, c, "en", view.Query{})
	s := standing(t, c)
	tasks := r.Tasks(s)
	want := []view.Link{
		{Href: "/governance", Text: "The roster has another node key for this member: nobody connects to this machine."},
		{Href: "/governance", Text: "The network key has changed, and the new one is not here: import a bundle from any member."},
		{Href: "/governance/plan/" + s.Waiting.Unagreed[0].String(), Text: "The plan " + s.Waiting.Unagreed[0].Short() + " waits for your consent. Nothing is released by it until then."},
		{Href: "/members", Text: "Before it draws, this node asks its witnesses what they know of it. Answers here: 1; needed: 3."},
		{Href: "/members", Text: "The release of Q4 2026 is drawn and lacks signatures of witnesses. Here: 1; needed: 3. Nothing leaves before."},
		{Href: "/members", Text: "The release of Q1 2027 is drawn and countersigned. It goes out on 10 April 2027, 06:00 UTC."},
		{Href: "/members", Text: "The release of Q2 2027 is drawn. It goes out once its witnesses have countersigned, and not before 10 July 2027, 06:00 UTC."},
	}
	if len(tasks) < len(want) || !slices.Equal(tasks[:len(want)], want) {
		t.Errorf("tasks %+v", tasks)
	}
	if none := r.Waits(view.Waiting{}); len(none) > 0 {
		t.Errorf("nothing is waited for, and %v is said", none)
	}
}
