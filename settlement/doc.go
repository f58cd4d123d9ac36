// Package settlement is the calendar of Great Britain's electricity market:
// half-hours, settlement days, the runs a day is settled in, and the codes
// that say whose half-hours they are.
//
// # The idea
//
// One integer is identity and index. A [Period] counts half-hours of UTC since
// 1970-01-01T00:00Z, so it names one half-hour of history, it sorts, and the
// position of a half-hour in a column is p - span.Lo. Settlement, however, is
// numbered by the clock on the wall: a [Day] runs from local midnight to local
// midnight, and its periods are numbered from 1. Two methods join the two
// countings, and nothing else in the library knows that clocks change:
//
//	             ordinary day, 48           short day, 46              long day, 50
//	             2026-01-15                 2026-03-29                 2026-10-25
//	local clock  00:00 00:30 .. 23:30       00:30 02:00 .. 23:30       00:30 01:00 01:30 01:00 01:30 02:00
//	number         1     2   ..   48          2     3   ..   46          2     3     4     5     6     7
//	             --+-----+---..----+--      --+-----+---..----+--      --+-----+-----+-----+-----+-----+--
//	UTC          00:00 00:30 .. 23:30       00:30 01:00 .. 22:30       23:30 00:00 00:30 01:00 01:30 02:00
//	Period         p    p+1  ..  p+47         p    p+1  ..  p+44         p    p+1   p+2   p+3   p+4   p+5
//
// On the short day number 3 follows number 2 although the clock jumps from
// 00:30 to 02:00; on the long day the hour from 01:00 is lived twice, as
// numbers 3 and 4 and again as 5 and 6. In summer number 1 starts at 23:00 UTC
// of the day before. A Period never notices.
//
// So a day has 46, 48 or 50 periods, and twelve months have 17,518, 17,520,
// 17,522, 17,566, 17,568 or 17,570 of them, depending on how many short days,
// long days and 29 Februaries fall inside. Use [Span.Len], never a constant.
//
// # The one trap
//
// Never add minutes to a local midnight. On the short day 00:00 plus
// 30 × (5-1) minutes reads 02:00, which is number 3, and on the long day every
// period from number 5 comes out an hour late. Ask [Day.Period] for a number
// and [Period.Clock] for the time on the wall.
//
// # Runs
//
// A day is settled several times as better readings arrive: see [Run] for the
// codes and their order, and [Timetable] for which of them a day is due and
// when. The timetable depends on the settlement day, because three timetables
// overlap while the market moves to market-wide half-hourly settlement.
//
// # Errors
//
// Parsers take exact ASCII text: no spaces, signs, byte-order marks or
// full-width digits. What they refuse they describe with an [*Error], which
// says what was expected and wraps a sentinel for errors.Is.
package settlement
