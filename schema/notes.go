package schema

import "time"

// Body is what a note says. Each kind has a type here and a text form in schema/wire.
type Body interface{ Kind() Kind }

// Kind is the first line of a note's text, after "tidemark/" and before "/v1".
type Kind string

// The kinds.
const (
	KindCharter     Kind = "charter"
	KindAct         Kind = "act"
	KindRequest     Kind = "request"
	KindDeclaration Kind = "declaration"
	KindIntent      Kind = "intent"
	KindRelease     Kind = "release"
	KindVoid        Kind = "void"
	KindNotice      Kind = "notice"
	KindCapacity    Kind = "capacity"
	KindCheck       Kind = "check"
	KindHead        Kind = "head"

	KindKeeperKey    Kind = "keeper-key"
	KindContribution Kind = "contribution"
	KindHeld         Kind = "held"
	KindAgreement    Kind = "agreement"
	KindSum          Kind = "sum"
)

// Link places a note in its member's feed.
type Link struct {
	Coalition Hash
	Member    Slug
	Sequence  uint64 // from 1
	Previous  Hash   // the id of the feed's note before; zero for the first
}

// Linked is a body that stands in a feed.
type Linked interface {
	Body
	Place() Link
}

// Place returns the link itself.
func (l Link) Place() Link { return l }

// Declaration is a feed's first note: the share of its cap that the member gives to this
// coalition, and how many units one weight protects. A human statement.
type Declaration struct {
	Link
	Share Charge
}

// Release is one period's tables with their noise, drawn once.
type Release struct {
	Link
	Salt       Hash // 256 random bits: what the hash in an intent hides behind
	Plan       Hash
	Period     Period
	Protection Protection
	Charge     Charge
	Tables     []NoisyTable // the plan's drawn tables of the cadence, in its order
}

// NoisyTable is a table as released: units (1/60 of a person) with noise.
type NoisyTable struct {
	Table      Table
	Measure    Measure
	Rows, Cols int
	Sigma2     int64   // variance of the noise of each cell, units^2
	Cells      []int64 // row by row
}

// Intent names a release before it goes out. Witnesses countersign its text; its
// roster version says whose lines are asked for.
type Intent struct {
	Coalition Hash
	Member    Slug
	Sequence  uint64
	Plan      Hash
	Period    Period
	Charge    Charge
	Roster    uint64 // version of the last act at least 7 days before the period's end
	Release   Hash   // SHA-256 of the release's signed bytes
}

// Check asks a member's witnesses, before it draws, what they know of its feed. What they
// answer counts for its nonce alone, so nobody can answer with something old.
type Check struct {
	Coalition Hash
	Member    Slug
	Asked     time.Time // UTC, whole seconds; of two checks the later one counts
	Nonce     Hash
}

// Head is what one witness answers: the feed's last place that it knows, and the intents
// for later places that it has countersigned.
type Head struct {
	Coalition Hash
	Member    Slug // whose feed it is
	Witness   Slug
	Nonce     Hash
	Sequence  uint64 // 0: it knows of no note
	Last      Hash   // the id of the note there
	Intents   []Hash
}

// MaxPending is how many intents of one member may be under way at once: more than the
// longest history that a founding plan reaches back to.
const MaxPending = 256

// Void says that an intent's release is lost everywhere: the charge stays, the period
// is skipped.
type Void struct {
	Link
	Plan   Hash
	Period Period
	Intent Hash // id of the intent
	Charge Charge
}

// Notice says that a release of the member's own should not be relied on. A human
// statement: it carries a reason code and no data.
type Notice struct {
	Link
	Release Hash // id of the release
	Reason  NoticeReason
}

// NoticeReason is why a release is withdrawn.
type NoticeReason string

// The reasons.
const (
	WrongMapping NoticeReason = "wrong-mapping"
	WrongSource  NoticeReason = "wrong-source"
	OtherReason  NoticeReason = "other"
)

