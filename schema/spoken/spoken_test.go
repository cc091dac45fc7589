package spoken

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"tidemark/schema"
)

func TestTheListIsHardToMishear(t *testing.T) {
	if len(list) != 256 || !slices.IsSorted(list) {
		t.Fatalf("%d words, sorted: %v", len(list), slices.IsSorted(list))
	}
	for i, w := range list {
		if len(w) < 4 || len(w) > 7 || strings.Trim(w, "abcdefghijklmnopqrstuvwxyz") != "" {
			t.Errorf("%s: want 4 to 7 small letters", w)
		}
		for _, other := range list[:i] {
			if w[:4] == other[:4] || distance(w, other) < 3 || sound(w) == sound(other) {
				t.Errorf("%s and %s are too near", w, other)
			}
		}
	}
}

// distance is Levenshtein's: how many letters to change, add or leave out.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

var spellings = strings.NewReplacer("ph", "f", "qu", "k", "ck", "k", "sh", "s", "ch", "s", "th", "t", "wr", "r")

// alike are the letters that a bad line makes one of: each class by its first.
var alike = []string{"aeiouy", "bp", "fv", "td", "kgcqx", "szj", "mn", "l", "r", "w", "h"}

// sound is roughly what is left of a word over a bad line.
func sound(w string) string {
	var out []byte
	for _, letter := range []byte(spellings.Replace(w)) {
		for _, class := range alike {
			heard := class[0]
			if strings.IndexByte(class, letter) >= 0 && heard != 'h' && (len(out) == 0 || out[len(out)-1] != heard) {
				out = append(out, heard)
			}
		}
	}
	return string(out)
}

func TestWordsAreTheFirstEightBytes(t *testing.T) {
	h := schema.Hash{0, 1, 254, 255, 7, 7, 128, 64, 9}
	want := strings.Join([]string{list[0], list[1], list[254], list[255], list[7], list[7], list[128], list[64]}, " ")
	if have := Words(h); have != want {
		t.Errorf("have %s", have)
	}
	h[8] = 10
	if Words(h) != want {
		t.Error("the ninth byte is heard")
	}
}

func TestMatchForgivesHowItIsTypedAndNothingElse(t *testing.T) {
	h := schema.HashOf([]byte("a request"))
	words := Words(h)
	said := strings.Fields(words)
	for _, typed := range []string{
		words, strings.ToUpper(words), "  " + strings.Join(said, "   ") + "\n", strings.Join(said, "-"), strings.Join(said, ", ") + ".",
		strings.Join(said[:4], " ") + "\n" + strings.Join(said[4:], "\t"),
	} {
		if !Match(typed, h) {
			t.Errorf("%q: not taken", typed)
		}
	}
	swapped := slices.Clone(said)
	swapped[2], swapped[3] = swapped[3], swapped[2]
	for _, typed := range []string{
		"", strings.Join(said[:7], " "), words + " " + said[0], words + "x", strings.Join(swapped, " "), strings.Join(said, ""),
		Words(schema.HashOf([]byte("another request"))), h.String(), strings.Join(said, "/"),
	} {
		if Match(typed, h) {
			t.Errorf("%q: taken", typed)
		}
	}
}

func TestAnInvitationsWordsBindCoalitionAndAdmin(t *testing.T) {
	c, d := schema.HashOf([]byte("c")), schema.HashOf([]byte("d"))
	seen := map[string]bool{}
	for _, h := range []schema.Hash{Invitation(c, "a+1+k"), Invitation(d, "a+1+k"), Invitation(c, "b+1+k")} {
		seen[Words(h)] = true
	}
	if len(seen) != 3 {
		t.Errorf("%d different ones of 3", len(seen))
	}
}

// The specification's list and its example are what the code says.
func TestSpecificationHasTheList(t *testing.T) {
	spec, err := os.ReadFile("../SPEC.md")
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	table.WriteString("```spoken\n")
	for i, w := range list {
		end := " "
		if i%8 == 7 {
			end = "\n"
		}
		table.WriteString(w + end)
	}
	h := schema.HashOf([]byte("tidemark"))
	example := fmt.Sprintf("SHA-256 of `tidemark` starts with %s and is read as “%s”.", h.String()[:16], Words(h))
	for _, want := range []string{table.String() + "```\n", example} {
		if !strings.Contains(string(spec), want) {
			t.Errorf("SPEC.md lacks:\n%s", want)
		}
	}
}
