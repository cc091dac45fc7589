package view

import (
	"fmt"

	"tidemark/aggregation/account"
	"tidemark/aggregation/combine"
	"tidemark/dashboard/words"
	"tidemark/schema"
)

// MethodPage answers: how are the numbers made, and what do they promise?
type MethodPage struct {
	Title    string
	Lead     string
	Plain    []string // the way of a number, in ordinary words
	Sections []MethodSection
	Reviews  MethodTable
	Axes     []AxisWords
}

// MethodSection is one matter: sentences, then the exact numbers.
type MethodSection struct {
	ID    string
	Title string
	Says  []string
	Table *MethodTable
	After []string
}

// MethodTable has a row header in its first column; Numbers: the others are numbers.
type MethodTable struct {
	Caption string
	Head    []string
	Rows    [][]string
	Numbers bool
}

// AxisWords are what the codes of an axis mean.
type AxisWords struct {
	Name  string
	Codes []schema.Label
	Open  bool
}

// plainSteps is how many sentences tell the way of a number.
const plainSteps = 6

// Method is the page of the method. The codebook is the node's, where there is no
// coalition yet.
func (r *Reader) Method(cb *schema.Codebook, all words.Languages) (MethodPage, error) {
	if r.Snapshot != nil {
		cb = r.Codebook
	}
	p := MethodPage{Title: r.L.Say("method.title"), Lead: r.L.Say("method.lead"), Reviews: r.reviews(all), Axes: r.axisWords(cb)}
	for i := 1; i <= plainSteps; i++ {
		p.Plain = append(p.Plain, r.L.Say(fmt.Sprintf("method.plain.%d", i)))
	}
	plan := schema.Plan{Cap: schema.DefaultCap, Bands: schema.DefaultBands, LateDays: schema.DefaultLate}
	if r.Snapshot != nil {
		plan, _ = r.planInForce()
	}
	p.Sections = []MethodSection{r.methodCounted(&plan), r.methodNoise(&plan)}
	if plan.Mode == schema.Joint {
		p.Sections = append(p.Sections, r.methodJoint(&plan))
	}
	p.Sections = append(p.Sections, r.methodShown(&plan))
	if r.Snapshot != nil {
		hold, err := r.methodHolds(&plan)
		if err != nil {
			return p, err
		}
		p.Sections = append(p.Sections, hold)
	}
	p.Sections = append(p.Sections, r.methodChange(), r.methodSteps(), r.methodNot())
	return p, nil
}

// section makes one whose sentences are numbered in the catalogue.
func (r *Reader) section(id string, sentences int, pairs ...any) MethodSection {
	s := MethodSection{ID: id, Title: r.L.Say("method." + id)}
	for i := 1; i <= sentences; i++ {
		s.Says = append(s.Says, r.L.Say(fmt.Sprintf("method.%s.%d", id, i), pairs...))
	}
	return s
}

func (r *Reader) methodCounted(plan *schema.Plan) MethodSection {
	return r.section("counted", 5, "n", plan.LateDays, "units", schema.UnitsPerPerson)
}

// methodNoise has the exact statement: what each release costs, in every usual unit.
func (r *Reader) methodNoise(plan *schema.Plan) MethodSection {
	s := r.section("noise", 4)
	s.Table = &MethodTable{
		Caption: r.L.Say("method.noise.caption"), Numbers: true,
		Head: []string{r.L.Say("method.noise.what"), r.L.Say("method.noise.nano"), "µ", r.L.Say("method.noise.epsilon"), r.L.Say("method.noise.guess")},
	}
	add := func(key string, c schema.Charge) {
		s.Table.Rows = append(s.Table.Rows, []string{
			r.L.Say("method.noise." + key), r.L.Number(int64(c)), r.fixed(account.Mu(c), 3), r.fixed(account.Epsilon(c, account.StatementDelta), 2), r.guess(c),
		})
	}
	if plan.ChargeQuarter > 0 {
		add("quarter", plan.ChargeQuarter)
	}
	if plan.ChargeYear > 0 {
		add("year", plan.ChargeYear)
	}
	add("cap", plan.Cap)
	if plan.Mode == schema.Joint {
		t := r.trust(plan)
		add("alone", t.Alone)
		add("pair", t.Pair)
	}
	s.After = []string{r.L.Say("method.noise.exact")}
	if plan.Noise == schema.GoogleNoise {
		s.After = append(s.After, r.L.Say("method.noise.sampler"))
	}
	s.After = append(s.After, r.L.Say("method.noise.sources"))
	return s
}

