package view

import (
	"slices"

	"tidemark/schema"
	"tidemark/schema/coalition/plain"
	"tidemark/schema/wire"
)

// ActLines say what an act would do to the coalition as it is now, the most important
// line first: the facts of schema/coalition/plain in the reader's language.
func (r *Reader) ActLines(a schema.Act) []string {
	say := func(key string, member schema.Slug) string { return r.L.Say("gov.act."+key, "member", member) }
	switch c := a.Change.(type) {
	case schema.Admit:
		return r.admitLines(c)
	case schema.Suspend:
		return append([]string{say("suspend", c.Member)}, r.stillAdmin(c.Member)...)
	case schema.Resume:
		return []string{say("resume", c.Member)}
	case schema.Remove:
		return append([]string{say("remove", c.Member), r.removedKey(c.Key)}, r.stillAdmin(c.Member)...)
	case schema.RotateKey:
		return []string{r.keyLine(c.NetworkKey)}
	case schema.AppointKeepers:
		return r.keeperLines(a, c)
	case schema.ReplaceNode:
		return []string{say("node", c.Member), r.L.Say("gov.act.node.key", "key", c.NodeKey, "addresses", r.listed(c.Addresses))}
	case schema.ReplaceMember:
		return append([]string{
			r.L.Say("gov.act.member", "member", c.Member, "number", int64(c.Sequence)), r.L.Say("gov.act.member.notes"),
			r.L.Say("gov.act.member.key", "key", c.MemberKey),
		}, r.stillAdmin(c.Member)...)
	case schema.SetAdmins:
		return r.adminLines(c)
	case schema.AdoptPlan:
		return []string{r.L.Say("gov.act.adopt", "plan", wire.PlanHash(c.Plan).Short()), r.binds(a.Date, c.Plan)}
	case schema.RetirePlan:
		return []string{r.L.Say("gov.act.retire", "plan", c.Plan.Short(), "day", r.L.Date(a.Date+schema.PlanNotice))}
	}
	return []string{r.L.Say("gov.act.unknown")}
}

func (r *Reader) admitLines(c schema.Admit) []string {
	key := "gov.act.admit"
	if r.State.Roster().Member(c.Slug) != nil {
		key = "gov.act.readmit"
	}
	out := []string{
		r.L.Say(key, "member", c.Slug, "period", r.L.Period(c.First)), r.L.Say("gov.act.admit.sees"),
		r.L.Say("gov.act.admit.about", "addresses", r.listed(c.Addresses), "regions", r.listed([]string{r.regions(&schema.Member{Applicant: c.Applicant})})),
	}
	if words, err := plain.RequestWords(c.Applicant); err == nil {
		out = append(out, r.L.Say("gov.act.admit.words", "words", words))
	}
	return out
}

// listed joins what there is, or says that there is none.
func (r *Reader) listed(all []string) string {
	all = slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s == "" })
	if len(all) == 0 {
		return r.L.Say("gov.none")
	}
	return r.and(all)
}

func (r *Reader) removedKey(k schema.NetworkKey) string {
	if k == (schema.NetworkKey{}) {
		return r.L.Say("gov.act.remove.nokey")
	}
	return r.keyLine(k)
}

func (r *Reader) keyLine(k schema.NetworkKey) string {
	return r.L.Say("gov.act.key", "day", r.L.Date(k.From), "n", wire.Recipients(k.Sealed))
}

// stillAdmin warns that a seat's end or another key of it changes no admin (C14).
func (r *Reader) stillAdmin(member schema.Slug) []string {
	if !slices.Contains(keySlugs(r.State.Roster().Admins), string(member)) {
		return nil
	}
	return []string{r.L.Say("gov.act.admin", "member", member)}
}

func (r *Reader) adminLines(c schema.SetAdmins) []string {
	roster := r.State.Roster()
	out := []string{
		r.L.Say("gov.act.admins", "some", c.Threshold, "all", len(c.Admins), "names", r.listed(keySlugs(c.Admins))),
		r.L.Say("gov.act.admins.until", "some", roster.Threshold, "all", len(roster.Admins)),
	}
	if only := without(c.Admins, roster.Admins); len(only) > 0 {
		out = append(out, r.L.Say("gov.act.admins.new", "names", r.and(keySlugs(only))))
	}
	if only := without(roster.Admins, c.Admins); len(only) > 0 {
		out = append(out, r.L.Say("gov.act.admins.gone", "names", r.and(keySlugs(only))))
	}
	if c.Threshold == 1 {
		out = append(out, r.L.Say("gov.act.admins.one"))
	}
	return out
}

func without(all, those []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(those, s) })
}

// binds says from when a plan binds if an act of this date adopts it.
func (r *Reader) binds(date schema.Date, p schema.Plan) string {
	from := max(date+schema.PlanNotice, p.First.Start())
	return r.L.Say("gov.act.binds", "day", r.L.Date(from), "period", r.L.Period(plain.FirstBound(date, p)), "days", schema.PlanNotice)
}
