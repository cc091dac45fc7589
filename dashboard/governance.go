package dashboard

import (
	"net/http"
	"slices"

	"tidemark/dashboard/view"
	"tidemark/schema"
)

func (d *Dashboard) governance(v *view.Reader, r *http.Request) (any, error) {
	if v.Snapshot == nil {
		return v.GovernanceAlone(), nil
	}
	g, err := d.cfg.Governance.Governing(r.Context())
	if err != nil {
		return nil, err
	}
	return v.Governance(g)
}

// governed is a page that shows what waits to be decided.
func (d *Dashboard) governed(model func(*view.Reader, view.Governing) any) func(*view.Reader, *http.Request) (any, error) {
	return func(v *view.Reader, r *http.Request) (any, error) {
		g, err := d.cfg.Governance.Governing(r.Context())
		if err != nil {
			return nil, err
		}
		return model(v, g), nil
	}
}

func (d *Dashboard) proposal(v *view.Reader, r *http.Request) (any, error) {
	g, err := d.cfg.Governance.Governing(r.Context())
	if err != nil {
		return nil, err
	}
	id, err := schema.ParseHash(r.PathValue("id"))
	if err != nil {
		return nil, errNoPage
	}
	p, ok := g.Proposed(id)
	if !ok {
		return nil, errNoPage
	}
	return v.ProposalPage(p, g)
}

func (d *Dashboard) consent(v *view.Reader, r *http.Request) (any, error) {
	g, err := d.cfg.Governance.Governing(r.Context())
	if err != nil {
		return nil, err
	}
	plan, err := schema.ParseHash(r.PathValue("id"))
	if err != nil || !slices.Contains(v.State.Plans(), plan) {
		return nil, errNoPage
	}
	return v.ConsentPage(plan, g)
}
