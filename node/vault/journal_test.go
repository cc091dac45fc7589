package vault

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// written is a closed vault with a journal of some length, and its feed.
func written(t *testing.T) (cfg Config, g *gathering, feed [][]byte) {
	t.Helper()
	v, g := shore(t)
	imported(t, v, aCase("c1", "p1", "2026-02-01"))
	releasedIn(t, v, g, "2026-Q1")
	stepped(t, v, g, "2026-Q2")
	feed = feedOf(t, v)
	must(t, v.Close())
	return v.cfg, g, feed
}

func replaceFile(t *testing.T, name string, b []byte) {
	t.Helper()
	must(t, os.WriteFile(name, b, 0o600))
}

// damagedOpen wants Open to refuse, and to change nothing in either file.
func damagedOpen(t *testing.T, cfg Config, what, file string) {
	t.Helper()
	journal, _ := os.ReadFile(filepath.Join(cfg.Dir, journalName))
	feed, _ := os.ReadFile(filepath.Join(cfg.Dir, feedName))
	v, err := Open(cfg, cheap)
	if err == nil {
		v.Close()
		t.Fatalf("%s: opened", what)
	}
	if !errors.Is(err, ErrJournal) || !strings.Contains(err.Error(), filepath.Join(cfg.Dir, file)) || !strings.Contains(err.Error(), "backup") {
		t.Errorf("%s: %v", what, err)
	}
	after, _ := os.ReadFile(filepath.Join(cfg.Dir, journalName))
	feedAfter, _ := os.ReadFile(filepath.Join(cfg.Dir, feedName))
	if !bytes.Equal(journal, after) || !bytes.Equal(feed, feedAfter) {
		t.Errorf("%s: the evidence was changed", what)
	}
}

// A crash leaves a part of a line that nobody was told of: at every length of it the
// vault opens as it was before, and goes on.
func TestATornTailIsCut(t *testing.T) {
	cfg, g, _ := written(t)
	name := filepath.Join(cfg.Dir, journalName)
	whole, err := os.ReadFile(name)
	must(t, err)
	j, err := newJournal(disk{}, cfg.Dir, openKeys(t, cfg).Journal)
	must(t, err)
	must(t, j.read(func(entry) error { return nil }))
	tail, err := j.line(entry{Kind: published, Coalition: g.st.ID()})
	must(t, err)
	step := len(tail)/8 + 1
	for n := 0; n < len(tail); n += step {
		for _, fill := range []int{0, 100} { // zeros: the length reached the disk, the bytes did not
			replaceFile(t, name, append(append(bytes.Clone(whole), tail[:n]...), make([]byte, fill)...))
			v := opened(t, cfg)
			if got, _ := os.ReadFile(name); !bytes.Equal(got, whole) {
				t.Fatalf("torn at %d with %d zeros: not cut to what was there", n, fill)
			}
			must(t, v.Close())
		}
	}
	v := opened(t, cfg)
	releasedIn(t, v, g, "2026-Q2")
}

func openKeys(t *testing.T, cfg Config) keys {
	t.Helper()
	k, err := readKeys(cfg.Dir, cheap)
	must(t, err)
	return k
}

// Seeded: 300 flipped bits (60 in short mode) in each file, never the same place twice.
func TestAFlippedBitIsFound(t *testing.T) {
	cfg, _, _ := written(t)
	n := 300
	if testing.Short() {
		n = 60
	}
	r := rand.New(rand.NewPCG(3, 4))
	for _, file := range []string{journalName, feedName} {
		name := filepath.Join(cfg.Dir, file)
		whole, err := os.ReadFile(name)
		must(t, err)
		places := r.Perm(len(whole) * 8)[:n]
		places = append(places, len(whole)*8-1, len(whole)*8-6, 0) // the last byte and the first
		for _, bit := range places {
			flipped := bytes.Clone(whole)
			flipped[bit/8] ^= 1 << (bit % 8)
			replaceFile(t, name, flipped)
			damagedOpen(t, cfg, "a flipped bit", file)
		}
		replaceFile(t, name, whole)
	}
	must(t, opened(t, cfg).Close())
}

func TestMissingLinesAreFound(t *testing.T) {
	cfg, _, _ := written(t)
	name := filepath.Join(cfg.Dir, journalName)
	whole, err := os.ReadFile(name)
	must(t, err)
	lines := bytes.SplitAfter(bytes.TrimSuffix(whole, []byte("\n")), []byte("\n"))
	without := func(i int) []byte {
		return bytes.Join(append(append([][]byte{}, lines[:i]...), lines[i+1:]...), nil)
	}
	for what, text := range map[string][]byte{
		"the last line": bytes.Join(lines[:len(lines)-1], nil), "the last three": bytes.Join(lines[:len(lines)-3], nil),
		"one in the middle": without(2), "the first": without(0), "all": nil,
		"two in another order": bytes.Join([][]byte{lines[0], lines[2], lines[1], lines[3], lines[4], lines[5]}, nil),
	} {
		replaceFile(t, name, text)
		damagedOpen(t, cfg, what, journalName)
	}
	must(t, os.Remove(name))
	damagedOpen(t, cfg, "the whole file", journalName)
}

