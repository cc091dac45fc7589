package feeds

import (
	"maps"
	"slices"
	"strings"

	"tidemark/node/gate"
	"tidemark/schema"
	"tidemark/schema/wire"
)

// kindsInOrder are the notes of a joint round, each after what it rests on.
var kindsInOrder = []schema.Kind{schema.KindKeeperKey, schema.KindContribution, schema.KindHeld, schema.KindAgreement}

// slotOf is where a note of a joint round lies on a desk: one of each kind and round, of
// agreements one of each text.
func slotOf(note wire.Verified) string {
	body := note.Body().(schema.InRound)
	at := body.In().Plan.String() + "/" + body.In().Period.String() + "/" + string(body.Kind())
	if body.Kind() == schema.KindAgreement {
		at += "/" + note.ID().String()
	}
	return at
}

// ordered are a desk's notes of joint rounds in an order in which each can be accepted.
func ordered(joint map[string]wire.Verified) (out []wire.Verified) {
	for _, slot := range slices.Sorted(maps.Keys(joint)) {
		out = append(out, joint[slot])
	}
	slices.SortStableFunc(out, func(a, b wire.Verified) int {
		return slices.Index(kindsInOrder, a.Body().Kind()) - slices.Index(kindsInOrder, b.Body().Kind())
	})
	return out
}

// passing tells which notes of joint rounds another store would take now: none of a round
// that a sum has ended, and none from an author who may not send it any more. What nobody
// takes is neither marked nor sent, or two stores would send it to and fro for ever.
func (s *Store) passing() func(wire.Verified) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	st, over := s.state, map[schema.Round]bool{}
	for _, f := range s.feeds {
		for _, p := range f.places {
			if p.Kind == schema.KindSum {
				over[schema.Round{Coalition: st.ID(), Plan: p.Plan, Period: p.Period}] = true
			}
		}
	}
	return func(note wire.Verified) bool {
		return !over[note.Body().(schema.InRound).In()] && gate.Passes(st, note)
	}
}

// passed is a desk with those of its notes of joint rounds that others would take.
func passed(d gate.Desk, passes func(wire.Verified) bool) gate.Desk {
	d.Joint = slices.DeleteFunc(d.Joint, func(n wire.Verified) bool { return !passes(n) })
	return d
}

// marked is what a mark says of a note: of one that never changes only that it is there, for
// who has another in its place takes no second.
func marked(note wire.Verified) []byte {
	if _, joint := note.Body().(schema.InRound); joint && note.Body().Kind() != schema.KindAgreement {
		return []byte(slotOf(note))
	}
	return note.Raw()
}

// isContribution tells the one note of a desk that is large.
func isContribution(note wire.Verified) bool { return note.Body().Kind() == schema.KindContribution }

// endedBy lists what lies on the desks about a joint round that a sum ends: one that was
// the last which its agreement rests on.
func (s *Store) endedBy(a gate.Accepted) (done map[schema.Slug][]wire.Verified) {
	sum, ok := a.Notes()[len(a.Notes())-1].Body().(schema.Sum)
	if !ok {
		return nil
	}
	agreement := a.Notes()[0].Body().(schema.Agreement)
	for _, l := range agreement.Lists {
		if feed := s.Feed(l.Who); l.Who != sum.Member && feed.Claim(sum.Plan, sum.Period) == 0 {
			return nil
		}
	}
	done = map[schema.Slug][]wire.Verified{}
	for member, desk := range s.Desks() {
		for _, note := range desk.Joint {
			if note.Body().(schema.InRound).In() == sum.In() {
				done[member] = append(done[member], note)
			}
		}
	}
	return done
}

// clearRound takes notes of a joint round from the desks; s.mu is held.
func (s *Store) clearRound(done map[schema.Slug][]wire.Verified) {
	for member, notes := range done {
		for _, note := range notes {
			delete(s.desks[member].joint, slotOf(note))
			delete(s.has, schema.HashOf(note.Raw()))
		}
	}
}

func keyOfJoint(member schema.Slug, note wire.Verified) []byte {
	return []byte(prefixDesk + string(member) + "/j/" + strings.ReplaceAll(slotOf(note), "/", "."))
}
