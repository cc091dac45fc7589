package nodetest

import (
	"slices"
	"strings"
	"testing"

	"tidemark/aggregation/joint"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// Round is a joint round with all keepers' keys in one hand: each note as an honest member
// signs it, with real shares.
type Round struct {
	coalition.Joint
	Math    joint.Round
	c       *Coalition
	public  []joint.Key
	private map[schema.Slug][]byte
	keys    map[schema.Slug][]byte // the notes
}

// NewJoint founds a coalition in joint mode, kept by the first members.
func NewJoint(t testing.TB, members, keepers int) *Coalition {
	t.Helper()
	c := NewCoalitionBy(t, members, JointPlan())
	var first []schema.Slug
	for _, m := range c.Members[:keepers] {
		first = append(first, m.Slug)
	}
	c.Act(t, schema.AppointKeepers{Keepers: first})
	return c
}

// Round is a period's joint round, with a key of every keeper.
func (c *Coalition) Round(t testing.TB, p schema.Period) *Round {
	t.Helper()
	j, ok := c.State.Round(p)
	if !ok {
		t.Fatalf("no joint round of %s", p)
	}
	counters, err := j.Plan.Counters(c.Codebook, p.Cadence())
	if err != nil {
		t.Fatal(err)
	}
	r := &Round{Joint: j, c: c, private: map[schema.Slug][]byte{}, keys: map[schema.Slug][]byte{}}
	r.Math = joint.Round{
		Round: j.Round, Members: j.Members, Keepers: j.Keepers,
		Threshold: j.Threshold, Least: j.Least(), Counters: counters,
	}
	for _, k := range j.Keepers {
		r.makeKey(t, k)
	}
	return r
}

func (r *Round) makeKey(t testing.TB, k schema.Slug) {
	t.Helper()
	private, public, err := joint.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	body := schema.KeeperKey{Round: r.Joint.Round, Keeper: k, Made: schema.KeysFrom(r.Period), Key: public}
	r.private[k], r.keys[k] = private, Sign(t, body, r.c.signerOf(k))
	r.public = append(r.public, joint.Key{Keeper: k, ID: IDOf(r.keys[k]), Public: public})
}

// KeptBy are the members that keep the round, in their order.
func (r *Round) KeptBy() (keepers []*Member) {
	for _, k := range r.Keepers {
		keepers = append(keepers, r.c.Member(k))
	}
	return keepers
}

// Key is a keeper's note of its key.
func (r *Round) Key(k *Member) []byte { return r.keys[k.Slug] }

// Contribution is what a member gives whose every counter is the same. Each call draws other
// shares.
func (r *Round) Contribution(t testing.TB, m *Member, counter int64) schema.Contribution {
	t.Helper()
	shares, err := r.Math.Contribute(m.Slug, slices.Repeat([]int64{counter}, r.Math.Counters), r.public, nil)
	if err != nil {
		t.Fatal(err)
	}
	return schema.Contribution{
		Round: r.Joint.Round, Member: m.Slug, Protection: schema.PerID, Charge: r.Plan.Charge(r.Period.Cadence()), Shares: shares,
	}
}

// Give is the note of it.
func (r *Round) Give(t testing.TB, m *Member, counter int64) []byte {
	t.Helper()
	return Sign(t, r.Contribution(t, m, counter), m.Signer)
}

// Held is a keeper's list of the contributions that it can open.
func (r *Round) Held(t testing.TB, k *Member, contributions ...[]byte) schema.Held {
	t.Helper()
	held := schema.Held{Round: r.Joint.Round, Keeper: k.Slug}
	for _, raw := range contributions {
		share, err := r.open(k, raw)
		if err != nil {
			continue
		}
		held.Contributions = append(held.Contributions, schema.HeldShare{
			Member: bodyOf[schema.Contribution](raw).Member, ID: IDOf(raw), Check: share.Check(), Protection: schema.PerID,
		})
	}
	slices.SortFunc(held.Contributions, func(a, b schema.HeldShare) int { return strings.Compare(string(a.Member), string(b.Member)) })
	return held
}

// List is the note of it.
func (r *Round) List(t testing.TB, k *Member, contributions ...[]byte) []byte {
	t.Helper()
	return Sign(t, r.Held(t, k, contributions...), k.Signer)
}

func (r *Round) open(k *Member, contribution []byte) (joint.Share, error) {
	return r.Math.Open(k.Slug, IDOf(r.keys[k.Slug]), r.private[k.Slug], bodyOf[schema.Contribution](contribution), IDOf(contribution))
}

// Propose is the agreement that lists allow.
func (r *Round) Propose(t testing.TB, lists ...[]byte) schema.Agreement {
	t.Helper()
	a, ok := r.Math.Propose(ListsOf(lists...))
	if !ok {
		t.Fatal("too few lists")
	}
	return a
}

// ListsOf reads keepers' lists.
func ListsOf(raws ...[]byte) (lists []joint.List) {
	for _, raw := range raws {
		lists = append(lists, joint.List{ID: IDOf(raw), Held: bodyOf[schema.Held](raw)})
	}
	return lists
}

// Sum is the parcel of a keeper's sum; it takes the next place of its feed.
func (r *Round) Sum(t testing.TB, k *Member, agreement []byte, contributions ...[]byte) []byte {
	t.Helper()
	raw := Sign(t, r.SumOf(t, k, agreement, contributions...), k.Signer)
	k.stand(raw)
	return Pack(t, agreement, raw)
}

// SumOf is its body.
func (r *Round) SumOf(t testing.TB, k *Member, agreement []byte, contributions ...[]byte) schema.Sum {
	t.Helper()
	a := bodyOf[schema.Agreement](agreement)
	sum := schema.Sum{Link: k.Link(), Plan: r.Joint.Round.Plan, Period: r.Period, Agreement: IDOf(agreement)}
	if a.Void {
		return sum
	}
	shares := map[schema.Hash]joint.Share{}
	for _, raw := range contributions {
		if share, err := r.open(k, raw); err == nil {
			shares[IDOf(raw)] = share
		}
	}
	var err error
	if sum.Scalars, err = r.Math.Sum(a, shares); err != nil {
		t.Fatal(err)
	}
	return sum
}

// IDOf is the id of a note that was signed here.
func IDOf(raw []byte) schema.Hash {
	text, err := wire.Text(bodyOf[schema.Body](raw))
	if err != nil {
		panic(err) // it was signed a moment ago
	}
	return schema.HashOf([]byte(text))
}

func bodyOf[B schema.Body](raw []byte) B {
	body, err := wire.Peek(raw)
	if err != nil {
		panic(err) // likewise
	}
	return body.(B)
}
