package wire

import (
	"bytes"
	"fmt"
	"strings"

	"tidemark/schema"
)

// vectors makes them all; TestVectorFilesAreCurrent compares them with the files.
func vectors() []vector {
	var vs []vector
	for _, group := range [][]vector{validVectors(), signatureVectors(), characterVectors(), lineVectors(), tableVectors(), bodyVectors(), capacityVectors(), jointVectors(), contributionVectors(), agreementVectors(), briefVectors(), planVectors(), parcelVectors()} {
		vs = append(vs, group...)
	}
	return vs
}

const me = "quiet-heron"

func ok(name, rule, what string, b schema.Body, slugs ...string) vector {
	return vector{name, "note", rule, "ok", what, signed(b, slugs...)}
}

func bad(name, rule, reason, what string, raw []byte) vector {
	return vector{name, "note", rule, "invalid: " + reason, what, raw}
}

// respelt is a release whose text is edited before it is signed by its member.
func respelt(name, rule, reason, what, old, new string) vector {
	return bad(name, rule, reason, what, forced(edit(text(sampleRelease()), old, new), me))
}

func validVectors() []vector {
	r, bare := sampleRelease(), schema.Request{Applicant: sampleApplicant()}
	bare.Addresses, bare.Regions = nil, nil
	year, edge := sampleRelease(), sampleRelease()
	year.Period, year.Protection = schema.Period{Year: 2025}, schema.PerCase
	edge.Tables = []schema.NoisyTable{noisy("gender", 3, 1)}
	edge.Tables[0].Cells = []int64{maxInteger, 0, -maxInteger}
	full := sampleRelease()
	full.Tables = []schema.NoisyTable{small(noisy("a*b", 200, 100))}
	fresh := schema.ReplaceMember{Member: me, MemberKey: signer(me).VerifierKey(), BoxKey: boxKey}
	joint := sampleCharter()
	joint.Plan = jointPlan()
	vs := []vector{
		ok("release", "W21", "a release with a two-way and a one-way table", r, me),
		ok("release-year", "W19", "a release of a year, protecting each case", year, me),
		ok("release-cells-at-the-limit", "W16", "cells of 2^53, 0 and -2^53", edge, me),
		ok("release-20000-cells", "W22", "20,000 cells are allowed", full, me),
		ok("intent", "W10", "an intent with its member's line alone", sampleIntent(), me),
		ok("intent-witnessed", "W10", "an intent with the lines of its member and three witnesses", sampleIntent(), known...),
		ok("declaration", "W20", "a feed's first note: sequence 1 after zeros", sampleDeclaration(), me),
		ok("void", "W14", "a void", sampleVoid(), me),
		ok("notice", "W14", "a notice", sampleNotice(), me),
		ok("capacity", "W41", "what a member offers", sampleCapacity(), me),
		ok("capacity-nothing", "W41", "a member that offers nothing", schema.Capacity{Link: sampleLink(), Date: schema.NewDate(2026, 10, 7)}, me),
		ok("check", "W19", "a check", sampleCheck(), me),
		ok("head", "W34", "a witness's answer", sampleHead(), "north-otter"),
		ok("charter", "W11", "a charter, seen as a note, signed by two admins", sampleCharter(), known[:2]...),
		ok("charter-joint", "W26", "a charter with a plan in joint mode", joint, known[:2]...),
		ok("act-replace-member-fresh", "W30", "a member key replaced before the first note", sampleAct(fresh), known[0]),
		{"charter-alone", "charter", "W12", "ok", "a charter opened by the admins that it names", signed(sampleCharter(), known[:2]...)},
		{"request", "request", "W24", "ok", "a request opened by the key that it names", signed(schema.Request{Applicant: sampleApplicant()}, me)},
		{"request-bare", "request", "W24", "ok", "a request without addresses and regions", signed(bare, me)},
	}
	for _, b := range []vector{
		{"id-of-a-release", "note", "W28", "", "the id of a release", signed(r, me)},
		{"id-of-an-intent", "note", "W28", "", "the id of an intent", signed(sampleIntent(), me)},
		{"id-of-an-intent-witnessed", "note", "W28", "", "the same id, whoever has signed", signed(sampleIntent(), known...)},
	} {
		before, _, _ := bytes.Cut(b.raw, []byte("\n\n"))
		b.expect = "ok id " + schema.HashOf(append(before, '\n')).String()
		vs = append(vs, b)
	}
	vs = append(vs, ok("act-remove-with-key", "W33", "a removal with a new network key", sampleAct(schema.Remove{Member: me, Key: sampleKey}), known[:2]...))
	for _, c := range sampleChanges() {
		vs = append(vs, ok("act-"+c.Verb(), "W29", "an act: "+c.Verb(), sampleAct(c), known[:2]...))
	}
	return vs
}

