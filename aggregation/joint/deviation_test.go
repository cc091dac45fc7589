package joint

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cloudflare/circl/group"

	"tidemark/schema"
)

// Rounds in which people deviate at random: contributors that are silent, reach some
// keepers, deal shares that do not belong together, send two contributions, parts of a wrong
// length, of somebody else or of another round, or garbage; keepers that omit, lie in check
// values and in sums, list twice, go silent, propose what no lists say and sign everything.
// As many keepers lie as joint mode allows, 2t-m-1. Never do two agreements hold; what is
// opened is what was dealt, or it ends in an error; who is named has lied.
//
// In one round of ten the parts are sealed. All but that is seeded, and nothing depends on
// it: a failure names its round, which goes the same way again.
func TestRandomDeviations(t *testing.T) {
	rounds := 10_000
	if testing.Short() {
		rounds = 300
	}
	keys := boxes(t, sampleRound(schema.MaxKeepers, schema.MaxKeepers, 2, 1))
	var ended [2]map[string]int
	t.Run("rounds", func(t *testing.T) {
		for part := range ended {
			ended[part] = map[string]int{}
			t.Run(fmt.Sprint(part), func(t *testing.T) {
				t.Parallel()
				for n := part; n < rounds && !t.Failed(); n += len(ended) {
					ended[part][deviate(t, n, keys)]++
				}
			})
		}
	})
	t.Log(ended)
	for _, end := range []string{"checked", "unchecked", "named", "void", "few", "contradiction", "garbled", "no lists", "no agreement"} {
		if ended[0][end]+ended[1][end] == 0 {
			t.Errorf("no round ended like this: %s", end)
		}
	}
}

// deviate runs one round and tells how it ended.
func deviate(t *testing.T, n int, keys []box) string {
	d := newDeviating(t, n, keys)
	for _, m := range d.Members {
		d.contributes(m)
	}
	for _, k := range d.Keepers {
		d.listing(k)
	}
	d.agree()
	d.sumAndOpen()
	if t.Failed() {
		t.Logf("round %d: %d members, %d keepers, liars %v", n, len(d.Members), len(d.Keepers), d.liars)
	}
	return d.ended
}

// deviating is a round in which people deviate.
type deviating struct {
	*world
	r         *rand.Rand
	calm      bool // nothing gets lost between keepers
	liars     map[schema.Slug]bool
	known     map[schema.Slug][]List       // each keeper's
	proposals []schema.Agreement           // different ones
	lines     map[schema.Slug]map[int]bool // who has signed which proposal
	ended     string
}

func newDeviating(t *testing.T, n int, keys []box) *deviating {
	random := seeded("deviation", n)
	r := rand.New(random)
	m := 3 + r.IntN(7)
	k := 3 + r.IntN(min(m, schema.MaxKeepers)-2)
	if m > 6 && r.IntN(2) == 0 {
		k = 7 // where one liar can be named
	}
	round := sampleRound(m, k, 2+r.IntN(m/2+1), 1+r.IntN(11))
	must(t, round.Validate())
	d := &deviating{world: newWorld(t, round, keys[:k], random), r: r, calm: r.IntN(2) == 0, liars: map[schema.Slug]bool{}, known: map[schema.Slug][]List{}, lines: map[schema.Slug]map[int]bool{}}
	d.unsealed = n%10 > 0
	most := 2*round.Threshold - k - 1
	for _, at := range r.Perm(k)[:r.IntN(most+1)] {
		d.liars[round.Keepers[at]] = true
	}
	for _, keeper := range round.Keepers {
		d.lines[keeper] = map[int]bool{}
	}
	return d
}

// one tells that something of these odds happens.
func (d *deviating) one(in int) bool { return d.r.IntN(in) == 0 }

// lost tells that something between keepers gets lost.
func (d *deviating) lost(in int) bool { return !d.calm && d.one(in) }

// some are a random part of the keepers.
func (d *deviating) some(least int) []schema.Slug {
	out := slices.Clone(d.Keepers)
	d.r.Shuffle(len(out), func(i, k int) { out[i], out[k] = out[k], out[i] })
	return out[:least+d.r.IntN(len(out)-least+1)]
}

func (d *deviating) counters() []int64 {
	out := make([]int64, d.Counters)
	for i := range out {
		out[i] = d.r.Int64N(2*maxCounter+1) - maxCounter
	}
	return out
}

