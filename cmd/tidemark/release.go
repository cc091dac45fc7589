package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"tidemark/node"
	"tidemark/node/feeds"
	"tidemark/schema"
	"tidemark/schema/wire"
)

type releaseCmd struct {
	Preview previewCmd     `cmd:"" help:"The note that would leave, every cell a dot."`
	Publish publishCmd     `cmd:"" help:"Carry out every slot that has come."`
	List    listCmd        `cmd:"" help:"The releases that this node holds, everyone's."`
	Show    showReleaseCmd `cmd:"" help:"A release's note as it was signed."`
	Notice  noticeCmd      `cmd:"" help:"Say that one of the own releases should not be relied on."`
	Void    voidCmd        `cmd:"" help:"Give up a release that was announced and can never come out."`
	Verify  verifyCmd      `cmd:"" help:"Check a note's file against the coalition's keys."`
}

type previewCmd struct {
	Period string `help:"The period; the next one to come if not given."`
}

func (c *previewCmd) Run(a *app) error {
	return a.with(func(n *node.Node) error {
		period, err := c.period(n)
		if err != nil {
			return err
		}
		text, err := n.Preview(a.ctx, period)
		if err != nil {
			return err
		}
		_, err = io.WriteString(a.stdout, text)
		return err
	})
}

func (c *previewCmd) period(n *node.Node) (schema.Period, error) {
	if c.Period != "" {
		return schema.ParsePeriod(c.Period)
	}
	due, ok := n.NextSlot()
	if !ok {
		return schema.Period{}, fmt.Errorf("release preview: no release is to come; is the node in a coalition?")
	}
	return due.Period, nil
}

type publishCmd struct {
	Wait time.Duration `help:"How long to wait for the other members, if any is connected." default:"20s"`
}

func (c *publishCmd) Run(a *app) error {
	return a.with(func(n *node.Node) error {
		released, err := n.Settle(a.ctx, c.Wait)
		if told := a.report(released); err != nil || told > 0 {
			return err
		}
		return nothingDue(a, n, len(released))
	})
}

// report tells what went out just now and what waits, and how many these are.
func (a *app) report(released []node.Released) (told int) {
	for _, r := range released {
		switch {
		case r.New:
			fmt.Fprintf(a.stdout, "Released %s (%d bytes).\n", r.Due.Period, len(r.Parcel))
		case r.Parcel == nil:
			fmt.Fprintln(a.stdout, waits(r))
		default:
			continue
		}
		told++
	}
	return told
}

// waits says what a drawn release still needs.
func waits(r node.Released) string {
	slot := r.Due.Slot.Format("2006-01-02 15:04 MST")
	if r.Lines < r.Quorum {
		return fmt.Sprintf("Drawn: %s. It has the lines of %d witnesses and needs %d; they come over the network, or by bundle export and import. Slot: %s.", r.Due.Period, r.Lines, r.Quorum, slot)
	}
	return fmt.Sprintf("Ready: %s, countersigned by %d. It goes out at its slot, %s.", r.Due.Period, r.Lines, slot)
}

func nothingDue(a *app, n *node.Node, before int) error {
	if n.State() == nil {
		return node.ErrNoCoalition
	}
	fmt.Fprintf(a.stdout, "Nothing is due: %d releases are out.", before)
	if due, ok := n.NextSlot(); ok {
		fmt.Fprintf(a.stdout, " The next, %s, goes out on %s.", due.Period, due.Slot.Format("2006-01-02 15:04 MST"))
	}
	fmt.Fprintln(a.stdout)
	for _, r := range n.RoundsNow() {
		fmt.Fprintln(a.stdout, roundNow(r))
	}
	return nil
}

// releaseRow is a release in a list.
type releaseRow struct {
	Member   schema.Slug   `json:"member"`
	Sequence uint64        `json:"sequence"`
	Period   schema.Period `json:"period"`
	ID       schema.Hash   `json:"id"`
	Charge   schema.Charge `json:"charge_nano_mu2"`
	Bytes    int           `json:"bytes"`
}

type listCmd struct {
	Member string `help:"Only this member's."`
}

func (c *listCmd) Run(a *app) error {
	return a.with(func(n *node.Node) error {
		rows := []releaseRow{}
		err := eachRelease(n, func(p feeds.Parcel, note wire.Verified, r schema.Release) bool {
			if c.Member == "" || string(p.Member) == c.Member {
				rows = append(rows, releaseRow{p.Member, p.Sequence, r.Period, note.ID(), r.Charge, len(p.Raw)})
			}
			return true
		})
		if err != nil {
			return err
		}
		return a.show(rows, func(w io.Writer) {
			t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
			fmt.Fprintln(t, "MEMBER\tNO.\tPERIOD\tRELEASE\tCHARGE\tBYTES")
			for _, r := range rows {
				fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%d\t%d\n", r.Member, r.Sequence, r.Period, r.ID.Short(), r.Charge, r.Bytes)
			}
			t.Flush()
		})
	})
}

