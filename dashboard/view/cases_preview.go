package view

import (
	"strings"

	"tidemark/schema"
)

// PreviewPage is the very note that would leave, with a dot in place of every number.
type PreviewPage struct {
	Title string
	Says  []string
	Facts []Term
	Note  string
	Noise []NoiseRow
	Heads string // of the column of the coalition's sum
	Back  Link
	Empty *Start
}

// PreviewOf is the period whose note is asked for; false: none is to come.
func (r *Reader) PreviewOf(s Standing) (schema.Period, bool) {
	if r.Snapshot == nil {
		return schema.Period{}, false
	}
	p := r.Q.Period
	if p.IsZero() {
		p = s.Next
	}
	if p.IsZero() {
		return p, false
	}
	plan, _, ok := r.State.PlanFor(p)
	return p, ok && len(plan.Of(p.Cadence(), true)) > 0
}

// Preview shows what a node would send for a period: text is its note with dots.
func (r *Reader) Preview(period schema.Period, text string) (PreviewPage, error) {
	plan, hash, _ := r.State.PlanFor(period)
	log, err := r.log()
	if err != nil {
		return PreviewPage{}, err
	}
	active := r.State.Roster().Active()
	p := r.previewFrame()
	p.Title = r.L.Say("preview.title", "period", r.L.Period(period))
	p.Says = []string{r.L.Say("preview.dots"), r.L.Say("preview.blind")}
	p.Heads = r.L.Say("evidence.noise.all", "n", active)
	charge := plan.Charge(period.Cadence())
	adopted, note := r.adopted(log, hash)
	p.Facts = []Term{
		{Name: r.L.Say("preview.slot"), Text: r.L.Moment(plan.SlotOf(period))},
		{Name: r.L.Say("preview.cost"), Text: r.L.Say("preview.cost.of", "part", capPart(charge, plan.Cap), "guess", r.guess(charge))},
		{Name: r.L.Say("preview.plan"), Text: r.L.Say("preview.plan.of", "plan", hash.Short(), "day", adopted), Href: note.Href},
	}
	p.Note, _, _ = strings.Cut(text, "\nexpected:")
	p.Noise, err = r.noiseRows(period.Cadence(), &plan, active, nil)
	return p, err
}

// PreviewNothing is the page where no release is to come.
func (r *Reader) PreviewNothing() PreviewPage {
	p := r.previewFrame()
	p.Title = r.L.Say("preview.nothing.title")
	p.Empty = &Start{Says: []string{r.L.Say("cases.leave.nothing")}, Links: []Link{p.Back}}
	return p
}

func (r *Reader) previewFrame() PreviewPage {
	return PreviewPage{Back: Link{r.Q.Link("/cases"), r.L.Say("preview.back")}}
}
