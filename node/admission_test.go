package node

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tidemark/aggregation/planner"
	"tidemark/schema"
	"tidemark/schema/spoken"
)

// clock is one that a test sets; it starts on a day like any other.
type clock struct{ seconds atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.set(time.Date(2026, 2, 3, 10, 0, 0, 0, time.UTC))
	return c
}

func (c *clock) now() time.Time { return time.Unix(c.seconds.Load(), 0).UTC() }

func (c *clock) set(t time.Time) { c.seconds.Store(t.Unix()) }

func (c *clock) days(n int) { c.set(c.now().AddDate(0, 0, n)) }

// member makes and opens a node that nobody has admitted.
func member(t testing.TB, c *clock, slug schema.Slug, listen string) *Node {
	t.Helper()
	cfg := Config{Dir: t.TempDir(), Unlock: Unlock{Passphrase: "a long passphrase for this test", WorkFactor: 10}, Now: c.now}
	s := Settings{Slug: slug, Listen: listen}
	if listen != "" {
		s.Announce = []string{listen}
	}
	if err := Init(cfg, s); err != nil {
		t.Fatal(err)
	}
	return reopen(t, cfg)
}

func reopen(t testing.TB, cfg Config) *Node {
	t.Helper()
	n, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

// founded is a node with a coalition of its own.
func founded(t testing.TB, c *clock, slug schema.Slug, listen string) *Node {
	t.Helper()
	plan, err := planner.SmallLocal(schema.Period{Year: 2026, Quarter: 1})
	if err != nil {
		t.Fatal(err)
	}
	return foundedBy(t, c, slug, listen, plan)
}

func foundedBy(t testing.TB, c *clock, slug schema.Slug, listen string, plan schema.Plan) *Node {
	t.Helper()
	n := member(t, c, slug, listen)
	if err := n.Found(t.Context(), "calm-delta", schema.Incident(), plan); err != nil {
		t.Fatal(err)
	}
	return n
}

// asked is a node's request and its words.
func asked(t testing.TB, n *Node) (request []byte, words string) {
	t.Helper()
	request, err := n.Request()
	if err != nil {
		t.Fatal(err)
	}
	words, err = n.RequestWords()
	if err != nil {
		t.Fatal(err)
	}
	return request, words
}

// invited is what an admin gives a node that asked, and its words.
func invited(t testing.TB, admin, n *Node) (invitation []byte, words string) {
	t.Helper()
	request, said := asked(t, n)
	invitation, err := admin.Admit(t.Context(), request, said, schema.Period{})
	if err != nil {
		t.Fatal(err)
	}
	words, err = admin.InvitationWords()
	if err != nil {
		t.Fatal(err)
	}
	return invitation, words
}

func joins(t testing.TB, admin *Node, ns ...*Node) {
	t.Helper()
	for _, n := range ns {
		invitation, words := invited(t, admin, n)
		if err := n.Join(t.Context(), invitation, words); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAdmitNeedsTheSpokenWords(t *testing.T) {
	c := newClock()
	a, b, thief := founded(t, c, "amber-lark", ""), member(t, c, "quiet-heron", ""), member(t, c, "quiet-heron", "")
	_, words := asked(t, b)
	forged, _ := asked(t, thief) // put in the place of b's request
	for _, said := range []string{"", words, strings.Join(strings.Fields(words)[:7], " ")} {
		if _, err := a.Admit(t.Context(), forged, said, schema.Period{}); !errors.Is(err, ErrWords) {
			t.Errorf("%q: %v", said, err)
		}
	}
	if a.State().Roster().Version != 1 {
		t.Error("an act was made")
	}
	request, _ := asked(t, b)
	if _, err := a.Admit(t.Context(), request, words, schema.Period{}); err != nil {
		t.Error(err)
	}
	if who, told, err := OpenRequest(request); err != nil || told != words || who.Slug != "quiet-heron" {
		t.Errorf("%s %s: %v", who.Slug, told, err)
	}
}

func TestJoinNeedsTheSpokenWords(t *testing.T) {
	c := newClock()
	a, b := founded(t, c, "amber-lark", ""), member(t, c, "quiet-heron", "")
	other := founded(t, c, "amber-lark", "") // somebody else's coalition, put in the place of a's
	_, words := invited(t, a, b)
	forged, forgedWords := invited(t, other, b)
	for _, said := range []string{"", words} {
		if err := b.Join(t.Context(), forged, said); !errors.Is(err, ErrWords) {
			t.Errorf("%q: %v", said, err)
		}
	}
	// A member that is no admin invites nobody.
	key := b.Vault().MemberKey()
	if err := b.Join(t.Context(), forged, spoken.Words(spoken.Invitation(other.State().ID(), key))); !errors.Is(err, ErrWords) {
		t.Error(err)
	}
	if b.State() != nil {
		t.Error("something was stored")
	}
	if _, err := b.InvitationWords(); !errors.Is(err, ErrNoCoalition) {
		t.Error(err)
	}
	if err := b.Join(t.Context(), forged, strings.ToUpper(forgedWords)); err != nil {
		t.Error(err)
	}
	if _, err := b.InvitationWords(); err == nil || !strings.Contains(err.Error(), "no admin") {
		t.Error(err)
	}
}

// An invitation is good for the keys that asked, for ever, and for nobody else.
func TestInvitationsStolenReusedAndLate(t *testing.T) {
	c := newClock()
	a, b, thief := founded(t, c, "amber-lark", ""), member(t, c, "quiet-heron", ""), member(t, c, "quiet-heron", "")
	invitation, words := invited(t, a, b)
	if err := thief.Join(t.Context(), invitation, words); err == nil || !strings.Contains(err.Error(), "not for this node") {
		t.Errorf("stolen: %v", err)
	}
	before := a.State().Roster().Version
	again, _ := invited(t, a, b)
	if a.State().Roster().Version != before {
		t.Error("the same request: another act")
	}
	c.days(400) // long after the act's expiry
	for i, raw := range [][]byte{again, invitation, again} {
		if err := b.Join(t.Context(), raw, words); err != nil {
			t.Errorf("late, %d: %v", i, err)
		}
	}
	if b.State().Roster().Active() != 2 || b.State().Roster().Version != before {
		t.Error("not the coalition that was invited to")
	}
}

// Who asks under a slug that is taken gets no seat, whatever words were said.
func TestTwoMembersOfOneSlug(t *testing.T) {
	c := newClock()
	a, b, second := founded(t, c, "amber-lark", ""), member(t, c, "quiet-heron", ""), member(t, c, "quiet-heron", "")
	joins(t, a, b)
	request, words := asked(t, second)
	if _, err := a.Admit(t.Context(), request, words, schema.Period{}); err == nil || !strings.Contains(err.Error(), "slug is taken") {
		t.Errorf("have %v", err)
	}
	// The seat's own member key with another box key: no invitation is sealed to that.
	who, err := b.applicant()
	if err != nil {
		t.Fatal(err)
	}
	who.BoxKey = second.Vault().BoxKey()
	other, err := b.Vault().Sign(t.Context(), schema.Request{Applicant: who})
	if err != nil {
		t.Fatal(err)
	}
	_, words, err = OpenRequest(other)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Admit(t.Context(), other, words, schema.Period{}); err == nil || !strings.Contains(err.Error(), "slug is taken") {
		t.Errorf("another box key: %v", err)
	}
	if m := a.State().Roster().Member("quiet-heron"); m.MemberKey != b.Vault().MemberKey() {
		t.Error("the seat has another key")
	}
}

// An invitation with acts that this machine's clock does not take says so.
func TestJoinWithAClockThatIsBehind(t *testing.T) {
	c, behind := newClock(), newClock()
	a, b := founded(t, c, "amber-lark", ""), member(t, behind, "quiet-heron", "")
	c.days(5)
	invitation, words := invited(t, a, b)
	if err := b.Join(t.Context(), invitation, words); err == nil || !strings.Contains(err.Error(), "clock") {
		t.Errorf("have %v", err)
	}
	behind.days(5)
	if err := b.Join(t.Context(), invitation, words); err != nil {
		t.Error(err)
	}
}

func TestWhatANewMemberSees(t *testing.T) {
	c := newClock()
	a, b := founded(t, c, "amber-lark", "/ip4/127.0.0.1/tcp/7461"), member(t, c, "quiet-heron", "")
	joins(t, a, b)
	s, err := a.Sight()
	if err != nil || len(s.Members) != 2 || s.Members[0].Addresses[0] != "/ip4/127.0.0.1/tcp/7461" || s.Releases != 0 {
		t.Errorf("%+v, %v", s, err)
	}
}
