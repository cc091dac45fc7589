package node

import (
	"bytes"
	"errors"
	"fmt"

	"tidemark/node/feeds"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// Found is a stored note with what is known of it.
type Found struct {
	ID       schema.Hash
	Kind     schema.Kind
	Member   schema.Slug   // whose feed it stands in; empty for charter and acts
	Sequence uint64        // its place there; an act's version; 0 for the charter
	Raw      []byte        // as it was signed, byte for byte
	Signers  []schema.Slug // whose lines were verified, in their order
	// Other is the release of an intent, the intent of a release, the release that a
	// notice speaks of, the intent that a void voids; zero for others.
	Other schema.Hash
	// Disputed: the note contradicts another of its member, or stands after such a place.
	Disputed bool
}

// Conflict is two notes of a member that may not both stand.
type Conflict struct {
	Member   schema.Slug
	Sequence uint64 // the lowest place in dispute
	Notes    [2]Found
	// Fork: what stands there is not read any more. Else it is an alarm: two intents, of
	// which at most one was countersigned, and that one counts; or two agreements or two lists
	// of one joint round.
	Fork bool
}

// ErrNoNote says that no stored note has this id.
var ErrNoNote = errors.New("no such note here")

// NoteByID finds any stored note: charter, act, what stands in a feed, a release's
// intent, a sum's agreement, and both notes of a dispute. Its signatures are verified on the way.
func (n *Node) NoteByID(id schema.Hash) (Found, error) {
	f, err := n.reads.note(id)
	if err != nil {
		return Found{}, fmt.Errorf("note %s: %w", id.Short(), err)
	}
	return f, nil
}

// Conflicts lists the disputes with their notes, by order of admission.
func (n *Node) Conflicts() ([]Conflict, error) { return n.reads.conflicts() }

// index says where the notes of one revision stand.
type index struct {
	snapshot feeds.Snapshot
	at       map[schema.Hash]spot
}

// spot is where a note stands.
type spot struct {
	feed     int    // -1: the log
	sequence uint64 // or the version
	note     int    // of the parcel
	proof    int    // in which proof against the feed's member, from 1; 0: none
}

// indexed is the index of what the store holds now.
func (r *reader) indexed() (*index, error) {
	r.one.Lock()
	defer r.one.Unlock()
	if r.found != nil && r.found.snapshot.Revision == r.feeds.Revision() {
		return r.found, nil
	}
	x := &index{snapshot: r.feeds.Snapshot(), at: map[schema.Hash]spot{}}
	if x.snapshot.State == nil {
		return nil, ErrNoCoalition
	}
	if err := x.addProofs(); err != nil {
		return nil, err
	}
	x.addFeeds()
	for version, raw := range x.snapshot.State.Log() {
		x.at[textID(raw)] = spot{feed: -1, sequence: uint64(version)}
	}
	r.found = x
	return x, nil
}

func (x *index) addProofs() error {
	for i, f := range x.snapshot.Feeds {
		for n, d := range f.Disputes() {
			notes, err := d.Notes()
			if err != nil {
				return err
			}
			for k, raw := range notes {
				x.at[textID(raw)] = spot{feed: i, sequence: d.Sequence, note: k, proof: n + 1}
			}
		}
	}
	return nil
}

// addFeeds comes after the proofs: a note that stands in both is found in its feed.
func (x *index) addFeeds() {
	for i, f := range x.snapshot.Feeds {
		for k, p := range f.Places {
			at := spot{feed: i, sequence: uint64(k + 1)}
			switch {
			case p.ID.IsZero():
				continue
			case p.Kind == schema.KindRelease, p.Kind == schema.KindSum: // an intent or an agreement stands before it
				x.at[p.Intent] = at
				at.note = 1
			}
			x.at[p.ID] = at
		}
	}
}

func (r *reader) note(id schema.Hash) (Found, error) {
	x, err := r.indexed()
	if err != nil {
		return Found{}, err
	}
	at, ok := x.at[id]
	if !ok {
		return Found{}, ErrNoNote
	}
	raw, err := r.rawAt(x, at)
	if err != nil {
		return Found{}, err
	}
	f, err := open(raw, x.snapshot.State)
	if err != nil {
		return Found{}, err
	}
	if f.ID != id {
		return Found{}, ErrNoNote // another note has taken its place just now
	}
	x.place(&f, at)
	return f, nil
}

// rawAt reads a note's bytes.
func (r *reader) rawAt(x *index, at spot) ([]byte, error) {
	if at.feed < 0 {
		return x.snapshot.State.Log()[at.sequence], nil
	}
	f := x.snapshot.Feeds[at.feed]
	if at.proof > 0 {
		notes, err := f.Disputes()[at.proof-1].Notes()
		return notes[at.note], err
	}
	p, err := r.feeds.Parcel(f.Member, at.sequence)
	if err != nil {
		return nil, fmt.Errorf("%w: the disk has lost it", ErrNoNote)
	}
	notes, err := wire.Unpack(p.Raw)
	if err != nil {
		return nil, err
	}
	if at.note >= len(notes) {
		return nil, ErrNoNote
	}
	return notes[at.note], nil
}

// open verifies a note, a charter by itself.
func open(raw []byte, st *coalition.State) (Found, error) {
	var v wire.Verified
	var err error
	if bytes.HasPrefix(raw, []byte("tidemark/"+schema.KindCharter+"/")) {
		v, err = wire.OpenCharter(raw)
	} else {
		v, err = wire.Verify(raw, st.Ring())
	}
	if err != nil {
		return Found{}, err
	}
	f := Found{ID: v.ID(), Kind: v.Body().Kind(), Raw: bytes.Clone(raw), Signers: v.Slugs()}
	f.says(v.Body())
	return f, nil
}

// says takes what the note itself says of its place.
func (f *Found) says(body schema.Body) {
	switch b := body.(type) {
	case schema.Act:
		f.Sequence = b.Version
	case schema.Intent:
		f.Sequence = b.Sequence
	case schema.Linked:
		f.Sequence = b.Place().Sequence
	}
	switch b := body.(type) {
	case schema.Notice:
		f.Other = b.Release
	case schema.Void:
		f.Other = b.Intent
	}
}

// place fills in what the feed says of a note.
func (x *index) place(f *Found, at spot) {
	if at.feed < 0 || at.proof == 0 && f.Kind == schema.KindAgreement { // several keepers' feeds have it
		return
	}
	held := x.snapshot.Feeds[at.feed]
	f.Member = held.Member
	f.Disputed = at.proof > 0 || held.Disputed > 0 && at.sequence >= held.Disputed
	if at.proof > 0 {
		return
	}
	switch stands := held.Places[at.sequence-1]; f.Kind {
	case schema.KindRelease:
		f.Other = stands.Intent
	case schema.KindIntent:
		f.Other = stands.ID
	}
}

func (r *reader) conflicts() ([]Conflict, error) {
	x, err := r.indexed()
	if err != nil {
		return nil, err
	}
	var out []Conflict
	for _, f := range x.snapshot.Feeds {
		for _, d := range f.Disputes() {
			c, err := r.conflict(d)
			if err != nil {
				return nil, fmt.Errorf("dispute of %s: %w", d.Member, err)
			}
			out = append(out, c)
		}
	}
	return out, nil
}

func (r *reader) conflict(d feeds.Dispute) (Conflict, error) {
	c := Conflict{Member: d.Member, Sequence: d.Sequence, Fork: d.Fork}
	notes, err := d.Notes()
	if err != nil {
		return c, err
	}
	for i, raw := range notes {
		if c.Notes[i], err = r.note(textID(raw)); err != nil {
			return c, err
		}
	}
	return c, nil
}
