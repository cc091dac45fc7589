package joint

import (
	"errors"
	"slices"
	"testing"

	"tidemark/schema"
)

// What a keeper may write into its list without effect on anybody (J7).
func TestWhatAListCannotSay(t *testing.T) {
	for what, c := range map[string]struct {
		say  func(p *play, l *List)
		want int // contributions of four
	}{
		"nothing odd":             {func(*play, *List) {}, 4},
		"a stranger":              {func(_ *play, l *List) { l.Contributions[0].Member = "quiet-heron" }, 3},
		"another id":              {func(_ *play, l *List) { l.Contributions[0].ID[0]++ }, 3},
		"no scalar":               {func(_ *play, l *List) { l.Contributions[0].Check = schema.Hash{31: 0xff} }, 3},
		"the order for zero":      {func(_ *play, l *List) { l.Contributions[0].Check = schema.Hash(toLE(order)) }, 3},
		"a member's second line":  {func(_ *play, l *List) { l.Contributions[1].Member = l.Contributions[0].Member }, 3},
		"of another round":        {func(_ *play, l *List) { l.Period = l.Period.Add(1) }, 4},
		"by a keeper of no round": {func(_ *play, l *List) { l.Keeper = "quiet-heron" }, 4},
	} {
		p := played(t, sampleRound(4, 4, 2, 1), func(int) []int64 { return []int64{1} })
		lists := slices.Clone(p.lists)
		lists[3].Contributions = slices.Clone(lists[3].Contributions)
		c.say(p, &lists[3])
		a, ok := p.Propose(lists)
		if !ok || a.Void || len(a.Contributions) != c.want {
			t.Errorf("%s: %d contributions, want %d", what, len(a.Contributions), c.want)
		}
		must(t, p.Judge(a, lists))
	}
	// All say the same of a stranger, or of two notes of one member: no list brings them in.
	p := played(t, sampleRound(4, 4, 2, 1), func(int) []int64 { return []int64{1} })
	lists := slices.Clone(p.lists)
	for i := range lists {
		h := lists[i].Contributions
		again := h[1]
		again.ID[0]++
		lists[i].Contributions = slices.Concat([]schema.HeldShare{{Member: "aaa", ID: h[0].ID, Check: h[0].Check}}, h[:2], []schema.HeldShare{again}, h[2:])
	}
	if a, _ := p.Propose(lists); !slices.Equal(a.Contributions, p.a.Contributions) {
		t.Errorf("%v, want %v", a.Contributions, p.a.Contributions)
	}
}

