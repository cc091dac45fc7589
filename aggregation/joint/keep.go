package joint

import (
	"crypto/hpke"
	"errors"
	"fmt"
	"slices"

	"github.com/cloudflare/circl/group"

	"tidemark/schema"
)

var (
	// ErrNotForMe: the contribution has no part for this keeper and key in this round.
	ErrNotForMe = errors.New("joint: no part for this key")
	// ErrBroken: the part does not open, or holds no shares of this round.
	ErrBroken = errors.New("joint: the part is broken")
)

// Share is a keeper's share of one contribution. It lives in a closure, where no printing
// and no encoding finds it: it is in memory only, and is opened again when it is wanted again.
type Share struct {
	member schema.Slug
	id     schema.Hash
	check  schema.Hash
	add    func(sum []group.Scalar)
}

// Check is the check value that the keeper's list carries.
func (s Share) Check() schema.Hash { return s.check }

// Open is the keeper's share of one contribution, by its private key of the round; id is of
// the contribution's note (J5).
func (r Round) Open(keeper schema.Slug, key schema.Hash, private []byte, c schema.Contribution, id schema.Hash) (Share, error) {
	at := slices.IndexFunc(c.Shares, func(s schema.SealedShare) bool { return s.Keeper == keeper && s.Key == key })
	if at < 0 || c.Round != r.Round || !slices.Contains(r.Members, c.Member) || !slices.Contains(r.Keepers, keeper) {
		return Share{}, ErrNotForMe
	}
	k, err := hpke.MLKEM768X25519().NewPrivateKey(private)
	if err != nil {
		return Share{}, fmt.Errorf("joint: open: private key: %w", err)
	}
	plain, err := hpke.Open(k, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), r.info(c.Member, keeper, key), c.Shares[at].Sealed)
	if err != nil {
		return Share{}, fmt.Errorf("%w: it does not open", ErrBroken)
	}
	defer clear(plain)
	vector, err := r.read(plain)
	if err != nil {
		return Share{}, err
	}
	return newShare(c.Member, id, vector), nil
}

// read takes the scalars of an opened part: the blinding share, then those of the counters.
func (r Round) read(plain []byte) ([]group.Scalar, error) {
	if len(plain) != (1+r.scalars())*schema.ScalarSize {
		return nil, fmt.Errorf("%w: length", ErrBroken)
	}
	var vector []group.Scalar
	for b := range slices.Chunk(plain, schema.ScalarSize) {
		s, ok := readScalar(b)
		if !ok {
			return nil, fmt.Errorf("%w: scalar %d is out of range", ErrBroken, len(vector)+1)
		}
		vector = append(vector, s)
	}
	return vector, nil
}

func newShare(member schema.Slug, id schema.Hash, vector []group.Scalar) Share {
	blinding, counters := vector[0], vector[1:]
	return Share{member, id, checkValue(id, blinding, counters), func(sum []group.Scalar) {
		for i, s := range counters {
			sum[i].Add(sum[i], s)
		}
	}}
}

// checkValue is blinding + r counters[0] + r^2 counters[1] + ..., all of them shares: the
// check values of the keepers lie on a polynomial of degree below t if and, but for odds of
// 2^-240, only if the shares of every counter do (J6).
func checkValue(id schema.Hash, blinding group.Scalar, counters []group.Scalar) schema.Hash {
	sum, r := newScalar(), challenge(id)
	for _, s := range slices.Backward(counters) {
		sum.Add(sum, s)
		sum.Mul(sum, r)
	}
	return writeScalar(sum.Add(sum, blinding))
}

// Sum adds up a keeper's shares of an agreement's contributions; shares are by the id of the
// contribution (J9).
func (r Round) Sum(a schema.Agreement, shares map[schema.Hash]Share) ([][schema.ScalarSize]byte, error) {
	if err := r.summed(a); err != nil {
		return nil, fmt.Errorf("joint: sum: %w", err)
	}
	sum := make([]group.Scalar, r.scalars())
	for i := range sum {
		sum[i] = newScalar()
	}
	for _, c := range a.Contributions {
		s, ok := shares[c.ID]
		if !ok || s.id != c.ID || s.member != c.Who {
			return nil, fmt.Errorf("joint: sum: the share of %s is missing", c.Who)
		}
		s.add(sum)
	}
	out := make([][schema.ScalarSize]byte, len(sum))
	for i, s := range sum {
		out[i] = writeScalar(s)
	}
	return out, nil
}

// summed tells whether an agreement is one to sum over: of this round, with as many lists
// and contributions as there must be, of different members. Whether it is what the lists
// say is Judge's.
func (r Round) summed(a schema.Agreement) error {
	if err := r.Validate(); err != nil {
		return err
	}
	switch {
	case a.Round != r.Round:
		return errors.New("agreement: of another round")
	case a.Void:
		return errors.New("agreement: the round is void")
	case len(a.Lists) < r.Threshold || !among(a.Lists, r.Keepers):
		return errors.New("agreement: lists: too few, or not of this round's keepers")
	case len(a.Contributions) < r.Least || !among(a.Contributions, r.Members):
		return errors.New("agreement: contributions: too few, or not of this round's members")
	}
	return nil
}

// among tells whether the notes are of different slugs, in their order, all of them known.
func among(notes []schema.Attributed, slugs []schema.Slug) bool {
	for i, n := range notes {
		if i > 0 && notes[i-1].Who >= n.Who || !slices.Contains(slugs, n.Who) {
			return false
		}
	}
	return true
}
