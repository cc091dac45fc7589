// Package schema holds the words of Tidemark as types. It is the first thing to read.
//
// # The way of one case
//
// An organisation keeps its cases in a case system. An export of it is read by
// node/intake, row by row, and schema/mapping turns each row into a [Record]: coded by
// the [Codebook], dated, under keyed hashes instead of names. Records rest sealed in
// node/vault and never leave it.
//
// The members of a coalition have agreed on a [Plan]: which tables, how often, with how
// much noise. When a [Period] has ended, the member asks its witnesses by a [Check] what
// they know of its feed; each answers with a [Head]. If nothing is missing here, the vault
// reserves the plan's [Charge] in its ledger, aggregation counts people into the plan's
// tables, a child process that sees no data draws the noise, and the sum of both is signed
// as a [Release]: a page of text. It is drawn once. An [Intent] names the release by its
// hash, and a quorum of the witnesses countersigns it: one for each period, ever.
//
// At the plan's slot release and intent go out together, over gossip, catch-up or a
// USB stick. Every peer verifies them (schema/wire), lets them through its gate
// (node/gate), keeps them (node/feeds), and adds up what the members released
// (aggregation/combine): an estimate with an interval. From there it becomes a sentence
// and a chart (dashboard/view, dashboard/chart), a page, a figure, a line of a brief, and
// anyone can walk the way back as far as the notes. Nobody can walk it back to a case.
//
// # Words
//
//	case          a row in the case system
//	record        a mapped case: coded, dated, pseudonymous; local
//	person        the privacy unit: one person at risk, per member
//	codebook      dimensions with their codes; an axis is a dimension at its codes or at a roll-up
//	table, cell   a one-way or two-way marginal over axes; one of its partitions
//	plan          tables, cadence, noise, charge, slot; fixed before the data is drawn
//	period, slot  a calendar quarter or year; the moment its release goes out
//	measure, unit how a table counts; 1/60 of a person
//	draw, release the noise is drawn once; the signed page that carries its tables
//	charge, ledger, budget   privacy spent, in nano-mu^2; the sum of charges; its cap
//	member, member key, node key   who the organisation is; who may connect
//	charter, act, roster, admin    how a coalition starts, changes, and who is in it
//	note, feed, head   a signed text; a member's numbered chain of notes; its last one
//	check              what a member asks its witnesses before it draws
//	intent, witness    what a release will be; who has countersigned it
//	capacity, offer    what a member says that it offers to people who ask; it speaks of no case
//	desk, alarm        what is under way about a member; two copies of its folder at work
//	joint round, keeper   of a period only the sum over members is opened; who opens it, together
//	contribution, share   a member's one message in it, tables with a part of the noise; what one keeper can open of it
//	agreement, sum     whose contributions are summed; what a keeper gives to the opening
//	gate               acceptance of a note against what is known
//	pin                the releases that a permanent link is about
//	estimate, interval, band, coverage   what a reader is told
//	figure, evidence   a chart or table at a stable address; the notes behind it
//
// # What this package must not do
//
// It knows no files, no network, no clock and no randomness, and imports nothing of
// ours. Packages below it: mapping (rows to records), wire (notes), spoken (eight words
// for a hash), coalition (the fold of the acts), bundle (notes in a zip), fiction
// (invented organisations for the demo and the tests). SPEC.md beside this file is the
// format others may rely on.
package schema
