package coalition

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// Random acts over few slugs and keys, so that they collide often; about half are
// refused. rapid's default: n = 100 stories of up to 25 acts. What is checked is exact,
// so there is no tolerance and no false failure.

func drawAct(t *rapid.T, s *State, names map[schema.Hash]string) []byte {
	slug := rapid.SampledFrom([]string{"heron", "gull", "swan", "teal"}).Draw(t, "member")
	key := slug + rapid.SampledFrom([]string{"", ".2", ".3"}).Draw(t, "key")
	node := rapid.SampledFrom([]string{"n1", "n2", "n3", "n4", "n5"}).Draw(t, "node")
	quarter := period(fmt.Sprintf("202%d-Q%d", rapid.IntRange(4, 8).Draw(t, "year"), rapid.IntRange(1, 4).Draw(t, "quarter")))
	plan := (&story{names: names}).plan(rapid.SampledFrom([]string{"b", "c"}).Draw(t, "plan"), parseCommand(fmt.Sprintf(
		"first=%s days=%d tables=%s", quarter, rapid.IntRange(1, 90).Draw(t, "days"), rapid.SampledFrom([]string{"quarter", "year", "quarter,year"}).Draw(t, "tables"))))
	if rapid.Bool().Draw(t, "joint") {
		plan.Mode, plan.Noise, plan.Honest, plan.Colluders = schema.Joint, schema.ExactNoise, 2, 1
	}
	sequence := rapid.IntRange(1, 3).Draw(t, "sequence")
	last := s.terms[len(s.terms)-1].plan
	day := s.dates[len(s.dates)-1] + schema.Date(rapid.IntRange(-1, 120).Draw(t, "later"))
	change := rapid.SampledFrom([]schema.Change{
		schema.Admit{Applicant: applicant(slug, key, node), First: quarter},
		schema.Admit{Applicant: applicant(slug, slug, slug), First: quarter},
		schema.Suspend{Member: schema.Slug(slug)}, schema.Resume{Member: schema.Slug(slug)}, schema.Remove{Member: schema.Slug(slug)},
		schema.Remove{Member: schema.Slug(slug), Key: sealedTo(max(0, s.Roster().Active()-1), day+7)},
		schema.RotateKey{NetworkKey: sealedTo(s.Roster().Active(), day+7)},
		schema.ReplaceNode{Member: schema.Slug(slug), NodeKey: nodeKey(node)},
		schema.ReplaceMember{Member: schema.Slug(slug), MemberKey: signer(key).VerifierKey(), BoxKey: boxKey, Sequence: uint64(sequence), Head: schema.HashOf(nil)},
		schema.AppointKeepers{Keepers: rapid.Permutation([]schema.Slug{"heron", "gull", "swan", "teal"}).Draw(t, "keepers")[:rapid.IntRange(3, 4).Draw(t, "kept by")]},
		schema.AdoptPlan{Plan: plan}, schema.RetirePlan{Plan: last},
		schema.SetAdmins{Threshold: 2, Admins: keys([]string{"finch", "otter", key})},
	}).Draw(t, "change")
	raw, err := wire.Sign(s.Act(day, change), signer("finch"), signer("otter"))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestRandomActsKeepWhatIsPromised(t *testing.T) {
	accepted, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		names := map[schema.Hash]string{}
		s := drawFounding(t, names)
		for range rapid.IntRange(1, 25).Draw(t, "acts") {
			raw := drawAct(t, s, names)
			next, err := s.Apply(raw)
			if err != nil {
				refused++
				continue
			}
			accepted++
			keepsTheStarted(t, s, next)
			seatsAreDistinct(t, next.Roster())
			if _, err := next.Apply(raw); !errors.Is(err, ErrOld) {
				t.Fatalf("the same act again: %v", err)
			}
			s = next
		}
		dueOnlyGrows(t, s)
		again, err := fold(s.Log())
		if err != nil || !sameState(again, s) {
			t.Fatalf("the log folds to another state: %v", err)
		}
	})
	if !t.Failed() && (accepted < 15 || refused < 15) {
		t.Errorf("%d accepted, %d refused: the stories are too one-sided to show anything", accepted, refused)
	}
}

func drawFounding(t *rapid.T, names map[schema.Hash]string) *State {
	s := &story{names: names}
	s.do("found date=2026-01-12 threshold=2 admins=finch,otter by=finch,otter first=2024-Q1 tables=quarter,year" + rapid.SampledFrom([]string{"", " honest=2"}).Draw(t, "mode"))
	return s.state
}

