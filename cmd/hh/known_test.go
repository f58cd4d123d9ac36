package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// at stops the clock.
func at(t *testing.T, instant string) {
	t.Helper()
	was, when := now, time.Time{}
	if err := when.UnmarshalText([]byte(instant)); err != nil {
		t.Fatal(err)
	}
	now = func() time.Time { return when }
	t.Cleanup(func() { now = was })
}

// written is a file of a text.
func written(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestTwoInstants: what was known at one instant is held against what was at
// another; an instant goes with any view, and every command reads it alike.
func TestTwoInstants(t *testing.T) {
	dir := t.TempDir()
	files := []string{
		sent(t, dir, "a", "20240404090000", 2, "1.0", "A"),
		sent(t, dir, "b", "20240510090000", 2, "2.0", "A"),
		sent(t, dir, "c", "20240901090000", 2, "3.0", "A"),
	}
	may, june := "2024-05-01T00:00:00Z", "2024-06-15T00:00:00+01:00"
	out := journal(t, "compare", files, "--known-at", settled, "--from", "known-at:"+may, "--to", "known-at:"+june)
	for _, want := range []string{"known at " + may, "known at 2024-06-14T23:00:00Z", "96", "192"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	out = journal(t, "rebill", files, "--known-at", settled, "--from", "known-at:"+may, "--to", "newest")
	if !strings.Contains(out, "kWh: 288 metered, billed before: 96") {
		t.Error(out)
	}
	for view, want := range map[string]string{
		"known-at:" + may: "96", "known-at:" + june: "192", "newest": "288", "newest@" + june: "192",
		"R1": "192", "R1@" + may: "96", "latest@" + may: "96", "as-of:2024-12-01@" + june: "192", "as-of:2024-05-05": "96",
	} {
		if got := kWh(t, files, "--run", view, "--known-at", settled); got != want {
			t.Errorf("--run %s: %s kWh, want %s", view, got, want)
		}
		out := journal(t, "rebill", files, "--from", view, "--known-at", settled)
		if !strings.Contains(out, "billed before: "+want+"\n") {
			t.Errorf("rebill --from %s: want %s kWh in\n%s", view, want, out)
		}
		if out := journal(t, "reconcile", files, "--run", view, "--known-at", settled); !strings.Contains(out, " "+want+"   kWh") {
			t.Errorf("reconcile --run %s: want %s kWh in\n%s", view, want, out)
		}
	}
	base := append([]string{"--supply", realSupply, "--tariff", realTariff}, files...)
	for _, x := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"bill", "--run", "known-at:" + may}, exitUsage, "goes with --journal"},
		{[]string{"bill", "--run", "R1@" + may}, exitUsage, "goes with --journal"},
		{[]string{"compare", "--from", "known-at:" + may, "--to", "SF"}, exitUsage, "goes with --journal"},
		{[]string{"bill", "--run", "newest"}, exitUsage, "goes with --journal"},
		{[]string{"bill", "--journal", "--run", "known-at:yesterday"}, exitUsage, "a date and time with its zone"},
		{[]string{"bill", "--journal", "--run", "R9@" + may}, exitUsage, "want a run"},
		{[]string{"bill", "--journal", "--run", "@" + may}, exitUsage, "want a run"},
		{[]string{"bill", "--journal", "--known-at", may, "--run", "known-at:" + june}, exitData, "an instant not after 2024-05-01T00:00:00Z"},
		{[]string{"reconcile", "--journal", "--run", "known-at:" + may, "--on", "2024-06-01"}, exitUsage, "looks past the runs"},
	} {
		args := append(x.args, base...)
		if x.args[0] == "reconcile" {
			args = append(x.args, base[:2]...)
		}
		if code, _, errs := hh(args...); code != x.code || !strings.Contains(errs, x.want) {
			t.Errorf("%v: code %d: %s", x.args, code, errs)
		}
	}
}

