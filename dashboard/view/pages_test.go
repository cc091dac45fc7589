package view_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"tidemark/aggregation/combine"
	"tidemark/dashboard/internal/sample"
	"tidemark/dashboard/view"
	"tidemark/dashboard/words"
	"tidemark/schema"
)

// reader opens a sample for an English reader.
func reader(t testing.TB, cfg sample.Config, q view.Query) *view.Reader {
	t.Helper()
	c := sample.New(t, cfg)
	s, err := c.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	return open(t, s, "en", q)
}

func open(t testing.TB, s *view.Snapshot, lang string, q view.Query) *view.Reader {
	t.Helper()
	ls, err := words.Load(s.Codebook)
	if err != nil {
		t.Fatal(err)
	}
	return s.In(ls.Of(lang), q)
}

func code(t testing.TB, s string) combine.Filter {
	t.Helper()
	f, err := view.ParseFilter(s)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// The story of the fiction is there to be read: what rises, who is silent, what cannot
// be said. What is drawn is seeded: nothing here depends on chance.
func TestOverviewTellsTheStory(t *testing.T) {
	p, err := reader(t, sample.Config{}, view.Query{}).Overview()
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]view.Sentence{}
	for _, s := range p.Year.Top {
		said[s.What] = s
	}
	spyware := said["Spyware on a device"]
	if spyware.Verdict.Text != "Very likely rising" || !strings.Contains(spyware.Says, " more (") || !strings.Contains(spyware.Says, "times as many (") {
		t.Errorf("spyware: %+v", spyware)
	}
	slow := said["More than 60 days"]
	if slow.Verdict.Class != "up" || slow.Axis != "Days from report to first human action" || slow.Spark == "" {
		t.Errorf("slow answers: %+v", slow)
	}
	if len(p.Silent) != 1 || !strings.Contains(p.Silent[0].Says, "bright-egret has not reported") || !strings.Contains(p.Silent[0].Says, "Central Asia") || !strings.Contains(p.Silent[0].Says, "Q1 2026") {
		t.Errorf("silent: %+v", p.Silent)
	}
	if len(p.Cannot) == 0 || !strings.Contains(p.Cannot[0].Says, "too noisy") {
		t.Errorf("cannot be said: %+v", p.Cannot)
	}
	for _, s := range append(p.Year.Top, p.Year.More...) {
		if strings.HasPrefix(s.Verdict.Text, "Probably") {
			t.Errorf("a list says probably: %+v", s)
		}
	}
}

// A number on a page never stands without its range, and what is too noisy is none.
func TestTrendsSayWithRanges(t *testing.T) {
	r := reader(t, sample.Config{}, view.Query{})
	for _, q := range []view.Query{
		{}, {What: code(t, "threat_type.device_spyware")}, {What: code(t, "platform_response_time.over_60_days")},
		{What: code(t, "threat_type(group).exposure"), And: code(t, "region.m49_034")},
		{What: code(t, "threat_type.device_spyware"), From: sample.Last.Add(-3), To: sample.Last.Add(-1)},
	} {
		r.Q = q
		p, err := r.Trends()
		if err != nil {
			t.Fatalf("%s: %v", q.Encode(), err)
		}
		if p.Cannot != nil || p.Verdict.Text == "" || len(p.Says) == 0 || len(p.Figure.Rows) == 0 {
			t.Errorf("%s: %+v", q.Encode(), p.Verdict)
		}
		for _, row := range p.Figure.Rows {
			whole(t, row.Value)
		}
		for _, m := range append(p.Minis, p.Noisy...) {
			whole(t, m.Now)
		}
	}
}

func whole(t *testing.T, v view.Value) {
	t.Helper()
	about := v.Class == "number" || v.Class == "caution"
	if about != strings.HasPrefix(v.Text, "about ") && v.Text != "0" || about && v.Range == "" || v.Class == "" {
		t.Errorf("value %+v", v)
	}
}

// What the plan does not cross is said so, with what can be looked at instead.
func TestTrendsThatThePlanCannotTell(t *testing.T) {
	r := reader(t, sample.Config{}, view.Query{What: code(t, "threat_type.doxing"), And: code(t, "police_response(group).open")})
	p, err := r.Trends()
	if err != nil || p.Cannot == nil || len(p.Cannot.Links) < 2 || p.Figure.Rows != nil {
		t.Errorf("%+v, %v", p.Cannot, err)
	}
	for _, q := range []string{"threat_type.no_such", "no_such.doxing", "threat_type(no_such).doxing"} {
		r.Q = view.Query{What: code(t, q)}
		if _, err := r.Trends(); !errors.Is(err, view.ErrUnknown) {
			t.Errorf("%s: %v", q, err)
		}
	}
}

