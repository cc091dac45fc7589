package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"tidemark/node"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/coalition/plain"
	"tidemark/schema/wire"
)

type proposeCmd struct {
	Admit         proposeAdmitCmd         `cmd:"" help:"Admit who asks, by the request."`
	Suspend       proposeSuspendCmd       `cmd:"" help:"Suspend a member."`
	Resume        proposeResumeCmd        `cmd:"" help:"End a suspension."`
	Remove        proposeRemoveCmd        `cmd:"" help:"Remove a member, and give the others another network key."`
	RotateKey     proposeRotateKeyCmd     `cmd:"" help:"Give the members another network key."`
	ReplaceNode   proposeReplaceNodeCmd   `cmd:"" help:"Give a member another node key, by its request (tidemark node-key)."`
	ReplaceMember proposeReplaceMemberCmd `cmd:"" help:"Give a member another member key, by a request that the new key has signed."`
	Admins        proposeAdminsCmd        `cmd:"" help:"Name the admins, and how many of them sign."`
	Keepers       proposeKeepersCmd       `cmd:"" help:"Name the members that keep joint rounds."`
	Plan          proposePlanCmd          `cmd:"" help:"Adopt another plan."`
	Retire        proposeRetireCmd        `cmd:"" help:"Retire the plan in force."`
}

// proposal is what all proposals share.
type proposal struct {
	Out string `short:"o" help:"Where to write the proposal for the other admins." placeholder:"FILE"`
}

// make proposes a change; the function gets it from the open node.
func (c *proposal) make(a *app, change func(*node.Node) (schema.Change, error)) error {
	return a.with(func(n *node.Node) error {
		st := n.State()
		if st == nil {
			return node.ErrNoCoalition
		}
		what, err := change(n)
		if err != nil {
			return err
		}
		d, err := n.Propose(a.ctx, what)
		if err != nil {
			return err
		}
		printAct(a.stdout, d.Proposal.Act, st)
		return a.drafted(d, c.Out)
	})
}

// drafted keeps a proposal in a file and says how far it has come.
func (a *app) drafted(d node.Drafted, out string) error {
	if out != "" {
		if err := os.WriteFile(a.path(out), d.Note, 0o600); err != nil {
			return fmt.Errorf("proposal: %w", err)
		}
		fmt.Fprintf(a.stdout, "Wrote %s.\n", out)
	}
	printProgress(a.stdout, d)
	return nil
}

// printAct says what an act does, and until when it may be adopted.
func printAct(w io.Writer, act schema.Act, before *coalition.State) {
	fmt.Fprintf(w, "Act %d of %s:\n", act.Version, act.Date)
	for _, line := range plain.Act(act, before) {
		fmt.Fprintf(w, "  %s\n", line)
	}
}

func printProgress(w io.Writer, d node.Drafted) {
	p := d.Proposal
	fmt.Fprintf(w, "Signed by %s.", joined(p.Signed))
	switch {
	case d.Adopted:
		fmt.Fprintln(w, " It is adopted.")
		if _, ok := p.Act.Change.(schema.Admit); ok {
			fmt.Fprintln(w, "Next: the invitation, from any admin: tidemark coalition admit REQUEST -o FILE")
		}
	case p.MissingNew > 0:
		fmt.Fprintf(w, " Lacks %d of the present admins' lines and %d of the new ones'; until %s.\n", p.Missing, p.MissingNew, p.Act.Expires)
	default:
		fmt.Fprintf(w, " Lacks %d more; until %s. Next, another admin: tidemark coalition sign %s\n", p.Missing, p.Act.Expires, p.ID.Short())
	}
}

func joined(slugs []schema.Slug) string {
	var out []string
	for _, s := range slugs {
		out = append(out, string(s))
	}
	return strings.Join(out, ", ")
}

type proposeAdmitCmd struct {
	proposal
	Request string `arg:"" help:"The request's file."`
	Words   string `help:"The request's words, as the applicant has said them; asked for if not given." placeholder:"\"EIGHT WORDS\""`
	First   string `help:"The first quarter for which the member owes releases; the plan's first if not given." placeholder:"2026-Q1"`
}

