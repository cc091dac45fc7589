package coalition

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// Why an act does not come next, where a caller goes on differently. Every other error
// of Apply means that no honest admin wrote the act for this log.
var (
	// ErrOld: an act of this version has been applied, this one or another. It never
	// will be again.
	ErrOld = errors.New("the version has been applied already")
	// ErrGap: acts before it are missing.
	ErrGap = errors.New("acts before it are missing")
)

// Limits of an act (C5).
const (
	MaxExpiry     = 90 // days from an act's date to the last day of its adoption
	defaultExpiry = 30
)

// State is a coalition after its charter and some acts. It does not change.
type State struct {
	id       schema.Hash
	charter  schema.Charter
	log      [][]byte
	head     schema.Hash   // id of the last note of the log
	dates    []schema.Date // of the note that made each version, never falling
	settled  []schema.Date // when each version and all before it could no longer be adopted
	roster   schema.Roster
	statuses [][]statusAt      // by seat: since which version it has which status
	owners   map[string]string // public key -> the verifier key it is known by, for ever
	ring     wire.Ring
	plans    map[schema.Hash]schema.Plan
	adopted  []schema.Hash // the plans, in order of adoption
	terms    []term
	keys     []KeyEpoch  // the network keys of acts
	named    []appointed // the keepers of joint rounds, by act
	opened   bool        // three members have been active at once
	opening  uint64      // the version that opened it; the last one until then
}

// Found opens a charter: signed by at least its threshold of its own admins, its plan
// for its codebook (C1, C2).
func Found(charter []byte) (*State, error) {
	v, err := wire.OpenCharter(charter)
	if err != nil {
		return nil, fmt.Errorf("found: %w", err)
	}
	c := v.Body().(schema.Charter)
	s := &State{
		id: v.ID(), charter: c, owners: map[string]string{}, plans: map[schema.Hash]schema.Plan{},
		roster: schema.Roster{Coalition: v.ID(), Threshold: c.Threshold, Admins: c.Admins},
	}
	for _, key := range c.Admins {
		if err := s.learn(key); err != nil {
			return nil, fmt.Errorf("found: %w", err)
		}
	}
	if err := s.found(c.Plan); err != nil {
		return nil, fmt.Errorf("found: %w", err)
	}
	s.enter(v, c.Date, c.Date)
	return s, nil
}

// Apply takes the act that comes next and returns the state after it. ErrOld and ErrGap
// tell an act that comes at another time.
func (s *State) Apply(act []byte) (*State, error) {
	a, err := s.coming(act)
	if err != nil {
		return nil, fmt.Errorf("apply%s: %w", placeOf(a), err)
	}
	v, err := s.verify(act, a.Change)
	if err == nil {
		err = s.enough(v, a.Change)
	}
	if err != nil {
		return nil, fmt.Errorf("apply%s: %w", placeOf(a), err)
	}
	next, err := s.changed(a)
	if err != nil {
		return nil, fmt.Errorf("apply%s: %w", placeOf(a), err)
	}
	next.enter(v, a.Date, a.Expires)
	return next, nil
}

// coming reads an act and checks that its place is the next one.
func (s *State) coming(raw []byte) (schema.Act, error) {
	body, err := wire.Peek(raw)
	if err != nil {
		return schema.Act{}, err
	}
	a, ok := body.(schema.Act)
	if !ok {
		return a, fmt.Errorf("a %s is no act", body.Kind())
	}
	return a, s.follows(a)
}

// placeOf names an act in an error, once its version is known.
func placeOf(a schema.Act) string {
	if a.Version == 0 {
		return ""
	}
	return fmt.Sprintf(" version %d", a.Version)
}

// changed is the state with an act's change, which is not in the log yet.
func (s *State) changed(a schema.Act) (*State, error) {
	next := s.clone()
	next.roster.Version = a.Version
	if err := next.change(a); err != nil {
		return nil, fmt.Errorf("%s: %w", a.Change.Verb(), err)
	}
	return next, nil
}