// keepsTheStarted: an act changes no plan of a period that starts within 7 days of it or
// has started, and no witnesses and no round of one that ends so, once the coalition is open.
func keepsTheStarted(t *rapid.T, old, next *State) {
	day := next.dates[next.Roster().Version]
	for _, first := range []schema.Period{period("2024-Q1"), period("2024")} {
		for p := first; p.Year < 2040; p = p.Add(1) {
			_, was, hadOne := old.PlanFor(p)
			if _, is, hasOne := next.PlanFor(p); p.Start() < day+schema.PlanNotice && (was != is || hadOne != hasOne) {
				t.Fatalf("%s: another plan after an act of %s", p, day)
			}
			fixed := old.opened && p.End()-rosterNotice < next.settled[next.Roster().Version]
			if fixed && old.RosterFor(p) != next.RosterFor(p) {
				t.Fatalf("%s: another roster after an act of %s", p, day)
			}
			round, there := old.Round(p)
			if is, still := next.Round(p); fixed && p.Start() < day+schema.PlanNotice && (there != still || !reflect.DeepEqual(round, is)) {
				t.Fatalf("%s: another round after an act of %s", p, day)
			}
			for _, m := range old.Roster().Members {
				was, q := old.Witnesses(m.Slug, p)
				if is, r := next.Witnesses(m.Slug, p); fixed && (q != r || fmt.Sprint(was) != fmt.Sprint(is)) {
					t.Fatalf("%s: other witnesses after an act of %s", p, day)
				}
			}
		}
	}
}

func seatsAreDistinct(t *rapid.T, r *schema.Roster) {
	seen := map[string]bool{}
	for _, m := range r.Members {
		public := strings.SplitN(m.MemberKey, "+", 3)[2]
		for _, s := range []string{string(m.Slug), public, m.NodeKey} {
			if seen[s] {
				t.Fatal("two seats share a slug, a member key or a node key")
			}
			seen[s] = true
		}
	}
}

// dueOnlyGrows: what is due at a moment is how what is due later begins; it is in the
// order of the slots, and Next is what comes after it.
func dueOnlyGrows(t *rapid.T, s *State) {
	end := moment("2034-01-01")
	for _, m := range s.Roster().Members {
		all := s.Due(m.Slug, end)
		for now := moment("2024-01-01"); now.Before(end.AddDate(-4, 0, 0)); now = now.Add(29 * 24 * time.Hour) {
			due := s.Due(m.Slug, now)
			if len(due) > len(all) || len(due) > 0 && !reflect.DeepEqual(due, all[:len(due)]) {
				t.Fatalf("%s: due at %s is not how it goes on", m.Slug, now)
			}
			next, ok := s.Next(m.Slug, now)
			if want := len(due) < len(all); ok != want || ok && !reflect.DeepEqual(next, all[len(due)]) {
				t.Fatalf("%s: the next after %s is not what comes", m.Slug, now)
			}
		}
		onePlanEach(t, s, m, all)
	}
}

func onePlanEach(t *rapid.T, s *State, m schema.Member, all []Due) {
	seen := map[schema.Period]bool{}
	for i, d := range all {
		_, h, ok := s.PlanFor(d.Period)
		if seen[d.Period] || !ok || h != d.Plan || d.Period.Start() < m.First.Start() {
			t.Fatalf("%s: twice, under another plan, or before the first", d.Period)
		}
		seen[d.Period] = true
		if i > 0 && d.Slot.Before(all[i-1].Slot) {
			t.Fatal("slots out of order")
		}
	}
}

func FuzzApply(f *testing.F) {
	base := told(f, small)
	for _, raw := range base.Log() {
		f.Add(raw)
	}
	for _, line := range []string{
		"suspend heron", "keepers swan gull heron", "replace-node heron node=other", "replace-member heron key=heron.2 sequence=3", "adopt b first=2026-Q3",
		"admins admins=finch,otter threshold=1", "admit teal", "remove gull",
	} {
		c := parseCommand("act date=2026-01-13 by=finch,otter " + line)
		f.Add((&story{state: base, names: map[schema.Hash]string{}}).sign(c))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		next, err := base.Apply(raw)
		if err != nil {
			return
		}
		if next.Roster().Version != 4 || !bytes.Equal(next.Log()[4], raw) {
			t.Fatal("not the act that was given")
		}
		if again, err := fold(next.Log()); err != nil || !sameState(again, next) {
			t.Fatalf("the log folds to another state: %v", err)
		}
	})
}

func FuzzFound(f *testing.F) {
	f.Add(told(f, small).Log()[0])
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := Found(raw)
		if err == nil && (!bytes.Equal(s.Log()[0], raw) || s.Roster().Version != 0) {
			t.Fatal("not the charter that was given")
		}
	})
}
