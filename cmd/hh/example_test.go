package main

import (
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

const worked = "wmid-hv-2025-12-04"

var sixRuns = []string{"II", "SF", "R1", "R2", "R3", "RF"}

// exampleBill is the example's bill as a program that reads the JSON sees it.
func exampleBill(t *testing.T, run string) (b struct {
	Lines []struct {
		Item   string
		Exact  string `json:"exact_gbp"`
		Amount string `json:"amount_gbp"`
	}
	Net      string `json:"net_gbp"`
	NetExact string `json:"net_exact_gbp"`
	VAT      string `json:"vat_gbp"`
	VATExact string `json:"vat_exact_gbp"`
	Gross    string `json:"gross_gbp"`
	Volumes  struct {
		MSP string `json:"msp_kwh"`
		GSP string `json:"gsp_kwh"`
		NBP string `json:"nbp_kwh"`
	}
}) {
	t.Helper()
	code, out, errs := hh("bill", "--example", worked, "--run", run, "--format", "json")
	if code != exitFine || errs != "" {
		t.Fatalf("%s: code %d, %s", run, code, errs)
	}
	if err := json.Unmarshal([]byte(out), &b); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestExampleBills(t *testing.T) {
	var all strings.Builder
	for _, run := range sixRuns {
		code, out, errs := hh("bill", "--example", worked, "--run", run)
		if code != exitFine || errs != "" {
			t.Fatalf("%s: code %d, %s", run, code, errs)
		}
		all.WriteString(out + "\n")
	}
	golden(t, worked+".txt", all.String())
}

// oracle reads a file of the worked example's foreign figures, which are not
// part of the project.
func oracle(t *testing.T, name string, into any) {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", "oracle", name)
	b, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		t.Skipf("%s is not there: the worked example's foreign figures are not compared", path)
	}
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func dec(t *testing.T, s string) decimal.Decimal {
	t.Helper()
	d, err := decimal.NewFromString(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestOracle: every printed line, net, VAT and gross of two runs equals the
// foreign figures exactly, and what stands before rounding to 1e-6.
func TestOracle(t *testing.T) {
	var want struct {
		Runs map[string]struct {
			MSP   string            `json:"msp_kwh"`
			GSP   string            `json:"gsp_kwh"`
			NBP   string            `json:"nbp_kwh"`
			Exact map[string]string `json:"exact_10dp"`
			Lines map[string]string `json:"line_2dp"`
			Net   string            `json:"net_of_rounded_lines"`
			Whole string            `json:"net_exact"`
			VAT   string            `json:"vat_half_up"`
			Gross string            `json:"gross"`
		}
	}
	oracle(t, "expected.json", &want)
	if len(want.Runs) != 2 {
		t.Fatalf("%d runs", len(want.Runs))
	}
	near := func(name, got, want string) {
		if d := dec(t, got).Sub(dec(t, want)).Abs(); d.GreaterThan(dec(t, "0.000001")) {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	for run, w := range want.Runs {
		b := exampleBill(t, run)
		if len(b.Lines) != 29 || len(w.Lines) != 29 || len(w.Exact) != 30 {
			t.Fatalf("%s: %d lines, want %d", run, len(b.Lines), len(w.Lines))
		}
		for _, l := range b.Lines {
			if l.Amount != w.Lines[l.Item] {
				t.Errorf("%s %s: £%s, want £%s", run, l.Item, l.Amount, w.Lines[l.Item])
			}
			near(run+" "+l.Item, l.Exact, w.Exact[l.Item])
		}
		near(run+" vat", b.VATExact, w.Exact["vat"])
		near(run+" net", b.NetExact, w.Whole)
		near(run+" MSP", b.Volumes.MSP, w.MSP)
		near(run+" GSP", b.Volumes.GSP, w.GSP)
		if d := dec(t, b.Volumes.NBP).Sub(dec(t, w.NBP)).Abs(); d.GreaterThan(dec(t, "0.000024")) { // half a millionth a half-hour
			t.Errorf("%s NBP: %s, want %s", run, b.Volumes.NBP, w.NBP)
		}
		if b.Net != w.Net || b.VAT != w.VAT || b.Gross != w.Gross {
			t.Errorf("%s: net %s VAT %s gross %s, want %s %s %s", run, b.Net, b.VAT, b.Gross, w.Net, w.VAT, w.Gross)
		}
	}
}

// inputs are the worked example's inputs, with rates.
type inputs struct {
	AI    map[string]map[string]string `json:"active_import_kwh"`
	RI    map[string]string            `json:"reactive_import_kvarh"`
	LLF   map[string]string            `json:"llf"`
	TLM   map[string]string            `json:"tlm"`
	Band  map[string]string            `json:"duos_band"`
	Price map[string]string            `json:"contract_price_p_per_kwh"`
	Nom   map[string]string            `json:"nominated_kwh_nbp"`
	Sys   map[string]map[string]string `json:"system_price_gbp_per_mwh"`
	RCRC  map[string]map[string]string `json:"rcrc_gbp_per_mwh_charge_positive"`
	CfD   map[string]string            `json:"cfd_ilr_gbp_per_mwh"`
	Rates map[string]string            `json:"rates"`
}

// TestExampleRuns works every line of all six runs out from the foreign
// inputs, in fractions and without any rounding but the penny's.
func TestExampleRuns(t *testing.T) {
	var in inputs
	oracle(t, "inputs.json", &in)
	for _, run := range sixRuns {
		want := in.lines(run)
		b := exampleBill(t, run)
		net := new(big.Rat)
		for _, l := range b.Lines {
			w, ok := want[l.Item]
			if !ok || w.FloatString(2) != l.Amount && w.FloatString(2) != "-"+l.Amount { // -0.00 is 0.00
				t.Errorf("%s %s: £%s, want %v", run, l.Item, l.Amount, w)
			}
			net.Add(net, frac(l.Amount))
			delete(want, l.Item)
		}
		if len(want) > 0 {
			t.Errorf("%s: no lines for %v", run, want)
		}
		vat := new(big.Rat).Mul(net, frac(in.Rates["vat"]))
		if b.Net != net.FloatString(2) || b.VAT != vat.FloatString(2) || b.Gross != new(big.Rat).Add(net, frac(b.VAT)).FloatString(2) {
			t.Errorf("%s: net %s VAT %s gross %s, want %s %s", run, b.Net, b.VAT, b.Gross, net.FloatString(2), vat.FloatString(2))
		}
	}
}

func frac(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		panic(s)
	}
	return r
}

// lines are the 29 lines of a run, unrounded. FloatString rounds them to the
// penny half away from zero.
func (in *inputs) lines(run string) map[string]*big.Rat {
	out := map[string]*big.Rat{}
	add := func(item string, of ...*big.Rat) {
		p := big.NewRat(1, 1)
		for _, f := range of {
			p.Mul(p, f)
		}
		if out[item] == nil {
			out[item] = new(big.Rat)
		}
		out[item].Add(out[item], p)
	}
	rate := func(name string) *big.Rat { return frac(in.Rates[name]) }
	penny, mega := big.NewRat(1, 100), big.NewRat(1, 1000)
	for sp := 1; sp <= 48; sp++ {
		k := strconv.Itoa(sp)
		msp := frac(in.AI[run][k])
		gsp := new(big.Rat).Mul(msp, frac(in.LLF[k]))
		nbp := new(big.Rat).Mul(gsp, frac(in.TLM[run]))
		sub := func(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(a, b) }
		price := frac(in.Price[k])
		add("energy-unit", msp, price, penny)
		add("losses-distribution", sub(gsp, msp), price, penny)
		add("losses-transmission", sub(nbp, gsp), price, penny)
		ref := new(big.Rat).Mul(price, big.NewRat(10, 1))
		add("energy-imbalance", sub(nbp, frac(in.Nom[k])), sub(frac(in.Sys[run][k]), ref), mega)
		for _, band := range []string{"red", "amber", "green"} {
			if in.Band[k] == band {
				add("duos-"+band, msp, rate("duos_"+band), penny)
			}
		}
		if over := sub(frac(in.RI[k]), new(big.Rat).Mul(msp, big.NewRat(33, 100))); over.Sign() > 0 {
			add("duos-reactive", over, rate("duos_reac"), penny)
		}
		if sp >= 33 && sp <= 38 {
			add("capacity-market", gsp, new(big.Rat).Add(rate("cm"), rate("cm_scl")), mega)
		}
		add("rcrc", nbp, frac(in.RCRC[run][k]), mega)
		add("cfd-ilr", nbp, frac(in.CfD[run]), mega)
		add("nuclear-rab", nbp, new(big.Rat).Add(rate("rab"), rate("rab_ocl")), mega)
		for item, of := range map[string]string{"bsuos": "bsuos", "bsc-costs": "bsc", "cfd-ocl": "cfd_ocl", "eii-support-levy": "eii"} {
			add(item, nbp, rate(of), mega)
		}
		for item, of := range map[string]string{"ro": "ro", "fit": "fit", "green-premium": "rego"} {
			add(item, msp, rate(of), mega)
		}
		add("aahedc", gsp, rate("aahedc"), penny)
		add("ccl", msp, rate("ccl"))
		add("management-fee", msp, rate("mgmt"), penny)
	}
	add("duos-super-red", new(big.Rat))
	add("tnuos-residual", rate("tdr"))
	add("tnuos-locational", big.NewRat(840+820+800, 3), frac("1.056"), rate("tnuos_hh"), big.NewRat(1, 365))
	add("duos-fixed", rate("duos_fixed"), penny)
	add("duos-capacity", big.NewRat(900, 1), rate("duos_cap"), penny)
	add("duos-excess-capacity", big.NewRat(910-900, 1), rate("duos_exc"), penny) // √(420² + 175²) × 2 = 910
	add("metering-agents", rate("meter_year"), big.NewRat(1, 365))
	return out
}

func TestExplain(t *testing.T) {
	var all strings.Builder
	for _, args := range [][]string{
		{"duos-amber", "2025-12-04/20"}, {"energy-imbalance", "2025-12-04/45", "--run", "SF"}, {"cfd-ilr", "2025-12-04", "--run", "R1"},
		{"duos-excess-capacity", "2025-12-04", "--run", "II"}, {"tnuos-locational", "2025-12-04/1", "--run", "II"}, {"vat", "2025-12-04", "--run", "II"},
		{"duos-capacity", "2025-12-04/20", "--run", "II"}, {"metering-agents", "2025-12-04", "--run", "II"}, {"vat", "2025-12-04/20", "--run", "II"},
	} {
		code, out, errs := hh(append(append([]string{"explain"}, args...), "--example", worked)...)
		if code != exitFine || errs != "" {
			t.Fatalf("%v: code %d, %s", args, code, errs)
		}
		all.WriteString("$ hh explain " + strings.Join(args, " ") + "\n" + out + "\n")
	}
	golden(t, "explain.txt", all.String())
	code, out, errs := hh("explain", "ro", "2025-12-04/20", "--example", worked, "--format", "json")
	var doc []struct {
		Version int
		View    string
		Label   string
		Exact   string `json:"exact_gbp"`
		Lines   []struct{ Item string }
	}
	if code != exitFine || errs != "" || json.Unmarshal([]byte(out), &doc) != nil {
		t.Fatalf("code %d, %s", code, errs)
	}
	if len(doc) != 6 || doc[0].View != "latest" || doc[5].View != "II" || doc[0].Version != 1 || doc[5].Exact != "9.918174" || // 300 × 0.03306058
		doc[0].Label != "2025-12-04 settlement period 20, 09:30 to 10:00 GMT" || len(doc[0].Lines) != 1 || doc[0].Lines[0].Item != "ro" {
		t.Errorf("%+v", doc)
	}
}

func TestExplainWrongUse(t *testing.T) {
	for _, c := range []struct {
		args  []string
		code  int
		words string
	}{
		{[]string{"duos-blue", "2025-12-04"}, exitUsage, "unknown item"},
		{[]string{"ro", "2025-12-04/49"}, exitUsage, "settlement periods 1 to 48"},
		{[]string{"ro", "2025-12-04/0"}, exitUsage, "settlement periods 1 to 48"},
		{[]string{"ro", "2025-12-04/x"}, exitUsage, "settlement periods 1 to 48"},
		{[]string{"ro", "yesterday"}, exitUsage, "yesterday"},
		{[]string{"ro", "2025-12-05"}, exitData, "bad span"},
		{[]string{"ro"}, exitUsage, "when"},
	} {
		code, out, errs := hh(append(append([]string{"explain"}, c.args...), "--example", worked)...)
		if code != c.code || out != "" || !strings.Contains(errs, c.words) {
			t.Errorf("%v: code %d, %q, %s", c.args, code, out, errs)
		}
	}
}

// TestExplainUncharged: the error says that the tariff does not charge the item.
func TestExplainUncharged(t *testing.T) {
	folder := filepath.Join("..", "..", "internal", "example", worked)
	code, out, errs := hh("explain", "duos-reactive", "2025-12-04", filepath.Join(folder, "meter.csv"), "--csv", "long,start,london,kwh", "--supply", filepath.Join(folder, "supply.toml"),
		"--tariff", without(t, filepath.Join(folder, "tariff.toml"), `item = "duos-reactive"`), "--market", filepath.Join(folder, "market.csv"), "--contract", filepath.Join(folder, "contract.csv"))
	if code != exitData || out != "" || !strings.HasPrefix(errs, "duos-reactive: not charged by tariff") {
		t.Errorf("code %d, %q, %s", code, out, errs)
	}
}

// without is a copy of a tariff file without the rate that has a line.
func without(t *testing.T, path, line string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	kept, left := []string{}, 0
	for _, rate := range strings.Split(string(b), "[[rate]]") {
		if strings.Contains(rate, line) {
			left++
			continue
		}
		kept = append(kept, rate)
	}
	if left != 1 {
		t.Fatalf("%s: %d rates with %s", path, left, line)
	}
	path = filepath.Join(t.TempDir(), "tariff.toml")
	if err := os.WriteFile(path, []byte(strings.Join(kept, "[[rate]]")), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestPassThrough bills the example's meter at published rates, from files.
func TestPassThrough(t *testing.T) {
	folder := filepath.Join("..", "..", "internal", "example", worked)
	code, out, errs := hh("bill", filepath.Join(folder, "meter.csv"), "--csv", "long,start,london,kwh", "--supply", filepath.Join(folder, "supply.toml"),
		"--tariff", filepath.Join("..", "..", "testdata", "tariffs", "wmid-hv-pass-through.toml"), "--market", filepath.Join(folder, "market.csv"), "--run", "SF")
	if code != exitFine || errs != "" {
		t.Fatalf("code %d, %s", code, errs)
	}
	golden(t, "pass-through.txt", out)
}