// eachRelease opens every release that the node holds.
func eachRelease(n *node.Node, f func(feeds.Parcel, wire.Verified, schema.Release) bool) error {
	st := n.State()
	if st == nil {
		return node.ErrNoCoalition
	}
	for p, err := range n.Feeds().All() {
		if err != nil {
			return err
		}
		if p.Place.Kind != schema.KindRelease {
			continue
		}
		note, err := node.ReleaseNote(st, p.Raw)
		if err != nil {
			return fmt.Errorf("release %s %d: %w", p.Member, p.Sequence, err)
		}
		if !f(p, note, note.Body().(schema.Release)) {
			return nil
		}
	}
	return nil
}

type showReleaseCmd struct {
	ID string `arg:"" help:"The release's id, or the first eight digits of it."`
}

func (c *showReleaseCmd) Run(a *app) error {
	if len(c.ID) < 8 {
		return fmt.Errorf("release show: want at least eight digits of the id")
	}
	return a.with(func(n *node.Node) error {
		found := false
		err := eachRelease(n, func(_ feeds.Parcel, note wire.Verified, _ schema.Release) bool {
			if strings.HasPrefix(note.ID().String(), c.ID) {
				found = true
				_, _ = a.stdout.Write(note.Raw())
			}
			return !found
		})
		if err == nil && !found {
			err = fmt.Errorf("release show: no release with this id is here")
		}
		return err
	})
}

type noticeCmd struct {
	ID     string `arg:"" help:"The release's id, or the first eight digits of it."`
	Reason string `help:"wrong-mapping, wrong-source or other. Nothing else is said." enum:"wrong-mapping,wrong-source,other" required:""`
}

func (c *noticeCmd) Run(a *app) error {
	return a.with(func(n *node.Node) error {
		id, err := ownRelease(n, c.ID)
		if err != nil {
			return err
		}
		if err := n.Notice(a.ctx, id, schema.NoticeReason(c.Reason)); err != nil {
			return err
		}
		fmt.Fprintf(a.stdout, "Everybody is told not to rely on %s. It cannot be called back, and there is no second release of its period.\n", id.Short())
		return nil
	})
}

// ownRelease finds a release of this member's by the beginning of its id.
func ownRelease(n *node.Node, prefix string) (id schema.Hash, err error) {
	if len(prefix) < 8 {
		return id, fmt.Errorf("release: want at least eight digits of the id")
	}
	err = eachRelease(n, func(p feeds.Parcel, note wire.Verified, _ schema.Release) bool {
		if p.Member == n.Slug() && strings.HasPrefix(note.ID().String(), prefix) {
			id = note.ID()
		}
		return id.IsZero()
	})
	if err == nil && id.IsZero() {
		err = fmt.Errorf("release: this member has released none with this id")
	}
	return id, err
}

type voidCmd struct {
	Period string `arg:"" help:"The period whose release is given up."`
	Lost   bool   `help:"Confirm that no copy of this folder has the release, and none ever will."`
}

func (c *voidCmd) Run(a *app) error {
	period, err := schema.ParsePeriod(c.Period)
	if err != nil {
		return err
	}
	if !c.Lost {
		return fmt.Errorf("release void %s: its charge stays spent and the period is skipped for ever; if another folder of this member still has the release, use that one; else say --lost", period)
	}
	return a.with(func(n *node.Node) error {
		if err := n.Void(a.ctx, period); err != nil {
			return err
		}
		fmt.Fprintf(a.stdout, "Voided %s. Its charge stays, and it is skipped.\n", period)
		return nil
	})
}

type verifyCmd struct {
	File string `arg:"" help:"A note, as release show prints it."`
}

func (c *verifyCmd) Run(a *app) error {
	raw, err := os.ReadFile(a.path(c.File))
	if err != nil {
		return fmt.Errorf("release verify: %w", err)
	}
	return a.with(func(n *node.Node) error {
		st := n.State()
		if st == nil {
			return node.ErrNoCoalition
		}
		note, err := wire.Verify(raw, st.Ring())
		if errors.Is(err, wire.ErrUnknownSigner) {
			return fmt.Errorf("release verify: signed by a key that is not in this coalition")
		}
		if err != nil {
			return fmt.Errorf("release verify: %w", err)
		}
		fmt.Fprintf(a.stdout, "Good: a %s, id %s, signed by", note.Body().Kind(), note.ID())
		for _, slug := range note.Slugs() {
			fmt.Fprintf(a.stdout, " %s", slug)
		}
		fmt.Fprintln(a.stdout)
		return nil
	})
}

// readLines reads a file's lines without blank ones.
func readLines(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var lines []string
	s := bufio.NewScanner(f)
	for s.Scan() {
		if line := strings.TrimSpace(s.Text()); line != "" {
			lines = append(lines, line)
		}
	}
	return lines, s.Err()
}
