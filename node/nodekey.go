package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/libp2p/go-libp2p/core/crypto"

	"tidemark/node/link"
	"tidemark/schema"
)

// nextKeyName is a node key that the roster does not name yet.
const nextKeyName = keyName + ".next"

// NextNodeKey makes another node key beside the one in use, unless there is one, and
// returns the request to the admins to put it into the roster. The node uses it once an
// act names it.
func (n *Node) NextNodeKey() ([]byte, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, err := n.coalition(); err != nil {
		return nil, err
	}
	next, err := n.nextKey()
	if errors.Is(err, fs.ErrNotExist) {
		next, err = link.CreateKey(n.in(nextKeyName))
	}
	if err != nil {
		return nil, err
	}
	a, err := n.applicant()
	if err != nil {
		return nil, err
	}
	if a.NodeKey, err = link.NodeKey(next); err != nil {
		return nil, err
	}
	return n.vault.Sign(context.Background(), schema.Request{Applicant: a})
}

func (n *Node) nextKey() (crypto.PrivKey, error) { return link.LoadKey(n.in(nextKeyName)) }

func (n *Node) in(name string) string { return filepath.Join(n.cfg.Dir, name) }

// nodeKeyIsDue tells whether the roster names the next node key.
func (n *Node) nodeKeyIsDue() (bool, error) {
	next, err := n.nextKey()
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	name, err := link.NodeKey(next)
	m := n.State().Roster().Member(n.Slug())
	return m != nil && m.NodeKey == name, err
}

// tryOther tells a node that has two node keys and reaches nobody to try the other one.
// An act that replaces a node key ends the connections of the old one at once, so its
// member may be the last to get it: under the new key the others let it in. n.mu is held.
func (n *Node) tryOther() bool {
	if _, err := n.nextKey(); err != nil || !n.alone() {
		return false
	}
	n.trial = !n.trial
	return true
}

// keyToUse is the node key, or the next one while it is tried. n.mu is held.
func (n *Node) keyToUse() (crypto.PrivKey, error) {
	if !n.trial {
		return n.key, nil
	}
	return n.nextKey()
}

// turnNodeKey puts the next node key in the place of the old one once the roster names it.
func (n *Node) turnNodeKey() error {
	due, err := n.nodeKeyIsDue()
	if err != nil || !due {
		return err
	}
	if err := os.Rename(n.in(nextKeyName), n.in(keyName)); err != nil {
		return fmt.Errorf("node key: %w", err)
	}
	n.trial = false
	n.key, err = link.LoadKey(n.in(keyName))
	return err
}
