package view

import (
	"math"
	"strings"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// dataPackage is datapackage.json of Frictionless Data Package 1.0. It names no licence:
// that is for the coalition to say.
type dataPackage struct {
	Profile     string     `json:"profile"`
	Name        string     `json:"name"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Language    string     `json:"language"`
	Sources     []source   `json:"sources"`
	DP          privacy    `json:"dp"`
	Resources   []resource `json:"resources"`
}

// source is a release, or the agreement on a joint sum.
type source struct {
	Title     string              `json:"title"`
	Note      schema.Hash         `json:"note"`
	Withdrawn schema.NoticeReason `json:"withdrawn,omitempty"`
}

type resource struct {
	Name        string      `json:"name"`
	Path        string      `json:"path"`
	Profile     string      `json:"profile"`
	Description string      `json:"description"`
	Format      string      `json:"format"`
	Mediatype   string      `json:"mediatype"`
	Encoding    string      `json:"encoding"`
	Bytes       int         `json:"bytes"`
	Hash        string      `json:"hash"`
	Dialect     dialect     `json:"dialect"`
	Schema      tableSchema `json:"schema"`
}

type dialect struct {
	Delimiter      string `json:"delimiter"`
	LineTerminator string `json:"lineTerminator"`
	QuoteChar      string `json:"quoteChar"`
	DoubleQuote    bool   `json:"doubleQuote"`
	Header         bool   `json:"header"`
}

type tableSchema struct {
	Fields        []tableField `json:"fields"`
	PrimaryKey    []string     `json:"primaryKey,omitempty"`
	MissingValues []string     `json:"missingValues"`
}

type tableField struct {
	Name        string       `json:"name"`
	Type        string       `json:"type"`
	Title       string       `json:"title,omitempty"`
	Description string       `json:"description,omitempty"`
	Constraints *constraints `json:"constraints,omitempty"`
}

type constraints struct {
	Required bool   `json:"required,omitempty"`
	Enum     []any  `json:"enum,omitempty"`
	Pattern  string `json:"pattern,omitempty"`
	Minimum  *int   `json:"minimum,omitempty"`
}

// privacy says what stands between a number and a person.
type privacy struct {
	Demonstration bool          `json:"demonstration"`
	Measure       string        `json:"measure"`
	UnitOfPrivacy string        `json:"unit_of_protection"` // the weakest of the sources
	Mechanism     string        `json:"mechanism"`
	NoisedBy      string        `json:"noised_by"`
	Estimate      string        `json:"estimate"`
	Interval      float64       `json:"interval"`
	Pin           string        `json:"pin"`
	Plans         []privacyPlan `json:"plans"`
}

// privacyPlan is what a plan spends on each release, and the noise it draws.
type privacyPlan struct {
	Plan    schema.Hash        `json:"plan"`
	Mode    schema.Mode        `json:"mode"`
	Honest  int                `json:"honest,omitempty"` // in joint mode the honest members that the noise counts on
	Noise   schema.NoiseSource `json:"noise"`
	Quarter schema.Charge      `json:"charge_quarter_nano_mu2"`
	Year    schema.Charge      `json:"charge_year_nano_mu2"`
	Cap     schema.Charge      `json:"cap_nano_mu2"`
	Tables  []privacyTable     `json:"tables"`
}

type privacyTable struct {
	Table   string         `json:"table"`
	Cadence schema.Cadence `json:"cadence"`
	Measure string         `json:"measure"`
	NoiseSD *float64       `json:"noise_sd"` // people, of one member's cell, in joint mode of its share; null: derived from the other tables
}

// describes is the package's description.
func (r *Reader) describes(about, title string, t Tidy, files []Packed) dataPackage {
	p := dataPackage{
		Profile: "tabular-data-package", Name: packageName(r.FileName(about, "")), Title: title, Language: r.L.Tag,
		Description: r.L.Say("fig.pack.unit") + " " + r.L.Say("fig.pack.licence"), Sources: []source{}, DP: r.privacyBlock(t),
	}
	if r.Demo {
		p.Description = r.L.Say("frame.demo") + " " + p.Description
	}
	for _, b := range r.behind(t) {
		title := "tidemark/release " + string(b.Member) + " " + b.period.String()
		if b.Joint {
			title = "tidemark/agreement " + b.period.String()
		}
		p.Sources = append(p.Sources, source{title, b.Release, b.Withdrawn})
	}
	for _, f := range files {
		p.Resources = append(p.Resources, r.resource(f, t))
	}
	return p
}

// packageName is a name as the specification wants it: lower case, digits, . _ -
func packageName(s string) string { return strings.Trim(strings.ToLower(s), ".") }

func (r *Reader) resource(f Packed, t Tidy) resource {
	out := resource{
		Name: strings.TrimSuffix(f.Name, ".csv"), Path: f.Name, Profile: "tabular-data-resource", Format: "csv", Mediatype: "text/csv", Encoding: "utf-8",
		Bytes: len(f.Text), Hash: "sha256:" + schema.HashOf(f.Text).String(),
		Dialect: dialect{Delimiter: ",", LineTerminator: "\r\n", QuoteChar: `"`, DoubleQuote: true, Header: true},
		Schema:  r.tidySchema(t),
	}
	out.Description = r.L.Say("fig.pack.file." + out.Name)
	switch f.Name {
	case "data-hxl.csv":
		out.Schema = textSchema(t.Head()) // the row of tags is no number
	case "codes.csv":
		out.Schema = textSchema([]string{"axis", "code", "label", "definition"}, "axis", "code")
	case "changes.csv":
		out.Schema = r.changesSchema(t)
	}
	return out
}

