package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sent is a D0036 of the made-up meter over the first days of April 2024, each
// half-hour with one value, and one flag on the first of each day.
func sent(t *testing.T, dir, name, created string, days int, value, flag string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("101|1400000000001|AI|GMTR|\n")
	for d := range days {
		fmt.Fprintf(&b, "102|202404%02d|\n103|%s|%s|\n%s", d+1, flag, value, strings.Repeat("103|A|"+value+"|\n", 47))
	}
	return userFile(t, filepath.Join(dir, name+".D0036"), name, created, b.String())
}

// userFile writes one of the flow that its path ends in.
func userFile(t *testing.T, path, name, created, body string) string {
	t.Helper()
	text := "ZHV|" + name + "|" + filepath.Ext(path)[1:] + "001|C|SSIL|X|GMTR|" + created + "||||OPER|\n" + body +
		fmt.Sprintf("ZPT|%s|%d||1|%s|\n", name, strings.Count(body, "\n"), created)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// journal runs a command over flows.
func journal(t *testing.T, command string, files []string, flags ...string) string {
	t.Helper()
	args := append([]string{command, "--journal", "--supply", realSupply}, flags...)
	if command != "reconcile" {
		args = append(args, "--tariff", realTariff)
	}
	code, out, errs := hh(append(args, files...)...)
	if code != exitFine {
		t.Fatalf("%v: code %d: %s", args, code, errs)
	}
	return out
}

// kWh is what a bill of two April days says was metered.
func kWh(t *testing.T, files []string, flags ...string) string {
	t.Helper()
	out := journal(t, "bill", files, flags...)
	_, rest, _ := strings.Cut(out, "kWh: ")
	n, _, _ := strings.Cut(rest, " metered")
	return n
}

const settled = "2025-12-01T00:00:00Z"

// TestJournalRuns: three files, each closed upon by other runs. The runs of 1
// and 2 April 2024: SF is due at the end of April, R1 in June, R2 in August.
func TestJournalRuns(t *testing.T) {
	dir := t.TempDir()
	a := sent(t, dir, "a", "20240404090000", 2, "1.0", "E")
	b := sent(t, dir, "b", "20240510090000", 2, "2.0", "A")
	c := sent(t, dir, "c", "20270101090000", 2, "3.0", "A") // after every run
	all := []string{a, b, c}
	late := "2027-02-01T00:00:00Z"
	at(t, late)
	for _, x := range []struct {
		flags []string
		want  string
	}{
		{[]string{"--run", "SF", "--known-at", late}, "96"},
		{[]string{"--run", "R1", "--known-at", late}, "192"},
		{[]string{"--run", "RF", "--known-at", late}, "192"},
		{[]string{"--known-at", late}, "288"},
		{[]string{"--run", "newest", "--known-at", "2024-05-01T00:00:00Z"}, "96"},
		{[]string{"--run", "R1", "--known-at", "2024-05-11T00:00:00Z"}, "96"},
		{[]string{"--known-at", "2024-05-11T00:00:00Z"}, "192"},
		{[]string{"--as-of", "2024-05-11", "--known-at", late}, "96"},
		{[]string{"--as-of", "2024-12-01", "--known-at", late}, "192"},
	} {
		if got := kWh(t, all, x.flags...); got != x.want {
			t.Errorf("%v: %s kWh, want %s", x.flags, got, x.want)
		}
	}

	// A later file changes nothing that was known before it, nor what a closed
	// run saw.
	for _, flags := range [][]string{{"--known-at", settled}, {"--known-at", settled, "--run", "SF"}, {"--known-at", settled, "--as-of", "2024-05-11"}} {
		for _, command := range []string{"bill", "reconcile"} {
			was := journal(t, command, []string{a, b}, flags...)
			is := journal(t, command, []string{c, b, a}, flags...)
			if later := "\nreceived later, and not read: 1: c.D0036 2027-01-01T09:00:00Z\n"; was+later != is {
				t.Errorf("%s %v: a later file changes it:\n%s\n%s", command, flags, was, is)
			}
		}
	}
	was := journal(t, "bill", []string{a, b}, "--run", "R1", "--known-at", late)
	if is := journal(t, "bill", all, "--run", "R1", "--known-at", late); was != is {
		t.Errorf("R1 saw a file that came after it closed:\n%s\n%s", was, is)
	}
}

// sentUTC is a D0379 of the made-up meter: UTC days of April 2024 from one on, each
// half-hour with one value. The day before the first is 0.
func sentUTC(t *testing.T, dir, name, created string, first, days int, value string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("25B|1400000000001|AI|GMTR|\n")
	for d := first; d < first+days; d++ {
		date := fmt.Sprintf("202404%02d", d)
		if d == 0 {
			date = "20240331"
		}
		fmt.Fprintf(&b, "26B|%s|\n%s", date, strings.Repeat("66L|A|"+value+"|\n", 48))
	}
	return userFile(t, filepath.Join(dir, name+".D0379"), name, created, b.String())
}

// TestJournalUTC: a D0379 restates UTC days, in summer half of which lie in other
// days of the clock, and a message that is missing leaves two days incomplete.
func TestJournalUTC(t *testing.T) {
	dir := t.TempDir()
	a := sentUTC(t, dir, "a", "20240404090000", 0, 3, "1.0")
	local := sent(t, dir, "local", "20240405090000", 1, "2.0", "A")
	b := sentUTC(t, dir, "b", "20240406090000", 2, 1, "3.0")
	for _, x := range []struct {
		files []string
		want  string
	}{
		{[]string{a}, "96"},
		{[]string{local, a}, "144"},    // 48 at 2 and 48 at 1
		{[]string{b, a, local}, "236"}, // of the second day, all but its first hour at 3
	} {
		for _, flags := range [][]string{{"--known-at", settled}, {"--known-at", settled, "--run", "SF"}} {
			if got := kWh(t, x.files, append(flags, "--from", "2024-04-01", "--to", "2024-04-03")...); got != x.want {
				t.Errorf("%v %v: %s kWh, want %s", x.files, flags, got, x.want)
			}
		}
	}
	hole := []string{sentUTC(t, dir, "c", "20240404090000", 0, 1, "1.0"), b}
	args := []string{"bill", "--journal", "--supply", realSupply, "--tariff", realTariff, "--known-at", settled, "--from", "2024-04-01", "--to", "2024-04-03"}
	if code, _, errs := hh(append(args, hole...)...); code != exitData || !strings.Contains(errs, "2024-04-01/03") || !strings.Contains(errs, "48 of 96 half-hours") {
		t.Errorf("code %d: %s", code, errs)
	}
}

// TestJournalOrder: the order of files, and giving one twice, cannot show.
func TestJournalOrder(t *testing.T) {
	dir := t.TempDir()
	a := sent(t, dir, "a", "20240404090000", 2, "1.0", "A")
	b := sent(t, dir, "b", "20240510090000", 2, "2.0", "E")
	c := sent(t, dir, "c", "20240510090000", 1, "4.0", "A") // at odds with b
	for _, flags := range [][]string{{"--known-at", settled}, {"--known-at", settled, "--run", "SF"}, {"--known-at", settled, "--run", "R2", "--format", "json"}} {
		want := journal(t, "bill", []string{a, b, c}, flags...)
		for _, order := range [][]string{{c, b, a}, {b, a, c, b, a}, {b, c, a, a}} {
			if got := journal(t, "bill", order, flags...); got != want {
				t.Errorf("%v %v:\n%s\n%s", flags, order, got, want)
			}
		}
	}
	out := journal(t, "bill", []string{a, b, c}, "--known-at", settled)
	for _, name := range []string{"conflicting-versions", "estimate-replaced-actual"} {
		if !strings.Contains(out, "* "+name) {
			t.Errorf("no %s in\n%s", name, out)
		}
	}
	if got := kWh(t, []string{a, b, c}, "--known-at", settled); got != "288" {
		t.Errorf("%s kWh, want 192 of c and 96 of b", got)
	}
	out = journal(t, "bill", []string{a, b, c}, "--known-at", settled, "--run", "SF")
	if strings.Contains(out, "conflicting-versions") || strings.Contains(out, "estimate-replaced") {
		t.Errorf("SF saw neither version at odds:\n%s", out)
	}
}

// TestJournalEstimates: an actual that replaces an estimate is no news.
func TestJournalEstimates(t *testing.T) {
	dir := t.TempDir()
	a := sent(t, dir, "a", "20240404090000", 1, "1.0", "E")
	b := sent(t, dir, "b", "20240510090000", 1, "2.0", "A")
	c := sent(t, dir, "c", "20240601090000", 1, "3.0", "E")
	d := sent(t, dir, "d", "20240602090000", 1, "3.5", "E")
	if out := journal(t, "bill", []string{a, b}, "--known-at", settled); strings.Contains(out, "estimate-replaced") {
		t.Error(out)
	}
	if out := journal(t, "bill", []string{a, b, c, d}, "--known-at", settled); !strings.Contains(out, "estimate-replaced-actual") {
		t.Error("an estimate that follows an estimate hides the actual before both:", out)
	}
}

// TestJournalReports are the comparison and the expectation, in full.
func TestJournalReports(t *testing.T) {
	dir := t.TempDir()
	files := []string{
		sent(t, dir, "a", "20240404090000", 2, "1.0", "A"),
		sent(t, dir, "b", "20240510090000", 1, "2.0", "E"),
		sent(t, dir, "c", "20240701090000", 2, "3.0", "A"),
	}
	golden(t, "journal-compare.txt", journal(t, "compare", files, "--from", "SF", "--to", "R1", "--known-at", settled))
	golden(t, "journal-steps.txt", journal(t, "compare", files, "--known-at", "2024-07-02T00:00:00Z"))
	golden(t, "journal-reconcile.txt", journal(t, "reconcile", files, "--on", "2024-07-02"))
	golden(t, "journal-reconcile.json", journal(t, "reconcile", files, "--on", "2024-07-02", "--want", "R1", "--format", "json"))
}

// TestJournalRefused: wrong use is told with its remedy.
func TestJournalRefused(t *testing.T) {
	dir := t.TempDir()
	a := sent(t, dir, "a", "20240404090000", 1, "1.0", "A")
	text := written(t, dir, "a.csv", "mpan,date,period,value\n")
	base := []string{a, "--tariff", realTariff, "--supply", realSupply}
	for _, x := range []struct {
		args []string
		code int
		want string
	}{
		{append([]string{"bill", "--known-at", settled}, base...), exitUsage, "goes with --journal"},
		{append([]string{"bill", "--journal", "--csv", "long,start,london,kwh", text}, base...), exitUsage, "does not say when it was made: write " + text + "@INSTANT"},
		{append([]string{"bill", "--journal", "--known-at", "yesterday"}, base...), exitUsage, "want a date and time with its zone"},
		{[]string{"bill", "--journal"}, exitUsage, "--journal goes with meter data: name its files"},
		{[]string{"bill", "--tag", "SF", "--round", "--journal"}, exitUsage, "hh: --tag, --journal and --round go with meter data"},
		{append([]string{"bill", "--journal", "--known-at", "2024-01-01T00:00:00Z"}, base...), exitData, "no meter data was known at 2024-01-01T00:00:00Z: all 1 deliveries of it came later, so ask of a later instant (--known-at); received later, and not read: 1: a.D0036 2024-04-04T09:00:00Z"},
		{append([]string{"bill", "--journal", "--known-at", "2024-01-01T00:00:00Z", "--from", "2024-04-01", "--to", "2024-04-02"}, base...), exitData, "1 deliveries were received after"},
		{[]string{"reconcile", "--want", "R1", a, "--supply", realSupply}, exitUsage, "--want goes with --on"},
		{[]string{"reconcile", "--journal", "--run", "newest", "--on", "2024-07-01", a, "--supply", realSupply}, exitUsage, "looks past the runs"},
	} {
		if code, _, errs := hh(x.args...); code != x.code || !strings.Contains(errs, x.want) {
			t.Errorf("%v: code %d: %s", x.args, code, errs)
		}
	}
}
