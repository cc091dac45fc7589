package vault

import (
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"

	"tidemark/schema"
)

// Sheet is what rebuilds a member whose machine and backups are lost: a page of text to
// be printed and kept in a safe. It holds no case.
type Sheet struct {
	slug schema.Slug
	seed []byte // of the member key
	hash []byte // so that cases that are imported again get the same pseudonyms
	box  string // AGE-SECRET-KEY-1...
}

// String and its like keep the keys out of logs and errors by construction.
func (Sheet) String() string { return "[sheet]" }

// GoString keeps %#v quiet too.
func (Sheet) GoString() string { return "[sheet]" }

// Slug is the member's short name.
func (s Sheet) Slug() schema.Slug { return s.slug }

// ErrSheet says that a sheet was not typed in as it was printed.
var ErrSheet = errors.New("the sheet has a mistake")

// Sheet is this member's.
func (v *Vault) Sheet() (Sheet, error) {
	v.work.Lock()
	defer v.work.Unlock()
	s := Sheet{slug: v.keys.Slug, seed: v.keys.Seed, hash: v.keys.Hash, box: v.keys.Box}
	if len(s.letters()) != allLetters {
		return Sheet{}, fmt.Errorf("sheet: the box key has another form than a sheet can hold")
	}
	return s, nil
}

// CreateFrom makes a vault of a sheet: the member's keys, and no case, ledger or feed. Its
// journal says that it came back, as after Restore.
func CreateFrom(cfg Config, s Sheet, unlock Unlock, at time.Time) error {
	err := cfg.whole(unlock, func(c *Config, d disk) error {
		k, err := s.keys()
		if err != nil {
			return err
		}
		return c.fill(d, k, unlock, entry{Kind: begun, Slug: s.slug}, entry{Kind: restored, At: at.Unix()})
	})
	if err != nil {
		return fmt.Errorf("create from a sheet: %w", err)
	}
	return nil
}

// The letters of a sheet are those in which age writes its keys (bech32): without B, I, O
// and 1, so that no two look alike. So the box key is on the sheet as age writes it.
const alphabet = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"

var letters = base32.NewEncoding(alphabet).WithPadding(base32.NoPadding)

const (
	sheetTitle  = "tidemark/sheet/v1"
	boxPrefix   = "AGE-SECRET-KEY-1"
	keyLetters  = 52 // of 32 bytes
	boxLetters  = 58 // with age's own checksum
	allLetters  = 2*keyLetters + boxLetters
	lineLetters = 25
	sheetLines  = (allLetters + lineLetters - 1) / lineLetters
	checkLength = 5
)

// letters are the three keys, one after the other.
func (s Sheet) letters() string {
	return letters.EncodeToString(s.seed) + letters.EncodeToString(s.hash) + strings.TrimPrefix(s.box, boxPrefix)
}

// check is the letters that end a line: a wrong one in the line changes them.
func check(line, text string) string {
	sum := schema.HashOf([]byte(sheetTitle + " " + line + " " + text))
	return letters.EncodeToString(sum[:])[:checkLength]
}

// Page is the sheet for the printer. coalition is named for whoever finds it in the safe.
func (s Sheet) Page(coalition string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\nRECOVERY SHEET OF THE MEMBER %s\nCoalition: %s\n\n", sheetTitle, s.slug, coalition)
	b.WriteString("The lines below are this member's keys. They rebuild it when its machine and all backups are lost.\n" +
		"They hold no case; cases that are imported again get the same pseudonyms as before.\n" +
		"Whoever has them can speak as this member: print this page, put it into a safe, delete the file.\n" +
		"To rebuild the member, type the lines into a file: tidemark restore --sheet FILE\n\n")
	fmt.Fprintf(&b, "member  %s  %s\n", s.slug, check("member", string(s.slug)))
	all := s.letters()
	for n := 1; n <= sheetLines; n++ {
		line := all[:min(lineLetters, len(all))]
		all = all[len(line):]
		fmt.Fprintf(&b, "%d ", n)
		for i := 0; i < len(line); i += 5 {
			b.WriteString(" " + line[i:min(i+5, len(line))])
		}
		fmt.Fprintf(&b, "  %s\n", check(fmt.Sprint(n), line))
	}
	return []byte(b.String())
}

