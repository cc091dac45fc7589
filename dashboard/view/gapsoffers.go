package view

import (
	"cmp"
	"maps"
	"slices"

	"tidemark/schema"
)

// Declared is what a member has said that it offers, with the note's id.
type Declared struct {
	Note schema.Hash
	schema.Capacity
}

// Offers is who offers a service, or serves a region.
type Offers struct {
	Says      string // "3 members offer it: 2 open, 1 full."
	Silent    string // beside "nobody has said": how many have said nothing at all
	Class     string // none, full, room
	Where     string // regions with how many offer it there
	Languages string
	Who       []Offerer
}

// Offerer is one member's part of it.
type Offerer struct {
	Member schema.Slug
	Room   RoomPill
	What   string // where, or which services
	Old    string // "said on 3 January 2026"; empty: not long ago
}

// RoomPill is whether it takes more people.
type RoomPill struct{ Class, Text string }

// OfferRow is what a member has said, in short.
type OfferRow struct {
	Member    schema.Slug
	Self      bool
	Said      bool
	Date      string
	Old       bool
	Languages string
	What      string
	Note      Link
}

// ResourceRow is something that a member keeps up to date. Its address is shown as text:
// who opens one tells whoever keeps it from where, and a member may be an infiltrator.
type ResourceRow struct {
	Title, Address string
	Member         schema.Slug
}

// register is what the active members offer.
type register struct {
	said   []Declared // by order of admission
	seats  map[schema.Slug]*schema.Member
	silent int
	old    int
	today  schema.Date
}

func (s *Snapshot) register() register {
	reg := register{said: s.Declared, seats: map[schema.Slug]*schema.Member{}, today: schema.DateOf(s.Now)}
	roster := s.State.Roster()
	for i := range roster.Members {
		if m := &roster.Members[i]; m.Status == schema.Active {
			reg.seats[m.Slug] = m
		}
	}
	reg.silent = len(reg.seats) - len(reg.said)
	for _, d := range reg.said {
		if d.Old(reg.today) {
			reg.old++
		}
	}
	return reg
}

// regions are where a member gives a service: what it said, else where the roster says
// that it works.
func (reg register) regions(m schema.Slug, s schema.Service) []schema.Code {
	if len(s.Regions) > 0 {
		return s.Regions
	}
	if seat := reg.seats[m]; seat != nil {
		return seat.Regions
	}
	return nil
}

// saidWhat says how much is known of what members offer.
func (r *Reader) saidWhat(reg register) []string {
	says := []string{r.L.Say("gaps.lead", "n", len(reg.seats), "some", len(reg.said))}
	if reg.silent > 0 {
		says = append(says, r.L.Say("gaps.lead.silent", "n", reg.silent))
	}
	if reg.old > 0 {
		says = append(says, r.L.Say("gaps.lead.old", "n", reg.old))
	}
	return says
}

// offersFor is who offers what a code of the needs asks for.
func (r *Reader) offersFor(reg register, need schema.Code) Offers {
	where, tongues := map[schema.Code]int{}, map[string]bool{}
	var o Offers
	var rooms []schema.Room
	for _, d := range reg.said {
		for _, s := range d.Services {
			if s.Need != need {
				continue
			}
			rooms = append(rooms, s.Room)
			regions := reg.regions(d.Member, s)
			for _, region := range regions {
				where[region]++
			}
			for _, tag := range d.Languages {
				tongues[tag] = true
			}
			o.Who = append(o.Who, r.offerer(reg, d, s.Room, r.whereOf(regions)))
		}
	}
	r.sumUp(&o, reg, rooms, "gaps.offer")
	o.Where, o.Languages = r.counted(where), r.tongues(slices.Collect(maps.Keys(tongues)))
	return o
}

// offersIn is who gives any service in a region, and what.
func (r *Reader) offersIn(reg register, region schema.Code) Offers {
	var o Offers
	var rooms []schema.Room
	for _, d := range reg.said {
		var what []string
		best := schema.Room("")
		for _, s := range d.Services {
			if slices.Contains(reg.regions(d.Member, s), region) {
				what = append(what, r.needLabel(s.Need))
				best = roomier(best, s.Room)
			}
		}
		if len(what) > 0 {
			rooms = append(rooms, best)
			o.Who = append(o.Who, r.offerer(reg, d, best, r.and(what)))
		}
	}
	r.sumUp(&o, reg, rooms, "gaps.serve")
	return o
}

// roomier is the room of a member with several services.
func roomier(a, b schema.Room) schema.Room {
	if a == "" || slices.Index(schema.Rooms, b) < slices.Index(schema.Rooms, a) {
		return b
	}
	return a
}

