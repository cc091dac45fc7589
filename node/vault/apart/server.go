package apart

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"tidemark/node/vault"
	"tidemark/schema"
	"tidemark/schema/coalition"
)

const (
	mostCalls   = 16 // at a time; another waits
	callTimeout = 30 * time.Second
)

// server answers for one vault.
type server struct {
	vault *vault.Vault

	mu       sync.Mutex
	state    *coalition.State // as of the longest log so far
	codebook *schema.Codebook // offered, and not yet known to be the coalition's
}

// Serve answers calls until ctx ends, and returns when the last is answered.
func Serve(ctx context.Context, l net.Listener, v *vault.Vault) error {
	s := &server{vault: v}
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	var calls sync.WaitGroup
	defer calls.Wait()
	room := make(chan struct{}, mostCalls)
	for {
		conn, err := l.Accept()
		if ctx.Err() != nil {
			if err == nil {
				conn.Close()
			}
			return nil
		}
		if err != nil {
			return fmt.Errorf("vault apart: %w", err)
		}
		room <- struct{}{}
		calls.Go(func() {
			defer func() { <-room }()
			s.serve(ctx, conn)
		})
	}
}

// serve carries one call out. A frame that is none of this protocol gets no answer: the
// connection ends.
func (s *server) serve(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Now()) })
	defer stop()
	_ = conn.SetReadDeadline(time.Now().Add(callTimeout))
	call, log, err := readCall(conn)
	if err != nil || ctx.Err() != nil {
		return
	}
	_ = conn.SetReadDeadline(time.Time{})
	go func() { // the caller went away: stop what it asked for
		_, _ = conn.Read(make([]byte, 1))
		cancel()
	}()
	a, err := s.answer(ctx, call, log)
	if err != nil {
		return
	}
	_ = conn.SetWriteDeadline(time.Now().Add(callTimeout))
	_ = send(conn, a) // who does not read has no answer
}

// readCall reads a request, and before it the coalition's log where it is about one (A3).
func readCall(r io.Reader) (call request, log [][]byte, err error) {
	for size := 0; ; {
		if err := receive(r, &call); err != nil || call.Method != "log" {
			return call, log, err
		}
		var more logArgs
		if err := strict(call.Args, &more); err != nil {
			return call, nil, err
		}
		for _, n := range more.Notes {
			size += len(n)
		}
		if size > maxLog || len(more.Notes) == 0 {
			return call, nil, errFrame
		}
		log, call = append(log, more.Notes...), request{}
	}
}

// answer is an error only where the frame was malformed.
func (s *server) answer(ctx context.Context, call request, log [][]byte) (a answer, err error) {
	m, ok := methods[call.Method]
	if !ok || m.stateful != (log != nil) {
		return a, errFrame
	}
	var st *coalition.State
	if m.stateful {
		if st, err = s.follow(log); err != nil {
			return answer{Error: refuse(err)}, nil
		}
	}
	result, err := m.do(ctx, s, st, call.Args)
	if errors.Is(err, errFrame) {
		return a, err
	}
	if err != nil {
		return answer{Error: refuse(err)}, nil
	}
	a.Result, err = json.Marshal(result)
	return a, err
}

// follow is the coalition as of a log, or as of the longer one that is known (A4): nobody
// takes an act back by leaving it out.
func (s *server) follow(log [][]byte) (*coalition.State, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.fold(log)
	if err != nil {
		return nil, err
	}
	if s.codebook != nil && s.codebook.Hash() == st.Charter().Codebook {
		if err := s.vault.SetCodebook(s.codebook); err != nil {
			return nil, err
		}
		s.codebook = nil
	}
	s.state = st
	return st, nil
}

func (s *server) fold(log [][]byte) (*coalition.State, error) {
	st := s.state
	if st == nil {
		founded, err := coalition.Found(log[0])
		if err != nil {
			return nil, err
		}
		if !s.vault.Joined(founded.ID()) {
			return nil, fmt.Errorf("coalition %s: %w", founded.ID().Short(), ErrNotJoined)
		}
		st = founded
	}
	known := st.Log()
	both := min(len(known), len(log))
	if !slices.EqualFunc(known[:both], log[:both], bytes.Equal) {
		return nil, fmt.Errorf("log: %w", ErrNotJoined)
	}
	for _, act := range log[both:] {
		next, err := st.Apply(act)
		if err != nil {
			return nil, err
		}
		st = next
	}
	return st, nil
}
