package joint

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tidemark/schema"
)

// A transcript is a file of lines. A line that starts in the first column is a comment (#)
// or a command; the lines under it that start with two blanks are the answer.
//
//	round members=a,b,c,d keepers=a,b,c least=3 counters=2
//	contribute MEMBER COUNTER… [for=a,b] [to=a,b] [bad=a] [short=a] [garbage]
//	                           for: seals to these alone; to: reaches these alone;
//	                           bad, short: the parts of these are wrong; the note is MEMBERn
//	copy NOTE as=MEMBER        a note with another's parts
//	list KEEPER [omit=NOTE] [lie=NOTE]
//	propose [KEEPER…]          from the lists of these; the proposal is P1, P2, …
//	alter PROPOSAL void|sum [without=NOTE]
//	judge PROPOSAL [KEEPER…]   by one who knows the lists of these
//	sign PROPOSAL KEEPER…      an honest keeper judges, and signs one in a round
//	sum PROPOSAL KEEPER… [lie=a] [short=a] [high=a]
//	open PROPOSAL [KEEPER…]    from the sums of these
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil || len(files) < 7 {
		t.Fatalf("%d transcripts, %v", len(files), err)
	}
	keys := boxes(t, sampleRound(7, 7, 2, 1))
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			have, err := os.ReadFile(file)
			must(t, err)
			told := (&story{t: t, keys: keys}).tell(string(have))
			if *update {
				must(t, os.WriteFile(file, []byte(told), 0o644))
			} else if told != string(have) {
				t.Errorf("now goes:\n%s", told)
			}
		})
	}
}

// story is a transcript being told.
type story struct {
	t    *testing.T
	keys []box
	*world
	proposals []schema.Agreement
	signed    map[schema.Slug]int // the proposal that a keeper has signed
	sums      map[schema.Slug][][schema.ScalarSize]byte
}

func (s *story) tell(script string) string {
	var out strings.Builder
	for line := range strings.Lines(script) {
		if strings.HasPrefix(line, "  ") {
			continue
		}
		out.WriteString(line)
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			for _, answer := range s.do(line) {
				out.WriteString("  " + answer + "\n")
			}
		}
	}
	return out.String()
}

// command is a line: words, and those with a value.
type command struct {
	words []string
	with  map[string]string
}

func (c command) slugs(key string) (out []schema.Slug) {
	for s := range strings.SplitSeq(c.with[key], ",") {
		if s != "" {
			out = append(out, schema.Slug(s))
		}
	}
	return out
}

func (c command) has(key string, s schema.Slug) bool { return slices.Contains(c.slugs(key), s) }

// rest are the keepers after so many words, or all of those given.
func (c command) rest(n int, all []schema.Slug) (out []schema.Slug) {
	for _, w := range c.words[n:] {
		out = append(out, schema.Slug(w))
	}
	if out == nil {
		return all
	}
	return out
}

func (s *story) do(line string) []string {
	c := command{with: map[string]string{}}
	for w := range strings.FieldsSeq(line) {
		if key, value, ok := strings.Cut(w, "="); ok {
			c.with[key] = value
		} else {
			c.words = append(c.words, w)
		}
	}
	commands := map[string]func(command) []string{
		"round": s.round, "contribute": s.contributes, "copy": s.copies, "list": s.listed, "propose": s.proposes,
		"alter": s.alters, "judge": s.judges, "sign": s.signs, "sum": s.sumsUp, "open": s.opensUp,
	}
	do, ok := commands[c.words[0]]
	if !ok {
		s.t.Fatalf("no such command: %s", line)
	}
	return do(c)
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return n
}

func (s *story) round(c command) []string {
	r := sampleRound(0, 0, number(c.with["least"]), number(c.with["counters"]))
	r.Members, r.Keepers = c.slugs("members"), c.slugs("keepers")
	r.Threshold = len(r.Keepers)*2/3 + 1
	if err := r.Validate(); err != nil {
		return []string{err.Error()}
	}
	keys := slices.Clone(s.keys[:len(r.Keepers)])
	for i, k := range r.Keepers {
		keys[i].Keeper = k
	}
	s.world = newWorld(s.t, r, keys, seeded(s.t.Name()))
	s.signed, s.sums = map[schema.Slug]int{}, map[schema.Slug][][schema.ScalarSize]byte{}
	return []string{fmt.Sprintf("%d of %d keepers open it", r.Threshold, len(r.Keepers))}
}

func (s *story) contributes(c command) []string {
	var counters []int64
	d := deviation{keys: c.slugs("for"), to: c.slugs("to")}
	for _, w := range c.words[2:] {
		if w == "garbage" {
			d.garbage = true
			continue
		}
		counters = append(counters, int64(number(w)))
	}
	d.tamper = func(p *part) {
		if c.has("bad", p.key.Keeper) {
			flip(p.plain[schema.ScalarSize:], s.random)
		}
		if c.has("short", p.key.Keeper) {
			p.plain = p.plain[:len(p.plain)-1]
		}
	}
	counters = append(counters, make([]int64, s.Counters-len(counters))...)
	return []string{s.contribute(schema.Slug(c.words[1]), counters, d).name}
}

func (s *story) copies(c command) []string {
	note := s.named(c.words[1])
	copied := note.note
	copied.Member = schema.Slug(c.with["as"])
	return []string{s.send(copied, note.to, note.dealt).name}
}

