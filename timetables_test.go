package halfhour_test

import (
	"context"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
	"github.com/halfhour/halfhour/tariffs/toml"
)

// flat is a job without losses of one item at one price, of what the readings
// say of the sample's meter.
func flat(tb testing.TB, span settlement.Span, item, price string, all []series.Reading) halfhour.Job {
	tb.Helper()
	rate := func(item, price string) string {
		return "\n[[rate]]\nitem = \"" + item + "\"\nprice = \"" + price + "\"\nfrom = 2025-01-01\nstatus = \"contract\"\nsource = \"test\"\n"
	}
	tariff, err := toml.ParseTariff("flat.toml", []byte("version = 1\nname = \"flat\"\n"+rate(item, price)+rate("vat", "20 %")))
	if err != nil {
		tb.Fatal(err)
	}
	supply, err := toml.ParseSupply("supply.toml", sample.Supply())
	if err != nil {
		tb.Fatal(err)
	}
	read := func(all []series.Reading) halfhour.Source {
		return func(yield func(series.Reading, error) bool) {
			for _, r := range all {
				if !yield(r, nil) {
					return
				}
			}
		}
	}
	var lossless []series.Reading
	for p := span.Lo; p < span.Hi; p++ {
		lossless = append(lossless, series.Reading{Line: series.LLF, Period: p, Value: 1000}, series.Reading{Line: series.TLM, Period: p, Value: 1_000_000_000})
	}
	for i := range all {
		all[i].MPAN, all[i].Line = supply.MPAN, series.AI
	}
	return halfhour.Job{Supply: supply, Tariff: tariff, Spans: []settlement.Span{span}, Meter: read(all), Market: read(lossless)}
}

