package wire

import (
	"errors"
	"fmt"
	"slices"

	"tidemark/schema"
)

// OpenCharter verifies a charter by the admins that it names itself: every line is one
// of theirs, and there are at least as many as its threshold (W12).
func OpenCharter(raw []byte) (Verified, error) {
	n, err := take(raw)
	if err != nil {
		return Verified{}, err
	}
	c, ok := n.body.(schema.Charter)
	if !ok {
		return Verified{}, fmt.Errorf("charter: is a note of another kind")
	}
	v, err := n.verifyBy(raw, c.Admins)
	if err != nil {
		return Verified{}, err
	}
	// Every line is a different admin's: the ring holds only theirs, no line stands twice.
	if len(v.signers) < c.Threshold {
		return Verified{}, fmt.Errorf("charter: signed by %d admins, want %d", len(v.signers), c.Threshold)
	}
	return v, nil
}

// OpenRequest verifies a request by the member key that it names itself.
func OpenRequest(raw []byte) (Verified, error) {
	n, err := take(raw)
	if err != nil {
		return Verified{}, err
	}
	r, ok := n.body.(schema.Request)
	if !ok {
		return Verified{}, fmt.Errorf("request: is a note of another kind")
	}
	return n.verifyBy(raw, []string{r.MemberKey})
}

// verifyBy verifies against keys that the note names itself. Nobody elsewhere can know
// more of them, so an unknown key is no ErrUnknownSigner here.
func (n taken) verifyBy(raw []byte, keys []string) (Verified, error) {
	ring, err := NewRing(keys...)
	if err != nil {
		return Verified{}, fmt.Errorf("%s: %w", n.body.Kind(), err)
	}
	v, err := n.verify(raw, ring)
	if errors.Is(err, ErrUnknownSigner) {
		return Verified{}, fmt.Errorf("%s: signed by a key that it does not name", n.body.Kind())
	}
	return v, err
}

// SignedBy counts the keys among verifierKeys that have a line in the note.
func (v Verified) SignedBy(verifierKeys []string) int {
	count := 0
	for _, signer := range v.signers {
		if slices.Contains(verifierKeys, signer) {
			count++
		}
	}
	return count
}
