package fiction

import (
	"fmt"
	"math"
	"math/rand/v2"

	"tidemark/schema"
)

// Config says how large the fiction is.
type Config struct {
	Seed     uint64
	Members  int           // 1 to 200
	People   int           // about how many people a quarter, all members together
	First    schema.Period // the first quarter
	Quarters int           // 1 to 80
}

func (c Config) validate() error {
	switch {
	case c.Members < 1 || c.Members > 200:
		return fmt.Errorf("fiction members: want 1 to 200")
	case c.People < 1 || c.People > 10_000_000:
		return fmt.Errorf("fiction people: want 1 to 10,000,000")
	case c.First.Cadence() != schema.Quarterly || c.First.IsZero():
		return fmt.Errorf("fiction first: want a quarter")
	case c.Quarters < 1 || c.Quarters > 80:
		return fmt.Errorf("fiction quarters: want 1 to 80")
	}
	return nil
}

// World is the fiction: its organisations, and cases on demand.
type World struct {
	Config        Config
	Organisations []Organisation
	codebook      *schema.Codebook
	answers       []answer // per dimension
}

// Organisation is an invented member.
type Organisation struct {
	Slug     schema.Slug
	Title    string
	Language string          // of its case system: en, es, fr, ar
	Regions  []schema.Code   // the first is its own
	People   int             // new people in an ordinary quarter
	Changes  schema.Period   // the quarter in which its method changed; zero: never
	Step     float64         // how much it counts from then on
	Stops    schema.Period   // the first quarter without reports; zero: never
	Overlap  float64         // share of its cases that another member knows too
	levels   map[int]float64 // quarter -> how busy it is
}

// The story's places and times.
const (
	spywareRegion schema.Code = "m49_419"
	doxingRegion  schema.Code = "m49_034"
	silentRegion  schema.Code = "m49_143"
)

// The story's times, in quarters before the last: with 2026-Q3 as the last, spyware
// rises from 2025-Q3 on, doxing from 2025-Q1, slow answers from 2025-Q2.
const (
	spywareFor = 4
	doxingFor  = 6
	slowerFor  = 5
)

// silentFor is how many of the last quarters the silent region's member has not reported.
const silentFor = 3

var (
	adjectives = []string{"quiet", "amber", "north", "river", "early", "plain", "steady", "bright", "open", "long", "warm", "clear", "slow", "green", "tall"}
	birds      = []string{"heron", "lark", "ibis", "swift", "crane", "plover", "wren", "egret", "finch", "dove", "stork", "tern", "robin", "kestrel"}
	regions    = []schema.Code{spywareRegion, doxingRegion, "m49_015", "m49_202", spywareRegion, "m49_145", doxingRegion, silentRegion, "m49_151", "m49_035", "m49_202", spywareRegion}
	languages  = []string{"es", "en", "fr", "en", "es", "ar", "en", "en", "en", "en", "fr", "es"}
)

// New makes the world of a Config over the built-in codebook.
func New(c Config) (*World, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	w := &World{Config: c, codebook: schema.Incident()}
	w.answers = answersFor(w.codebook)
	total := 0.0
	for i := range c.Members {
		total += size(i)
	}
	for i := range c.Members {
		w.Organisations = append(w.Organisations, w.organisation(i, size(i)/total))
	}
	return w, nil
}

// size of the i-th organisation: Zipf with s = 0.6, national helplines and small desks.
func size(i int) float64 { return math.Pow(float64(i+1), -0.6) }

// Typed is the size that the organisation would type for the planner: people a quarter,
// to the nearest fifty.
func (o *Organisation) Typed() int {
	return max(50, int(math.Round(float64(o.People)/newShare/50))*50)
}

// newShare is the share of a quarter's people who were not known before it.
const newShare = 0.78

func (w *World) organisation(i int, share float64) Organisation {
	r := w.random(i, 0)
	bird, adjective := birds[i%len(birds)], adjectives[(i*7+3)%len(adjectives)]
	o := Organisation{
		Slug:     schema.Slug(adjective + "-" + bird),
		Title:    fmt.Sprintf("%s %s (invented)", titles[i%len(titles)], regionNames[regions[i%len(regions)]]),
		Language: languages[i%len(languages)],
		Regions:  []schema.Code{regions[i%len(regions)]},
		People:   max(1, int(math.Round(float64(w.Config.People)*share*newShare))),
		Step:     1,
		Overlap:  0.17 + 0.05*r.Float64(),
	}
	if i >= len(birds) {
		o.Slug += schema.Slug(fmt.Sprintf("-%d", i/len(birds)))
	}
	if i%5 == 3 && w.Config.Quarters > 4 {
		o.Changes = w.Config.First.Add(2 + r.IntN(w.Config.Quarters-3))
		o.Step = 2 + r.Float64()
	}
	if o.Regions[0] == silentRegion && w.Config.Quarters > silentFor+4 {
		o.Stops = w.Config.First.Add(w.Config.Quarters - silentFor)
		o.Changes, o.Step = schema.Period{}, 1
	}
	o.levels = busy(r, w.Config)
	return o
}

var titles = []string{"Helpline", "Women's network", "Legal aid desk", "Digital rights lab", "Journalists' union", "Safe houses", "Monitor"}

var regionNames = map[schema.Code]string{
	"m49_419": "Latin America", "m49_034": "Southern Asia", "m49_015": "Northern Africa", "m49_202": "Sub-Saharan Africa",
	"m49_145": "Western Asia", "m49_143": "Central Asia", "m49_151": "Eastern Europe", "m49_035": "South-eastern Asia",
}

// busy draws an organisation's level for each quarter: growth of 6 % a year, seasons,
// AR(1) log noise, and a shock now and then that halves within the quarter after it.
func busy(r *rand.Rand, c Config) map[int]float64 {
	levels := make(map[int]float64, c.Quarters)
	drift, shock := 0.0, 0.0
	for q := range c.Quarters {
		drift = 0.6*drift + 0.12*r.NormFloat64()
		shock /= 4
		if r.Float64() < 0.03 {
			shock = 0.5 + r.Float64()
		}
		growth := math.Pow(1.06, float64(q)/4)
		season := 1 + 0.12*math.Sin(2*math.Pi*float64(q%4)/4)
		levels[q] = growth * season * math.Exp(drift) * (1 + shock)
	}
	return levels
}

// random is a generator of its own for each organisation and quarter (0: the
// organisation itself), so that any of them can be made alone.
func (w *World) random(organisation, quarter int) *rand.Rand {
	return rand.New(rand.NewPCG(w.Config.Seed, uint64(organisation)<<16|uint64(quarter)))
}
