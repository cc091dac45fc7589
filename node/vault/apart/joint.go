package apart

import (
	"context"
	"fmt"

	"tidemark/node/vault"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// What joint rounds ask of a vault. It sees to it that it agrees once and sums once; the
// shares that a keeper opens never come here.

func contribute(ctx context.Context, v *vault.Vault, st *coalition.State, a contributeArgs) (any, error) {
	return noted(v.Contribute(ctx, st, a.Due, a.Keys, a.Heads))
}

func attest(ctx context.Context, v *vault.Vault, st *coalition.State, a textArgs) (any, error) {
	said, err := read[schema.InRound](a)
	if err != nil {
		return nil, err
	}
	return noted(v.Attest(ctx, st, said))
}

func propose(ctx context.Context, v *vault.Vault, st *coalition.State, a textArgs) (any, error) {
	agreement, err := read[schema.Agreement](a)
	if err != nil {
		return nil, err
	}
	return noted(v.Propose(ctx, st, agreement))
}

// read takes a body of one kind from its text.
func read[B schema.Body](a textArgs) (B, error) {
	body, err := wire.Parse(a.Text)
	if err != nil {
		return *new(B), err
	}
	b, ok := body.(B)
	if !ok {
		return b, fmt.Errorf("a %s is not what is said here", body.Kind())
	}
	return b, nil
}

func agree(ctx context.Context, v *vault.Vault, st *coalition.State, a noteArgs) (any, error) {
	return noted(v.Agree(ctx, st, a.Note))
}

func sum(ctx context.Context, v *vault.Vault, st *coalition.State, a sumArgs) (any, error) {
	var scalars [][schema.ScalarSize]byte
	for _, s := range a.Scalars {
		if len(s) != schema.ScalarSize {
			return nil, fmt.Errorf("sum: a scalar of %d bytes", len(s))
		}
		scalars = append(scalars, [schema.ScalarSize]byte(s))
	}
	return noted(v.Sum(ctx, st, a.Agreement, scalars, a.Heads))
}

func ended(ctx context.Context, v *vault.Vault, st *coalition.State, a noteArgs) (any, error) {
	return noArgs{}, v.Ended(ctx, st, a.Note)
}
