package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

// TestExampleCompared: the worked example from run to run, and SF against R1.
func TestExampleCompared(t *testing.T) {
	var all strings.Builder
	for _, args := range [][]string{{}, {"--from", "SF", "--to", "R1"}} {
		code, out, errs := hh(append([]string{"compare", "--example", worked}, args...)...)
		if code != exitFine || errs != "" {
			t.Fatalf("%v: code %d, %s", args, code, errs)
		}
		all.WriteString(strings.TrimSpace("$ hh compare "+strings.Join(args, " ")) + "\n" + out + "\n")
	}
	golden(t, "compare.txt", all.String())
	code, out, errs := hh("compare", "--example", worked, "--from", "SF", "--to", "R1", "--format", "json")
	if code != exitFine || errs != "" {
		t.Fatalf("code %d, %s", code, errs)
	}
	golden(t, "compare.json", out)
}

// amounts are a change as a program that reads the JSON sees it.
type amounts struct {
	Item     string
	Old      decimal.Decimal `json:"old_gbp"`
	New      decimal.Decimal `json:"new_gbp"`
	Change   decimal.Decimal `json:"change_gbp"`
	OldExact decimal.Decimal `json:"old_exact_gbp"`
	NewExact decimal.Decimal `json:"new_exact_gbp"`
	Exact    decimal.Decimal `json:"change_exact_gbp"`
	Volumes  decimal.Decimal `json:"volumes_gbp"`
	Losses   decimal.Decimal `json:"losses_gbp"`
	Prices   decimal.Decimal `json:"prices_gbp"`
}

// TestRestatedLevy: at R1 the reconciled rate of the day restates the levy by
// £9.19; the system price of a half-hour restates the imbalance, and no price
// anything else.
func TestRestatedLevy(t *testing.T) {
	_, out, _ := hh("compare", "--example", worked, "--from", "SF", "--to", "R1", "--format", "json")
	var doc struct {
		Items []amounts
	}
	if err := json.Unmarshal([]byte(out), &doc); err != nil || len(doc.Items) != 29 {
		t.Fatalf("%d items, %v", len(doc.Items), err)
	}
	rise := decimal.RequireFromString("0.000744") // £/kWh: 11.042 − 10.298 £/MWh
	for _, x := range doc.Items {
		if !x.Volumes.IsZero() {
			t.Errorf("%s: %s came from volumes, which are the same", x.Item, x.Volumes)
		}
		switch x.Item {
		case "cfd-ilr":
			if nbp := decimal.RequireFromString("12351.505715"); x.Change.String() != "9.19" || x.Exact.StringFixed(2) != "9.19" || !x.Prices.Equal(nbp.Mul(rise)) {
				t.Errorf("%+v", x)
			}
		case "energy-imbalance":
		default:
			if !x.Prices.IsZero() {
				t.Errorf("%s: %s came from prices, which are the same", x.Item, x.Prices)
			}
		}
	}
}

// TestWaterfallJSON: what a program adds up is what the last bill says.
func TestWaterfallJSON(t *testing.T) {
	code, out, errs := hh("compare", "--example", worked, "--format", "json")
	type point struct {
		View  string
		Net   decimal.Decimal `json:"net_gbp"`
		Exact decimal.Decimal `json:"net_exact_gbp"`
	}
	var doc struct {
		Version    int
		Start, End point
		Steps      []struct {
			Items []amounts
			Net   amounts
			New   string `json:"new_view"`
		}
	}
	if err := json.Unmarshal([]byte(out), &doc); code != exitFine || errs != "" || err != nil {
		t.Fatalf("code %d, %s, %v", code, errs, err)
	}
	if doc.Version != 1 || doc.Start.View != "II" || doc.End.View != "RF" || len(doc.Steps) != 5 {
		t.Fatalf("%+v", doc)
	}
	net, exact := doc.Start.Net, doc.Start.Exact
	for k, s := range doc.Steps {
		var items, printed decimal.Decimal
		for _, x := range s.Items {
			items, printed = items.Add(x.Exact), printed.Add(x.Change)
			if !x.OldExact.Add(x.Volumes).Add(x.Losses).Add(x.Prices).Equal(x.NewExact) {
				t.Errorf("%s %s: %+v", s.New, x.Item, x)
			}
		}
		net, exact = net.Add(printed), exact.Add(items)
		if b := exampleBill(t, sixRuns[k+1]); s.New != sixRuns[k+1] || net.StringFixed(2) != b.Net || !exact.Equal(dec(t, b.NetExact)) {
			t.Errorf("after %s: %s and %s, the bill says %s and %s", s.New, net, exact, b.Net, b.NetExact)
		}
	}
	if !net.Equal(doc.End.Net) || !exact.Equal(doc.End.Exact) {
		t.Errorf("the steps end at %s and %s, not %s and %s", net, exact, doc.End.Net, doc.End.Exact)
	}
}

