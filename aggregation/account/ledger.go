package account

import (
	"fmt"
	"iter"
	"slices"

	"tidemark/schema"
)

// Entry is one release's charge. A coalition's plan draws a period once, so the three
// together name it.
type Entry struct {
	Coalition, Plan schema.Hash
	Period          schema.Period
	Charge          schema.Charge
}

type place struct {
	coalition, plan schema.Hash
	period          schema.Period
}

func (e Entry) place() place { return place{e.Coalition, e.Plan, e.Period} }

// spending is an entry with how often it was drawn: once, unless a copied vault has
// released another version of it.
type spending struct {
	Entry
	times int64
}

func (s spending) charge() schema.Charge { return s.Charge * schema.Charge(s.times) }

// Ledger sums a vault's charges over all its plans and coalitions. The zero value is
// empty. It is not safe for concurrent use.
type Ledger struct {
	spent []spending
	at    map[place]int // into spent
}

// maxTimes bounds a charge that is multiplied; with schema.MaxCap and any number of
// entries that fits into memory, sums stay within an int64.
const maxTimes = 1000

// Reserve books an entry, or refuses it if any 12 months by period end that hold its
// end would then pass the cap. Entries may come in any order. An entry that is booked
// already changes nothing; another charge for the same period is refused.
func (l *Ledger) Reserve(e Entry, cap schema.Charge) error {
	if known, err := l.known(e); known || err != nil {
		return err
	}
	if err := l.Fits(e, cap); err != nil {
		return err
	}
	l.book(e, 1)
	return nil
}

// Found books what feeds show to have been released, drawn so many times under
// different intents. What has been spent cannot be refused: it may pass the cap, and
// then nothing more can be reserved until enough of it is older than 12 months.
func (l *Ledger) Found(e Entry, drawn int) error {
	if drawn < 1 || drawn > maxTimes {
		return fmt.Errorf("ledger %s: drawn %d times, want 1 to %d", e.Period, drawn, maxTimes)
	}
	known, err := l.known(e)
	if err != nil {
		return err
	}
	if !known {
		l.book(e, int64(drawn))
		return nil
	}
	s := &l.spent[l.at[e.place()]]
	s.times = max(s.times, int64(drawn))
	return nil
}

// Fits tells whether Reserve would book a new entry under the cap, as an error if not.
func (l *Ledger) Fits(e Entry, cap schema.Charge) error {
	if cap < 0 || cap > schema.MaxCap {
		return fmt.Errorf("ledger: cap %d, want 0 to %d", cap, schema.MaxCap)
	}
	end := e.Period.End()
	// Windows that end on other days hold no more than one of these.
	ends := []schema.Date{end}
	for _, s := range l.spent {
		if other := s.Period.End(); other > end && yearBefore(other) < end {
			ends = append(ends, other)
		}
	}
	for _, last := range ends {
		if spent := l.Spent(last); spent > cap-e.Charge {
			return fmt.Errorf("ledger %s: charge %d refused: %d of %d are spent in the 12 months to %s",
				e.Period, e.Charge, spent, cap, last)
		}
	}
	return nil
}

// Of is the part of the ledger that one coalition has, for a member that gives each of
// its coalitions a share.
func (l *Ledger) Of(coalition schema.Hash) *Ledger {
	part := &Ledger{}
	for _, s := range l.spent {
		if s.Coalition == coalition {
			part.book(s.Entry, s.times)
		}
	}
	return part
}

// Times is the ledger as it stands against someone to whom each charge counts so often: the
// other members of a joint round, say, who can take their own noise away. As long as there
// are fewer than 9,000 charges that are drawn a thousand times and count a thousand times,
// sums stay within an int64.
func (l *Ledger) Times(often func(Entry) int) *Ledger {
	out := &Ledger{}
	for _, s := range l.spent {
		out.book(s.Entry, s.times*int64(often(s.Entry)))
	}
	return out
}

// Spent is the sum of charges in the 12 months up to a day, by the ends of the periods.
func (l *Ledger) Spent(end schema.Date) schema.Charge {
	var sum schema.Charge
	for _, s := range l.spent {
		if within(s.Period.End(), end) {
			sum += s.charge()
		}
	}
	return sum
}

// Total is the sum of all charges ever.
func (l *Ledger) Total() schema.Charge {
	var sum schema.Charge
	for _, s := range l.spent {
		sum += s.charge()
	}
	return sum
}

// DropsOut is the first day on which Spent no longer holds the oldest charges of the
// 12 months up to end, and how much they are; false if nothing is spent there.
func (l *Ledger) DropsOut(end schema.Date) (day schema.Date, charge schema.Charge, ok bool) {
	var oldest schema.Date
	for _, s := range l.spent {
		at := s.Period.End()
		if s.Charge == 0 || !within(at, end) || ok && at > oldest {
			continue
		}
		if !ok || at < oldest {
			oldest, charge, ok = at, 0, true
		}
		charge += s.charge()
	}
	if !ok {
		return 0, 0, false
	}
	t := oldest.Time()
	return schema.NewDate(t.Year()+1, t.Month(), t.Day()), charge, true
}

// Entries lists what is booked, by the ends of the periods.
func (l *Ledger) Entries() []Entry {
	entries := make([]Entry, len(l.spent))
	for i, s := range l.spent {
		entries[i] = s.Entry
	}
	slices.SortStableFunc(entries, func(a, b Entry) int { return int(a.Period.End() - b.Period.End()) })
	return entries
}

// Drawn gives what is booked, in the order in which it was, with how often each was drawn.
// Found makes the same ledger of it.
func (l *Ledger) Drawn() iter.Seq2[Entry, int] {
	return func(yield func(Entry, int) bool) {
		for _, s := range l.spent {
			if !yield(s.Entry, int(s.times)) {
				return
			}
		}
	}
}

// known tells an entry that is booked already, and refuses one that cannot be.
func (l *Ledger) known(e Entry) (bool, error) {
	if e.Charge < 0 || e.Charge > schema.MaxCap {
		return false, fmt.Errorf("ledger %s: charge %d, want 0 to %d", e.Period, e.Charge, schema.MaxCap)
	}
	if e.Period.IsZero() {
		return false, fmt.Errorf("ledger: entry without a period")
	}
	i, ok := l.at[e.place()]
	if ok && l.spent[i].Charge != e.Charge {
		return false, fmt.Errorf("ledger %s: charge %d, but %d is booked", e.Period, e.Charge, l.spent[i].Charge)
	}
	return ok, nil
}

func (l *Ledger) book(e Entry, times int64) {
	if l.at == nil {
		l.at = map[place]int{}
	}
	l.at[e.place()] = len(l.spent)
	l.spent = append(l.spent, spending{e, times})
}

// within tells a day in (end - 12 months, end].
func within(day, end schema.Date) bool { return day <= end && day > yearBefore(end) }

func yearBefore(end schema.Date) schema.Date {
	t := end.Time()
	return schema.NewDate(t.Year()-1, t.Month(), t.Day())
}
