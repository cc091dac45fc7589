package vault

import (
	"bytes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"tidemark/schema"
)

// journal is the file of what must never roll back. Each entry is a line: base64 of a
// sealed JSON object. Its number and the hash of the line before are bound in, so no line
// can be changed, left out, moved or put elsewhere.
type journal struct {
	disk  disk
	name  string
	aead  cipher.AEAD
	heads []schema.Hash // of every line
	whole []byte        // what was read, until it is settled
	torn  bool
}

const journalName = "journal"

// kind is what an entry says.
type kind string

const (
	begun     kind = "begun"     // the first entry: whose journal it is
	reserved  kind = "reserved"  // cutoff and charge of a period
	drawn     kind = "drawn"     // its signed release and intent
	published kind = "published" // its intent with the witnesses' lines, as it is in the feed
	noted     kind = "noted"     // a parcel for the feed that no draw made
	forked    kind = "forked"    // a proof that the own feed goes two ways
	renewed   kind = "renewed"   // its intent again, for the witnesses of a newer roster
	restored  kind = "restored"  // the folder came back from a backup: later entries may be lost
	consented kind = "consented" // this member releases by the plan
	given     kind = "given"     // the contribution to a joint round
	attested  kind = "attested"  // what this member said as a keeper of a joint round
	closed    kind = "closed"    // a joint round has ended without what this folder contributed
	// countersigned: this member was the witness of another's intent
	countersigned kind = "countersigned"
)

// entry is one line of the journal.
type entry struct {
	Kind      kind          `json:"kind"`
	Slug      schema.Slug   `json:"slug,omitempty"`
	Coalition schema.Hash   `json:"coalition,omitzero"`
	Plan      schema.Hash   `json:"plan,omitzero"`
	Period    schema.Period `json:"period,omitzero"`
	Charge    schema.Charge `json:"charge,omitempty"`
	Cutoff    uint64        `json:"cutoff,omitempty"`
	LateDays  int           `json:"late,omitempty"`
	NoLate    bool          `json:"no_late,omitempty"`
	Intent    []byte        `json:"intent,omitempty"`
	Release   []byte        `json:"release,omitempty"`
	Parcel    []byte        `json:"parcel,omitempty"`
	Sequence  uint64        `json:"sequence,omitempty"`
	Bytes     schema.Hash   `json:"bytes,omitzero"` // of the release that was countersigned
	ID        schema.Hash   `json:"id,omitzero"`    // of its intent
	At        int64         `json:"at,omitempty"`   // Unix seconds
	Says      schema.Kind   `json:"says,omitempty"` // what kind of note was attested
}

func (e *entry) place() place { return place{e.Coalition, e.Plan, e.Period} }

func newJournal(d disk, dir string, key []byte) (*journal, error) {
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	return &journal{disk: d, name: filepath.Join(dir, journalName), aead: aead}, nil
}

// damaged says what is wrong with one of the two files, and what to do.
func damaged(name, what string) error {
	return fmt.Errorf("%w: %s: %s; keep the whole folder as it is, restore it from its newest backup, "+
		"and let the other members return what they hold before anything is released", ErrJournal, name, what)
}

func (j *journal) head() schema.Hash {
	if len(j.heads) == 0 {
		return schema.Hash{}
	}
	return j.heads[len(j.heads)-1]
}

func (j *journal) bound() []byte {
	head := j.head()
	return append([]byte("tidemark/journal/v1 "+strconv.Itoa(len(j.heads))+" "), head[:]...)
}

// append makes an entry durable. After an error it may be there or not: read again.
func (j *journal) append(e entry) error {
	line, err := j.line(e)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if err := j.disk.append(j.name, line); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	j.heads = append(j.heads, schema.HashOf(line))
	return nil
}

func (j *journal) line(e entry) ([]byte, error) {
	plain, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	sealed := j.aead.Seal(nil, nil, plain, j.bound())
	line := base64.StdEncoding.AppendEncode(make([]byte, 0, base64.StdEncoding.EncodedLen(len(sealed))+1), sealed)
	return append(line, '\n'), nil
}

// read reads the whole journal from the disk and calls fn for every entry. What a crash
// left of a line that was never acknowledged is not part of it; settle cuts it off.
func (j *journal) read(fn func(entry) error) error {
	text, err := os.ReadFile(j.name)
	if errors.Is(err, fs.ErrNotExist) {
		return damaged(j.name, "it is missing")
	}
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	j.heads, j.whole = nil, untorn(text)
	j.torn = len(j.whole) < len(text)
	for line := range bytes.Lines(j.whole) {
		e, err := j.open(line)
		if err != nil {
			return damaged(j.name, fmt.Sprintf("line %d %v", len(j.heads)+1, err))
		}
		j.heads = append(j.heads, schema.HashOf(line))
		if err := fn(e); err != nil {
			return damaged(j.name, fmt.Sprintf("line %d: %v", len(j.heads), err))
		}
	}
	if len(j.heads) == 0 {
		return damaged(j.name, "it is empty")
	}
	return nil
}

// settle makes durable what has been read: a process before this one may have died
// before it could. renew writes the file anew, because after a failed sync nothing else
// says what is on the disk.
func (j *journal) settle(renew bool) (err error) {
	if renew || j.torn {
		err = j.disk.replace(j.name, j.whole)
	} else {
		err = j.disk.sync(j.name)
	}
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	j.whole, j.torn = nil, false
	return nil
}

// untorn cuts a torn last line off: one without its end, or one that holds bytes of a
// block that was never written. Any other damage stays, to be found.
func untorn(text []byte) []byte {
	whole := text[:bytes.LastIndexByte(text, '\n')+1]
	if len(whole) < len(text) || len(whole) == 0 {
		return whole
	}
	last := bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1
	if bytes.IndexByte(whole[last:], 0) >= 0 {
		return whole[:last]
	}
	return whole
}

func (j *journal) open(line []byte) (e entry, err error) {
	text := bytes.TrimSuffix(line, []byte("\n"))
	sealed, err := base64.StdEncoding.Strict().AppendDecode(nil, text)
	if err != nil {
		return e, errors.New("is not base64")
	}
	plain, err := j.aead.Open(nil, nil, sealed, j.bound())
	if err != nil {
		return e, errors.New("was changed, or another before it is missing")
	}
	if json.Unmarshal(plain, &e) != nil {
		return e, errors.New("is of another version")
	}
	return e, nil
}

// seen is how far the store has seen the journal: it comes after it, never before.
type seen struct {
	Lines int         `json:"lines"`
	Head  schema.Hash `json:"head"`
}

// follows checks that the journal is at least as long as the store has seen it.
func (j *journal) follows(s seen) error {
	if s.Lines > len(j.heads) {
		return damaged(j.name, fmt.Sprintf("it ends after %d lines, the store has seen %d", len(j.heads), s.Lines))
	}
	if s.Lines > 0 && j.heads[s.Lines-1] != s.Head {
		return damaged(j.name, "it is not the one that the store has seen")
	}
	return nil
}
