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
// Infer asks the other way round: given what somebody billed, which run was
// it, or which runs on which days?
//
// The package works on meter data, market data and charges alike and does not
// know which it has. It never looks at a clock: AsOf takes the day, the Journal
// the instant.
//
// # Versions
//
// Meter flows name no run. A Journal keeps every version of a day that came and
// makes the cube from when they came:
//
//	received    v1      v2              v3                    v4
//	            ──┼───────┼────┼──────────┼───────────┼──────────┼──► time
//	cut-off                   SF                     R1
//	sees                      v2                     v3
//	known now                                                    v4
//
// The newest version is the one made last; a run saw the newest of those received
// by its data cut-off. A version whose source states a run, as central data does,
// is that run's whenever it came, and later runs do not go back to what it had
// seen. What was made earlier never replaces what was made later, in whatever
// order they are added, and what comes later changes nothing in what was known
// before. One function (heard.says) decides it for every cube, view and report.
//
// Some sources restate settlement days, some UTC days. In summer neither holds the
// other, so a day is held in the Parts that a UTC midnight cuts it into, and in
// each the newest version speaks:
//
//	UTC days      ┌────── 4 June ──────┐┌────── 5 June ──────┐
//	of the clock ┌────── 4 June ──────┐┌────── 5 June ──────┐
//	parts        ·2·        46        ·2·        46        ·
//
// Expect holds a report against the timetable: what fell back, what is not due
// yet, what is overdue and what that day does not have. Money outside any run is a
// series.Determination.
//
// # Views against each other
//
// Two views are compared as a Pair, and a line is followed from the first run
// to the last as a Waterfall. Both are exact in 128 bits, over any part of the
// span, and tell a half-hour that appeared or vanished from one that changed. Infer
// holds all runs against what somebody else says of the same half-hours.
//
// # The trap
//
// The one trap: two sources of one frame may be spoken for by different runs
// on the same day. That is right (a meter restated at R1 is priced with the
// loss factors of the latest run there is), and the Report keeps them apart.
package revisions
