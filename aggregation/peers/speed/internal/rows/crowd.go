package rows

import (
	"encoding/binary"
	"iter"
	"math/rand/v2"

	"tidemark/schema"
)

// Leading columns of the CSV file: the case system's ids and the day.
const (
	PersonColumn = iota
	CaseColumn
	DayColumn
	Leading
)

// Records generates n records. A record is used again once the next is asked for; the
// codes come from a ring made beforehand, so that making them costs next to nothing.
func Records(n int) (iter.Seq2[*schema.Record, error], error) {
	used, err := Used()
	if err != nil {
		return nil, err
	}
	ring := ringOf(used)
	return func(yield func(*schema.Record, error) bool) {
		var person uint64
		left := 0
		for i := range n {
			record := &ring[i%len(ring)]
			if left == 0 {
				person++
				left = casesOf(person)
			}
			left--
			SetPerson(record, person)
			record.Seq = uint64(i)
			if !yield(record, nil) {
				return
			}
		}
	}, nil
}

// SetPerson writes a person's number as her key: keys then ascend as the numbers do.
func SetPerson(r *schema.Record, person uint64) { binary.BigEndian.PutUint64(r.Person[:], person) }

// PersonOf is the number that SetPerson wrote.
func PersonOf(r *schema.Record) uint64 { return binary.BigEndian.Uint64(r.Person[:]) }

// casesOf says how many cases a person has: one, a few, or dozens.
func casesOf(person uint64) int {
	switch h := person * 0x9e3779b97f4a7c15 >> 32 % 1000; {
	case h < 800:
		return 1
	case h < 998:
		return 2 + int(h%4)
	}
	return 80
}

func ringOf(used []int) []schema.Record {
	r := rand.New(rand.NewPCG(1, 2))
	codebook := schema.Incident()
	ring := make([]schema.Record, 4096)
	for i := range ring {
		ring[i].Date = Period.Start() + schema.Date(r.IntN(int(Period.End()-Period.Start())+1))
		ring[i].Codes = make([]byte, len(codebook.Dimensions))
		for _, d := range used {
			k := len(codebook.Dimensions[d].Codes)
			ring[i].Codes[d] = byte(min(r.IntN(k), r.IntN(k)))
		}
	}
	return ring
}
