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
		"nothing odd":              {func(*play, *List) {}, 4},
		"a stranger":               {func(_ *play, l *List) { l.Contributions[0].Member = "quiet-heron" }, 3},
		"another id":               {func(_ *play, l *List) { l.Contributions[0].ID[0]++ }, 3},
		"no scalar":                {func(_ *play, l *List) { l.Contributions[0].Check = schema.Hash{31: 0xff} }, 3},
		"the order for zero":       {func(_ *play, l *List) { l.Contributions[0].Check = schema.Hash(toLE(order)) }, 3},
		"a member's second line":   {func(_ *play, l *List) { l.Contributions[1].Member = l.Contributions[0].Member }, 3},
		"of another round":         {func(_ *play, l *List) { l.Period = l.Period.Add(1) }, 4},
		"by a keeper of no round":  {func(_ *play, l *List) { l.Keeper = "quiet-heron" }, 4},
		"in another keeper's name": {func(_ *play, l *List) { l.Keeper = slug(0) }, 4},
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
	twice := append(slices.Clone(p.lists), p.lists[1])
	twice[4].ID[0]++
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
	// A keeper that lists twice does not keep the others from judging either of them.
	a, ok := p.Propose(twice)
	if !ok {
		t.Fatal("no proposal")
	}
	must(t, p.Judge(a, twice))
	at := slices.IndexFunc(a.Lists, func(l schema.Attributed) bool { return l.Who == twice[4].Keeper })
	a.Lists = slices.Clone(a.Lists)
	a.Lists[at].ID = twice[4].ID
	must(t, p.Judge(a, twice))
}
