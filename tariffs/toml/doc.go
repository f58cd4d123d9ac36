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
//	price = "4.331 p/kWh"         # or an index, see tariffs.ParsePrice, or "published"
//	status = "confirmed"          # or contract, secondary, unconfirmed, assumed
//	source = "NGED West Midlands, schedule of charges 2024/25, Annex 1"
//
//	[[rate]]                      # a percentage of other items, and more keys a rate may have
//	item = "management-fee"
//	of = ["energy-unit", "ro"]    # with a price in per cent, of items other than VAT
//	price = "2.5 %"
//	bands = ["HV2"]               # optional; residual charging bands of TNUoS
//	# at = "NBP"                  # where energy is measured: MSP, GSP, NBP; else as usual for the item
//	# reduced = true              # of VAT: the rate for qualifying use
//
//	[[factor]]                    # window, llfc, from, to, status, source as above
//	factor = "LLF"                # or "TLM"
//	from = 2024-04-01
//	value = "1.080"               # or "published"
//	status = "assumed"
//	source = "the class's factor of 2025/26"
//
//	[[triads]]                    # the Triads of a charging year
//	year = 2025-04-01             # any day of it
//	at = ["2025-11-20/34", "2026-01-05/35", "2026-02-03/37"] # local date / settlement period
//	status = "confirmed"
//	source = "NESO, Triad dates 2025/26"
//
//	[conventions]                 # each optional; the first word is what is usual
//	vat_rounding = "half-up"      # or "down"
//	excess_days = "billed"        # or "month"
//	de_minimis = true             # or false
//	unconfirmed = "refuse"        # or "accept"
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
//	direction = "import"          # or "export"; this and what follows is optional
//	since = 2025-05-01            # first day supplied
//	related = ["1400000000118"]   # MPANs of the same connection
//	tnuos_band = "HV2"
//	eii_exempt = "85 %"           # exempt as an energy-intensive industry
//	ccl_share = "80 %"            # share of the supply with a relief from CCL,
//	ccl_relief = "92 %"           # and how much of the levy it relieves
//	qualifying = "40 %"           # domestic or charitable use
//
//	[[change]]                    # llfc, tnuos_band and the four shares from a day on;
//	from = 2025-10-01             # what is not written stays as it was
//	llfc = "129"
//
//	[[capacity]]                  # agreed capacity from a day on
//	from = 2024-04-01
//	kva = "70"
//
//	[[triad]]                     # demand in a half-hour that is, or may be, a Triad
//	at = "2025-11-20/34"
//	kw = "840.0"
//	llf = "1.056"                 # optional; without it kw is at the grid supply point
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
