package coalition

import (
	"crypto/ed25519"
	"errors"
	"flag"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tidemark/schema"
	"tidemark/schema/wire"
)

var update = flag.Bool("update", false, "rewrite what the transcripts answer")

// A transcript is a file of lines. A line that starts in the first column is a comment
// (#) or a command; the lines under it that start with two blanks are the answer.
//
//	found date=… admins=a,b threshold=2 by=a,b first=2023-Q4 tables=quarter,year
//	act date=… by=a,b [version= previous= expires= coalition=] VERB [MEMBER] [key= node= first= …]
//	again VERSION          the act of that version, once more
//	propose NAME date=… by=a VERB …   an act without enough lines; sign NAME by=b adds one
//	unite NAME OTHER, draft NAME [on=DATE], enact NAME
//	keep NAME, use NAME    puts the state aside, takes it up again
//	network-key DATE       the act whose key is in force
//	round PERIOD           who keeps and who contributes; keepers: those that would by now
//	roster, due MEMBER DATE, drawable MEMBER DATE, next MEMBER DATE, plan PERIOD, witnesses MEMBER PERIOD
//
// Keys are named: key=heron.2 is heron's second key.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d transcripts, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			have, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			told := (&story{kept: map[string]*State{}, names: map[schema.Hash]string{}}).tell(string(have))
			if *update {
				if err := os.WriteFile(file, []byte(told), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if told != string(have) {
				t.Errorf("now goes:\n%s", told)
			}
		})
	}
}

// story is the state of a transcript being told.
type story struct {
	state *State
	kept  map[string]*State
	notes map[string][]byte      // proposals
	names map[schema.Hash]string // of plans
}

func (s *story) tell(script string) string {
	var out strings.Builder
	for line := range strings.Lines(script) {
		if strings.HasPrefix(line, "  ") {
			continue
		}
		out.WriteString(line)
		line = strings.TrimSpace(line)
		if line != "" && line[0] != '#' {
			for answer := range strings.Lines(s.do(line)) {
				out.WriteString("  " + strings.TrimSuffix(answer, "\n") + "\n")
			}
		}
	}
	return out.String()
}

// command is a line: a verb, words, and options.
type command struct {
	words   []string
	options map[string]string
}

func parseCommand(line string) command {
	c := command{options: map[string]string{}}
	for _, w := range strings.Fields(line) {
		if name, value, ok := strings.Cut(w, "="); ok {
			c.options[name] = value
		} else {
			c.words = append(c.words, w)
		}
	}
	return c
}

func (c command) word(i int) string {
	if i < len(c.words) {
		return c.words[i]
	}
	return ""
}

func (c command) list(option string) []string {
	if c.options[option] == "" {
		return nil
	}
	return strings.Split(c.options[option], ",")
}

func (c command) number(option string, otherwise int) int {
	if n, err := strconv.Atoi(c.options[option]); err == nil {
		return n
	}
	return otherwise
}

func (c command) or(option, otherwise string) string {
	if v, ok := c.options[option]; ok {
		return v
	}
	return otherwise
}

func (s *story) do(line string) string {
	c := parseCommand(line)
	switch c.word(0) {
	case "found":
		return s.tryFound(c)
	case "act":
		return s.answer(s.state.Apply(s.sign(c)))
	case "again":
		n, _ := strconv.Atoi(c.word(1))
		return s.answer(s.state.Apply(s.state.Log()[n]))
	case "propose", "sign", "unite", "draft", "enact":
		return s.proposal(c)
	case "keep":
		s.kept[c.word(1)] = s.state
		return ""
	case "use":
		s.state = s.kept[c.word(1)]
		return ""
	}
	return s.ask(c)
}

func (s *story) ask(c command) string {
	switch c.word(0) {
	case "roster":
		return s.roster()
	case "due":
		return s.due(s.state.Due(schema.Slug(c.word(1)), moment(c.word(2))))
	case "drawable":
		return s.due(s.state.Drawable(schema.Slug(c.word(1)), moment(c.word(2))))
	case "network-key":
		return fmt.Sprintf("of act %d", s.state.KeyInForce(date(c.word(1))))
	case "next":
		if d, ok := s.state.Next(schema.Slug(c.word(1)), moment(c.word(2))); ok {
			return s.due([]Due{d})
		}
		return "nothing"
	case "plan":
		if _, h, ok := s.state.PlanFor(period(c.word(1))); ok {
			return s.names[h]
		}
		return "none"
	case "round":
		return s.round(period(c.word(1)))
	case "keepers":
		keepers, needed := s.state.Keepers()
		return fmt.Sprintf("%d of %v", needed, keepers)
	case "witnesses":
		p := period(c.word(2))
		ws, quorum := s.state.Witnesses(schema.Slug(c.word(1)), p)
		return fmt.Sprintf("version %d: %d of %d %v", s.state.RosterFor(p), quorum, len(ws), ws)
	}
	return "no such command"
}

