package wire

import (
	"encoding/base64"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"tidemark/schema"
)

// rapid's default: n = 100 random bodies a run. Reading back is exact, so there is no
// tolerance and no false failure.

func drawHash(t *rapid.T, name string) schema.Hash {
	return hash(rapid.String().Draw(t, name))
}

func drawSlug(t *rapid.T) schema.Slug {
	return schema.Slug(rapid.StringMatching(`[a-z0-9]{1,8}(-[a-z0-9]{1,8}){1,2}`).Draw(t, "slug"))
}

func drawPeriod(t *rapid.T) schema.Period {
	return schema.Period{Year: rapid.IntRange(1970, 9999).Draw(t, "year"), Quarter: rapid.IntRange(0, 4).Draw(t, "quarter")}
}

func drawQuarter(t *rapid.T) schema.Period {
	return schema.Period{Year: rapid.IntRange(1970, 9999).Draw(t, "year"), Quarter: rapid.IntRange(1, 4).Draw(t, "quarter")}
}

func drawCharge(t *rapid.T) schema.Charge {
	return schema.Charge(rapid.Int64Range(0, maxInteger).Draw(t, "charge"))
}

func drawSequence(t *rapid.T, least uint64) uint64 {
	return rapid.Uint64Range(least, maxInteger).Draw(t, "sequence")
}

func drawLink(t *rapid.T) schema.Link {
	l := schema.Link{Coalition: drawHash(t, "coalition"), Member: drawSlug(t), Sequence: drawSequence(t, 1)}
	if l.Sequence > 1 {
		l.Previous = drawHash(t, "previous")
	}
	return l
}

func drawMeasure(t *rapid.T) schema.Measure {
	kind := rapid.SampledFrom([]schema.MeasureKind{schema.People, schema.Reached, schema.Cases}).Draw(t, "measure")
	if kind == schema.People {
		return schema.Measure{Kind: kind}
	}
	return schema.Measure{Kind: kind, Limit: rapid.IntRange(1, schema.MaxMeasure).Draw(t, "limit")}
}

func drawTable(t *rapid.T) schema.Table {
	name := rapid.StringMatching(`a[a-z0-9_]{0,8}(\([a-z0-9_]{1,8}\))?(\*b[a-z0-9_]{0,8}(\([a-z0-9_]{1,8}\))?)?`)
	return table(name.Draw(t, "table"))
}

func drawNoisyTable(t *rapid.T) schema.NoisyTable {
	n := schema.NoisyTable{Table: drawTable(t), Measure: drawMeasure(t), Rows: rapid.IntRange(1, 12).Draw(t, "rows"), Cols: 1}
	if len(n.Table.Axes) == 2 {
		n.Cols = rapid.IntRange(1, 12).Draw(t, "cols")
	}
	n.Sigma2 = rapid.Int64Range(1, maxInteger).Draw(t, "sigma2")
	n.Cells = rapid.SliceOfN(rapid.Int64Range(-maxInteger, maxInteger), n.Rows*n.Cols, n.Rows*n.Cols).Draw(t, "cells")
	return n
}

func drawPlan(t *rapid.T) schema.Plan {
	p := schema.Plan{
		Codebook: drawHash(t, "codebook"), Mode: schema.Local, First: drawQuarter(t),
		Noise:         rapid.SampledFrom([]schema.NoiseSource{schema.GoogleNoise, schema.ExactNoise}).Draw(t, "noise"),
		LateDays:      rapid.IntRange(0, 999).Draw(t, "late"),
		Slot:          schema.Slot{Days: rapid.IntRange(0, 999).Draw(t, "days"), Hour: rapid.IntRange(0, 23).Draw(t, "hour")},
		ChargeQuarter: drawCharge(t), ChargeYear: drawCharge(t), Cap: drawCharge(t),
		Bands: schema.Bands{Number: rapid.IntRange(0, 1000).Draw(t, "number"), Caution: rapid.IntRange(0, 1000).Draw(t, "caution")},
	}
	if rapid.Bool().Draw(t, "joint") {
		p.Mode, p.Honest, p.Colluders = schema.Joint, rapid.IntRange(0, 1000).Draw(t, "honest"), rapid.IntRange(0, 1000).Draw(t, "colluders")
	}
	for range rapid.IntRange(0, 5).Draw(t, "tables") {
		table := schema.PlanTable{Table: drawTable(t), Cadence: rapid.SampledFrom(schema.Cadences).Draw(t, "cadence"), Measure: drawMeasure(t), Sigma2: rapid.Int64Range(0, maxInteger).Draw(t, "sigma2")}
		if !hasLine(p, table) {
			p.Tables = append(p.Tables, table)
		}
	}
	return p
}

func hasLine(p schema.Plan, t schema.PlanTable) bool {
	for _, have := range p.Tables {
		if reflect.DeepEqual(have, t) {
			return true
		}
	}
	return false
}

func drawApplicant(t *rapid.T) schema.Applicant {
	slug := drawSlug(t)
	a := schema.Applicant{Slug: slug, MemberKey: signer(string(slug)).VerifierKey(), BoxKey: boxKey, NodeKey: nodeKey(string(slug))}
	a.Addresses = rapid.SliceOfNDistinct(rapid.StringMatching(`/[!-.0-~]{1,9}(/[!-.0-~]{1,9}){0,3}`), 0, 4, rapid.ID).Draw(t, "addresses")
	a.Regions = rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) schema.Code {
		return schema.Code(rapid.StringMatching(`[a-z0-9]{1,9}(_[a-z0-9]{1,9}){0,3}`).Draw(t, "region"))
	}), 0, 4, rapid.ID).Draw(t, "regions")
	return tidy(a)
}

