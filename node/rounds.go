package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tidemark/aggregation/joint"
	"tidemark/node/gate"
	"tidemark/node/vault"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// How long a joint round waits for those who are late.
const (
	// keyWait is how long before its slot a member stops waiting for keepers' keys, and
	// contributes by those that have come.
	keyWait = 72 * time.Hour
	// contributionWait is how long a keeper waits for contributions after it announced its
	// key, where the slot has long passed.
	contributionWait = 72 * time.Hour
	// travel is how long contributions may be under way that were sent at the last moment.
	travel = 6 * time.Hour
	// listWait is how long keepers wait for the lists of others; after it the first
	// proposes, and each of the next so much later.
	listWait = 12 * time.Hour
)

// turn is one look at one round.
type turn struct {
	coalition.Joint
	st    *coalition.State
	round joint.Round
	now   time.Time // up to which the schedule is carried out
	clock time.Time // by which this node waits
}

// rounds does what joint rounds ask of this member by now, as a contributor and as a
// keeper. It is run again whenever something comes in: what was done is skipped, what was
// begun goes on with the same bytes. n.mu is held.
func (n *Node) rounds(ctx context.Context, st *coalition.State) error {
	var errs []error
	for _, j := range st.Rounds(n.cfg.Schedule()) {
		if n.ended[j.Round] {
			continue
		}
		r, err := vault.JointRound(j, n.Codebook())
		if err != nil {
			return fmt.Errorf("round %s: %w", j.Period, err)
		}
		if err := n.takeTurn(ctx, turn{j, st, r, n.cfg.Schedule(), n.cfg.Now()}); err != nil {
			errs = append(errs, fmt.Errorf("round %s: %w", j.Period, err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(errs...)
}

func (n *Node) takeTurn(ctx context.Context, t turn) error {
	if agreement := n.agreedOn(t.Joint); agreement != nil {
		if err := n.vault.Ended(ctx, t.st, agreement); err != nil {
			return err
		}
		if err := n.keeperEnds(ctx, t, agreement); err != nil {
			return err
		}
		n.ended[t.Joint.Round] = true
		return nil
	}
	var errs []error
	for _, step := range []func(context.Context, turn) error{n.announceKey, n.contribute, n.list, n.agreeOn, n.sumUp} {
		if err := step(ctx, t); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// agreedOn is the agreement of a round of which a keeper's sum is known; nil: none is.
func (n *Node) agreedOn(j coalition.Joint) []byte {
	keeper, at, ok := gate.SumOf(n.feeds, j)
	if !ok {
		return nil
	}
	agreement, err := n.feeds.Agreement(keeper, at)
	if err != nil {
		return nil // the disk has lost it, and others bring it again
	}
	return agreement
}

// openRounds are the joint rounds that have begun by a moment and are not over.
func (n *Node) openRounds(st *coalition.State, now time.Time) []coalition.Joint {
	return slices.DeleteFunc(st.Rounds(now), func(j coalition.Joint) bool {
		_, _, over := gate.SumOf(n.feeds, j)
		return over
	})
}

// notesOf are the notes of one kind that lie on some members' desks about a round.
func (n *Node) notesOf(r schema.Round, kind schema.Kind, members []schema.Slug) (all []wire.Verified) {
	for _, m := range members {
		if note, ok := n.feeds.Desk(m).Note(r, kind); ok {
			all = append(all, note)
		}
	}
	return all
}

// said is the own note of a kind in the round; false: there is none yet.
func (n *Node) said(r schema.Round, kind schema.Kind) (wire.Verified, bool) {
	return n.feeds.Desk(n.Slug()).Note(r, kind)
}

func (t turn) keeps(member schema.Slug) bool { return slices.Contains(t.Keepers, member) }

// announceKey makes this keeper's key for the round and says it.
func (n *Node) announceKey(ctx context.Context, t turn) error {
	if _, said := n.said(t.Joint.Round, schema.KindKeeperKey); said || !t.keeps(n.Slug()) {
		return nil
	}
	key, err := n.roundKey(t.Joint.Round)
	if err == nil && key == nil {
		key, err = n.makeRoundKey(t.Joint.Round)
	}
	if err != nil {
		return err
	}
	note, err := n.vault.Attest(ctx, t.st, schema.KeeperKey{
		Round: t.Joint.Round, Keeper: n.Slug(), Made: key.Made, Key: key.Public,
	})
	if err != nil {
		return n.abstained(ctx, t, err)
	}
	if body, err := wire.Peek(note); err != nil || !bytes.Equal(body.(schema.KeeperKey).Key, key.Public) {
		return errors.Join(err, n.dropRoundKey(t.Joint.Round)) // the one that it once announced is lost
	}
	return n.publish(ctx, note)
}

// abstained tells once that this keeper takes no part in a round.
func (n *Node) abstained(ctx context.Context, t turn, err error) error {
	if !errors.Is(err, vault.ErrAbstains) {
		return err
	}
	return n.refused(ctx, schema.HashOf([]byte("round "+t.Joint.Round.Plan.String()+t.Period.String())), err)
}

// contribute sends this member's one message, once enough keys are there. A plan that this
// member has not agreed to is passed over.
func (n *Node) contribute(ctx context.Context, t turn) error {
	over := !t.Plan.DrawOf(t.Period).After(t.now)
	if _, sent := n.said(t.Joint.Round, schema.KindContribution); sent || !over || !slices.Contains(t.Members, n.Slug()) {
		return nil
	}
	var keys [][]byte
	for _, note := range n.notesOf(t.Joint.Round, schema.KindKeeperKey, t.Keepers) {
		keys = append(keys, note.Raw())
	}
	patient := t.Plan.SlotOf(t.Period).Add(-keyWait).After(t.now)
	if len(keys) < t.Threshold || len(keys) < len(t.Keepers) && patient {
		return nil
	}
	if err := n.declare(ctx, t.st); err != nil {
		return err
	}
	due := coalition.Due{Plan: t.Joint.Round.Plan, Period: t.Period}
	note, err := n.vault.Contribute(ctx, t.st, due, keys, n.heads())
	if err != nil {
		return n.unconfirmed(ctx, t.st, err)
	}
	return n.publish(ctx, note)
}

// list says which contributions this keeper holds and could open: at the slot if all have
// come, else when it has waited long enough.
func (n *Node) list(ctx context.Context, t turn) error {
	if _, said := n.said(t.Joint.Round, schema.KindHeld); said || !t.keeps(n.Slug()) || t.Plan.SlotOf(t.Period).After(t.now) {
		return nil
	}
	key, err := n.roundKey(t.Joint.Round)
	if err != nil || key == nil {
		return err // it came back from a backup, or its key has served: it abstains
	}
	contributions := n.contributions(t.Joint)
	if len(contributions) < n.expected(t) && t.clock.Before(t.closing(key)) {
		return nil
	}
	held := schema.Held{Round: t.Joint.Round, Keeper: n.Slug()}
	for _, c := range contributions {
		share, err := n.openShare(t, key, c)
		if err != nil {
			continue // it is for others to hold, or broken: not listed
		}
		body := c.Body().(schema.Contribution)
		held.Contributions = append(held.Contributions, schema.HeldShare{
			Member: body.Member, ID: c.ID(), Check: share.Check(), Protection: body.Protection,
		})
	}
	slices.SortFunc(held.Contributions, func(a, b schema.HeldShare) int { return bytes.Compare([]byte(a.Member), []byte(b.Member)) })
	note, err := n.vault.Attest(ctx, t.st, held)
	if err != nil {
		return n.abstained(ctx, t, err)
	}
	return n.publish(ctx, note)
}

// closing is the moment at which a keeper stops waiting for contributions.
func (t turn) closing(key *roundKey) time.Time {
	slot, late := t.Plan.SlotOf(t.Period), key.Made.Add(contributionWait)
	if slot.Before(late) {
		slot = late
	}
	return slot.Add(travel)
}

// expected is how many contributions may still come: of members that are active now.
func (n *Node) expected(t turn) (count int) {
	for _, m := range t.Members {
		if seat := t.st.Roster().Member(m); seat != nil && seat.Status == schema.Active {
			count++
		}
	}
	return count
}

// contributions are those to a round that are here.
func (n *Node) contributions(j coalition.Joint) []wire.Verified {
	return n.notesOf(j.Round, schema.KindContribution, j.Members)
}

// openShare is this keeper's share of a contribution.
func (n *Node) openShare(t turn, key *roundKey, c wire.Verified) (joint.Share, error) {
	own, ok := n.said(t.Joint.Round, schema.KindKeeperKey)
	if !ok {
		return joint.Share{}, errors.New("the own key is not announced")
	}
	return t.round.Open(n.Slug(), own.ID(), key.Private, c.Body().(schema.Contribution), c.ID())
}

// lists are the keepers' lists that are here; of a keeper that gave two, both.
func (n *Node) lists(t turn) (lists []joint.List) {
	for _, k := range t.Keepers {
		for _, note := range n.feeds.Lists(t.Joint.Round, k) {
			lists = append(lists, joint.List{ID: note.ID(), Held: note.Body().(schema.Held)})
		}
	}
	return lists
}

// agreements are those of a round that lie here, the most signed first.
func (n *Node) agreements(t turn) (all []wire.Verified) {
	for _, k := range t.Keepers {
		all = append(all, n.feeds.Desk(k).Agreements(t.Joint.Round)...)
	}
	slices.SortStableFunc(all, func(a, b wire.Verified) int { return len(b.Signers()) - len(a.Signers()) })
	return all
}

// agreeOn adds this keeper's line to the first agreement that the lists bear out, or
// proposes one when it is its turn to.
func (n *Node) agreeOn(ctx context.Context, t turn) error {
	if _, listed := n.said(t.Joint.Round, schema.KindHeld); !listed || !t.keeps(n.Slug()) {
		return nil
	}
	lists := n.lists(t)
	all := n.agreements(t)
	for _, note := range all {
		if note.SignedBy([]string{n.vault.MemberKey()}) > 0 {
			return nil
		}
	}
	key, err := n.roundKey(t.Joint.Round)
	if err != nil || key == nil {
		return err
	}
	waited := t.round.Listed(lists) == len(t.Keepers) || !t.clock.Before(t.closing(key).Add(listWait))
	for _, note := range all {
		a := note.Body().(schema.Agreement)
		if t.round.Judge(a, lists) != nil || a.Void && !waited {
			continue
		}
		signed, err := n.vault.Agree(ctx, t.st, note.Raw())
		if err != nil {
			return n.abstained(ctx, t, err)
		}
		return n.publish(ctx, signed)
	}
	return n.proposeSum(ctx, t, key, lists)
}

func (n *Node) proposeSum(ctx context.Context, t turn, key *roundKey, lists []joint.List) error {
	place := slices.Index(t.Keepers, n.Slug())
	mine := t.closing(key).Add(time.Duration(place+1) * listWait)
	if all := t.round.Listed(lists) == len(t.Keepers); t.clock.Before(mine) && !(place == 0 && all) {
		return nil
	}
	a, ok := t.round.Propose(lists)
	if !ok {
		return nil
	}
	note, err := n.vault.Propose(ctx, t.st, a)
	if err != nil {
		return n.abstained(ctx, t, err)
	}
	return n.publish(ctx, note)
}

// sumUp publishes this keeper's sum once enough keepers have agreed, and destroys its key.
func (n *Node) sumUp(ctx context.Context, t turn) error {
	for _, note := range n.agreements(t) {
		if t.Agreed(note.Body().(schema.Agreement), note.Slugs()) == nil {
			return n.keeperEnds(ctx, t, note.Raw())
		}
	}
	return nil
}

// keeperEnds is a keeper's last step in a round: its sum, if the agreement rests on its
// list, and the end of its key.
func (n *Node) keeperEnds(ctx context.Context, t turn, agreement []byte) error {
	if !t.keeps(n.Slug()) || n.feeds.Feed(n.Slug()).Claim(t.Joint.Round.Plan, t.Period) != 0 {
		return n.dropRoundKey(t.Joint.Round)
	}
	body, err := wire.Peek(agreement)
	if err != nil {
		return err
	}
	a, ok := body.(schema.Agreement)
	if !ok || !coalition.RestsOn(a, n.Slug()) {
		return n.dropRoundKey(t.Joint.Round)
	}
	var scalars [][schema.ScalarSize]byte
	if !a.Void {
		if scalars, err = n.sumOf(t, a); err != nil || scalars == nil {
			return err
		}
	}
	if err := n.declare(ctx, t.st); err != nil {
		return err
	}
	parcel, err := n.vault.Sum(ctx, t.st, agreement, scalars, n.heads())
	if err != nil {
		return n.unconfirmed(ctx, t.st, n.abstained(ctx, t, err))
	}
	if err := n.publish(ctx, parcel); err != nil {
		return err
	}
	return n.dropRoundKey(t.Joint.Round)
}

// sumOf adds up the shares of an agreement's contributions; nil: the key is not here.
func (n *Node) sumOf(t turn, a schema.Agreement) ([][schema.ScalarSize]byte, error) {
	key, err := n.roundKey(t.Joint.Round)
	if err != nil || key == nil {
		return nil, err
	}
	shares := map[schema.Hash]joint.Share{}
	for _, c := range n.contributions(t.Joint) {
		if !slices.Contains(a.Contributions, schema.Attributed{Who: c.Body().(schema.Contribution).Member, ID: c.ID()}) {
			continue
		}
		if shares[c.ID()], err = n.openShare(t, key, c); err != nil {
			return nil, err
		}
	}
	return t.round.Sum(a, shares)
}
