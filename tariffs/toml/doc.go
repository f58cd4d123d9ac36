// Package toml reads the two files people write: a tariff and a supply.
//
// # A tariff file
//
//	version = 1
//	name = "West Midlands LV 2024/25"
//	description = "optional"
//
//	[window]                      # a name and its clauses, see tariffs.ParseWindow
//	red = ["mon-fri 16:00-19:00"]
//
//	[[rate]]
//	item = "duos-red"             # or items = ["energy-unit", "losses-distribution"]
//	window = "red"                # optional; "otherwise" is what the item's other windows leave
//	llfc = ["127", "129"]         # optional; left out it means every class
//	from = 2024-04-01
//	to = 2025-04-01               # optional; the first day the rate no longer holds
//	price = "4.331 p/kWh"
//	status = "confirmed"          # or contract, secondary, unconfirmed, assumed
//	source = "NGED West Midlands, schedule of charges 2024/25, Annex 1"
//
//	[[factor]]                    # window, llfc, from, to, status, source as above
//	factor = "LLF"                # or "TLM"
//	from = 2024-04-01
//	value = "1.080"
//	status = "assumed"
//	source = "the class's factor of 2025/26"
//
// # A supply file
//
//	version = 1
//	name = "optional"
//	description = "optional"
//	mpan = "1400000000001"
//	distributor = "14"
//	llfc = "127"
//	gsp_group = "_E"
//
//	[[capacity]]                  # agreed capacity from a day on
//	from = 2024-04-01
//	kva = "70"
//
// # The one trap
//
// A figure is a string, "4.331 p/kWh", and never a TOML number: a TOML float
// is binary, and 4.331 has no binary form. A date is a TOML date and never a
// string. Both mistakes are refused, with the line as it should read.
//
// # Errors
//
// What can be wrong with a file is a *tariffs.Error at the line and column (in
// bytes, from 1) of the key concerned. Up to 20 are gathered, in the order of
// the file; two or more come as a series.Errors. Keys that mean nothing are
// errors too, so that a misspelt "form" does not become a rate without a start.
package toml
