package joint

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"encoding/json"

	"github.com/cloudflare/circl/group"

	"tidemark/schema"
)

// tilt changes what the sums of some keepers come to, by so many units in the first counter,
// so that it shows as little as can be: liars who act together, and know the others' places.
func tilt(p *play, liars []schema.Slug, to map[schema.Slug]int64) map[schema.Slug][][schema.ScalarSize]byte {
	out := map[schema.Slug][][schema.ScalarSize]byte{}
	for k, sum := range p.sums {
		out[k] = slices.Clone(sum)
		if slices.Contains(liars, k) {
			s, _ := readScalar(sum[0][:])
			by, _ := readScalar(toLE(referencePacked([]int64{to[k]})))
			out[k][0] = writeScalar(s.Add(s, by))
		}
	}
	return out
}

// What a checked sum is worth (J11): with n sums, up to n-t liars are found out, whatever
// they agree on; one more is not. A name is worth something while one has lied: two who act
// together can make a third look like the one.
func TestWhatACheckIsWorth(t *testing.T) {
	r := sampleRound(7, 7, 3, 3)
	p := played(t, r, func(m int) []int64 { return []int64{int64(m), 10, -1} })
	right := []int64{21, 70, -7}
	// The polynomial 5000*x1*...: zero at the honest places, 1 somewhere else. Its values
	// are integers at integers, so that liars can add them.
	through := func(places ...int) func(x int) int64 {
		return func(x int) int64 {
			v := int64(1)
			for _, z := range places {
				v *= int64(x - z)
			}
			return v
		}
	}
	for _, c := range []struct {
		what   string
		sums   []int // places
		lie    func(x int) int64
		liars  []int
		err    error
		wrong  bool
		named  []schema.Slug
		checks bool
	}{
		{what: "five, one lies", sums: []int{1, 2, 3, 4, 5}, liars: []int{5}, lie: through(1, 2, 3, 4), wrong: true},
		{what: "six, one lies", sums: []int{1, 2, 3, 4, 5, 6}, liars: []int{6}, lie: through(1, 2, 3, 4, 5), err: ErrContradiction},
		{what: "six, two lie together", sums: []int{1, 2, 3, 4, 5, 6}, liars: []int{5, 6}, lie: through(1, 2, 3, 4), wrong: true, checks: true},
		{what: "seven, one lies", sums: []int{1, 2, 3, 4, 5, 6, 7}, liars: []int{7}, lie: through(1, 2, 3), checks: true, named: []schema.Slug{slug(6)}},
		{what: "seven, two lie apart", sums: []int{1, 2, 3, 4, 5, 6, 7}, liars: []int{6, 7}, lie: func(int) int64 { return 1 }, err: ErrContradiction},
		{what: "seven, two lie together", sums: []int{1, 2, 3, 4, 5, 6, 7}, liars: []int{6, 7}, lie: through(1, 2, 3, 4), wrong: true, checks: true, named: []schema.Slug{slug(4)}},
	} {
		var liars []schema.Slug
		by := map[schema.Slug]int64{}
		for _, x := range c.liars {
			liars = append(liars, slug(x-1))
			by[slug(x-1)] = c.lie(x)
		}
		sums := tilt(p, liars, by)
		for _, k := range r.Keepers {
			if !slices.Contains(c.sums, slices.Index(r.Keepers, k)+1) {
				delete(sums, k)
			}
		}
		o, err := r.Interpolate(p.a, sums)
		if !errors.Is(err, c.err) || err == nil && (slices.Equal(o.Counters, right) == c.wrong || o.Checked != c.checks) || !slices.Equal(o.Liars, c.named) {
			t.Errorf("%s: %+v, %v", c.what, o, err)
		}
	}
}

// A round that cannot be held is refused, whatever is asked of it first (J0).
func TestRoundsThatCannotBeHeld(t *testing.T) {
	for what, spoil := range map[string]func(r *Round){
		"no coalition":       func(r *Round) { r.Coalition = schema.Hash{} },
		"no plan":            func(r *Round) { r.Plan = schema.Hash{} },
		"no period":          func(r *Round) { r.Period = schema.Period{} },
		"two keepers":        func(r *Round) { r.Keepers, r.Threshold = r.Keepers[:2], 2 },
		"eight keepers":      func(r *Round) { r.Keepers, r.Threshold = sampleRound(8, 8, 2, 1).Keepers, 6 },
		"fewer open it":      func(r *Round) { r.Threshold-- },
		"more open it":       func(r *Round) { r.Threshold++ },
		"a keeper twice":     func(r *Round) { r.Keepers = append(slices.Clone(r.Keepers[1:]), r.Keepers[1]) },
		"a member twice":     func(r *Round) { r.Members = append(slices.Clone(r.Members), r.Members[0]) },
		"one is enough":      func(r *Round) { r.Least = 1 },
		"nothing is counted": func(r *Round) { r.Counters = 0 },
		"more than a note":   func(r *Round) { r.Counters = schema.MaxJointCells + 1 },
		"a thousand and one": func(r *Round) { r.Members = sampleRound(1001, 1, 2, 1).Members },
	} {
		r := sampleRound(6, 5, 3, 4)
		must(t, r.Validate())
		spoil(&r)
		if r.Validate() == nil {
			t.Errorf("%s: can be held", what)
		}
		if _, err := r.Contribute(r.Members[0], make([]int64, r.Counters), nil, nil); err == nil {
			t.Errorf("%s: is contributed to", what)
		}
	}
}

