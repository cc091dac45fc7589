// Package view turns what a coalition's members released into what the pages say: models
// whose every string is ready to be shown, in the reader's language, and sentences
// written from data.
//
//	r := snapshot.In(language, query)
//	page, err := r.Trends()      // verdict, facts, chart, numbers, small multiples
//
// A [Snapshot] is the coalition's releases at one moment, or at the moment that a pin
// names; it does not change, and it keeps what is costly to compute. A [Query] is the
// state of a page as its address holds it. The models of the pages stand one to a file.
//
// # What this package must not do
//
// It must not show a number without its range, nor a number that is too noisy to be one;
// say "rising" where the verdict is no clear change; compare other than matched members;
// speak of incidents in the world where it knows people known to the members. It knows no
// case, no file, no network and no clock. Words come from dashboard/words, never from here.
package view
