package schema

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// Charge is privacy spent, in nano-mu^2 of Gaussian differential privacy
// (Dong, Roth and Su 2019): 48,000,000 is mu 0.219. Charges of releases add.
type Charge int64

// Measure is how a table counts.
type Measure struct {
	Kind  MeasureKind
	Limit int // cells per person for reached, cases per person for cases; 0 for people
}

// MeasureKind names a measure.
type MeasureKind string

// People gives every person 60 units a period, shared among her cases. Reached gives 60
// to each of at most Limit cells that a person touches. Cases gives 60 to each of at
// most Limit cases.
const (
	People  MeasureKind = "people"
	Reached MeasureKind = "reached"
	Cases   MeasureKind = "cases"
)

// Sensitivity2 is the square of the largest L2 distance, in units, that one person can
// move one table: 60^2 times 1, the cells, or the cases squared.
func (m Measure) Sensitivity2() int64 {
	const one = UnitsPerPerson * UnitsPerPerson
	switch m.Kind {
	case Reached:
		return one * int64(m.Limit)
	case Cases:
		return one * int64(m.Limit) * int64(m.Limit)
	}
	return one
}

func (m Measure) String() string {
	if m.Kind == People {
		return string(People)
	}
	return fmt.Sprintf("%s:%d", m.Kind, m.Limit)
}

// ParseMeasure reads a measure as String writes it.
func ParseMeasure(s string) (Measure, error) {
	kind, limit, limited := strings.Cut(s, ":")
	m := Measure{Kind: MeasureKind(kind)}
	if m.Kind == People && !limited {
		return m, nil
	}
	n, err := strconv.Atoi(limit)
	m.Limit = n
	if m.Kind != Reached && m.Kind != Cases || err != nil || n < 1 || n > MaxMeasure || m.String() != s {
		return Measure{}, fmt.Errorf("measure: want people, reached:n or cases:n, n from 1 to %d", MaxMeasure)
	}
	return m, nil
}

// PlanTable is a table that a plan releases.
type PlanTable struct {
	Table   Table
	Cadence Cadence
	Measure Measure
	// Sigma2 is the noise variance per cell in units^2. 0: not drawn; readers derive
	// the table from the others.
	Sigma2 int64
}

// Charge is what drawing the table once costs: D^2/sigma^2 in nano-mu^2, rounded up,
// plus one part in 10,000 for the sampler's discreteness.
func (t PlanTable) Charge() Charge {
	if t.Sigma2 == 0 {
		return 0
	}
	// D^2 is at most 60^2*100^2: the product needs more than 64 bits.
	num := new(big.Int).Mul(big.NewInt(t.Measure.Sensitivity2()), big.NewInt(1_000_100_000))
	num.Add(num, big.NewInt(t.Sigma2-1))
	return Charge(num.Div(num, big.NewInt(t.Sigma2)).Int64())
}

// Mode says who sees what: each member's noisy tables, or only the coalition's sum.
type Mode string

// The modes.
const (
	Local Mode = "local"
	Joint Mode = "joint"
)

// NoiseSource names the sampler that draws.
type NoiseSource string

// The samplers: google/differential-privacy's Gaussian, and the exact discrete one.
const (
	GoogleNoise NoiseSource = "google"
	ExactNoise  NoiseSource = "exact"
)

// Slot is when a period's release goes out: so many days after the period's last day,
// at an hour UTC.
type Slot struct {
	Days int // 1 to 90
	Hour int // 0 to 23
}

// Bands are the limits of cv = sd/max(estimate, sd), per thousand: up to Number the
// number stands alone, up to Caution with a caution, above it no number is shown.
type Bands struct {
	Number, Caution int
}

// Plan is what a coalition has agreed to release, fixed before the data is drawn.
// It is content-addressed; schema/wire writes and reads its text.
type Plan struct {
	Codebook Hash
	Mode     Mode
	// Honest and Colluders are joint mode's H and c; 0 in local mode.
	Honest, Colluders int
	Noise             NoiseSource
	First             Period // the first quarter; years count from the first whole one
	LateDays          int    // how many days before a period its late cases may date
	Slot              Slot
	ChargeQuarter     Charge
	ChargeYear        Charge
	Cap               Charge // of any 12 months, by period end
	Bands             Bands
	Tables            []PlanTable
}

// The ceilings that no plan passes, whoever has signed it.
const (
	MaxCap       Charge = 1_000_000_000 // mu 1: a best guess right 69 times in 100
	MaxTables           = 64
	MaxCells            = 20_000 // over the tables of one release
	MaxLateDays         = 366
	MaxMeasure          = 100
	MaxSlotDays         = 90
	MinSigma2           = 3600 // a standard deviation of one person
	MaxSigma2           = 1 << 40
	DefaultCap   Charge = 256_000_000
	DefaultLate         = 180
	QuarterYears        = 4
)

// DefaultBands are Statistics Canada's: 1/6 and 1/3.
var DefaultBands = Bands{Number: 166, Caution: 333}

