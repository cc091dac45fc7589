package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"tidemark/cmd/tidemark/internal/demo"
	"tidemark/cmd/tidemark/internal/press"
	"tidemark/cmd/tidemark/internal/screen"
	"tidemark/dashboard/brief"
	"tidemark/dashboard/words"
	"tidemark/node"
	"tidemark/schema"
)

type briefCmd struct {
	New    briefNewCmd    `cmd:"" help:"Write the beginning of a brief into a file, to be filled in."`
	Check  briefCheckCmd  `cmd:"" help:"Say what must not go out so, and what would leave."`
	Pin    briefPinCmd    `cmd:"" help:"Write into the file which releases and which day it is about, so that everybody builds the same."`
	Agree  briefAgreeCmd  `cmd:"" help:"Agree to a brief going out, by a key that names nobody."`
	Hold   briefHoldCmd   `cmd:"" help:"Say that this organisation holds a brief's documented case, and her consent."`
	Build  briefBuildCmd  `cmd:"" help:"Write a brief as HTML, PDF, DOCX, Markdown or data."`
	Annex  briefAnnexCmd  `cmd:"" help:"Seal the notes behind a brief for named readers."`
	Verify briefVerifyCmd `cmd:"" help:"Check a brief that you were given. Needs no node and no network."`
}

// press runs f on the node's press.
func (a *app) press(f func(*press.Press) error) error {
	return a.with(func(n *node.Node) error {
		return f(&press.Press{Node: n, Screen: &screen.Screen{Node: n, Demo: demo.Invented(n)}, Now: clock, Dir: a.dir()})
	})
}

// spec reads a brief's file.
func (a *app) spec(path string) (*brief.Spec, []byte, error) {
	text, err := readFile(a.path(path), brief.MaxSpec)
	if err != nil {
		return nil, nil, err
	}
	s, err := brief.ParseSpec(text)
	return s, text, err
}

// gathered makes the brief of a file.
func (a *app) gathered(p *press.Press, path string) (*brief.Gathered, []byte, error) {
	s, text, err := a.spec(path)
	if err != nil {
		return nil, nil, err
	}
	g, err := p.Gather(s)
	return g, text, err
}

// readFile reads no more than a limit.
func readFile(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(text)) > most {
		err = fmt.Errorf("%s: larger than %d bytes", filepath.Base(path), most)
	}
	return text, err
}

type briefNewCmd struct {
	Out      string `arg:"" help:"The file to write." placeholder:"SPEC.yaml"`
	Template string `enum:"statement,submission,letter,court,donor" default:"statement" help:"statement, submission, letter, court or donor."`
	Title    string `required:"" help:"The title."`
	Language string `default:"en" help:"The language of its texts."`
}

func (c *briefNewCmd) Run(a *app) error {
	languages, err := words.Load(schema.Incident())
	if err != nil {
		return err
	}
	l := languages.Of(c.Language)
	if l == nil {
		return fmt.Errorf("brief new: language %.8q: there are no words in it", c.Language)
	}
	s, err := brief.Start(c.Template, c.Title, l)
	if err != nil {
		return err
	}
	text, err := s.YAML()
	if err != nil {
		return err
	}
	if err := writeNew(a.path(c.Out), text); err != nil {
		return fmt.Errorf("brief new: %w", err)
	}
	fmt.Fprintf(a.stdout, "Wrote %s. Put figures and words into it, then: tidemark brief check %s\n", c.Out, c.Out)
	return nil
}

