package planner

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"tidemark/aggregation/account"
	"tidemark/aggregation/noise"
	"tidemark/schema"
)

// What joint mode counts on, by size: the budget page's second bar at the default budget,
// and how many keepers may lie.
func TestWhatJointModeRestsOn(t *testing.T) {
	for _, c := range []struct{ members, honest, colluders, keepers, open, lying, alone int }{
		{3, 2, 1, 3, 3, 2, 64}, {4, 2, 1, 4, 3, 1, 64}, {5, 3, 1, 5, 4, 2, 67},
		{12, 6, 2, 7, 5, 2, 73}, {30, 15, 5, 7, 5, 2, 84}, {100, 50, 16, 7, 5, 2, 96},
	} {
		p := InMode(Frame(schema.Incident(), schema.Local, first), schema.Joint, c.members)
		alone := p.Cap * schema.Charge(c.honest)
		want := Trust{c.honest, c.colluders, c.honest + c.colluders, c.keepers, c.open, c.lying, alone, 4 * p.Cap}
		if got := TrustIn(&p, c.keepers); got != want || got.Least > c.members {
			t.Errorf("%d members: %+v, want %+v", c.members, got, want)
		}
		near(t, "best guess if all others collude", math.Round(account.BestGuess(alone)), float64(c.alone), 0)
	}
}

// oneTable is a plan of one table whose noise is the same in every cell.
func oneTable(mode schema.Mode, sigma2 int64, members int) schema.Plan {
	p := InMode(Frame(schema.Incident(), schema.Local, first), mode, members)
	p.Tables = []schema.PlanTable{{Table: table("known_elsewhere"), Cadence: schema.Quarterly, Measure: people, Sigma2: sigma2}}
	return p
}

// A share of the noise is rounded up to whole units^2, and everybody who contributes adds
// one.
func TestJointPlansArePricedByTheirShares(t *testing.T) {
	p := oneTable(schema.Joint, 100_001, 9)
	p.Honest = 7
	r, err := Expect(schema.Incident(), p, sizes(9, 4000))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "variance of the sum", r.Tables[0].SD*r.Tables[0].SD, 9*14_286/3600.0, 1e-9)
	near(t, "variance of a share", r.Tables[0].MemberSD*r.Tables[0].MemberSD, 14_286/3600.0, 1e-9)
}

// Drawn as members draw it, the noise in a sum is what Expect says in either mode, and
// joint mode's is 1/sqrt(H) of local mode's. 10,000 cells each: the tolerance of 5 % is 5
// standard deviations of a quotient and 7 of a root mean square; odds below 1 in 10^6, and
// the seed is fixed.
func TestJointNoiseIsOneInTheRootOfTheHonest(t *testing.T) {
	const sigma2, cells = 450_300, 10_000
	sampler := noise.Exact{Random: rand.NewChaCha8([32]byte{6})}
	for _, members := range []int{5, 12} {
		off := map[schema.Mode]float64{}
		for _, mode := range []schema.Mode{schema.Local, schema.Joint} {
			p := oneTable(mode, sigma2, members)
			drawn := p.Tables[0].Sigma2
			if mode == schema.Joint {
				drawn = p.ShareVariance(p.Tables[0])
			}
			off[mode] = drawnRMSE(t, sampler, noise.Ask{Sensitivity2: 3600, Sigma2: drawn, Count: cells, Source: schema.ExactNoise}, members)
			r, err := Expect(schema.Incident(), p, sizes(members, 4000))
			if err != nil {
				t.Fatal(err)
			}
			near(t, string(mode)+" beside what is expected", off[mode]/r.Tables[0].SD, 1, 0.05)
		}
		honest, _ := Assumed(members)
		near(t, "joint beside local", off[schema.Joint]/off[schema.Local]*math.Sqrt(float64(honest)), 1, 0.05)
	}
}

// drawnRMSE is of the sum of so many members' noise, in people.
func drawnRMSE(t *testing.T, sampler noise.Exact, ask noise.Ask, members int) float64 {
	t.Helper()
	sum := make([]int64, ask.Count)
	for range members {
		drawn, err := sampler.Noise(context.Background(), []noise.Ask{ask})
		if err != nil {
			t.Fatal(err)
		}
		for i, n := range drawn[0] {
			sum[i] += n
		}
	}
	squares := 0.0
	for _, n := range sum {
		squares += float64(n) * float64(n) / float64(len(sum))
	}
	return math.Sqrt(squares) / schema.UnitsPerPerson
}

