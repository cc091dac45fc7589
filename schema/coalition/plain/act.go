package plain

import (
	"fmt"
	"slices"
	"strings"

	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/spoken"
	"tidemark/schema/wire"
)

// Act says what an act does to the coalition as it was before it, the most important
// line first.
func Act(a schema.Act, before *coalition.State) []string {
	switch c := a.Change.(type) {
	case schema.Admit:
		return admit(c, before)
	case schema.Suspend:
		return append([]string{fmt.Sprintf("Suspend %s: it is disconnected at once, its releases are not taken and it owes none, until it is resumed.", c.Member)}, stillAdmin(c.Member, before)...)
	case schema.Resume:
		return []string{fmt.Sprintf("Resume %s: it may connect again and owes releases again. If the network key has changed meanwhile, it needs another invitation.", c.Member)}
	case schema.Remove:
		return append(remove(c), stillAdmin(c.Member, before)...)
	case schema.RotateKey:
		return []string{networkKey(c.NetworkKey)}
	case schema.AppointKeepers:
		return keepers(a, c, before)
	case schema.ReplaceNode:
		return replaceNode(c)
	case schema.ReplaceMember:
		return append(replaceMember(c), stillAdmin(c.Member, before)...)
	case schema.SetAdmins:
		return admins(c, before)
	case schema.AdoptPlan:
		return adopt(a.Date, c.Plan, before)
	case schema.RetirePlan:
		return []string{
			fmt.Sprintf("Retire the plan %s: no period that starts on %s or later is released, until another plan is adopted.", c.Plan.Short(), a.Date+schema.PlanNotice),
		}
	}
	return []string{"Something that this program does not know."}
}

func keepers(a schema.Act, c schema.AppointKeepers, before *coalition.State) []string {
	all := len(c.Keepers)
	day, first := before.FirstFor(a)
	needed, away := schema.KeepersNeeded(all), "While one of them is away a round waits."
	if spare := all - needed; spare > 0 {
		away = fmt.Sprintf("A round opens even while %d of them are away.", spare)
	}
	return []string{
		fmt.Sprintf("Name the keepers of joint rounds: %s. They keep the periods that end on %s or later, from %s on.", listed(c.Keepers), day, first),
		fmt.Sprintf("Each gets one share of what a member sends. %d of these %d together open the sum of all members. %s", needed, all, away),
		fmt.Sprintf("Any %d of them could also agree to read what one member sent, under its own share of the noise alone. So name members in different countries, on different machines.", needed),
	}
}

func admit(c schema.Admit, before *coalition.State) []string {
	first := fmt.Sprintf("Admit %s as a member. It owes releases from %s on.", c.Slug, c.First)
	if before.Roster().Member(c.Slug) != nil {
		first = fmt.Sprintf("Admit %s again, to the seat that it had. It owes releases from %s on.", c.Slug, c.First)
	}
	out := []string{
		first,
		"It gets to see all members, their regions and addresses, and all releases, from the first on. That cannot be taken back. It sees no case and no name.",
		"Addresses: " + listed(c.Addresses) + ". Regions: " + listed(c.Regions) + ".",
	}
	if words, err := RequestWords(c.Applicant); err == nil {
		out = append(out, "The words of its request, which it reads to you by voice or in person: "+words)
	}
	return out
}

// RequestWords are the words of the request that an act to admit repeats, so that every
// admin can hear them from the applicant (S1).
func RequestWords(who schema.Applicant) (string, error) {
	text, err := wire.Text(schema.Request{Applicant: who})
	return spoken.Words(schema.HashOf([]byte(text))), err
}

func listed[T ~string](all []T) string {
	if len(all) == 0 {
		return "none"
	}
	var out []string
	for _, s := range all {
		out = append(out, string(s))
	}
	return strings.Join(out, ", ")
}

func remove(c schema.Remove) []string {
	out := []string{
		fmt.Sprintf("Remove %s: it is disconnected at once and gets nothing more. It keeps what it has, and what it released stays.", c.Member),
	}
	if c.Key == (schema.NetworkKey{}) {
		return append(out, "The network key stays as it is: the removed member can still see that the others' nodes are there.")
	}
	return append(out, networkKey(c.Key))
}

// stillAdmin warns that a seat's end or another key of it changes no admin (C14).
func stillAdmin(member schema.Slug, before *coalition.State) []string {
	if !slices.Contains(slugs(before.Roster().Admins), string(member)) {
		return nil
	}
	return []string{fmt.Sprintf("%s is an admin, and its present key goes on signing acts until another act changes the admins.", member)}
}

func networkKey(k schema.NetworkKey) string {
	return fmt.Sprintf("From %s on members reach each other under a new network key, which this act brings to the %d active ones. Who is away until then needs a bundle from any member.", k.From, wire.Recipients(k.Sealed))
}

func replaceNode(c schema.ReplaceNode) []string {
	return []string{
		fmt.Sprintf("Replace the node key of %s: from now on only the new one may connect as this member.", c.Member),
		"New node key: " + c.NodeKey + ". Addresses: " + listed(c.Addresses) + ".",
	}
}

func replaceMember(c schema.ReplaceMember) []string {
	return []string{
		fmt.Sprintf("Replace the member key and the box key of %s: what it says after note %d of its feed is signed with the new key.", c.Member, c.Sequence),
		"Notes of its feed after that one, under the old key, are dropped. What it has spent of its budget stays spent.",
		"New member key: " + c.MemberKey,
	}
}

func admins(c schema.SetAdmins, before *coalition.State) []string {
	old := before.Roster()
	out := []string{fmt.Sprintf("From the next act on %d of these %d admins sign: %s. Until now %d of %d sign.",
		c.Threshold, len(c.Admins), listed(slugs(c.Admins)), old.Threshold, len(old.Admins))}
	for _, side := range []struct {
		says       string
		here, gone []string
	}{{"New as admins: ", c.Admins, old.Admins}, {"No longer admins: ", old.Admins, c.Admins}} {
		if only := without(side.here, side.gone); len(only) > 0 {
			out = append(out, side.says+listed(slugs(only))+".")
		}
	}
	if c.Threshold == 1 {
		out = append(out, "One admin alone can then change everything.")
	}
	return out
}

func without(all, those []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(those, s) })
}

// slugs of verifier keys, which start with them.
func slugs(keys []string) []string {
	var out []string
	for _, key := range keys {
		slug, _, _ := strings.Cut(key, "+")
		out = append(out, slug)
	}
	return out
}

// adopt says from when a plan binds, and how it differs from what would be in force then.
func adopt(date schema.Date, p schema.Plan, before *coalition.State) []string {
	first := FirstBound(date, p)
	out := []string{fmt.Sprintf("Adopt the plan %s. It binds the periods that start on %s or later, from %s on: at least %d days after the act. A member that does not want it can leave before.",
		wire.PlanHash(p).Short(), max(date+schema.PlanNotice, p.First.Start()), first, schema.PlanNotice)}
	was, _, ok := before.PlanFor(first)
	if !ok {
		return append(append(out, "No plan is in force then. The new one is:"), whole(p)...)
	}
	return append(out, Difference(was, p)...)
}

// FirstBound is the first quarter that a plan governs if it is adopted on a date.
func FirstBound(date schema.Date, p schema.Plan) schema.Period {
	from := max(date+schema.PlanNotice, p.First.Start())
	q := schema.PeriodOf(from, schema.Quarterly)
	if q.Start() < from {
		q = q.Add(1)
	}
	return q
}
