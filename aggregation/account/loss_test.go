package account

import (
	"math"
	"math/cmplx"
	"testing"
)

// The statement against the truth: the exact distribution of the privacy loss of a
// quarter's six tables with variance 450,000, and of four such quarters, when one person
// moves one cell of each by 60 units (the worst she can do), convolved on a fine grid. The loss of each cell is rounded up for
// an upper and down for a lower bound of delta, and both must lie within 1 % of what
// Delta says. Both samplers: the discrete Gaussian and the rounded one.
func TestStatementAgreesWithThePrivacyLossDistribution(t *testing.T) {
	for _, tables := range []int{6, 24} {
		statementAgrees(t, tables)
	}
}

func statementAgrees(t *testing.T, tables int) {
	t.Helper()
	const sigma2, units = 450_000, 60
	sigma := math.Sqrt(sigma2)
	mu := math.Sqrt(float64(tables) * units * units / sigma2)
	for name, p := range map[string]func(z float64) float64{
		"discrete": func(z float64) float64 { return math.Exp(-z * z / (2 * sigma2)) },
		"rounded":  func(z float64) float64 { return phi((0.5-math.Abs(z))/sigma) - phi((-0.5-math.Abs(z))/sigma) },
	} {
		for _, round := range []func(float64) float64{math.Ceil, math.Floor} {
			loss := lossOf(p, units, sigma, round).power(tables)
			for _, eps := range []float64{0, 0.1, 0.25, 0.5, 0.75, EpsilonOf(mu, 1e-6)} {
				got, want := loss.delta(eps), Delta(mu, eps)
				if math.Abs(got/want-1) > 0.01 {
					t.Errorf("%s, %d tables: delta(%.3f) is %.4g, the statement says %.4g", name, tables, eps, got, want)
				}
			}
		}
	}
}

// A slip of the noise by a tenth is far outside of that one percent.
func TestPrivacyLossSeesASlip(t *testing.T) {
	sigma := math.Sqrt(450_000) * 0.95
	p := func(z float64) float64 { return math.Exp(-z * z / (2 * sigma * sigma)) }
	mu := math.Sqrt(6 * 3600 / 450_000.0)
	if got := lossOf(p, 60, sigma, math.Floor).power(6).delta(0.92) / Delta(mu, 0.92); got < 1.3 {
		t.Errorf("delta is only %.3f times the statement's", got)
	}
}

// loss is a distribution of privacy losses: grid[i] is the probability of i*step, with
// the upper half standing for losses below 0.
type loss struct {
	grid []float64
	step float64
}

// lossOf is the distribution of ln(p(z)/p(z-shift)) for z of density p.
func lossOf(p func(float64) float64, shift, sigma float64, round func(float64) float64) loss {
	const size = 1 << 20 // losses up to 4, before they wrap
	l := loss{make([]float64, size), shift / (sigma * sigma) / 16}
	var norm float64
	reach := math.Floor(8 * sigma) // leaves out 1e-15
	for z := -reach; z <= reach; z++ {
		norm += p(z)
	}
	for z := -reach; z <= reach; z++ {
		i := int(round(math.Log(p(z)/p(z-shift)) / l.step))
		l.grid[(i+size)%size] += p(z) / norm
	}
	return l
}

func (l loss) power(n int) loss {
	f := make([]complex128, len(l.grid))
	for i, p := range l.grid {
		f[i] = complex(p, 0)
	}
	fourier(f, -1)
	for i := range f {
		f[i] = cmplx.Pow(f[i], complex(float64(n), 0))
	}
	fourier(f, 1)
	sum := loss{make([]float64, len(f)), l.step}
	for i := range f {
		sum.grid[i] = real(f[i]) / float64(len(f))
	}
	return sum
}

// delta is the expectation of max(0, 1 - e^(eps-loss)).
func (l loss) delta(eps float64) (d float64) {
	for i := range l.grid[:len(l.grid)/2] {
		if v := float64(i) * l.step; v > eps {
			d -= l.grid[i] * math.Expm1(eps-v)
		}
	}
	return d
}

// fourier is the radix-2 transform in place.
func fourier(a []complex128, sign float64) {
	n := len(a)
	for i, j := 1, 0; i < n; i++ {
		bit := n >> 1
		for ; j&bit != 0; bit >>= 1 {
			j ^= bit
		}
		j ^= bit
		if i < j {
			a[i], a[j] = a[j], a[i]
		}
	}
	for size := 2; size <= n; size *= 2 {
		turns := make([]complex128, size/2)
		for k := range turns {
			turns[k] = cmplx.Rect(1, sign*2*math.Pi*float64(k)/float64(size))
		}
		for at := 0; at < n; at += size {
			for k, w := range turns {
				u, v := a[at+k], a[at+k+size/2]*w
				a[at+k], a[at+k+size/2] = u+v, u-v
			}
		}
	}
}
