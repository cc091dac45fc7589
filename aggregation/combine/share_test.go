package combine

import (
	"math"
	"math/rand/v2"
	"testing"
)

// A table alone: two cells of 60 and 40 people, each with variance 25. Part 60 with
// variance 25, whole 100 with 50, their covariance 25. With k = 3.8415 the range is
//
//	(60*100 - 25k -+ sqrt((60*100 - 25k)^2 - (100^2 - 50k)(60^2 - 25k))) / (100^2 - 50k)
//
// = (5903.96 -+ 700.12) / 9807.93: 0.531 to 0.673. Taken as independent it would be
// 0.481 to 0.742.
func TestShareByHand(t *testing.T) {
	w := newWorld(t)
	w.adopt(t, "a(g) people")
	b := w.book(t, w.owed(1, quarter), w.released(t, slug(0), quarter, array{60, 0, 0, 40}, nil))
	s, err := b.Share(w.query(t, "a(g)", "a(g)=x"), quarter)
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "share", s.Value, 0.6, 1e-9)
	wantNear(t, "low", s.Low, 0.53059, 1e-4)
	wantNear(t, "high", s.High, 0.67333, 1e-4)
	all, err := b.Share(w.query(t, "a(g)"), quarter)
	if err != nil || all.Open {
		t.Fatal(all, err)
	}
	wantNear(t, "all", math.Abs(all.Low-1)+math.Abs(all.High-1), 0, 1e-6)
	if none, err := b.Share(w.query(t, "a(g)", "a(g)=x"), quarter.Add(1)); err == nil {
		t.Errorf("a period that nobody owes: %v", none)
	}
}

// 2,000 quarters of three members with noise: the range holds the true share 19 times in
// 20. Within 1.7 points, 3.5 sd: odds of a false failure 1 in 2,000.
func TestShareCoverage(t *testing.T) {
	w, r := newWorld(t), rand.New(rand.NewPCG(8, 9))
	q := w.query(t, "a*b", "a=a1")
	const draws = 2000
	held := 0
	for range draws {
		var all []Released
		for m := range 3 {
			all = append(all, w.released(t, slug(m), quarter, peak, r))
		}
		s, err := w.book(t, w.owed(3, quarter), all...).Share(q, quarter)
		if err != nil {
			t.Fatal(err)
		}
		if truth := 160.0 / 556; s.Low <= truth && truth <= s.High {
			held++
		}
	}
	wantNear(t, "held", float64(held)/draws, 0.95, 0.017)
}
