package vault

import (
	"context"
	"fmt"
	"math"
	"strings"

	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// Preview is the text of the release that a period would get, with a dot for each cell
// and for the salt, and below it how far each table's cells will be off. It draws and
// writes nothing and looks at no case, so it may be shown at any time.
func (v *Vault) Preview(ctx context.Context, st *coalition.State, due coalition.Due) (string, error) {
	plan, ok := st.Plan(due.Plan)
	if !ok {
		return "", fmt.Errorf("preview %s: %w: nobody adopted this plan", due.Period, ErrNotDue)
	}
	v.live.RLock()
	defer v.live.RUnlock()
	tables := plan.Of(due.Period.Cadence(), true)
	if len(tables) == 0 {
		return "", fmt.Errorf("preview %s: %w: the plan draws nothing by the %s", due.Period, ErrNotDue, due.Period.Cadence())
	}
	at := place{st.ID(), due.Plan, due.Period}
	r := v.blank(st, at, chargeOf(&plan, at).Charge)
	for _, t := range tables {
		s, err := v.codebook.Shape(t.Table)
		if err != nil {
			return "", fmt.Errorf("preview %s: %w", due.Period, err)
		}
		r.Tables = append(r.Tables, schema.NoisyTable{
			Table: t.Table, Measure: t.Measure, Rows: s.Rows(), Cols: s.Cols(),
			Sigma2: t.Sigma2, Cells: make([]int64, s.Cells()),
		})
	}
	text, err := wire.Text(r)
	if err != nil {
		return "", fmt.Errorf("preview %s: %w", due.Period, err)
	}
	return dotted(text) + "\n" + expected(r.Tables), ctx.Err()
}

const dot = "·"

// dotted puts dots in place of what only the draw knows.
func dotted(text string) string {
	var b strings.Builder
	cells := false
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "salt "):
			line = "salt " + dot + "\n"
		case strings.HasPrefix(line, "table "):
			cells = true
		case cells:
			line = strings.TrimSuffix(strings.Repeat(dot+" ", strings.Count(line, " ")+1), " ") + "\n"
		}
		b.WriteString(line)
	}
	return b.String()
}

// expected says what the noise of each table means, in people.
func expected(tables []schema.NoisyTable) string {
	var b strings.Builder
	b.WriteString("expected: 19 times in 20 the noise of a cell stays within +/-\n")
	for _, t := range tables {
		sd := math.Sqrt(float64(t.Sigma2)) / schema.UnitsPerPerson
		fmt.Fprintf(&b, "%8.1f  (sd %.1f people)  %s\n", 1.96*sd, sd, t.Table)
	}
	return b.String()
}
