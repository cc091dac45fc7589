package joint

import (
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cloudflare/circl/group"

	"tidemark/schema"
)

// The known answers of testdata/vectors.txt: what the code does, written by -update, and
// what the reference in math/big makes of the same. A scalar is written in decimal where it
// is given, and as its 32 bytes where it is an answer.
func TestVectors(t *testing.T) {
	const file = "testdata/vectors.txt"
	have, err := os.ReadFile(file)
	must(t, err)
	var told strings.Builder
	for line := range strings.Lines(string(have)) {
		if strings.HasPrefix(line, "  ") {
			continue
		}
		told.WriteString(line)
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		got, want := answers(t, words)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, by the reference %v", strings.TrimSpace(line), got, want)
		}
		for _, a := range got {
			told.WriteString("  " + a + "\n")
		}
	}
	if *update {
		must(t, os.WriteFile(file, []byte(told.String()), 0o644))
	} else if told.String() != string(have) {
		t.Errorf("now:\n%s", told.String())
	}
}

// answers are ours and the reference's.
func answers(t *testing.T, words []string) (got, want []string) {
	t.Helper()
	switch words[0] {
	case "pack":
		counters := numbers(words[1:])
		packed, err := pack(counters)
		must(t, err)
		for i, s := range packed {
			got = append(got, spelled(s))
			want = append(want, spelledBig(referencePacked(counters[5*i:min(5*i+5, len(counters))])))
		}
	case "challenge":
		got = []string{spelled(challenge(id(t, words[1])))}
		want = []string{spelledBig(referenceChallenge(id(t, words[1])))}
	case "check": // ID BLINDING COUNTERS…
		var counters []group.Scalar
		sum, r := new(big.Int), referenceChallenge(id(t, words[1]))
		for _, w := range slices.Backward(words[3:]) {
			sum.Mul(sum.Add(sum, decimal(w)), r)
		}
		for _, w := range words[3:] {
			counters = append(counters, scalarOf(decimal(w)))
		}
		check := checkValue(id(t, words[1]), scalarOf(decimal(words[2])), counters)
		got = []string{check.String()}
		want = []string{spelledBig(sum.Mod(sum.Add(sum, decimal(words[2])), order))}
	case "share": // COEFFICIENTS…, at 1 to 7
		var coefficients []group.Scalar
		for _, w := range words[1:] {
			coefficients = append(coefficients, scalarOf(decimal(w)))
		}
		for x := int64(1); x <= schema.MaxKeepers; x++ {
			sum := new(big.Int)
			for _, w := range slices.Backward(words[1:]) {
				sum.Add(sum.Mul(sum, big.NewInt(x)), decimal(w))
			}
			got = append(got, fmt.Sprint(x, " ", spelled(evaluate(coefficients, smallScalar(uint64(x))))))
			want = append(want, fmt.Sprint(x, " ", spelledBig(sum.Mod(sum, order))))
		}
	case "interpolate": // T PLACE=SHARE…
		return interpolated(t, words)
	default:
		t.Fatalf("no such vector: %s", words[0])
	}
	return got, want
}

func interpolated(t *testing.T, words []string) (got, want []string) {
	t.Helper()
	threshold := int(numbers(words[1:2])[0])
	var places []int
	var values []group.Scalar
	var bigs []*bigScalar
	for _, w := range words[2:] {
		x, y, _ := strings.Cut(w, "=")
		places = append(places, int(numbers([]string{x})[0]))
		values = append(values, scalarOf(decimal(y)))
		bigs = append(bigs, &bigScalar{*decimal(y)})
	}
	got, want = []string{"no polynomial"}, []string{"no polynomial"}
	if p := interpolate(places, threshold); p.fits(values) {
		got = []string{spelled(p.atZero(values))}
	}
	fits := true
	for i := threshold; i < len(places); i++ {
		fits = fits && reference(places[:threshold], bigs, places[i]).n.Cmp(&bigs[i].n) == 0
	}
	if fits {
		want = []string{spelledBig(&reference(places[:threshold], bigs, 0).n)}
	}
	return got, want
}

