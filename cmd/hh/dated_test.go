package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBeforeItWasMade: a file is not received before it was made, nor made before
// its days were over, but for the hour that clocks and zones differ by.
func TestBeforeItWasMade(t *testing.T) {
	dir := t.TempDir()
	a := sent(t, dir, "a", "20240404090000", 2, "1.0", "A")
	early := sent(t, dir, "early", "20240402120000", 2, "1.0", "A")
	skewed := sent(t, dir, "skewed", "20240402220000", 2, "1.0", "A") // an hour before the day ends
	price := written(t, dir, "price.csv", "date,period,system-price\n2024-04-01..2024-04-02,*,50.00\n")
	llf := written(t, dir, "llf.csv", "date,period,LLF\n2024-04-01..2024-04-02,*,1.1\n")
	half := written(t, dir, "half.csv", "date,period,LLF\n2024-04-01..2024-04-02,1-24,1.1\n")
	nominated := written(t, dir, "nominated.csv", "date,period,nominated\n2024-04-01..2024-04-02,*,1.0\n")
	ahead := "@2024-01-01T00:00:00Z"
	for _, x := range []struct {
		args []string
		want string // empty: fine
	}{
		{[]string{a}, ""},
		{[]string{a + "@2024-04-04T08:00:00Z"}, ""},
		{[]string{a + "@2024-04-04T07:59:59Z"}, "a.D0036: bad value \"2024-04-04T07:59:59Z\": want an instant of receipt that is not before 2024-04-04T09:00:00Z"},
		{[]string{a, a + "@2023-04-04T09:00:00Z"}, "FILE@INSTANT"},
		{[]string{early}, early + ":53:7: bad value \"2024-04-02T12:00:00Z\": want an instant of making that is not before 2024-04-02T23:00:00Z, when AI of 2024-04-02 was over"},
		{[]string{skewed}, ""},
		{[]string{a, "--market", price + ahead}, "price.csv:2:26: bad value \"2024-01-01T00:00:00Z\""},
		{[]string{a, "--market", price + "@2024-04-03T00:00:00Z"}, ""},
		{[]string{a, "--market", llf + ahead, "--contract", nominated + ahead}, ""},
		{[]string{a, "--market", half + ahead}, "restates whole days"},
		{[]string{a, "--market", half}, ""},
	} {
		code, _, errs := hh(append([]string{"bill", "--journal", "--known-at", settled, "--supply", realSupply, "--tariff", realTariff}, x.args...)...)
		if (code == exitFine) != (x.want == "") || !strings.Contains(errs, x.want) {
			t.Errorf("%v: code %d: %s", x.args, code, errs)
		}
	}
}

// TestNotTheFuture: nobody knows what will be known. A report on a day to come is of
// what is known now.
func TestNotTheFuture(t *testing.T) {
	dir := t.TempDir()
	a := sent(t, dir, "a", "20240404090000", 2, "1.0", "A")
	at(t, "2024-05-01T00:00:00Z")
	base := []string{"bill", a, "--journal", "--supply", realSupply, "--tariff", realTariff, "--known-at"}
	for instant, want := range map[string]string{
		"2024-05-01T01:00:00Z": "", "2024-05-01T02:00:00+01:00": "", "2024-05-01T01:00:01Z": "not after now, 2024-05-01T00:00:00Z", "9999-12-31T00:00:00Z": "not after now",
	} {
		if code, _, errs := hh(append(base, instant)...); (code == exitFine) != (want == "") || !strings.Contains(errs, want) {
			t.Errorf("%s: code %d: %s", instant, code, errs)
		}
	}
	if out := journal(t, "reconcile", []string{a}, "--on", "2062-01-01"); !strings.Contains(out, "known at 2024-05-01T00:00:00Z") || !strings.Contains(out, "asked on 2062-01-01") {
		t.Error(out)
	}
}

// TestNoneKnown: where every file came later, all of them are named.
func TestNoneKnown(t *testing.T) {
	dir := t.TempDir()
	a := sent(t, dir, "a", "20240404090000", 2, "1.0", "A")
	b := sent(t, dir, "b", "20240510090000", 2, "2.0", "A")
	for _, x := range []struct {
		days []string
		want string
	}{
		{nil, "all 2 deliveries of it came later, so ask of a later instant (--known-at); received later, and not read: 2: a.D0036 2024-04-04T09:00:00Z, b.D0036 2024-05-10T09:00:00Z"},
		{[]string{"--from", "2024-04-01", "--to", "2024-04-03"}, "no meter data is known of them; all 2 deliveries were received after 2024-01-01T00:00:00Z and are not known then: a.D0036 of 2024-04-04T09:00:00Z, b.D0036 of 2024-05-10T09:00:00Z"},
	} {
		args := append([]string{"bill", a, b, "--journal", "--supply", realSupply, "--tariff", realTariff, "--known-at", "2024-01-01T00:00:00Z"}, x.days...)
		if code, _, errs := hh(args...); code != exitData || !strings.Contains(errs, x.want) {
			t.Errorf("code %d: %s", code, errs)
		}
	}
}

