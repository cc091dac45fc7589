package vault

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"tidemark/aggregation/noise"
)

var errBroken = errors.New("broken")

// broken is a noise child that does not answer.
type broken struct{}

func (broken) Noise(context.Context, []noise.Ask) ([][]int64, error) { return nil, errBroken }

// copied is the config of a copy of a closed vault.
func copied(t testing.TB, cfg Config) Config {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "vault")
	must(t, os.CopyFS(dir, os.DirFS(cfg.Dir)))
	cfg.Dir = dir
	return cfg
}

func filesUnder(t testing.TB, dir string) (names []string) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	}))
	return names
}