// Charge is what one release of cadence c costs.
func (p *Plan) Charge(c Cadence) Charge {
	if c == Yearly {
		return p.ChargeYear
	}
	return p.ChargeQuarter
}

// Of returns the tables of a cadence, in the plan's order; drawn leaves derived ones out.
func (p *Plan) Of(c Cadence, drawn bool) []PlanTable {
	var ts []PlanTable
	for _, t := range p.Tables {
		if t.Cadence == c && (t.Sigma2 > 0 || !drawn) {
			ts = append(ts, t)
		}
	}
	return ts
}

// FirstOf is the first period of a cadence that the plan covers.
func (p *Plan) FirstOf(c Cadence) Period {
	if c == Quarterly {
		return p.First
	}
	y := Period{Year: p.First.Year}
	if p.First.Quarter > 1 {
		y.Year++
	}
	return y
}

// SlotOf is the moment at which the release of a period goes out.
func (p *Plan) SlotOf(period Period) time.Time {
	return period.End().Time().AddDate(0, 0, p.Slot.Days).Add(time.Duration(p.Slot.Hour) * time.Hour)
}

// DrawLead is how long before its slot a release is drawn: so that its witnesses, some of
// whom are seldom on line, have countersigned it when the slot comes.
const DrawLead = 72 * time.Hour

// CheckAge is how long what witnesses answer to a check counts: the way there and back
// of a stick that goes once a month.
const CheckAge = 45 * 24 * time.Hour

// DrawOf is the moment from which the release of a period may be drawn: DrawLead before
// its slot, but not before the period is over.
func (p *Plan) DrawOf(period Period) time.Time {
	over := (period.End() + 1).Time()
	if p.Mode == Joint {
		return over // a contribution has no witnesses; who goes online seldom gets all the time there is
	}
	if early := p.SlotOf(period).Add(-DrawLead); early.After(over) {
		return early
	}
	return over
}

// Due lists the periods whose slot has come, in the order in which they are drawn.
func (p *Plan) Due(first Period, now time.Time) []Period {
	var due []Period
	quarter, year := later(p.First, first), p.FirstOf(Yearly)
	if y := (&Plan{First: quarter}).FirstOf(Yearly); year.Before(y) {
		year = y
	}
	for {
		next := quarter
		if len(p.Of(Yearly, false)) > 0 && year.Before(quarter) {
			next, year = year, year.Add(1)
		} else {
			quarter = quarter.Add(1)
		}
		if p.SlotOf(next).After(now) {
			return due
		}
		if len(p.Of(next.Cadence(), false)) > 0 {
			due = append(due, next)
		}
	}
}

func later(a, b Period) Period {
	if a.Before(b) {
		return b
	}
	return a
}

// Validate holds the plan against its codebook and the ceilings.
func (p *Plan) Validate(cb *Codebook) error {
	if p.Codebook != cb.Hash() {
		return fmt.Errorf("plan codebook: is %s, the coalition's is %s", p.Codebook.Short(), cb.Hash().Short())
	}
	if err := p.validateFrame(); err != nil {
		return fmt.Errorf("plan %w", err)
	}
	return p.validateTables(cb)
}

func (p *Plan) validateFrame() error {
	switch {
	case p.Mode != Local && p.Mode != Joint:
		return fmt.Errorf("mode: want local or joint")
	case p.Mode == Local && (p.Honest != 0 || p.Colluders != 0):
		return fmt.Errorf("mode: local takes no honest and colluders")
	case p.Mode == Joint && (p.Honest < 2 || p.Honest > 1000 || p.Colluders < 1 || p.Colluders > 1000):
		return fmt.Errorf("mode: joint wants 2 to 1000 honest and 1 to 1000 colluders")
	case p.Mode == Joint && p.Noise != ExactNoise:
		return fmt.Errorf("noise: joint mode wants exact, whose shares add up")
	case p.Noise != GoogleNoise && p.Noise != ExactNoise:
		return fmt.Errorf("noise: want google or exact")
	case p.First.Cadence() != Quarterly || p.First.Year < 1970 || p.First.Year > 9990:
		return fmt.Errorf("first: want a quarter")
	case p.LateDays < 0 || p.LateDays > MaxLateDays:
		return fmt.Errorf("late: want 0 to %d days", MaxLateDays)
	case p.Slot.Days < 1 || p.Slot.Days > MaxSlotDays || p.Slot.Hour < 0 || p.Slot.Hour > 23:
		return fmt.Errorf("slot: want 1 to %d days and an hour of 0 to 23", MaxSlotDays)
	case p.Bands.Number < 1 || p.Bands.Caution <= p.Bands.Number || p.Bands.Caution > 500:
		return fmt.Errorf("bands: want 0 < number < caution <= 500 per thousand")
	case p.Cap <= 0 || p.Cap > MaxCap:
		return fmt.Errorf("cap: want 1 to %d nano-mu^2", MaxCap)
	case p.ChargeQuarter < 0 || p.ChargeYear < 0:
		return fmt.Errorf("charge: want no less than 0")
	case p.ChargeQuarter > p.Cap || p.ChargeYear > p.Cap || QuarterYears*p.ChargeQuarter+p.ChargeYear > p.Cap:
		return fmt.Errorf("charge: four quarters and a year pass the cap of %d", p.Cap)
	}
	return nil
}

