// Package anova is the mathematics that planner and reader share: what a set of noisy
// marginals of one array says together. It splits the array into components, one for
// each set of axes, finds the least-squares estimate of every component from all tables
// at once, and gives exact variances. RECONSTRUCTION.md of package aggregation has the
// formulas and their sources.
//
// It must not clip, round or weight by what the data says: every estimate is linear in
// the noisy cells and unbiased. It knows tables of the measure people only, and floats
// only: it never sees exact counts.
package anova
