package catchup

import (
	"bufio"
	"bytes"
	"errors"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"pgregory.net/rapid"

	"tidemark/node/feeds"
	"tidemark/schema"
)

func TestVectorsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.Uint64Range(0, maxSequence)
		v := feeds.Vector{Acts: number.Draw(t, "acts")}
		for range rapid.IntRange(0, 40).Draw(t, "members") {
			h := feeds.Have{Sequence: number.Draw(t, "sequence"), Disputed: number.Draw(t, "disputed")}
			if h.Sequence > 0 {
				copy(h.Head[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "head"))
			}
			h.Alarm = rapid.Bool().Draw(t, "alarm")
			h.Desk, h.Given = drawMark(t, "desk"), drawMark(t, "given")
			for range rapid.IntRange(0, feeds.MaxMissing).Draw(t, "missing") {
				h.Missing = append(h.Missing, number.Draw(t, "hole"))
			}
			v.Members = append(v.Members, h)
		}
		again, err := decode(schema.Hash{1}, encode(schema.Hash{1}, v))
		if err != nil || !reflect.DeepEqual(again, v) {
			t.Fatalf("have %v %v, want %v", again, err, v)
		}
	})
}

// drawMark is zero every other time.
func drawMark(t *rapid.T, name string) (m feeds.DeskMark) {
	if rapid.Bool().Draw(t, name+" is there") {
		copy(m[:], rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, name))
	}
	return m
}

// What version 1 wrote has no bit for a mark of contributions: where a feed was in dispute
// it reads as another place or not at all. So it has another protocol, and nobody reads it.
func TestVectorsOfVersion1AreRefused(t *testing.T) {
	if Protocol == "/tidemark/catchup/1" {
		t.Error("the protocol is still called by the older version")
	}
	id := schema.Hash{1}
	b := append(append([]byte{}, id[:]...), 1) // one act
	b = append(b, make([]byte, 8)...)          // no proposals
	b = append(b, 1, 0, 1<<2, 0)               // one member: no place, in dispute from 1 on, nothing missing
	if v, err := decode(id, b); !errors.Is(err, errFrame) {
		t.Errorf("read as %v: %v", v, err)
	}
	b[len(b)-2] = 1 << 3
	if v, err := decode(id, b); err != nil || v.Members[0].Disputed != 1 {
		t.Errorf("version 2: %v, %v", v, err)
	}
	for _, flag := range []byte{busy, given} {
		b[len(b)-2] = flag
		zero := append(append(bytes.Clone(b[:len(b)-1]), make([]byte, 8)...), 0)
		if _, err := decode(id, zero); !errors.Is(err, errFrame) {
			t.Errorf("a mark of nothing: %v", err)
		}
	}
}

// 500 members with four years of notes fit the limit several times over.
func TestTheVectorOf500MembersIsSmall(t *testing.T) {
	v := feeds.Vector{Acts: 700, Members: make([]feeds.Have, 500)}
	for i := range v.Members {
		v.Members[i] = feeds.Have{Sequence: 21, Head: feeds.Mark{1}}
	}
	if n := len(encode(schema.Hash{1}, v)); n != 9_544 {
		t.Errorf("%d bytes", n)
	}
}

func FuzzDecode(f *testing.F) {
	coalition := schema.Hash{1}
	f.Add(encode(coalition, feeds.Vector{Acts: 3, Members: []feeds.Have{{Sequence: 2, Head: feeds.Mark{9}}, {Sequence: 9, Disputed: 4, Missing: []uint64{2, 3}}, {Alarm: true, Desk: feeds.DeskMark{1}, Given: feeds.DeskMark{2}}}}))
	f.Add(append(coalition[:], bytes.Repeat([]byte{0xff}, 40)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := decode(coalition, b)
		if err != nil {
			return
		}
		if again, err := decode(coalition, encode(coalition, v)); err != nil || !reflect.DeepEqual(again, v) {
			t.Errorf("%v reads back as %v, %v", v, again, err)
		}
	})
}

func TestVectorsThatAreRefused(t *testing.T) {
	id := schema.Hash{1}
	good := encode(id, feeds.Vector{Acts: 1, Members: []feeds.Have{{Sequence: 1, Head: feeds.Mark{1}}}})
	if _, err := decode(id, good); err != nil {
		t.Fatal(err)
	}
	varints := func(ns ...uint64) []byte {
		b := append([]byte{}, id[:]...)
		for _, n := range ns {
			b = appendUvarint(b, n)
		}
		return b
	}
	for name, b := range map[string][]byte{
		"nothing":               nil,
		"another coalition":     encode(schema.Hash{2}, feeds.Vector{}),
		"cut short":             good[:len(good)-1],
		"cut in a mark":         good[:len(good)-5],
		"a byte more":           append(bytes.Clone(good), 0),
		"too many acts":         varints(math.MaxUint64, 0),
		"too many members":      varints(1, maxMembers+1),
		"members without data":  varints(1, maxMembers),
		"a huge sequence":       varints(1, 1, maxSequence+1),
		"too many missing":      varints(1, 1, 0, 0, feeds.MaxMissing+1),
		"missing without data":  varints(1, 1, 0, 0, 3, 1),
		"a number without end":  append(varints(), bytes.Repeat([]byte{0x80}, 30)...),
		"nothing but coalition": varints(),
	} {
		if _, err := decode(id, b); !errors.Is(err, errFrame) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFramesBeyondTheLimitAreNotRead(t *testing.T) {
	for _, n := range []uint64{maxItem + 1, 1 << 40, math.MaxUint64} {
		r := bufio.NewReader(bytes.NewReader(appendUvarint(nil, n)))
		if _, err := readFrame(r, maxItem); !errors.Is(err, errFrame) {
			t.Errorf("%d: %v", n, err)
		}
	}
	if n := testing.AllocsPerRun(10, func() {
		_, _ = readFrame(bufio.NewReaderSize(bytes.NewReader(appendUvarint(nil, 1<<40)), 16), maxItem)
	}); n > 20 {
		t.Errorf("%v allocations for a length", n)
	}
}

func appendUvarint(b []byte, n uint64) []byte {
	for ; n >= 0x80; n >>= 7 {
		b = append(b, byte(n)|0x80)
	}
	return append(b, byte(n))
}

func TestBudgets(t *testing.T) {
	now := time.Unix(0, 0)
	b := budgets{now: func() time.Time { return now }, peers: map[peer.ID]*budget{}}
	total := 0
	for b.spend("a", maxItem) {
		total += maxItem
	}
	if total > budgetBytes || total < budgetBytes-maxItem {
		t.Errorf("%d bytes at once", total)
	}
	if !b.spend("c", maxItem) {
		t.Error("one peer's budget is another's")
	}
	now = now.Add(10 * time.Second)
	for total = 0; b.spend("a", 1024); total += 1024 {
	}
	if total > 10*budgetRefill+maxItem {
		t.Errorf("%d bytes after ten seconds", total)
	}
	now = now.Add(-time.Hour) // a clock that goes back gives and takes nothing
	if b.spend("a", 1024) {
		t.Error("refilled by a clock that went back")
	}
	for range streamsOfPeer {
		if !b.enter("a") {
			t.Fatal("no stream")
		}
	}
	if b.enter("a") || !b.enter("c") {
		t.Error("streams are counted for each peer")
	}
	b.leave("a")
	if !b.enter("a") {
		t.Error("a stream that ended counts")
	}
}