func (s *story) round(p schema.Period) string {
	j, ok := s.state.Round(p)
	if !ok {
		return "none"
	}
	return fmt.Sprintf("version %d, plan %s: kept by %d of %v, %d or more of %v", j.Roster, s.names[j.Round.Plan], j.Threshold, j.Keepers, j.Least(), j.Members)
}

func (s *story) answer(next *State, err error) string {
	switch {
	case errors.Is(err, ErrOld):
		return "old"
	case errors.Is(err, ErrGap):
		return "gap"
	case err != nil:
		return "refused: " + err.Error()
	}
	s.state = next
	return fmt.Sprintf("version %d, %d active", next.Roster().Version, next.Roster().Active())
}

func (s *story) roster() string {
	var out strings.Builder
	r := s.state.Roster()
	var admins []string
	for _, key := range r.Admins {
		slug, _ := wire.SlugOf(key)
		admins = append(admins, string(slug))
	}
	fmt.Fprintf(&out, "version %d, %d of %s\n", r.Version, r.Threshold, strings.Join(admins, ","))
	for _, m := range r.Members {
		fmt.Fprintf(&out, "%s %s from %s, admitted %s, head %d\n", m.Slug, m.Status, m.First, m.Admitted, m.Sequence)
	}
	return out.String()
}

func (s *story) due(ds []Due) string {
	if len(ds) == 0 {
		return "nothing"
	}
	var out strings.Builder
	for _, d := range ds {
		fmt.Fprintf(&out, "%s plan %s at %s", d.Period, s.names[d.Plan], d.Slot.Format("2006-01-02 15:04"))
		if d.Late {
			out.WriteString(", the first: no late window")
		}
		out.WriteString("\n")
	}
	return out.String()
}

func (s *story) tryFound(c command) string {
	charter := schema.Charter{
		Name: "calm-delta", Date: date(c.options["date"]), Codebook: schema.HashOf([]byte("codebook")),
		Threshold: c.number("threshold", 2), Admins: keys(c.list("admins")), Plan: s.plan("founding", c),
	}
	raw, err := wire.Sign(charter, signers(c.list("by"))...)
	if err != nil {
		return "unsigned: " + err.Error()
	}
	return s.answer(Found(raw))
}

// plan makes plans that differ at least in their cap, which its name gives.
func (s *story) plan(name string, c command) schema.Plan {
	p := schema.Plan{
		Codebook: schema.HashOf([]byte(c.or("codebook", "codebook"))), Mode: schema.Local, Noise: schema.GoogleNoise,
		First: period(c.or("first", "2023-Q4")), LateDays: 180, Slot: schema.Slot{Days: c.number("days", 10), Hour: 6},
		Cap: 200_000_000, Bands: schema.DefaultBands, ChargeQuarter: 40_000_000, ChargeYear: 40_000_000,
	}
	if honest := c.number("honest", 0); honest > 0 {
		p.Mode, p.Noise, p.Honest, p.Colluders = schema.Joint, schema.ExactNoise, honest, c.number("colluders", 1)
	}
	for i, letter := range name {
		p.Cap += schema.Charge(int(letter) * (i + 1))
	}
	for _, cadence := range strings.Split(c.or("tables", "quarter"), ",") {
		t, _ := schema.ParseTable("gender")
		p.Tables = append(p.Tables, schema.PlanTable{Table: t, Cadence: schema.Cadence(cadence), Measure: schema.Measure{Kind: schema.People}, Sigma2: 450_000})
	}
	s.names[wire.PlanHash(p)] = name
	return p
}

