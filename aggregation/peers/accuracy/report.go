package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strings"
	"time"

	"tidemark/aggregation/account"
	"tidemark/aggregation/peers/internal/page"
	"tidemark/schema"
)

// sizes are the coalitions that figures are given for.
var sizes = []int{1, 5, 12, 30, 100}

const preface = `%s, by ` + "`make bench-accuracy`" + ` on %s.

Every mechanism may spend the same (epsilon, 1e-6) on one person in a year of four quarters, adding or removing her; each person weighs one, shared among her cases: L1 and L2 are 1. RMSE is of a cell of the coalition's sum, over all cells of all tables alike. Laplace: epsilon split evenly over tables and quarters. dpagg: a Count for each cell, epsilon and delta split evenly, noise by the library itself. zCDP: rho split evenly, by the tight conversion of Canonne, Kamath and Steinke. ResidualPlanner: its closed-form optimum. Tidemark: the planner's tables with integer noise by the exact sampler, reconstructed. Everything is seeded but dpagg, which draws from the kernel: its drawn figures change a little from run to run.
`

// report is the section of the page.
func report(shared string, s scale) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, preface, time.Now().UTC().Format(time.DateOnly), page.Machine())
	design, err := thirteen()
	if err != nil {
		return "", err
	}
	best, err := ratios(&b, design)
	if err != nil {
		return "", err
	}
	all, absent, err := datasets(shared)
	if err != nil {
		return "", err
	}
	worst := best.toOptimum
	for _, d := range all {
		ratio, err := compared(&b, d, s)
		if err != nil {
			return "", err
		}
		worst = max(worst, ratio)
	}
	if len(absent) > 0 {
		fmt.Fprintf(&b, "\nNot there, left out: %s.\n", strings.Join(absent, ", "))
	}
	low, high, err := covered(&b, s)
	if err != nil {
		return "", err
	}
	off, least, most, err := jointly(&b, design, s)
	if err != nil {
		return "", err
	}
	b.WriteString("\n| target | seen | |\n|---|---|---|\n")
	target(&b, "at most 1.01 x ResidualPlanner's RMSE, everywhere above", fmt.Sprintf("%.4f", worst), worst <= 1.01)
	target(&b, "at most 0.35 x evenly split Laplace over a year, thirteen tables", fmt.Sprintf("%.3f", best.toLaplace), best.toLaplace <= 0.35)
	target(&b, "the same where at most three cases of a person count in full (cases:3)", fmt.Sprintf("%.3f", best.cases), best.cases <= 0.35)
	target(&b, fmt.Sprintf("ranges hold 94 to 96 %% over %d simulated quarters", s.quarters), fmt.Sprintf("%.2f to %.2f %%", 100*low, 100*high), low >= 0.94 && high <= 0.96)
	target(&b, "joint mode off by 1/sqrt(H) of what local mode is off by, within 5 %, at 5 to 100 members", fmt.Sprintf("within %.1f %%", 100*off), off <= 0.05)
	target(&b, "joint mode's ranges hold 94 to 96 %", fmt.Sprintf("%.2f to %.2f %%", 100*least, 100*most), least >= 0.94 && most <= 0.96)
	b.WriteString(remark)
	return b.String(), nil
}

const remark = `
Where it misses: one-way tables alone. Each of them measures the total of people as well, more often together than the total is worth; ResidualPlanner measures it once. Tables that are published whole can be read without the others, and by anybody. How far evenly split Laplace falls behind grows with the number of tables: epsilon is shared by all of them, mu by the root of their number.
`

func target(b *strings.Builder, want, seen string, met bool) {
	verdict := "met"
	if !met {
		verdict = "**missed**"
	}
	fmt.Fprintf(b, "| %s | %s | %s |\n", want, seen, verdict)
}

// worstRatios are the highest of Tidemark's.
type worstRatios struct{ toLaplace, toOptimum, cases float64 }

// ratios compares one member's RMSE by formula at several budgets.
func ratios(b *strings.Builder, p *problem) (worst worstRatios, err error) {
	fmt.Fprintf(b, "\n**%s**, one member, by formula: RMSE in people (times evenly split Laplace's)\n\n", p.name)
	budgets := []float64{1, 2, 4}
	b.WriteString("| mechanism | epsilon 1 a year | epsilon 2 | epsilon 4 |\n|---|--:|--:|--:|\n")
	var lines []string
	for i, eps := range budgets {
		all, err := mechanisms(p, budgetOf(eps))
		if err != nil {
			return worst, err
		}
		naive, optimum, ours := formula(p, all[0], 1), formula(p, all[len(all)-2], 1), formula(p, all[len(all)-1], 1)
		worst.toLaplace, worst.toOptimum = max(worst.toLaplace, ours/naive), max(worst.toOptimum, ours/optimum)
		for k, m := range all {
			if i == 0 {
				lines = append(lines, "| "+m.name())
			}
			lines[k] += fmt.Sprintf(" | %.1f (%.3f)", formula(p, m, 1), formula(p, m, 1)/naive)
		}
	}
	b.WriteString(strings.Join(lines, " |\n") + " |\n")
	worst.cases, err = inFull(b, p, budgets)
	return worst, err
}

