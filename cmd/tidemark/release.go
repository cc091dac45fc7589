package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

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

type publishCmd struct{}

func (c *publishCmd) Run(a *app) error {
	return a.with(func(n *node.Node) error {
		released, err := n.Release(a.ctx)
		fresh := 0
		for _, r := range released {
			if r.New {
				fresh++
				fmt.Fprintf(a.stdout, "Released %s (%d bytes, unwitnessed).\n", r.Due.Period, len(r.Parcel))
			}
		}
		if err != nil {
			return err
		}
		if fresh == 0 {
			return nothingDue(a, n, len(released))
		}
		return nil
	})
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
		for _, key := range note.Signers() {
			slug, _ := wire.SlugOf(key)
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
