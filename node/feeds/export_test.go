package feeds

import (
	"errors"

	"tidemark/schema"
)

// FaultyDisk is a memory whose commits fail when told to.
type FaultyDisk struct {
	memory
	LoseNext bool // the next commit is not done
	DoneNext bool // the next commit is done but reported lost
}

// ErrFault is what a failing commit returns.
var ErrFault = errors.New("fault")

// NewFaultyDisk is an empty one.
func NewFaultyDisk() *FaultyDisk { return &FaultyDisk{memory: newMemory()} }

func (d *FaultyDisk) commit(changes []change) error {
	if d.LoseNext {
		d.LoseNext = false
		return ErrFault
	}
	err := d.memory.commit(changes)
	if d.DoneNext {
		d.DoneNext = false
		return ErrFault
	}
	return err
}

// Store opens a store on the disk.
func (d *FaultyDisk) Store() (*Store, error) { return open(d, Config{}) }

// Flip changes one bit of a stored parcel.
func (d *FaultyDisk) Flip(member schema.Slug, sequence uint64) {
	value := d.values[string(keyOfParcel(member, sequence))]
	value[len(value)/2] ^= 1
}

// Lose drops a stored act.
func (d *FaultyDisk) Lose(version uint64) { delete(d.values, string(keyOfAct(version))) }
