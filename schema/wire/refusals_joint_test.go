package wire

import (
	"fmt"
	"slices"
	"strings"

	"tidemark/schema"
)

// jointVectors are notes of joint rounds that are in order.
func jointVectors() []vector {
	empty := sampleHeld()
	empty.Contributions = nil
	nothing := sampleVoidRound()
	nothing.Contributions = nil
	seven := schema.AppointKeepers{Keepers: []schema.Slug{"slow-river", "k6", "k5", "amber-finch", "k3", "k2", "k1"}}
	edge := sampleSum()
	edge.Scalars = [][schema.ScalarSize]byte{{}, largestScalar(), {}}
	return []vector{
		ok("keeper-key", "W35", "a keeper's key for a round", sampleKeeperKey(), "north-otter"),
		ok("contribution", "W36", "a member's tables, shared among three keepers", sampleContribution(), me),
		ok("held", "W37", "a keeper's list", sampleHeld(), "north-otter"),
		ok("held-nothing", "W37", "the list of a keeper that could open nothing", empty, "north-otter"),
		ok("agreement", "W38", "an agreement with the lines of three keepers", sampleAgreement(), known[0], known[1], known[3]),
		ok("agreement-one-line", "W10", "an agreement with the first keeper's line", sampleAgreement(), known[1]),
		ok("agreement-void", "W38", "a round that is void: one contribution is too few", sampleVoidRound(), known[0], known[1], known[3]),
		ok("agreement-void-nothing", "W38", "a round to which nobody came", nothing, known[0]),
		ok("sum", "W39", "a keeper's sum", sampleSum(), "north-otter"),
		ok("sum-void", "W39", "what a keeper says of a void round", sampleVoidSum(), "north-otter"),
		ok("sum-scalars-at-the-limit", "W39", "the least and the largest scalar, and one twice", edge, "north-otter"),
		ok("act-keepers-seven", "W40", "seven keepers, in the order of their shares", sampleAct(seven), known[:2]...),
	}
}

// largestScalar is one below the group's order.
func largestScalar() (s [schema.ScalarSize]byte) {
	copy(s[:], order)
	slices.Reverse(s[:])
	s[0]--
	return s
}

// spoiler edits a text before its only signer signs it.
type spoiler struct{ text, by string }

func (s spoiler) vector(name, rule, reason, what, old, new string) vector {
	return bad(name, rule, reason, what, forced(edit(s.text, old, new), s.by))
}

// line is a text's line, from 0, with its newline.
func (s spoiler) line(n int) string { return strings.SplitAfter(s.text, "\n")[n] }

// loose sets an unused bit of base64 that ends in two equals signs.
func loose(base string) string {
	n := len(base) - 3
	return base[:n] + nextDigit(base[n]) + base[n+1:]
}

// tooLarge is the group's order, which would be a second zero.
func tooLarge() [schema.ScalarSize]byte {
	s := largestScalar()
	s[0]++
	return s
}

func contributionVectors() []vector {
	key, c := spoiler{text(sampleKeeperKey()), "north-otter"}, spoiler{text(sampleContribution()), me}
	bytes, share := base64Std(sampleKeeperKey().Key), base64Std(sampleContribution().Shares[1].Sealed)
	return []vector{
		bad("keeper-key-signed-by-another", "W9", "want the member", "a key that another member has signed", forced(key.text, me)),
		key.vector("keeper-key-short", "W35", "strict base64 of 1216 bytes", "a key of 1,215 bytes", bytes, base64Std(filler("key", schema.KeeperKeySize-1))),
		key.vector("keeper-key-loose-base64", "W35", "strict base64", "unused bits of the last digit set", bytes, loose(bytes)),
		key.vector("keeper-key-fraction", "W19", "canonical", "made at a fraction of a second", "06:00:00Z", "06:00:00.5Z"),
		key.vector("keeper-key-two", "W14", "end of the text", "two keys", key.line(6), key.line(6)+key.line(6)),
		bad("contribution-signed-by-a-keeper", "W9", "want the member", "a contribution that a keeper has signed", forced(c.text, "north-otter")),
		c.vector("contribution-one-keeper-twice", "W36", "two for one keeper", "two shares for one keeper", "share north-otter", "share amber-finch"),
		c.vector("contribution-two-shares", "W36", "at least 3", "two shares: no two keepers open anything", c.line(7), ""),
		c.vector("contribution-eight-shares", "W36", "at most 7", "eight shares", c.line(7), c.line(7)+manyShares(5)),
		c.vector("contribution-of-two-lengths", "W36", "different lengths", "a share one byte longer than the others", share, base64Std(filler("longer", 41))),
		c.vector("contribution-share-empty", "W36", "want 1 to", "a share of no bytes", share, ""),
		c.vector("contribution-share-without-key", "W36", "want a keeper", "a share that does not say to which key it is sealed", " "+hash("key of amber-finch").String(), ""),
		c.vector("contribution-share-in-two-words", "W36", "strict base64", "a blank inside a share", share[:20], share[:20]+" "),
		c.vector("contribution-loose-base64", "W36", "strict base64", "unused bits of the last digit set", share, loose(share)),
	}
}