// textSchema is columns of text.
func textSchema(columns []string, key ...string) tableSchema {
	s := tableSchema{PrimaryKey: key, MissingValues: []string{""}}
	for _, name := range columns {
		s.Fields = append(s.Fields, tableField{Name: name, Type: "string"})
	}
	return s
}

// changesSchema names every column of changes.csv.
func (r *Reader) changesSchema(t Tidy) tableSchema {
	kinds := map[string]string{"difference": "number", "lower": "number", "upper": "number", "sd": "number", "listed": "boolean", "members_in_both": "integer"}
	s := tableSchema{PrimaryKey: append([]string{"period"}, t.Axes...), MissingValues: []string{""}}
	for _, name := range t.changedHead() {
		kind := "string"
		if kinds[name] != "" {
			kind = kinds[name]
		}
		s.Fields = append(s.Fields, tableField{Name: name, Type: kind, Constraints: &constraints{Required: true}})
	}
	return s
}

// tidySchema names every column; its order is Head's.
func (r *Reader) tidySchema(t Tidy) tableSchema {
	zero := 0
	required := &constraints{Required: true}
	number := func(name, about string) tableField {
		return tableField{name, "number", "", r.L.Say("fig.pack." + about), required}
	}
	count := func(name string) tableField {
		return tableField{name, "integer", "", r.L.Say("fig.pack.members"), &constraints{Required: true, Minimum: &zero}}
	}
	fields := []tableField{
		{"period", "string", r.L.Say("head.period"), "", &constraints{Required: true, Pattern: "[0-9]{4}(-Q[1-4])?"}},
		{"table", "string", "", r.tableName(t), &constraints{Required: true, Enum: []any{t.Table}}},
	}
	for _, a := range t.question.Table.Axes {
		f := tableField{a.String(), "string", r.L.Axis(a), "", &constraints{Required: true}}
		if l, err := r.Codebook.Level(a); err == nil {
			for _, c := range l.Codes {
				f.Constraints.Enum = append(f.Constraints.Enum, string(c))
			}
		}
		fields = append(fields, f)
	}
	fields = append(fields, number("estimate", "estimate"), number("lower", "range"), number("upper", "range"),
		tableField{"sd", "number", "", r.L.Say("fig.pack.sd"), &constraints{Required: true, Minimum: &zero}},
		tableField{"band", "integer", "", r.L.Say("fig.pack.band"), &constraints{Required: true, Enum: []any{1, 2, 3}}},
		count("members_reporting"), count("members_total"),
		tableField{"plan", "string", "", r.L.Say("fig.pack.plan"), &constraints{Required: true, Pattern: "[0-9a-f]{64}"}},
		tableField{"mode", "string", "", r.L.Say("fig.pack.mode"), &constraints{Required: true, Enum: []any{schema.Local, schema.Joint}}},
		tableField{"sd_local", "number", "", r.L.Say("fig.pack.sd_local"), &constraints{Required: true, Minimum: &zero}})
	return tableSchema{fields, append([]string{"period"}, t.Axes...), []string{""}}
}

func (r *Reader) tableName(t Tidy) string {
	if len(t.Axes) == 0 {
		return r.L.Say("all.people")
	}
	return r.L.Table(t.question.Table)
}

func (r *Reader) privacyBlock(t Tidy) privacy {
	p := privacy{
		Demonstration: r.Demo, Measure: t.question.measure().String(), UnitOfPrivacy: unitOf(r.weakest(t)), Interval: 0.95, Pin: r.Pin, Plans: []privacyPlan{},
		Mechanism: "gaussian noise; charges are mu^2 of Gaussian differential privacy in units of 10^-9, and add up",
		NoisedBy:  "each member to its own tables, before they leave it",
		Estimate:  "sum of the members' noisy tables, all tables of a plan fitted together; unbiased, not clipped at zero; lower and upper are estimate -/+ 1.96 sd of the noise",
	}
	if len(r.jointOf(t)) > 0 {
		p.NoisedBy += "; in joint mode each adds its share of one noise, and only the members' sum is opened"
	}
	seen := map[schema.Hash]bool{}
	for _, row := range t.Rows {
		if !seen[row.Plan] {
			seen[row.Plan] = true
			p.Plans = append(p.Plans, privacyOf(r.Plan(row.Period)))
		}
	}
	return p
}

// unitOf says what one weight stands for.
func unitOf(p schema.Protection) string {
	switch p {
	case schema.PerID:
		return "person, by the case system's own id"
	case schema.PerComposite:
		return "person, by a key made of several fields"
	case schema.PerCase:
		return "case"
	}
	return ""
}

func privacyOf(plan schema.Plan) privacyPlan {
	p := privacyPlan{Plan: wire.PlanHash(plan), Mode: plan.Mode, Honest: plan.Honest, Noise: plan.Noise, Quarter: plan.ChargeQuarter, Year: plan.ChargeYear, Cap: plan.Cap}
	for _, t := range plan.Tables {
		if plan.Mode == schema.Joint {
			t.Sigma2 = plan.ShareVariance(t)
		}
		p.Tables = append(p.Tables, privacyTable{t.Table.String(), t.Cadence, t.Measure.String(), noiseSD(t)})
	}
	return p
}

// noiseSD is the noise on one member's cell, in people; nil for a derived table.
func noiseSD(t schema.PlanTable) *float64 {
	if t.Sigma2 == 0 {
		return nil
	}
	sd := math.Round(100*math.Sqrt(float64(t.Sigma2))/schema.UnitsPerPerson) / 100
	return &sd
}
