package archive

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"

	"filippo.io/age"
)

// Reader reads a backup. What it gives may be used for good only after Next has returned
// io.EOF: whatever is wrong with a backup, all of it is refused. It is for one goroutine.
type Reader struct {
	Header
	in    *bufio.Reader
	sum   chain
	now   int    // rank of the piece at hand; -1: none yet
	piece []byte // what is left of it
	begun bool   // the piece at hand is the first of a part that Next has not returned
	buf   []byte
	err   error
}

// NewReader opens a backup. An identity that does not open it gives age.ErrIncorrectIdentity.
func NewReader(r io.Reader, ids ...age.Identity) (*Reader, error) {
	plain, err := age.Decrypt(r, ids...)
	if errors.Is(err, age.ErrIncorrectIdentity) {
		return nil, err
	}
	if err != nil {
		return nil, damaged("%w", err)
	}
	return newReader(plain)
}

func newReader(plain io.Reader) (*Reader, error) {
	in := bufio.NewReader(plain)
	line, err := in.ReadSlice('\n') // as far as the buffer goes, not further
	if err != nil || len(line) > maxHeader {
		return nil, damaged("it begins with no header")
	}
	h, err := parseHeader(string(line))
	if err != nil {
		return nil, err
	}
	return &Reader{Header: h, in: in, sum: newChain(string(line)), now: -1, buf: make([]byte, MaxPiece)}, nil
}

// Next goes on to the next part, whatever is left of the one before. After the last one,
// when the whole backup has been found to be as it was written, it returns io.EOF.
func (r *Reader) Next() (name string, part io.Reader, err error) {
	for r.err == nil && !r.begun {
		r.load()
	}
	if r.err != nil {
		return "", nil, r.err
	}
	r.begun = false
	return parts[r.now], &content{r, r.now}, nil
}

// load reads and checks one more piece.
func (r *Reader) load() {
	name, piece, err := r.next()
	if err != nil {
		r.err = err
		return
	}
	at := rank(name)
	switch {
	case at < r.now || at < 0:
		r.err = damaged("a part is out of place")
	case name == last:
		r.err = r.ended(piece)
	default:
		r.begun, r.now, r.piece = at > r.now, at, piece
	}
}

// next reads a piece and holds it against the chain.
func (r *Reader) next() (string, []byte, error) {
	length, err := r.in.ReadByte()
	if err != nil {
		return "", nil, damaged("it ends too early: %w", err)
	}
	begin := make([]byte, 1+int(length)+4)
	begin[0] = length
	if _, err := io.ReadFull(r.in, begin[1:]); err != nil {
		return "", nil, damaged("it ends too early: %w", err)
	}
	size := binary.BigEndian.Uint32(begin[1+length:])
	if size > MaxPiece {
		return "", nil, damaged("a piece of %d bytes, at most %d", size, MaxPiece)
	}
	piece := r.buf[:size]
	var sum chain
	for _, b := range [][]byte{piece, sum[:]} {
		if _, err := io.ReadFull(r.in, b); err != nil {
			return "", nil, damaged("it ends too early: %w", err)
		}
	}
	if r.sum.add(begin, piece); r.sum != sum {
		return "", nil, damaged("a piece is not the one that was written")
	}
	return string(begin[1 : 1+length]), piece, nil
}

// ended makes sure that nothing follows the last piece.
func (r *Reader) ended(piece []byte) error {
	if len(piece) > 0 {
		return damaged("its last piece holds something")
	}
	if _, err := r.in.ReadByte(); err != io.EOF {
		return damaged("something follows its last piece")
	}
	return io.EOF
}

// content is one part.
type content struct {
	r    *Reader
	rank int
}

func (c *content) Read(p []byte) (int, error) {
	r := c.r
	for len(r.piece) == 0 && r.now == c.rank && !r.begun && r.err == nil {
		r.load()
	}
	switch {
	case r.now != c.rank || r.begun || r.err == io.EOF:
		return 0, io.EOF
	case r.err != nil:
		return 0, r.err
	}
	n := copy(p, r.piece)
	r.piece = r.piece[n:]
	return n, nil
}
