package noise

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
)

// seeded is a reproducible stream of good random bytes.
func seeded(name string) *rand.ChaCha8 {
	var seed [32]byte
	copy(seed[:], name)
	return rand.NewChaCha8(seed)
}

// chiSquare tells how far values are from the distribution, as a standard normal
// deviate (Wilson and Hilferty 1931): beyond 6 by chance once in 1e9. atMost(z) is the
// probability of a value of at most z, precise in the lower tail; the distribution is
// symmetric. Values are grouped so that about 100 or fewer groups expect at least 20.
func chiSquare(values []int64, sigma float64, atMost func(z float64) float64) float64 {
	width := max(1, math.Floor(sigma/16))
	group := func(v float64) int { return int(math.Floor((v + width/2) / width)) }
	n := float64(len(values))
	low := func(g int) float64 { return (float64(g) - 0.5) * width }
	below := func(g int) float64 { // the probability of values in groups before g
		if first := math.Ceil(low(g)); first <= 0 {
			return atMost(first - 1)
		} else {
			return 1 - atMost(-first)
		}
	}
	last := 0
	for n*atMost(-math.Ceil(low(last+1))) > 20 {
		last++
	}
	seen := map[int]float64{}
	for _, v := range values {
		seen[min(max(group(float64(v)), -last), last)]++
	}
	var sum float64
	for g := -last; g <= last; g++ {
		from, to := below(g), below(g+1)
		if g == -last {
			from = 0
		}
		if g == last {
			to = 1
		}
		want := n * (to - from)
		sum += (seen[g] - want) * (seen[g] - want) / want
	}
	k := float64(2 * last)
	return (math.Cbrt(sum/k) - (1 - 2/(9*k))) / math.Sqrt(2/(9*k))
}

// discreteAtMost is the distribution function of N_Z(0, sigma2).
func discreteAtMost(sigma2 float64) func(z float64) float64 {
	reach := int(15*math.Sqrt(sigma2)) + 5
	cumulative := make([]float64, 2*reach+2)
	var norm float64
	for z := -reach; z <= reach; z++ {
		norm += math.Exp(-float64(z) * float64(z) / (2 * sigma2))
		cumulative[z+reach+1] = norm
	}
	return func(z float64) float64 {
		return cumulative[min(max(int(z)+reach+1, 0), 2*reach+1)] / norm
	}
}

// roundedAtMost is that of a normal variable, rounded.
func roundedAtMost(sigma float64) func(z float64) float64 {
	return func(z float64) float64 { return math.Erfc(-(z+0.5)/sigma/math.Sqrt2) / 2 }
}

// The instrument first: it must see a sigma that is 3 % off, and pass the right one.
func TestChiSquareSeesAWrongSigma(t *testing.T) {
	r := rand.New(seeded("chi square"))
	values := make([]int64, 100_000)
	for i := range values {
		values[i] = int64(math.Round(r.NormFloat64() * 20))
	}
	if z := chiSquare(values, 20, roundedAtMost(20)); math.Abs(z) > 5 {
		t.Errorf("right sigma: deviate %.1f", z)
	}
	if z := chiSquare(values, 20, roundedAtMost(20.6)); z < 6 {
		t.Errorf("wrong sigma: deviate only %.1f", z)
	}
	for i := range values {
		values[i] += values[i] & 1 // as a sampler that only draws even numbers
	}
	if z := chiSquare(values, 4, roundedAtMost(20)); z < 6 {
		t.Errorf("even numbers only: deviate only %.1f", z)
	}
}

// many asks a sampler for more values than one batch may hold.
func many(t testing.TB, n int, batch func(count int) ([]int64, error)) []int64 {
	t.Helper()
	var all []int64
	for len(all) < n {
		values, err := batch(min(n-len(all), maxCount))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, values...)
	}
	return all
}

// moments are n*mean/sigma^2-style deviates: of the mean, of the sign and of the second
// moment, each standard normal by the central limit theorem.
func moments(values []int64, variance float64) (mean, sign, second float64) {
	n := float64(len(values))
	var sum, squares, signs, signed float64
	for _, v := range values {
		sum += float64(v)
		squares += float64(v) * float64(v)
		if v != 0 {
			signed++
			signs += math.Copysign(1, float64(v))
		}
	}
	return sum / math.Sqrt(n*variance), signs / math.Sqrt(signed), (squares/variance - n) / math.Sqrt(2*n)
}

var background = context.Background()