// What Contribute refuses, and which keepers get a part (J1, J3).
func TestWhatContributeWants(t *testing.T) {
	r := sampleRound(6, 5, 3, 2)
	w := newWorld(t, r, boxes(t, r), nil)
	keys := w.public(r.Keepers)
	unusable := func(at ...int) []Key {
		out := slices.Clone(keys)
		for _, i := range at {
			out[i].Public = slices.Repeat([]byte{0xff}, schema.KeeperKeySize)
		}
		return out
	}
	for what, c := range map[string]struct {
		member   schema.Slug
		counters []int64
		keys     []Key
		want     string
	}{
		"a stranger":             {"quiet-heron", []int64{1, 2}, keys, "has no place"},
		"one counter":            {slug(5), []int64{1}, keys, "want 2"},
		"too much":               {slug(5), []int64{0, maxCounter + 1}, keys, "counter 2: beyond 2^39"},
		"too little":             {slug(5), []int64{-maxCounter - 1, 0}, keys, "counter 1: beyond 2^39"},
		"three keys":             {slug(5), []int64{1, 2}, keys[:3], "3 keepers have one to seal to, want 4"},
		"three and a stranger's": {slug(5), []int64{1, 2}, append(slices.Clone(keys[:3]), Key{"quiet-heron", keys[4].ID, keys[4].Public}), "want 4"},
		"two unusable":           {slug(5), []int64{1, 2}, unusable(0, 3), "want 4"},
	} {
		if _, err := r.Contribute(c.member, c.counters, c.keys, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", what, err, c.want)
		}
	}
	backwards := unusable(2)
	slices.Reverse(backwards)
	shares, err := r.Contribute(slug(5), []int64{maxCounter, -maxCounter}, backwards, nil)
	must(t, err)
	var to []int
	for _, s := range shares {
		to = append(to, slices.Index(r.Keepers, s.Keeper))
	}
	if !slices.Equal(to, []int{0, 1, 3, 4}) {
		t.Errorf("parts for %v", to)
	}
	if _, err := r.Contribute(slug(5), []int64{1, 2}, keys, strings.NewReader("short")); err == nil {
		t.Error("a source that runs dry is enough")
	}
}

// Each word of the place that a part is bound to matters (J4).
func TestAPartOpensInItsPlaceOnly(t *testing.T) {
	r := sampleRound(4, 3, 2, 2)
	w := newWorld(t, r, boxes(t, r), seeded("place"))
	s := w.contribute(slug(3), []int64{1, 2}, deviation{})
	b := w.keys[slug(1)]
	open := func(r Round, b box, c schema.Contribution) error {
		_, err := r.Open(b.Keeper, b.ID, b.private, c, s.id)
		return err
	}
	must(t, open(r, b, s.note))
	moved := func(change func(r *Round, b *box, c *schema.Contribution)) error {
		r, b, c := r, b, s.note
		c.Shares = slices.Clone(c.Shares)
		change(&r, &b, &c)
		return open(r, b, c)
	}
	other := schema.HashOf([]byte("other"))
	for what, c := range map[string]struct {
		change func(r *Round, b *box, c *schema.Contribution)
		want   error
	}{
		"coalition": {func(r *Round, _ *box, c *schema.Contribution) { r.Coalition, c.Coalition = other, other }, ErrBroken},
		"plan":      {func(r *Round, _ *box, c *schema.Contribution) { r.Plan, c.Plan = other, other }, ErrBroken},
		"period":    {func(r *Round, _ *box, c *schema.Contribution) { r.Period, c.Period = r.Period.Add(1), r.Period.Add(1) }, ErrBroken},
		"member":    {func(_ *Round, _ *box, c *schema.Contribution) { c.Member = slug(2) }, ErrBroken},
		"keeper": {func(_ *Round, b *box, c *schema.Contribution) {
			b.Keeper, c.Shares[1].Keeper = slug(2), slug(2)
			c.Shares[2].Keeper = slug(1)
		}, ErrBroken},
		"key":                                    {func(_ *Round, b *box, c *schema.Contribution) { b.ID, c.Shares[1].Key = other, other }, ErrBroken},
		"private key":                            {func(_ *Round, b *box, _ *schema.Contribution) { b.private = w.keys[slug(0)].private }, ErrBroken},
		"another's part":                         {func(_ *Round, _ *box, c *schema.Contribution) { c.Shares[1].Sealed = c.Shares[0].Sealed }, ErrBroken},
		"a part cut short":                       {func(_ *Round, _ *box, c *schema.Contribution) { c.Shares[1].Sealed = c.Shares[1].Sealed[:40] }, ErrBroken},
		"another round":                          {func(_ *Round, _ *box, c *schema.Contribution) { c.Plan = other }, ErrNotForMe},
		"a stranger's":                           {func(_ *Round, _ *box, c *schema.Contribution) { c.Member = "quiet-heron" }, ErrNotForMe},
		"a key of the keeper's that is not this": {func(_ *Round, b *box, _ *schema.Contribution) { b.ID = other }, ErrNotForMe},
		"a keeper of another round": {func(r *Round, _ *box, _ *schema.Contribution) {
			r.Keepers = append([]schema.Slug{slug(3)}, r.Keepers[2:]...)
		}, ErrNotForMe},
	} {
		if err := moved(c.change); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", what, err, c.want)
		}
	}
	if err := moved(func(_ *Round, b *box, _ *schema.Contribution) { b.private = b.private[1:] }); err == nil || errors.Is(err, ErrBroken) || errors.Is(err, ErrNotForMe) {
		t.Errorf("a private key that is none: %v", err)
	}
}

