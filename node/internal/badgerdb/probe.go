package badgerdb

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// ErrDamaged: Badger cannot open or read its files.
var ErrDamaged = errors.New("the store's files are damaged: restore the folder from its newest backup")

const (
	probeTimeout = 10 * time.Minute
	// probeRefused is how a probe ends that met an error: the one who asked will meet it
	// too. Go and Badger end a process that met damage with 1 or 2.
	probeRefused = 3
)

// probed is what a probe is told, on its standard input.
type probed struct {
	Dir string
	Key []byte
}

// Probe is the child's side of Config.Probe: it opens the store of which it reads on r,
// reads all of it, closes it, and returns how the process has to end.
//
// Badger ends the process, from goroutines of its own, where it finds some kinds of damage.
// So a child opens the store first, and dies of them instead.
func Probe(r io.Reader) (exit int) {
	var p probed
	if err := json.NewDecoder(r).Decode(&p); err != nil {
		return probeRefused
	}
	db, err := openPatiently(Config{Dir: p.Dir, Key: p.Key})
	if err != nil {
		return probeRefused
	}
	read := readAll(db)
	if err := errors.Join(read, db.Close()); err != nil {
		return probeRefused
	}
	return 0
}

func readAll(db *badger.DB) error {
	s := &Store{db: db}
	return s.Scan(nil, func(_, _ []byte) error { return nil })
}

// probe lets a child open the store. It fails only for damage, and where there is no child.
func (c *Config) probe() error {
	if len(c.Probe) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), probeTimeout)
	defer cancel()
	told, err := json.Marshal(probed{c.Dir, c.Key})
	if err != nil {
		return err
	}
	child := exec.CommandContext(ctx, c.Probe[0], c.Probe[1:]...)
	child.Env = []string{} // not nil: nil would hand down ours
	// What it prints of damage goes nowhere: it may hold what was damaged.
	child.Stdin = bytes.NewReader(told)
	var ended *exec.ExitError
	switch err := child.Run(); {
	case err == nil:
		return nil
	case !errors.As(err, &ended), ended.ExitCode() < 0 && ctx.Err() == nil:
		return fmt.Errorf("store: probe: %w", err) // not started, or stopped by somebody
	case ended.ExitCode() == probeRefused:
		return nil
	}
	return fmt.Errorf("store %s: %w", c.Dir, ErrDamaged)
}
