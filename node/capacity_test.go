package node

import (
	"slices"
	"testing"

	"tidemark/node/nodetest"
	"tidemark/schema"
)

func offers(r Reading) (all []string) {
	for _, d := range r.Declared {
		all = append(all, string(d.Member)+" "+d.Languages[0])
	}
	return all
}

// The last that each active member has said counts; a pin shows what it named, and who is
// suspended offers nothing.
func TestTheLastCapacityOfEachActiveMemberIsRead(t *testing.T) {
	s := newStory(t, 3)
	speak := func(m *nodetest.Member, language string) {
		t.Helper()
		s.accept(t, m.Say(t, schema.Capacity{Link: m.Link(), Date: nodetest.Founded, Offer: schema.Offer{Languages: []string{language}}}))
	}
	for _, m := range s.Members {
		s.accept(t, m.History(t, 1)...)
	}
	if len(s.now(t).Declared) != 0 {
		t.Error("somebody offers something who has said nothing")
	}
	speak(s.Members[1], "fr")
	speak(s.Members[0], "es")
	then := s.now(t)
	speak(s.Members[0], "qu")
	id := s.store.Feed(s.Members[0].Slug).Places[3].ID
	now := s.now(t)
	if have := offers(now); !slices.Equal(have, []string{"member-000 qu", "member-001 fr"}) || now.Declared[0].Note != id {
		t.Errorf("now: %q", have)
	}
	if have := offers(s.at(t, then.Pin)); !slices.Equal(have, []string{"member-000 es", "member-001 fr"}) {
		t.Errorf("at the pin: %q", have)
	}
	s.accept(t, s.ActOn(t, schema.DateOf(nodetest.Now), schema.Suspend{Member: s.Members[1].Slug}))
	if have := offers(s.now(t)); !slices.Equal(have, []string{"member-000 qu"}) {
		t.Errorf("suspended: %q", have)
	}
	fresh, err := s.over(s.store).now()
	if have := offers(fresh); err != nil || !slices.Equal(have, []string{"member-000 qu"}) {
		t.Errorf("in a new process: %q %v", have, err)
	}
}
