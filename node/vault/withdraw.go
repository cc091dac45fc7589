package vault

import (
	"context"
	"fmt"
	"slices"

	"tidemark/node/internal/badgerdb"
	"tidemark/schema"
)

// Withdrawal names what is withdrawn, by the case system's own id: a case, or a person
// with all her cases.
type Withdrawal struct{ Case, Person string }

// String and its like keep ids out of logs and errors by construction.
func (Withdrawal) String() string { return "[withdrawal]" }

// GoString keeps %#v quiet too.
func (Withdrawal) GoString() string { return "[withdrawal]" }

// tomb remembers a withdrawal by its keyed hash, so that no import brings it back.
type tomb struct {
	kind byte
	key  schema.Key
}

const (
	caseTomb   = 'c'
	personTomb = 'p'
)

func (t tomb) storeKey() []byte {
	return append(append(slices.Clone(tombstonePrefix), t.kind), t.key[:]...)
}

// maxWithdrawals is how many go into one transaction.
const maxWithdrawals = 5000

// withdrawal is the mark that commits one: from the moment it is durable, what the
// tombstones name is on its way out.
type withdrawal struct {
	All bool `json:"all"` // every case goes
}

// Withdraw takes cases or persons out for good: out of the own board, of all later
// counting, and of all later imports. What was released before cannot be called back. A
// case with several persons stays for those who have not withdrawn. It returns how many
// cases it concerned.
//
// Badger does not erase, so the survivors are sealed again under a new key and the old
// one is destroyed: that costs about as much as importing them, so pass all of them at
// once. A copy of the folder, or an old block of a flash disk, still holds the old key.
func (v *Vault) Withdraw(ctx context.Context, all ...Withdrawal) (int, error) {
	if len(all) > maxWithdrawals {
		return 0, fmt.Errorf("withdraw: have %d, at most %d at once", len(all), maxWithdrawals)
	}
	if err := v.begin(); err != nil {
		return 0, fmt.Errorf("withdraw: %w", err)
	}
	defer v.end()
	tombs, err := v.entomb(all)
	if err == nil {
		err = v.cases.db.Room()
	}
	if err != nil {
		return 0, fmt.Errorf("withdraw: %w", err)
	}
	n, err := v.withdraw(ctx, tombs, withdrawal{})
	if err != nil {
		return 0, fmt.Errorf("withdraw: %w", err)
	}
	return n, nil
}

// Clear takes every case out, for a vault whose cases were coded by another codebook than
// its coalition's. It refuses once a period has been reserved: cases that come back
// afterwards would be counted a second time.
func (v *Vault) Clear(ctx context.Context) (int, error) {
	if err := v.begin(); err != nil {
		return 0, fmt.Errorf("clear: %w", err)
	}
	defer v.end()
	if len(v.book.slots) > 0 {
		return 0, fmt.Errorf("clear: %w: a period has been reserved, withdraw single cases instead", ErrOrder)
	}
	n, err := v.withdraw(ctx, nil, withdrawal{All: true})
	if err != nil {
		return 0, fmt.Errorf("clear: %w", err)
	}
	return n, nil
}

func (v *Vault) entomb(all []Withdrawal) ([]tomb, error) {
	names := newNamer(v.keys.Hash)
	var tombs []tomb
	for _, w := range all {
		switch {
		case (w.Case == "") == (w.Person == ""):
			return nil, fmt.Errorf("want the id of a case or of a person")
		case w.Case != "":
			tombs = append(tombs, tomb{caseTomb, names.caseKey(w.Case)})
		default:
			tombs = append(tombs, tomb{personTomb, names.personKey(w.Person)})
		}
	}
	return tombs, nil
}

func (v *Vault) withdraw(ctx context.Context, tombs []tomb, mark withdrawal) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	concerned, err := v.concerned(tombs)
	if err != nil {
		return 0, err
	}
	v.stale = true
	err = v.cases.update("withdraw", func(t badgerdb.Tx) error {
		for _, tb := range tombs {
			key := tb.storeKey()
			if err := t.Set(key, v.cases.seal(key, []byte{tb.kind})); err != nil {
				return err
			}
		}
		if !concerned && !mark.All {
			return nil
		}
		return v.cases.setJSON(t, withdrawKey, mark)
	})
	if err != nil {
		return 0, err
	}
	v.remember(tombs)
	n := 0
	if concerned || mark.All {
		if n, err = v.reseal(mark); err != nil {
			return 0, err
		}
	}
	v.stale = false
	return n, nil
}