func (c *proposeAdmitCmd) Run(a *app) error {
	request, err := os.ReadFile(a.path(c.Request))
	if err != nil {
		return fmt.Errorf("propose admit: %w", err)
	}
	first, err := quarterOf(c.First)
	if err != nil {
		return err
	}
	return c.make(a, func(n *node.Node) (schema.Change, error) {
		words, err := a.heard(n, request, c.Words)
		if err != nil {
			return nil, fmt.Errorf("propose admit: %w", err)
		}
		return n.AdmitRequest(request, words, first)
	})
}

// aboutMember is a proposal about one member.
type aboutMember struct {
	proposal
	Member string `arg:"" help:"The member's short name."`
}

func (c *aboutMember) about(a *app, change func(schema.Slug) schema.Change) error {
	member, err := schema.ParseSlug(c.Member)
	if err != nil {
		return err
	}
	return c.make(a, func(*node.Node) (schema.Change, error) { return change(member), nil })
}

type proposeSuspendCmd struct{ aboutMember }

func (c *proposeSuspendCmd) Run(a *app) error {
	return c.about(a, func(m schema.Slug) schema.Change { return schema.Suspend{Member: m} })
}

type proposeResumeCmd struct{ aboutMember }

func (c *proposeResumeCmd) Run(a *app) error {
	return c.about(a, func(m schema.Slug) schema.Change { return schema.Resume{Member: m} })
}

// keyDays says when a new network key begins.
type keyDays struct {
	Days int `help:"In how many days the new network key begins, 0 to 30: time for members who are away to fetch the act, and for the other admins to sign it." default:"${notice}"`
}

type proposeRemoveCmd struct {
	aboutMember
	keyDays
}

func (c *proposeRemoveCmd) Run(a *app) error {
	return c.make(a, func(n *node.Node) (schema.Change, error) {
		key, err := n.NewNetworkKey(schema.Slug(c.Member), c.Days)
		return schema.Remove{Member: schema.Slug(c.Member), Key: key}, err
	})
}

type proposeRotateKeyCmd struct {
	proposal
	keyDays
}

func (c *proposeRotateKeyCmd) Run(a *app) error {
	return c.make(a, func(n *node.Node) (schema.Change, error) {
		key, err := n.NewNetworkKey("", c.Days)
		return schema.RotateKey{NetworkKey: key}, err
	})
}

type proposeReplaceNodeCmd struct {
	proposal
	Request string `arg:"" help:"The member's request, with the new node key."`
}

func (c *proposeReplaceNodeCmd) Run(a *app) error {
	request, err := os.ReadFile(a.path(c.Request))
	if err != nil {
		return fmt.Errorf("propose replace-node: %w", err)
	}
	return c.make(a, func(n *node.Node) (schema.Change, error) { return n.ReplaceNode(request) })
}

type proposeReplaceMemberCmd struct {
	proposal
	Request string `arg:"" help:"The request that the new member key has signed."`
	Words   string `help:"The request's words, as the member has said them; asked for if not given." placeholder:"\"EIGHT WORDS\""`
}

func (c *proposeReplaceMemberCmd) Run(a *app) error {
	request, err := os.ReadFile(a.path(c.Request))
	if err != nil {
		return fmt.Errorf("propose replace-member: %w", err)
	}
	return c.make(a, func(n *node.Node) (schema.Change, error) {
		if c.Words == "" {
			if c.Words, err = a.typed("Words that you have heard from the member: "); err != nil {
				return nil, fmt.Errorf("propose replace-member: %w", err)
			}
		}
		return n.ReplaceMember(request, c.Words)
	})
}

type proposeAdminsCmd struct {
	proposal
	Threshold int      `required:"" help:"How many admins sign an act." placeholder:"K"`
	Admins    []string `arg:"" help:"The short names of all admins from then on: members, or admins as now."`
}

func (c *proposeAdminsCmd) Run(a *app) error {
	return c.make(a, func(n *node.Node) (schema.Change, error) {
		set := schema.SetAdmins{Threshold: c.Threshold}
		for _, slug := range c.Admins {
			key, err := keyOf(n.State().Roster(), schema.Slug(slug))
			if err != nil {
				return nil, err
			}
			set.Admins = append(set.Admins, key)
		}
		return set, nil
	})
}

// keyOf is the key that a member or an admin signs with.
func keyOf(r *schema.Roster, slug schema.Slug) (string, error) {
	if m := r.Member(slug); m != nil {
		return m.MemberKey, nil
	}
	for _, key := range r.Admins {
		if named, err := wire.SlugOf(key); err == nil && named == slug {
			return key, nil
		}
	}
	return "", fmt.Errorf("propose admins: %s is neither a member nor an admin", slug)
}

