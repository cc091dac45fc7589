package gate

import (
	"tidemark/schema"
	"tidemark/schema/coalition"
)

// View is what the gate knows. Calls may come from several goroutines, and what they
// return does not change afterwards.
type View interface {
	// State is the coalition as of the last act that is stored.
	State() *coalition.State
	// Codebook is the coalition's, or nil where it is not there yet.
	Codebook() *schema.Codebook
	// Feed is what is stored of a member's feed; empty for a member without notes.
	Feed(member schema.Slug) Feed
	// Proposals are the acts that lack lines, as far as they have come.
	Proposals() []Draft
	// Desk is what is under way about a member.
	Desk(member schema.Slug) Desk
	// Has tells whether exactly these bytes are stored, by their SHA-256.
	Has(raw schema.Hash) bool
	// Statement is what a proof would show of a stored place: the intent of a release,
	// else the note itself; of a sum, the sum.
	Statement(member schema.Slug, sequence uint64) ([]byte, error)
	// Agreement is the one that a stored sum is of.
	Agreement(member schema.Slug, sequence uint64) ([]byte, error)
}

// Draft is a stored proposal.
type Draft struct {
	ID     schema.Hash
	Signed []schema.Slug
	Raw    []byte
}

// Feed is what is known of one member's feed.
type Feed struct {
	// Places by sequence, from 1; a hole (lost by the disk) has a zero ID.
	Places []Place
	// Disputed is the lowest sequence that a stored proof puts in dispute; 0: none.
	Disputed uint64
	// Alarm is the sequence of a stored proof that puts nothing in dispute (see
	// Accepted.Fork); 0: none.
	Alarm uint64
}

// Place is one stored note of a feed, without its bytes.
type Place struct {
	ID       schema.Hash // of the note; of the release, not of its intent
	Previous schema.Hash
	Kind     schema.Kind   // declaration, release, void, notice, capacity or sum
	Plan     schema.Hash   // of a release, a void or a sum
	Period   schema.Period // likewise
	Intent   schema.Hash   // id of a release's intent, of the intent that a void voids, or of a sum's agreement
}

// Head is the highest sequence and its note's id; 0 and zero for an empty feed.
func (f Feed) Head() (sequence uint64, id schema.Hash) {
	if len(f.Places) == 0 {
		return 0, schema.Hash{}
	}
	return uint64(len(f.Places)), f.Places[len(f.Places)-1].ID
}

// At returns a stored place.
func (f Feed) At(sequence uint64) (Place, bool) {
	if sequence == 0 || sequence > uint64(len(f.Places)) || f.Places[sequence-1].ID.IsZero() {
		return Place{}, false
	}
	return f.Places[sequence-1], true
}

// Claim finds the place of the release, the void or the sum of a plan's period; 0: none.
func (f Feed) Claim(plan schema.Hash, period schema.Period) uint64 {
	for i, p := range f.Places {
		if p.Plan == plan && p.Period == period && !p.Period.IsZero() {
			return uint64(i + 1)
		}
	}
	return 0
}

// disputed is Disputed, unless an act that replaced the member's key has settled it.
func (f Feed) disputed(m *schema.Member) uint64 {
	if f.Disputed <= m.Sequence {
		return 0
	}
	return f.Disputed
}

// Holes lists the sequences that are missing below the head.
func (f Feed) Holes() []uint64 {
	var holes []uint64
	for i, p := range f.Places {
		if p.ID.IsZero() {
			holes = append(holes, uint64(i+1))
		}
	}
	return holes
}
