// Package bench measures the hot path and guards it. Benchmarks work on one
// meter-year: 17,520 half-hours, six runs and the thirty lines of a whole bill,
// 3,153,600 points. What is charged is the sample meter with every run landed,
// each run with the market and the contract as it knows them. Each prints a
// hash of its result, so that an optimisation that changes the answer shows.
//
// BenchmarkMatrix does the same for items × runs × spans × shapes, a corner of
// them unless -matrix asks for all. How to run what, and what it came to last, is
// in README.md.
//
// Budgets are ratios inside one run (to copy, to a plain read of the same
// bytes): interleaved, medians, on tests named TestRatio…; allocations are
// counted by tests named TestAllocs….
package bench
