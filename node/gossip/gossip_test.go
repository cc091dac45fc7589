package gossip_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	mocknet "github.com/libp2p/go-libp2p/p2p/net/mock"
	"go.uber.org/goleak"

	"tidemark/node/gate"
	"tidemark/node/gossip"
	"tidemark/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// corner is one end of a topic with a gate of the test's making.
type corner struct {
	*gossip.Topic
	id peer.ID

	mu    sync.Mutex
	heard []string
	errs  map[string]error // what the gate says of a message
}

func (c *corner) accept(_ context.Context, from peer.ID, raw []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if from != "" {
		c.heard = append(c.heard, string(raw))
	}
	return c.errs[string(raw)]
}

func (c *corner) says(raw string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.errs[raw] = err
}

func (c *corner) has() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return fmt.Sprint(c.heard)
}

// line connects n corners, each with the next, in a bubble.
func line(t *testing.T, n int, unseated map[int]bool, fn func([]*corner)) {
	synctest.Test(t, func(t *testing.T) {
		net := mocknet.New()
		strangers := map[peer.ID]bool{}
		var corners []*corner
		defer func() {
			for _, c := range corners {
				if err := c.Close(); err != nil {
					t.Error(err)
				}
			}
			if err := net.Close(); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Minute)
		}()
		for i := range n {
			h, err := net.GenPeer()
			if err != nil {
				t.Fatal(err)
			}
			strangers[h.ID()] = unseated[i]
			c := &corner{id: h.ID(), errs: map[string]error{}}
			c.Topic, err = gossip.Join(gossip.Config{
				Host: h, Coalition: schema.Hash{1}, Accept: c.accept,
				Seated: func(p peer.ID) bool { return !strangers[p] },
			})
			if err != nil {
				t.Fatal(err)
			}
			corners = append(corners, c)
		}
		if err := net.LinkAll(); err != nil {
			t.Fatal(err)
		}
		for i := range n - 1 {
			if _, err := net.ConnectPeers(corners[i].id, corners[i+1].id); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(5 * time.Second)
		fn(corners)
	})
}

func TestPassesOnWhatWasAccepted(t *testing.T) {
	line(t, 4, nil, func(c []*corner) {
		for i := range 10 { // without an id of our own one in ten would arrive
			if err := c[0].Publish(context.Background(), fmt.Append(nil, i)); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(5 * time.Second)
		for _, to := range c[1:] {
			if len(to.heard) != 10 {
				t.Errorf("heard %v", to.heard)
			}
		}
		if c[0].Listeners() != 1 || c[1].Listeners() != 2 {
			t.Errorf("%d and %d listeners", c[0].Listeners(), c[1].Listeners())
		}
	})
}

func TestStopsWhatWasNot(t *testing.T) {
	for _, err := range []error{gate.ErrInvalid, gate.ErrUnknown, gate.ErrStale, gate.ErrGap, gate.ErrEarly, gate.ErrSuspended, gate.ErrEquivocation} {
		line(t, 3, nil, func(c []*corner) {
			c[1].says("x", err)
			if err := c[0].Publish(context.Background(), []byte("x")); err != nil {
				t.Fatal(err)
			}
			time.Sleep(5 * time.Second)
			if c[1].has() != "[x]" || c[2].has() != "[]" {
				t.Errorf("%v: heard %s and %s", err, c[1].has(), c[2].has())
			}
		})
	}
}

// Three invalid messages, and who sent them is not heard any more; of what is only not
// known, stale or early he may send as much as he likes.
func TestOnlyTheInvalidIsHeldAgainstTheSender(t *testing.T) {
	for _, err := range []error{gate.ErrInvalid, gate.ErrUnknown, gate.ErrStale, gate.ErrGap, gate.ErrEarly, gate.ErrSuspended, gate.ErrEquivocation} {
		line(t, 2, nil, func(c []*corner) {
			for i := range 5 {
				raw := fmt.Sprint("x", i)
				c[1].says(raw, err)
				if err := c[0].Publish(context.Background(), []byte(raw)); err != nil {
					t.Fatal(err)
				}
				time.Sleep(2 * time.Second)
			}
			if err := c[0].Publish(context.Background(), []byte("good")); err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Second)
			if deaf := !bytes.Contains([]byte(c[1].has()), []byte("good")); deaf != errors.Is(err, gate.ErrInvalid) {
				t.Errorf("%v: heard %s", err, c[1].has())
			}
		})
	}
}

func TestStrangersAreNotHeard(t *testing.T) {
	line(t, 2, map[int]bool{0: true}, func(c []*corner) {
		if err := c[0].Publish(context.Background(), []byte("x")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		if c[1].has() != "[]" {
			t.Errorf("heard %s", c[1].has())
		}
	})
}

// What was ignored once (the roster was older then) is passed on when this node
// publishes it itself, after catch-up has brought it.
func TestSpreadsWhatWasIgnoredBefore(t *testing.T) {
	line(t, 3, nil, func(c []*corner) {
		c[1].says("x", gate.ErrUnknown)
		if err := c[0].Publish(context.Background(), []byte("x")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		c[1].says("x", nil)
		if err := c[1].Spread(context.Background(), []byte("x")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		if c[2].has() != "[x]" {
			t.Errorf("heard %s", c[2].has())
		}
		if err := c[1].Spread(context.Background(), []byte("x")); !errors.Is(err, gate.ErrStale) {
			t.Errorf("again: %v", err)
		}
	})
}

func TestPublishReturnsTheGatesAnswer(t *testing.T) {
	line(t, 2, nil, func(c []*corner) {
		for _, want := range []error{gate.ErrInvalid, gate.ErrGap, gate.ErrEarly, gate.ErrEquivocation, errors.New("disk")} {
			c[0].says("x", want)
			if err := c[0].Publish(context.Background(), []byte("x")); !errors.Is(err, want) {
				t.Errorf("have %v, want %v", err, want)
			}
		}
		c[0].says("x", gate.ErrStale)
		if err := c[0].Spread(context.Background(), []byte("x")); !errors.Is(err, gate.ErrStale) {
			t.Errorf("spread of what is stored: %v", err)
		}
		if err := c[0].Publish(context.Background(), []byte("x")); err != nil {
			t.Errorf("publish of what is stored: %v", err)
		}
		if err := c[0].Publish(context.Background(), make([]byte, gate.MaxSize+1)); !errors.Is(err, gate.ErrInvalid) {
			t.Errorf("oversize: %v", err)
		}
		time.Sleep(2 * time.Second)
		if c[1].has() != "[x]" {
			t.Errorf("heard %s", c[1].has())
		}
		if err := c[0].Publish(context.Background(), bytes.Repeat([]byte("y"), gate.MaxSize)); err != nil {
			t.Errorf("of full size: %v", err)
		}
		time.Sleep(2 * time.Second)
		if len(c[1].heard) != 2 {
			t.Error("a message of full size did not arrive")
		}
	})
}

func TestJoinWantsAWholeConfig(t *testing.T) {
	if _, err := gossip.Join(gossip.Config{}); err == nil {
		t.Error("accepted")
	}
}
