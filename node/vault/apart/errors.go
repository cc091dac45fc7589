package apart

import (
	"context"
	"errors"

	"tidemark/node/vault"
)

// refusal is an error on its way: its words, and which of the vault's errors it is.
type refusal struct {
	Text string   `json:"text"`
	Is   []string `json:"is,omitempty"`
}

// names are the errors that a caller branches on (A6).
var names = []struct {
	name string
	err  error
}{
	{"journal", vault.ErrJournal},
	{"disk", vault.ErrDisk},
	{"codebook", vault.ErrCodebook},
	{"too-early", vault.ErrTooEarly},
	{"too-few", vault.ErrTooFew},
	{"cap", vault.ErrCap},
	{"not-due", vault.ErrNotDue},
	{"joint", vault.ErrJoint},
	{"closed", vault.ErrClosed},
	{"agreed", vault.ErrAgreed},
	{"order", vault.ErrOrder},
	{"consent", vault.ErrConsent},
	{"quorum", vault.ErrQuorum},
	{"unconfirmed", vault.ErrUnconfirmed},
	{"behind", vault.ErrBehind},
	{"lost", vault.ErrLost},
	{"countersigned", vault.ErrCountersigned},
	{"abstains", vault.ErrAbstains},
	{"apart", vault.ErrApart},
	{"not-joined", ErrNotJoined},
	{"canceled", context.Canceled},
	{"deadline", context.DeadlineExceeded},
}

// ErrNotJoined: the vault serves the one coalition that its operator has joined, and no
// log that parts from the one that it knows.
var ErrNotJoined = errors.New("not the coalition that this vault has joined")

// ErrNoRule: the kernel was not asked to keep this process from the network.
var ErrNoRule = errors.New("on this system no rule of the kernel keeps the vault from the network")

func refuse(err error) *refusal {
	r := &refusal{Text: err.Error()}
	for _, n := range names {
		if errors.Is(err, n.err) {
			r.Is = append(r.Is, n.name)
		}
	}
	return r
}

// Error is what the vault has said.
func (r *refusal) Error() string { return r.Text }

// Unwrap gives the errors by name; a name that this side does not know is left out.
func (r *refusal) Unwrap() []error {
	var all []error
	for _, is := range r.Is {
		for _, n := range names {
			if n.name == is {
				all = append(all, n.err)
			}
		}
	}
	return all
}