func (p *Plan) validateTables(cb *Codebook) error {
	if len(p.Tables) == 0 || len(p.Tables) > MaxTables {
		return fmt.Errorf("plan tables: have %d, want 1 to %d", len(p.Tables), MaxTables)
	}
	seen := map[string]bool{}
	for _, t := range p.Tables {
		name := fmt.Sprintf("%s %s %s", t.Cadence, t.Measure, t.Table)
		if seen[name] {
			return fmt.Errorf("plan table %s: there twice", name)
		}
		seen[name] = true
		if err := t.validate(); err != nil {
			return fmt.Errorf("plan table %s: %w", name, err)
		}
	}
	for _, c := range Cadences {
		if err := p.validateCadence(cb, c); err != nil {
			return fmt.Errorf("plan %s tables: %w", c, err)
		}
	}
	return nil
}

func (t PlanTable) validate() error {
	m := t.Measure
	switch {
	case t.Cadence != Quarterly && t.Cadence != Yearly:
		return fmt.Errorf("cadence: want quarter or year")
	case m.Kind == People && m.Limit != 0:
		return fmt.Errorf("measure: people takes no limit")
	case m.Kind != People && (m.Kind != Reached && m.Kind != Cases || m.Limit < 1 || m.Limit > MaxMeasure):
		return fmt.Errorf("measure: want people, reached:n or cases:n, n from 1 to %d", MaxMeasure)
	case t.Sigma2 == 0 && m.Kind != People:
		return fmt.Errorf("sigma2: only a table of people can be derived")
	case t.Sigma2 != 0 && (t.Sigma2 < MinSigma2 || t.Sigma2 > MaxSigma2):
		return fmt.Errorf("sigma2: want derived, or %d to %d", MinSigma2, int64(MaxSigma2))
	}
	return nil
}

func (p *Plan) validateCadence(cb *Codebook, c Cadence) error {
	var cells, drawn int
	var cost Charge
	for _, t := range p.Of(c, false) {
		s, err := cb.Shape(t.Table)
		if err != nil {
			return err
		}
		if err := cb.inUse(t.Table); err != nil {
			return err
		}
		cells += s.Cells()
		if t.Sigma2 > 0 {
			drawn += s.Cells()
		}
		if least := t.leastShare(); p.Mode == Joint && t.Sigma2 > 0 && t.Sigma2 < least*int64(p.Honest) {
			return fmt.Errorf("table %s: sigma2: in joint mode at least %d for each honest member", t.Table, least)
		}
		cost += t.Charge()
	}
	if p.Mode == Joint && drawn > MaxJointCells {
		return fmt.Errorf("%d cells are drawn, in joint mode at most %d", drawn, MaxJointCells)
	}
	if cells > MaxCells {
		return fmt.Errorf("%d cells, at most %d", cells, MaxCells)
	}
	if cost > p.Charge(c) {
		return fmt.Errorf("cost %d nano-mu^2, the charge is %d", cost, p.Charge(c))
	}
	return nil
}

// ShareVariance is the variance of the noise that one member adds to a table, in units^2. In
// joint mode it is its share: of the honest members' together at least Sigma2.
func (p *Plan) ShareVariance(t PlanTable) int64 {
	if p.Mode != Joint {
		return t.Sigma2
	}
	h := int64(p.Honest)
	return (t.Sigma2 + h - 1) / h
}

// Counters is how many cells are drawn in a period of a cadence.
func (p *Plan) Counters(cb *Codebook, c Cadence) (int, error) {
	n := 0
	for _, t := range p.Of(c, true) {
		s, err := cb.Shape(t.Table)
		if err != nil {
			return 0, err
		}
		n += s.Cells()
	}
	return n, nil
}

// Scalars is how many scalars carry them in a joint round.
func (p *Plan) Scalars(cb *Codebook, c Cadence) (int, error) {
	n, err := p.Counters(cb, c)
	return ScalarsFor(n), err
}

// leastShare is the least variance of one member's share: a sampler is never asked for less
// noise than an eighth of what one person moves.
func (t PlanTable) leastShare() int64 { return max(MinShareVariance, t.Measure.Sensitivity2()/64) }

// inUse tells that every axis of a table still has a code that is given.
func (c *Codebook) inUse(t Table) error {
	for _, a := range t.Axes {
		if d := c.Dimensions[c.Dimension(a.Dimension)]; d.Retired() {
			return fmt.Errorf("table %s: axis %s: every code is retired", t, a)
		}
	}
	return nil
}
