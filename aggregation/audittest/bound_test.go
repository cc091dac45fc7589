package audittest

import (
	"math"
	"testing"
)

// The bounds agree with values worked out with exact binomial coefficients.
func TestBounds(t *testing.T) {
	for _, c := range []struct {
		k, n int
		want float64
	}{{0, 100, 0.045007}, {10, 100, 0.191330}, {50, 100, 0.619283}, {3, 2000, 0.005014}} {
		if got := clopperPearson(c.k, c.n, 0.01); math.Abs(got-c.want) > 1e-5 {
			t.Errorf("%d of %d: %.6f, want %.6f", c.k, c.n, got, c.want)
		}
	}
}

// The example of AUDIT.md.
func TestTheExample(t *testing.T) {
	if got := MuLower(6_190, 6_160, 20_000, 0.01); math.Abs(got-0.956) > 0.0006 {
		t.Errorf("%.4f was spent", got)
	}
	if least := Least(1, 20_000, 0.01); least > 0.956 || least < 0.8 {
		t.Errorf("a sound audit shows %.4f of 1", least)
	}
}
