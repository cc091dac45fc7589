// Package tap lets a test hear what members say to each other, before it is encrypted.
// node/link puts it between Noise and its streams; node/nodetest alone listens.
//
// # What this package must not do
//
// It changes nothing on the way, and keeps nothing. While nobody listens it is not there.
package tap

import (
	"context"
	"net"
	"sync/atomic"

	"github.com/libp2p/go-libp2p/core/network"
)

// Listener hears the bytes of one direction of one stream, in their order. They are good
// until it returns.
type Listener func(b []byte)

// listen makes a listener for each direction of each new stream.
var listen atomic.Pointer[func() Listener]

// Listen makes every connection from here on heard, until the returned function is
// called. It may be called from several goroutines at once.
func Listen(each func() Listener) (stop func()) {
	listen.Store(&each)
	return func() { listen.CompareAndSwap(&each, nil) }
}

// Muxer is m, heard where somebody listens.
func Muxer(m network.Multiplexer) network.Multiplexer {
	if each := listen.Load(); each != nil {
		return muxer{m, *each}
	}
	return m
}

type muxer struct {
	network.Multiplexer
	each func() Listener
}

func (m muxer) NewConn(c net.Conn, server bool, scope network.PeerScope) (network.MuxedConn, error) {
	inner, err := m.Multiplexer.NewConn(c, server, scope)
	if err != nil {
		return nil, err
	}
	return conn{inner, m.each}, nil
}

type conn struct {
	network.MuxedConn
	each func() Listener
}

func (c conn) OpenStream(ctx context.Context) (network.MuxedStream, error) {
	return c.heard(c.MuxedConn.OpenStream(ctx))
}

func (c conn) AcceptStream() (network.MuxedStream, error) {
	return c.heard(c.MuxedConn.AcceptStream())
}

func (c conn) heard(s network.MuxedStream, err error) (network.MuxedStream, error) {
	if err != nil {
		return nil, err
	}
	return stream{s, c.each(), c.each()}, nil
}

type stream struct {
	network.MuxedStream
	in, out Listener
}

func (s stream) Read(b []byte) (int, error) {
	n, err := s.MuxedStream.Read(b)
	s.in(b[:n])
	return n, err
}

// Write is heard before it is done: what was meant to go out counts.
func (s stream) Write(b []byte) (int, error) {
	s.out(b)
	return s.MuxedStream.Write(b)
}