func (s *story) sign(c command) []byte {
	a := s.state.Act(date(c.options["date"]), s.change(c))
	a.Version = uint64(c.number("version", int(a.Version)))
	a.Expires = date(c.or("expires", a.Expires.String()))
	if _, other := c.options["previous"]; other {
		a.Previous = schema.HashOf([]byte("another act"))
	}
	if _, other := c.options["coalition"]; other {
		a.Coalition = schema.HashOf([]byte("another coalition"))
	}
	raw, err := wire.Sign(a, signers(c.list("by"))...)
	if err != nil {
		panic(err)
	}
	return raw
}

func (s *story) change(c command) schema.Change {
	member := schema.Slug(c.word(2))
	slug := string(member)
	switch c.word(1) {
	case "admit":
		return schema.Admit{Applicant: applicant(slug, c.or("key", slug), c.or("node", slug)), First: period(c.or("first", "2023-Q4"))}
	case "suspend":
		return schema.Suspend{Member: member}
	case "resume":
		return schema.Resume{Member: member}
	case "remove":
		return schema.Remove{Member: member, Key: networkKey(c)}
	case "rotate-key":
		return schema.RotateKey{NetworkKey: networkKey(c)}
	case "replace-node":
		return schema.ReplaceNode{Member: member, NodeKey: nodeKey(c.options["node"])}
	case "replace-member":
		r := schema.ReplaceMember{Member: member, MemberKey: signer(c.options["key"]).VerifierKey(), BoxKey: boxKey}
		if r.Sequence = uint64(c.number("sequence", 0)); r.Sequence > 0 {
			r.Head = schema.HashOf([]byte(c.or("head", "head")))
		}
		return r
	case "admins":
		return schema.SetAdmins{Threshold: c.number("threshold", 2), Admins: keys(c.list("admins"))}
	case "keepers":
		var keepers []schema.Slug
		for _, k := range c.words[2:] {
			keepers = append(keepers, schema.Slug(k))
		}
		return schema.AppointKeepers{Keepers: keepers}
	case "adopt":
		return schema.AdoptPlan{Plan: s.plan(c.word(2), c)}
	case "retire":
		for h, name := range s.names {
			if name == c.word(2) {
				return schema.RetirePlan{Plan: h}
			}
		}
	}
	panic("no such change: " + c.word(1))
}

const boxKey = "age1zz3v2mfr5j2vsvvhxkhrqla2qdrvyd5pjqz5x7fewle7l5hkkqtqllng80"

func applicant(slug, key, node string) schema.Applicant {
	return schema.Applicant{Slug: schema.Slug(slug), MemberKey: signer(key).VerifierKey(), BoxKey: boxKey, NodeKey: nodeKey(node)}
}

func period(s string) schema.Period {
	p, err := schema.ParsePeriod(s)
	if err != nil {
		panic(err)
	}
	return p
}

func date(s string) schema.Date {
	d, err := schema.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// moment is the end of a day, so that what is due on the day is due.
func moment(s string) time.Time { return (date(s) + 1).Time().Add(-time.Second) }

// signer makes the key of a name: heron.2 is another key of the slug heron, gull~heron
// is heron's key under the slug gull.
func signer(name string) *wire.Signer {
	slug, _, _ := strings.Cut(name, ".")
	seedName := name
	if own, borrowed, ok := strings.Cut(name, "~"); ok {
		slug, seedName = own, borrowed
	}
	seed := schema.HashOf([]byte("tidemark test key of " + seedName))
	s, err := wire.NewSigner(schema.Slug(slug), ed25519.NewKeyFromSeed(seed[:]))
	if err != nil {
		panic(err)
	}
	return s
}

func signers(names []string) []*wire.Signer {
	var ss []*wire.Signer
	for _, n := range names {
		ss = append(ss, signer(n))
	}
	return ss
}

func keys(names []string) []string {
	var ks []string
	for _, n := range names {
		ks = append(ks, signer(n).VerifierKey())
	}
	return ks
}

// nodeKey spells a peer id: identity multihash of an Ed25519 key, in base58.
func nodeKey(name string) string {
	const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	key := schema.HashOf([]byte("tidemark test node of " + name))
	n := new(big.Int).SetBytes(append([]byte{0x24, 0x08, 0x01, 0x12, 0x20}, key[:]...))
	var digits []byte
	for digit := new(big.Int); n.Sign() > 0; {
		n.DivMod(n, big.NewInt(58), digit)
		digits = append(digits, base58[digit.Int64()])
	}
	slices.Reverse(digits)
	return "1" + string(digits)
}
