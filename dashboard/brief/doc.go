// Package brief makes a coalition's joint statement out of its figures, in a form that
// anybody can check again.
//
//	spec, err := brief.ParseSpec(yaml)            // what the writer typed
//	m, err := brief.Gather(reader, spec)          // its numbers, out of the releases
//	findings := m.Check(languages)                // what must not go out so
//	d := m.Document(languages.Of("fr"))           // every word of it
//	file := brief.HTML(d, envelope)               // and as files
//
// A [Manifest] holds all that a brief says: the writer's texts, and every figure's numbers
// as they were released. The words around the numbers are not in it: they follow from the
// numbers, each time anew, so a sentence that says something else than its numbers cannot
// be written, and is found when it was put there afterwards (SPEC.md).
//
// # What this package must not do
//
// It must not put a member's slug, key, note or table into the public form; say a number
// without its range; or let through what Check refuses. It knows no file, no network and no
// clock.
package brief
