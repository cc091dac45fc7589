package vault

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"tidemark/aggregation"
	"tidemark/aggregation/audittest"
	"tidemark/aggregation/noise"
	"tidemark/schema"
	"tidemark/schema/wire"
)

// An audit from outside, of the bytes that a vault signs. Two members with the same keys
// take in two files, which differ by one person or by a group of them; every run draws
// their releases as Step does, and an attacker who knows everything but the group reads
// the notes as a peer does. On one half of the runs she learns to tell the members
// apart; her errors on the other half give a lower bound, at 99 %, of the mu that was
// spent. A sound vault's is no more than the claim, and near it; a planted fault's is
// more. aggregation/AUDIT.md says what that can show, and the last full result.
//
// A group of three is hidden by a third of what hides one: its claim is 3 mu. So the
// audit looks at mu 3, where few runs find a small fault, with plans that are valid.
type audit struct {
	what   string
	engine engine
	history
	group int
	runs  int
	planting
}

// planting puts a fault into a vault. The zero value is none.
type planting struct {
	noise   func(aggregation.Noiser) aggregation.Noiser
	persons string // the mapping's person entry
	planted func(v *Vault, d *drawing, her bool)
}

// result is a line of the page.
type result struct {
	audit
	claim, bound float64
	verdict      string
}

// inScale leaves out the audits without runs.
func inScale(all []audit) []audit {
	return slices.DeleteFunc(all, func(a audit) bool { return a.runs == 0 })
}

// alpha is the level at which an audit fails. In a full one it is the 1 % of the page.
// Otherwise the kernel's randomness must not fail a sound build: two bounds at 1e-10 in
// each of two audits are less than 1e-9. Seeded audits are the same in every run.
func (a *audit) alpha() float64 {
	if a.engine.name == "exact" || audittest.Full() {
		return 0.01
	}
	return 1e-10
}

// claim is the mu that the plan's charges promise to the group.
func (a *audit) claim() float64 {
	sum := schema.Charge(0)
	for _, p := range a.charged {
		sum += a.plan.Charge(quarter(p).Cadence())
	}
	return float64(a.group) * math.Sqrt(float64(sum)/1e9)
}

// worlds are the two members: without the group and with it.
func (a *audit) worlds(t *testing.T) (both [2]*world) {
	t.Helper()
	persons := a.persons
	if persons == "" {
		persons = "id: person"
	}
	m := a.mapping(t, persons)
	cfg, g := a.founded(t)
	for side := range both {
		cfg := cloned(t, cfg)
		cfg.Noise = a.engine.noiser(seedOf(a.what, a.group, side))
		if a.noise != nil {
			cfg.Noise = a.noise(cfg.Noise)
		}
		both[side] = a.reserved(t, cfg, g.st, m, side*a.group)
	}
	return both
}

// seedOf is another seed for each audit and side.
func seedOf(parts ...any) schema.Hash { return schema.HashOf(fmt.Append(nil, parts...)) }

// plant turns the fault on, also for what the attacker works out: she knows the program.
func (a *audit) plant(both [2]*world) {
	for side, w := range both {
		if a.planted != nil {
			w.planted = func(v *Vault, d *drawing) { a.planted(v, d, side == 1) }
		}
	}
}

// do runs the audit and returns its result and how far apart the members are in truth.
func (a *audit) do(t *testing.T) (result, float64) {
	t.Helper()
	both := a.worlds(t)
	a.plant(both)
	base, err := both[0].withoutNoise()
	must(t, err)
	moved, err := both[1].withoutNoise()
	must(t, err)
	difference, truth := make([]float64, len(base.cells)), 0.0
	for i := range difference {
		difference[i] = float64(moved.cells[i] - base.cells[i])
		truth += difference[i] * difference[i] / float64(base.sigma2[i])
	}
	without, with, same := a.draws(t, both, base)
	half := a.runs / 2
	attacker := trained(difference, base.sigma2, without[:half], with[:half])
	falsely, missed := attacker.errors(without[half:], with[half:])
	r := result{audit: *a, claim: a.claim(), bound: audittest.MuLower(falsely, missed, a.runs-half, 0.01), verdict: "within the claim"}
	if audittest.MuLower(falsely, missed, a.runs-half, a.alpha()) > r.claim {
		r.verdict = "above the claim"
	}
	if !same {
		r.verdict = "differs outside the cells"
	}
	return r, math.Sqrt(truth)
}

// draws runs both members, side by side. same tells that all notes of all runs are the
// same but for their cells.
func (a *audit) draws(t *testing.T, both [2]*world, base view) (without, with [][]float64, same bool) {
	t.Helper()
	type outcome struct {
		runs [][]float64
		same bool
		err  error
	}
	done := [2]chan outcome{make(chan outcome, 1), make(chan outcome, 1)}
	for side, w := range both {
		go func() {
			o := outcome{same: true}
			for len(o.runs) < a.runs && o.err == nil {
				var seen view
				if seen, o.err = w.run(); o.err == nil {
					o.runs = append(o.runs, seen.over(base))
					o.same = o.same && seen.outside == base.outside
				}
			}
			done[side] <- o
		}()
	}
	o0, o1 := <-done[0], <-done[1]
	must(t, o0.err)
	must(t, o1.err)
	return o0.runs, o1.runs, o0.same && o1.same
}

