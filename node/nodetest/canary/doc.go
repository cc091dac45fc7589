// Package canary is for tests: texts that stand nowhere else, and the search for them in
// every form in which they may have leaked. A test puts them where an organisation has
// names, and searches whatever leaves it.
//
// # What this package must not do
//
// It is imported by tests alone, and knows nothing of ours: what it searches for is not
// what the searched package says that it writes.
package canary
