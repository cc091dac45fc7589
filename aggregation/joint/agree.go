package joint

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"github.com/cloudflare/circl/group"

	"tidemark/schema"
)

// List is a keeper's list with the id of its note.
type List struct {
	ID schema.Hash
	schema.Held
}

// ErrUnknownList: an agreement names a list that is not among those given.
var ErrUnknownList = errors.New("joint: a list is not known here")

// read is a list made ready: the keeper's place, and its check values by contribution.
type read struct {
	who    schema.Attributed
	place  int
	checks map[schema.Attributed]group.Scalar
	units  map[schema.Attributed]schema.Protection
}

// by are a keeper's lists of this round that differ: one, unless it lies.
func (r Round) by(keeper schema.Slug, lists []List) (out []List) {
	for _, l := range lists {
		same := func(o List) bool { return o.ID == l.ID }
		if l.Keeper == keeper && l.Round == r.Round && !slices.ContainsFunc(out, same) {
			out = append(out, l)
		}
	}
	return out
}

// Listed is how many keepers have given a list, whether it says anything or not.
func (r Round) Listed(lists []List) (count int) {
	for _, keeper := range r.Keepers {
		count += min(1, len(r.by(keeper, lists)))
	}
	return count
}

// known reads the lists of this round's keepers, in the keepers' order; of a keeper that
// gave two it reads none (J7).
func (r Round) known(lists []List) []read {
	var out []read
	for i, keeper := range r.Keepers {
		if own := r.by(keeper, lists); len(own) == 1 {
			out = append(out, r.readList(own[0], i+1))
		}
	}
	return out
}

// readList leaves out what cannot be meant: strangers, a second line of a member, a check
// value that is no scalar.
func (r Round) readList(l List, place int) read {
	out := read{schema.Attributed{Who: l.Keeper, ID: l.ID}, place, map[schema.Attributed]group.Scalar{}, map[schema.Attributed]schema.Protection{}}
	seen := map[schema.Slug]bool{}
	for _, h := range l.Contributions {
		s, ok := readScalar(h.Check[:])
		if ok && !seen[h.Member] {
			note := schema.Attributed{Who: h.Member, ID: h.ID}
			out.checks[note], out.units[note] = s, h.Protection
		}
		seen[h.Member] = true
	}
	for c := range out.checks {
		if !slices.Contains(r.Members, c.Who) {
			delete(out.checks, c)
		}
	}
	return out
}

// choice is a set of lists and what it says: the contributions that all of them have, whose
// check values lie on one polynomial of degree below t (J7).
type choice struct {
	lists         []read
	contributions []schema.Attributed
	unit          schema.Protection // the weakest that any list says of them
}

func (r Round) choose(lists []read) choice {
	c := choice{lists: lists}
	var places []int
	for _, l := range lists {
		places = append(places, l.place)
	}
	p := interpolate(places, min(r.Threshold, len(places)))
	values := make([]group.Scalar, len(lists))
	for note := range lists[0].checks {
		if common(lists, note, values) && p.fits(values) {
			c.contributions = append(c.contributions, note)
		}
	}
	slices.SortFunc(c.contributions, byWho)
	c.weigh(schema.PerID)
	return c
}

// weigh finds the weakest unit of the contributions, from one that it is no stronger than.
func (c *choice) weigh(unit schema.Protection) {
	c.unit = unit
	for _, note := range c.contributions {
		for _, l := range c.lists {
			c.unit = c.unit.Weaker(l.units[note])
		}
	}
}

// within is what a choice leaves of an agreement that rests on one more list, which nobody
// can name (J8): of its contributions those that the others say, and a unit that is as weak.
func (c choice) within(a schema.Agreement) choice {
	c.contributions = slices.DeleteFunc(c.contributions, func(n schema.Attributed) bool { return !slices.Contains(a.Contributions, n) })
	c.weigh(schema.PerID.Weaker(a.Protection))
	return c
}