// contributes is one member's doing: three times in four what it should.
func (d *deviating) contributes(member schema.Slug) {
	how := deviation{}
	switch d.r.IntN(36) {
	case 0:
		return
	case 1:
		how.to = d.some(0)
	case 2:
		how.keys = d.some(d.Threshold)
	case 3:
		bad := d.some(1)
		how.tamper = func(p *part) {
			if slices.Contains(bad, p.key.Keeper) {
				flip(p.plain[schema.ScalarSize*d.r.IntN(1+d.scalars()):], d.random)
			}
		}
	case 4:
		bad := d.some(1)
		how.tamper = func(p *part) {
			if slices.Contains(bad, p.key.Keeper) {
				p.plain = append(p.plain, 0)[:d.r.IntN(len(p.plain)+2)]
			}
		}
	case 5:
		how.to = d.some(0)
		rest := deviation{to: slices.DeleteFunc(slices.Clone(d.Keepers), func(k schema.Slug) bool { return slices.Contains(how.to, k) })}
		d.contribute(member, d.counters(), rest)
	case 6, 9, 10:
		if !d.unsealed {
			d.replays(member)
			return
		}
	case 7:
		how.garbage = d.one(4)
	case 8:
		how.tamper = func(p *part) {
			if p.key.Keeper == d.Keepers[0] {
				copy(p.plain[len(p.plain)-schema.ScalarSize:], toLE(order)) // zero, spelled otherwise
			}
		}
	}
	d.contribute(member, d.counters(), how)
}

// replays sends what belongs elsewhere: another member's parts, keepers' parts swapped, or
// parts made for another round.
func (d *deviating) replays(member schema.Slug) {
	s := d.contribute(d.Members[d.r.IntN(len(d.Members))], d.counters(), deviation{to: []schema.Slug{}})
	d.notes = d.notes[:len(d.notes)-1] // it is not sent itself
	c := s.note
	switch {
	case d.one(3) && c.Member != member:
		c.Member = member
	case d.one(2):
		c.Shares[0].Sealed, c.Shares[1].Sealed = c.Shares[1].Sealed, c.Shares[0].Sealed
	default:
		other := *d.world
		other.Period = other.Period.Add(-1)
		c = other.contribute(member, d.counters(), deviation{}).note
		if d.one(2) {
			c.Round = d.Round.Round
		}
	}
	d.send(c, d.Keepers, s.dealt)
}

// listing is one keeper's doing: it opens, and publishes a list, or none, or two.
func (d *deviating) listing(keeper schema.Slug) {
	h, _ := d.open(keeper)
	if d.lost(10) {
		return
	}
	if !d.liars[keeper] || d.one(2) {
		d.publish(h)
		return
	}
	for range 1 + d.r.IntN(2) {
		wrong := h
		wrong.Contributions = slices.Clone(h.Contributions)
		for range d.r.IntN(3) {
			d.distorts(&wrong)
		}
		d.publish(wrong)
	}
}

func (d *deviating) distorts(h *schema.Held) {
	if len(h.Contributions) == 0 {
		return
	}
	at := d.r.IntN(len(h.Contributions))
	switch d.r.IntN(4) {
	case 0:
		h.Contributions = slices.Delete(h.Contributions, at, at+1)
	case 1:
		flip(h.Contributions[at].Check[:], d.random)
	case 2:
		h.Contributions[at].Check = schema.Hash{31: 0xff}
	case 3:
		s := d.notes[d.r.IntN(len(d.notes))]
		h.Contributions[at].ID = s.id
	}
}

// agree lets keepers propose and sign, in an order and with the knowledge that chance gives.
func (d *deviating) agree() {
	for _, k := range d.Keepers {
		d.known[k] = slices.DeleteFunc(slices.Clone(d.lists), func(List) bool { return d.lost(12) })
		d.r.Shuffle(len(d.known[k]), func(i, j int) { d.known[k][i], d.known[k][j] = d.known[k][j], d.known[k][i] })
	}
	for range 3 {
		for _, k := range d.some(1) {
			d.speaks(k)
			for _, signer := range d.some(0) {
				d.signs(signer)
			}
		}
	}
	for _, k := range d.Keepers {
		d.signs(k)
	}
}

func (d *deviating) speaks(keeper schema.Slug) {
	a, ok := d.Propose(d.known[keeper])
	if ok && d.liars[keeper] && d.one(2) {
		a = d.twists(a)
	}
	same := func(b schema.Agreement) bool {
		return a.Void == b.Void && slices.Equal(a.Lists, b.Lists) && slices.Equal(a.Contributions, b.Contributions)
	}
	if ok && !slices.ContainsFunc(d.proposals, same) {
		d.proposals = append(d.proposals, a)
	}
}

// twists makes an agreement another: on other lists, rightly or not, void, or one member less.
func (d *deviating) twists(a schema.Agreement) schema.Agreement {
	if d.one(2) {
		if b, ok := d.Propose(slices.DeleteFunc(slices.Clone(d.lists), func(List) bool { return d.one(3) })); ok {
			return b
		}
	}
	a.Contributions = slices.Clone(a.Contributions)
	if n := len(a.Contributions); n > 0 && d.one(2) {
		at := d.r.IntN(n)
		a.Contributions = slices.Delete(a.Contributions, at, at+1)
		return a
	}
	a.Void = !a.Void
	return a
}

