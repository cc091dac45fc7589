package vault

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"iter"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"tidemark/aggregation/noise"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/mapping"
	"tidemark/schema/wire"
)

// TestMain lets the test binary be a child: one that draws noise, or one that is killed.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "noise-child":
			noise.Quiet()
			if noise.Serve(os.Stdin, os.Stdout) != nil {
				os.Exit(1)
			}
			return
		case "noise-child-hangs":
			time.Sleep(time.Hour)
		case "noise-child-lies":
			fmt.Println("tidemark-noise/v1 1\n0")
			return
		case "crash-child":
			crashChild(os.Args[2])
			return
		case "release-child":
			releaseChild(os.Args[2])
			return
		}
	}
	os.Exit(m.Run())
}

var background = context.Background()

const ownSlug schema.Slug = "quiet-heron"

// smallBook has three dimensions: two codes, three codes, four codes.
var smallBook = sync.OnceValue(func() *schema.Codebook {
	cb, err := schema.ParseCodebook([]byte(`{"codebook":"small","version":"1","dimensions":[
		{"id":"kind","codes":[{"code":"a","definition":"A."},{"code":"b","definition":"B."}]},
		{"id":"place","codes":[{"code":"n","definition":"N."},{"code":"s","definition":"S."},{"code":"e","definition":"E."}]},
		{"id":"help","codes":[{"code":"w","definition":"W."},{"code":"x","definition":"X."},{"code":"y","definition":"Y."},{"code":"z","definition":"Z."}]}]}`))
	if err != nil {
		panic(err)
	}
	return cb
})

var cheap = Unlock{Passphrase: "correct horse", WorkFactor: 1}

// today is the tests' day: three quarters and one year of the plan are due.
var today = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// still is noise of nothing, which counts how often it was asked for.
type still struct{ asked int }

func (s *still) Noise(_ context.Context, asks []noise.Ask) ([][]int64, error) {
	s.asked++
	drawn := make([][]int64, len(asks))
	for i, a := range asks {
		drawn[i] = make([]int64, a.Count)
	}
	return drawn, nil
}

func testConfig(dir string) Config {
	return Config{
		Dir: dir, Codebook: smallBook(), Now: func() time.Time { return today },
		Noise: &still{}, MinFree: 1, Ballast: -1,
	}
}

// made is a new vault's config; Open it with cheap.
func made(t testing.TB) Config {
	t.Helper()
	cfg := testConfig(filepath.Join(t.TempDir(), "vault"))
	must(t, Create(cfg, ownSlug, cheap))
	return cfg
}

func opened(t testing.TB, cfg Config) *Vault {
	t.Helper()
	v := get(t)(Open(cfg, cheap))
	t.Cleanup(func() { v.Close() })
	return v
}

// Signer is the member key, for the notes of a test.
func (v *Vault) Signer() *wire.Signer { return v.signer }

