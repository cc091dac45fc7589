package schema

// Key is a keyed hash (HMAC under a key of the vault) of a case id or a person id.
// Outside the vault's folder it means nothing, and it never leaves it.
type Key [16]byte

// Record is a mapped case of one person: coded, dated, pseudonymous. It is local.
// A case with several persons has one record for each.
type Record struct {
	Case   Key
	Person Key    // equal to Case where the source knows no person
	Date   Date   // the day it happened
	Codes  []byte // one index per dimension of the codebook, in its order
	Seq    uint64 // when it was first taken in; numbered by the vault
	// Counted fixes the periods (by Cadences) in which an earlier version was counted,
	// set when a record is edited after its cutoff: it is never counted again.
	Counted [2]Period
}

// String and its like keep a record out of logs and errors by construction.
func (Record) String() string { return "[record]" }

// GoString keeps %#v quiet too.
func (Record) GoString() string { return "[record]" }

// MarshalJSON refuses to show what must not leave.
func (Record) MarshalJSON() ([]byte, error) { return []byte(`"[record]"`), nil }

// Protection says what one weight of a release stands for. A release is only as good
// as the weakest source behind it.
type Protection string

// From strongest to weakest.
const (
	PerID        Protection = "id"        // the case system's own person id
	PerComposite Protection = "composite" // a key made of several fields: protects each key
	PerCase      Protection = "case"      // no person known: protects each case, not each person
)

// Weaker returns the weaker of both; the empty Protection is stronger than all.
func (p Protection) Weaker(q Protection) Protection {
	order := map[Protection]int{"": 0, PerID: 1, PerComposite: 2, PerCase: 3}
	if order[q] > order[p] {
		return q
	}
	return p
}

// Valid tells a protection that a release may state.
func (p Protection) Valid() bool { return p == PerID || p == PerComposite || p == PerCase }

// UnitsPerPerson is the weight of one person in one period, in units: the smallest
// number that 1 to 6 cases share without remainder.
const UnitsPerPerson = 60
