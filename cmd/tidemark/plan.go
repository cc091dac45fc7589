package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"tidemark/aggregation/planner"
	"tidemark/node"
	"tidemark/schema"
	"tidemark/schema/coalition/plain"
	"tidemark/schema/wire"
)

type planCmd struct {
	Show   showPlanCmd   `cmd:"" help:"The plan in force, as a page of text."`
	Check  checkPlanCmd  `cmd:"" help:"Hold a plan against the codebook and the ceilings."`
	Choose choosePlanCmd `cmd:"" help:"Choose a plan for a coalition of a given size, and print it as a page of text."`
	Expect expectCmd     `cmd:"" help:"What a plan will show a coalition of a given size."`
	Agree  agreeCmd      `cmd:"" help:"Agree to a plan that was adopted after this member joined; nothing is released by it before."`
}

// founding is what the planner chooses a founding plan by: sizes that the founders type,
// never what is in anybody's vault.
type founding struct {
	People []int  `help:"About how many people each member sees a quarter, e.g. 800,500,300." placeholder:"N,N,..."`
	First  string `help:"The first quarter; the running one if not given. A past one publishes history." placeholder:"2025-Q1"`
}

// frame is the plan without its tables, in a mode.
func (f *founding) frame(cb *schema.Codebook, mode schema.Mode) (schema.Plan, error) {
	if len(f.People) == 0 {
		return schema.Plan{}, fmt.Errorf("plan: give --people, about how many people each member sees a quarter, or --plan")
	}
	if mode == schema.Joint && len(f.People) < schema.MinKeepers {
		return schema.Plan{}, fmt.Errorf("plan: joint mode wants at least %d members", schema.MinKeepers)
	}
	first := schema.PeriodOf(schema.DateOf(clock()), schema.Quarterly)
	if f.First != "" {
		var err error
		if first, err = schema.ParsePeriod(f.First); err != nil {
			return schema.Plan{}, err
		}
	}
	return planner.InMode(planner.Frame(cb, schema.Local, first), mode, len(f.People)), nil
}

func (f *founding) choose(cb *schema.Codebook, mode schema.Mode) (schema.Plan, error) {
	frame, err := f.frame(cb, mode)
	if err != nil {
		return schema.Plan{}, err
	}
	return planner.Choose(cb, f.People, frame)
}

// moded is a plan's mode as it is typed, with what a joint one counts on.
type moded struct {
	founding
	Mode      string `enum:"local,joint" default:"local" help:"local: every member's noisy tables are seen; joint: only the coalition's sum."`
	Honest    int    `help:"In joint mode: how many contributors' noise is counted on; half of the members if not given." placeholder:"H"`
	Colluders int    `help:"In joint mode: how many of them may tell what they know; a sixth of the members if not given." placeholder:"C"`
}

func (m *moded) choose(cb *schema.Codebook) (schema.Plan, error) {
	frame, err := m.frame(cb, schema.Mode(m.Mode))
	if err != nil {
		return schema.Plan{}, err
	}
	if frame.Mode == schema.Local && (m.Honest != 0 || m.Colluders != 0) {
		return schema.Plan{}, fmt.Errorf("plan: --honest and --colluders are for --mode joint")
	}
	if m.Honest != 0 {
		frame.Honest = m.Honest
	}
	if m.Colluders != 0 {
		frame.Colluders = m.Colluders
	}
	return planner.Choose(cb, m.People, frame)
}

func (a *app) planFile(file string) (schema.Plan, error) {
	text, err := os.ReadFile(a.path(file))
	if err != nil {
		return schema.Plan{}, fmt.Errorf("plan: %w", err)
	}
	return wire.ParsePlan(string(text))
}

// planInForce is the plan of the running quarter.
func planInForce(n *node.Node) (schema.Plan, error) {
	st := n.State()
	if st == nil {
		return schema.Plan{}, node.ErrNoCoalition
	}
	plan, _, ok := st.PlanFor(n.Today(schema.Quarterly))
	if !ok {
		return schema.Plan{}, fmt.Errorf("plan: none is in force for this quarter")
	}
	return plan, nil
}

type showPlanCmd struct{}

func (c *showPlanCmd) Run(a *app) error {
	return a.with(func(n *node.Node) error {
		plan, err := planInForce(n)
		if err != nil {
			return err
		}
		_, err = io.WriteString(a.stdout, wire.PlanText(plan))
		return err
	})
}

