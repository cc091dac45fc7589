// Package words holds the words of the pages in each language: flat catalogues of texts
// with named places, numbers, dates and plurals, and the codebook's labels.
//
//	l.Say("coverage.of", "n", 11, "all", 12)   ->  "11 of 12 members"
//
// A catalogue is catalogue/{topic}.{language}.json, key to text. "{n}" stands for a named value.
// Where a text depends on how many, it stands once for each plural form of the language
// that differs, under key.one, key.few, …, key.other; the value named "n" decides.
// Values that are words are isolated in right-to-left text, so that a name cannot turn
// the sentence around.
//
// # What this package must not do
//
// It knows no pages, no numbers of the coalition and no web. It never escapes: whoever
// shows a text does. A missing text is a fault of a catalogue that a test finds; at run
// time English stands in.
package words