// TestFlowsBesideCSV: with --csv what begins as a flow does is one, in a journal and
// without.
func TestFlowsBesideCSV(t *testing.T) {
	dir := t.TempDir()
	var rows strings.Builder
	rows.WriteString("mpan,timestamp,value\n")
	for p := range 48 {
		fmt.Fprintf(&rows, "1400000000001,2024-04-01 %02d:%02d,2.0\n", p/2, p%2*30)
	}
	text := written(t, dir, "history.csv", rows.String())
	flow := sent(t, dir, "a", "20240501090000", 1, "3.0", "A")
	utc := sentUTC(t, dir, "b", "20240601090000", 1, 1, "4.0")
	whole, err := os.ReadFile(flow)
	if err != nil {
		t.Fatal(err)
	}
	marked := written(t, dir, "marked", "\xef\xbb\xbf"+string(whole))
	csv := []string{"--csv", "long,start,london,kwh", "--known-at", settled, "--from", "2024-04-01", "--to", "2024-04-02"}
	for _, x := range []struct {
		files []string
		want  string
	}{
		{[]string{text + "@2024-04-03T00:00:00Z"}, "96"},
		{[]string{text + "@2024-04-03T00:00:00Z", flow}, "144"},
		{[]string{marked, text + "@2024-04-03T00:00:00Z"}, "144"},
		{[]string{flow, text + "@2024-06-03T00:00:00Z"}, "96"},
		{[]string{utc, text + "@2024-04-03T00:00:00Z", flow}, "190"}, // a UTC day, and the hour before it of the flow
	} {
		if got := kWh(t, x.files, csv...); got != x.want {
			t.Errorf("%v: %s kWh, want %s", x.files, got, x.want)
		}
	}
	second := sent(t, dir, "second", "20240501090000", 2, "1.0", "A")
	code, out, errs := hh("bill", second, "--csv", "long,start,london,kwh", "--supply", realSupply, "--tariff", realTariff)
	if code != exitFine || !strings.Contains(out, "kWh: 96 ") {
		t.Errorf("code %d: %s", code, errs)
	}
	if code, _, errs := hh("bill", flow, text, "--journal", "--csv", "long,start,london,kwh", "--supply", realSupply, "--tariff", realTariff); code != exitUsage || !strings.Contains(errs, "write "+text+"@INSTANT") {
		t.Errorf("code %d: %s", code, errs)
	}
	if code, _, errs := hh("bill", filepath.Join(dir, "none"), "--csv", "long,start,london,kwh", "--supply", realSupply, "--tariff", realTariff); code != exitData || !strings.Contains(errs, "no such file") {
		t.Errorf("code %d: %s", code, errs)
	}
}

// TestMarketWithoutRun: loss factors that state no run are in no run's name, however
// they are given, and no pounds are behind for them.
func TestMarketWithoutRun(t *testing.T) {
	dir := t.TempDir()
	a := sent(t, dir, "a", "20240404090000", 2, "1.0", "A")
	llf := written(t, dir, "llf.csv", "date,period,LLF\n2024-04-01..2024-04-02,*,1.1\n")
	tlm := written(t, dir, "tlm.csv", "date,period,run,TLM\n2024-04-01..2024-04-02,*,R3,1.01\n")
	late := "@2025-06-01T00:00:00Z"
	dated := func(llfAt string) []string { return []string{"--market", llf + llfAt, "--market", tlm + late} }
	for _, view := range []string{"latest", "newest", "R3", "RF", "SF", "as-of:2025-11-01"} {
		flags := []string{"--run", view, "--known-at", settled}
		want := journal(t, "bill", []string{a}, append(flags, "--market", llf, "--market", tlm)...)
		want, _, _ = strings.Cut(want, "\n* undated-market")
		for _, llfAt := range []string{"@2023-12-01T00:00:00Z", late} {
			got := journal(t, "bill", []string{a}, append(flags, dated(llfAt)...)...)
			if got = strings.TrimSuffix(got, "\n"); got != want || !strings.Contains(got, "LLF half-hours: 96 or 100.0 % from untagged") {
				t.Errorf("%s, loss factors of %s:\n%s\nwant\n%s", view, llfAt, got, want)
			}
		}
	}
}