// TestOutlookClock: a bill of deliveries knows what has passed by its instant; a
// view of a run names those after it; one of readings alone says that it knows no
// clock. Of 1 and 2 April 2024, SF is due on 23 and 24 April, R1 on 28 May.
func TestOutlookClock(t *testing.T) {
	dir := t.TempDir()
	file := sent(t, dir, "a", "20240404090000", 2, "1.0", "A")
	for _, c := range []struct {
		flags []string
		want  string
		on    any
	}{
		{[]string{"--known-at", "2024-05-20T12:00:00Z"}, "runs to come, after 2024-05-20: next on 2024-05-28: R1 (days: 2)", "2024-05-20"},
		{[]string{"--known-at", settled, "--run", "SF"}, "R1 (days: 2) due 2024-05-28 to 2024-05-29, R2", "2025-12-01"},
		{[]string{"--known-at", settled, "--run", "SF@2024-05-20T12:00:00Z"}, "runs to come, after 2024-05-20: ", "2024-05-20"},
		{[]string{"--known-at", settled, "--as-of", "2024-05-28"}, "runs to come, after 2024-05-28: ", "2024-05-28"},
	} {
		out := journal(t, "bill", []string{file}, c.flags...)
		var doc struct {
			Coming struct {
				On     any
				Passed []struct{ Run string }
			} `json:"to_come"`
		}
		if err := json.Unmarshal([]byte(journal(t, "bill", []string{file}, append(c.flags, "--format", "json")...)), &doc); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out, c.want) || doc.Coming.On != c.on || strings.Contains(out, "that do not speak") != (len(doc.Coming.Passed) > 0) {
			t.Errorf("%v: want %q; JSON %+v\n%s", c.flags, c.want, doc, out)
		}
	}
	out := journal(t, "bill", []string{file}, "--known-at", settled, "--run", "SF")
	if !strings.Contains(out, "runs to come: none\nruns due by 2025-12-01 that do not speak: R1 (days: 2)") {
		t.Error(out)
	}
	code, out, _ := hh("bill", file, "--supply", realSupply, "--tariff", realTariff)
	if code != exitFine || !strings.Contains(out, "runs to come, by the timetable alone, with no clock to say what has passed: next on ") {
		t.Error(out)
	}
}

// TestReceived: FILE@INSTANT says when a file was received, whatever its header
// says; a CSV file has no header, and is a delivery like any other.
func TestReceived(t *testing.T) {
	dir := t.TempDir()
	a := sent(t, dir, "a", "20240404090000", 2, "1.0", "A")
	var rows strings.Builder
	rows.WriteString("mpan,line,timestamp,value\n")
	for d := 1; d <= 2; d++ {
		for p := range 48 {
			fmt.Fprintf(&rows, "1400000000001,AI,2024-04-%02d %02d:%02d,2.0\n", d, p/2, p%2*30)
		}
	}
	text := written(t, dir, "b.csv", rows.String())
	may, june := "2024-05-01T00:00:00Z", "2024-06-15T12:00:00+01:00"
	if got := kWh(t, []string{a + "@" + june}, "--run", "R2", "--known-at", settled); got != "96" {
		t.Error(got)
	}
	code, _, errs := hh("bill", "--journal", "--supply", realSupply, "--tariff", realTariff, "--known-at", may, "--from", "2024-04-01", "--to", "2024-04-03", a+"@"+june)
	if code != exitData || !strings.Contains(errs, "1 deliveries were received after") {
		t.Errorf("code %d: %s", code, errs)
	}
	csv := []string{"--csv", "long,start,london,kwh"}
	for view, want := range map[string]string{"SF": "96", "R2": "192", "newest": "192"} {
		early := written(t, dir, "early.csv", strings.ReplaceAll(rows.String(), ",2.0\n", ",1.0\n"))
		if got := kWh(t, []string{early + "@2024-04-04T09:00:00Z", text + "@" + june}, append(csv, "--run", view, "--known-at", settled)...); got != want {
			t.Errorf("%s: %s kWh, want %s", view, got, want)
		}
	}

	// Rows of UTC days restate such days: in summer the clock's has two of each.
	var wide strings.Builder
	wide.WriteString("mpan,line,date")
	for n := range 48 {
		fmt.Fprintf(&wide, ",%d", n+1)
	}
	for _, day := range []string{"2024-03-31", "2024-04-01", "2024-04-02"} {
		wide.WriteString("\n1400000000001,AI," + day + strings.Repeat(",3.0", 48))
	}
	utc := written(t, dir, "utc.csv", wide.String()+"\n")
	if got := kWh(t, []string{utc + "@" + may}, "--csv", "wide,start,utc,kwh", "--known-at", settled, "--from", "2024-04-01", "--to", "2024-04-03"); got != "288" {
		t.Error(got)
	}

	// A name with an @ is a name; so is a whole name that is there.
	odd := written(t, dir, "b@home.csv", rows.String())
	if got := kWh(t, []string{odd + "@" + may}, append(csv, "--known-at", settled)...); got != "192" {
		t.Error(got)
	}
	whole := written(t, dir, "c.csv@"+may, rows.String())
	for _, x := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--csv", csv[1], odd}, exitFine, ""},
		{[]string{"--csv", csv[1], whole}, exitFine, ""},
		{[]string{"--csv", csv[1], "--journal", whole}, exitUsage, "to say when it was received"},
		{[]string{"--csv", csv[1], text + "@" + may}, exitUsage, "goes with --journal"},
		{[]string{"--csv", csv[1], "--journal", text + "@2024-05-01"}, exitUsage, "stands no instant: 2024-05-01: want a date and time"},
		{[]string{"--csv", csv[1], filepath.Join(dir, "no@where")}, exitData, "no such file"},
		{[]string{a + "@" + may, "--journal", "--market", text + "@" + may, "--market", text}, exitUsage, "or of none"},
	} {
		code, _, errs := hh(append([]string{"bill", "--supply", realSupply, "--tariff", realTariff}, x.args...)...)
		if code != x.code || !strings.Contains(errs, x.want) {
			t.Errorf("%v: code %d: %s", x.args, code, errs)
		}
	}
}

