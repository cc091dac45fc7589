package archive

import (
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
)

// Writer writes a backup. It is for one goroutine, and is of no use after an error.
type Writer struct {
	out   io.WriteCloser
	sum   chain
	now   int // rank of the part that is under way; -1: none
	piece []byte
	err   error
}

// NewWriter begins a backup that the recipients' keys open. Close ends it.
func NewWriter(w io.Writer, h Header, to ...age.Recipient) (*Writer, error) {
	line, err := h.line()
	if err != nil {
		return nil, fmt.Errorf("backup: header: %w", err)
	}
	out, err := age.Encrypt(w, to...)
	if err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	if _, err := io.WriteString(out, line); err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	return &Writer{out: out, sum: newChain(line), now: -1, piece: make([]byte, 0, MaxPiece)}, nil
}

// Part begins a part. What is written to it before the next one begins belongs to it.
func (w *Writer) Part(name string) (io.Writer, error) {
	r := rank(name)
	if r < 0 || r <= w.now || name == last {
		return nil, fmt.Errorf("backup: part %.16q is out of place", name)
	}
	if err := w.finish(); err != nil {
		return nil, err
	}
	w.now = r
	return &part{w, r}, nil
}

type part struct {
	w    *Writer
	rank int
}

func (p *part) Write(b []byte) (n int, err error) {
	if p.rank != p.w.now {
		return 0, errors.New("backup: the part has ended")
	}
	for len(b) > 0 && p.w.err == nil {
		if len(p.w.piece) == MaxPiece {
			p.w.send(parts[p.rank])
		}
		k := min(len(b), MaxPiece-len(p.w.piece))
		p.w.piece = append(p.w.piece, b[:k]...)
		b, n = b[k:], n+k
	}
	return n, p.w.err
}

// finish sends what is left of the part under way: an empty part is a piece too.
func (w *Writer) finish() error {
	if w.now >= 0 {
		w.send(parts[w.now])
	}
	return w.err
}

func (w *Writer) send(name string) {
	begin := head(name, len(w.piece))
	w.sum.add(begin, w.piece)
	for _, b := range [][]byte{begin, w.piece, w.sum[:]} {
		if w.err == nil {
			_, w.err = w.out.Write(b)
		}
	}
	if w.err != nil {
		w.err = fmt.Errorf("backup: write: %w", w.err)
	}
	w.piece = w.piece[:0]
}

// Close writes the piece that says that all is there. A backup that is not closed
// without an error is refused when it is read.
func (w *Writer) Close() error {
	if err := w.finish(); err != nil {
		return err
	}
	w.now = rank(last)
	w.send(last)
	if w.err == nil {
		w.err = w.out.Close()
	}
	return w.err
}
