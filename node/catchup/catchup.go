package catchup

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"

	"tidemark/node/feeds"
	"tidemark/node/gate"
	"tidemark/schema"
)

// Protocol is the stream protocol's name.
const Protocol = protocol.ID("/tidemark/catchup/2")

const (
	streamTime = 2 * time.Minute // for one page each way, on a slow line
	maxPages   = 128             // of one exchange; the next one goes on
	service    = "tidemark.catchup"
	reserved   = 2 * maxItem // bytes of memory of one stream
)

// Config of the service.
type Config struct {
	Host      host.Host
	Coalition schema.Hash
	Store     *feeds.Store
	// Seated tells whether a node key is a member's.
	Seated func(peer.ID) bool
	// Accept asks the gate and stores what a peer sent; behind is how much this member
	// lacked of what the peer holds. Called from several goroutines.
	Accept func(ctx context.Context, from peer.ID, raw []byte, behind uint64) error
}

func (c *Config) validate() error {
	if c.Host == nil || c.Store == nil || c.Seated == nil || c.Accept == nil || c.Coalition.IsZero() {
		return errors.New("catchup: config: want host, store, coalition, seated and accept")
	}
	return nil
}

// Service answers exchanges and makes them.
type Service struct {
	cfg     Config
	budgets budgets
	ctx     context.Context
	cancel  context.CancelFunc

	mu      sync.Mutex
	closed  bool
	serving sync.WaitGroup
}

// Serve begins to answer, until Close.
func Serve(cfg Config) (*Service, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	s := &Service{cfg: cfg, budgets: budgets{now: time.Now, peers: map[peer.ID]*budget{}}}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	cfg.Host.SetStreamHandler(Protocol, s.handle)
	return s, nil
}

// Close stops answering and waits for what is under way.
func (s *Service) Close() {
	s.cfg.Host.RemoveStreamHandler(Protocol)
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.cancel()
	s.serving.Wait()
}

// Result of an exchange.
type Result struct {
	Received int // items that were newly stored here
	Sent     int // items that the peer lacked
}

// Exchange brings both sides level with a connected peer, page after page.
func (s *Service) Exchange(ctx context.Context, p peer.ID) (Result, error) {
	var total Result
	var before page
	for range maxPages {
		now, err := s.page(ctx, p)
		total.Received += now.Received
		total.Sent += now.Sent
		// While neither side gets anywhere a page would only come again.
		if err != nil || !now.more && !now.asksElse || !now.movesOn(before) {
			return total, err
		}
		before = now
	}
	return total, nil
}

// page is what one stream did.
type page struct {
	Result
	theirs   feeds.Vector // before the page
	more     bool         // one side has more to send
	asksElse bool         // this side misses other places than before
}

func (p page) movesOn(before page) bool {
	return p.Received > 0 || p.asksElse || !reflect.DeepEqual(p.theirs, before.theirs)
}

// page runs one stream as the caller.
func (s *Service) page(ctx context.Context, p peer.ID) (done page, err error) {
	ctx, cancel := context.WithTimeout(ctx, streamTime)
	defer cancel()
	st, err := s.cfg.Host.NewStream(network.WithNoDial(ctx, "catch-up uses what is connected"), p, Protocol)
	if err != nil {
		return done, fmt.Errorf("catchup: %w", err)
	}
	err = s.bounded(ctx, st, func() error {
		done, err = s.call(ctx, st, p)
		return err
	})
	return done, err
}

// bounded runs a conversation over a stream with its memory reserved and its time
// limited, and ends the stream. Deadlines alone do not do: some networks ignore them.
func (s *Service) bounded(ctx context.Context, st network.Stream, talk func() error) error {
	stop := context.AfterFunc(ctx, func() { _ = st.Reset() })
	defer stop()
	if deadline, ok := ctx.Deadline(); ok {
		_ = st.SetDeadline(deadline) // the reset above is what counts
	}
	err := st.Scope().SetService(service)
	if err == nil {
		err = st.Scope().ReserveMemory(reserved, network.ReservationPriorityMedium)
	}
	if err == nil {
		err = talk()
		st.Scope().ReleaseMemory(reserved)
	}
	if err != nil {
		_ = st.Reset() // the first error is the one to know
		return fmt.Errorf("catchup: %w", err)
	}
	return st.Close()
}

