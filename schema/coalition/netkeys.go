package coalition

import (
	"fmt"
	"slices"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// KeyEpoch is a network key that an act has brought. The one that the coalition was
// founded with, epoch 0, is in no act.
type KeyEpoch struct {
	Version uint64 // of the act; what the key is called
	From    schema.Date
	Sealed  string
}

// rotate takes a network key: it begins on the act's date or up to 30 days later, and is
// sealed to as many as are active after the act (C25).
func (s *State) rotate(k schema.NetworkKey, date schema.Date) error {
	if k.From < date || k.From > date+schema.MaxKeyNotice {
		return fmt.Errorf("network key: begins before the act or more than %d days after it", schema.MaxKeyNotice)
	}
	if have, want := wire.Recipients(k.Sealed), s.roster.Active(); have != want {
		return fmt.Errorf("network key: is sealed to other than the %d active members", want)
	}
	s.keys = append(slices.Clip(s.keys), KeyEpoch{s.roster.Version, k.From, k.Sealed})
	return nil
}

// remove ends a seat, and may bring the others a network key.
func (s *State) remove(c schema.Remove, date schema.Date) error {
	if err := s.move(c.Member, schema.Removed, schema.Active, schema.Suspended); err != nil {
		return err
	}
	if c.Key == (schema.NetworkKey{}) {
		return nil
	}
	return s.rotate(c.Key, date)
}

// NetworkKeys are those that acts have brought, in order.
func (s *State) NetworkKeys() []KeyEpoch { return slices.Clone(s.keys) }

// KeyInForce is the epoch of the network key on a day: of the keys that have begun, the
// one that the latest act brought; 0: the founding one. A key whose turn would come after
// a later act's has begun never comes (C26).
func (s *State) KeyInForce(day schema.Date) uint64 {
	for _, k := range slices.Backward(s.keys) {
		if k.From <= day {
			return k.Version
		}
	}
	return 0
}
