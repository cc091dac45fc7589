package schema

// The kinds of what is said about a brief: a joint statement whose figures come out of
// releases. None of them stands in a feed.
const (
	KindAttestation Kind = "attestation"
	KindHolding     Kind = "holding"
	KindAnswer      Kind = "answer"
	KindPrinting    Kind = "printing"
)

// Who signs what goes out with a brief: keys made for it, which name no member.
const (
	CoSigner   Slug = "co-signer"
	CaseHolder Slug = "case-holder"
)

// Attestation agrees to a brief going out as it is. Its lines are by keys that members made
// for this brief; whose they are stands in their answers.
type Attestation struct {
	Brief Hash // of the manifest
}

// Holding says that its signer holds a documented case and its person's consent to this
// text. Its line is by a key made for this case.
type Holding struct {
	Case    Hash // of the case block, in its one form
	Expires Date // the last day of the consent
}

// Answer binds a key that was made for a brief, or for a case in one, to the member, and
// says whether the member's own notes may go into the sealed annex. It is for the writer
// and for the annex, never for the public form.
type Answer struct {
	Coalition Hash
	Member    Slug
	Of        Hash   // the manifest's hash, or the case's
	Key       string // the verifier key that was made: co-signer+hash+base64
	Annex     bool
}

// Printing says that its signer printed a brief and that these are the bytes: a browser does
// not print the same twice, so nobody can print it again to compare. Its line is by the key
// with which the signer agreed to the brief.
type Printing struct {
	Brief Hash
	File  Hash // SHA-256 of what was printed, before anything was added to it
}

// Kind of each body.
func (Printing) Kind() Kind    { return KindPrinting }
func (Attestation) Kind() Kind { return KindAttestation }
func (Holding) Kind() Kind     { return KindHolding }
func (Answer) Kind() Kind      { return KindAnswer }
