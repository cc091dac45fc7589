package brief_test

import (
	"fmt"
	"strings"
	"testing"

	"tidemark/dashboard/brief"
	"tidemark/dashboard/internal/sample"
)

// ten is a brief of ten figures, half of them over all quarters.
func ten(t testing.TB) (*brief.Brief, brief.Source) {
	src := source(t, sample.Config{People: 20_000})
	var b strings.Builder
	b.WriteString("title: Ten figures\ntemplate: court\nlanguages: [en]\ndate: 2026-11-28\nblocks:\n")
	for i, code := range []string{"doxing", "impersonation", "device_spyware", "harassment_hate", "threat_of_harm"} {
		fmt.Fprintf(&b, "  - {figure: trend~threat_type.%s~all~2023-Q4~2026-Q3, as: t%d}\n", code, i)
		fmt.Fprintf(&b, "  - {figure: rank~threat_type~2026-Q%d, as: r%d}\n", 1+i%3, i)
	}
	g := gathered(t, src, b.String())
	return agreed(t, g, g.Members), src
}

func BenchmarkWrite(b *testing.B) {
	brief10, src := ten(b)
	for _, format := range brief.Formats {
		b.Run(format, func(b *testing.B) {
			for range b.N {
				_, err := brief10.Write(format, src.Languages.Of("en"))
				must(b, err)
			}
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	brief10, src := ten(b)
	for _, format := range brief.Formats {
		file, err := brief10.Write(format, src.Languages.Of("en"))
		must(b, err)
		b.Run(format, func(b *testing.B) {
			for range b.N {
				if r := brief.Verify(file, src.Languages.Of("en"), src.Languages); !r.OK() {
					b.Fatal(r.Problems)
				}
			}
		})
	}
}