func small(t schema.NoisyTable) schema.NoisyTable {
	for i := range t.Cells {
		t.Cells[i] %= 10
	}
	return t
}

func signatureVectors() []vector {
	r, i, c := signed(sampleRelease(), me), sampleIntent(), sampleCharter()
	intent := text(i)
	lines := func(raw []byte) string { return string(raw[bytes.Index(raw, []byte("\n\n"))+2:]) }
	own := lines(signed(i, me))
	loose := lines(r)
	loose = loose[:len(loose)-3] + nextDigit(loose[len(loose)-3]) + "=\n"
	hundred := strings.Repeat(own, 101)
	charter := func(name, rule, reason, what string, raw []byte) vector {
		return vector{name, "charter", rule, "invalid: " + reason, what, raw}
	}
	return []vector{
		bad("signature-bad", "W7", "does not verify", "the line is that of another text", []byte(text(sampleRelease())+"\n"+lines(signed(sampleNotice(), me)))),
		bad("signature-text-changed", "W7", "does not verify", "one digit of a cell changed after signing", []byte(edit(string(r), "-640 ", "-641 "))),
		bad("signature-stranger-bad", "W7", "does not verify", "a stranger's line and a known one that does not verify", []byte(intent+"\n"+lines(forced(intent, stranger))+lines(signed(sampleRelease(), me)))),
		{"signature-stranger-extra", "note", "W7", "unknown-signer", "an intent with a stranger's line", signed(i, me, stranger)},
		{"signature-stranger-alone", "note", "W7", "unknown-signer", "an act signed by a stranger", signed(sampleAct(schema.Suspend{Member: me}), stranger)},
		{"signature-old-key", "note", "W7", "unknown-signer", "the right slug under a key that nobody knows", forcedBy(intent, otherHeron())},
		bad("signature-twice", "W6", "one key's twice", "one line twice", []byte(intent+"\n"+own+own)),
		bad("signatures-unsorted", "W6", "not sorted", "lines not in the order of names", forced(intent, me, "amber-finch")),
		bad("signatures-101", "W5", "more than 100", "101 signature lines", []byte(intent+"\n"+hundred)),
		bad("signature-none", "W3", "signature line", "no signature line", []byte(intent+"\n")),
		bad("signature-none-no-line", "W3", "want an empty line", "text alone", []byte(intent)),
		bad("signature-loose-base64", "W4", "strict base64", "unused bits of the last digit set", []byte(text(sampleRelease())+"\n"+loose)),
		bad("signature-short", "W4", "strict base64", "a signature of 16 bytes", []byte(intent+"\n— quiet-heron Ey718U65Ey718U65Ey718U65Eys=\n")),
		bad("signature-hyphen", "W4", "want a dash", "a hyphen in the place of the dash", []byte(edit(string(signed(i, me)), "— ", "- "))),
		bad("signature-trailing-blank", "W4", "strict base64", "a blank at the end of the line", []byte(edit(string(signed(i, me)), "=\n", "= \n"))),
		bad("signature-upper-case-slug", "W4", "want a dash, a slug", "a signature line by Quiet-Heron", []byte(edit(string(signed(i, me)), "— quiet-heron", "— Quiet-Heron"))),
		bad("signature-no-newline", "W3", "want an empty line", "no newline at the end", bytes.TrimSuffix(signed(i, me), []byte("\n"))),
		bad("signature-empty-line", "W3", "want a dash", "an empty line after the signature lines", append(signed(i, me), '\n')),
		bad("signer-not-the-member", "W9", "want the member", "a release signed by another member", forced(text(sampleRelease()), "amber-finch")),
		bad("signer-besides-the-member", "W9", "nobody else", "a release signed by its member and another", forced(text(sampleRelease()), me, "slow-river")),
		bad("signer-declaration", "W9", "want the member", "a declaration signed by another member", forced(text(sampleDeclaration()), "amber-finch")),
		bad("intent-without-its-member", "W10", "own line is missing", "an intent signed by witnesses alone", forced(intent, "amber-finch", "north-otter")),
		bad("intent-two-lines-of-one-slug", "W10", "two lines of one slug", "one member under two keys", twoKeys(intent)),
		charter("charter-below-threshold", "W12", "signed by 1 admins, want 2", "a charter signed by one of two", signed(c, known[0])),
		charter("charter-stranger", "W12", "does not name", "a charter with the line of a key that it does not name", signed(c, append([]string{"slow-river"}, known[:2]...)...)),
		charter("charter-is-an-act", "W12", "another kind", "an act in a charter's place", signed(sampleAct(schema.Suspend{Member: me}), known[0])),
		{"request-other-key", "request", "W9", "invalid: does not name", "a request signed by another key of the slug", forcedBy(text(schema.Request{Applicant: sampleApplicant()}), otherHeron())},
	}
}

