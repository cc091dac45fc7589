package brief

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// Answer is the file with which a member agrees: for the writer, never for the public.
type Answer struct {
	Key    string `json:"key"`
	Note   string `json:"note"`   // the attestation, with this key's line alone
	Answer string `json:"answer"` // the member's own note that binds the key to it
}

// maxAnswer bounds such a file.
const maxAnswer = 64 << 10

// ParseAnswer reads one, strictly.
func ParseAnswer(raw []byte) (a Answer, err error) {
	if len(raw) > maxAnswer {
		return a, fmt.Errorf("answer: %d bytes, at most %d", len(raw), maxAnswer)
	}
	if err := strict(raw, &a); err != nil {
		return a, fmt.Errorf("answer: not one")
	}
	return a, nil
}

// Bound is an answer that was verified against the coalition's keys.
type Bound struct {
	schema.Answer
	Raw  []byte
	note []byte
}

// Bind verifies an answer: the member's line, and the line of the key that it binds, over
// this brief.
func (a Answer) Bind(ring wire.Ring, brief schema.Hash) (b Bound, err error) {
	v, err := wire.Verify([]byte(a.Answer), ring)
	if err != nil {
		return b, fmt.Errorf("answer: %w", err)
	}
	answer, ok := v.Body().(schema.Answer)
	if !ok || answer.Of != brief || answer.Key != a.Key {
		return b, fmt.Errorf("answer: is of another brief, or binds another key")
	}
	if _, err := attestedBy(brief, []string{a.Note}, []string{a.Key}); err != nil {
		return b, fmt.Errorf("answer of %s: %w", answer.Member, err)
	}
	return Bound{Answer: answer, Raw: v.Raw(), note: []byte(a.Note)}, nil
}

// Why a member does not agree to a brief.
var (
	// ErrLoose: one that names no releases or no day would be another one tomorrow.
	ErrLoose   = errors.New("brief: it names no releases or no day yet")
	ErrRefused = errors.New("brief: it may not go out as it is")
	ErrNotInIt = errors.New("brief: none of this organisation's numbers are in it")
)

// Loose tells that a spec names no releases, or no day.
func (s *Spec) Loose() bool { return s.Pin == "" || s.Date == "" }

// Agreeable tells whether a member may agree: what is signed there must be what was built
// elsewhere, may go out, and has numbers of its own.
func (g *Gathered) Agreeable(member schema.Slug) error {
	switch {
	case g.Spec.Loose():
		return ErrLoose
	case Refused(g.Check(g.Source.Languages[0])):
		return ErrRefused
	case !slices.Contains(g.Contributors, member):
		return ErrNotInIt
	}
	return nil
}

// Collect makes the public form out of a gathered brief and the answers to it. An answer of
// somebody who is no contributor, or a second one of a member, is refused.
func (g *Gathered) Collect(answers []Bound) (*Brief, error) {
	b := &Brief{Manifest: g.Manifest}
	seen := map[schema.Slug]bool{}
	for _, a := range answers {
		switch {
		case !slices.Contains(g.Contributors, a.Member):
			return nil, fmt.Errorf("answer of %s: none of its numbers are in the brief", a.Member)
		case seen[a.Member]:
			return nil, fmt.Errorf("answer of %s: there twice", a.Member)
		}
		seen[a.Member] = true
		b.Keys = append(b.Keys, a.Key)
	}
	slices.Sort(b.Keys)
	return b, b.unite(answers)
}

// unite joins the lines, in the order of their keys, into as few notes as hold them.
func (b *Brief) unite(answers []Bound) (err error) {
	byKey := slices.Clone(answers)
	slices.SortFunc(byKey, func(x, y Bound) int { return bytes.Compare([]byte(x.Key), []byte(y.Key)) })
	for i, a := range byKey {
		if i%wire.MaxSignatures == 0 {
			b.Notes = append(b.Notes, a.note)
			continue
		}
		last := len(b.Notes) - 1
		if b.Notes[last], err = wire.Unite(b.Notes[last], a.note); err != nil {
			return fmt.Errorf("brief: %w", err)
		}
	}
	return nil
}

// Silent are the contributors that have not answered.
func (g *Gathered) Silent(answers []Bound) (out []schema.Slug) {
	for _, m := range g.Contributors {
		if !slices.ContainsFunc(answers, func(a Bound) bool { return a.Member == m }) {
			out = append(out, m)
		}
	}
	return out
}
