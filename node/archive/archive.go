package archive

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tidemark/schema"
)

// The parts of a backup. A backup has each of them once at most, in this order (A4).
const (
	Settings   = "config.yaml"
	NodeKey    = "node.key"
	NetworkKey = "network.psk"
	Keys       = "key.age" // of the vault, as are the next three
	Journal    = "journal"
	Feed       = "feed"
	Store      = "store"     // the store's pairs of key and sealed value
	Coalition  = "coalition" // a bundle: charter, acts, codebook
)

var parts = []string{Settings, NodeKey, NetworkKey, Keys, Journal, Feed, Store, Coalition}

// MaxPiece is the most that a piece holds, in bytes.
const MaxPiece = 256 << 10

// ErrDamaged says that a backup is not what was written: nothing of it may be used.
var ErrDamaged = errors.New("the backup is damaged or not whole")

func damaged(what string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrDamaged, fmt.Errorf(what, args...))
}

// Header says whose backup it is and when it was written.
type Header struct {
	Member schema.Slug
	At     time.Time // to the second
}

const (
	title     = "tidemark/backup/v1"
	timeForm  = "2006-01-02T15:04:05Z"
	maxHeader = 96
)

func (h Header) line() (string, error) {
	if _, err := schema.ParseSlug(string(h.Member)); err != nil {
		return "", err
	}
	at := h.At.UTC()
	if at.Year() < 2000 || at.Year() > 9999 {
		return "", errors.New("a time from the year 2000 on is wanted")
	}
	return fmt.Sprintf("%s %s %s\n", title, h.Member, at.Format(timeForm)), nil
}

// parseHeader takes nothing but what line gives.
func parseHeader(line string) (h Header, err error) {
	fields := strings.Split(strings.TrimSuffix(line, "\n"), " ")
	if len(fields) != 3 || fields[0] != title {
		return h, damaged("its first line is not %s", title)
	}
	h.Member = schema.Slug(fields[1])
	if h.At, err = time.Parse(timeForm, fields[2]); err != nil {
		return h, damaged("its first line holds no time")
	}
	if again, err := h.line(); err != nil || again != line {
		return h, damaged("its first line is not canonical")
	}
	return h, nil
}

// last is the name of the piece that ends a backup.
const last = "end"

// rank is a name's place in the order; -1: it has none.
func rank(name string) int {
	if name == last {
		return len(parts)
	}
	return slices.Index(parts, name)
}

// head is how a piece begins: its name after the name's length, and its size.
func head(name string, size int) []byte {
	b := append([]byte{byte(len(name))}, name...)
	return binary.BigEndian.AppendUint32(b, uint32(size))
}

// chain sums up everything that has been written: the header, then each piece (A3).
type chain [sha256.Size]byte

func newChain(header string) chain { return sha256.Sum256([]byte(header)) }

func (c *chain) add(head, piece []byte) {
	h := sha256.New()
	h.Write(c[:])
	h.Write(head)
	h.Write(piece)
	h.Sum(c[:0])
}
