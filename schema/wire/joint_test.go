package wire

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tidemark/schema"
)

func drawSlugs(t *rapid.T, least, most int) []schema.Slug {
	return rapid.SliceOfNDistinct(rapid.Custom(drawSlug), least, most, rapid.ID).Draw(t, "slugs")
}

func drawScalar(t *rapid.T) [schema.ScalarSize]byte { return scalar(rapid.String().Draw(t, "scalar")) }

// drawJoint is a note of a joint round.
func drawJoint(t *rapid.T) schema.Body {
	round := schema.Round{Coalition: drawHash(t, "coalition"), Plan: drawHash(t, "plan"), Period: drawPeriod(t)}
	switch rapid.IntRange(0, 4).Draw(t, "joint kind") {
	case 0:
		return schema.KeeperKey{Round: round, Keeper: drawSlug(t), Made: drawDate(t).Time(), Key: filler(rapid.String().Draw(t, "key"), schema.KeeperKeySize)}
	case 1:
		return drawContribution(t, round)
	case 2:
		h := schema.Held{Round: round, Keeper: drawSlug(t)}
		for _, a := range drawAttributed(t, 0, 9) {
			h.Contributions = append(h.Contributions, schema.HeldShare{Member: a.Who, ID: a.ID, Check: drawScalar(t), Protection: schema.PerID})
		}
		return h
	case 3:
		a := schema.Agreement{Round: round, Protection: schema.PerCase, Void: rapid.Bool().Draw(t, "void"), Lists: drawAttributed(t, schema.MinKeepers, schema.MaxKeepers)}
		a.Contributions = drawAttributed(t, 1, 9)
		return a
	}
	s := schema.Sum{Link: drawLink(t), Plan: round.Plan, Period: round.Period, Agreement: drawHash(t, "agreement")}
	for range rapid.IntRange(0, 5).Draw(t, "scalars") {
		s.Scalars = append(s.Scalars, drawScalar(t))
	}
	return s
}

func drawContribution(t *rapid.T, r schema.Round) schema.Contribution {
	c := schema.Contribution{Round: r, Member: drawSlug(t), Protection: schema.PerComposite, Charge: drawCharge(t)}
	size := rapid.IntRange(1, 100).Draw(t, "size")
	for _, k := range drawSlugs(t, schema.MinKeepers, schema.MaxKeepers) {
		c.Shares = append(c.Shares, schema.SealedShare{Keeper: k, Key: drawHash(t, "key"), Sealed: filler(string(k), size)})
	}
	return c
}

func drawAttributed(t *rapid.T, least, most int) (all []schema.Attributed) {
	slugs := drawSlugs(t, least, most)
	slices.Sort(slugs)
	for _, s := range slugs {
		all = append(all, schema.Attributed{Who: s, ID: drawHash(t, "id")})
	}
	return all
}

// Of the largest coalition and the largest plan every note of a round has its place, and
// one line more is refused.
func TestTheLargestRoundFits(t *testing.T) {
	const cells = schema.MaxJointCells/5 + 1 // five to a scalar, and one that blinds
	long := func(i int) schema.Slug { return schema.Slug(fmt.Sprintf("a-slug-as-long-as-one-can-be-%03d", i)) }
	c, h, a, s := sampleContribution(), sampleHeld(), sampleAgreement(), sampleSum()
	c.Shares, h.Contributions, a.Lists, a.Contributions = nil, nil, nil, nil
	for i := range schema.MaxKeepers {
		c.Shares = append(c.Shares, schema.SealedShare{Keeper: long(i), Key: hash("key"), Sealed: filler("share", cells*schema.ScalarSize+1120+16)})
		a.Lists = append(a.Lists, schema.Attributed{Who: long(i)})
	}
	for i := range maxContributions {
		h.Contributions = append(h.Contributions, schema.HeldShare{Member: long(i), Protection: schema.PerComposite})
		a.Contributions = append(a.Contributions, schema.Attributed{Who: long(i)})
	}
	s.Scalars = make([][schema.ScalarSize]byte, maxScalars)
	signed(c, me)
	signed(h, "north-otter")
	packed(signed(a, known...), signed(s, "north-otter"))

	h.Contributions = append(h.Contributions, schema.HeldShare{Member: "z-one-more", Protection: schema.PerID})
	a.Contributions = append(a.Contributions, schema.Attributed{Who: "z-one-more"})
	s.Scalars = append(s.Scalars, s.Scalars[0])
	for _, b := range []schema.Body{h, a, s} {
		if _, err := Text(b); err == nil {
			t.Errorf("%s: one line more is taken", b.Kind())
		}
	}
}

// A share is bounded before it is kept, whatever else the note has room for.
func TestAShareIsBounded(t *testing.T) {
	c := sampleContribution()
	for i := range c.Shares {
		c.Shares[i].Sealed = filler("share", maxSealed)
	}
	signed(c, me)
	for i := range c.Shares {
		c.Shares[i].Sealed = filler("share", maxSealed+1)
	}
	if _, err := Text(c); err == nil {
		t.Error("one byte more: accepted")
	}
}
