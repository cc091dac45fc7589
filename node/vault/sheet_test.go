package vault

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"tidemark/schema"
)

func sheetOf(t testing.TB, v *Vault) Sheet {
	t.Helper()
	s, err := v.Sheet()
	must(t, err)
	return s
}

func TestASheetSurvivesThePaper(t *testing.T) {
	v := opened(t, made(t))
	s := sheetOf(t, v)
	page := s.Page("calm-shore (5f0c00e1)")
	if testing.Verbose() {
		t.Logf("\n%s", page)
	}
	lines := strings.SplitAfter(string(page), "\n")
	only := strings.Join(lines[len(lines)-9:], "")
	alike := strings.NewReplacer("0", "o", "L", "1", "8", "b")
	for name, text := range map[string]string{
		"the page": string(page), "its lines alone": only, "in small letters": strings.ToLower(only),
		"without blanks":          strings.ReplaceAll(only, " ", ""),
		"with more of them":       "\r\n " + strings.ReplaceAll(strings.ReplaceAll(only, " ", "  \t"), "\n", "  \r\n\n"),
		"letters that look alike": alikeLines(alike, only),
		"with dots":               strings.NewReplacer("\n1 ", "\n1. ", "\n2 ", "\n2) ").Replace(only),
	} {
		have, err := ParseSheet([]byte(text))
		if err != nil || !reflect.DeepEqual(have, s) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if text := fmt.Sprintf("%v %+v %#v %s", s, s, s, &s); strings.Contains(text, "AGE") || text != "[sheet] [sheet] [sheet] [sheet]" {
		t.Errorf("prints %q", text)
	}
}

// alikeLines types other letters that look like the right ones, and leaves line numbers.
func alikeLines(alike *strings.Replacer, text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if n, rest, ok := strings.Cut(line, " "); ok && len(n) == 1 {
			lines[i] = n + " " + alike.Replace(rest)
		}
	}
	return strings.Join(lines, "\n")
}

// printed is the sheet of SPEC.md (node/archive): made-up keys.
func printed() Sheet {
	seed, hash := schema.HashOf([]byte("seed")), schema.HashOf([]byte("hash"))
	return Sheet{slug: ownSlug, seed: seed[:], hash: hash[:],
		box: "AGE-SECRET-KEY-1XW3SL6UP2E72ZLAEEJUE5CG66FG20RDTKZR4Z7SK87GPSRXVR30S0XPEMX"}
}

func TestTheSheetOfTheSpec(t *testing.T) {
	spec, err := os.ReadFile("../archive/SPEC.md")
	must(t, err)
	page := string(printed().Page(""))
	lines := page[strings.Index(page, "\nmember  ")+1:]
	if !strings.Contains(string(spec), "\n"+lines) {
		t.Errorf("SPEC.md has other lines than\n%s", lines)
	}
	if s, err := ParseSheet(spec); err != nil || !reflect.DeepEqual(s, printed()) {
		t.Errorf("read from SPEC.md: %v", err)
	}
}

// Every wrong letter, and every two neighbours that have changed places, are named by
// their line. The check has 25 bits: of 6,000 mistakes about one in 5,000 runs would hide.
func TestAMistypedLetterIsNamedByItsLine(t *testing.T) {
	lines := strings.SplitAfter(string(printed().Page("")), "\n")
	lines = lines[len(lines)-9:]
	refused := func(i int, line, what string) {
		t.Helper()
		text := strings.Join(lines[:i], "") + line + strings.Join(lines[i+1:], "")
		_, err := ParseSheet([]byte(text))
		if !errors.Is(err, ErrSheet) || !strings.Contains(err.Error(), lineName(i)+":") {
			t.Fatalf("%s in %s: %v", what, lineName(i), err)
		}
	}
	for i, line := range lines[:8] {
		start := strings.Index(line, "  ") + 2
		for at := start; at < len(line)-1; at++ {
			if line[at] == ' ' {
				continue
			}
			for _, c := range []byte(alphabet) {
				if i > 0 && c != line[at] {
					refused(i, line[:at]+string(c)+line[at+1:], "a wrong letter")
				}
			}
			if i == 0 && line[at] != 'x' {
				refused(i, line[:at]+"x"+line[at+1:], "a wrong letter")
			}
			refused(i, line[:at]+line[at+1:], "a letter less")
			if next := line[at+1]; next != line[at] && next > ' ' {
				refused(i, line[:at]+string([]byte{next, line[at]})+line[at+2:], "two letters that changed places")
			}
		}
	}
}

