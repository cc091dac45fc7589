package node

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tidemark/node/gate"
	"tidemark/schema"
	"tidemark/schema/coalition"
)

// Drafted is an act as far as it has come: what it does, whose lines it has.
type Drafted struct {
	Note     []byte
	Proposal coalition.Proposal
	Adopted  bool // it had all lines, and is stored and sent out
}

// Propose signs the next act with the change, as one of the admins. If nobody else's line
// is needed it is adopted at once; else it goes out to the other admins, over the network
// or by bundle, and can be given to them as a file too.
func (n *Node) Propose(ctx context.Context, change schema.Change) (Drafted, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.propose(ctx, change)
}

func (n *Node) propose(ctx context.Context, change schema.Change) (Drafted, error) {
	st, err := n.coalition()
	if err != nil {
		return Drafted{}, err
	}
	if !n.isAdmin(st) {
		return Drafted{}, fmt.Errorf("propose %s: this node is no admin of the coalition", change.Verb())
	}
	if err := n.allows(change); err != nil {
		return Drafted{}, fmt.Errorf("propose %s: %w", change.Verb(), err)
	}
	act := st.Act(n.today(), change)
	if _, others := change.(schema.SetAdmins); st.Roster().Threshold == 1 && !others {
		act.Expires = act.Date // adopted as it is signed: it settles a period's roster at once (C19)
	}
	raw, err := n.vault.Sign(ctx, act)
	if err != nil {
		return Drafted{}, fmt.Errorf("propose %s: %w", change.Verb(), err)
	}
	return n.settle(ctx, st, raw)
}

// allows holds a plan against the coalition's codebook and the ceilings before it is
// signed: no node would take it afterwards.
func (n *Node) allows(change schema.Change) error {
	if c, ok := change.(schema.AdoptPlan); ok {
		return c.Plan.Validate(n.Codebook())
	}
	return nil
}

// Look says what a proposal is and what it lacks. Nothing is signed.
func (n *Node) Look(raw []byte) (Drafted, error) {
	st, err := n.coalition()
	if err != nil {
		return Drafted{}, err
	}
	p, err := st.Draft(raw)
	if err == nil {
		err = n.allows(p.Act.Change)
	}
	if err == nil && p.Expired(n.today()) {
		err = fmt.Errorf("proposal: its last day, %s, has passed; propose it anew", p.Act.Expires)
	}
	return Drafted{Note: raw, Proposal: p}, err
}

// Cosign adds this admin's line to a proposal, unless it is there, and adopts it if
// nobody's line is missing then. After its last day it does neither (C5).
func (n *Node) Cosign(ctx context.Context, raw []byte) (Drafted, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	d, err := n.Look(raw)
	if err != nil {
		return Drafted{}, err
	}
	st := n.State()
	if !n.mayAdd(st, d.Proposal.Act.Change) {
		return Drafted{}, fmt.Errorf("sign: this node is no admin whose line counts")
	}
	if !slices.Contains(d.Proposal.Signed, n.Slug()) {
		if raw, err = n.vault.Cosign(ctx, raw); err != nil {
			return Drafted{}, err
		}
	}
	return n.settle(ctx, st, raw)
}

// mayAdd tells whether this node's line counts: as an admin's, or as that of one who
// would become one.
func (n *Node) mayAdd(st *coalition.State, change schema.Change) bool {
	set, _ := change.(schema.SetAdmins)
	return n.isAdmin(st) || slices.Contains(set.Admins, n.vault.MemberKey())
}

// settle adopts an act that is ready, and leaves any other as it is.
func (n *Node) settle(ctx context.Context, st *coalition.State, raw []byte) (Drafted, error) {
	p, err := st.Draft(raw)
	if err != nil {
		return Drafted{}, err
	}
	d := Drafted{Note: raw, Proposal: p}
	if err := n.publish(ctx, raw); err != nil {
		return d, fmt.Errorf("act %d: %w", p.Act.Version, err)
	}
	// Lines that have come from elsewhere may be the ones that were missing.
	if st = n.State(); st.Roster().Version < p.Act.Version {
		return n.grown(d), nil
	}
	// What was stored meanwhile is no error of publish: another act may have been quicker.
	if textID(st.Log()[p.Act.Version]) != p.ID {
		return d, fmt.Errorf("act %d: %w", p.Act.Version, coalition.ErrOld)
	}
	d.Note, d.Adopted = st.Log()[p.Act.Version], true
	d.Proposal.Missing, d.Proposal.MissingNew = 0, 0
	n.heardAct(st)
	return d, nil
}

