package node

import (
	"fmt"
	"slices"

	"tidemark/aggregation/combine"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// Book is what the coalition's members have released, as this node knows it, ready to
// be asked.
func (n *Node) Book() (*combine.Book, error) {
	st, err := n.coalition()
	if err != nil {
		return nil, err
	}
	c := combine.Config{
		Codebook: n.Codebook(), Plans: map[schema.Hash]schema.Plan{}, Owed: n.owed(st),
		Withdrawn: map[schema.Hash]schema.NoticeReason{},
	}
	for _, o := range c.Owed {
		c.Plans[o.Plan], _ = st.Plan(o.Plan)
	}
	var contributions []combine.Contribution
	for p, err := range n.feeds.All() {
		if err != nil {
			return nil, fmt.Errorf("trends: %w", err)
		}
		switch p.Place.Kind {
		case schema.KindRelease:
			one, err := n.contribution(st, p.Raw)
			if err != nil {
				return nil, fmt.Errorf("trends: %s %d: %w", p.Member, p.Sequence, err)
			}
			contributions = append(contributions, one)
		case schema.KindNotice:
			if err := withdrawn(st, p.Raw, c.Withdrawn); err != nil {
				return nil, fmt.Errorf("trends: %s %d: %w", p.Member, p.Sequence, err)
			}
		}
	}
	return combine.NewBook(c, contributions)
}

func (n *Node) contribution(st *coalition.State, parcel []byte) (combine.Contribution, error) {
	note, err := ReleaseNote(st, parcel)
	if err != nil {
		return combine.Contribution{}, err
	}
	plan, ok := st.Plan(note.Body().(schema.Release).Plan)
	if !ok {
		return combine.Contribution{}, fmt.Errorf("its plan was never adopted")
	}
	return combine.NewContribution(note, n.Codebook(), plan)
}

func withdrawn(st *coalition.State, parcel []byte, into map[schema.Hash]schema.NoticeReason) error {
	notes, err := wire.Unpack(parcel)
	if err != nil {
		return err
	}
	v, err := wire.Verify(notes[0], st.Ring())
	if err != nil {
		return err
	}
	if notice, ok := v.Body().(schema.Notice); ok {
		into[notice.Release] = notice.Reason
	}
	return nil
}

// owed lists every period whose slot has come with the members who owe it.
func (n *Node) owed(st *coalition.State) []combine.Owed {
	at := map[schema.Period]int{}
	var owed []combine.Owed
	for _, m := range st.Roster().Members {
		for _, due := range st.Due(m.Slug, n.cfg.Now()) {
			i, known := at[due.Period]
			if !known {
				i = len(owed)
				at[due.Period] = i
				owed = append(owed, combine.Owed{Period: due.Period, Plan: due.Plan})
			}
			owed[i].Members = append(owed[i].Members, m.Slug)
		}
	}
	slices.SortFunc(owed, func(a, b combine.Owed) int {
		if a.Period.Before(b.Period) {
			return -1
		}
		return 1
	})
	return owed
}
