package guard

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

var errBeyond = errors.New("not a loopback address; to listen beyond this machine, ask for it explicitly and set a passphrase")

// Listen listens on a loopback address, as 127.0.0.1:0, [::1]:7001 or localhost:7001.
// Other addresses need beyond, whose guard is to have Config.Beyond and a passphrase.
func Listen(addr string, beyond bool) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", addr, err)
	}
	if !beyond && !isLoopback(host) {
		return nil, fmt.Errorf("listen on %q: %w", addr, errBeyond)
	}
	if host == "localhost" {
		host = "127.0.0.1" // whatever the machine's hosts file says
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", addr, err)
	}
	return l, nil
}

// Server serves the handler, and never http.DefaultServeMux with what libraries hang
// into it. A stream ends after ten minutes; its browser asks again.
func Server(h http.Handler) *http.Server {
	if h == nil {
		h = http.NotFoundHandler()
	}
	return &http.Server{
		Handler:                      h,
		ReadHeaderTimeout:            10 * time.Second,
		ReadTimeout:                  10 * time.Minute,
		WriteTimeout:                 10 * time.Minute,
		IdleTimeout:                  2 * time.Minute,
		MaxHeaderBytes:               64 << 10,
		DisableGeneralOptionsHandler: true,                       // OPTIONS * passes the Host check too
		ErrorLog:                     log.New(io.Discard, "", 0), // it would hold addresses and panics' values
	}
}
