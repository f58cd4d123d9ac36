package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

func TestAccrue(t *testing.T) {
	args := []string{"accrue", "--run", "II", "--month", "2025-10", "--learn-from", "2025-04-01", "--learn-to", "2025-10-01", "--until", "R3"}
	code, out, errs := hh(args...)
	if code != exitFine || errs != "" {
		t.Fatalf("code %d, %s", code, errs)
	}
	golden(t, "accrual.txt", out)
	code, out, errs = hh(append(args, "--format", "json")...)
	var a struct {
		Version  int
		Kind     string
		Net      decimal.Decimal `json:"net_exact_gbp"`
		NoRun    decimal.Decimal `json:"no_run_gbp"`
		Behind   decimal.Decimal `json:"behind_gbp"`
		Expected decimal.Decimal `json:"expected_gbp"`
		Learnt   []struct{ From, To string }
		Method   string
		Footings []struct {
			Behind   bool
			Pounds   decimal.Decimal `json:"pounds_gbp"`
			Gross    decimal.Decimal `json:"gross_gbp"`
			Mean     int64           `json:"mean_ppm"`
			PPM      *int64          `json:"spread_ppm"`
			Seen     int
			Expected decimal.Decimal     `json:"expected_gbp"`
			Spread   decimal.NullDecimal `json:"spread_gbp"`
		}
	}
	if code != exitFine || json.Unmarshal([]byte(out), &a) != nil {
		t.Fatalf("code %d, %s, %s", code, out, errs)
	}
	sum, expected, behind := a.NoRun, decimal.Zero, decimal.Zero
	for _, f := range a.Footings {
		if f.Behind {
			behind = behind.Add(f.Gross)
		}
		if known := f.Seen >= 2; f.Spread.Valid != known || (f.PPM != nil) != known || known && !f.Spread.Decimal.Equal(f.Gross.Mul(decimal.New(*f.PPM, -6))) || f.Gross.LessThan(f.Pounds.Abs()) {
			t.Errorf("%+v", f)
		}
		if sum = sum.Add(f.Pounds); !f.Expected.Equal(f.Pounds.Mul(decimal.New(f.Mean, -6))) {
			t.Errorf("%+v", f)
		}
		expected = expected.Add(f.Expected)
	}
	if a.Version != 1 || a.Kind != "accrual" || len(a.Footings) != 4 || !sum.Equal(a.Net) || !expected.Equal(a.Expected) || !behind.Equal(a.Behind) || behind.IsZero() ||
		len(a.Learnt) != 6 || a.Learnt[0].From != "2025-04-01" || a.Learnt[5].To != "2025-10-01" || !strings.HasPrefix(a.Method, "pounds by stage") {
		t.Errorf("%+v", a)
	}
}

// TestAccrueSpans: what is learnt from is cut in spans as long as the bill, and what
// is left over is named.
func TestAccrueSpans(t *testing.T) {
	for args, words := range map[string][]string{
		"--from 2025-10-01 --to 2025-10-03 --learn-from 2025-09-01 --learn-to 2025-09-08": {
			"learnt from 2025-09-01 to 2025-09-06, in spans of 2 days\n", "nothing learnt from 2025-09-07 to 2025-09-07: shorter than such a span"},
		"--month 2025-10 --learn-from 2025-06-20 --learn-to 2025-09-08": {
			"learnt from 2025-07-01 to 2025-08-31, in spans of a month\n", "nothing learnt from 2025-06-20 to 2025-06-30: ", "nothing learnt from 2025-09-01 to 2025-09-07: "},
		"--from 2025-10-01 --to 2025-11-15 --learn-from 2025-08-01 --learn-to 2025-10-01": {
			"learnt from 2025-08-01 to 2025-09-30, in spans of a month\n", "the spread is of a month's change, and the bill has 45 days\n"},
	} {
		code, out, errs := hh(append([]string{"accrue", "--run", "II", "--until", "SF"}, strings.Fields(args)...)...)
		if code != exitFine || errs != "" {
			t.Fatalf("%s: code %d, %s", args, code, errs)
		}
		for _, w := range words {
			if !strings.Contains(out, w) {
				t.Errorf("%s: no %q in %s", args, w, out)
			}
		}
		if strings.Contains(out, "the spread is of a month's") != (len(words) == 2 && strings.Contains(words[1], "45 days")) {
			t.Errorf("%s: %s", args, out)
		}
	}
	// One observation has no spread, and does not say ± 0.00.
	code, out, errs := hh("accrue", "--run", "II", "--until", "SF", "--month", "2025-10", "--learn-from", "2025-08-01", "--learn-to", "2025-09-01")
	if code != exitFine || !strings.Contains(spaced(out), " not known 1 ") || !strings.Contains(out, "±: not known in all") {
		t.Errorf("code %d, %s, %s", code, out, errs)
	}
}

// TestAccrueUnknown: what no history follows to the run asked for is named.
func TestAccrueUnknown(t *testing.T) {
	code, out, errs := hh("accrue", "--month", "2025-05", "--learn-from", "2025-12-01", "--learn-to", "2026-02-01")
	if code != exitFine || !strings.Contains(out, "nothing is known") || !strings.Contains(out, "settled") {
		t.Errorf("code %d, %s, %s", code, out, errs)
	}
}

func TestAccrueWrongUse(t *testing.T) {
	for words, args := range map[string][]string{
		"missing flags": {},
		"--until R9":    {"--learn-from", "2025-04-01", "--learn-to", "2025-05-01", "--until", "R9"},
		"must be befor": {"--learn-from", "2025-05-01", "--learn-to", "2025-05-01"},
		"calendar date": {"--learn-from", "May", "--learn-to", "2025-05-01"},
		"span of 2 day": {"--learn-from", "2025-04-01", "--learn-to", "2025-04-02", "--from", "2025-05-01", "--to", "2025-05-03"},
		"span of a mon": {"--learn-from", "2025-04-02", "--learn-to", "2025-05-01", "--month", "2025-05"},
		"be foretold":   {"--learn-from", "2025-04-01", "--learn-to", "2025-05-02", "--month", "2025-05"},
		"days billed":   {"--learn-from", "2025-05-31", "--learn-to", "2025-07-01", "--month", "2025-05"},
	} {
		code, out, errs := hh(append([]string{"accrue"}, args...)...)
		if code != exitUsage || out != "" || !strings.Contains(errs, words) {
			t.Errorf("%v: code %d, %q, %s", args, code, out, errs)
		}
	}
}
