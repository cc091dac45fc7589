package feeds

import (
	"bytes"
	"fmt"
	"iter"
	"maps"
	"slices"

	"tidemark/node/gate"
	"tidemark/schema"
	"tidemark/schema/wire"
)

// desk is what is under way about one member.
type desk struct {
	intents map[uint64]wire.Verified
	check   wire.Verified
	heads   map[schema.Slug]wire.Verified
	joint   map[string]wire.Verified // by slotOf
}

// view is the desk as the gate sees it.
func (d *desk) view() gate.Desk {
	if d == nil {
		return gate.Desk{}
	}
	out := gate.Desk{Check: d.check}
	for _, sequence := range slices.Sorted(maps.Keys(d.intents)) {
		out.Intents = append(out.Intents, d.intents[sequence])
	}
	for _, witness := range slices.Sorted(maps.Keys(d.heads)) {
		out.Heads = append(out.Heads, d.heads[witness])
	}
	out.Joint = ordered(d.joint)
	return out
}

// notes are those of a desk, in an order in which each can be accepted; contributions to
// joint rounds, which are large and never change, stand apart.
func notes(d gate.Desk) (small, contributions []wire.Verified) {
	small = slices.Clone(d.Intents)
	if d.Check.Body() != nil {
		small = append(small, d.Check)
	}
	small = append(small, d.Heads...)
	for _, n := range d.Joint {
		if isContribution(n) {
			contributions = append(contributions, n)
		} else {
			small = append(small, n)
		}
	}
	return small, contributions
}

// Desk is what is under way about a member.
func (s *Store) Desk(member schema.Slug) gate.Desk {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.desks[member].view()
}

// Desks iterates what is under way, by order of admission; empty ones are left out.
func (s *Store) Desks() iter.Seq2[schema.Slug, gate.Desk] {
	return func(yield func(schema.Slug, gate.Desk) bool) {
		for _, m := range s.members() {
			d := s.Desk(m.Slug)
			if len(d.Intents) == 0 && d.Check.Body() == nil && len(d.Joint) == 0 {
				continue
			}
			if !yield(m.Slug, d) {
				return
			}
		}
	}
}

// UnderWay iterates proposals and the notes of all desks, for a bundle.
func (s *Store) UnderWay() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for _, d := range s.Proposals() {
			if !yield(d.Raw) {
				return
			}
		}
		// Contributions of all come before the lists of any.
		var after []wire.Verified
		passes := s.passing()
		for _, d := range s.Desks() {
			small, contributions := notes(passed(d, passes))
			after = append(after, small...)
			if !yieldAll(contributions, yield) {
				return
			}
		}
		yieldAll(after, yield)
	}
}

func yieldAll(notes []wire.Verified, yield func([]byte) bool) bool {
	for _, n := range notes {
		if !yield(n.Raw()) {
			return false
		}
	}
	return true
}