// Every code of every table of the plan can be looked at.
func TestEveryCodeIsReachable(t *testing.T) {
	r := reader(t, sample.Config{}, view.Query{})
	p, err := r.Trends()
	if err != nil {
		t.Fatal(err)
	}
	offered := map[string]bool{}
	for _, group := range p.Pick.What {
		for _, o := range group.Options {
			offered[o.Value] = true
		}
	}
	for _, table := range r.State.Charter().Plan.Tables {
		shape, err := r.Codebook.Shape(table.Table)
		if err != nil {
			t.Fatal(err)
		}
		for _, level := range shape.Levels {
			for _, c := range level.Codes {
				f := combine.Filter{Axis: level.Axis, Code: c}
				if !offered[view.FilterText(f)] {
					t.Errorf("%s is not offered", view.FilterText(f))
				}
				r.Q = view.Query{What: f}
				if p, err := r.Trends(); err != nil || p.Cannot != nil {
					t.Errorf("%s: %v %+v", view.FilterText(f), err, p.Cannot)
				}
			}
		}
	}
}

// Before anybody has released, and where everything is noise, pages say so.
func TestEmptyAndNoisy(t *testing.T) {
	r := reader(t, sample.Config{Empty: true}, view.Query{})
	if p, err := r.Overview(); err != nil || p.Empty == nil || len(p.Empty.Links) == 0 {
		t.Errorf("empty overview: %+v, %v", p.Empty, err)
	}
	if p, err := r.Trends(); err != nil || p.Cannot == nil {
		t.Errorf("empty trends: %+v, %v", p.Cannot, err)
	}
	r = reader(t, sample.Config{People: 40}, view.Query{What: code(t, "threat_type.device_spyware")})
	p, err := r.Trends()
	if err != nil || p.Verdict.Class != "noisy" {
		t.Errorf("all noise: %+v, %v", p.Verdict, err)
	}
	for _, row := range p.Figure.Rows {
		if row.Value.Class == "number" {
			t.Errorf("a number out of noise: %+v", row)
		}
	}
	o, err := r.Overview()
	if err != nil || len(o.Quarter.Top) > 1 || len(o.Cannot) == 0 {
		t.Errorf("all noise: %+v, %v", o.Quarter, err)
	}
}

// A withdrawn release is shown, and marked wherever it counts.
func TestWithdrawnAndDisputed(t *testing.T) {
	r := reader(t, sample.Config{Withdraw: true, Dispute: true}, view.Query{What: code(t, "threat_type.device_spyware")})
	p, err := r.Trends()
	if err != nil {
		t.Fatal(err)
	}
	r.Lost = 2
	if alarms := strings.Join(r.Alarms(), " "); !strings.Contains(alarms, "contradicting") || !strings.Contains(alarms, "lost 2 notes") {
		t.Errorf("alarms: %q", alarms)
	}
	warned := strings.Join(p.Source.Warnings, " ")
	if !strings.Contains(p.Figure.Rows[0].Remark, "withdrawn") || !strings.Contains(warned, "mapped wrongly") || !strings.Contains(warned, "contradicting") {
		t.Errorf("%q %q", p.Figure.Rows[0].Remark, warned)
	}
}

// A member whose counting changed is named, and the change is told without it.
func TestMethodChangesAreSaid(t *testing.T) {
	r := reader(t, sample.Config{}, view.Query{What: code(t, "gender.woman")})
	steps := r.Steps(schema.Quarterly)
	if len(steps) == 0 {
		t.Fatal("the fiction has members that change their method; none was found")
	}
	p, err := r.Trends()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(p.Figure.Chart), "counting changed at "+string(steps[0].Member)) {
		t.Errorf("the chart has no line for %s", steps[0].Member)
	}
}

// Several readers of one snapshot, in several languages, get what a reader alone gets.
func TestReadersShareASnapshot(t *testing.T) {
	alone := map[string]string{}
	ask := func(r *view.Reader) string {
		overview, err := r.Overview()
		if err != nil {
			return err.Error()
		}
		trends, err := r.Trends()
		if err != nil {
			return err.Error()
		}
		heat, err := r.Heat()
		return fmt.Sprint(overview, trends, heat, err)
	}
	s, err := sample.New(t, sample.Config{Members: 4, Quarters: 9}).Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range words.Tags {
		alone[lang] = ask(open(t, s, lang, view.Query{Show: view.ShowChange}))
	}
	shared, err := sample.New(t, sample.Config{Members: 4, Quarters: 9}).Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 8 {
		r := open(t, shared, words.Tags[i%len(words.Tags)], view.Query{Show: view.ShowChange})
		all.Go(func() {
			if ask(r) != alone[r.L.Tag] {
				t.Errorf("a reader of %s among others sees something else", r.L.Tag)
			}
		})
	}
	all.Wait()
}
