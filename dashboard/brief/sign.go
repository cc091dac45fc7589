package brief

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// Attested is who has agreed to a manifest: the keys of the valid lines. Each note has at
// most wire.MaxSignatures of them.
type Attested struct {
	Notes [][]byte // as they were signed
	Keys  []string // verifier keys, each once, sorted
}

// attestedBy verifies lines over a manifest. Keys come with the notes, since nobody outside
// knows them; that they are members' is shown by the annex.
func attestedBy(brief schema.Hash, notes []string, keys []string) (Attested, error) {
	var out Attested
	if len(keys) > maxCoSigners || len(notes) > maxCoSigners {
		return out, fmt.Errorf("attestation: more than %d", maxCoSigners)
	}
	ring, err := wire.NewRing(keys...)
	if err != nil {
		return out, fmt.Errorf("attestation: %w", err)
	}
	seen := map[string]bool{}
	for _, note := range notes {
		v, err := wire.Verify([]byte(note), ring)
		if err != nil {
			return out, fmt.Errorf("attestation: %w", err)
		}
		a, ok := v.Body().(schema.Attestation)
		if !ok || a.Brief != brief {
			return out, fmt.Errorf("attestation: is of another brief")
		}
		out.Notes = append(out.Notes, v.Raw())
		for _, key := range v.Signers() {
			if seen[key] {
				return out, fmt.Errorf("attestation: one key's line twice")
			}
			seen[key] = true
			out.Keys = append(out.Keys, key)
		}
	}
	slices.Sort(out.Keys)
	if !slices.Equal(out.Keys, keys) {
		return out, fmt.Errorf("attestation: %d keys for %d lines, or keys not in order", len(keys), len(out.Keys))
	}
	return out, nil
}

// maxCoSigners bounds how many members stand behind a brief.
const maxCoSigners = 1000

// ID is what the holder of a case signs: the hash of its block without the holder.
func (c Case) ID() (schema.Hash, error) {
	c.Holder = ""
	raw, err := canonical(c)
	return schema.HashOf(raw), err
}

// Holding is what the holder signs.
func (c Case) Holding() (schema.Holding, error) {
	id, err := c.ID()
	if err != nil {
		return schema.Holding{}, err
	}
	until, err := schema.ParseDate(c.Expires)
	return schema.Holding{Case: id, Expires: until}, err
}

var errUnheld = errors.New("case: no line by who holds it")

// holder verifies who holds the case: the key, whose line is over this very text. The field
// has the verifier key, an empty line's mark and the note: "KEY\nNOTE".
func (c Case) holder() (key string, err error) {
	key, note, ok := strings.Cut(c.Holder, "\n")
	if !ok {
		return "", errUnheld
	}
	ring, err := wire.NewRing(key)
	if err != nil {
		return "", fmt.Errorf("case: %w", err)
	}
	v, err := wire.Verify([]byte(note), ring)
	if err != nil {
		return "", fmt.Errorf("case: %w", err)
	}
	want, err := c.Holding()
	if err != nil {
		return "", err
	}
	if v.Body() != want {
		return "", fmt.Errorf("case: the line is over another text, or another consent")
	}
	return key, nil
}

// Held is the case with its holder's line.
func (c Case) Held(key string, note []byte) Case {
	c.Holder = key + "\n" + string(note)
	return c
}
