package wire

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"

	"filippo.io/age"

	"tidemark/schema"
)

// maxInteger bounds every number of a text, both ways: what every reader's language
// holds exactly.
const maxInteger = 1 << 53

var (
	hashForm     = form[schema.Hash]{schema.Hash.String, schema.ParseHash}
	slugForm     = form[schema.Slug]{func(s schema.Slug) string { return string(s) }, schema.ParseSlug}
	dateForm     = form[schema.Date]{schema.Date.String, parseDate}
	momentForm   = form[time.Time]{writeMoment, parseMoment}
	verifierForm = form[string]{itself, parseVerifierKey}
	boxForm      = form[string]{itself, parseBoxKey}
	nodeForm     = form[string]{itself, parseNodeKey}
	addressForm  = form[string]{itself, parseAddress}
	tableForm    = form[schema.Table]{schema.Table.String, schema.ParseTable}
	measureForm  = form[schema.Measure]{schema.Measure.String, schema.ParseMeasure}
	codeForm     = form[schema.Code]{func(c schema.Code) string { return string(c) }, parseCode}
	periodForm   = form[schema.Period]{writePeriod, parsePeriod}
	quarterForm  = form[schema.Period]{schema.Period.String, parseQuarter}
	unitForm     = form[schema.Protection]{writeUnit, parseUnit}
	reasonForm   = form[schema.NoticeReason]{func(r schema.NoticeReason) string { return string(r) }, parseReason}
	sealedForm   = form[string]{itself, parseSealed}
	noiseForm    = form[schema.NoiseSource]{func(n schema.NoiseSource) string { return string(n) }, parseNoise}
)

func itself(s string) string { return s }

// integer is the form of a whole number from least to most: decimal, no plus, no
// leading zero, no minus zero (W16).
func integer[T ~int | ~int64 | ~uint64](least, most int64) form[T] {
	return form[T]{
		func(n T) string { return fmt.Sprint(uint64OrInt64(n)) },
		func(s string) (T, error) {
			n, ok := parseInteger(s)
			if !ok || n < least || n > most {
				return 0, fmt.Errorf("want an integer of %d to %d", least, most)
			}
			return T(n), nil
		},
	}
}

// uint64OrInt64 keeps a number above the largest int64 from turning negative.
func uint64OrInt64[T ~int | ~int64 | ~uint64](n T) any {
	if n > 0 {
		return uint64(n)
	}
	return int64(n)
}

func parseInteger(s string) (int64, bool) {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || len(s) > len("-9007199254740992") || digits[0] == '0' && s != "0" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && s[0] != '+' && n >= -maxInteger && n <= maxInteger
}

func parseDate(s string) (schema.Date, error) {
	d, err := schema.ParseDate(s)
	if err == nil && d < 0 {
		return 0, fmt.Errorf("date: want 1970 or later")
	}
	return d, err
}

const momentSyntax = "2006-01-02T15:04:05Z"

func writeMoment(t time.Time) string { return t.Format(momentSyntax) }

func parseMoment(s string) (time.Time, error) {
	t, err := time.Parse(momentSyntax, s)
	if err != nil || t.Unix() < 0 {
		return time.Time{}, fmt.Errorf("want a moment of 1970 or later as 2026-10-07T06:00:00Z")
	}
	return t, nil
}

func writePeriod(p schema.Period) string { return p.String() + " " + string(p.Cadence()) }

func parsePeriod(s string) (schema.Period, error) {
	name, _, _ := strings.Cut(s, " ")
	return schema.ParsePeriod(name) // the word after it is compared when it is written again
}

func parseQuarter(s string) (schema.Period, error) {
	p, err := schema.ParsePeriod(s)
	if err == nil && p.Cadence() != schema.Quarterly {
		return p, fmt.Errorf("period: want a quarter")
	}
	return p, err
}

const unitPrefix = "people/60 per "

func writeUnit(p schema.Protection) string { return unitPrefix + string(p) }