func (s *Service) call(ctx context.Context, st network.Stream, p peer.ID) (done page, err error) {
	in := newReader(st)
	own := s.cfg.Store.Vector()
	if err := writeFrame(st, encode(s.cfg.Coalition, own)); err != nil {
		return done, err
	}
	if done.theirs, err = s.readVector(in); err != nil {
		return done, err
	}
	if done.Received, done.more, err = s.receive(ctx, in, p, own.Behind(done.theirs)); err != nil {
		return done, err
	}
	sent, more, err := s.send(st, p, done.theirs)
	if err != nil {
		return done, err
	}
	done.Sent, done.more = sent, done.more || more
	// The other side says when it has stored all: the next page starts from there.
	if _, err := readMore(in); err != nil {
		return done, err
	}
	done.asksElse = s.cfg.Store.Vector().AsksElse(own)
	return done, nil
}

// handle runs one stream as the answerer.
func (s *Service) handle(st network.Stream) {
	p := st.Conn().RemotePeer()
	if !s.cfg.Seated(p) || !s.enter(p) {
		_ = st.Reset()
		return
	}
	defer s.leave(p)
	ctx, cancel := context.WithTimeout(s.ctx, streamTime)
	defer cancel()
	_ = s.bounded(ctx, st, func() error { return s.answer(ctx, st, p) }) // the caller sees the reset
}

func (s *Service) enter(p peer.ID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || !s.budgets.enter(p) {
		return false
	}
	s.serving.Add(1)
	return true
}

func (s *Service) leave(p peer.ID) {
	s.budgets.leave(p)
	s.serving.Done()
}

func (s *Service) answer(ctx context.Context, st network.Stream, p peer.ID) error {
	in := newReader(st)
	theirs, err := s.readVector(in)
	if err != nil {
		return err
	}
	own := s.cfg.Store.Vector()
	if err := writeFrame(st, encode(s.cfg.Coalition, own)); err != nil {
		return err
	}
	if _, _, err := s.send(st, p, theirs); err != nil {
		return err
	}
	if _, _, err := s.receive(ctx, in, p, own.Behind(theirs)); err != nil {
		return err
	}
	_, err = st.Write([]byte{0})
	return err
}

func (s *Service) readVector(in *bufio.Reader) (feeds.Vector, error) {
	frame, err := readFrame(in, maxVector)
	if err != nil {
		return feeds.Vector{}, err
	}
	return decode(s.cfg.Coalition, frame)
}

// send writes one page of what the holder of a vector lacks, within its budget.
func (s *Service) send(w io.Writer, p peer.ID, theirs feeds.Vector) (sent int, more bool, err error) {
	bytes := 0
	left := s.budgets.spend(p, exchangeCost)
	// Starting anywhere, so that what a peer refuses again and again delays nothing else.
	for item := range s.cfg.Store.Lacking(theirs, rand.IntN(maxMembers)) {
		if sent == pageItems || bytes+len(item) > pageBytes {
			more = true
			break
		}
		if !left || !s.budgets.spend(p, len(item)) {
			break // others have it too
		}
		if err := writeFrame(w, item); err != nil {
			return sent, false, err
		}
		sent++
		bytes += len(item)
	}
	return sent, more, writeEnd(w, more)
}

// receive takes one page through the gate, item by item, in the order of the sender.
func (s *Service) receive(ctx context.Context, in *bufio.Reader, from peer.ID, behind uint64) (stored int, more bool, err error) {
	bytes := 0
	for items := 0; ; items++ {
		raw, err := readFrame(in, maxItem)
		if err != nil {
			return stored, false, err
		}
		if raw == nil {
			more, err := readMore(in)
			return stored, more, err
		}
		if bytes += len(raw); items == pageItems || bytes > pageBytes {
			return stored, false, fmt.Errorf("page too long: %w", errFrame)
		}
		switch err := s.cfg.Accept(ctx, from, raw, behind); {
		case err == nil:
			stored++
		case !ordinary(err):
			return stored, false, fmt.Errorf("item: %w", err)
		}
	}
}

// ordinary tells refusals with which an exchange goes on: not those that no honest
// member causes, and not a full disk.
func ordinary(refused error) bool {
	for _, err := range []error{gate.ErrUnknown, gate.ErrStale, gate.ErrGap, gate.ErrEarly, gate.ErrSuspended, gate.ErrEquivocation} {
		if errors.Is(refused, err) {
			return true
		}
	}
	return false
}
