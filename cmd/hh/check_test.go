package main

import (
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/settlement"
)

// supplierFile is the worked example's bill of a run as its supplier would
// state it, with kWh to one decimal.
func supplierFile(t *testing.T, run string, more ...string) string {
	t.Helper()
	code, out, errs := hh("bill", "--example", worked, "--run", run, "--format", "json")
	var b struct {
		From, To string
		VAT      string `json:"vat_gbp"`
		Lines    []struct{ Item, From, To, Quantity, Unit string }
	}
	var amounts struct {
		Lines []struct {
			Amount string `json:"amount_gbp"`
		}
	}
	if code != exitFine || json.Unmarshal([]byte(out), &b) != nil || json.Unmarshal([]byte(out), &amounts) != nil {
		t.Fatalf("%s: code %d, %s", run, code, errs)
	}
	text := "from,to,item,quantity,amount\n"
	for i, l := range b.Lines {
		quantity := ""
		if strings.HasPrefix(l.Unit, "k") && strings.HasSuffix(l.Unit, "h") {
			quantity = dec(t, l.Quantity).StringFixed(1)
		}
		text += strings.Join([]string{l.From, l.To, l.Item, quantity, amounts.Lines[i].Amount}, ",") + "\n"
	}
	text += b.From + "," + b.To + ",vat,," + b.VAT + "\n" + strings.Join(more, "")
	return writeFile(t, text)
}

func writeFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "supplier.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// checkedDoc is a check as a program that reads the JSON sees it.
type checkedDoc struct {
	Version   int
	Explained bool
	Runs      []string
	Rows      []struct {
		Item       string
		Explained  bool
		Ambiguous  bool
		Shape      string
		Candidates []struct {
			Days    []struct{ From, To, Run string }
			Figures []struct{ Figure, Ours, Residual string }
		}
	}
}

// TestCheckExample: every printed line of each of the six runs is explained by
// its run, alone or among others that print the same.
func TestCheckExample(t *testing.T) {
	for _, run := range sixRuns {
		code, out, errs := hh("check", supplierFile(t, run), "--example", worked, "--format", "json")
		var doc checkedDoc
		if code != exitFine || errs != "" || json.Unmarshal([]byte(out), &doc) != nil {
			t.Fatalf("%s: code %d, %s", run, code, errs)
		}
		if doc.Version != 2 || !doc.Explained || len(doc.Rows) != 30 || !slices.Equal(doc.Runs, sixRuns) {
			t.Fatalf("%s: %d rows, runs %v", run, len(doc.Rows), doc.Runs)
		}
		alone := 0
		for _, r := range doc.Rows {
			var by []string
			for _, c := range r.Candidates {
				by = append(by, c.Days[0].Run)
			}
			if r.Shape != "run" || !slices.Contains(by, run) || r.Ambiguous != (len(by) > 1) {
				t.Errorf("%s %s is explained by %s %v", run, r.Item, r.Shape, by)
			}
			if len(by) == 1 {
				alone++
			}
			if same := r.Item == "duos-red" || r.Item == "tnuos-residual"; same && len(by) != 6 { // they are alike in all runs
				t.Errorf("%s %s is explained by %v", run, r.Item, by)
			}
			if r.Item == "vat" && len(by) != 1 && (run != "R3" && run != "RF" || len(by) != 2) { // the VAT of R3 and RF is alike to the penny
				t.Errorf("%s: VAT is explained by %v", run, by)
			}
		}
		if alone == 0 {
			t.Errorf("%s: no line tells it from the others", run)
		}
	}
}

// TestCheckText: what is printed for a bill with a mistake.
func TestCheckText(t *testing.T) {
	name := supplierFile(t, "R1", "2025-12-04,2025-12-05,nbp,12351.542395,\n", "2025-12-04,2025-12-05,msp,11650.0,\n")
	code, out, errs := hh("check", name, "--example", worked)
	if code != exitData || !strings.Contains(errs, "rows not explained: 1 of 32") {
		t.Fatalf("code %d, %s", code, errs)
	}
	golden(t, "check-R1.txt", out)
}

// TestCheckSample: a month as it was known on a date is told by its date.
func TestCheckSample(t *testing.T) {
	code, out, errs := hh("bill", "--as-of", "2025-10-01", "--month", "2025-08", "--format", "json")
	var b struct{ Volumes map[string]string }
	if code != exitFine || json.Unmarshal([]byte(out), &b) != nil {
		t.Fatal(errs)
	}
	name := writeFile(t, "from,to,item,quantity\n2025-08-01,2025-09-01,nbp,"+b.Volumes["nbp_kwh"]+"\n")
	code, out, errs = hh("check", name)
	if code != exitFine || errs != "" || !strings.Contains(out, "as of 2025-") || !strings.Contains(out, "R1 2025-08-01..") || !strings.Contains(out, "rows explained: 1 of 1") {
		t.Errorf("code %d, %s\n%s", code, errs, out)
	}
}

