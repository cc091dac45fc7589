package node

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"tidemark/node/gate"
	"tidemark/node/link"
	"tidemark/schema"
	"tidemark/schema/coalition"
)

// hands carries all that one node has to others, as a stick does.
func hands(t testing.TB, from *Node, to ...*Node) {
	t.Helper()
	var stick bytes.Buffer
	if err := from.Export(&stick); err != nil {
		t.Fatal(err)
	}
	for _, n := range to {
		taken, err := n.Import(t.Context(), stick.Bytes())
		if err != nil || taken.Refused > 0 {
			t.Fatalf("%s: %+v, %v", n.Slug(), taken, err)
		}
	}
}

// pair is a coalition whose two admins sign together, and a third member.
func pair(t testing.TB, c *clock) (a, b, third *Node) {
	t.Helper()
	a, b, third = founded(t, c, "amber-lark", ""), member(t, c, "quiet-heron", ""), member(t, c, "river-ibis", "")
	joins(t, a, b, third)
	hands(t, a, b)
	both := schema.SetAdmins{Threshold: 2, Admins: []string{a.Vault().MemberKey(), b.Vault().MemberKey()}}
	d, err := a.Propose(t.Context(), both)
	if err != nil || d.Adopted || d.Proposal.Missing != 0 || d.Proposal.MissingNew != 1 {
		t.Fatalf("%+v, %v", d.Proposal, err)
	}
	if d, err = b.Cosign(t.Context(), d.Note); err != nil || !d.Adopted {
		t.Fatalf("%+v, %v", d.Proposal, err)
	}
	hands(t, b, a, third)
	return a, b, third
}

func TestOneAdminOfTwoChangesNothing(t *testing.T) {
	c := newClock()
	a, b, third := pair(t, c)
	version := a.State().Roster().Version
	d, err := a.Propose(t.Context(), schema.Suspend{Member: "river-ibis"})
	if err != nil || d.Adopted || d.Proposal.Missing != 1 {
		t.Fatalf("%+v, %v", d.Proposal, err)
	}
	if again, err := a.Cosign(t.Context(), d.Note); err != nil || again.Adopted || !bytes.Equal(again.Note, d.Note) {
		t.Errorf("signed twice: %v", err)
	}
	newcomer := member(t, c, "slow-tern", "")
	request, words := asked(t, newcomer)
	if _, err := a.Admit(t.Context(), request, words, schema.Period{}); err == nil || !strings.Contains(err.Error(), "1 more admins must sign") {
		t.Errorf("admitted alone: %v", err)
	}
	if _, err := third.Cosign(t.Context(), d.Note); err == nil || !strings.Contains(err.Error(), "no admin") {
		t.Errorf("signed by a member: %v", err)
	}
	if _, err := third.Propose(t.Context(), schema.Suspend{Member: "amber-lark"}); err == nil || !strings.Contains(err.Error(), "no admin") {
		t.Errorf("proposed by a member: %v", err)
	}
	if err := third.keep(d.Note); err != nil || a.State().Roster().Version != version || third.State().Roster().Version != version {
		t.Error("one line of two did something")
	}
	if d, err = b.Cosign(t.Context(), d.Note); err != nil || !d.Adopted || b.State().Roster().Member("river-ibis").Status != schema.Suspended {
		t.Errorf("both: %+v, %v", d.Proposal, err)
	}
}

