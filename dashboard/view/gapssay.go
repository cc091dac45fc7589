package view

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"tidemark/schema"
)

// TrainingGroup is what is taught in a region, by how many.
type TrainingGroup struct {
	Topic, Region string
	Overlap       bool // more than one member
	Says          string
	Dates         []TrainingDate

	members []schema.Slug
	town    string // where all of them are in one
}

// TrainingDate is one training.
type TrainingDate struct {
	When, Town string
	Member     schema.Slug
}

// What a page of sentences holds at most, and how many members make an overlap: two
// that train the same people are worth a word; two that serve one part of the world are
// not.
const (
	mostGaps     = 4
	mostOverlaps = 5
	trainOverlap = 2
	serveOverlap = 3
)

// gapSays are the clearest gaps: how many asked and went without, and who offers it. A
// number that is too noisy is in no sentence.
func (r *Reader) gapSays(g gapGrid) []string {
	if !g.told {
		return nil
	}
	var says []string
	for _, row := range g.order() {
		if !g.readable(row) || g.without[row].Lower() <= 0 || len(says) == mostGaps {
			break
		}
		asked, without := r.Value(g.asked[row], g.grid.Bands), r.Value(g.without[row], g.grid.Bands)
		said := r.L.Say("gaps.gap", "what", g.label(r, row), "asked", asked.Full(), "without", without.Full())
		says = append(says, spaced(spaced(r.careful(without, said), g.offers[row].Says), g.offers[row].Silent))
	}
	if len(says) == 0 {
		says = append(says, r.L.Say("gaps.gap.none", "period", r.L.Period(g.grid.Period)))
	}
	return says
}

// overlapSays are where several offer the same.
func (r *Reader) overlapSays(reg register, trainings []TrainingGroup) []string {
	var says []string
	for _, g := range trainings {
		switch {
		case !g.Overlap:
		case g.town != "":
			says = append(says, r.L.Say("gaps.overlap.town", "n", len(g.members), "what", g.Topic, "town", g.town, "region", g.Region))
		default:
			says = append(says, r.L.Say("gaps.overlap.training", "n", len(g.members), "what", g.Topic, "region", g.Region))
		}
	}
	says = append(says, r.servedBySeveral(reg)...)
	switch {
	case len(reg.said) == 0:
		return []string{r.L.Say("gaps.overlap.unsaid")}
	case len(says) == 0:
		return []string{r.L.Say("gaps.overlap.none")}
	}
	return says[:min(len(says), mostOverlaps)]
}

// served is a service in a region.
type served struct{ need, region schema.Code }

// servedBySeveral names services that several have room for in one region, each where
// most do.
func (r *Reader) servedBySeveral(reg register) (says []string) {
	n := map[served]int{}
	for _, d := range reg.said {
		for _, s := range d.Services {
			for _, region := range reg.regions(d.Member, s) {
				if s.Room != schema.RoomFull {
					n[served{s.Need, region}]++
				}
			}
		}
	}
	all := slices.SortedFunc(maps.Keys(n), func(a, b served) int {
		return cmp.Or(n[b]-n[a], cmp.Compare(a.need, b.need), cmp.Compare(a.region, b.region))
	})
	told := map[schema.Code]bool{}
	for _, one := range all {
		if n[one] >= serveOverlap && !told[one.need] {
			told[one.need] = true
			says = append(says, r.L.Say("gaps.overlap.service", "n", n[one], "what", r.needLabel(one.need), "region", r.regionLabel(one.region)))
		}
	}
	return says
}

// trainings are those of the last three quarters, of this one and to come, by what is
// taught and where; first what most members teach.
func (r *Reader) trainings(reg register) []TrainingGroup {
	from := schema.PeriodOf(reg.today, schema.Quarterly).Add(-3)
	at := map[served]*TrainingGroup{}
	var order []served
	for _, d := range reg.said {
		for _, t := range d.Trainings {
			if t.Quarter.Before(from) {
				continue
			}
			key := served{t.Topic, t.Region}
			if at[key] == nil {
				order = append(order, key)
				at[key] = &TrainingGroup{Topic: r.needLabel(t.Topic), Region: r.regionLabel(t.Region), town: t.Town}
			}
			at[key].add(r, d.Member, t)
		}
	}
	groups := make([]TrainingGroup, len(order))
	for i, key := range order {
		groups[i] = *at[key]
		groups[i].Overlap = len(groups[i].members) >= trainOverlap
		groups[i].Says = r.L.Say("gaps.training.members", "n", len(groups[i].members))
	}
	slices.SortStableFunc(groups, func(a, b TrainingGroup) int { return len(b.members) - len(a.members) })
	return groups
}

func (g *TrainingGroup) add(r *Reader, member schema.Slug, t schema.Training) {
	g.Dates = append(g.Dates, TrainingDate{r.L.Period(t.Quarter), t.Town, member})
	if !slices.Contains(g.members, member) {
		g.members = append(g.members, member)
	}
	if !strings.EqualFold(g.town, t.Town) {
		g.town = ""
	}
}

// untrained names where members work and nobody has said that it trains.
func (r *Reader) untrained(reg register) string {
	if len(reg.said) == 0 {
		return ""
	}
	trained, worked := map[schema.Code]bool{}, map[schema.Code]int{}
	for _, m := range reg.seats {
		for _, region := range m.Regions {
			worked[region]++
		}
	}
	from := schema.PeriodOf(reg.today, schema.Quarterly).Add(-3)
	for _, d := range reg.said {
		for _, s := range d.Services {
			for _, region := range s.Regions {
				worked[region]++
			}
		}
		for _, t := range d.Trainings {
			trained[t.Region] = trained[t.Region] || !t.Quarter.Before(from)
		}
	}
	var names []string
	for _, region := range slices.Sorted(maps.Keys(worked)) {
		if !trained[region] && !Vague(region) {
			names = append(names, r.regionLabel(region))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return r.L.Say("gaps.untrained", "regions", r.and(names))
}
