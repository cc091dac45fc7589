package combine

import (
	"fmt"
	"testing"

	"tidemark/schema"
)

func TestBookWithoutMembers(t *testing.T) {
	w, next := newWorld(t), quarter.Add(1)
	late := w.released(t, slug(1), quarter, array{20}, nil)
	b, err := NewBook(Config{
		Codebook: w.cb, Plans: map[schema.Hash]schema.Plan{w.hash: w.plan}, Owed: w.owed(3, quarter, next),
		Withdrawn: map[schema.Hash]schema.NoticeReason{late.Release(): schema.WrongMapping},
	}, []Released{w.released(t, slug(0), quarter, array{10}, nil), late, w.released(t, slug(2), quarter, array{40}, nil)})
	if err != nil {
		t.Fatal(err)
	}
	less, err := b.Part(nil, slug(0))
	if err != nil {
		t.Fatal(err)
	}
	c := less.Coverage(quarter)
	if got := fmt.Sprint(c.Members(), c.Owing, less.Periods(schema.Quarterly)); got != "[member-001 member-002] [member-001 member-002] [2024-Q1 2024-Q2]" {
		t.Errorf("have %s", got)
	}
	if c.Reporting[0].Withdrawn != schema.WrongMapping {
		t.Error("a withdrawn release is not marked any more")
	}
	wantNear(t, "without one", pointOf(t, less, w.query(t, "a", "a=a1")).Value, 60, 1e-6)
	some, err := b.Part([]schema.Period{next, next.Add(1)})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(some.Periods(schema.Quarterly), len(some.Coverage(next).Owing)); got != "[2024-Q2] 3" {
		t.Errorf("some periods: %s", got)
	}
	wantNear(t, "the book itself", pointOf(t, b, w.query(t, "a", "a=a1")).Value, 70, 1e-6)
}

func TestNobodyIsTakenOutOfAJointSum(t *testing.T) {
	w := newWorld(t).inJoint(t, 2, 1)
	b := bookOf(t, w.owed(4, quarter), []Released{w.sum(t, quarter, slugs(3), array{400})}, w)
	for out, want := range map[schema.Slug]int{slug(0): 0, slug(3): 3} {
		less, err := b.Part(nil, out)
		if err != nil {
			t.Fatal(err)
		}
		if c := less.Coverage(quarter); len(c.Reporting) != want || !c.Joint {
			t.Errorf("without %s: %d in the sum, want %d", out, len(c.Reporting), want)
		}
	}
}

// What Judged works out from a change's numbers is what the book said of them.
func TestJudgedAgain(t *testing.T) {
	w, next := newWorld(t), quarter.Add(1)
	for _, after := range []int{100, 130, 160, 300, 40} {
		b := bookOf(t, w.owed(3, quarter, next), []Released{
			w.released(t, slug(0), quarter, array{100}, nil), w.released(t, slug(0), next, array{after}, nil),
		}, w)
		want, err := b.Change(w.query(t, "a", "a=a1"), quarter, next)
		if err != nil {
			t.Fatal(err)
		}
		bare := Change{From: want.From, To: want.To, Difference: want.Difference, Members: make([]schema.Slug, len(want.Members))}
		again := bare.Judged(w.plan.Bands, w.plan.Bands)
		if again.Verdict != want.Verdict || again.Z != want.Z || again.Rising != want.Rising {
			t.Errorf("to %d: %s %v, want %s %v", after, again.Verdict, again.Z, want.Verdict, want.Z)
		}
	}
}
