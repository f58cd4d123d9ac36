package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

var realYear = []string{"--from", "2024-04-01", "--to", "2025-04-01"}

// rates runs the command on a tariff in a file of its own.
func rates(t *testing.T, tariff string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tariff.toml")
	if err := os.WriteFile(path, []byte(tariff), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr = hh(append([]string{"rates", path, "--supply", realSupply}, args...)...)
	return code, strings.ReplaceAll(stdout, path, "tariff.toml"), strings.ReplaceAll(stderr, path, "tariff.toml")
}

func TestRates(t *testing.T) {
	lv := []string{"rates", realTariff, "--supply", realSupply}
	for name, c := range map[string]struct {
		args []string
		code int
	}{
		"sample.txt":      {[]string{"rates"}, exitFine},
		"example-on.txt":  {[]string{"rates", "--example", "wmid-hv-2025-12-04", "--on", "2025-12-04"}, exitFine},
		"lv-long-day.txt": {append(lv, "--on", "2024-10-27"), exitFine},
		"lv-short.json":   {append(lv, "--on", "2025-03-30", "--format", "json"), exitFine},
		"lv-too-long.txt": {append(lv, "--from", "2024-04-01", "--to", "2025-04-08"), exitData},
		"book-hv.txt":     {[]string{"rates", "--book", "14", "--llfc", "H02", "--band", "HV2", "--on", "2025-12-04"}, exitFine},
		"book-20.txt":     {[]string{"rates", "--book", "20", "--gsp", "_H", "--llfc", "H85", "--band", "LV1", "--from", "2026-04-01", "--to", "2026-07-01"}, exitFine},
	} {
		code, out, errs := hh(c.args...)
		if code != c.code || (errs != "") != (c.code != exitFine) {
			t.Fatalf("%v: code %d, %s", c.args, code, errs)
		}
		if strings.Contains(out, " \n") || strings.HasSuffix(out, "\n\n") {
			t.Errorf("%v: spaces or lines too many", c.args)
		}
		golden(t, filepath.Join("..", "rates", name), out)
	}
}

// TestRatesProblems breaks a sound tariff: what is wrong is listed after the
// rates, and the exit code is 1.
func TestRatesProblems(t *testing.T) {
	text, err := os.ReadFile(realTariff)
	if err != nil {
		t.Fatal(err)
	}
	good := string(text)
	cut := func(from, to string) string {
		if !strings.Contains(good, from) {
			t.Fatalf("no %q to replace", from)
		}
		return strings.Replace(good, from, to, 1)
	}
	for _, c := range []struct {
		name, tariff string
		code         int
		want         []string // in what is printed, or in the messages
	}{
		{"sound", good, exitFine, []string{"\nno problems\n"}},
		{"a season missing", gapped(t, good), exitData, []string{"bsuos: rate gap \"2024-04-02\": no figure for LLFC 127 holds from 2024-04-02 to 2024-09-30;"}},
		{"a season twice", cut("from = 2024-10-01\nto = 2025-04-01\nprice = \"12.17 GBP/MWh\"", "from = 2024-07-01\nto = 2025-04-01\nprice = \"12.17 GBP/MWh\""), exitData,
			[]string{"bsuos: rates overlap \"2024-07-01\"", "from 2024-07-01 to 2024-09-30; set its to = 2024-07-01"}},
		{"a band too short", cut(`"mon-fri 00:00-07:30 21:00-24:00"`, `"mon-fri 00:00-07:00 21:00-24:00"`), exitData,
			[]string{"duos: rate gap \"2024-04-01/15\": no red, amber or green band covers 07:00-07:30 on mon-fri from 2024-04-01 to 2025-03-31; complete the windows"}},
		{"a class", strings.ReplaceAll(good, `"127"`, `"128"`), exitData, []string{"duos-red: rate gap", "from 2024-04-01 to 2025-03-31"}},
		{"unconfirmed", cut(`status = "confirmed"`, `status = "unconfirmed"`), exitData, []string{"unconfirmed figure"}},
		{"nothing published", cut(`price = "31.78243 GBP/MWh"`, `price = "published"`), exitFine, []string{"31.78243 GBP/MWh"}},
		{"not read", cut("version = 1", "version = 2"), exitData, []string{"tariff.toml:", "version 1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, errs := rates(t, c.tariff, realYear...)
			if code != c.code || (errs == "") != (code == exitFine) {
				t.Errorf("code %d: %s", code, errs)
			}
			for _, w := range c.want {
				if !strings.Contains(out+errs, w) {
					t.Errorf("no %q in:\n%s%s", w, out, errs)
				}
			}
		})
	}
	if code, out, errs := rates(t, cut(`status = "confirmed"`, `status = "unconfirmed"`), append(realYear, "--accept-unconfirmed")...); code != exitFine {
		t.Errorf("unconfirmed and accepted: code %d\n%s%s", code, out, errs)
	}
	_, out, _ := rates(t, gapped(t, good), append(realYear, "--format", "json")...)
	var doc struct {
		Version  int
		From, To string
		Rates    []struct {
			Item, Price string
			GBP         decimal.NullDecimal
		}
		Problems []struct{ At, Item, Problem, Value, Want string }
	}
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Version != 1 || doc.From != "2024-04-01" || doc.To != "2025-04-01" || len(doc.Rates) < 20 || len(doc.Problems) != 1 {
		t.Fatalf("%+v", doc)
	}
	if p := doc.Problems[0]; !strings.HasPrefix(p.At, "tariff.toml:") || p.Item != "bsuos" || p.Problem != "rate gap" || p.Value != "2024-04-02" || !strings.Contains(p.Want, "to 2024-09-30") {
		t.Errorf("%+v", p)
	}
}

func TestRatesWrongUse(t *testing.T) {
	lv := []string{"rates", realTariff, "--supply", realSupply}
	for _, args := range [][]string{
		lv, append(lv, "--from", "2024-04-01"), append(lv, "--to", "2024-04-01"), append(lv, "--on", "2024-04-01", "--to", "2024-05-01"),
		append(lv, "--on", "tomorrow"), append(lv, "--on", ""), append(lv, "--on", "2024-04-01", "--on", "2024-04-02"),
		append(lv, "--from", "2024-05-01", "--to", "2024-05-01"), append(lv, "--from", "2024-05-01", "--to", "2050-05-01"),
		append(lv, "--book", "14"), append(lv, "--example", "wmid-hv-2025-12-04"), append(lv, "--on", "2024-04-01", "--llfc", "127"),
		{"rates", realTariff, "--on", "2024-04-01"}, {"rates", "--supply", realSupply}, {"rates", "", "--supply", realSupply, "--on", "2024-04-01"},
		{"rates", realTariff, realTariff, "--supply", realSupply, "--on", "2024-04-01"},
		{"rates", "--example", "nothing"}, {"rates", "--gsp", "_E"}, {"rates", "--band", "HV2"}, {"rates", "--format", "xml"}, {"rates", "--nonsense"},
		{"rates", "--book", "9"}, {"rates", "--book", "14", "--gsp", "_Z"}, {"rates", "--book", "14", "--gsp", "_A"}, {"rates", "--book", "14", "--from", "2024-04-01"},
		{"rates", "--book", "14", "--supply", realSupply}, {"rates", "--book", "14", "--accept-unconfirmed"},
	} {
		if code, out, errs := hh(args...); code != exitUsage || out != "" || errs == "" {
			t.Errorf("%v: code %d, want 2; printed %q; said %q", args, code, out, errs)
		}
	}
	if code, _, errs := hh("rates", "nowhere.toml", "--supply", realSupply, "--on", "2024-04-01"); code != exitData || !strings.Contains(errs, "nowhere.toml") {
		t.Errorf("no such file: code %d, %s", code, errs)
	}
	if code, out, _ := hh("rates", "--help"); code != exitFine || !strings.Contains(out, "--book") {
		t.Errorf("--help: code %d, %q", code, out)
	}
}

// TestBookNotHeld: what a book does not have is said, and not left out.
func TestBookNotHeld(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string // "" where all is held
	}{
		{[]string{"--book", "14", "--llfc", "H02", "--band", "HV2"}, ""},
		{[]string{"--book", "14"}, ""},
		{[]string{"--book", "99"}, `rate gap "99": no DUoS charges of this distributor are held, only what is the same for all; held are those of 10, `},
		{[]string{"--book", "14", "--llfc", "ZZZ"}, `rate gap "ZZZ": no rate of distributor 14 for this line loss factor class`},
		{[]string{"--book", "14", "--band", "HV99"}, `rate gap "HV99": no rate for this residual charging band`},
		{[]string{"--book", "14", "--on", "2012-04-01"}, "held for these days; held are the charging years from 20"},
		{[]string{"--book", "14", "--llfc", "H02", "--on", "2012-04-01", "--format", "json"}, `"want": "no DUoS charges of this distributor`},
	} {
		code, out, errs := hh(append([]string{"rates"}, c.args...)...)
		if c.want == "" && (code != exitFine || errs != "") || c.want != "" && (code != exitData || !strings.Contains(out, c.want) || !strings.Contains(errs, "not all that was asked for is held")) {
			t.Errorf("%v: code %d, %s%s", c.args, code, out[max(0, len(out)-400):], errs)
		}
	}
}

