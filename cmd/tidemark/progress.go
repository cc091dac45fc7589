package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

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
	if at := min(b.done*100/b.total, 100); b.out != nil && at != b.shown {
		b.shown = at
		full := at * barWidth / 100
		fmt.Fprintf(b.out, "\r%s%s %3d %%  %-40.40s", strings.Repeat("█", full), strings.Repeat("░", barWidth-full), at, what)
	}
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
