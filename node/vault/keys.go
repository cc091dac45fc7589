package vault

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// keys are all the secrets of a vault: the content of key.age.
type keys struct {
	Slug    schema.Slug `json:"slug"`
	Seed    []byte      `json:"seed"`    // of the member key, Ed25519
	Box     string      `json:"box"`     // AGE-SECRET-KEY-1...
	Hash    []byte      `json:"hash"`    // HMAC of case ids and person ids
	Badger  []byte      `json:"badger"`  // Badger's own encryption
	Journal []byte      `json:"journal"` // seals the journal's lines
	// Store seals the records: one key, or two while records are sealed anew.
	Store []storeKey `json:"store"`
}

type storeKey struct {
	Epoch uint32 `json:"epoch"`
	Key   []byte `json:"key"`
}

const keySize = 32

const defaultWorkFactor = 18

func newKeys(slug schema.Slug) (keys, error) {
	if _, err := schema.ParseSlug(string(slug)); err != nil {
		return keys{}, err
	}
	box, err := age.GenerateX25519Identity()
	if err != nil {
		return keys{}, err
	}
	return keys{
		Slug: slug, Seed: newKey(), Box: box.String(), Hash: newKey(),
		Badger: newKey(), Journal: newKey(), Store: []storeKey{{1, newKey()}},
	}, nil
}

func newKey() []byte {
	b := make([]byte, keySize)
	rand.Read(b) // never fails
	return b
}

// next is the keys with one more store key, which is used from then on.
func (k keys) next() keys {
	last := k.Store[len(k.Store)-1]
	k.Store = []storeKey{last, {last.Epoch + 1, newKey()}}
	return k
}

// newest is the keys without the earlier store keys.
func (k keys) newest() keys {
	k.Store = k.Store[len(k.Store)-1:]
	return k
}

func (k keys) signer() (*wire.Signer, error) {
	return wire.NewSigner(k.Slug, ed25519.NewKeyFromSeed(k.Seed))
}

func (v *Vault) box() (*age.X25519Identity, error) { return age.ParseX25519Identity(v.keys.Box) }

func (k keys) validate() error {
	for _, key := range [][]byte{k.Seed, k.Hash, k.Badger, k.Journal} {
		if len(key) != keySize {
			return fmt.Errorf("a key of %d bytes, want %d", len(key), keySize)
		}
	}
	if len(k.Store) < 1 || len(k.Store) > 2 {
		return fmt.Errorf("%d store keys, want 1 or 2", len(k.Store))
	}
	if _, err := age.ParseX25519Identity(k.Box); err != nil {
		return fmt.Errorf("the box key is not one of age")
	}
	return nil
}

func (u Unlock) validate() error {
	if (u.Passphrase == "") == (u.Identity == "") {
		return fmt.Errorf("unlock: want a passphrase or a key file")
	}
	if u.WorkFactor < 0 || u.WorkFactor > 22 {
		return fmt.Errorf("unlock: work factor: want 1 to 22, or 0 for %d", defaultWorkFactor)
	}
	return nil
}

// Recipients are whom the keys, and a backup, are encrypted to.
func (u Unlock) Recipients() ([]age.Recipient, error) {
	if u.Identity == "" {
		r, err := age.NewScryptRecipient(u.Passphrase)
		if err != nil {
			return nil, err
		}
		factor := u.WorkFactor
		if factor == 0 {
			factor = defaultWorkFactor
		}
		r.SetWorkFactor(factor)
		return []age.Recipient{r}, nil
	}
	identities, err := u.Identities()
	if err != nil {
		return nil, err
	}
	var rs []age.Recipient
	for _, id := range identities {
		switch id := id.(type) {
		case *age.X25519Identity:
			rs = append(rs, id.Recipient())
		case *age.HybridIdentity:
			rs = append(rs, id.Recipient())
		default:
			return nil, errKeyFile
		}
	}
	return rs, nil
}

// errKeyFile does not wrap age's own error, which quotes a part of the file.
var errKeyFile = errors.New("unlock: the key file holds no age identity")

// Identities are what opens them again.
func (u Unlock) Identities() ([]age.Identity, error) {
	if u.Identity == "" {
		id, err := age.NewScryptIdentity(u.Passphrase)
		if err != nil {
			return nil, err
		}
		return []age.Identity{id}, nil
	}
	ids, err := age.ParseIdentities(strings.NewReader(u.Identity))
	if err != nil {
		return nil, errKeyFile
	}
	return ids, nil
}

const keysName = "key.age"

// write encrypts the keys and puts them in key.age's place.
func (k keys) write(d disk, dir string, u Unlock) error {
	recipients, err := u.Recipients()
	if err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	plain, err := json.Marshal(k)
	if err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, recipients...)
	if err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	if _, err := w.Write(plain); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	if err := d.replace(filepath.Join(dir, keysName), sealed.Bytes()); err != nil {
		return fmt.Errorf("keys: write: %w", err)
	}
	return nil
}

func readKeys(dir string, u Unlock) (k keys, err error) {
	if err := u.validate(); err != nil {
		return k, err
	}
	sealed, err := os.ReadFile(filepath.Join(dir, keysName))
	if errors.Is(err, fs.ErrNotExist) {
		return k, ErrNoVault
	}
	if err != nil {
		return k, fmt.Errorf("keys: %w", err)
	}
	ids, err := u.Identities()
	if err != nil {
		return k, err
	}
	plain, err := decrypt(sealed, ids)
	if err != nil {
		return k, err
	}
	if json.Unmarshal(plain, &k) != nil {
		return k, fmt.Errorf("keys: %s does not hold a vault's keys", keysName)
	}
	if err := k.validate(); err != nil {
		return k, fmt.Errorf("keys: %s: %w", keysName, err)
	}
	return k, nil
}

func decrypt(sealed []byte, ids []age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), ids...)
	if errors.Is(err, age.ErrIncorrectIdentity) {
		return nil, ErrPassphrase
	}
	if err != nil {
		return nil, fmt.Errorf("keys: %s is damaged: %w", keysName, err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("keys: %s is damaged: %w", keysName, err)
	}
	return plain, nil
}

// Unlocks tells whether a passphrase opens this vault. It takes as long as opening does,
// and tells nothing else.
func (v *Vault) Unlocks(passphrase string) bool {
	_, err := readKeys(v.cfg.Dir, Unlock{Passphrase: passphrase})
	return err == nil
}
