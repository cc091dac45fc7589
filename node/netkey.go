package node

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"filippo.io/age"

	"tidemark/node/link"
	"tidemark/schema"
	"tidemark/schema/coalition"
)

const pskSize = 32

// netKeys are the network keys that this node holds, by the act that brought each; the
// founding one is 0. As text: a line for each, the act's version and base64.
type netKeys map[uint64][]byte

func (k netKeys) text() []byte {
	var b bytes.Buffer
	for _, epoch := range slices.Sorted(maps.Keys(k)) {
		fmt.Fprintf(&b, "%d %s\n", epoch, base64.StdEncoding.EncodeToString(k[epoch]))
	}
	return b.Bytes()
}

func parseNetKeys(text []byte) (netKeys, error) {
	keys := netKeys{}
	for line := range strings.Lines(string(text)) {
		number, word, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		epoch, err1 := strconv.ParseUint(number, 10, 64)
		psk, err2 := base64.StdEncoding.DecodeString(word)
		if err1 != nil || err2 != nil || len(psk) != pskSize || keys[epoch] != nil {
			return nil, errors.New("network key: want lines with an act's number and base64 of 32 bytes")
		}
		keys[epoch] = psk
	}
	return keys, nil
}

// from are the keys that are needed from an act's on.
func (k netKeys) from(epoch uint64) netKeys {
	out := maps.Clone(k)
	maps.DeleteFunc(out, func(e uint64, _ []byte) bool { return e < epoch })
	return out
}

