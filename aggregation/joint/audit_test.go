package joint

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"tidemark/aggregation/audittest"
	"tidemark/aggregation/noise"
	"tidemark/schema"
)

// An audit of what colluders see. Rounds are run over and over, without her and with her
// (or with a group, which is hidden by as much less), and H + c members contribute, the
// fewest that are opened. k colluders take their own counters off the public sum; what is
// left is compared with the claim: mu for k up to c, mu sqrt(H) if all others collude. The
// method is that of aggregation/AUDIT.md: a threshold from one half of the runs,
// Clopper-Pearson bounds at 99 % on the other. Everything is seeded.

const alpha = 0.01

// audited is a coalition that is audited, and a fault in it.
type audited struct {
	members, group int
	runs           int
	fault          string
}

func (a audited) honest() int    { return (a.members + 1) / 2 }
func (a audited) colluders() int { return max(1, a.members/6) }

// Two tables of three cells, in each of which she has all of her cases in one cell.
const units = 60

var sigma2 = [2]int64{180_000, 180_001} // mu is 0.2 for one person

func mu(persons int) float64 {
	return float64(persons) * math.Sqrt(units*units/float64(sigma2[0])+units*units/float64(sigma2[1]))
}

// shareVariance is PRIVACY.md 7.1, or a fault; her own may differ from the others'.
func (a audited) shareVariance(table int, hers bool) int64 {
	h := int64(a.honest())
	right := (sigma2[table] + h - 1) / h
	switch {
	case a.fault == "sigma2/H^2":
		return right / h
	case a.fault == "no share of hers" && hers, a.fault == "no shares":
		return 0
	case a.fault == "sigma2, not shared":
		return sigma2[table]
	}
	return right
}

// contributes is one member's counters: hers are the first member's; the others' cases are
// known to everybody, and so are left out.
func (a audited) contributes(t *testing.T, member, persons int, n *noise.Exact) []int64 {
	t.Helper()
	var counters []int64
	for table := range sigma2 {
		cells := make([]int64, 3)
		if v := a.shareVariance(table, member == 0); v > 0 {
			drawn, err := n.Sample(context.Background(), 64*v, len(cells))
			must(t, err)
			cells = drawn
		}
		if member == 0 {
			cells[1] += int64(persons * units)
		}
		counters = append(counters, cells...)
	}
	return counters
}

// view is one run: the weighted sum of what is left to k colluders, for each k up to c, and
// to all others.
func (a audited) view(t *testing.T, r Round, persons int, random *noise.Exact) (scores []float64) {
	t.Helper()
	w := newWorld(t, r, plainBoxes(r), random.Random)
	w.unsealed = true
	var all [][]int64
	for i, m := range r.Members {
		counters := a.contributes(t, i, persons, random)
		all = append(all, counters)
		w.contribute(m, counters, deviation{})
	}
	left := w.opened().Counters
	for k := range r.Members {
		if k > 0 { // the k-th colluder, from the end
			for i, c := range all[len(all)-k] {
				left[i] -= c
			}
		}
		if k > 0 && (k <= a.colluders() || k == len(r.Members)-1) {
			scores = append(scores, float64(left[1])/float64(sigma2[0])+float64(left[4])/float64(sigma2[1]))
		}
	}
	return scores
}

// plainBoxes are keepers' keys where nothing is sealed.
func plainBoxes(r Round) (out []box) {
	for i, k := range r.Keepers {
		out = append(out, box{Key: Key{Keeper: k, ID: schema.Hash{byte(i)}}})
	}
	return out
}

// opened goes the rest of a round's way in which nobody fails, with t keepers.
func (w *world) opened() Opened {
	w.t.Helper()
	sums := map[schema.Slug][][schema.ScalarSize]byte{}
	for _, k := range w.Keepers[:w.Threshold] {
		h, _ := w.open(k)
		w.publish(h)
	}
	a, _ := w.Propose(w.lists)
	for _, k := range w.Keepers[:w.Threshold] {
		sum, err := w.Sum(a, w.held[k])
		must(w.t, err)
		sums[k] = sum
	}
	o, err := w.Interpolate(a, sums)
	must(w.t, err)
	return o
}

