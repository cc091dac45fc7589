package catchup_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	mocknet "github.com/libp2p/go-libp2p/p2p/net/mock"
	"go.uber.org/goleak"

	"tidemark/node/catchup"
	"tidemark/node/feeds"
	"tidemark/node/gate"
	"tidemark/node/nodetest"
	"tidemark/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// side is one of two members that are connected.
type side struct {
	*catchup.Service
	store *feeds.Store
	host  host.Host
	fail  error // what the next items get instead of a look by the gate
	after int   // how many items are looked at before
}

func (s *side) accept(_ context.Context, _ peer.ID, raw []byte, _ uint64) error {
	if s.fail != nil {
		if s.after == 0 {
			return s.fail
		}
		s.after--
	}
	_, err := s.store.Accept(raw, nodetest.Now)
	return err
}

// pair runs fn with two connected sides in a bubble; seated false: b has no seat with a.
func pair(t *testing.T, c *nodetest.Coalition, seated bool, fn func(a, b *side)) {
	synctest.Test(t, func(t *testing.T) {
		net := mocknet.New()
		var sides []*side
		defer func() {
			for _, s := range sides {
				s.Close()
			}
			if err := net.Close(); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Minute)
		}()
		for range 2 {
			h, err := net.GenPeer()
			if err != nil {
				t.Fatal(err)
			}
			s := &side{store: c.Store(t), host: h}
			s.Service, err = catchup.Serve(catchup.Config{
				Host: h, Coalition: c.State.ID(), Store: s.store, Accept: s.accept,
				Seated: func(peer.ID) bool { return seated },
			})
			if err != nil {
				t.Fatal(err)
			}
			sides = append(sides, s)
		}
		if err := net.LinkAll(); err != nil {
			t.Fatal(err)
		}
		if err := net.ConnectAllButSelf(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		fn(sides[0], sides[1])
	})
}

