package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"tidemark/aggregation/planner"
	"tidemark/node"
	"tidemark/node/link"
	"tidemark/node/vault"
	"tidemark/schema"
	"tidemark/schema/fiction"
	"tidemark/schema/wire"
)

// Config of a demonstration.
type Config struct {
	Dir     string
	Members int // 3 to 60
	People  int // about how many a quarter, all members together
	Now     time.Time
	// Steps hears how many steps there will be, Step each one as it is done.
	Steps func(int)
	Step  func(what string)
	// Expected hears what the plan promises, before anything is drawn.
	Expected func(planner.Report)
}

func (c *Config) validate() error {
	if c.Members < schema.MinMembers || c.Members > 60 {
		return fmt.Errorf("demo members: want %d to 60", schema.MinMembers)
	}
	if c.Dir == "" || c.People < 1 {
		return fmt.Errorf("demo: want a folder and people")
	}
	return nil
}

// quarters of history that the founding plan covers.
const quarters = 12

// Coalition is a demonstration that has run.
type Coalition struct {
	World   *fiction.World
	Plan    schema.Plan // of the history, in local mode
	Joint   schema.Plan // of the newest quarter: the same tables at the same charge
	clock   clock
	dates   dates
	Seconds float64
	members []*member
}

// Run makes a coalition of fictional members and takes it through its history. The
// caller closes it.
func Run(ctx context.Context, cfg Config) (*Coalition, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	last := schema.PeriodOf(schema.DateOf(cfg.Now), schema.Quarterly).Add(-1)
	w, err := fiction.New(fiction.Config{
		Seed: 7, Members: cfg.Members, People: cfg.People,
		First: last.Add(1 - quarters), Quarters: quarters,
	})
	if err != nil {
		return nil, err
	}
	d := &Coalition{World: w}
	for i := range w.Organisations {
		d.members = append(d.members, newMember(cfg.Dir, w, i, &d.clock))
	}
	cfg.Steps(6*cfg.Members + 3)
	started := time.Now()
	for _, stage := range []func(context.Context, Config) error{d.plan, d.export, d.found, d.take, d.release, d.offer, d.together, d.settle} {
		if err := stage(ctx, cfg); err != nil {
			return nil, errors.Join(err, d.Close())
		}
	}
	d.Seconds = time.Since(started).Seconds()
	return d, nil
}

// Close closes every node.
func (d *Coalition) Close() error {
	var errs []error
	for _, m := range d.members {
		if m.node != nil {
			errs = append(errs, m.node.Close())
		}
	}
	return errors.Join(errs...)
}

// First is the first member's node.
func (d *Coalition) First() *node.Node { return d.members[0].node }

// FirstDir is the first member's own folder.
func (d *Coalition) FirstDir() string { return d.members[0].dir }

// plan lets the planner choose by sizes that the members could type: their new people a
// quarter, and those who come back.
func (d *Coalition) plan(_ context.Context, cfg Config) error {
	sizes := make([]int, len(d.World.Organisations))
	for i, o := range d.World.Organisations {
		sizes[i] = o.Typed()
	}
	cb := schema.Incident()
	plan, err := planner.Choose(cb, sizes, planner.Frame(cb, schema.Local, d.World.Config.First))
	if err != nil {
		return fmt.Errorf("demo plan: %w", err)
	}
	report, err := planner.Expect(cb, plan, sizes)
	if err != nil {
		return fmt.Errorf("demo plan: %w", err)
	}
	last := d.World.Config.First.Add(quarters - 1)
	d.Plan, d.Joint = plan, planner.InMode(plan, schema.Joint, len(sizes))
	d.Joint.First = last
	d.dates = datesOf(&plan, last)
	cfg.Expected(report)
	cfg.Step("plan")
	return nil
}

