package link

import (
	"context"
	"log/slog"
	"slices"
	"strings"

	"github.com/libp2p/go-libp2p/gologshim"
)

// QuietLogs sends what the network library logs to h, through Quiet. Call it first thing
// in main: later it has no effect.
func QuietLogs(h slog.Handler) { gologshim.SetDefaultHandler(Quiet(h)) }

// Quiet passes warnings and errors on, and of their attributes only those of an
// allow-list without peers and addresses.
func Quiet(h slog.Handler) slog.Handler { return quiet{h} }

var (
	allowedAttributes = []string{"logger", "protocol", "direction", "stage", "duration", "result", "limit"}
	// The libraries' sentences are constant, but for these a sentence is withheld.
	tellTale = []string{"12D3", "Qm", "/ip4/", "/ip6/", "/p2p/", "/dns"}
)

// quiet is the allow-list as a handler.
type quiet struct{ slog.Handler }

func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level)
}

func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	text := r.Message
	if slices.ContainsFunc(tellTale, func(s string) bool { return strings.Contains(text, s) }) {
		text = "withheld: it names a peer"
	}
	cut := slog.NewRecord(r.Time, r.Level, text, 0)
	r.Attrs(func(a slog.Attr) bool {
		cut.AddAttrs(allowed([]slog.Attr{a})...)
		return true
	})
	return q.Handler.Handle(ctx, cut)
}

func allowed(attrs []slog.Attr) []slog.Attr {
	return slices.DeleteFunc(slices.Clone(attrs), func(a slog.Attr) bool {
		return !slices.Contains(allowedAttributes, a.Key) || a.Value.Kind() == slog.KindGroup
	})
}

func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler {
	return quiet{q.Handler.WithAttrs(allowed(attrs))}
}

// WithGroup leaves the group out: its name could be a peer's.
func (q quiet) WithGroup(string) slog.Handler { return q }
