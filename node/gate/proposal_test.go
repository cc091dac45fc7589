package gate_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"tidemark/node/gate"
	"tidemark/node/nodetest"
	"tidemark/schema"
	"tidemark/schema/wire"
)

// council is a scene whose three members are the admins, two of whom sign.
func council(t *testing.T) *scene {
	t.Helper()
	s := newScene(t)
	set := schema.SetAdmins{Threshold: 2}
	signers := []*wire.Signer{s.Admin()}
	for _, m := range s.Members {
		set.Admins = append(set.Admins, m.Signer.VerifierKey())
		signers = append(signers, m.Signer)
	}
	raw := nodetest.Sign(t, s.State.Act(nodetest.Founded+3, set), signers...)
	s.Adopt(t, raw)
	s.accept(t, raw)
	return s
}

func (s *scene) proposed(t *testing.T, change schema.Change, by ...*nodetest.Member) []byte {
	t.Helper()
	var signers []*wire.Signer
	for _, m := range by {
		signers = append(signers, m.Signer)
	}
	return nodetest.Sign(t, s.State.Act(schema.DateOf(nodetest.Now), change), signers...)
}

// An act that lacks lines is kept, takes the lines of its copies, and is an act with the
// last of them, whichever way they came.
func TestProposalsGrowIntoActs(t *testing.T) {
	s := council(t)
	change := schema.Suspend{Member: s.Members[2].Slug}
	first, second := s.proposed(t, change, s.Members[0]), s.proposed(t, change, s.Members[1])
	if a := s.accept(t, first); a.Kind() != gate.Proposal || len(s.store.Proposals()) != 1 {
		t.Fatalf("a %s, %d proposals", a.Kind(), len(s.store.Proposals()))
	}
	s.wants(t, gate.ErrStale, first)
	if s.store.State().Roster().Member(s.Members[2].Slug).Status != schema.Active {
		t.Fatal("one of two admins has suspended a member")
	}
	a := s.accept(t, second)
	if a.Kind() != gate.Act || a.State().Roster().Member(s.Members[2].Slug).Status != schema.Suspended || len(s.store.Proposals()) != 0 {
		t.Errorf("a %s, %d proposals", a.Kind(), len(s.store.Proposals()))
	}
	if log := a.State().Log(); !bytes.Equal(log[len(log)-1], s.proposed(t, change, s.Members[0], s.Members[1])) {
		t.Error("not the act with both lines")
	}
	s.wants(t, gate.ErrStale, first)
}

// Of two proposals of one version the one that is complete first wins; the other goes.
func TestAnActOvertakesProposals(t *testing.T) {
	s := council(t)
	s.accept(t, s.proposed(t, schema.Suspend{Member: s.Members[1].Slug}, s.Members[0]))
	other := schema.Suspend{Member: s.Members[2].Slug}
	s.accept(t, s.proposed(t, other, s.Members[0]))
	if len(s.store.Proposals()) != 2 {
		t.Fatalf("%d proposals", len(s.store.Proposals()))
	}
	s.accept(t, s.proposed(t, other, s.Members[0], s.Members[1]))
	if len(s.store.Proposals()) != 0 {
		t.Error("proposals of a version that is adopted")
	}
}

func TestProposalsThatAreRefused(t *testing.T) {
	s := council(t)
	suspend := schema.Suspend{Member: s.Members[2].Slug}
	old := s.State.Act(nodetest.Founded+4, suspend)
	high := nodetest.Plan()
	high.Cap = schema.MaxCap + 1
	for name, c := range map[string]struct {
		want error
		raw  []byte
	}{
		"expired":              {gate.ErrStale, nodetest.Sign(t, old, s.Members[0].Signer)},
		"by no admin":          {gate.ErrInvalid, nodetest.Sign(t, s.State.Act(schema.DateOf(nodetest.Now), suspend), s.Admin())},
		"what cannot be done":  {gate.ErrInvalid, s.proposed(t, schema.Resume{Member: s.Members[2].Slug}, s.Members[0])},
		"above the ceilings":   {gate.ErrInvalid, s.proposed(t, schema.AdoptPlan{Plan: high}, s.Members[0])},
		"dated after tomorrow": {gate.ErrEarly, nodetest.Sign(t, s.State.Act(schema.DateOf(nodetest.Now)+2, suspend), s.Members[0].Signer)},
	} {
		t.Run(name, func(t *testing.T) { s.wants(t, c.want, c.raw) })
	}
	// A rogue admin fills its own places, not the others'.
	for i := range gate.MaxDrafts + 1 {
		plan := nodetest.Plan()
		plan.LateDays = i
		_, err := s.store.Accept(s.proposed(t, schema.AdoptPlan{Plan: plan}, s.Members[0]), nodetest.Now)
		if (i < gate.MaxDrafts) != (err == nil) {
			t.Errorf("proposal %d: %v", i+1, err)
		}
	}
	s.accept(t, s.proposed(t, suspend, s.Members[1]))
	if _, err := s.store.Accept(s.proposed(t, suspend, s.Members[0]), nodetest.Now.Add(time.Minute)); err != nil && !errors.Is(err, gate.ErrStale) {
		t.Error(err)
	}
}
