package wire

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
)

func signatureLine(s *Signer, sig []byte) string {
	raw := append([]byte{byte(s.known.id.hash >> 24), byte(s.known.id.hash >> 16), byte(s.known.id.hash >> 8), byte(s.known.id.hash)}, sig...)
	return fmt.Sprintf("— %s %s\n", s.slug, base64Std(raw))
}

// bodyVectors are refusals of the kinds that governance and intents use.
func bodyVectors() []vector {
	admit, admins := text(sampleAct(sampleChanges()[0])), text(sampleAct(sampleChanges()[6]))
	replace, rotate := text(sampleAct(sampleChanges()[5])), text(sampleAct(sampleChanges()[9]))
	act := func(name, rule, reason, what, text, old, new string) vector {
		return bad(name, rule, reason, what, forced(edit(text, old, new), known[0]))
	}
	key := signer(me).VerifierKey()
	upper := strings.Replace(key, key[len(me)+1:len(me)+9], strings.ToUpper(key[len(me)+1:len(me)+9]), 1)
	return []vector{
		act("act-unknown", "W29", "no such change", "a change that there is not", admit, "act admit", "act crown"),
		act("act-version-zero", "W29", "version", "acts are numbered from 1", admit, "version 1\n", "version 0\n"),
		act("act-date", "W19", "date", "a thirteenth month", admit, "date 2026-01-12", "date 2026-13-12"),
		act("act-date-short", "W19", "date", "a month of one digit", admit, "date 2026-01-12", "date 2026-1-12"),
		act("admit-first-a-year", "W29", "want a quarter", "a first period that is a year", admit, "first 2023-Q4", "first 2023"),
		act("admit-other-key", "W24", "another member's", "the member key of another slug", admit, "member quiet-heron", "member loud-heron"),
		act("admit-key-upper-case", "W8", "canonical", "a key hash in capitals", admit, key, upper),
		act("admit-key-other-hash", "W8", "verifier key", "a key hash that is not the key's", admit, key, edit(key, key[len(me)+1:len(me)+9], "00000000")),
		act("admit-box-key", "W24", "age X25519", "a box key with a wrong checksum", admit, boxKey, boxKey[:len(boxKey)-1]+"q"),
		act("admit-box-key-upper-case", "W24", "age X25519", "a box key in capitals", admit, boxKey, strings.ToUpper(boxKey)),
		act("admit-node-key", "W24", "peer id", "a node key of another type", admit, nodeKey(me), "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N"),
		act("admit-address", "W24", "multiaddr", "an address that is no multiaddr", admit, "/ip4/192.0.2.7/tcp/7450", "192.0.2.7:7450"),
		act("admit-address-twice", "W24", "there twice", "an address twice", admit, "address /ip6/2001:db8::7/tcp/7450", "address /ip4/192.0.2.7/tcp/7450"),
		act("admit-17-addresses", "W24", "at most 16", "17 addresses", admit, "region ", strings.Repeat("address /ip4/192.0.2.9/tcp/1\n", 15)+"region "),
		act("admit-region", "W24", "snake_case", "a region code in capitals", admit, "central_america", "Central_America"),
		act("admins-threshold-zero", "W25", "threshold", "a threshold of 0", admins, "threshold 2", "threshold 0"),
		act("admins-threshold-too-large", "W25", "more than the 4 admins", "a threshold that nobody can reach", admins, "threshold 2", "threshold 5"),
		act("admins-one-key-twice", "W25", "there twice", "one admin counted twice", admins, ringKeys()[1], ringKeys()[0]),
		act("admins-one-slug-twice", "W25", "two keys of one slug", "one slug counted twice under two keys", admins, ringKeys()[3], otherHeron().VerifierKey()),
		act("replace-member-head", "W30", "head", "a head without a sequence", replace, "sequence 14", "sequence 0"),
		act("replace-member-other-key", "W30", "another member's", "the new key has another slug", replace, key, ringKeys()[0]),
		bad("check-not-utc", "W19", "want a moment", "a moment with an offset", forced(edit(text(sampleCheck()), "06:00:00Z", "08:00:00+02:00"), me)),
		bad("check-fraction", "W19", "canonical", "a moment with a fraction of a second", forced(edit(text(sampleCheck()), "06:00:00Z", "06:00:00.5Z"), me)),
		bad("head-signed-by-the-member", "W9", "want the member that it names", "an answer that the asker signs itself", forced(text(sampleHead()), me)),
		bad("head-of-itself", "W34", "the member itself", "a member as its own witness", forced(edit(text(sampleHead()), "witness north-otter", "witness quiet-heron"), me)),
		bad("head-last-without-sequence", "W34", "last", "a last note without a place", forced(edit(text(sampleHead()), "sequence 13", "sequence 0"), "north-otter")),
		bad("head-intent-twice", "W34", "there twice", "an intent twice", forced(text(sampleHead())+"intent "+hash(text(sampleIntent())).String()+"\n", "north-otter")),
		act("rotate-key-not-age", "W33", "an age file", "a network key that is no age file", rotate, "network-key YWdl", "network-key YWdm"),
		act("rotate-key-loose-base64", "W33", "an age file", "unused bits of the last digit set", rotate, "lQ==\n", "lR==\n"),
		act("rotate-key-bare", "W33", "ends early", "a day and no key", rotate, "network-key "+sampleKey.Sealed+"\n", ""),
		act("rotate-key-no-day", "W33", "want a line network-key-from", "a key and no day", rotate, "network-key-from 2026-01-19\n", ""),
		act("remove-key-bare", "W33", "ends early", "a removal with a day and no key", text(sampleAct(sampleChanges()[3])), "member quiet-heron\n", "member quiet-heron\nnetwork-key-from 2026-01-19\n"),
		bad("notice-reason", "W14", "reason", "a reason in free words", forced(edit(text(sampleNotice()), "wrong-mapping", "we are sorry"), me)),
		bad("intent-roster-missing", "W14", "want a line roster", "an intent that names no roster", forced(edit(text(sampleIntent()), "roster 12\n", ""), me)),
	}
}

