package node

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// Declared is what a member has said that it offers.
type Declared struct {
	Note schema.Hash
	schema.Capacity
}

// CheckOffer holds an offer against the codebook and the form of a note, and returns the
// lines that would say it.
func (n *Node) CheckOffer(o schema.Offer) (string, error) {
	if err := o.CheckCodes(n.Codebook()); err != nil {
		return "", fmt.Errorf("capacity: %w", err)
	}
	text, err := wire.Text(schema.Capacity{Link: schema.Link{Member: n.Slug(), Sequence: 1}, Date: schema.DateOf(n.cfg.Now()), Offer: o})
	if err != nil {
		return "", err
	}
	_, lines, _ := strings.Cut(text, "\nprevious ")
	_, lines, _ = strings.Cut(lines, "\n")
	return lines, nil
}

// WriteCapacity is the note by which this member would say what it offers, for a person
// to read before it is said. It says nothing but, where the feed is still empty, the
// feed's first note: what stands before a note is part of it.
func (n *Node) WriteCapacity(ctx context.Context, o schema.Offer) (schema.Capacity, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	st, err := n.coalition()
	if err != nil {
		return schema.Capacity{}, err
	}
	if _, err := n.CheckOffer(o); err != nil {
		return schema.Capacity{}, err
	}
	if err := n.adopt(ctx); err != nil {
		return schema.Capacity{}, err
	}
	if err := n.declare(ctx, st); err != nil {
		return schema.Capacity{}, err
	}
	head, id := n.feeds.Feed(n.Slug()).Head()
	l := schema.Link{Coalition: st.ID(), Member: n.Slug(), Sequence: head + 1, Previous: id}
	return schema.Capacity{Link: l, Date: schema.DateOf(n.cfg.Now()), Offer: o}, nil
}

// SayCapacity puts a note that WriteCapacity wrote into the own feed and sends it out. It
// waits so long for the witnesses' answers, if any other member is connected.
func (n *Node) SayCapacity(ctx context.Context, c schema.Capacity, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := n.say(ctx, "capacity declare", func(st *coalition.State) ([]byte, error) {
			return n.vault.Capacity(ctx, st, c, n.heads())
		})
		if !n.waits(nil, err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(settlePause):
		}
	}
}

// declared is the last that each active member has said of what it offers.
func (r *reader) declared(s scope) ([]Declared, error) {
	last := map[schema.Slug]wanted{}
	for _, w := range s.places(schema.KindCapacity, false) { // in the order of each feed
		last[w.member] = w
	}
	var all []wanted
	for _, m := range s.state.Roster().Members {
		if w, ok := last[m.Slug]; ok && m.Status == schema.Active {
			all = append(all, w)
		}
	}
	if err := r.load(s, r.unknown(all)); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []Declared
	for _, w := range all {
		if d, ok := r.offers[w.raw]; ok {
			out = append(out, d)
		}
	}
	return slices.Clip(out), nil
}