// follows checks an act's place in the log (C3 to C5).
func (s *State) follows(a schema.Act) error {
	last := s.dates[s.roster.Version]
	switch {
	case a.Coalition != s.id:
		return fmt.Errorf("coalition: is another one's")
	case a.Version <= s.roster.Version:
		return ErrOld
	case a.Version > s.roster.Version+1:
		return ErrGap
	case a.Previous != s.head:
		return fmt.Errorf("previous: follows another act than the last one here")
	case a.Date < last:
		return fmt.Errorf("date: before the last act's")
	case a.Date > a.Expires:
		return fmt.Errorf("date: after the act's own expiry")
	case a.Expires > a.Date+MaxExpiry:
		return fmt.Errorf("expires: more than %d days after its date", MaxExpiry)
	}
	return nil
}

// verify asks that every line is an admin's: for a change of admins, an old or a new one's.
func (s *State) verify(raw []byte, c schema.Change) (wire.Verified, error) {
	ring, err := wire.NewRing(slices.Concat(s.roster.Admins, newAdmins(c).Admins)...)
	if err != nil {
		return wire.Verified{}, err
	}
	v, err := wire.Verify(raw, ring)
	if errors.Is(err, wire.ErrUnknownSigner) {
		// The log up to here names every admin there is: nobody can know more of them.
		return v, fmt.Errorf("signed by somebody who is no admin")
	}
	return v, err
}

// enough asks for the lines of at least the threshold of admins; to change the admins,
// for the threshold of the old and of the new ones (C6, C7).
func (s *State) enough(v wire.Verified, c schema.Change) error {
	if have := v.SignedBy(s.roster.Admins); have < s.roster.Threshold {
		return fmt.Errorf("signed by %d admins, want %d", have, s.roster.Threshold)
	}
	set := newAdmins(c)
	if have := v.SignedBy(set.Admins); have < set.Threshold {
		return fmt.Errorf("signed by %d of the new admins, want %d", have, set.Threshold)
	}
	return nil
}

// newAdmins are those that a change puts in place; none for any other change.
func newAdmins(c schema.Change) schema.SetAdmins {
	set, _ := c.(schema.SetAdmins)
	return set
}

// enter writes a note into the log.
func (s *State) enter(v wire.Verified, date, expires schema.Date) {
	s.log = append(slices.Clip(s.log), v.Raw())
	s.head = v.ID()
	s.dates = append(slices.Clip(s.dates), date)
	if n := len(s.settled); n > 0 {
		expires = max(expires, s.settled[n-1])
	}
	s.settled = append(slices.Clip(s.settled), expires)
	if !s.opened {
		s.opening, s.opened = s.roster.Version, s.roster.Active() >= schema.MinMembers
	}
}

// clone copies what a change writes to. Slices that only grow are clipped where they do.
func (s *State) clone() *State {
	next := *s
	next.roster.Members = slices.Clone(s.roster.Members)
	next.statuses = slices.Clone(s.statuses)
	next.owners = maps.Clone(s.owners)
	next.plans = maps.Clone(s.plans)
	return &next
}

// learn adds a key to those that notes verify by. One public key has one slug for ever (C10).
func (s *State) learn(key string) error {
	public := strings.SplitN(key, "+", 3)[2]
	if other, taken := s.owners[public]; taken && other != key {
		return fmt.Errorf("member key: is known under another slug")
	}
	ring, err := s.ring.With(key)
	if err != nil {
		return err
	}
	s.owners[public], s.ring = key, ring
	return nil
}

// ID is the coalition: the id of its charter's note.
func (s *State) ID() schema.Hash { return s.id }

// Charter is how it was founded. Do not change its slices.
func (s *State) Charter() schema.Charter { return s.charter }

// Roster is who is in it. Do not change it.
func (s *State) Roster() *schema.Roster { return &s.roster }

// Log is the charter and every act, in order, as they were signed. Do not change it.
func (s *State) Log() [][]byte { return s.log }

// Ring knows every key that was ever a seat's or an admin's, so that old notes verify
// for ever. It does not tell whose turn has passed: compare with the Roster.
func (s *State) Ring() wire.Ring { return s.ring }

// Act is the next act, ready to be signed; it may be adopted for 30 days.
func (s *State) Act(date schema.Date, change schema.Change) schema.Act {
	return schema.Act{
		Coalition: s.id, Version: s.roster.Version + 1, Previous: s.head,
		Date: date, Expires: date + defaultExpiry, Change: change,
	}
}
