package apart

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
)

// Listen opens the vault's socket for this user and the folder's group. The caller holds
// the vault: a socket that is there already was left by a process that was killed.
func Listen(ctx context.Context, path string) (net.Listener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("vault apart: %w", err)
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("vault apart: %w", err)
	}
	err = shareGroup(path, filepath.Dir(path))
	if err == nil {
		err = os.Chmod(path, 0o660)
	}
	if err != nil {
		return nil, fmt.Errorf("vault apart: %w", errors.Join(err, l.Close()))
	}
	return l, nil
}
