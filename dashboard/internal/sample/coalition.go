package sample

import (
	"crypto/ed25519"
	"math/big"

	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// boxKey is an age recipient that nobody holds the identity of.
const boxKey = "age1zz3v2mfr5j2vsvvhxkhrqla2qdrvyd5pjqz5x7fewle7l5hkkqtqllng80"

// found makes the charter and admits everybody.
func (c *Coalition) found(plan schema.Plan) (*coalition.State, []*wire.Signer, error) {
	var signers []*wire.Signer
	for _, o := range c.World.Organisations {
		s, err := wire.NewSigner(o.Slug, key(o.Slug))
		if err != nil {
			return nil, nil, err
		}
		signers = append(signers, s)
	}
	opened := plan.First.Start() - 30
	admins, keys, threshold := c.admins(signers)
	charter, err := wire.Sign(schema.Charter{
		Name: "demonstration", Date: opened, Codebook: c.cfg.Codebook.Hash(), Threshold: threshold, Admins: keys, Plan: plan,
	}, admins...)
	if err != nil {
		return nil, nil, err
	}
	st, err := coalition.Found(charter)
	if err != nil {
		return nil, nil, err
	}
	for i, o := range c.World.Organisations {
		a := st.Act(opened, schema.Admit{First: plan.First, Applicant: schema.Applicant{
			Slug: o.Slug, MemberKey: signers[i].VerifierKey(), BoxKey: boxKey, NodeKey: nodeKey(o.Slug), Regions: c.regions(o.Regions),
		}})
		if st, err = c.apply(st, a, admins[:threshold]); err != nil {
			return nil, nil, err
		}
	}
	if c.cfg.Keepers {
		a := st.Act(schema.DateOf(Now), schema.AppointKeepers{Keepers: []schema.Slug{signers[2].Slug(), signers[0].Slug(), signers[1].Slug()}})
		a.Expires += 30 // too late for the running quarter
		st, err = c.apply(st, a, admins[:threshold])
	}
	return st, signers, err
}

func (c *Coalition) apply(st *coalition.State, a schema.Act, by []*wire.Signer) (*coalition.State, error) {
	raw, err := wire.Sign(a, by...)
	if err != nil {
		return nil, err
	}
	if st, err = st.Apply(raw); err != nil {
		return nil, err
	}
	v, err := wire.Verify(raw, st.Ring())
	if err != nil {
		return nil, err
	}
	c.keep(v, "", a.Version, schema.Hash{})
	return st, nil
}

// admins are the first member, or a council of three.
func (c *Coalition) admins(signers []*wire.Signer) (admins []*wire.Signer, keys []string, threshold int) {
	admins, threshold = signers[:1], 1
	switch {
	case c.cfg.Council && c.cfg.Outsider:
		admins, threshold = signers[1:4], 2
	case c.cfg.Council:
		admins, threshold = signers[:3], 2
	}
	for _, s := range admins {
		keys = append(keys, s.VerifierKey())
	}
	return admins, keys, threshold
}

// regions are declared only where the codebook knows them.
func (c *Coalition) regions(codes []schema.Code) []schema.Code {
	if c.cfg.Codebook.Dimension("region") < 0 {
		return nil
	}
	return codes
}

func key(slug schema.Slug) ed25519.PrivateKey {
	seed := schema.HashOf([]byte("sample key of " + slug))
	return ed25519.NewKeyFromSeed(seed[:])
}

// nodeKey is a libp2p peer id: the multihash "identity" of an Ed25519 key, in base58.
func nodeKey(slug schema.Slug) string {
	const digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	public := key("node of " + slug).Public().(ed25519.PublicKey)
	n := new(big.Int).SetBytes(append([]byte{0x00, 0x24, 0x08, 0x01, 0x12, 0x20}, public...))
	var out []byte
	for rest := new(big.Int); n.Sign() > 0; {
		n.DivMod(n, big.NewInt(58), rest)
		out = append([]byte{digits[rest.Int64()]}, out...)
	}
	return "1" + string(out)
}
