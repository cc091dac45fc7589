package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

// bar shows how far a longer work is, on a terminal only.
type bar struct {
	mu    sync.Mutex
	out   io.Writer // nil: nobody looks
	total int
	done  int
	shown int
}

const barWidth = 30

func newBar(out io.Writer, total int) *bar {
	if f, ok := out.(*os.File); !ok || !term.IsTerminal(int(f.Fd())) {
		out = nil
	}
	return &bar{out: out, total: max(total, 1), shown: -1}
}

// step counts one more piece as done and says what comes.
func (b *bar) step(what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done++
	b.draw(what)
}

// draw shows how far it is; b.mu is held.
func (b *bar) draw(what string) {
	if at := min(b.done*100/b.total, 100); b.out != nil && at != b.shown {
		b.shown = at
		full := at * barWidth / 100
		fmt.Fprintf(b.out, "\r%s%s %3d %%  %-40.40s", strings.Repeat("█", full), strings.Repeat("░", barWidth-full), at, what)
	}
}

// meter counts bytes that pass, and shows them once they have taken a second.
type meter struct {
	bar   *bar
	what  string
	begun time.Time
	n     int64
}

func newMeter(out io.Writer, total int64, what string) *meter {
	return &meter{bar: newBar(out, int(total>>10)), what: what, begun: time.Now()}
}

func (m *meter) Write(b []byte) (int, error) {
	m.n += int64(len(b))
	if time.Since(m.begun) > time.Second {
		m.bar.mu.Lock()
		defer m.bar.mu.Unlock()
		m.bar.done = int(m.n >> 10)
		m.bar.draw(m.what)
	}
	return len(b), nil
}

// end wipes the bar away.
func (b *bar) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.out != nil {
		fmt.Fprintf(b.out, "\r%s\r", strings.Repeat(" ", barWidth+50))
	}
	b.out = nil
}