// A sum wants the shares of all, each in its member's name (J9).
func TestASumWantsAllItsShares(t *testing.T) {
	p := played(t, sampleRound(4, 3, 3, 1), func(m int) []int64 { return []int64{int64(m)} })
	k := slug(0)
	_, err := p.Sum(p.a, p.held[k])
	must(t, err)
	missing := map[schema.Hash]Share{}
	for _, c := range p.a.Contributions[1:] {
		missing[c.ID] = p.held[k][c.ID]
	}
	if _, err := p.Sum(p.a, missing); err == nil {
		t.Error("one share less is enough")
	}
	missing[p.a.Contributions[0].ID] = p.held[k][p.a.Contributions[1].ID]
	if _, err := p.Sum(p.a, missing); err == nil {
		t.Error("another's share is as good")
	}
	for what, change := range map[string]func(a *schema.Agreement){
		"another round": func(a *schema.Agreement) { a.Period = a.Period.Add(1) },
		"void":          func(a *schema.Agreement) { a.Void = true },
		"too few":       func(a *schema.Agreement) { a.Contributions = a.Contributions[:2] },
		"too few lists": func(a *schema.Agreement) { a.Lists = a.Lists[:2] },
		"a member twice": func(a *schema.Agreement) {
			a.Contributions = []schema.Attributed{a.Contributions[0], a.Contributions[0], a.Contributions[1]}
		},
		"a stranger": func(a *schema.Agreement) {
			a.Contributions = slices.Concat(a.Contributions[:3], []schema.Attributed{{Who: "quiet-heron", ID: a.Contributions[3].ID}})
		},
		"a list by another": func(a *schema.Agreement) { a.Lists = slices.Concat(a.Lists[:2], []schema.Attributed{{Who: slug(3)}}) },
	} {
		a := p.a
		change(&a)
		if _, err := p.Sum(a, p.held[k]); err == nil {
			t.Errorf("%s: summed", what)
		}
		if _, err := p.Interpolate(a, p.sums); err == nil || errors.Is(err, ErrFew) {
			t.Errorf("%s: opened, %v", what, err)
		}
	}
}

// A share shows nothing.
func TestSharesAreSilent(t *testing.T) {
	vector := []group.Scalar{smallScalar(1), smallScalar(123456789)}
	s := newShare("quiet-heron", schema.Hash{}, vector)
	s.check = schema.Hash{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
		text := fmt.Sprintf(verb, s) + fmt.Sprintf(verb, &s)
		if regexp.MustCompile("123456789|75bcd15|15cd5b07").MatchString(text) {
			t.Errorf("%s prints %s", verb, text)
		}
	}
	//lint:ignore SA9005 that nothing can be marshalled is what is asked
	if b, err := json.Marshal(s); err != nil || string(b) != "{}" {
		t.Errorf("json: %s, %v", b, err)
	}
	for i, r := 0, reflect.TypeOf(s); i < r.NumField(); i++ {
		f := r.Field(i)
		if f.IsExported() || f.Type.Kind() != reflect.Func && f.Name != "member" && f.Name != "id" && f.Name != "check" {
			t.Errorf("field %s can be followed by reflection", f.Name)
		}
	}
}
