//go:build !windows

package vault

import "os"

func syncFolder(f *os.File) error { return f.Sync() }
