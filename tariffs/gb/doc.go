// Package gb holds published GB rates as dated data: what distributors, NESO,
// the Low Carbon Contracts Company, Ofgem, HMRC and Elexon charge or multiply
// by, each figure with its source and how well it is known.
//
//	data/duos-14-2025.csv ─┐
//	data/bsuos.csv         ├──► Book(14, _E) ──► tariffs.Tariff
//	data/windows.csv, …   ─┘
//
// A book is everything that can concern a supply of a distributor in a GSP
// group, all years, classes and residual bands at once; what a supply pays of
// it follows from its LLFC, its band and the days billed. It holds nothing of
// a supplier's contract.
//
// The trap: a book is not a tariff. A figure that is not published, or was not
// found, is not in it, and a quarter without a rate is a gap, not a zero. A
// tariff states those itself, and says on whose word.
//
// The files are described in docs/format/gb-tables.md.
package gb
