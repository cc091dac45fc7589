package coalition

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"testing"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// told runs a script of the transcripts' kind and returns the state at its end.
func told(t testing.TB, script string) *State {
	t.Helper()
	s := &story{kept: map[string]*State{}, names: map[schema.Hash]string{}}
	out := s.tell(script)
	if s.state == nil || bytes.Contains([]byte(out), []byte("refused")) {
		t.Fatalf("the script was refused:\n%s", out)
	}
	return s.state
}

const small = `found date=2026-01-12 threshold=2 admins=finch,otter by=finch,otter tables=quarter,year
act date=2026-01-12 by=finch,otter admit heron
act date=2026-01-12 by=finch,otter admit gull
act date=2026-01-12 by=finch,otter admit swan
`

func TestApplyLeavesTheOldStateAlone(t *testing.T) {
	s := told(t, small)
	before := *s.Roster()
	before.Members = slices.Clone(before.Members)
	due := s.Due("heron", moment("2026-02-01"))
	for _, line := range []string{
		"act date=2026-01-12 by=finch,otter suspend heron",
		"act date=2026-01-12 by=finch,otter replace-member heron key=heron.2 sequence=3",
		"act date=2026-01-12 by=finch,otter admins admins=finch,heron threshold=1",
		"act date=2026-01-12 by=finch,otter adopt b first=2026-Q3",
		"act date=2026-01-12 by=finch,otter admit teal",
		"act date=2026-01-12 by=finch,otter keepers gull swan heron",
	} {
		told := &story{state: s, names: map[schema.Hash]string{}}
		told.do(line)
		if keepers, _ := s.Keepers(); !slices.Equal(keepers, []schema.Slug{"heron", "gull", "swan"}) {
			t.Errorf("other keepers by: %s", line)
		}
		if !reflect.DeepEqual(*s.Roster(), before) || !reflect.DeepEqual(s.Due("heron", moment("2026-02-01")), due) || len(s.Log()) != 4 {
			t.Errorf("changed by: %s", line)
		}
	}
}

// Two acts applied to one state must not write into each other.
func TestForksShareNothing(t *testing.T) {
	s := told(t, small)
	fork := func(line string) *State {
		told := &story{state: s, names: map[schema.Hash]string{}}
		told.do(line)
		return told.state
	}
	a := fork("act date=2026-01-12 by=finch,otter suspend heron")
	b := fork("act date=2026-01-13 by=finch,otter suspend gull")
	if a.Roster().Member("gull").Status != schema.Active || b.Roster().Member("heron").Status != schema.Active {
		t.Error("a status went over")
	}
	if bytes.Equal(a.Log()[4], b.Log()[4]) || a.dates[4] == b.dates[4] {
		t.Error("a log went over")
	}
}