func reopened(t testing.TB, v *Vault) *Vault {
	t.Helper()
	must(t, v.Close())
	return opened(t, v.cfg)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// get returns a value or fails the test.
func get(t testing.TB) func(v *Vault, err error) *Vault {
	return func(v *Vault, err error) *Vault {
		t.Helper()
		must(t, err)
		return v
	}
}

func day(s string) schema.Date {
	d, err := schema.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func quarter(s string) schema.Period {
	p, err := schema.ParsePeriod(s)
	if err != nil {
		panic(err)
	}
	return p
}

// aCase is a case of one person.
func aCase(id, person, date string, codes ...byte) mapping.Case {
	if codes == nil {
		codes = []byte{0, 0, 0}
	}
	return mapping.Case{ID: id, Persons: []string{person}, Date: day(date), Codes: codes}
}

func these(cs ...mapping.Case) iter.Seq2[mapping.Case, error] {
	return func(yield func(mapping.Case, error) bool) {
		for _, c := range cs {
			if !yield(c, nil) {
				return
			}
		}
	}
}

func failing(err error, cs ...mapping.Case) iter.Seq2[mapping.Case, error] {
	return func(yield func(mapping.Case, error) bool) {
		for c := range these(cs...) {
			if !yield(c, nil) {
				return
			}
		}
		yield(mapping.Case{}, err)
	}
}

func imported(t testing.TB, v *Vault, cs ...mapping.Case) ImportReport {
	t.Helper()
	r, err := v.Import(background, schema.PerID, these(cs...))
	must(t, err)
	return r
}

// contents is everything in the store, as it is stored.
func contents(t testing.TB, v *Vault) map[string]string {
	t.Helper()
	all := map[string]string{}
	must(t, v.cases.db.Scan(nil, func(key, value []byte) error {
		all[string(key)] = string(value)
		return nil
	}))
	return all
}

// live is every case in the store, by its key.
func live(t testing.TB, v *Vault) map[schema.Key]stored {
	t.Helper()
	all := map[schema.Key]stored{}
	must(t, v.cases.db.Scan(casePrefix, func(key, value []byte) error {
		s, err := v.cases.decode(key, value)
		if err != nil {
			return err
		}
		all[schema.Key(key[len(casePrefix):])] = *s
		return nil
	}))
	checkRecords(t, v, all)
	return all
}

// checkRecords holds the records against the cases: one for each person, nothing else.
func checkRecords(t testing.TB, v *Vault, all map[schema.Key]stored) {
	t.Helper()
	n, first := 0, map[schema.Key]int{}
	var last schema.Key
	must(t, v.cases.scan(background, recordPrefix, func(r *schema.Record, lead bool) error {
		s, ok := all[r.Case]
		if !ok || !slices.Contains(s.Persons, r.Person) || r.Date != s.Date || r.Seq != s.Seq || r.Counted != s.Counted || !slices.Equal(r.Codes, s.Codes) {
			t.Errorf("record %d is not its case's", n)
		}
		if slices.Compare(last[:], r.Person[:]) > 0 {
			t.Errorf("record %d is not in person order", n)
		}
		if lead {
			first[r.Case]++
		}
		last = r.Person
		n++
		return nil
	}))
	want := 0
	for k, s := range all {
		want += len(s.Persons)
		if first[k] != 1 {
			t.Errorf("a case leads %d times, want 1", first[k])
		}
	}
	if n != want {
		t.Errorf("%d records, the cases want %d", n, want)
	}
}

// of finds the live case with an id.
func of(t testing.TB, v *Vault, id string) (stored, bool) {
	t.Helper()
	s, ok := live(t, v)[newNamer(v.keys.Hash).caseKey(id)]
	return s, ok
}

// smallPlan draws one table by the quarter and one by the year.
func smallPlan(first string) schema.Plan {
	table := func(name string, c schema.Cadence, charge schema.Charge) schema.PlanTable {
		tb, err := schema.ParseTable(name)
		if err != nil {
			panic(err)
		}
		pt := schema.PlanTable{Table: tb, Cadence: c, Measure: schema.Measure{Kind: schema.People}, Sigma2: 3600 * 1_000_100_000 / int64(charge)}
		for pt.Charge() > charge {
			pt.Sigma2++
		}
		return pt
	}
	return schema.Plan{
		Codebook: smallBook().Hash(), Mode: schema.Local, Noise: schema.GoogleNoise, First: quarter(first),
		LateDays: schema.DefaultLate, Slot: schema.Slot{Days: 10, Hour: 6}, ChargeQuarter: 48_000_000, ChargeYear: 64_000_000,
		Cap: schema.DefaultCap, Bands: schema.DefaultBands,
		Tables: []schema.PlanTable{table("kind*place", schema.Quarterly, 48_000_000), table("help", schema.Yearly, 64_000_000)},
	}
}

// gathering builds coalitions in which a vault's member is the only admin.
type gathering struct {
	t     testing.TB
	st    *coalition.State
	admin *wire.Signer
	keys  map[schema.Slug]*wire.Signer
}

func gather(t testing.TB, v *Vault, plan schema.Plan, members ...schema.Slug) *gathering {
	t.Helper()
	g := &gathering{t: t, admin: v.Signer(), keys: map[schema.Slug]*wire.Signer{ownSlug: v.Signer()}}
	charter, err := wire.Sign(schema.Charter{
		Name: "calm-shore", Date: day("2026-01-05"), Codebook: plan.Codebook, Threshold: 1,
		Admins: []string{g.admin.VerifierKey()}, Plan: plan,
	}, g.admin)
	must(t, err)
	g.st, err = coalition.Found(charter)
	must(t, err)
	g.admit(ownSlug, v.Signer(), v.BoxKey(), plan.First)
	for _, slug := range members {
		signer, err := keyOf(slug)
		must(t, err)
		box, err := age.GenerateX25519Identity()
		must(t, err)
		g.keys[slug] = signer
		g.admit(slug, signer, box.Recipient().String(), plan.First)
	}
	return g
}

func (g *gathering) admit(slug schema.Slug, s *wire.Signer, box string, first schema.Period) {
	g.t.Helper()
	g.act(schema.Admit{Applicant: schema.Applicant{Slug: slug, MemberKey: s.VerifierKey(), BoxKey: box, NodeKey: nodeKey(string(slug))}, First: first})
}

func (g *gathering) act(c schema.Change) {
	g.t.Helper()
	raw, err := wire.Sign(g.st.Act(day("2026-01-06"), c), g.admin)
	must(g.t, err)
	g.st, err = g.st.Apply(raw)
	must(g.t, err)
}

// due is the member's period as the coalition has it.
func (g *gathering) due(p string) coalition.Due {
	g.t.Helper()
	for _, d := range g.st.Due(ownSlug, today.AddDate(2, 0, 0)) {
		if d.Period == quarter(p) {
			return d
		}
	}
	g.t.Fatalf("period %s is never due", p)
	return coalition.Due{}
}

// nodeKey spells a peer id: identity multihash of an Ed25519 key, in base58.
func nodeKey(name string) string {
	const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	key := schema.HashOf([]byte(name))
	n, base, digit := new(big.Int).SetBytes(append([]byte{0x24, 0x08, 0x01, 0x12, 0x20}, key[:]...)), big.NewInt(58), new(big.Int)
	var digits []byte
	for n.Sign() > 0 {
		n.DivMod(n, base, digit)
		digits = append(digits, base58[digit.Int64()])
	}
	slices.Reverse(digits)
	return "1" + string(digits) // the leading zero byte
}

// shore is a vault in a coalition of three, declared, with a plan from 2026-Q1 on.
func shore(t testing.TB) (*Vault, *gathering) {
	t.Helper()
	v := opened(t, made(t))
	g := gather(t, v, smallPlan("2026-Q1"), "north-wind", "south-wind")
	_, err := v.Declare(background, g.st)
	must(t, err)
	return v, g
}

// answers are what every witness of a period says to a check.
func (g *gathering) answers(check []byte, p schema.Period, sequence uint64, last schema.Hash, intents ...schema.Hash) ([][]byte, error) {
	body, err := wire.Peek(check)
	if err != nil {
		return nil, err
	}
	q := body.(schema.Check)
	witnesses, _ := g.st.Witnesses(q.Member, p)
	var heads [][]byte
	for _, w := range witnesses {
		raw, err := wire.Sign(schema.Head{
			Coalition: q.Coalition, Member: q.Member, Witness: w, Nonce: q.Nonce, Sequence: sequence, Last: last, Intents: intents,
		}, g.keys[w])
		if err != nil {
			return nil, err
		}
		heads = append(heads, raw)
	}
	return heads, nil
}

// heads are answers to the vault's check by witnesses that know what the vault does.
func (g *gathering) heads(v *Vault, p schema.Period) ([][]byte, error) {
	check, err := v.Ask(background, g.st)
	if err != nil {
		return nil, err
	}
	sequence, last := v.published(g.st)
	return g.answers(check, p, sequence, last)
}

// step asks the witnesses and draws.
func (g *gathering) step(v *Vault, due coalition.Due) (Progress, error) {
	heads, err := g.heads(v, due.Period)
	if err != nil {
		return Progress{}, err
	}
	return v.Step(background, g.st, due, heads)
}

// notice asks the witnesses and speaks.
func (g *gathering) notice(v *Vault, release schema.Hash, reason schema.NoticeReason) ([]byte, error) {
	heads, err := g.heads(v, quarter("2026-Q3"))
	if err != nil {
		return nil, err
	}
	return v.Notice(background, g.st, release, reason, heads)
}

// publish lets all witnesses countersign and publishes.
func (g *gathering) publish(v *Vault, due coalition.Due, intent []byte) ([]byte, error) {
	witnesses, _ := g.st.Witnesses(v.Slug(), due.Period)
	for _, w := range witnesses {
		if more, err := wire.Cosign(intent, g.keys[w]); err == nil { // else it has its line
			intent = more
		}
	}
	return v.Publish(background, g.st, due, intent)
}

// keyOf is the member key of another member of a gathering.
func keyOf(slug schema.Slug) (*wire.Signer, error) {
	seed := schema.HashOf([]byte(slug))
	return wire.NewSigner(slug, ed25519.NewKeyFromSeed(seed[:]))
}

func stepped(t testing.TB, v *Vault, g *gathering, p string) Progress {
	t.Helper()
	progress, err := g.step(v, g.due(p))
	must(t, err)
	return progress
}

func releasedIn(t testing.TB, v *Vault, g *gathering, p string) schema.Release {
	t.Helper()
	progress := stepped(t, v, g, p)
	raw, err := g.publish(v, g.due(p), progress.Intent)
	must(t, err)
	return releaseOf(t, raw)
}

func releaseOf(t testing.TB, parcel []byte) schema.Release {
	t.Helper()
	notes, err := wire.Unpack(parcel)
	must(t, err)
	body, err := wire.Peek(notes[len(notes)-1])
	must(t, err)
	return body.(schema.Release)
}

func feedOf(t testing.TB, v *Vault) [][]byte {
	t.Helper()
	var all [][]byte
	for raw, err := range v.Feed() {
		must(t, err)
		all = append(all, raw)
	}
	return all
}

// people is a release's total, in people.
func people(r schema.Release) float64 {
	sum := int64(0)
	for _, n := range r.Tables[0].Cells {
		sum += n
	}
	return float64(sum) / schema.UnitsPerPerson
}
