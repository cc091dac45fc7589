package node

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"tidemark/aggregation/joint"
	"tidemark/schema"
)

// roundKey is a keeper's key for one joint round. It lies in the folder from the moment at
// which it is made to the keeper's sum, in a file of its own that no backup holds: a keeper
// that came back from one takes no part in the rounds that had begun.
type roundKey struct {
	Made    time.Time `json:"made"`
	Private []byte    `json:"private"`
	Public  []byte    `json:"public"`
}

// String and its like keep the key out of logs by construction.
func (*roundKey) String() string { return "[round key]" }

// GoString keeps %#v quiet too.
func (*roundKey) GoString() string { return "[round key]" }

const roundsName = "rounds"

func (n *Node) roundKeyFile(r schema.Round) string {
	return filepath.Join(n.in(roundsName), r.Plan.String()+"-"+r.Period.String()+".key")
}

// roundKey reads a round's key; nil: it is not here.
func (n *Node) roundKey(r schema.Round) (*roundKey, error) {
	raw, err := os.ReadFile(n.roundKeyFile(r))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("round key: %w", err)
	}
	key := &roundKey{}
	if json.Unmarshal(raw, key) != nil {
		return nil, errors.New("round key: its file is damaged; this keeper takes no part in the round")
	}
	return key, nil
}

func (n *Node) makeRoundKey(r schema.Round) (*roundKey, error) {
	private, public, err := joint.NewKey()
	if err != nil {
		return nil, fmt.Errorf("round key: %w", err)
	}
	key := &roundKey{Made: n.cfg.Now().UTC().Truncate(time.Second), Private: private, Public: public}
	raw, err := json.Marshal(key)
	if err != nil {
		return nil, fmt.Errorf("round key: %w", err)
	}
	if err := os.MkdirAll(n.in(roundsName), 0o700); err != nil {
		return nil, fmt.Errorf("round key: %w", err)
	}
	if err := ReplaceFile(n.roundKeyFile(r), raw); err != nil {
		return nil, fmt.Errorf("round key: %w", err)
	}
	return key, nil
}

// dropRoundKey destroys a round's key: it is overwritten and removed. What a disk keeps of
// it behind that is not in a program's hands.
func (n *Node) dropRoundKey(r schema.Round) error {
	name := n.roundKeyFile(r)
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("round key: %w", err)
	}
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("round key: %w", err)
	}
	_, err = f.Write(make([]byte, info.Size()))
	if err := errors.Join(err, f.Sync(), f.Close(), os.Remove(name)); err != nil {
		return fmt.Errorf("round key: %w", err)
	}
	return nil
}
