package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"tidemark/aggregation/planner"
	"tidemark/cmd/tidemark/internal/demo"
	"tidemark/node/control"
	"tidemark/schema"
	"tidemark/schema/fiction"
)

type demoCmd struct {
	Dir     string `help:"Where to put the members' folders; a temporary folder if not given." name:"into" placeholder:"DIR"`
	Members int    `default:"12" help:"How many members."`
	People  int    `default:"4000" help:"About how many people a quarter, all members together."`
	Once    bool   `help:"Print the summary and end."`
	Listen  string `default:"${pages}" help:"Where the first member's pages are: a loopback address." placeholder:"ADDR"`
	Open    bool   `default:"true" negatable:"" help:"Open the pages in a browser."`
	Files   string `help:"Only write the members' exports and mappings into this folder, to try the commands on." placeholder:"DIR"`
}

func (c *demoCmd) Run(a *app) error {
	if c.Files != "" {
		return c.files(a)
	}
	dir := c.Dir
	if dir == "" {
		temp, err := os.MkdirTemp("", "tidemark-demo-")
		if err != nil {
			return fmt.Errorf("demo: %w", err)
		}
		defer os.RemoveAll(temp)
		dir = temp
	} else {
		dir = a.path(dir)
	}
	fmt.Fprintln(a.stdout, "DEMONSTRATION: every organisation, person and case is invented.")
	var progress *bar
	d, err := demo.Run(a.ctx, demo.Config{
		Dir: dir, Members: c.Members, People: c.People, Now: time.Now(),
		Steps:    func(n int) { progress = newBar(a.stderr, n) },
		Step:     func(what string) { progress.step(what) },
		Expected: func(r planner.Report) { a.expected(r) },
	})
	if progress != nil {
		progress.end()
	}
	if err != nil {
		return err
	}
	defer func() { a.warn(d.Close()) }()
	s, err := d.Summary()
	if err != nil {
		return err
	}
	if err := a.show(s, s.Print); err != nil {
		return err
	}
	if c.Once {
		return nil
	}
	return c.look(a, d, dir)
}

// look shows the first member's pages until it is interrupted.
func (c *demoCmd) look(a *app, d *demo.Coalition, dir string) error {
	flags := pagesFlags{Dashboard: c.Listen}
	folder := d.FirstDir()
	p, err := flags.serve(folder, d.First(), true)
	if err != nil {
		return err
	}
	served, err := control.Start(a.ctx, folder, serveCommands(d.First(), p))
	if err != nil {
		return errors.Join(err, p.close())
	}
	fmt.Fprintf(a.stdout, "\nThe members run from %s. Stop them with Ctrl-C.\n", dir)
	a.greet(folder, p, c.Open)
	fmt.Fprintf(a.stdout, "More of the first member: tidemark --dir %s trends\n", folder)
	<-a.ctx.Done()
	return errors.Join(p.close(), served())
}

func (a *app) expected(r planner.Report) {
	if a.flags.JSON {
		return
	}
	fmt.Fprintln(a.stdout, "\nWhat the plan promises, before anything is drawn:")
	printExpectation(a.stdout, r)
	fmt.Fprintln(a.stdout)
}

func (c *demoCmd) files(a *app) error {
	last := schema.PeriodOf(schema.DateOf(time.Now()), schema.Quarterly).Add(-1)
	w, err := fiction.New(fiction.Config{Seed: 7, Members: c.Members, People: c.People, First: last.Add(-11), Quarters: 12})
	if err != nil {
		return err
	}
	dir := a.path(c.Files)
	if err := demo.WriteExports(dir, w, func(string) {}); err != nil {
		return err
	}
	for i := range w.Organisations {
		fmt.Fprintf(a.stdout, "%s\n", demo.Export(c.Files, w, i))
	}
	return nil
}