func numbers(words []string) (out []int64) {
	for _, w := range words {
		n, err := strconv.ParseInt(w, 10, 64)
		if err != nil {
			panic(err)
		}
		out = append(out, n)
	}
	return out
}

func id(t *testing.T, s string) schema.Hash {
	t.Helper()
	h, err := schema.ParseHash(s)
	must(t, err)
	return h
}

// decimal is a number modulo the order.
func decimal(s string) *big.Int {
	n, ok := new(big.Int).SetString(s, 10)
	if !ok {
		panic("no number: " + s)
	}
	return n.Mod(n, order)
}

func scalarOf(n *big.Int) group.Scalar { return (&bigScalar{*n}).scalar() }

func spelled(s group.Scalar) string {
	b := writeScalar(s)
	return hex.EncodeToString(b[:])
}

func spelledBig(n *big.Int) string { return hex.EncodeToString(toLE(n)) }

// referenceChallenge is hash_to_field of RFC 9380 with expand_message_xmd and SHA-512: 64
// bytes, the lowest first (RFC 9497, HashToScalar of ristretto255).
func referenceChallenge(id schema.Hash) *big.Int {
	tag := "tidemark/joint/v1 challenge"
	tag += string(rune(len(tag)))
	b0 := sha512.Sum512(slices.Concat(make([]byte, 128), id[:], []byte{0, 64, 0}, []byte(tag)))
	b1 := sha512.Sum512(slices.Concat(b0[:], []byte{1}, []byte(tag)))
	n := fromLE(b1[:])
	return n.Mod(n, order)
}

// A part that was sealed once opens for ever: the suite, what is bound to it and how shares
// are spelled stay what they are (J2, J4, J5, J6).
func TestSealedVector(t *testing.T) {
	const file = "testdata/sealed.txt"
	r := sampleRound(4, 3, 2, 7)
	if *update {
		must(t, os.WriteFile(file, []byte(writeSealed(t, r)), 0o644))
	}
	text, err := os.ReadFile(file)
	must(t, err)
	fields := map[string]string{}
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		fields[key] = value
	}
	private, err := hex.DecodeString(fields["private"])
	must(t, err)
	sealed, err := base64.StdEncoding.DecodeString(fields["sealed"])
	must(t, err)
	key := id(t, fields["key"])
	c := schema.Contribution{Round: r.Round, Member: slug(3), Shares: []schema.SealedShare{{Keeper: slug(1), Key: key, Sealed: sealed}}}
	if got := string(r.info(slug(3), slug(1), key)); fmt.Sprintf("%q", got) != fields["info"] {
		t.Errorf("info is %q", got)
	}
	s, err := r.Open(slug(1), key, private, c, id(t, fields["id"]))
	must(t, err)
	if s.Check().String() != fields["check"] {
		t.Errorf("the check value is %s", s.Check())
	}
	if len(sealed) != 1120+32*3+16 {
		t.Errorf("%d bytes", len(sealed))
	}
}

func writeSealed(t *testing.T, r Round) string {
	t.Helper()
	w := newWorld(t, r, boxes(t, r), seeded("sealed"))
	s := w.contribute(slug(3), []int64{100, -20, 3, 0, 0, 7, -1}, deviation{})
	s.id = schema.HashOf([]byte("a note"))
	b := w.keys[slug(1)]
	share, err := w.openOne(slug(1), s)
	must(t, err)
	return fmt.Sprintf("# %s's part of %s's contribution, as the test seals it\nprivate %x\nkey %s\nid %s\ninfo %q\nsealed %s\ncheck %s\n",
		slug(1), slug(3), b.private, b.ID, s.id, r.info(slug(3), slug(1), b.ID), base64.StdEncoding.EncodeToString(s.note.Shares[1].Sealed), share.Check())
}