// each runs f for every member, two at a time: this is the machine's size.
func (d *Coalition) each(ctx context.Context, cfg Config, what string, f func(context.Context, int) error) error {
	errs := make([]error, len(d.members))
	var wait sync.WaitGroup
	turn := make(chan struct{}, 2)
	for i, m := range d.members {
		wait.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			if errs[i] = ctx.Err(); errs[i] == nil {
				errs[i] = f(ctx, i)
			}
			cfg.Step(what + " " + string(m.org.Slug))
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

func (d *Coalition) export(ctx context.Context, cfg Config) error {
	return d.each(ctx, cfg, "export of", func(_ context.Context, i int) error {
		return d.members[i].writeExport(d.World, i)
	})
}

// found makes the nodes, founds the coalition and admits everybody by request and
// invitation.
func (d *Coalition) found(ctx context.Context, cfg Config) error {
	ports, err := freePorts(len(d.members))
	if err != nil {
		return err
	}
	silent := func(string) {}
	d.clock.set(d.dates.founding)
	if err := d.each(ctx, cfg, "node of", func(ctx context.Context, i int) error {
		return d.members[i].init(ctx, nodeAddress(ports[i]), silent)
	}); err != nil {
		return err
	}
	admin := d.First()
	if err := admin.Found(ctx, coalitionName, schema.Incident(), d.Plan); err != nil {
		return err
	}
	// Who joins agrees to the plans that there are.
	if _, err := admin.Propose(ctx, schema.AdoptPlan{Plan: d.Joint}); err != nil {
		return err
	}
	if err := admin.Consent(ctx, wire.PlanHash(d.Joint)); err != nil {
		return err
	}
	invitations := make([][]byte, len(d.members))
	for i, m := range d.members[1:] {
		request, err := m.node.Request()
		if err != nil {
			return err
		}
		words, err := m.node.RequestWords()
		if err != nil {
			return err
		}
		if invitations[i+1], err = admin.Admit(ctx, request, words, schema.Period{}); err != nil {
			return err
		}
	}
	words, err := admin.InvitationWords()
	if err != nil {
		return err
	}
	return d.each(ctx, cfg, "invitation of", func(ctx context.Context, i int) error {
		if i == 0 {
			return nil
		}
		return d.members[i].node.Join(ctx, invitations[i], words)
	})
}

func (d *Coalition) take(ctx context.Context, cfg Config) error {
	d.clock.set(d.dates.over)
	return d.each(ctx, cfg, "import of", func(ctx context.Context, i int) error {
		return d.members[i].take(ctx)
	})
}

// release starts everybody but the last member, who is offline meanwhile: she draws and
// sends when she comes, and both sides catch up. Of three members nobody may be missing:
// the other two are each one's witnesses.
func (d *Coalition) release(ctx context.Context, cfg Config) error {
	last := len(d.members) - 1
	if len(d.members) == schema.MinMembers {
		last = len(d.members)
	}
	for _, m := range d.members[:last] {
		if err := m.node.Start(ctx); err != nil {
			return err
		}
	}
	if err := d.acquaint(ctx, d.members[:last]); err != nil {
		return err
	}
	err := d.each(ctx, cfg, "releases of", func(ctx context.Context, i int) error {
		if i == last {
			return nil
		}
		return d.members[i].release(ctx, &d.Plan)
	})
	if err != nil {
		return err
	}
	if last == len(d.members) {
		return nil
	}
	if err := d.members[last].node.Start(ctx); err != nil {
		return err
	}
	if err := d.acquaint(ctx, d.members); err != nil {
		return err
	}
	return d.members[last].release(ctx, &d.Plan)
}

// acquaint waits until all are connected and know all acts: whoever was invited early has
// seen only the first of them.
func (d *Coalition) acquaint(ctx context.Context, online []*member) error {
	want := d.First().State().Roster().Version
	return until(ctx, func() bool {
		for _, m := range online {
			connected := slices.ContainsFunc(m.node.Peers(), func(p link.Peer) bool { return p.Connected })
			if m.node.State().Roster().Version != want || !connected && len(online) > 1 {
				_ = m.node.Sync(ctx)
				return false
			}
		}
		return true
	})
}

// offer lets the members say what they offer, while nothing is drawn that they would have
// to wait for.
func (d *Coalition) offer(ctx context.Context, cfg Config) error {
	now := schema.PeriodOf(schema.DateOf(d.clock.now()), schema.Quarterly)
	return d.each(ctx, cfg, "offer of", func(ctx context.Context, i int) error {
		offer, speaks := d.World.Offer(i, now)
		if !speaks {
			return nil
		}
		said, err := d.members[i].node.WriteCapacity(ctx, offer)
		if err != nil {
			return err
		}
		return d.members[i].node.SayCapacity(ctx, said, patience)
	})
}

// together opens the newest quarter: everybody has contributed, the keepers list what they
// hold, agree, and sum. A round that too few have joined is void.
func (d *Coalition) together(ctx context.Context, cfg Config) error {
	defer cfg.Step("the joint round of the newest quarter")
	defer d.clock.catchUp()
	contributed := func() bool {
		return slices.ContainsFunc(d.First().RoundsNow(), func(r node.RoundNow) bool {
			return r.Period == d.Joint.First && r.Have == d.reporting()
		})
	}
	if err := d.turns(ctx, contributed); err != nil {
		return err
	}
	d.clock.set(d.dates.slot)
	return d.turns(ctx, func() bool {
		r, err := d.First().Read()
		return err == nil && len(r.Rounds) > 0 && r.Rounds[len(r.Rounds)-1].State != node.RoundUnderWay
	})
}

// turns lets everybody do what there is to do, until it is done.
func (d *Coalition) turns(ctx context.Context, done func() bool) error {
	return until(ctx, func() bool {
		for _, m := range d.members {
			if _, err := m.node.Release(ctx); err != nil && !errors.Is(err, vault.ErrUnconfirmed) {
				return false
			}
			_ = m.node.Sync(ctx)
		}
		return done()
	})
}

// reporting counts the members that report the newest quarter.
func (d *Coalition) reporting() (n int) {
	for _, m := range d.members {
		if m.org.Stops.IsZero() {
			n++
		}
	}
	return n
}

// settle waits until every member holds the same notes.
func (d *Coalition) settle(ctx context.Context, cfg Config) error {
	defer cfg.Step("everybody holds the same notes")
	return until(ctx, func() bool {
		same := d.First().Feeds().Digest()
		for _, m := range d.members {
			head, _ := m.node.Feeds().Feed(m.org.Slug).Head()
			known, _ := d.First().Feeds().Feed(m.org.Slug).Head()
			if m.node.Feeds().Digest() != same || head == 0 || head != known {
				_ = m.node.Sync(ctx)
				return false
			}
		}
		return true
	})
}

const patience = 60 * time.Second

func until(ctx context.Context, done func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for !done() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("demo: the members did not come to hold the same notes: %w", ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil
}

// freePorts asks the system for loopback ports.
func freePorts(n int) ([]int, error) {
	ports := make([]int, n)
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("demo: %w", err)
		}
		defer l.Close() // at the end, so that no port is given out twice
		ports[i] = l.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}

// KeyFile is where a demonstration member's vault key lies, for the commands.
func KeyFile(dir string, o *fiction.Organisation) string {
	return filepath.Join(dir, string(o.Slug), "key.txt")
}

// coalitionName is the charter's; real ones have random names of two words and a number.
const coalitionName = "demonstration"

// Invented tells that everything a node knows was made up by a demonstration, also when its
// folder is opened again later.
func Invented(n *node.Node) bool {
	st := n.State()
	return st != nil && st.Charter().Name == coalitionName
}
