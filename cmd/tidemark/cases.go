package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"text/tabwriter"

	"tidemark/node/intake"
	"tidemark/node/vault"
	"tidemark/schema"
	"tidemark/schema/mapping"
)

type casesCmd struct {
	Check    checkCasesCmd `cmd:"" help:"Read exports by a mapping and say what would be taken. Takes nothing."`
	Import   importCmd     `cmd:"" help:"Take exports into the vault. The same file twice changes nothing."`
	Board    boardCmd      `cmd:"" help:"The own counts, without noise. For this screen only."`
	Withdraw withdrawCmd   `cmd:"" help:"Delete a case or a person, for all later counting."`
}

type sources struct {
	Mapping string   `required:"" help:"The mapping of this source." placeholder:"M.yaml"`
	Files   []string `arg:"" help:"Exports."`
}

func (s *sources) parse(a *app, cb *schema.Codebook) (*mapping.Mapping, error) {
	text, err := os.ReadFile(a.path(s.Mapping))
	if err != nil {
		return nil, fmt.Errorf("mapping: %w", err)
	}
	return mapping.Parse(text, cb)
}

type checkCasesCmd struct{ sources }

func (c *checkCasesCmd) Run(a *app) error {
	return a.withCases(func(d *caseDesk) error {
		m, err := c.parse(a, d.codebook)
		if err != nil {
			return err
		}
		refused := 0
		for _, f := range c.Files {
			r, err := intake.Read(a.ctx, m, a.path(f), func(mapping.Case) error { return nil })
			if err != nil {
				return err
			}
			refused += r.Refused
			printReport(a.stdout, f, m, r, true)
		}
		if refused > 0 {
			return fmt.Errorf("cases check: %d rows were refused", refused)
		}
		return nil
	})
}

// printReport shows what became of a file. Texts that no spelling covers are shown only
// where the operator asked to check: her screen, never a log.
func printReport(w io.Writer, file string, m *mapping.Mapping, r intake.Report, check bool) {
	fmt.Fprintf(w, "%s: %d rows, %d mapped, %d refused; each weight protects per %s\n", file, r.Rows, r.Mapped, r.Refused, m.Protection())
	for _, reason := range r.Reasons {
		fmt.Fprintf(w, "  refused %d: %s: %s\n", reason.Count, reason.Field, reason.Reason)
	}
	if !check {
		return
	}
	for i, refusal := range r.Refusals {
		if i == 10 {
			fmt.Fprintf(w, "  ... and %d more\n", r.Refused-i)
			break
		}
		fmt.Fprintf(w, "  %s\n", &refusal)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "DIMENSION\tMAPPED\tEMPTY\tNOT LISTED\t")
	for _, c := range r.Coverage {
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%s\n", c.Dimension, c.Mapped, c.Default, c.Unmapped, unlisted(c))
	}
	t.Flush()
	for _, doubt := range m.Lint() {
		fmt.Fprintf(w, "  worth a look: %s\n", doubt)
	}
}

func unlisted(c mapping.Coverage) string {
	s := ""
	for i, v := range c.Unlisted.ForOperatorsScreen() {
		if i == 3 {
			return s + ", ..."
		}
		if i > 0 {
			s += ", "
		}
		s += fmt.Sprintf("%.30q %d", v.Value, v.Count)
	}
	return s
}

type importCmd struct{ sources }

func (c *importCmd) Run(a *app) error {
	return a.withCases(func(d *caseDesk) error {
		m, err := c.parse(a, d.codebook)
		if err != nil {
			return err
		}
		for _, f := range c.Files {
			read, taken, err := importFile(a.ctx, d.vault, m, a.path(f))
			if err != nil {
				return err
			}
			printReport(a.stdout, f, m, read, false)
			fmt.Fprintf(a.stdout, "  %d added, %d changed, %d unchanged", taken.Added, taken.Changed, taken.Unchanged)
			for _, more := range []struct {
				n    int
				what string
			}{{taken.Repeated, "replaced within the file"}, {taken.Future, "refused: dated in the future"}, {taken.Withdrawn, "left out: withdrawn"}} {
				if more.n > 0 {
					fmt.Fprintf(a.stdout, ", %d %s", more.n, more.what)
				}
			}
			fmt.Fprintln(a.stdout)
		}
		return nil
	})
}

// caseTaker takes cases.
type caseTaker interface {
	Import(context.Context, schema.Protection, iter.Seq2[mapping.Case, error]) (vault.ImportReport, error)
}

// importFile streams a file through its mapping into the vault. A file that turns out
// bad in the middle changes nothing.
func importFile(ctx context.Context, v caseTaker, m *mapping.Mapping, path string) (intake.Report, vault.ImportReport, error) {
	var read intake.Report
	taken, err := v.Import(ctx, m.Protection(), intake.Cases(ctx, m, path, &read))
	return read, taken, err
}

type boardCmd struct {
	Table  string `default:"threat_type" help:"The table."`
	Period string `help:"The period; the running quarter if not given."`
}

func (c *boardCmd) Run(a *app) error {
	table, err := schema.ParseTable(c.Table)
	if err != nil {
		return err
	}
	return a.withCases(func(d *caseDesk) error {
		p := schema.PeriodOf(schema.DateOf(clock()), schema.Quarterly)
		if c.Period != "" {
			if p, err = schema.ParsePeriod(c.Period); err != nil {
				return err
			}
		}
		b, err := d.vault.Board(a.ctx, table, p)
		if err != nil {
			return err
		}
		shape, err := d.codebook.Shape(table)
		if err != nil {
			return err
		}
		return a.show(b, func(w io.Writer) { printBoard(w, shape, b) })
	})
}

func printBoard(w io.Writer, shape schema.Shape, b vault.Board) {
	fmt.Fprintf(w, "OWN CASES, NOT SHARED: %s, %s: %d cases of %d people. Exact counts: do not pass them on.\n", b.Table, b.Period, b.AllCases, b.AllPersons)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "CODE\tCASES\tPEOPLE")
	for cell := range b.Cases {
		if b.Cases[cell] > 0 {
			fmt.Fprintf(t, "%s\t%d\t%d\n", joinCodes(shape.CodesAt(cell)), b.Cases[cell], b.Persons[cell])
		}
	}
	t.Flush()
}

func joinCodes(codes []schema.Code) string {
	s := ""
	for i, c := range codes {
		if i > 0 {
			s += " / "
		}
		s += string(c)
	}
	return s
}

type withdrawCmd struct {
	CaseFile   string `help:"A file with the case ids, one a line. Ids do not belong on a command line." xor:"what" placeholder:"FILE"`
	PersonFile string `help:"A file with the person ids, one a line." xor:"what" placeholder:"FILE"`
}

func (c *withdrawCmd) Run(a *app) error {
	path, make := c.CaseFile, func(id string) vault.Withdrawal { return vault.Withdrawal{Case: id} }
	if c.PersonFile != "" {
		path, make = c.PersonFile, func(id string) vault.Withdrawal { return vault.Withdrawal{Person: id} }
	}
	if path == "" {
		return fmt.Errorf("cases withdraw: give --case-file or --person-file")
	}
	ids, err := readLines(a.path(path))
	if err != nil {
		return fmt.Errorf("cases withdraw: %w", err)
	}
	return a.withCases(func(d *caseDesk) error {
		gone := 0
		for _, id := range ids {
			k, err := d.vault.Withdraw(a.ctx, make(id))
			if err != nil {
				return err
			}
			gone += k
		}
		fmt.Fprintf(a.stdout, "Withdrew %d cases. They are out of all later counting; what was released before cannot be called back.\n", gone)
		return nil
	})
}
