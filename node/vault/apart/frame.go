package apart

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"tidemark/node/vault"
	"tidemark/schema"
	"tidemark/schema/coalition"
)

const (
	maxFrame = 4 << 20
	maxPage  = 1 << 20  // of notes in one frame, but for the last of them
	maxLog   = 16 << 20 // of a coalition's charter and acts
)

// request is one frame to the vault, answer the one that comes back.
type request struct {
	Method string          `json:"method"`
	Args   json.RawMessage `json:"args"`
}

type answer struct {
	Result json.RawMessage `json:"result,omitempty"`
	Error  *refusal        `json:"error,omitempty"`
}

// What the methods take and give. Notes are bytes, as they are everywhere.
type (
	logArgs struct {
		Notes [][]byte `json:"notes"`
	}
	selfResult struct {
		Member      schema.Slug `json:"member"`
		MemberKey   string      `json:"member_key"`
		BoxKey      string      `json:"box_key"`
		BoxIdentity string      `json:"box_identity"`
	}
	standingResult struct {
		Head     uint64               `json:"head"`
		Note     schema.Hash          `json:"note"`
		Restored time.Time            `json:"restored"`
		Spent    []spent              `json:"spent"`
		Slots    []vault.Slot         `json:"slots"`
		Consents map[schema.Hash]bool `json:"consents"`
	}
	spent struct {
		Coalition schema.Hash   `json:"coalition"`
		Plan      schema.Hash   `json:"plan"`
		Period    schema.Period `json:"period"`
		Charge    schema.Charge `json:"charge"`
		Times     int           `json:"times"`
	}
	feedArgs struct {
		From int `json:"from"`
	}
	codebookArgs struct {
		Codebook []byte `json:"codebook"`
	}
	noArgs   struct{}
	stepArgs struct {
		Due   coalition.Due `json:"due"`
		Heads [][]byte      `json:"heads"`
	}
	dueArgs struct {
		Due coalition.Due `json:"due"`
	}
	publishArgs struct {
		Due    coalition.Due `json:"due"`
		Intent []byte        `json:"intent"`
	}
	noteArgs struct {
		Note []byte `json:"note"`
	}
	answerArgs struct {
		Check    []byte      `json:"check"`
		Sequence uint64      `json:"sequence"`
		Last     schema.Hash `json:"last"`
	}
	contributeArgs struct {
		Due   coalition.Due `json:"due"`
		Keys  [][]byte      `json:"keys"`
		Heads [][]byte      `json:"heads"`
	}
	textArgs struct {
		Text string `json:"text"` // of a note that is not signed yet
	}
	sumArgs struct {
		Agreement []byte   `json:"agreement"`
		Scalars   [][]byte `json:"scalars"`
		Heads     [][]byte `json:"heads"`
	}
	parcelsArgs struct {
		Parcels [][]byte `json:"parcels"`
	}
)

var errFrame = errors.New("not a frame of this protocol")

// send writes v as one frame (A1).
func send(w io.Writer, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if len(text) > maxFrame {
		return fmt.Errorf("%w: %d bytes, at most %d", errFrame, len(text), maxFrame)
	}
	_, err = w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(text))), text...))
	return err
}

// receive reads one frame into v (A1, A2).
func receive(r io.Reader, v any) error {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return err
	}
	n := binary.BigEndian.Uint32(size[:])
	if n > maxFrame {
		return fmt.Errorf("%w: %d bytes, at most %d", errFrame, n, maxFrame)
	}
	// What is announced is not made room for before it comes.
	text, err := io.ReadAll(io.LimitReader(r, int64(n)))
	if err != nil {
		return err
	}
	if len(text) < int(n) {
		return io.ErrUnexpectedEOF
	}
	return strict(text, v)
}

// strict reads JSON that holds what v holds and nothing else.
func strict(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return errFrame // its own words may quote what was sent
	}
	if _, err := d.Token(); err != io.EOF {
		return errFrame
	}
	return nil
}

// pages cuts notes into frames.
func pages(notes [][]byte) [][][]byte {
	var all [][][]byte
	size := maxPage
	for _, n := range notes {
		if size >= maxPage {
			all, size = append(all, nil), 0
		}
		last := len(all) - 1
		all[last] = append(all[last], n)
		size += len(n)
	}
	return all
}