type choosePlanCmd struct {
	moded
	Codebook string `help:"Another codebook than the built-in one." placeholder:"FILE"`
}

func (c *choosePlanCmd) Run(a *app) error {
	cb, err := a.codebook(c.Codebook)
	if err != nil {
		return err
	}
	plan, err := c.choose(cb)
	if err != nil {
		return err
	}
	_, err = io.WriteString(a.stdout, wire.PlanText(plan))
	return err
}

type checkPlanCmd struct {
	File     string `arg:"" help:"A plan's file, as plan show prints it."`
	Codebook string `help:"Another codebook than the coalition's." placeholder:"FILE"`
}

func (c *checkPlanCmd) Run(a *app) error {
	plan, err := a.planFile(c.File)
	if err != nil {
		return err
	}
	check := func(cb *schema.Codebook) error {
		if err := plan.Validate(cb); err != nil {
			return err
		}
		fmt.Fprintf(a.stdout, "Good: plan %s, %d tables, mode %s.\n", wire.PlanHash(plan).Short(), len(plan.Tables), plan.Mode)
		return nil
	}
	if c.Codebook != "" {
		cb, err := a.codebook(c.Codebook)
		if err != nil {
			return err
		}
		return check(cb)
	}
	return a.with(func(n *node.Node) error { return check(n.Codebook()) })
}

type expectCmd struct {
	founding
	File     string `arg:"" optional:"" help:"A plan's file; the plan in force if not given, or without a coalition the one that would be chosen."`
	Codebook string `help:"Another codebook." placeholder:"FILE"`
	Mode     string `enum:"own,local,joint,both" default:"own" help:"The mode to look at it in, with the same tables and charges: own, local, joint, or both side by side."`
	Question string `help:"Whether one of the readers' questions can be answered, and when: its id, or all." placeholder:"ID"`
}

func (c *expectCmd) Run(a *app) error {
	if len(c.People) == 0 {
		return fmt.Errorf("plan expect: give --people, about how many people each member sees a quarter")
	}
	if c.Codebook != "" {
		cb, err := a.codebook(c.Codebook)
		if err != nil {
			return err
		}
		return c.expect(a, cb, nil)
	}
	return a.with(func(n *node.Node) error { return c.expect(a, n.Codebook(), n) })
}

func (c *expectCmd) expect(a *app, cb *schema.Codebook, n *node.Node) error {
	plan, err := c.plan(a, cb, n)
	if err != nil {
		return err
	}
	if mode := schema.Mode(c.Mode); mode == schema.Local || mode == schema.Joint {
		plan = planner.InMode(plan, mode, len(c.People))
	}
	if c.Question != "" {
		return c.answer(a, cb, plan)
	}
	modes, err := planner.Compare(cb, plan, c.People)
	if err != nil {
		return err
	}
	if c.Mode == "both" {
		return a.show(modes, func(w io.Writer) { printModes(w, modes) })
	}
	report := modes.Own().Report
	return a.show(report, func(w io.Writer) {
		printExpectation(w, report)
		fmt.Fprintln(w, modes.OtherWords())
	})
}

// answer says which of the readers' questions the plan answers for this many people.
func (c *expectCmd) answer(a *app, cb *schema.Codebook, plan schema.Plan) error {
	answers := []planner.Answer{}
	var ids []string
	for _, q := range planner.Questions(cb) {
		ids = append(ids, q.ID)
		if c.Question != q.ID && c.Question != "all" {
			continue
		}
		answer, err := planner.Ask(cb, plan, c.People, q)
		if err != nil {
			return err
		}
		answers = append(answers, answer)
	}
	if len(answers) == 0 {
		return fmt.Errorf("plan expect question: want all, or one of %s", strings.Join(ids, ", "))
	}
	return a.show(answers, func(w io.Writer) {
		for _, answer := range answers {
			fmt.Fprintf(w, "%s (%s)\n  %s\n", answer.Question.Text, answer.Question.ID, answer.Words())
		}
	})
}

func (c *expectCmd) plan(a *app, cb *schema.Codebook, n *node.Node) (schema.Plan, error) {
	switch {
	case c.File != "":
		return a.planFile(c.File)
	case n != nil && n.State() != nil:
		return planInForce(n)
	}
	mode := schema.Local
	if c.Mode == string(schema.Joint) {
		mode = schema.Joint
	}
	return c.choose(cb, mode)
}

