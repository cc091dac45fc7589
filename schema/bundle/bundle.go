package bundle

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tidemark/schema/wire"
)

// Bundle is what a file carries, in the order in which it is to be taken in.
type Bundle struct {
	Charter  []byte   // nil: none
	Acts     [][]byte // from any version on
	Codebook []byte   // canonical JSON, or nil
	Parcels  [][]byte
	Notes    [][]byte // lone ones: intents on their way to witnesses, requests
	Sealed   []Item
}

// Item is something that was sealed to its reader before: "psk".
type Item struct {
	Name string // of a-z, 0-9, dot, hyphen, underscore; at most 64
	Data []byte
}

// Limits of a bundle (B3, B4).
const (
	MaxEntries = 20_000
	MaxSize    = 512 << 20 // bytes, of all entries and of the zip around them
	MaxEntry   = 256 << 10 // bytes of a note, a codebook or a sealed item; a parcel may have wire.MaxParcel
)

// entry is a file of the zip.
type entry struct {
	name string
	data []byte
}

var itemSyntax = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// entries lists a bundle's files in the order of their names (B2), within the limits.
func (b Bundle) entries() ([]entry, error) {
	var es []entry
	if b.Charter != nil {
		es = append(es, entry{"charter.note", b.Charter})
	}
	if b.Codebook != nil {
		es = append(es, entry{"codebook.json", b.Codebook})
	}
	es = append(es, numbered(acts, b.Acts)...)
	es = append(es, numbered(notes, b.Notes)...)
	es = append(es, numbered(parcels, b.Parcels)...)
	for _, item := range b.Sealed {
		if !itemSyntax.MatchString(item.Name) {
			return nil, fmt.Errorf("sealed item: want a name of a-z, 0-9, dot, hyphen and underscore")
		}
		es = append(es, entry{sealed + item.Name, item.Data})
	}
	slices.SortFunc(es, func(a, b entry) int { return cmp.Compare(a.name, b.name) })
	return es, check(es)
}

// The folders of the zip.
const (
	acts    = "acts/"
	notes   = "notes/"
	parcels = "parcels/"
	sealed  = "sealed/"
)

func numbered(folder string, files [][]byte) []entry {
	es := make([]entry, len(files))
	for i, data := range files {
		es[i] = entry{numberedName(folder, i+1), data}
	}
	return es
}

// numberedName has five digits: MaxEntries fits, and names sort as numbers do.
func numberedName(folder string, n int) string {
	ending := ".note"
	if folder == parcels {
		ending = ".parcel"
	}
	return fmt.Sprintf("%s%05d%s", folder, n, ending)
}

func check(es []entry) error {
	if len(es) > MaxEntries {
		return fmt.Errorf("%d entries, at most %d", len(es), MaxEntries)
	}
	total := 0
	for i, e := range es {
		if i > 0 && es[i-1].name == e.name {
			return fmt.Errorf("sealed item: two of one name")
		}
		if len(e.data) == 0 || len(e.data) > limitOf(e.name) {
			return fmt.Errorf("entry %d: %d bytes, want 1 to %d", i+1, len(e.data), limitOf(e.name))
		}
		if total += len(e.data); total > MaxSize {
			return fmt.Errorf("more than %d bytes", MaxSize)
		}
	}
	return nil
}

func limitOf(name string) int {
	if strings.HasPrefix(name, parcels) {
		return wire.MaxParcel
	}
	return MaxEntry
}

// put gives an entry its place in the bundle. Entries come in the order of their names;
// a number that does not follow has no place.
func (b *Bundle) put(e entry) error {
	switch folder, item, _ := strings.Cut(e.name, "/"); {
	case e.name == "charter.note":
		b.Charter = e.data
	case e.name == "codebook.json":
		b.Codebook = e.data
	case e.name == numberedName(acts, len(b.Acts)+1):
		b.Acts = append(b.Acts, e.data)
	case e.name == numberedName(notes, len(b.Notes)+1):
		b.Notes = append(b.Notes, e.data)
	case e.name == numberedName(parcels, len(b.Parcels)+1):
		b.Parcels = append(b.Parcels, e.data)
	case folder+"/" == sealed && itemSyntax.MatchString(item):
		b.Sealed = append(b.Sealed, Item{item, e.data})
	default:
		return fmt.Errorf("a name that has no place in a bundle")
	}
	return nil
}
