package wire

import "tidemark/schema"

func sampleAttestation() schema.Attestation { return schema.Attestation{Brief: hash("brief")} }

func sampleHolding() schema.Holding {
	return schema.Holding{Case: hash("case"), Expires: schema.NewDate(2027, 6, 30)}
}

func sampleAnswer() schema.Answer {
	return schema.Answer{Coalition: charterID(), Member: me, Of: hash("brief"), Key: signer(string(schema.CoSigner)).VerifierKey(), Annex: true}
}

func samplePrinting() schema.Printing {
	return schema.Printing{Brief: hash("brief"), File: hash("printed")}
}

// briefVectors are what is said about a brief. The keys that are made for one are in no
// ring but the brief's own.
func briefVectors() []vector {
	unknown := func(name, rule, what string, b schema.Body, by schema.Slug) vector {
		return vector{name, "note", rule, "unknown-signer", what, signed(b, string(by))}
	}
	answer := spoiler{text(sampleAnswer()), me}
	key := sampleAnswer().Key
	holder := sampleAnswer()
	holder.Of, holder.Key, holder.Annex = hash("case"), signer(string(schema.CaseHolder)).VerifierKey(), false
	return []vector{
		unknown("attestation", "W42", "a brief that is agreed to", sampleAttestation(), schema.CoSigner),
		bad("attestation-by-a-member", "W42", "keys named co-signer", "a member's own line, which would name it", forced(text(sampleAttestation()), me)),
		bad("attestation-by-a-holder", "W42", "keys named co-signer", "the line of a key for a case", forced(text(sampleAttestation()), string(schema.CaseHolder))),
		unknown("holding", "W43", "a case that somebody holds", sampleHolding(), schema.CaseHolder),
		bad("holding-by-a-co-signer", "W43", "keys named case-holder", "the line of a key for a brief", forced(text(sampleHolding()), string(schema.CoSigner))),
		bad("holding-for-ever", "W43", "ends early", "a consent without an end", forced(edit(text(sampleHolding()), "expires 2027-06-30\n", ""), string(schema.CaseHolder))),
		ok("answer", "W44", "a member agrees, and lets its notes into the annex", sampleAnswer(), me),
		ok("answer-holder", "W44", "a member holds a case, and keeps its notes", holder, me),
		answer.vector("answer-own-key", "W44", "want one of co-signer", "the member's own key in the place of one that was made", key, signer(me).VerifierKey()),
		answer.vector("answer-perhaps", "W44", "yes or no", "an annex that is left open", "annex yes", "annex maybe"),
		unknown("printing", "W45", "a brief as it was printed", samplePrinting(), schema.CoSigner),
		bad("printing-by-a-member", "W45", "want the member", "a member's own line, which would name it", forced(text(samplePrinting()), me)),
		bad("answer-signed-by-another", "W9", "want the member", "an answer for somebody else", forced(answer.text, "north-otter")),
	}
}
