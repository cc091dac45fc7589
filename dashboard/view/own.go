package view

import (
	"time"

	"tidemark/aggregation/account"
	"tidemark/schema"
)

// Self is who this node is.
type Self struct {
	Slug     schema.Slug
	Title    string // what the organisation calls itself; stays here
	Language string // of the pages, from its settings; empty: what the browser asks for
}

// Standing is how this node stands, for its own screen.
type Standing struct {
	Apart    bool // another process holds the vault and counts its cases
	Cases    int
	Persons  int
	First    schema.Date // of the earliest case, where there is any
	Last     schema.Date
	Protects schema.Protection
	Ledger   *account.Ledger // the reader's own copy
	Slots    []OwnSlot
	Next     schema.Period // the next release; zero: none is to come
	Slot     time.Time
	Peers    map[schema.Slug]Peer
	Waiting  Waiting
}

// OwnSlot is a period that this node has reserved.
type OwnSlot struct {
	Period  schema.Period
	Charge  schema.Charge
	State   string // reserved, drawn, published, void, lost
	Release schema.Hash
}

// Peer is a member as this node's network sees it.
type Peer struct {
	Head      uint64 // notes held of its feed
	Owes      int    // releases whose slot has come and that are not here
	Connected bool
}

// Board is an exact count of the own cases. It never leaves the page it is shown on.
type Board struct {
	Table      schema.Table
	Period     schema.Period
	Rows, Cols int
	Cases      []int // per cell, row by row
	Persons    []int
	AllCases   int
	AllPersons int
}

// Note is a stored note whose signatures were verified, for the evidence pages.
type Note struct {
	ID       schema.Hash
	Kind     schema.Kind
	Member   schema.Slug // whose feed it stands in; empty for charter and acts
	Sequence uint64
	Text     string // as it was signed, byte for byte
	Signers  []schema.Slug
	Other    schema.Hash // of a release its intent, of an intent its release; zero: none
	Disputed bool        // it contradicts another of its member, or stands after such a place
}
