package node

import (
	"context"
	"errors"
	"slices"
	"time"

	"tidemark/node/link"
	"tidemark/node/vault"
	"tidemark/schema"
	"tidemark/schema/coalition"
)

// Status is how this node stands, for the operator's own screen. It holds no case.
type Status struct {
	Slug      schema.Slug    `json:"member"`
	Title     string         `json:"title,omitempty"`
	Coalition *CoalitionNow  `json:"coalition,omitempty"`
	Cases     int            `json:"cases"`
	Persons   int            `json:"persons"`
	Apart     bool           `json:"vault_apart,omitempty"` // another process counts the cases
	Spent     schema.Charge  `json:"spent_nano_mu2"`        // of the 12 months up to today, by period end
	Cap       schema.Charge  `json:"cap_nano_mu2"`
	Head      uint64         `json:"head"` // of the own feed
	Next      *schema.Period `json:"next_period,omitempty"`
	Slot      *time.Time     `json:"next_slot,omitempty"`
	Members   []MemberNow    `json:"members,omitempty"`
	Rounds    []RoundNow     `json:"joint_rounds,omitempty"` // that have begun and are not over
	Key       *KeyNow        `json:"network_key,omitempty"`
	Alone     bool           `json:"alone"`              // the network runs, and no other active member is connected
	Restored  *time.Time     `json:"restored,omitempty"` // from a backup or a sheet
	// NewNodeKey says that the roster has another node key: nobody connects to this node.
	NewNodeKey bool `json:"new_node_key,omitempty"`
}

// CoalitionNow is the coalition as this node knows it.
type CoalitionNow struct {
	Name    schema.Slug `json:"name"`
	ID      schema.Hash `json:"id"`
	Version uint64      `json:"roster_version"`
	Active  int         `json:"active_members"`
}

// MemberNow is what this node knows of a member.
type MemberNow struct {
	Slug      schema.Slug   `json:"member"`
	Status    schema.Status `json:"status"`
	Head      uint64        `json:"head"`
	Owes      int           `json:"owes"` // releases and contributions that are due and not here
	Connected bool          `json:"connected"`
}

// Status sums the node up.
func (n *Node) Status(ctx context.Context) (Status, error) {
	s := Status{Slug: n.Slug(), Title: n.settings.Title}
	counts, err := n.vault.Stats(ctx)
	if s.Apart = errors.Is(err, vault.ErrApart); err != nil && !s.Apart {
		return s, err
	}
	s.Cases, s.Persons = counts.Cases, counts.Persons
	s.Spent = n.vault.Ledger().Spent(n.today())
	s.Head, _ = n.vault.Head()
	if at := n.vault.Restored(); !at.IsZero() {
		s.Restored = &at
	}
	st := n.State()
	if st == nil {
		return s, nil
	}
	s.Coalition = &CoalitionNow{st.Charter().Name, st.ID(), st.Roster().Version, st.Roster().Active()}
	s.Cap = st.Charter().Plan.Cap
	if due, ok := n.NextSlot(); ok {
		s.Next, s.Slot = &due.Period, &due.Slot
	}
	s.Members, s.Rounds = n.Members(), n.RoundsNow()
	s.Alone = n.alone()
	var errKey error
	s.NewNodeKey, err = n.newNodeKey(st)
	s.Key, errKey = n.keyNow()
	return s, errors.Join(err, errKey)
}

// newNodeKey tells a node key that the roster does not name.
func (n *Node) newNodeKey(st *coalition.State) (bool, error) {
	key, err := link.NodeKey(n.key)
	seat := st.Roster().Member(n.Slug())
	return seat != nil && seat.NodeKey != key, err
}

// owing are the rounds that are not over, by period, and the members without a contribution
// in each.
func (n *Node) owing(st *coalition.State) map[schema.Period][]schema.Slug {
	owing := map[schema.Period][]schema.Slug{}
	for _, j := range n.openRounds(st, n.cfg.Now()) {
		for _, m := range j.Members {
			if _, given := n.feeds.Desk(m).Note(j.Round, schema.KindContribution); !given {
				owing[j.Period] = append(owing[j.Period], m)
			}
		}
	}
	return owing
}

// Members are the coalition's, as this node knows them; none before there is one.
func (n *Node) Members() []MemberNow {
	st := n.State()
	if st == nil {
		return nil
	}
	connected := map[schema.Slug]bool{n.Slug(): true}
	for _, p := range n.Peers() {
		connected[p.Member] = p.Connected
	}
	var out []MemberNow
	owing := n.owing(st)
	for _, m := range st.Roster().Members {
		feed := n.feeds.Feed(m.Slug)
		head, _ := feed.Head()
		now := MemberNow{Slug: m.Slug, Status: m.Status, Head: head, Connected: connected[m.Slug]}
		for _, due := range st.Due(m.Slug, n.cfg.Now()) {
			plan, _ := st.Plan(due.Plan)
			if plan.Mode == schema.Local && feed.Claim(due.Plan, due.Period) == 0 || slices.Contains(owing[due.Period], m.Slug) {
				now.Owes++
			}
		}
		out = append(out, now)
	}
	return out
}