// Applicant is who asks to join, or is admitted.
type Applicant struct {
	Slug      Slug
	MemberKey string   // the note verifier key: slug+hash+base64
	BoxKey    string   // the age recipient: age1...
	NodeKey   string   // the libp2p peer id: 12D3Koo...
	Addresses []string // announced multiaddrs; none: reachable by nobody, connects itself
	Regions   []Code   // codes of the region dimension that it serves
}

// Request asks for admission and is signed with the applicant's own member key.
type Request struct {
	Applicant
}

// Charter founds a coalition; its note's id is the coalition. Its admins are not yet
// members: the first acts admit them.
type Charter struct {
	Name      Slug // a random name
	Date      Date
	Codebook  Hash
	Threshold int      // how many admins sign an act
	Admins    []string // member keys
	Plan      Plan
}

// Act is one numbered change of a coalition, signed by at least Threshold admins.
type Act struct {
	Coalition Hash
	Version   uint64 // from 1
	Previous  Hash   // id of the act before; of the charter for the first
	Date      Date
	Expires   Date // the last day on which it may be adopted
	Change    Change
}

// Change is what an act does.
type Change interface{ Verb() string }

// Admit seats a member. First is the first quarter for which it owes releases.
type Admit struct {
	Applicant
	First Period
}

// Suspend stops a member's notes from being accepted until Resume.
type Suspend struct{ Member Slug }

// Resume ends a suspension.
type Resume struct{ Member Slug }

// NetworkKey is a new pre-shared key of the coalition's private network, for those who
// can open it. Its zero value is none.
type NetworkKey struct {
	From   Date   // the day on which it takes the place of the one before
	Sealed string // base64 of an age file of 32 bytes, to the box keys of the active members
}

// Remove ends a seat. A later Admit of the same member key resumes it. The key keeps the
// removed member, who knows the one before, from even reaching the others.
type Remove struct {
	Member Slug
	Key    NetworkKey
}

// RotateKey gives the coalition another network key and does nothing else.
type RotateKey struct{ NetworkKey }

// ReplaceNode gives a member a new node key and addresses.
type ReplaceNode struct {
	Member    Slug
	NodeKey   string
	Addresses []string
}

// ReplaceMember gives a member a new member key and box key; its feed and ledger go on
// from the named head.
type ReplaceMember struct {
	Member    Slug
	MemberKey string
	BoxKey    string
	Sequence  uint64
	Head      Hash
}

// SetAdmins replaces admins and threshold; the old and the new threshold sign.
type SetAdmins struct {
	Threshold int
	Admins    []string
}

// AdoptPlan puts a plan in force for periods that start at least 7 days after the act.
type AdoptPlan struct{ Plan Plan }

// RetirePlan ends the plan in force, likewise.
type RetirePlan struct{ Plan Hash }

// MaxKeyNotice is how many days after its act a network key may begin.
const MaxKeyNotice = 30

// PlanNotice is how many days before its first period a plan must have been adopted.
const PlanNotice = 7

// Kind of each body.
func (Charter) Kind() Kind     { return KindCharter }
func (Act) Kind() Kind         { return KindAct }
func (Request) Kind() Kind     { return KindRequest }
func (Declaration) Kind() Kind { return KindDeclaration }
func (Intent) Kind() Kind      { return KindIntent }
func (Release) Kind() Kind     { return KindRelease }
func (Void) Kind() Kind        { return KindVoid }
func (Notice) Kind() Kind      { return KindNotice }
func (Check) Kind() Kind       { return KindCheck }
func (Head) Kind() Kind        { return KindHead }

// Verb of each change.
func (Admit) Verb() string         { return "admit" }
func (Suspend) Verb() string       { return "suspend" }
func (Resume) Verb() string        { return "resume" }
func (Remove) Verb() string        { return "remove" }
func (ReplaceNode) Verb() string   { return "replace-node" }
func (ReplaceMember) Verb() string { return "replace-member" }
func (SetAdmins) Verb() string     { return "admins" }
func (AdoptPlan) Verb() string     { return "adopt-plan" }
func (RetirePlan) Verb() string    { return "retire-plan" }
func (RotateKey) Verb() string     { return "rotate-key" }
