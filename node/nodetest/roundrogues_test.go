package nodetest

import (
	"crypto/sha256"
	"slices"
	"testing"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// giving is how a member contributes; the zero value is honest.
type giving struct{ how string }

var givings = []giving{{"silent"}, {"late"}, {"to some keepers"}, {"twice"}, {"shares of two"}}

// give is what the member does while contributions are taken.
func (g giving) give(t *testing.T, w *world, m *Member, value int64) {
	switch g.how {
	case "silent", "late":
	case "to some keepers":
		c := w.Contribution(t, m, value)
		for i := range c.Shares {
			if w.rng.IntN(2) == 0 {
				c.Shares[i].Sealed[40] ^= 1
			}
		}
		w.contributes(t, m, m, c, value)
	case "twice":
		w.contributes(t, m, m, w.Contribution(t, m, value), value)
		other := pick(w.rng, w.everybody())
		w.contributes(t, m, other, w.Contribution(t, m, 2*value), 2*value)
	case "shares of two":
		c, other := w.Contribution(t, m, value), w.Contribution(t, m, 2*value)
		at := 1 + w.rng.IntN(len(c.Shares)-1)
		copy(c.Shares[at:], other.Shares[at:])
		raw := w.contributes(t, m, m, c, value)
		w.mixed[IDOf(raw)] = true
	default:
		w.honestly(t, m, w.contributes(t, m, m, w.Contribution(t, m, value), value))
	}
}

// late is what it does when the lists are out.
func (g giving) late(t *testing.T, w *world, m *Member) {
	if g.how == "late" {
		w.contributes(t, m, m, w.Contribution(t, m, 7), 7)
	}
}

// contributes signs a contribution and gives it to somebody's store, which may have another.
func (w *world) contributes(t *testing.T, m, to *Member, c schema.Contribution, value int64) []byte {
	raw := Sign(t, c, m.Signer)
	w.values[IDOf(raw)] = value
	_ = w.says(to, raw)
	return raw
}

// lie is how a keeper behaves; the zero value is honest.
type lie struct{ how string }

var lyings = []lie{{"vanishes at once"}, {"vanishes with its list"}, {"lies in its sum"}, {"two sums"}, {"signs two"}, {"nonsense"}, {"two lists"}}

// sums tells who gives a sum that is none.
func (l lie) sums() bool { return l.how == "lies in its sum" || l.how == "two sums" }

func (l lie) list(t *testing.T, w *world, k *Member) {
	given := w.notes(k, schema.KindContribution)
	switch l.how {
	case "vanishes at once":
	case "two lists":
		_ = w.says(k, w.List(t, k, given...))
		for range 2 {
			_ = w.says(pick(w.rng, w.everybody()), w.List(t, k, given[w.rng.IntN(len(given)+1):]...))
		}
	default:
		w.honestly(t, k, w.List(t, k, given...))
	}
}

func (l lie) agree(t *testing.T, w *world, k *Member, step int) {
	switch l.how {
	case "vanishes at once", "vanishes with its list":
	case "signs two":
		w.signsAll(t, k)
	case "nonsense":
		w.nonsense(t, k)
	default:
		w.propose(t, k, step)
	}
}

// signsAll signs whatever it sees, and an agreement without one of its members: the
// difference of both sums would show that member.
func (w *world) signsAll(t *testing.T, k *Member) {
	for _, note := range w.agreements(k) {
		if raw, err := wire.Cosign(note.Raw(), k.Signer); err == nil {
			_ = w.says(pick(w.rng, w.everybody()), raw)
		}
		a := note.Body().(schema.Agreement)
		if a.Void || len(a.Contributions) <= w.Least() {
			continue
		}
		at := w.rng.IntN(len(a.Contributions))
		a.Contributions = slices.Delete(slices.Clone(a.Contributions), at, at+1)
		_ = w.says(pick(w.rng, w.everybody()), Sign(t, a, k.Signer))
	}
}

// nonsense proposes a void where there is enough, members who gave nothing, lists that are
// none: in an own form each time.
func (w *world) nonsense(t *testing.T, k *Member) {
	lists := w.lists(k)
	if len(lists) < w.Threshold {
		return
	}
	a := w.Propose(t, lists...)
	a.Lists = slices.Clone(a.Lists)
	a.Lists[0].ID[0] = byte(w.rng.IntN(256))
	if w.rng.IntN(2) == 0 {
		a.Void, a.Contributions = true, a.Contributions[:min(len(a.Contributions), 1)]
	}
	_ = w.says(pick(w.rng, w.everybody()), Sign(t, a, k.Signer))
}

func (l lie) sum(t *testing.T, w *world, k *Member) {
	switch l.how {
	case "vanishes at once", "vanishes with its list":
	case "lies in its sum":
		w.sumUp(t, k, func(s *schema.Sum) {
			for i := range s.Scalars {
				s.Scalars[i][0] ^= 1
			}
		})
	case "two sums":
		other := k.Version()
		w.sumUp(t, k, func(*schema.Sum) {})
		if raw := w.inForce(k); raw != nil && k.next != other.next {
			s := schema.Sum{Link: other.Link(), Plan: w.Joint.Round.Plan, Period: w.Period, Agreement: IDOf(raw)}
			s.Scalars = make([][schema.ScalarSize]byte, w.Math.Counters/5+1)
			_ = w.says(pick(w.rng, w.everybody()), Pack(t, raw, Sign(t, s, k.Signer)))
		}
	default:
		w.sumUp(t, k, func(*schema.Sum) {})
	}
}

// prepareFoes makes what everybody has to refuse at any time.
func (w *world) prepareFoes(t *testing.T) {
	outside := w.everybody()[5] // keeps nothing
	stranger := SignerOf(t, "stranger", sha256.Sum256([]byte("stranger")))
	key := schema.KeeperKey{Round: w.Joint.Round, Keeper: outside.Slug, Made: w.now, Key: make([]byte, schema.KeeperKeySize)}
	held := w.Held(t, w.KeptBy()[0])
	held.Keeper = outside.Slug
	w.rerun = w.Give(t, outside, 5)
	w.foes = [][]byte{Sign(t, key, outside.Signer), Sign(t, held, outside.Signer)}
	for _, spoil := range []func(*schema.Round){
		func(r *schema.Round) { r.Coalition[0]++ }, func(r *schema.Round) { r.Plan[0]++ },
		func(r *schema.Round) { r.Period = r.Period.Add(-1) }, func(r *schema.Round) { r.Period = r.Period.Add(1) },
		func(r *schema.Round) { r.Period = schema.Period{Year: 2025} },
	} {
		c := w.Contribution(t, outside, 1)
		spoil(&c.Round)
		w.foes = append(w.foes, Sign(t, c, outside.Signer))
	}
	c := w.Contribution(t, outside, 1)
	c.Member = "stranger"
	w.foes = append(w.foes, Sign(t, c, stranger), outside.Version().Release(t, w.Period), outside.Announce(t, w.Period, 3))
	a := schema.Agreement{Round: w.Joint.Round, Void: true, Protection: schema.PerID}
	for i, k := range w.Keepers {
		a.Lists = append(a.Lists, schema.Attributed{Who: k, ID: schema.Hash{byte(i)}})
	}
	few := Sign(t, a, outside.Signer)
	s := schema.Sum{Link: outside.Link(), Plan: w.Joint.Round.Plan, Period: w.Period, Agreement: IDOf(few)}
	w.foes = append(w.foes, few, Pack(t, few, Sign(t, s, outside.Signer)))
}

// attack gives somebody what nobody may take; once there is a sum, a contribution too, which
// would make it another round.
func (w *world) attack(t *testing.T, m *Member) {
	s := w.stores[m.Slug]
	for _, raw := range w.foes {
		if w.says(m, raw) == nil {
			t.Errorf("took %.40s", raw)
		}
	}
	for _, k := range w.Keepers {
		if s.Feed(k).Claim(w.Joint.Round.Plan, w.Period) != 0 && w.says(m, w.rerun) == nil {
			t.Error("took a contribution after the end")
		}
	}
}
