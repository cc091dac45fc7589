package view

import (
	"slices"
	"sync"
	"time"

	"tidemark/aggregation/combine"
	"tidemark/dashboard/words"
	"tidemark/schema"
	"tidemark/schema/coalition"
)

// Snapshot is what the coalition's members released, as it is known now or as it was at a
// pin. It does not change and is safe for concurrent use.
type Snapshot struct {
	Book      *combine.Book
	State     *coalition.State
	Codebook  *schema.Codebook
	Pin       string // of these very releases
	Pinned    bool   // the reader asked for this pin; there may be newer releases
	Now       time.Time
	Disputes  []Dispute
	Withdrawn map[schema.Hash]schema.NoticeReason // by the release's id
	Declared  []Declared                          // what the active members offer, by order of admission
	Rounds    []RoundState                        // the joint rounds whose slot has passed
	Opened    []Opened                            // and those that this node has opened
	Lost      int                                 // places that this disk lost and others still have
	Demo      bool                                // everything is invented

	memo memo
}

// Dispute is a member of whom two contradicting notes are held.
type Dispute struct {
	Member   schema.Slug
	Sequence uint64
	Notes    []schema.Hash // ids of the two
	Kind     schema.Kind   // of the two
	// Fork: what stands after that place is not read. Else it is an alarm: two copies of
	// the member's folder announced two releases, and the countersigned one counts; or it
	// signed two agreements or two lists of one joint round.
	Fork bool
}

// asKeeper tells an alarm about what a keeper has signed in a joint round.
func (d Dispute) asKeeper() bool {
	return d.Kind == schema.KindAgreement || d.Kind == schema.KindHeld
}

// inDispute tells whether there is a fork of a member's feed.
func (s *Snapshot) inDispute(m schema.Slug) bool { return s.contradicts(m, true) }

// alarmed tells whether there is an alarm about a member.
func (s *Snapshot) alarmed(m schema.Slug) bool { return s.contradicts(m, false) }

func (s *Snapshot) contradicts(m schema.Slug, fork bool) bool {
	return slices.ContainsFunc(s.Disputes, func(d Dispute) bool { return d.Member == m && d.Fork == fork })
}

// contradicting counts the members with a fork, or with an alarm.
func (s *Snapshot) contradicting(fork bool) int {
	members := map[schema.Slug]bool{}
	for _, d := range s.Disputes {
		if d.Fork == fork {
			members[d.Member] = true
		}
	}
	return len(members)
}

// alarmOf is the alarm that a note belongs to.
func (s *Snapshot) alarmOf(note schema.Hash) (Dispute, bool) {
	i := slices.IndexFunc(s.Disputes, func(d Dispute) bool { return !d.Fork && slices.Contains(d.Notes, note) })
	if i < 0 {
		return Dispute{}, false
	}
	return s.Disputes[i], true
}

// memo keeps what several pages ask for. Each entry is computed once.
type memo struct {
	mu      sync.Mutex
	entries map[string]*entry
}

type entry struct {
	once  sync.Once
	value any
	err   error
}

// once computes a value the first time it is asked for.
func once[T any](s *Snapshot, key string, f func() (T, error)) (T, error) {
	s.memo.mu.Lock()
	if s.memo.entries == nil {
		s.memo.entries = map[string]*entry{}
	}
	e := s.memo.entries[key]
	if e == nil {
		e = &entry{}
		s.memo.entries[key] = e
	}
	s.memo.mu.Unlock()
	e.once.Do(func() { e.value, e.err = f() })
	if e.err != nil {
		var none T
		return none, e.err
	}
	return e.value.(T), nil
}

// Changes are the changes of a period since the one before, clearest first.
func (s *Snapshot) Changes(p schema.Period) ([]combine.Change, error) {
	return once(s, "changes "+p.String(), func() ([]combine.Change, error) { return s.Book.Changes(p) })
}

// Last is the newest owed period of a cadence for which anybody reported.
func (s *Snapshot) Last(c schema.Cadence) (schema.Period, bool) {
	periods := s.Book.Periods(c)
	for i := len(periods) - 1; i >= 0; i-- {
		if len(s.Book.Coverage(periods[i]).Reporting) > 0 {
			return periods[i], true
		}
	}
	return schema.Period{}, false
}

// Empty tells that nobody has released anything yet.
func (s *Snapshot) Empty() bool {
	_, quarter := s.Last(schema.Quarterly)
	_, year := s.Last(schema.Yearly)
	return !quarter && !year
}

// Plan is the plan under which a period is owed.
func (s *Snapshot) Plan(p schema.Period) schema.Plan {
	plan, _, _ := s.Book.Plan(p)
	return plan
}

// In opens the snapshot for a reader of a language who looks at a query.
func (s *Snapshot) In(l *words.Language, q Query) *Reader {
	return &Reader{Snapshot: s, L: l, Q: q}
}

// Reader is a snapshot as one reader sees it. It is not shared.
type Reader struct {
	*Snapshot
	L    *words.Language
	Q    Query
	Self schema.Slug // the reader's own organisation
}
