package dashboard

import (
	"slices"
	"strconv"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// changeFields are what a form may say of a change.
var changeFields = []string{"verb", "member", "days", "threshold", "admin", "keeper", "plan", "request", "words", "first"}

// change is what a form of an admin asks for. A network key is made anew whenever it is
// asked for: the one that was only shown is forgotten.
func (d *Dashboard) change(a asking) (schema.Change, error) {
	member := schema.Slug(a.form.Get("member"))
	if m := a.State.Roster().Member(member); m == nil && a.form.Has("member") {
		return nil, errChoice
	}
	switch verb := a.form.Get("verb"); verb {
	case schema.Admit{}.Verb():
		return d.admission(a)
	case schema.Suspend{}.Verb():
		return schema.Suspend{Member: member}, nil
	case schema.Resume{}.Verb():
		return schema.Resume{Member: member}, nil
	case schema.Remove{}.Verb():
		key, err := d.networkKey(a, member)
		return schema.Remove{Member: member, Key: key}, err
	case schema.RotateKey{}.Verb():
		key, err := d.networkKey(a, "")
		return schema.RotateKey{NetworkKey: key}, err
	case schema.SetAdmins{}.Verb():
		return a.admins()
	case schema.AppointKeepers{}.Verb():
		return a.keepers()
	case schema.AdoptPlan{}.Verb():
		return a.plan()
	case schema.RetirePlan{}.Verb():
		plan, err := schema.ParseHash(a.form.Get("plan"))
		if err != nil {
			return nil, errChoice
		}
		return schema.RetirePlan{Plan: plan}, nil
	}
	return nil, errForm
}

func (d *Dashboard) admission(a asking) (schema.Change, error) {
	var first schema.Period
	if text := a.form.Get("first"); text != "" {
		var err error
		if first, err = schema.ParsePeriod(text); err != nil || first.Cadence() != schema.Quarterly {
			return nil, errChoice
		}
	}
	if a.text("request") == "" {
		return nil, errChoice
	}
	return d.cfg.Admin.Admission([]byte(a.text("request")), a.form.Get("words"), first)
}

func (d *Dashboard) networkKey(a asking, removed schema.Slug) (schema.NetworkKey, error) {
	days, err := strconv.Atoi(a.form.Get("days"))
	if err != nil || days < 0 || days > schema.MaxKeyNotice {
		return schema.NetworkKey{}, errChoice
	}
	return d.cfg.Admin.NetworkKey(removed, days)
}

// admins are those that were ticked: members, or admins as now.
func (a asking) admins() (schema.Change, error) {
	roster := a.State.Roster()
	threshold, err := strconv.Atoi(a.form.Get("threshold"))
	if err != nil || threshold < 1 || threshold > len(a.form["admin"]) {
		return nil, errChoice
	}
	set := schema.SetAdmins{Threshold: threshold}
	for _, name := range a.form["admin"] {
		key := ""
		if m := roster.Member(schema.Slug(name)); m != nil {
			key = m.MemberKey
		}
		for _, admin := range roster.Admins {
			if slug, err := wire.SlugOf(admin); err == nil && string(slug) == name && key == "" {
				key = admin
			}
		}
		if key == "" {
			return nil, errChoice
		}
		set.Admins = append(set.Admins, key)
	}
	return set, nil
}

// keepers are the active members that were ticked, in the order of admission.
func (a asking) keepers() (schema.Change, error) {
	var c schema.AppointKeepers
	for _, m := range a.State.Roster().Members {
		if m.Status == schema.Active && slices.Contains(a.form["keeper"], string(m.Slug)) {
			c.Keepers = append(c.Keepers, m.Slug)
		}
	}
	if n := len(c.Keepers); n != len(a.form["keeper"]) || n < schema.MinKeepers || n > schema.MaxKeepers {
		return nil, errChoice
	}
	return c, nil
}

// plan is the pasted text of a plan that the coalition's nodes would take.
func (a asking) plan() (schema.Change, error) {
	p, err := wire.ParsePlan(a.text("plan"))
	if err != nil {
		return nil, err
	}
	return schema.AdoptPlan{Plan: p}, p.Validate(a.Codebook)
}
