// Package contest is what passes between the benchmark and a contender: each contender
// runs in a process of its own, is told how many rows there are and where their CSV file
// lies, and answers with its tables.
//
// It must not measure (the benchmark does, from outside) nor judge the answer.
package contest