// TestMarketReceived: a table that says when it came speaks from then on, and
// one that does not is a condition where an earlier instant is asked of.
func TestMarketReceived(t *testing.T) {
	dir := t.TempDir()
	a := sent(t, dir, "a", "20240404090000", 2, "1.0", "A")
	low := written(t, dir, "low.csv", "date,period,run,LLF\n2024-04-01..2024-04-02,*,SF,1.1\n")
	high := written(t, dir, "high.csv", "date,period,run,LLF\n2024-04-01..2024-04-02,*,R1,1.2\n")
	gsp := func(flags ...string) (string, string) {
		out := journal(t, "bill", []string{a}, flags...)
		_, rest, _ := strings.Cut(out, "metered, ")
		n, _, _ := strings.Cut(rest, " at")
		return n, out
	}
	dated := []string{"--market", low + "@2024-04-25T09:00:00Z", "--market", high + "@2024-05-28T09:00:00Z"}
	for known, want := range map[string]string{"2024-04-20T00:00:00Z": "103.512", "2024-05-01T00:00:00Z": "105.6", settled: "115.2"} {
		n, out := gsp(append(dated, "--known-at", known)...)
		if n != want || strings.Contains(out, "undated-market") {
			t.Errorf("known at %s: %s kWh at the GSP, want %s\n%s", known, n, want, out)
		}
	}
	_, before := gsp("--market", low+"@2024-04-25T09:00:00Z", "--known-at", "2024-05-01T00:00:00Z")
	_, after := gsp(append(dated, "--known-at", "2024-05-01T00:00:00Z")...)
	if after != before+"\nreceived later, and not read: 1: high.csv 2024-05-28T09:00:00Z\n" {
		t.Errorf("a later table changes what was known:\n%s\n%s", before, after)
	}
	undated := []string{"--market", low, "--market", high}
	if n, out := gsp(append(undated, "--known-at", "2024-05-01T00:00:00Z")...); n != "115.2" || !strings.Contains(out, "* undated-market: ") {
		t.Errorf("%s kWh\n%s", n, out)
	}
	if _, out := gsp(undated...); strings.Contains(out, "undated-market") {
		t.Errorf("nothing is later than now:\n%s", out)
	}
	out := journal(t, "reconcile", []string{a}, append(undated, "--known-at", "2024-05-01T00:00:00Z")...)
	if !strings.Contains(out, "(undated-market)") {
		t.Error(out)
	}
}

