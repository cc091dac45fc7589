package noise

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// Seeded, so it cannot fail by chance: 200,000 values each (40,000 in short mode)
// against the exact pmf, at a fourth, around one, at odd 64ths, and at a plan's size.
func TestExactHasTheExactDistribution(t *testing.T) {
	n := 200_000
	if testing.Short() {
		n = 40_000
	}
	for _, in64 := range []int64{16, 17, 64, 63, 65, 191, 20 * 64, 20*64 + 1, 3600 * 64, 450_000 * 64, 450_000*64 + 31} {
		e := Exact{Random: seeded(fmt.Sprint("distribution", in64))}
		values := many(t, n, func(count int) ([]int64, error) { return e.Sample(background, in64, count) })
		sigma2 := float64(in64) / 64
		if z := chiSquare(values, math.Sqrt(sigma2), discreteAtMost(sigma2)); z > 4.5 {
			t.Errorf("sigma2 %d/64: chi-square deviate %.1f", in64, z)
		}
		if sigma2 < 1 { // the variance of a narrow discrete Gaussian is smaller than sigma2
			continue
		}
		mean, sign, second := moments(values, sigma2)
		for what, z := range map[string]float64{"mean": mean, "sign": sign, "second moment": second} {
			if math.Abs(z) > 4.5 {
				t.Errorf("sigma2 %d/64: deviate of the %s %.1f", in64, what, z)
			}
		}
	}
}

// At the largest variance all 128-bit products are at their largest.
func TestExactAtTheLargestVariance(t *testing.T) {
	e := Exact{Random: seeded("largest")}
	values := many(t, 20_000, func(count int) ([]int64, error) { return e.Sample(background, maxSigma2*64, count) })
	if z := chiSquare(values, 1<<20, roundedAtMost(1<<20)); z > 4.5 {
		t.Errorf("chi-square deviate %.1f", z)
	}
}

// Tails at sigma^2 = 4: of 400,000 values so many lie beyond 3, 4 and 5 sigma as the pmf
// says, within 4.5 standard deviations. Seeded.
func TestExactTails(t *testing.T) {
	e := Exact{Random: seeded("tails")}
	n := 400_000
	values := many(t, n, func(count int) ([]int64, error) { return e.Sample(background, 4*64, count) })
	atMost := discreteAtMost(4)
	for _, out := range []int64{6, 8, 10} {
		for _, sign := range []int64{-1, 1} {
			beyond := 0
			for _, v := range values {
				if sign*v >= out {
					beyond++
				}
			}
			want := float64(n) * atMost(float64(-out))
			if math.Abs(float64(beyond)-want) > 4.5*math.Sqrt(want) {
				t.Errorf("beyond %d: %d values, want %.1f", sign*out, beyond, want)
			}
		}
	}
}

// counter is the byte stream of the known answers: SHA-256 of 0, 1, 2, ... as 8 bytes,
// lowest first.
type counter struct {
	n    uint64
	rest []byte
}

func (c *counter) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		sum := sha256.Sum256(binary.LittleEndian.AppendUint64(nil, c.n))
		c.n, c.rest = c.n+1, sum[:]
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// Known answers, computed independently in rational arithmetic from the three
// algorithms of the paper, with the draws of bits as bitReader and bernoulli say.
func TestExactKnownAnswers(t *testing.T) {
	for _, c := range []struct {
		in64 int64
		want string
	}{
		{16, "1 0 -1 0 0 0 0 0 0 0 0 0"},
		{64, "-1 0 0 1 2 1 0 -1 -1 -1 -2 0"},
		{1281, "3 -5 7 10 -8 5 3 0 1 -1 -3 -1"},
		{230400, "-148 -30 57 -138 -30 63 39 -47 -112 99 -73 16"},
		{28800000, "-1205 1152 638 523 606 -1301 -249 47 109 -577 -459 589"},
		{9600001, "250 92 -266 37 494 -279 691 649 -375 96 -23 -529"},
		{70368744177664, "-59439 415875 -1271649 149314 2077521 296853 1847249 -800178 -244957 -750878 2309563 1785647"},
	} {
		values, err := Exact{Random: &counter{}}.Sample(background, c.in64, 12)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Trim(fmt.Sprint(values), "[]"); got != c.want {
			t.Errorf("sigma2 %d/64:\nhave %s\nwant %s", c.in64, got, c.want)
		}
	}
}

