package node

import (
	"errors"
	"strings"
	"testing"

	"tidemark/node/feeds"
	"tidemark/node/gate"
	"tidemark/schema"
	"tidemark/schema/coalition"
)

// A pin has one text, and a link has room for it: 200 members with forty releases each,
// and as many with 16,000.
func TestPinText(t *testing.T) {
	small := Pin{Acts: 3, Places: []uint64{1, 0, 300}, Digest: [8]byte{0xab, 7}}
	if have := small.String(); have != "ab07000000000000-AwEArAI" {
		t.Errorf("have %s", have)
	}
	for _, places := range []uint64{0, 41, 16_383} {
		p := Pin{Acts: 260}
		for range 200 {
			p.Places = append(p.Places, places)
		}
		text := p.String()
		again, err := ParsePin(text)
		if err != nil || !again.Equal(p) || len(text) >= 1000 {
			t.Errorf("%d places: %d characters, %v", places, len(text), err)
		}
	}
	for _, text := range []string{
		"", "-", "ab07000000000000", "ab07000000000000-", "AB07000000000000-AwEArAI", "ab070000000000-AwEArAI",
		"ab07000000000000-AwEArAI=", "ab07000000000000-AwEArAJ", "ab07000000000000-AwEArA", "ab07000000000000-AwEAgAA",
		"ab07000000000000-Aw EArAI", "ab07000000000000-AwEArAI\n", "zz07000000000000-AwEArAI",
		"ab07000000000000-" + strings.Repeat("AAAA", 5000), "ab07000000000000-_____________wE",
	} {
		if p, err := ParsePin(text); err == nil {
			t.Errorf("%.40q: read as %v", text, p)
		}
	}
}

// snapshotOf is a snapshot of one member's places; an id of zero is a hole.
func snapshotOf(st *coalition.State, ids ...byte) feeds.Snapshot {
	held := feeds.Held{Member: st.Roster().Members[0].Slug}
	for _, id := range ids {
		held.Places = append(held.Places, gate.Place{ID: schema.Hash{id}})
	}
	return feeds.Snapshot{State: st, Feeds: []feeds.Held{held}}
}

// What a disk has lost is still named, if a later note stands for it, and is asked for.
func TestPinsAndHoles(t *testing.T) {
	st := newStory(t, 1).State
	whole := pinNow(snapshotOf(st, 1, 2, 3))
	for _, c := range []struct {
		ids  []byte
		same bool
		want error
	}{
		{[]byte{1, 2, 3}, true, nil},
		{[]byte{1, 2, 3, 4}, false, nil},
		{[]byte{1, 0, 3}, true, ErrPinUnknown},
		{[]byte{0, 0, 3}, true, ErrPinUnknown},
		{[]byte{1, 2}, false, ErrPinUnknown},
		{[]byte{1, 2, 0}, false, ErrPinUnknown},
		{[]byte{1, 2, 9}, false, ErrPinOther},
		{nil, false, ErrPinUnknown},
	} {
		now := snapshotOf(st, c.ids...)
		if err := whole.check(now, st); !errors.Is(err, c.want) {
			t.Errorf("%v: have %v, want %v", c.ids, err, c.want)
		}
		if have := pinNow(now).Equal(whole); have != c.same {
			t.Errorf("%v: the same pin: %v", c.ids, have)
		}
	}
	if have := pinNow(snapshotOf(st, 1, 2, 0)); have.Places[0] != 2 {
		t.Errorf("ends in a hole: %v", have)
	}
}
