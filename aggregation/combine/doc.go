// Package combine is the reader's side: verified releases in, estimates with their
// uncertainty out. A [Book] holds what the members of one coalition released; it adds up
// members, lets all tables of a plan inform each other (internal/anova), follows series
// over periods, and judges changes. RECONSTRUCTION.md of package aggregation has the
// formulas.
//
// What a joint round has opened is read like the rest: the sum of its members with the
// noise of their shares ([Opening]); what would need single members fails with [ErrJoint].
//
// It must not clip, round or re-weight before summing, add members of different plans,
// or compare different members between two periods unsaid. A number never leaves without its
// variance. It knows no exact count, no file, no network and no clock.
package combine
