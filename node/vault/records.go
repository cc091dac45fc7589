package vault

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"

	"tidemark/schema"
)

// The store's keys. Every value is sealed.
//
//	c/ case           a case with its persons: what an import compares with
//	r/ person case    a record: a scan meets all of a person's records together
//	t/ kind key       withdrawn for good: kind c for a case, p for a person
//	m/ name           what the vault knows of itself
var (
	casePrefix      = []byte("c/")
	recordPrefix    = []byte("r/")
	tombstonePrefix = []byte("t/")

	metaKey     = []byte("m/state")
	journalKey  = []byte("m/journal")
	importKey   = []byte("m/import")
	withdrawKey = []byte("m/withdraw")
)

func caseKey(c schema.Key) []byte { return append(bytes.Clone(casePrefix), c[:]...) }

func recordKey(person, c schema.Key) []byte {
	return append(append(bytes.Clone(recordPrefix), person[:]...), c[:]...)
}

func personPrefix(person schema.Key) []byte { return append(bytes.Clone(recordPrefix), person[:]...) }

// content is what a case says: what its records share.
type content struct {
	Date    schema.Date
	Seq     uint64
	Counted [2]schema.Period
	Codes   []byte
}

// stored is a case in the store. Persons are sorted and each there once; a case whose
// source knows no person has its own key as its only person.
type stored struct {
	content
	Version uint64 // numbered like Seq: the import that wrote it last
	Persons []schema.Key
}

// same tells whether an import would change nothing: when it was taken in and where it
// was counted is not part of what a case says.
func (s *stored) same(o *stored) bool {
	return s.Date == o.Date && bytes.Equal(s.Codes, o.Codes) && slices.Equal(s.Persons, o.Persons)
}

var errEncoding = errors.New("a value has an unknown form: the store is of another version")

const contentSize = 8 + 4 + 2*3 + 1

func (c *content) encode(b []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, c.Seq)
	b = binary.BigEndian.AppendUint32(b, uint32(c.Date))
	for _, p := range c.Counted {
		b = binary.BigEndian.AppendUint16(b, uint16(p.Year))
		b = append(b, byte(p.Quarter))
	}
	b = append(b, byte(len(c.Codes)))
	return append(b, c.Codes...)
}

// decode reads a content and returns what follows it. Codes point into b.
func (c *content) decode(b []byte) ([]byte, error) {
	if len(b) < contentSize || len(b) < contentSize+int(b[contentSize-1]) {
		return nil, errEncoding
	}
	c.Seq = binary.BigEndian.Uint64(b)
	c.Date = schema.Date(binary.BigEndian.Uint32(b[8:]))
	for i := range c.Counted {
		p := b[12+3*i:]
		c.Counted[i] = schema.Period{Year: int(binary.BigEndian.Uint16(p)), Quarter: int(p[2])}
	}
	codes := int(b[contentSize-1])
	c.Codes = b[contentSize : contentSize+codes]
	return b[contentSize+codes:], nil
}

func (s *stored) encode() []byte {
	b := s.content.encode(make([]byte, 0, contentSize+len(s.Codes)+8+16*len(s.Persons)))
	b = binary.BigEndian.AppendUint64(b, s.Version)
	for _, p := range s.Persons {
		b = append(b, p[:]...)
	}
	return b
}

// decode copies what it keeps.
func (s *stored) decode(b []byte) error {
	rest, err := s.content.decode(b)
	if err != nil || len(rest) < 8+len(schema.Key{}) || (len(rest)-8)%len(schema.Key{}) != 0 {
		return errEncoding
	}
	s.Codes = bytes.Clone(s.Codes)
	s.Version, rest = binary.BigEndian.Uint64(rest), rest[8:]
	s.Persons = make([]schema.Key, len(rest)/len(schema.Key{}))
	for i := range s.Persons {
		copy(s.Persons[i][:], rest[i*len(schema.Key{}):])
	}
	return nil
}

// A record's value is a byte that tells the first person's record, so that a case is
// counted once, and the content.
const leads = 1

func encodeRecord(c *content, first bool) []byte {
	b := make([]byte, 1, 1+contentSize+len(c.Codes))
	if first {
		b[0] = leads
	}
	return c.encode(b)
}

// decodeRecord fills in a record from its key and its plain value; Codes point into plain.
func decodeRecord(r *schema.Record, key, plain []byte) (first bool, err error) {
	if len(key) != len(recordPrefix)+2*len(schema.Key{}) || len(plain) == 0 {
		return false, errEncoding
	}
	var c content
	rest, err := c.decode(plain[1:])
	if err != nil || len(rest) > 0 {
		return false, errEncoding
	}
	copy(r.Person[:], key[len(recordPrefix):])
	copy(r.Case[:], key[len(recordPrefix)+len(schema.Key{}):])
	r.Date, r.Seq, r.Counted, r.Codes = c.Date, c.Seq, c.Counted, c.Codes
	return plain[0]&leads != 0, nil
}
