package planner

import "tidemark/schema"

// Frame is a plan without tables: the defaults of everything else. A joint plan's honest
// and colluding members are the caller's to set (Assumed).
func Frame(cb *schema.Codebook, mode schema.Mode, first schema.Period) schema.Plan {
	p := schema.Plan{
		Codebook: cb.Hash(), Mode: mode, Noise: schema.GoogleNoise, First: first,
		LateDays: schema.DefaultLate, Slot: schema.Slot{Days: 10, Hour: 6},
		ChargeQuarter: 48_000_000, ChargeYear: 64_000_000, Cap: schema.DefaultCap,
		Bands: schema.DefaultBands,
	}
	if mode == schema.Joint {
		p.Noise = schema.ExactNoise
	}
	return p
}

// entry is a line of a starting plan. Noise is written out, not solved for when asked:
// a starting plan has the same hash on every machine.
type entry struct {
	cadence schema.Cadence
	table   string
	sigma2  int64
}

func starting(p schema.Plan, entries []entry) (schema.Plan, error) {
	for _, e := range entries {
		p.Tables = append(p.Tables, schema.PlanTable{Table: table(e.table), Cadence: e.cadence, Measure: people, Sigma2: e.sigma2})
	}
	return p, p.Validate(schema.Incident())
}

// SmallLocal is the starting plan for about 12 members with together 4,000 people a
// quarter, on the built-in codebook: what Choose proposes for them.
func SmallLocal(first schema.Period) (schema.Plan, error) {
	return starting(Frame(schema.Incident(), schema.Local, first), smallLocal)
}

// Full is the starting plan for joint mode or large coalitions, on the built-in
// codebook. Without honest members it is in local mode.
func Full(first schema.Period, honest, colluders int) (schema.Plan, error) {
	mode := schema.Joint
	if honest == 0 {
		mode = schema.Local
	}
	p := Frame(schema.Incident(), mode, first)
	p.Honest, p.Colluders = honest, colluders
	return starting(p, full)
}

// smallLocal is Choose's, full has every table equally important. Both cost the frame's
// charges.
var smallLocal = []entry{
	{schema.Quarterly, "threat_type", 459520},
	{schema.Quarterly, "gender", 577030},
	{schema.Quarterly, "offline_consequence(group)", 625097},
	{schema.Quarterly, "police_response(group)", 686153},
	{schema.Quarterly, "platform_response(group)", 738592},
	{schema.Quarterly, "region", 720247},
	{schema.Quarterly, "platform_response_time", 779483},
	{schema.Quarterly, "support_outcome(group)", 830581},
	{schema.Quarterly, "known_elsewhere", 879957},
	{schema.Yearly, "threat_type*offline_consequence(group)", 187383},
	{schema.Yearly, "region*threat_type(group)", 219192},
	{schema.Yearly, "threat_type*gender", 250052},
	{schema.Yearly, "suspected_actor(group)*police_response(group)", 257871},
}

var full = []entry{
	{schema.Quarterly, "threat_type*gender", 450300},
	{schema.Quarterly, "offline_consequence(group)*link_evidence", 444499},
	{schema.Quarterly, "suspected_actor(group)*police_response(group)", 445069},
	{schema.Quarterly, "support_need*support_outcome(group)", 443767},
	{schema.Quarterly, "region*threat_type(group)", 449538},
	{schema.Quarterly, "known_elsewhere", 468002},
	{schema.Yearly, "platform_brand*platform_response(group)", 543434},
	{schema.Yearly, "target_relation(group)*threat_type(group)", 585093},
	{schema.Yearly, "threat_type*offline_consequence(group)", 557601},
	{schema.Yearly, "online_offline_link", 566233},
	{schema.Yearly, "access_context*threat_type(group)", 559072},
	{schema.Yearly, "exposure_path*offline_consequence(group)", 551372},
	{schema.Yearly, "channel_encryption", 574396},
	{schema.Yearly, "intake_channel", 563484},
	{schema.Yearly, "prior_training*threat_type(group)", 585093},
	{schema.Yearly, "region*support_outcome(group)", 543434},
}
