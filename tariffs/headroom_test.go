package tariffs

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
)

// The largest site a bill is expected for takes 50 MW: 25,000 kWh a half-hour,
// and with generous losses so much more further up.
const (
	headroomMW  = 50
	headroomMSP = "25000"   // kWh
	headroomGSP = "28250"   // LLF 1.130
	headroomNBP = "29662.5" // TLM 1.05
	headroomDL  = "3250"    // GSP − MSP
	headroomTL  = "1412.5"  // NBP − GSP
	headroomVAr = "25000"   // kVArh beyond the free part: a power factor of about 0.6
)

// headroom is the largest charge of one half-hour of each item: a volume × the
// highest price that is plausible, or a day's whole amount.
var headroom = [NumItems]struct {
	volume, price string // kWh or kVArh, £/MWh or £/MVArh
	day           string // £ for the day: all of it is taken to fall in one half-hour
	why           string
}{
	EnergyUnit:         {headroomMSP, "6000", "", "the value of lost load, passed through"},
	EnergyImbalance:    {headroomNBP, "3000", "", "nothing nominated, in a scarcity; see the limit below"},
	LossesDistribution: {headroomDL, "6000", "", "the value of lost load"},
	LossesTransmission: {headroomTL, "6000", "", "the value of lost load"},
	TNUoSResidual:      {"", "", "12796.715359", "T-Demand4 of 2025/26, the highest published"},
	TNUoSLocational:    {"", "", "10758.22", "56,500 kW × £69.50 ÷ 365; before April 2023 it carried the residual"},
	DUoSSuperRed:       {headroomMSP, "500", "", "50 p/kWh; the highest published red is 15.8 p/kWh"},
	DUoSRed:            {headroomMSP, "500", "", "the same"},
	DUoSAmber:          {headroomMSP, "500", "", "the same"},
	DUoSGreen:          {headroomMSP, "500", "", "the same"},
	DUoSFixed:          {"", "", "1000", "£511.59 a day is the highest of 2024/25"},
	DUoSCapacity:       {"", "", "12550", "100,000 kVA × 12.55 p"},
	DUoSExcessCapacity: {"", "", "389050", "the same for 31 days, all above the agreed capacity"},
	DUoSReactive:       {headroomVAr, "10", "", "1 p/kVArh; the highest published is 0.522 p"},
	BSUoS:              {headroomNBP, "200", "", "twelve times the highest fixed tariff"},
	RCRC:               {headroomNBP, "100", "", "usually pence"},
	BSCCosts:           {headroomNBP, "10", "", "and a month's fee"},
	RO:                 {headroomMSP, "100", "", "three times the obligation of 2025/26"},
	FiT:                {headroomMSP, "50", "", "seven times that of 2023/24"},
	CfDILR:             {headroomNBP, "200", "", "twenty times that of 2025/26"},
	CfDOCL:             {headroomNBP, "1", "", "0.1463 in 2026/27"},
	CapacityMarket:     {headroomNBP, "1000", "", "seven times the estimate of the worked example, at the NBP"},
	AAHEDC:             {headroomGSP, "5", "", "ten times that of 2025/26"},
	EIISupportLevy:     {headroomNBP, "20", "", "thirteen times the highest estimate"},
	NuclearRAB:         {headroomNBP, "50", "", "ten times that of 2026"},
	CCL:                {headroomMSP, "20", "", "twice that of 2026/27"},
	MeteringAgents:     {"", "", "1000", "a site's agents cost some hundreds of pounds a year"},
	GreenPremium:       {headroomMSP, "50", "", "thirty times the worked example's"},
	ManagementFee:      {headroomMSP, "100", "", "10 p/kWh"},
	VAT:                {"", "", "", "20 % of all the others"},
}