func manyShares(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("share " + writeShare(schema.SealedShare{Keeper: schema.Slug(fmt.Sprintf("keeper-%d", i)), Key: hash("key"), Sealed: filler("share", 40)}) + "\n")
	}
	return b.String()
}

func agreementVectors() []vector {
	held, appoint := spoiler{text(sampleHeld()), "north-otter"}, spoiler{text(sampleAct(sampleChanges()[10])), known[0]}
	a, void := spoiler{text(sampleAgreement()), "north-otter"}, spoiler{text(sampleVoidRound()), "north-otter"}
	sum := spoiler{text(sampleSum()), "north-otter"}
	past, check, first := tooLarge(), schema.Hash(scalar("check of amber-finch")).String(), scalar("sum 1")
	return []vector{
		bad("held-signed-by-two", "W9", "nobody else", "a list that two have signed", forced(held.text, known[0], "north-otter")),
		held.vector("held-unsorted", "W37", "not sorted", "members not in order", held.line(5)+held.line(6), held.line(6)+held.line(5)),
		held.vector("held-one-twice", "W37", "twice", "two contributions of one member", "held quiet-heron", "held amber-finch"),
		held.vector("held-without-check", "W37", "held: want", "a contribution without its check value", " "+check, ""),
		held.vector("held-check-past-the-order", "W37", "below the group's order", "a check value that is the group's order", check, schema.Hash(past).String()),
		bad("agreement-two-lines-of-one-slug", "W10", "two lines of one slug", "one keeper under two keys", twoKeys(a.text)),
		a.vector("agreement-other-result", "W38", "want sum or void", "a result that there is not", "result sum", "result later"),
		a.vector("agreement-two-lists", "W38", "at least 3", "two lists: no two keepers open anything", a.line(8), ""),
		a.vector("agreement-one-list-twice", "W38", "twice", "two lists of one keeper", "list north-otter", "list amber-finch"),
		a.vector("agreement-unsorted", "W38", "not sorted", "contributions not in the order of members", a.line(9)+a.line(10), a.line(10)+a.line(9)),
		a.vector("agreement-list-last", "W14", "end of the text", "a list after a contribution", a.line(9), a.line(9)+"list zebra "+hash("list").String()+"\n"),
		void.vector("agreement-on-nothing", "W38", "contribution: want at least one", "a sum of nothing", void.line(4)+void.line(5)+void.line(6)+void.line(7)+void.line(8)+void.line(9), "result sum\n"+void.line(5)+void.line(6)+void.line(7)+void.line(8)),
		bad("sum-signed-by-another", "W9", "want the member", "a sum that another keeper has signed", forced(sum.text, known[0])),
		sum.vector("sum-scalar-past-the-order", "W39", "below the group's order", "a scalar that is the group's order", base64Std(first[:]), base64Std(past[:])),
		sum.vector("sum-scalar-short", "W39", "strict base64 of 32 bytes", "a scalar of 31 bytes", base64Std(first[:]), base64Std(first[:31])),
		sum.vector("sum-word", "W39", "end of the text", "something else among the scalars", "scalar ", "cell "),
		appoint.vector("keepers-two", "W40", "at least 3", "two keepers", "keeper slow-river\n", ""),
		appoint.vector("keepers-one-twice", "W40", "there twice", "one keeper twice", "keeper slow-river", "keeper north-otter"),
		appoint.vector("keepers-eight", "W40", "at most 7", "eight keepers", "keeper slow-river\n", "keeper slow-river\nkeeper k1\nkeeper k2\nkeeper k3\nkeeper k4\nkeeper k5\n"),
	}
}
