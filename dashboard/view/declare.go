package view

import (
	"strings"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// DeclarePage is the form in which this member says what it offers, filled with what it
// said last.
type DeclarePage struct {
	Title     string
	Now       string // since when what is filled in has been said; or that nothing was
	Note      *Link
	Languages string
	Services  []DeclareService
	Trainings []DeclareTraining
	Resources []DeclareResource
}

// DeclareService is a kind of help.
type DeclareService struct {
	Need           schema.Code
	Label, Meaning string
	Rooms          []Option
	Regions        []Option // any number may be chosen
	Offered        bool
}

// DeclareTraining is a line for a training.
type DeclareTraining struct {
	Name                      string // "Training 1"
	Topics, Regions, Quarters []Option
	Town                      string
}

// DeclareResource is a line for a resource.
type DeclareResource struct {
	Name string
	schema.Resource
}

// SayPage repeats the very note that would be signed.
type SayPage struct{ Title, Note string }

// spareLines are the empty lines below those that are filled in.
const spareLines = 3

// Declare is the form.
func (r *Reader) Declare() (DeclarePage, error) {
	p := DeclarePage{Title: r.L.Say("declare.title"), Now: r.L.Say("declare.none")}
	var offer schema.Offer
	for _, d := range r.Declared {
		if d.Member == r.Self {
			offer, p.Now = d.Offer, r.L.Say("declare.now", "day", r.L.Date(d.Date))
			p.Note = &Link{r.noteAt(d.Note), r.L.Say("gaps.note", "member", d.Member)}
		}
	}
	p.Languages = strings.Join(offer.Languages, ", ")
	p.Services = r.declareServices(offer)
	for i := range len(offer.Trainings) + spareLines {
		var t schema.Training
		if i < len(offer.Trainings) {
			t = offer.Trainings[i]
		}
		p.Trainings = append(p.Trainings, DeclareTraining{
			r.L.Say("declare.training", "number", i+1),
			r.answersOf(schema.NeedDimension, t.Topic), r.answersOf(schema.RegionDimension, t.Region), r.quartersAround(t.Quarter), t.Town,
		})
	}
	for i, one := range append(offer.Resources[:len(offer.Resources):len(offer.Resources)], make([]schema.Resource, spareLines)...) {
		p.Resources = append(p.Resources, DeclareResource{r.L.Say("declare.resource", "number", i+1), one})
	}
	return p, nil
}

func (r *Reader) declareServices(offer schema.Offer) (out []DeclareService) {
	for _, need := range r.answersOf(schema.NeedDimension) {
		code := schema.Code(need.Value)
		s := DeclareService{Need: code, Label: need.Label, Meaning: r.L.Code(schema.Axis{Dimension: schema.NeedDimension}, code).Definition}
		var said schema.Service
		for _, one := range offer.Services {
			if one.Need == code {
				said, s.Offered = one, true
			}
		}
		for _, room := range schema.Rooms {
			s.Rooms = append(s.Rooms, Option{string(room), r.L.Say("gaps.room." + string(room)), room == said.Room})
		}
		s.Regions = r.answersOf(schema.RegionDimension, said.Regions...)
		out = append(out, s)
	}
	return out
}

// answersOf offers the codes of a dimension that say something and are not retired.
func (r *Reader) answersOf(dimension string, chosen ...schema.Code) (out []Option) {
	i := r.Codebook.Dimension(dimension)
	if i < 0 {
		return nil
	}
	for _, def := range r.Codebook.Dimensions[i].Codes {
		picked := false
		for _, code := range chosen {
			picked = picked || code == def.Code
		}
		if def.Code != schema.UnknownCode && (picked || !def.Retired) {
			out = append(out, Option{string(def.Code), r.L.Code(schema.Axis{Dimension: dimension}, def.Code).Label, picked})
		}
	}
	return out
}

// quartersAround offers the last three quarters, this one, and a year ahead.
func (r *Reader) quartersAround(chosen schema.Period) (out []Option) {
	now := schema.PeriodOf(schema.DateOf(r.Now), schema.Quarterly)
	if !chosen.IsZero() && chosen.Before(now.Add(-3)) {
		out = append(out, Option{chosen.String(), r.L.Period(chosen), true})
	}
	for k := -3; k <= 4; k++ {
		p := now.Add(k)
		out = append(out, Option{p.String(), r.L.Period(p), p == chosen || chosen.IsZero() && k == 0})
	}
	return out
}

// Say repeats a note before it is signed.
func (r *Reader) Say(c schema.Capacity) (SayPage, error) {
	text, err := wire.Text(c)
	return SayPage{r.L.Say("declare.say.title"), text}, err
}
