package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"tidemark/node"
	"tidemark/schema"
)

type requestCmd struct {
	Out string `short:"o" required:"" help:"Where to write the request." placeholder:"FILE"`
}

func (c *requestCmd) Run(a *app) error {
	return a.with(func(n *node.Node) error {
		note, err := n.Request()
		if err != nil {
			return err
		}
		words, err := n.RequestWords()
		if err != nil {
			return err
		}
		return a.write(c.Out, note, "Send it to an admin of the coalition.\nRead these words to the admin by voice or in person: "+words)
	})
}

// write puts a file where the user wants it, and says so.
func (a *app) write(path string, text []byte, next string) error {
	if err := os.WriteFile(a.path(path), text, 0o600); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "Wrote %s (%d bytes). %s\n", path, len(text), next)
	return nil
}

type admitCmd struct {
	Request string `arg:"" help:"The request's file."`
	Out     string `short:"o" required:"" help:"Where to write the invitation." placeholder:"FILE"`
	Words   string `help:"The request's words, as the applicant has said them; asked for if not given." placeholder:"\"EIGHT WORDS\""`
	First   string `help:"The first quarter for which the member owes releases; the plan's first if not given." placeholder:"2026-Q1"`
}

func (c *admitCmd) Run(a *app) error {
	request, err := os.ReadFile(a.path(c.Request))
	if err != nil {
		return fmt.Errorf("coalition admit: %w", err)
	}
	first, err := quarterOf(c.First)
	if err != nil {
		return err
	}
	return a.with(func(n *node.Node) error {
		words, err := a.heard(n, request, c.Words)
		if err != nil {
			return fmt.Errorf("coalition admit: %w", err)
		}
		invitation, err := n.Admit(a.ctx, request, words, first)
		if err != nil {
			return err
		}
		own, err := n.InvitationWords()
		if err != nil {
			return err
		}
		return a.write(c.Out, invitation, fmt.Sprintf("The coalition has %d active members. Only the node that asked can open the invitation.\nRead these words to the new member by voice or in person: %s", n.State().Roster().Active(), own))
	})
}

// quarterOf reads a quarter that may be left out.
func quarterOf(s string) (schema.Period, error) {
	if s == "" {
		return schema.Period{}, nil
	}
	return schema.ParsePeriod(s)
}

// heard shows who asks and what admission would show them, and returns the words that
// were said for the request: those given, or those typed now.
func (a *app) heard(n *node.Node, request []byte, given string) (string, error) {
	who, _, err := node.OpenRequest(request)
	if err != nil {
		return "", err
	}
	sight, err := n.Sight()
	if err != nil {
		return "", err
	}
	printSight(a.stdout, who, sight)
	if given != "" {
		return given, nil
	}
	return a.typed("Words that you have heard from " + string(who.Slug) + ": ")
}

// printSight tells an admin what an admission means, before it is signed.
func printSight(w io.Writer, who schema.Applicant, s node.Sight) {
	fmt.Fprintf(w, "%s asks to be a member. A new member sees:\n", who.Slug)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, m := range s.Members {
		var regions []string
		for _, r := range m.Regions {
			regions = append(regions, string(r))
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\n", m.Slug, m.Status, listed(m.Addresses, "no address"), listed(regions, "no region"))
	}
	t.Flush()
	fmt.Fprintf(w, "and all releases, from the first on (%d so far). That cannot be taken back: removing a member later\nends what it gets from then on. It sees no case, and no name of a person or an organisation.\n", s.Releases)
}

func listed(all []string, none string) string {
	if len(all) == 0 {
		return none
	}
	return strings.Join(all, " ")
}

type joinCmd struct {
	Invitation string `arg:"" help:"The invitation's file."`
	Words      string `help:"The invitation's words, as the admin has said them; asked for if not given." placeholder:"\"EIGHT WORDS\""`
}

func (c *joinCmd) Run(a *app) error {
	invitation, err := os.ReadFile(a.path(c.Invitation))
	if err != nil {
		return fmt.Errorf("coalition join: %w", err)
	}
	return a.with(func(n *node.Node) error {
		words := c.Words
		if words == "" {
			if words, err = a.typed("Words that you have heard from the admin: "); err != nil {
				return fmt.Errorf("coalition join: %w", err)
			}
		}
		if err := n.Join(a.ctx, invitation, words); err != nil {
			return err
		}
		st := n.State()
		fmt.Fprintf(a.stdout, "Joined the coalition %s (%s), %d active members.\n", st.Charter().Name, st.ID().Short(), st.Roster().Active())
		return nil
	})
}

type wordsCmd struct {
	File string `arg:"" help:"A request, or an invitation that this node has made."`
}

// Run prints the words alone, so that they can be passed on; the warning goes beside them.
func (c *wordsCmd) Run(a *app) error {
	file, err := os.ReadFile(a.path(c.File))
	if err != nil {
		return fmt.Errorf("coalition words: %w", err)
	}
	return a.with(func(n *node.Node) error {
		var words string
		if bytes.HasPrefix(file, []byte("tidemark/")) {
			_, words, err = node.OpenRequest(file)
		} else {
			words, err = n.InvitationWords()
		}
		if err != nil {
			return fmt.Errorf("coalition words: %w", err)
		}
		a.tell("Say them yourself, by voice or in person. Words that come over the same line as the file, or are read off it\nby the one who checks it, prove nothing.")
		fmt.Fprintln(a.stdout, words)
		return nil
	})
}