// TestComparedDays: days are the first and the last, or a month; views are runs
// or what was known on a day.
func TestComparedDays(t *testing.T) {
	days := func(args ...string) string {
		code, out, errs := hh(append([]string{"compare"}, args...)...)
		if code != exitFine || errs != "" {
			t.Fatalf("%v: code %d, %s", args, code, errs)
		}
		return out
	}
	month := days("--from", "SF", "--to", "R1", "--month", "2025-06")
	if both := days("--from", "SF", "--to", "R1", "--first", "2025-06-01", "--last", "2025-06-30"); both != month || !strings.Contains(month, "(days: 30)   from SF to R1") {
		t.Errorf("a month and its days differ:\n%s\n%s", month, both)
	}
	if out := days("--from", "as-of:2025-07-20", "--month", "2025-06"); !strings.Contains(out, "from as of 2025-07-20 to latest") {
		t.Error(out)
	}
}

func TestReconcile(t *testing.T) {
	var all strings.Builder
	for _, args := range [][]string{{}, {"--run", "SF"}} {
		code, out, errs := hh(append([]string{"reconcile", "--example", worked}, args...)...)
		if code != exitFine || errs != "" {
			t.Fatalf("%v: code %d, %s", args, code, errs)
		}
		all.WriteString(strings.TrimSpace("$ hh reconcile "+strings.Join(args, " ")) + "\n" + out + "\n")
	}
	golden(t, "reconcile.txt", all.String())
	code, out, errs := hh("reconcile", "--example", worked, "--run", "SF", "--format", "json")
	if code != exitFine || errs != "" {
		t.Fatalf("code %d, %s", code, errs)
	}
	golden(t, "reconcile.json", out)
}

// TestReconcileFiles: a meter's files need no tariff, and a gap is no error.
func TestReconcileFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "meter.D0036")
	if err := os.WriteFile(path, []byte(flow("1400000000001", "2024-04-01 2024-04-03")), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := hh("reconcile", path, "--supply", realSupply, "--tag", "R1")
	if code != exitFine || errs != "" {
		t.Fatalf("code %d, %s", code, errs)
	}
	for _, want := range []string{"meter 1400000000001", "2024-04-01  2024-04-01     1       R1", "2024-04-02  2024-04-02     1  missing", "AI half-hours: 96 from R1, 48 missing", "960   kWh          96  144"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "market") {
		t.Errorf("no market was given:\n%s", out)
	}
	// Where nothing is held at all, what is owed of the active energy is told, and
	// of nothing else.
	code, out, errs = hh("reconcile", path, "--supply", realSupply, "--tag", "R1", "--from", "2024-05-01", "--to", "2024-05-03", "--on", "2024-07-01")
	if want := "AI 2024-05-01 to 2024-05-02: nothing is held: R1 is overdue: due 2024-06-27 to 2024-06-28\nAI half-hours: 96 overdue, 96 missing\n"; code != exitFine || !strings.HasSuffix(out, want) {
		t.Errorf("code %d, %s%s", code, out, errs)
	}
}

func TestCompareWrongUse(t *testing.T) {
	for _, c := range []struct {
		args  []string
		words string
	}{
		{[]string{"compare", "--from", "2025-04-01"}, "--first and --last"},
		{[]string{"compare", "--from", "R9"}, "want a run"}, {[]string{"compare", "--from", "D"}, "want a run"},
		{[]string{"compare", "--to", "R1"}, "--from"}, {[]string{"compare", "--from", "SF", "--to", "as-of:soon"}, "--to"},
		{[]string{"compare", "--month", "2025-06", "--last", "2025-06-03"}, "--month stands for"},
		{[]string{"compare", "--first", "June"}, "--first"}, {[]string{"compare", "--first", "2025-06-02", "--last", "2025-06-01"}, "before"},
		{[]string{"compare", "--run", "SF"}, "--run"}, {[]string{"compare", "--month", "2025-13"}, "2025-13"},
		{[]string{"reconcile", "x.D0036"}, "--supply"}, {[]string{"reconcile", "--run", "R9"}, "--run"},
		{[]string{"reconcile", "--from", "2025-06-02", "--to", "2025-06-02"}, "before"},
	} {
		if code, out, errs := hh(c.args...); code != exitUsage || out != "" || !strings.Contains(errs, c.words) {
			t.Errorf("%v: code %d, printed %q, said %q", c.args, code, out, errs)
		}
	}
	if code, out, errs := hh("compare", "--example", worked, "--from", "untagged"); code != exitData || out != "" || !strings.Contains(errs, "half-hours missing") {
		t.Errorf("a run without data: code %d, %q, %s", code, out, errs)
	}
}