// TestCSVWithoutLayout: a CSV file that is read as a flow is told how it is read.
func TestCSVWithoutLayout(t *testing.T) {
	path := filepath.Join(t.TempDir(), "meter.csv")
	if err := os.WriteFile(path, []byte("MPAN,Start,Value\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, errs := hh("bill", path, "--tariff", realTariff, "--supply", realSupply, "--month", "2024-04")
	if code != exitData || !strings.Contains(errs, "want a ZHV or ZHD header") || !strings.Contains(errs, "for CSV give its layout with --csv") {
		t.Errorf("code %d, %s", code, errs)
	}
	if _, _, errs = hh("bill", path, "--csv", "long,start,london,kwh", "--tariff", realTariff, "--supply", realSupply, "--month", "2024-04"); strings.Contains(errs, "give its layout") {
		t.Errorf("%s", errs)
	}
}

// TestRatesOfNoClass: a class and a band that the published rates do not have
// are told at the tariff's rate, by what there is.
func TestRatesOfNoClass(t *testing.T) {
	const tariff = "version = 1\nname = \"T\"\n" +
		"[[rate]]\nitems = [\"duos-red\", \"duos-amber\", \"duos-green\", \"duos-fixed\", \"tnuos-residual\", \"vat\"]\nfrom = 2024-04-01\nprice = \"published\"\nstatus = \"contract\"\nsource = \"C\"\n" +
		"[[factor]]\nfactor = \"LLF\"\nfrom = 2024-04-01\nvalue = \"published\"\nstatus = \"contract\"\nsource = \"C\"\n"
	supply, err := os.ReadFile(realSupply)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "supply.toml")
	text := strings.Replace(string(supply), `llfc = "127"`, "llfc = \"ZZZ\"\ntnuos_band = \"HV9\"", 1)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "tariff.toml")
	if err := os.WriteFile(file, []byte(tariff), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, _ := hh("rates", file, "--supply", path, "--on", "2025-04-01")
	for _, want := range []string{
		"tariff.toml:3:3: duos-red: rate gap", "no rate of this item is for LLFC ZZZ (its classes are ", " more), so none holds",
		"tariff.toml:3:3: tnuos-residual: rate gap", "no rate of this item is for TNUoS band HV9 (its bands are ",
		"tariff.toml:9:3: LLF: rate gap", "no factor is for LLFC ZZZ",
	} {
		if code != exitData || !strings.Contains(out, want) {
			t.Errorf("code %d, no %q in\n%s", code, want, out)
		}
	}
	if strings.Contains(out, "gb/") {
		t.Errorf("points into the book:\n%s", out)
	}
}