// methodJoint says what joint mode changes, and what it rests on.
func (r *Reader) methodJoint(plan *schema.Plan) MethodSection {
	t := r.trust(plan)
	return r.section("joint", 5, "keepers", t.Keepers, "open", t.Open, "honest", t.Honest, "colluders", t.Colluders, "lying", t.Lying, "least", t.Least)
}

func (r *Reader) methodShown(plan *schema.Plan) MethodSection {
	s := r.section("shown", 2)
	number, caution := r.thousandths(plan.Bands.Number), r.thousandths(plan.Bands.Caution)
	s.Table = &MethodTable{
		Caption: r.L.Say("method.shown.caption"), Head: []string{r.L.Say("method.shown.when"), r.L.Say("method.shown.reads")},
		Rows: [][]string{
			{r.L.Say("method.shown.number", "limit", number), r.L.Say("method.shown.number.reads")},
			{r.L.Say("method.shown.caution", "from", number, "limit", caution), r.L.Say("method.shown.caution.reads")},
			{r.L.Say("method.shown.noisy", "limit", caution), r.L.Say("method.shown.noisy.reads")},
		},
	}
	s.After = []string{r.L.Say("method.shown.rounding"), r.L.Say("method.shown.order"), r.L.Say("method.shown.sums")}
	return s
}

func (r *Reader) thousandths(n int) string { return r.fixed(float64(n)/1000, 3) }

func (r *Reader) methodChange() MethodSection {
	s := r.section("change", 4, "phi", r.fixed(combine.Phi, 1))
	s.Table = &MethodTable{
		Caption: r.L.Say("method.change.caption"), Head: []string{r.L.Say("method.change.word"), r.L.Say("method.change.rule")},
		Rows: [][]string{
			{r.L.Say("method.change.very"), r.L.Say("method.change.very.rule", "p", r.fixed(100*combine.VeryLikely, 1))},
			{r.L.Say("method.change.probably"), r.L.Say("method.change.probably.rule", "p", r.fixed(100*combine.Probably, 0))},
			{r.L.Say("verdict.flat"), r.L.Say("method.change.flat.rule")},
			{r.L.Say("verdict.noisy"), r.L.Say("method.change.noisy.rule")},
		},
	}
	s.After = []string{r.L.Say("method.change.list", "q", r.fixed(combine.FalseDiscoveries, 2)), r.L.Say("method.change.without")}
	return s
}

func (r *Reader) methodSteps() MethodSection {
	return r.section("steps", 2, "factor", r.fixed(combine.StepFactor, 1), "n", combine.StepSide)
}

func (r *Reader) methodNot() MethodSection { return r.section("not", 6) }

func (r *Reader) reviews(all words.Languages) MethodTable {
	t := MethodTable{Caption: r.L.Say("method.review.caption"), Head: []string{r.L.Say("nav.language"), r.L.Say("method.review.pages"), r.L.Say("method.review.codes")}}
	for _, l := range all {
		t.Rows = append(t.Rows, []string{l.Name, r.L.Say("method.review." + string(l.Review)), r.L.Say("method.review." + string(l.LabelsReview()))})
	}
	return t
}

// axisWords defines the codes of the plan's axes; of every dimension where there is no
// plan.
func (r *Reader) axisWords(cb *schema.Codebook) []AxisWords {
	var axes []schema.Axis
	if r.Snapshot != nil {
		axes = r.allAxes()
	} else {
		for _, d := range cb.Dimensions {
			axes = append(axes, schema.Axis{Dimension: d.ID})
		}
	}
	var out []AxisWords
	for _, a := range axes {
		level, err := cb.Level(a)
		if err != nil {
			continue
		}
		w := AxisWords{Name: r.L.Axis(a), Open: r.Q.Print}
		for _, c := range level.Codes {
			w.Codes = append(w.Codes, r.L.Code(a, c))
		}
		out = append(out, w)
	}
	return out
}
