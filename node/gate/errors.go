package gate

import (
	"errors"

	"tidemark/schema"
)

// Why something is not accepted. ErrInvalid is what no honest member sends; all others
// are ordinary.
var (
	ErrInvalid = errors.New("invalid")
	// ErrUnknown: a signer, plan, codebook or roster version that may be known elsewhere.
	ErrUnknown = errors.New("not known here")
	// ErrStale: stored, or settled by what is stored.
	ErrStale        = errors.New("already stored")
	ErrGap          = errors.New("what comes before is missing")
	ErrEarly        = errors.New("its time has not come")
	ErrSuspended    = errors.New("the member is not active")
	ErrEquivocation = errors.New("the member said two things")
)

// Gap is an ErrGap that names what to ask for.
type Gap struct {
	Member   schema.Slug // empty: an act
	Sequence uint64      // the first that is missing
	// Fork means that the place is stored, but that what came follows another note:
	// the other version is asked for, so that both intents can be shown.
	Fork bool
}

func (g *Gap) Error() string { return "gate: " + ErrGap.Error() }

// Is makes errors.Is(err, ErrGap) true.
func (g *Gap) Is(target error) bool { return target == ErrGap }

// Equivocation is an ErrEquivocation that carries its proof.
type Equivocation struct {
	Proof Accepted
	// Before means that the notes before differ too: the two versions part earlier.
	Before bool
}

func (e *Equivocation) Error() string { return "gate: " + ErrEquivocation.Error() }

// Is makes errors.Is(err, ErrEquivocation) true.
func (e *Equivocation) Is(target error) bool { return target == ErrEquivocation }
