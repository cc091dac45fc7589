package aggregation

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"tidemark/aggregation/noise"
	"tidemark/schema"
)

// An audit of Draw from outside: many draws of two neighbouring data sets, the best test
// between them that there is, and from its errors on a held-out half a lower bound, at
// 99 %, of the mu that was really spent. The draw passes if that is no more than the
// claim; a draw with a planted fault must not pass. The noise is seeded: no run differs
// from another.
type audit struct {
	mu     float64
	noiser func(noise.Exact) Noiser // nil: as it should be
	she    func() []schema.Record   // nil: one person with nine cases
	draws  int
}

var nineCases = func() (rs []schema.Record) {
	for range 9 {
		rs = append(rs, record(9, "2026-02-01", 1, 2, 3))
	}
	return rs
}

// task is two tables of people whose noise spends the claimed mu.
func (a audit) task() Task {
	task := taskOf(planOf(small, "quarter people a*b 450000", "quarter people c 450000"), "2026-Q1")
	for i := range task.Plan.Tables {
		task.Plan.Tables[i].Sigma2 = int64(math.Ceil(2 * 3600 / (a.mu * a.mu)))
	}
	return task
}

// lowerBound draws without validating: a plan that spends mu 3 passes every ceiling, and
// is where few draws see a small fault.
func (a audit) lowerBound(t *testing.T) float64 {
	t.Helper()
	var n Noiser = noise.Exact{Random: rand.NewChaCha8([32]byte{1})}
	if a.noiser != nil {
		n = a.noiser(n.(noise.Exact))
	}
	others := []schema.Record{record(1, "2026-01-05", 0, 1, 0), record(200, "2026-03-05", 1, 2, 3)}
	she := nineCases
	if a.she != nil {
		she = a.she
	}
	without, with := a.statistics(t, n, others), a.statistics(t, n, append(others, she()...))
	half := a.draws / 2
	threshold := (mean(without[:half]) + mean(with[:half])) / 2
	var falsely, missed int
	for i := half; i < a.draws; i++ {
		if without[i] > threshold {
			falsely++
		}
		if with[i] <= threshold {
			missed++
		}
	}
	n2 := a.draws - half
	return -quantile(clopperPearson(falsely, n2)) - quantile(clopperPearson(missed, n2))
}

// statistics are the logarithms of the likelihood ratio, up to scale, of so many draws:
// the sum of the cells in which she stands, each table weighted by 1/sigma^2.
func (a audit) statistics(t *testing.T, n Noiser, rs []schema.Record) []float64 {
	t.Helper()
	task := a.task()
	task.Records = stream(rs)
	out := make([]float64, a.draws)
	for i := range out {
		tables, err := task.draw(background, n)
		if err != nil {
			t.Fatal(err)
		}
		out[i] = float64(tables[0].Cells[5] + tables[1].Cells[3])
	}
	return out
}

func TestAuditPassesTheDraw(t *testing.T) {
	draws := 40_000
	if testing.Short() {
		draws = 10_000
	}
	for _, mu := range []float64{0.219, 1, 3} {
		a := audit{mu: mu, draws: draws}
		got := a.lowerBound(t)
		if got > mu {
			t.Errorf("claimed mu %.3f, at least %.3f was spent", mu, got)
		}
		// The audit has teeth: the bound comes near the truth.
		if got < mu-0.2 {
			t.Errorf("claimed mu %.3f, the audit only sees %.3f", mu, got)
		}
	}
}

// withSigma2 is a Noiser that draws another variance than it is asked for.
func withSigma2(change func(int64) int64) func(noise.Exact) Noiser {
	return func(e noise.Exact) Noiser {
		return noiser(func(asks []noise.Ask) ([][]int64, error) {
			wrong := make([]noise.Ask, len(asks))
			for i, a := range asks {
				wrong[i] = a
				wrong[i].Sigma2 = change(a.Sigma2)
			}
			return e.Noise(context.Background(), wrong)
		})
	}
}

func TestAuditCatchesPlantedFaults(t *testing.T) {
	for name, a := range map[string]audit{
		"the whole budget for each table": {mu: 1, noiser: withSigma2(func(s int64) int64 { return s / 2 })},
		"sigma for sigma^2":               {mu: 1, noiser: withSigma2(func(s int64) int64 { return int64(math.Sqrt(float64(s))) })},
		"sigma too small by a tenth":      {mu: 3, noiser: withSigma2(func(s int64) int64 { return s * 81 / 100 })},
		"each case counts": {mu: 1, she: func() []schema.Record {
			rs := nineCases()
			for i := range rs {
				rs[i].Person[0] += byte(i)
			}
			return rs
		}},
		"the same noise in two tables": {mu: 1, noiser: func(e noise.Exact) Noiser {
			return noiser(func(asks []noise.Ask) ([][]int64, error) {
				out, err := e.Noise(context.Background(), asks)
				if err == nil { // her cells of both tables: their difference would be exact
					out[1][3] = -out[0][5]
				}
				return out, err
			})
		}},
	} {
		a.draws = 10_000
		if got := a.lowerBound(t); got <= a.mu {
			t.Errorf("%s: claimed mu %.3f, the bound %.3f does not show it", name, a.mu, got)
		}
	}
}

func mean(xs []float64) (m float64) {
	for _, x := range xs {
		m += x / float64(len(xs))
	}
	return m
}

// clopperPearson is the upper 99 % bound of a probability after k successes of n: the p
// at which k or fewer have a probability of 1 %.
func clopperPearson(k, n int) float64 {
	low, high := float64(k)/float64(n), 1.0
	for range 60 {
		p := (low + high) / 2
		if binomialAtMost(k, n, p) > 0.01 {
			low = p
		} else {
			high = p
		}
	}
	return high
}

func binomialAtMost(k, n int, p float64) (sum float64) {
	whole, _ := math.Lgamma(float64(n + 1))
	for i := range k + 1 {
		a, _ := math.Lgamma(float64(i + 1))
		b, _ := math.Lgamma(float64(n - i + 1))
		sum += math.Exp(whole - a - b + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return sum
}

// quantile is Phi^-1.
func quantile(p float64) float64 { return -math.Sqrt2 * math.Erfcinv(2*p) }
