// Package spec runs executable specifications: text files that state readings,
// a tariff and what the bill must come to, in words a settlement analyst reads
// and writes. docs/format/spec.md is the language.
//
//	span, supply, load, market, tariff ──► halfhour.Job ──► bill, halfhour, error
//	what is given                          the engine        what is expected
//
// Bills are made by halfhour.Run, so that a specification goes where a caller
// goes. The working behind an amount ("= 31 × 10.9697") is calculated here and
// not by the engine: it is the second opinion.
//
// The trap: rewriting a file from what the engine says makes any engine right.
// Check rewrites what is expected and leaves the working alone, which then
// differs.
package spec