// grown is a proposal with the lines that lie here.
func (n *Node) grown(d Drafted) Drafted {
	for _, stored := range n.Proposals() {
		if stored.Proposal.ID == d.Proposal.ID {
			return stored
		}
	}
	return d
}

// Proposals are the acts that lack lines, as far as they have come here.
func (n *Node) Proposals() []Drafted {
	st := n.State()
	if st == nil {
		return nil
	}
	var all []Drafted
	for _, stored := range n.feeds.Proposals() {
		if p, err := st.Draft(stored.Raw); err == nil {
			all = append(all, Drafted{Note: stored.Raw, Proposal: p})
		}
	}
	return all
}

// act adopts a change that needs nobody else's line.
func (n *Node) act(ctx context.Context, change schema.Change) error {
	d, err := n.propose(ctx, change)
	if err == nil && !d.Adopted {
		err = fmt.Errorf("%d more admins must sign first: tidemark coalition sign %s", d.Proposal.Missing, d.Proposal.ID.Short())
	}
	return err
}

// AdmitRequest is the change that seats who asks, once the words were heard.
func (n *Node) AdmitRequest(request []byte, words string, first schema.Period) (schema.Admit, error) {
	st, err := n.coalition()
	if err != nil {
		return schema.Admit{}, err
	}
	asked, err := heard(request, words)
	if first.IsZero() {
		first = st.Charter().Plan.First
	}
	return schema.Admit{Applicant: asked, First: first}, err
}

// ReplaceNode is the change that gives a seat the node key and the addresses of a
// request, which the seat's member key must have signed.
func (n *Node) ReplaceNode(request []byte) (schema.ReplaceNode, error) {
	m, asked, err := n.seatOf(request)
	if err == nil && m.MemberKey != asked.MemberKey {
		err = fmt.Errorf("replace-node: the request is signed by another key than the seat's")
	}
	return schema.ReplaceNode{Member: asked.Slug, NodeKey: asked.NodeKey, Addresses: asked.Addresses}, err
}

// ReplaceMember is the change that gives a seat the member key and the box key of a
// request, once its words were heard. The feed goes on after the last place that is known
// here and that nobody disputes.
func (n *Node) ReplaceMember(request []byte, words string) (schema.ReplaceMember, error) {
	if _, err := heard(request, words); err != nil {
		return schema.ReplaceMember{}, fmt.Errorf("replace-member: %w", err)
	}
	m, asked, err := n.seatOf(request)
	if err != nil {
		return schema.ReplaceMember{}, err
	}
	sequence, head, err := undisputed(n.feeds.Feed(m.Slug), m)
	return schema.ReplaceMember{Member: m.Slug, MemberKey: asked.MemberKey, BoxKey: asked.BoxKey, Sequence: sequence, Head: head}, err
}

// undisputed is the last place of a feed below any dispute; what an earlier act has
// settled stays settled.
func undisputed(f gate.Feed, m *schema.Member) (uint64, schema.Hash, error) {
	sequence, _ := f.Head()
	if f.Disputed > m.Sequence {
		sequence = f.Disputed - 1
	}
	if sequence == m.Sequence {
		return m.Sequence, m.Head, nil
	}
	p, stored := f.At(sequence)
	if !stored || sequence < m.Sequence {
		return 0, schema.Hash{}, fmt.Errorf("replace-member: place %d of its feed is missing here; synchronise first", max(sequence, m.Sequence))
	}
	return sequence, p.ID, nil
}

// PlanNamed finds an adopted plan by its hash or the beginning of it.
func (n *Node) PlanNamed(prefix string) (schema.Hash, error) {
	st, err := n.coalition()
	if err != nil {
		return schema.Hash{}, err
	}
	var found []schema.Hash
	for _, h := range st.Plans() {
		if strings.HasPrefix(h.String(), prefix) {
			found = append(found, h)
		}
	}
	if len(found) != 1 || prefix == "" {
		return schema.Hash{}, fmt.Errorf("plan %q: names %d adopted plans, want one", prefix, len(found))
	}
	return found[0], nil
}

// seatOf is the seat that a request asks to change.
func (n *Node) seatOf(request []byte) (*schema.Member, schema.Applicant, error) {
	st, err := n.coalition()
	if err != nil {
		return nil, schema.Applicant{}, err
	}
	asked, _, err := OpenRequest(request)
	if err != nil {
		return nil, asked, err
	}
	m := st.Roster().Member(asked.Slug)
	if m == nil {
		return nil, asked, fmt.Errorf("request: %s has no seat", asked.Slug)
	}
	return m, asked, nil
}
