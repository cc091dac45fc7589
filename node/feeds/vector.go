package feeds

import (
	"iter"
	"slices"

	"tidemark/node/gate"
	"tidemark/schema"
)

// Vector is what a member holds, short enough to be sent each time two members meet.
type Vector struct {
	Acts    uint64   // how many; also the roster's version
	Drafts  DeskMark // of the proposals for the next one
	Members []Have   // by order of admission, the same in every roster version
}

// Have is what a member holds of one feed.
type Have struct {
	Sequence uint64
	Head     Mark     // of the note at Sequence
	Disputed uint64   // 0: no proof
	Alarm    bool     // a proof that puts nothing in dispute
	Desk     DeskMark // of what is under way
	Given    DeskMark // of contributions to joint rounds
	Missing  []uint64 // below Sequence: holes, and a place whose other version is asked for
}

// Mark is the first half of a note's id: two versions of a feed that are equally long
// differ in it.
type Mark [16]byte

func markOf(id schema.Hash) Mark { return Mark(id[:len(Mark{})]) }

// DeskMark sums up what is under way about a member; zero: nothing.
type DeskMark [8]byte

// MaxMissing of one feed that a vector names.
const MaxMissing = 16

// Vector of this store; nil members before Found.
func (s *Store) Vector() Vector {
	st := s.State()
	if st == nil {
		return Vector{}
	}
	v, passes := Vector{Acts: st.Roster().Version, Drafts: s.draftMark()}, s.passing()
	for _, m := range st.Roster().Members {
		f := s.Feed(m.Slug)
		h := Have{Disputed: f.Disputed, Alarm: f.Alarm > 0, Missing: f.Holes()}
		h.Desk, h.Given = deskMarks(passed(s.Desk(m.Slug), passes))
		sequence, id := f.Head()
		h.Sequence, h.Head = sequence, markOf(id)
		s.mu.RLock()
		if own := s.feeds[m.Slug]; own != nil && own.doubt > 0 && own.doubt <= h.Sequence {
			h.Missing = append(h.Missing, own.doubt)
		}
		s.mu.RUnlock()
		slices.Sort(h.Missing)
		h.Missing = slices.Compact(h.Missing)
		v.Members = append(v.Members, h)
		v.Members[len(v.Members)-1].Missing = h.Missing[:min(len(h.Missing), MaxMissing)]
	}
	return v
}

// Lacking iterates what the holder of a vector lacks: acts, proposals, then for each member, from
// the start-th on, its proofs, its parcels, and what is under way, in order.
func (s *Store) Lacking(v Vector, start int) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		st := s.State()
		if st == nil {
			return
		}
		log := st.Log()
		for _, act := range log[min(v.Acts+1, uint64(len(log))):] {
			if !yield(act) {
				return
			}
		}
		if v.Drafts != s.draftMark() {
			for _, d := range s.Proposals() {
				if !yield(d.Raw) {
					return
				}
			}
		}
		members, passes := st.Roster().Members, s.passing()
		for i := range members {
			at := (i + max(start, 0)) % len(members)
			var have Have
			if at < len(v.Members) {
				have = v.Members[at]
			}
			if !s.lacking(members[at].Slug, have, yield) || !yieldDesk(passed(s.Desk(members[at].Slug), passes), have, yield) {
				return
			}
		}
	}
}

// lacking yields one feed's. What is in dispute, here or there, is not sent on; a place
// that is asked for by name is.
func (s *Store) lacking(member schema.Slug, have Have, yield func([]byte) bool) bool {
	f := s.Feed(member)
	if f.Disputed > 0 && (have.Disputed == 0 || f.Disputed < have.Disputed) {
		if proof, _ := s.proofs(member); proof != nil && !yield(proof) {
			return false
		}
	}
	if f.Alarm > 0 && !have.Alarm {
		if _, alarm := s.proofs(member); alarm != nil && !yield(alarm) {
			return false
		}
	}
	if parts(f, have) && !s.yields(member, have.Sequence, yield) {
		return false
	}
	for _, sequence := range have.Missing {
		if sequence <= have.Sequence && !s.yields(member, sequence, yield) {
			return false
		}
	}
	for sequence := have.Sequence + 1; sequence <= undisputed(f, have); sequence++ {
		if !s.yields(member, sequence, yield) {
			return false
		}
	}
	return true
}

// yieldDesk yields what is under way where the holder of a vector has something else: all
// of it, for the lines of both copies of an intent are united.
func yieldDesk(d gate.Desk, have Have, yield func([]byte) bool) bool {
	desk, given := deskMarks(d)
	small, contributions := notes(d)
	if have.Given != given && !yieldAll(contributions, yield) {
		return false
	}
	return have.Desk == desk || yieldAll(small, yield)
}

// parts tells whether the holder of a vector has another version of the feed and does
// not know it yet: its head is another note than the one that stands there here.
func parts(f gate.Feed, have Have) bool {
	own, ok := f.At(have.Sequence)
	known := have.Disputed > 0 || f.Disputed > 0 && f.Disputed <= have.Sequence
	return ok && !known && have.Head != Mark{} && have.Head != markOf(own.ID)
}

func undisputed(f gate.Feed, have Have) uint64 {
	last := settled(f)
	if have.Disputed > 0 {
		last = min(last, have.Disputed-1)
	}
	return last
}

func (s *Store) proofs(member schema.Slug) (fork, alarm []byte) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if f := s.feeds[member]; f != nil {
		return f.proof, f.alarming
	}
	return nil, nil
}

func (s *Store) yields(member schema.Slug, sequence uint64, yield func([]byte) bool) bool {
	p, err := s.Parcel(member, sequence)
	if err != nil {
		return true // a hole here too
	}
	return yield(p.Raw)
}

// Behind counts what this store lacks of what the holder of a vector has.
func (v Vector) Behind(other Vector) uint64 {
	n := other.Acts - min(v.Acts, other.Acts)
	for i, theirs := range other.Members {
		var own Have
		if i < len(v.Members) {
			own = v.Members[i]
		}
		n += theirs.Sequence - min(own.Sequence, theirs.Sequence)
	}
	return n
}

// AsksElse tells whether a vector asks for other missing places than an earlier one.
func (v Vector) AsksElse(earlier Vector) bool {
	for i, m := range v.Members {
		if i >= len(earlier.Members) || !slices.Equal(m.Missing, earlier.Members[i].Missing) {
			return true
		}
	}
	return false
}
