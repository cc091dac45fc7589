package dashboard

import (
	"errors"
	"fmt"
	"net/http"

	"tidemark/dashboard/view"
	"tidemark/schema"
)

// nodeRoutes are the pages about who is in, how the numbers came about, and this node.
func (d *Dashboard) nodeRoutes() {
	for path, page := range d.trustPages() {
		d.mux.HandleFunc("GET "+path, d.reader(page))
	}
	for path, page := range d.ownPages() {
		d.mux.HandleFunc("GET "+path, d.own(page))
	}
	d.mux.HandleFunc("GET /evidence/note/{id}", d.notePage)
	d.mux.HandleFunc("GET /evidence/note/{id}/raw", d.noteRaw)
}

// trustPages need a coalition and nothing of this node but its name.
func (d *Dashboard) trustPages() map[string]page {
	return map[string]page{
		"/coverage": {"coverage", func(r *view.Reader) (any, error) { return r.WhoWasIn(d.cfg.Own.Self().Slug) }},
		"/evidence": {"evidence", func(r *view.Reader) (any, error) { return r.Evidence() }},
	}
}

// ownPage is a page that reads this node too, and that works before there is a coalition.
type ownPage struct {
	name  string
	model func(*view.Reader, *http.Request) (any, error)
}

func (d *Dashboard) ownPages() map[string]ownPage {
	return map[string]ownPage{
		"/members":       {"members", d.members},
		"/budget":        {"budget", d.budget},
		"/cases":         {"cases", d.cases},
		"/cases/preview": {"preview", d.preview},
		"/method":        {"method", d.method},
	}
}

// own serves a page that works before there is a coalition.
func (d *Dashboard) own(p ownPage) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := d.openOwn(r)
		if err != nil {
			d.fail(w, r, err)
			return
		}
		model, err := p.model(v, r)
		if err != nil {
			d.fail(w, r, err)
			return
		}
		d.show(w, r, v, http.StatusOK, p.name, model)
	}
}

// openOwn is open, and a reader without a snapshot where there is no coalition.
func (d *Dashboard) openOwn(r *http.Request) (*view.Reader, error) {
	v, err := d.open(r)
	if !errors.Is(err, ErrNoCoalition) {
		return v, err
	}
	q, err := view.ParseQuery(r.URL.Query())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errQuery, err)
	}
	q.Pin = "" // it names no releases
	return &view.Reader{L: d.language(r, q), Q: q}, nil
}

func (d *Dashboard) members(v *view.Reader, r *http.Request) (any, error) {
	if v.Snapshot == nil {
		return v.MembersAlone(), nil
	}
	standing, err := d.cfg.Own.Standing(r.Context())
	if err != nil {
		return nil, err
	}
	return v.Members(d.cfg.Own.Self().Slug, standing)
}

func (d *Dashboard) budget(v *view.Reader, r *http.Request) (any, error) {
	standing, err := d.cfg.Own.Standing(r.Context())
	if err != nil {
		return nil, err
	}
	return v.Budget(standing)
}

func (d *Dashboard) cases(v *view.Reader, r *http.Request) (any, error) {
	standing, err := d.cfg.Own.Standing(r.Context())
	if err != nil {
		return nil, err
	}
	ask, err := v.CasesAsk(d.cfg.Codebook, standing)
	if err != nil {
		return nil, err
	}
	var board view.Board
	if standing.Cases > 0 {
		if board, err = d.cfg.Own.Board(r.Context(), ask.Table, ask.Period); err != nil {
			return nil, err
		}
	}
	return v.Cases(ask, standing, board)
}

func (d *Dashboard) preview(v *view.Reader, r *http.Request) (any, error) {
	standing, err := d.cfg.Own.Standing(r.Context())
	if err != nil {
		return nil, err
	}
	period, ok := v.PreviewOf(standing)
	if !ok {
		return v.PreviewNothing(), nil
	}
	text, err := d.cfg.Own.Preview(r.Context(), period)
	if err != nil {
		return nil, err
	}
	return v.Preview(period, text)
}

func (d *Dashboard) method(v *view.Reader, _ *http.Request) (any, error) {
	return v.Method(d.cfg.Codebook, d.languages)
}

// note finds the note that an address names.
func (d *Dashboard) note(r *http.Request) (view.Note, error) {
	id, err := schema.ParseHash(r.PathValue("id"))
	if err != nil {
		return view.Note{}, errNoPage
	}
	return d.cfg.Coalition.Note(id)
}

func (d *Dashboard) notePage(w http.ResponseWriter, r *http.Request) {
	v, err := d.open(r)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	n, err := d.note(r)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	model, err := v.NotePage(n)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.show(w, r, v, http.StatusOK, "note", model)
}

// noteRaw hands a note out as it was signed, byte for byte.
func (d *Dashboard) noteRaw(w http.ResponseWriter, r *http.Request) {
	if _, err := view.ParseQuery(r.URL.Query()); err != nil {
		d.fail(w, r, fmt.Errorf("%w: %w", errQuery, err))
		return
	}
	n, err := d.note(r)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+view.NoteFile(n, d.cfg.Demo)+`"`)
	_, _ = w.Write([]byte(n.Text))
}
