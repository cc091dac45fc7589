package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"math/big"
	"os"
	"text/tabwriter"

	"tidemark/node"
	"tidemark/schema"
	"tidemark/schema/wire"
)

type initCmd struct {
	Slug     string   `help:"The member's short name in all notes, for ever; random if not given. Better not the organisation's name."`
	Title    string   `help:"The organisation's name. It stays on this machine."`
	Listen   string   `help:"Listen for other members, e.g. /ip4/127.0.0.1/tcp/7461. Off if not given." placeholder:"ADDR"`
	Announce []string `help:"Addresses that others dial; --listen if not given." placeholder:"ADDR"`
	Region   []string `help:"A region that the organisation says it serves, for the members to see, e.g. m49_419." placeholder:"CODE"`
}

func (c *initCmd) Run(a *app) error {
	s, err := complete(node.Settings{Slug: schema.Slug(c.Slug), Title: c.Title, Listen: c.Listen, Announce: c.Announce})
	if err != nil {
		return err
	}
	for _, region := range c.Region {
		s.Regions = append(s.Regions, schema.Code(region))
	}
	unlock, err := a.unlock(true)
	if err != nil {
		return err
	}
	if err := node.Init(node.Config{Dir: a.dir(), Unlock: unlock}, s); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "Made the node of %s in %s.\nNext: tidemark coalition create, or tidemark coalition request -o FILE\n", s.Slug, a.dir())
	return nil
}

// complete fills in what a new node's settings leave open.
func complete(s node.Settings) (node.Settings, error) {
	if s.Listen != "" && len(s.Announce) == 0 {
		s.Announce = []string{s.Listen}
	}
	if s.Slug != "" {
		return s, nil
	}
	var err error
	s.Slug, err = randomSlug()
	return s, err
}

var (
	slugAdjectives = []string{"amber", "brave", "calm", "clear", "early", "gentle", "green", "high", "kind", "late", "light", "long", "north", "open", "plain", "quiet", "slow", "steady", "tall", "warm"}
	slugNouns      = []string{"alder", "birch", "bridge", "cedar", "crane", "delta", "dune", "fern", "ford", "harbour", "heron", "ibis", "lark", "lime", "maple", "meadow", "plover", "reed", "river", "swift", "tern", "tide", "willow", "wren"}
)

// randomSlug names a member without naming the organisation: 480,000 possibilities.
func randomSlug() (schema.Slug, error) {
	pick := func(n int) (int, error) {
		i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
		if err != nil {
			return 0, fmt.Errorf("slug: %w", err)
		}
		return int(i.Int64()), nil
	}
	i, err1 := pick(len(slugAdjectives))
	k, err2 := pick(len(slugNouns))
	number, err3 := pick(1000)
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			return "", err
		}
	}
	return schema.ParseSlug(fmt.Sprintf("%s-%s-%d", slugAdjectives[i], slugNouns[k], number))
}

type coalitionCmd struct {
	Create  createCmd  `cmd:"" help:"Found a coalition, with its founding plan."`
	Request requestCmd `cmd:"" help:"Write this node's request to be admitted."`
	Admit   admitCmd   `cmd:"" help:"Admit who asks and write the invitation."`
	Join    joinCmd    `cmd:"" help:"Take an invitation."`
	Words   wordsCmd   `cmd:"" help:"The words of a request, or of this admin's invitations, to read to the other side."`
	Propose proposeCmd `cmd:"" help:"Sign a change as an admin, for the other admins to sign."`
	Sign    signCmd    `cmd:"" help:"Show what a proposal does, and sign it."`

	Proposals proposalsCmd `cmd:"" help:"The acts that wait for admins' lines."`
	Show      rosterCmd    `cmd:"" help:"Charter, admins and roster."`
	Log       logCmd       `cmd:"" help:"All acts in plain words, with who signed them."`
}

type createCmd struct {
	moded
	Name     string `help:"The coalition's name in notes; random if not given."`
	Codebook string `help:"Another codebook than the built-in one." placeholder:"FILE"`
	Plan     string `help:"The founding plan; chosen by the planner if not given." placeholder:"FILE"`
}

func (c *createCmd) Run(a *app) error {
	cb, err := a.codebook(c.Codebook)
	if err != nil {
		return err
	}
	var plan schema.Plan
	if c.Plan != "" {
		plan, err = a.planFile(c.Plan)
	} else {
		plan, err = c.choose(cb)
	}
	if err != nil {
		return err
	}
	return a.with(func(n *node.Node) error {
		name, err := found(a.ctx, n, schema.Slug(c.Name), cb, plan)
		if err != nil {
			return err
		}
		fmt.Fprintf(a.stdout, "Founded the coalition %s (%s) with the plan %s.\nNext: admit at least two more members.\n", name, n.State().ID().Short(), wire.PlanHash(plan).Short())
		return nil
	})
}

// found starts a coalition under the name, or a random one if there is none.
func found(ctx context.Context, n *node.Node, name schema.Slug, cb *schema.Codebook, plan schema.Plan) (schema.Slug, error) {
	if name == "" {
		var err error
		if name, err = randomSlug(); err != nil {
			return "", err
		}
	}
	return name, n.Found(ctx, name, cb, plan)
}

func (a *app) codebook(file string) (*schema.Codebook, error) {
	if file == "" {
		return schema.Incident(), nil
	}
	text, err := os.ReadFile(a.path(file))
	if err != nil {
		return nil, fmt.Errorf("codebook: %w", err)
	}
	return schema.ParseCodebook(text)
}

type rosterCmd struct{}

func (c *rosterCmd) Run(a *app) error {
	return a.with(func(n *node.Node) error {
		st := n.State()
		if st == nil {
			return node.ErrNoCoalition
		}
		return a.show(st.Roster(), func(w io.Writer) {
			fmt.Fprintf(w, "Coalition %s (%s), founded %s, act %d\n", st.Charter().Name, st.ID().Short(), st.Charter().Date, st.Roster().Version)
			fmt.Fprintf(w, "%d of %d admins sign an act: %s\n", st.Roster().Threshold, len(st.Roster().Admins), joined(admins(st.Roster())))
			t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
			fmt.Fprintln(t, "MEMBER\tSTATUS\tSINCE\tFIRST PERIOD\tREACHABLE AT")
			for _, m := range st.Roster().Members {
				fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", m.Slug, m.Status, m.Admitted, m.First, orNone(m.Addresses))
			}
			t.Flush()
		})
	})
}

// admins are the slugs of those who sign.
func admins(r *schema.Roster) []schema.Slug {
	var out []schema.Slug
	for _, key := range r.Admins {
		if slug, err := wire.SlugOf(key); err == nil {
			out = append(out, slug)
		}
	}
	return out
}

func orNone(addresses []string) string {
	if len(addresses) == 0 {
		return "nobody dials it"
	}
	return addresses[0]
}
