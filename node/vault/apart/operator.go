package apart

import (
	"context"
	"fmt"
	"iter"

	"tidemark/node/vault"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/mapping"
)

// What follows is the operator's own. It is not asked for over the socket at all: each
// says that it is done where the vault is.

func apart(what string) error { return fmt.Errorf("%s: %w", what, vault.ErrApart) }

// Import takes no cases here.
func (*Client) Import(context.Context, schema.Protection, iter.Seq2[mapping.Case, error]) (vault.ImportReport, error) {
	return vault.ImportReport{}, apart("import")
}

// Withdraw deletes nothing from here.
func (*Client) Withdraw(context.Context, ...vault.Withdrawal) (int, error) {
	return 0, apart("withdraw")
}

// Board shows no own counts here.
func (*Client) Board(context.Context, schema.Table, schema.Period) (vault.Board, error) {
	return vault.Board{}, apart("board")
}

// Stats counts nothing here: the number of cases is exact.
func (*Client) Stats(context.Context) (vault.Stats, error) { return vault.Stats{}, apart("stats") }

// Sign signs nothing from here.
func (*Client) Sign(context.Context, schema.Body) ([]byte, error) { return nil, apart("sign") }

// Cosign adds no admin's line from here.
func (*Client) Cosign(context.Context, []byte) ([]byte, error) { return nil, apart("cosign") }

// Consent agrees to no plan from here.
func (*Client) Consent(context.Context, *coalition.State, schema.Hash) error { return apart("consent") }

// Notice says nothing of a release from here.
func (*Client) Notice(context.Context, *coalition.State, schema.Hash, schema.NoticeReason, [][]byte) ([]byte, error) {
	return nil, apart("notice")
}

// Capacity says nothing of the organisation from here.
func (*Client) Capacity(context.Context, *coalition.State, schema.Capacity, [][]byte) ([]byte, error) {
	return nil, apart("capacity")
}

// Void gives no release up from here.
func (*Client) Void(context.Context, *coalition.State, []byte) ([]byte, error) {
	return nil, apart("void")
}

// AgreeTo agrees to no brief from here.
func (*Client) AgreeTo(context.Context, *coalition.State, schema.Hash, bool) (vault.Made, error) {
	return vault.Made{}, apart("brief")
}

// Hold holds no case from here.
func (*Client) Hold(context.Context, *coalition.State, schema.Holding) (vault.Made, error) {
	return vault.Made{}, apart("brief")
}

// Print signs no printing from here.
func (*Client) Print(context.Context, *coalition.State, schema.Printing) ([]byte, error) {
	return nil, apart("brief")
}

// Backup writes nothing here.
func (*Client) Backup(context.Context, vault.PartWriter) error { return apart("backup") }

// Sheet is not written here.
func (*Client) Sheet() (vault.Sheet, error) { return vault.Sheet{}, apart("sheet") }

// Unlocks tries no passphrase from here.
func (*Client) Unlocks(string) bool { return false }