// TestCheckByChance: a figure that nothing has to do with, and some mix of runs
// fits, is not explained, and it says how many would be by chance.
func TestCheckByChance(t *testing.T) {
	name := writeFile(t, "from,to,item,quantity\n2025-07-01,2025-08-01,msp,329550.3\n")
	code, out, errs := hh("check", name)
	if code != exitData || !strings.Contains(errs, "rows not explained: 1 of 1") || !strings.Contains(out, "nothing for certain: more than 8 choices of runs fit, where 244 would by chance") {
		t.Errorf("code %d, %s\n%s", code, errs, out)
	}
	code, out, _ = hh("check", name, "--format", "json")
	if code != exitData || !strings.Contains(out, `"chance": "244"`) || !strings.Contains(out, `"shape": "mix"`) || strings.Contains(out, `"explained": true`) {
		t.Errorf("code %d, %s", code, out)
	}
}

// TestCheckTogether: rows of one run but for one say so once, in JSON too.
func TestCheckTogether(t *testing.T) {
	name := supplierFile(t, "R1", "2025-12-04,2025-12-05,msp,11650.0,\n")
	code, out, _ := hh("check", name, "--example", worked, "--format", "json")
	var doc struct {
		Rows     []struct{ Against, Joint bool }
		Together []struct {
			Shape         string
			Choices       []struct{ Days []struct{ Run string } }
			Fits, Differs []string
		}
	}
	if code != exitData || json.Unmarshal([]byte(out), &doc) != nil || len(doc.Together) != 1 {
		t.Fatalf("code %d, %s", code, out)
	}
	g := &doc.Together[0]
	if g.Shape != "run" || len(g.Choices) != 1 || g.Choices[0].Days[0].Run != "R1" || len(g.Fits) != 30 || !slices.Equal(g.Differs, []string{name + ":32"}) || !doc.Rows[30].Against || !doc.Rows[0].Joint {
		t.Errorf("%+v", doc)
	}
	code, out, _ = hh("check", supplierFile(t, "R1"), "--example", worked)
	if code != exitFine || !strings.Contains(out, "2025-12-04 to 2025-12-04 together: all 30 rows: R1\n") {
		t.Errorf("code %d, %s", code, out)
	}
}

// TestCheckAlike: runs that have the same figures on all days of a stretch are
// named together, in JSON with their days; and a row that what fits may fit by
// chance is neither explained nor said to be off.
func TestCheckAlike(t *testing.T) {
	d, _ := settlement.ParseDay("2025-12-04")
	c := revisions.Candidate{
		Shape: revisions.Stairs,
		Parts: []revisions.Part{{From: d, To: d + 2, Run: settlement.R2}, {From: d + 2, To: d + 3, Run: settlement.SF}},
		Alike: []revisions.Part{{From: d, To: d + 1, Run: settlement.R1}, {From: d, To: d + 3, Run: settlement.R3}},
	}
	row := &halfhour.CheckedRow{Finding: &revisions.Finding{Shape: c.Shape, Candidates: []revisions.Candidate{c}, Chance: big.NewRat(1, 128)}}
	const what = "R2 or R3 2025-12-04..2025-12-05, SF or R3 2025-12-06"
	if got := verdict(row, nil); got != what || !row.Finding.Ambiguous() {
		t.Error(got)
	}
	if got := candidate(row, &c).Alike; len(got) != 2 || got[1] != (daysJSON{"2025-12-04", "2025-12-07", "R3"}) {
		t.Error(got)
	}
	row.Finding.Chance = big.NewRat(1, 64)
	if got := verdict(row, nil); got != "nothing for certain: 1 choice of runs fits, where 0.02 would by chance: "+what {
		t.Error(got)
	}
	row.Finding.Candidates = append(row.Finding.Candidates, c)
	if got := verdict(row, nil); got != "nothing for certain: 2 choices of runs fit, where 0.02 would by chance, such as "+what {
		t.Error(got)
	}
}

func TestCheckWrongUse(t *testing.T) {
	const head = "from,to,item,quantity,amount\n"
	good := head + "2025-12-04,2025-12-05,msp,11648.1,\n"
	for _, c := range []struct {
		text  string
		args  []string
		code  int
		words string
	}{
		{good, nil, exitFine, ""},
		{good, []string{"--run", "R1"}, exitUsage, "leave --run and --as-of out"},
		{good, []string{"--as-of", "2026-01-01"}, exitUsage, "leave --run and --as-of out"},
		{good, []string{"--format", "xml"}, exitUsage, "xml"},
		{good, []string{"--month", "2025-11"}, exitData, "one of the spans"},
		{good, []string{"--month", "2025-12"}, exitFine, ""},
		{head, nil, exitData, "supplier.csv"},
		{head + "2025-12-04,2025-12-04,msp,1,\n", nil, exitData, "supplier.csv:2:12"},
		{head + "2025-12-04,2025-12-05,duos-blue,,1.00\n", nil, exitData, "supplier.csv:2: unknown item"},
		{head + "2025-12-04,2025-12-05,duos-fixed,1,\n", nil, exitData, "not charged on energy"},
	} {
		code, out, errs := hh(append([]string{"check", writeFile(t, c.text), "--example", worked}, c.args...)...)
		if code != c.code || (out != "") != (code == exitFine) || !strings.Contains(errs, c.words) {
			t.Errorf("%q %v: code %d, %q, %s", c.text, c.args, code, out, errs)
		}
	}
	for args, want := range map[string]int{"": exitUsage, "none.csv": exitData} {
		if code, out, errs := hh(append([]string{"check"}, strings.Fields(args)...)...); code != want || out != "" || errs == "" {
			t.Errorf("%q: code %d, %q", args, code, out)
		}
	}
}
