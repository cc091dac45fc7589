package view

import (
	"errors"
	"fmt"
	"strings"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// NotePage is one note as it was signed.
type NotePage struct {
	Title   string
	Says    string // what such a note is, in a sentence or two
	Alarm   string // where it is in dispute, or not what it is named
	Copies  string // where two copies of its member's folder were seen, or a keeper signed twice
	Beside  *Link  // the other note of the two
	Counted *Countersigned
	Facts   []Term
	Signers []schema.Slug
	Signed  string
	Text    string
	ID      string
	Check   string // that the hash was worked out again from the text shown
	Good    bool   // and is the note's id
	Partner *Link  // of a release its intent, of an intent its release
	Raw     Link
	Back    *Link // its period's evidence
	Shell   []Command
}

// Term is a name with what it is; Code: to be read letter by letter.
type Term struct {
	Name, Text string
	Code       bool
	Href       string
}

// Command is a line for a terminal and what it does.
type Command struct{ Says, Line string }

// noteAt is where a note is read.
func (r *Reader) noteAt(id schema.Hash) string { return r.Q.Link("/evidence/note/" + id.String()) }

// NotePage shows a note. Of a release it is given the intent too, where that is here.
func (r *Reader) NotePage(n Note, intent *Note) (NotePage, error) {
	body, err := wire.Peek([]byte(n.Text))
	if err != nil {
		return NotePage{}, fmt.Errorf("note %s: %w", n.ID.Short(), err)
	}
	text, ok := signedText(n.Text)
	if !ok {
		return NotePage{}, errors.New("note: no signature follows its text")
	}
	p := NotePage{
		Title: r.noteTitle(n, body), Says: r.L.Say("notepage.says." + string(n.Kind)), Facts: r.noteFacts(n, body),
		Signers: n.Signers, Signed: r.L.Say("notepage.signed", "n", len(n.Signers)), Text: n.Text, ID: n.ID.String(),
		Raw: Link{r.Q.Link("/evidence/note/" + n.ID.String() + "/raw"), r.L.Say("notepage.raw")}, Shell: r.noteCommands(n),
	}
	p.Good = schema.HashOf([]byte(text)) == n.ID
	p.Check = r.L.Say(map[bool]string{true: "notepage.check.good", false: "notepage.check.bad"}[p.Good])
	if d, ok := r.alarmOf(n.ID); ok {
		p.Copies, p.Beside = r.copies(n, d)
	} else if n.Disputed {
		p.Alarm = r.L.Say("notepage.disputed", "member", n.Member)
	}
	if n.Kind == schema.KindIntent {
		intent = &n
	}
	if intent != nil {
		p.Counted = r.countersigned(*intent, periodOf(body))
	}
	if !n.Other.IsZero() {
		p.Partner = &Link{r.noteAt(n.Other), r.L.Say("notepage.other." + string(n.Kind))}
	}
	if period := periodOf(body); !period.IsZero() {
		p.Back = &Link{r.evidenceOf(period), r.L.Say("notepage.back", "period", r.L.Period(period))}
	}
	return p, nil
}

// signedText is what a note's id is the hash of: all lines up to the empty one before
// the signatures.
func signedText(note string) (string, bool) {
	i := strings.Index(note, "\n\n")
	if i < 0 {
		return "", false
	}
	return note[:i+1], true
}

func periodOf(body schema.Body) schema.Period {
	switch b := body.(type) {
	case schema.Release:
		return b.Period
	case schema.Intent:
		return b.Period
	case schema.Void:
		return b.Period
	case schema.InRound:
		return b.In().Period
	}
	return schema.Period{}
}

// noteTitle names a note: "Release of quiet-wren, Q3 2026".
func (r *Reader) noteTitle(n Note, body schema.Body) string {
	switch b := body.(type) {
	case schema.Charter:
		return r.L.Say("notepage.title.charter", "name", b.Name)
	case schema.Act:
		return r.L.Say("notepage.title.act", "number", int64(b.Version))
	}
	if p := periodOf(body); !p.IsZero() {
		return r.L.Say("notepage.title."+string(n.Kind), "member", n.Member, "period", r.L.Period(p))
	}
	return r.L.Say("notepage.title."+string(n.Kind), "member", n.Member)
}

func (r *Reader) noteFacts(n Note, body schema.Body) []Term {
	var out []Term
	add := func(key, text string) { out = append(out, Term{Name: r.L.Say("notepage." + key), Text: text}) }
	switch b := body.(type) {
	case schema.Charter:
		add("date", r.L.Date(b.Date))
	case schema.Act:
		add("date", r.L.Date(b.Date))
		add("change", r.changeWords(b.Change))
	case schema.Release:
		add("protects", r.protectionWord(b.Protection))
		out = append(out, Term{Name: r.L.Say("notepage.charge"), Text: r.L.Say("budget.alone", "guess", r.guess(b.Charge))})
	case schema.Intent:
		out = append(out, Term{Name: r.L.Say("notepage.charge"), Text: r.L.Say("budget.alone", "guess", r.guess(b.Charge))})
	case schema.Notice:
		add("reason", r.L.Say("reason."+string(b.Reason)))
	}
	if n.Member != "" {
		add("place", r.L.Say("notepage.place.of", "member", n.Member, "number", int64(n.Sequence)))
	}
	return out
}

// noteCommands are how to check the note without these pages.
func (r *Reader) noteCommands(n Note) []Command {
	file := NoteFile(n, r.Demo)
	var out []Command
	if n.Kind == schema.KindRelease {
		out = append(out, Command{r.L.Say("notepage.do.show"), "tidemark release show " + n.ID.Short() + " > " + file})
	}
	return append(out,
		Command{r.L.Say("evidence.do.verify"), "tidemark release verify " + file},
		Command{r.L.Say("evidence.do.hash"), "sed '/^$/,$d' " + file + " | sha256sum"},
	)
}

// NoteFile names a note's file, in plain letters.
func NoteFile(n Note, demo bool) string {
	parts := []string{"tidemark", string(n.Kind)}
	if n.Member != "" {
		parts = append(parts, string(n.Member))
	}
	if demo {
		parts = append(parts, "demonstration")
	}
	return strings.Join(append(parts, n.ID.Short()), "-") + ".txt"
}