// over is how far the cells are above those without the group and without noise.
func (s *view) over(base view) []float64 {
	out := make([]float64, len(s.cells))
	for i := range out {
		out[i] = float64(s.cells[i] - base.cells[i])
	}
	return out
}

func TestAuditPassesTheDraw(t *testing.T) {
	noise.Quiet()
	start := time.Now()
	var results []result
	for _, a := range inScale(sound()) {
		t.Run(a.engine.name+" "+a.what, func(t *testing.T) {
			r, truth := a.do(t)
			t.Logf("claim %.3f, in truth %.3f, at least %.3f: %s", r.claim, truth, r.bound, r.verdict)
			if r.verdict != "within the claim" {
				t.Errorf("claimed mu %.3f, at least %.3f was spent: %s", r.claim, r.bound, r.verdict)
			}
			// The two files are the worst that there are, and the audit has teeth.
			if truth < 0.999*r.claim || truth > r.claim {
				t.Errorf("the files are %.4f apart, the claim is %.4f", truth, r.claim)
			}
			if want := audittest.Least(truth, a.runs-a.runs/2, 0.01); r.bound < want {
				t.Errorf("the audit only sees %.3f of %.3f, want %.3f", r.bound, truth, want)
			}
			results = append(results, r)
		})
	}
	audittest.Report(t, "sound", tableOf(results), time.Since(start))
}

func TestAuditCatchesPlantedFaults(t *testing.T) {
	noise.Quiet()
	start := time.Now()
	var results []result
	for _, a := range inScale(faulty()) {
		t.Run(a.engine.name+" "+a.what, func(t *testing.T) {
			r, _ := a.do(t)
			t.Logf("claim %.3f, at least %.3f: %s", r.claim, r.bound, r.verdict)
			if r.verdict == "within the claim" {
				t.Errorf("claimed mu %.3f, the bound %.3f does not show the fault", r.claim, r.bound)
			}
			r.verdict = "caught: " + r.verdict
			results = append(results, r)
		})
	}
	audittest.Report(t, "faults", tableOf(results), time.Since(start))
}

// What the audit reads is what the product publishes: Step and Publish of a new vault,
// journal and all, give the bytes that the audit's own draw gives for the same noise,
// but for what is random in each: salt, signatures, the hash of the release.
func TestAuditReadsWhatIsPublished(t *testing.T) {
	a := audit{engine: exactEngine, history: mixed(schema.ExactNoise), group: 1}
	cfg, g := a.founded(t)
	m := a.mapping(t, "id: person")
	short := a.reserved(t, cloned(t, cfg), g.st, m, 1)
	for n := range audittest.Runs(3, 20, 300) {
		noiser := exactEngine.noiser(seedOf(n))
		if n%3 == 0 {
			noiser = recorded{childEngine.noiser(schema.Hash{}), &[][][]int64{}}
		}
		v := opened(t, cloned(t, cfg))
		v.cfg.Noise = noiser
		a.take(t, v, m, 0, 1)
		published := releasedNotes(t, v, g, a.periods[0])
		must(t, v.Close())
		short.v.cfg.Noise = again(noiser, seedOf(n))
		release, intent, err := short.v.signed(background, short.st, short.plan, short.drawings[0])
		must(t, err)
		if outsideTheCells(string(published[0])) != outsideTheCells(string(intent)) ||
			outsideTheCells(string(published[1])) != outsideTheCells(string(release)) ||
			!slices.Equal(cellsOf(t, published[1]), cellsOf(t, release)) {
			t.Fatalf("run %d: the audit reads another release than the vault publishes", n)
		}
	}
}

// recorded keeps what an engine without a seed has drawn.
type recorded struct {
	aggregation.Noiser
	drawn *[][][]int64
}

func (r recorded) Noise(ctx context.Context, asks []noise.Ask) ([][]int64, error) {
	drawn, err := r.Noiser.Noise(ctx, asks)
	if err == nil {
		*r.drawn = append(*r.drawn, drawn)
	}
	return drawn, err
}

// again is an engine that draws the same once more.
func again(n aggregation.Noiser, seed schema.Hash) aggregation.Noiser {
	if r, ok := n.(recorded); ok {
		return noiseOf(func([]noise.Ask) ([][]int64, error) { return (*r.drawn)[0], nil })
	}
	return exactEngine.noiser(seed)
}

// releasedNotes are a period's intent before its witnesses, and its release as it stands in
// the feed.
func releasedNotes(t *testing.T, v *Vault, g *gathering, p string) [][]byte {
	t.Helper()
	progress := stepped(t, v, g, p)
	raw, err := g.publish(v, g.due(p), progress.Intent)
	must(t, err)
	notes, err := wire.Unpack(raw)
	must(t, err)
	return [][]byte{progress.Intent, notes[1]}
}

func cellsOf(t *testing.T, raw []byte) []int64 {
	t.Helper()
	body, err := wire.Peek(raw)
	must(t, err)
	var s view
	s.take(body.(schema.Release))
	return s.cells
}

func tableOf(results []result) string {
	var b strings.Builder
	b.WriteString("| audit | noise | persons | claimed mu | runs | mu at least | |\n|---|---|--:|--:|--:|--:|---|\n")
	for _, r := range results {
		fmt.Fprintf(&b, "| %s | %s | %d | %.3f | %d | %.3f | %s |\n", r.what, r.engine.name, r.group, r.claim, r.runs, r.bound, r.verdict)
	}
	return b.String()
}
