package dashboard

import (
	"slices"
	"strconv"
	"strings"

	"tidemark/dashboard/brief"
	"tidemark/schema"
)

// changeBrief carries out what a form of the builder asks for.
func (d *Dashboard) changeBrief(a briefAsk) (briefDone, error) {
	kept, spec, err := d.draft(a.name)
	if err != nil {
		return briefDone{}, err
	}
	to := "/" + a.name
	switch a.r.PathValue("deed") {
	case "head":
		a.head(spec)
		return briefDone{to: to}, d.keep(a.name, spec)
	case "block":
		at, err := a.block(spec)
		if err != nil {
			return briefDone{}, err
		}
		return briefDone{to: to + "#block-" + strconv.Itoa(at+1)}, d.keep(a.name, spec)
	case "new":
		if err := a.add(spec); err != nil {
			return briefDone{}, err
		}
		return briefDone{to: to + "#block-" + strconv.Itoa(len(spec.Blocks))}, d.keep(a.name, spec)
	case "drop":
		if a.form.Get("agreed") != "yes" {
			return briefDone{}, errUnticked
		}
		return briefDone{}, d.cfg.Briefs.Drop(a.name)
	}
	return d.settle(a, kept, spec)
}

// settle carries out what is done with a brief that is written.
func (d *Dashboard) settle(a briefAsk, kept brief.Draft, spec *brief.Spec) (briefDone, error) {
	to := briefDone{to: "/" + a.name + "#agreed"}
	switch a.r.PathValue("deed") {
	case "pin":
		text, err := d.cfg.Briefs.Pin(spec, kept.Spec)
		if err != nil {
			return briefDone{}, err
		}
		return to, d.cfg.Briefs.Keep(a.name, brief.Draft{Spec: text, Answers: kept.Answers})
	case "loosen":
		spec.Pin, spec.Date = "", ""
		return to, d.keep(a.name, spec)
	case "agree":
		return to, d.ownAnswer(a, kept, spec)
	case "answers":
		return to, d.takeAnswers(a, kept, spec)
	case "annex":
		return d.annexFile(a, kept, spec)
	case "hold":
		return d.holdCase(a, spec)
	case "answer":
		return d.ownFile(a, kept, spec)
	case "spec":
		return briefDone{file: kept.Spec, name: a.name + ".yaml"}, nil
	}
	return briefDone{}, errNoPage
}

// head takes what stands above the blocks.
func (a briefAsk) head(s *brief.Spec) {
	if chosen := a.form["language"]; len(chosen) > 0 {
		s.Languages = slices.Clone(chosen)
	}
	s.Template = a.form.Get("template")
	s.Title, s.To = a.texts(s, "title"), a.texts(s, "to")
	s.From = lines(a.form.Get("from"))
	s.Without = lines(a.form.Get("without"))
	s.Annex = a.form.Get("annex") == "yes"
	for i := range s.Blocks {
		s.Blocks[i].Keep(s.Languages)
	}
}

