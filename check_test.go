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
)

// printed is a figure as a bill prints it.
func printed(d decimal.Decimal, decimals int32) series.Printed {
	return series.Printed{Value: d.Round(decimals).Shift(series.PrintScale).IntPart(), Decimals: int(decimals), Stated: true}
}

// rows are the lines of a bill as a supplier would state them.
func rows(b *tariffs.Bill) (out []series.Billed) {
	row := func(item string, from, to settlement.Day) series.Billed {
		return series.Billed{From: from, To: to, Item: item, Pos: series.Pos{Source: "bill", Line: len(out) + 2}}
	}
	for i := range b.Lines {
		l := &b.Lines[i]
		r := row(l.Item.String(), l.From, l.To)
		r.Amount = printed(l.Amount, 2)
		if l.Unit == "kWh" || l.Unit == "kVArh" {
			r.Quantity = printed(l.Quantity, 1)
		}
		out = append(out, r)
	}
	vat := row("vat", b.From, b.To)
	vat.Amount = printed(b.VAT, 2)
	nbp := row("nbp", b.From, b.To)
	nbp.Quantity = printed(b.Volumes.NBP.Decimal, 6)
	return append(out, vat, nbp)
}

func all(rows []series.Billed) series.AllBilled {
	return func(yield func(series.Billed, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func check(t *testing.T, j halfhour.Job, rows []series.Billed) *halfhour.Checked {
	t.Helper()
	res, err := halfhour.Check(context.Background(), j, all(rows))
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Rows) != len(rows) {
		t.Fatalf("%d rows of %d", len(res.Rows), len(rows))
	}
	return res
}

// says names the choice of a candidate: "R1", or "date RF…R3…".
func says(c *revisions.Candidate) string {
	s := c.Shape.String()
	for _, p := range c.Parts {
		s += " " + p.Run.String()
	}
	return s
}

// TestCheckViews: every line of a month billed from a run, or as it was known
// on a date, is explained, and nbp to the millionth tells which it was.
func TestCheckViews(t *testing.T) {
	month, err := settlement.ParseMonth("2025-07")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		view revisions.Reconciler
		want string
	}{
		{revisions.UpTo(settlement.II), "run II"}, {revisions.UpTo(settlement.R2), "run R2"}, {revisions.Latest(), "run R3"},
		{revisions.AsOf(month.First()+60, settlement.GB()), "date R1 SF"}, {revisions.AsOf(month.First()+45, settlement.GB()), "date SF II"},
	} {
		j := job(t, month.Span())
		j.View = c.view
		res, err := halfhour.Run(context.Background(), j)
		if err != nil {
			t.Fatal(err)
		}
		got := check(t, job(t), rows(res.Bills[0]))
		for i := range got.Rows {
			r := &got.Rows[i]
			if !r.Finding.Explained() {
				t.Errorf("%s: %s %v is not explained: %+v", c.view.View(), r.Item, r.Amount, r.Finding)
			}
		}
		nbp := got.Rows[len(got.Rows)-1].Finding
		if len(nbp.Candidates) == 0 || says(&nbp.Candidates[0]) != c.want || nbp.Ambiguous() || nbp.Candidates[0].Residuals[0] != (series.Total{}) {
			t.Errorf("%s: nbp is explained by %+v, want %s", c.view.View(), nbp.Candidates, c.want)
		}
		if got.Unexplained() != 0 || len(got.Runs) < 4 {
			t.Errorf("%s: %d unexplained, runs %v", c.view.View(), got.Unexplained(), got.Runs)
		}
	}
}

// TestCheckConditions: each run's are those of its bill; where it holds too little
// for one, they are those of the choice of runs.
func TestCheckConditions(t *testing.T) {
	j := job(t, months()[0])
	b := bill(t, j, revisions.UpTo(settlement.R1))
	res := check(t, j, rows(b)[:1])
	if len(res.Conditions) != len(res.Runs) {
		t.Fatalf("%v of %v", res.Conditions, res.Runs)
	}
	for i, r := range res.Runs {
		if want := bill(t, j, revisions.UpTo(r)).Conditions; res.Conditions[i] != want || want == 0 {
			t.Errorf("%s: %s, want %s", r, res.Conditions[i], want)
		}
	}
	whole := j.Meter
	j.Meter = func(yield func(series.Reading, error) bool) {
		for r, err := range whole {
			if r.Period != j.Spans[0].Lo+7 && !yield(r, err) {
				return
			}
		}
	}
	for i, c := range check(t, j, rows(b)[:1]).Conditions {
		if c != 0 && c != tariffs.IncompleteRun && c != tariffs.OtherMeters {
			t.Errorf("%s of a month with a gap: %s", res.Runs[i], c)
		}
	}
}

// TestCheckWrong: a figure that is off is unexplained, the run it was made from
// is nearest, and what is left is what it is off by.
func TestCheckWrong(t *testing.T) {
	month, _ := settlement.ParseMonth("2025-07")
	j := job(t, month.Span())
	j.View = revisions.UpTo(settlement.SF)
	res, err := halfhour.Run(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	nbp := series.Billed{From: month.First(), To: month.Next().First(), Item: "nbp", Quantity: printed(res.Bills[0].Volumes.NBP.Decimal, 6)}
	nbp.Quantity.Value += 500_000_000_000
	f := check(t, job(t), []series.Billed{nbp}).Rows[0].Finding
	if f.Fits() || f.Explained() || len(f.Candidates) < 4 || !f.Partial {
		t.Fatalf("%+v", f)
	}
	for i := range f.Candidates {
		if c := &f.Candidates[i]; says(c) == "run SF" {
			if c.Residuals[0] != series.TotalOf(500_000_000_000) {
				t.Errorf("%+v", c)
			}
			return
		}
	}
	t.Errorf("SF is not among the nearest: %+v", f.Candidates)
}

// TestCheckDays: daily figures of a staircase are each explained by the run of
// their day, and a day that no run holds is not, without harm to the others but
// in what the month's highest demand decides.
func TestCheckDays(t *testing.T) {
	d, _ := settlement.ParseDay("2025-09-01")
	j := job(t, d.Span(), (d + 1).Span(), (d + 2).Span())
	j.View = revisions.UpTo(settlement.R1)
	res, err := halfhour.Run(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	var billed []series.Billed
	for _, b := range res.Bills {
		billed = append(billed, rows(b)...)
	}
	gap, whole := job(t), job(t).Meter
	gap.Meter = func(yield func(series.Reading, error) bool) {
		for r, err := range whole {
			if r.Period != (d+1).First()+5 && !yield(r, err) {
				return
			}
		}
	}
	got := check(t, gap, billed)
	for i := range got.Rows {
		r := &got.Rows[i]
		want := r.From != d+1 || !r.Quantity.Stated // what is charged by time needs no readings
		if r.Item == "duos-excess-capacity" || r.Item == "vat" {
			want = false // each day's is of the month's highest demand, which the gap may hide
		}
		if r.Finding.Explained() != want || !want && r.Finding.Missing != 1 {
			t.Errorf("%s on %s: %+v", r.Item, r.From, r.Finding)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	d, _ := settlement.ParseDay("2025-09-01")
	good := series.Billed{From: d, To: d + 1, Item: "msp", Quantity: printed(decimal.NewFromInt(1), 0), Pos: series.Pos{Source: "bill", Line: 2}}
	with := func(change func(*series.Billed)) []series.Billed {
		r := good
		change(&r)
		return []series.Billed{r}
	}
	for _, c := range []struct {
		name  string
		rows  []series.Billed
		spans []settlement.Span
		want  error
		words string
	}{
		{"no rows", nil, nil, series.ErrEmpty, "at least one row"},
		{"item", with(func(r *series.Billed) { r.Item = "duos-blue" }), nil, tariffs.ErrItem, "bill:2"},
		{"amount of energy", with(func(r *series.Billed) { r.Amount = r.Quantity }), nil, series.ErrValue, "no amount"},
		{"days", with(func(r *series.Billed) { r.To = r.From }), nil, series.ErrValue, "first day no longer billed"},
		{"nothing stated", with(func(r *series.Billed) { r.Quantity.Stated = false }), nil, series.ErrValue, "a quantity, an amount or both"},
		{"energy of days", with(func(r *series.Billed) { r.Item = "duos-fixed" }), nil, series.ErrValue, "not charged on energy"},
		{"outside", []series.Billed{good}, []settlement.Span{(d + 1).Span()}, series.ErrValue, "one of the spans"},
		{"before the data", with(func(r *series.Billed) { r.From, r.To = sample.Span().From()-40, sample.Span().From()-39 }), nil, nil, ""},
	} {
		j := job(t, c.spans...)
		res, err := halfhour.Check(context.Background(), j, all(c.rows))
		if err == nil || res != nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: %v, %v", c.name, res, err)
		}
	}
	broken := func(yield func(series.Billed, error) bool) {
		for i := 0; yield(series.Billed{}, fmt.Errorf("broken %d", i)); i++ {
		}
	}
	var errs series.Errors
	if _, err := halfhour.Check(context.Background(), job(t), broken); !errors.As(err, &errs) || len(errs) != series.MaxErrors+1 || !errors.Is(errs[series.MaxErrors], series.ErrLimit) {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := halfhour.Check(ctx, job(t), all([]series.Billed{good})); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	other := job(t)
	other.Meter = func(func(series.Reading, error) bool) {}
	if _, err := halfhour.Check(context.Background(), other, all([]series.Billed{good})); !errors.Is(err, tariffs.ErrMissing) {
		t.Errorf("%v", err)
	}
}

// TestCheckUncharged: an item the tariff does not charge is unexplained, and
// says why.
func TestCheckUncharged(t *testing.T) {
	d, _ := settlement.ParseDay("2025-12-05")
	j := job(t)
	j.Tariff.Rates = slices.DeleteFunc(j.Tariff.Rates, func(r tariffs.Rate) bool { return slices.Equal(r.Items, []tariffs.Item{tariffs.CCL}) })
	got := check(t, j, []series.Billed{{From: d, To: d + 1, Item: "ccl", Amount: printed(decimal.NewFromInt(1), 2)}})
	if r := got.Rows[0]; r.Finding.Explained() || !strings.Contains(r.Reason, "does not charge") || got.Unexplained() != 1 {
		t.Errorf("%+v", r)
	}
}

// TestCheckCalendar: what was due on a date is as the job's calendar has it, not
// as the usual one.
func TestCheckCalendar(t *testing.T) {
	month, _ := settlement.ParseMonth("2025-07")
	calendar := settlement.GB()
	for d := month.First(); d < month.Next().First(); d++ {
		if due, ok := calendar.Due(d, settlement.R1); ok && d%3 == 0 {
			calendar = calendar.Publish(d, settlement.R1, due+2)
		}
	}
	on := month.First() + 60
	j := job(t, month.Span())
	j.Calendar, j.View = calendar, revisions.AsOf(on, calendar)
	res, err := halfhour.Run(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	billed := rows(res.Bills[0])
	nbp := billed[len(billed)-1:]
	usual := check(t, job(t), nbp).Rows[0].Finding
	ours := job(t)
	ours.Calendar = calendar
	got := check(t, ours, nbp).Rows[0].Finding
	if usual.Shape == revisions.OneDate || got.Shape != revisions.OneDate || !got.Explained() || len(got.Candidates[0].Parts) != 4 {
		t.Errorf("by the job's calendar %+v, by the usual one %+v", got, usual)
	}
}

// TestCheckTogether: a month billed as of a date but for one line is that date
// and that line; rows of the month's days, of energy, VAT, credits and nothing
// are all of them.
func TestCheckTogether(t *testing.T) {
	billed := dated(t)
	wrong := slices.IndexFunc(billed, func(r series.Billed) bool { return r.Item == "energy-unit" })
	billed[wrong].Amount.Value += 370_000 * 100
	got := check(t, job(t), billed)
	if len(got.Days) != 1 || len(got.Days[0].Choices) == 0 || got.Days[0].Choices[0].Shape != revisions.OneDate || got.Unexplained() != 1 {
		t.Fatalf("%d unexplained, %+v", got.Unexplained(), got.Days)
	}
	credits, zeros := 0, 0
	for i := range got.Rows {
		r, d := &got.Rows[i], &got.Days[0]
		if r.Amount.Stated && r.Amount.Value < 0 {
			credits++
		}
		if r.Amount.Stated && r.Amount.Value == 0 {
			zeros++
		}
		whole := r.Item == "duos-excess-capacity" || r.Item == "tnuos-locational" // by runs only
		if d.Held[i] && d.Fits[i] == (i == wrong) || !d.Held[i] && !whole && r.Item != "vat" {
			t.Errorf("%s: held %v, fits %v, %+v", r.Item, d.Held[i], d.Fits[i], r.Finding)
		}
	}
	f := got.Rows[wrong].Finding
	left := decimal.NewFromBigInt(f.Candidates[0].Residuals[0].Big(), -int32(got.Rows[wrong].Figures[0].Scale))
	if !f.Against || f.Fits() || f.Candidates[0].Shape != revisions.OneDate || left.Sub(decimal.New(37, 0)).Abs().GreaterThan(decimal.New(5, -3)) {
		t.Errorf("the line that is off leaves %s: %+v", left, f)
	}
	if credits == 0 || zeros == 0 {
		t.Errorf("%d credits, %d of nothing", credits, zeros)
	}
}

// TestCheckVATRows: of two VAT rows of a month that was billed on a date, the right
// one is explained by the days, and the wrong one is said to be against what the
// others rest on only where it is held against it.
func TestCheckVATRows(t *testing.T) {
	billed := dated(t)
	wrong := billed[slices.IndexFunc(billed, func(r series.Billed) bool { return r.Item == "vat" })]
	wrong.To -= 10
	wrong.Amount.Value += 370_000 * 100
	got := check(t, job(t), append(billed, wrong))
	vats := 0
	for _, d := range got.Days {
		for k, i := range d.Of {
			f := d.Rows[k]
			if got.Rows[i].Item == "vat" && f.Explained() {
				vats++
			}
			if f.Against != (d.Held[k] && !d.Fits[k] && !f.Explained()) {
				t.Errorf("%s of %s to %s: held %v, fits %v, %+v", got.Rows[i].Item, d.From, d.To, d.Held[k], d.Fits[k], f)
			}
		}
	}
	if f := got.Rows[len(got.Rows)-1].Finding; vats != 1 || f.Fits() {
		t.Errorf("%d VAT rows explained; the wrong one: %+v", vats, f)
	}
}

// TestCheckVATPenny: the VAT of a run's bill is known to the penny, beside its rows
// and alone; that of a date within the rounding of the lines, which is said.
func TestCheckVATPenny(t *testing.T) {
	month, _ := settlement.ParseMonth("2025-07")
	right := rows(bill(t, job(t, month.Span()), revisions.UpTo(settlement.SF)))
	vat := slices.IndexFunc(right, func(r series.Billed) bool { return r.Item == "vat" })
	const penny = 10_000 // at series.PrintScale
	for _, off := range []int64{-penny, 0, penny} {
		billed := slices.Clone(right)
		billed[vat].Amount.Value += off
		got := check(t, job(t), billed)
		r, d := &got.Rows[vat], &got.Days[0]
		if d.Choices[0].Shape != revisions.OneRun || !d.Held[vat] || d.Fits[vat] != (off == 0) || r.Finding.Explained() != (off == 0) || r.Rounding() {
			t.Errorf("%d: held %v, fits %v, %+v", off, d.Held[vat], d.Fits[vat], r.Finding)
		}
		if c := &r.Finding.Candidates[0]; says(c) != "run SF" || !c.Residuals[0].Decimal(r.Figures[0].Scale).Equal(decimal.New(off, -series.PrintScale)) {
			t.Errorf("%d: %+v", off, c)
		}
		alone := check(t, job(t), billed[vat:vat+1]).Rows[0].Finding
		if alone.Explained() != (off == 0) || off != 0 && alone.Shape == revisions.OneRun {
			t.Errorf("%d, alone: %+v", off, alone)
		}
	}
	right = dated(t)
	vat = slices.IndexFunc(right, func(r series.Billed) bool { return r.Item == "vat" })
	got := check(t, job(t), right)
	if r := &got.Rows[vat]; !r.Finding.Explained() || r.Finding.Shape != revisions.OneDate || !r.Rounding() {
		t.Errorf("of a date: %+v", r.Finding)
	}
}

// dated are the rows of a month as it was known on a date.
func dated(t *testing.T) []series.Billed {
	t.Helper()
	month, _ := settlement.ParseMonth("2025-07")
	j := job(t, month.Span())
	j.View = revisions.AsOf(month.First()+45, settlement.GB())
	res, err := halfhour.Run(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	return rows(res.Bills[0])
}