func printExpectation(w io.Writer, r planner.Report) {
	fmt.Fprintf(w, "%d members, about %d people a quarter.\n", r.Members, r.Quarter)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "TABLE\tCOUNTS\tEVERY\tREADABLE CELLS\t+/- PEOPLE, 19 TIMES IN 20\tSHOWN FROM ABOUT\tPEOPLE IN READABLE CELLS")
	for _, e := range r.Tables {
		fmt.Fprintf(t, "%s\t%s\t%s\t%.0f of %d\t%.0f\t%.0f\t%.0f %%\n", e.Table.Table, e.Table.Measure, e.Table.Cadence, e.ShownCells, e.Cells, e.PlusMinus, e.SmallestRaw, 100*e.Readable)
	}
	t.Flush()
	for _, s := range r.Words() {
		fmt.Fprintln(w, s)
	}
}

// printModes shows a plan in both modes, side by side.
func printModes(w io.Writer, m planner.Modes) {
	fmt.Fprintf(w, "%d members, about %d people a quarter; the same tables at the same charges.\n", m.Local.Report.Members, m.Local.Report.Quarter)
	if m.Obstacle != "" {
		m.Mode = schema.Local
		fmt.Fprintln(w, m.OtherWords())
		printExpectation(w, m.Local.Report)
		return
	}
	fmt.Fprintf(w, "Joint mode counts on %d honest contributors and opens nothing for fewer than %d.\n\n", m.Trust.Honest, m.Trust.Least)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\t\t+/- PEOPLE, 19 TIMES IN 20\t\tPEOPLE IN READABLE CELLS\t\nTABLE\tEVERY\tLOCAL\tJOINT\tLOCAL\tJOINT")
	for i, l := range m.Local.Report.Tables {
		j := m.Joint.Report.Tables[i]
		fmt.Fprintf(t, "%s\t%s\t%.0f\t%.0f\t%.0f %%\t%.0f %%\n", l.Table.Table, l.Table.Cadence, l.PlusMinus, j.PlusMinus, 100*l.Readable, 100*j.Readable)
	}
	fmt.Fprintln(t, "\t\t\t\t\t\nQUESTION\t\tLOCAL\tJOINT\t\t")
	for i, l := range m.Local.Answers {
		fmt.Fprintf(t, "%s\t\t%s\t%s\t\t\n", l.Question.ID, l.Here(), m.Joint.Answers[i].Here())
	}
	t.Flush()
	fmt.Fprintln(w)
	for _, pair := range m.Words() {
		fmt.Fprintf(w, "Local: %s\nJoint: %s\n\n", pair[0], pair[1])
	}
	fmt.Fprintf(w, "Local: %s\nJoint: %s\n", m.Local.Report.Words()[0], m.Joint.Report.Words()[0])
}

type agreeCmd struct {
	Plan string `arg:"" optional:"" help:"The plan's hash, or how it starts; the one that waits if not given." placeholder:"HASH"`
	Yes  bool   `help:"Agree without being asked. Without it, and without a terminal, the plan is only shown."`
}

func (c *agreeCmd) Run(a *app) error {
	return a.with(func(n *node.Node) error {
		h, err := c.plan(n)
		if err != nil {
			return err
		}
		st := n.State()
		next, _ := st.Plan(h)
		fmt.Fprintf(a.stdout, "The plan %s, beside the founding one:\n", h.Short())
		for _, line := range plain.Difference(st.Charter().Plan, next) {
			fmt.Fprintf(a.stdout, "  %s\n", line)
		}
		if err := a.agree("plan agree: not agreed", c.Yes); err != nil {
			return err
		}
		if err := n.Consent(a.ctx, h); err != nil {
			return err
		}
		fmt.Fprintf(a.stdout, "This member releases by the plan %s.\n", h.Short())
		return nil
	})
}

func (c *agreeCmd) plan(n *node.Node) (schema.Hash, error) {
	if c.Plan != "" {
		return n.PlanNamed(c.Plan)
	}
	if n.State() == nil {
		return schema.Hash{}, node.ErrNoCoalition
	}
	open := n.Unagreed()
	if len(open) == 0 {
		return schema.Hash{}, fmt.Errorf("plan agree: this member has agreed to every plan that there is")
	}
	return open[0], nil
}
