package joint

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cloudflare/circl/group"

	"tidemark/schema"
)

var update = flag.Bool("update", false, "rewrite the transcripts' answers and the known answers")

// must ends a test that cannot go on.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// slug is the name of the i-th member; keepers are the first of them.
func slug(i int) schema.Slug { return schema.Slug(fmt.Sprintf("amber-lark-%03d", i+1)) }

// sampleRound has so many members, of which the first are keepers.
func sampleRound(members, keepers, least, counters int) Round {
	keepers = min(keepers, members)
	r := Round{
		Round: schema.Round{
			Coalition: schema.HashOf([]byte("coalition")), Plan: schema.HashOf([]byte("plan")),
			Period: schema.Period{Year: 2026, Quarter: 3},
		},
		Threshold: keepers*2/3 + 1, Least: least, Counters: counters,
	}
	for i := range members {
		r.Members = append(r.Members, slug(i))
	}
	r.Keepers = r.Members[:keepers]
	return r
}

// seeded is a random source that gives the same in every run.
func seeded(parts ...any) *rand.ChaCha8 {
	return rand.NewChaCha8(schema.HashOf(fmt.Append(nil, parts...)))
}

// idOf stands for a note's id: it binds all that a contribution says.
func idOf(c schema.Contribution) schema.Hash {
	h := sha256.New()
	fmt.Fprintf(h, "%v %s %s %d\n", c.Round, c.Member, c.Protection, c.Charge)
	for _, s := range c.Shares {
		fmt.Fprintf(h, "%s %s %d\n", s.Keeper, s.Key, len(s.Sealed))
		h.Write(s.Sealed)
	}
	return schema.Hash(h.Sum(nil))
}

// box is a keeper's key.
type box struct {
	Key
	private []byte
}

func boxes(t testing.TB, r Round) []box {
	t.Helper()
	var out []box
	for i, k := range r.Keepers {
		private, public, err := NewKey()
		must(t, err)
		id := schema.HashOf(fmt.Append(nil, "key", i))
		out = append(out, box{Key{k, id, public}, private})
	}
	return out
}

// sent is a contribution on its way, with what its parts say.
type sent struct {
	name  string
	note  schema.Contribution
	id    schema.Hash
	to    []schema.Slug
	dealt map[schema.Slug][]byte
}

// world is a round with people in it, who may do otherwise than they should.
type world struct {
	t testing.TB
	Round
	keys   map[schema.Slug]box
	random io.Reader
	// unsealed parts travel open: sealing takes nine tenths of a round's time.
	unsealed bool
	notes    []*sent
	held     map[schema.Slug]map[schema.Hash]Share // what each keeper has opened
	lists    []List
}

func newWorld(t testing.TB, r Round, keys []box, random io.Reader) *world {
	w := &world{t: t, Round: r, keys: map[schema.Slug]box{}, random: random, held: map[schema.Slug]map[schema.Hash]Share{}}
	for _, b := range keys {
		w.keys[b.Keeper] = b
		w.held[b.Keeper] = map[schema.Hash]Share{}
	}
	return w
}

// public are the keys of some keepers.
func (w *world) public(keepers []schema.Slug) (out []Key) {
	for _, k := range keepers {
		out = append(out, w.keys[k].Key)
	}
	return out
}

// deviation is what a contributor does otherwise; the zero value is nothing.
type deviation struct {
	garbage bool          // the secrets are any scalars
	keys    []schema.Slug // seals to these alone; nil: all
	to      []schema.Slug // reaches these alone; nil: all
	tamper  func(p *part) // with each keeper's part before it is sealed
}

// contribute goes the way of Contribute, so that a part can be tampered with.
func (w *world) contribute(member schema.Slug, counters []int64, d deviation) *sent {
	w.t.Helper()
	if d.keys == nil {
		d.keys = w.Keepers
	}
	if d.to == nil {
		d.to = w.Keepers
	}
	secrets, err := pack(counters)
	must(w.t, err)
	for i := range secrets {
		if d.garbage {
			secrets[i], err = randomScalar(w.random)
			must(w.t, err)
		}
	}
	parts := w.parts(member, d.keys)
	must(w.t, w.deal(secrets, parts, w.random))
	dealt := map[schema.Slug][]byte{}
	for _, p := range parts {
		if d.tamper != nil {
			d.tamper(p)
		}
		dealt[p.key.Keeper] = slices.Clone(p.plain)
	}
	shares := w.seal(parts)
	return w.send(schema.Contribution{Round: w.Round.Round, Member: member, Shares: shares}, d.to, dealt)
}