type proposeKeepersCmd struct {
	proposal
	Keepers []string `arg:"" help:"The short names of 3 to 7 active members, best in different countries and on different machines."`
}

func (c *proposeKeepersCmd) Run(a *app) error {
	return c.make(a, func(*node.Node) (schema.Change, error) {
		var keepers schema.AppointKeepers
		for _, name := range c.Keepers {
			slug, err := schema.ParseSlug(name)
			if err != nil {
				return nil, fmt.Errorf("propose keepers: %w", err)
			}
			keepers.Keepers = append(keepers.Keepers, slug)
		}
		return keepers, nil
	})
}

type proposePlanCmd struct {
	proposal
	Plan string `arg:"" help:"The plan's file."`
}

func (c *proposePlanCmd) Run(a *app) error {
	plan, err := a.planFile(c.Plan)
	if err != nil {
		return err
	}
	return c.make(a, func(*node.Node) (schema.Change, error) { return schema.AdoptPlan{Plan: plan}, nil })
}

type proposeRetireCmd struct {
	proposal
	Plan string `arg:"" help:"The hash of the last plan, or how it starts." placeholder:"HASH"`
}

func (c *proposeRetireCmd) Run(a *app) error {
	return c.make(a, func(n *node.Node) (schema.Change, error) {
		h, err := n.PlanNamed(c.Plan)
		return schema.RetirePlan{Plan: h}, err
	})
}

type signCmd struct {
	Files []string `arg:"" help:"The proposal: its id, or how it starts, of one that lies here; or its file, or several copies whose lines are united."`
	Out   string   `short:"o" help:"Where to write it with this admin's line, for those whom neither network nor bundle reaches." placeholder:"FILE"`
	Yes   bool     `help:"Sign without being asked. Without it, and without a terminal, the proposal is only shown."`
}

func (c *signCmd) Run(a *app) error {
	return a.with(func(n *node.Node) error {
		raw, err := c.proposal(a, n)
		if err != nil {
			return err
		}
		d, err := n.Look(raw)
		if err != nil {
			return err
		}
		printAct(a.stdout, d.Proposal.Act, n.State())
		printProgress(a.stdout, d)
		if err := a.agree("coalition sign: not signed", c.Yes); err != nil {
			return err
		}
		if d, err = n.Cosign(a.ctx, raw); err != nil {
			return err
		}
		return a.drafted(d, c.Out)
	})
}

// proposal is one that lies here, or one from files.
func (c *signCmd) proposal(a *app, n *node.Node) ([]byte, error) {
	for _, d := range n.Proposals() {
		if len(c.Files) == 1 && len(c.Files[0]) >= 8 && strings.HasPrefix(d.Proposal.ID.String(), c.Files[0]) {
			return d.Note, nil
		}
	}
	return a.united(c.Files)
}

type proposalsCmd struct{}

func (c *proposalsCmd) Run(a *app) error {
	return a.with(func(n *node.Node) error {
		all := n.Proposals()
		if len(all) == 0 {
			fmt.Fprintln(a.stdout, "No act waits for an admin's line.")
		}
		for _, d := range all {
			fmt.Fprintf(a.stdout, "Proposal %s. ", d.Proposal.ID.Short())
			printAct(a.stdout, d.Proposal.Act, n.State())
			printProgress(a.stdout, d)
		}
		return nil
	})
}

// united reads copies of one proposal and joins their lines.
func (a *app) united(files []string) (raw []byte, err error) {
	for _, f := range files {
		more, err := os.ReadFile(a.path(f))
		if err != nil {
			return nil, fmt.Errorf("coalition sign: %w", err)
		}
		if raw == nil {
			raw = more
		} else if raw, err = wire.Unite(raw, more); err != nil {
			return nil, fmt.Errorf("coalition sign: %w", err)
		}
	}
	return raw, nil
}

// agree asks whether to do what was shown; refused says that it was not done.
func (a *app) agree(refused string, yes bool) error {
	if yes {
		return nil
	}
	if a.stdin == nil || !term.IsTerminal(int(a.stdin.Fd())) {
		return fmt.Errorf("%s; --yes does what is shown here", refused)
	}
	answer, err := a.typed("Do this? Type yes: ")
	if err != nil || strings.TrimSpace(answer) != "yes" {
		return errors.New(refused)
	}
	return nil
}
