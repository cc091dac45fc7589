package node

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"tidemark/node/gate"
	"tidemark/node/nodetest"
	"tidemark/schema"
)

// Every stored note is found by its id, with who signed it and what belongs to it.
func TestNotesByTheirIDs(t *testing.T) {
	s := newStory(t, 2)
	m := s.Members[0]
	s.accept(t, m.History(t, 1)...)
	feed := s.store.Feed(m.Slug)
	release := feed.Places[1]
	s.accept(t, m.Say(t, schema.Notice{Link: m.Link(), Release: release.ID, Reason: schema.WrongMapping}))
	s.accept(t, m.Say(t, schema.Void{
		Link: m.Link(), Plan: release.Plan, Period: nodetest.Quarter(1), Intent: schema.Hash{5}, Charge: s.Plan.Charge(schema.Quarterly),
	}))
	s.accept(t, m.Say(t, schema.Capacity{Link: m.Link(), Date: nodetest.Founded}))
	feed = s.store.Feed(m.Slug)
	log := s.State.Log()
	for _, c := range []struct {
		id    schema.Hash
		want  string
		other schema.Hash
	}{
		{s.State.ID(), "charter  0 [admin-one]", schema.Hash{}},
		{textID(log[2]), "act  2 [admin-one]", schema.Hash{}},
		{feed.Places[0].ID, "declaration member-000 1 [member-000]", schema.Hash{}},
		{release.ID, "release member-000 2 [member-000]", release.Intent},
		{release.Intent, "intent member-000 2 [member-000 member-001]", release.ID},
		{feed.Places[2].ID, "notice member-000 3 [member-000]", release.ID},
		{feed.Places[4].ID, "capacity member-000 5 [member-000]", schema.Hash{}},
		{feed.Places[3].ID, "void member-000 4 [member-000]", schema.Hash{5}},
	} {
		f, err := s.read.note(c.id)
		if err != nil {
			t.Errorf("%s: %v", c.want, err)
			continue
		}
		have := fmt.Sprintf("%s %s %d %v", f.Kind, f.Member, f.Sequence, f.Signers)
		if have != c.want || f.Other != c.other || f.ID != c.id || f.Disputed {
			t.Errorf("have %s, other %s, disputed %v; want %s, other %s", have, f.Other.Short(), f.Disputed, c.want, c.other.Short())
		}
		if !bytes.HasPrefix(f.Raw, []byte("tidemark/"+f.Kind+"/v1\n")) || schema.HashOf(f.Raw[:bytes.Index(f.Raw, []byte("\n\n"))+1]) != c.id {
			t.Errorf("%s: other bytes", c.want)
		}
	}
	for _, id := range []schema.Hash{{}, {5}, {9, 9}} {
		if _, err := s.read.note(id); !errors.Is(err, ErrNoNote) {
			t.Errorf("%s: %v", id.Short(), err)
		}
	}
}

// Both notes of a dispute can be read: the stored one in its feed, the other in the proof.
func TestConflictsShowBothNotes(t *testing.T) {
	s := newStory(t, 2)
	m := s.Members[1]
	s.accept(t, m.History(t, 1)...)
	other := m.Version()
	s.accept(t, m.Release(t, nodetest.Quarter(1)))
	if c, err := s.read.conflicts(); err != nil || len(c) != 0 {
		t.Fatal(c, err)
	}
	if _, err := s.store.Accept(other.Release(t, schema.Period{Year: 2025}), nodetest.Now); !errors.Is(err, gate.ErrEquivocation) {
		t.Fatal(err)
	}
	all, err := s.read.conflicts()
	if err != nil || len(all) != 1 || all[0].Member != m.Slug || all[0].Sequence != 3 {
		t.Fatal(all, err)
	}
	stored := s.store.Feed(m.Slug).Places[2]
	periods := ""
	for _, f := range all[0].Notes {
		if f.Kind != schema.KindIntent || f.Member != m.Slug || f.Sequence != 3 || !f.Disputed || len(f.Signers) != 2 || !all[0].Fork {
			t.Errorf("have %+v", f)
		}
		if (f.ID == stored.Intent) != (f.Other == stored.ID) {
			t.Errorf("its release: %s", f.Other.Short())
		}
		for line := range strings.Lines(string(f.Raw)) {
			if p, ok := strings.CutPrefix(line, "period "); ok {
				periods += p
			}
		}
	}
	if !strings.Contains(periods, "2025-Q2 ") || !strings.Contains(periods, "2025 ") {
		t.Errorf("periods %q", periods)
	}
	if f, err := s.read.note(stored.ID); err != nil || !f.Disputed {
		t.Errorf("the release: %v", err)
	}
}
