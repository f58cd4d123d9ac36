package hhcsv_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhcsv"
	"github.com/halfhour/halfhour/settlement"
)

const determinedHead = "id,from,to,pounds,reason,source,reverses,before,known\n"

func readDetermined(text string) (got []series.Determination, errs []error) {
	for d, err := range hhcsv.ReadDeterminations("f", series.OpenBytes([]byte(text))) {
		if err != nil {
			errs = append(errs, err)
		} else {
			got = append(got, d)
		}
	}
	return got, errs
}

// determinedText is one determination as a row, with its line before it.
func determinedText(d *series.Determination) string {
	before, known := "", ""
	if d.Before != settlement.Untagged {
		before = d.Before.String()
	}
	if !d.Known.IsZero() {
		known = d.Known.UTC().Format(time.RFC3339)
	}
	return fmt.Sprintf("%d: %s,%s,%s,%s,%s,%s,%s,%s,%s", d.Pos.Line, d.ID, d.From, d.To, d.Amount(), d.Reason, d.Source, d.Reverses, before, known)
}

func TestReadDeterminations(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a pair", determinedHead + "D1,2026-06-01,2026-06-05,-1234.5,\"wrong MTD, phase\",notice 7,,R1,2026-07-15\nD2,2026-06-01,2026-06-05,1234.50,undone,notice 8,D1,,2026-08-20T09:30:00+01:00\n",
			"2: D1,2026-06-01,2026-06-05,-1234.50,wrong MTD, phase,notice 7,,R1,2026-07-14T23:00:00Z\n3: D2,2026-06-01,2026-06-05,1234.50,undone,notice 8,D1,,2026-08-20T08:30:00Z"},
		{"what is needed, in another order", "\ufeffsep=,\r\nSource,REASON,pounds,to,from,id\r\n\r\nn,r,7,2026-01-02,2026-01-01,x\r\n",
			"4: x,2026-01-01,2026-01-02,7.00,r,n,,,"},
	} {
		got, errs := readDetermined(c.text)
		var out []string
		for i := range got {
			out = append(out, determinedText(&got[i]))
		}
		if text := strings.Join(out, "\n"); len(errs) > 0 || text != c.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", c.name, errs, text, c.want)
		}
	}
}

func TestReadDeterminationsRefuses(t *testing.T) {
	row := func(change func([]string)) string {
		cells := []string{"D1", "2026-06-01", "2026-06-05", "1.00", "r", "s", "", "R1", "2026-07-15"}
		change(cells)
		return determinedHead + strings.Join(cells, ",") + "\n"
	}
	set := func(i int, s string) string { return row(func(c []string) { c[i] = s }) }
	for _, c := range []struct {
		name, text string
		err        error
		words      []string
	}{
		{"empty", "", series.ErrEmpty, []string{"f: "}},
		{"headings only", determinedHead, series.ErrEmpty, []string{"right file"}},
		{"no reason", "id,from,to,pounds,source\n", series.ErrFormat, []string{"f:1", "headed id, from, to, pounds, reason and source"}},
		{"another heading", "id,from,to,pounds,reason,source,vat\n", series.ErrFormat, []string{"f:1:33", `"vat"`, "remove the column"}},
		{"to included", set(2, "2026-06-01"), series.ErrValue, []string{"f:2:15", "first day no longer in the row"}},
		{"no date", set(1, "1 June"), settlement.ErrDay, []string{"f:2:4", `column "from"`}},
		{"no pounds", set(3, ""), series.ErrValue, []string{"f:2:26", "such as -1234.50", `column "pounds"`}},
		{"a third decimal", set(3, "1.005"), series.ErrValue, []string{"at most 2 decimals"}},
		{"a pound sign", set(3, "£1"), series.ErrValue, []string{"at most 2 decimals"}},
		{"no run", set(7, "r1"), settlement.ErrRun, []string{"f:2:36", `column "before"`}},
		{"no instant", set(8, "2026-07-15 12:00"), series.ErrValue, []string{"f:2:39", "with its zone"}},
		{"a field short", determinedHead + "D1,2026-06-01\n", series.ErrFormat, []string{"9 fields", "not 2"}},
		{"cut short", strings.TrimSuffix(row(func([]string) {}), "\n"), series.ErrFormat, []string{"f:2", "line end"}},
		{"a tab", set(4, "a\tb"), series.ErrFormat, []string{"control bytes"}},
	} {
		got, errs := readDetermined(c.text)
		if len(errs) != 1 || !errors.Is(errs[0], c.err) || len(got) > 0 {
			t.Errorf("%s: %v, %v", c.name, got, errs)
			continue
		}
		for _, w := range c.words {
			if !strings.Contains(errs[0].Error(), w) {
				t.Errorf("%s: the message lacks %q: %v", c.name, w, errs[0])
			}
		}
	}
	// Two wrong cells are two errors, and what a row lacks is for the check.
	if got, errs := readDetermined(row(func(c []string) { c[3], c[7] = "x", "x" })); len(got) > 0 || len(errs) != 2 {
		t.Errorf("%v, %v", got, errs)
	}
	if _, err := series.CollectDeterminations(hhcsv.ReadDeterminations("f", series.OpenBytes([]byte(set(4, ""))))); !errors.Is(err, series.ErrDetermination) || !strings.Contains(err.Error(), "f:2: ") {
		t.Error(err)
	}
}

