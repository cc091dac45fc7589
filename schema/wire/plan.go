package wire

import (
	"fmt"
	"strings"

	"tidemark/schema"
)

const planTitle = "tidemark/plan/v1"

// PlanText writes a plan's canonical text, which its hash is of. For a plan that
// schema.Plan.Validate refuses the text may be one that ParsePlan refuses.
func PlanText(p schema.Plan) string {
	text, _ := planText(p)
	return text
}

func planText(v schema.Plan) (string, error) {
	p := &page{}
	planLines(p, &v)
	return p.out.String(), p.err
}

// ParsePlan reads a plan's text, strictly: PlanText of what it returns is the text again.
// Ceilings and codebook are schema.Plan.Validate's business.
func ParsePlan(text string) (schema.Plan, error) {
	if len(text) > MaxNote {
		return schema.Plan{}, fmt.Errorf("plan: %d bytes, at most %d", len(text), MaxNote)
	}
	if err := checkCharacters(text); err != nil {
		return schema.Plan{}, fmt.Errorf("plan: %w", err)
	}
	p := &page{reading: true, rest: text}
	var v schema.Plan
	planLines(p, &v)
	p.end()
	if p.err != nil {
		return schema.Plan{}, fmt.Errorf("plan: %w", p.err)
	}
	return v, nil
}

// PlanHash is the plan's content address: the hash of its text.
func PlanHash(p schema.Plan) schema.Hash { return schema.HashOf([]byte(PlanText(p))) }

// planLines are W26.
func planLines(p *page, v *schema.Plan) {
	p.word(planTitle)
	field(p, "codebook", &v.Codebook, hashForm)
	m := mode{v.Mode, v.Honest, v.Colluders}
	field(p, "mode", &m, form[mode]{mode.String, parseMode})
	v.Mode, v.Honest, v.Colluders = m.mode, m.honest, m.colluders
	field(p, "noise", &v.Noise, noiseForm)
	field(p, "first", &v.First, quarterForm)
	field(p, "late", &v.LateDays, integer[int](0, 999))
	field(p, "slot", &v.Slot, form[schema.Slot]{writeSlot, parseSlot})
	field(p, "charge-quarter", &v.ChargeQuarter, charging)
	field(p, "charge-year", &v.ChargeYear, charging)
	field(p, "cap", &v.Cap, charging)
	field(p, "bands", &v.Bands, form[schema.Bands]{writeBands, parseBands})
	repeated(p, "table", &v.Tables, schema.MaxTables, form[schema.PlanTable]{writePlanTable, parsePlanTable})
}

// quotedPlan stands at the end of a charter or an act: the line "plan", then the plan's
// lines, each after "| " (W27).
func quotedPlan(p *page, v *schema.Plan) {
	const mark = "| "
	p.word("plan")
	if !p.reading {
		text, err := planText(*v)
		if err != nil {
			p.fail("plan: %w", err)
		}
		for line := range strings.Lines(text) {
			p.put(mark + strings.TrimSuffix(line, "\n"))
		}
		return
	}
	var text strings.Builder
	for p.err == nil && p.rest != "" {
		line, quoted := strings.CutPrefix(p.take(), mark)
		if p.err == nil && !quoted {
			p.fail("plan: want a line quoted by %q", mark)
		}
		text.WriteString(line + "\n")
	}
	plan, err := ParsePlan(text.String())
	if p.err == nil && err != nil {
		p.err = err // it tells its own line
	}
	*v = plan
}

// mode joins the three fields that one line tells.
type mode struct {
	mode              schema.Mode
	honest, colluders int
}

const maxParties = 1000

func (m mode) String() string {
	if m.mode == schema.Joint {
		return fmt.Sprintf("joint honest %d colluders %d", m.honest, m.colluders)
	}
	return string(m.mode)
}

func parseMode(s string) (mode, error) {
	if s == string(schema.Local) {
		return mode{mode: schema.Local}, nil
	}
	w := strings.Split(s, " ")
	if len(w) == 5 && w[0] == string(schema.Joint) {
		h, ok1 := parseInteger(w[2])
		c, ok2 := parseInteger(w[4])
		if ok1 && ok2 && h >= 0 && h <= maxParties && c >= 0 && c <= maxParties {
			return mode{schema.Joint, int(h), int(c)}, nil // the words are compared when it is written again
		}
	}
	return mode{}, fmt.Errorf("want local, or joint honest H colluders C")
}

func writeSlot(s schema.Slot) string { return fmt.Sprintf("%d %02d:00", s.Days, s.Hour) }

func parseSlot(s string) (slot schema.Slot, err error) {
	days, clock, _ := strings.Cut(s, " ")
	n, ok := parseInteger(days)
	if !ok || n < 0 || n > 999 || len(clock) != len("06:00") || clock < "00:00" || clock > "23:00" {
		return slot, fmt.Errorf("want days and a full hour as 10 06:00")
	}
	return schema.Slot{Days: int(n), Hour: int(clock[0]-'0')*10 + int(clock[1]-'0')}, nil
}

func writeBands(b schema.Bands) string { return fmt.Sprintf("%d %d", b.Number, b.Caution) }

func parseBands(s string) (schema.Bands, error) {
	number, caution, _ := strings.Cut(s, " ")
	n, ok1 := parseInteger(number)
	c, ok2 := parseInteger(caution)
	if !ok1 || !ok2 || min(n, c) < 0 || max(n, c) > 1000 {
		return schema.Bands{}, fmt.Errorf("want two limits of 0 to 1000 per thousand")
	}
	return schema.Bands{Number: int(n), Caution: int(c)}, nil
}

func writePlanTable(t schema.PlanTable) string {
	noise := "derived"
	if t.Sigma2 != 0 {
		noise = fmt.Sprintf("sigma2 %d", t.Sigma2)
	}
	return fmt.Sprintf("%s %s %s %s", t.Cadence, t.Measure, t.Table, noise)
}

func parsePlanTable(s string) (t schema.PlanTable, err error) {
	w := strings.Split(s, " ")
	if len(w) < 4 || len(w) > 5 {
		return t, fmt.Errorf("want cadence, measure, table and sigma2 N or derived")
	}
	t.Cadence = schema.Cadence(w[0])
	if t.Cadence != schema.Quarterly && t.Cadence != schema.Yearly {
		return t, fmt.Errorf("cadence: want quarter or year")
	}
	if t.Measure, err = schema.ParseMeasure(w[1]); err != nil {
		return t, err
	}
	if t.Table, err = schema.ParseTable(w[2]); err != nil {
		return t, err
	}
	if len(w) == 5 {
		n, ok := parseInteger(w[4])
		if !ok || n < 1 {
			return t, fmt.Errorf("sigma2: want 1 or more")
		}
		t.Sigma2 = n
	}
	return t, nil // "sigma2" and "derived" are compared when it is written again
}
