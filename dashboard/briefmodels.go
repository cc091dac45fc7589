package dashboard

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"tidemark/dashboard/brief"
	"tidemark/dashboard/view"
	"tidemark/dashboard/words"
	"tidemark/schema"
)

// briefsPage is the list of drafts.
type briefsPage struct {
	Title     string
	Drafts    []briefLine
	Templates []view.Option
	Lost      int // drafts that cannot be opened
}

type briefLine struct{ Href, Title, Kind string }

func (d *Dashboard) briefList(v *view.Reader, _ *http.Request) (string, any, error) {
	p := briefsPage{Title: v.L.Say("nav.briefs"), Templates: templatesOf(v.L, brief.Templates[0])}
	names, err := d.cfg.Briefs.Drafts()
	if err != nil {
		return "", nil, err
	}
	for _, name := range names {
		_, spec, err := d.draft(name)
		if err != nil {
			p.Lost++
			continue
		}
		p.Drafts = append(p.Drafts, briefLine{v.Q.Link("/briefs/" + name), titleOf(spec, v.L), v.L.Say("brief.template." + spec.Template)})
	}
	return "briefs", p, nil
}

func templatesOf(l *words.Language, chosen string) (out []view.Option) {
	for _, t := range brief.Templates {
		out = append(out, view.Option{Value: t, Label: l.Say("brief.template." + t), Chosen: t == chosen})
	}
	return out
}

// titleOf is the title in the reader's language, else in the brief's first.
func titleOf(s *brief.Spec, l *words.Language) string {
	if t := s.Title[l.Tag]; t != "" {
		return t
	}
	for _, tag := range s.Languages {
		if t := s.Title[tag]; t != "" {
			return t
		}
	}
	return "–"
}

// briefAddPage asks into which draft a figure goes.
type briefAddPage struct {
	Title, Figure, Name string
	Drafts              []view.Option
	Templates           []view.Option
}

func (d *Dashboard) briefAdd(v *view.Reader, _ *http.Request) (string, any, error) {
	id, err := view.ParseFigureID(v.Q.Figure)
	if err != nil || v.Snapshot == nil {
		return "", nil, errNoPage
	}
	f, err := v.Resolve(id)
	if err != nil {
		return "", nil, err
	}
	p := briefAddPage{Title: v.L.Say("briefs.add"), Figure: id.String(), Name: f.Name, Templates: templatesOf(v.L, brief.Templates[0])}
	names, err := d.cfg.Briefs.Drafts()
	if err != nil {
		return "", nil, err
	}
	for _, name := range names {
		if _, spec, err := d.draft(name); err == nil {
			p.Drafts = append(p.Drafts, view.Option{Value: name, Label: titleOf(spec, v.L)})
		}
	}
	return "briefadd", p, nil
}

// builderPage is a draft with everything that can be done to it.
type builderPage struct {
	Title, Name string
	At          string // the draft's own address, without the deed
	Head        builderHead
	Blocks      []builderBlock
	Empty       []phrase // of a new block: a text in each language
	Problem     string   // why there is nothing to show of it
	Findings    []finding
	Refused     bool
	Leaves      []string
	Pinned      bool
	Pin, Date   string
	Asked       []asked
	Silent      int
	MayAgree    bool
	Answered    bool // this member has
	Annexed     bool // everybody has let the notes go
	Files       []view.Link
	Preview     []view.Link
}

type builderHead struct {
	Titles, To []phrase
	From       string
	Without    string
	Templates  []view.Option
	Languages  []view.Option
	Annex      bool
}

// phrase is a text as it is typed, in one language.
type phrase struct{ Name, Tag, Language, Dir, Text string }

type builderBlock struct {
	Number           int
	ID, Kind, Title  string
	Texts            []phrase
	As               string
	Offers           []brief.Offer
	Captions         []phrase
	Picture, Table   bool
	Date, Source     string
	Scopes           []view.Option
	Expires          string
	Held, IsCase     bool
	IsFigure, IsNote bool
	First, Last      bool
	Findings         []finding
}

type finding struct {
	Refuse   bool
	Says     string
	Href     string
	Language string
}

// asked is a member whose numbers the brief uses.
type asked struct {
	Slug          string
	Agreed, Annex bool
	Self          bool
}

func (d *Dashboard) briefBuilder(v *view.Reader, r *http.Request) (string, any, error) {
	name := r.PathValue("name")
	kept, spec, err := d.draft(name)
	if err != nil {
		return "", nil, err
	}
	p := &builderPage{
		Title: titleOf(spec, v.L), Name: name, At: "/briefs/" + name, Head: d.headOf(v, spec),
		Pinned: spec.Pin != "" && spec.Date != "", Pin: spec.Pin, Date: dayOf(v.L, spec.Date), Empty: d.phrases("text", brief.Text{}, spec),
	}
	g, err := d.cfg.Briefs.Gather(spec)
	if errors.Is(err, ErrNoCoalition) {
		return "", nil, err
	}
	if err != nil {
		p.Problem = err.Error()
		p.Blocks = d.blocksOf(v, spec, nil)
		return "brief", p, nil
	}
	found := g.Check(v.L)
	p.judge(v, g, found)
	p.Blocks = d.blocksOf(v, spec, g)
	for _, f := range found {
		if f.Block > 0 {
			b := &p.Blocks[f.Block-1]
			b.Findings = append(b.Findings, p.finding(f))
		}
	}
	p.agreements(d, v, kept, g)
	return "brief", p, nil
}

// dayOf is a spec's day in words.
func dayOf(l *words.Language, date string) string {
	day, err := schema.ParseDate(date)
	if err != nil {
		return ""
	}
	return l.Date(day)
}

