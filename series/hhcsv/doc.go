// Package hhcsv reads half-hourly data from CSV. That of meters is long or wide:
//
//	long: a row is one reading              wide: a row is one day
//
//	mpan,line,timestamp,value,flag          mpan,date,1,2,3,…,48
//	1014568234275,AI,2024-04-01 00:00,1.5,A 1014568234275,2024-04-01,1.5,1.4,…,2.2
//	1014568234275,AI,2024-04-01 00:30,1.4,E 1014568234275,2024-04-02,1.1,1.2,…,2.0
//	…                                       …
//
// # The one trap
//
// A half-hour has two ends and CSV does not say which of them its times name.
// Half the files in the field name the start, half the end; some are in clock
// time, some in GMT all year. Read with the wrong label a file gives every
// value to the wrong half-hour, and with the wrong zone to the wrong price all
// summer, and nothing fails:
//
//	                 start, london     end, london       start, utc
//	2024-07-01 00:30 00:30-01:00 BST   00:00-00:30 BST   01:30-02:00 BST
//
// So the caller declares the [Layout] and the reader never guesses: shape,
// label, zone and unit have no default. Where the file contradicts the layout
// (headings that start at 00:00 in a file said to name ends, a half-hour the
// clock never showed, 47 values for a day of 48) that is an error.
//
// # Columns
//
// Columns are found by their headings, whatever their order or case, and the
// names can be changed in [Columns]. Other columns are ignored; no heading may
// stand twice. The first line is the headings, after an optional byte-order
// mark and an optional "sep=," line.
//
//	mpan       13 digits             absent: Layout.MPAN
//	line       AI, AE, RI or RE      absent: Layout.Line
//	run        II, SF, … or untagged absent: Layout.Run
//	flag       A, E or empty         absent or empty: actual
//	value      long only: the value
//	timestamp  long only, or date and time, or date and period
//	date       the day; also in wide
//	1 … 48     wide only, or 1 … 50: numbers in the day
//	00:00 …    wide only: the 48 clock times, by the layout's label
//
// A timestamp is 2024-04-01 00:30 or 2024-04-01T00:30, or with [DMY]
// 01/04/2024 00:30, with optional :00 seconds. A suffix Z, +00:00 or +01:00
// settles the instant whatever the zone. As an end, 24:00 and 00:00 of the next
// day are the same. Period numbers count in the day of the layout's zone.
//
// # The two days
//
// Ends are written as Elexon's Settlement Period Labels are (SVA Data
// Catalogue): the clock time of the start, plus thirty minutes. In clock time
//
//	short day  starts 01:00 and 01:30 (ends 01:30 and 02:00) do not exist:
//	           an error in long, empty in a wide file of 48 clock columns;
//	           period numbers stop at 46
//	long day   the same labels stand twice. Long: the first, for each meter,
//	           line and run, is summer time and the second is winter time, or
//	           the second carries the suffix a, as in 01:30a. Rows must be in
//	           order of the clock, and a label that stands only once is an
//	           error, reported when the series goes on to another day or the
//	           file ends. Wide: 48 clock columns cannot hold the day; period
//	           numbers 1 to 50 can.
//
// # What is refused
//
// A missing half-hour is left out of a long file; an empty value is an error,
// because it must never become zero. A day of a wide file is whole or refused,
// and a row with an error yields no reading. Values are plain decimals, not
// negative, exact at three decimals of kWh or kVArh after conversion of the
// unit; Layout.Round takes finer ones, half away from zero, and marks them
// series.Rounded. Nothing here is a float.
//
// Fields may be quoted but hold no line breaks. Lines have at most 4 KiB (long)
// or 16 KiB (wide) and 128 fields; blank lines are skipped; control bytes are
// refused anywhere.
//
// CSV has no trailer. A file cut inside its last line is noticed by the missing
// line end, and refused unless Layout.LooseEnd says that the source never
// writes one. A file cut at a line end is a whole file: what it lost can only
// be noticed downstream, as missing half-hours.
//
// # Tables
//
// [ReadTable] reads the lines of the market or of a contract, which belong to no
// meter: a row is a half-hour, or a stretch of them, and a column is a line.
//
//	date,period,run,LLF,TLM
//	2025-12-04,1,II,1.043,1.010106
//	2025-12-05..2025-12-31,*,II,1.036,
//
// Its dates are local, its numbers count in the local day and its values are in
// the unit of the line, so there is nothing to declare. An empty cell is no
// reading; an unknown heading is an error. Lines, quotes and the cut last line
// are as above.
//
// # Bills
//
// [ReadBilled] reads what a supplier billed: an item over some local days a row,
// with its quantity, its amount or both, as they were printed.
//
//	from,to,item,quantity,amount
//	2025-12-01,2026-01-01,duos-red,52920.0,868.95
//
// # Calendars
//
// [ReadCalendar] reads a published settlement calendar, when each run of a day is
// due, into a timetable.
//
//	day,run,due
//	2025-04-01,SF,2025-04-28
//
// # Determinations
//
// [ReadDeterminations] reads money moved outside any settlement run, and what
// reverses it: a determination a row.
//
//	id,from,to,pounds,reason,source,reverses,before,known
//	D1,2025-12-01,2025-12-04,-1234.50,wrong meter details,notice 7,,R1,2026-01-12
//
// # Errors
//
// Errors are *series.Error and say the heading of the column. ErrFormat is a bad
// layout, heading or row, ErrValue a bad field, ErrCount a day with the wrong
// number of half-hours, ErrEmpty a file without rows, ErrLimit the last error of
// a file with too many, or of a table that says too much. A bad MPAN is also
// settlement.ErrMPAN, and one with a wrong check digit settlement.ErrCheckDigit;
// a bad run is also settlement.ErrRun.
package hhcsv
