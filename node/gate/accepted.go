package gate

import (
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// Kind of what was accepted.
type Kind string

// The kinds. A parcel takes a place in its member's feed; a proof shows that a member
// said two things where it may say one. The others are under way: an act that lacks
// admins' lines, an intent that wants witnesses, a member's check, a witness's answer, the
// notes of a joint round.
const (
	Act      Kind = "act"
	Parcel   Kind = "parcel"
	Proof    Kind = "proof"
	Proposal Kind = "proposal"
	Pending  Kind = "intent"
	Asked    Kind = "check"
	Answered Kind = "head"
	Joint    Kind = "joint"
)

// Accepted is what the gate let through. Only this package makes one; its zero value
// holds nothing.
type Accepted struct {
	kind     Kind
	member   schema.Slug
	sequence uint64
	id       schema.Hash
	raw      []byte
	notes    []wire.Verified
	state    *coalition.State
	place    Place
	fork     bool
	beside   int
}

// Kind of it.
func (a Accepted) Kind() Kind { return a.kind }

// Member whose feed it is, or whom a proof is about; empty for an act.
func (a Accepted) Member() schema.Slug { return a.member }

// Fork tells a proof after which the feed goes two ways. One of two intents of which only
// one can have its quorum is none: the countersigned release counts, and the proof is an
// alarm that two copies of the member's folder are at work.
func (a Accepted) Fork() bool { return a.fork }

// Sequence of the place, the version of an act, or the sequence that a proof puts in
// dispute.
func (a Accepted) Sequence() uint64 { return a.sequence }

// ID of the act, or of the note that stands in the feed; of a proof, the SHA-256 of its
// bytes.
func (a Accepted) ID() schema.Hash { return a.id }

// Beside is how many lists of its keeper lay on the desk when the gate looked at one.
func (a Accepted) Beside() int { return a.beside }

// Raw is what came in, byte for byte. Do not change it.
func (a Accepted) Raw() []byte { return a.raw }

// Notes are the verified notes of a parcel or a proof, in their order; none for an act.
func (a Accepted) Notes() []wire.Verified { return a.notes }

// State is the coalition after an act; nil otherwise.
func (a Accepted) State() *coalition.State { return a.state }

// Place is what the feed keeps of a parcel; zero otherwise.
func (a Accepted) Place() Place { return a.place }