func (s *story) named(name string) *sent {
	at := slices.IndexFunc(s.notes, func(n *sent) bool { return n.name == name })
	if at < 0 {
		s.t.Fatalf("no note %s", name)
	}
	return s.notes[at]
}

func (s *story) names(notes []schema.Attributed) string {
	var out []string
	for _, n := range notes {
		at := slices.IndexFunc(s.notes, func(s *sent) bool { return s.id == n.ID })
		out = append(out, s.notes[at].name)
	}
	return strings.Join(out, " ")
}

func (s *story) listed(c command) []string {
	keeper := schema.Slug(c.words[1])
	h, failed := s.open(keeper)
	var answer []string
	for _, n := range s.notes {
		if err := failed[n.name]; err != nil {
			answer = append(answer, fmt.Sprintf("%s: %v", n.name, err))
		}
	}
	var held []schema.Attributed
	h.Contributions = slices.DeleteFunc(h.Contributions, func(x schema.HeldShare) bool {
		return c.with["omit"] != "" && s.named(c.with["omit"]).id == x.ID
	})
	for i, x := range h.Contributions {
		held = append(held, schema.Attributed{Who: x.Member, ID: x.ID})
		if c.with["lie"] != "" && s.named(c.with["lie"]).id == x.ID {
			flip(h.Contributions[i].Check[:], s.random)
		}
	}
	s.publish(h)
	return append(answer, "holds "+s.names(held))
}

// by are the lists of some keepers.
func (s *story) by(keepers []schema.Slug) (out []List) {
	for _, l := range s.lists {
		if slices.Contains(keepers, l.Keeper) {
			out = append(out, l)
		}
	}
	return out
}

func (s *story) proposal(name string) *schema.Agreement {
	return &s.proposals[number(strings.TrimPrefix(name, "P"))-1]
}

func (s *story) told(a schema.Agreement) []string {
	s.proposals = append(s.proposals, a)
	what := "sum"
	if a.Void {
		what = "void"
	}
	var on []string
	for _, l := range a.Lists {
		on = append(on, string(l.Who))
	}
	return []string{fmt.Sprintf("P%d: %s of %s, on the lists of %s", len(s.proposals), what, s.names(a.Contributions), strings.Join(on, " "))}
}

func (s *story) proposes(c command) []string {
	a, ok := s.Propose(s.by(c.rest(1, s.Keepers)))
	if !ok {
		return []string{"too few lists"}
	}
	return s.told(a)
}

func (s *story) alters(c command) []string {
	a := *s.proposal(c.words[1])
	a.Void = c.words[2] == "void"
	if name := c.with["without"]; name != "" {
		a.Contributions = slices.DeleteFunc(slices.Clone(a.Contributions), func(n schema.Attributed) bool { return n.ID == s.named(name).id })
	}
	return s.told(a)
}

func (s *story) judges(c command) []string {
	if err := s.Judge(*s.proposal(c.words[1]), s.by(c.rest(2, s.Keepers))); err != nil {
		return []string{err.Error()}
	}
	return []string{"right"}
}

func (s *story) signs(c command) (answer []string) {
	p := number(strings.TrimPrefix(c.words[1], "P"))
	for _, k := range c.rest(2, nil) {
		switch err := s.Judge(*s.proposal(c.words[1]), s.lists); {
		case s.signed[k] != 0 && s.signed[k] != p:
			answer = append(answer, fmt.Sprintf("%s has signed P%d", k, s.signed[k]))
		case err != nil:
			answer = append(answer, fmt.Sprintf("%s: %v", k, err))
		default:
			s.signed[k] = p
		}
	}
	lines := 0
	for _, signed := range s.signed {
		if signed == p {
			lines++
		}
	}
	if lines < s.Threshold {
		return append(answer, fmt.Sprintf("%d of %d lines", lines, s.Threshold))
	}
	return append(answer, "it holds")
}

func (s *story) sumsUp(c command) (answer []string) {
	for _, k := range c.rest(2, nil) {
		sum, err := s.Sum(*s.proposal(c.words[1]), s.held[k])
		if err != nil {
			answer = append(answer, fmt.Sprintf("%s: %v", k, err))
			continue
		}
		switch {
		case c.has("lie", k):
			flip(sum[len(sum)-1][:], s.random)
		case c.has("short", k):
			sum = sum[1:]
		case c.has("high", k):
			copy(sum[0][:], toLE(order))
		}
		s.sums[k] = sum
	}
	return answer
}

func (s *story) opensUp(c command) (answer []string) {
	sums := map[schema.Slug][][schema.ScalarSize]byte{}
	for _, k := range c.rest(2, s.Keepers) {
		if sum, ok := s.sums[k]; ok {
			sums[k] = sum
		}
	}
	o, err := s.Interpolate(*s.proposal(c.words[1]), sums)
	for _, l := range o.Liars {
		answer = append(answer, fmt.Sprintf("%s's sum does not belong to the others", l))
	}
	if err != nil {
		for _, known := range []error{ErrFew, ErrContradiction, ErrGarbled} {
			if errors.Is(err, known) {
				return append(answer, known.Error())
			}
		}
		return append(answer, err.Error())
	}
	checked := "unchecked"
	if o.Checked {
		checked = "checked"
	}
	return append(answer, fmt.Sprintf("%s by %d keepers: %s", checked, o.Keepers, strings.Trim(fmt.Sprint(o.Counters), "[]")))
}