// writeNew writes a file that is not there yet.
func writeNew(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(text); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

type briefCheckCmd struct {
	Spec string `arg:"" help:"The brief's file." placeholder:"SPEC.yaml"`
}

func (c *briefCheckCmd) Run(a *app) error {
	return a.press(func(p *press.Press) error {
		g, _, err := a.gathered(p, c.Spec)
		if err != nil {
			return err
		}
		findings := checked(g)
		printFindings(a.stdout, findings)
		printLeaving(a.stdout, g)
		return refused(findings)
	})
}

// checked is what is found in a brief, in English as all that commands say.
func checked(g *brief.Gathered) []brief.Finding { return g.Check(g.Source.Languages[0]) }

func refused(findings []brief.Finding) error {
	if brief.Refused(findings) {
		return brief.ErrRefused
	}
	return nil
}

func printFindings(w io.Writer, findings []brief.Finding) {
	for _, f := range findings {
		kind := "look"
		if f.Refuse {
			kind = "REFUSED"
		}
		where := ""
		if f.Block > 0 {
			where = fmt.Sprintf(" block %d", f.Block)
		}
		if f.Tag != "" {
			where += " (" + f.Tag + ")"
		}
		fmt.Fprintf(w, "%s%s: %s\n", kind, where, f.Says)
	}
	if len(findings) == 0 {
		fmt.Fprintln(w, "Nothing to object to.")
	}
}

// printLeaving lists every name and every note that would leave.
func printLeaving(w io.Writer, g *brief.Gathered) {
	names := "none"
	if len(g.From) > 0 {
		names = strings.Join(g.From, "; ")
	}
	fmt.Fprintf(w, "In the public form: the names %s; the coalition's random name %s; %d figures; no member, no note.\n", names, g.Coalition, len(g.Figures))
	fmt.Fprintf(w, "Whose agreement it needs: %s.\n", joined(g.Contributors))
	if len(g.Spec.Without) > 0 {
		fmt.Fprintf(w, "Left out: %s.\n", strings.Join(g.Spec.Without, ", "))
	}
	if g.Spec.Annex {
		fmt.Fprintf(w, "In the sealed annex: charter and acts with every member's short name, keys and addresses; the notes of those above for %s; their answers.\n", periodsOf(g.Periods))
	}
}

func periodsOf(all []schema.Period) string {
	var out []string
	for _, p := range all {
		out = append(out, p.String())
	}
	return strings.Join(out, ", ")
}

type briefPinCmd struct {
	Spec string `arg:"" help:"The brief's file." placeholder:"SPEC.yaml"`
}

func (c *briefPinCmd) Run(a *app) error {
	return a.press(func(p *press.Press) error {
		s, text, err := a.spec(c.Spec)
		if err != nil {
			return err
		}
		pinned, err := p.Pin(s, text)
		if err != nil {
			return err
		}
		if bytes.Equal(pinned, text) {
			fmt.Fprintln(a.stdout, "It is pinned already; nothing was changed.")
			return nil
		}
		if err := os.WriteFile(a.path(c.Spec), pinned, 0o600); err != nil {
			return fmt.Errorf("brief pin: %w", err)
		}
		fmt.Fprintf(a.stdout, "Pinned. Send %s to the members whose numbers it uses; each: tidemark brief agree %s -o ANSWER\n", c.Spec, filepath.Base(c.Spec))
		return nil
	})
}

type briefAgreeCmd struct {
	Spec  string `arg:"" help:"The brief's file, pinned." placeholder:"SPEC.yaml"`
	Out   string `short:"o" required:"" help:"Where to write the answer for the writer." placeholder:"FILE"`
	Annex bool   `help:"Let this organisation's own notes go into the sealed annex too."`
}

func (c *briefAgreeCmd) Run(a *app) error {
	return a.press(func(p *press.Press) error {
		g, _, err := a.gathered(p, c.Spec)
		if err != nil {
			return err
		}
		printFindings(a.stdout, checked(g))
		answer, err := p.Agree(a.ctx, g, c.Annex)
		if err != nil {
			return err
		}
		if err := os.WriteFile(a.path(c.Out), answer, 0o600); err != nil {
			return fmt.Errorf("brief agree: %w", err)
		}
		id, err := g.ID()
		if err != nil {
			return err
		}
		fmt.Fprintf(a.stdout, "Agreed to brief %s. Wrote %s: for the writer alone, for it says whose key this is.\n", id.Short(), c.Out)
		return nil
	})
}

type briefHoldCmd struct {
	Spec  string `arg:"" help:"The brief's file." placeholder:"SPEC.yaml"`
	Block int    `required:"" help:"Which block the case is, counted from 1."`
}

func (c *briefHoldCmd) Run(a *app) error {
	return a.press(func(p *press.Press) error {
		s, _, err := a.spec(c.Spec)
		if err != nil {
			return err
		}
		documented, err := s.CaseAt(c.Block)
		if err != nil {
			return err
		}
		if *documented, err = p.Hold(a.ctx, *documented); err != nil {
			return err
		}
		text, err := s.YAML()
		if err != nil {
			return err
		}
		if err := os.WriteFile(a.path(c.Spec), text, 0o600); err != nil {
			return fmt.Errorf("brief hold: %w", err)
		}
		fmt.Fprintf(a.stdout, "This organisation holds the case of block %d, until %s.\n", c.Block, documented.Expires)
		return nil
	})
}

type briefBuildCmd struct {
	Spec     string   `arg:"" help:"The brief's file." placeholder:"SPEC.yaml"`
	Out      string   `short:"o" required:"" help:"Where to write it; its ending says the format: html, pdf, docx, md or zip." placeholder:"OUT"`
	Language string   `help:"Which of its languages; the first if not given."`
	Answers  []string `help:"The members' answers." placeholder:"FILE"`
	Draft    bool     `help:"Write it although something is refused: to be looked at, not to go out."`
}

func (c *briefBuildCmd) Run(a *app) error {
	return a.press(func(p *press.Press) error {
		g, _, err := a.gathered(p, c.Spec)
		if err != nil {
			return err
		}
		findings := checked(g)
		printFindings(a.stdout, findings)
		if err := refused(findings); err != nil && (!c.Draft || len(c.Answers) > 0) {
			return err
		}
		answers, err := a.answers(p, g, c.Answers)
		if err != nil {
			return err
		}
		b, err := g.Collect(answers)
		if err != nil {
			return err
		}
		file, err := p.Write(a.ctx, g, b, strings.TrimPrefix(filepath.Ext(c.Out), "."), c.Language)
		if err != nil {
			return err
		}
		if err := os.WriteFile(a.path(c.Out), file, 0o600); err != nil {
			return fmt.Errorf("brief build: %w", err)
		}
		printBuilt(a.stdout, c.Out, g, b, answers)
		return nil
	})
}

func printBuilt(w io.Writer, out string, g *brief.Gathered, b *brief.Brief, answers []brief.Bound) {
	state := "a draft, which nobody has agreed to"
	switch {
	case b.Final():
		state = fmt.Sprintf("attested by all %d members whose numbers it uses", len(b.Keys))
	case len(b.Keys) > 0:
		state = fmt.Sprintf("attested by %d of %d; still silent: %s", len(b.Keys), b.Manifest.Members, joined(g.Silent(answers)))
	}
	fmt.Fprintf(w, "Wrote %s: %s.\n", out, state)
}

// answers reads and verifies the members' answers.
func (a *app) answers(p *press.Press, g *brief.Gathered, files []string) ([]brief.Bound, error) {
	var raws [][]byte
	for _, f := range files {
		raw, err := readFile(a.path(f), 64<<10)
		if err != nil {
			return nil, err
		}
		raws = append(raws, raw)
	}
	return p.Bind(g, raws)
}

type briefAnnexCmd struct {
	Spec    string   `arg:"" help:"The brief's file, pinned." placeholder:"SPEC.yaml"`
	Out     string   `short:"o" required:"" help:"Where to write the annex." placeholder:"FILE"`
	Answers []string `required:"" help:"The members' answers." placeholder:"FILE"`
	To      []string `required:"" help:"Who may open it: age recipients, age1..." placeholder:"AGE1..."`
}

func (c *briefAnnexCmd) Run(a *app) error {
	return a.press(func(p *press.Press) error {
		g, text, err := a.gathered(p, c.Spec)
		if err != nil {
			return err
		}
		if !g.Annex {
			return fmt.Errorf("brief annex: the brief says that none goes with it; set annex: true before anybody agrees")
		}
		answers, err := a.answers(p, g, c.Answers)
		if err != nil {
			return err
		}
		sealed, err := p.Annex(g, text, answers, c.To...)
		if err != nil {
			return err
		}
		if err := os.WriteFile(a.path(c.Out), sealed, 0o600); err != nil {
			return fmt.Errorf("brief annex: %w", err)
		}
		fmt.Fprintf(a.stdout, "Wrote %s for %d readers, with the notes of %d members.\n", c.Out, len(c.To), len(g.Contributors))
		return nil
	})
}

type briefVerifyCmd struct {
	File     string `arg:"" help:"The brief: HTML, PDF, DOCX, Markdown or data." placeholder:"FILE"`
	Annex    string `help:"Its sealed annex." placeholder:"FILE"`
	Identity string `help:"The file with the age key that opens the annex." placeholder:"FILE"`
	Language string `default:"en" help:"The language of the answer."`
}

func (c *briefVerifyCmd) Run(a *app) error {
	file, err := readFile(a.path(c.File), brief.MaxFile)
	if err != nil {
		return err
	}
	var annex, key []byte
	if c.Annex != "" {
		if c.Identity == "" {
			return fmt.Errorf("brief verify: the annex wants --identity")
		}
		if annex, err = readFile(a.path(c.Annex), 1<<30); err != nil {
			return err
		}
		if key, err = readFile(a.path(c.Identity), 64<<10); err != nil {
			return err
		}
	}
	r, err := press.Verify(file, annex, string(key), c.Language)
	if err != nil {
		return err
	}
	if err := a.show(r, func(w io.Writer) { printVerified(w, r) }); err != nil {
		return err
	}
	if !r.OK() {
		return fmt.Errorf("brief verify: do not rely on this file")
	}
	return nil
}

func printVerified(w io.Writer, r *brief.Report) {
	if r.Title != "" {
		fmt.Fprintf(w, "%s\n", r.Title)
	}
	for _, p := range r.Problems {
		fmt.Fprintf(w, "WRONG: %s\n", p.Says)
	}
	for _, s := range r.Says {
		fmt.Fprintf(w, "ok: %s\n", s)
	}
}
