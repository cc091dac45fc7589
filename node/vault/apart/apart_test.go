package apart

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"tidemark/aggregation/noise"
	"tidemark/node/vault"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

var (
	unlock = vault.Unlock{Passphrase: "a long passphrase for this test", WorkFactor: 1}
	today  = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	first  = schema.Period{Year: 2026, Quarter: 1}
)

// still is noise of nothing.
type still struct{}

func (still) Noise(_ context.Context, asks []noise.Ask) ([][]int64, error) {
	drawn := make([][]int64, len(asks))
	for i, a := range asks {
		drawn[i] = make([]int64, a.Count)
	}
	return drawn, nil
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// world is a vault's member and two others, whose keys lie here.
type world struct {
	dir  string
	st   *coalition.State
	plan schema.Plan
	keys map[schema.Slug]*wire.Signer
}

// twins is a folder in a coalition, and a copy of it.
func twins(t testing.TB) (w *world, whole, served *vault.Vault) {
	t.Helper()
	w = &world{dir: t.TempDir(), keys: map[schema.Slug]*wire.Signer{}}
	a, b := filepath.Join(w.dir, "a"), filepath.Join(w.dir, "b")
	if err := vault.Create(w.config(a), "quiet-heron", unlock); err != nil {
		t.Fatal(err)
	}
	v := must[*vault.Vault](t)(vault.Open(w.config(a), unlock))
	w.gather(t, v)
	if err := errors.Join(v.Consent(t.Context(), w.st, wire.PlanHash(w.plan)), v.Close(), os.CopyFS(b, os.DirFS(a))); err != nil {
		t.Fatal(err)
	}
	return w, w.open(t, a), w.open(t, b)
}

func (w *world) config(dir string) vault.Config {
	return vault.Config{
		Dir: dir, Now: func() time.Time { return today }, Noise: still{},
		Random: rand.NewChaCha8([32]byte{1}), MinFree: 1, Ballast: -1,
	}
}

func (w *world) open(t testing.TB, dir string) *vault.Vault {
	v := must[*vault.Vault](t)(vault.Open(w.config(dir), unlock))
	t.Cleanup(func() { v.Close() })
	return v
}

func (w *world) gather(t testing.TB, v *vault.Vault) {
	t.Helper()
	table := must[schema.Table](t)(schema.ParseTable("threat_type*gender"))
	w.plan = schema.Plan{
		Codebook: schema.Incident().Hash(), Mode: schema.Local, Noise: schema.GoogleNoise, First: first,
		LateDays: schema.DefaultLate, Slot: schema.Slot{Days: 10, Hour: 6}, ChargeQuarter: 48_000_000, ChargeYear: 48_000_000,
		Cap: schema.DefaultCap, Bands: schema.DefaultBands,
		Tables: []schema.PlanTable{{Table: table, Cadence: schema.Quarterly, Measure: schema.Measure{Kind: schema.People}, Sigma2: 450_000}},
	}
	charter := must[[]byte](t)(v.Sign(t.Context(), schema.Charter{
		Name: "calm-shore", Date: schema.NewDate(2026, 1, 5), Codebook: w.plan.Codebook, Threshold: 1,
		Admins: []string{v.MemberKey()}, Plan: w.plan,
	}))
	w.st = must[*coalition.State](t)(coalition.Found(charter))
	w.admit(t, v, v.Slug(), v.MemberKey(), v.BoxKey(), "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN")
	for slug, nodeKey := range map[schema.Slug]string{
		"north-wind": "12D3KooWNvSZnPi3RrhrTwEY4LuuBeB6K6facKUCJcyWG1aoDd2p",
		"south-wind": "12D3KooWRBhwfeP2Y4TCx1SM6s9rUoHhR5STiGwxBhgFRcw3UERE",
	} {
		seed := schema.HashOf([]byte(slug))
		w.keys[slug] = must[*wire.Signer](t)(wire.NewSigner(slug, ed25519.NewKeyFromSeed(seed[:])))
		w.admit(t, v, slug, w.keys[slug].VerifierKey(), v.BoxKey(), nodeKey)
	}
}

func (w *world) admit(t testing.TB, v *vault.Vault, slug schema.Slug, key, box, nodeKey string) {
	t.Helper()
	act := w.st.Act(schema.NewDate(2026, 1, 6), schema.Admit{First: first, Applicant: schema.Applicant{
		Slug: slug, MemberKey: key, BoxKey: box, NodeKey: nodeKey,
	}})
	w.st = must[*coalition.State](t)(w.st.Apply(must[[]byte](t)(v.Sign(t.Context(), act))))
}

// serving is a client of a vault behind a socket.
func serving(t testing.TB, v *vault.Vault) (*Client, string) {
	t.Helper()
	dir := must[string](t)(os.MkdirTemp("", "apart")) // a socket's path may be 100 bytes long
	path := filepath.Join(dir, "vault.sock")
	l := must[net.Listener](t)(net.Listen("unix", path))
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, l, v) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		os.RemoveAll(dir)
	})
	return must[*Client](t)(Dial(t.Context(), path)), path
}

