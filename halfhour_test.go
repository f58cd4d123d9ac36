package halfhour_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
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

// job is the sample meter's.
func job(tb testing.TB, spans ...settlement.Span) halfhour.Job {
	tb.Helper()
	supply, err := toml.ParseSupply("supply.toml", sample.Supply())
	if err != nil {
		tb.Fatal(err)
	}
	tariff, err := toml.ParseTariff("tariff.toml", sample.Tariff())
	if err != nil {
		tb.Fatal(err)
	}
	meter, market, contract := sample.Readings()
	return halfhour.Job{Supply: supply, Tariff: tariff, Spans: spans, Meter: meter, Market: market, Contract: contract}
}

// TestMonthsMakeTheYear: before rounding, and for every item, twelve monthly
// bills come to what one bill of the year does; so do their volumes.
func TestMonthsMakeTheYear(t *testing.T) {
	spans := []settlement.Span{sample.Span()}
	for _, part := range sample.Span().Months() {
		spans = append(spans, part)
	}
	res, err := halfhour.Run(context.Background(), job(t, spans...))
	if err != nil {
		t.Fatal(err)
	}
	year, months := res.Bills[0], res.Bills[1:]
	if len(months) != 12 {
		t.Fatalf("%d months", len(months))
	}
	var msp, nbp decimal.Decimal
	sums := map[tariffs.Item]decimal.Decimal{}
	for _, m := range months {
		msp, nbp = msp.Add(m.Volumes.MSP), nbp.Add(m.Volumes.NBP.Decimal)
		for _, l := range m.Lines {
			sums[l.Item] = sums[l.Item].Add(l.Exact)
		}
	}
	if !msp.Equal(year.Volumes.MSP) || !nbp.Equal(year.Volumes.NBP.Decimal) {
		t.Errorf("months hold %s and %s kWh, the year %s and %s", msp, nbp, year.Volumes.MSP, year.Volumes.NBP.Decimal)
	}
	for _, l := range year.Lines {
		sums[l.Item] = sums[l.Item].Sub(l.Exact)
	}
	for item, left := range sums {
		if !left.IsZero() {
			t.Errorf("%s: the months come to %s more than the year", item, left)
		}
	}
}

// TestViewsDiffer: an early view rests on estimates and says so.
func TestViewsDiffer(t *testing.T) {
	month, err := settlement.ParseMonth("2025-10")
	if err != nil {
		t.Fatal(err)
	}
	gross := map[string]decimal.Decimal{}
	for _, view := range []revisions.Reconciler{revisions.UpTo(settlement.II), revisions.Latest()} {
		j := job(t, month.Span())
		j.View = view
		res, err := halfhour.Run(context.Background(), j)
		if err != nil {
			t.Fatal(err)
		}
		b := res.Bills[0]
		gross[b.View.Name] = b.Gross
		if early := b.View.Name == "II"; early != b.Conditions.Has(tariffs.EstimatedReads) {
			t.Errorf("view %s: conditions %s", b.View.Name, b.Conditions)
		}
	}
	if gross["II"].Equal(gross["latest"]) {
		t.Error("six revisions changed nothing")
	}
}

func TestStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := halfhour.Run(ctx, job(t, sample.Span())); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled run gives %v", err)
	}
}

// TestAllOrNothing: one missing half-hour anywhere, and there is no bill.
func TestAllOrNothing(t *testing.T) {
	j := job(t, sample.Span())
	whole, hole := j.Meter, sample.Span().Lo+777
	j.Meter = func(yield func(series.Reading, error) bool) {
		for r, err := range whole {
			if r.Period != hole && !yield(r, err) {
				return
			}
		}
	}
	res, err := halfhour.Run(context.Background(), j)
	var located *tariffs.Error
	if res != nil || !errors.Is(err, tariffs.ErrMissing) || !errors.As(err, &located) || located.Value != hole.String() {
		t.Errorf("without %s: %v, %v", hole, res, err)
	}
}

