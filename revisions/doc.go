// Package revisions removes the run dimension: it decides which settlement
// run speaks for each half-hour of a cube, and says so.
//
//	            days of the span ──────────────────────────►
//	       RF   ████████
//	run    R1   ████████████████████
//	       SF   ████████████████████████████
//	       II   ██████████████████████████████████
//	            ────────────────────────────────────────────
//	speaks      RF RF RF R1 R1 R1 R1 SF SF SF II II  –  –
//
// A settlement run restates a whole settlement day of a source (a meter
// quantity, the loss factors, the prices …), so a run speaks for a whole day
// of a source or not at all: the latest run, of those the Reconciler admits,
// that holds every half-hour of the day. A day that no run holds whole is
// merged, half-hour by half-hour from the latest run downwards, is marked
// series.Merged, and is reported. What no run holds stays invalid and is
// reported as missing; it is never a zero.
//
// The package works on meter data, market data and charges alike and does not
// know which it has. It never looks at a clock: AsOf takes the day.
//
// Two views are compared as a Pair, and a line is followed from the first run
// to the last as a Waterfall. Both are exact in 128 bits, over any part of the
// span, and tell a half-hour that appeared or vanished from one that changed.
//
// The one trap: two sources of one frame may be spoken for by different runs
// on the same day. That is right (a meter restated at R1 is priced with the
// loss factors of the latest run there is), and the Report keeps them apart.
package revisions
