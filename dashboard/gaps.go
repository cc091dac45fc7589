package dashboard

import (
	"context"
	"net/http"
	"strings"

	"tidemark/dashboard/view"
	"tidemark/schema"
	"tidemark/schema/wire"
)

// Register is how this member says what it offers. Calls may come from several goroutines.
type Register interface {
	// WriteCapacity is the note by which it would be said; nothing is said by that.
	WriteCapacity(context.Context, schema.Offer) (schema.Capacity, error)
	// SayCapacity signs such a note and sends it out, or refuses it if it is not the
	// feed's next one any more.
	SayCapacity(context.Context, schema.Capacity) error
}

// gaps is the page of needs beside what members offer.
func (d *Dashboard) gaps(v *view.Reader, _ *http.Request) (any, error) {
	p, err := v.Gaps()
	if d.cfg.Register != nil && !v.Pinned {
		p.Declare = &view.Link{Href: v.Q.Link("/gaps/declare"), Text: v.L.Say("gaps.declare")}
	}
	return p, err
}

func (d *Dashboard) declare(v *view.Reader, _ *http.Request) (any, error) {
	if d.cfg.Register == nil || v.Pinned {
		return nil, errNoPage
	}
	return v.Declare()
}

// checkOffer shows the note that a form would become.
func (d *Dashboard) checkOffer(a asking) (outcome, error) {
	if d.cfg.Register == nil {
		return outcome{}, errForm
	}
	offer, err := a.offer()
	if err != nil {
		return outcome{}, err
	}
	said, err := d.cfg.Register.WriteCapacity(a.ctx, offer)
	if err != nil {
		return outcome{}, err
	}
	model, err := a.Say(said)
	return outcome{name: "say", model: model}, err
}

// sayOffer signs the very note that was shown.
func (d *Dashboard) sayOffer(a asking) (outcome, error) {
	if err := a.agreed(); err != nil {
		return outcome{}, err
	}
	body, err := wire.Parse(a.text("note"))
	said, ok := body.(schema.Capacity)
	if err != nil || !ok || d.cfg.Register == nil {
		return outcome{}, errForm
	}
	return outcome{to: "/gaps"}, d.cfg.Register.SayCapacity(a.ctx, said)
}

// offer reads the form of what this member offers. Lines that are left empty are none.
func (a asking) offer() (schema.Offer, error) {
	var o schema.Offer
	o.Languages = strings.FieldsFunc(a.form.Get("languages"), func(c rune) bool { return strings.ContainsRune(" ,;،؛\n", c) })
	for _, need := range a.form["need"] {
		if room := a.form.Get("room." + need); room != "" {
			s := schema.Service{Need: schema.Code(need), Room: schema.Room(room)}
			for _, region := range a.form["region."+need] {
				s.Regions = append(s.Regions, schema.Code(region))
			}
			o.Services = append(o.Services, s)
		}
	}
	for i, topic := range a.form["topic"] {
		if topic == "" {
			continue
		}
		quarter, err := schema.ParsePeriod(a.at("quarter", i))
		if err != nil || a.at("place", i) == "" {
			return o, errChoice
		}
		o.Trainings = append(o.Trainings, schema.Training{Topic: schema.Code(topic), Region: schema.Code(a.at("place", i)), Quarter: quarter, Town: a.at("town", i)})
	}
	for i := range a.form["link"] {
		if r := (schema.Resource{Link: a.at("link", i), Title: a.at("title", i)}); r != (schema.Resource{}) {
			o.Resources = append(o.Resources, r)
		}
	}
	if len(o.Languages) == 0 {
		o.Languages = nil // the one spelling of none
	}
	return o, nil
}

// at is a line's value of a field that stands there several times.
func (a asking) at(field string, line int) string {
	if values := a.form[field]; line < len(values) {
		return strings.Join(strings.Fields(values[line]), " ")
	}
	return ""
}