func parseUnit(s string) (schema.Protection, error) {
	p := schema.Protection(strings.TrimPrefix(s, unitPrefix))
	if !p.Valid() {
		return "", fmt.Errorf("want %sid, composite or case", unitPrefix)
	}
	return p, nil
}

func parseReason(s string) (schema.NoticeReason, error) {
	switch r := schema.NoticeReason(s); r {
	case schema.WrongMapping, schema.WrongSource, schema.OtherReason:
		return r, nil
	}
	return "", fmt.Errorf("want wrong-mapping, wrong-source or other")
}

func parseNoise(s string) (schema.NoiseSource, error) {
	if n := schema.NoiseSource(s); n == schema.GoogleNoise || n == schema.ExactNoise {
		return n, nil
	}
	return "", fmt.Errorf("want google or exact")
}

var codeSyntax = regexp.MustCompile(`^[a-z0-9]+(_[a-z0-9]+)*$`)

func parseCode(s string) (schema.Code, error) {
	if len(s) > 48 || !codeSyntax.MatchString(s) {
		return "", fmt.Errorf("want a code in snake_case")
	}
	return schema.Code(s), nil
}

func parseBoxKey(s string) (string, error) {
	if _, err := age.ParseX25519Recipient(s); err != nil {
		return "", fmt.Errorf("want an age X25519 recipient, which starts with age1")
	}
	return s, nil
}

// parseSealed reads base64 of an age file, by its beginning: who can open it is asked
// where it is opened.
func parseSealed(s string) (string, error) {
	file, err := base64.StdEncoding.DecodeString(s)
	// Written again it must be the same: the decoder lets unused bits and newlines pass.
	if err != nil || base64.StdEncoding.EncodeToString(file) != s || !bytes.HasPrefix(file, []byte(ageTitle)) {
		return "", fmt.Errorf("want strict base64 of an age file")
	}
	return s, nil
}

const ageTitle = "age-encryption.org/v1\n"

// Recipients counts the X25519 recipients of a sealed item, which its head names one by
// one; -1 if it has others, or none.
func Recipients(sealed string) int {
	file, err := base64.StdEncoding.DecodeString(sealed)
	head, _, whole := bytes.Cut(file, []byte("\n--- "))
	if err != nil || !whole {
		return -1
	}
	all := bytes.Count(head, []byte("\n-> "))
	if all == 0 || all != bytes.Count(head, []byte("\n-> X25519 ")) {
		return -1
	}
	return all
}

var addressSyntax = regexp.MustCompile(`^(/[!-.0-~]+)+$`)

func parseAddress(s string) (string, error) {
	if len(s) > 256 || !addressSyntax.MatchString(s) {
		return "", fmt.Errorf("want a multiaddr as /ip4/... of at most 256 characters")
	}
	return s, nil
}

const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// ed25519Peer is how the multihash of an Ed25519 libp2p identity starts: identity, 36
// bytes, key type 1, key of 32 bytes. In base58 that is always "12D3Koo".
var ed25519Peer = []byte{0x00, 0x24, 0x08, 0x01, 0x12, 0x20}

// parseNodeKey accepts exactly one spelling for each key, so that two seats cannot
// share one unseen.
func parseNodeKey(s string) (string, error) {
	refused := fmt.Errorf("want an Ed25519 peer id, which starts with 12D3Koo")
	if len(s) != 52 || s[0] != '1' || s[1] == '1' {
		return "", refused
	}
	n := new(big.Int)
	for _, c := range []byte(s) {
		digit := strings.IndexByte(base58, c)
		if digit < 0 {
			return "", refused
		}
		n.Add(n.Mul(n, big.NewInt(58)), big.NewInt(int64(digit)))
	}
	if raw := n.Bytes(); len(raw) != 37 || !bytes.HasPrefix(raw, ed25519Peer[1:]) {
		return "", refused
	}
	return s, nil
}
