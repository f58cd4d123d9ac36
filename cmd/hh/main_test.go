package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/settlement"
)

var update = flag.Bool("update", false, "rewrite the golden bills")

// hh runs the command.
func hh(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(context.Background(), args, &out, &errs)
	return code, out.String(), errs.String()
}

// golden compares with a file under testdata/bills.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("..", "..", "testdata", "bills", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run go test ./cmd/hh -update and read the change. Got:\n%s", name, got)
	}
}

func TestSampleBill(t *testing.T) {
	for name, args := range map[string][]string{
		"sample.txt":       {"bill"},
		"sample-II.json":   {"bill", "--run", "II", "--month", "2025-10", "--format", "json"},
		"sample-asof.json": {"bill", "--as-of", "2025-12-01", "--month", "2025-10", "--format", "json"},
	} {
		code, out, errs := hh(args...)
		if code != exitFine || errs != "" {
			t.Fatalf("%v: code %d, %s", args, code, errs)
		}
		golden(t, name, out)
	}
}

// document is a bill as a program that reads the JSON sees it.
type document struct {
	Version int
	MPAN    string
	From    string
	To      string
	Volumes map[string]decimal.Decimal
	Lines   []struct {
		Item   string
		Amount decimal.Decimal `json:"amount_gbp"`
	}
	Net        decimal.Decimal `json:"net_gbp"`
	VAT        decimal.Decimal `json:"vat_gbp"`
	Gross      decimal.Decimal `json:"gross_gbp"`
	Conditions []string
}

const (
	realTariff = "../../testdata/tariffs/wmid-lv-2024.toml"
	realSupply = "../../testdata/supplies/lv-70kva.toml"
	realMeter  = "../../../shared/data/hh-nondomestic-2024/1400000000001_AI_20240101_20240831.D0036"
)

// TestRealMeter bills five months of a real meter; the monthly kWh are those
// its publisher states.
func TestRealMeter(t *testing.T) {
	if _, err := os.Stat(realMeter); err != nil {
		t.Skipf("the real meter's readings are not beside the project: %v", err)
	}
	code, out, errs := hh("bill", realMeter, "--tariff", realTariff, "--supply", realSupply,
		"--from", "2024-04-01", "--to", "2024-09-01", "--by", "month", "--format", "json")
	if code != exitFine {
		t.Fatalf("code %d: %s", code, errs)
	}
	var bills []document
	if err := json.Unmarshal([]byte(out), &bills); err != nil {
		t.Fatal(err)
	}
	want := []string{"26288.8", "27069.1", "25826.4", "27566.9", "27786.1"}
	if len(bills) != len(want) {
		t.Fatalf("%d bills, want %d", len(bills), len(want))
	}
	for i, b := range bills {
		if got := b.Volumes["msp_kwh"]; !got.Equal(decimal.RequireFromString(want[i])) {
			t.Errorf("%s: %s kWh, want %s", b.From, got, want[i])
		}
		net := decimal.Zero
		for _, l := range b.Lines {
			net = net.Add(l.Amount)
		}
		if !net.Equal(b.Net) || !b.Net.Add(b.VAT).Equal(b.Gross) || len(b.Lines) < 17 {
			t.Errorf("%s: %d lines sum to %s, net %s, VAT %s, gross %s", b.From, len(b.Lines), net, b.Net, b.VAT, b.Gross)
		}
		if has := strings.Join(b.Conditions, " "); !strings.Contains(has, "assumed-losses") ||
			strings.Contains(has, "assumed-rate") != (i >= 3) || strings.Contains(has, "estimated-reads") != (i == 4) {
			t.Errorf("%s: conditions %s", b.From, has)
		}
	}
	_, text, _ := hh("bill", realMeter, "--tariff", realTariff, "--supply", realSupply, "--month", "2024-04")
	golden(t, "real-2024-04.txt", text)
}

// flow is a D0036 of one meter for the days given, 10.0 kWh each half-hour.
func flow(mpan, days string) string {
	var b strings.Builder
	groups := 1
	fmt.Fprintf(&b, "101|%s|AI|EXSU|\n", mpan)
	for _, text := range strings.Fields(days) {
		d, err := settlement.ParseDay(text)
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(&b, "102|%s|\n", strings.ReplaceAll(text, "-", ""))
		for range d.Len() {
			b.WriteString("103|A|10.0|\n")
		}
		groups += 1 + d.Len()
	}
	return "ZHV|F1|D0036001|C|EXDC|X|EXSU|20240902080000||||OPER|\n" + b.String() +
		fmt.Sprintf("ZPT|F1|%d||1|20240902080000|\n", groups)
}

