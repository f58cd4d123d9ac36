package tariffs

import "strconv"

// Item is one of the thirty line items of a British half-hourly bill, in the
// order they are printed.
type Item uint8

// The catalogue. Catalogue gives each item's rule.
const (
	EnergyUnit Item = iota
	EnergyImbalance
	LossesDistribution
	LossesTransmission
	TNUoSResidual
	TNUoSLocational
	DUoSSuperRed
	DUoSRed
	DUoSAmber
	DUoSGreen
	DUoSFixed
	DUoSCapacity
	DUoSExcessCapacity
	DUoSReactive
	BSUoS
	RCRC
	BSCCosts
	RO
	FiT
	CfDILR
	CfDOCL
	CapacityMarket
	AAHEDC
	EIISupportLevy
	NuclearRAB
	CCL
	MeteringAgents
	GreenPremium
	ManagementFee
	VAT

	NumItems = 30
)

// Def is the rule of an item.
type Def struct {
	ID       string // the standard name, as files and bills write it
	Group    string
	Bases    []Basis // the bases a rate of it may have; the first is the usual one
	Volume   Volume  // what a rate for energy multiplies
	Scale    int     // decimals of £ a charge cell holds
	Banded   bool    // charged inside its window only; outside it the charge is 0, not a gap
	Movable  bool    // the rate may say where the energy is measured: no publication settles it
	EII      bool    // an energy-intensive industry may be exempt from it
	DUoS     bool    // a distributor's charge on readings: it does not come by settlement run
	Takers   bool    // paid by who takes energy only: never on an export supply
	Rule     string  // what is charged
	Source   string  // where the rule was read
	Spread   string  // how a half-hour comes by its part
	Restated string  // what may differ between settlement runs
}

// Charge scales. The decimals of the volume and of the compiled price add up:
// 3 of metered kWh, 6 of loss-adjusted kWh or 5 of reactive kVArh, and 8 of £
// for one, 11 where a relief or a share is folded into the price of metered
// energy. What has no volume is held in ticks.
const (
	priceScale    = 8 // decimals of £/kWh: £/MWh at 5 decimals is £/kWh at 8
	tickScale     = 8 // decimals of £ an allocated amount holds: one tick is £0.00000001
	mspScale      = 3 + priceScale
	reactiveScale = 5 + priceScale
	lossScale     = 6 + priceScale
)

var perKWh = []Basis{PerKWh}

const (
	native   = "each half-hour has its own product"
	byDay    = "a day's amount, cumulatively over its 46, 48 or 50 half-hours"
	byVolume = "volume"
	byTLM    = "volume, transmission losses"
	byIndex  = "volume, transmission losses, price"
	never    = "nothing, unless the input is corrected"
)

// Where the rules were read.
const (
	dcusa       = "LC14 Use of System Charging Statement of ESP Electricity, April 2026 (common DCUSA wording), and the distributors' schedules of charges"
	neso        = "NESO's published tariffs"
	lccc        = "Low Carbon Contracts Company's published rates"
	ofgem       = "Ofgem's and the government's published levels"
	hmrc        = "HMRC: VAT Notices 700 and 701/19, CCL rates on gov.uk"
	bills       = "a secondary source, suppliers' bills"
	contractual = "a matter of the supply contract"
)

