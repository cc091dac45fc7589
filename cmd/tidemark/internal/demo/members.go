package demo

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"filippo.io/age"

	"tidemark/node"
	"tidemark/node/intake"
	"tidemark/schema"
	"tidemark/schema/fiction"
	"tidemark/schema/mapping"
)

// member is one fictional organisation: its case system's export and its node.
type member struct {
	org     *fiction.Organisation
	dir     string
	shape   shape
	export  string // path
	mapping string // path
	node    *node.Node
	cases   int
	persons int
	stopped atomic.Pointer[time.Time] // since it reports no more
	clock   *clock
}

// schedule is what the member releases up to: its clock, or the last quarter that a member
// who stopped reporting still reported.
func (m *member) schedule() time.Time {
	if t := m.stopped.Load(); t != nil {
		return *t
	}
	return m.clock.now()
}

// release carries out every slot that the member saw. One that stopped reporting saw
// none after its last quarter: it owes the rest, and others read "not reported", not 0.
func (m *member) release(ctx context.Context, plan *schema.Plan) error {
	if stops := m.org.Stops; !stops.IsZero() {
		end := plan.DrawOf(stops).Add(-time.Hour)
		m.stopped.Store(&end)
	}
	released, err := m.node.Settle(ctx, patience)
	for _, r := range released {
		if err == nil && r.Parcel == nil && !r.Due.Slot.After(m.schedule()) {
			err = fmt.Errorf("demo: %s: %s has %d of %d witnesses", m.org.Slug, r.Due.Period, r.Lines, r.Quorum)
		}
	}
	return err
}

// WriteExports writes every organisation's export and mapping into dir, one folder each.
func WriteExports(dir string, w *fiction.World, done func(what string)) error {
	for i := range w.Organisations {
		m := newMember(dir, w, i, &clock{})
		if err := m.writeExport(w, i); err != nil {
			return err
		}
		done("export of " + string(m.org.Slug))
	}
	return nil
}

func newMember(dir string, w *fiction.World, i int, c *clock) *member {
	o := &w.Organisations[i]
	own := filepath.Join(dir, string(o.Slug))
	s := shapes[i%len(shapes)]
	return &member{
		org: o, dir: filepath.Join(own, "node"), shape: s, clock: c,
		export: filepath.Join(own, s.file), mapping: filepath.Join(own, "mapping.yaml"),
	}
}

func (m *member) writeExport(w *fiction.World, i int) error {
	if err := os.MkdirAll(filepath.Dir(m.export), 0o700); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	c, err := newClerk(w.Config.Seed, m.org)
	if err != nil {
		return err
	}
	if err := os.WriteFile(m.mapping, []byte(m.shape.mapping(c)), 0o600); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	f, err := os.OpenFile(m.export, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer f.Close()
	out := bufio.NewWriter(f)
	if err := m.shape.write(out, c, c.rows(w.Cases(i))); err != nil {
		return fmt.Errorf("demo export %s: %w", m.shape.name, err)
	}
	return out.Flush()
}

// init makes and opens the member's node. Its keys lie behind a key file, as they would
// on a server, not behind a passphrase: nobody is there to type twelve of them.
func (m *member) init(ctx context.Context, address string, told func(string)) error {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	cfg := node.Config{Dir: m.dir, Unlock: node.Unlock{Identity: id.String()}, Now: m.clock.now, Schedule: m.schedule, Told: told}
	s := node.Settings{Slug: m.org.Slug, Title: m.org.Title, Regions: m.org.Regions, Listen: address, Announce: []string{address}}
	if err := node.Init(cfg, s); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(m.dir), "key.txt"), []byte(id.String()+"\n"), 0o600); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	m.node, err = node.Open(ctx, cfg)
	return err
}

// take imports the export by the mapping, as `tidemark cases import` does.
func (m *member) take(ctx context.Context) error {
	text, err := os.ReadFile(m.mapping)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	mapped, err := mapping.Parse(text, m.node.Codebook())
	if err != nil {
		return fmt.Errorf("demo %s: %w", m.shape.name, err)
	}
	var report intake.Report
	taken, err := m.node.Vault().Import(ctx, mapped.Protection(), intake.Cases(ctx, mapped, m.export, &report))
	if err != nil {
		return fmt.Errorf("demo import %s: %w", m.shape.name, err)
	}
	if report.Refused > 0 || taken.Future > 0 || taken.Added == 0 && report.Rows > 0 {
		return fmt.Errorf("demo import %s: %d of %d rows refused, %d in the future", m.shape.name, report.Refused, report.Rows, taken.Future)
	}
	stats, err := m.node.Vault().Stats(ctx)
	m.cases, m.persons = stats.Cases, stats.Persons
	return err
}

// nodeAddress is a loopback port that the system has just given out and taken back.
func nodeAddress(port int) string {
	return strings.Join([]string{"", "ip4", "127.0.0.1", "tcp", fmt.Sprint(port)}, "/")
}

// Export names an organisation's mapping and export, as WriteExports writes them.
func Export(dir string, w *fiction.World, i int) string {
	m := newMember(dir, w, i, &clock{})
	return fmt.Sprintf("%s  %s", m.mapping, m.export)
}
