package sample

import (
	"context"
	"crypto/ed25519"
	"errors"
	"maps"
	"slices"

	"tidemark/dashboard"
	"tidemark/dashboard/brief"
	"tidemark/dashboard/view"
	"tidemark/dashboard/words"
	"tidemark/schema"
	"tidemark/schema/wire"
)

// The drafts of a sample stay in memory; the first member answers for its own node.

// Drafts lists them.
func (c *Coalition) Drafts() ([]string, error) { return slices.Sorted(maps.Keys(c.drafts)), nil }

// Draft is one of them.
func (c *Coalition) Draft(name string) (brief.Draft, error) {
	d, ok := c.drafts[name]
	if !ok {
		return d, dashboard.ErrNoDraft
	}
	return d, nil
}

// Keep keeps one.
func (c *Coalition) Keep(name string, d brief.Draft) error {
	if c.drafts == nil {
		c.drafts = map[string]brief.Draft{}
	}
	c.drafts[name] = d
	return nil
}

// Drop forgets one.
func (c *Coalition) Drop(name string) error {
	delete(c.drafts, name)
	return nil
}

// Gather makes the brief of a spec.
func (c *Coalition) Gather(s *brief.Spec) (*brief.Gathered, error) {
	snapshot, err := c.Snapshot()
	if s.Pin != "" {
		snapshot, err = c.At(s.Pin)
	}
	if err != nil {
		return nil, err
	}
	languages, err := words.Load(snapshot.Codebook)
	if err != nil {
		return nil, err
	}
	return brief.Gather(brief.Source{Snapshot: snapshot, Languages: languages, Today: schema.DateOf(Now)}, s)
}

// Pin fixes a spec to the sample's releases.
func (c *Coalition) Pin(s *brief.Spec, text []byte) ([]byte, error) {
	if s.Pin != "" {
		return text, nil
	}
	return append([]byte("pin: "+c.snapshot.Pin+"\ndate: "+schema.DateOf(Now).String()+"\n"), text...), nil
}

// Bind verifies answers.
func (c *Coalition) Bind(g *brief.Gathered, answers [][]byte) (out []brief.Bound, err error) {
	id, err := g.ID()
	if err != nil {
		return nil, err
	}
	for _, raw := range answers {
		a, err := brief.ParseAnswer(raw)
		if err != nil {
			return nil, err
		}
		b, err := a.Bind(c.snapshot.State.Ring(), id)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// Agree answers for the first member.
func (c *Coalition) Agree(_ context.Context, g *brief.Gathered, annex bool) ([]byte, error) {
	if err := g.Agreeable(c.signers[0].Slug()); err != nil {
		return nil, err
	}
	return c.AnswerOf(0, g, annex)
}

// AnswerOf answers for a member, by order of admission.
func (c *Coalition) AnswerOf(member int, g *brief.Gathered, annex bool) ([]byte, error) {
	id, err := g.ID()
	if err != nil {
		return nil, err
	}
	made, err := c.keyFor(member, schema.CoSigner, id)
	if err != nil {
		return nil, err
	}
	note, err := wire.Sign(schema.Attestation{Brief: id}, made)
	if err != nil {
		return nil, err
	}
	own := c.signers[member]
	answer, err := wire.Sign(schema.Answer{
		Coalition: c.snapshot.State.ID(), Member: own.Slug(), Of: id, Key: made.VerifierKey(), Annex: annex,
	}, own)
	if err != nil {
		return nil, err
	}
	return view.JSON(brief.Answer{Key: made.VerifierKey(), Note: string(note), Answer: string(answer)})
}

func (c *Coalition) keyFor(member int, name schema.Slug, of schema.Hash) (*wire.Signer, error) {
	seed := schema.HashOf(append([]byte(c.signers[member].VerifierKey()), of[:]...))
	return wire.NewSigner(name, ed25519.NewKeyFromSeed(seed[:]))
}

// Hold holds a case for the first member.
func (c *Coalition) Hold(_ context.Context, k brief.Case) (brief.Case, error) {
	h, err := k.Holding()
	if err != nil {
		return k, err
	}
	made, err := c.keyFor(0, schema.CaseHolder, h.Case)
	if err != nil {
		return k, err
	}
	note, err := wire.Sign(h, made)
	if err != nil {
		return k, err
	}
	return k.Held(made.VerifierKey(), note), nil
}

// Write writes everything but PDF.
func (c *Coalition) Write(_ context.Context, g *brief.Gathered, b *brief.Brief, format, language string) ([]byte, error) {
	if format == "pdf" {
		return nil, errors.New("pdf: a sample prints nothing")
	}
	return b.Write(format, g.Source.Languages.Of(language))
}

// Annex seals nothing.
func (c *Coalition) Annex(*brief.Gathered, []byte, []brief.Bound, ...string) ([]byte, error) {
	return nil, errors.New("annex: a sample seals nothing")
}

// Verify checks a file without an annex.
func (c *Coalition) Verify(file, _ []byte, _, language string) (*brief.Report, error) {
	languages, err := words.Load(schema.Incident())
	if err != nil {
		return nil, err
	}
	return brief.Verify(file, languages.Of(language), languages), nil
}
