package account

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"tidemark/schema"
)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: have %v, want %v within %v", what, got, want, tolerance)
	}
}

// The figures that the documentation and the pages state.
func TestStatedFigures(t *testing.T) {
	const quarter, year = schema.Charge(48_000_000), schema.DefaultCap
	near(t, "mu of a quarter", Mu(quarter), 0.219, 0.0005)
	near(t, "eps of a quarter", Epsilon(quarter, StatementDelta), 0.92, 0.005)
	near(t, "mu of the yearly tables", Mu(64_000_000), 0.253, 0.0005)
	near(t, "mu of 12 months", Mu(year), 0.506, 0.0005)
	near(t, "eps of 12 months", Epsilon(year, StatementDelta), 2.28, 0.005)
	for _, c := range []struct{ years, members, want int }{
		{1, 1, 60}, {3, 1, 67}, {5, 1, 71},
		{1, 2, 64}, {3, 2, 73}, {5, 2, 79},
	} {
		guess := BestGuess(year * schema.Charge(c.years*c.members))
		near(t, "best guess", math.Round(guess), float64(c.want), 0)
	}
	// Joint mode: if every other member colluded, by H; and known to two members, by years.
	for honest, want := range map[int]float64{3: 67, 6: 73, 15: 84, 50: 96} {
		near(t, "best guess of all others", math.Round(BestGuess(year*schema.Charge(honest))), want, 0)
	}
	for years, want := range map[int]float64{1: 69, 3: 81, 5: 87} {
		near(t, "best guess, known to two", math.Round(BestGuess(4*year*schema.Charge(years))), want, 0)
	}
	near(t, "best guess of nothing", BestGuess(0), 50, 0)
	near(t, "eps of nothing", Epsilon(0, StatementDelta), 0, 0)
}

// mu that belongs to (1, 1e-6), and what 4 and 12 of it come to, computed independently.
func TestKnownConversions(t *testing.T) {
	for _, c := range []struct{ mu, eps float64 }{{0.23670, 1}, {0.4734, 2.123}, {0.82, 3.904}} {
		near(t, "eps", EpsilonOf(c.mu, 1e-6), c.eps, 0.002)
	}
}

func TestStrengthOf(t *testing.T) {
	for _, c := range []struct {
		charge schema.Charge
		want   Strength
	}{
		{0, Strong}, {48_000_000, Strong}, {schema.DefaultCap, Good}, {2 * schema.DefaultCap, Moderate},
		{3 * schema.DefaultCap, Above}, {schema.MaxCap, Above},
	} {
		if got := StrengthOf(c.charge); got != c.want {
			t.Errorf("%d (guess %.1f): have %s, want %s", c.charge, BestGuess(c.charge), got, c.want)
		}
	}
}

func TestEpsilonInvertsDelta(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mu := rapid.Float64Range(1e-4, 20).Draw(t, "mu")
		delta := math.Exp(rapid.Float64Range(math.Log(1e-12), math.Log(1e-2)).Draw(t, "log delta"))
		eps := EpsilonOf(mu, delta)
		if eps == 0 {
			if Delta(mu, 0) > delta {
				t.Fatalf("eps 0 at delta %v", Delta(mu, 0))
			}
			return
		}
		if got := Delta(mu, eps); got > delta || got < 0.999*delta {
			t.Fatalf("mu %v: delta %v at eps %v, want %v", mu, got, eps, delta)
		}
	})
}

func TestDeltaAtItsEnds(t *testing.T) {
	near(t, "delta(mu, 0) is the total variation distance", Delta(1, 0), 2*phi(0.5)-1, 1e-15)
	near(t, "delta far out", Delta(0.2, 1000), 0, 0)
	near(t, "delta of nothing", Delta(0, 0), 0, 0)
	near(t, "sampler's delta", SamplerDelta(1<<20), 0x1p-20, 0)
}
