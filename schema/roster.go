package schema

// Status of a seat.
type Status string

// The statuses.
const (
	Active    Status = "active"
	Suspended Status = "suspended"
	Removed   Status = "removed"
)

// Member is a seat in a roster.
type Member struct {
	Applicant
	Status   Status
	First    Period // the first quarter for which it owes releases
	Admitted Date
	Sequence uint64 // head of the feed before the present member key, 0 if it is the first
	Head     Hash
}

// Roster is who is in the coalition: the fold of its acts, in order of admission.
type Roster struct {
	Coalition Hash
	Version   uint64 // of the last act; 0: the charter alone
	Threshold int
	Admins    []string // member keys
	Members   []Member // removed ones too: their old notes are still theirs
}

// Member finds a seat by slug, or nil.
func (r *Roster) Member(s Slug) *Member {
	for i := range r.Members {
		if r.Members[i].Slug == s {
			return &r.Members[i]
		}
	}
	return nil
}

// ByNode finds the seat of a node key that may connect, or nil.
func (r *Roster) ByNode(nodeKey string) *Member {
	for i := range r.Members {
		if m := &r.Members[i]; m.NodeKey == nodeKey && m.Status == Active {
			return m
		}
	}
	return nil
}

// Active counts the seats that owe releases.
func (r *Roster) Active() int {
	n := 0
	for _, m := range r.Members {
		if m.Status == Active {
			n++
		}
	}
	return n
}

// MinMembers is how many active members a coalition has before any draws real cases.
const MinMembers = 3