// A seat that two admins have given gets its invitation from either.
func TestTwoAdminsAdmit(t *testing.T) {
	c := newClock()
	a, b, _ := pair(t, c)
	newcomer := member(t, c, "slow-tern", "")
	request, words := asked(t, newcomer)
	change, err := a.AdmitRequest(request, words, schema.Period{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.AdmitRequest(request, "other words", schema.Period{}); !errors.Is(err, ErrWords) {
		t.Error(err)
	}
	d, err := a.Propose(t.Context(), change)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Cosign(t.Context(), d.Note); err != nil {
		t.Fatal(err)
	}
	joins(t, b, newcomer)
	if newcomer.State().Roster().Active() != 4 {
		t.Error("not in the coalition")
	}
}

// After its last day an act gets no more lines. A member that was away takes it from one
// that has it all the same.
func TestExpiryIsAskedOnce(t *testing.T) {
	c := newClock()
	a, b, third := pair(t, c)
	held, err := a.Propose(t.Context(), schema.Suspend{Member: "river-ibis"})
	if err != nil {
		t.Fatal(err)
	}
	d, err := a.Propose(t.Context(), schema.RetirePlan{Plan: a.State().Plans()[0]})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Cosign(t.Context(), d.Note); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Cosign(t.Context(), held.Note); !errors.Is(err, coalition.ErrOld) {
		t.Errorf("the loser of a fork: %v", err)
	}
	hands(t, b, a)
	late, err := a.Propose(t.Context(), schema.Suspend{Member: "river-ibis"})
	if err != nil {
		t.Fatal(err)
	}
	c.days(100)
	if _, err := b.Cosign(t.Context(), late.Note); err == nil || !strings.Contains(err.Error(), "has passed") {
		t.Errorf("signed after its last day: %v", err)
	}
	hands(t, b, third)
	if third.State().Roster().Version != b.State().Roster().Version {
		t.Error("a member that was away cannot catch up")
	}
}

func TestPlansAboveTheCeilingsAreNotProposed(t *testing.T) {
	a := founded(t, newClock(), "amber-lark", "")
	plan := a.State().Charter().Plan
	plan.Cap = schema.MaxCap + 1
	if _, err := a.Propose(t.Context(), schema.AdoptPlan{Plan: plan}); err == nil || !strings.Contains(err.Error(), "cap") {
		t.Error(err)
	}
	if _, err := a.PlanNamed(a.State().Plans()[0].String()[:6]); err != nil {
		t.Error(err)
	}
	if _, err := a.PlanNamed(""); err == nil {
		t.Error("no hash: a plan")
	}
}

// A node makes its next key beside the one in use and takes it once the roster names it.
func TestTheNodeKeyIsReplaced(t *testing.T) {
	c := newClock()
	a, b := founded(t, c, "amber-lark", ""), member(t, c, "quiet-heron", "")
	joins(t, a, b)
	before, err := link.NodeKey(b.key)
	if err != nil {
		t.Fatal(err)
	}
	request, err := b.NextNodeKey()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := b.NextNodeKey(); err != nil || !bytes.Equal(again, request) {
		t.Errorf("asked again: another key, %v", err)
	}
	if err := b.turnNodeKey(); err != nil {
		t.Fatal(err)
	}
	if now, _ := link.NodeKey(b.key); now != before {
		t.Error("used before an act names it")
	}
	thief := member(t, c, "quiet-heron", "")
	forged, _ := asked(t, thief)
	if _, err := a.ReplaceNode(forged); err == nil || !strings.Contains(err.Error(), "another key than the seat's") {
		t.Errorf("another's request: %v", err)
	}
	change, err := a.ReplaceNode(request)
	if err != nil {
		t.Fatal(err)
	}
	if d, err := a.Propose(t.Context(), change); err != nil || !d.Adopted {
		t.Fatal(err)
	}
	hands(t, a, b)
	if err := b.turnNodeKey(); err != nil {
		t.Fatal(err)
	}
	if now, _ := link.NodeKey(b.key); now == before || now != b.State().Roster().Member("quiet-heron").NodeKey {
		t.Error("not the roster's key")
	}
	if due, err := b.nodeKeyIsDue(); err != nil || due {
		t.Errorf("still due: %v", err)
	}
}

// A member key is replaced by a request that the new key signs, after the last place
// that is known here.
func TestTheMemberKeyIsReplaced(t *testing.T) {
	c := newClock()
	a, b, fresh := founded(t, c, "amber-lark", ""), member(t, c, "quiet-heron", ""), member(t, c, "quiet-heron", "")
	joins(t, a, b)
	parcel, err := b.Vault().Declare(t.Context(), b.State())
	if err != nil {
		t.Fatal(err)
	}
	if err := a.keep(parcel); err != nil {
		t.Fatal(err)
	}
	request, words := asked(t, fresh)
	if _, err := a.ReplaceMember(request, "other words"); !errors.Is(err, ErrWords) {
		t.Error(err)
	}
	change, err := a.ReplaceMember(request, words)
	_, head := a.Feeds().Feed("quiet-heron").Head()
	if err != nil || change.Sequence != 1 || change.Head != head {
		t.Fatalf("%+v, %v", change, err)
	}
	if d, err := a.Propose(t.Context(), change); err != nil || !d.Adopted {
		t.Fatal(err)
	}
	seat := a.State().Roster().Member("quiet-heron")
	if seat.MemberKey != fresh.Vault().MemberKey() || seat.BoxKey != fresh.Vault().BoxKey() || a.Feeds().Feed("quiet-heron").Places == nil {
		t.Error("not the new keys, or the feed is gone")
	}
	// With the node key of the same request the new machine gets its invitation.
	node, err := a.ReplaceNode(request)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Propose(t.Context(), node); err != nil {
		t.Fatal(err)
	}
	joins(t, a, fresh)
	if _, err := a.ReplaceMember(request, words); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Propose(t.Context(), change); err == nil || !strings.Contains(err.Error(), "was in use before") {
		t.Errorf("the same key again: %v", err)
	}
}

func TestTheFeedGoesOnBelowADispute(t *testing.T) {
	place := func(s string) gate.Place { return gate.Place{ID: schema.HashOf([]byte(s))} }
	feed := gate.Feed{Places: []gate.Place{place("1"), place("2"), place("3"), {}, place("5")}}
	for _, c := range []struct {
		disputed, settled uint64
		want              uint64
		refused           bool
	}{
		{0, 0, 5, false}, {3, 0, 2, false}, {1, 0, 0, false}, {3, 3, 5, false}, {3, 2, 2, false},
		{5, 0, 0, true}, // place 4 is missing
		{0, 7, 0, true}, // behind an earlier act
	} {
		feed.Disputed = c.disputed
		m := &schema.Member{Sequence: c.settled, Head: schema.HashOf([]byte("settled"))}
		sequence, head, err := undisputed(feed, m)
		if (err != nil) != c.refused || sequence != c.want {
			t.Errorf("%+v: %d, %v", c, sequence, err)
		}
		if err == nil && sequence != c.settled && head != feed.Places[sequence-1].ID {
			t.Errorf("%+v: another head", c)
		}
	}
}
