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

// known reads the lists of this round's keepers, the first of each, in the keepers' order.
func (r Round) known(lists []List) []read {
	var out []read
	for i, keeper := range r.Keepers {
		at := slices.IndexFunc(lists, func(l List) bool { return l.Keeper == keeper && l.Round == r.Round })
		if at >= 0 {
			out = append(out, r.readList(lists[at], i+1))
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
	c := choice{lists: lists, unit: schema.PerID}
	var places []int
	for _, l := range lists {
		places = append(places, l.place)
	}
	p := interpolate(places, r.Threshold)
	values := make([]group.Scalar, len(lists))
	for note := range lists[0].checks {
		if common(lists, note, values) && p.fits(values) {
			c.contributions = append(c.contributions, note)
			for _, l := range lists {
				c.unit = c.unit.Weaker(l.units[note])
			}
		}
	}
	slices.SortFunc(c.contributions, byWho)
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
// of choice binds nobody: a keeper that knew other lists proposed otherwise.
func (r Round) Judge(a schema.Agreement, lists []List) error {
	if a.Round != r.Round || len(a.Lists) < r.Threshold || !among(a.Lists, r.Keepers) {
		return fmt.Errorf("joint: agreement: of another round, or on lists that cannot carry it")
	}
	var named []read
	for _, n := range a.Lists {
		at := slices.IndexFunc(lists, func(l List) bool { return l.ID == n.ID && l.Keeper == n.Who && l.Round == r.Round })
		if at < 0 {
			return fmt.Errorf("%w: that of %s", ErrUnknownList, n.Who)
		}
		named = append(named, r.readList(lists[at], slices.Index(r.Keepers, n.Who)+1))
	}
	if said := r.choose(named); !slices.Equal(said.contributions, a.Contributions) || said.unit != a.Protection {
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