func TestParseSheetRefuses(t *testing.T) {
	v := opened(t, made(t))
	page := string(sheetOf(t, v).Page(""))
	other := string(sheetOf(t, opened(t, made(t))).Page(""))
	lines, others := strings.SplitAfter(page, "\n"), strings.SplitAfter(other, "\n")
	n := len(lines) - 9 // the member's
	swapped := strings.NewReplacer("\n1 ", "\n2 ", "\n2 ", "\n1 ").Replace(page)
	for name, c := range map[string]struct{ text, want string }{
		"nothing":            {"", "the line of the member is missing"},
		"without the member": {strings.Join(lines[n+1:], ""), "the line of the member is missing"},
		"a line missing":     {strings.Join(append(lines[:n+3:n+3], lines[n+4:]...), ""), "line 3 is missing"},
		"a line twice":       {page + lines[n+4], "line 4 is there twice"},
		"lines swapped":      {swapped, "line "},
		"another's last":     {strings.Join(append(lines[:n+7:n+7], others[n+7:]...), ""), "not one of age"},
		"half of it":         {page[:len(page)/2], "is missing"},
	} {
		s, err := ParseSheet([]byte(c.text))
		if !errors.Is(err, ErrSheet) || !strings.Contains(err.Error(), c.want) || s.Slug() != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A member whose machine is lost: the sheet gives the keys, the peers give ledger and feed.
func TestAVaultFromASheetAdoptsItsFeed(t *testing.T) {
	v, g := shore(t)
	imported(t, v, aCase("c1", "p1", "2026-02-01"))
	releasedIn(t, v, g, "2026-Q1")
	releasedIn(t, v, g, "2026-Q2")
	peers := feedOf(t, v)
	s, err := ParseSheet(sheetOf(t, v).Page("calm-shore"))
	must(t, err)

	cfg := testConfig(filepath.Join(t.TempDir(), "vault"))
	must(t, CreateFrom(cfg, s, cheap, today))
	if err := CreateFrom(cfg, s, cheap, today); !errors.Is(err, ErrExists) {
		t.Errorf("into a vault: %v", err)
	}
	w := opened(t, cfg)
	if w.Signer().VerifierKey() != v.Signer().VerifierKey() || w.BoxKey() != v.BoxKey() || !w.Restored().Equal(today) {
		t.Error("another member, or one that does not know that it came back")
	}
	if bytes.Equal(w.keys.Badger, v.keys.Badger) || bytes.Equal(w.keys.Journal, v.keys.Journal) || bytes.Equal(w.keys.Store[0].Key, v.keys.Store[0].Key) {
		t.Error("keys of the lost folder are used again")
	}
	must(t, w.Adopt(background, g.st, peers))
	imported(t, w, aCase("c1", "p1", "2026-02-01"), aCase("c2", "p2", "2026-05-01"))
	if _, ok := of(t, v, "c1"); !ok {
		t.Fatal("no c1")
	}
	if _, ok := live(t, w)[newNamer(v.keys.Hash).caseKey("c1")]; !ok {
		t.Error("another pseudonym")
	}
	if !reflect.DeepEqual(feedOf(t, w), peers) || w.Ledger().Total() != v.Ledger().Total() {
		t.Error("feed or ledger differ")
	}
	if n := people(releasedIn(t, w, g, "2026-Q3")); n != 0 {
		t.Errorf("Q3 counts %v that may have been counted", n)
	}
}

func FuzzParseSheet(f *testing.F) {
	v := opened(f, made(f))
	s := sheetOf(f, v)
	f.Add(s.Page("calm-shore"))
	f.Add([]byte("member x\n1\n2 q\n"))
	f.Fuzz(func(t *testing.T, page []byte) {
		s, err := ParseSheet(page)
		if err != nil {
			if !errors.Is(err, ErrSheet) {
				t.Fatal(err)
			}
			return
		}
		if again, err := ParseSheet(s.Page("")); err != nil || !reflect.DeepEqual(again, s) {
			t.Fatalf("reads back as another: %v", err)
		}
	})
}