// ParseSheet reads a page, or only its numbered lines, typed in again: blanks and case do
// not matter, and letters that are not used stand for those that look like them. An error
// names the line and says nothing of what is in it.
func ParseSheet(page []byte) (Sheet, error) {
	var s Sheet
	lines := map[string]string{}
	for line := range strings.Lines(string(page)) {
		if err := takeLine(lines, line); err != nil {
			return Sheet{}, fmt.Errorf("sheet: %w: %w", ErrSheet, err)
		}
	}
	all := ""
	for n := range sheetLines + 1 {
		name := lineName(n)
		text, ok := lines[name]
		if !ok {
			return Sheet{}, fmt.Errorf("sheet: %w: %s is missing", ErrSheet, name)
		}
		if n == 0 {
			s.slug = schema.Slug(text)
		} else {
			all += text
		}
	}
	if err := s.fill(all); err != nil {
		return Sheet{}, fmt.Errorf("sheet: %w: %w", ErrSheet, err)
	}
	return s, nil
}

func lineName(n int) string {
	if n == 0 {
		return "the line of the member"
	}
	return fmt.Sprint("line ", n)
}

// takeLine keeps a line that is one of the eight, and passes over all others.
func takeLine(lines map[string]string, line string) error {
	joined := strings.ToUpper(strings.Join(strings.Fields(line), ""))
	name, n := lineName(0), 0
	text, ok := strings.CutPrefix(joined, "MEMBER")
	if !ok {
		if joined == "" || joined[0] < '1' || joined[0] > '0'+sheetLines {
			return nil
		}
		n = int(joined[0] - '0')
		name, text = lineName(n), likeness.Replace(strings.TrimLeft(joined[1:], ".:)"))
	}
	if _, twice := lines[name]; twice {
		return fmt.Errorf("%s is there twice", name)
	}
	text, err := checked(n, text)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	lines[name] = text
	return nil
}

var likeness = strings.NewReplacer("O", "0", "I", "L", "1", "L", "B", "8")

// checked takes the letters that check a line off.
func checked(n int, text string) (string, error) {
	want := min(lineLetters, allLetters-(n-1)*lineLetters) + checkLength
	if n > 0 && len(text) != want || len(text) <= checkLength {
		return "", fmt.Errorf("it has %d letters, want %d", len(text), want)
	}
	text, sum := text[:len(text)-checkLength], text[len(text)-checkLength:]
	name := fmt.Sprint(n)
	if n == 0 {
		name, text, sum = "member", strings.ToLower(text), likeness.Replace(sum)
	}
	if check(name, text) != sum {
		return "", errors.New("a letter is wrong, or two have changed places")
	}
	return text, nil
}

// fill takes the keys from the letters of all lines.
func (s *Sheet) fill(all string) (err error) {
	if s.seed, err = letters.DecodeString(all[:keyLetters]); err != nil {
		return errors.New("the member key is none")
	}
	if s.hash, err = letters.DecodeString(all[keyLetters : 2*keyLetters]); err != nil {
		return errors.New("the hash key is none")
	}
	s.box = boxPrefix + all[2*keyLetters:]
	if s.letters() != all {
		return errors.New("the keys have another form")
	}
	_, err = s.keys()
	return err
}

// keys are the sheet's, with new ones for what the sheet does not hold.
func (s Sheet) keys() (keys, error) {
	k, err := newKeys(s.slug)
	if err != nil {
		return keys{}, err
	}
	k.Seed, k.Hash, k.Box = s.seed, s.hash, s.box
	return k, k.validate()
}