func accept(t *testing.T, s *side, raws ...[]byte) {
	t.Helper()
	for _, raw := range raws {
		if _, err := s.store.Accept(raw, nodetest.Now); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *side) with(t *testing.T, other *side) (catchup.Result, error) {
	t.Helper()
	return s.Exchange(context.Background(), other.host.ID())
}

// One exchange brings both sides level, whatever each of them lacks: acts, parcels.
func TestExchangesGoBothWays(t *testing.T) {
	c := nodetest.NewCoalition(t, 4)
	pair(t, c, true, func(a, b *side) {
		accept(t, a, c.Members[0].History(t, 4)...)
		accept(t, b, c.Members[1].History(t, 3)...)
		// Dated so late that no period's witnesses change by it.
		accept(t, b, c.ActOn(t, schema.DateOf(nodetest.Now), schema.Suspend{Member: c.Members[2].Slug}))
		got, err := a.with(t, b)
		if err != nil || got != (catchup.Result{Received: 5, Sent: 5}) {
			t.Errorf("%+v %v", got, err)
		}
		if a.store.Digest() != b.store.Digest() {
			t.Error("not level")
		}
		if got, err := a.with(t, b); err != nil || got != (catchup.Result{}) {
			t.Errorf("again: %+v %v", got, err)
		}
	})
}

// What members offer goes the same way as everything else of their feeds.
func TestCapacitiesAreCaughtUp(t *testing.T) {
	c := nodetest.NewCoalition(t, 2)
	m := c.Members[0]
	pair(t, c, true, func(a, b *side) {
		accept(t, a, m.History(t, 1)...)
		accept(t, a, m.Say(t, schema.Capacity{Link: m.Link(), Date: nodetest.Founded, Offer: schema.Offer{Languages: []string{"es"}}}))
		if got, err := b.with(t, a); err != nil || got.Received != 3 || b.store.Feed(m.Slug).Places[2].Kind != schema.KindCapacity {
			t.Errorf("%+v %v", got, err)
		}
	})
}

// More than a page of items, and more than a page of bytes, come in several.
func TestExchangesComeInPages(t *testing.T) {
	c := nodetest.NewCoalition(t, 2)
	m := c.Members[0]
	pair(t, c, true, func(a, b *side) {
		accept(t, a, m.History(t, 1)...)
		_, release := m.Head()
		for range 1300 {
			accept(t, a, m.Say(t, schema.Notice{Link: m.Link(), Release: release, Reason: schema.OtherReason}))
		}
		if got, err := b.with(t, a); err != nil || got.Received != 1302 || a.store.Digest() != b.store.Digest() {
			t.Errorf("%+v %v", got, err)
		}
	})
}

// After a cut an exchange goes on where it ended: nothing comes twice.
func TestExchangesResume(t *testing.T) {
	c := nodetest.NewCoalition(t, 3)
	pair(t, c, true, func(a, b *side) {
		for _, m := range c.Members {
			accept(t, a, m.History(t, 4)...)
		}
		total := 0
		for cuts := 0; a.store.Digest() != b.store.Digest(); cuts++ {
			if cuts > 10 {
				t.Fatal("no progress")
			}
			b.fail, b.after = errors.New("cut"), 2
			got, err := b.with(t, a)
			if err == nil && a.store.Digest() != b.store.Digest() {
				t.Error("a cut was not noticed")
			}
			total += got.Received
		}
		if total != 15 {
			t.Errorf("received %d, want 15", total)
		}
	})
}

// Who sends what no honest member sends is not listened to further; what is merely not
// acceptable here is passed over.
func TestInvalidItemsEndAnExchange(t *testing.T) {
	c := nodetest.NewCoalition(t, 2)
	pair(t, c, true, func(a, b *side) {
		accept(t, a, c.Members[0].History(t, 2)...)
		b.fail = gate.ErrInvalid
		if _, err := b.with(t, a); !errors.Is(err, gate.ErrInvalid) {
			t.Errorf("have %v", err)
		}
		for _, err := range []error{gate.ErrUnknown, gate.ErrStale, gate.ErrGap, gate.ErrEarly, gate.ErrSuspended, gate.ErrEquivocation} {
			b.fail = err
			if got, err := b.with(t, a); err != nil || got.Received != 0 {
				t.Errorf("%v: %+v", err, got)
			}
		}
	})
}

func TestStrangersGetNoAnswer(t *testing.T) {
	c := nodetest.NewCoalition(t, 2)
	pair(t, c, false, func(a, b *side) {
		accept(t, a, c.Members[0].History(t, 2)...)
		if _, err := b.with(t, a); err == nil {
			t.Error("answered")
		}
		if _, id := b.store.Feed(c.Members[0].Slug).Head(); !id.IsZero() {
			t.Error("received")
		}
	})
}

// stream opens a raw one to a side, as a member whose program is made for harm would.
func stream(t *testing.T, from, to *side) network.Stream {
	t.Helper()
	st, err := from.host.NewStream(context.Background(), to.host.ID(), catchup.Protocol)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func emptyVector(c *nodetest.Coalition) []byte {
	id := c.State.ID()
	return append(append([]byte{byte(len(id) + 10)}, id[:]...), make([]byte, 10)...) // no act, no proposal, no member
}

// What an abusive caller writes, and how long it then stays: the stream is reset, at the
// latest when its time is over, and the next caller is answered.
func TestAbuseIsBounded(t *testing.T) {
	c := nodetest.NewCoalition(t, 2)
	history, declaration := c.Members[0].History(t, 4), c.Members[1].Declare(t)
	frame := func(b []byte) []byte { return append(binary.AppendUvarint(nil, uint64(len(b))), b...) }
	full := append(emptyVector(c), func() (page []byte) {
		for range 600 {
			page = append(page, frame(declaration)...)
		}
		return page
	}()...)
	for name, say := range map[string][]byte{
		"nothing":              {},
		"a huge vector":        binary.AppendUvarint(nil, 1<<40),
		"a vector of a MiB":    append(binary.AppendUvarint(nil, 1<<20), make([]byte, 1<<20)...),
		"no vector":            frame([]byte("hello")),
		"half a vector":        emptyVector(c)[:20],
		"a huge item":          append(emptyVector(c), binary.AppendUvarint(nil, 1<<40)...),
		"an item beyond limit": append(emptyVector(c), binary.AppendUvarint(nil, gate.MaxSize+1)...),
		"half an item":         append(emptyVector(c), frame(declaration)[:50]...),
		"too long a page":      full,
		"nonsense items":       append(emptyVector(c), frame([]byte("hello"))...),
		"a wrong end":          append(emptyVector(c), 0, 7),
	} {
		t.Run(name, func(t *testing.T) {
			pair(t, c, true, func(a, b *side) {
				accept(t, a, history...)
				st := stream(t, b, a)
				written := make(chan struct{})
				go func() {
					defer close(written)
					_, _ = st.Write(say) // the reset may come first
				}()
				began := time.Now()
				_, err := io.ReadAll(st)
				if err == nil {
					t.Error("answered as if all were well")
				}
				if took := time.Since(began); took > 2*time.Minute+time.Second {
					t.Errorf("held a stream for %v", took)
				}
				<-written
				if _, err := b.with(t, a); err != nil {
					t.Errorf("afterwards: %v", err)
				}
			})
		})
	}
}

// A caller that reads nothing holds two streams, and those until their time is over.
func TestSlowReadersHoldLittle(t *testing.T) {
	c := nodetest.NewCoalition(t, 2)
	pair(t, c, true, func(a, b *side) {
		accept(t, a, c.Members[0].History(t, 4)...)
		var streams []network.Stream
		for range 5 {
			st := stream(t, b, a)
			_, _ = st.Write(emptyVector(c)) // those beyond two are reset
			streams = append(streams, st)
			time.Sleep(time.Second)
		}
		open := 0
		for _, conn := range a.host.Network().ConnsToPeer(b.host.ID()) {
			for _, st := range conn.GetStreams() {
				if st.Protocol() == catchup.Protocol {
					open++
				}
			}
		}
		if open != 2 {
			t.Errorf("%d streams, want 2", open)
		}
		time.Sleep(2 * time.Minute)
		if _, err := b.with(t, a); err != nil {
			t.Errorf("afterwards: %v", err)
		}
		for _, st := range streams {
			_ = st.Reset()
		}
	})
}

// An exchange with a peer that stops answering ends, by its context or its time.
func TestExchangesEnd(t *testing.T) {
	c := nodetest.NewCoalition(t, 2)
	pair(t, c, true, func(a, b *side) {
		a.Close()
		a.host.SetStreamHandler(catchup.Protocol, func(network.Stream) {}) // never answers
		began := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		if _, err := b.Exchange(ctx, a.host.ID()); err == nil || time.Since(began) != 3*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		began = time.Now()
		if _, err := b.with(t, a); err == nil || time.Since(began) != 2*time.Minute {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
	})
}

func TestServeWantsAWholeConfig(t *testing.T) {
	if _, err := catchup.Serve(catchup.Config{}); err == nil {
		t.Error("accepted")
	}
}
