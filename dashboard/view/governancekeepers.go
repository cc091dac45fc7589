package view

import (
	"slices"

	"tidemark/schema"
)

// keepersSay says who keeps the joint rounds, how many of them open a sum, and what that
// means; where it differs, also of the running quarter.
func (r *Reader) keepersSay() []string {
	keepers, needed := r.State.Keepers()
	if needed == 0 {
		return []string{r.L.Say("gov.keepers.none", "n", schema.MinKeepers)}
	}
	out := []string{
		r.L.Say("gov.keepers.are", "names", r.and(slugs(keepers)), "some", needed, "all", len(keepers)), r.L.Say("gov.keepers.means"),
	}
	running := schema.PeriodOf(schema.DateOf(r.Now), schema.Quarterly)
	plan, _, planned := r.State.PlanFor(running)
	round, there := r.State.Round(running)
	switch {
	case !planned || plan.Mode != schema.Joint:
		out = append(out, r.L.Say("gov.keepers.local"))
	case !there:
		out = append(out, r.L.Say("gov.keepers.few", "period", r.L.Period(running), "n", plan.Honest+plan.Colluders))
	case !slices.Equal(round.Keepers, keepers):
		out = append(out, r.L.Say("gov.keepers.now", "period", r.L.Period(running), "names", r.and(slugs(round.Keepers))))
	}
	return out
}

// keeperLines say what an act that names keepers means for the members.
func (r *Reader) keeperLines(a schema.Act, c schema.AppointKeepers) []string {
	day, first := r.State.FirstFor(a)
	needed := schema.KeepersNeeded(len(c.Keepers))
	away := r.L.Say("gov.act.keepers.wait")
	if spare := len(c.Keepers) - needed; spare > 0 {
		away = r.L.Say("gov.act.keepers.away", "n", spare)
	}
	return []string{
		r.L.Say("gov.act.keepers", "names", r.and(slugs(c.Keepers)), "day", r.L.Date(day), "period", r.L.Period(first)),
		r.L.Say("gov.act.keepers.open", "some", needed, "all", len(c.Keepers)), away, r.L.Say("gov.act.keepers.read"),
	}
}

// keeperChoices are the active members, those ticked that keep the rounds by now.
func (r *Reader) keeperChoices(active []schema.Slug) []SeatChoice {
	keepers, _ := r.State.Keepers()
	var out []SeatChoice
	for _, slug := range active {
		out = append(out, SeatChoice{slug, slices.Contains(keepers, slug)})
	}
	return out
}
