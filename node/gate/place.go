package gate

import (
	"tidemark/schema"
	"tidemark/schema/wire"
)

// asStatement reads a parcel of one note: a declaration, a void, a notice or a capacity.
func (a Accepted) asStatement() (Accepted, error) {
	body, ok := a.notes[0].Body().(schema.Linked)
	if !ok || body.Kind() == schema.KindRelease || body.Kind() == schema.KindSum {
		return Accepted{}, invalid("parcel: a lone note that stands in no feed by itself")
	}
	a.stand(body, a.notes[0].ID())
	if v, ok := body.(schema.Void); ok {
		a.place.Plan, a.place.Period, a.place.Intent = v.Plan, v.Period, v.Intent
	}
	return a, nil
}

func (a *Accepted) stand(body schema.Linked, id schema.Hash) {
	link := body.Place()
	a.member, a.sequence, a.id = link.Member, link.Sequence, id
	a.place = Place{ID: id, Previous: link.Previous, Kind: body.Kind()}
}

func (c check) statement(a Accepted) error {
	body := a.notes[0].Body().(schema.Linked)
	m, err := c.author(body.Place().Coalition, a.member, a.sequence, a.notes[0])
	if err != nil {
		return err
	}
	if err := c.stands(m, a, a.notes[0]); err != nil {
		return err
	}
	return c.says(m, body)
}

// says checks what the note itself states (14 to 17).
func (c check) says(m *schema.Member, body schema.Linked) error {
	switch b := body.(type) {
	case schema.Declaration:
		if b.Share < 0 || b.Share > schema.MaxCap {
			return invalid("declaration: share: want 0 to %d", schema.MaxCap)
		}
	case schema.Void:
		plan, err := c.owed(m, b.Plan, b.Period)
		if err != nil {
			return err
		}
		if b.Charge != plan.Charge(b.Period.Cadence()) {
			return invalid("void: charge differs from the plan's")
		}
	case schema.Notice:
		return c.notice(b)
	case schema.Capacity:
		return c.capacity(b)
	}
	return nil
}

// capacity holds what a member offers against the clock and the codebook (17).
func (c check) capacity(b schema.Capacity) error {
	if b.Date > schema.DateOf(c.now)+1 {
		return refuse(ErrEarly, "capacity: dated after tomorrow")
	}
	cb := c.view.Codebook()
	if cb == nil {
		return refuse(ErrUnknown, "codebook: not there")
	}
	if err := b.CheckCodes(cb); err != nil {
		return invalid("capacity: %w", err)
	}
	return nil
}

func (c check) notice(n schema.Notice) error {
	feed := c.view.Feed(n.Member)
	for _, p := range feed.Places {
		if p.Kind == schema.KindRelease && p.ID == n.Release {
			return nil
		}
	}
	if holes := feed.Holes(); len(holes) > 0 {
		return &Gap{Member: n.Member, Sequence: holes[0]}
	}
	return invalid("notice: the feed has no such release")
}

// author finds the seat that a note names and checks that its own key signed: the key
// before the last replacement up to the named head, the present one after it (7).
func (c check) author(coalition schema.Hash, member schema.Slug, sequence uint64, note wire.Verified) (*schema.Member, error) {
	if coalition != c.state.ID() {
		return nil, invalid("%s: of another coalition", note.Body().Kind())
	}
	m := c.state.Roster().Member(member)
	if m == nil {
		return nil, refuse(ErrUnknown, "%s: its member has no seat", note.Body().Kind())
	}
	for _, key := range note.Signers() {
		slug, err := wire.SlugOf(key)
		if err != nil {
			return nil, invalid("%s: %w", note.Body().Kind(), err)
		}
		if slug != member {
			continue
		}
		if (key == m.MemberKey) == (sequence > m.Sequence) {
			return m, nil
		}
	}
	return nil, invalid("%s: not signed with the member's key of its sequence", note.Body().Kind())
}

// stands checks that the place is free and follows the feed's head, or fills a hole; of
// a feed in dispute nothing more is taken (12, 13, 22).
func (c check) stands(m *schema.Member, a Accepted, statement wire.Verified) error {
	if a.sequence == 1 && a.place.Kind != schema.KindDeclaration {
		return invalid("feed: its first note is no declaration")
	}
	feed := c.view.Feed(a.member)
	stored, taken := feed.At(a.sequence)
	if taken && stored.ID == a.id {
		return ErrStale
	}
	if a.sequence == m.Sequence && a.id != m.Head {
		return ErrStale // the act that replaced the key has decided for another note
	}
	if err := c.contradicts(m, feed, a, statement); err != nil {
		return err
	}
	if disputed := feed.disputed(m); disputed != 0 && a.sequence >= disputed {
		return ErrEquivocation
	}
	return follows(feed, a)
}

// follows holds a note against its neighbours.
func follows(feed Feed, a Accepted) error {
	head, _ := feed.Head()
	if a.sequence > head+1 {
		return &Gap{Member: a.member, Sequence: head + 1}
	}
	before, known := feed.At(a.sequence - 1)
	if a.sequence > 1 && !known {
		return &Gap{Member: a.member, Sequence: a.sequence - 1}
	}
	if before.ID != a.place.Previous {
		if a.sequence == 1 {
			return invalid("feed: its first note names one before")
		}
		return &Gap{Member: a.member, Sequence: a.sequence - 1, Fork: true}
	}
	if after, known := feed.At(a.sequence + 1); known && after.Previous != a.id {
		return &Gap{Member: a.member, Sequence: a.sequence + 1, Fork: true}
	}
	return nil
}
