package example_test

import (
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhcsv"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
	"github.com/halfhour/halfhour/tariffs/toml"
)

// oracle is the worked example as it was published, a figure for each period.
type oracle struct {
	AI    map[string]map[string]string `json:"active_import_kwh"`
	RI    map[string]string            `json:"reactive_import_kvarh"`
	RE    map[string]string            `json:"reactive_export_kvarh"`
	Est   map[string][]int             `json:"estimated_periods"`
	LLF   map[string]string            `json:"llf"`
	TLM   map[string]string            `json:"tlm"`
	Nom   map[string]string            `json:"nominated_kwh_nbp"`
	Price map[string]map[string]string `json:"system_price_gbp_per_mwh"`
	RCRC  map[string]map[string]string `json:"rcrc_gbp_per_mwh_charge_positive"`
	CfD   map[string]string            `json:"cfd_ilr_gbp_per_mwh"`
	Unit  map[string]string            `json:"contract_price_p_per_kwh"`
	Band  map[string]string            `json:"duos_band"`
	Rates map[string]string            `json:"rates"`
}

func inputs(t *testing.T) (o oracle) {
	t.Helper()
	b, err := os.ReadFile("../../../shared/oracle/inputs.json")
	if err != nil {
		t.Skip("the inputs of the worked example are not beside the module:", err)
	}
	if err := json.Unmarshal(b, &o); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestFiguresAreTheOracles(t *testing.T) {
	o := inputs(t)
	market, contract, meter := table(t, "market.csv"), table(t, "contract.csv"), map[string]series.Reading{}
	layout, _ := hhcsv.ParseLayout("long,start,london,kwh")
	for rd, err := range hhcsv.Read("meter.csv", series.OpenBytes(file(t, "meter.csv")), layout) {
		if err != nil {
			t.Fatal(err)
		}
		meter[rd.Run.String()+series.Meter().Def(rd.Line).Name+strconv.Itoa(rd.Period.Number())] = rd
	}
	same := func(what, got, want string) {
		if got != want || got == "" {
			t.Errorf("%s is %q, want %q", what, got, want)
		}
	}
	checked := 0
	for n := 1; n <= 48; n++ {
		p := strconv.Itoa(n)
		same("LLF "+p, market["LLF"]["/"+p], o.LLF[p])
		same("nominated "+p, contract["nominated"]["/"+p], o.Nom[p])
		for _, run := range runs {
			r := run.String()
			same("TLM "+r+p, market["TLM"][r+"/"+p], o.TLM[r])
			same("price "+r+p, market["system-price"][r+"/"+p], o.Price[r][p])
			same("rcrc "+r+p, market["rcrc"][r+"/"+p], o.RCRC[r][p])
			if run >= settlement.R1 {
				same("cfd "+r+p, market["cfd-rate"][r+"/"+p], o.CfD[r])
			} else if market["cfd-rate"][r+"/"+p] != "" {
				t.Errorf("cfd-rate of %s is known", r)
			}
			for line, want := range map[string]string{"AI": o.AI[r][p], "RI": o.RI[p], "RE": o.RE[p]} {
				rd, ok := meter[r+line+p]
				if !ok || !decimal.New(rd.Value, -3).Equal(decimal.RequireFromString(want)) {
					t.Errorf("%s %s %s is %d, want %s", r, line, p, rd.Value, want)
				}
				if estimated := line == "AI" && slices.Contains(o.Est[r], n); rd.Mark.Has(series.Estimated) != estimated {
					t.Errorf("%s %s %s: estimated %v", r, line, p, !estimated)
				}
				checked++
			}
		}
	}
	if checked != len(meter) {
		t.Errorf("%d of %d readings checked", checked, len(meter))
	}
}

// priced finds prices by item and half-hour.
type priced struct {
	tariff *tariffs.Tariff
	cover  map[string]tariffs.Window
}

func prices(t *testing.T) priced {
	t.Helper()
	tariff, err := toml.ParseTariff("tariff.toml", file(t, "tariff.toml"))
	if err != nil {
		t.Fatal(err)
	}
	p := priced{tariff, map[string]tariffs.Window{}}
	for _, w := range tariff.Windows {
		p.cover[w.Name] = w
	}
	return p
}

// at is the price of an item in a half-hour of the day, and how many rates it
// has there.
func (of priced) at(item tariffs.Item, number int) (price tariffs.Price, n int) {
	day, _ := settlement.ParseDay(date)
	p, _ := day.Period(number)
	var rest *tariffs.Price
	for _, r := range of.tariff.Rates {
		if !slices.Contains(r.Items, item) {
			continue
		}
		switch w := r.When.Window; {
		case w == tariffs.Otherwise:
			rest = &r.Price
		case w == "" || of.cover[w].Covers(p):
			price, n = r.Price, n+1
		}
	}
	if n == 0 && rest != nil {
		return *rest, 1
	}
	return price, n
}

// The windows give each half-hour its price and its band.
func TestWindowsAreTheOracles(t *testing.T) {
	o, of := inputs(t), prices(t)
	for n := 1; n <= 48; n++ {
		unit := decimal.RequireFromString(o.Unit[strconv.Itoa(n)]).Shift(-2)
		for _, item := range []tariffs.Item{tariffs.EnergyUnit, tariffs.LossesDistribution, tariffs.LossesTransmission} {
			if got, k := of.at(item, n); k != 1 || !got.GBP.Equal(unit) {
				t.Errorf("%s %d: %s, %d times", item, n, got, k)
			}
		}
		if got, k := of.at(tariffs.EnergyImbalance, n); k != 1 || got.Index != "system-price" || !got.GBP.Equal(unit.Neg()) {
			t.Errorf("imbalance %d: %s, %d times", n, got, k)
		}
		for item, band := range map[tariffs.Item]string{tariffs.DUoSRed: "red", tariffs.DUoSAmber: "amber", tariffs.DUoSGreen: "green"} {
			if _, k := of.at(item, n); (k == 1) != (o.Band[strconv.Itoa(n)] == band) {
				t.Errorf("%s %d: %d times", item, n, k)
			}
		}
		if _, k := of.at(tariffs.CapacityMarket, n); (k == 1) != (n >= 33 && n <= 38) {
			t.Errorf("capacity market %d: %d times", n, k)
		}
	}
}

func TestRatesAreTheOracles(t *testing.T) {
	o, of := inputs(t), prices(t)
	for _, c := range []struct {
		item tariffs.Item
		at   int // a half-hour in which it is charged
		of   string
	}{
		{tariffs.DUoSRed, 34, "duos_red"}, {tariffs.DUoSAmber, 16, "duos_amber"}, {tariffs.DUoSGreen, 15, "duos_green"}, {tariffs.DUoSSuperRed, 1, "duos_super_red"},
		{tariffs.DUoSFixed, 1, "duos_fixed"}, {tariffs.DUoSCapacity, 1, "duos_cap"}, {tariffs.DUoSExcessCapacity, 1, "duos_exc"}, {tariffs.DUoSReactive, 1, "duos_reac"},
		{tariffs.TNUoSResidual, 1, "tdr"}, {tariffs.TNUoSLocational, 1, "tnuos_hh"}, {tariffs.BSUoS, 1, "bsuos"}, {tariffs.BSCCosts, 1, "bsc"},
		{tariffs.RO, 1, "ro"}, {tariffs.FiT, 1, "fit"}, {tariffs.CfDOCL, 1, "cfd_ocl"}, {tariffs.CapacityMarket, 34, "cm cm_scl"},
		{tariffs.AAHEDC, 1, "aahedc"}, {tariffs.EIISupportLevy, 1, "eii"}, {tariffs.NuclearRAB, 1, "rab rab_ocl"}, {tariffs.CCL, 1, "ccl"},
		{tariffs.MeteringAgents, 1, "meter_year"}, {tariffs.GreenPremium, 1, "rego"}, {tariffs.ManagementFee, 1, "mgmt"},
	} {
		var want decimal.Decimal
		for _, key := range strings.Fields(c.of) {
			want = want.Add(decimal.RequireFromString(o.Rates[key]))
		}
		if got, k := of.at(c.item, c.at); k != 1 || !got.Value.Equal(want) {
			t.Errorf("%s: %s, want %s", c.item, got, want)
		}
	}
	if got, _ := of.at(tariffs.VAT, 1); !got.GBP.Equal(decimal.RequireFromString(o.Rates["vat"])) {
		t.Errorf("VAT: %s", got)
	}
	if got, _ := of.at(tariffs.RCRC, 1); got.Index != "rcrc" || !got.GBP.IsZero() {
		t.Errorf("RCRC: %s", got)
	}
	if got, _ := of.at(tariffs.CfDILR, 1); got.Index != "cfd-rate" || !got.Else.Decimal.Equal(decimal.RequireFromString(o.CfD["II"]).Shift(-3)) {
		t.Errorf("CfD: %s", got)
	}
}
