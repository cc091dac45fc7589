package vault

import (
	"context"
	"fmt"

	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// Capacity puts what this member offers into its feed: the very note that a person has
// read, or none. It carries no data of a case. It returns the parcel; a second call with
// the same note returns the first one's. Like a notice it wants the witnesses' answers. If
// the feed has gone on, or the day is over, since the note was written, it is ErrOrder.
func (v *Vault) Capacity(ctx context.Context, st *coalition.State, said schema.Capacity, heads [][]byte) ([]byte, error) {
	return alone(v, "capacity", func() ([]byte, error) { return v.capacity(ctx, st, said, heads) })
}

func (v *Vault) capacity(ctx context.Context, st *coalition.State, said schema.Capacity, heads [][]byte) ([]byte, error) {
	text, err := wire.Text(said)
	if err != nil {
		return nil, err
	}
	if c := v.book.chains[st.ID()]; c != nil {
		if n, ok := c.offers[schema.HashOf([]byte(text))]; ok {
			return v.feed.parcel(v.book.parcels[n])
		}
	}
	if v.codebook == nil {
		return nil, fmt.Errorf("the codebook is not there")
	}
	if err := said.CheckCodes(v.codebook); err != nil {
		return nil, err
	}
	if err := v.fresh(st, said); err != nil {
		return nil, err
	}
	if err := v.spoken(st, heads); err != nil {
		return nil, err
	}
	return v.say(ctx, st, func(schema.Link) schema.Linked { return said })
}

// fresh refuses a note that was written for another place of the feed, or on another day.
func (v *Vault) fresh(st *coalition.State, said schema.Capacity) error {
	head, id := v.published(st)
	next := schema.Link{Coalition: st.ID(), Member: v.Slug(), Sequence: head + 1, Previous: id}
	if said.Link != next {
		return fmt.Errorf("%w: the feed has gone on since the note was written; write it anew", ErrOrder)
	}
	if today := schema.DateOf(v.cfg.Now()); said.Date != today {
		return fmt.Errorf("%w: the note is not of today; write it anew", ErrOrder)
	}
	return nil
}