// nextDigit sets an unused bit of a base64 digit that has its lowest bit clear.
func nextDigit(c byte) string { return string(rune(c + 1)) }

// otherHeron has the slug of a known member and another key.
func otherHeron() *Signer {
	s, err := NewSigner(me, keyOf("another heron"))
	if err != nil {
		panic(err)
	}
	return s
}

func forcedBy(text string, ss ...*Signer) []byte {
	raw := []byte(text + "\n")
	for _, s := range ss {
		one, err := noteSigner{s}.Sign([]byte(text))
		if err != nil {
			panic(err)
		}
		raw = append(raw, signatureLine(s, one)...)
	}
	return raw
}

func twoKeys(text string) []byte {
	a, b := signer(me), otherHeron()
	if a.known.id.hash > b.known.id.hash {
		a, b = b, a
	}
	return forcedBy(text, a, b)
}

func characterVectors() []vector {
	r := string(signed(sampleRelease(), me))
	raw := func(name, reason, what, old, new string) vector {
		return bad(name, "W2", reason, what, []byte(edit(r, old, new)))
	}
	return []vector{
		raw("character-tab", "does not print", "a tab between cells", "-640 ", "-640\t"),
		raw("character-crlf", "does not print", "a line that ends with CR LF", "\nmember", "\r\nmember"),
		raw("character-nul", "does not print", "a NUL", "quiet-heron", "quiet\x00heron"),
		raw("character-bidi", "does not print", "a right-to-left override", "quiet-heron", "quiet\u202eheron"),
		raw("character-zero-width", "does not print", "a zero width space", "quiet-heron", "quiet\u200b-heron"),
		raw("character-line-separator", "does not print", "a U+2028", "\nmember", "\u2028member"),
		raw("character-no-break-space", "does not print", "a no-break space between cells", "-640 ", "-640\u00a0"),
		raw("character-not-nfc", "not NFC", "e and a combining acute accent", "quiet-heron", "quie\u0301t-heron"),
		raw("character-nfc-letter", "slug", "a letter outside a-z, in NFC", "quiet-heron", "quiét-heron"),
		raw("character-not-utf8", "not UTF-8", "a lone byte 0xFF", "quiet-heron", "quiet\xffheron"),
		raw("character-bom", "does not print", "a byte order mark before the first line", "tidemark", "\ufefftidemark"),
		bad("note-too-large", "W1", "at most 262144", "a text of 256 KiB, which its signature line passes", forced(largest(), me)),
		bad("note-empty", "W3", "want an empty line", "no bytes at all", nil),
	}
}

