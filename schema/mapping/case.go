package mapping

import (
	"fmt"

	"tidemark/schema"
)

// Row is one row of an export.
type Row struct {
	Number int      // as the operator finds it in the file, for refusals
	Cells  []string // in the order of Mapping.Columns; "" where the file has nothing
}

// String and its like keep a row out of logs and errors by construction.
func (Row) String() string { return "[row]" }

// GoString keeps %#v quiet too.
func (Row) GoString() string { return "[row]" }

// MarshalJSON refuses to show what must not leave.
func (Row) MarshalJSON() ([]byte, error) { return []byte(`"[row]"`), nil }

// Case is one mapped case. The ids are the case system's own: the vault hashes them.
type Case struct {
	ID        string      // of the case; of a composite id its SHA-256 in hex
	Persons   []string    // each once; empty: the case is the unit
	Date      schema.Date // the day it happened
	MonthOnly bool        // the source knew no day: Date is the first of the month
	Codes     []byte      // one index per dimension of the codebook, in its order
}

// String and its like keep a case out of logs and errors by construction.
func (Case) String() string { return "[case]" }

// GoString keeps %#v quiet too.
func (Case) GoString() string { return "[case]" }

// MarshalJSON refuses to show what must not leave.
func (Case) MarshalJSON() ([]byte, error) { return []byte(`"[case]"`), nil }

// Refusal says why a row is not taken: where and what, never the value.
type Refusal struct {
	Row    int
	Field  string // "person", "case", "date", a dimension's id, or a column of the mapping
	Reason string // one of a few fixed sentences
}

func (r Refusal) String() string { return fmt.Sprintf("row %d: %s: %s", r.Row, r.Field, r.Reason) }
