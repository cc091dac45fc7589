package vault

import (
	"context"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"

	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// Made is a key that was made for one brief, or for one case in one, with what it signed.
type Made struct {
	Key    string // the verifier key
	Note   []byte // the attestation or the holding, with this key's line alone
	Answer []byte // binds the key to the member; for the writer and the annex
}

// briefKeyTitle keeps these keys apart from everything else that the seed is used for.
const briefKeyTitle = "tidemark/brief-key/v1 "

// AgreeTo agrees to a brief going out as its manifest has it, by a key that is made for it
// and that nobody can tell to be this member's without its answer. Asked again it says the
// same. Annex lets the member's own notes into the sealed annex.
func (v *Vault) AgreeTo(ctx context.Context, st *coalition.State, brief schema.Hash, annex bool) (Made, error) {
	return v.made(ctx, st, schema.CoSigner, brief, annex, schema.Attestation{Brief: brief})
}

// Print says that this member printed a brief that it has agreed to, by the same key.
func (v *Vault) Print(ctx context.Context, st *coalition.State, printing schema.Printing) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("brief: %w", err)
	}
	signer, err := v.keys.madeFor(st.ID(), schema.CoSigner, printing.Brief)
	if err != nil {
		return nil, fmt.Errorf("brief: %w", err)
	}
	return wire.Sign(printing, signer)
}

// Hold says that this member holds a documented case and its person's consent to the text.
func (v *Vault) Hold(ctx context.Context, st *coalition.State, h schema.Holding) (Made, error) {
	return v.made(ctx, st, schema.CaseHolder, h.Case, false, h)
}

func (v *Vault) made(ctx context.Context, st *coalition.State, name schema.Slug, of schema.Hash, annex bool, body schema.Body) (m Made, err error) {
	if err := ctx.Err(); err != nil {
		return m, fmt.Errorf("brief: %w", err)
	}
	signer, err := v.keys.madeFor(st.ID(), name, of)
	if err != nil {
		return m, fmt.Errorf("brief: %w", err)
	}
	m.Key = signer.VerifierKey()
	if m.Note, err = wire.Sign(body, signer); err != nil {
		return m, fmt.Errorf("brief: %w", err)
	}
	answer := schema.Answer{Coalition: st.ID(), Member: v.Slug(), Of: of, Key: m.Key, Annex: annex}
	if m.Answer, err = wire.Sign(answer, v.signer); err != nil {
		return m, fmt.Errorf("brief: %w", err)
	}
	return m, nil
}

// madeFor derives a key from the member's seed: HKDF (RFC 5869) with SHA-256, salted with
// the coalition. There is nothing to store, and two briefs have nothing in common.
func (k keys) madeFor(coalition schema.Hash, name schema.Slug, of schema.Hash) (*wire.Signer, error) {
	seed, err := hkdf.Key(sha256.New, k.Seed, coalition[:], briefKeyTitle+string(name)+" "+of.String(), ed25519.SeedSize)
	if err != nil {
		return nil, err
	}
	return wire.NewSigner(name, ed25519.NewKeyFromSeed(seed))
}