// largest is a release's text of exactly MaxNote bytes: cells of 12 digits, and as many
// minus signs as are missing.
func largest() string {
	r := fullRelease()
	cells := r.Tables[0].Cells
	for i := range cells {
		cells[i] = 100_000_000_000
	}
	for i := range MaxNote - len(text(r)) {
		cells[i] = -cells[i]
	}
	return text(r)
}

func lineVectors() []vector {
	r := text(sampleRelease())
	return []vector{
		respelt("kind-v2", "W13", "no kind and version", "a kind's second version", "release/v1", "release/v2"),
		respelt("kind-unknown", "W13", "no kind and version", "a kind that there is not", "release/v1", "rumour/v1"),
		respelt("kind-trailing-blank", "W13", "no kind and version", "a blank after the first line", "release/v1", "release/v1 "),
		respelt("line-unknown", "W14", "want a line unit", "a line of another key", "unit ", "weight 60\nunit "),
		respelt("line-missing", "W14", "want a line salt", "no salt", "salt "+hash("salt").String()+"\n", ""),
		respelt("line-twice", "W14", "want a line sequence", "the member twice", "member quiet-heron\n", "member quiet-heron\nmember quiet-heron\n"),
		respelt("lines-swapped", "W14", "want a line member", "sequence before member", "member quiet-heron\nsequence 14\n", "sequence 14\nmember quiet-heron\n"),
		respelt("line-without-value", "W14", "want a line unit", "a key without a value", "unit people/60 per id", "unit"),
		respelt("line-two-blanks", "W14", "integer", "two blanks after the key", "sequence 14", "sequence  14"),
		respelt("line-trailing-blank", "W15", "integer", "a blank at the end of a line", "sequence 14\n", "sequence 14 \n"),
		bad("line-empty-last", "W3", "want a dash", "an empty line before the text's end", forced(r+"\n", me)),
		bad("line-empty", "W3", "want a dash", "an empty line inside the text", forced(edit(r, "\nsalt", "\n\nsalt"), me)),
		bad("line-after-the-last", "W14", "end of the text", "a line after the last", forced(text(sampleNotice())+"because of a wrong column\n", me)),
		bad("line-plea", "W14", "want a line table", "words after the tables", forced(r+"please believe this\n", me)),
		respelt("integer-leading-zero", "W16", "integer", "a leading zero", "sequence 14", "sequence 014"),
		respelt("integer-plus", "W16", "integer", "a plus sign", "sequence 14", "sequence +14"),
		respelt("integer-minus-zero", "W16", "canonical integers", "a cell of -0", "-640 ", "-0 "),
		respelt("integer-hex", "W16", "integer", "a hexadecimal number", "sequence 14", "sequence 0xe"),
		respelt("integer-underscore", "W16", "integer", "digits grouped", "charge 48000000", "charge 48_000_000"),
		respelt("integer-fraction", "W16", "canonical integers", "a cell with a fraction", "-640 ", "-640.5 "),
		respelt("integer-too-large", "W16", "integer", "2^53+1", "sequence 14", "sequence 9007199254740993"),
		respelt("integer-negative-charge", "W16", "charge", "a negative charge", "charge 48000000", "charge -48000000"),
		respelt("hash-upper-case", "W17", "hash", "upper-case hex digits", "salt "+hash("salt").String(), "salt "+strings.ToUpper(hash("salt").String())),
		respelt("hash-short", "W17", "hash", "63 digits", "salt "+hash("salt").String(), "salt "+hash("salt").String()[1:]),
		respelt("slug-upper-case", "W18", "slug", "a capital letter", "member quiet-heron", "member Quiet-heron"),
		respelt("slug-two-hyphens", "W18", "slug", "two hyphens together", "member quiet-heron", "member quiet--heron"),
		respelt("slug-long", "W18", "slug", "33 characters", "member quiet-heron", "member "+strings.Repeat("a", 33)),
		respelt("period-wrong-word", "W19", "canonical", "a quarter called a year", "2026-Q3 quarter", "2026-Q3 year"),
		respelt("period-no-word", "W19", "canonical", "a period without its cadence", "2026-Q3 quarter", "2026-Q3"),
		respelt("period-fifth-quarter", "W19", "period", "a fifth quarter", "2026-Q3", "2026-Q5"),
		respelt("sequence-zero", "W20", "sequence", "a feed starts with 1", "sequence 14", "sequence 0"),
		respelt("sequence-first-with-previous", "W20", "previous", "sequence 1 after another note", "sequence 14", "sequence 1"),
		respelt("sequence-later-without-previous", "W20", "previous", "sequence 14 after nothing", hash("note 13").String(), schema.Hash{}.String()),
		respelt("unit-unknown", "W14", "unit", "an unknown unit", "per id", "per person"),
	}
}

