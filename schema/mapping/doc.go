// Package mapping turns a row of a case system's export into a coded case, by a
// declarative file: one YAML file per source, no code in it. MAPPING.md shows one.
//
// A cell becomes a code only where the file lists the cell's text as a spelling of that
// code; everything else is the dimension's fallback code, or the row is refused. There is
// no way from free text to a category, so a name can never become one.
//
// Nothing is dropped silently: a row is either mapped or refused with its number and
// the field, and every cell that no spelling covers is counted.
//
// The package must not read files, know the clock, judge whether a date is in the
// future (the vault does) or keep a case. No error, refusal or String holds a cell.
package mapping
