package apart

import (
	"context"
	"errors"
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
	body, err := wire.Parse(a.Text)
	if err != nil {
		return nil, err
	}
	said, ok := body.(schema.InRound)
	if !ok {
		return nil, errors.New("attest: of no joint round")
	}
	return noted(v.Attest(ctx, st, said))
}

func propose(ctx context.Context, v *vault.Vault, st *coalition.State, a textArgs) (any, error) {
	body, err := wire.Parse(a.Text)
	if err != nil {
		return nil, err
	}
	agreement, ok := body.(schema.Agreement)
	if !ok {
		return nil, errors.New("propose: no agreement")
	}
	return noted(v.Propose(ctx, st, agreement))
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
