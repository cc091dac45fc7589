package nodetest

import (
	"encoding/binary"
	"testing"
	"time"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// Link is the member's next place in its feed.
func (m *Member) Link() schema.Link {
	return schema.Link{Coalition: m.c.State.ID(), Member: m.Slug, Sequence: m.next, Previous: m.head}
}

// Version is the same member with its feed where it is now: what it says from here on
// parts from what the original says.
func (m *Member) Version() *Member {
	other := *m
	return &other
}

// Rewind is back at the first place.
func (m *Member) Rewind() { m.next, m.head = 1, schema.Hash{} }

// Declare is the parcel of a declaration; it takes the next place.
func (m *Member) Declare(t testing.TB) []byte {
	t.Helper()
	return m.Say(t, schema.Declaration{Link: m.Link(), Share: schema.DefaultCap})
}

// Say is the parcel of a lone note at the next place.
func (m *Member) Say(t testing.TB, body schema.Linked) []byte {
	t.Helper()
	raw := Sign(t, body, m.Signer)
	m.stand(raw)
	return Pack(t, raw)
}

// Release is the parcel of a release whose every cell is its sequence; it takes the
// next place.
func (m *Member) Release(t testing.TB, period schema.Period) []byte {
	t.Helper()
	return m.Publish(t, m.Body(t, period), nil)
}

// Publish is the parcel of a release with its intent, after spoil has changed the intent;
// its witnesses have countersigned whatever it became.
func (m *Member) Publish(t testing.TB, body schema.Release, spoil func(*schema.Intent)) []byte {
	t.Helper()
	raw := Sign(t, body, m.Signer)
	intent := m.Intent(body, raw)
	if spoil != nil {
		spoil(&intent)
	}
	m.stand(raw)
	return Pack(t, m.c.Witnessed(t, intent, m.Signer), raw)
}

// Announce is an intent with its member's line alone, for a release whose every cell is
// the given one. The feed's next place stays free.
func (m *Member) Announce(t testing.TB, period schema.Period, cell int64) []byte {
	t.Helper()
	r := m.Body(t, period)
	r.Tables[0].Cells[0] = cell
	return Sign(t, m.Intent(r, Sign(t, r, m.Signer)), m.Signer)
}

// Ask is a check of the member's.
func (m *Member) Ask(t testing.TB, asked time.Time, nonce byte) []byte {
	t.Helper()
	return Sign(t, schema.Check{Coalition: m.c.State.ID(), Member: m.Slug, Asked: asked, Nonce: schema.Hash{nonce}}, m.Signer)
}

// Answer is what the member, as a witness, says of another's feed.
func (m *Member) Answer(t testing.TB, of *Member, nonce byte) []byte {
	t.Helper()
	sequence, head := of.Head()
	return Sign(t, schema.Head{
		Coalition: m.c.State.ID(), Member: of.Slug, Witness: m.Slug, Nonce: schema.Hash{nonce}, Sequence: sequence, Last: head,
	}, m.Signer)
}

// Witnessed signs an intent with its member's key and those of a quorum of its witnesses.
func (c *Coalition) Witnessed(t testing.TB, i schema.Intent, author *wire.Signer) []byte {
	t.Helper()
	slugs, quorum := c.State.Witnesses(i.Member, i.Period)
	signers := []*wire.Signer{author}
	for _, slug := range slugs[:quorum] {
		signers = append(signers, c.signerOf(slug))
	}
	return Sign(t, i, signers...)
}

func (c *Coalition) signerOf(slug schema.Slug) *wire.Signer { return c.Member(slug).Signer }

// Member finds a member.
func (c *Coalition) Member(slug schema.Slug) *Member {
	for _, m := range c.Members {
		if m.Slug == slug {
			return m
		}
	}
	panic("nodetest: no member " + slug) // a fault of the test
}

// Body is a release as the plan wants it.
func (m *Member) Body(t testing.TB, period schema.Period) schema.Release {
	t.Helper()
	r := schema.Release{
		Link: m.Link(), Plan: wire.PlanHash(m.c.Plan), Period: period,
		Protection: schema.PerID, Charge: m.c.Plan.Charge(period.Cadence()),
	}
	binary.BigEndian.PutUint64(r.Salt[:], m.next)
	for _, want := range m.c.Plan.Of(period.Cadence(), true) {
		s, err := m.c.Codebook.Shape(want.Table)
		if err != nil {
			t.Fatal(err)
		}
		table := schema.NoisyTable{Table: want.Table, Measure: want.Measure, Rows: s.Rows(), Cols: s.Cols(), Sigma2: want.Sigma2, Cells: make([]int64, s.Cells())}
		for i := range table.Cells {
			table.Cells[i] = int64(m.next)
		}
		r.Tables = append(r.Tables, table)
	}
	return r
}

// Intent is the one that fits a release.
func (m *Member) Intent(r schema.Release, raw []byte) schema.Intent {
	return schema.Intent{
		Coalition: r.Coalition, Member: r.Member, Sequence: r.Sequence, Plan: r.Plan, Period: r.Period,
		Charge: r.Charge, Roster: m.c.State.RosterFor(r.Period), Release: schema.HashOf(raw),
	}
}

func (m *Member) stand(raw []byte) {
	body, err := wire.Peek(raw)
	if err != nil {
		panic(err) // it was signed a moment ago
	}
	text, err := wire.Text(body)
	if err != nil {
		panic(err)
	}
	m.head = schema.HashOf([]byte(text))
	m.next++
}

// Head is the id of the member's last note.
func (m *Member) Head() (sequence uint64, id schema.Hash) { return m.next - 1, m.head }

// History is a member's first parcels: its declaration and n quarters.
func (m *Member) History(t testing.TB, n int) [][]byte {
	t.Helper()
	all := [][]byte{m.Declare(t)}
	for i := range n {
		all = append(all, m.Release(t, Quarter(i)))
	}
	return all
}
