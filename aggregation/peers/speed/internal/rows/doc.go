// Package rows makes what every contender of the speed benchmark counts: invented cases,
// as records and as a CSV file, and says what the right counts are.
//
// The rows stand in ascending order of person, as the vault keeps them, and are the same
// in every run. They are BenchmarkDraw's crowd: 0.7 n people, four in five with one case,
// some with dozens. Dimensions in which no table looks carry their first code.
//
// It must not draw noise, nor use a contender's own way of counting.
package rows
