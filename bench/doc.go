// Package bench measures the hot path and guards it. Benchmarks work on one
// meter-year: 17,520 half-hours, six runs, thirty lines for what is collected
// and reconciled (3,153,600 points) and every item this version prices for
// what is charged. Each prints a hash of its result, so that an optimisation
// that changes the answer shows. Budgets are ratios inside one run (to copy,
// to a plain read of the same bytes): interleaved, medians, on tests named
// TestRatio…; allocations are counted by tests named TestAllocs….
package bench
