// Package page keeps the page of benchmark figures: each benchmark replaces its own
// section and leaves the others' as they stand.
//
// It must not measure or judge anything; figures come to it as text.
package page
