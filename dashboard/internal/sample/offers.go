package sample

import (
	"context"

	"tidemark/dashboard/view"
	"tidemark/schema"
	"tidemark/schema/wire"
)

// declare lets the members say what they offer; the third said it long ago.
func (c *Coalition) declare() error {
	if c.cfg.Codebook.Dimension(schema.NeedDimension) < 0 {
		return nil
	}
	today := schema.DateOf(Now)
	for i, o := range c.World.Organisations {
		offer, said := c.World.Offer(i, schema.PeriodOf(today, schema.Quarterly))
		if !said {
			continue
		}
		date := today - 40
		if i == 2 {
			date -= 200
		}
		if err := c.say(i, schema.Capacity{Link: c.link(o.Slug), Date: date, Offer: offer}); err != nil {
			return err
		}
	}
	return nil
}

func (c *Coalition) link(member schema.Slug) schema.Link {
	return schema.Link{Coalition: c.snapshot.State.ID(), Member: member, Sequence: 20, Previous: schema.Hash{20}}
}

func (c *Coalition) say(i int, said schema.Capacity) error {
	raw, err := wire.Sign(said, c.signers[i])
	if err != nil {
		return err
	}
	v, err := wire.Verify(raw, c.snapshot.State.Ring())
	if err != nil {
		return err
	}
	c.keep(v, said.Member, said.Sequence, schema.Hash{})
	c.snapshot.Declared = append(c.snapshot.Declared, view.Declared{Note: v.ID(), Capacity: said})
	return nil
}

// WriteCapacity is the note that would be said.
func (c *Coalition) WriteCapacity(_ context.Context, o schema.Offer) (schema.Capacity, error) {
	if err := o.CheckCodes(c.cfg.Codebook); err != nil {
		return schema.Capacity{}, err
	}
	return schema.Capacity{Link: c.link(c.Self().Slug), Date: schema.DateOf(Now), Offer: o}, nil
}

// SayCapacity remembers that it was asked.
func (c *Coalition) SayCapacity(_ context.Context, said schema.Capacity) error {
	text, err := wire.Text(said)
	c.Done = append(c.Done, text)
	return err
}