// TestHeadroom: what a half-hour of each item may come to fits its cell. Run
// with -v for the table.
func TestHeadroom(t *testing.T) {
	all := decimal.Zero
	var table strings.Builder
	fmt.Fprintf(&table, "%-22s %5s %16s %22s %12s\n", "item", "scale", "largest cell £", "a cell holds £", "fits times")
	for i, def := range Catalogue() {
		h := headroom[i]
		var cell decimal.Decimal
		switch {
		case Item(i) == VAT:
			cell = all.Mul(dec("0.2"))
		case h.day != "":
			cell = dec(h.day)
		default:
			cell = dec(h.volume).Mul(dec(h.price)).Div(decimal.NewFromInt(1000))
		}
		all = all.Add(cell)
		holds := decimal.New(math.MaxInt64, -int32(def.Scale))
		times := holds.Div(cell)
		fmt.Fprintf(&table, "%-22s %5d %16s %22s %12s  %s\n", def.ID, def.Scale, cell.StringFixed(2), holds.StringFixed(2), times.StringFixed(2), h.why)
		if times.LessThan(decimal.NewFromInt(1)) {
			t.Errorf("%s: a half-hour may come to £%s, a cell holds £%s", def.ID, cell, holds)
		}
	}
	t.Log("\n" + table.String())
}

// TestHeadroomProducts: what is charged on demand passes through a product of
// demand and rate that is finer than its cells.
func TestHeadroomProducts(t *testing.T) {
	for _, c := range []struct {
		what           string
		demand, rate   string // three Triads of kW, or kVA, and £ for one
		decimals, rest int
	}{{"tnuos-locational", "169500", "69.50", kwScale, kwScale}, {"duos-excess-capacity", "100000", "0.1255", demandScale, kvaPriceScale}} {
		product := dec(c.demand).Mul(dec(c.rate))
		holds := decimal.NewFromUint64(math.MaxUint64).Shift(int32(-c.decimals - c.rest))
		t.Logf("%s: £%s, of at most £%s: %s times", c.what, product, holds.StringFixed(2), holds.Div(product).StringFixed(2))
		if product.GreaterThan(holds) {
			t.Errorf("%s: £%s cannot be worked out", c.what, product)
		}
		d, _ := scaled(dec(c.demand), c.decimals)
		r, _ := scaled(dec(c.rate), c.rest)
		if _, ok := quantityUpTo(d, r, 366, 3*365*pow10(c.decimals+c.rest-tickScale)); !ok {
			t.Errorf("%s: refused", c.what)
		}
	}
}

// TestHeadroomLimit: the two kinds of charge that a scarcity may push past
// their cells at 50 MW are the imbalance and NBP energy at half-hourly prices.
// Up to about £3,100/MWh they fit; beyond, they are refused by name.
func TestHeadroomLimit(t *testing.T) {
	limit := new(big.Rat).SetFrac64(math.MaxInt64, 1)
	limit.Quo(limit, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(lossScale-3), nil))) // £ × kWh/MWh
	limit.Quo(limit, rat(headroomNBP))
	t.Logf("at %d MW energy-imbalance and half-hourly NBP energy reach the limit at £%s/MWh", headroomMW, limit.FloatString(2))
	for _, c := range []struct {
		item  Item
		price string
		fits  bool
	}{{EnergyImbalance, "3109.43", true}, {EnergyImbalance, "3109.44", false}, {EnergyImbalance, "-3109.43", true}, {EnergyImbalance, "-3109.44", false},
		{BSUoS, "3109.43", true}, {BSUoS, "3109.44", false}, {EnergyUnit, "6000", true}} {
		e := flat(t, 25_000_000, 1130, 1_050_000_000, rate(t, c.item, "system-price"))
		e.contract = series.NewFrame(nil, series.Contract(), e.meter.Span())
		at, _ := scaled(dec(c.price), series.IndexScale)
		for p := e.meter.Span().Lo; p < e.meter.Span().Hi; p++ {
			e.market.Set(series.SystemPrice, p, at, 0)
			e.contract.Set(series.Nominated, p, 0, 0)
		}
		err := e.tryCharge(t)
		if c.fits && err != nil || !c.fits && (!errors.Is(err, ErrOverflow) || !strings.Contains(err.Error(), c.item.String())) {
			t.Errorf("%s at £%s/MWh: %v", c.item, c.price, err)
		}
	}
}
