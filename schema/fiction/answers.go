package fiction

import (
	"math"
	"math/rand/v2"

	"tidemark/schema"
)

// answer is how often each code of a dimension is given.
type answer struct {
	upTo    []float64 // cumulated shares
	unknown byte      // the code of no answer; 255: none
}

func (a answer) draw(r *rand.Rand) byte {
	u := r.Float64()
	for i, limit := range a.upTo {
		if u < limit {
			return byte(i)
		}
	}
	return byte(len(a.upTo) - 1)
}

// frequent lists a dimension's codes from the most to the less frequent; the rest follow
// in codebook order. Shares fall by Zipf's law.
var frequent = map[string][]schema.Code{
	"threat_type":            {"harassment_hate", "threat_of_harm", "account_compromise", "doxing", "smear_disinformation", "device_spyware", "impersonation", "phishing_lure", "surveillance_stalking", "channel_suppression"},
	"gender":                 {"woman", "non_binary_other", "group_or_organisation", "man"},
	"defender_gender":        {"woman", "non_binary_other", "group_or_organisation", "man"},
	"offline_consequence":    {"none_known", "psychological_harm", "withdrawal_silencing", "visit_intimidation", "prosecution", "following_stalking", "social_family_rejection", "displacement_exile", "physical_assault", "arrest_detention"},
	"police_response":        {"not_sought_fear", "registered_no_action", "refused_registration", "not_sought_other", "investigating", "dropped"},
	"platform_response":      {"no_response", "not_reported", "automated_only", "rejected_no_violation", "content_removed", "account_restored"},
	"platform_response_time": {"4_to_14_days", "1_to_3_days", "15_to_60_days", "never", "under_1_day", "over_60_days"},
	"suspected_actor":        {"hostile_group", "stranger_individual", "pro_state_network", "state_security", "intimate_partner"},
	"support_need":           {"digital_security_advice", "psychosocial", "account_recovery", "legal_aid", "content_takedown", "emergency_funds"},
	"support_outcome":        {"given_full", "given_part", "referred_taken", "pending", "referred_no_capacity", "no_funds"},
	"target_relation":        {"defender", "organisation", "colleague", "partner", "child"},
	"link_evidence":          {"survivor_assessed", "no_link_claimed", "timing_only", "documented", "corroborated"},
	"platform_brand":         {"facebook", "whatsapp", "instagram", "telegram", "x_twitter"},
}

// silence is the share of no answer, where it is not the ordinary quarter.
var silence = map[string]float64{
	"suspected_actor": 0.52, "gender": 0.3, "defender_gender": 0.4, "police_response": 0.4,
	"platform_response": 0.3, "platform_response_time": 0.45, "threat_type": 0.04, "region": 0.05,
	"offline_consequence": 0.2, "known_elsewhere": 0.3,
}

var noAnswer = []schema.Code{"unknown", "not_recorded", "not_assessed", "not_applicable_unknown"}

const (
	zipf          = 1.3
	usualSilence  = 0.25
	neverAnswered = 255
)

func answersFor(cb *schema.Codebook) []answer {
	answers := make([]answer, len(cb.Dimensions))
	for i := range cb.Dimensions {
		answers[i] = answerFor(&cb.Dimensions[i])
	}
	return answers
}

func answerFor(d *schema.Dimension) answer {
	unknown := -1
	for _, c := range noAnswer {
		unknown = max(unknown, d.Index(c))
	}
	shares := make([]float64, len(d.Codes))
	total := 0.0
	for rank, i := range ranked(d, unknown) {
		shares[i] = math.Pow(float64(rank+1), -zipf)
		total += shares[i]
	}
	quiet := 0.0
	if unknown >= 0 {
		quiet = usualSilence
		if s, ok := silence[d.ID]; ok {
			quiet = s
		}
	}
	a := answer{unknown: neverAnswered}
	sum := 0.0
	for i := range shares {
		if i == unknown {
			sum += quiet
			a.unknown = byte(i)
		} else {
			sum += shares[i] / total * (1 - quiet)
		}
		a.upTo = append(a.upTo, sum)
	}
	return a
}

// ranked orders the codes that are answers by how frequent they are.
func ranked(d *schema.Dimension, unknown int) []int {
	var order []int
	taken := map[int]bool{unknown: true}
	for _, c := range frequent[d.ID] {
		if i := d.Index(c); i >= 0 && !taken[i] {
			order, taken[i] = append(order, i), true
		}
	}
	for i := range d.Codes {
		if !taken[i] {
			order = append(order, i)
		}
	}
	return order
}
