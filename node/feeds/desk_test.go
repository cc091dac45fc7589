package feeds_test

import (
	"testing"

	"tidemark/node/feeds"
	"tidemark/node/nodetest"
	"tidemark/schema"
	"tidemark/schema/wire"
)

// laid is a coalition of four, two admins of whom sign, and stores that hold parts of what
// is under way: each has something that the other lacks.
func laid(t *testing.T, a, b *feeds.Store) *nodetest.Coalition {
	t.Helper()
	c := nodetest.NewCoalition(t, 4)
	c.Fill(t, a)
	c.Fill(t, b)
	set := schema.SetAdmins{Threshold: 2}
	signers := []*wire.Signer{c.Admin()}
	for _, m := range c.Members[:3] {
		set.Admins = append(set.Admins, m.Signer.VerifierKey())
		signers = append(signers, m.Signer)
	}
	act := nodetest.Sign(t, c.State.Act(nodetest.Founded+3, set), signers...)
	c.Adopt(t, act)
	m := c.Members[0]
	history := m.History(t, 1)
	for _, s := range []*feeds.Store{a, b} {
		accept(t, s, act)
		accept(t, s, history...)
	}
	intent := m.Announce(t, nodetest.Quarter(1), 7)
	check := m.Ask(t, nodetest.Now, 1)
	change := schema.Suspend{Member: c.Members[3].Slug}
	next := c.State.Act(schema.DateOf(nodetest.Now), change)
	other := next
	other.Change = schema.Suspend{Member: c.Members[2].Slug}
	accept(t, a, cosign(t, intent, c.Members[1]), check, c.Members[1].Answer(t, m, 1), nodetest.Sign(t, next, c.Members[0].Signer))
	accept(t, b, cosign(t, intent, c.Members[2]), check, c.Members[2].Answer(t, m, 1), nodetest.Sign(t, other, c.Members[1].Signer))
	return c
}

func cosign(t *testing.T, raw []byte, by *nodetest.Member) []byte {
	t.Helper()
	out, err := wire.Cosign(raw, by.Signer)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Two stores that hold different parts come level in one exchange each way, and then have
// nothing more to say to each other.
func TestProposalsTravel(t *testing.T) {
	a, b := feeds.Memory(), feeds.Memory()
	c := laid(t, a, b)
	give(a, b)
	give(b, a)
	for _, s := range []*feeds.Store{a, b} {
		d := s.Desk(c.Members[0].Slug)
		if len(d.Intents) != 1 || len(d.Intents[0].Signers()) != 3 || len(d.Heads) != 2 || len(s.Proposals()) != 2 {
			t.Errorf("%d intents, %d heads, %d proposals", len(d.Intents), len(d.Heads), len(s.Proposals()))
		}
	}
	for range a.Lacking(b.Vector(), 0) {
		t.Error("still lacks something")
	}
}

// What is under way survives a restart, and an act or a release takes it away on the disk too.
func TestDesksSurviveARestart(t *testing.T) {
	dir := t.TempDir()
	a := onDisk(t, dir)
	c := laid(t, a, feeds.Memory())
	before := a.Vector()
	a = reopened(t, a, dir)
	d := a.Desk(c.Members[0].Slug)
	if len(d.Intents) != 1 || len(d.Heads) != 1 || len(a.Proposals()) != 1 || a.Vector().Drafts != before.Drafts || a.Vector().Members[0].Desk != before.Members[0].Desk {
		t.Fatalf("%d intents, %d heads, %d proposals", len(d.Intents), len(d.Heads), len(a.Proposals()))
	}
	accept(t, a, c.Members[0].Release(t, nodetest.Quarter(1)))
	whole := nodetest.Sign(t, c.State.Act(schema.DateOf(nodetest.Now), schema.Suspend{Member: c.Members[3].Slug}), c.Members[0].Signer, c.Members[1].Signer)
	accept(t, a, whole)
	a = reopened(t, a, dir)
	if len(a.Desk(c.Members[0].Slug).Intents) != 0 || len(a.Proposals()) != 0 {
		t.Error("what was settled is back")
	}
}

func onDisk(t *testing.T, dir string) *feeds.Store {
	t.Helper()
	s, err := feeds.Open(t.Context(), feeds.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func reopened(t *testing.T, s *feeds.Store, dir string) *feeds.Store {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = onDisk(t, dir)
	t.Cleanup(func() { s.Close() })
	return s
}
