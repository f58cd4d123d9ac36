package halfhour_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// TestDriftsForetell: from the drifts of its own days a bill's accrual is what
// the rebill comes to, but for the millionths; from those of the months before
// it is within what they spread.
func TestDriftsForetell(t *testing.T) {
	ctx, spans := context.Background(), months()
	own := job(t, spans[4])
	got, err := halfhour.Rebill(ctx, own, revisions.UpTo(settlement.II), revisions.UpTo(settlement.R3))
	if err != nil {
		t.Fatal(err)
	}
	a := got.Adjustments[0]
	for name, history := range map[string]halfhour.Job{"its own days": own, "the months before": job(t, spans[:4]...)} {
		learnt, err := halfhour.Drifts(ctx, history, settlement.R3)
		if err != nil {
			t.Fatal(err)
		}
		drifts := learnt.Drifts
		if len(learnt.From) != len(history.Spans) || len(learnt.Silent) > 0 {
			t.Errorf("%s: learnt from %v, not from %v", name, learnt.From, learnt.Silent)
		}
		acc := a.Original.Accrue(settlement.R3, drifts)
		most := a.Original.NetExact.Mul(decimal.New(3, -6))
		if name != "its own days" {
			most = most.Add(acc.Spread.Decimal.Mul(decimal.NewFromInt(3)))
		}
		if acc.Spread.Valid && len(history.Spans) < 2 {
			t.Errorf("%s: ± %s from one month", name, acc.Spread.Decimal)
		}
		if _, ok := drifts[tariffs.Footing{Run: settlement.II, Estimated: true}]; !ok {
			t.Errorf("%s: estimates are not followed", name)
		}
		t.Logf("%s: expected %s ± %s, it came to %s", name, acc.Expected.StringFixed(2), acc.Spread.Decimal.StringFixed(2), a.NetExact.StringFixed(2))
		if gap := acc.Expected.Sub(a.NetExact).Abs(); gap.GreaterThan(most) || !acc.Unknown.IsZero() || acc.Expected.IsZero() {
			t.Errorf("%s: expected %s ± %s, unknown %s; it came to %s", name, acc.Expected, acc.Spread.Decimal, acc.Unknown, a.NetExact)
		}
		if d := drifts[tariffs.Footing{Run: settlement.II}]; d.Count != len(history.Spans) {
			t.Errorf("%s: %+v", name, drifts)
		}
	}
}

func TestDriftsFail(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := halfhour.Drifts(ctx, job(t, months()[0]), settlement.RF); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled run gives %v", err)
	}
	learnt, err := halfhour.Drifts(context.Background(), job(t, months()[11]), settlement.RF)
	if err != nil || len(learnt.Drifts) != 0 {
		t.Errorf("no day of March was final, and yet: %v, %v", learnt, err)
	}
	bad := job(t, months()[0])
	bad.Determinations = []series.Determination{{}}
	if _, err := halfhour.Drifts(context.Background(), bad, settlement.RF); !errors.Is(err, series.ErrDetermination) {
		t.Errorf("a determination without a name: %v", err)
	}
}

// TestDriftsAsOf: what was not due by the day of the view teaches nothing.
func TestDriftsAsOf(t *testing.T) {
	j := job(t, months()[:2]...)
	whole, err := halfhour.Drifts(context.Background(), j, settlement.R2)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		on        string
		ok, early bool // followed to R2; otherwise than by all that is known
	}{{"2025-07-01", false, false}, {"2025-08-15", true, true}, {"2026-06-30", true, false}} {
		j.View = revisions.AsOf(days(t, c.on, c.on).From(), settlement.GB())
		got, err := halfhour.Drifts(context.Background(), j, settlement.R2)
		if err != nil {
			t.Fatal(err)
		}
		at := tariffs.Footing{Run: settlement.SF}
		if d, ok := got.Drifts[at]; ok != c.ok || ok && (d != whole.Drifts[at]) != c.early {
			t.Errorf("%s: %+v, %v; all that is known: %+v", c.on, d, ok, whole.Drifts[at])
		}
	}
}