// TestBadInput: each mistake is one located error that names the fix, exit
// code 1, and nothing on standard output.
func TestBadInput(t *testing.T) {
	good := flow("1400000000001", "2024-04-01 2024-04-02")
	tariff, err := os.ReadFile(realTariff)
	if err != nil {
		t.Fatal(err)
	}
	supply, err := os.ReadFile(realSupply)
	if err != nil {
		t.Fatal(err)
	}
	cut := func(s, from, to string) string {
		if !strings.Contains(s, from) {
			t.Fatalf("no %q to replace", from)
		}
		return strings.Replace(s, from, to, 1)
	}
	for _, c := range []struct {
		name                 string
		flow, tariff, supply string
		args                 []string
		want                 []string // all in the message
	}{
		{"check digit", cut(good, "1400000000001", "1400000000002"), "", "", nil, []string{"meter.D0036:2", "1400000000002", "check digit"}},
		{"47 rows", cut(cut(good, "103|A|10.0|\n", ""), "ZPT|F1|99", "ZPT|F1|98"), "", "", nil, []string{"meter.D0036:3", "47", "48", "resend"}},
		{"trailer", cut(good, "ZPT|F1|99", "ZPT|F1|100"), "", "", nil, []string{"meter.D0036:101", "99", "100"}},
		{"cut short", good[:len(good)/2], "", "", nil, []string{"meter.D0036", "cut short"}},
		{"rate gap", good, gapped(t, string(tariff)), "", nil, []string{"tariff.toml:", "rate gap", "2024-04-02", "bsuos"}},
		{"unknown unit", good, strings.Replace(string(tariff), "p/kVA/day", "p/kW/day", 1), "", nil, []string{"tariff.toml:", "unknown unit", "p/kW/day", "p/kVA/day"}},
		{"window twice", good, strings.Replace(string(tariff), `"mon-fri 16:00-19:00"`, `"mon-fri 16:00-19:00", "mon 18:00-18:30"`, 1), "", nil, []string{"tariff.toml:", "covered twice", "disjoint"}},
		{"outside", good, "", "", []string{"--from", "2024-04-01", "--to", "2024-04-05"}, []string{"half-hours missing", "2024-04-03/01", "2024-04-01/01 to 2024-04-02/48", "bill days inside"}},
		{"other meter", flow("1014568234275", "2024-04-01"), "", "", []string{"--month", "2024-04"}, []string{"no active import of MPAN 1400000000001", "right file"}},
		{"supply", good, "", cut(string(supply), "1400000000001", "1400000000003"), nil, []string{"supply.toml:", "check digit"}},
		{"class", good, "", strings.Replace(string(supply), `"127"`, `"999"`, 1), nil, []string{"rate gap", "LLFC 999"}},
		{"as of before the data", good, "", "", []string{"--from", "2024-04-01", "--to", "2024-04-03", "--as-of", "2024-04-02"}, []string{"half-hours missing", "2024-04-02/01", "another view"}},
		{"empty", "", "", "", nil, []string{"meter.D0036"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			write := func(name, text string, or []byte) string {
				if text == "" && or != nil {
					text = string(or)
				}
				path := filepath.Join(dir, name)
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				return path
			}
			args := append([]string{"bill", write("meter.D0036", c.flow, nil), "--tariff", write("tariff.toml", c.tariff, tariff), "--supply", write("supply.toml", c.supply, supply)}, c.args...)
			code, out, errs := hh(args...)
			if code != exitData || out != "" {
				t.Errorf("code %d, %d bytes printed, want 1 and nothing: %s", code, len(out), errs)
			}
			for _, w := range c.want {
				if !strings.Contains(errs, w) {
					t.Errorf("the message lacks %q:\n%s", w, errs)
				}
			}
		})
	}
}

// gapped ends the first BSUoS rate after a day.
func gapped(t *testing.T, tariff string) string {
	t.Helper()
	at := strings.Index(tariff, `"7.63 GBP/MWh"`)
	start := strings.LastIndex(tariff[:at], "[[rate]]")
	end := at + strings.Index(tariff[at:], "\n")
	block := tariff[start:end]
	i := strings.Index(block, "\nto")
	if i < 0 {
		t.Fatalf("the first BSUoS rate has no end:\n%s", block)
	}
	j := i + 1 + strings.Index(block[i+1:], "\n")
	return tariff[:start] + block[:i] + "\nto = 2024-04-02" + block[j:] + tariff[end:]
}

func TestWrongUse(t *testing.T) {
	for _, args := range [][]string{
		{"bill", "--run", "R9"}, {"bill", "--nonsense"}, {"bill", "--format", "xml"}, {"nothing"},
		{"bill", "x.D0036"}, {"bill", "--tariff", "x.toml"}, {"bill", "--run", "SF", "--as-of", "2026-01-01"},
		{"bill", "--from", "2025-05-01", "--to", "2025-05-01"}, {"bill", "--month", "2025-13"},
		{"bill", "--month", "2025-05", "--to", "2025-06-01"}, {"bill", "--as-of", "yesterday"},
		{"bill", "--month", ""}, {"bill", "--month", "2025-05", "--month", "2025-06"}, {"bill", "--round"}, {"bill", "--loose-end"},
		{"bill", "--from", "1996-01-01", "--to", "2099-01-01"},
	} {
		if code, out, errs := hh(args...); code != exitUsage || out != "" || errs == "" {
			t.Errorf("%v: code %d, want 2; printed %q; said %q", args, code, out, errs)
		}
	}
	if code, out, _ := hh("bill", "--help"); code != exitFine || !strings.Contains(out, "--tariff") {
		t.Errorf("--help: code %d, %q", code, out)
	}
}
