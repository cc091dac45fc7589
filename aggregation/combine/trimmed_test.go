package combine

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tidemark/schema"

	"pgregory.net/rapid"
)

func TestTrimmedByHand(t *testing.T) {
	own := []Estimate{{50, 4}, {10, 4}, {30, 4}, {20, 4}, {1000, 4}}
	have, ok := trimmed(slugs(5), own)
	if !ok || have.Left != 3 || !slices.Equal(have.Least, []schema.Slug{slug(1)}) || !slices.Equal(have.Most, []schema.Slug{slug(4)}) {
		t.Fatalf("taken off: %+v", have)
	}
	wantNear(t, "50+30+20", have.Estimate.Value, 100, 1e-9)
	wantNear(t, "nobody stands near a cut", have.Estimate.Variance, 12, 1e-9)
	own[1].Value = 19 // with 20 within 2 of the lower cut, 19.5: two thirds of 2, squared
	have, _ = trimmed(slugs(5), own)
	wantNear(t, "two stand near a cut", have.Estimate.Variance, 12+16.0/9, 1e-9)
	if _, ok := trimmed(slugs(2), own[:2]); ok {
		t.Error("two members have no middle")
	}
	if have, _ := trimmed(slugs(12), make([]Estimate, 12)); have.Each() != 3 || have.Left != 6 {
		t.Errorf("of twelve members %d are taken off at either end, want 3", have.Each())
	}
}

// Up to Each members that report anything at all leave the trimmed estimate between what
// the least and what the greatest of the others would give.
func TestLiarsMoveTheTrimmedEstimateNoFurtherThanOthers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(leastToTrim, 40).Draw(t, "members")
		own := make([]Estimate, n)
		for i := range own {
			own[i] = Estimate{rapid.Float64Range(-50, 5000).Draw(t, "honest"), 25}
		}
		each := max(1, n/4)
		liars := rapid.IntRange(0, each).Draw(t, "liars")
		honest := make([]float64, 0, n)
		for i := range own {
			if i >= liars {
				honest = append(honest, own[i].Value)
				continue
			}
			own[i].Value = rapid.Float64Range(-1e12, 1e12).Draw(t, "lie")
		}
		slices.Sort(honest)
		kept := n - 2*each
		low, high := 0.0, 0.0
		for i := range kept {
			low += honest[i]
			high += honest[len(honest)-1-i]
		}
		have, _ := trimmed(slugs(n), own)
		if v := have.Estimate.Value; v < low-1e-6 || v > high+1e-6 {
			t.Fatalf("%d liars of %d: %g is outside %g to %g", liars, n, v, low, high)
		}
	})
}

// The range of a trimmed change holds the trimmed change without noise, for members of one
// size and for members whose sizes differ a hundredfold. 4,000 draws each: a true share of
// 0.94 gives less than 0.92 once in 1e7 runs.
func TestTrimmedRangeHolds(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	const sd = 12.0
	for _, n := range []int{3, 5, 12, 30, 100} {
		for name, size := range map[string]func(i int) float64{
			"alike":    func(int) float64 { return 300 },
			"straight": func(i int) float64 { return 20 + 20*float64(i) },
			"steep":    func(i int) float64 { return 20 * math.Pow(100, float64(i)/float64(n)) },
		} {
			change := make([]Estimate, n)
			for i := range change {
				change[i] = Estimate{0.2*size(i) + 0.1*size(i)*r.NormFloat64(), 2 * sd * sd}
			}
			truth, _ := trimmed(slugs(n), change)
			held := 0
			const draws = 4000
			for range draws {
				noisy := slices.Clone(change)
				for i := range noisy {
					noisy[i].Value += math.Sqrt2 * sd * r.NormFloat64()
				}
				have, _ := trimmed(slugs(n), noisy)
				low, high := have.Estimate.Interval95()
				if low <= truth.Estimate.Value && truth.Estimate.Value <= high {
					held++
				}
			}
			share := float64(held) / draws
			t.Logf("%d members, %s: %.3f", n, name, share)
			if share < 0.92 {
				t.Errorf("%d members, %s: the range holds in %.3f", n, name, share)
			}
		}
	}
}
