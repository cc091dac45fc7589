// Package planner proposes plans and says what they can answer: noise per table at a
// given charge, the expected plus or minus for a coalition of a typed size, the tables,
// roll-ups and cadence that such a coalition can read, local and joint mode beside each
// other, and a plain "not yet" where it
// can read nothing.
//
// It must not look at data. It knows the codebook, and sizes that an operator has typed;
// how people spread over codes is an assumption ([ZipfExponent], [YearPerQuarter]), the
// same for everyone.
package planner
