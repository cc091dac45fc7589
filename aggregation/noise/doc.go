// Package noise draws the noise of a release: integers, one for each cell.
//
// [Google] draws with google/differential-privacy's Gaussian, [Exact] with the discrete
// Gaussian sampler of Canonne, Kamath and Steinke 2020. Neither ever sees a count: noise
// is drawn on zeros and added elsewhere. A node draws in a child process that is started
// for one release ([Serve], [Request]): Google's library keeps 64 KiB of random bytes in
// memory, and a machine resumed twice from one snapshot would use them twice.
//
// This is the only package that imports google/differential-privacy, and, beside joint for
// its shares, the only one of aggregation that uses crypto/rand.
//
// # What this package must not do
//
// It must not be given data, whatever the hurry. No float touches the noise: floats
// appear only in the parameters that Google's library wants. Its own random numbers come
// from no other source than an io.Reader. It writes no file: see [Quiet].
package noise