// signs models a keeper's vault: an honest one signs the first right proposal that it sees,
// and no other, ever; a liar signs all.
func (d *deviating) signs(keeper schema.Slug) {
	for _, p := range d.r.Perm(len(d.proposals)) {
		if d.liars[keeper] || len(d.lines[keeper]) == 0 && d.Judge(d.proposals[p], d.known[keeper]) == nil {
			d.lines[keeper][p] = true
		}
	}
}

// holding are the agreements with the lines of t keepers.
func (d *deviating) holding() (out []schema.Agreement) {
	for p, a := range d.proposals {
		n := 0
		for _, signed := range d.lines {
			if signed[p] {
				n++
			}
		}
		if n >= d.Threshold {
			out = append(out, a)
		}
	}
	return out
}

func (d *deviating) sumAndOpen() {
	held := d.holding()
	switch {
	case len(held) > 1:
		d.t.Errorf("%d agreements hold", len(held))
	case len(d.lists) < d.Threshold:
		d.ended = "no lists"
	case len(held) == 0:
		d.ended = "no agreement"
	case held[0].Void:
		d.ended = "void"
		for _, k := range d.Keepers {
			if _, err := d.Sum(held[0], d.held[k]); err == nil {
				d.t.Error("a void has a sum")
			}
		}
	default:
		d.opens(held[0])
	}
}

func (d *deviating) opens(a schema.Agreement) {
	if len(a.Contributions) < d.Least {
		d.t.Errorf("%d contributions, want %d", len(a.Contributions), d.Least)
	}
	var q []schema.Slug
	for _, l := range a.Lists {
		q = append(q, l.Who)
	}
	sums, n, lied := d.publishSums(a, q)
	o, err := d.Interpolate(a, sums)
	for _, l := range o.Liars {
		if _, did := lied[l]; !did {
			d.t.Errorf("%s is named and has told the truth", l)
		}
	}
	lies := 0
	for _, counts := range lied {
		if counts {
			lies++
		}
	}
	d.judgeOpened(a, q, n, lies, o, err)
}

// publishSums is what the agreement's keepers do: n give something that is a sum; lied are
// the liars among those who answered, and whether what they gave counts among the n.
func (d *deviating) publishSums(a schema.Agreement, q []schema.Slug) (sums map[schema.Slug][][schema.ScalarSize]byte, n int, lied map[schema.Slug]bool) {
	sums, lied = map[schema.Slug][][schema.ScalarSize]byte{}, map[schema.Slug]bool{}
	for _, k := range d.Keepers {
		if !slices.Contains(q, k) && d.one(3) {
			sums[k] = make([][schema.ScalarSize]byte, d.r.IntN(5)) // who has no say
		}
		if !slices.Contains(q, k) || d.lost(6) {
			continue
		}
		sum, err := d.Sum(a, d.held[k])
		if err != nil {
			// A liar may have listed what it does not hold.
			if !d.liars[k] {
				d.t.Errorf("%s signed for a sum that it cannot give: %v", k, err)
			}
			continue
		}
		n++
		if d.liars[k] {
			switch d.r.IntN(5) {
			case 0, 1:
				flip(sum[d.r.IntN(len(sum))][:], d.random)
				lied[k] = true
			case 2:
				sum = sum[1:]
				lied[k], n = false, n-1
			case 3:
				copy(sum[d.r.IntN(len(sum))][:], toLE(order))
				lied[k], n = false, n-1
			}
		}
		sums[k] = sum
	}
	return sums, n, lied
}

// judgeOpened compares with what was dealt: n keepers gave a sum, so many of them a wrong one.
func (d *deviating) judgeOpened(a schema.Agreement, q []schema.Slug, n, lies int, o Opened, err error) {
	t := d.Threshold
	if n < t {
		d.end("few", err, ErrFew)
		return
	}
	scalars := d.atZero(a, q[:t])
	if others := d.atZero(a, q[len(q)-t:]); !slices.EqualFunc(scalars, others, group.Scalar.IsEqual) {
		d.t.Error("shares that do not belong together are summed")
	}
	want, good := unpack(scalars, d.Counters, int64(len(a.Contributions))*maxCounter)
	switch {
	case lies > 0 && n == t: // what a lie at random comes to is no counters
		d.end("garbled", err, ErrGarbled)
	case lies > 1 || lies == 1 && n == t+1:
		d.end("contradiction", err, ErrContradiction)
	case !good:
		d.end("garbled", err, ErrGarbled)
	default:
		d.end(map[bool]string{true: "checked", false: "unchecked"}[n-lies > t], err, nil)
		if !slices.Equal(o.Counters, want) || o.Keepers != n-lies || o.Checked != (n-lies > t) {
			d.t.Errorf("%+v, want %v by %d", o, want, n-lies)
		}
		if lies == 1 {
			d.ended = "named"
		}
	}
}

func (d *deviating) end(how string, err, want error) {
	d.ended = how
	if !errors.Is(err, want) {
		d.t.Errorf("%v, want %v", err, want)
	}
}
