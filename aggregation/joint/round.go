package joint

import (
	"crypto/hpke"
	"fmt"

	"tidemark/schema"
)

// Round is a joint round with what is counted in it. Its methods want one that Validate
// lets pass.
type Round struct {
	schema.Round
	Members   []schema.Slug // who may contribute
	Keepers   []schema.Slug // in the order of their shares: keeper i has x = i+1
	Threshold int           // how many keepers agree, and open the sum
	Least     int           // how many contributions are summed at least: H + c
	Counters  int           // cells that the plan draws in this cadence
}

// Validate tells whether such a round can be held (J0).
func (r Round) Validate() error {
	m := len(r.Keepers)
	switch {
	case r.Coalition.IsZero() || r.Plan.IsZero() || r.Period.IsZero():
		return fmt.Errorf("joint: round: coalition, plan or period is missing")
	case m < schema.MinKeepers || m > schema.MaxKeepers:
		return fmt.Errorf("joint: keepers: want %d to %d", schema.MinKeepers, schema.MaxKeepers)
	case r.Threshold != schema.KeepersNeeded(m):
		return fmt.Errorf("joint: threshold: want %d of %d keepers", schema.KeepersNeeded(m), m)
	case len(r.Members) > schema.MaxContributions: // which keeps the sum of a counter within its digit (J1)
		return fmt.Errorf("joint: members: want at most %d", schema.MaxContributions)
	case r.Least < 2:
		return fmt.Errorf("joint: least: want at least 2")
	case r.Counters < 1 || r.Counters > schema.MaxJointCells:
		return fmt.Errorf("joint: counters: want 1 to %d", schema.MaxJointCells)
	case twice(r.Keepers) || twice(r.Members):
		return fmt.Errorf("joint: round: a slug stands twice")
	}
	return nil
}

func twice(slugs []schema.Slug) bool {
	seen := map[schema.Slug]bool{}
	for _, s := range slugs {
		if seen[s] {
			return true
		}
		seen[s] = true
	}
	return false
}

// scalars is how many hold the round's counters.
func (r Round) scalars() int { return schema.ScalarsFor(r.Counters) }

// Key is a keeper's public key for the round.
type Key struct {
	Keeper schema.Slug
	ID     schema.Hash // of its KeeperKey note
	Public []byte
}

// NewKey makes a keeper's key for one round. It draws from the kernel's randomness.
func NewKey() (private, public []byte, err error) {
	k, err := hpke.MLKEM768X25519().GenerateKey()
	if err != nil {
		return nil, nil, fmt.Errorf("joint: key: %w", err)
	}
	if private, err = k.Bytes(); err != nil {
		return nil, nil, fmt.Errorf("joint: key: %w", err)
	}
	return private, k.PublicKey().Bytes(), nil
}

// info binds what is sealed to its place: opened anywhere else it is broken (J4).
func (r Round) info(member, keeper schema.Slug, key schema.Hash) []byte {
	return fmt.Appendf(nil, "tidemark/joint/v1\n%s\n%s\n%s\n%s\n%s\n%s\n", r.Coalition, r.Plan, r.Period, member, keeper, key)
}
