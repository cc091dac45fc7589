package vault

import (
	"iter"
	"testing"

	"tidemark/schema"
	"tidemark/schema/mapping"
)

// The unit of a release is that of the sources, not of their cases: whether the only
// case of a source was there would otherwise stand in the note, outside all noise.
func TestTheUnitDoesNotTellWhetherASourceHadACase(t *testing.T) {
	for name, cases := range map[string]iter.Seq2[mapping.Case, error]{
		"one case": these(aCase("c1", "p1", "2026-02-01")),
		"no case":  these(),
		"refused":  these(aCase("c1", "p1", "2062-01-01")),
	} {
		v, g := shore(t)
		_, err := v.Import(background, schema.PerCase, cases)
		must(t, err)
		if r := releasedIn(t, v, g, "2026-Q1"); r.Protection != schema.PerCase {
			t.Errorf("%s: the release states %s", name, r.Protection)
		}
	}
}