// tidy writes no addresses and no regions the one way in which they read back.
func tidy(a schema.Applicant) schema.Applicant {
	if len(a.Addresses) == 0 {
		a.Addresses = nil
	}
	if len(a.Regions) == 0 {
		a.Regions = nil
	}
	return a
}

func drawAdmins(t *rapid.T) schema.SetAdmins {
	slugs := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{2,9}`), 1, 6, rapid.ID).Draw(t, "admins")
	s := schema.SetAdmins{Threshold: rapid.IntRange(1, len(slugs)).Draw(t, "threshold")}
	for _, slug := range slugs {
		s.Admins = append(s.Admins, signer(slug).VerifierKey())
	}
	return s
}

func drawChange(t *rapid.T) schema.Change {
	a := drawApplicant(t)
	switch rapid.IntRange(0, 11).Draw(t, "change") {
	case 0:
		return schema.Admit{Applicant: a, First: drawQuarter(t)}
	case 1:
		return schema.Suspend{Member: a.Slug}
	case 2:
		return schema.Resume{Member: a.Slug}
	case 3:
		return schema.Remove{Member: a.Slug}
	case 4:
		return schema.ReplaceNode{Member: a.Slug, NodeKey: a.NodeKey, Addresses: a.Addresses}
	case 5:
		return schema.ReplaceMember{Member: a.Slug, MemberKey: a.MemberKey, BoxKey: a.BoxKey, Sequence: drawSequence(t, 1), Head: drawHash(t, "head")}
	case 6:
		return drawAdmins(t)
	case 7:
		return schema.AdoptPlan{Plan: drawPlan(t)}
	case 8:
		return schema.RotateKey{NetworkKey: drawNetworkKey(t)}
	case 9:
		return schema.Remove{Member: a.Slug, Key: drawNetworkKey(t)}
	case 10:
		return schema.AppointKeepers{Keepers: drawSlugs(t, schema.MinKeepers, schema.MaxKeepers)}
	}
	return schema.RetirePlan{Plan: drawHash(t, "plan")}
}

func drawNetworkKey(t *rapid.T) schema.NetworkKey {
	file := append([]byte(ageTitle), rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "sealed")...)
	return schema.NetworkKey{From: drawDate(t), Sealed: base64.StdEncoding.EncodeToString(file)}
}

func drawDate(t *rapid.T) schema.Date {
	return schema.Date(rapid.Int32Range(0, int32(schema.NewDate(9999, 12, 31))).Draw(t, "date"))
}

func drawBody(t *rapid.T) schema.Body {
	switch rapid.IntRange(0, 9).Draw(t, "kind") {
	case 0:
		a := drawAdmins(t)
		return schema.Charter{Name: drawSlug(t), Date: drawDate(t), Codebook: drawHash(t, "codebook"), Threshold: a.Threshold, Admins: a.Admins, Plan: drawPlan(t)}
	case 1:
		return schema.Act{Coalition: drawHash(t, "coalition"), Version: drawSequence(t, 1), Previous: drawHash(t, "previous"), Date: drawDate(t), Expires: drawDate(t), Change: drawChange(t)}
	case 2:
		return schema.Request{Applicant: drawApplicant(t)}
	case 3:
		return schema.Declaration{Link: drawLink(t), Share: drawCharge(t)}
	case 4:
		return schema.Intent{Coalition: drawHash(t, "coalition"), Member: drawSlug(t), Sequence: drawSequence(t, 1), Plan: drawHash(t, "plan"), Period: drawPeriod(t), Charge: drawCharge(t), Roster: drawSequence(t, 0), Release: drawHash(t, "release")}
	case 5:
		r := schema.Release{Link: drawLink(t), Salt: drawHash(t, "salt"), Plan: drawHash(t, "plan"), Period: drawPeriod(t), Charge: drawCharge(t)}
		r.Protection = rapid.SampledFrom([]schema.Protection{schema.PerID, schema.PerComposite, schema.PerCase}).Draw(t, "unit")
		for range rapid.IntRange(1, 4).Draw(t, "tables") {
			r.Tables = append(r.Tables, drawNoisyTable(t))
		}
		return r
	case 6:
		return schema.Void{Link: drawLink(t), Plan: drawHash(t, "plan"), Period: drawPeriod(t), Charge: drawCharge(t), Intent: drawHash(t, "intent")}
	case 7:
		return drawJoint(t)
	case 8:
		return drawCapacity(t)
	}
	return schema.Notice{Link: drawLink(t), Release: drawHash(t, "release"), Reason: rapid.SampledFrom([]schema.NoticeReason{schema.WrongMapping, schema.WrongSource, schema.OtherReason}).Draw(t, "reason")}
}

func TestRandomBodiesSurviveTheirText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := drawBody(t)
		text, err := Text(b)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := Parse(text); err != nil || !reflect.DeepEqual(again, b) {
			t.Fatalf("%s reads back as another body: %v", b.Kind(), err)
		}
	})
}

// A text with one byte changed either reads as what it then says, in its one form, or
// is refused: never as something that is written differently.
func TestChangedTextsHaveOneFormOrNone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, err := Text(drawBody(t))
		if err != nil {
			t.Fatal(err)
		}
		b := []byte(text)
		b[rapid.IntRange(0, len(b)-1).Draw(t, "place")] = rapid.Byte().Draw(t, "byte")
		body, err := Parse(string(b))
		if err != nil {
			return
		}
		if again, err := Text(body); err != nil || again != string(b) {
			t.Fatalf("written differently: %v", err)
		}
	})
}

func TestRandomPlansSurviveTheirText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPlan(t)
		if again, err := ParsePlan(PlanText(p)); err != nil || !reflect.DeepEqual(again, p) {
			t.Fatalf("reads back as another plan: %v", err)
		}
	})
}
