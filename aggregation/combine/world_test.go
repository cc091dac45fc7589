package combine

import (
	"crypto/ed25519"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// world is a small coalition: two dimensions that are crossed, a measure beside people, a
// derived table, a yearly one.
type world struct {
	cb   *schema.Codebook
	plan schema.Plan
	hash schema.Hash
}

const (
	rows  = 4
	cols  = 3
	sigma = 300 // units: 5 people
)

var quarter = schema.Period{Year: 2024, Quarter: 1}

func newWorld(t testing.TB) *world {
	t.Helper()
	cb, err := schema.ParseCodebook([]byte(`{"codebook":"small","version":"1","dimensions":[
	{"id":"a","codes":[{"code":"a1","definition":"."},{"code":"a2","definition":"."},{"code":"a3","definition":"."},{"code":"a4","definition":"."}],
	 "rollups":[{"id":"g","codes":[{"code":"x","of":["a1","a3","a4"]},{"code":"y","of":["a2"]}]}]},
	{"id":"b","codes":[{"code":"b1","definition":"."},{"code":"b2","definition":"."},{"code":"b3","definition":"."}]},
	{"id":"c","codes":[{"code":"c1","definition":"."}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{cb: cb}
	w.adopt(t, "a*b people", "a(g) people", "b people derived", "b cases:2", "b reached:2")
	return w
}

// adopt makes a plan of quarterly tables of these names and measures; a is yearly too.
func (w *world) adopt(t testing.TB, tables ...string) {
	t.Helper()
	p := schema.Plan{
		Codebook: w.cb.Hash(), Mode: schema.Local, Noise: schema.GoogleNoise, First: schema.Period{Year: 2023, Quarter: 1},
		LateDays: 180, Slot: schema.Slot{Days: 10, Hour: 6}, ChargeQuarter: 200_000_000, ChargeYear: 50_000_000,
		Cap: schema.MaxCap, Bands: schema.DefaultBands,
	}
	for _, s := range tables {
		var name, kind, derived string
		if n, _ := fmt.Sscan(s, &name, &kind, &derived); n < 2 {
			t.Fatalf("table %q", s)
		}
		pt := schema.PlanTable{Table: mustTable(t, name), Cadence: schema.Quarterly, Measure: schema.Measure{Kind: schema.People}, Sigma2: sigma * sigma}
		if n, _ := fmt.Sscanf(kind, "cases:%d", &pt.Measure.Limit); n == 1 {
			pt.Measure.Kind, pt.Sigma2 = schema.Cases, 1_000_000
		} else if n, _ := fmt.Sscanf(kind, "reached:%d", &pt.Measure.Limit); n == 1 {
			pt.Measure.Kind, pt.Sigma2 = schema.Reached, 1_000_000
		}
		if derived != "" {
			pt.Sigma2 = 0
		}
		p.Tables = append(p.Tables, pt)
	}
	p.Tables = append(p.Tables, schema.PlanTable{Table: mustTable(t, "a"), Cadence: schema.Yearly, Measure: schema.Measure{Kind: schema.People}, Sigma2: sigma * sigma})
	if err := p.Validate(w.cb); err != nil {
		t.Fatal(err)
	}
	w.plan, w.hash = p, wire.PlanHash(p)
}

func mustTable(t testing.TB, name string) schema.Table {
	t.Helper()
	table, err := schema.ParseTable(name)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func slug(i int) schema.Slug { return schema.Slug(fmt.Sprintf("member-%03d", i)) }

func slugs(n int) []schema.Slug {
	out := make([]schema.Slug, n)
	for i := range out {
		out[i] = slug(i)
	}
	return out
}

// array is people by codes of a and b.
type array [rows * cols]int

// tabulate counts an array into a table, in units.
func (w *world) tabulate(t testing.TB, x array, table schema.Table) []int64 {
	t.Helper()
	s, err := w.cb.Shape(table)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]int64, s.Cells())
	for i, n := range x {
		out[s.Cell([]byte{byte(i / cols), byte(i % cols), 0})] += int64(n) * schema.UnitsPerPerson
	}
	return out
}

// release draws one member's tables; without a source of noise they are exact.
func (w *world) release(t testing.TB, member schema.Slug, p schema.Period, x array, noise *rand.Rand) schema.Release {
	t.Helper()
	r := schema.Release{
		Link:   schema.Link{Coalition: schema.Hash{1}, Member: member, Sequence: 2, Previous: schema.Hash{2}},
		Salt:   schema.HashOf([]byte(string(member) + p.String())),
		Plan:   w.hash,
		Period: p, Protection: schema.PerID, Charge: w.plan.Charge(p.Cadence()),
	}
	for _, pt := range w.plan.Of(p.Cadence(), true) {
		s, err := w.cb.Shape(pt.Table)
		if err != nil {
			t.Fatal(err)
		}
		cells := w.tabulate(t, x, pt.Table)
		for i := range cells {
			if noise != nil {
				cells[i] += int64(math.Round(noise.NormFloat64() * math.Sqrt(float64(pt.Sigma2))))
			}
		}
		r.Tables = append(r.Tables, schema.NoisyTable{Table: pt.Table, Measure: pt.Measure, Rows: s.Rows(), Cols: s.Cols(), Sigma2: pt.Sigma2, Cells: cells})
	}
	return r
}

func (w *world) released(t testing.TB, member schema.Slug, p schema.Period, x array, noise *rand.Rand) Released {
	t.Helper()
	r := w.release(t, member, p, x, noise)
	c := Released{source: Source{member, schema.HashOf([]byte(fmt.Sprint(member, p))), r.Protection, "", false}, period: p, plan: w.hash}
	if err := c.take(&r, Expect(w.cb, w.plan)); err != nil {
		t.Fatal(err)
	}
	return c
}

// sign sends a body through the wire.
func (w *world) sign(t testing.TB, member schema.Slug, b schema.Body) wire.Verified {
	t.Helper()
	seed := schema.HashOf([]byte("key of " + member))
	signer, err := wire.NewSigner(member, ed25519.NewKeyFromSeed(seed[:]))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := wire.Sign(b, signer)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := wire.NewRing(signer.VerifierKey())
	if err != nil {
		t.Fatal(err)
	}
	v, err := wire.Verify(raw, ring)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (w *world) book(t testing.TB, owed []Owed, releases ...Released) *Book {
	t.Helper()
	b, err := NewBook(Config{Codebook: w.cb, Plans: map[schema.Hash]schema.Plan{w.hash: w.plan}, Owed: owed}, releases)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (w *world) owed(members int, periods ...schema.Period) []Owed {
	var out []Owed
	for _, p := range periods {
		out = append(out, Owed{Period: p, Plan: w.hash, Members: slugs(members)})
	}
	return out
}

func wantNear(t testing.TB, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: have %.10g, want %.10g", what, got, want)
	}
}

func (w *world) query(t testing.TB, table string, where ...string) Query {
	t.Helper()
	q := Query{Table: mustTable(t, table)}
	for _, s := range where {
		f, err := ParseFilter(s)
		if err != nil {
			t.Fatal(err)
		}
		q.Where = append(q.Where, f)
	}
	return q
}

var peak = array{120, 30, 10, 80, 0, 40, 5, 5, 5, 200, 60, 1}
