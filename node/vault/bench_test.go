package vault

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"testing"

	"tidemark/schema"
	"tidemark/schema/mapping"
)

// many invents cases: two for each person, over two years, coded by the built-in codebook.
func many(n int) iter.Seq2[mapping.Case, error] {
	cb := schema.Incident()
	return func(yield func(mapping.Case, error) bool) {
		r := rand.New(rand.NewPCG(1, 2))
		codes := make([]byte, len(cb.Dimensions))
		for i := range n {
			for d := range codes {
				codes[d] = byte(r.IntN(len(cb.Dimensions[d].Codes)))
			}
			c := mapping.Case{
				ID: "case-" + strconv.Itoa(i), Persons: []string{"person-" + strconv.Itoa(r.IntN(n/2+1))},
				Date: day("2024-11-01") + schema.Date(r.IntN(720)), Codes: codes,
			}
			if !yield(c, nil) {
				return
			}
		}
	}
}

// benchCases is how many cases the benchmarks take: 1,000,000 with TIDEMARK_BENCH_CASES=1000000.
func benchCases() int {
	if n, err := strconv.Atoi(os.Getenv("TIDEMARK_BENCH_CASES")); err == nil {
		return n
	}
	return 50_000
}

func benchVault(b *testing.B) *Vault {
	cfg := testConfig(b.TempDir() + "/vault")
	cfg.Codebook = schema.Incident()
	must(b, Create(cfg, ownSlug, cheap))
	return opened(b, cfg)
}

// BenchmarkImport takes cases into an empty vault, then the same ones again, and reports
// the Go heap at its highest (asked every 1,000 cases) and the folder's size.
func BenchmarkImport(b *testing.B) {
	n := benchCases()
	for b.Loop() {
		v := benchVault(b)
		var top uint64
		for _, again := range []string{"first", "again"} {
			start := b.Elapsed()
			r, err := v.Import(background, schema.PerID, watched(many(n), &top))
			must(b, err)
			if r.Added+r.Unchanged != n {
				b.Fatalf("%+v", r)
			}
			b.ReportMetric((b.Elapsed() - start).Seconds(), again+"-s")
		}
		b.ReportMetric(float64(top)/(1<<20), "heap-MiB")
		b.ReportMetric(float64(folderSize(b, v.cfg.Dir))/(1<<20), "folder-MiB")
		must(b, v.Close())
	}
}

func watched(cases iter.Seq2[mapping.Case, error], top *uint64) iter.Seq2[mapping.Case, error] {
	return func(yield func(mapping.Case, error) bool) {
		n := 0
		var m runtime.MemStats
		for c, err := range cases {
			if n++; n%50_000 == 0 {
				runtime.ReadMemStats(&m)
				*top = max(*top, m.HeapInuse)
			}
			if !yield(c, err) {
				return
			}
		}
	}
}

func folderSize(t testing.TB, dir string) (size int64) {
	t.Helper()
	for _, name := range filesUnder(t, dir) {
		if info, err := os.Stat(name); err == nil {
			size += info.Size()
		}
	}
	return size
}

// BenchmarkScan reads every record in person order, as a draw does.
func BenchmarkScan(b *testing.B) {
	v := benchVault(b)
	n := benchCases()
	_, err := v.Import(background, schema.PerID, many(n))
	must(b, err)
	b.ResetTimer()
	for b.Loop() {
		got := 0
		for _, err := range v.cases.records(background) {
			must(b, err)
			got++
		}
		if got != n {
			b.Fatal(fmt.Sprint(got))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/record")
}

// BenchmarkWithdraw takes one person out and seals everybody else anew.
func BenchmarkWithdraw(b *testing.B) {
	v := benchVault(b)
	n := benchCases()
	_, err := v.Import(background, schema.PerID, many(n))
	must(b, err)
	i := 0
	for b.Loop() {
		for gone := 0; gone == 0; i++ { // a person may have no case
			gone, err = v.Withdraw(background, Withdrawal{Person: "person-" + strconv.Itoa(i)})
			must(b, err)
		}
	}
}