// publishedRuns are three settlement runs of one day that NESO published: the
// volume of Great Britain in MWh and what was recovered for it, by run.
func publishedRuns(t *testing.T) (day settlement.Day, volumes, pounds map[settlement.Run][]decimal.Decimal) {
	t.Helper()
	path := filepath.Join("..", "shared", "data", "neso-bsuos-runs", "bsuos_2025-04-01_II_SF_RF.csv")
	file, err := os.Open(path)
	if os.IsNotExist(err) {
		t.Skipf("%s is not there: the published runs are not loaded", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	volumes, pounds = map[settlement.Run][]decimal.Decimal{}, map[settlement.Run][]decimal.Decimal{}
	for _, row := range rows[1:] {
		run, errR := settlement.ParseRun(row[5])
		mwh, errV := decimal.NewFromString(row[3])
		gbp, errP := decimal.NewFromString(row[4])
		if err := errors.Join(errR, errV, errP); err != nil || row[0] != "2025-04-01T00:00:00" || row[1] != strconv.Itoa(len(volumes[run])+1) {
			t.Fatal(row, err)
		}
		volumes[run], pounds[run] = append(volumes[run], mwh), append(pounds[run], gbp)
	}
	if day, err = settlement.ParseDay("2025-04-01"); err != nil {
		t.Fatal(err)
	}
	return day, volumes, pounds
}

// TestPublishedRuns: the three runs are revisions of one day. Stated by their
// source and received one after the other, each view of the journal has its
// run's volume; at the published tariff it makes the published recovery, to the
// pence by which the publisher rounds each half-hour; and what each run added is
// what the source note says. The whole does not fit a charge's cell, so a tenth
// is billed.
func TestPublishedRuns(t *testing.T) {
	day, volumes, pounds := publishedRuns(t)
	runs := []settlement.Run{settlement.II, settlement.SF, settlement.RF}
	j := flat(t, day.Span(), "bsuos", "10.74 GBP/MWh", nil)
	j.Meter = nil
	for i, run := range runs {
		due, ok := settlement.GB().Due(day, run)
		if !ok || len(volumes[run]) != 48 {
			t.Fatal(run, len(volumes[run]))
		}
		all := make([]series.Reading, 48)
		for p, mwh := range volumes[run] {
			kwh := mwh.Shift(3 - 1 + 3) // MWh as a tenth in kWh, at three decimals
			if !kwh.IsInteger() {
				t.Fatal(mwh)
			}
			all[p] = series.Reading{MPAN: j.Supply.MPAN, Line: series.AI, Period: day.First() + settlement.Period(p), Run: run, Value: kwh.IntPart()}
		}
		j.Deliveries = append(j.Deliveries, received(run.String(), due.First().Time(), all, run, 0))
		slices.Reverse(j.Deliveries[:i+1]) // the order of arrival does not matter
	}
	note := map[settlement.Run]string{settlement.II: "7585896.64", settlement.SF: "7910626.24", settlement.RF: "7961175.09"}
	near := decimal.RequireFromString("0.06")
	ctx := context.Background()
	for _, run := range runs {
		j.View = revisions.UpTo(run)
		due, _ := settlement.GB().Due(day, run)
		for name, view := range map[string]revisions.Reconciler{"run": j.View, "instant": revisions.KnownAt(due.First().Time()), "day": revisions.AsOf(due, settlement.GB())} {
			k := j
			k.View = view
			r, err := halfhour.Reconcile(ctx, k)
			if err != nil {
				t.Fatal(err)
			}
			sum := decimal.Sum(volumes[run][0], volumes[run][1:]...)
			if got := r.Data[0].Energy()[0].Sum.Decimal(3).Shift(1 - 3); !got.Equal(sum) || r.Data[0].Report.Sources[0].ByRun[run] != 48 {
				t.Errorf("%s of %s: %s MWh, want %s", name, run, got, sum)
			}
			res, err := halfhour.Run(ctx, k)
			if err != nil {
				t.Fatal(err)
			}
			recovered := res.Bills[0].Lines[0].Exact.Shift(1)
			if want := decimal.RequireFromString(note[run]); recovered.Sub(want).Abs().GreaterThan(near) || !decimal.Sum(pounds[run][0], pounds[run][1:]...).Equal(want) {
				t.Errorf("%s of %s: GBP %s, want %s", name, run, recovered, want)
			}
		}
	}
	j.View = revisions.Latest()
	w, err := halfhour.Steps(ctx, j)
	if err != nil {
		t.Fatal(err)
	}
	total := w.Start.NetExact
	var moved []string
	for _, s := range w.Steps {
		if total = total.Add(s.Net.Shift.Change()); !s.Net.Shift.Change().Equal(s.Net.Volumes) {
			t.Errorf("%s: %s of it from volumes", s.New.View.Name, s.Net.Volumes)
		}
		if !s.Net.Shift.Change().IsZero() {
			moved = append(moved, s.New.View.Name+" "+s.Net.Shift.Change().Shift(1).Round(0).String())
		}
	}
	if !total.Equal(w.End().NetExact) || !slices.Equal(moved, []string{"SF 324730", "RF 50549"}) { // 324,729.60 and 50,548.85 as recovered
		t.Errorf("steps %v come to %s, the end is %s", moved, total, w.End().NetExact)
	}
}

// TestEveryTimetable: one span holds days of six runs and some with a dispute
// run besides, days of five, and days of four. Each view, each step and each
// expectation is worked out again day by day.
func TestEveryTimetable(t *testing.T) {
	span := days(t, "2027-03-22", "2027-07-12")
	table := settlement.GB()
	landed := map[settlement.Day][]settlement.Run{}
	counts := map[int]int{}
	var all []series.Reading
	for day, part := range span.EachDay() {
		runs := slices.Clone(table.Runs(day))
		if len(runs) == 6 && day%3 == 0 {
			runs = append(runs, settlement.DF)
		}
		landed[day] = runs
		counts[len(runs)]++
		for _, r := range runs {
			for p := part.Lo; p < part.Hi; p++ {
				all = append(all, series.Reading{Period: p, Run: r, Value: value(day, r)})
			}
		}
	}
	if len(counts) != 4 || counts[4] == 0 || counts[5] == 0 || counts[6] == 0 || counts[7] == 0 {
		t.Fatalf("days by number of runs: %v", counts)
	}
	j := flat(t, span, "energy-unit", "10 p/kWh", all)
	ctx := context.Background()

	// The slow reference: of each day the last run up to one.
	speaks := func(day settlement.Day, limit settlement.Run) settlement.Run {
		best := settlement.Untagged
		for _, r := range landed[day] {
			if r <= limit {
				best = r
			}
		}
		return best
	}
	energy := func(limit settlement.Run) decimal.Decimal {
		var sum int64
		for day, part := range span.EachDay() {
			sum += int64(part.Len()) * value(day, speaks(day, limit))
		}
		return decimal.New(sum, -3)
	}
	w, err := halfhour.Steps(ctx, j)
	if err != nil {
		t.Fatal(err)
	}
	bills := []*tariffs.Bill{w.Start}
	for _, s := range w.Steps {
		bills = append(bills, s.New)
	}
	if len(bills) != int(settlement.DF) || len(w.Unbilled) != 0 {
		t.Fatalf("%d bills, unbilled %v", len(bills), w.Unbilled)
	}
	net, printed := w.Start.NetExact, w.Start.Net
	for i, b := range bills {
		run := settlement.II + settlement.Run(i)
		if b.View.Name != run.String() || !b.Volumes.MSP.Equal(energy(run)) {
			t.Errorf("%s: %s kWh, want %s of %s", b.View.Name, b.Volumes.MSP, energy(run), run)
		}
		if i > 0 {
			net, printed = net.Add(w.Steps[i-1].Net.Shift.Change()), printed.Add(w.Steps[i-1].Net.Printed())
		}
		if !net.Equal(b.NetExact) || !printed.Equal(b.Net) {
			t.Errorf("%s: the steps come to %s and %s, the bill to %s and %s", run, net, printed, b.NetExact, b.Net)
		}
		again, err := halfhour.Rebill(ctx, j, revisions.UpTo(settlement.II), revisions.UpTo(run))
		if err != nil || !w.Start.Net.Add(again.Adjustments[0].Net).Equal(b.Net) || !w.Start.Gross.Add(again.Adjustments[0].Gross).Equal(b.Gross) {
			t.Errorf("%s: rebilled from II: %v", run, err)
		}
		expectEach(t, j, run, func(day settlement.Day) settlement.Run { return speaks(day, run) })
	}
}

// value is what a run says of each half-hour of a day.
func value(day settlement.Day, r settlement.Run) int64 {
	return 1_000_000 + int64(day%17)*1_000 + int64(r)*int64(1+day%5)*37
}

// expectEach holds the expectation of a run, asked when all have come, against
// what is to be said of each day.
func expectEach(t *testing.T, j halfhour.Job, want settlement.Run, speaks func(settlement.Day) settlement.Run) {
	t.Helper()
	j.View = revisions.UpTo(want)
	r, err := halfhour.Reconcile(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	table := settlement.GB()
	on := j.Spans[0].To() + 3*366
	r.Expect(want, table, on)
	x := r.Data[0].Expected.Source("AI")
	for _, o := range x.Outlooks {
		for day := o.From; day < o.To; day++ {
			state := revisions.Supplied
			switch {
			case speaks(day) == want:
			case want == settlement.DF || !slices.Contains(table.Runs(day), want):
				state = revisions.NotApplicable
			default:
				t.Fatalf("%s of %s is there", want, day)
			}
			if o.Run != speaks(day) || o.State != state {
				t.Errorf("%s of %s: %s speaks and is %s, want %s and %s", want, day, o.Run, o.State, speaks(day), state)
			}
		}
	}
}
