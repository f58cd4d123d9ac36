// Package tariffs says what a supply's half-hours cost: it takes a line by
// half-hour and leaves a bill.
//
// A price is what a person writes, with its days, its window of the clock, its
// class and its source, in decimals. A half-hour is an integer in a column.
// Compile is where the one becomes the other, once for a span and the terms of
// a supply; what it accepts covers every half-hour exactly once.
//
//	Tariff, Supply ──Compile──► Schedule       decimals ► columns of prices
//	                               │
//	meter, market, contract ───Adjust──► volumes    at the meter, the GSP and the NBP
//	   (Inputs)                    │
//	                            Charge ──► charges  a line for each item, a cell for each half-hour
//	                               │
//	                             Bill ───► Bill     a line for each item and rate, net, VAT, gross
//
// A cell is volume × price at the sum of their scales, with no rounding; what
// has to be allotted or rounded is a named function in round.go. A charge is
// laid down by half-hour, so a bill is a sum over any whole days of a schedule,
// and Verify and VerifyCells hold each bill to its cells.
//
// The trap: a tariff charges what it names, and nothing else. An item without a
// rate is not charged and nothing says so, while an item with a rate must have
// one for every half-hour of the span (of a band, for every day of it): a day it
// leaves out is an ErrGap and never a zero. What is charged at nothing has a rate
// of zero.
//
// Items and their rules are the Catalogue. The published figures are in
// tariffs/gb, and Publish puts them in; tariffs/toml reads what people write.
// Mistakes are located (Error), what a reader of a bill must know is a
// Condition, and a call out of order panics.
package tariffs