// TestFromTheFuture: a header that lies ahead of the clock by no more than clocks
// differ moves the instant, and is told; one beyond it is refused with its remedy.
func TestFromTheFuture(t *testing.T) {
	dir := t.TempDir()
	a := sent(t, dir, "a", "20240404090000", 2, "1.0", "A")
	b := sent(t, dir, "b", "20240510090000", 2, "2.0", "A")
	bill := func(args ...string) (int, string, string) {
		return hh(append([]string{"bill", "--journal", "--supply", realSupply, "--tariff", realTariff}, args...)...)
	}
	at(t, "2024-05-10T08:00:00Z")
	code, out, errs := bill(a, b)
	if code != exitFine || !strings.Contains(errs, "2024-05-10T09:00:00Z lies ahead of this clock") || !strings.Contains(out, "known at 2024-05-10T09:00:00Z") || !strings.Contains(out, "kWh: 192 ") {
		t.Errorf("code %d: %s\n%s", code, errs, out)
	}
	at(t, "2024-05-10T07:59:59Z")
	if code, _, errs := bill(a, b); code != exitData || !strings.Contains(errs, b+": ") || !strings.Contains(errs, "the header says when it was made") || !strings.Contains(errs, "--known-at") {
		t.Errorf("code %d: %s", code, errs)
	}
	if code, _, errs := bill(a, b+"@2024-05-10T10:00:00Z"); code != exitData || !strings.Contains(errs, "say when it was received, "+b+"@INSTANT") {
		t.Errorf("code %d: %s", code, errs)
	}
	if code, _, errs := bill(a, b, "--known-at", "2024-05-10T09:00:00Z"); code != exitUsage || !strings.Contains(errs, "not after now") {
		t.Errorf("code %d: %s", code, errs)
	}
	if code, out, errs := bill(a, b, "--known-at", "2024-05-10T07:59:59Z"); code != exitFine || errs != "" || !strings.Contains(out, "kWh: 96 ") {
		t.Errorf("code %d: %s\n%s", code, errs, out)
	}
	at(t, "2024-05-10T08:00:00Z")
	if code, out, errs := bill(a, b+"@2024-05-10T08:00:00Z"); code != exitFine || !strings.Contains(out, "known at 2024-05-10T09:00:00Z") || !strings.Contains(out, "kWh: 192 ") {
		t.Errorf("code %d: %s\n%s", code, errs, out)
	}
	if code, out, errs := bill(a, b, "--known-at", "2024-05-10T08:59:59Z"); code != exitFine || errs != "" || !strings.Contains(out, "kWh: 96 ") {
		t.Errorf("code %d: %s\n%s", code, errs, out)
	}
}

// TestInputs: every command that reads data can say what is not in its answer.
func TestInputs(t *testing.T) {
	var c cli
	reading := 0
	for i := range reflect.TypeOf(c).NumField() {
		if f, ok := reflect.TypeOf(c).Field(i).Type.FieldByName("input"); ok && f.Type == reflect.TypeOf(input{}) {
			reading++
		}
	}
	if n := len(c.inputs()); n != reading || reading == 0 {
		t.Errorf("%d inputs of %d commands that read data", n, reading)
	}
}

// TestLaterNamed: every command that takes --journal names what it did not read.
func TestLaterNamed(t *testing.T) {
	dir := t.TempDir()
	files := []string{sent(t, dir, "a", "20240404090000", 2, "1.0", "A")}
	for i := range 7 {
		files = append(files, sent(t, dir, fmt.Sprintf("later%d", i), fmt.Sprintf("202405%02d090000", 10+i), 2, "2.0", "A"))
	}
	rows := written(t, dir, "bill.csv", "from,to,item,quantity\n2024-04-01,2024-04-03,msp,96.0\n")
	for command, args := range map[string][]string{
		"bill": nil, "rebill": {"--from", "SF"}, "compare": {"--from", "SF"}, "explain": {"duos-red", "2024-04-01"}, "reconcile": nil, "check": {rows},
	} {
		args := append([]string{command}, args...)
		args = append(append(args, files...), "--journal", "--supply", realSupply, "--known-at", "2024-05-01T00:00:00Z")
		if command != "reconcile" {
			args = append(args, "--tariff", realTariff)
		}
		code, out, errs := hh(args...)
		if code != exitFine || !strings.Contains(out, "\nreceived later, and not read: 7: later0.D0036 2024-05-10T09:00:00Z, ") || !strings.HasSuffix(out, "later4.D0036 2024-05-14T09:00:00Z, …\n") {
			t.Errorf("%s: code %d: %s\n%s", command, code, errs, out)
		}
		code, out, errs = hh(append(args, "--format", "json")...)
		if code != exitFine {
			t.Fatal(command, errs)
		}
		var all []struct{ Later laterJSON }
		if json.Unmarshal([]byte(out), &all) != nil {
			all = make([]struct{ Later laterJSON }, 1)
			if err := json.Unmarshal([]byte(out), &all[0]); err != nil {
				t.Fatal(command, err)
			}
		}
		for _, x := range all {
			if x.Later.Count != 7 || len(x.Later.First) != firstLater || x.Later.First[0] != (deliveryJSON{"later0.D0036", "2024-05-10T09:00:00Z"}) {
				t.Errorf("%s: %s", command, out)
			}
		}
	}
}