func (r *Reader) offerer(reg register, d Declared, room schema.Room, what string) Offerer {
	o := Offerer{Member: d.Member, Room: r.roomPill(room), What: what}
	if d.Old(reg.today) {
		o.Old = r.L.Say("gaps.said_on", "day", r.L.Date(d.Date))
	}
	return o
}

func (r *Reader) roomPill(room schema.Room) RoomPill {
	return RoomPill{"room-" + string(room), r.L.Say("gaps.room." + string(room))}
}

// sumUp says how many offer it and with how much room. Nobody's word is not a word that
// there is nothing: members that have not said are told apart.
func (r *Reader) sumUp(o *Offers, reg register, rooms []schema.Room, key string) {
	if len(rooms) == 0 {
		o.Class, o.Says = "none", r.L.Say(key+".none")
		if reg.silent > 0 {
			o.Silent = r.L.Say("gaps.silent", "n", reg.silent)
		}
		return
	}
	full := 0
	var parts []string
	for _, room := range schema.Rooms {
		n := 0
		for _, one := range rooms {
			if one == room {
				n++
			}
		}
		if room == schema.RoomFull {
			full = n
		}
		if n > 0 {
			parts = append(parts, r.L.Say("gaps.room", "some", n, "room", r.L.Say("gaps.room."+string(room))))
		}
	}
	if full == len(rooms) {
		o.Class, o.Says = "full", r.L.Say(key+".full", "n", full)
		return
	}
	o.Class, o.Says = "room", r.L.Say(key+".some", "n", len(rooms), "rooms", r.and(parts))
}

func (r *Reader) needLabel(need schema.Code) string {
	return r.L.Code(schema.Axis{Dimension: schema.NeedDimension}, need).Label
}

func (r *Reader) regionLabel(region schema.Code) string {
	return r.L.Code(schema.Axis{Dimension: schema.RegionDimension}, region).Label
}

func (r *Reader) whereOf(regions []schema.Code) string {
	if len(regions) == 0 {
		return r.L.Say("gaps.everywhere")
	}
	names := make([]string, len(regions))
	for i, region := range regions {
		names[i] = r.regionLabel(region)
	}
	return r.and(names)
}

// counted names regions with how many offer something there, most first.
func (r *Reader) counted(where map[schema.Code]int) string {
	var names []string
	for _, region := range byCount(where) {
		names = append(names, r.L.Say("gaps.where.count", "region", r.regionLabel(region), "some", where[region]))
	}
	return r.and(names)
}

// byCount orders codes, the most frequent first.
func byCount(n map[schema.Code]int) []schema.Code {
	return slices.SortedFunc(maps.Keys(n), func(a, b schema.Code) int { return cmp.Or(n[b]-n[a], cmp.Compare(a, b)) })
}

// tongues names languages in the reader's.
func (r *Reader) tongues(tags []string) string {
	names := make([]string, len(tags))
	for i, tag := range tags {
		names[i] = r.L.Tongue(tag)
	}
	slices.Sort(names)
	return r.and(names)
}

// offerRows lists what each active member has said, and who has not.
func (r *Reader) offerRows(reg register) []OfferRow {
	var rows []OfferRow
	for _, m := range r.State.Roster().Members {
		if reg.seats[m.Slug] == nil {
			continue
		}
		row := OfferRow{Member: m.Slug, Self: m.Slug == r.Self}
		if i := slices.IndexFunc(reg.said, func(d Declared) bool { return d.Member == m.Slug }); i >= 0 {
			r.fillOffer(&row, reg.said[i], reg.today)
		}
		rows = append(rows, row)
	}
	return rows
}

func (r *Reader) fillOffer(row *OfferRow, d Declared, today schema.Date) {
	row.Said, row.Date, row.Old = true, r.L.Date(d.Date), d.Old(today)
	row.Languages = r.tongues(d.Languages)
	row.Note = Link{r.noteAt(d.Note), r.L.Say("gaps.note", "member", d.Member)}
	var parts []string
	for _, part := range []struct {
		key string
		n   int
	}{{"services", len(d.Services)}, {"trainings", len(d.Trainings)}, {"resources", len(d.Resources)}} {
		if part.n > 0 {
			parts = append(parts, r.L.Say("gaps.has."+part.key, "n", part.n))
		}
	}
	row.What = r.and(parts)
	if len(parts) == 0 {
		row.What = r.L.Say("gaps.has.nothing")
	}
}

func (r *Reader) resources(reg register) (rows []ResourceRow) {
	for _, d := range reg.said {
		for _, one := range d.Resources {
			rows = append(rows, ResourceRow{one.Title, one.Link, d.Member})
		}
	}
	return rows
}
