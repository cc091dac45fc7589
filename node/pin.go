package node

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tidemark/node/feeds"
	"tidemark/schema"
	"tidemark/schema/coalition"
)

// Pin names what a node knew: how many acts, and how many places of each member's feed.
// A permanent link carries one. Its text is "<digest>-<numbers>", the digest in 16 hex
// digits, the numbers as uvarints in base64url.
type Pin struct {
	Acts   uint64   // version of the roster
	Places []uint64 // of each feed, by order of admission
	// Digest proves that another node means the same notes: the start of SHA-256 over the
	// ids of the last act and of each feed's last place that count. Every note names the
	// one before it, so these ids stand for all before them.
	Digest [8]byte
}

// Why a pinned reading is not to be had.
var (
	// ErrPinUnknown: this node holds fewer notes than the pin names. Catch up first.
	ErrPinUnknown = errors.New("it names notes that are not here yet")
	// ErrPinOther: the pin is of another coalition, of a version of a feed that was given
	// up since, or made up.
	ErrPinOther = errors.New("it names other notes than those that are here")
)

const pinTitle = "tidemark/pin/v1\n"

// maxPinText bounds a pin's text: 6,000 members with feeds of 16,000 notes each.
const maxPinText = 16 << 10

// ParsePin reads a pin's text, strictly: String of what it returns is the text again.
func ParsePin(text string) (Pin, error) {
	digest, numbers, ok := strings.Cut(text, "-")
	var p Pin
	if !ok || len(text) > maxPinText || len(digest) != hex.EncodedLen(len(p.Digest)) {
		return Pin{}, fmt.Errorf("pin: want a digest and numbers")
	}
	if _, err := hex.Decode(p.Digest[:], []byte(digest)); err != nil {
		return Pin{}, fmt.Errorf("pin digest: want hex digits")
	}
	packed, err := base64.RawURLEncoding.Strict().DecodeString(numbers)
	if err != nil {
		return Pin{}, fmt.Errorf("pin numbers: want base64url")
	}
	for len(packed) > 0 {
		n, size := binary.Uvarint(packed)
		if size <= 0 {
			return Pin{}, fmt.Errorf("pin numbers: want whole uvarints")
		}
		p.Places, packed = append(p.Places, n), packed[size:]
	}
	if len(p.Places) == 0 {
		return Pin{}, fmt.Errorf("pin numbers: want a roster version")
	}
	p.Acts, p.Places = p.Places[0], p.Places[1:]
	if p.String() != text {
		return Pin{}, fmt.Errorf("pin: not in its one form")
	}
	return p, nil
}

func (p Pin) String() string {
	packed := binary.AppendUvarint(nil, p.Acts)
	for _, n := range p.Places {
		packed = binary.AppendUvarint(packed, n)
	}
	return hex.EncodeToString(p.Digest[:]) + "-" + base64.RawURLEncoding.EncodeToString(packed)
}

// Equal tells that two pins name the same.
func (p Pin) Equal(q Pin) bool {
	return p.Acts == q.Acts && p.Digest == q.Digest && slices.Equal(p.Places, q.Places)
}

// Pin names what this node knows now; zero before there is a coalition.
func (n *Node) Pin() Pin { return pinNow(n.feeds.Snapshot()) }

// pinNow counts what nobody disputes. It ends on a place that is there, for its id.
func pinNow(now feeds.Snapshot) Pin {
	if now.State == nil {
		return Pin{}
	}
	p := Pin{Acts: now.State.Roster().Version}
	for _, f := range now.Feeds {
		n := f.Settled()
		for n > 0 && f.Places[n-1].ID.IsZero() {
			n--
		}
		p.Places = append(p.Places, n)
	}
	p.Digest = p.digest(now.State, now.Feeds)
	return p
}

// digest is over a log that has the pin's acts, and feeds that have its places.
func (p Pin) digest(st *coalition.State, held []feeds.Held) (short [8]byte) {
	var b bytes.Buffer
	b.WriteString(pinTitle)
	act := textID(st.Log()[p.Acts])
	b.Write(act[:])
	for i, n := range p.Places {
		fmt.Fprintf(&b, "\n%s %d ", held[i].Member, n)
		if n > 0 {
			b.Write(held[i].Places[n-1].ID[:])
		}
	}
	sum := sha256.Sum256(b.Bytes())
	copy(short[:], sum[:])
	return short
}

// textID is the id of a note whose form has been checked: the hash of its text.
func textID(raw []byte) schema.Hash {
	return schema.HashOf(raw[:bytes.Index(raw, []byte("\n\n"))+1])
}

// check holds a pin against what is here.
func (p Pin) check(now feeds.Snapshot, then *coalition.State) error {
	if len(p.Places) != len(then.Roster().Members) {
		return ErrPinOther
	}
	for i, n := range p.Places {
		places := now.Feeds[i].Places
		if n > uint64(len(places)) {
			return ErrPinUnknown
		}
		for _, place := range places[:n] {
			if place.ID.IsZero() {
				return ErrPinUnknown
			}
		}
	}
	if p.digest(now.State, now.Feeds) != p.Digest {
		return ErrPinOther
	}
	return nil
}
