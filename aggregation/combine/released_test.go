package combine

import (
	"strings"
	"testing"

	"tidemark/schema"
)

func TestReleasedIsThePlansRelease(t *testing.T) {
	w := newWorld(t)
	v := w.sign(t, "quiet-heron", w.release(t, "quiet-heron", quarter, peak, nil))
	c, err := Expect(w.cb, w.plan).Release(v)
	if err != nil {
		t.Fatal(err)
	}
	if c.Member() != "quiet-heron" || c.Period() != quarter || c.Plan() != w.hash || c.Release() != v.ID() {
		t.Errorf("have %s %s %s %s", c.Member(), c.Period(), c.Plan().Short(), c.Release().Short())
	}
	for name, spoil := range map[string]func(*schema.Release){
		"another plan":        func(r *schema.Release) { r.Plan = schema.Hash{9} },
		"another charge":      func(r *schema.Release) { r.Charge++ },
		"before the plan":     func(r *schema.Release) { r.Period = schema.Period{Year: 2022, Quarter: 4} },
		"a year's name":       func(r *schema.Release) { r.Period = schema.Period{Year: 2024} },
		"a table less":        func(r *schema.Release) { r.Tables = r.Tables[1:] },
		"a table more":        func(r *schema.Release) { r.Tables = append(r.Tables, r.Tables[0]) },
		"another order":       func(r *schema.Release) { r.Tables[0], r.Tables[1] = r.Tables[1], r.Tables[0] },
		"another measure":     func(r *schema.Release) { r.Tables[2].Measure.Limit = 3 },
		"less noise":          func(r *schema.Release) { r.Tables[0].Sigma2-- },
		"more noise":          func(r *schema.Release) { r.Tables[0].Sigma2++ },
		"turned on its side":  func(r *schema.Release) { r.Tables[0].Rows, r.Tables[0].Cols = cols, rows },
		"a cell out of bound": func(r *schema.Release) { r.Tables[0].Cells[0] = -maxUnits - 1 },
	} {
		r := w.release(t, "quiet-heron", quarter, peak, nil)
		spoil(&r)
		_, err := Expect(w.cb, w.plan).Release(w.sign(t, "quiet-heron", r))
		if err == nil {
			t.Errorf("%s: accepted", name)
		} else if strings.Contains(err.Error(), "7200") {
			t.Errorf("%s: the error shows a cell", name)
		}
	}
	notice := schema.Notice{Link: w.release(t, "quiet-heron", quarter, peak, nil).Link, Release: schema.Hash{3}, Reason: schema.OtherReason}
	if _, err := Expect(w.cb, w.plan).Release(w.sign(t, "quiet-heron", notice)); err == nil {
		t.Error("a notice: accepted")
	}
}
