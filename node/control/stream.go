package control

import (
	"encoding/json"
	"sync"
)

// frames writes both streams of a call to one connection, frame by frame.
type frames struct {
	mu  sync.Mutex
	enc *json.Encoder
	err error
}

func (w *frames) send(f frame) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = w.enc.Encode(f)
	}
	return w.err
}

type stream struct {
	to    *frames
	isErr bool
}

func (s stream) Write(b []byte) (int, error) {
	f := frame{Out: b}
	if s.isErr {
		f = frame{Err: b}
	}
	if err := s.to.send(f); err != nil {
		return 0, err
	}
	return len(b), nil
}
