package dashboard

import (
	"context"
	"errors"

	"tidemark/dashboard/brief"
	"tidemark/dashboard/view"
	"tidemark/schema"
)

// Coalition is what the pages read of the coalition. Calls may come from several
// goroutines.
type Coalition interface {
	// Snapshot is what is known now. It is cheap where nothing has changed, and the same
	// value then. ErrNoCoalition before there is one.
	Snapshot() (*view.Snapshot, error)
	// At is what was known at a pin, or ErrPinUnknown, or ErrPinOther.
	At(pin string) (*view.Snapshot, error)
	// Note finds any stored note by its id, or ErrNoNote.
	Note(id schema.Hash) (view.Note, error)
}

// Own is what only this member may see. Calls may come from several goroutines.
type Own interface {
	// Self is who this node is. It is cheap.
	Self() view.Self
	// Standing is how this node stands.
	Standing(context.Context) (view.Standing, error)
	// Board is the exact count of the own cases, without noise.
	Board(context.Context, schema.Table, schema.Period) (view.Board, error)
	// Preview is the note that a period's release would be, with every cell as a dot.
	Preview(context.Context, schema.Period) (string, error)
}

// Governance is how this member takes part in what the coalition decides. Calls may come
// from several goroutines.
type Governance interface {
	// Governing is what waits to be decided.
	Governing(context.Context) (view.Governing, error)
	// Look says what a proposal from a file is and what it lacks. Nothing is signed.
	Look(note []byte) (view.Proposal, error)
	// Cosign adds this member's line to a proposal, and adopts it if none is missing then.
	Cosign(ctx context.Context, note []byte) (view.Adopted, error)
	// Consent lets this member release by an adopted plan.
	Consent(ctx context.Context, plan schema.Hash) error
}

// Admin is what an admin does. Whoever is none gets errors.
type Admin interface {
	// Admission is the change that seats who asks, once the request's words were heard;
	// ErrWords if they are another's. A zero quarter: the plan's first.
	Admission(request []byte, words string, first schema.Period) (schema.Admit, error)
	// Invite returns the invitation of a member that is seated, sealed to it.
	Invite(ctx context.Context, request []byte, words string) ([]byte, error)
	// NetworkKey makes a network key that begins so many days from now, for the members
	// that are active once one of them (empty: none) is removed.
	NetworkKey(removed schema.Slug, days int) (schema.NetworkKey, error)
	// Propose signs the next act, and adopts it if nobody else's line is needed.
	Propose(context.Context, schema.Change) (view.Adopted, error)
}

// Briefs are the drafts that this node keeps, sealed on its disk, and what is done with
// them. Calls may come from several goroutines.
type Briefs interface {
	// Drafts lists the names of those that are kept, in order.
	Drafts() ([]string, error)
	// Draft is a kept one, or ErrNoDraft.
	Draft(name string) (brief.Draft, error)
	// Keep puts a draft in the place of the one before.
	Keep(name string, d brief.Draft) error
	Drop(name string) error
	// Gather makes the brief of a spec out of the releases that its pin names.
	Gather(*brief.Spec) (*brief.Gathered, error)
	// Pin writes into a spec's text which releases and which day it is about.
	Pin(s *brief.Spec, text []byte) ([]byte, error)
	// Bind verifies the answers to a brief.
	Bind(g *brief.Gathered, answers [][]byte) ([]brief.Bound, error)
	// Agree makes this member's own answer.
	Agree(ctx context.Context, g *brief.Gathered, annex bool) ([]byte, error)
	// Hold says that this member holds a documented case.
	Hold(context.Context, brief.Case) (brief.Case, error)
	// Write writes a brief; PDF needs a browser on this machine.
	Write(ctx context.Context, g *brief.Gathered, b *brief.Brief, format, language string) ([]byte, error)
	// Annex seals the notes behind a brief for named readers.
	Annex(g *brief.Gathered, spec []byte, answers []brief.Bound, recipients ...string) ([]byte, error)
	// Verify checks a file that somebody was given, with its annex if there is one, and the
	// text of the age key file that opens it.
	Verify(file, annex []byte, key, language string) (*brief.Report, error)
}

// What the sources report where a page says something else than "fault".
var (
	ErrNoCoalition = errors.New("this node is in no coalition yet")
	ErrApart       = errors.New("another process holds the vault and counts the cases")
	ErrPinUnknown  = errors.New("the pin names releases that are not here")
	ErrPinOther    = errors.New("the pin names another history")
	ErrNoNote      = errors.New("no such note is here")
	ErrNoDraft     = errors.New("no such draft is kept here")
	ErrWords       = errors.New("the words are not those of this request")
)