// What a keeper does not sign (J8).
func TestWhatAnAgreementCannotSay(t *testing.T) {
	p := played(t, sampleRound(5, 4, 3, 1), func(int) []int64 { return []int64{1} })
	stray := slices.Clone(p.lists)
	stray[2].Period = stray[2].Period.Add(1)
	for what, c := range map[string]struct {
		change  func(a *schema.Agreement)
		lists   []List
		unknown bool
	}{
		"one list unknown":         {func(*schema.Agreement) {}, p.lists[:3], true},
		"of another round":         {func(a *schema.Agreement) { a.Plan[0]++ }, p.lists, false},
		"two lists":                {func(a *schema.Agreement) { a.Lists = a.Lists[:2] }, p.lists, false},
		"a list twice":             {func(a *schema.Agreement) { a.Lists = append(slices.Clone(a.Lists), a.Lists[3]) }, p.lists, false},
		"a list in another's name": {func(a *schema.Agreement) { a.Lists = slices.Clone(a.Lists); a.Lists[3].ID = a.Lists[2].ID }, p.lists, true},
		"a list of another round":  {func(*schema.Agreement) {}, stray, true},
		"one contribution less":    {func(a *schema.Agreement) { a.Contributions = a.Contributions[1:] }, p.lists, false},
		"one contribution twice":   {func(a *schema.Agreement) { a.Contributions = append(slices.Clone(a.Contributions), a.Contributions[4]) }, p.lists, false},
		"another note of a member": {func(a *schema.Agreement) { a.Contributions = slices.Clone(a.Contributions); a.Contributions[0].ID[0]++ }, p.lists, false},
		"in another order": {func(a *schema.Agreement) {
			a.Contributions = slices.Clone(a.Contributions)
			slices.Reverse(a.Contributions)
		}, p.lists, false},
		"void where there are enough": {func(a *schema.Agreement) { a.Void = true }, p.lists, false},
	} {
		a := p.a
		c.change(&a)
		if err := p.Judge(a, c.lists); err == nil || errors.Is(err, ErrUnknownList) != c.unknown {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A keeper that lists twice has said nothing, and does not keep the others from judging an
// agreement that names either of its lists, or a third (J7, J8).
func TestTwoListsSayNothing(t *testing.T) {
	p := played(t, sampleRound(5, 4, 3, 1), func(int) []int64 { return []int64{1} })
	twice := append(slices.Clone(p.lists), p.lists[1])
	twice[4].ID[0]++
	liar := twice[4].Keeper
	a, ok := p.Propose(twice)
	if !ok || len(a.Lists) != 3 || slices.ContainsFunc(a.Lists, func(l schema.Attributed) bool { return l.Who == liar }) {
		t.Errorf("proposes on %v", a.Lists)
	}
	must(t, p.Judge(a, twice))
	if n := p.Listed(twice); n != 4 {
		t.Errorf("%d keepers have listed", n)
	}
	if n := p.Listed(append(twice[:3:3], twice[2])); n != 3 {
		t.Errorf("%d keepers have listed, one of them the same twice", n)
	}
	for what, c := range map[string]struct {
		change func(a *schema.Agreement)
		right  bool
	}{
		"on its first list":         {func(*schema.Agreement) {}, true},
		"on its second":             {func(a *schema.Agreement) { named(a, liar).ID = twice[4].ID }, true},
		"on one that nobody has":    {func(a *schema.Agreement) { named(a, liar).ID = schema.Hash{1} }, true},
		"one contribution less":     {func(a *schema.Agreement) { a.Contributions = a.Contributions[1:] }, true},
		"a weaker unit":             {func(a *schema.Agreement) { a.Protection = schema.PerCase }, true},
		"a stronger unit":           {func(a *schema.Agreement) { a.Protection = "" }, false},
		"too few contributions":     {func(a *schema.Agreement) { a.Contributions = a.Contributions[3:] }, false},
		"another note of a member":  {func(a *schema.Agreement) { a.Contributions[0].ID[0]++ }, false},
		"one contribution twice":    {func(a *schema.Agreement) { a.Contributions[1] = a.Contributions[0] }, false},
		"void":                      {func(a *schema.Agreement) { a.Void = true }, false},
		"another keeper's unknown":  {func(a *schema.Agreement) { named(a, p.lists[2].Keeper).ID = schema.Hash{1} }, false},
		"on lists of liars and one": {func(a *schema.Agreement) { a.Lists = a.Lists[:2] }, false},
	} {
		a := p.a
		a.Lists, a.Contributions = slices.Clone(a.Lists), slices.Clone(a.Contributions)
		c.change(&a)
		if err := p.Judge(a, twice); (err == nil) != c.right {
			t.Errorf("%s: %v", what, err)
		}
	}
	var all []List
	for _, l := range p.lists {
		other := l
		other.ID[0]++
		all = append(all, l, other)
	}
	if err := p.Judge(p.a, all); err == nil {
		t.Error("judged by nobody's list")
	}
}

// named is what an agreement says of one keeper's list.
func named(a *schema.Agreement, keeper schema.Slug) *schema.Attributed {
	return &a.Lists[slices.IndexFunc(a.Lists, func(l schema.Attributed) bool { return l.Who == keeper })]
}
