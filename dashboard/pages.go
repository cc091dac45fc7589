package dashboard

import (
	"errors"
	"fmt"
	"net/http"

	"tidemark/dashboard/view"
)

// page is a page's template with what makes its model.
type page struct {
	name  string
	model func(*view.Reader, *http.Request) (any, error)
	alone bool // works before there is a coalition: the reader then has no snapshot
}

// pageTable are the pages by their addresses.
func (d *Dashboard) pageTable() map[string]page {
	return map[string]page{
		"/{$}":                {name: "overview", model: d.overview},
		"/trends":             {name: "trends", model: read((*view.Reader).Trends)},
		"/heat":               {name: "heat", model: read((*view.Reader).Heat)},
		"/ranking":            {name: "ranking", model: read((*view.Reader).Ranking)},
		"/online-offline":     {name: "link", model: read((*view.Reader).Link)},
		"/redress":            {name: "redress", model: read((*view.Reader).Redress)},
		"/gaps":               {name: "gaps", model: d.gaps},
		"/gaps/declare":       {name: "declare", model: d.declare},
		"/coverage":           {name: "coverage", model: read((*view.Reader).WhoWasIn)},
		"/evidence":           {name: "evidence", model: read((*view.Reader).Evidence)},
		"/evidence/note/{id}": {name: "note", model: d.notePage},
		"/members":            {name: "members", model: d.members, alone: true},
		"/budget":             {name: "budget", model: d.budget, alone: true},
		"/cases":              {name: "cases", model: d.cases, alone: true},
		"/cases/preview":      {name: "preview", model: d.preview, alone: true},
		"/plan":               {name: "plan", model: d.plan, alone: true},
		"/explainer":          {name: "explainer", model: d.explainer, alone: true},
		"/method":             {name: "method", model: d.method, alone: true},

		"/governance":               {name: "governance", model: d.governance, alone: true},
		"/governance/proposal/{id}": {name: "proposal", model: d.proposal},
		"/governance/plan/{id}":     {name: "consent", model: d.consent},
		"/governance/admit":         {name: "admit", model: d.governed(func(v *view.Reader, g view.Governing) any { return v.AdmitPage(g) })},
		"/governance/propose":       {name: "propose", model: d.governed(func(v *view.Reader, g view.Governing) any { return v.ProposePage(g) })},
	}
}

// read is a page that shows what a reader alone can tell.
func read[T any](model func(*view.Reader) (T, error)) func(*view.Reader, *http.Request) (any, error) {
	return func(v *view.Reader, _ *http.Request) (any, error) { return model(v) }
}

// page serves a page.
func (d *Dashboard) page(p page) http.HandlerFunc {
	open := d.open
	if p.alone {
		open = d.openOwn
	}
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := open(r)
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

// open reads a request's query and finds the snapshot that it is about.
func (d *Dashboard) open(r *http.Request) (*view.Reader, error) {
	q, err := view.ParseQuery(r.URL.Query())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errQuery, err)
	}
	s, err := d.snapshot(q.Pin)
	if err != nil {
		return nil, err
	}
	return d.reader(s, r, q), nil
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
	return d.reader(nil, r, q), nil
}

// reader is who asks, in their language.
func (d *Dashboard) reader(s *view.Snapshot, r *http.Request, q view.Query) *view.Reader {
	v := s.In(d.language(r, q), q)
	v.Self = d.cfg.Own.Self().Slug
	return v
}

func (d *Dashboard) snapshot(pin string) (*view.Snapshot, error) {
	if pin == "" {
		return d.cfg.Coalition.Snapshot()
	}
	return d.cfg.Coalition.At(pin)
}

// overview is the first page: what changed, and what this node has to do.
func (d *Dashboard) overview(v *view.Reader, r *http.Request) (any, error) {
	p, err := v.Overview()
	if err != nil {
		return nil, err
	}
	standing, err := d.cfg.Own.Standing(r.Context())
	if err != nil {
		return nil, err
	}
	p.Tasks = v.Tasks(standing)
	return p, nil
}