func (v *Vault) remember(tombs []tomb) {
	v.live.Lock()
	defer v.live.Unlock()
	for _, tb := range tombs {
		v.tombs[tb] = true
	}
}

// concerned tells whether any case in the store is named.
func (v *Vault) concerned(tombs []tomb) (found bool, err error) {
	for _, tb := range tombs {
		prefix := caseKey(tb.key)
		if tb.kind == personTomb {
			prefix = personPrefix(tb.key)
		}
		err := v.cases.db.Scan(prefix, func(_, _ []byte) error {
			found = true
			return errStop
		})
		if err != nil && err != errStop {
			return false, err
		}
	}
	return found, nil
}

// finishWithdrawal goes on with one that a crash has interrupted.
func (v *Vault) finishWithdrawal() error {
	var mark withdrawal
	ok, err := v.cases.json(withdrawKey, &mark)
	if err != nil || !ok && len(v.keys.Store) == 1 {
		return err
	}
	if _, err := v.reseal(mark); err != nil {
		return fmt.Errorf("finish a withdrawal: %w", err)
	}
	return nil
}

// reseal drops what is withdrawn, seals everything else under a new key, and destroys
// the old one. It can be begun any number of times: key.age holds both keys until
// everything is sealed under the newer.
func (v *Vault) reseal(mark withdrawal) (concerned int, err error) {
	v.live.Lock()
	defer v.live.Unlock()
	v.half = true
	if len(v.keys.Store) == 1 {
		if err := v.rekey(v.keys.next()); err != nil {
			return 0, err
		}
	}
	if concerned, err = v.resealCases(mark.All); err != nil {
		return 0, err
	}
	if err := v.resealRest(); err != nil {
		return 0, err
	}
	if err := v.rekey(v.keys.newest()); err != nil {
		return 0, err
	}
	err = v.cases.update("withdrawn", func(t badgerdb.Tx) error { return t.Delete(withdrawKey) })
	if err == nil {
		v.counts, v.half = &counts{}, false
	}
	return concerned, err
}

// rekey makes keys durable and uses them.
func (v *Vault) rekey(k keys) error {
	seal, err := newSealer(k.Store)
	if err != nil {
		return err
	}
	if err := k.write(v.disk, v.cfg.Dir, v.unlock); err != nil {
		return err
	}
	v.keys, v.cases.sealer = k, seal
	return nil
}

func (v *Vault) resealCases(all bool) (concerned int, err error) {
	cs := v.cases
	err = cs.batch("reseal cases", func(w writer) error {
		return cs.db.Scan(casePrefix, func(key, value []byte) error {
			if cs.fresh(value) {
				return nil
			}
			old, err := cs.decode(key, value)
			if err != nil {
				return err
			}
			var k schema.Key
			copy(k[:], key[len(casePrefix):])
			left := *old
			left.Persons = v.staying(k, old.Persons)
			if len(left.Persons) < len(old.Persons) || all {
				concerned++
			}
			if len(left.Persons) == 0 || all {
				return cs.drop(w, k, old)
			}
			return cs.put(w, k, old, &left)
		})
	})
	return concerned, err
}

// staying are the persons of a case who have not withdrawn.
func (v *Vault) staying(k schema.Key, persons []schema.Key) []schema.Key {
	if v.tombs[tomb{caseTomb, k}] {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(persons), func(p schema.Key) bool { return v.tombs[tomb{personTomb, p}] })
}

// resealRest seals tombstones and what the vault knows of itself anew.
func (v *Vault) resealRest() error {
	cs := v.cases
	return cs.batch("reseal rest", func(w writer) error {
		for _, prefix := range [][]byte{tombstonePrefix, []byte("m/")} {
			err := cs.db.Scan(prefix, func(key, value []byte) error {
				if cs.fresh(value) {
					return nil
				}
				plain, err := cs.open(nil, key, value)
				if err != nil {
					return err
				}
				key = slices.Clone(key)
				return w.Set(key, cs.seal(key, plain))
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (v *Vault) readTombs() error {
	tombs := map[tomb]bool{}
	err := v.cases.db.Scan(tombstonePrefix, func(key, value []byte) error {
		if _, err := v.cases.open(nil, key, value); err != nil {
			return err
		}
		tb := tomb{kind: key[len(tombstonePrefix)]}
		copy(tb.key[:], key[len(tombstonePrefix)+1:])
		tombs[tb] = true
		return nil
	})
	v.tombs = tombs
	return err
}
