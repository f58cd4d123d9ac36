package halfhour_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
	"github.com/halfhour/halfhour/tariffs/toml"
)

// told1 is all that one run has for a day: 1,000.000 kWh a half-hour.
func told1(day string, r settlement.Run, tlm int64) []told {
	return []told{{day, r, "AI", 1000 * kWh, 0}, {day, r, "TLM", tlm, 0}, {day, r, "cfd-rate", 10 * perMWh, 0}}
}

// priced is the job under another tariff.
func priced(t *testing.T, j halfhour.Job, tariff string) halfhour.Job {
	t.Helper()
	var err error
	if j.Tariff, err = toml.ParseTariff("tariff.toml", []byte(tariff)); err != nil {
		t.Fatal(err)
	}
	return j
}

// statedTLM is a stand-in for TLM.
const statedTLM = handTariff + `
[[factor]]
factor = "TLM"
value = "1.01"
from = 2025-01-01
to = 2026-01-01
status = "contract"
source = "made up"
`

// TestStandInForTLM: where the tariff's TLM stands in, the pounds on it are behind,
// whatever else is billed with them: 48,000 kWh × 1.01 × £20/MWh is £969.60, and
// £4,320 of metered energy is settled.
func TestStandInForTLM(t *testing.T) {
	const a, b = "2025-05-06", "2025-05-07"
	facts := append([]told{{a, settlement.RF, "AI", 1000 * kWh, 0}, {a, settlement.RF, "cfd-rate", 10 * perMWh, 0}}, told1(b, settlement.RF, unitTLM)...)
	for _, spans := range [][]settlement.Span{{day1(t, a)}, {day1(t, a), day1(t, b)}, {day1(t, b), day1(t, a)}} {
		res, err := halfhour.Run(context.Background(), priced(t, handJob(t, facts, spans...), statedTLM))
		if err != nil {
			t.Fatal(err)
		}
		for i, bill := range res.Bills {
			want := "0"
			if spans[i] == day1(t, a) {
				want = "969.6"
			}
			acc := bill.Accrue(settlement.RF, nil)
			if behind, whole := bill.Mix.Behind(); behind.String() != want || acc.Unknown.String() != want || !whole.Equal(bill.NetExact) {
				t.Errorf("%d bills, %s: %s of %s are behind, %s unknown, want %s", len(spans), spans[i], behind, whole, acc.Unknown, want)
			}
			for _, l := range acc.Lines {
				if l.Settled == l.Behind {
					t.Errorf("%+v", l)
				}
			}
		}
	}
}

// TestAccrueGap: a span that lacks half-hours, in one run or in all, teaches what
// its whole views do, takes nothing from what the others teach, and is named where
// it teaches nothing. 10 % more of TLM is £96 of a day's £5,280.
func TestAccrueGap(t *testing.T) {
	const past, next, hole, far, now = "2025-05-06", "2025-05-07", "2025-05-08", "2025-05-20", "2025-06-13"
	run := func(r settlement.Run, tlm int64, days ...string) (facts []told) {
		for _, d := range days {
			facts = append(facts, told1(d, r, tlm)...)
		}
		return facts
	}
	sf, rf := run(settlement.SF, unitTLM, past, now), run(settlement.RF, unitTLM*11/10, past)
	one := append(slices.Clone(sf), rf...)
	for name, c := range map[string]struct {
		facts  []told
		learn  []string
		silent int
		seen   int
	}{
		"one day":                   {one, []string{past}, 0, 1},
		"a day not held":            {one, []string{past, hole}, 1, 1},
		"far days not held":         {one, []string{far, past, hole}, 2, 1},
		"a day held once":           {append(run(settlement.SF, unitTLM, far), one...), []string{past, far}, 1, 1},
		"a day not held by the SF":  {append(run(settlement.RF, unitTLM, next), one...), []string{next, past}, 1, 1},
		"another day held by both":  {append(append(run(settlement.SF, unitTLM, far), run(settlement.RF, unitTLM*11/10, far)...), one...), []string{past, hole, far}, 1, 2},
		"a day of runs of its own":  {append(append(run(settlement.SF, unitTLM, next), run(settlement.R1, unitTLM*11/10, next)...), one...), []string{past}, 0, 1},
		"a day held in part by SF":  {append(append(run(settlement.SF, unitTLM, far), run(settlement.RF, unitTLM*12/10, far)...), one...), []string{past, far}, 1, 1},
		"and the day after as well": {append(append(run(settlement.SF, unitTLM, next), run(settlement.RF, unitTLM*11/10, next)...), one...), []string{past, next}, 0, 2},
	} {
		var learn []settlement.Span
		for _, d := range c.learn {
			learn = append(learn, day1(t, d))
		}
		j := handJob(t, c.facts, day1(t, now))
		if all := j.Meter; strings.Contains(name, "in part") { // it lacks one half-hour
			j.Meter = func(yield func(series.Reading, error) bool) {
				for r, err := range all {
					if r.Run == settlement.SF && r.Period == day1(t, far).Lo+7 {
						continue
					}
					if !yield(r, err) {
						return
					}
				}
			}
		}
		got, err := halfhour.Accrue(context.Background(), j, learn, settlement.RF)
		if err != nil {
			t.Fatal(name, err)
		}
		a := got[0]
		if a.Expected.Round(2).String() != "96" || !a.Unknown.IsZero() || len(a.Silent) != c.silent || len(a.Learnt) != len(learn)-c.silent || len(a.Lines) != 1 || a.Lines[0].Count != c.seen || a.Spread.Valid != (c.seen > 1) {
			t.Errorf("%s: expected %s ± %v, unknown %s, learnt from %v, not from %v: %+v", name, a.Expected, a.Spread, a.Unknown, a.Learnt, a.Silent, a.Lines)
		}
		if c.seen > 1 && !a.Spread.Decimal.IsZero() { // they changed alike
			t.Errorf("%s: ± %s", name, a.Spread.Decimal)
		}
	}
}