func planVectors() []vector {
	plan, charter := PlanText(samplePlan()), text(sampleCharter())
	quoted := func(name, reason, what, old, new string) vector {
		return bad(name, "W27", reason, what, forced(edit(charter, old, new), known[:2]...))
	}
	refused := func(name, reason, what, old, new string) vector {
		return vector{name, "plan", "W26", "invalid: " + reason, what, []byte(edit(plan, old, new))}
	}
	return []vector{
		{"plan-local", "plan", "W26", "ok", "a plan in local mode", []byte(plan)},
		{"plan-joint", "plan", "W26", "ok", "a plan in joint mode", []byte(PlanText(jointPlan()))},
		quoted("plan-quote-without-blank", "quoted by", "a quoted line without its blank", "| late", "|late"),
		quoted("plan-quote-missing", "quoted by", "a plan's line that is not quoted", "| late", "late"),
		quoted("plan-quote-doubled", "want the line tidemark/plan/v1", "a plan quoted twice", "| tidemark", "| | tidemark"),
		quoted("plan-quote-no-title", "want the line tidemark/plan/v1", "a quoted plan without its first line", "| tidemark/plan/v1\n", ""),
		quoted("plan-quote-no-word", "want the line plan", "a quoted plan without the line before it", "plan\n| ", "| "),
		bad("plan-quote-line-after", "W27", "quoted by", "a line after the quoted plan", forced(charter+"name calm-delta\n", known[:2]...)),
		refused("plan-mode", "mode", "an unknown mode", "mode local", "mode open"),
		refused("plan-mode-joint-words", "canonical", "other words in joint mode", "mode local", "mode joint honest 6 liars 5"),
		refused("plan-noise", "noise", "a noise that there is not", "noise google", "noise none"),
		refused("plan-first-a-year", "want a quarter", "a plan that starts with a year", "first 2023-Q4", "first 2023"),
		refused("plan-slot-minutes", "slot", "a slot with minutes", "slot 10 06:00", "slot 10 06:30"),
		refused("plan-slot-hour", "slot", "a 24th hour", "slot 10 06:00", "slot 10 24:00"),
		refused("plan-table-twice", "there twice", "a table line twice", "table quarter people gender derived\n", "table quarter people gender derived\ntable quarter people gender derived\n"),
		refused("plan-table-cadence", "cadence", "a monthly table", "table quarter people gender", "table month people gender"),
		refused("plan-table-sigma2-zero", "sigma2", "sigma2 0 in the place of derived", "gender derived", "gender sigma2 0"),
		refused("plan-cap-nan", "cap", "a cap that is no number", "cap 256000000", "cap NaN"),
		refused("plan-cap-float", "cap", "a cap with a point", "cap 256000000", "cap 2.56e8"),
		refused("plan-charge-overflow", "charge", "a charge past 64 bits", "charge-quarter 48000000", "charge-quarter 9223372036854775808"),
		refused("plan-sigma2-infinite", "sigma2", "noise without a bound", "gender derived", "gender sigma2 Inf"),
		refused("plan-measure-overflow", "measure", "a bound past 64 bits", "reached:3", "reached:18446744073709551616"),
		{"plan-line-after", "plan", "W26", "invalid: end of the text", "a line after the tables", []byte(plan + "cap 1\n")},
	}
}

