package account

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"tidemark/schema"
)

func period(t *testing.T, s string) schema.Period {
	t.Helper()
	p, err := schema.ParsePeriod(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func entry(t *testing.T, p string, charge schema.Charge) Entry {
	return Entry{schema.Hash{1}, schema.Hash{2}, period(t, p), charge}
}

func date(t *testing.T, s string) schema.Date {
	t.Helper()
	d, err := schema.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// story runs "period charge" reservations and tells which were booked.
func story(t *testing.T, cap schema.Charge, steps ...string) (told string) {
	l := &Ledger{}
	for _, s := range steps {
		var p string
		var c schema.Charge
		if _, err := fmt.Sscan(s, &p, &c); err != nil {
			t.Fatal(err)
		}
		if l.Reserve(entry(t, p, c), cap) == nil {
			told += "+"
		} else {
			told += "-"
		}
	}
	return told
}

func TestReserveHoldsEveryTwelveMonths(t *testing.T) {
	for _, c := range []struct {
		name, want string
		steps      []string
	}{
		{"a year fills up and drains", "++++-+", []string{"2025-Q1 25", "2025-Q2 25", "2025-Q3 25", "2025-Q4 25", "2025-Q4 1", "2026-Q1 25"}},
		{"quarters and the year together", "+++++-", []string{"2025-Q1 20", "2025-Q2 20", "2025-Q3 20", "2025-Q4 20", "2025 20", "2026-Q1 21"}},
		{"exactly the cap", "+-", []string{"2025-Q1 100", "2025-Q2 1"}},
		{"oldest first, then nothing fits before", "++-+", []string{"2025-Q3 60", "2025-Q4 40", "2025-Q2 1", "2024-Q3 100"}},
		{"a hole between two full ends", "++-+", []string{"2025-Q1 70", "2025-Q4 20", "2025-Q3 11", "2025-Q3 10"}},
		{"a later window binds an earlier entry", "+-+", []string{"2025-Q4 80", "2025-Q1 21", "2024-Q4 100"}},
		{"neither window alone is the union", "+++", []string{"2024-Q2 80", "2025-Q2 80", "2024-Q4 20"}},
	} {
		if got := story(t, 100, c.steps...); got != c.want {
			t.Errorf("%s: have %s, want %s", c.name, got, c.want)
		}
	}
}

func TestReserveIsIdempotentAndNeverChangesACharge(t *testing.T) {
	l := &Ledger{}
	e := entry(t, "2026-Q1", 60)
	for range 3 {
		if err := l.Reserve(e, 100); err != nil {
			t.Fatal(err)
		}
	}
	if l.Total() != 60 {
		t.Errorf("total is %d after three equal reservations of 60", l.Total())
	}
	other := e
	other.Charge = 59
	if l.Reserve(other, 100) == nil || l.Found(other, 1) == nil {
		t.Error("another charge for the same period was taken")
	}
	if err := l.Reserve(e, 10); err != nil {
		t.Errorf("what is booked was refused under a lower cap: %v", err)
	}
}

func TestReserveSumsOverPlansAndCoalitions(t *testing.T) {
	l := &Ledger{}
	a, b := entry(t, "2026-Q1", 60), entry(t, "2026-Q1", 30)
	b.Coalition = schema.Hash{9}
	c := a
	c.Plan, c.Charge = schema.Hash{8}, 11
	if l.Reserve(a, 100) != nil || l.Reserve(b, 100) != nil || l.Reserve(c, 100) == nil {
		t.Error("want 60 and 30 booked and 11 refused")
	}
	if got := l.Of(b.Coalition).Total(); got != 30 {
		t.Errorf("the second coalition's part is %d, want 30", got)
	}
	if l.Of(b.Coalition).Fits(Entry{b.Coalition, a.Plan, a.Period, 11}, 40) == nil {
		t.Error("a share of 40 took 30 and 11")
	}
}

func TestFoundBooksWhatCannotBeRefused(t *testing.T) {
	l := &Ledger{}
	e := entry(t, "2026-Q1", 60)
	if err := l.Reserve(e, 100); err != nil {
		t.Fatal(err)
	}
	for _, drawn := range []int{2, 1} { // another version of it was released elsewhere
		if err := l.Found(e, drawn); err != nil {
			t.Fatal(err)
		}
	}
	if got := l.Spent(e.Period.End()); got != 120 {
		t.Errorf("spent %d, want 120", got)
	}
	if l.Reserve(entry(t, "2026-Q4", 0), 100) == nil {
		t.Error("reserved within an overdrawn year")
	}
	if err := l.Reserve(entry(t, "2027-Q1", 100), 100); err != nil {
		t.Errorf("refused after the overdrawn year: %v", err)
	}
	if l.Found(e, 0) == nil || l.Found(e, maxTimes+1) == nil {
		t.Error("took an impossible number of draws")
	}
}

// A year of two plans, one of them joint with three honest: against all other members its
// charges count three times, those of the other plan once. A charge that was drawn twice
// stays so.
func TestTimesCountsByPlan(t *testing.T) {
	l := &Ledger{}
	local, joint := entry(t, "2025-Q4", 60), entry(t, "2026-Q1", 30)
	joint.Plan = schema.Hash{8}
	if l.Found(local, 2) != nil || l.Found(joint, 1) != nil {
		t.Fatal("not booked")
	}
	alone := l.Times(func(e Entry) int {
		if e.Plan == joint.Plan {
			return 3
		}
		return 1
	})
	if got := alone.Spent(joint.Period.End()); got != 2*60+3*30 {
		t.Errorf("spent %d, want 210", got)
	}
	if got := l.Total(); got != 2*60+30 {
		t.Errorf("the ledger itself is now %d", got)
	}
}

func TestReserveRefusesOutOfRange(t *testing.T) {
	l := &Ledger{}
	for name, c := range map[string]struct {
		e   Entry
		cap schema.Charge
	}{
		"negative charge": {entry(t, "2026-Q1", -1), 100},
		"huge charge":     {entry(t, "2026-Q1", 1<<62), 100},
		"negative cap":    {entry(t, "2026-Q1", 0), -1},
		"cap too high":    {entry(t, "2026-Q1", 0), schema.MaxCap + 1},
		"no period":       {Entry{Charge: 1}, 100},
	} {
		if l.Reserve(c.e, c.cap) == nil {
			t.Errorf("%s: booked", name)
		}
	}
	if l.Total() != 0 || len(l.Entries()) != 0 {
		t.Error("a refused entry left a trace")
	}
}

func TestDropsOut(t *testing.T) {
	l := &Ledger{}
	end := period(t, "2026-Q1").End()
	if _, _, ok := l.DropsOut(end); ok {
		t.Error("something drops out of an empty ledger")
	}
	for _, s := range []struct {
		p string
		c schema.Charge
	}{{"2025-Q1", 9}, {"2025-Q2", 0}, {"2025-Q4", 20}, {"2025", 5}, {"2026-Q1", 7}} {
		if err := l.Reserve(entry(t, s.p, s.c), 100); err != nil {
			t.Fatal(err)
		}
	}
	day, charge, ok := l.DropsOut(end)
	if !ok || day != date(t, "2026-12-31") || charge != 25 {
		t.Errorf("have %s %d %v, want 2026-12-31 25", day, charge, ok)
	}
	if l.Spent(day-1) != 32 || l.Spent(day) != 7 {
		t.Errorf("spent %d the day before and %d on the day", l.Spent(day-1), l.Spent(day))
	}
}

// Whatever is tried in whatever order, no 12 months pass the cap, on any day.
func TestNoTwelveMonthsPassTheCap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const cap = 100
		l := &Ledger{}
		booked := map[place]schema.Charge{}
		for range rapid.IntRange(1, 60).Draw(t, "tries") {
			p := schema.Period{Year: rapid.IntRange(2020, 2024).Draw(t, "year"), Quarter: rapid.IntRange(0, 4).Draw(t, "quarter")}
			e := Entry{schema.Hash{byte(rapid.IntRange(0, 1).Draw(t, "coalition"))}, schema.Hash{}, p,
				schema.Charge(rapid.IntRange(0, 60).Draw(t, "charge"))}
			if l.Reserve(e, cap) == nil {
				booked[e.place()] = e.Charge
			}
		}
		var total schema.Charge
		for _, c := range booked {
			total += c
		}
		if l.Total() != total {
			t.Fatalf("total %d, booked %d", l.Total(), total)
		}
		for d := schema.NewDate(2019, 12, 1); d < schema.NewDate(2026, 1, 10); d += 5 {
			var sum schema.Charge
			for at, c := range booked {
				if end := at.period.End(); end <= d && end.Time().AddDate(1, 0, 0).After(d.Time()) {
					sum += c
				}
			}
			if sum > cap || sum != l.Spent(d) {
				t.Fatalf("12 months to %s hold %d, Spent says %d", d, sum, l.Spent(d))
			}
		}
	})
}

// Without a cap in the way the order of entries changes nothing.
func TestOrderChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) Entry {
			return Entry{Period: schema.Period{Year: rapid.IntRange(2020, 2025).Draw(t, "year"), Quarter: rapid.IntRange(0, 4).Draw(t, "quarter")}, Charge: 3}
		}), 1, 20, Entry.place).Draw(t, "entries")
		a, b := &Ledger{}, &Ledger{}
		for i := range entries {
			if err := a.Reserve(entries[i], schema.MaxCap); err != nil {
				t.Fatal(err)
			}
			if err := b.Found(entries[len(entries)-1-i], 1); err != nil {
				t.Fatal(err)
			}
		}
		end := schema.Date(rapid.Int32Range(18000, 20500).Draw(t, "end"))
		da, ca, _ := a.DropsOut(end)
		db, cb, _ := b.DropsOut(end)
		if a.Spent(end) != b.Spent(end) || a.Total() != b.Total() || da != db || ca != cb {
			t.Fatal("two orders of the same entries differ")
		}
	})
}