// TestAccruePricedApart: spans that Run bills apart are learnt from: a rate of VAT
// that changes between two, and days between them that nothing prices.
func TestAccruePricedApart(t *testing.T) {
	const first, second, now = "2025-05-06", "2025-05-20", "2025-06-13"
	var facts []told
	for _, d := range []string{first, second} {
		facts = append(append(facts, told1(d, settlement.SF, unitTLM)...), told1(d, settlement.RF, unitTLM*11/10)...)
	}
	facts = append(facts, told1(now, settlement.SF, unitTLM)...)
	whole := `from = 2025-01-01
to = 2026-01-01`
	i := strings.Index(handTariff, `item = "vat"`)
	vat := handTariff[:i] + strings.Replace(handTariff[i:], whole, "from = 2025-01-01\nto = 2025-05-10", 1) + "[[rate]]\n" +
		strings.Replace(strings.Replace(handTariff[i:], whole, "from = 2025-05-10\nto = 2026-01-01", 1), "20 %", "17.5 %", 1)
	gap := strings.ReplaceAll(handTariff, whole, "from = 2025-01-01\nto = 2025-05-10")
	for _, r := range strings.Split(handTariff, "[[rate]]")[1:] {
		gap += "[[rate]]" + strings.Replace(r, whole, "from = 2025-05-12\nto = 2026-01-01", 1)
	}
	for name, tariff := range map[string]string{"as it was": handTariff, "another rate of VAT": vat, "days that nothing prices": gap} {
		j := priced(t, handJob(t, facts, day1(t, now)), tariff)
		got, err := halfhour.Accrue(context.Background(), j, []settlement.Span{day1(t, first), day1(t, second)}, settlement.RF)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if a := got[0]; a.Expected.Round(2).String() != "96" || a.Lines[0].Count != 2 || len(a.Silent) > 0 {
			t.Errorf("%s: %s, %+v", name, a.Expected, a.Lines)
		}
	}
}

// TestAccrueUntagged: readings that state no run are followed from there: 10 % more
// by SF, whether or not II came between.
func TestAccrueUntagged(t *testing.T) {
	const past, now = "2025-05-06", "2025-05-13"
	reading := func(day string, r settlement.Run, kwh int64) told { return told{day, r, "AI", kwh * kWh, 0} }
	for name, more := range map[string][]told{"SF": nil, "II, then SF": {reading(past, settlement.II, 1050)}} {
		facts := append([]told{reading(past, settlement.Untagged, 1000), reading(past, settlement.SF, 1100), reading(now, settlement.Untagged, 1000)}, more...)
		for _, d := range []string{past, now} {
			facts = append(facts, told{d, 0, "TLM", unitTLM, 0}, told{d, 0, "cfd-rate", 8 * perMWh, 0})
		}
		got, err := halfhour.Accrue(context.Background(), handJob(t, facts, day1(t, now)), []settlement.Span{day1(t, past)}, settlement.SF)
		if err != nil {
			t.Fatal(err)
		}
		a := got[0]
		want := a.Bill.NetExact.Sub(a.NoRun).Mul(decimal.New(1, -1))
		if gap := a.Expected.Sub(want).Abs(); gap.GreaterThan(decimal.New(1, -2)) || !a.Unknown.IsZero() || len(a.Lines) != 1 {
			t.Errorf("%s: expected %s, want %s: %+v", name, a.Expected, want, a.Lines)
		}
	}
}

// TestAccrueCredit: a price of −£100/MWh takes back what the rest charges: of the
// net of nothing £9,600 are not known.
func TestAccrueCredit(t *testing.T) {
	const past, now = "2025-05-06", "2025-05-13"
	facts := append(told1(now, settlement.SF, unitTLM)[:2], told{now, settlement.SF, "cfd-rate", -100 * perMWh, 0})
	facts = append(facts, told1(past, settlement.R1, unitTLM)...)
	got, err := halfhour.Accrue(context.Background(), handJob(t, facts, day1(t, now)), []settlement.Span{day1(t, past)}, settlement.RF)
	if err != nil {
		t.Fatal(err)
	}
	a := got[0]
	if a.Bill.NetExact.String() != "5" || a.Unknown.String() != "9600" || len(a.Lines) != 1 || !a.Lines[0].Pounds.IsZero() || a.Lines[0].Settled || a.Spread.Valid || len(a.Silent) != 1 {
		t.Errorf("net %s, unknown %s ± %v: %+v", a.Bill.NetExact, a.Unknown, a.Spread, a.Lines)
	}
}

