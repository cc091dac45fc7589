package node

import (
	"context"
	"iter"
	"time"

	"tidemark/aggregation/account"
	"tidemark/node/vault"
	"tidemark/node/vault/apart"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/mapping"
)

// vaultAPI is what a node and its screens ask of a vault: a *vault.Vault in this process,
// or an *apart.Client of one in a process of its own, which answers vault.ErrApart to what
// only the operator may do there. Calls may come from several goroutines.
type vaultAPI interface {
	seal
	drawer
	witness
	operator
	Close() error
}

// seal is who the member is.
type seal interface {
	Slug() schema.Slug
	MemberKey() string
	BoxKey() string
	BoxIdentity() string // opens what members share, never a case
}

// drawer is what leads to a release, and what has left.
type drawer interface {
	SetCodebook(*schema.Codebook) error
	Declare(context.Context, *coalition.State) ([]byte, error)
	Ask(context.Context, *coalition.State) ([]byte, error)
	Renew(context.Context, *coalition.State) error
	Step(ctx context.Context, st *coalition.State, due coalition.Due, heads [][]byte) (vault.Progress, error)
	Publish(ctx context.Context, st *coalition.State, due coalition.Due, intent []byte) ([]byte, error)
	Preview(context.Context, *coalition.State, coalition.Due) (string, error)
	Contribute(ctx context.Context, st *coalition.State, due coalition.Due, keys, heads [][]byte) ([]byte, error)
	Attest(ctx context.Context, st *coalition.State, body schema.InRound) ([]byte, error)
	Propose(ctx context.Context, st *coalition.State, a schema.Agreement) ([]byte, error)
	Agree(ctx context.Context, st *coalition.State, agreement []byte) ([]byte, error)
	Sum(ctx context.Context, st *coalition.State, agreement []byte, scalars [][schema.ScalarSize]byte, heads [][]byte) ([]byte, error)
	Ended(ctx context.Context, st *coalition.State, agreement []byte) error
	Adopt(ctx context.Context, st *coalition.State, parcels [][]byte) error
	Feed() iter.Seq2[[]byte, error]
	Head() (uint64, schema.Hash)
	Restored() time.Time
	Ledger() *account.Ledger
	Slots() []vault.Slot
	Consents() map[schema.Hash]bool
}

// witness is what is done for other members.
type witness interface {
	Countersign(ctx context.Context, st *coalition.State, intent []byte) ([]byte, error)
	Answer(ctx context.Context, st *coalition.State, check []byte, sequence uint64, last schema.Hash) ([]byte, error)
}

// operator is what only a person at the vault does.
type operator interface {
	Import(context.Context, schema.Protection, iter.Seq2[mapping.Case, error]) (vault.ImportReport, error)
	Withdraw(context.Context, ...vault.Withdrawal) (int, error)
	Board(context.Context, schema.Table, schema.Period) (vault.Board, error)
	Stats(context.Context) (vault.Stats, error)
	Sign(context.Context, schema.Body) ([]byte, error)
	Cosign(ctx context.Context, act []byte) ([]byte, error)
	Consent(ctx context.Context, st *coalition.State, plan schema.Hash) error
	Notice(ctx context.Context, st *coalition.State, release schema.Hash, reason schema.NoticeReason, heads [][]byte) ([]byte, error)
	Capacity(ctx context.Context, st *coalition.State, said schema.Capacity, heads [][]byte) ([]byte, error)
	Void(ctx context.Context, st *coalition.State, intent []byte) ([]byte, error)
	AgreeTo(ctx context.Context, st *coalition.State, brief schema.Hash, annex bool) (vault.Made, error)
	Hold(context.Context, *coalition.State, schema.Holding) (vault.Made, error)
	Print(context.Context, *coalition.State, schema.Printing) ([]byte, error)
	Backup(context.Context, vault.PartWriter) error
	Sheet() (vault.Sheet, error)
	Unlocks(passphrase string) bool
}

var (
	_ vaultAPI = (*vault.Vault)(nil)
	_ vaultAPI = (*apart.Client)(nil)
)