// api is what a life needs, of a vault here or apart.
type api interface {
	SetCodebook(*schema.Codebook) error
	Declare(context.Context, *coalition.State) ([]byte, error)
	Ask(context.Context, *coalition.State) ([]byte, error)
	Step(context.Context, *coalition.State, coalition.Due, [][]byte) (vault.Progress, error)
	Publish(context.Context, *coalition.State, coalition.Due, []byte) ([]byte, error)
	Preview(context.Context, *coalition.State, coalition.Due) (string, error)
	Countersign(context.Context, *coalition.State, []byte) ([]byte, error)
	Answer(context.Context, *coalition.State, []byte, uint64, schema.Hash) ([]byte, error)
	Head() (uint64, schema.Hash)
}

// life is everything that leaves a member in a quarter, and what it does as a witness.
func (w *world) life(t testing.TB, v api) (out [][]byte) {
	t.Helper()
	ctx, due := t.Context(), w.st.Drawable("quiet-heron", today)[0]
	if err := v.SetCodebook(schema.Incident()); err != nil {
		t.Fatal(err)
	}
	note := must[[]byte](t)
	out = append(out, note(v.Declare(ctx, w.st)))
	check := note(v.Ask(ctx, w.st))
	sequence, last := v.Head()
	var heads [][]byte
	for slug, key := range w.keys {
		nonce := must[schema.Body](t)(wire.Peek(check)).(schema.Check).Nonce
		heads = append(heads, note(wire.Sign(schema.Head{
			Coalition: w.st.ID(), Member: "quiet-heron", Witness: slug, Nonce: nonce, Sequence: sequence, Last: last,
		}, key)))
	}
	p := must[vault.Progress](t)(v.Step(ctx, w.st, due, heads))
	intent := p.Intent
	for _, slug := range slices.Sorted(maps.Keys(w.keys)) {
		intent = note(wire.Cosign(intent, w.keys[slug]))
	}
	out = append(out, check, p.Intent, note(v.Publish(ctx, w.st, due, intent)))
	text := must[string](t)(v.Preview(ctx, w.st, due))
	return append(out, []byte(text), w.witness(t, v, due))
}

// witness is a line for another member's release of the same quarter.
func (w *world) witness(t testing.TB, v api, due coalition.Due) []byte {
	t.Helper()
	key := w.keys["north-wind"]
	theirs := must[[]byte](t)(wire.Sign(schema.Intent{
		Coalition: w.st.ID(), Member: "north-wind", Sequence: 2, Plan: due.Plan, Period: due.Period,
		Roster: w.st.RosterFor(due.Period), Charge: w.plan.Charge(schema.Quarterly), Release: schema.HashOf([]byte("a release")),
	}, key))
	return must[[]byte](t)(v.Countersign(t.Context(), w.st, theirs))
}