// TestDeterminationsOfViews: the bills of a comparison and of a waterfall have a
// determination as Run's have it, in views that know it; and every question about a
// job refuses one that cannot stand.
func TestDeterminationsOfViews(t *testing.T) {
	const past = "2025-05-06"
	ctx, span := context.Background(), day1(t, past)
	facts := append(told1(past, settlement.SF, unitTLM), told1(past, settlement.R1, unitTLM*11/10)...)
	j := handJob(t, facts, span)
	d := money(t, "D1", past, "2025-05-07", 100)
	d.Before = settlement.R1
	j.Determinations = []series.Determination{d}
	w, err := halfhour.Steps(ctx, j)
	if err != nil {
		t.Fatal(err)
	}
	c, err := halfhour.Compare(ctx, j, j.View.Cap(settlement.SF), j.View)
	if err != nil {
		t.Fatal(err)
	}
	res, err := halfhour.Run(ctx, j)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		bill   *tariffs.Bill
		stands bool // R1 speaks
	}{"first": {w.Start, false}, "old": {c.Old, false}, "last": {w.End(), true}, "new": {c.New, true}, "run": {res.Bills[0], true}} {
		b := c.bill
		if len(b.Cash) != 1 || b.Cash[0] != d || b.Conditions.Has(tariffs.DeterminationStanding) != c.stands || !b.Due.Equal(b.Gross.Add(decimal.New(1, 0))) {
			t.Errorf("%s: %+v, due %s of %s, %s", name, b.Cash, b.Due, b.Gross, b.Conditions)
		}
	}
	d.To++ // of days that are not billed
	partly := []series.Determination{d}
	for name, ask := range map[string]func(halfhour.Job) error{
		"compare": func(j halfhour.Job) error { _, err := halfhour.Compare(ctx, j, j.View, j.View); return err },
		"steps":   func(j halfhour.Job) error { _, err := halfhour.Steps(ctx, j); return err },
		"explain": func(j halfhour.Job) error { _, err := halfhour.Explain(ctx, j, 0, span); return err },
		"check": func(j halfhour.Job) error {
			_, err := halfhour.Check(ctx, j, func(func(series.Billed, error) bool) {})
			return err
		},
	} {
		j.Determinations = []series.Determination{{}}
		if err := ask(j); !errors.Is(err, series.ErrDetermination) {
			t.Errorf("%s: %v", name, err)
		}
		if j.Determinations = partly; name == "check" {
			continue // it has no bill of its own
		}
		if err := ask(j); !errors.Is(err, series.ErrDetermination) {
			t.Errorf("%s, partly billed: %v", name, err)
		}
	}
}

// TestDeterminationOfRelated: of two meters one has come to R1 and the other has
// not; the bill and the report say the same of what was to be undone before R1.
func TestDeterminationOfRelated(t *testing.T) {
	const past = "2025-05-06"
	span := day1(t, past)
	facts := append(told1(past, settlement.SF, unitTLM), told{past, settlement.R1, "AI", 990 * kWh, 0})
	for _, swap := range []bool{false, true} {
		j := handJob(t, facts, span)
		supply := *j.Supply
		other, err := settlement.ParseMPAN("1400000000206")
		if err != nil {
			t.Fatal(err)
		}
		own := j.Supply.MPAN
		if swap {
			own, other = other, own
		}
		supply.MPAN, supply.Related = own, []settlement.MPAN{other}
		of := other
		if swap {
			of = own
		}
		j.Supply = &supply
		j.Meter = series.Join(j.Meter, func(yield func(series.Reading, error) bool) {
			for p := span.Lo; p < span.Hi; p++ {
				if !yield(series.Reading{MPAN: of, Line: series.AI, Run: settlement.SF, Value: 5, Period: p}, nil) {
					return
				}
			}
		})
		d := money(t, "D1", past, "2025-05-07", 100)
		for before, want := range map[settlement.Run]string{settlement.R1: "may be counted twice", settlement.R2: "standing"} {
			d.Before = before
			j.Determinations = []series.Determination{d}
			res, err := halfhour.Run(context.Background(), j)
			if err != nil {
				t.Fatal(err)
			}
			r, err := halfhour.Reconcile(context.Background(), j)
			if err != nil {
				t.Fatal(err)
			}
			says := strings.Contains(res.Bills[0].Conditions.String(), "determination-standing")
			if state := r.Determinations[0].State.String(); state != want || says != (want != "standing") {
				t.Errorf("before %s: the report says %q, the bill %s", before, state, res.Bills[0].Conditions)
			}
		}
	}
}