// do gives for each k what was claimed and what was spent at least.
func (a audited) do(t *testing.T) (results []auditResult) {
	t.Helper()
	r := sampleRound(a.honest()+a.colluders(), 3, a.honest()+a.colluders(), 6)
	var sides [2][][]float64 // by k, by run
	for side := range sides {
		random := &noise.Exact{Random: seeded("audit", a.members, a.fault, side)}
		for range a.runs {
			for k, s := range a.view(t, r, side*a.group, random) {
				if len(sides[side]) <= k {
					sides[side] = append(sides[side], nil)
				}
				sides[side][k] = append(sides[side][k], s)
			}
		}
	}
	for k := range sides[0] {
		res := auditResult{audited: a, colluding: fmt.Sprint(k + 1), claim: mu(a.group), bound: bound(sides[0][k], sides[1][k])}
		h := float64(a.honest())
		res.truth = mu(a.group) * math.Sqrt(h/(h+float64(a.colluders()-k-1)))
		if k == len(sides[0])-1 {
			res.colluding, res.claim = "all others", mu(a.group)*math.Sqrt(h)
			res.truth = res.claim
		}
		results = append(results, res)
	}
	return results
}

// auditResult is a line of the page.
type auditResult struct {
	audited
	colluding           string
	claim, truth, bound float64
}

// bound is the mu that was spent at least: a threshold halfway between the means of the
// first halves, errors and their bounds on the second ones.
func bound(without, with []float64) float64 {
	half := len(without) / 2
	threshold := (mean(without[:half]) + mean(with[:half])) / 2
	falsely, missed, n := 0, 0, len(without)-half
	for i := half; i < len(without); i++ {
		if without[i] > threshold {
			falsely++
		}
		if with[i] <= threshold {
			missed++
		}
	}
	return audittest.MuLower(falsely, missed, n, alpha)
}

func mean(all []float64) (m float64) {
	for _, x := range all {
		m += x / float64(len(all))
	}
	return m
}

// A coalition of any size tells its colluders no more than it claims, and the audit would
// see if it were much more.
func TestAuditOfColluders(t *testing.T) {
	start := time.Now()
	var results []auditResult
	for _, a := range []audited{
		{members: 5, group: 5, runs: audittest.Runs(1_000, 4_000, 20_000)},
		{members: 12, group: 5, runs: audittest.Runs(400, 1_500, 20_000)},
		{members: 30, group: 5, runs: audittest.Runs(0, 400, 10_000)},
		{members: 100, group: 3, runs: audittest.Runs(0, 0, 4_000)},
	} {
		if a.runs == 0 {
			continue
		}
		for _, r := range a.do(t) {
			if r.bound > r.claim {
				t.Errorf("%d members, %s collude: claimed mu %.3f, at least %.3f was spent", r.members, r.colluding, r.claim, r.bound)
			}
			if want := audittest.Least(r.truth, a.runs-a.runs/2, alpha); r.bound < want {
				t.Errorf("%d members, %s collude: the audit only sees %.3f of %.3f, want %.3f", r.members, r.colluding, r.bound, r.truth, want)
			}
			results = append(results, r)
		}
	}
	audittest.Report(t, "colluders", tableOf(results), time.Since(start))
}

// Faults in the noise are caught: by a bound above the claim, or by an audit that sees too
// little of it, which is noise that nobody needs.
func TestAuditCatchesFaultsOfShares(t *testing.T) {
	start := time.Now()
	var results []auditResult
	for _, a := range []audited{
		{members: 12, group: 5, runs: audittest.Runs(600, 1_000, 10_000), fault: "sigma2/H^2"},
		{members: 5, group: 5, runs: audittest.Runs(0, 4_000, 20_000), fault: "no share of hers"},
		{members: 12, group: 5, runs: audittest.Runs(200, 400, 4_000), fault: "no shares"},
		{members: 12, group: 5, runs: audittest.Runs(0, 2_000, 10_000), fault: "sigma2, not shared"},
	} {
		if a.runs == 0 {
			continue
		}
		all := a.do(t)
		r := all[a.colluders()-1]
		above, little := r.bound > r.claim, r.bound < audittest.Least(r.truth, a.runs-a.runs/2, alpha)
		if caught := above || little && a.fault == "sigma2, not shared"; !caught {
			t.Errorf("%s: claimed mu %.3f, the bound %.3f does not show it", a.fault, r.claim, r.bound)
		}
		results = append(results, r)
	}
	audittest.Report(t, "faults of shares", tableOf(results), time.Since(start))
}

func tableOf(results []auditResult) string {
	var b strings.Builder
	b.WriteString("| members | H | colluding | persons | fault | claimed mu | runs | mu at least |\n|--:|--:|---|--:|---|--:|--:|--:|\n")
	for _, r := range results {
		fmt.Fprintf(&b, "| %d | %d | %s | %d | %s | %.3f | %d | %.3f |\n", r.members, r.honest(), r.colluding, r.group, r.fault, r.claim, r.runs, r.bound)
	}
	return b.String()
}