// A life over the socket gives the very bytes that the vault gives.
func TestAVaultApartSaysTheSame(t *testing.T) {
	w, whole, served := twins(t)
	c, _ := serving(t, served)
	here, there := w.life(t, whole), w.life(t, c)
	for i := range here {
		if len(here[i]) == 0 || !bytes.Equal(here[i], there[i]) {
			t.Errorf("%d: here\n%s\nand apart\n%s", i, here[i], there[i])
		}
	}
	w.stands(t, whole, c)
}

func (w *world) stands(t *testing.T, v *vault.Vault, c *Client) {
	if c.Slug() != v.Slug() || c.MemberKey() != v.MemberKey() || c.BoxKey() != v.BoxKey() || c.BoxIdentity() != v.BoxIdentity() {
		t.Error("another member")
	}
	sequence, id := v.Head()
	if s, h := c.Head(); s != sequence || h != id || s != 2 {
		t.Errorf("head %d, want %d", s, sequence)
	}
	if l := c.Ledger(); l.Total() != v.Ledger().Total() || l.Total() == 0 || !slices.Equal(c.Slots(), v.Slots()) || !maps.Equal(c.Consents(), v.Consents()) || !c.Restored().IsZero() {
		t.Errorf("ledger %d, slots %v, consents %v", l.Total(), c.Slots(), c.Consents())
	}
	var feed [][]byte
	for raw, err := range c.Feed() {
		feed = append(feed, must[[]byte](t)(raw, err))
	}
	i := 0
	for raw, err := range v.Feed() {
		if !bytes.Equal(must[[]byte](t)(raw, err), feed[i]) {
			t.Errorf("parcel %d differs", i)
		}
		i++
	}
	if err := c.Adopt(t.Context(), w.st, feed); err != nil || i != len(feed) {
		t.Errorf("%d parcels here, %d apart, %v", i, len(feed), err)
	}
}