func (w *world) parts(member schema.Slug, keepers []schema.Slug) (parts []*part) {
	w.t.Helper()
	if !w.unsealed {
		parts, err := w.receivers(member, w.public(keepers))
		must(w.t, err)
		return parts
	}
	for i, k := range w.Keepers {
		if slices.Contains(keepers, k) {
			parts = append(parts, &part{key: w.keys[k].Key, place: i + 1})
		}
	}
	return parts
}

func (w *world) seal(parts []*part) (shares []schema.SealedShare) {
	w.t.Helper()
	if !w.unsealed {
		shares, err := seal(parts)
		must(w.t, err)
		return shares
	}
	for _, p := range parts {
		shares = append(shares, schema.SealedShare{Keeper: p.key.Keeper, Key: p.key.ID, Sealed: p.plain})
	}
	return shares
}

// openOne is Open, or what it does after unsealing.
func (w *world) openOne(keeper schema.Slug, s *sent) (Share, error) {
	if !w.unsealed {
		return w.Open(keeper, w.keys[keeper].ID, w.keys[keeper].private, s.note, s.id)
	}
	at := slices.IndexFunc(s.note.Shares, func(x schema.SealedShare) bool { return x.Keeper == keeper })
	if at < 0 {
		return Share{}, ErrNotForMe
	}
	vector, err := w.read(s.note.Shares[at].Sealed)
	if err != nil {
		return Share{}, err
	}
	return newShare(s.note.Member, s.id, vector), nil
}

func (w *world) send(c schema.Contribution, to []schema.Slug, dealt map[schema.Slug][]byte) *sent {
	n := 1
	for _, s := range w.notes {
		if s.note.Member == c.Member {
			n++
		}
	}
	s := &sent{fmt.Sprint(c.Member, n), c, idOf(c), to, dealt}
	w.notes = append(w.notes, s)
	return s
}

// open is what a keeper does with all that has reached it: of two notes of one member the
// first that it can open. It returns its list, without a name yet, and what it could not open.
func (w *world) open(keeper schema.Slug) (schema.Held, map[string]error) {
	h, failed := schema.Held{Round: w.Round.Round, Keeper: keeper}, map[string]error{}
	has := map[schema.Slug]bool{}
	for _, s := range w.notes {
		if !slices.Contains(s.to, keeper) || has[s.note.Member] {
			continue
		}
		share, err := w.openOne(keeper, s)
		if err != nil {
			failed[s.name] = err
			continue
		}
		has[s.note.Member] = true
		w.held[keeper][s.id] = share
		h.Contributions = append(h.Contributions, schema.HeldShare{Member: s.note.Member, ID: s.id, Check: share.Check()})
	}
	slices.SortFunc(h.Contributions, func(a, b schema.HeldShare) int {
		return byWho(schema.Attributed{Who: a.Member}, schema.Attributed{Who: b.Member})
	})
	return h, failed
}

func (w *world) publish(h schema.Held) {
	w.lists = append(w.lists, List{schema.HashOf(fmt.Appendf(nil, "%+v", h)), h})
}

// flip changes a scalar of an encoding to another one.
func flip(b []byte, random io.Reader) {
	s, err := randomScalar(random)
	if err != nil {
		panic(err)
	}
	other := writeScalar(s)
	copy(b, other[:])
}

// atZero is the reference's: what the parts say that some keepers were dealt, added up over
// the contributions of an agreement, as scalars.
func (w *world) atZero(a schema.Agreement, keepers []schema.Slug) []group.Scalar {
	w.t.Helper()
	out := make([]group.Scalar, w.scalars())
	for i := range out {
		var places []int
		var values []*bigScalar
		for _, k := range keepers {
			places = append(places, slices.Index(w.Keepers, k)+1)
			values = append(values, w.dealtSum(a, k, i))
		}
		out[i] = reference(places, values, 0).scalar()
	}
	return out
}

func (w *world) dealtSum(a schema.Agreement, keeper schema.Slug, i int) *bigScalar {
	sum := new(bigScalar)
	for _, c := range a.Contributions {
		at := slices.IndexFunc(w.notes, func(s *sent) bool { return s.id == c.ID })
		// A keeper that listed what it could not open was dealt nothing.
		if part := w.notes[at].dealt[keeper]; len(part) == schema.ScalarSize*(1+w.scalars()) {
			sum.add(part[schema.ScalarSize*(1+i):][:schema.ScalarSize])
		}
	}
	return sum
}
