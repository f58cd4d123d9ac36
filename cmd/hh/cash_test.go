package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

// disputed are determinations of the worked example's day, and one of another.
const disputed = `id,from,to,pounds,reason,source,reverses,before,known
D1,2025-12-04,2025-12-05,-1234.50,wrong meter technical details,notice 7,,R1,2026-01-15
D2,2025-12-04,2025-12-05,1234.50,R1 is there,notice 8,D1,,2026-02-01
D3,2025-12-04,2025-12-05,10.00,another,notice 9,,RF,
D4,2026-12-04,2026-12-05,10.00,another,notice 10,,,
`

func determinations(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "d.csv")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// spaced is a text with single spaces, so that columns do not matter.
func spaced(s string) string {
	var out []string
	for line := range strings.Lines(s) {
		out = append(out, strings.Join(strings.Fields(line), " "))
	}
	return strings.Join(out, "\n")
}

// TestDeterminations: every command that takes determinations prints them, with
// what reverses what, and what is due.
func TestDeterminations(t *testing.T) {
	file := determinations(t, disputed)
	for _, c := range []struct {
		args  string
		words []string
		not   []string
	}{
		{"bill", []string{
			"total 3344.45\nD1 2025-12-04 2025-12-04 -1234.50 determination; to be reversed before R1; wrong meter technical details; notice 7\n" +
				"D2 2025-12-04 2025-12-04 1234.50 reverses D1; R1 is there; notice 8\n" +
				"D3 2025-12-04 2025-12-04 10.00 determination; to be reversed before RF; another; notice 9\ndue 3354.45\n",
			"* cash-without-vat: ", "* determination-standing: ", // D3: RF speaks
			"determinations of days that are not billed here: 1, GBP 10.00: D4"}, nil},
		{"bill --as-of 2026-01-20", []string{"due 2108.80\n", "determinations made known later: 1, GBP 1234.50: D2", "* cash-without-vat"}, []string{"determination-standing", "D2 2025"}},
		{"rebill --from as-of:2026-01-10 --to as-of:2026-01-20", []string{
			"total 3333.30 3333.30 0.00\nD1 2025-12-04 2025-12-04 -1234.50 -1234.50 booking; determination; to be reversed before R1; wrong meter technical details; notice 7\ndue 3343.30 2108.80 -1234.50\n",
			"made known later: 1, GBP 1234.50: D2"}, []string{"D3 "}},
		{"rebill --style ledger --from as-of:2026-01-20 --to latest", []string{
			"D1 2025-12-04 2025-12-04 1234.50 determination;", "due -2108.80\n", "D2 2025-12-04 2025-12-04 1234.50 reverses D1", "due 3354.45\n"}, nil},
		{"reconcile", []string{"determination from to GBP stands\n" +
			"D1 2025-12-04 2025-12-04 -1234.50 reversed by D2 determination; to be reversed before R1; wrong meter technical details; notice 7\n" +
			"D2 2025-12-04 2025-12-04 1234.50 reversal reverses D1; R1 is there; notice 8\n" +
			"D3 2025-12-04 2025-12-04 10.00 may be counted twice determination; to be reversed before RF; another; notice 9\n" +
			"D4 2026-12-04 2026-12-04 10.00 outside determination; another; notice 10"}, nil},
	} {
		args := append(strings.Fields(c.args), "--example", worked, "--determinations", file)
		code, out, errs := hh(args...)
		if code != exitFine || errs != "" {
			t.Errorf("%s: code %d, %s", c.args, code, errs)
		}
		for _, w := range c.words {
			if !strings.Contains(spaced(out), w) {
				t.Errorf("%s: %q is not in\n%s", c.args, w, out)
			}
		}
		for _, w := range c.not {
			if strings.Contains(spaced(out), w) {
				t.Errorf("%s: %q is in\n%s", c.args, w, out)
			}
		}
	}
}

