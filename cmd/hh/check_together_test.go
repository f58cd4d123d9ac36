package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// TestCheckSays: what is said of rows together: whose the misses are of several runs,
// how many rows cannot be held against them, and that not all was tried.
func TestCheckSays(t *testing.T) {
	d, _ := settlement.ParseDay("2025-12-04")
	run := func(r settlement.Run) revisions.Choice {
		return revisions.Choice{Shape: revisions.OneRun, Parts: []revisions.Part{{From: d, To: d + 1, Run: r}}}
	}
	res := &halfhour.Checked{Runs: []settlement.Run{settlement.SF, settlement.R1, settlement.R2}}
	for range 4 {
		res.Rows = append(res.Rows, halfhour.CheckedRow{Billed: series.Billed{Item: "msp"}})
	}
	for _, c := range []struct {
		choices    []revisions.Choice
		held, fits []bool
		partial    bool
		want       string
	}{
		{nil, nil, nil, false, "no one choice of runs fits most rows"},
		{nil, nil, nil, true, "no one choice of runs was found to fit most rows (not all choices were tried)"},
		{[]revisions.Choice{run(settlement.R1)}, []bool{true, true, true, true}, []bool{true, true, true, true}, true, "all 4 rows: R1"},
		{[]revisions.Choice{run(settlement.R1)}, []bool{true, true, true, false}, []bool{true, true, true, false}, false, "all 3 rows (of 4, 1 cannot be held against it): R1"},
		{[]revisions.Choice{run(settlement.R1), run(settlement.R2)}, []bool{true, true, true, false}, []bool{true, true, false, false}, false, "2 of 3 rows (of 4, 1 cannot be held against it): R1 or R2; R1 not 0 (msp)"},
	} {
		var out strings.Builder
		writeTogether(&out, res, &halfhour.CheckedDays{Of: []int{0, 1, 2, 3}, Joint: &revisions.Joint{From: d, To: d + 1, Choices: c.choices, Held: c.held, Fits: c.fits, Partial: c.partial}})
		if got := strings.TrimSpace(out.String()); got != "2025-12-04 to 2025-12-04 together: "+c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// TestCheckConditions: JSON has the conditions of each run, and says them.
func TestCheckConditions(t *testing.T) {
	_, out, errs := hh("check", supplierFile(t, "R1"), "--example", worked, "--format", "json")
	var doc struct {
		Runs       []string
		Conditions [][]string
		Says       map[string]string
	}
	if err := json.Unmarshal([]byte(out), &doc); err != nil || len(doc.Conditions) != len(doc.Runs) {
		t.Fatalf("%v, %s, %+v", err, errs, doc)
	}
	for i, r := range doc.Runs {
		if slices.Contains(doc.Conditions[i], "estimated-reads") != (r == "II") || !slices.Contains(doc.Conditions[i], "run-volumes") {
			t.Errorf("%s: %v", r, doc.Conditions[i])
		}
	}
	if len(doc.Says) != 4 || !strings.Contains(doc.Says["estimated-reads"], "estimated") {
		t.Error(doc.Says)
	}
}
