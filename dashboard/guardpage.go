package dashboard

import (
	"net/http"

	"tidemark/dashboard/guard"
	"tidemark/dashboard/words"
)

// guardFrame is one of the guard's own pages in the product's look. Whoever sees it is
// not in yet: it shows nothing of the coalition.
type guardFrame struct {
	Lang, Dir string
	Page      guard.Page
	Seconds   int
}

// GuardPage draws the guard's own pages.
func (d *Dashboard) GuardPage(w http.ResponseWriter, r *http.Request, p guard.Page) {
	l := d.languages.Of(d.cfg.Own.Self().Language)
	if l == nil {
		l = d.languages.Match(r.Header.Get("Accept-Language"))
	}
	DrawGuardPage(w, l, p)
}

// DrawGuardPage is GuardPage for who has no Dashboard yet.
func DrawGuardPage(w http.ResponseWriter, l *words.Language, p guard.Page) {
	t, err := standalone(l, "guard")
	if err != nil {
		http.Error(w, "tidemark", http.StatusInternalServerError)
		return
	}
	_ = t.Execute(w, guardFrame{l.Tag, l.Dir(), p, int(p.Wait.Seconds()) + 1}) // fails only when the reader has gone
}