// TestPassedOver: a later run that lacks one half-hour of a day does not speak
// for the day, and the bill of that day says so; the next day's does not.
func TestPassedOver(t *testing.T) {
	d := settlement.Period(sample.Span().Lo + 48*100).Day()
	j := job(t, d.Span(), (d + 1).Span())
	whole, short := j.Meter, d.First()+7
	j.Meter = func(yield func(series.Reading, error) bool) {
		for r, err := range whole {
			if late := r.Period == short && r.Run == settlement.R3; !late && !yield(r, err) {
				return
			}
		}
	}
	res, err := halfhour.Run(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	if !res.Bills[0].Conditions.Has(tariffs.IncompleteRun) || res.Bills[1].Conditions.Has(tariffs.IncompleteRun) {
		t.Errorf("conditions: %s; and the next day: %s", res.Bills[0].Conditions, res.Bills[1].Conditions)
	}
}

// TestShared: jobs may share a supply and a tariff (run with -race).
func TestShared(t *testing.T) {
	j := job(t, settlement.Days(sample.Span().From(), sample.Span().From()+7))
	done := make(chan error)
	for _, view := range []revisions.Reconciler{revisions.Latest(), revisions.UpTo(settlement.II)} {
		j := j
		j.View = view
		go func() {
			_, err := halfhour.Run(context.Background(), j)
			done <- err
		}()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// TestNoLossFactors: where neither market nor tariff has one, there is no bill.
func TestNoLossFactors(t *testing.T) {
	j := job(t, sample.Span())
	j.Market = nil
	if _, err := halfhour.Run(context.Background(), j); !errors.Is(err, tariffs.ErrMissing) {
		t.Errorf("without loss factors: %v", err)
	}
}

func ExampleRun() {
	supply, _ := toml.ParseSupply("supply.toml", sample.Supply())
	tariff, _ := toml.ParseTariff("tariff.toml", sample.Tariff())
	month, _ := settlement.ParseMonth("2025-07")
	meter, market, contract := sample.Readings()
	res, err := halfhour.Run(context.Background(), halfhour.Job{
		Supply: supply, Tariff: tariff, Spans: []settlement.Span{month.Span()},
		View: revisions.UpTo(settlement.R1), Meter: meter, Market: market, Contract: contract,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	bill := res.Bills[0]
	fmt.Println(bill.From, bill.To, bill.Volumes.MSP, "kWh", bill.Gross.StringFixed(2))
	// Output: 2025-07-01 2025-08-01 329564.555 kWh 75124.00
}

// TestWholeMonths: whole months at one rate are one line, parts of a month
// lines of their own, and the whole is what the months' half-hours come to.
func TestWholeMonths(t *testing.T) {
	text := strings.Replace(string(sample.Tariff()), "540.00 GBP/year", "45.25 GBP/month", 1)
	tariff, err := toml.ParseTariff("tariff.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	from, _ := settlement.ParseDay("2025-05-10")
	to, _ := settlement.ParseDay("2025-08-20")
	j := job(t, sample.Span(), settlement.Days(from, to))
	j.Tariff = tariff
	res, err := halfhour.Run(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range res.Bills {
		for _, l := range b.Lines {
			if l.Item == tariffs.MeteringAgents {
				got = append(got, fmt.Sprint(l.From, " ", l.To, " ", l.Quantity, " ", l.Unit, " ÷", l.Divisor, " ", l.Amount.StringFixed(2)))
			}
		}
	}
	want := []string{
		"2025-04-01 2026-04-01 12 month ÷1 543.00",
		"2025-05-10 2025-06-01 22 day ÷31 32.11", // 45.25 × 22 ÷ 31 = 32.112…
		"2025-06-01 2025-08-01 2 month ÷1 90.50",
		"2025-08-01 2025-08-20 19 day ÷31 27.73", // 45.25 × 19 ÷ 31 = 27.733…
	}
	if !slices.Equal(got, want) {
		t.Errorf("lines\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