// TestDeterminationsJSON: a program that reads the bills can add the section up,
// and the two styles of correction come to the same.
func TestDeterminationsJSON(t *testing.T) {
	type doc struct {
		Gross decimal.Decimal `json:"gross_gbp"`
		Due   decimal.Decimal `json:"due_gbp"`
		Cash  []struct {
			ID, Reverses string
			Amount       decimal.Decimal `json:"amount_gbp"`
		}
		Original, Rebill struct {
			Due decimal.Decimal `json:"due_gbp"`
		}
	}
	read := func(into any, args ...string) {
		code, out, errs := hh(append(args, "--example", worked, "--determinations", determinations(t, disputed), "--format", "json")...)
		if err := json.Unmarshal([]byte(out), into); err != nil || code != exitFine {
			t.Fatalf("%v: %d %v %s", args, code, err, errs)
		}
	}
	check := func(d *doc, lines int) {
		t.Helper()
		sum := d.Gross
		for _, c := range d.Cash {
			sum = sum.Add(c.Amount)
		}
		if !sum.Equal(d.Due) || len(d.Cash) != lines {
			t.Errorf("%+v", d)
		}
	}
	var b, a doc
	read(&b, "bill")
	check(&b, 3)
	read(&a, "rebill", "--from", "as-of:2026-01-10")
	check(&a, 2)
	if !a.Original.Due.Add(a.Due).Equal(a.Rebill.Due) || !a.Rebill.Due.Equal(b.Due) || a.Cash[1].ID != "D2" {
		t.Errorf("%+v", a)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"bill"}, "outside D4"},
		{[]string{"bill", "--as-of", "2026-01-20"}, "outside D4, not known yet D2"},
		{[]string{"rebill", "--from", "as-of:2026-01-10"}, "outside D4"},
		{[]string{"rebill", "--from", "as-of:2026-01-10", "--style", "ledger"}, "outside D4; outside D4"},
	} {
		var raw json.RawMessage
		read(&raw, c.args...)
		if raw[0] != '[' {
			raw = fmt.Appendf(nil, "[%s]", raw)
		}
		var docs []struct {
			Unbilled []struct {
				State         string
				Determination struct{ ID string }
			}
		}
		if err := json.Unmarshal(raw, &docs); err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, d := range docs {
			var of []string
			for _, x := range d.Unbilled {
				of = append(of, x.State+" "+x.Determination.ID)
			}
			all = append(all, strings.Join(of, ", "))
		}
		if got := strings.Join(all, "; "); got != c.want {
			t.Errorf("%v: unbilled %s, want %s", c.args, got, c.want)
		}
	}
	var ledger []doc
	read(&ledger, "rebill", "--from", "as-of:2026-01-10", "--style", "ledger")
	if sum := ledger[0].Due.Add(ledger[1].Due); !sum.Equal(a.Due) {
		t.Errorf("%s and %s", sum, a.Due)
	}
}

// TestDeterminationsRefused: what is wrong with the file is told where it stands.
func TestDeterminationsRefused(t *testing.T) {
	for text, words := range map[string]string{
		"id,from,to\n": "d.csv:1: ",
		disputed + "D5,2025-12-04,2025-12-05,1,,n,,,\n":           "d.csv:6: bad determination",
		disputed + "D5,2025-12-04,2025-12-05,-10.01,r,n,D3,,\n":   "d.csv:6: bad determination \"-10.01\": want exactly what undoes D3: -10.00",
		disputed + "D5,2025-12-04,2025-12-06,1,r,n,,,\n":          "bill 2025-12-04 to 2025-12-06 together",
		disputed + "D5,2025-12-04,2025-12-05,1,r,n,,SF,\n":        "d.csv:6: ",
		disputed + "D5,2025-12-04,2025-12-05,1,r,n,,,yesterday\n": "d.csv:6:34: ",
	} {
		code, out, errs := hh("bill", "--example", worked, "--determinations", determinations(t, text))
		if code != exitData || out != "" || !strings.Contains(errs, words) {
			t.Errorf("%q: code %d, %s%s", text, code, out, errs)
		}
	}
	if code, _, errs := hh("bill", "--example", worked, "--determinations", "/nowhere.csv"); code != exitData || !strings.Contains(errs, "nowhere.csv") {
		t.Errorf("code %d, %s", code, errs)
	}
}
