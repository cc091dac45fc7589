package schema

import "time"

// The notes of a joint round, in which only the sum of all members' tables is ever opened.
// What happens in it stands in aggregation/joint (SPEC.md). A round is named by coalition,
// plan and period; who its keepers are, and how many of them open it, follows from the
// acts (schema/coalition), so that there is nothing to agree on beforehand.

// Round names a joint round.
type Round struct {
	Coalition Hash
	Plan      Hash
	Period    Period
}

// InRound is a body that belongs to a joint round.
type InRound interface {
	Body
	In() Round
}

// In returns the round itself.
func (r Round) In() Round { return r }

// KeeperKey is a keeper's public key for one round. Its private half is made for the round
// and destroyed with it.
type KeeperKey struct {
	Round
	Keeper Slug
	Made   time.Time // UTC, whole seconds
	Key    []byte    // HPKE, MLKEM768-X25519: KeeperKeySize bytes
}

// Contribution is the one message of a member in a round: its tables and its share of the
// noise, split among the keepers and sealed to each.
type Contribution struct {
	Round
	Member     Slug
	Protection Protection
	Charge     Charge
	Shares     []SealedShare // by keeper, in the order of the round's keepers
}

// SealedShare is what one keeper can open.
type SealedShare struct {
	Keeper Slug
	Key    Hash // the id of the KeeperKey that it is sealed to
	Sealed []byte
}

// Held is a keeper's list of the contributions that it holds and could open, each with its
// check value.
type Held struct {
	Round
	Keeper        Slug
	Contributions []HeldShare // by member
}

// HeldShare is one of them.
type HeldShare struct {
	Member Slug
	ID     Hash // of the contribution's note
	Check  Hash // a scalar: lies on a polynomial with those of the other keepers
	// Protection is what the contribution says of itself.
	Protection Protection
}

// Agreement says whose contributions are summed, by which keepers, or that the round is
// void. It holds with the lines of as many keepers as open a sum, and each keeper signs one
// in a round, ever.
type Agreement struct {
	Round
	Void          bool
	Protection    Protection   // the weakest of the contributions
	Lists         []Attributed // the keepers' Held that it rests on, by keeper
	Contributions []Attributed // by member; in a void those that were too few
}

// Attributed is a note and whose it is.
type Attributed struct {
	Who Slug
	ID  Hash
}

// Sum is a keeper's sum of its shares of an agreement's contributions, in its feed. Without
// scalars it says that the round was void.
type Sum struct {
	Link
	Plan      Hash
	Period    Period
	Agreement Hash // its id
	Scalars   [][ScalarSize]byte
}

// In is the round of a sum.
func (s Sum) In() Round { return Round{s.Coalition, s.Plan, s.Period} }

// AppointKeepers names the keepers of the rounds of later periods, in their order.
type AppointKeepers struct{ Keepers []Slug }

// Sizes and limits of joint rounds.
const (
	KeeperKeySize = 1184 + 32 // of MLKEM768-X25519
	// SealingSize is what sealing adds to a share: an encapsulated key, and a tag.
	SealingSize = 1088 + 32 + 16
	ScalarSize  = 32 // of ristretto255
	MinKeepers  = 3
	MaxKeepers  = 7
	// CountersPerScalar is how many counters a scalar holds.
	CountersPerScalar = 5
	// MaxContributions is how many members may contribute to a round.
	MaxContributions = 1_000
	// MaxJointCells is how many cells a joint plan draws in one period at most, so that a
	// contribution to seven keepers is one note.
	MaxJointCells = 2_500
	// KeysLead is how many days before a period's end its keepers make their keys.
	KeysLead = 7
	// MinShareVariance is the least variance, in units^2, of one member's share of the
	// noise: above it a sum of discrete Gaussians is one, to all purposes [Kairouz, Liu,
	// Steinke 2021, proposition 14].
	MinShareVariance = 9
)

// KeysFrom is the moment from which a period's keepers announce their keys: its roster is
// settled by then.
func KeysFrom(p Period) time.Time { return (p.End() - KeysLead).Time() }

// KeepersNeeded is how many of so many keepers agree on a round and open its sum: more than
// two thirds, so that two such groups share at least two keepers.
func KeepersNeeded(keepers int) int { return keepers*2/3 + 1 }

// ScalarsFor is how many scalars carry so many counters.
func ScalarsFor(counters int) int { return (counters + CountersPerScalar - 1) / CountersPerScalar }

// Kind of each body.
func (KeeperKey) Kind() Kind    { return KindKeeperKey }
func (Contribution) Kind() Kind { return KindContribution }
func (Held) Kind() Kind         { return KindHeld }
func (Agreement) Kind() Kind    { return KindAgreement }
func (Sum) Kind() Kind          { return KindSum }

// Verb of the change.
func (AppointKeepers) Verb() string { return "keepers" }
