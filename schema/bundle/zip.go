package bundle

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// Write writes the bundle as a zip: entries sorted by name, stored as they are, without
// times (B1, B2). The same bundle gives the same bytes on every machine.
func Write(w io.Writer, b Bundle) error {
	es, err := b.entries()
	if err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	z := zip.NewWriter(w)
	for _, e := range es {
		if err := writeEntry(z, e); err != nil {
			return fmt.Errorf("write bundle: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	return nil
}

func writeEntry(z *zip.Writer, e entry) error {
	size := uint64(len(e.data))
	w, err := z.CreateRaw(&zip.FileHeader{
		Name: e.name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(e.data),
		CompressedSize64: size, UncompressedSize64: size,
	})
	if err != nil {
		return err
	}
	_, err = w.Write(e.data)
	return err
}

// Read reads a zip of size bytes, strictly: Write of what it returns is the zip again.
// Memory is taken for at most the size of the file.
func Read(r io.ReaderAt, size int64) (Bundle, error) {
	b, err := read(r, size)
	if err != nil {
		return Bundle{}, fmt.Errorf("read bundle: %w", err)
	}
	same := &comparer{r: io.NewSectionReader(r, 0, size)}
	if err := Write(same, b); err != nil {
		return Bundle{}, fmt.Errorf("read bundle: %w", err)
	}
	if same.at != size {
		return Bundle{}, fmt.Errorf("read bundle: %w", errOtherBytes)
	}
	return b, nil
}

func read(r io.ReaderAt, size int64) (b Bundle, err error) {
	if err := checkEnd(r, size); err != nil {
		return b, err
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return b, errors.New("not a zip")
	}
	var total int64
	for _, f := range z.File {
		e, err := readEntry(f)
		if err != nil {
			return b, err
		}
		// Entries that share bytes would take more memory than the file.
		if total += int64(len(e.data)); total > size {
			return b, errors.New("entries that overlap")
		}
		if err := b.put(e); err != nil {
			return b, err
		}
	}
	return b, nil
}

// The record at a zip's end, by its size and by where its fields stand.
const (
	endSize       = 22
	endDirectory  = 12
	directoryLine = 46 + 80 // a fixed part, and a name shorter than any of ours may be
)

// checkEnd bounds the directory before archive/zip takes memory for it: that library
// reads lines for as long as there are some, wherever the record says they start (B4).
func checkEnd(r io.ReaderAt, size int64) error {
	if size < endSize || size > MaxSize+MaxEntries*4*directoryLine {
		return fmt.Errorf("%d bytes, at most about %d", size, MaxSize)
	}
	var end [endSize]byte
	if _, err := r.ReadAt(end[:], size-endSize); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("the end: %w", err)
	}
	directory := int64(binary.LittleEndian.Uint32(end[endDirectory:]))
	offset := int64(binary.LittleEndian.Uint32(end[endDirectory+4:]))
	if !bytes.HasPrefix(end[:], []byte("PK\x05\x06")) || directory+offset+endSize != size {
		return errors.New("not a zip, or one with something after it")
	}
	if directory > MaxEntries*directoryLine {
		return fmt.Errorf("a directory of %d bytes, at most %d", directory, MaxEntries*directoryLine)
	}
	return nil
}

func readEntry(f *zip.File) (entry, error) {
	size := f.UncompressedSize64
	if f.Method != zip.Store || f.CompressedSize64 != size {
		return entry{}, errors.New("a compressed entry")
	}
	if size == 0 || size > uint64(limitOf(f.Name)) {
		return entry{}, fmt.Errorf("an entry of %d bytes, want 1 to %d", size, limitOf(f.Name))
	}
	r, err := f.Open()
	if err != nil {
		return entry{}, errors.New("an entry that does not open")
	}
	defer r.Close()
	data := make([]byte, size)
	if _, err := io.ReadFull(r, data); err != nil {
		return entry{}, errors.New("an entry that ends early")
	}
	return entry{f.Name, data}, nil // its checksum is compared when it is written again
}

var errOtherBytes = errors.New("not the bytes that writing gives")

// comparer refuses what differs from a reader's bytes.
type comparer struct {
	r  io.Reader
	at int64
}

func (c *comparer) Write(p []byte) (int, error) {
	have := make([]byte, len(p))
	if _, err := io.ReadFull(c.r, have); err != nil || !bytes.Equal(have, p) {
		return 0, errOtherBytes
	}
	c.at += int64(len(p))
	return len(p), nil
}
