package halfhour_test

import (
	"context"
	"slices"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// altered gives readings as a test would have them; a reading that keep refuses is
// left out.
func altered(all series.Readings, keep func(*series.Reading) bool) series.Readings {
	return func(yield func(series.Reading, error) bool) {
		for r, err := range all {
			if (err != nil || keep(&r)) && !yield(r, err) {
				return
			}
		}
	}
}

// TestBatchSays: of rounded readings, of loss factors that the market lacks and of
// the figures of a small bill a batch says what its bills say, and of a meter that
// has nothing of it nothing.
func TestBatchSays(t *testing.T) {
	from := bulkDays(t).From()
	confirmed := func(f *fleet) {
		f.tariff.Factors = append(f.tariff.Factors, tariffs.Factor{Line: series.LLF, Value: decimal.New(105, -2), When: tariffs.When{From: from}, Status: tariffs.Confirmed, Source: "a statement of charges"})
	}
	november := mustDay(t, "2025-11-01").First()
	all := func(*series.Reading) bool { return true }
	for _, c := range []struct {
		name          string
		says          tariffs.Condition
		meter, market func(*series.Reading) bool // of meter 1 and the market
		tariff        func(*fleet)
		everyone      bool // it is said of meter 0, too
	}{
		{"rounded active", tariffs.RoundedReads, func(r *series.Reading) bool {
			if r.Line == series.AI && r.Period < from.First()+3 {
				r.Mark |= series.Rounded
			}
			return true
		}, all, func(*fleet) {}, false},
		{"rounded reactive", tariffs.RoundedReads, func(r *series.Reading) bool {
			if r.Line == series.RI && r.Period < from.First()+700 {
				r.Mark |= series.Rounded
			}
			return true
		}, all, func(*fleet) {}, false},
		{"line losses lacking", tariffs.TariffLosses, all, func(r *series.Reading) bool { return r.Line != series.LLF || r.Period >= from.First()+100 }, confirmed, true},
		{"transmission losses lacking", tariffs.TariffLosses, all, func(r *series.Reading) bool { return r.Line != series.TLM || r.Period < november }, func(f *fleet) {
			f.tariff.Factors = append(f.tariff.Factors, tariffs.Factor{Line: series.TLM, Value: decimal.New(101, -2), When: tariffs.When{From: from}, Status: tariffs.Confirmed, Source: "a statement of charges"})
		}, true},
		{"small", tariffs.SmallSupply | tariffs.AssumedRate, func(r *series.Reading) bool {
			if r.Period >= november && r.Line == series.AI {
				r.Value = min(r.Value, 500)
			}
			return true
		}, all, func(f *fleet) {
			f.tariff.Rates = append(f.tariff.Rates, tariffs.Rate{Items: []tariffs.Item{tariffs.VAT}, Price: mustPrice(t, "5 %"), Reduced: true, Status: tariffs.Assumed, When: tariffs.When{From: from}})
		}, false},
	} {
		f := newFleet(t, 2)
		c.tariff(f)
		meter, market := altered(f.readings(1), c.meter), altered(sample.Market(sample.Seed, f.span, f.landed), c.market)
		f.cubes[1].Reset(f.span)
		f.market.Reset(f.span)
		if _, err := series.Collect(f.cubes[1], f.supplies[1].MPAN, meter); err != nil {
			t.Fatal(err)
		}
		if _, err := series.Collect(f.market, settlement.MPAN{}, market); err != nil {
			t.Fatal(err)
		}
		got := f.conditions(t)
		if c.everyone != got[0].Has(c.says) {
			t.Errorf("%s: of meter 0 %v is said", c.name, got[0].Names())
		}
		want := f.billed(t, 1, meter, market)
		if !want.Has(c.says) {
			t.Fatalf("%s: the bills say only %v: nothing is tested", c.name, want.Names())
		}
		if !got[1].Has(want) {
			t.Errorf("%s: %v is not said; said is %v", c.name, (want &^ got[1]).Names(), got[1].Names())
		}
	}
}

// conditions are what a batch says of each meter; both routes say the same.
func (f *fleet) conditions(tb testing.TB) []tariffs.Condition {
	tb.Helper()
	var says [2][]tariffs.Condition
	for k, route := range []halfhour.Route{halfhour.Fused, halfhour.Materialised} {
		says[k] = make([]tariffs.Condition, len(f.cubes))
		b := f.batch(func(p *halfhour.Priced) error {
			says[k][p.Index] = p.Conditions
			return nil
		})
		b.Route = route
		if res, err := halfhour.RunBatch(context.Background(), b); err != nil || res.Priced != len(f.cubes) {
			tb.Fatal(err, res)
		}
	}
	if !slices.Equal(says[0], says[1]) {
		tb.Errorf("the routes say %v and %v", says[0], says[1])
	}
	return says[0]
}

// billed is what the bills of a meter's months say.
func (f *fleet) billed(tb testing.TB, i int, meter, market series.Readings) (said tariffs.Condition) {
	tb.Helper()
	job := halfhour.Job{Supply: f.supplies[i], Tariff: f.tariff, Meter: halfhour.Source(meter), Market: halfhour.Source(market), Contract: sample.Contract(sample.Seed, f.span)}
	for _, m := range f.span.Months() {
		job.Spans = append(job.Spans, m)
	}
	res, err := halfhour.Run(context.Background(), job)
	if err != nil {
		tb.Fatal(err)
	}
	for _, bill := range res.Bills {
		said |= bill.Conditions
		for _, l := range bill.Lines {
			said |= l.Conditions
		}
	}
	return said
}
