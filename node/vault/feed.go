package vault

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// feedFile is the member's own feed as its peers hold it: parcels, each after its length
// (4 bytes, big-endian). The journal is written first and holds everything that the feed
// does, so the file is what the journal says or a beginning of it.
type feedFile struct {
	disk disk
	name string
	size int64
}

const (
	feedName  = "feed"
	frameSize = 4
)

func newFeedFile(d disk, dir string) *feedFile {
	return &feedFile{disk: d, name: filepath.Join(dir, feedName)}
}

func framed(raw []byte) []byte {
	return append(binary.BigEndian.AppendUint32(make([]byte, 0, frameSize+len(raw)), uint32(len(raw))), raw...)
}

// append adds the parcels that are not in the file yet, and lets go of their bytes.
func (f *feedFile) append(ps []parcel) error {
	for i := range ps {
		if ps[i].raw == nil {
			continue
		}
		frame := framed(ps[i].raw)
		if err := f.disk.append(f.name, frame); err != nil {
			return fmt.Errorf("feed: %w", err)
		}
		f.size += int64(len(frame))
		ps[i].raw = nil
	}
	return nil
}

// settle makes the file what the journal says: ps, all with their bytes. A file that ends
// early, torn or not, is what a crash leaves. One that holds anything else is damaged, or
// the journal is an older one; renew writes it anew.
func (f *feedFile) settle(ps []parcel, renew bool) error {
	have, err := os.ReadFile(f.name)
	missing := errors.Is(err, fs.ErrNotExist)
	if err != nil && !missing {
		return fmt.Errorf("feed: %w", err)
	}
	var want []byte
	for _, p := range ps {
		want = append(want, framed(p.raw)...)
	}
	switch {
	case len(have) > len(want):
		return damaged(f.name, "it holds more than the journal knows of")
	case !bytes.HasPrefix(want, have) && !tornFrame(want, have):
		return damaged(f.name, "it holds something else than the journal")
	case renew || missing || len(have) < len(want) || !bytes.Equal(have, want):
		err = f.disk.replace(f.name, want)
	default:
		err = f.disk.sync(f.name)
	}
	if err != nil {
		return fmt.Errorf("feed: %w", err)
	}
	f.size = int64(len(want))
	for i := range ps {
		ps[i].raw = nil
	}
	return nil
}

// tornFrame tells a last frame of which a power failure kept the length of the file and
// lost blocks: zeros from some byte on.
func tornFrame(want, have []byte) bool {
	kept := bytes.TrimRight(have, "\x00")
	return len(kept) < len(have) && bytes.HasPrefix(want, kept)
}

// parcel reads one parcel back.
func (f *feedFile) parcel(p parcel) ([]byte, error) {
	if p.raw != nil {
		return p.raw, nil
	}
	file, err := os.Open(f.name)
	if err != nil {
		return nil, fmt.Errorf("feed: %w", err)
	}
	defer file.Close()
	raw := make([]byte, p.size)
	if _, err := file.ReadAt(raw, p.offset+frameSize); err != nil {
		return nil, fmt.Errorf("feed: %w", err)
	}
	if schema.HashOf(raw) != p.hash {
		return nil, damaged(f.name, "it was changed while the vault was open")
	}
	return raw, nil
}

// Feed iterates the parcels of the own feed, in order.
func (v *Vault) Feed() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		v.live.RLock()
		ps := slices.Clone(v.book.parcels)
		v.live.RUnlock()
		for i := range ps {
			raw, err := v.feed.parcel(ps[i])
			if !yield(raw, err) || err != nil {
				return
			}
		}
	}
}

// Head is the own feed's last sequence and its note's id; 0 for an empty one. In a vault
// that serves several coalitions it is that of the one served last.
func (v *Vault) Head() (uint64, schema.Hash) {
	v.live.RLock()
	defer v.live.RUnlock()
	return v.book.latest.head()
}

// ownParcel is a parcel taken apart: the note that stands in the feed, and the intent
// that travels with a release.
type ownParcel struct {
	body   schema.Linked
	id     schema.Hash
	intent []byte
}

// readParcel looks at the form alone.
func readParcel(raw []byte) (p ownParcel, err error) {
	notes, err := wire.Unpack(raw)
	if err != nil {
		return p, err
	}
	last := notes[len(notes)-1]
	body, err := wire.Peek(last)
	if err != nil {
		return p, err
	}
	linked, ok := body.(schema.Linked)
	_, release := body.(schema.Release)
	_, sum := body.(schema.Sum)
	if !ok || (release || sum) != (len(notes) == 2) || len(notes) > 2 {
		return p, fmt.Errorf("parcel: want a release with its intent, a sum with its agreement, or one other note of a feed")
	}
	p.body, p.id = linked, noteID(last)
	if release {
		p.intent = notes[0]
	}
	return p, nil
}

// noteID is the hash of a note's text: all before the empty line.
func noteID(raw []byte) schema.Hash {
	text, _, _ := bytes.Cut(raw, []byte("\n\n"))
	return schema.HashOf(append(bytes.Clone(text), '\n'))
}
