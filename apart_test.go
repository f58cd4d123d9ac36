package halfhour_test

import (
	"context"
	"testing"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

func days(t *testing.T, from, to string) settlement.Span {
	t.Helper()
	a, errA := settlement.ParseDay(from)
	b, errB := settlement.ParseDay(to)
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	return settlement.Days(a, b)
}

// counted makes a job count how often each of its sources is read.
func counted(j *halfhour.Job) *[3]int {
	n := new([3]int)
	for i, s := range []*halfhour.Source{&j.Meter, &j.Market, &j.Contract} {
		from := *s
		*s = func(yield func(series.Reading, error) bool) {
			n[i]++
			from(yield)
		}
	}
	return n
}

// TestReadOnce: however many bills, meters and views there are.
func TestReadOnce(t *testing.T) {
	span := days(t, "2025-06-01", "2025-06-02")
	related, err := settlement.ParseMPAN("1400000000001")
	if err != nil {
		t.Fatal(err)
	}
	sf, latest := revisions.UpTo(settlement.SF), revisions.Latest()
	for name, ask := range map[string]func(halfhour.Job) error{
		"run":    func(j halfhour.Job) error { _, err := halfhour.Run(context.Background(), j); return err },
		"rebill": func(j halfhour.Job) error { _, err := halfhour.Rebill(context.Background(), j, sf, latest); return err },
		"compare": func(j halfhour.Job) error {
			_, err := halfhour.Compare(context.Background(), j, sf, latest)
			return err
		},
		"steps": func(j halfhour.Job) error { _, err := halfhour.Steps(context.Background(), j); return err },
		"explain": func(j halfhour.Job) error {
			_, err := halfhour.Explain(context.Background(), j, tariffs.DUoSRed, span)
			return err
		},
	} {
		j := job(t, span)
		j.Supply.Related = []settlement.MPAN{related}
		meter := j.Meter
		j.Meter = func(yield func(series.Reading, error) bool) { // each reading twice: of the meter, and of the related one
			for r, err := range meter {
				if !span.Contains(r.Period) {
					continue
				}
				if !yield(r, err) {
					return
				}
				if r.MPAN = related; !yield(r, err) {
					return
				}
			}
		}
		counts := counted(&j)
		if err := ask(j); err != nil || *counts != [3]int{1, 1, 1} {
			t.Errorf("%s: meter, market and contract were read %v times: %v", name, *counts, err)
		}
	}
}

// TestApart: bills that one schedule cannot hold for, or that do not touch,
// are what each is by itself, in the order they were asked for.
func TestApart(t *testing.T) {
	june, july := days(t, "2025-06-01", "2025-07-01"), days(t, "2025-07-01", "2025-08-01")
	vatFrom := func(j *halfhour.Job) { // 20 % up to July, 5 % from it
		for i := range j.Tariff.Rates {
			if r := &j.Tariff.Rates[i]; r.Items[0] == tariffs.VAT {
				later := *r
				later.When.From, r.When.To = july.From(), july.From()
				price, err := tariffs.ParsePrice("5 %")
				if err != nil {
					t.Fatal(err)
				}
				later.Price = price
				j.Tariff.Rates = append(j.Tariff.Rates, later)
				return
			}
		}
	}
	for name, c := range map[string]struct {
		spans  []settlement.Span
		change func(*halfhour.Job)
	}{
		"a rate of VAT that changes between them": {[]settlement.Span{june, july}, vatFrom},
		"days nobody bills between them":          {[]settlement.Span{july, days(t, "2025-06-01", "2025-06-11")}, func(*halfhour.Job) {}},
		"and a gap in the data there": {[]settlement.Span{days(t, "2025-06-01", "2025-06-11"), days(t, "2025-06-21", "2025-07-01")}, func(j *halfhour.Job) {
			hole := days(t, "2025-06-15", "2025-06-16")
			j.Meter = without(j.Meter, func(r *series.Reading) bool { return hole.Contains(r.Period) })
		}},
	} {
		together := job(t, c.spans...)
		c.change(&together)
		res, err := halfhour.Run(context.Background(), together)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(res.Bills) != len(c.spans) || res.Meter == nil || res.Market == nil || res.Tally.Kept == 0 {
			t.Fatalf("%s: %d bills", name, len(res.Bills))
		}
		for i, span := range c.spans {
			alone := job(t, span)
			c.change(&alone)
			one, err := halfhour.Run(context.Background(), alone)
			if err != nil {
				t.Fatal(err)
			}
			sameBills(t, name, res.Bills[i], one.Bills[0])
		}
		counts := counted(&together)
		if again, err := halfhour.Rebill(context.Background(), together, revisions.UpTo(settlement.SF), revisions.Latest()); err != nil || len(again.Adjustments) != len(c.spans) {
			t.Errorf("%s, billed again: %v", name, err)
		}
		if *counts != [3]int{1, 1, 1} {
			t.Errorf("%s, billed again: meter, market and contract were read %v times", name, *counts)
		}
	}
}

// TestOtherMeters: readings of a meter that is not billed are no secret.
func TestOtherMeters(t *testing.T) {
	j := job(t, days(t, "2025-06-01", "2025-06-02"))
	other, err := settlement.ParseMPAN("1400000000001")
	if err != nil {
		t.Fatal(err)
	}
	stranger := series.Readings(func(yield func(series.Reading, error) bool) {
		yield(series.Reading{MPAN: other, Line: series.AI, Period: j.Spans[0].Lo, Value: 1, Pos: series.Pos{Source: "other"}}, nil)
	})
	noted := func() bool {
		res, err := halfhour.Run(context.Background(), j)
		if err != nil {
			t.Fatal(err)
		}
		return res.Bills[0].Conditions.Has(tariffs.OtherMeters)
	}
	if noted() {
		t.Error("of one meter only")
	}
	meter, _, _ := sample.Readings()
	if j.Meter = series.Join(meter, stranger); !noted() {
		t.Error("another meter is passed over without a word")
	}
}
