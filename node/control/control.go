package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Call is a command as it was typed.
type Call struct {
	Args []string `json:"args"`
	Cwd  string   `json:"cwd"` // what relative paths are relative to
}

// Handler carries a call out and returns its exit status.
type Handler func(ctx context.Context, call Call, stdout, stderr io.Writer) int

// ErrNotRunning says that no node holds the folder.
var ErrNotRunning = errors.New("no node is running on this folder")

// frame is one line of an answer: output, or at the end the exit status.
type frame struct {
	Out  []byte `json:"out,omitempty"`
	Err  []byte `json:"err,omitempty"`
	Exit *int   `json:"exit,omitempty"`
}

const (
	socketName  = "control.sock"
	maxCall     = 1 << 20
	callTimeout = 5 * time.Second // to send the call; carrying it out takes what it takes
)

// Start listens, and answers calls until ctx ends: when it returns, commands get through.
// It replaces a socket that a killed node has left. The returned function waits for the
// end.
func Start(ctx context.Context, dir string, handle Handler) (wait func() error, err error) {
	path := filepath.Join(dir, socketName)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("control: %w", err)
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("control: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, fmt.Errorf("control: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, l, handle) }()
	return func() error { return <-ended }, nil
}

func serve(ctx context.Context, l net.Listener, handle Handler) error {
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	for {
		conn, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("control: %w", err)
		}
		go answer(ctx, conn, handle)
	}
}

func answer(ctx context.Context, conn net.Conn, handle Handler) {
	defer conn.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var call Call
	_ = conn.SetReadDeadline(time.Now().Add(callTimeout))
	if err := json.NewDecoder(io.LimitReader(conn, maxCall)).Decode(&call); err != nil {
		return
	}
	_ = conn.SetReadDeadline(time.Time{})
	go func() { // the caller went away: stop what it asked for
		_, _ = conn.Read(make([]byte, 1))
		cancel()
	}()
	w := &frames{enc: json.NewEncoder(conn)}
	exit := handle(ctx, call, stream{w, false}, stream{w, true})
	w.send(frame{Exit: &exit})
}

// Do sends a call to the node that holds dir and copies its output. ErrNotRunning: there
// is none, and nothing was done.
func Do(ctx context.Context, dir string, call Call, stdout, stderr io.Writer) (int, error) {
	conn, err := (&net.Dialer{Timeout: callTimeout}).DialContext(ctx, "unix", filepath.Join(dir, socketName))
	if err != nil {
		return 0, ErrNotRunning
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if err := json.NewEncoder(conn).Encode(call); err != nil {
		return 0, fmt.Errorf("control: %w", err)
	}
	for d := json.NewDecoder(bufio.NewReader(conn)); ; {
		var f frame
		if err := d.Decode(&f); err != nil {
			return 0, fmt.Errorf("control: the node stopped before it had answered: %w", err)
		}
		if f.Exit != nil {
			return *f.Exit, nil
		}
		_, _ = stdout.Write(f.Out)
		_, _ = stderr.Write(f.Err)
	}
}