// Every string of 12 bits through bernoulli: the share that succeeds is num/den up to
// the strings that have not decided, of which there are at most two.
func TestBernoulliOnAllBitStrings(t *testing.T) {
	const length = 12
	for _, c := range []struct{ num, den uint64 }{{0, 1}, {1, 1}, {1, 2}, {1, 3}, {2, 3}, {5, 7}, {3, 64}, {99, 100}, {1 << 40, 1<<41 + 1}} {
		yes, open := 0, 0
		for i := range 1 << length {
			s := sampler{bits: bitReader{r: iotest.ErrReader(io.EOF), have: length}}
			binary.LittleEndian.PutUint16(s.bits.buffer[:], uint16(i))
			result := s.bernoulli(uint128{lo: c.num}, uint128{lo: c.den})
			switch {
			case s.bits.err != nil:
				open++
			case result:
				yes++
			}
		}
		exact := float64(c.num) / float64(c.den) * (1 << length)
		if float64(yes) > exact || float64(yes+open) < exact || open > 2 {
			t.Errorf("%d/%d: %d to %d of %d, want %.1f", c.num, c.den, yes, yes+open, 1<<length, exact)
		}
	}
}

func TestExactIsReproducibleAndInOrder(t *testing.T) {
	asks := []Ask{{3600, 450_000, 30, ""}, {3600, 7000, 5, ""}}
	a, err := Exact{Random: seeded("same")}.Noise(background, asks)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := Exact{Random: seeded("same")}.Noise(background, asks)
	c, _ := Exact{Random: seeded("other")}.Noise(background, asks)
	if len(a) != 2 || len(a[0]) != 30 || len(a[1]) != 5 {
		t.Fatal("not as many values as asked for")
	}
	if fmt.Sprint(a) != fmt.Sprint(b) || fmt.Sprint(a) == fmt.Sprint(c) {
		t.Error("the stream does not decide the values")
	}
}

func TestExactFromTheKernelNeverRepeats(t *testing.T) {
	a, err := Exact{}.Sample(background, 450_000*64, 20)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Exact{}.Sample(background, 450_000*64, 20)
	if err != nil {
		t.Fatal(err)
	}
	if slices.Equal(a, b) {
		t.Error("two samples are equal")
	}
}

type repeating byte

func (r repeating) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(r)
	}
	return len(p), nil
}

// A source that is broken ends in an error or in values, never in a hang.
func TestExactWithABrokenSource(t *testing.T) {
	for b := range 256 {
		_, _ = Exact{Random: repeating(b)}.Sample(background, 450_000*64, 1)
	}
	if _, err := (Exact{Random: repeating(0)}).Sample(background, 450_000*64, 1); !errors.Is(err, errStuck) {
		t.Errorf("all zero bits: %v", err)
	}
	broken := errors.New("no more")
	if _, err := (Exact{Random: iotest.ErrReader(broken)}).Sample(background, 64, 1); !errors.Is(err, broken) {
		t.Errorf("failing source: %v", err)
	}
	if _, err := (Exact{Random: strings.NewReader("short")}).Sample(background, 64, 1); err == nil {
		t.Error("took a source that ended")
	}
	done, cancel := context.WithCancel(background)
	cancel()
	if _, err := (Exact{}).Sample(done, 64, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestExactRefusesOutOfRange(t *testing.T) {
	for _, in64 := range []int64{-1, 0, 15, maxSigma2*64 + 1, math.MaxInt64} {
		if _, err := (Exact{}).Sample(background, in64, 1); err == nil {
			t.Errorf("%d/64: drawn", in64)
		}
	}
	for _, count := range []int{-1, maxCount + 1} {
		if _, err := (Exact{}).Sample(background, 64, count); err == nil {
			t.Errorf("%d values: drawn", count)
		}
	}
}

func TestSquareRoots(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Int64Range(1, 1<<40).Draw(t, "x")
		up, down := ceilSqrt(x), int64(floorSqrt(uint64(x)))
		if up*up < x || (up-1)*(up-1) >= x || down*down > x || (down+1)*(down+1) <= x {
			t.Fatalf("sqrt(%d): %d and %d", x, down, up)
		}
	})
}

func BenchmarkExact(b *testing.B) {
	for b.Loop() {
		if _, err := (Exact{}).Sample(background, 450_000*64, 1000); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/value")
}
