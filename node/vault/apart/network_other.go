//go:build !linux || !(amd64 || arm64)

package apart

// NoNetwork is not to be had here: this system has no such rule, or nobody has written it.
func NoNetwork() error { return ErrNoRule }
