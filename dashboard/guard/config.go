package guard

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// Config says who may enter. The zero value of a field is its default.
type Config struct {
	// Node is a slug. It is part of the cookie's name, because cookies ignore ports and
	// two nodes may run on one machine.
	Node string

	// Hosts are further names under which the page may be opened, without port: an
	// onion. Loopback literals and localhost are always allowed, with any port.
	Hosts []string

	// Passphrase tells whether the passphrase is right. Nil: none is asked for. It is
	// called by one request at a time.
	Passphrase func(context.Context, string) bool

	// Beyond says that the listener is reachable from other machines. It needs a
	// Passphrase.
	Beyond bool

	// Token is the bearer token of programs, for /api/, /metrics and /healthz. Empty:
	// programs have no way in.
	Token string

	// Open are paths that need no session, for GET only: those that end in / with all
	// below them, others exactly.
	Open []string

	// Idle ends a session that was not used for so long. Default 12 hours. A page that
	// refreshes itself is use.
	Idle time.Duration

	// MaxBody limits a request's body in bytes. Default 32 MiB.
	MaxBody int64

	// Page draws the guard's own pages in the product's look. Default: plain HTML.
	Page func(http.ResponseWriter, *http.Request, Page)

	// Now and Random default to the machine's clock and randomness.
	Now    func() time.Time
	Random io.Reader
}

const (
	defaultIdle    = 12 * time.Hour
	defaultMaxBody = 32 << 20
	minToken       = 16
)

func (c Config) withDefaults() Config {
	if c.Idle == 0 {
		c.Idle = defaultIdle
	}
	if c.MaxBody == 0 {
		c.MaxBody = defaultMaxBody
	}
	if c.Page == nil {
		c.Page = plainPage
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	return c
}

var (
	slug     = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)
	hostName = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$`)
)

func (c Config) validate() error {
	if !slug.MatchString(c.Node) {
		return errors.New("guard: node: want a slug of letters, digits and hyphens")
	}
	if c.Beyond && c.Passphrase == nil {
		return errors.New("guard: beyond: a page that other machines reach needs a passphrase")
	}
	if c.Token != "" && len(c.Token) < minToken {
		return fmt.Errorf("guard: token: shorter than %d characters", minToken)
	}
	if c.Idle < 0 || c.MaxBody < 0 {
		return errors.New("guard: idle, max body: below zero")
	}
	return c.validateLists()
}

func (c Config) validateLists() error {
	for _, host := range c.Hosts {
		if !hostName.MatchString(strings.ToLower(host)) && !isAddress(host) || isEverywhere(host) {
			return fmt.Errorf("guard: hosts: %q is no name or address without port", host)
		}
	}
	for _, path := range c.Open {
		if !isClean(path) || path == "/" {
			return fmt.Errorf("guard: open: %q is no clean path below the root", path)
		}
	}
	return nil
}
