package vault

import (
	"bufio"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"tidemark/schema"
)

// stage is the file in which an import's new and changed cases wait until all of it has
// been read. It is sealed with a key that exists in memory alone until the import is
// committed, so what a crash leaves behind of an unfinished one is noise.
type stage struct {
	disk  disk
	name  string
	key   []byte
	aead  cipher.AEAD
	file  *os.File
	out   *bufio.Writer
	count uint64
	size  uint64 // bytes
	known [bloomBits / 64]uint64
}

const stageName = "stage"

// bloomBits sizes a filter of the cases that are staged: 1 MiB, whatever the import.
const bloomBits = 1 << 23

func newStage(d disk, dir string) (*stage, error) {
	s := &stage{disk: d, name: filepath.Join(dir, stageName), key: newKey()}
	var err error
	if s.aead, err = newAEAD(s.key); err != nil {
		return nil, err
	}
	if s.file, err = os.OpenFile(s.name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600); err != nil {
		return nil, err
	}
	s.out = bufio.NewWriterSize(s.file, 256<<10)
	return s, nil
}

// add writes a case to the stage.
func (s *stage) add(k schema.Key, c *stored) error {
	for _, bit := range bloom(k) {
		s.known[bit/64] |= 1 << (bit % 64)
	}
	frame := s.aead.Seal(make([]byte, 4, 256), nil, append(k[:], c.encode()...), ordinal(s.count))
	binary.BigEndian.PutUint32(frame, uint32(len(frame)-4))
	s.count, s.size = s.count+1, s.size+uint64(len(frame))
	_, err := s.out.Write(frame)
	return err
}

// may tells whether the case is staged: surely if it is, perhaps if it is not.
func (s *stage) may(k schema.Key) bool {
	if s == nil {
		return false
	}
	for _, bit := range bloom(k) {
		if s.known[bit/64]&(1<<(bit%64)) == 0 {
			return false
		}
	}
	return true
}

// bloom takes two places from a key, which is as good as random.
func bloom(k schema.Key) [2]uint64 {
	return [2]uint64{binary.BigEndian.Uint64(k[:]) % bloomBits, binary.BigEndian.Uint64(k[8:]) % bloomBits}
}

func ordinal(n uint64) []byte { return binary.BigEndian.AppendUint64([]byte("tidemark/stage/v1 "), n) }

// finish makes the stage durable.
func (s *stage) finish() error {
	err := s.disk.do("append "+stageName, s.out.Flush)
	if err == nil {
		err = s.disk.do("sync "+stageName, s.file.Sync)
	}
	if err = errors.Join(err, s.file.Close()); err != nil {
		return err
	}
	return s.disk.syncDir(filepath.Dir(s.name))
}

// discard drops a stage that is not finished.
func (s *stage) discard() error {
	s.file.Close() // finish may have closed it
	return s.remove()
}

func (s *stage) remove() error { return os.Remove(s.name) }

// removeStage takes the file away once nothing needs it.
func removeStage(dir string) error {
	err := os.Remove(filepath.Join(dir, stageName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// readStage calls fn for every case of a finished stage, in order.
func readStage(dir string, key []byte, count uint64, fn func(n uint64, k schema.Key, c *stored) error) error {
	aead, err := newAEAD(key)
	if err != nil {
		return err
	}
	f, err := os.Open(filepath.Join(dir, stageName))
	if err != nil {
		return err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 256<<10)
	for n := range count {
		k, c, err := readStaged(in, aead, n)
		if err != nil {
			return fmt.Errorf("stage: case %d: %w", n+1, err)
		}
		if err := fn(n, k, c); err != nil {
			return err
		}
	}
	return nil
}

func readStaged(in io.Reader, aead cipher.AEAD, n uint64) (k schema.Key, c *stored, err error) {
	var size [4]byte
	if _, err := io.ReadFull(in, size[:]); err != nil {
		return k, nil, err
	}
	length := binary.BigEndian.Uint32(size[:])
	if length > 1<<20 {
		return k, nil, errSealed
	}
	frame := make([]byte, length)
	if _, err := io.ReadFull(in, frame); err != nil {
		return k, nil, err
	}
	plain, err := aead.Open(nil, nil, frame, ordinal(n))
	if err != nil || len(plain) < len(k) {
		return k, nil, errSealed
	}
	copy(k[:], plain)
	c = &stored{}
	return k, c, c.decode(plain[len(k):])
}
