package plain

import (
	"crypto/ed25519"
	"encoding/base64"
	"strings"
	"testing"

	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

func signer(slug string) *wire.Signer {
	seed := schema.HashOf([]byte("tidemark test key of " + slug))
	s, err := wire.NewSigner(schema.Slug(slug), ed25519.NewKeyFromSeed(seed[:]))
	if err != nil {
		panic(err)
	}
	return s
}

func table(t *testing.T, s string) schema.Table {
	t.Helper()
	table, err := schema.ParseTable(s)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func samplePlan(t *testing.T) schema.Plan {
	return schema.Plan{
		Codebook: schema.HashOf([]byte("codebook")), Mode: schema.Local, Noise: schema.GoogleNoise,
		First: schema.Period{Year: 2026, Quarter: 1}, LateDays: 180, Slot: schema.Slot{Days: 10, Hour: 6},
		ChargeQuarter: 48_000_000, ChargeYear: 64_000_000, Cap: schema.DefaultCap, Bands: schema.DefaultBands,
		Tables: []schema.PlanTable{
			{Table: table(t, "threat_type"), Cadence: schema.Quarterly, Measure: schema.Measure{Kind: schema.People}, Sigma2: 450_000},
			{Table: table(t, "gender"), Cadence: schema.Quarterly, Measure: schema.Measure{Kind: schema.People}},
		},
	}
}

func founded(t *testing.T) *coalition.State {
	t.Helper()
	c := schema.Charter{
		Name: "calm-delta", Date: schema.NewDate(2026, 1, 12), Codebook: schema.HashOf([]byte("codebook")), Threshold: 2,
		Admins: []string{signer("finch").VerifierKey(), signer("otter").VerifierKey()}, Plan: samplePlan(t),
	}
	raw, err := wire.Sign(c, signer("finch"), signer("otter"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := coalition.Found(raw)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func says(t *testing.T, what string, lines []string, want ...string) {
	t.Helper()
	all := strings.Join(lines, "\n")
	for _, w := range want {
		if !strings.Contains(all, w) {
			t.Errorf("%s: nothing of %q in\n%s", what, w, all)
		}
	}
}

func applicant(slug string) schema.Applicant {
	return schema.Applicant{
		Slug: schema.Slug(slug), MemberKey: signer(slug).VerifierKey(), Regions: []schema.Code{"m49_013"},
		BoxKey:  "age1zz3v2mfr5j2vsvvhxkhrqla2qdrvyd5pjqz5x7fewle7l5hkkqtqllng80",
		NodeKey: "12D3KooWDHfB6uEikcydyssc2EA75RqqVH5RDHHJ9T472mDPzgQJ",
	}
}

func TestEveryChangeIsSaid(t *testing.T) {
	s := founded(t)
	plan := samplePlan(t)
	file := "age-encryption.org/v1\n" + strings.Repeat("-> X25519 ephemeral\nwrapped\n", 2) + "--- mac\nkey"
	key := schema.NetworkKey{From: schema.NewDate(2026, 1, 22), Sealed: base64.StdEncoding.EncodeToString([]byte(file))}
	plan.First, plan.Cap = schema.Period{Year: 2026, Quarter: 2}, schema.DefaultCap/2
	for _, c := range []struct {
		change schema.Change
		want   []string
	}{
		{schema.Admit{Applicant: applicant("heron"), First: schema.Period{Year: 2026, Quarter: 1}}, []string{"Admit heron", "from 2026-Q1 on", "cannot be taken back", "Addresses: none. Regions: m49_013."}},
		{schema.Suspend{Member: "heron"}, []string{"Suspend heron"}},
		{schema.Suspend{Member: "otter"}, []string{"Suspend otter", "otter is an admin, and its present key goes on"}},
		{schema.Remove{Member: "otter"}, []string{"otter is an admin"}},
		{schema.ReplaceMember{Member: "otter", MemberKey: "otter+1+k"}, []string{"otter is an admin"}},
		{schema.Resume{Member: "heron"}, []string{"Resume heron"}},
		{schema.Remove{Member: "heron"}, []string{"Remove heron", "keeps what it has", "The network key stays"}},
		{schema.Remove{Member: "heron", Key: key}, []string{"Remove heron", "From 2026-01-22 on", "new network key", "to the 2 active ones"}},
		{schema.RotateKey{NetworkKey: key}, []string{"From 2026-01-22 on", "needs a bundle from any member"}},
		{schema.AppointKeepers{Keepers: []schema.Slug{"heron", "gull", "swan"}}, []string{"Name the keepers of joint rounds: heron, gull, swan. They keep the periods that end on 2026-02-21 or later, from 2026-Q1 on.", "3 of these 3 together open", "While one of them is away", "Any 3 of them could also", "different countries"}},
		{schema.AppointKeepers{Keepers: []schema.Slug{"heron", "gull", "swan", "teal", "crane"}}, []string{"4 of these 5 together open", "even while 1 of them"}},
		{schema.ReplaceNode{Member: "heron", NodeKey: "12D3Koo1"}, []string{"node key of heron", "12D3Koo1"}},
		{schema.ReplaceMember{Member: "heron", MemberKey: "heron+1+k", Sequence: 14}, []string{"after note 14", "dropped", "stays spent", "heron+1+k"}},
		{schema.SetAdmins{Threshold: 1, Admins: []string{signer("finch").VerifierKey(), signer("gull").VerifierKey()}}, []string{"1 of these 2 admins", "Until now 2 of 2", "New as admins: gull.", "No longer admins: otter.", "One admin alone"}},
		{schema.AdoptPlan{Plan: plan}, []string{"start on 2026-04-01 or later, from 2026-Q2 on", "At most 0.128 mu^2 are spent in 12 months, less than until now (0.256)"}},
		{schema.RetirePlan{Plan: wire.PlanHash(plan)}, []string{"Retire the plan", "starts on 2026-01-22 or later"}},
	} {
		act := s.Act(schema.NewDate(2026, 1, 15), c.change)
		says(t, c.change.Verb(), Act(act, s), c.want...)
	}
}

// Every admin who signs can ask the applicant for the same words.
func TestWordsOfAnAct(t *testing.T) {
	s, who := founded(t), applicant("heron")
	raw, err := wire.Sign(schema.Request{Applicant: who}, signer("heron"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := wire.OpenRequest(raw)
	if err != nil {
		t.Fatal(err)
	}
	words, err := RequestWords(who)
	if err != nil || words == "" {
		t.Fatal(err)
	}
	if text, _ := wire.Text(v.Body()); schema.HashOf([]byte(text)) != v.ID() {
		t.Error("the id is not the text's hash")
	}
	says(t, "admit", Act(s.Act(schema.NewDate(2026, 1, 15), schema.Admit{Applicant: who, First: schema.Period{Year: 2026, Quarter: 1}}), s), words)
	who.BoxKey = "age1another"
	if other, _ := RequestWords(who); other == words {
		t.Error("another box key: the same words")
	}
}

func TestDifferenceSaysAllThatChanges(t *testing.T) {
	from, to := samplePlan(t), samplePlan(t)
	to.Tables = []schema.PlanTable{
		{Table: table(t, "threat_type"), Cadence: schema.Quarterly, Measure: schema.Measure{Kind: schema.People}, Sigma2: 900_000},
		{Table: table(t, "gender"), Cadence: schema.Yearly, Measure: schema.Measure{Kind: schema.Reached, Limit: 3}, Sigma2: 3600},
	}
	to.ChargeQuarter, to.ChargeYear = 50_000_000, 0
	to.LateDays, to.Slot.Hour, to.Bands.Number, to.Noise = 90, 7, 100, schema.ExactNoise
	to.Mode, to.Honest, to.Colluders = schema.Joint, 6, 5
	says(t, "difference", Difference(from, to),
		"Other noise: threat_type every quarter, each person once, noise within 30.9 people (95 of 100 cells of one member); until now noise within 21.9 people",
		"New table: gender every year, each person in up to 3 cells, noise within 1.9 people", "No longer: gender every quarter, each person once.",
		"A quarter's release spends 0.050 mu^2 of privacy, more than until now (0.048): each person is protected less.",
		"A year's release spends 0.000 mu^2 of privacy, less than until now (0.064).",
		"Cases count as late for: 90 days; until now 180 days.", "at 07:00 UTC; until now", "Noise is drawn by: exact; until now google.",
		"up to an error of 100 per thousand", "joint, 6 honest members against 5 that collude; until now local", "no plan that spends more than 1.000 mu^2",
	)
	if all := Difference(from, from); len(all) != 2 || !strings.HasPrefix(all[0], "Nothing in it differs") {
		t.Errorf("the same plan: %q", all)
	}
}

// A plan binds a whole quarter that starts after its notice, never one that has begun.
func TestFirstBound(t *testing.T) {
	p := samplePlan(t)
	for date, want := range map[schema.Date]string{
		schema.NewDate(2026, 3, 25): "2026-Q2", schema.NewDate(2026, 3, 26): "2026-Q3", schema.NewDate(2025, 3, 1): "2026-Q1",
	} {
		if have := FirstBound(date, p); have.String() != want {
			t.Errorf("%s: %s, want %s", date, have, want)
		}
	}
}
