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
// agreements and lists one of each text.
func slotOf(note wire.Verified) string {
	at := kindOf(note)
	if kind := note.Body().Kind(); kind == schema.KindAgreement || kind == schema.KindHeld {
		at += "/" + note.ID().String()
	}
	return at
}

// kindOf names a note's round and its kind.
func kindOf(note wire.Verified) string {
	body := note.Body().(schema.InRound)
	return body.In().Plan.String() + "/" + body.In().Period.String() + "/" + string(body.Kind())
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

// marked is what a mark says of a note among those of its desk: of one that never changes
// only that it is there, for who has another in its place takes no second. Of a list it says
// which, so that two meet; of two only that they are two, for nobody takes a third.
func marked(note wire.Verified, among []wire.Verified) []byte {
	body, joint := note.Body().(schema.InRound)
	switch {
	case !joint || body.Kind() == schema.KindAgreement:
		return note.Raw()
	case len(gate.Desk{Joint: among}.Lists(body.In())) == 2:
		return []byte(kindOf(note))
	}
	return []byte(slotOf(note))
}

// Lists are those of a keeper in a joint round that are known here: on its desk, and in a
// proof, which spreads where a desk does not (68). A keeper of whom there are two has listed
// nothing (79).
func (s *Store) Lists(r schema.Round, keeper schema.Slug) []wire.Verified {
	lists := s.Desk(keeper).Lists(r)
	_, alarm := s.proofs(keeper)
	packed, err := wire.Unpack(alarm)
	if err != nil {
		return lists // there is none
	}
	for _, raw := range packed {
		note, err := wire.Verify(raw, s.State().Ring())
		if held, ok := note.Body().(schema.Held); err == nil && ok && held.Round == r {
			lists = append(lists, note)
		}
	}
	return lists
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
