package vault

import (
	"bytes"
	"errors"
	"testing"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// offering is what a member might say at the next place of its feed.
func (g *gathering) offering(v *Vault) schema.Capacity {
	sequence, id := v.Head()
	return schema.Capacity{
		Link: schema.Link{Coalition: g.st.ID(), Member: v.Slug(), Sequence: sequence + 1, Previous: id},
		Date: schema.DateOf(v.cfg.Now()), Offer: schema.Offer{Languages: []string{"es"}, Resources: []schema.Resource{{Link: "https://example.org/kit", Title: "A kit"}}},
	}
}

// offer asks the witnesses and speaks.
func (g *gathering) offer(v *Vault, said schema.Capacity) ([]byte, error) {
	heads, err := g.heads(v, quarter("2026-Q3"))
	if err != nil {
		return nil, err
	}
	return v.Capacity(background, g.st, said, heads)
}

func TestCapacity(t *testing.T) {
	v, g := shore(t)
	releasedIn(t, v, g, "2026-Q1")
	said := g.offering(v)
	raw, err := g.offer(v, said)
	must(t, err)
	notes, err := wire.Unpack(raw)
	must(t, err)
	if body, err := wire.Peek(notes[0]); err != nil || len(notes) != 1 || body.(schema.Capacity).Link != said.Link {
		t.Errorf("another note was signed: %v", err)
	}
	v = reopened(t, v)
	again, err := g.offer(v, said)
	if err != nil || !bytes.Equal(raw, again) {
		t.Errorf("the same note once more: %v", err)
	}
	if sequence, _ := v.Head(); sequence != said.Sequence {
		t.Errorf("the feed ends with %d", sequence)
	}
	later := g.offering(v)
	later.Languages = []string{"fr"}
	next, err := g.offer(v, later)
	if err != nil || bytes.Equal(next, raw) {
		t.Errorf("a later one: %v", err)
	}
}

// Nobody signs by one reading what stands at another place, or was read on another day.
func TestCapacityIsTheNoteThatWasRead(t *testing.T) {
	v, g := shore(t)
	releasedIn(t, v, g, "2026-Q1")
	for name, spoil := range map[string]func(*schema.Capacity){
		"another place":    func(c *schema.Capacity) { c.Sequence++ },
		"after other":      func(c *schema.Capacity) { c.Previous = schema.Hash{1} },
		"another member":   func(c *schema.Capacity) { c.Member = "north-wind" },
		"another day":      func(c *schema.Capacity) { c.Date-- },
		"another codebook": func(c *schema.Capacity) { c.Services = []schema.Service{{Need: "horoscopes", Room: schema.RoomOpen}} },
	} {
		said := g.offering(v)
		spoil(&said)
		if raw, err := g.offer(v, said); err == nil || raw != nil {
			t.Errorf("%s: it was signed", name)
		}
	}
	if sequence, _ := v.Head(); sequence != 2 {
		t.Errorf("the feed ends with %d", sequence)
	}
}

func TestCapacitiesWaitForWhatIsDrawn(t *testing.T) {
	v, g := shore(t)
	releasedIn(t, v, g, "2026-Q1")
	said := g.offering(v)
	if _, err := v.Capacity(background, g.st, said, nil); !errors.Is(err, ErrUnconfirmed) {
		t.Errorf("without the witnesses' answers: %v", err)
	}
	stepped(t, v, g, "2026-Q2")
	if _, err := g.offer(v, said); !errors.Is(err, ErrOrder) {
		t.Errorf("beside a draw: %v", err)
	}
}

// A folder that was restored takes in what it had said since.
func TestARestoredFolderAdoptsItsCapacity(t *testing.T) {
	v, g := shore(t)
	releasedIn(t, v, g, "2026-Q1")
	must(t, v.Close())
	backup := copied(t, v.cfg)
	v = opened(t, v.cfg)
	said := g.offering(v)
	raw, err := g.offer(v, said)
	must(t, err)

	old := opened(t, backup)
	must(t, old.Adopt(background, g.st, feedOf(t, v)))
	again, err := old.Capacity(background, g.st, said, nil)
	if err != nil || !bytes.Equal(raw, again) {
		t.Errorf("the same note once more: %v", err)
	}
}
