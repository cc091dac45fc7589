package dashboard

import (
	"context"
	"errors"

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

// What the sources report where a page says something else than "fault".
var (
	ErrNoCoalition = errors.New("this node is in no coalition yet")
	ErrApart       = errors.New("another process holds the vault and counts the cases")
	ErrPinUnknown  = errors.New("the pin names releases that are not here")
	ErrPinOther    = errors.New("the pin names another history")
	ErrNoNote      = errors.New("no such note is here")
)