func lines(s string) (out []string) {
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// texts are a field's words in each of the brief's languages.
func (a briefAsk) texts(s *brief.Spec, field string) brief.Text {
	t := brief.Text{}
	for _, tag := range s.Languages {
		if text := strings.TrimSpace(a.form.Get(field + "." + tag)); text != "" {
			t[tag] = text
		}
	}
	return t
}

// block changes one, moves it or takes it out; it returns where to look afterwards.
func (a briefAsk) block(s *brief.Spec) (int, error) {
	i, err := strconv.Atoi(a.form.Get("block"))
	if i--; err != nil || i < 0 || i >= len(s.Blocks) {
		return 0, errForm
	}
	other := i
	switch a.form.Get("do") {
	case "remove":
		s.Blocks = slices.Delete(s.Blocks, i, i+1)
		return max(0, i-1), nil
	case "up":
		other = max(0, i-1)
	case "down":
		other = min(len(s.Blocks)-1, i+1)
	case "save":
		a.fill(s, &s.Blocks[i])
	default:
		return 0, errForm
	}
	s.Blocks[i], s.Blocks[other] = s.Blocks[other], s.Blocks[i]
	return other, nil
}

// fill puts what was typed into a block.
func (a briefAsk) fill(s *brief.Spec, b *brief.Block) {
	switch {
	case b.Figure != "":
		b.As, b.Caption = a.form.Get("as"), a.texts(s, "caption")
		if b.Show = a.form["show"]; len(b.Show) == 2 {
			b.Show = nil
		}
	case b.Context != nil:
		*b.Context = brief.Context{Date: a.form.Get("date"), Source: a.form.Get("source"), Text: a.texts(s, "text")}
	case b.Case != nil:
		c := brief.Case{Scope: a.form.Get("scope"), Expires: a.form.Get("expires"), Text: a.texts(s, "text")}
		if c.Same(*b.Case) {
			c.Holder = b.Case.Holder
		}
		*b.Case = c
	default:
		b.Text = a.texts(s, "text")
	}
}

// add appends a block of what was typed.
func (a briefAsk) add(s *brief.Spec) error {
	b := brief.Block{}
	switch a.form.Get("kind") {
	case "text":
	case "context":
		b.Context = &brief.Context{}
	case "case":
		b.Case = &brief.Case{}
	default:
		return errForm
	}
	a.fill(s, &b)
	s.Blocks = append(s.Blocks, b)
	return nil
}

// ownAnswer agrees as this member.
func (d *Dashboard) ownAnswer(a briefAsk, kept brief.Draft, spec *brief.Spec) error {
	if a.form.Get("agreed") != "yes" {
		return errUnticked
	}
	g, err := d.cfg.Briefs.Gather(spec)
	if err != nil {
		return err
	}
	answer, err := d.cfg.Briefs.Agree(a.r.Context(), g, a.form.Get("annex") == "yes")
	if err != nil {
		return err
	}
	return d.keepAnswers(a.name, kept, g, answer)
}

// ownFile is this member's answer as a file for the writer.
func (d *Dashboard) ownFile(a briefAsk, kept brief.Draft, spec *brief.Spec) (briefDone, error) {
	g, err := d.cfg.Briefs.Gather(spec)
	if err != nil {
		return briefDone{}, err
	}
	for _, raw := range kept.Answers {
		if bound := d.bound(g, raw); len(bound) == 1 && bound[0].Member == a.Self {
			return briefDone{file: raw, name: a.name + ".answer"}, nil
		}
	}
	return briefDone{}, brief.ErrNotInIt
}

// bound are the answers to what a brief is now. One to what it was before is none.
func (d *Dashboard) bound(g *brief.Gathered, answers ...[]byte) (out []brief.Bound) {
	for _, raw := range answers {
		if one, err := d.cfg.Briefs.Bind(g, [][]byte{raw}); err == nil {
			out = append(out, one...)
		}
	}
	return out
}

// takeAnswers keeps what other members have sent.
func (d *Dashboard) takeAnswers(a briefAsk, kept brief.Draft, spec *brief.Spec) error {
	g, err := d.cfg.Briefs.Gather(spec)
	if err != nil {
		return err
	}
	var more [][]byte
	for _, text := range a.form["answer"] {
		more = append(more, []byte(text))
	}
	if len(more) == 0 {
		return errChoice
	}
	return d.keepAnswers(a.name, kept, g, more...)
}

// keepAnswers verifies new answers and keeps them, the newest of each member.
func (d *Dashboard) keepAnswers(name string, kept brief.Draft, g *brief.Gathered, more ...[]byte) error {
	answers := [][]byte{}
	if _, err := d.cfg.Briefs.Bind(g, more); err != nil {
		return err
	}
	seen := map[schema.Slug]bool{}
	for _, raw := range append(slices.Clone(more), kept.Answers...) {
		bound := d.bound(g, raw)
		if len(bound) == 0 || seen[bound[0].Member] {
			continue
		}
		seen[bound[0].Member] = true
		answers = append(answers, raw)
	}
	return d.cfg.Briefs.Keep(name, brief.Draft{Spec: kept.Spec, Answers: answers})
}

// annexFile seals the notes for the readers who were named.
func (d *Dashboard) annexFile(a briefAsk, kept brief.Draft, spec *brief.Spec) (briefDone, error) {
	g, err := d.cfg.Briefs.Gather(spec)
	if err != nil {
		return briefDone{}, err
	}
	file, err := d.cfg.Briefs.Annex(g, kept.Spec, d.bound(g, kept.Answers...), lines(a.form.Get("recipients"))...)
	return briefDone{file: file, name: a.name + ".annex"}, err
}

// holdCase says that this member holds the case of a block.
func (d *Dashboard) holdCase(a briefAsk, spec *brief.Spec) (briefDone, error) {
	block, err := strconv.Atoi(a.form.Get("block"))
	if err != nil {
		return briefDone{}, errForm
	}
	documented, err := spec.CaseAt(block)
	if err != nil {
		return briefDone{}, err
	}
	if a.form.Get("agreed") != "yes" {
		return briefDone{}, errUnticked
	}
	if *documented, err = d.cfg.Briefs.Hold(a.r.Context(), *documented); err != nil {
		return briefDone{}, err
	}
	return briefDone{to: "/" + a.name + "#block-" + strconv.Itoa(block)}, d.keep(a.name, spec)
}
