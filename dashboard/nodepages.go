package dashboard

import (
	"errors"
	"fmt"
	"net/http"

	"tidemark/dashboard/view"
	"tidemark/schema"
)

func (d *Dashboard) members(v *view.Reader, r *http.Request) (any, error) {
	if v.Snapshot == nil {
		return v.MembersAlone(), nil
	}
	standing, err := d.cfg.Own.Standing(r.Context())
	if err != nil {
		return nil, err
	}
	return v.Members(standing)
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
	if standing.Apart {
		return nil, ErrApart
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

func (d *Dashboard) plan(v *view.Reader, _ *http.Request) (any, error) {
	return v.PlanPage(d.cfg.Codebook)
}

func (d *Dashboard) explainer(v *view.Reader, r *http.Request) (any, error) {
	standing, err := d.cfg.Own.Standing(r.Context())
	if err != nil {
		return nil, err
	}
	return v.Explainer(d.cfg.Codebook, standing)
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

func (d *Dashboard) notePage(v *view.Reader, r *http.Request) (any, error) {
	n, err := d.note(r)
	if err != nil {
		return nil, err
	}
	if n.Kind != schema.KindRelease || n.Other.IsZero() {
		return v.NotePage(n, nil)
	}
	intent, err := d.cfg.Coalition.Note(n.Other)
	if errors.Is(err, ErrNoNote) {
		return v.NotePage(n, nil)
	}
	if err != nil {
		return nil, err
	}
	return v.NotePage(n, &intent)
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
	download(w, "text/plain; charset=utf-8", view.NoteFile(n, d.cfg.Demo), []byte(n.Text))
}
