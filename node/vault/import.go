package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"tidemark/node/internal/badgerdb"
	"tidemark/schema"
	"tidemark/schema/mapping"
)

// ImportReport tells what became of the cases of an import; the sum is all of them.
type ImportReport struct {
	Added     int
	Changed   int // replaced an earlier version
	Unchanged int
	Repeated  int // replaced by a later case of the same import with the same id
	Future    int // refused: dated on a day that has begun nowhere yet
	Withdrawn int // left out: withdrawn earlier
}

// growth is how much room cases take in Badger while they are written, by the room that
// they take in the stage (measured: under 3).
const growth = 5

// maxPersons bounds the persons of one case.
const maxPersons = 10_000

// Import takes cases in; p says what stands behind their person ids. It is an upsert by
// case id: the same cases twice change nothing, an edited case replaces its earlier
// version, and where that was counted already the new version is not counted again.
//
// An error from the sequence, or any other, changes nothing. The cases are staged in a
// sealed file, and one transaction commits it; what a crash interrupts after that is
// finished by the next call or the next Open.
func (v *Vault) Import(ctx context.Context, p schema.Protection, all iter.Seq2[mapping.Case, error]) (r ImportReport, err error) {
	if !p.Valid() {
		return r, fmt.Errorf("import: protection: want id, composite or case")
	}
	if err := v.begin(); err != nil {
		return r, fmt.Errorf("import: %w", err)
	}
	defer v.end()
	if err := v.checkCodebook(); err != nil {
		return r, fmt.Errorf("import: %w", err)
	}
	in := &intake{v: v, report: &r, namer: newNamer(v.keys.Hash), latest: schema.DateOf(v.cfg.Now().Add(aheadOfUTC))}
	if err := v.cases.db.Room(); err != nil {
		return r, fmt.Errorf("import: %w", err)
	}
	if err := in.read(ctx, all); err != nil {
		return ImportReport{}, fmt.Errorf("import: nothing was changed: %w", err)
	}
	if err := in.commit(p); err != nil {
		return ImportReport{}, fmt.Errorf("import: %w", err)
	}
	return r, nil
}

// aheadOfUTC is by how much the earliest time zone is ahead.
const aheadOfUTC = 14 * time.Hour

// intake is an import that is under way.
type intake struct {
	v      *Vault
	report *ImportReport
	namer  namer
	latest schema.Date
	stage  *stage // nil until there is something to change
	seen   int
	group  []waiting
}

// read stages what is new or changed. The store is not touched.
func (in *intake) read(ctx context.Context, all iter.Seq2[mapping.Case, error]) error {
	err := in.v.cases.db.View(func(t badgerdb.Tx) error {
		for c, err := range all {
			if err == nil {
				err = in.take(ctx, t, &c)
			}
			if err != nil {
				return err
			}
		}
		return in.compare(ctx, t)
	})
	if err == nil && in.stage != nil {
		err = in.stage.finish()
	}
	if err != nil && in.stage != nil {
		in.stage.discard() // unreadable without its key, and removed at the next Open at the latest
	}
	return err
}

func (in *intake) take(ctx context.Context, t badgerdb.Tx, c *mapping.Case) error {
	in.seen++
	if c.Date > in.latest {
		in.report.Future++
		return nil
	}
	key, s, err := in.pseudonymous(c)
	if err != nil {
		return fmt.Errorf("case %d: %w", in.seen, err)
	}
	if s == nil {
		in.report.Withdrawn++
		return nil
	}
	in.group = append(in.group, waiting{key: key, mine: s})
	if len(in.group) < groupSize {
		return nil
	}
	return in.compare(ctx, t)
}

// compare looks a group up in the store and stages what differs, in the import's order.
func (in *intake) compare(ctx context.Context, t badgerdb.Tx) error {
	if err := errors.Join(ctx.Err(), in.v.cases.db.Room()); err != nil {
		return err
	}
	ws := make([]*waiting, len(in.group))
	for i := range in.group {
		ws[i] = &in.group[i]
	}
	if err := in.v.cases.lookUp(t, ws); err != nil {
		return err
	}
	for i := range in.group {
		if err := in.compareOne(&in.group[i]); err != nil {
			return err
		}
	}
	in.group = in.group[:0]
	return nil
}

func (in *intake) compareOne(w *waiting) (err error) {
	if w.live != nil && w.live.same(w.mine) && !in.stage.may(w.key) {
		in.report.Unchanged++
		return nil
	}
	if in.stage == nil {
		if in.stage, err = newStage(in.v.disk, in.v.cfg.Dir); err != nil {
			return fmt.Errorf("stage: %w", err)
		}
	}
	return in.stage.add(w.key, w.mine)
}

// pseudonymous replaces ids by keyed hashes; nil if the case, or everybody in it, has
// been withdrawn.
func (in *intake) pseudonymous(c *mapping.Case) (schema.Key, *stored, error) {
	if c.ID == "" || len(c.Persons) > maxPersons {
		return schema.Key{}, nil, fmt.Errorf("want an id and at most %d persons", maxPersons)
	}
	if !in.v.coded(c.Codes) {
		return schema.Key{}, nil, fmt.Errorf("its codes are not of the vault's codebook")
	}
	key := in.namer.caseKey(c.ID)
	if in.v.tombs[tomb{caseTomb, key}] {
		return key, nil, nil
	}
	s := &stored{content: content{Date: c.Date, Codes: bytes.Clone(c.Codes)}}
	for _, id := range c.Persons {
		if p := in.namer.personKey(id); !in.v.tombs[tomb{personTomb, p}] {
			s.Persons = append(s.Persons, p)
		}
	}
	switch {
	case len(c.Persons) == 0:
		s.Persons = []schema.Key{key}
	case len(s.Persons) == 0:
		return key, nil, nil
	}
	slices.SortFunc(s.Persons, func(a, b schema.Key) int { return bytes.Compare(a[:], b[:]) })
	s.Persons = slices.Compact(s.Persons)
	return key, s, nil
}

