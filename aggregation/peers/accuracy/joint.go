package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"tidemark/aggregation/planner"
	"tidemark/schema"
)

// jointSizes are the coalitions that joint mode is set beside local mode for.
var jointSizes = []int{5, 12, 30, 100}

// inJoint is the product in joint mode: every member draws a share of the noise, whole
// units^2 like the product's, and what is opened is reconstructed.
func (m *tidemark) inJoint(honest int) (*tidemark, error) {
	plan, shares := schema.Plan{Mode: schema.Joint, Honest: honest}, make([]schema.PlanTable, len(m.tables))
	for i, t := range m.tables {
		shares[i] = t
		shares[i].Sigma2 = plan.ShareVariance(t)
	}
	return reconstructed(m.p, shares)
}

// beside is what joint mode gives a coalition of a size, beside local mode.
type beside struct {
	honest       int
	local, joint float64 // RMSE drawn, in people
	holds        float64 // share of cells whose 95 % range held
}

// law is joint mode's RMSE times the root of H, over local mode's: 1.
func (b beside) law() float64 { return b.joint / b.local * math.Sqrt(float64(b.honest)) }

// besideLocal draws both modes until a figure rests on enough cells.
func besideLocal(local *tidemark, members int, s scale) (beside, error) {
	honest, _ := planner.Assumed(members)
	out := beside{honest: honest}
	joint, err := local.inJoint(honest)
	if err != nil {
		return out, err
	}
	r := rand.New(rand.NewPCG(6, uint64(members)))
	if out.local, _, err = drawn(local, members, s, r); err != nil {
		return out, err
	}
	out.joint, out.holds, err = drawn(joint, members, s, r)
	return out, err
}

// drawn is the RMSE of a coalition's cells, and how often their 95 % ranges hold.
func drawn(m *tidemark, members int, s scale, r *rand.Rand) (rmseOf, holds float64, err error) {
	var squares, held float64
	cells := 0
	for cells < 2*s.cells {
		noise, err := m.draw(members, r)
		if err != nil {
			return 0, 0, err
		}
		for t, table := range noise {
			for i, n := range table {
				cells++
				squares += n * n
				if n*n <= 1.96*1.96*m.vars[t][i]*float64(members) {
					held++
				}
			}
		}
	}
	return rmse(squares, cells), held / float64(cells), nil
}

// jointly is the section's part about joint mode. It returns how far the law is off at the
// most, and the least and greatest share of ranges that held.
func jointly(b *strings.Builder, design *problem, s scale) (off, low, high float64, err error) {
	ours, err := newTidemark(design, budgetOf(2))
	if err != nil {
		return 0, 0, 0, err
	}
	people, reached, err := besideLaplace(design)
	if err != nil {
		return 0, 0, 0, err
	}
	fmt.Fprintf(b, "\n**Joint mode beside local mode**: %s, epsilon 2 a year, H = half of the members, rounded up; every member's share drawn by the exact sampler with variance ceil(sigma2/H), summed and reconstructed; ratios to evenly split Laplace by formula, for reached:3 beside Laplace with L1 = 3\n\n| members | H | RMSE local | RMSE joint | joint/local x sqrt(H) | 95 %% ranges that hold | x Laplace, people | x Laplace, reached:3 |\n|--:|--:|--:|--:|--:|--:|--:|--:|\n", design.name)
	low = 1
	for _, n := range jointSizes {
		seen, err := besideLocal(ours, n, s)
		if err != nil {
			return 0, 0, 0, err
		}
		off = max(off, math.Abs(seen.law()-1))
		low, high = min(low, seen.holds), max(high, seen.holds)
		root := math.Sqrt(float64(seen.honest))
		fmt.Fprintf(b, "| %d | %d | %.1f | %.2f | %.3f | %.2f %% | %.3f | %.3f |\n", n, seen.honest, seen.local, seen.joint, seen.law(), 100*seen.holds, people/root, reached/root)
	}
	return off, low, high, nil
}

// besideLaplace are local mode's ratios to evenly split Laplace for the same, at epsilon 2.
func besideLaplace(p *problem) (people, reached float64, err error) {
	all, err := mechanisms(p, budgetOf(2))
	if err != nil {
		return 0, 0, err
	}
	own, naive, err := unjoined(p, schema.Measure{Kind: schema.Reached, Limit: 3}, budgetOf(2))
	return formula(p, all[len(all)-1], 1) / formula(p, all[0], 1), own / naive, err
}