// defs is the catalogue.
var defs = [NumItems]Def{
	EnergyUnit: {ID: "energy-unit", Group: "Energy", Bases: perKWh, Volume: MSP, Scale: mspScale, Spread: native, Restated: byVolume,
		Rule:   "Metered kWh × contract price at the NBP: fixed, by window, or by half-hour",
		Source: contractual},
	EnergyImbalance: {ID: "energy-imbalance", Group: "Energy", Bases: perKWh, Volume: Imbalance, Scale: lossScale, Spread: native, Restated: byIndex,
		Rule:   "(NBP kWh − nominated kWh) × (system price − contract reference), signed",
		Source: contractual},
	LossesDistribution: {ID: "losses-distribution", Group: "Losses", Bases: perKWh, Volume: DistributionLosses, Scale: lossScale, Spread: native, Restated: byVolume,
		Rule:   "(GSP kWh − metered kWh) × contract price: the energy lost between the grid supply point and the meter",
		Source: contractual},
	LossesTransmission: {ID: "losses-transmission", Group: "Losses", Bases: perKWh, Volume: TransmissionLosses, Scale: lossScale, Spread: native, Restated: byTLM,
		Rule:   "(NBP kWh − GSP kWh) × contract price; negative where the multiplier is below 1",
		Source: contractual},
	TNUoSResidual: {ID: "tnuos-residual", Group: "Transmission", Bases: []Basis{PerDay}, Volume: NoVolume, Scale: tickScale, Takers: true, Spread: byDay, Restated: never,
		Rule:   "Transmission Demand Residual, £/site/day by residual band, since 1 April 2023",
		Source: neso},
	TNUoSLocational: {ID: "tnuos-locational", Group: "Transmission", Bases: []Basis{PerKW}, Volume: NoVolume, Scale: tickScale, Takers: true,
		Spread: "the charging year's amount, cumulatively by days, then as a day's", Restated: "volume in the Triads, where their demand is taken from held data",
		Rule:   "Mean kW at the grid supply point over the three Triads × zonal £/kW for the charging year",
		Source: neso},
	DUoSSuperRed: {ID: "duos-super-red", Group: "Distribution", Bases: perKWh, Volume: MSP, Scale: mspScale, Banded: true, DUoS: true, Spread: native, Restated: byVolume,
		Rule:   "Metered kWh in the super-red window × rate; EHV only",
		Source: dcusa},
	DUoSRed: {ID: "duos-red", Group: "Distribution", Bases: perKWh, Volume: MSP, Scale: mspScale, Banded: true, DUoS: true, Spread: native, Restated: byVolume,
		Rule:   "Metered kWh in the red band × rate; UK clock time, weekdays include bank holidays",
		Source: dcusa},
	DUoSAmber: {ID: "duos-amber", Group: "Distribution", Bases: perKWh, Volume: MSP, Scale: mspScale, Banded: true, DUoS: true, Spread: native, Restated: byVolume,
		Rule:   "Metered kWh in the amber band × rate",
		Source: dcusa},
	DUoSGreen: {ID: "duos-green", Group: "Distribution", Bases: perKWh, Volume: MSP, Scale: mspScale, Banded: true, DUoS: true, Spread: native, Restated: byVolume,
		Rule:   "Metered kWh in the green band × rate",
		Source: dcusa},
	DUoSFixed: {ID: "duos-fixed", Group: "Distribution", Bases: []Basis{PerDay}, Volume: NoVolume, Scale: tickScale, Spread: byDay, Restated: never,
		Rule:   "Rate for the MPAN and day, by LLFC; includes the banded residual. MPANs billed together at one connection pay it once",
		Source: dcusa + ", paragraph 2.21"},
	DUoSCapacity: {ID: "duos-capacity", Group: "Distribution", Bases: []Basis{PerKVADay}, Volume: NoVolume, Scale: tickScale, Spread: byDay, Restated: never,
		Rule:   "Agreed capacity kVA × rate for each day",
		Source: dcusa},
	DUoSExcessCapacity: {ID: "duos-excess-capacity", Group: "Distribution", Bases: []Basis{PerKVADay}, Volume: NoVolume, Scale: tickScale, DUoS: true,
		Spread: "the month's amount, cumulatively by days, then as a day's", Restated: byVolume,
		Rule:   "The calendar month's highest (kVA − that day's agreed capacity), over half-hours with active energy, × rate × days",
		Source: dcusa + ", paragraphs 2.41–2.43"},
	DUoSReactive: {ID: "duos-reactive", Group: "Distribution", Bases: []Basis{PerKVArh}, Volume: Reactive, Scale: reactiveScale, DUoS: true, Spread: native, Restated: byVolume,
		Rule:   "kVArh beyond 0.33 × active kWh, half-hour by half-hour × rate; import and export reactive, whichever is more",
		Source: dcusa + ", paragraphs 2.50–2.53"},
	BSUoS: {ID: "bsuos", Group: "Balancing", Bases: perKWh, Volume: NBP, Scale: lossScale, Takers: true, Spread: native, Restated: byTLM,
		Rule:   "NBP kWh × fixed half-year tariff, since April 2023",
		Source: neso + "; the volume: " + bills},
	RCRC: {ID: "rcrc", Group: "Balancing", Bases: perKWh, Volume: NBP, Scale: lossScale, Spread: native, Restated: byIndex,
		Rule:   "NBP kWh × residual cashflow reallocation; a positive rate is a charge",
		Source: contractual},
	BSCCosts: {ID: "bsc-costs", Group: "Balancing", Bases: []Basis{PerKWh, PerMonth, Percent}, Volume: NBP, Scale: lossScale, Spread: native + "; a month's fee cumulatively by days", Restated: byTLM,
		Rule:   "NBP kWh × the supplier's pass-through of Elexon costs, and a fee for each month where the contract has one",
		Source: contractual},
	RO: {ID: "ro", Group: "Policy", Bases: perKWh, Volume: MSP, Scale: lossScale, EII: true, Takers: true, Spread: native, Restated: byVolume,
		Rule:   "Metered kWh × obligation level × buy-out price, April to March",
		Source: ofgem},
	FiT: {ID: "fit", Group: "Policy", Bases: []Basis{PerKWh, PerMonth}, Volume: MSP, Scale: lossScale, EII: true, Takers: true, Spread: native, Restated: "volume, price by levelisation",
		Rule:   "Metered kWh × the supplier's levelisation cost; no unit rate is published",
		Source: contractual},
	CfDILR: {ID: "cfd-ilr", Group: "Policy", Bases: perKWh, Volume: NBP, Scale: lossScale, EII: true, Takers: true, Spread: native, Restated: byIndex,
		Rule:   "NBP kWh × interim levy rate of the quarter, and once it has landed the reconciled daily rate",
		Source: lccc + "; the volume: " + bills},
	CfDOCL: {ID: "cfd-ocl", Group: "Policy", Bases: perKWh, Volume: NBP, Scale: lossScale, EII: true, Takers: true, Spread: native, Restated: byTLM,
		Rule:   "NBP kWh × operational costs levy of the year",
		Source: lccc + "; the volume: " + bills},
	CapacityMarket: {ID: "capacity-market", Group: "Policy", Bases: []Basis{PerKWh, PerMonth}, Volume: GSP, Scale: lossScale, Banded: true, Movable: true, EII: true, Takers: true, Spread: native, Restated: "volume, price by the annual true-up",
		Rule:   "GSP kWh in 16:00–19:00 on working days, November to February × the supplier's £/MWh, charge and settlement costs levy together; no unit rate is published; or pounds for a month, as some suppliers state their share",
		Source: contractual + "; the volume: " + bills},
	AAHEDC: {ID: "aahedc", Group: "Policy", Bases: perKWh, Volume: GSP, Scale: lossScale, Takers: true, Spread: native, Restated: "volume; the final tariff is backdated",
		Rule:   "GSP kWh × assistance for areas with high electricity distribution costs, final tariff backdated to 1 April",
		Source: neso},
	EIISupportLevy: {ID: "eii-support-levy", Group: "Policy", Bases: []Basis{PerKWh, PerMonth}, Volume: NBP, Scale: lossScale, Movable: true, Takers: true, Spread: native, Restated: byTLM,
		Rule:   "NBP kWh × the supplier's estimate, or pounds for a month: the levy is collected in pounds by share of supply (SI 2024/409 reg 18)",
		Source: contractual + "; the volume is unconfirmed"},
	NuclearRAB: {ID: "nuclear-rab", Group: "Policy", Bases: perKWh, Volume: NBP, Scale: lossScale, EII: true, Takers: true, Spread: native, Restated: "volume, transmission losses, price by quarterly reconciliation",
		Rule:   "NBP kWh × interim levy and operational costs rates together, from December 2025",
		Source: lccc + "; the volume: " + bills},
	CCL: {ID: "ccl", Group: "Tax", Bases: perKWh, Volume: MSP, Scale: lossScale, Takers: true, Spread: native, Restated: byVolume,
		Rule:   "Metered kWh × climate change levy, the main rate less the relief on the share of the supply that has one",
		Source: hmrc},
	MeteringAgents: {ID: "metering-agents", Group: "Metering", Bases: []Basis{PerYear, PerMonth, PerDay}, Volume: NoVolume, Scale: tickScale, Spread: "the year's or month's amount, cumulatively by days, then as a day's", Restated: never,
		Rule:   "Meter operator, data collector and aggregator, by their contracts",
		Source: contractual},
	GreenPremium: {ID: "green-premium", Group: "Supplier", Bases: []Basis{PerKWh, Percent}, Volume: MSP, Scale: mspScale, Spread: native, Restated: byVolume,
		Rule:   "Metered kWh × the price of guarantees of origin",
		Source: contractual},
	ManagementFee: {ID: "management-fee", Group: "Supplier", Bases: []Basis{PerKWh, PerMonth, Percent}, Volume: MSP, Scale: mspScale, Spread: native + "; a month's fee cumulatively by days", Restated: byVolume,
		Rule:   "Metered kWh × the supplier's fee, a fee for each month, or a percentage of other items",
		Source: contractual},
	VAT: {ID: "vat", Group: "Tax", Bases: []Basis{Percent}, Volume: NoVolume, Scale: tickScale, Spread: "the rate on the exact charges, cumulatively through each day", Restated: "follows the other items",
		Rule:   "Per cent of the sum of the printed lines",
		Source: hmrc + ", notice 700 section 17.5"},
}

