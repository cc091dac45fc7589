package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"

	"tidemark/schema"
)

// errSealed means that a value is not what was sealed under its key.
var errSealed = errors.New("a sealed value does not open: the store is damaged or was changed")

// newAEAD is AES-256-GCM that puts a random nonce before what it seals.
func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// sealer seals the store's values: epoch (4 bytes), nonce, ciphertext, tag. Epoch and
// Badger's key are bound in, so that a value opens nowhere else.
type sealer struct {
	epoch uint32 // of what is sealed now
	aeads map[uint32]cipher.AEAD
}

func newSealer(keys []storeKey) (sealer, error) {
	s := sealer{aeads: map[uint32]cipher.AEAD{}}
	for _, k := range keys {
		aead, err := newAEAD(k.Key)
		if err != nil {
			return s, fmt.Errorf("store key %d: %w", k.Epoch, err)
		}
		s.epoch, s.aeads[k.Epoch] = k.Epoch, aead
	}
	return s, nil
}

const epochSize = 4

func sealedFor(epoch uint32, key []byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte("tidemark/value/v1 "), epoch), key...)
}

func (s sealer) seal(key, plain []byte) []byte {
	out := binary.BigEndian.AppendUint32(make([]byte, 0, epochSize+12+len(plain)+16), s.epoch)
	return s.aeads[s.epoch].Seal(out, nil, plain, sealedFor(s.epoch, key))
}

// open appends the plain value to dst.
func (s sealer) open(dst, key, value []byte) ([]byte, error) {
	if len(value) < epochSize {
		return nil, errSealed
	}
	epoch := binary.BigEndian.Uint32(value)
	aead, ok := s.aeads[epoch]
	if !ok {
		return nil, errSealed
	}
	plain, err := aead.Open(dst, nil, value[epochSize:], sealedFor(epoch, key))
	if err != nil {
		return nil, errSealed
	}
	return plain, nil
}

// fresh tells a value of the present epoch.
func (s sealer) fresh(value []byte) bool {
	return len(value) >= epochSize && binary.BigEndian.Uint32(value) == s.epoch
}

// namer turns the case system's ids into keyed hashes. It is not safe for concurrent use.
type namer struct{ mac hash.Hash }

func newNamer(key []byte) namer { return namer{hmac.New(sha256.New, key)} }

func (n namer) caseKey(id string) schema.Key   { return n.hash("tidemark/case\x00", id) }
func (n namer) personKey(id string) schema.Key { return n.hash("tidemark/person\x00", id) }

func (n namer) hash(domain, id string) (k schema.Key) {
	n.mac.Reset()
	n.mac.Write([]byte(domain))
	n.mac.Write([]byte(id))
	copy(k[:], n.mac.Sum(nil))
	return k
}
