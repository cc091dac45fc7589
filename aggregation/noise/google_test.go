//go:build !386 && !arm && !mips && !mipsle

package noise

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/golang/glog"
	"pgregory.net/rapid"

	"tidemark/aggregation/account"
	"tidemark/schema"
)

// Drawn from the kernel, so it can fail by chance: at each of three variances 60,000
// values (20,000 in short mode) against the pmf of a rounded normal variable of the
// sigma that was read back. A deviate beyond 6.5 has odds of 1 in 1e10 for each of the
// twelve statistics.
func TestGoogleHasTheRoundedNormalDistribution(t *testing.T) {
	n := 60_000
	if testing.Short() {
		n = 20_000
	}
	for _, a := range []Ask{{16, 2, 0, ""}, {3600, 450_000, 0, ""}, {10_800, 1 << 30, 0, ""}} {
		p, err := googleParameters(a)
		if err != nil {
			t.Fatal(err)
		}
		values := many(t, n, func(count int) ([]int64, error) {
			a.Count = count
			all, err := Google{}.Noise(background, []Ask{a})
			return slices.Concat(all...), err
		})
		chi := chiSquare(values, p.sigma, roundedAtMost(p.sigma))
		// Rounding adds a twelfth to the variance.
		mean, sign, second := moments(values, p.sigma*p.sigma+1.0/12)
		for what, z := range map[string]float64{"chi-square": chi, "mean": mean, "sign": sign, "second moment": second} {
			if what == "chi-square" && z > 6.5 || what != "chi-square" && math.Abs(z) > 6.5 {
				t.Errorf("sigma2 %d: deviate of the %s %.1f", a.Sigma2, what, z)
			}
		}
	}
}

// For every measure and every variance a plan may have, the library's sigma is at least
// the wanted one and at most 0.1 % above.
func TestGoogleMeetsTheWantedSigma(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, schema.MaxMeasure).Draw(t, "limit")
		m := rapid.SampledFrom([]schema.Measure{{Kind: schema.People}, {Kind: schema.Reached, Limit: limit}, {Kind: schema.Cases, Limit: limit}}).Draw(t, "measure")
		// A charge of at most mu = 1 means sigma >= D.
		low := math.Log(float64(max(m.Sensitivity2(), schema.MinSigma2)) + 1)
		sigma2 := int64(math.Exp(rapid.Float64Range(low, math.Log(maxSigma2)).Draw(t, "log sigma2")))
		p, err := googleParameters(Ask{m.Sensitivity2(), sigma2, 1, ""})
		if err != nil {
			t.Fatalf("%s at sigma2 %d: %v", m, sigma2, err)
		}
		if over := p.sigma / math.Sqrt(float64(sigma2)); over < 1 || over > 1.001 {
			t.Fatalf("%s at sigma2 %d: sigma is %v times the wanted one", m, sigma2, over)
		}
	})
}

// The library's sigma lies on a grid. Where the wanted one is on it too, a hair would
// make the library draw with the step below.
func TestGoogleMeetsTheSigmasOfTheGrid(t *testing.T) {
	const bound = 1024
	for step := range int64(1024) {
		for _, sigma := range []int64{bound + step, 16 * (bound + step)} {
			for _, off := range []int64{-1, 0, 1} {
				p, err := googleParameters(Ask{bound * bound, sigma*sigma + off, 1, ""})
				if err != nil {
					t.Fatalf("sigma2 %d: %v", sigma*sigma+off, err)
				}
				if over := p.sigma / math.Sqrt(float64(sigma*sigma+off)); over < 1 || over > 1.001 {
					t.Fatalf("sigma2 %d: sigma is %v times the wanted one", sigma*sigma+off, over)
				}
			}
		}
	}
}

// Just above a point of the grid, an epsilon that is too large by the arithmetic's last
// digits would draw a whole step too narrow.
func TestMeetLowersAnEpsilonThatIsTooLarge(t *testing.T) {
	const bound = 1024
	for step := range int64(1024) {
		sigma := float64(bound+step) * (1 + 1e-10)
		p := parameters{lInf: bound, epsilon: account.EpsilonOf(bound/sigma, libraryDelta) * (1 + 1e-9)}
		got, err := meet(sigma, p)
		if err != nil || got.sigma < sigma || got.sigma > 1.001*sigma {
			t.Fatalf("sigma %v: have %v, %v", sigma, got.sigma, err)
		}
	}
	if _, err := meet(1e6, parameters{lInf: bound, epsilon: 1}); err == nil {
		t.Error("took a sigma that is far from the wanted one")
	}
}