// Both modes have the same tables at the same charges; joint mode reads more.
func TestCompareModes(t *testing.T) {
	small, err := SmallLocal(first)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Compare(schema.Incident(), small, sizes(12, 900))
	if err != nil || m.Obstacle != "" {
		t.Fatalf("%q, %v", m.Obstacle, err)
	}
	near(t, "joint beside local", m.Noise(), 1/math.Sqrt(6), 1e-4)
	for i, e := range m.Local.Report.Tables {
		j := m.Joint.Report.Tables[i]
		if j.Table.Table.String() != e.Table.Table.String() || j.Cost != e.Cost || j.Readable < e.Readable {
			t.Errorf("%s: %+v beside %+v", e.Table.Table, j, e)
		}
	}
	if m.Local.Report.Outlook != Yearly || m.Joint.Report.Outlook != Yes || len(m.Joint.Answers) != len(m.Local.Answers) {
		t.Errorf("local %s, joint %s", m.Local.Report.Outlook, m.Joint.Report.Outlook)
	}
	if own := m.Own().Report; own.Outlook != Yearly || own.Least != 0 {
		t.Errorf("its own mode: %+v", own)
	}
}

// Joint mode is said to be impossible where it is, and opens nothing below H + c.
func TestWhatJointModeCannot(t *testing.T) {
	cb := schema.Incident()
	local := oneTable(schema.Local, 450_300, 12)
	large := oneTable(schema.Joint, 450_300, 12) // 6 honest and 2 who may collude
	wide := oneTable(schema.Local, 450_300, 12)  // more cells than a contribution holds
	wide.Tables = nil
	for _, name := range []string{"threat_type*region", "threat_type*support_need", "region*support_need", "threat_type*offline_consequence", "region*offline_consequence", "region*platform_brand", "threat_type*platform_brand", "defender_theme*region", "suspected_actor*threat_type"} {
		wide.Tables = append(wide.Tables, schema.PlanTable{Table: table(name), Cadence: schema.Quarterly, Measure: people, Sigma2: 1 << 20})
	}
	for _, c := range []struct {
		plan    schema.Plan
		members int
		want    Obstacle
	}{
		{local, 1, TooFew}, {local, 2, TooFew}, {local, 3, ""}, {large, 7, TooFew}, {large, 8, ""},
		{wide, 12, Unfit}, {wide, 2, TooFew},
	} {
		m, err := Compare(cb, c.plan, sizes(c.members, 400_000))
		if err != nil || m.Obstacle != c.want {
			t.Errorf("%s, %d members: %q, want %q, %v", c.plan.Mode, c.members, m.Obstacle, c.want, err)
		}
	}
	m, err := Compare(cb, large, sizes(7, 400_000))
	if err != nil {
		t.Fatal(err)
	}
	own := m.Own()
	if own.Report.Outlook != NotYet || !strings.Contains(own.Report.Words()[0], "only if 8 members contribute") || own.Answers[0].Outlook != NotYet || own.Report.Tables[0].Readable != 0 {
		t.Errorf("%s %q, %s", own.Report.Outlook, own.Report.Words(), own.Answers[0].Outlook)
	}
	if m.Local.Report.Outlook != Yes {
		t.Errorf("in local mode: %s", m.Local.Report.Outlook)
	}
}

// The starting plan for joint mode stands under its rules at every size that it is for,
// and what is chosen in joint mode does.
func TestJointPlansStandUnderTheirRules(t *testing.T) {
	for members := schema.MinKeepers; members <= 1000; members += 1 + members/4 {
		if _, err := Full(first, (members+1)/2, max(1, members/6)); err != nil {
			t.Errorf("%d members: %v", members, err)
		}
	}
	frame := Frame(schema.Incident(), schema.Local, first)
	for _, c := range []struct{ members, people int }{{3, 40}, {5, 500}, {12, 4000}, {200, 40_000}} {
		p, err := Choose(schema.Incident(), sizes(c.members, c.people), InMode(frame, schema.Joint, c.members))
		if err != nil || p.Mode != schema.Joint || p.Noise != schema.ExactNoise {
			t.Errorf("%+v: mode %s, noise %s, %v", c, p.Mode, p.Noise, err)
		}
	}
}

// Side by side, a question that only joint mode answers is not answered by local mode.
func TestWhatOnlyJointModeAnswers(t *testing.T) {
	small, err := SmallLocal(first)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Compare(schema.Incident(), small, sizes(12, 500))
	if err != nil {
		t.Fatal(err)
	}
	only := 0
	for i, a := range m.Local.Answers {
		if a.Outlook != Jointly {
			continue
		}
		only++
		if joint := m.Joint.Answers[i].Here(); a.Here() != NotYet || joint == NotYet {
			t.Errorf("%s: local %s, joint %s", a.Question.ID, a.Here(), joint)
		}
	}
	if only == 0 {
		t.Error("no question is answered in joint mode alone")
	}
}
