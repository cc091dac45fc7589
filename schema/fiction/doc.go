// Package fiction invents organisations and cases for the demonstration, the tests and
// the benchmarks. Nobody in it exists.
//
// The shapes were measured on public monitors of attacks, so that nothing looks easier
// than it is: few people have many cases, few codes hold most people, half of the
// answers are unknown, numbers grow, swing with the seasons and jump, and an organisation
// in five changes its method once. A story is laid over it, for a reader to find:
//
//   - spyware rises in one region in the last five quarters;
//   - doxing comes with following and raids in another, in the last seven;
//   - platforms take longer and longer to answer;
//   - one region falls silent because its only member stopped reporting;
//   - several organisations offer to train one town, and nobody the silent region.
//
// The same Config gives the same cases, always. The package must not be used to judge
// how private anything is: it knows no noise.
package fiction