func TestNotesOfReplacedAndRemovedKeysStillVerify(t *testing.T) {
	s := told(t, small+`act date=2026-02-01 by=finch,otter replace-member heron key=heron.2 sequence=1
act date=2026-02-01 by=finch,otter remove gull
act date=2026-02-01 by=finch,otter admins admins=swan,finch threshold=1
`)
	for _, name := range []string{"heron", "heron.2", "gull", "finch", "otter", "swan"} {
		d := schema.Declaration{Link: schema.Link{Coalition: s.ID(), Member: signer(name).Slug(), Sequence: 1}}
		raw, err := wire.Sign(d, signer(name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := wire.Verify(raw, s.Ring()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCheckPlansHoldsEveryPlanAgainstTheCeilings(t *testing.T) {
	found := func(spoil func(*schema.Plan)) *State {
		p := schema.Plan{
			Codebook: schema.Incident().Hash(), Mode: schema.Local, Noise: schema.GoogleNoise, First: period("2026-Q1"),
			LateDays: 180, Slot: schema.Slot{Days: 10, Hour: 6}, ChargeQuarter: 48_000_000, Cap: schema.DefaultCap, Bands: schema.DefaultBands,
		}
		gender, err := schema.ParseTable("gender")
		if err != nil {
			t.Fatal(err)
		}
		p.Tables = []schema.PlanTable{{Table: gender, Cadence: schema.Quarterly, Measure: schema.Measure{Kind: schema.People}, Sigma2: 450_000}}
		spoil(&p)
		c := schema.Charter{Name: "calm-delta", Codebook: p.Codebook, Threshold: 1, Admins: keys([]string{"finch"}), Plan: p}
		raw, err := wire.Sign(c, signer("finch"))
		if err != nil {
			t.Fatal(err)
		}
		s, err := Found(raw)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if err := found(func(*schema.Plan) {}).CheckPlans(schema.Incident()); err != nil {
		t.Error(err)
	}
	over := found(func(p *schema.Plan) { p.Cap = schema.MaxCap + 1 })
	if over.CheckPlans(schema.Incident()) == nil {
		t.Error("a cap above the ceiling: accepted")
	}
	joint := func(p *schema.Plan) { p.Mode, p.Honest, p.Colluders, p.Noise = schema.Joint, 3, 1, schema.ExactNoise }
	if err := found(joint).CheckPlans(schema.Incident()); err != nil {
		t.Error(err)
	}
	if found(func(p *schema.Plan) { joint(p); p.Noise = schema.GoogleNoise }).CheckPlans(schema.Incident()) == nil {
		t.Error("joint mode with noise that does not add up: accepted")
	}
	if found(func(p *schema.Plan) { p.Codebook = schema.Hash{1} }).CheckPlans(schema.Incident()) == nil {
		t.Error("another codebook: accepted")
	}
}

func TestFoundAndApplyRefuseOtherNotes(t *testing.T) {
	s := told(t, small)
	if _, err := Found(s.Log()[1]); err == nil {
		t.Error("an act in a charter's place: accepted")
	}
	if _, err := s.Apply(s.Log()[0]); err == nil || errors.Is(err, ErrOld) {
		t.Errorf("a charter in an act's place: %v", err)
	}
	if _, err := s.Apply(nil); err == nil {
		t.Error("nothing: accepted")
	}
}

// Two groups of keepers that agree share more keepers than may lie: with four one, with
// more two, and with three all of them (C29).
func TestTwoGroupsOfKeepersShareAnHonestOne(t *testing.T) {
	for m, lie := range map[int]int{3: 2, 4: 1, 5: 2, 6: 2, 7: 2} {
		if needed := schema.KeepersNeeded(m); 2*needed-m <= lie || needed > m {
			t.Errorf("of %d keepers %d are needed, %d may lie", m, needed, lie)
		}
	}
}

// Two quorums share more members than may lie: at least one honest one (C21).
func TestTwoQuorumsShareAnHonestWitness(t *testing.T) {
	for w := 1; w <= maxWitnesses; w++ {
		liars, q := (w-1)/3, quorumOf(w)
		if shared := 2*q - w; shared <= liars || q > w || q > w-liars && liars > 0 {
			t.Errorf("%d witnesses: quorum %d, %d shared, %d may lie", w, q, shared, liars)
		}
	}
	if quorumOf(0) != 0 || quorumOf(15) != 10 {
		t.Errorf("none: %d, fifteen: %d", quorumOf(0), quorumOf(15))
	}
}

func TestAtMostFifteenWitnesses(t *testing.T) {
	s := told(t, "found date=2026-01-12 threshold=1 admins=finch by=finch\n"+manyAdmitted(20))
	ws, quorum := s.Witnesses("m18", period("2026-Q2"))
	if len(ws) != 15 || quorum != 10 || ws[0] != "m19" || ws[1] != "m0" || ws[14] != "m13" {
		t.Errorf("%d of %v", quorum, ws)
	}
}

func TestAtMostSevenKeepersByThemselves(t *testing.T) {
	s := told(t, "found date=2026-01-12 threshold=1 admins=finch by=finch\n"+manyAdmitted(20))
	if keepers, needed := s.Keepers(); len(keepers) != 7 || needed != 5 || keepers[6] != "m6" {
		t.Errorf("%d of %v", needed, keepers)
	}
}

func manyAdmitted(n int) string {
	var b bytes.Buffer
	for i := range n {
		b.WriteString("act date=2026-01-12 by=finch admit m" + string("0123456789"[i/10])[:min(1, i/10)] + string("0123456789"[i%10]) + "\n")
	}
	return b.String()
}

func BenchmarkApply500Admits(b *testing.B) {
	log := make([][]byte, 0, 501)
	s := told(b, "found date=2026-01-12 threshold=1 admins=finch by=finch\n")
	for i := range 500 {
		name := "m" + string(rune('a'+i%26)) + string(rune('a'+i/26))
		raw, err := wire.Sign(s.Act(s.dates[0], schema.Admit{Applicant: applicant(name, name, name), First: period("2026-Q1")}), signer("finch"))
		if err == nil {
			s, err = s.Apply(raw)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	log = append(log, s.Log()...)
	for b.Loop() {
		if _, err := fold(log); err != nil {
			b.Fatal(err)
		}
	}
}

func fold(log [][]byte) (*State, error) {
	s, err := Found(log[0])
	for _, act := range log[1:] {
		if err == nil {
			s, err = s.Apply(act)
		}
	}
	return s, err
}

// sameState compares all but the ring, whose verifiers are functions; owners has its keys.
func sameState(a, b *State) bool {
	return a.id == b.id && a.head == b.head && a.opened == b.opened && a.opening == b.opening &&
		reflect.DeepEqual(a.roster, b.roster) && reflect.DeepEqual(a.log, b.log) && reflect.DeepEqual(a.dates, b.dates) && reflect.DeepEqual(a.settled, b.settled) &&
		reflect.DeepEqual(a.statuses, b.statuses) && reflect.DeepEqual(a.owners, b.owners) &&
		reflect.DeepEqual(a.plans, b.plans) && reflect.DeepEqual(a.adopted, b.adopted) && reflect.DeepEqual(a.terms, b.terms) && reflect.DeepEqual(a.keys, b.keys) && reflect.DeepEqual(a.named, b.named)
}