// Catalogue gives the rule of every item, in order.
func Catalogue() []Def {
	out := make([]Def, NumItems)
	for i, d := range defs {
		d.Bases = append([]Basis(nil), d.Bases...)
		out[i] = d
	}
	return out
}

// String is the item's standard name.
func (i Item) String() string {
	if int(i) < NumItems {
		return defs[i].ID
	}
	return "item(" + strconv.Itoa(int(i)) + ")"
}

// Scale is how many decimals of a pound the item's half-hours, and totals of them,
// are held at: the catalogue's.
func (i Item) Scale() int { return defs[i].Scale }

// ParseItem finds an item by its standard name. Its error wraps ErrItem.
func ParseItem(s string) (Item, error) {
	for i := range defs {
		if defs[i].ID == s {
			return Item(i), nil
		}
	}
	return 0, &Error{Value: s, Want: "one of the thirty items, such as energy-unit, duos-red or vat", Err: ErrItem}
}

// Basis is what a rate is a price of.
type Basis uint8

// The bases. Which of them an item can have is in its Def.
const (
	PerKWh    Basis = iota + 1 // of the item's volume line
	PerKVArh                   // of reactive energy beyond the free part
	PerDay                     // for the site or the MPAN
	PerKVADay                  // of agreed or excess capacity, dated
	PerKW                      // and charging year, of the mean demand in the Triads
	PerMonth                   // local calendar month; part of one by days
	PerYear                    // charging year, 1 April to 31 March; part of one by days
	Percent                    // of other items; for VAT, of the sum of the other printed lines
)

var basisNames = [...]string{PerKWh: "kWh", PerKVArh: "kVArh", PerDay: "day", PerKVADay: "kVA-day", PerKW: "kW", PerMonth: "month", PerYear: "year", Percent: "%"}

// String is the unit a quantity of the basis is counted in.
func (b Basis) String() string {
	if int(b) < len(basisNames) && b != 0 {
		return basisNames[b]
	}
	return "basis(" + strconv.Itoa(int(b)) + ")"
}
