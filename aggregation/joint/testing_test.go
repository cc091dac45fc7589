package joint

import (
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"tidemark/schema"
)

// must ends a test that cannot go on.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// slug is the name of the i-th member; keepers are the first of them.
func slug(i int) schema.Slug { return schema.Slug(fmt.Sprintf("amber-lark-%03d", i+1)) }

// sampleRound has members a to ..., of which the first are keepers.
func sampleRound(members, keepers, least, counters int) Round {
	r := Round{
		Round: schema.Round{
			Coalition: schema.HashOf([]byte("coalition")), Plan: schema.HashOf([]byte("plan")),
			Period: schema.Period{Year: 2026, Quarter: 3},
		},
		Threshold: keepers*2/3 + 1, Least: least, Counters: counters,
	}
	for i := range members {
		r.Members = append(r.Members, slug(i))
	}
	r.Keepers = r.Members[:min(keepers, members)]
	return r
}

// idOf stands for a note's id: it binds all that a contribution says.
func idOf(c schema.Contribution) schema.Hash { return schema.HashOf(fmt.Appendf(nil, "%+v", c)) }

// seeded is a random source that gives the same in every run.
func seeded(parts ...any) io.Reader { return rand.NewChaCha8(schema.HashOf(fmt.Append(nil, parts...))) }

// box is a keeper's key.
type box struct {
	Key
	private []byte
}

// boxes are keys for all keepers. Making one costs more than most of a round, so that
// tests which make thousands of rounds use the same again.
func boxes(t testing.TB, r Round) []box {
	t.Helper()
	var out []box
	for i, k := range r.Keepers {
		private, public, err := NewKey()
		must(t, err)
		id := schema.HashOf(fmt.Append(nil, "key", i))
		out = append(out, box{Key{k, id, public}, private})
	}
	return out
}

func publicOf(all []box) (out []Key) {
	for _, b := range all {
		out = append(out, b.Key)
	}
	return out
}

// contribution is a member's note.
func contribution(t testing.TB, r Round, member schema.Slug, counters []int64, keys []Key, random io.Reader) schema.Contribution {
	t.Helper()
	shares, err := r.Contribute(member, counters, keys, random)
	must(t, err)
	return schema.Contribution{Round: r.Round, Member: member, Shares: shares}
}

// opens is what a keeper has opened, and the list that it makes of it.
func opens(t testing.TB, r Round, b box, notes []schema.Contribution) (map[schema.Hash]Share, List) {
	t.Helper()
	shares := map[schema.Hash]Share{}
	l := List{Held: schema.Held{Round: r.Round, Keeper: b.Keeper}}
	for _, c := range notes {
		id := idOf(c)
		s, err := r.Open(b.Keeper, b.ID, b.private, c, id)
		must(t, err)
		shares[id] = s
		l.Contributions = append(l.Contributions, schema.HeldShare{Member: c.Member, ID: id, Check: s.Check()})
	}
	l.ID = schema.HashOf(fmt.Appendf(nil, "%+v", l.Held))
	return shares, l
}