// TestAccrueRefusesItsOwnDays: a bill is not foretold from itself.
func TestAccrueRefusesItsOwnDays(t *testing.T) {
	m := months()
	last := settlement.Days(m[3].To()-1, m[3].To())
	first := settlement.Days(m[4].From()-3, m[4].From()+1)
	for name, learn := range map[string][]settlement.Span{"a day of it": {first}, "the same": m[4:5], "one of them": m[2:6], "all round": {sample.Span()}, "nothing": nil,
		"a day twice": {m[2], settlement.Days(m[2].To()-1, m[2].To())}, "a month three times": {m[2], m[2], m[2]}} {
		got, err := halfhour.Accrue(context.Background(), job(t, m[1], m[4]), learn, settlement.R3)
		if got != nil || !errors.Is(err, tariffs.ErrSpan) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	got, err := halfhour.Accrue(context.Background(), job(t, m[4]), []settlement.Span{m[2], last}, settlement.R3)
	if err != nil || len(got) != 1 || len(got[0].Learnt) != 2 {
		t.Errorf("the day before: %v, %v", got, err)
	}
}

// TestAccrueReadsOnce: the sources are read once, and the accruals are those of
// the bills and drifts by themselves; bills that cannot share a schedule as well.
func TestAccrueReadsOnce(t *testing.T) {
	m, read := months(), map[string]int{}
	j := job(t, m[6], m[4])
	j.View = revisions.UpTo(settlement.SF)
	count := func(name string, from halfhour.Source) halfhour.Source {
		return func(yield func(series.Reading, error) bool) {
			read[name]++
			from(yield)
		}
	}
	j.Meter, j.Market, j.Contract = count("meter", j.Meter), count("market", j.Market), count("contract", j.Contract)
	got, err := halfhour.Accrue(context.Background(), j, m[:4], settlement.R3)
	if err != nil {
		t.Fatal(err)
	}
	if len(read) != 3 || read["meter"] != 1 || read["market"] != 1 || read["contract"] != 1 {
		t.Errorf("read %v", read)
	}
	res, err := halfhour.Run(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	j.Spans = m[:4]
	learnt, err := halfhour.Drifts(context.Background(), j, settlement.R3)
	if err != nil {
		t.Fatal(err)
	}
	var past tariffs.Condition
	for r := settlement.II; r <= settlement.R3; r++ {
		j.View = revisions.UpTo(r)
		of, err := halfhour.Run(context.Background(), j)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range of.Bills {
			past |= b.Conditions
		}
	}
	for i, b := range res.Bills {
		want := b.Accrue(settlement.R3, learnt.Drifts)
		want.Learnt, want.Past = m[:4], past
		was, err := json.Marshal(got[i])
		is, err2 := json.Marshal(want)
		if err != nil || err2 != nil || !bytes.Equal(was, is) || past == 0 {
			t.Errorf("%s\nwant %s", was, is)
		}
	}
}

// TestOutlooksAsked: a view as of a day is asked on it, and knows what has
// passed; another is asked on none.
func TestOutlooksAsked(t *testing.T) {
	j := job(t, months()[8])
	on := days(t, "2026-02-10", "2026-02-10").From()
	j.View = revisions.AsOf(on, settlement.GB()).Cap(settlement.SF)
	res, err := halfhour.Run(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	o := res.Bills[0].Outlook
	if o.On != on || o.Next <= on || len(o.Passed) != 1 || o.Passed[0].Run != settlement.R1 || o.Passed[0].Last > on || o.Passed[0].Days+o.Awaited[0].Days != 31 || o.Awaited[0].First <= on {
		t.Errorf("%+v", o)
	}
}

// TestOutlooks: a bill says which runs are to come, under the job's own
// timetable where it has one.
func TestOutlooks(t *testing.T) {
	j := job(t, months()[8])
	j.View = revisions.UpTo(settlement.SF)
	for _, calendar := range []settlement.Timetable{{}, settlement.GB().Publish(j.Spans[0].From(), settlement.R1, j.Spans[0].From()+99)} {
		j.Calendar = calendar
		res, err := halfhour.Run(context.Background(), j)
		if err != nil {
			t.Fatal(err)
		}
		o := res.Bills[0].Outlook
		if o == nil || o.Days != 31 || o.Final != 0 || len(o.Awaited) != 4 || o.Awaited[0].Run != settlement.R1 || o.Awaited[0].Next != 31 {
			t.Fatalf("%+v", o)
		}
		first, _ := settlement.GB().Due(j.Spans[0].From(), settlement.R1)
		if calendar.Runs(j.Spans[0].From()) != nil {
			first, _ = settlement.GB().Due(j.Spans[0].From()+1, settlement.R1)
		}
		if o.Next != first {
			t.Errorf("next on %s, want %s", o.Next, first)
		}
	}
}
