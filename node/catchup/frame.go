package catchup

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"tidemark/node/feeds"
	"tidemark/node/gate"
	"tidemark/schema"
)

// Limits of what one stream carries.
const (
	maxItem      = gate.MaxSize
	maxVector    = 64 << 10
	maxMembers   = 4096
	maxSequence  = 1 << 40 // keeps arithmetic on claimed sequences far from overflow
	pageItems    = 512
	pageBytes    = 512 << 10 // under a minute and a half at 64 kbit/s; more than any item
	readerBuffer = 4 << 10
)

// errFrame is what no honest member's program writes.
var errFrame = errors.New("not in the form of the protocol")

func newReader(r io.Reader) *bufio.Reader { return bufio.NewReaderSize(r, readerBuffer) }

// writeFrame writes a length and so many bytes; nil is the end of a page.
func writeFrame(w io.Writer, body []byte) error {
	frame := binary.AppendUvarint(make([]byte, 0, binary.MaxVarintLen64+len(body)), uint64(len(body)))
	_, err := w.Write(append(frame, body...))
	return err
}

// readFrame reads one; nil at the end of a page. Nothing is allocated for a length
// beyond the limit.
func readFrame(r *bufio.Reader, limit uint64) ([]byte, error) {
	n, err := binary.ReadUvarint(r)
	if err != nil {
		return nil, unexpected(err)
	}
	if n > limit {
		return nil, fmt.Errorf("frame of %d bytes, at most %d: %w", n, limit, errFrame)
	}
	if n == 0 {
		return nil, nil
	}
	body := make([]byte, n)
	_, err = io.ReadFull(r, body)
	return body, unexpected(err)
}

// unexpected makes an early end an error that is not mistaken for a whole page.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// writeEnd ends a page and says whether another would follow.
func writeEnd(w io.Writer, more bool) error {
	end := []byte{0, 0}
	if more {
		end[1] = 1
	}
	_, err := w.Write(end)
	return err
}

func readMore(r *bufio.Reader) (bool, error) {
	b, err := r.ReadByte()
	if err != nil {
		return false, unexpected(err)
	}
	if b > 1 {
		return false, errFrame
	}
	return b == 1, nil
}

// encode writes a vector: the coalition, the number of acts, the mark of the proposals,
// and for each member of the roster how long its feed is, with the mark of its head, from
// where on it is in dispute, whether there is an alarm, the marks of what is under way and
// of contributions, and what is missing; numbers as varints.
func encode(coalition schema.Hash, v feeds.Vector) []byte {
	b := append([]byte{}, coalition[:]...)
	b = binary.AppendUvarint(b, v.Acts)
	b = append(b, v.Drafts[:]...)
	b = binary.AppendUvarint(b, uint64(len(v.Members)))
	for _, m := range v.Members {
		b = binary.AppendUvarint(b, m.Sequence)
		if m.Sequence > 0 {
			b = append(b, m.Head[:]...)
		}
		b = binary.AppendUvarint(b, m.Disputed<<flagBits|flags(m))
		if m.Desk != (feeds.DeskMark{}) {
			b = append(b, m.Desk[:]...)
		}
		if m.Given != (feeds.DeskMark{}) {
			b = append(b, m.Given[:]...)
		}
		b = binary.AppendUvarint(b, uint64(len(m.Missing)))
		for _, sequence := range m.Missing {
			b = binary.AppendUvarint(b, sequence)
		}
	}
	return b
}

// Flags of a member in a vector, below the place in dispute.
const (
	alarmed  = 1 << iota // an alarm is held
	busy                 // a mark of what is under way follows
	given                // a mark of contributions to joint rounds follows
	flagBits = iota
)

func flags(m feeds.Have) (f uint64) {
	if m.Alarm {
		f |= alarmed
	}
	if m.Desk != (feeds.DeskMark{}) {
		f |= busy
	}
	if m.Given != (feeds.DeskMark{}) {
		f |= given
	}
	return f
}

// decode reads a vector, within its limits.
func decode(coalition schema.Hash, b []byte) (feeds.Vector, error) {
	var v feeds.Vector
	if len(b) < len(coalition) || schema.Hash(b[:len(coalition)]) != coalition {
		return v, fmt.Errorf("vector: of another coalition: %w", errFrame)
	}
	d := digits{rest: b[len(coalition):]}
	v.Acts = d.next(maxSequence)
	d.copy(v.Drafts[:])
	for n := d.next(maxMembers); n > 0 && !d.bad; n-- {
		have := feeds.Have{Sequence: d.next(maxSequence)}
		if have.Sequence > 0 {
			d.copy(have.Head[:])
		}
		f := d.next(maxSequence<<flagBits | (1<<flagBits - 1))
		have.Disputed = f >> flagBits
		have.Alarm = f&alarmed != 0
		if f&busy != 0 {
			d.mark(&have.Desk)
		}
		if f&given != 0 {
			d.mark(&have.Given)
		}
		for k := d.next(feeds.MaxMissing); k > 0 && !d.bad; k-- {
			have.Missing = append(have.Missing, d.next(maxSequence))
		}
		v.Members = append(v.Members, have)
	}
	if d.bad || len(d.rest) > 0 {
		return feeds.Vector{}, fmt.Errorf("vector: %w", errFrame)
	}
	return v, nil
}

// digits reads varints and marks until one is not as it should be.
type digits struct {
	rest []byte
	bad  bool
}

func (d *digits) next(limit uint64) uint64 {
	n, size := binary.Uvarint(d.rest)
	if d.bad || size <= 0 || n > limit {
		d.bad = true
		return 0
	}
	d.rest = d.rest[size:]
	return n
}

func (d *digits) copy(to []byte) {
	if d.bad || len(d.rest) < len(to) {
		d.bad = true
		return
	}
	d.rest = d.rest[copy(to, d.rest):]
}

// mark reads one that was said to follow: zero would have been left out.
func (d *digits) mark(to *feeds.DeskMark) {
	d.copy(to[:])
	d.bad = d.bad || *to == feeds.DeskMark{}
}