// The library multiplies its bounds unchecked: these draw almost no noise, or loop for
// ever, when they reach it. None of them does.
func TestAsksOutOfRangeNeverReachTheLibrary(t *testing.T) {
	for _, a := range []Ask{
		{6148914691236517206, 3600, 1, ""}, {1 << 62, 3600, 1, ""}, {1 << 61, 1 << 40, 1, ""}, {1<<40 + 1, 1 << 40, 1, ""},
		{0, 3600, 1, ""}, {-1, 3600, 1, ""}, {3600, 0, 1, ""}, {3600, -1, 1, ""}, {3600, 1<<40 + 1, 1, ""}, {3600, math.MaxInt64, 1, ""},
		{3600, 56, 1, ""}, {1, 1 << 40, 1, ""}, {3600, 3600, 0, ""}, {3600, 3600, -1, ""}, {3600, 3600, maxCount + 1, ""}, {3600, 3600, 1, "float"},
	} {
		if _, err := (Google{}).Noise(background, []Ask{a}); err == nil {
			t.Errorf("%v: drawn", a)
		}
	}
	fine := Ask{3600, 450_000, 1, ""}
	for name, asks := range map[string][]Ask{
		"none":                   nil,
		"too many asks":          slices.Repeat([]Ask{fine}, maxAsks+1),
		"too many values":        {{3600, 450_000, maxCount, ""}, fine},
		"one bad among the good": {fine, {3600, -1, 1, ""}, fine},
	} {
		if _, err := (Google{}).Noise(background, asks); err == nil {
			t.Errorf("%s: drawn", name)
		}
	}
}

func TestGoogleStopsWhenTold(t *testing.T) {
	done, cancel := context.WithCancel(background)
	cancel()
	if _, err := (Google{}).Noise(done, []Ask{{3600, 450_000, 1, ""}}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

const childRole = "TIDEMARK_TEST_CHILD"

// TestMain lets the test binary be a child: one that logs, or one that serves.
func TestMain(m *testing.M) {
	switch os.Getenv(childRole) {
	case "log":
		if os.Getenv("QUIET") == "1" {
			Quiet()
		}
		glog.Warning("provoked")
		glog.Error("provoked")
		glog.Flush()
	case "fatal":
		Quiet()
		glog.Fatal("provoked")
	case "serve":
		Quiet()
		if Serve(os.Stdin, os.Stdout) != nil {
			os.Exit(1)
		}
	default:
		os.Exit(m.Run())
	}
}

func child(t *testing.T, role string, env ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self)
	c.Env = append(os.Environ(), append(env, childRole+"="+role)...)
	return c
}

// Without Quiet the logger writes files (so the test can see them); with it, none.
func TestQuietKeepsTheLoggerOffTheDisk(t *testing.T) {
	for _, c := range []struct {
		role, quiet string
		files       bool
	}{{"log", "0", true}, {"log", "1", false}, {"fatal", "1", false}} {
		dir := t.TempDir()
		out, err := child(t, c.role, "TMPDIR="+dir, "QUIET="+c.quiet).CombinedOutput()
		if failed := err != nil; failed != (c.role == "fatal") || !strings.Contains(string(out), "provoked") {
			t.Fatalf("%s: child: %v: %s", c.role, err, out)
		}
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		if (len(files) > 0) != c.files {
			t.Errorf("%s, quiet %s: %d files in the temporary folder", c.role, c.quiet, len(files))
		}
	}
}

func BenchmarkGoogle(b *testing.B) {
	for b.Loop() {
		if _, err := (Google{}).Noise(background, []Ask{{3600, 450_000, 1000, ""}}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/value")
}

func ExampleGoogle() {
	drawn, err := Google{}.Noise(context.Background(), []Ask{{Sensitivity2: 3600, Sigma2: 450_000, Count: 108}})
	fmt.Println(len(drawn), len(drawn[0]), err)
	// Output: 1 108 <nil>
}