// TestReadDeterminationsLimits: errors and rows are bounded, and a consumer may
// stop.
func TestReadDeterminationsLimits(t *testing.T) {
	_, errs := readDetermined(determinedHead + strings.Repeat("x,2026-06-01,2026-06-02,1,r,s,,R9,\n", 50))
	if len(errs) != series.MaxErrors+1 || !errors.Is(errs[series.MaxErrors], series.ErrLimit) {
		t.Errorf("%d errors", len(errs))
	}
	var many strings.Builder
	many.WriteString(determinedHead)
	for i := range series.MaxDeterminations + 2 {
		fmt.Fprintf(&many, "D%d,2026-06-01,2026-06-02,1,r,s,,,\n", i)
	}
	got, errs := readDetermined(many.String())
	if len(got) != series.MaxDeterminations || len(errs) != 1 || !errors.Is(errs[0], series.ErrLimit) {
		t.Errorf("%d rows, %v", len(got), errs)
	}
	for range hhcsv.ReadDeterminations("f", series.OpenBytes([]byte(many.String()))) {
		break
	}
}

// What is written as a row is read as it was.
func TestDeterminationRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom([]rune(`ab ",é;-`)), 1, 8, -1)
		from := settlement.MinDay + settlement.Day(rapid.IntRange(1, 30_000).Draw(t, "from"))
		d := series.Determination{ID: text.Draw(t, "id"), Reason: text.Draw(t, "reason"), Source: text.Draw(t, "source"), Reverses: text.Draw(t, "reverses"),
			From: from, To: from + settlement.Day(rapid.IntRange(1, 400).Draw(t, "days")), Pence: rapid.Int64Range(-1e13, 1e13).Draw(t, "pence"),
			Before: settlement.Run(rapid.IntRange(1, 9).Draw(t, "before")), Known: time.Unix(rapid.Int64Range(1e9, 2e9).Draw(t, "known"), 0).UTC(), Pos: series.Pos{Source: "f", Line: 2}}
		quoted := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
		got, errs := readDetermined(determinedHead + strings.Join([]string{quoted(d.ID), d.From.String(), d.To.String(), d.Amount(), quoted(d.Reason), quoted(d.Source),
			quoted(d.Reverses), d.Before.String(), d.Known.Format(time.RFC3339)}, ",") + "\n")
		if len(errs) > 0 || len(got) != 1 || got[0] != d {
			t.Fatalf("%+v as %+v, %v", d, got, errs)
		}
	})
}