// coded checks codes against the vault's codebook.
func (v *Vault) coded(codes []byte) bool {
	if len(codes) != len(v.codebook.Dimensions) {
		return false
	}
	for i, code := range codes {
		if int(code) >= len(v.codebook.Dimensions[i].Codes) {
			return false
		}
	}
	return true
}

// staged is the mark that commits an import: from the moment it is durable, the stage is
// part of the vault.
type staged struct {
	Key   []byte `json:"key"`
	Count uint64 `json:"count"`
	After meta   `json:"after"` // what the meta becomes
	Base  uint64 `json:"base"`  // Seq of the first staged case
}

func (in *intake) commit(p schema.Protection) error {
	v := in.v
	after := v.meta
	// Also where a file brings no case: the unit of a release must not tell that one came.
	after.Protection = after.Protection.Weaker(p)
	if in.stage != nil || in.report.Unchanged > 0 {
		after.Codebook = v.codebook.Hash()
	}
	if in.stage == nil {
		if after == v.meta {
			return nil
		}
		return v.setMeta(after)
	}
	// Nothing stops halfway for want of room, as far as that can be told.
	if err := v.cases.db.RoomFor(in.stage.size * growth); err != nil {
		return errors.Join(err, in.stage.remove())
	}
	after.Next += in.stage.count
	mark := staged{in.stage.key, in.stage.count, after, v.meta.Next}
	v.stale = true // until the import is finished
	err := v.cases.update("import", func(t badgerdb.Tx) error { return v.cases.setJSON(t, importKey, mark) })
	if err != nil {
		return err
	}
	if err := v.finishImport(mark, in.report); err != nil {
		return err
	}
	v.stale = false
	return nil
}

// finishImport makes a committed stage the live state. It can be begun any number of
// times: Seq depends only on the place in the stage, and a case that is there already
// with the same content stays as it is.
func (v *Vault) finishImport(mark staged, r *ImportReport) error {
	v.live.Lock()
	defer v.live.Unlock()
	v.half = true
	a := &applying{v: v, mark: mark, report: r, pending: map[schema.Key]*stored{}, counted: v.book.counted()}
	if err := readStage(v.cfg.Dir, mark.Key, mark.Count, a.collect); err != nil {
		return err
	}
	if err := a.write(); err != nil {
		return err
	}
	err := v.cases.update("imported", func(t badgerdb.Tx) error {
		if err := v.cases.setJSON(t, metaKey, mark.After); err != nil {
			return err
		}
		return t.Delete(importKey)
	})
	if err != nil {
		return err
	}
	v.meta, v.counts, v.half = mark.After, &counts{}, false
	return removeStage(v.cfg.Dir)
}

// applying works a stage off, a group of cases at a time.
type applying struct {
	v       *Vault
	mark    staged
	report  *ImportReport
	counted counted
	group   []numbered
	pending map[schema.Key]*stored // what the group has written, for its own later cases
}

type numbered struct {
	waiting
	seq uint64
}

func (a *applying) collect(n uint64, k schema.Key, s *stored) error {
	a.group = append(a.group, numbered{waiting{key: k, mine: s}, a.mark.Base + n})
	if len(a.group) < groupSize {
		return nil
	}
	return a.write()
}

func (a *applying) write() error {
	if len(a.group) == 0 {
		return nil
	}
	cs := a.v.cases
	ws := make([]*waiting, len(a.group))
	for i := range a.group {
		ws[i] = &a.group[i].waiting
	}
	if err := cs.db.View(func(t badgerdb.Tx) error { return cs.lookUp(t, ws) }); err != nil {
		return err
	}
	err := cs.batch("cases", func(w writer) error {
		for i := range a.group {
			if err := a.one(w, &a.group[i]); err != nil {
				return err
			}
		}
		return nil
	})
	a.group = a.group[:0]
	clear(a.pending)
	return err
}

func (a *applying) one(w writer, n *numbered) error {
	live, mine := n.live, n.mine
	if earlier, ok := a.pending[n.key]; ok {
		live = earlier
	}
	a.tell(live, mine)
	if live != nil && live.same(mine) {
		return nil
	}
	mine.Seq, mine.Version = n.seq, n.seq
	if live != nil {
		mine.Seq, mine.Counted = a.counted.edited(&live.content, mine.Date, n.seq)
	}
	a.pending[n.key] = mine
	return a.v.cases.put(w, n.key, live, mine)
}

// tell counts for the report. What this import has written before was there twice.
func (a *applying) tell(live, mine *stored) {
	switch {
	case live == nil:
		a.report.Added++
	case live.Version >= a.mark.Base:
		a.report.Repeated++
	case live.same(mine):
		a.report.Unchanged++
	default:
		a.report.Changed++
	}
}