// common fills in the check values of a contribution if all lists have it.
func common(lists []read, note schema.Attributed, values []group.Scalar) bool {
	for i, l := range lists {
		s, ok := l.checks[note]
		if !ok {
			return false
		}
		values[i] = s
	}
	return true
}

func byWho(a, b schema.Attributed) int { return strings.Compare(string(a.Who), string(b.Who)) }

// best is the choice of at least so many lists that has most contributions, then most lists,
// then the earlier keepers; false if even that has too few contributions.
func (r Round) best(lists []read, least int) (best choice, enough bool) {
	for set := uint(1); set < 1<<len(lists); set++ {
		if bits.OnesCount(set) < least {
			continue
		}
		var chosen []read
		for i, l := range lists {
			if set>>i&1 == 1 {
				chosen = append(chosen, l)
			}
		}
		if c := r.choose(chosen); best.lists == nil || c.better(best) {
			best = c
		}
	}
	return best, len(best.contributions) >= r.Least
}

func (c choice) better(than choice) bool {
	if a, b := len(c.contributions), len(than.contributions); a != b {
		return a > b
	}
	if a, b := len(c.lists), len(than.lists); a != b {
		return a > b
	}
	return slices.CompareFunc(c.lists, than.lists, func(a, b read) int { return a.place - b.place }) < 0
}

// Propose is the agreement that the lists allow: over most contributions, with a list more
// than open the sum where that leaves enough of them, so that the sum can be checked; void
// if no choice of lists leaves enough. False: fewer than t lists (J8).
func (r Round) Propose(lists []List) (schema.Agreement, bool) {
	known := r.known(lists)
	if len(known) < r.Threshold {
		return schema.Agreement{}, false
	}
	best, enough := r.best(known, min(len(known), r.Threshold+1))
	if !enough {
		best, enough = r.best(known, r.Threshold)
	}
	a := schema.Agreement{Round: r.Round, Void: !enough, Protection: best.unit, Contributions: best.contributions}
	for _, l := range best.lists {
		a.Lists = append(a.Lists, l.who)
	}
	slices.SortFunc(a.Lists, byWho)
	return a, true
}

// Judge tells whether an agreement is exactly what the lists that it names say, and void
// only if no choice of the lists known here leaves enough contributions (J7, J8). Its order
// of choice binds nobody: a keeper that knew other lists proposed otherwise. Where it names
// a keeper that gave two lists it is held against the others alone.
func (r Round) Judge(a schema.Agreement, lists []List) error {
	if a.Round != r.Round || len(a.Lists) < r.Threshold || !among(a.Lists, r.Keepers) {
		return fmt.Errorf("joint: agreement: of another round, or on lists that cannot carry it")
	}
	said, err := r.said(a, lists)
	if err != nil {
		return err
	}
	if !slices.Equal(said.contributions, a.Contributions) || said.unit != a.Protection {
		return fmt.Errorf("joint: agreement: contributions are not those of its lists")
	}
	if !a.Void {
		if len(a.Contributions) < r.Least {
			return fmt.Errorf("joint: agreement: %d contributions, want %d", len(a.Contributions), r.Least)
		}
		return nil
	}
	if p, ok := r.Propose(lists); ok && !p.Void {
		return fmt.Errorf("joint: agreement: void, but %d contributions can be summed", len(p.Contributions))
	}
	return nil
}

// said is what the lists that an agreement names say, as far as they say anything.
func (r Round) said(a schema.Agreement, lists []List) (choice, error) {
	var named []read
	for _, n := range a.Lists {
		switch own := r.by(n.Who, lists); {
		case len(own) > 1:
		case len(own) == 0 || own[0].ID != n.ID:
			return choice{}, fmt.Errorf("%w: that of %s", ErrUnknownList, n.Who)
		default:
			named = append(named, r.readList(own[0], slices.Index(r.Keepers, n.Who)+1))
		}
	}
	switch {
	case len(named) == 0:
		return choice{}, fmt.Errorf("joint: agreement: each of its keepers has given two lists")
	case len(named) < len(a.Lists):
		return r.choose(named).within(a), nil
	}
	return r.choose(named), nil
}