func parcelVectors() []vector {
	release, intent := signed(sampleRelease(), me), signed(sampleIntent(), known...)
	declaration := signed(sampleDeclaration(), me)
	agreement, sum := signed(sampleAgreement(), known[0], known[1], known[3]), signed(sampleSum(), "north-otter")
	both := packed(intent, release)
	fine := func(name, what string, notes ...[]byte) vector {
		return vector{name, "parcel", "W31", "ok", what, packed(notes...)}
	}
	refused := func(name, reason, what string, raw []byte) vector {
		return vector{name, "parcel", "W31", "invalid: " + reason, what, raw}
	}
	change := func(old, new string) []byte { return []byte(edit(string(both), old, new)) }
	length := fmt.Sprintf("note %d\n", len(release))
	_, pad, _ := bytes.Cut(both, release)
	last := fmt.Sprintf("note %d\n", len(release)+len(pad)+1)
	return []vector{
		{"parcel-release", "parcel", "W32", "ok", "a place in a feed: an intent and its release", both},
		{"parcel-declaration", "parcel", "W32", "ok", "a place in a feed: a declaration", packed(declaration)},
		{"parcel-capacity", "parcel", "W32", "ok", "a place in a feed: what a member offers", packed(signed(sampleCapacity(), me))},
		{"parcel-sum", "parcel", "W32", "ok", "a place in a feed: an agreement and a sum", packed(agreement, sum)},
		fine("parcel-8", "eight notes", slicesOf(declaration, 8)...),
		refused("parcel-length-short", "want", "a length one too small", change(fmt.Sprintf("note %d\n", len(intent)), fmt.Sprintf("note %d\n", len(intent)-1))),
		refused("parcel-length-past-the-end", "passes the end", "a length one too large", change(length, last)),
		refused("parcel-pad-missing", "want the padding", "a release without its padding", bytes.TrimSuffix(both, pad)),
		refused("parcel-pad-short", "want the padding", "a dot too few", change("....\n", "...\n")),
		refused("parcel-pad-hides", "want the padding", "something that is no dot", change("....\n", "..x.\n")),
		refused("parcel-pad-needless", "want the padding", "padding where no release is", append(packed(declaration), "pad .\n"...)),
		refused("parcel-length-zero", "passes the end", "a length of 0", change(length, "note 0\n")),
		refused("parcel-length-negative", "passes the end", "a negative length", change(length, "note -5\n")),
		refused("parcel-length-leading-zero", "a number", "a length with a leading zero", change(length, strings.Replace(length, "note ", "note 0", 1))),
		refused("parcel-trailing-byte", "after the last note", "a byte after the last note", append(bytes.Clone(both), '\n')),
		refused("parcel-count-small", "after the last note", "one note announced, two given", change("v1 2", "v1 1")),
		refused("parcel-count-large", "want a line note", "three notes announced, two given", change("v1 2", "v1 3")),
		refused("parcel-count-zero", "want 1 to 8", "no notes", []byte("tidemark/parcel/v1 0\n")),
		refused("parcel-count-nine", "want 1 to 8", "nine notes", bytes.Join(append([][]byte{[]byte("tidemark/parcel/v1 9\n")}, slicesOf(packed(declaration)[21:], 9)...), nil)),
		refused("parcel-v2", "want a line tidemark/parcel/v1", "a parcel's second version", change("parcel/v1", "parcel/v2")),
		refused("parcel-not-a-note", "want notes", "something that does not start as a note", []byte("tidemark/parcel/v1 1\nnote 6\nhello\n")),
		refused("parcel-crlf", "a number", "CR LF after the first line", change("v1 2\n", "v1 2\r\n")),
	}
}

func slicesOf(b []byte, n int) [][]byte {
	bs := make([][]byte, n)
	for i := range bs {
		bs[i] = b
	}
	return bs
}

func packed(notes ...[]byte) []byte {
	raw, err := Pack(notes...)
	if err != nil {
		panic(err)
	}
	return raw
}

func base64Std(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
