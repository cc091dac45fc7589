package dashboard

import (
	"errors"

	"tidemark/dashboard/view"
	"tidemark/schema"
)

func (c apiCall) status() (apiAnswer, error) {
	s, err := c.d.cfg.Coalition.Snapshot()
	if err != nil && !errors.Is(err, ErrNoCoalition) {
		return apiAnswer{}, err
	}
	if err != nil {
		s = nil
	}
	a := s.APIStatus(c.d.cfg.Own.Self(), version())
	a.Demonstration = c.d.cfg.Demo
	return apiJSON(a, nil)
}

func (c apiCall) plan() (apiAnswer, error) {
	p, err := c.period("period")
	if err != nil {
		return apiAnswer{}, err
	}
	v, err := c.reader()
	if err != nil {
		return apiAnswer{}, err
	}
	return apiJSON(v.APIPlan(p))
}

// codebook is its canonical form, so that its hash is the id.
func (c apiCall) codebook() (apiAnswer, error) {
	s, err := c.d.cfg.Coalition.Snapshot()
	if err != nil {
		return apiAnswer{}, err
	}
	text, err := s.Codebook.Canonical()
	return apiAnswer{kind: jsonType, body: text}, err
}

func (c apiCall) changes() (apiAnswer, error) {
	p, err := c.period("period")
	if err != nil {
		return apiAnswer{}, err
	}
	span, err := c.oneOf("span", view.SpanPeriod, view.SpanYear)
	if err != nil {
		return apiAnswer{}, err
	}
	if p.IsZero() {
		return apiAnswer{}, queryError("period", errors.New("want a period"))
	}
	v, err := c.reader()
	if err != nil {
		return apiAnswer{}, err
	}
	return apiJSON(v.ChangesOver(p, span))
}

func (c apiCall) coverage() (apiAnswer, error) {
	v, err := c.reader()
	if err != nil {
		return apiAnswer{}, err
	}
	return apiJSON(v.APICoverage(), nil)
}

func (c apiCall) releases() (apiAnswer, error) {
	v, err := c.reader()
	if err != nil {
		return apiAnswer{}, err
	}
	return apiJSON(v.APIReleases(func(id schema.Hash) (view.Note, error) {
		n, err := c.d.cfg.Coalition.Note(id)
		if errors.Is(err, ErrNoNote) {
			return view.Note{}, nil // the disk has lost it
		}
		return n, err
	}))
}

// release is the note itself, byte for byte as it was signed.
func (c apiCall) release() (apiAnswer, error) {
	id, err := schema.ParseHash(c.r.PathValue("id"))
	if err != nil {
		return apiAnswer{}, queryError("id", errors.New("want 64 lower-case hex digits"))
	}
	n, err := c.d.cfg.Coalition.Note(id)
	if err != nil {
		return apiAnswer{}, err
	}
	if n.Kind != schema.KindRelease {
		return apiAnswer{}, ErrNoNote
	}
	return apiAnswer{kind: "text/plain; charset=utf-8", name: view.NoteFile(n, c.d.cfg.Demo), body: []byte(n.Text)}, nil
}

// budget tells of charges, never of cases.
func (c apiCall) budget() (apiAnswer, error) {
	return c.own(func(v *view.Reader, s view.Standing) any { return v.APIBudget(s) })
}

func (c apiCall) members() (apiAnswer, error) {
	return c.own(func(v *view.Reader, s view.Standing) any { return v.APIMembers(s) })
}

// own answers what takes this node's standing to tell.
func (c apiCall) own(tell func(*view.Reader, view.Standing) any) (apiAnswer, error) {
	v, err := c.reader()
	if err != nil {
		return apiAnswer{}, err
	}
	standing, err := c.d.cfg.Own.Standing(c.r.Context())
	if err != nil {
		return apiAnswer{}, err
	}
	return apiJSON(tell(v, standing), nil)
}

func (c apiCall) acts() (apiAnswer, error) {
	v, err := c.reader()
	if err != nil {
		return apiAnswer{}, err
	}
	return apiJSON(v.APIActs())
}

func (c apiCall) capacity() (apiAnswer, error) {
	v, err := c.reader()
	if err != nil {
		return apiAnswer{}, err
	}
	return apiJSON(v.APICapacity())
}
