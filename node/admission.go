package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"tidemark/schema"
	"tidemark/schema/bundle"
	"tidemark/schema/coalition"
	"tidemark/schema/spoken"
	"tidemark/schema/wire"
)

// ErrWords says that a request or an invitation is not the one whose words were heard.
var ErrWords = errors.New("the words are not those of this file")

// Request is this node's signed wish to be admitted.
func (n *Node) Request() ([]byte, error) {
	a, err := n.applicant()
	if err != nil {
		return nil, err
	}
	return n.vault.Sign(context.Background(), schema.Request{Applicant: a})
}

// RequestWords are what this node's operator reads to the admin.
func (n *Node) RequestWords() (string, error) {
	a, err := n.applicant()
	if err != nil {
		return "", err
	}
	text, err := wire.Text(schema.Request{Applicant: a})
	if err != nil {
		return "", err
	}
	return spoken.Words(schema.HashOf([]byte(text))), nil
}

// OpenRequest verifies a request and returns who asks, and the words of the request.
func OpenRequest(request []byte) (who schema.Applicant, words string, err error) {
	v, err := wire.OpenRequest(request)
	if err != nil {
		return who, "", fmt.Errorf("request: %w", err)
	}
	return v.Body().(schema.Request).Applicant, spoken.Words(v.ID()), nil
}

// heard opens a request whose words somebody has typed.
func heard(request []byte, typed string) (schema.Applicant, error) {
	v, err := wire.OpenRequest(request)
	if err != nil {
		return schema.Applicant{}, fmt.Errorf("request: %w", err)
	}
	if !spoken.Match(typed, v.ID()) {
		return schema.Applicant{}, fmt.Errorf("request: %w", ErrWords)
	}
	return v.Body().(schema.Request).Applicant, nil
}

// Sight is what a new member gets to see, for the admin who is about to admit it.
type Sight struct {
	Members  []schema.Member // with regions and addresses; the removed ones too
	Releases int             // all that were ever stored here
}

// Sight tells what an admission would show.
func (n *Node) Sight() (Sight, error) {
	st, err := n.coalition()
	if err != nil {
		return Sight{}, err
	}
	s := Sight{Members: st.Roster().Members}
	for _, m := range s.Members {
		for _, p := range n.feeds.Feed(m.Slug).Places {
			if p.Kind == schema.KindRelease {
				s.Releases++
			}
		}
	}
	return s, nil
}

// Admit seats who asks, from the quarter first on (zero: the plan's first), and returns
// the invitation, sealed to the applicant's box key. The words are those of the request,
// as the applicant has said them. Who has the seat already gets another invitation.
func (n *Node) Admit(ctx context.Context, request []byte, words string, first schema.Period) ([]byte, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	st, err := n.coalition()
	if err != nil {
		return nil, err
	}
	change, err := n.AdmitRequest(request, words, first)
	if err == nil && !seats(st, change.Applicant) {
		err = n.act(ctx, change)
	}
	if err != nil {
		return nil, fmt.Errorf("coalition admit: %w", err)
	}
	return n.invitation(change.BoxKey)
}

// seats tells whether an active seat has exactly these keys.
func seats(st *coalition.State, a schema.Applicant) bool {
	m := st.Roster().Member(a.Slug)
	return m != nil && m.Status == schema.Active &&
		m.MemberKey == a.MemberKey && m.BoxKey == a.BoxKey && m.NodeKey == a.NodeKey
}

// InvitationWords are what this node's admin reads to whoever gets an invitation from it.
func (n *Node) InvitationWords() (string, error) {
	st, err := n.coalition()
	if err != nil {
		return "", err
	}
	if !n.isAdmin(st) {
		return "", fmt.Errorf("invitation: this node is no admin of the coalition")
	}
	return spoken.Words(spoken.Invitation(st.ID(), n.vault.MemberKey())), nil
}

// pskItem is the name under which the network keys travel, sealed to one member.
const pskItem = "psk"

// invitation carries all notes and the network keys in force and to come.
func (n *Node) invitation(boxKey string) ([]byte, error) {
	keys, err := n.keysToGive()
	if err != nil {
		return nil, fmt.Errorf("coalition admit: %w", err)
	}
	b, err := n.contents()
	if err != nil {
		return nil, err
	}
	b.Sealed = []bundle.Item{{Name: pskItem, Data: keys.text()}} // the whole invitation is sealed to the box key
	var out bytes.Buffer
	if err := bundle.Seal(&out, b, boxKey); err != nil {
		return nil, fmt.Errorf("coalition admit: %w", err)
	}
	return out.Bytes(), nil
}

