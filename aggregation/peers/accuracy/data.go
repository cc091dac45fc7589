package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tidemark/schema"
	"tidemark/schema/fiction"
)

// truth is the people in every cell of a problem's tables, all members together, for each
// quarter of the year.
type truth [quarters][][]float64

// data is a problem with what there is to count, for a coalition of a size.
type data struct {
	*problem
	about string
	of    func(members int) (truth, error)
}

// count shares a person's weight of 1 among her cases.
func (p *problem) count(into [][]float64, cases [][]byte) {
	for t, shape := range p.shapes {
		for _, codes := range cases {
			into[t][shape.Cell(codes)] += 1 / float64(len(cases))
		}
	}
}

func (p *problem) nothing() (t truth) {
	for q := range t {
		t[q] = p.blank()
	}
	return t
}

// peoplePerMember is what the members of the fiction see a quarter, on average: 4,000
// people in twelve members.
const peoplePerMember = 333

// invented are the fiction's organisations.
func invented(name string, tables ...string) (data, error) {
	p, err := newProblem(name, schema.Incident(), tables...)
	d := data{problem: p, about: fmt.Sprintf("invented organisations, about %d people a quarter in each", peoplePerMember)}
	d.of = func(members int) (truth, error) {
		first := schema.Period{Year: 2025, Quarter: 1}
		world, err := fiction.New(fiction.Config{Seed: 7, Members: members, People: peoplePerMember * members, First: first, Quarters: quarters})
		if err != nil {
			return truth{}, err
		}
		out := p.nothing()
		for m := range members {
			for q, persons := range byQuarter(world, m, first) {
				for _, cases := range persons {
					p.count(out[q], cases)
				}
			}
		}
		return out, nil
	}
	return d, err
}

// byQuarter are a member's persons with the codes of their cases.
func byQuarter(world *fiction.World, member int, first schema.Period) (out [quarters]map[string][][]byte) {
	for q := range out {
		out[q] = map[string][][]byte{}
	}
	for one := range world.Cases(member) {
		for q := range quarters {
			if schema.PeriodOf(one.Date, schema.Quarterly) == first.Add(q) {
				out[q][one.Person] = append(out[q][one.Person], one.Codes)
			}
		}
	}
	return out
}

// public is a data set that others have published: two of its columns, crossed. A row is
// a person; rows go to members in turn, and to quarters by their months, whatever the
// year.
type public struct {
	file       string
	first      string // columns
	second     string
	month      func(row map[string]string) int // 1 to 12; 0: not told
	mostOfEach int
}

var sets = []public{
	{"arvig.csv", "state", "category_en", isoMonth("date"), 16},
	{"iom_missing_migrants.csv", "Region of Incident", "Cause of Death", namedMonth("Reported Month"), 16},
	{"pb2020_police_brutality.csv", "state", "tags", isoMonth("date"), 16},
}

func isoMonth(column string) func(map[string]string) int {
	return func(row map[string]string) int {
		var year, month int
		_, _ = fmt.Sscanf(row[column], "%d-%d", &year, &month)
		return month
	}
}

func namedMonth(column string) func(map[string]string) int {
	return func(row map[string]string) int {
		const names = "JanFebMarAprMayJunJulAugSepOctNovDec"
		if i := strings.Index(names, row[column]); len(row[column]) == 3 && i >= 0 && i%3 == 0 {
			return i/3 + 1
		}
		return 0
	}
}

// read makes a problem of a file. Values beyond the most frequent are one code.
func (s public) read(folder string) (data, error) {
	rows, err := readCSV(filepath.Join(folder, s.file))
	if err != nil {
		return data{}, err
	}
	one, two := s.codesOf(rows, s.first), s.codesOf(rows, s.second)
	cb, err := codebook("public", []string{dimension("first", numbered(slices.Max(one)+1)), dimension("second", numbered(slices.Max(two)+1))})
	if err != nil {
		return data{}, err
	}
	p, err := newProblem(s.file+": "+s.first+", "+s.second+", both crossed", cb, "first", "second", "first*second")
	d := data{problem: p, about: fmt.Sprintf("%d rows of several years, put into one by their months, shared out among the members", len(rows))}
	d.of = func(int) (truth, error) {
		out := p.nothing()
		for i, row := range rows {
			if m := s.month(row); m >= 1 && m <= 12 {
				p.count(out[(m-1)/3], [][]byte{{byte(one[i]), byte(two[i])}})
			}
		}
		return out, nil
	}
	return d, err
}

// codesOf numbers a column's values by how frequent they are.
func (s public) codesOf(rows []map[string]string, column string) []int {
	times := map[string]int{}
	for _, r := range rows {
		times[r[column]]++
	}
	var values []string
	for v := range times {
		values = append(values, v)
	}
	slices.SortFunc(values, func(a, b string) int {
		if times[a] != times[b] {
			return times[b] - times[a]
		}
		return strings.Compare(a, b)
	})
	out := make([]int, len(rows))
	for i, r := range rows {
		out[i] = min(slices.Index(values, r[column]), s.mostOfEach)
	}
	return out
}

func readCSV(file string) ([]map[string]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil || len(lines) < 2 {
		return nil, fmt.Errorf("%s: not a table: %w", filepath.Base(file), err)
	}
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = line[i]
		}
		rows = append(rows, row)
	}
	return rows, nil
}