// inFull says what is left of the ratio where cases or reached cells count in full: such
// tables are no marginals of one array, and are not reconstructed. It returns the highest
// ratio for cases.
func inFull(b *strings.Builder, p *problem, budgets []float64) (worst float64, err error) {
	for _, m := range []schema.Measure{{Kind: schema.Cases, Limit: 3}, {Kind: schema.Reached, Limit: 3}} {
		fmt.Fprintf(b, "| Tidemark's %s", m)
		for _, eps := range budgets {
			own, naive, err := unjoined(p, m, budgetOf(eps))
			if err != nil {
				return 0, err
			}
			if m.Kind == schema.Cases {
				worst = max(worst, own/naive)
			}
			fmt.Fprintf(b, " | %.1f (%.3f)", own, own/naive)
		}
		b.WriteString(" |\n")
	}
	b.WriteString("\nThe last two are other quantities, beside evenly split Laplace noise for the same: with at most three cases of a person, or three cells, L1 is 3.\n")
	return worst, nil
}

// datasets are the fictional ones, and the public ones where they are.
func datasets(shared string) (all []data, absent []string, err error) {
	for _, f := range []struct {
		name   string
		tables []string
	}{
		{"nine one-way tables of the starting plan", []string{"threat_type", "gender", "offline_consequence(group)", "police_response(group)", "platform_response(group)", "region", "platform_response_time", "support_outcome(group)", "known_elsewhere"}},
		{"six tables, five of them crossed", []string{"threat_type*gender", "offline_consequence(group)*link_evidence", "suspected_actor(group)*police_response(group)", "support_need*support_outcome(group)", "region*threat_type", "known_elsewhere"}},
	} {
		d, err := invented(f.name, f.tables...)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, d)
	}
	for _, s := range sets {
		d, err := s.read(shared)
		if errors.Is(err, fs.ErrNotExist) {
			absent = append(absent, s.file)
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		all = append(all, d)
	}
	return all, absent, nil
}

// compared is a data set's table; it returns Tidemark's RMSE over the optimum's.
func compared(b *strings.Builder, d data, s scale) (toOptimum float64, err error) {
	year := schema.Charge(quarters * 48_000_000)
	budget := budgetOf(account.Epsilon(year, delta))
	all, err := mechanisms(d.problem, budget)
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(b, "\n**%s** (%d cells): %s; epsilon %.2f a year, four default quarters; for N members: RMSE drawn (by formula); cells that may be shown; people in those\n\n| mechanism | x Laplace | x optimum |", d.name, d.cells(), d.about, budget.eps)
	for _, n := range sizes {
		fmt.Fprintf(b, " N = %d |", n)
	}
	b.WriteString("\n|---|--:|--:|" + strings.Repeat("--:|", len(sizes)) + "\n")
	naive, optimum := formula(d.problem, all[0], 1), formula(d.problem, all[len(all)-2], 1)
	for _, m := range all {
		own := formula(d.problem, m, 1)
		fmt.Fprintf(b, "| %s | %.3f | %.3f |", m.name(), own/naive, own/optimum)
		for _, n := range sizes {
			f, err := measure(d, m, n, s, rand.New(rand.NewPCG(1, uint64(n))))
			if err != nil {
				return 0, err
			}
			fmt.Fprintf(b, " %.1f (%.1f); %.0f %%; %.0f %% |", f.byDraws, f.byFormula, 100*f.cells, 100*f.people)
		}
		b.WriteString("\n")
	}
	return formula(d.problem, all[len(all)-1], 1) / optimum, nil
}

// covered is the table of how often ranges hold; it returns the least and the greatest.
func covered(b *strings.Builder, s scale) (low, high float64, err error) {
	fmt.Fprintf(b, "\n**How often the 95 %% range holds the truth**: %d quarters, drawn, signed, verified, added up and reconstructed by the product, over all cells\n\n| members | people | reached:3 | cases:2 |\n|--:|--:|--:|--:|\n", s.quarters)
	low = 1
	for _, n := range []int{5, 30, 100} {
		c, err := simulate(n, s.quarters)
		if err != nil {
			return 0, 0, err
		}
		fmt.Fprintf(b, "| %d |", n)
		for _, m := range []schema.MeasureKind{schema.People, schema.Reached, schema.Cases} {
			low, high = min(low, c.share(m)), max(high, c.share(m))
			fmt.Fprintf(b, " %.2f %% |", 100*c.share(m))
		}
		b.WriteString("\n")
	}
	return low, high, nil
}
