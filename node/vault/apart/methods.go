package apart

import (
	"context"
	"encoding/json"

	"tidemark/node/vault"
	"tidemark/schema"
	"tidemark/schema/coalition"
)

// method is one thing that may be asked for.
type method struct {
	stateful bool // it is about a coalition, whose log comes before it
	do       func(context.Context, *server, *coalition.State, json.RawMessage) (any, error)
}

// methods is everything that the process with the network can get from a vault apart (A5).
// No answer tells more than the notes that leave anyway, but for the box identity, which
// opens what members share. What is missing here stays where the vault is: cases, boards,
// counts, keys, and what only an operator says.
var methods = map[string]method{
	"self":        plain(self),
	"standing":    plain(standing),
	"feed":        plain(feed),
	"codebook":    plain(codebook),
	"declare":     about(declare),
	"ask":         about(ask),
	"renew":       about(renew),
	"step":        about(step),
	"publish":     about(publish),
	"preview":     about(preview),
	"adopt":       about(adopt),
	"contribute":  about(contribute),
	"attest":      about(attest),
	"propose":     about(propose),
	"agree":       about(agree),
	"sum":         about(sum),
	"ended":       about(ended),
	"countersign": about(countersign),
	"answer":      about(answerCheck),
}

func plain[T any](do func(*server, T) (any, error)) method {
	return method{do: func(_ context.Context, s *server, _ *coalition.State, args json.RawMessage) (any, error) {
		var t T
		if err := strict(args, &t); err != nil {
			return nil, err
		}
		return do(s, t)
	}}
}

func about[T any](do func(context.Context, *vault.Vault, *coalition.State, T) (any, error)) method {
	return method{stateful: true, do: func(ctx context.Context, s *server, st *coalition.State, args json.RawMessage) (any, error) {
		var t T
		if err := strict(args, &t); err != nil {
			return nil, err
		}
		return do(ctx, s.vault, st, t)
	}}
}

func self(s *server, _ noArgs) (any, error) {
	v := s.vault
	return selfResult{v.Slug(), v.MemberKey(), v.BoxKey(), v.BoxIdentity()}, nil
}

func standing(s *server, _ noArgs) (any, error) {
	v := s.vault
	r := standingResult{Restored: v.Restored(), Slots: v.Slots(), Consents: v.Consents()}
	r.Head, r.Note = v.Head()
	for e, times := range v.Ledger().Drawn() {
		r.Spent = append(r.Spent, spent{e.Coalition, e.Plan, e.Period, e.Charge, times})
	}
	return r, nil
}

// feed gives a page of the own feed, from a parcel on; an empty one is the end.
func feed(s *server, a feedArgs) (any, error) {
	page, size, i := parcelsArgs{}, 0, 0
	for raw, err := range s.vault.Feed() {
		if err != nil {
			return nil, err
		}
		if i++; i <= a.From {
			continue
		}
		page.Parcels = append(page.Parcels, raw)
		if size += len(raw); size >= maxPage {
			break
		}
	}
	return page, nil
}

// codebook offers a codebook. The vault gets it with the coalition whose charter names it:
// whether another one would fit the cases is nobody's to ask.
func codebook(s *server, a codebookArgs) (any, error) {
	cb, err := schema.ParseCodebook(a.Codebook)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codebook = cb
	return noArgs{}, nil
}

func declare(ctx context.Context, v *vault.Vault, st *coalition.State, _ noArgs) (any, error) {
	return noted(v.Declare(ctx, st))
}

func ask(ctx context.Context, v *vault.Vault, st *coalition.State, _ noArgs) (any, error) {
	return noted(v.Ask(ctx, st))
}

func renew(ctx context.Context, v *vault.Vault, st *coalition.State, _ noArgs) (any, error) {
	return noArgs{}, v.Renew(ctx, st)
}

func step(ctx context.Context, v *vault.Vault, st *coalition.State, a stepArgs) (any, error) {
	return v.Step(ctx, st, a.Due, a.Heads)
}

func publish(ctx context.Context, v *vault.Vault, st *coalition.State, a publishArgs) (any, error) {
	return noted(v.Publish(ctx, st, a.Due, a.Intent))
}

func preview(ctx context.Context, v *vault.Vault, st *coalition.State, a dueArgs) (any, error) {
	text, err := v.Preview(ctx, st, a.Due)
	return noted([]byte(text), err)
}

func adopt(ctx context.Context, v *vault.Vault, st *coalition.State, a parcelsArgs) (any, error) {
	return noArgs{}, v.Adopt(ctx, st, a.Parcels)
}

func countersign(ctx context.Context, v *vault.Vault, st *coalition.State, a noteArgs) (any, error) {
	return noted(v.Countersign(ctx, st, a.Note))
}

func answerCheck(ctx context.Context, v *vault.Vault, st *coalition.State, a answerArgs) (any, error) {
	return noted(v.Answer(ctx, st, a.Check, a.Sequence, a.Last))
}

func noted(raw []byte, err error) (any, error) { return noteArgs{raw}, err }
