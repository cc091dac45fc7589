package apart

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net"
	"sync"
	"time"

	"tidemark/aggregation/account"
	"tidemark/node/vault"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// Client asks a vault in another process. Its methods may be called from several
// goroutines; each call has a connection of its own, so a vault that was started anew is
// found again.
type Client struct {
	path string
	self selfResult

	mu   sync.Mutex
	last standingResult // what was last heard
}

// Dial finds the vault behind a socket.
func Dial(ctx context.Context, path string) (*Client, error) {
	c := &Client{path: path}
	if err := c.call(ctx, "self", noArgs{}, &c.self); err != nil {
		return nil, err
	}
	if c.self.Member == "" || c.self.MemberKey == "" {
		return nil, fmt.Errorf("vault apart: %w", errFrame)
	}
	return c, nil
}

// call asks once. A log goes before what is about a coalition.
func (c *Client) call(ctx context.Context, method string, args, result any, log ...[]byte) error {
	a, err := c.ask(ctx, method, args, log)
	if ctx.Err() != nil {
		return fmt.Errorf("vault apart: %s: %w", method, ctx.Err())
	}
	if err != nil {
		return fmt.Errorf("vault apart: %s: %w", method, err)
	}
	if a.Error != nil {
		return a.Error
	}
	if err := strict(a.Result, result); err != nil {
		return fmt.Errorf("vault apart: %s: %w", method, err)
	}
	return nil
}

