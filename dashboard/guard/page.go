package guard

import (
	"html/template"
	"net/http"
	"time"
)

// Kind is one of the guard's own pages.
type Kind string

const (
	Enter       Kind = "enter"        // one button posts the link's token; asks for the passphrase if there is one
	Locked      Kind = "locked"       // asks a browser that was in before for the passphrase
	NoSession   Kind = "no-session"   // says how to get a link
	LinkSpent   Kind = "link-spent"   // the link was used, has expired or is not ours
	OtherOrigin Kind = "other-origin" // a page of another origin asked for this
)

// Page is what one of the guard's own pages shows. The form of Enter and Locked is
// posted to /enter with the fields t (Token), next (Next) and, if asked for, passphrase.
type Page struct {
	Kind       Kind
	Status     int // sent whatever status the drawer writes
	Node       string
	Token      string
	Next       string // a path of this site
	Passphrase bool   // ask for it
	Wrong      bool   // the last one was wrong or came too soon
	Wait       time.Duration
}

func (g *Guard) draw(w http.ResponseWriter, r *http.Request, p Page) {
	p.Node = g.config.Node
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fixed := &fixedStatus{ResponseWriter: w, status: p.Status}
	g.config.Page(fixed, r, p)
	fixed.WriteHeader(p.Status)
}

// fixedStatus sends the guard's status, so that no drawer turns a refusal into a 200.
type fixedStatus struct {
	http.ResponseWriter
	status int
	sent   bool
}

func (f *fixedStatus) WriteHeader(int) {
	if !f.sent {
		f.sent = true
		f.ResponseWriter.WriteHeader(f.status)
	}
}

func (f *fixedStatus) Write(b []byte) (int, error) {
	f.WriteHeader(f.status)
	return f.ResponseWriter.Write(b)
}

var plain = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Tidemark</title>
<main>
{{- if or (eq .Kind "enter") (eq .Kind "locked")}}
<h1>{{if eq .Kind "enter"}}Open the dashboard{{else}}The dashboard is locked{{end}}</h1>
{{- if .Wait}}
<p role="alert">Please wait {{.Wait.Round 1000000000}} and try again.</p>
{{- else if .Wrong}}
<p role="alert">The passphrase is not right.</p>
{{- end}}
<form method="post" action="/enter">
<input type="hidden" name="t" value="{{.Token}}">
<input type="hidden" name="next" value="{{.Next}}">
{{- if .Passphrase}}
<p><label>Passphrase <input type="password" name="passphrase" autocomplete="current-password" required autofocus></label></p>
{{- end}}
<p><button>Open</button></p>
</form>
{{- else if eq .Kind "other-origin"}}
<h1>Not done</h1>
<p>Another web page asked for this. Nothing was changed.</p>
{{- else}}
<h1>{{if eq .Kind "link-spent"}}This link cannot be used any more{{else}}You are not in{{end}}</h1>
<p>For a new link, run <code>tidemark dashboard</code> on the computer of this node.</p>
{{- end}}
</main>
</html>
`))

func plainPage(w http.ResponseWriter, _ *http.Request, p Page) {
	_ = plain.Execute(w, p) // fails only when the reader has gone
}
