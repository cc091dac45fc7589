package schema

import "fmt"

// Capacity says what a member offers to people who ask, so that others see where help is
// short and where it overlaps. A human statement: it speaks of the organisation, never of
// a case. The latest one of a feed counts.
type Capacity struct {
	Link
	Date Date // of the statement: what is old may be wrong
	Offer
}

// Offer is what a member offers. The empty one says that it offers nothing.
type Offer struct {
	Languages []string // in which people are helped: "es", "pt-br"
	Services  []Service
	Trainings []Training
	Resources []Resource
}

// Service is a kind of help that a member gives.
type Service struct {
	Need    Code // of the dimension support_need
	Room    Room
	Regions []Code // of the dimension region; none: everywhere the member works
}

// Room is whether a service takes more people.
type Room string

// The rooms.
const (
	RoomOpen    Room = "open"
	RoomLimited Room = "limited"
	RoomFull    Room = "full"
)

// Rooms are all of them, the most room first.
var Rooms = []Room{RoomOpen, RoomLimited, RoomFull}

// Training is one that a member gives or will give.
type Training struct {
	Topic   Code // of the dimension support_need: what is taught
	Region  Code
	Quarter Period
	Town    string // where it may be said; empty where that would put somebody at risk
}

// Resource is something to read or to use that a member keeps up to date.
type Resource struct {
	Link  string // https
	Title string
}

// Limits of an offer.
const (
	MaxLanguages  = 30
	MaxServices   = 40
	MaxTrainings  = 40
	MaxResources  = 20
	MaxServed     = 40  // regions of a service
	MaxOfferWords = 100 // characters of a town or a title
	MaxOfferLink  = 200 // of an address
)

// The dimensions that an offer is coded by.
const (
	NeedDimension   = "support_need"
	RegionDimension = "region"
)

// OldAfter is how many days a statement is taken to hold: half a year.
const OldAfter = 183

// Old tells whether on a day the statement is to be asked for anew.
func (c Capacity) Old(today Date) bool { return today > c.Date+OldAfter }

// Kind of the note.
func (Capacity) Kind() Kind { return KindCapacity }

// CheckCodes holds an offer against the codebook. "Unknown" is no answer of an
// organisation about itself.
func (o Offer) CheckCodes(cb *Codebook) error {
	for _, s := range o.Services {
		if err := cb.answers(NeedDimension, s.Need); err != nil {
			return fmt.Errorf("service %s: %w", s.Need, err)
		}
		for _, region := range s.Regions {
			if err := cb.answers(RegionDimension, region); err != nil {
				return fmt.Errorf("service %s: %w", s.Need, err)
			}
		}
	}
	for _, t := range o.Trainings {
		if err := cb.answers(NeedDimension, t.Topic); err != nil {
			return fmt.Errorf("training: %w", err)
		}
		if err := cb.answers(RegionDimension, t.Region); err != nil {
			return fmt.Errorf("training: %w", err)
		}
	}
	return nil
}

// answers asks for a code that says something.
func (c *Codebook) answers(dimension string, code Code) error {
	d := c.Dimension(dimension)
	if d < 0 {
		return fmt.Errorf("the codebook has no dimension %s", dimension)
	}
	if code == UnknownCode || c.Dimensions[d].Index(code) < 0 {
		return fmt.Errorf("%.48q: want a code of %s", string(code), dimension)
	}
	return nil
}
