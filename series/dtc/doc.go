// Package dtc reads the half-hourly flows of the Data Transfer Catalogue: D0036
// "Validated Half Hourly Advances for Inclusion in Aggregated Supplier Matrix"
// and D0379 "Half Hourly Advances UTC".
//
// The trap: the period of a value is its position. A row carries neither a
// period number nor a time, so one row lost in the middle would move every
// later value of the day by half an hour. A day is therefore read as a whole: it
// yields its readings when its rows are as many as the day has half-hours,
// 46, 48 or 50, and otherwise an error and nothing.
//
// The second trap: no row, day or file names a settlement run or a version. What
// a later file says replaces what an earlier one said, per meter, quantity and
// day. Readings are Untagged unless the caller knows the run (Options.Run).
// Created gives the instant that tells a newer file from an older one, UTCDays
// the kind of day it restates.
//
// # Records
//
// Fields end in a pipe, records in a line end. One header, the groups, one
// trailer:
//
//	ZHV ── file id, flow and version, from, to, created, test flag
//	 ├─ 101 ── meter, quantity (AI AE RI RE), supplier       25B in D0379
//	 │   ├─ 102 ── day                                       26B
//	 │   │   ├─ 103 ── flag, value: the first half-hour      66L
//	 │   │   ├─ 103 ── flag, value: the second
//	 │   │   └─ …      46, 48 or 50 of them                  always 48
//	 │   └─ 102 …
//	 ├─ 101 …
//	ZPT ── file id, number of groups
//
// A D0036 of one meter and one day, with 46 of its rows left out:
//
//	ZHV|UC05176778|D0036001|C|SSIL|X|GMTR|20260605161900||||OPER|
//	101|1014568234275|AI|GMTR|
//	102|20260604|
//	103|A|9.8|
//	103|E|10.1|
//	…
//	ZPT|UC05176778|50||1|20260605162000|
//
// Two envelopes are in use, and they count differently:
//
//	ZHV|FileId|FlowVersion|FromRole|FromId|ToRole|ToId|Created|SendApp|RecvApp|Broadcast|TestFlag|
//	ZPT|FileId|Groups|Checksum|Flows|Created|             Groups leaves ZHV and ZPT out
//
//	ZHD|FileId|FlowVersion|FromRole|FromId|ToRole|ToId|Created|SendApp|RecvApp|Broadcast|TestFlag
//	ZPT|Records|Checksum                                  Records has ZHD and ZPT in
//
// ZHV is the user file that participants send each other over the Data Transfer
// Network. ZHD is the pool transfer format of central systems; it has no pipe at
// the end of a record and its file id may be empty. The reader takes a record
// with or without its last pipe under either. LF and CRLF both end a line; a
// UTF-8 byte order mark is skipped.
//
// # Days
//
// D0036 counts in settlement days, local midnight to local midnight: 46 rows
// when the clocks go forward, 50 when they go back. Some writers always write
// 48 or 50 and flag the surplus C. Rows flagged C are left out as long as the
// day has more rows than half-hours; a C that is needed to fill the day is an
// error, and so is a C that carries energy, which would be lost. D0379 counts
// in UTC days of 48 rows, so that in summer its first row is the third
// half-hour of the settlement day.
//
// # Values
//
// Values are kWh, or kVArh for RI and RE, and land in the lines of
// series.Meter at 3 decimals. D0036 declares one decimal, D0379 three; up to
// three are taken as they stand from either. Finer ones are an error, or are
// rounded and marked series.Rounded with Options.Round. A negative value is an
// error: import and export are quantities of their own, and negative import is
// not allowed (MHHS METH002, 2.25).
//
// # Errors
//
// Every error is a *series.Error with its place, except those of opening and
// reading, which are wrapped with the source's name. The reader goes on after a
// bad day and stops at a bad or second header, with series.ErrLimit in place of
// an error after series.MaxErrors, and when the consumer stops. That a file is whole is known
// only at its trailer, after its readings were yielded: series.Collect, which is
// all or nothing, is the consumer that never bills half a file. A meter,
// quantity and day that stands in a file twice is read twice; Collect lets it
// pass if it says the same and refuses it if not.
//
// Fields that bear on no reading are not judged: roles, participants,
// applications, times of creation, checksum, number of flows.
//
// # Sources
//
// Confirmed: the groups, flags and positions of D0036 (Data Transfer Catalogue);
// 46, 48 or 50 periods and the test flags (Elexon SVA Data Catalogue, Volume
// 2); the ZHD envelope and what its trailer counts (published D0265 files).
//
// Not confirmed: the first field of the 66L group of D0379. No public source
// states its meaning. A and empty are read as actual and E as estimated; any
// other value is an error. The checksum of ZPT, whose algorithm is not public,
// is not verified. Whether the line end after the trailer is obligatory is not
// stated either; it is required here, because without it a file cut inside the
// checksum would pass for a whole one. The zone of the times of creation is not
// stated; Created takes them as UTC.
package dtc
