package main

import (
	"fmt"
	"io"

	"tidemark/node"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/coalition/plain"
)

type logCmd struct{}

// entry is an act of the log, for people and programs.
type entry struct {
	Version uint64        `json:"version"`
	Date    schema.Date   `json:"date"`
	Verb    string        `json:"act"`
	Says    []string      `json:"says"`
	Signed  []schema.Slug `json:"signed_by"`
}

func (c *logCmd) Run(a *app) error {
	return a.with(func(n *node.Node) error {
		st := n.State()
		if st == nil {
			return node.ErrNoCoalition
		}
		log, err := entries(st)
		if err != nil {
			return err
		}
		return a.show(log, func(w io.Writer) {
			charter := st.Charter()
			fmt.Fprintf(w, "Founded %s as %s (%s): %d of %d admins sign.\n", charter.Date, charter.Name, st.ID().Short(), charter.Threshold, len(charter.Admins))
			for _, e := range log {
				fmt.Fprintf(w, "%d  %s, signed by %s\n", e.Version, e.Date, joined(e.Signed))
				for _, line := range e.Says {
					fmt.Fprintf(w, "   %s\n", line)
				}
			}
		})
	})
}

// entries tells every act as it looked to those who signed it.
func entries(st *coalition.State) ([]entry, error) {
	log := st.Log()
	before, err := coalition.Found(log[0])
	var all []entry
	for _, raw := range log[1:] {
		if err != nil {
			return nil, err
		}
		p, draftErr := before.Draft(raw)
		if draftErr != nil {
			return nil, draftErr
		}
		all = append(all, entry{p.Act.Version, p.Act.Date, p.Act.Change.Verb(), plain.Act(p.Act, before), p.Signed})
		before, err = before.Apply(raw)
	}
	return all, err
}

type nodeKeyCmd struct {
	Out string `short:"o" required:"" help:"Where to write the request." placeholder:"FILE"`
}

func (c *nodeKeyCmd) Run(a *app) error {
	return a.with(func(n *node.Node) error {
		request, err := n.NextNodeKey()
		if err != nil {
			return err
		}
		return a.write(c.Out, request, "Send it to an admin, who proposes it: tidemark coalition propose replace-node FILE\nThis node uses the new key from its next start after the act; until then the old one.")
	})
}