// headOf is what stands above the blocks.
func (d *Dashboard) headOf(v *view.Reader, s *brief.Spec) builderHead {
	h := builderHead{
		Titles: d.phrases("title", s.Title, s), To: d.phrases("to", s.To, s), From: strings.Join(s.From, "\n"),
		Without: strings.Join(s.Without, "\n"), Templates: templatesOf(v.L, s.Template), Annex: s.Annex,
	}
	for _, l := range d.languages {
		h.Languages = append(h.Languages, view.Option{Value: l.Tag, Label: l.Name, Chosen: slices.Contains(s.Languages, l.Tag)})
	}
	return h
}

// phrase is a text in each of the brief's languages.
func (d *Dashboard) phrases(field string, t brief.Text, s *brief.Spec) (out []phrase) {
	for _, tag := range s.Languages {
		l := d.languages.Of(tag)
		if l == nil {
			l = d.languages[0]
		}
		out = append(out, phrase{field + "." + tag, tag, l.Name, l.Dir(), t[tag]})
	}
	return out
}

func (d *Dashboard) blocksOf(v *view.Reader, s *brief.Spec, g *brief.Gathered) (out []builderBlock) {
	for i := range s.Blocks {
		b := &s.Blocks[i]
		m := builderBlock{
			Number: i + 1, ID: "block-" + strconv.Itoa(i+1), First: i == 0, Last: i == len(s.Blocks)-1, Kind: "text",
			Texts: d.phrases("text", b.Text, s),
		}
		switch {
		case b.Figure != "":
			m.Kind, m.IsFigure, m.As, m.Texts, m.Captions = "figure", true, b.As, nil, d.phrases("caption", b.Caption, s)
			m.Picture = len(b.Show) == 0 || slices.Contains(b.Show, brief.ShowPicture)
			m.Table = len(b.Show) == 0 || slices.Contains(b.Show, brief.ShowTable)
			m.Title = b.Figure
			if g != nil {
				m.Title, m.Offers = g.NameOf(v.L, b.As), g.Offers(v.L, b.As)
			}
		case b.Context != nil:
			m.Kind, m.IsNote, m.Date, m.Source, m.Texts = "context", true, b.Context.Date, b.Context.Source, d.phrases("text", b.Context.Text, s)
		case b.Case != nil:
			m.Kind, m.IsCase, m.Expires, m.Texts = "case", true, b.Case.Expires, d.phrases("text", b.Case.Text, s)
			m.Held, m.Scopes = b.Case.Holder != "", scopesOf(v.L, b.Case.Scope)
		}
		if m.Title == "" {
			m.Title = v.L.Say("briefs.block." + m.Kind)
		}
		out = append(out, m)
	}
	return out
}

func scopesOf(l *words.Language, chosen string) (out []view.Option) {
	for _, s := range []string{brief.ScopePublic, brief.ScopeRecipients} {
		out = append(out, view.Option{Value: s, Label: l.Say("briefs.scope." + s), Chosen: s == chosen})
	}
	return out
}

// judge is the check panel, and what would leave.
func (p *builderPage) judge(v *view.Reader, g *brief.Gathered, found []brief.Finding) {
	p.Refused = brief.Refused(found)
	for _, f := range found {
		p.Findings = append(p.Findings, p.finding(f))
	}
	names := v.L.Say("briefs.leaves.none")
	if len(g.From) > 0 {
		names = strings.Join(g.From, "; ")
	}
	p.Leaves = append(p.Leaves, v.L.Say("briefs.leaves.names", "names", names, "coalition", g.Coalition), v.L.Say("briefs.leaves.figures", "n", len(g.Figures)))
	if g.Spec.Annex {
		p.Leaves = append(p.Leaves, v.L.Say("briefs.leaves.annex", "n", len(g.Contributors), "periods", len(g.Periods)))
	}
}

func (p *builderPage) finding(f brief.Finding) finding {
	out := finding{Refuse: f.Refuse, Says: f.Says, Language: f.Tag}
	if f.Block > 0 {
		out.Href = "#block-" + strconv.Itoa(f.Block)
	}
	return out
}

// agreements are who was asked, who has agreed, and what can be taken away.
func (p *builderPage) agreements(d *Dashboard, v *view.Reader, kept brief.Draft, g *brief.Gathered) {
	answers := d.bound(g, kept.Answers...)
	p.Annexed = g.Spec.Annex && len(g.Contributors) > 0
	for _, m := range g.Contributors {
		one := asked{Slug: string(m), Self: m == v.Self}
		for _, a := range answers {
			if a.Member == m {
				one.Agreed, one.Annex = true, a.Annex
			}
		}
		if !one.Agreed {
			p.Silent++
		}
		p.MayAgree = p.MayAgree || one.Self && !one.Agreed
		p.Answered = p.Answered || one.Self && one.Agreed
		p.Annexed = p.Annexed && one.Annex
		p.Asked = append(p.Asked, one)
	}
	p.links(v, g)
}

// links are the files, in each of the brief's languages.
func (p *builderPage) links(v *view.Reader, g *brief.Gathered) {
	for _, tag := range g.Languages {
		q := view.Query{Lang: v.Q.Lang, In: tag}
		p.Preview = append(p.Preview, view.Link{Href: q.At(p.At + "/preview"), Text: g.Source.Languages.Of(tag).Name})
		for _, format := range append([]string{"pdf"}, brief.Formats...) {
			q.Format = format
			p.Files = append(p.Files, view.Link{Href: q.At(p.At + "/file"), Text: strings.ToUpper(format) + " · " + g.Source.Languages.Of(tag).Name})
		}
	}
}
