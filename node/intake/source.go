package intake

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"

	"tidemark/schema"
)

// source is the export being read; it knows what was read of it.
type source struct {
	path   string // empty: the export is in memory
	file   io.ReadSeekCloser
	before fs.FileInfo
	hash   hash.Hash
	read   int64
	limit  int64
}

// ErrChanged: the file is not the one that reading began with. Read it again.
var ErrChanged = errors.New("the file changed while it was read")

func openSource(path string, limit int64) (*source, error) {
	// Before the opening, which would wait for ever on a pipe.
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open: %w", withoutPath(err))
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("open: not a regular file")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open: %w", withoutPath(err))
	}
	info, err = file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err == nil && info.Size() > limit {
		err = fmt.Errorf("%d bytes, at most %d", info.Size(), limit)
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("open: %w", withoutPath(err))
	}
	return &source{path: path, file: file, before: info, hash: sha256.New(), limit: limit}, nil
}

// memory is an export that was never written to a file.
type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

func memorySource(text []byte, limit int64) (*source, error) {
	if int64(len(text)) > limit {
		return nil, fmt.Errorf("open: %d bytes, at most %d", len(text), limit)
	}
	return &source{file: memory{bytes.NewReader(text)}, hash: sha256.New(), limit: limit}, nil
}

// withoutPath drops the file's name: exports are named after people.
func withoutPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.file.Read(p)
	s.hash.Write(p[:n])
	if s.read += int64(n); s.read > s.limit {
		return n, fmt.Errorf("more than %d bytes", s.limit)
	}
	if err != nil && err != io.EOF {
		err = fmt.Errorf("read: %w", withoutPath(err))
	}
	return n, err
}

func (s *source) sum() (h schema.Hash) {
	s.hash.Sum(h[:0])
	return h
}

// checkUnchanged compares the file as it is now with what was read: its identity, size
// and time, and its bytes, because times have a grain and can be set back.
func (s *source) checkUnchanged() error {
	if s.path == "" {
		return nil
	}
	after, err := os.Stat(s.path)
	if err != nil || !os.SameFile(s.before, after) || after.Size() != s.before.Size() || !after.ModTime().Equal(s.before.ModTime()) {
		return ErrChanged
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read again: %w", withoutPath(err))
	}
	again := sha256.New()
	n, err := io.Copy(again, io.LimitReader(s.file, s.read))
	if err != nil || n != s.read || !bytes.Equal(again.Sum(nil), s.hash.Sum(nil)) {
		return ErrChanged
	}
	return nil
}

func (s *source) close() { s.file.Close() }
