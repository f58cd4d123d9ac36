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
	ID     string // the standard name, as files and bills write it
	Group  string
	Bases  []Basis // the bases a rate of it may have; the first is the usual one
	Volume Volume  // what a per-kWh rate multiplies
	Banded bool    // charged inside its window only; outside it the charge is 0, not a gap
	Scale  int     // decimals of £ a charge cell holds: 3 or 6 of kWh plus 8 of £/kWh, 8 without volume
	Rule   string  // what is charged, and where the rule was read
}

// Charge scales: the volume's decimals and the compiled price's add up.
const (
	priceScale = 8 // decimals of £/kWh a compiled price holds; £/MWh at 5 decimals is £/kWh at 8
	tickScale  = 8 // decimals of £ an allocated amount holds: one tick is £0.00000001
	mspScale   = 3 + priceScale
	lossScale  = 6 + priceScale
)

var perKWh = []Basis{PerKWh}

// defs is the catalogue. Sources, by letter: D is the LC14 Use of System
// Charging Statement of ESP Electricity, April 2026 (common DCUSA wording),
// with the distributors' "Schedule of charges and other tables"; N is NESO's
// published tariffs; L is the Low Carbon Contracts Company's; O is Ofgem's;
// H is HMRC notices 700, 701/19 and the CCL rates on gov.uk; S is a secondary
// source (supplier bills' own wording for the volume each charge is on);
// C is a matter of the supply contract.
var defs = [NumItems]Def{
	EnergyUnit:         {"energy-unit", "Energy", perKWh, MSP, false, mspScale, "Metered kWh × contract price at the NBP. C"},
	EnergyImbalance:    {"energy-imbalance", "Energy", nil, NBP, false, lossScale, "(NBP kWh − nominated kWh) × (system price − contract reference). C"},
	LossesDistribution: {"losses-distribution", "Losses", perKWh, DistributionLosses, false, lossScale, "(GSP kWh − metered kWh) × contract price: the energy lost between the grid supply point and the meter. C"},
	LossesTransmission: {"losses-transmission", "Losses", perKWh, TransmissionLosses, false, lossScale, "(NBP kWh − GSP kWh) × contract price; negative where the multiplier is below 1. C"},
	TNUoSResidual:      {"tnuos-residual", "Transmission", []Basis{PerDay}, NoVolume, false, tickScale, "Transmission Demand Residual, £/site/day by residual band, since 1 April 2023. N"},
	TNUoSLocational:    {"tnuos-locational", "Transmission", nil, NoVolume, false, tickScale, "Mean GSP kW over the three Triads × zonal £/kW, by the charging year. N"},
	DUoSSuperRed:       {"duos-super-red", "Distribution", perKWh, MSP, true, mspScale, "Metered kWh in the super-red window × rate; EHV only. D"},
	DUoSRed:            {"duos-red", "Distribution", perKWh, MSP, true, mspScale, "Metered kWh in the red band × rate; UK clock time, weekdays include bank holidays. D"},
	DUoSAmber:          {"duos-amber", "Distribution", perKWh, MSP, true, mspScale, "Metered kWh in the amber band × rate. D"},
	DUoSGreen:          {"duos-green", "Distribution", perKWh, MSP, true, mspScale, "Metered kWh in the green band × rate. D"},
	DUoSFixed:          {"duos-fixed", "Distribution", []Basis{PerDay}, NoVolume, false, tickScale, "Rate for the MPAN and day, by LLFC; includes the banded residual. D"},
	DUoSCapacity:       {"duos-capacity", "Distribution", []Basis{PerKVADay}, NoVolume, false, tickScale, "Agreed capacity kVA × rate for each day. D"},
	DUoSExcessCapacity: {"duos-excess-capacity", "Distribution", nil, NoVolume, false, tickScale, "Highest kVA of the month above the agreed capacity × rate × days. D, paragraphs 2.41–2.43"},
	DUoSReactive:       {"duos-reactive", "Distribution", nil, NoVolume, false, mspScale, "kVArh beyond 0.33 × active kWh, half-hour by half-hour × rate. D, paragraphs 2.50–2.53"},
	BSUoS:              {"bsuos", "Balancing", perKWh, NBP, false, lossScale, "NBP kWh × fixed half-year tariff, since April 2023. N; the volume S"},
	RCRC:               {"rcrc", "Balancing", perKWh, NBP, false, lossScale, "NBP kWh × residual cashflow reallocation; a positive rate is a charge. C"},
	BSCCosts:           {"bsc-costs", "Balancing", []Basis{PerKWh, PerMonth}, NBP, false, lossScale, "NBP kWh × the supplier's pass-through of Elexon costs, and a fee for each month where the contract has one. C"},
	RO:                 {"ro", "Policy", perKWh, MSP, false, mspScale, "Metered kWh × obligation level × buy-out price, April to March. O"},
	FiT:                {"fit", "Policy", perKWh, MSP, false, mspScale, "Metered kWh × the supplier's levelisation cost; no unit rate is published. C"},
	CfDILR:             {"cfd-ilr", "Policy", perKWh, NBP, false, lossScale, "NBP kWh × interim levy rate of the quarter. L; the volume S"},
	CfDOCL:             {"cfd-ocl", "Policy", perKWh, NBP, false, lossScale, "NBP kWh × operational costs levy of the year. L; the volume S"},
	CapacityMarket:     {"capacity-market", "Policy", perKWh, GSP, true, lossScale, "GSP kWh in 16:00–19:00 on working days, November to February × the supplier's £/MWh, charge and settlement costs levy together; no unit rate is published. C; the volume S"},
	AAHEDC:             {"aahedc", "Policy", perKWh, GSP, false, lossScale, "GSP kWh × assistance for areas with high electricity distribution costs, final tariff backdated to 1 April. N"},
	EIISupportLevy:     {"eii-support-levy", "Policy", perKWh, NBP, false, lossScale, "NBP kWh × the supplier's estimate; the levy is collected in pounds by share of supply (SI 2024/409 reg 18). C; the volume unconfirmed"},
	NuclearRAB:         {"nuclear-rab", "Policy", perKWh, NBP, false, lossScale, "NBP kWh × interim levy and operational costs rates together, from December 2025. L; the volume S"},
	CCL:                {"ccl", "Tax", perKWh, MSP, false, mspScale, "Metered kWh × climate change levy main rate. H"},
	MeteringAgents:     {"metering-agents", "Metering", []Basis{PerYear, PerMonth, PerDay}, NoVolume, false, tickScale, "Meter operator, data collector and aggregator, by their contracts. C"},
	GreenPremium:       {"green-premium", "Supplier", perKWh, MSP, false, mspScale, "Metered kWh × the price of guarantees of origin. C"},
	ManagementFee:      {"management-fee", "Supplier", []Basis{PerKWh, PerMonth}, MSP, false, mspScale, "Metered kWh × the supplier's fee, and a fee for each month where the contract has one. C"},
	VAT:                {"vat", "Tax", []Basis{Percent}, NoVolume, false, tickScale, "Per cent of the sum of the printed lines. H, notice 700 section 17.5"},
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