func tableVectors() []vector {
	r := sampleRelease()
	first := strings.SplitAfter(text(r), "\n")[11]
	many := sampleRelease()
	many.Tables = nil
	for i := range schema.MaxTables {
		many.Tables = append(many.Tables, noisy(fmt.Sprintf("t%d", i), 1, 1))
	}
	huge := edit(text(r), "8x6", "20000x20000")
	return []vector{
		respelt("table-row-missing", "W21", "cells", "a row too few", first, ""),
		respelt("table-row-extra", "W21", "want a line table", "a row too many", first, first+first),
		respelt("table-column-missing", "W21", "cells: have 5, want 6", "a cell too few in a row", "-640 ", ""),
		respelt("table-column-extra", "W21", "cells: have 7, want 6", "a cell too many in a row", "-640 ", "-640 0 "),
		respelt("table-two-blanks", "W21", "cells: have 7, want 6", "two blanks between cells", "-640 ", "-640  "),
		respelt("table-rows-wrong", "W21", "want a line table", "7 rows announced, 8 given", "8x6", "7x6"),
		respelt("table-no-rows", "W21", "size", "no rows", "8x6", "0x6"),
		respelt("table-one-way-two-columns", "W21", "size", "two columns for one axis", "known_elsewhere reached:3 5x1", "known_elsewhere reached:3 5x2"),
		respelt("table-three-axes", "W21", "want one or two", "three axes", "gender people", "gender*region people"),
		respelt("table-one-dimension-twice", "W21", "two different", "a dimension against itself", "threat_type(group)*gender", "gender*gender"),
		respelt("table-cell-out-of-range", "W16", "within 2^53", "a cell of 2^53+1", "-640 ", "9007199254740993 "),
		respelt("table-measure-unknown", "W23", "measure", "an unknown measure", "reached:3", "rows:3"),
		respelt("table-measure-limit", "W23", "measure", "people with a limit", "gender people", "gender people:1"),
		respelt("table-sigma2-zero", "W23", "sigma2", "a released table without noise", "sigma2 450000", "sigma2 0"),
		respelt("table-sigma2-derived", "W23", "want name", "a derived table in a release", "sigma2 450000", "derived"),
		respelt("table-size-leading-zero", "W15", "size", "08x6", "8x6", "08x6"),
		bad("table-20001-cells", "W22", "passes 20000 cells", "20,001 cells over two tables", forced(strings.TrimSuffix(text(fullRelease()), "\n")+"\ntable gender people 1x1 sigma2 450000\n0\n", me)),
		bad("table-size-bomb", "W22", "passes 20000 cells", "400 million cells announced", forced(huge, me)),
		bad("table-65", "W22", "more than 64", "65 tables", forced(text(many)+"table gender people 1x1 sigma2 450000\n0\n", me)),
		bad("table-none", "W21", "at least one", "a release without tables", forced(text(r)[:strings.Index(text(r), "table ")], me)),
	}
}

func fullRelease() schema.Release {
	r := sampleRelease()
	r.Tables = []schema.NoisyTable{small(noisy("a*b", 200, 100))}
	return r
}