// heldKeys reads the network keys; none before there is a coalition. n.netMu is held.
func (n *Node) heldKeys() (netKeys, error) {
	text, err := os.ReadFile(n.in(pskName))
	if errors.Is(err, fs.ErrNotExist) {
		return netKeys{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("network key: %w", err)
	}
	return parseNetKeys(text)
}

// keepKeys adds network keys to those held. One that is held is never replaced.
func (n *Node) keepKeys(more netKeys) error {
	n.netMu.Lock()
	defer n.netMu.Unlock()
	held, err := n.heldKeys()
	if err != nil {
		return err
	}
	all := maps.Clone(more)
	maps.Copy(all, held)
	if len(all) == len(held) {
		return nil
	}
	if err := ReplaceFile(n.in(pskName), all.text()); err != nil {
		return fmt.Errorf("network key: %w", err)
	}
	return nil
}

// ReplaceFile puts a whole new file in the place of another, or leaves the other.
func ReplaceFile(path string, text []byte) error {
	next := path + ".new"
	f, err := os.OpenFile(next, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(next, path)
}

// openKeys opens and keeps what acts have sealed to this member and what is still of use.
// A key that is sealed to others is no error: an invitation may bring it.
func (n *Node) openKeys(st *coalition.State) error {
	more := netKeys{}
	since := st.KeyInForce(n.today())
	for _, k := range st.NetworkKeys() {
		if k.Version < since {
			continue
		}
		if psk, err := unseal(k.Sealed, n.vault.BoxIdentity()); err == nil {
			more[k.Version] = psk
		}
	}
	return n.keepKeys(more)
}

func unseal(sealed, identity string) ([]byte, error) {
	id, err := age.ParseX25519Identity(identity)
	if err != nil {
		return nil, errors.New("network key: no box key")
	}
	r, err := age.Decrypt(base64.NewDecoder(base64.StdEncoding, strings.NewReader(sealed)), id)
	if err != nil {
		return nil, fmt.Errorf("network key: %w", err)
	}
	psk, err := io.ReadAll(io.LimitReader(r, pskSize+1))
	if err != nil || len(psk) != pskSize {
		return nil, fmt.Errorf("network key: want %d bytes: %w", pskSize, err)
	}
	return psk, nil
}

// keyInForce is the network key of today and the act that brought it. If it is not held,
// the last one before it serves: others may lack the newer one, too.
func (n *Node) keyInForce(st *coalition.State) (epoch uint64, psk []byte, err error) {
	n.netMu.Lock()
	defer n.netMu.Unlock()
	held, err := n.heldKeys()
	if err != nil {
		return 0, nil, err
	}
	for _, epoch := range slices.Backward(slices.Sorted(maps.Keys(held))) {
		if epoch <= st.KeyInForce(n.today()) {
			return epoch, held[epoch], nil
		}
	}
	return 0, nil, nil
}

// NewNetworkKey makes a network key for an act of today, sealed to the members that are
// active once one of them (empty: none) is removed. It begins so many days later.
func (n *Node) NewNetworkKey(removed schema.Slug, days int) (schema.NetworkKey, error) {
	st, err := n.coalition()
	if err != nil {
		return schema.NetworkKey{}, err
	}
	var to []age.Recipient
	for _, m := range st.Roster().Members {
		if m.Status != schema.Active || m.Slug == removed {
			continue
		}
		r, err := age.ParseX25519Recipient(m.BoxKey)
		if err != nil {
			return schema.NetworkKey{}, fmt.Errorf("network key: box key of %s: not one of age", m.Slug)
		}
		to = append(to, r)
	}
	sealed, err := sealKey(to)
	return schema.NetworkKey{From: n.today() + schema.Date(days), Sealed: sealed}, err
}

// KeyNotice is how many days a new network key leaves the members to fetch its act. The
// roster keeps a removed member out from the act on.
const KeyNotice = 7

func sealKey(to []age.Recipient) (string, error) {
	psk := make([]byte, pskSize)
	if _, err := rand.Read(psk); err != nil {
		return "", fmt.Errorf("network key: %w", err)
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to...)
	if err == nil {
		_, err = w.Write(psk)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return "", fmt.Errorf("network key: %w", err)
	}
	return base64.StdEncoding.EncodeToString(out.Bytes()), nil
}

// heardAct is called after every act, with the coalition as it is then.
func (n *Node) heardAct(st *coalition.State) {
	if err := n.openKeys(st); err != nil {
		n.cfg.Told(err.Error())
	}
	poke(n.turned)
}

// watchKeys restarts the network when another network key or node key is due: after each
// act, and on the hour, because a key begins on a day; every two minutes while there are
// two node keys.
func (n *Node) watchKeys(ctx context.Context) {
	for {
		now := n.cfg.Now()
		wait := max(now.Truncate(time.Hour).Add(time.Hour).Sub(now), time.Second)
		if _, err := n.nextKey(); err == nil {
			wait = min(wait, 2*time.Minute)
		}
		act := false
		select {
		case <-ctx.Done():
			return
		case <-n.turned:
			act = true
		case <-time.After(wait):
		}
		if err := n.turn(ctx, !act); err != nil && ctx.Err() == nil {
			n.cfg.Told(err.Error())
		}
	}
}

// turn restarts a running network if it runs under a key whose time is over, or if it may
// try another and reaches nobody.
func (n *Node) turn(ctx context.Context, try bool) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	network := n.mesh.Load()
	if network == nil && n.down {
		return n.begin(ctx)
	}
	if network == nil {
		return nil
	}
	epoch, _, err := n.keyInForce(n.State())
	if err != nil {
		return err
	}
	due, err := n.nodeKeyIsDue()
	if err != nil || epoch == n.epoch && !due && !(try && n.tryOther()) {
		return err
	}
	n.mesh.Store(nil)
	if err := network.Close(); err != nil {
		n.cfg.Told(err.Error())
	}
	return n.begin(ctx)
}

// begin starts the network anew. What fails is tried again with the next look.
func (n *Node) begin(ctx context.Context) error {
	err := n.start(ctx)
	n.down = err != nil
	if err != nil {
		return fmt.Errorf("network: %w", err)
	}
	n.cfg.Told("the network goes on under another key")
	return nil
}

// KeyNow is what is known of the network key.
type KeyNow struct {
	Act   uint64       `json:"act"`             // that brought the one in force; 0: the founding one
	Since *schema.Date `json:"since,omitempty"` // nil: since the founding
	Held  bool         `json:"held"`            // without it this node reaches nobody who has it
	Next  *schema.Date `json:"next,omitempty"`  // when another one begins
}

// keyNow says how this node stands with the network key.
func (n *Node) keyNow() (*KeyNow, error) {
	st := n.State()
	now := &KeyNow{Act: st.KeyInForce(n.today())}
	for _, k := range st.NetworkKeys() {
		if k.Version == now.Act {
			now.Since = &k.From
		}
		if k.Version > now.Act && (now.Next == nil || k.From < *now.Next) {
			now.Next = &k.From
		}
	}
	n.netMu.Lock()
	defer n.netMu.Unlock()
	held, err := n.heldKeys()
	now.Held = held[now.Act] != nil
	return now, err
}

// alone tells whether the network runs and reaches nobody, though there are others.
func (n *Node) alone() bool {
	peers := n.Peers()
	return len(peers) > 0 && !slices.ContainsFunc(peers, func(p link.Peer) bool { return p.Connected })
}