func TestErrorsKeepTheirIdentity(t *testing.T) {
	w, whole, served := twins(t)
	c, _ := serving(t, served)
	if err := errors.Join(c.SetCodebook(schema.Incident()), c.Renew(t.Context(), w.st)); err != nil {
		t.Fatal(err)
	}
	due := w.st.Drawable("quiet-heron", today)[0]
	_, here := whole.Step(t.Context(), w.st, due, nil)
	_, there := c.Step(t.Context(), w.st, due, nil)
	if !errors.Is(here, vault.ErrOrder) || !errors.Is(there, vault.ErrOrder) || errors.Is(there, vault.ErrCap) || here.Error() != there.Error() {
		t.Errorf("here %v, apart %v", here, there)
	}
	must[[]byte](t)(c.Declare(t.Context(), w.st))
	if _, err := c.Step(t.Context(), w.st, due, nil); !errors.Is(err, vault.ErrUnconfirmed) {
		t.Error(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Ask(ended, w.st); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	for _, n := range names {
		if err := error(refuse(n.err)); !errors.Is(err, n.err) || err.Error() != n.err.Error() {
			t.Errorf("%s is lost on its way", n.name)
		}
	}
}

// What is not in this list is not to be had, whoever has taken the other process over.
func TestWhatGoesOverTheSocket(t *testing.T) {
	want := []string{
		"adopt", "agree", "answer", "ask", "attest", "codebook", "contribute", "countersign", "declare",
		"ended", "feed", "preview", "propose", "publish", "renew", "self", "standing", "step", "sum",
	}
	if have := slices.Sorted(maps.Keys(methods)); !slices.Equal(have, want) {
		t.Errorf("have %q", have)
	}
	w, _, served := twins(t)
	c, _ := serving(t, served)
	_, errImport := c.Import(t.Context(), schema.PerID, nil)
	_, errWithdraw := c.Withdraw(t.Context())
	_, errBoard := c.Board(t.Context(), schema.Table{}, first)
	stats, errStats := c.Stats(t.Context())
	_, errSign := c.Sign(t.Context(), schema.Act{})
	_, errCosign := c.Cosign(t.Context(), nil)
	_, errNotice := c.Notice(t.Context(), w.st, schema.Hash{}, "", nil)
	_, errCapacity := c.Capacity(t.Context(), w.st, schema.Capacity{}, nil)
	_, errVoid := c.Void(t.Context(), w.st, nil)
	_, errSheet := c.Sheet()
	for i, err := range []error{
		errImport, errWithdraw, errBoard, errStats, errSign, errCosign, errNotice, errCapacity, errVoid, errSheet,
		c.Consent(t.Context(), w.st, schema.Hash{}), c.Backup(t.Context(), nil),
	} {
		if !errors.Is(err, vault.ErrApart) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if stats != (vault.Stats{}) || c.Unlocks(unlock.Passphrase) {
		t.Error("something was told")
	}
}

// A process that was taken over founds no coalition for the cases to be released to, and
// takes no act back.
func TestOnlyTheCoalitionThatWasJoined(t *testing.T) {
	w, whole, served := twins(t)
	c, _ := serving(t, served)
	joined := w.st
	stranger := w.charterOf(t, whole)
	if _, err := c.Declare(t.Context(), stranger); !errors.Is(err, ErrNotJoined) {
		t.Errorf("another coalition: %v", err)
	}
	act := must[[]byte](t)(whole.Sign(t.Context(), joined.Act(schema.NewDate(2026, 1, 7), schema.Suspend{Member: "quiet-heron"})))
	suspended := must[*coalition.State](t)(joined.Apply(act))
	if err := errors.Join(c.SetCodebook(schema.Incident()), c.Renew(t.Context(), suspended)); err != nil {
		t.Fatal(err)
	}
	must[[]byte](t)(c.Declare(t.Context(), joined))
	due := joined.Drawable("quiet-heron", today)[0]
	if _, err := c.Step(t.Context(), joined, due, nil); !errors.Is(err, vault.ErrNotDue) {
		t.Errorf("an act was left out: %v", err)
	}
}

func (w *world) charterOf(t testing.TB, v *vault.Vault) *coalition.State {
	charter := must[[]byte](t)(v.Sign(t.Context(), schema.Charter{
		Name: "false-shore", Date: schema.NewDate(2026, 1, 5), Codebook: w.plan.Codebook, Threshold: 1,
		Admins: []string{v.MemberKey()}, Plan: w.plan,
	}))
	return must[*coalition.State](t)(coalition.Found(charter))
}

func framed(text string) string {
	return string(binary.BigEndian.AppendUint32(nil, uint32(len(text)))) + text
}

func TestAMalformedFrameEndsTheConnection(t *testing.T) {
	_, _, served := twins(t)
	c, path := serving(t, served)
	for name, frame := range map[string]string{
		"oversize":       "\x00\x40\x00\x01{",
		"no JSON":        framed(`x`),
		"unknown method": framed(`{"method":"board","args":{}}`),
		"unknown field":  framed(`{"method":"self","args":{"all":1}}`),
		"unknown key":    framed(`{"method":"self","args":{},"a":1}`),
		"no args":        framed(`{"method":"self"}`),
		"two values":     framed(`{"method":"self","args":{}}{}`),
		"no log":         framed(`{"method":"ask","args":{}}`),
		"empty log":      framed(`{"method":"log","args":{"notes":[]}}`) + framed(`{"method":"ask","args":{}}`),
		"log for none":   framed(`{"method":"log","args":{"notes":["eA=="]}}`) + framed(`{"method":"self","args":{}}`),
	} {
		conn := must[net.Conn](t)(net.Dial("unix", path))
		if _, err := io.WriteString(conn, frame); err != nil {
			t.Fatal(err)
		}
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		if out, err := io.ReadAll(conn); len(out) > 0 || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: %q, %v", name, out, err)
		}
		conn.Close()
	}
	if _, err := Dial(t.Context(), path); err != nil || c.Slug() != "quiet-heron" {
		t.Errorf("afterwards: %v", err)
	}
	if err := send(io.Discard, make([]byte, maxFrame)); !errors.Is(err, errFrame) {
		t.Errorf("an oversize frame was sent: %v", err)
	}
}
