package schema

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
)

// Hash is a SHA-256, written as 64 lower-case hex digits.
// A note's id is the Hash of its text; a plan's and a codebook's that of their canonical form.
type Hash [sha256.Size]byte

// HashOf returns the SHA-256 of b.
func HashOf(b []byte) Hash { return sha256.Sum256(b) }

// ParseHash reads 64 lower-case hex digits.
func ParseHash(s string) (Hash, error) {
	var h Hash
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(h) || hex.EncodeToString(b) != s {
		return Hash{}, fmt.Errorf("hash: want 64 lower-case hex digits, have %d characters", len(s))
	}
	copy(h[:], b)
	return h, nil
}

func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Short is the first eight digits, for people.
func (h Hash) Short() string { return hex.EncodeToString(h[:4]) }

// IsZero tells the hash of nothing: the "previous" of a feed's or a log's first note.
func (h Hash) IsZero() bool { return h == Hash{} }

// MarshalText writes the hex form, so that JSON shows what a person can compare.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads the hex form.
func (h *Hash) UnmarshalText(b []byte) (err error) {
	*h, err = ParseHash(string(b))
	return err
}

// Slug is a member's short name in notes and keys, immutable: "quiet-heron".
// It is part of the member key's hash and should not name the organisation.
type Slug string

var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// ParseSlug accepts 2 to 32 characters of a-z, 0-9 and single hyphens between them.
func ParseSlug(s string) (Slug, error) {
	if len(s) < 2 || len(s) > 32 || !slugForm.MatchString(s) {
		return "", fmt.Errorf("slug: want 2 to 32 of a-z, 0-9 and inner hyphens")
	}
	return Slug(s), nil
}