func (c *Client) ask(ctx context.Context, method string, args any, log [][]byte) (a answer, err error) {
	conn, err := (&net.Dialer{Timeout: callTimeout}).DialContext(ctx, "unix", c.path)
	if err != nil {
		return a, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	for _, page := range pages(log) {
		if err := sendCall(conn, "log", logArgs{page}); err != nil {
			return a, err
		}
	}
	if err := sendCall(conn, method, args); err != nil {
		return a, err
	}
	return a, receive(conn, &a)
}

func sendCall(conn net.Conn, method string, args any) error {
	text, err := json.Marshal(args)
	if err != nil {
		return err
	}
	return send(conn, request{method, text})
}

// note is call for what gives one note.
func (c *Client) note(ctx context.Context, st *coalition.State, method string, args any) ([]byte, error) {
	var r noteArgs
	err := c.call(ctx, method, args, &r, st.Log()...)
	return r.Note, err
}

// Close is for the vault's own process; nothing is held here between two calls.
func (c *Client) Close() error { return nil }

// Slug is the member's short name.
func (c *Client) Slug() schema.Slug { return c.self.Member }

// MemberKey is the verifier key of the member key.
func (c *Client) MemberKey() string { return c.self.MemberKey }

// BoxKey is the age recipient that others seal to.
func (c *Client) BoxKey() string { return c.self.BoxKey }

// BoxIdentity opens what was sealed to BoxKey. It is a secret.
func (c *Client) BoxIdentity() string { return c.self.BoxIdentity }

// SetCodebook offers the coalition's codebook; the vault takes it with the next call about
// the coalition that names it.
func (c *Client) SetCodebook(cb *schema.Codebook) error {
	if cb == nil {
		return nil
	}
	text, err := cb.Canonical()
	if err != nil {
		return fmt.Errorf("codebook: %w", err)
	}
	return c.call(context.Background(), "codebook", codebookArgs{text}, &noArgs{})
}

// Declare is vault.Vault's, as are the methods below.
func (c *Client) Declare(ctx context.Context, st *coalition.State) ([]byte, error) {
	return c.note(ctx, st, "declare", noArgs{})
}

// Ask asks the witnesses.
func (c *Client) Ask(ctx context.Context, st *coalition.State) ([]byte, error) {
	return c.note(ctx, st, "ask", noArgs{})
}

// Renew lets the witnesses' answers count no more.
func (c *Client) Renew(ctx context.Context, st *coalition.State) error {
	return c.call(ctx, "renew", noArgs{}, &noArgs{}, st.Log()...)
}

// Step draws a period's release, once.
func (c *Client) Step(ctx context.Context, st *coalition.State, due coalition.Due, heads [][]byte) (vault.Progress, error) {
	var p vault.Progress
	err := c.call(ctx, "step", stepArgs{due, heads}, &p, st.Log()...)
	return p, err
}

// Publish gives the parcel of a drawn release that has its quorum.
func (c *Client) Publish(ctx context.Context, st *coalition.State, due coalition.Due, intent []byte) ([]byte, error) {
	return c.note(ctx, st, "publish", publishArgs{due, intent})
}

// Preview is the release's text with every cell as a dot.
func (c *Client) Preview(ctx context.Context, st *coalition.State, due coalition.Due) (string, error) {
	text, err := c.note(ctx, st, "preview", dueArgs{due})
	return string(text), err
}

// Adopt takes in what others hold of the own feed.
func (c *Client) Adopt(ctx context.Context, st *coalition.State, parcels [][]byte) error {
	for _, page := range pages(parcels) {
		if err := c.call(ctx, "adopt", parcelsArgs{page}, &noArgs{}, st.Log()...); err != nil {
			return err
		}
	}
	return nil
}

// Contribute gives this member's contribution to a joint round.
func (c *Client) Contribute(ctx context.Context, st *coalition.State, due coalition.Due, keys, heads [][]byte) ([]byte, error) {
	return c.note(ctx, st, "contribute", contributeArgs{due, keys, heads})
}

// Attest signs what this member says as a keeper: its key, or its list.
func (c *Client) Attest(ctx context.Context, st *coalition.State, body schema.InRound) ([]byte, error) {
	return c.said(ctx, st, "attest", body)
}

// Propose signs an agreement that nobody has signed yet.
func (c *Client) Propose(ctx context.Context, st *coalition.State, a schema.Agreement) ([]byte, error) {
	return c.said(ctx, st, "propose", a)
}

func (c *Client) said(ctx context.Context, st *coalition.State, method string, body schema.Body) ([]byte, error) {
	text, err := wire.Text(body)
	if err != nil {
		return nil, err
	}
	return c.note(ctx, st, method, textArgs{text})
}

// Agree adds this keeper's line to an agreement.
func (c *Client) Agree(ctx context.Context, st *coalition.State, agreement []byte) ([]byte, error) {
	return c.note(ctx, st, "agree", noteArgs{agreement})
}

// Sum puts this keeper's sum into its feed.
func (c *Client) Sum(ctx context.Context, st *coalition.State, agreement []byte, scalars [][schema.ScalarSize]byte, heads [][]byte) ([]byte, error) {
	a := sumArgs{Agreement: agreement, Heads: heads}
	for _, s := range scalars {
		a.Scalars = append(a.Scalars, s[:])
	}
	return c.note(ctx, st, "sum", a)
}

// Ended tells the vault how a joint round ended.
func (c *Client) Ended(ctx context.Context, st *coalition.State, agreement []byte) error {
	return c.call(ctx, "ended", noteArgs{agreement}, &noArgs{}, st.Log()...)
}

// Countersign adds this member's line to another's intent.
func (c *Client) Countersign(ctx context.Context, st *coalition.State, intent []byte) ([]byte, error) {
	return c.note(ctx, st, "countersign", noteArgs{intent})
}

// Answer answers another member's check.
func (c *Client) Answer(ctx context.Context, st *coalition.State, check []byte, sequence uint64, last schema.Hash) ([]byte, error) {
	return c.note(ctx, st, "answer", answerArgs{check, sequence, last})
}

// Feed iterates the parcels of the own feed, in order.
func (c *Client) Feed() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for from := 0; ; {
			var page parcelsArgs
			if err := c.call(context.Background(), "feed", feedArgs{from}, &page); err != nil {
				yield(nil, err)
				return
			}
			for _, raw := range page.Parcels {
				if !yield(raw, nil) {
					return
				}
			}
			if from += len(page.Parcels); len(page.Parcels) == 0 {
				return
			}
		}
	}
}

// standing is how the vault stands. While it does not answer, as it was last heard of:
// nothing is decided by it that the vault does not decide again.
func (c *Client) standing() standingResult {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	var now standingResult
	err := c.call(ctx, "standing", noArgs{}, &now)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		c.last = now
	}
	return c.last
}

// Head is the own feed's last sequence and its note's id.
func (c *Client) Head() (uint64, schema.Hash) {
	s := c.standing()
	return s.Head, s.Note
}

// Restored is when the vault last came back from a backup; zero: never.
func (c *Client) Restored() time.Time { return c.standing().Restored }

// Slots lists every period that was reserved.
func (c *Client) Slots() []vault.Slot { return c.standing().Slots }

// Consents are the plans that this member has agreed to; the map is the caller's own.
func (c *Client) Consents() map[schema.Hash]bool {
	all := map[schema.Hash]bool{}
	for plan, agreed := range c.standing().Consents {
		all[plan] = agreed
	}
	return all
}

// Ledger is what was charged.
func (c *Client) Ledger() *account.Ledger {
	l := &account.Ledger{}
	for _, s := range c.standing().Spent {
		// The vault has checked every entry; one that is refused here is only not shown.
		_ = l.Found(account.Entry{Coalition: s.Coalition, Plan: s.Plan, Period: s.Period, Charge: s.Charge}, s.Times)
	}
	return l
}