func TestAJournalOfAnotherVaultIsRefused(t *testing.T) {
	cfg, _, _ := written(t)
	other := made(t)
	text, err := os.ReadFile(filepath.Join(other.Dir, journalName))
	must(t, err)
	replaceFile(t, filepath.Join(cfg.Dir, journalName), text)
	damagedOpen(t, cfg, "another's journal", journalName)
}

// An older journal with the present feed: what was published is still known.
func TestARolledBackJournalIsFound(t *testing.T) {
	v, g := shore(t)
	must(t, v.Close())
	old := copied(t, v.cfg)
	v = opened(t, v.cfg)
	releasedIn(t, v, g, "2026-Q1")
	must(t, v.Close())
	text, err := os.ReadFile(filepath.Join(old.Dir, journalName))
	must(t, err)
	replaceFile(t, filepath.Join(v.cfg.Dir, journalName), text)
	damagedOpen(t, v.cfg, "an older journal", journalName)
	// Even if the store is older too, the feed is ahead.
	feed, err := os.ReadFile(filepath.Join(v.cfg.Dir, feedName))
	must(t, err)
	replaceFile(t, filepath.Join(old.Dir, feedName), feed)
	damagedOpen(t, old, "an older journal and store", feedName)
}

// The store alone may be older: the journal counts, and numbers go on above its cutoffs.
func TestAnOlderStoreCountsOnAboveTheCutoffs(t *testing.T) {
	v, g := shore(t)
	must(t, v.Close())
	old := copied(t, v.cfg)
	v = opened(t, v.cfg)
	imported(t, v, aCase("c1", "p1", "2026-02-01"), aCase("c2", "p2", "2026-02-01"))
	releasedIn(t, v, g, "2026-Q1")
	must(t, v.Close())
	for _, file := range []string{journalName, feedName} {
		text, err := os.ReadFile(filepath.Join(v.cfg.Dir, file))
		must(t, err)
		replaceFile(t, filepath.Join(old.Dir, file), text)
	}
	v = opened(t, old)
	imported(t, v, aCase("c3", "p3", "2026-03-01"))
	if c, _ := of(t, v, "c3"); c.Seq <= v.book.known() {
		t.Errorf("number %d is not above the cutoff %d", c.Seq, v.book.known())
	}
}

// The feed can be lost or torn at any byte: the journal holds it all.
func TestTheFeedIsMadeAgainFromTheJournal(t *testing.T) {
	cfg, _, parcels := written(t)
	name := filepath.Join(cfg.Dir, feedName)
	whole, err := os.ReadFile(name)
	must(t, err)
	for n := 0; n <= len(whole); n += len(whole)/20 + 1 {
		for _, fill := range []int{0, min(100, len(whole)-n)} {
			replaceFile(t, name, append(bytes.Clone(whole[:n]), make([]byte, fill)...))
			v := opened(t, cfg)
			for i, raw := range feedOf(t, v) {
				if !bytes.Equal(raw, parcels[i]) {
					t.Fatalf("torn at %d: another parcel", n)
				}
			}
			must(t, v.Close())
		}
	}
	must(t, os.Remove(name))
	opened(t, cfg)
	if got, _ := os.ReadFile(name); !bytes.Equal(got, whole) {
		t.Error("a missing feed was not made again")
	}
}

func TestAFeedThatChangesWhileItIsOpenIsFound(t *testing.T) {
	cfg, _, _ := written(t)
	v := opened(t, cfg)
	name := filepath.Join(cfg.Dir, feedName)
	whole, err := os.ReadFile(name)
	must(t, err)
	whole[len(whole)/2] ^= 1
	replaceFile(t, name, whole)
	for _, err := range v.Feed() {
		if errors.Is(err, ErrJournal) {
			return
		}
	}
	t.Error("not found")
}

func TestTheJournalShowsNothing(t *testing.T) {
	cfg, g, _ := written(t)
	text, err := os.ReadFile(filepath.Join(cfg.Dir, journalName))
	must(t, err)
	for _, secret := range []string{string(ownSlug), g.st.ID().String(), "2026-Q1", "reserved", "tidemark"} {
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("holds %q", secret)
		}
	}
}
