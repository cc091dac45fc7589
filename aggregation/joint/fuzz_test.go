package joint

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"tidemark/schema"
)

// A part is whatever a member likes. Sealed as it comes it is broken or opens; unsealed it
// is shares that are spelled as they are read, or broken.
func FuzzOpen(f *testing.F) {
	r := sampleRound(4, 3, 2, 7)
	w := newWorld(f, r, boxes(f, r), seeded("fuzz"))
	s := w.contribute(slug(3), []int64{1, 2, 3, 4, 5, 6, 7}, deviation{})
	b := w.keys[slug(1)]
	f.Add(s.note.Shares[1].Sealed, s.dealt[slug(1)])
	f.Add(s.note.Shares[0].Sealed, s.dealt[slug(1)][32:])
	f.Add([]byte{}, bytes.Repeat([]byte{0xff}, 96))
	f.Add(s.note.Shares[1].Sealed[:1120], slices.Concat(toLE(order), make([]byte, 64)))
	f.Fuzz(func(t *testing.T, sealed, plain []byte) {
		c := s.note
		c.Shares = []schema.SealedShare{{Keeper: slug(1), Key: b.ID, Sealed: sealed}}
		if _, err := r.Open(slug(1), b.ID, b.private, c, s.id); err != nil && !errors.Is(err, ErrBroken) {
			t.Errorf("open: %v", err)
		}
		vector, err := r.read(plain)
		if err != nil {
			if !errors.Is(err, ErrBroken) {
				t.Errorf("read: %v", err)
			}
			return
		}
		var again []byte
		for _, s := range vector {
			b := writeScalar(s)
			again = append(again, b[:]...)
		}
		if !bytes.Equal(plain, again) {
			t.Errorf("%x is read as %x", plain, again)
		}
		newShare(slug(3), s.id, vector)
	})
}

// Sums are whatever keepers like: there is a result that t of them agree on, or an error.
func FuzzInterpolate(f *testing.F) {
	p := played(f, sampleRound(7, 7, 3, 6), func(m int) []int64 { return []int64{int64(m), -1, 2, 3, 4, 5} })
	var all []byte
	for _, k := range p.Keepers {
		for _, s := range p.sums[k] {
			all = append(all, s[:]...)
		}
	}
	lie := slices.Clone(all)
	lie[0]++
	f.Add(all, uint8(0x7f), uint8(0))
	f.Add(lie, uint8(0x7f), uint8(0))
	f.Add(lie, uint8(0x1f), uint8(0))
	f.Add(all, uint8(0x3f), uint8(3))
	f.Add([]byte{}, uint8(0x7f), uint8(0))
	f.Fuzz(func(t *testing.T, sums []byte, who, short uint8) {
		given := map[schema.Slug][][schema.ScalarSize]byte{}
		for i, k := range p.Keepers {
			if who>>i&1 == 0 {
				continue
			}
			sum := make([][schema.ScalarSize]byte, p.scalars())
			for at := range sum {
				sums = sums[copy(sum[at][:], sums):]
			}
			given[k] = sum[:max(0, len(sum)-int(short>>i&1))]
		}
		o, err := p.Interpolate(p.a, given)
		switch {
		case err != nil:
			if o.Counters != nil || !errors.Is(err, ErrFew) && !errors.Is(err, ErrContradiction) && !errors.Is(err, ErrGarbled) {
				t.Errorf("%+v, %v", o, err)
			}
		case len(o.Counters) != p.Counters || o.Keepers < p.Threshold || o.Checked != (o.Keepers > p.Threshold) || o.Keepers+len(o.Liars) != len(given):
			t.Errorf("%+v of %d", o, len(given))
		}
	})
}