// Join takes an invitation: charter, acts, codebook and network key. The words are those
// that the admin who invites has said. However late it comes: the acts in it were adopted
// when the invitation was made.
func (n *Node) Join(ctx context.Context, invitation []byte, words string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	b, err := bundle.Open(bytes.NewReader(invitation), n.vault.BoxIdentity())
	if err != nil {
		return fmt.Errorf("coalition join: the invitation is not for this node or not whole: %w", err)
	}
	st, err := n.invited(b, words)
	if err != nil {
		return fmt.Errorf("coalition join: %w", err)
	}
	cb, err := schema.ParseCodebook(b.Codebook)
	if err != nil {
		return fmt.Errorf("coalition join: %w", err)
	}
	if err := n.found(b.Charter, cb); err != nil {
		return err
	}
	if err := n.keepInvited(b.Sealed); err != nil {
		return fmt.Errorf("coalition join: %w", err)
	}
	if _, err := n.take(ctx, b); err != nil {
		return err
	}
	if have := n.State().Roster().Version; have < st.Roster().Version {
		return fmt.Errorf("coalition join: act %d was not accepted: is this machine's clock right?", have+1)
	}
	return n.agreeToAll(ctx, n.State())
}

// keepInvited keeps the network keys of an invitation.
func (n *Node) keepInvited(items []bundle.Item) error {
	for _, item := range items {
		if item.Name != pskItem {
			continue
		}
		keys, err := parseNetKeys(item.Data)
		if err != nil {
			return err
		}
		return n.keepKeys(keys)
	}
	return nil
}

// keysToGive are the network keys in force and to come.
func (n *Node) keysToGive() (netKeys, error) {
	n.netMu.Lock()
	defer n.netMu.Unlock()
	held, err := n.heldKeys()
	if err != nil {
		return nil, err
	}
	now := n.State().KeyInForce(n.today())
	if held[now] == nil {
		return nil, fmt.Errorf("network key: this node lacks the one of act %d: another admin must invite", now)
	}
	return held.from(now), nil
}

// enter begins again with the coalition of a bundle that seats this member's key: the
// folder was rebuilt from the recovery sheet, and only it is asked no words, for it knows
// its own seat.
func (n *Node) enter(b bundle.Bundle) error {
	st, err := folded(b)
	if err != nil {
		return err
	}
	m := st.Roster().Member(n.Slug())
	if m == nil || m.MemberKey != n.vault.MemberKey() || m.Status != schema.Active {
		return fmt.Errorf("it seats no member %s with this node's key", n.Slug())
	}
	cb, err := schema.ParseCodebook(b.Codebook)
	if err != nil {
		return err
	}
	return n.found(b.Charter, cb)
}

// folded is the coalition of a bundle's charter and acts.
func folded(b bundle.Bundle) (*coalition.State, error) {
	st, err := coalition.Found(b.Charter)
	for _, act := range b.Acts {
		if err != nil {
			return nil, err
		}
		st, err = st.Apply(act)
	}
	return st, err
}

// invited checks, before anything is stored, that an admin whose words were heard invites
// this very node: the acts seat its keys.
func (n *Node) invited(b bundle.Bundle, words string) (*coalition.State, error) {
	st, err := folded(b)
	if err != nil {
		return nil, err
	}
	self, err := n.applicant()
	if err != nil {
		return nil, err
	}
	if !seats(st, self) {
		return nil, fmt.Errorf("the invitation seats no member %s with this node's keys", n.Slug())
	}
	if !saidByAnAdmin(st, words) {
		return nil, fmt.Errorf("invitation: %w", ErrWords)
	}
	if cb, err := schema.ParseCodebook(b.Codebook); err != nil || cb.Hash() != st.Charter().Codebook {
		return nil, errors.Join(fmt.Errorf("the codebook is not the charter's"), err)
	}
	return st, nil
}

// saidByAnAdmin tells whether these are the words of an invitation by one of the admins.
func saidByAnAdmin(st *coalition.State, words string) bool {
	for _, key := range st.Roster().Admins {
		if spoken.Match(words, spoken.Invitation(st.ID(), key)) {
			return true
		}
	}
	return false
}
