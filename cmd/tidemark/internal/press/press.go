package press

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"tidemark/cmd/tidemark/internal/screen"
	"tidemark/dashboard/brief"
	"tidemark/dashboard/view"
	"tidemark/dashboard/words"
	"tidemark/node"
	"tidemark/schema"
	"tidemark/schema/bundle"
)

// Press makes the briefs of one node.
type Press struct {
	Node   *node.Node
	Screen *screen.Screen
	Now    func() time.Time
	Dir    string // of the node; the drafts of the pages lie in it
}

// Gather makes a brief out of what this node knows, or knew at the spec's pin.
func (p *Press) Gather(s *brief.Spec) (*brief.Gathered, error) {
	snapshot, err := p.snapshot(s.Pin)
	if err != nil {
		return nil, err
	}
	languages, err := words.Load(snapshot.Codebook)
	if err != nil {
		return nil, err
	}
	live, err := p.Screen.Snapshot()
	if err != nil {
		return nil, err
	}
	return brief.Gather(brief.Source{Snapshot: snapshot, Live: live, Languages: languages, Today: p.today()}, s)
}

func (p *Press) today() schema.Date { return schema.DateOf(p.Now()) }

func (p *Press) snapshot(pin string) (*view.Snapshot, error) {
	if pin == "" {
		return p.Screen.Snapshot()
	}
	return p.Screen.At(pin)
}

// Bind verifies answers to a brief.
func (p *Press) Bind(g *brief.Gathered, answers [][]byte) ([]brief.Bound, error) {
	id, err := g.ID()
	if err != nil {
		return nil, err
	}
	var out []brief.Bound
	for i, raw := range answers {
		a, err := brief.ParseAnswer(raw)
		if err != nil {
			return nil, fmt.Errorf("answer %d: %w", i+1, err)
		}
		bound, err := a.Bind(g.Source.Snapshot.State.Ring(), id)
		if err != nil {
			return nil, fmt.Errorf("answer %d: %w", i+1, err)
		}
		out = append(out, bound)
	}
	return out, nil
}

// Agree makes this member's answer to a brief: its pin names the releases, so that what is
// signed here is what was built there.
func (p *Press) Agree(ctx context.Context, g *brief.Gathered, annex bool) ([]byte, error) {
	if err := g.Agreeable(p.Node.Slug()); err != nil {
		return nil, err
	}
	id, err := g.ID()
	if err != nil {
		return nil, err
	}
	made, err := p.Node.AgreeTo(ctx, id, annex)
	if err != nil {
		return nil, err
	}
	return view.JSON(brief.Answer{Key: made.Key, Note: string(made.Note), Answer: string(made.Answer)})
}

// Hold signs a documented case of a spec as its holder.
func (p *Press) Hold(ctx context.Context, c brief.Case) (brief.Case, error) {
	holding, err := c.Holding()
	if err != nil {
		return c, err
	}
	made, err := p.Node.Hold(ctx, holding)
	if err != nil {
		return c, err
	}
	return c.Held(made.Key, made.Note), nil
}

// Annex is the sealed annex: every note behind the figures, the members' answers, and the
// spec, for age recipients. Everybody whose notes are in it has said yes to that.
func (p *Press) Annex(g *brief.Gathered, spec []byte, answers []brief.Bound, recipients ...string) ([]byte, error) {
	if g.Spec.Loose() {
		return nil, brief.ErrLoose
	}
	pin, err := node.ParsePin(g.Spec.Pin)
	if err != nil {
		return nil, err
	}
	members, err := letGo(g, answers)
	if err != nil {
		return nil, err
	}
	b, err := p.Node.Annex(pin, g.Periods, members)
	if err != nil {
		return nil, err
	}
	for _, a := range answers {
		b.Notes = append(b.Notes, a.Raw)
	}
	b.Sealed = append(b.Sealed, bundle.Item{Name: annexSpec, Data: spec})
	var out bytes.Buffer
	if err := bundle.Seal(&out, b, recipients...); err != nil {
		return nil, fmt.Errorf("annex: %w", err)
	}
	return out.Bytes(), nil
}

const annexSpec = "brief.yaml"

// letGo lists the contributors, all of whom must have let their notes go.
func letGo(g *brief.Gathered, answers []brief.Bound) ([]schema.Slug, error) {
	yes := map[schema.Slug]bool{}
	for _, a := range answers {
		yes[a.Member] = a.Annex
	}
	for _, m := range g.Contributors {
		if !yes[m] {
			return nil, fmt.Errorf("annex: %s has not let its notes go; ask it, or leave it out of the brief", m)
		}
	}
	return g.Contributors, nil
}

// Pin writes into a spec's text which releases and which day it is about, where it does not
// say so yet. The rest of the text stays as it was typed.
func (p *Press) Pin(s *brief.Spec, text []byte) ([]byte, error) {
	snapshot, err := p.snapshot(s.Pin)
	if err != nil {
		return nil, err
	}
	var head bytes.Buffer
	if s.Pin == "" {
		fmt.Fprintf(&head, "pin: %s\n", snapshot.Pin)
	}
	if s.Date == "" {
		fmt.Fprintf(&head, "date: %s\n", p.today())
	}
	pinned := append(head.Bytes(), text...)
	if _, err := brief.ParseSpec(pinned); err != nil {
		return nil, err
	}
	return pinned, nil
}
