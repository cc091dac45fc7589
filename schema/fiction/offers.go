package fiction

import "tidemark/schema"

// kinds are what organisations of each title offer, in the order of titles.
var kinds = [][]schema.Service{
	{{Need: "digital_security_advice", Room: schema.RoomOpen}, {Need: "account_recovery", Room: schema.RoomOpen}, {Need: "content_takedown", Room: schema.RoomLimited}},
	{{Need: "psychosocial", Room: schema.RoomFull}, {Need: "family_support", Room: schema.RoomLimited}, {Need: "digital_security_advice", Room: schema.RoomOpen}},
	{{Need: "legal_aid", Room: schema.RoomFull}, {Need: "documentation", Room: schema.RoomOpen}},
	{{Need: "device_forensics", Room: schema.RoomLimited}, {Need: "digital_security_advice", Room: schema.RoomOpen}, {Need: "equipment_connectivity", Room: schema.RoomOpen}},
	{{Need: "digital_security_advice", Room: schema.RoomOpen}, {Need: "advocacy_visibility", Room: schema.RoomOpen}, {Need: "emergency_funds", Room: schema.RoomFull}},
	{{Need: "relocation_shelter", Room: schema.RoomFull}, {Need: "physical_protection", Room: schema.RoomLimited}},
	{{Need: "documentation", Room: schema.RoomOpen}, {Need: "advocacy_visibility", Room: schema.RoomOpen}},
}

// town is where everybody in one region trains: there is none of that name.
const town = "San Aldo"

// Offer is what the i-th organisation says that it offers in a quarter; false: it says
// nothing. Several train the same town, and nobody trains in the silent region.
func (w *World) Offer(i int, now schema.Period) (schema.Offer, bool) {
	o := w.Organisations[i]
	region := o.Regions[0]
	if region == silentRegion || i%6 == 5 {
		return schema.Offer{}, false
	}
	offer := schema.Offer{Languages: []string{o.Language}}
	if o.Language != "en" {
		offer.Languages = append(offer.Languages, "en")
	}
	for _, s := range kinds[i%len(kinds)] {
		s.Regions = []schema.Code{region}
		offer.Services = append(offer.Services, s)
	}
	switch {
	case region == spywareRegion:
		offer.Trainings = []schema.Training{{Topic: "digital_security_advice", Region: region, Quarter: now.Add(1), Town: town}}
	case i%3 == 0:
		offer.Trainings = []schema.Training{{Topic: "documentation", Region: region, Quarter: now}}
	}
	if i%4 == 0 {
		offer.Resources = []schema.Resource{{Link: "https://" + string(o.Slug) + ".example/kit", Title: "Safer phones: a kit (invented)"}}
	}
	return offer, true
}