// putSlip lays a note on its member's desk. An intent takes the lines of the copy that
// lies there; a check clears what was answered to the one before. A list beside which
// another has come since the gate looked is asked about again: both are a proof.
func (s *Store) putSlip(a gate.Accepted) error {
	if list, ok := a.Notes()[0].Body().(schema.Held); ok && len(s.Desk(a.Member()).Lists(list.Round)) != a.Beside() {
		return fmt.Errorf("feeds: put: %w", gate.ErrStale)
	}
	note, err := s.united(a)
	if err != nil {
		return err
	}
	changes := []change{{keyOfSlip(a.Member(), note), note.Raw()}}
	if a.Kind() == gate.Asked {
		for _, head := range s.Desk(a.Member()).Heads {
			changes = append(changes, change{key: keyOfSlip(a.Member(), head)})
		}
	}
	if err := s.disk.commit(changes); err != nil {
		return fmt.Errorf("feeds: put: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lay(a.Member(), note)
	return nil
}

// united is an intent or an agreement with the lines of both copies, or the note itself.
func (s *Store) united(a gate.Accepted) (wire.Verified, error) {
	note := a.Notes()[0]
	var stored wire.Verified
	switch {
	case a.Kind() == gate.Pending:
		stored = s.Desk(a.Member()).Intent(a.Sequence())
	case a.Kind() == gate.Joint:
		s.mu.RLock()
		if d := s.desks[a.Member()]; d != nil {
			stored = d.joint[slotOf(note)]
		}
		s.mu.RUnlock()
	}
	if stored.Body() == nil || stored.ID() != note.ID() {
		return note, nil // the gate has found that it takes the other's place
	}
	raw, err := wire.Unite(stored.Raw(), note.Raw())
	if err != nil || bytes.Equal(raw, stored.Raw()) {
		return note, fmt.Errorf("feeds: put: %w", gate.ErrStale)
	}
	return wire.Verify(raw, s.State().Ring())
}

// lay does in memory what putSlip does on the disk; s.mu is held.
func (s *Store) lay(member schema.Slug, note wire.Verified) {
	d := s.desks[member]
	if d == nil {
		d = &desk{intents: map[uint64]wire.Verified{}, heads: map[schema.Slug]wire.Verified{}, joint: map[string]wire.Verified{}}
		s.desks[member] = d
	}
	switch body := note.Body().(type) {
	case schema.Intent:
		d.intents[body.Sequence] = note
	case schema.Check:
		d.check = note
		clear(d.heads)
	case schema.Head:
		d.heads[body.Witness] = note
	case schema.InRound:
		if before, ok := d.joint[slotOf(note)]; ok {
			delete(s.has, schema.HashOf(before.Raw()))
		}
		d.joint[slotOf(note)] = note
		s.has[schema.HashOf(note.Raw())] = true
	}
}

// settledBy lists the intents that are no longer under way once a place of the feed is
// taken: those for it and for places before it, and the one of its period.
func (s *Store) settledBy(member schema.Slug, sequence uint64, place gate.Place) []wire.Verified {
	var done []wire.Verified
	for _, note := range s.Desk(member).Intents {
		i := note.Body().(schema.Intent)
		if i.Sequence <= sequence || i.Plan == place.Plan && i.Period == place.Period {
			done = append(done, note)
		}
	}
	return done
}

// clear takes intents from a desk; s.mu is held.
func (s *Store) clear(member schema.Slug, done []wire.Verified) {
	for _, note := range done {
		delete(s.desks[member].intents, note.Body().(schema.Intent).Sequence)
	}
}

// sweep lists the deletions of a desk whose member has a new key, and takes it away when
// they are done. What was said in joint rounds stays: the others have counted on it.
func (s *Store) sweep(member schema.Slug) (changes []change, done func()) {
	d := s.Desk(member)
	for _, n := range slices.Concat(d.Intents, d.Heads) {
		changes = append(changes, change{key: keyOfSlip(member, n)})
	}
	if d.Check.Body() != nil {
		changes = append(changes, change{key: keyOfSlip(member, d.Check)})
	}
	return changes, func() {
		if d := s.desks[member]; d != nil {
			s.desks[member] = &desk{intents: map[uint64]wire.Verified{}, heads: map[schema.Slug]wire.Verified{}, joint: d.joint}
		}
	}
}

// deskMarks sum a desk up for a vector: equal desks have equal marks, an empty one zero.
func deskMarks(d gate.Desk) (small, contributions DeskMark) {
	few, large := notes(d)
	return markOfNotes(few), markOfNotes(large)
}

func markOfNotes(notes []wire.Verified) DeskMark {
	var all [][]byte
	for _, n := range notes {
		all = append(all, marked(n, notes))
	}
	return markOfAll(all)
}

func markOfAll(raws [][]byte) (m DeskMark) {
	if len(raws) == 0 {
		return m
	}
	var b bytes.Buffer
	for _, raw := range raws {
		h := schema.HashOf(raw)
		b.Write(h[:])
	}
	sum := schema.HashOf(b.Bytes())
	return DeskMark(sum[:len(m)])
}

const prefixDesk = "6desk/"

// keyOfSlip is where a desk's note lies: one intent for each sequence, one check, one
// head for each witness, and one note in each slot of a joint round.
func keyOfSlip(member schema.Slug, note wire.Verified) []byte {
	at := prefixDesk + string(member) + "/"
	switch body := note.Body().(type) {
	case schema.InRound:
		return keyOfJoint(member, note)
	case schema.Intent:
		return keyOfSequence(at+"i/", body.Sequence)
	case schema.Head:
		return []byte(at + "h/" + string(body.Witness))
	}
	return []byte(at + "c")
}
