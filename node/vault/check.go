package vault

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"tidemark/node/internal/badgerdb"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// asking is the check whose answers count now.
type asking struct {
	Asked int64       `json:"asked"` // Unix seconds
	Nonce schema.Hash `json:"nonce"`
	// Over: answers to it count no more; it is kept because the next one has to be later.
	Over bool `json:"over,omitempty"`
}

// checkPrefix is where the store keeps the check of each coalition.
const checkPrefix = "m/check/"

func checkKey(coalition schema.Hash) []byte { return append([]byte(checkPrefix), coalition[:]...) }

// Ask is the note that asks this member's witnesses what they know of its feed. It stays
// the same until Renew or until it is too old, for its answers may come on a stick.
func (v *Vault) Ask(ctx context.Context, st *coalition.State) ([]byte, error) {
	return alone(v, "ask", func() ([]byte, error) { return v.ask(st) })
}

func (v *Vault) ask(st *coalition.State) ([]byte, error) {
	q, err := v.asking(st)
	if err == nil && !v.stands(q) {
		q, err = v.askAnew(st, q)
	}
	if err != nil {
		return nil, err
	}
	return wire.Sign(schema.Check{
		Coalition: st.ID(), Member: v.Slug(), Asked: time.Unix(q.Asked, 0).UTC(), Nonce: q.Nonce,
	}, v.signer)
}

// Renew lets the answers that came so far count no more: after a start, a jump of the
// clock, and once something was drawn on the strength of them.
func (v *Vault) Renew(ctx context.Context, st *coalition.State) error {
	if err := v.begin(); err != nil {
		return fmt.Errorf("renew: %w", err)
	}
	defer v.end()
	q, err := v.asking(st)
	if err != nil || q.Over || q.Nonce.IsZero() {
		return err
	}
	q.Over = true
	return v.setAsking(st, q)
}

func (v *Vault) asking(st *coalition.State) (q asking, err error) {
	_, err = v.cases.json(checkKey(st.ID()), &q)
	return q, err
}

func (v *Vault) askAnew(st *coalition.State, last asking) (asking, error) {
	nonce, err := v.random()
	if err != nil {
		return asking{}, err
	}
	q := asking{Asked: max(v.cfg.Now().Unix(), last.Asked+1, v.book.restored+1), Nonce: nonce}
	return q, v.setAsking(st, q)
}

// random is 256 bits that nobody can guess.
func (v *Vault) random() (h schema.Hash, err error) {
	if _, err := io.ReadFull(v.cfg.Random, h[:]); err != nil {
		return h, fmt.Errorf("random: %w", err)
	}
	return h, nil
}

func (v *Vault) setAsking(st *coalition.State, q asking) error {
	return v.cases.update("check", func(t badgerdb.Tx) error { return v.cases.setJSON(t, checkKey(st.ID()), q) })
}

// stands tells whether answers to a check count: it was asked by this clock, not long ago,
// and since the folder last came back from a backup.
func (v *Vault) stands(q asking) bool {
	age := v.cfg.Now().Sub(time.Unix(q.Asked, 0))
	return !q.Over && !q.Nonce.IsZero() && q.Asked > v.book.restored && age > -time.Minute && age < schema.CheckAge
}

// confirmed tells whether a quorum of the witnesses of a period has answered the check,
// and nothing that any of them knows is missing here. Every countersigned intent has the
// line of an honest witness that is in this quorum too, so none stays unknown. An intent
// of the own key that stands among the answers is one that others hold: it must be known
// too, or another copy of this folder has made it.
func (v *Vault) confirmed(st *coalition.State, p schema.Period, heads [][]byte) error {
	said := verified(st, heads)
	if err := v.announced(st, said); err != nil {
		return err
	}
	witnesses, quorum := st.Witnesses(v.Slug(), p)
	if quorum == 0 {
		return nil
	}
	q, err := v.asking(st)
	if err != nil {
		return err
	}
	answered := map[schema.Slug]bool{}
	for _, note := range said {
		h, ok := v.answerTo(st, q, note)
		if !ok || !slices.Contains(witnesses, h.Witness) {
			continue
		}
		if err := v.agrees(st, h); err != nil {
			return err
		}
		answered[h.Witness] = true
	}
	if len(answered) < quorum {
		return fmt.Errorf("%w: %d of its %d witnesses have answered, %d are needed", ErrUnconfirmed, len(answered), len(witnesses), quorum)
	}
	return nil
}

// verified are the notes that are signed by keys of the coalition.
func verified(st *coalition.State, raws [][]byte) (notes []wire.Verified) {
	for _, raw := range raws {
		if note, err := wire.Verify(raw, st.Ring()); err == nil {
			notes = append(notes, note)
		}
	}
	return notes
}

// announced refuses where others hold an intent of this member's that is not known here.
func (v *Vault) announced(st *coalition.State, notes []wire.Verified) error {
	for _, note := range notes {
		i, ok := note.Body().(schema.Intent)
		if ok && i.Coalition == st.ID() && i.Member == v.Slug() && !v.book.intents[note.ID()] {
			return fmt.Errorf("%w: of %s, as others hold it", ErrLost, i.Period)
		}
	}
	return nil
}

// answerTo reads a head; false: it is none of a witness's to this check.
func (v *Vault) answerTo(st *coalition.State, q asking, note wire.Verified) (schema.Head, bool) {
	h, ok := note.Body().(schema.Head)
	if !ok || h.Coalition != st.ID() || h.Member != v.Slug() || h.Nonce != q.Nonce || !v.stands(q) {
		return schema.Head{}, false
	}
	seat := st.Roster().Member(h.Witness)
	return h, seat != nil && note.SignedBy([]string{seat.MemberKey}) == 1
}

// agrees holds what a witness knows against what is known here.
func (v *Vault) agrees(st *coalition.State, h schema.Head) error {
	c := v.book.chains[st.ID()]
	if end, _ := c.end(); h.Sequence > end {
		return fmt.Errorf("%w: %s knows number %d of this feed, the last one here is %d", ErrBehind, h.Witness, h.Sequence, end)
	}
	if id, known := c.at(h.Sequence); known && id != h.Last {
		return fmt.Errorf("%w: %s knows another number %d of this feed", ErrBehind, h.Witness, h.Sequence)
	}
	for _, intent := range h.Intents {
		if !v.book.intents[intent] {
			return fmt.Errorf("%w: %s has countersigned %s", ErrLost, h.Witness, intent.Short())
		}
	}
	return nil
}

// spoken is what a statement other than a declaration asks before it takes a place of the
// feed: a confirmed feed, by the witnesses of the last period that could be drawn.
func (v *Vault) spoken(st *coalition.State, heads [][]byte) error {
	now := v.cfg.Now()
	if due := st.Drawable(v.Slug(), now); len(due) > 0 {
		return v.confirmed(st, due[len(due)-1].Period, heads)
	}
	if next, ok := st.Next(v.Slug(), now); ok {
		return v.confirmed(st, next.Period, heads)
	}
	return nil
}