// TestCalendar: what is published is what cut-offs, views and expectations go by.
func TestCalendar(t *testing.T) {
	dir := t.TempDir()
	a := sent(t, dir, "a", "20240404090000", 2, "1.0", "A")
	b := sent(t, dir, "b", "20240428090000", 2, "2.0", "A") // after SF as it is counted, before it as published
	calendar := written(t, dir, "calendar.csv", "day,run,due\n2024-04-01,SF,2024-05-02\n2024-04-02,SF,2024-05-02\n2024-04-01,R1,2024-07-01\n2024-04-02,R1,2024-07-01\n")
	for _, x := range []struct {
		flags []string
		want  string
	}{
		{[]string{"--run", "SF"}, "96"},
		{[]string{"--run", "SF", "--calendar", calendar}, "192"},
		{[]string{"--as-of", "2024-04-30", "--run", ""}, ""},
	} {
		if x.want == "" {
			continue
		}
		if got := kWh(t, []string{a, b}, append(x.flags, "--known-at", settled)...); got != x.want {
			t.Errorf("%v: %s kWh, want %s", x.flags, got, x.want)
		}
	}
	out := journal(t, "reconcile", []string{a, b}, "--on", "2024-06-15", "--want", "R1", "--calendar", calendar)
	if !strings.Contains(out, "2024-07-01") || strings.Contains(out, "overdue") {
		t.Error(out)
	}
	out = journal(t, "bill", []string{a, b}, "--run", "SF", "--known-at", settled, "--calendar", calendar)
	if !strings.Contains(out, "R1 (days: 2) due 2024-07-01") {
		t.Error("the outlook is not by the calendar:", out)
	}
	if code, out, errs := hh("bill", "--as-of", "2025-12-01", "--month", "2025-10", "--calendar", calendar); code != exitFine || !strings.Contains(out, "as of 2025-12-01") {
		t.Errorf("of what is built in: code %d: %s", code, errs)
	}
	bad := written(t, dir, "bad.csv", "day,run,due\n2024-04-01,SF,2024-04-01\n")
	if code, _, errs := hh("bill", "--calendar", bad); code != exitData || !strings.Contains(errs, "bad.csv:2:15") {
		t.Errorf("code %d: %s", code, errs)
	}
	late := written(t, dir, "late.csv", "day,run,due\n2025-10-31,SF,2025-12-02\n")
	_, was, _ := hh("bill", "--as-of", "2025-12-01", "--month", "2025-10")
	if _, is, _ := hh("bill", "--as-of", "2025-12-01", "--month", "2025-10", "--calendar", late); was == is {
		t.Error("a view of a day is not by the calendar")
	}
}

// TestOtherMetersNamed: reconcile says which other meters the files hold.
func TestOtherMetersNamed(t *testing.T) {
	dir := t.TempDir()
	files := []string{sent(t, dir, "a", "20240404090000", 2, "1.0", "A")}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	var mpans []string
	for i, mpan := range []string{"1014568234275", "2248274887874"} {
		files = append(files, written(t, dir, fmt.Sprintf("other%d.D0036", i), strings.ReplaceAll(string(text), "1400000000001", mpan)))
		mpans = append(mpans, mpan)
	}
	for _, flags := range [][]string{nil, {"--journal", "--known-at", settled}} {
		args := append([]string{"reconcile", "--supply", realSupply}, append(flags, files...)...)
		code, out, errs := hh(args...)
		if code != exitFine || !strings.Contains(out, fmt.Sprintf("readings of other meters, not looked at: 192, of 2: %s (96), %s (96)\n", mpans[0], mpans[1])) {
			t.Errorf("code %d: %s\n%s", code, errs, out)
		}
		_, out, _ = hh(append(args, "--format", "json")...)
		var doc struct {
			Others struct {
				Meters, Readings int
				First            []struct {
					MPAN     string
					Readings int
				}
			} `json:"other_meters"`
		}
		if err := json.Unmarshal([]byte(out), &doc); err != nil || doc.Others.Meters != 2 || doc.Others.Readings != 192 || len(doc.Others.First) != 2 || doc.Others.First[1].MPAN != mpans[1] {
			t.Errorf("%v: %+v", err, doc.Others)
		}
	}
}
