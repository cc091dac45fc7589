package joint

import (
	"crypto/hpke"
	"crypto/rand"
	"fmt"
	"io"
	"slices"

	"github.com/cloudflare/circl/group"

	"tidemark/schema"
)

// Contribute shares counters among the keepers whose keys are given and seals each part. A
// keeper without a key, or with one that nothing can be sealed to, gets none; t must be
// left. Shares and blinding come from random, nil being the kernel's; HPKE draws by itself.
// The counters are exact tables and the member's share of the noise, added (J1-J4).
func (r Round) Contribute(member schema.Slug, counters []int64, keys []Key, random io.Reader) ([]schema.SealedShare, error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	if !slices.Contains(r.Members, member) {
		return nil, fmt.Errorf("joint: contribute: %s has no place in this round", member)
	}
	if len(counters) != r.Counters {
		return nil, fmt.Errorf("joint: contribute: counters: want %d", r.Counters)
	}
	parts, err := r.receivers(member, keys)
	if err != nil {
		return nil, fmt.Errorf("joint: contribute: %w", err)
	}
	secrets, err := pack(counters)
	if err != nil {
		return nil, fmt.Errorf("joint: contribute: %w", err)
	}
	if random == nil {
		random = rand.Reader
	}
	if err := r.deal(secrets, parts, random); err != nil {
		return nil, fmt.Errorf("joint: contribute: random source: %w", err)
	}
	return seal(parts)
}

// part is what one keeper gets.
type part struct {
	key    Key
	place  int
	sender *hpke.Sender
	enc    []byte
	plain  []byte
}

// receivers are the keepers that something can be sealed to, in the round's order.
func (r Round) receivers(member schema.Slug, keys []Key) ([]*part, error) {
	var parts []*part
	for i, keeper := range r.Keepers {
		at := slices.IndexFunc(keys, func(k Key) bool { return k.Keeper == keeper })
		if at < 0 {
			continue
		}
		p := &part{key: keys[at], place: i + 1}
		public, err := hpke.MLKEM768X25519().NewPublicKey(p.key.Public)
		if err != nil {
			continue
		}
		p.enc, p.sender, err = hpke.NewSender(public, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), r.info(member, keeper, p.key.ID))
		if err != nil {
			continue
		}
		parts = append(parts, p)
	}
	if len(parts) < r.Threshold {
		return nil, fmt.Errorf("keys: %d keepers have one to seal to, want %d", len(parts), r.Threshold)
	}
	return parts, nil
}

// deal writes every part: the share of a random blinding scalar, then that of each secret,
// all on polynomials of degree below t (J2, J3).
func (r Round) deal(secrets []group.Scalar, parts []*part, random io.Reader) error {
	blinding, err := randomScalar(random)
	if err != nil {
		return err
	}
	coefficients := make([]group.Scalar, r.Threshold)
	for _, secret := range slices.Insert(secrets, 0, blinding) {
		coefficients[0] = secret
		for i := 1; i < len(coefficients); i++ {
			if coefficients[i], err = randomScalar(random); err != nil {
				return err
			}
		}
		for _, p := range parts {
			share := writeScalar(evaluate(coefficients, smallScalar(uint64(p.place))))
			p.plain = append(p.plain, share[:]...)
		}
	}
	return nil
}

func seal(parts []*part) ([]schema.SealedShare, error) {
	var out []schema.SealedShare
	for _, p := range parts {
		sealed, err := p.sender.Seal(nil, p.plain)
		clear(p.plain)
		if err != nil {
			return nil, fmt.Errorf("joint: contribute: seal for %s: %w", p.key.Keeper, err)
		}
		out = append(out, schema.SealedShare{Keeper: p.key.Keeper, Key: p.key.ID, Sealed: append(p.enc, sealed...)})
	}
	return out, nil
}
