package wire

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"tidemark/schema"
)

// Signer is a member key that signs under its slug.
type Signer struct {
	slug  schema.Slug
	known verifierKey
	key   ed25519.PrivateKey
}

// NewSigner binds a member key to its slug.
func NewSigner(slug schema.Slug, key ed25519.PrivateKey) (*Signer, error) {
	if _, err := schema.ParseSlug(string(slug)); err != nil {
		return nil, fmt.Errorf("signer: %w", err)
	}
	if len(key) != ed25519.PrivateKeySize {
		return nil, fmt.Errorf("signer: key of %d bytes, want %d", len(key), ed25519.PrivateKeySize)
	}
	public, err := note.NewEd25519VerifierKey(string(slug), key.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, fmt.Errorf("signer: %w", err)
	}
	known, err := readVerifierKey(public)
	if err != nil {
		return nil, fmt.Errorf("signer: %w", err)
	}
	return &Signer{slug, known, key}, nil
}

// VerifierKey is what others know the signer by: slug+hash+base64.
func (s *Signer) VerifierKey() string { return s.known.text }

// Slug is the member's short name.
func (s *Signer) Slug() schema.Slug { return s.slug }

// noteSigner is the signer as the library wants it.
type noteSigner struct{ *Signer }

func (s noteSigner) Name() string                     { return string(s.slug) }
func (s noteSigner) KeyHash() uint32                  { return s.known.id.hash }
func (s noteSigner) Sign(text []byte) ([]byte, error) { return ed25519.Sign(s.key, text), nil }

// keyID is how a signature line names its key.
type keyID struct {
	name string
	hash uint32
}

// bytes are what lines are sorted by: the name, then the hash. A blank is smaller than
// every character of a slug.
func (k keyID) bytes() string {
	return string(binary.BigEndian.AppendUint32([]byte(k.name+" "), k.hash))
}

type verifierKey struct {
	id       keyID
	text     string
	verifier note.Verifier
}

// readVerifierKey reads slug+hash+base64 in its one spelling (W8).
func readVerifierKey(s string) (verifierKey, error) {
	v, err := note.NewVerifier(s)
	if err != nil {
		return verifierKey{}, fmt.Errorf("verifier key: %w", err)
	}
	if _, err := schema.ParseSlug(v.Name()); err != nil {
		return verifierKey{}, fmt.Errorf("verifier key: %w", err)
	}
	_, key64, _ := strings.Cut(s[len(v.Name())+1:], "+")
	key, err := base64.StdEncoding.DecodeString(key64)
	if err != nil || s != fmt.Sprintf("%s+%08x+%s", v.Name(), v.KeyHash(), base64.StdEncoding.EncodeToString(key)) {
		return verifierKey{}, errors.New("verifier key: not in its canonical form")
	}
	return verifierKey{keyID{v.Name(), v.KeyHash()}, s, v}, nil
}

func parseVerifierKey(s string) (string, error) {
	k, err := readVerifierKey(s)
	return k.text, err
}

// SlugOf is the slug inside a verifier key.
func SlugOf(verifierKey string) (schema.Slug, error) {
	k, err := readVerifierKey(verifierKey)
	return schema.Slug(k.id.name), err
}

// Ring is a set of known verifier keys. Its zero value knows none; it does not change.
type Ring struct{ keys keyring }

type keyring map[keyID]verifierKey

// Verifier is what the library asks.
func (k keyring) Verifier(name string, hash uint32) (note.Verifier, error) {
	known, ok := k[keyID{name, hash}]
	if !ok {
		return nil, &note.UnknownVerifierError{Name: name, KeyHash: hash}
	}
	return known.verifier, nil
}

// NewRing collects verifier keys. A key may be named twice; two keys of one slug and
// one hash are refused, because a signature line could mean either (W8).
func NewRing(verifierKeys ...string) (Ring, error) { return Ring{}.With(verifierKeys...) }

// With returns the ring with more keys, under the same rule.
func (r Ring) With(verifierKeys ...string) (Ring, error) {
	keys := keyring{}
	maps.Copy(keys, r.keys)
	for _, s := range verifierKeys {
		k, err := readVerifierKey(s)
		if err != nil {
			return Ring{}, fmt.Errorf("ring: %w", err)
		}
		if other, twice := keys[k.id]; twice && other.text != s {
			return Ring{}, fmt.Errorf("ring: two keys of one slug and hash")
		}
		keys[k.id] = k
	}
	return Ring{keys}, nil
}
