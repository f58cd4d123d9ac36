package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/halfhour/halfhour/settlement"
)

// unlike is meter data of a span that holds days of all three timetables: what
// speaks for each day is another thing, so that each state is there.
func unlike(t *testing.T) string {
	t.Helper()
	speaks := map[string]string{
		"2027-03-29": "DF", "2027-03-30": "RF", "2027-03-31": "R3", // 14-month
		"2027-04-01": "RF", "2027-04-02": "R3", "2027-04-03": "", // 7-month, which has no R3
		"2027-07-02": "RF", "2027-07-03": "R2", "2027-07-04": "R1", "2027-07-05": "SF", "2027-07-06": "half", "2027-07-07": "untagged", // MHHS, which has no R2 and no R3
	}
	var csv strings.Builder
	csv.WriteString("mpan,date,period,run,flag,value\n")
	first, _ := settlement.ParseDay("2027-03-29")
	last, _ := settlement.ParseDay("2027-07-07")
	for d := first; d <= last; d++ {
		run, is := speaks[d.String()]
		if !is {
			run = "R2"
		}
		for p := 1; p <= d.Len() && run != ""; p++ {
			tag, flag := run, "A"
			if run == "half" {
				if tag = "SF"; p > 20 {
					continue
				}
			}
			if run == "SF" {
				flag = "E"
			}
			fmt.Fprintf(&csv, "1400000000001,%s,%d,%s,%s,1.0\n", d, p, tag, flag)
		}
	}
	name := filepath.Join(t.TempDir(), "unlike.csv")
	if err := os.WriteFile(name, []byte(csv.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestReconcileTellsApart: what hh reconcile --on must say of every day, by hand:
// supplied and by which run, fell back and to which, not due yet, overdue, not
// applicable under the day's timetable, missing, a run that cannot be, estimated.
// A day without DF lacks nothing. Dates are working days after the day, less the
// bank holidays 3 and 31 May, 30 August, 27 and 28 December 2027, 3 January, 14
// and 17 April, 1 May 2028.
func TestReconcileTellsApart(t *testing.T) {
	file := unlike(t)
	for _, c := range []struct{ want, on, text, counts string }{
		{"R3", "2028-03-01", `
2027-03-29: DF speaks, later than R3                                                                | later DF
2027-03-30: RF speaks, later than R3                                                                | later RF
2027-03-31: R3 speaks                                                                               | supplied R3
2027-04-01: RF speaks, later than R3                                                                | later RF
2027-04-02: R3 speaks, which the 7-month timetable does not have                                    | unexpected R3 7-month
2027-04-03: nothing is held: R2 is overdue: due 2027-08-02                                          | overdue missing R2 2027-08-02 late
2027-04-04 to 2027-07-01: R2 speaks: the 7-month timetable has no R3                                | not applicable R2 7-month
2027-07-02: RF speaks, later than R3                                                                | later RF
2027-07-03: R2 speaks, which the MHHS timetable does not have                                       | unexpected R2 MHHS
2027-07-04: R1 speaks: the MHHS timetable has no R3                                                 | not applicable R1 MHHS
2027-07-05: SF speaks: R1 is overdue: due 2027-08-16                                                | overdue SF R1 2027-08-16 late
2027-07-06: no run is whole: R1 is overdue: due 2027-08-17                                          | overdue merged R1 2027-08-17 late
2027-07-07: untagged speaks: R1 is overdue: due 2027-08-18                                          | overdue untagged R1 2027-08-18 late`,
			"48 supplied, 192 later, 192 overdue, 4320 not applicable, 96 unexpected, 48 fell back to untagged, 48 fell back to SF, 76 missing, 48 estimated"},
		{"RF", "2027-08-16", `
2027-03-29: DF speaks, later than RF                                                                | later DF
2027-03-30: RF speaks                                                                               | supplied RF
2027-03-31: R3 speaks: RF is not due yet: due 2028-05-25                                            | not due R3 RF 2028-05-25
2027-04-01: RF speaks                                                                               | supplied RF
2027-04-02: R3 speaks, which the 7-month timetable does not have: RF is not due yet: due 2027-11-09 | unexpected R3 RF 2027-11-09 7-month
2027-04-03: nothing is held: R2 is overdue: due 2027-08-02                                          | overdue missing R2 2027-08-02 late
2027-04-04 to 2027-07-01: R2 speaks: RF is not due yet: due 2027-11-09 to 2028-02-08                | not due R2 RF 2027-11-09 2028-02-08
2027-07-02: RF speaks                                                                               | supplied RF
2027-07-03: R2 speaks, which the MHHS timetable does not have: RF is not due yet: due 2027-10-29    | unexpected R2 RF 2027-10-29 MHHS
2027-07-04: R1 speaks: RF is not due yet: due 2027-10-29                                            | not due R1 RF 2027-10-29
2027-07-05: SF speaks: RF is not due yet: due 2027-11-01                                            | not due SF RF 2027-11-01
2027-07-06: no run is whole: SF is overdue: due 2027-07-15                                          | overdue merged SF 2027-07-15 late
2027-07-07: untagged speaks: SF is overdue: due 2027-07-16                                          | overdue untagged SF 2027-07-16 late`,
			"144 supplied, 48 later, 4416 not due, 144 overdue, 96 unexpected, 48 fell back to untagged, 48 fell back to SF, 48 fell back to R1, 4320 fell back to R2, 96 fell back to R3, 76 missing, 48 estimated"},
		{"DF", "2029-12-01", `
2027-03-29: DF speaks                                                                               | supplied DF
2027-03-30: RF speaks: DF comes only after a dispute                                                | not applicable RF legacy 14-month
2027-03-31: R3 speaks: RF is overdue: due 2028-05-25                                                | overdue R3 RF 2028-05-25 late
2027-04-01: RF speaks: DF comes only after a dispute                                                | not applicable RF 7-month
2027-04-02: R3 speaks, which the 7-month timetable does not have: RF is overdue: due 2027-11-09     | unexpected R3 RF 2027-11-09 late 7-month
2027-04-03: nothing is held: RF is overdue: due 2027-11-09                                          | overdue missing RF 2027-11-09 late
2027-04-04 to 2027-07-01: R2 speaks: RF is overdue: due 2027-11-09 to 2028-02-08                    | overdue R2 RF 2027-11-09 2028-02-08 late
2027-07-02: RF speaks: DF comes only after a dispute                                                | not applicable RF MHHS
2027-07-03: R2 speaks, which the MHHS timetable does not have: RF is overdue: due 2027-10-29        | unexpected R2 RF 2027-10-29 late MHHS
2027-07-04: R1 speaks: RF is overdue: due 2027-10-29                                                | overdue R1 RF 2027-10-29 late
2027-07-05: SF speaks: RF is overdue: due 2027-11-01                                                | overdue SF RF 2027-11-01 late
2027-07-06: no run is whole: RF is overdue: due 2027-11-02                                          | overdue merged RF 2027-11-02 late
2027-07-07: untagged speaks: RF is overdue: due 2027-11-03                                          | overdue untagged RF 2027-11-03 late`,
			"48 supplied, 4560 overdue, 144 not applicable, 96 unexpected, 48 fell back to untagged, 48 fell back to SF, 48 fell back to R1, 4320 fell back to R2, 96 fell back to R3, 76 missing, 48 estimated"},
	} {
		args := []string{"reconcile", file, "--csv", "long,start,london,kwh", "--supply", realSupply, "--want", c.want, "--on", c.on}
		code, out, errs := hh(args...)
		if code != exitFine || errs != "" {
			t.Fatalf("%v: code %d, %s", args, code, errs)
		}
		var text, structure []string
		for line := range strings.Lines(c.text[1:]) {
			said, stated, _ := strings.Cut(line, "|")
			text, structure = append(text, "AI "+strings.TrimSpace(said)), append(structure, strings.TrimSpace(stated))
		}
		want := c.want + " expected, asked on " + c.on + "\n" + strings.Join(append(text, "AI half-hours: "+c.counts), "\n") + "\n"
		if _, got, _ := strings.Cut(out, "\n\n"+c.want+" expected"); c.want+" expected"+got != want {
			t.Errorf("%s%s\nwant\n%s", c.want, got, want)
		}
		_, out, _ = hh(append(args, "--format", "json")...)
		stated, counts := expectedJSON(t, out)
		if got := strings.Join(stated, "\n"); got != strings.Join(structure, "\n") {
			t.Errorf("%s as JSON:\n%s", c.want, got)
		}
		if counts != c.counts {
			t.Errorf("%s as JSON: %s", c.want, counts)
		}
	}
}

// TestReconcileExpectsWhatIsHeld: a run that the view hides has come all the
// same, and is not overdue. 1 April 2024 is held by SF, R1 and RF, 2 April by SF
// and R1, 3 April by SF.
func TestReconcileExpectsWhatIsHeld(t *testing.T) {
	var csv strings.Builder
	csv.WriteString("mpan,date,period,run,flag,value\n")
	for day, runs := range [][]string{{"SF", "R1", "RF"}, {"SF", "R1"}, {"SF"}} {
		for _, run := range runs {
			for p := 1; p <= 48; p++ {
				fmt.Fprintf(&csv, "1400000000001,2024-04-0%d,%d,%s,A,1.0\n", day+1, p, run)
			}
		}
	}
	file := written(t, t.TempDir(), "held.csv", csv.String())
	const wantRF = "supplied RF|overdue R1 RF 2025-05-29 late|overdue SF RF 2025-05-30 late"
	for _, c := range []struct{ flags, head, speaks, want string }{
		{"--want RF", "RF expected, asked on 2027-01-01\n", "RF", wantRF},
		{"--want RF --run SF", "RF expected, asked on 2027-01-01, of what is held in view RF\n", "SF", wantRF},
		{"--want RF --run II", "of what is held in view RF\n", "missing", wantRF},
		{"--want RF --as-of 2024-05-01", "of what is held in view latest\n", "SF", wantRF},
		{"--want R1 --run SF", "of what is held in view R1\n", "SF", "supplied R1|overdue SF R1 2024-05-30 late"},
		{"--want R1 --run RF", "R1 expected, asked on 2027-01-01\n", "RF", "later RF|supplied R1|overdue SF R1 2024-05-30 late"},
	} {
		args := append([]string{"reconcile", file, "--csv", "long,start,london,kwh", "--supply", realSupply, "--on", "2027-01-01", "--from", "2024-04-01", "--to", "2024-04-04"}, strings.Fields(c.flags)...)
		code, out, errs := hh(args...)
		if code != exitFine || !strings.Contains(out, c.head) || !strings.Contains(spaced(out), c.speaks+"\n") {
			t.Fatalf("%s: code %d, %s\n%s", c.flags, code, errs, out)
		}
		_, out, _ = hh(append(args, "--format", "json")...)
		if got, _ := expectedJSON(t, out); strings.Join(got, "|") != c.want {
			t.Errorf("%s: %s, want %s", c.flags, strings.Join(got, "|"), c.want)
		}
	}
}

// expectedJSON is what the JSON says of AI: a line for each stretch, and its
// counts as the text has them.
func expectedJSON(t *testing.T, out string) (stated []string, counts string) {
	var r struct {
		Data []struct {
			Sources []struct {
				Source             string
				Missing, Estimated int
				States             map[string]int
				FellBack           map[string]int `json:"fell_back"`
				Expected           []struct {
					State, Kind, Run, Awaited, Due, Regime string
					LastDue                                string `json:"last_due"`
					Late                                   bool
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	s := r.Data[0].Sources[0]
	for _, x := range s.Expected {
		words := []string{x.State, x.Run, x.Awaited, x.Due, "", "", x.Regime}
		if x.Kind != "whole" {
			words[1] = x.Kind
		}
		if x.LastDue != x.Due {
			words[4] = x.LastDue
		}
		if x.Late {
			words[5] = "late"
		}
		stated = append(stated, strings.Join(strings.Fields(strings.Join(words, " ")), " "))
	}
	var parts []string
	for _, state := range []string{"supplied", "later", "not due", "overdue", "not applicable", "unscheduled", "unexpected"} {
		if n := s.States[state]; n > 0 {
			parts = append(parts, fmt.Sprint(n, " ", state))
		}
	}
	for run := settlement.Untagged; run <= settlement.DF; run++ {
		if n := s.FellBack[run.String()]; n > 0 {
			parts = append(parts, fmt.Sprint(n, " fell back to ", run))
		}
	}
	return stated, strings.Join(append(parts, fmt.Sprint(s.Missing, " missing"), fmt.Sprint(s.Estimated, " estimated")), ", ")
}
