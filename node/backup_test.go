package node

import (
	"bytes"
	"errors"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"tidemark/aggregation/planner"
	"tidemark/node/archive"
	"tidemark/node/vault"
	"tidemark/schema"
	"tidemark/schema/mapping"
)

// lives is three members of a coalition, the first with cases.
type lives struct {
	t    *testing.T
	a, b *Node
}

func testConfig(t *testing.T, name string) Config {
	return Config{Dir: filepath.Join(t.TempDir(), name), Unlock: Unlock{Passphrase: "a long passphrase for this test", WorkFactor: 1}}
}

func opened(t *testing.T, cfg Config) *Node {
	t.Helper()
	n, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

func made(t *testing.T, slug schema.Slug) *Node {
	t.Helper()
	cfg := testConfig(t, string(slug))
	must(t, Init(cfg, Settings{Slug: slug, Title: "Casa Segura", Listen: "/ip4/127.0.0.1/tcp/7461"}))
	return opened(t, cfg)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func lived(t *testing.T) lives {
	t.Helper()
	l := lives{t, made(t, "amber-lark"), made(t, "quiet-heron")}
	plan, err := planner.SmallLocal(schema.Period{Year: 2026, Quarter: 1})
	must(t, err)
	must(t, l.a.Found(t.Context(), "calm-delta", schema.Incident(), plan))
	joins(t, l.a, l.b)
	_, err = l.a.vault.Import(t.Context(), schema.PerID, oneCase())
	must(t, err)
	return l
}

func oneCase() iter.Seq2[mapping.Case, error] {
	return func(yield func(mapping.Case, error) bool) {
		yield(mapping.Case{ID: "c-1", Persons: []string{"p-1"}, Date: 20_500, Codes: make([]byte, len(schema.Incident().Dimensions))}, nil)
	}
}

// carry takes a bundle of one node to another.
func carry(t *testing.T, from, to *Node) Taken {
	t.Helper()
	var b bytes.Buffer
	must(t, from.Export(&b))
	taken, err := to.Import(t.Context(), b.Bytes())
	must(t, err)
	return taken
}

func (l lives) backup() []byte {
	l.t.Helper()
	var b bytes.Buffer
	must(l.t, l.a.Backup(l.t.Context(), &b))
	return b.Bytes()
}

func status(t *testing.T, n *Node) Status {
	t.Helper()
	s, err := n.Status(t.Context())
	must(t, err)
	return s
}

func TestARestoredNodeIsTheOneThatWas(t *testing.T) {
	l := lived(t)
	raw := l.backup()
	cfg := testConfig(t, "again")
	day := time.Now().Add(72 * time.Hour)
	cfg.Now = func() time.Time { return day }
	back, err := Restore(t.Context(), cfg, bytes.NewReader(raw))
	must(t, err)
	if back.Slug != "amber-lark" || back.Cases != 1 || back.Coalition.ID != l.a.State().ID() || time.Since(back.At) > time.Hour {
		t.Errorf("%+v", back)
	}
	n := opened(t, cfg)
	have, want := status(t, n), status(t, l.a)
	if have.Restored == nil || have.Restored.Unix() != day.Unix() {
		t.Errorf("restored %v", have.Restored)
	}
	if have.Restored = nil; !reflect.DeepEqual(have, want) {
		t.Errorf("have %+v\nwant %+v", have, want)
	}
	if !reflect.DeepEqual(n.Settings(), l.a.Settings()) || n.Feeds().Digest() != l.a.Feeds().Digest() {
		t.Error("settings or coalition differ")
	}
	for _, name := range []string{keyName, pskName} {
		a, err1 := os.ReadFile(filepath.Join(l.a.cfg.Dir, name))
		b, err2 := os.ReadFile(filepath.Join(cfg.Dir, name))
		if err := errors.Join(err1, err2); err != nil || !bytes.Equal(a, b) {
			t.Errorf("%s: %v", name, err)
		}
		if info, err := os.Stat(filepath.Join(cfg.Dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v", name, info.Mode())
		}
	}
}

// What the member said after the backup comes back with any other member's bundle.
func TestARestoredNodeTakesItsFeedBack(t *testing.T) {
	l := lived(t)
	raw := l.backup()
	declared, err := l.a.vault.Declare(t.Context(), l.a.State())
	must(t, err)
	must(t, l.a.keep(declared))
	carry(t, l.a, l.b)

	cfg := testConfig(t, "again")
	_, err = Restore(t.Context(), cfg, bytes.NewReader(raw))
	must(t, err)
	n := opened(t, cfg)
	if head, _ := n.vault.Head(); head != 0 {
		t.Fatalf("head %d", head)
	}
	carry(t, l.b, n)
	want, id := l.a.vault.Head()
	if head, have := n.vault.Head(); head != want || have != id || want == 0 {
		t.Errorf("head %d, want %d", head, want)
	}

	// The same where it came over the network: before a release, and on opening.
	for name, then := range map[string]func(*Node) *Node{
		"before a release": func(n *Node) *Node {
			if _, err := n.Release(t.Context()); !errors.Is(err, vault.ErrTooFew) {
				t.Error(err)
			}
			return n
		},
		"on opening": func(n *Node) *Node { return opened(t, reopenable(t, n)) },
	} {
		cfg := testConfig(t, "again")
		_, err = Restore(t.Context(), cfg, bytes.NewReader(raw))
		must(t, err)
		n := opened(t, cfg)
		must(t, n.keep(declared))
		if head, have := then(n).vault.Head(); head != want || have != id {
			t.Errorf("%s: head %d, want %d", name, head, want)
		}
	}
}

// Nothing of a backup that is not whole stays, whatever is missing of it.
func TestRestoreRefuses(t *testing.T) {
	l := lived(t)
	raw := l.backup()
	refused := func(name string, cfg Config, raw []byte, want error) {
		t.Helper()
		if _, err := Restore(t.Context(), cfg, bytes.NewReader(raw)); !errors.Is(err, want) {
			t.Errorf("%s: have %v, want %v", name, err, want)
		}
		if _, err := os.Stat(cfg.Dir + ".new"); err == nil {
			t.Errorf("%s: the unfinished folder is still there", name)
		}
	}
	r := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{0, 1, 100, len(raw) / 2, len(raw) - 1, r.IntN(len(raw)), r.IntN(len(raw)), r.IntN(len(raw))} {
		cfg := testConfig(t, "cut")
		refused("cut", cfg, raw[:n], archive.ErrDamaged)
		if _, err := os.Stat(cfg.Dir); err == nil {
			t.Fatalf("cut at %d of %d: there is a folder", n, len(raw))
		}
	}
	cfg := testConfig(t, "again")
	wrong := cfg
	wrong.Unlock.Passphrase = "another one"
	refused("wrong passphrase", wrong, raw, vault.ErrPassphrase)
	refused("into a node", l.a.cfg, raw, ErrNotEmpty)

	must(t, os.MkdirAll(cfg.Dir, 0o700)) // an empty folder is fine
	if _, err := Restore(t.Context(), cfg, bytes.NewReader(raw)); err != nil {
		t.Fatal(err)
	}
	refused("twice", cfg, raw, ErrNotEmpty)

	half := testConfig(t, "half")
	must(t, os.MkdirAll(half.Dir+".new", 0o700))
	if _, err := Restore(t.Context(), half, bytes.NewReader(raw)); !errors.Is(err, os.ErrExist) {
		t.Errorf("beside what may be somebody's: %v", err)
	}
}

// A backup before there is a coalition, by a node that is locked with a key file.
func TestBackupWithoutACoalition(t *testing.T) {
	cfg := testConfig(t, "alone")
	cfg.Unlock = Unlock{Identity: "AGE-SECRET-KEY-1XW3SL6UP2E72ZLAEEJUE5CG66FG20RDTKZR4Z7SK87GPSRXVR30S0XPEMX"}
	must(t, Init(cfg, Settings{Slug: "amber-lark"}))
	var b bytes.Buffer
	must(t, opened(t, cfg).Backup(t.Context(), &b))
	again := testConfig(t, "again")
	again.Unlock = cfg.Unlock
	back, err := Restore(t.Context(), again, &b)
	if err != nil || back.Coalition != nil {
		t.Errorf("%+v, %v", back, err)
	}
	if _, err := os.Stat(filepath.Join(again.Dir, pskName)); err == nil {
		t.Error("an empty network key")
	}
}

// A member of whom only the sheet is left comes back with another member's bundle.
func TestAMemberIsRebuiltFromItsSheet(t *testing.T) {
	l := lived(t)
	declared, err := l.a.vault.Declare(t.Context(), l.a.State())
	must(t, err)
	must(t, l.a.keep(declared))
	carry(t, l.a, l.b)
	page, err := l.a.Sheet()
	must(t, err)
	if !strings.Contains(string(page), "calm-delta ("+l.a.State().ID().Short()+")") {
		t.Errorf("the page does not name the coalition")
	}

	sheet, err := vault.ParseSheet(page)
	must(t, err)
	cfg := testConfig(t, "again")
	must(t, RestoreSheet(cfg, sheet))
	if err := RestoreSheet(cfg, sheet); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("twice: %v", err)
	}
	n := opened(t, cfg)
	if n.State() != nil || status(t, n).Restored == nil {
		t.Error("it knows more, or less, than its sheet")
	}
	carry(t, l.b, n)
	want, id := l.a.vault.Head()
	if head, have := n.vault.Head(); head != want || have != id || want == 0 {
		t.Errorf("head %d, want %d", head, want)
	}
	if s := status(t, n); !s.NewNodeKey || status(t, l.a).NewNodeKey || n.Feeds().Digest() != l.a.Feeds().Digest() {
		t.Errorf("%+v", s)
	}
	n = opened(t, reopenable(t, n))
	if _, err := n.vault.Import(t.Context(), schema.PerID, oneCase()); err != nil {
		t.Error(err)
	}
}

func reopenable(t *testing.T, n *Node) Config {
	t.Helper()
	must(t, n.Close())
	return n.cfg
}

// A new node enters no coalition with a bundle: that takes an invitation. Nor does a
// rebuilt one enter a coalition that does not seat it.
func TestOnlyARebuiltMemberEntersWithABundle(t *testing.T) {
	l := lived(t)
	var b bytes.Buffer
	must(t, l.a.Export(&b))
	if _, err := made(t, "river-ibis").Import(t.Context(), b.Bytes()); !errors.Is(err, ErrNoCoalition) {
		t.Errorf("a new node: %v", err)
	}
	other := lived(t)
	page, err := other.b.Sheet()
	must(t, err)
	sheet, err := vault.ParseSheet(page)
	must(t, err)
	cfg := testConfig(t, "again")
	must(t, RestoreSheet(cfg, sheet))
	n := opened(t, cfg)
	if _, err := n.Import(t.Context(), b.Bytes()); err == nil || n.State() != nil {
		t.Errorf("another coalition: %v", err)
	}
}
