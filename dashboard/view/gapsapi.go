package view

import (
	"math"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// APICapacity is what members offer, and beside it who asked.
type APICapacity struct {
	Demonstration bool       `json:"demonstration,omitempty"`
	Pin           string     `json:"pin"`
	Members       []APIOffer `json:"members"` // the active ones, by order of admission
	// Needs and Regions are told where a plan crosses them with what became of a need.
	Needs   *APIGaps `json:"needs,omitempty"`
	Regions *APIGaps `json:"regions,omitempty"`
}

// APIOffer is what a member has said that it offers; or that it has not said.
type APIOffer struct {
	Member    schema.Slug   `json:"member"`
	Declared  bool          `json:"declared"` // false: not known, which is not nothing
	Note      *schema.Hash  `json:"note,omitempty"`
	Date      *schema.Date  `json:"date,omitempty"`
	Old       bool          `json:"old"` // said more than half a year ago
	Languages []string      `json:"languages"`
	Services  []APIService  `json:"services"`
	Trainings []APITraining `json:"trainings"`
	Resources []APIResource `json:"resources"`
}

// APIService is a service.
type APIService struct {
	Need    schema.Code   `json:"need"`
	State   schema.Room   `json:"state"`
	Regions []schema.Code `json:"regions"` // none: everywhere the member works
}

// APITraining is a training.
type APITraining struct {
	Topic   schema.Code   `json:"topic"`
	Region  schema.Code   `json:"region"`
	Quarter schema.Period `json:"quarter"`
	Town    string        `json:"town,omitempty"`
}

// APIResource is something that a member keeps up to date.
type APIResource struct {
	Title string `json:"title"`
	Link  string `json:"link"`
}

// APIGaps is who asked and who went without, in a period.
type APIGaps struct {
	Period schema.Period `json:"period"`
	Rows   []APIGap      `json:"rows"`
}

// APIGap is a need, or a region.
type APIGap struct {
	Code    schema.Code `json:"code"`
	Asked   APIRanged   `json:"asked"`
	Without APIRanged   `json:"without"` // for want of capacity, of a service there or in the language, of money
	Members int         `json:"members"` // that have said that they offer it
}

// APIRanged is a number with its range; raw: noise can make it negative.
type APIRanged struct {
	Estimate float64 `json:"estimate"`
	Lower    float64 `json:"lower"`
	Upper    float64 `json:"upper"`
	SD       float64 `json:"sd"`
	Band     int     `json:"band"`
	Words    string  `json:"words"`
}

func apiRanged(e combine.Estimate, b schema.Bands) APIRanged {
	low, high := e.Interval95()
	hundredth := func(x float64) float64 { return math.Round(100*x) / 100 }
	return APIRanged{hundredth(e.Value), hundredth(low), hundredth(high), hundredth(e.SD()), int(e.Band(b)), e.Words(b)}
}

// APICapacity is what the page of gaps rests on.
func (r *Reader) APICapacity() (APICapacity, error) {
	a := APICapacity{Demonstration: r.Demo, Pin: r.Pin, Members: r.APIOffers()}
	reg := r.register()
	needs, err := r.gapRows(schema.NeedDimension, func(code schema.Code) Offers { return r.offersFor(reg, code) })
	if err != nil {
		return a, err
	}
	regions, err := r.gapRows(schema.RegionDimension, func(code schema.Code) Offers { return r.offersIn(reg, code) })
	a.Needs, a.Regions = needs.api(), regions.api()
	return a, err
}

func (g *gapGrid) api() *APIGaps {
	if !g.told {
		return nil
	}
	out := &APIGaps{Period: g.grid.Period}
	for i, code := range g.level.Codes {
		out.Rows = append(out.Rows, APIGap{code, apiRanged(g.asked[i], g.grid.Bands), apiRanged(g.without[i], g.grid.Bands), len(g.offers[i].Who)})
	}
	return out
}

// APIOffers lists the active members with what they have said.
func (s *Snapshot) APIOffers() []APIOffer {
	said := map[schema.Slug]Declared{}
	for _, d := range s.Declared {
		said[d.Member] = d
	}
	out := []APIOffer{}
	for _, m := range s.State.Roster().Members {
		if m.Status != schema.Active {
			continue
		}
		d, declared := said[m.Slug]
		o := apiOffer(d.Offer)
		o.Member, o.Declared = m.Slug, declared
		if declared {
			o.Note, o.Date, o.Old = &d.Note, &d.Date, d.Old(schema.DateOf(s.Now))
		}
		out = append(out, o)
	}
	return out
}

func apiOffer(o schema.Offer) APIOffer {
	out := APIOffer{Languages: notNull(o.Languages), Services: []APIService{}, Trainings: []APITraining{}, Resources: []APIResource{}}
	for _, s := range o.Services {
		out.Services = append(out.Services, APIService{s.Need, s.Room, notNull(s.Regions)})
	}
	for _, t := range o.Trainings {
		out.Trainings = append(out.Trainings, APITraining(t))
	}
	for _, r := range o.Resources {
		out.Resources = append(out.Resources, APIResource{r.Title, r.Link})
	}
	return out
}
