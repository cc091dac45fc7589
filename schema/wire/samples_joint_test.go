package wire

import (
	"bytes"
	"time"

	"tidemark/schema"
)

// keepers of the samples' round, in the order of their shares.
var keepers = sampleChanges()[10].(schema.AppointKeepers).Keepers

func sampleRound() schema.Round {
	return schema.Round{Coalition: charterID(), Plan: PlanHash(jointPlan()), Period: schema.Period{Year: 2026, Quarter: 3}}
}

// filler is bytes that look random, as keys and sealed shares do.
func filler(of string, n int) []byte {
	var b bytes.Buffer
	for h := hash(of); b.Len() < n; h = schema.HashOf(h[:]) {
		b.Write(h[:])
	}
	return b.Bytes()[:n:n]
}

// scalar is below the group's order: its highest byte is.
func scalar(of string) [schema.ScalarSize]byte {
	s := [schema.ScalarSize]byte(hash(of))
	s[schema.ScalarSize-1] &= 0x0f
	return s
}

func sampleKeeperKey() schema.KeeperKey {
	return schema.KeeperKey{
		Round: sampleRound(), Keeper: "north-otter", Made: time.Date(2026, 9, 23, 6, 0, 0, 0, time.UTC),
		Key: filler("key", schema.KeeperKeySize),
	}
}

func sampleContribution() schema.Contribution {
	c := schema.Contribution{Round: sampleRound(), Member: me, Protection: schema.PerID, Charge: 48_000_000}
	for _, k := range keepers {
		c.Shares = append(c.Shares, schema.SealedShare{Keeper: k, Key: hash("key of " + string(k)), Sealed: filler("share of "+string(k), 40)})
	}
	return c
}

func sampleHeld() schema.Held {
	h := schema.Held{Round: sampleRound(), Keeper: "north-otter"}
	for _, member := range []schema.Slug{"amber-finch", me, "slow-river"} {
		h.Contributions = append(h.Contributions, schema.HeldShare{Member: member, ID: hash("of " + string(member)), Check: scalar("check of " + string(member)), Protection: schema.PerID})
	}
	return h
}

func sampleAgreement() schema.Agreement {
	a := schema.Agreement{Round: sampleRound(), Protection: schema.PerID}
	for _, k := range []schema.Slug{"amber-finch", "north-otter", "slow-river"} {
		a.Lists = append(a.Lists, schema.Attributed{Who: k, ID: hash("list of " + string(k))})
	}
	for _, h := range sampleHeld().Contributions {
		a.Contributions = append(a.Contributions, schema.Attributed{Who: h.Member, ID: h.ID})
	}
	return a
}

func sampleVoidRound() schema.Agreement {
	a := sampleAgreement()
	a.Void, a.Contributions = true, a.Contributions[:1]
	return a
}

func sampleSum() schema.Sum {
	s := schema.Sum{Link: sampleLink(), Plan: sampleRound().Plan, Period: sampleRound().Period, Agreement: hash(text(sampleAgreement()))}
	s.Member = "north-otter"
	s.Scalars = [][schema.ScalarSize]byte{scalar("sum 1"), scalar("sum 2")}
	return s
}

func sampleVoidSum() schema.Sum {
	s := sampleSum()
	s.Agreement, s.Scalars = hash(text(sampleVoidRound())), nil
	return s
}
