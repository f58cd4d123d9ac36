package halfhour_test

import (
	"context"
	"errors"
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

// june is a month of the sample meter that had its third reconciliation.
func june(t *testing.T) settlement.Span {
	t.Helper()
	m, err := settlement.ParseMonth("2025-06")
	if err != nil {
		t.Fatal(err)
	}
	return m.Span()
}

// bill is what Run makes of a job under a view.
func bill(t *testing.T, j halfhour.Job, by revisions.Reconciler) *tariffs.Bill {
	t.Helper()
	j.View = by
	res, err := halfhour.Run(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	return res.Bills[0]
}

// sameBills compares two bills as programs read them.
func sameBills(t *testing.T, name string, a, b *tariffs.Bill) {
	t.Helper()
	x, errX := a.MarshalJSON()
	y, errY := b.MarshalJSON()
	if errX != nil || errY != nil || string(x) != string(y) {
		t.Errorf("%s: %v, %v\n%s\n%s", name, errX, errY, x, y)
	}
}

// TestCompare: both bills are those Run makes; the items, the days and the
// causes make the change of the net, printed and exact.
func TestCompare(t *testing.T) {
	ctx := context.Background()
	seen, err := settlement.ParseDay("2025-07-20")
	if err != nil {
		t.Fatal(err)
	}
	asOf := revisions.AsOf(seen, settlement.GB()) // some days have had SF by then, some R1
	for _, views := range [][2]revisions.Reconciler{
		{revisions.UpTo(settlement.II), revisions.Latest()}, {asOf, revisions.UpTo(settlement.SF)}, {revisions.Latest(), revisions.Latest()},
	} {
		j := job(t, june(t))
		c, err := halfhour.Compare(ctx, j, views[0], views[1])
		if err != nil {
			t.Fatal(err)
		}
		name := views[0].View() + " to " + views[1].View()
		sameBills(t, name, c.Old, bill(t, j, views[0]))
		sameBills(t, name, c.New, bill(t, j, views[1]))
		var items, days tariffs.Change
		for i := range c.Items {
			x := &c.Items[i]
			items.Was, items.Is, items.Shift = items.Was.Add(x.Was), items.Is.Add(x.Is), items.Plus(x.Shift)
			if !x.Old.Equal(lineSum(c.Old, x.Item)) || !x.New.Equal(lineSum(c.New, x.Item)) {
				t.Errorf("%s, %s: %s and %s, not what the bills have", name, x.Item, x.Old, x.New)
			}
		}
		for _, d := range c.Days {
			days.Shift = days.Plus(d.Net)
			if d.Net.HalfHours != 48 || d.MSP.Old.HalfHours != 48 {
				t.Errorf("%s, %s: %+v", name, d.Day, d)
			}
		}
		for what, got := range map[string]decimal.Decimal{
			"items": items.Shift.Change(), "days": days.Shift.Change(), "causes": c.Net.Volumes.Add(c.Net.Losses).Add(c.Net.Prices),
			"volumes": days.Volumes.Sub(items.Volumes).Add(c.Net.Shift.Change()), "losses": days.Losses.Sub(items.Losses).Add(c.Net.Shift.Change()),
		} {
			if want := c.New.NetExact.Sub(c.Old.NetExact); !got.Equal(want) {
				t.Errorf("%s: the %s make %s, the bills %s", name, what, got, want)
			}
		}
		if !items.Printed().Equal(c.New.Net.Sub(c.Old.Net)) || !c.Gross.Printed().Equal(c.New.Gross.Sub(c.Old.Gross)) {
			t.Errorf("%s: printed items make %s, the bills %s", name, items.Printed(), c.New.Net.Sub(c.Old.Net))
		}
		other := bill(t, job(t, settlement.Span{Lo: june(t).Lo, Hi: june(t).Lo + 48}), views[0])
		if _, err := c.Attribution.Bills(other, c.New); !errors.Is(err, tariffs.ErrLedger) {
			t.Errorf("%s: the bill of another span: %v", name, err)
		}
		msp := c.Energy[0]
		if got := msp.Delta.Decimal(3); !got.Equal(c.New.Volumes.MSP.Sub(c.Old.Volumes.MSP)) {
			t.Errorf("%s: %s kWh", name, got)
		}
		if alike := views[0].View() == views[1].View(); alike != c.Net.Shift.Change().IsZero() || alike != msp.None() {
			t.Errorf("%s: the net changed by %s", name, c.Net.Shift.Change())
		}
	}
}

func lineSum(b *tariffs.Bill, item tariffs.Item) (sum decimal.Decimal) {
	for i := range b.Lines {
		if b.Lines[i].Item == item {
			sum = sum.Add(b.Lines[i].Exact)
		}
	}
	return sum
}

// TestSteps: the start and the steps make the end, exactly and as printed, and
// the bills are those of the runs.
func TestSteps(t *testing.T) {
	day, err := settlement.ParseDay("2025-10-10")
	if err != nil {
		t.Fatal(err)
	}
	asOf := revisions.AsOf(day, settlement.GB())
	for name, c := range map[string]struct {
		view revisions.Reconciler
		runs []settlement.Run
	}{
		"latest": {revisions.Latest(), []settlement.Run{settlement.II, settlement.SF, settlement.R1, settlement.R2, settlement.R3}},
		"R1":     {revisions.UpTo(settlement.R1), []settlement.Run{settlement.II, settlement.SF, settlement.R1}},
		"as of":  {asOf, []settlement.Run{settlement.II, settlement.SF, settlement.R1, settlement.R2}},
	} {
		j := job(t, june(t))
		j.View = c.view
		w, err := halfhour.Steps(context.Background(), j)
		if err != nil {
			t.Fatal(err)
		}
		if len(w.Steps) != len(c.runs)-1 || len(w.Unbilled) > 0 {
			t.Fatalf("%s: %d steps, unbilled %v", name, len(w.Steps), w.Unbilled)
		}
		exact, net, gross := w.Start.NetExact, w.Start.Net, w.Start.Gross
		sameBills(t, name, w.Start, bill(t, j, c.view.Cap(c.runs[0])))
		for k, s := range w.Steps {
			exact, net, gross = exact.Add(s.Net.Shift.Change()), net.Add(s.Net.Printed()), gross.Add(s.Gross.Printed())
			sameBills(t, name, s.New, bill(t, j, c.view.Cap(c.runs[k+1])))
		}
		end := bill(t, j, c.view)
		if !exact.Equal(end.NetExact) || !net.Equal(end.Net) || !gross.Equal(end.Gross) || !w.End().NetExact.Equal(end.NetExact) {
			t.Errorf("%s: steps end at %s, %s, %s; the bill at %s, %s, %s", name, exact, net, gross, end.NetExact, end.Net, end.Gross)
		}
	}
}

// without leaves readings out.
func without(from halfhour.Source, out func(*series.Reading) bool) halfhour.Source {
	return func(yield func(series.Reading, error) bool) {
		for r, err := range from {
			if (err != nil || !out(&r)) && !yield(r, err) {
				return
			}
		}
	}
}

// TestUnbilled: a run that holds too little for a bill is listed; where none
// can be billed, the error says what is missing.
func TestUnbilled(t *testing.T) {
	j := job(t, june(t))
	j.Meter = without(j.Meter, func(r *series.Reading) bool { return r.Run == settlement.II })
	w, err := halfhour.Steps(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(w.Unbilled, []settlement.Run{settlement.II}) || w.Start.View.Name != "SF" {
		t.Errorf("unbilled %v, start %s", w.Unbilled, w.Start.View.Name)
	}
	for name, out := range map[string]func(*series.Reading) bool{
		"a gap":   func(r *series.Reading) bool { return r.Period == june(t).Lo+5 },
		"nothing": func(r *series.Reading) bool { return true },
	} {
		j := job(t, june(t))
		j.Meter = without(j.Meter, out)
		if name == "nothing" {
			j.Market = without(j.Market, out)
		}
		if w, err := halfhour.Steps(context.Background(), j); w != nil || !errors.Is(err, tariffs.ErrMissing) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestUntagged: data that states no run has one bill and no step.
func TestUntagged(t *testing.T) {
	j := job(t, june(t))
	meter, market := j.Meter, j.Market
	plain := func(from halfhour.Source) halfhour.Source {
		return func(yield func(series.Reading, error) bool) {
			for r, err := range from {
				if keep := r.Run == settlement.Untagged || r.Run == settlement.R1; err == nil && !keep {
					continue
				}
				r.Run = settlement.Untagged
				if !yield(r, err) {
					return
				}
			}
		}
	}
	j.Meter, j.Market = plain(meter), plain(market)
	w, err := halfhour.Steps(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	if w.Start.View.Name != "untagged" || len(w.Steps) != 0 || w.End() != w.Start || len(w.Unbilled) != 0 {
		t.Errorf("%+v", w)
	}
}

// TestCompareSmall: a bill that falls to the de-minimis quantity is on other
// terms; the whole of that is a change of volumes.
func TestCompareSmall(t *testing.T) {
	reduced := "\n[[rate]]\nitem = \"vat\"\nprice = \"5 %\"\nreduced = true\nfrom = 2025-04-01\nstatus = \"contract\"\nsource = \"test\"\n"
	tariff, err := toml.ParseTariff("tariff.toml", append(sample.Tariff(), reduced...))
	if err != nil {
		t.Fatal(err)
	}
	j := job(t, june(t))
	j.Tariff = tariff
	whole := j.Meter
	j.Meter = func(yield func(series.Reading, error) bool) { // some 10,000 kWh a day become 10
		for r, err := range whole {
			if r.Run > settlement.II {
				r.Value /= 1000
			}
			if !yield(r, err) {
				return
			}
		}
	}
	c, err := halfhour.Compare(context.Background(), j, revisions.UpTo(settlement.II), revisions.UpTo(settlement.SF))
	if err != nil {
		t.Fatal(err)
	}
	if c.Old.Conditions.Has(tariffs.SmallSupply) || !c.New.Conditions.Has(tariffs.SmallSupply) {
		t.Fatalf("%s, %s", c.Old.Conditions, c.New.Conditions)
	}
	for _, x := range c.Items {
		if x.Item == tariffs.CCL && (x.Old.IsZero() || !x.New.IsZero() || !x.Volumes.Equal(x.Shift.Change())) {
			t.Errorf("CCL: %+v", x)
		}
	}
	rate := decimal.New(5, -2)
	if !c.VAT.New.Equal(c.New.NetExact.Mul(rate)) || !c.VAT.Losses.Equal(c.Net.Losses.Mul(rate)) || c.VAT.Losses.IsZero() {
		t.Errorf("VAT: %+v", c.VAT)
	}
}

func TestCompareRefuses(t *testing.T) {
	done, cancel := context.WithCancel(context.Background())
	cancel()
	two := job(t, june(t), june(t))
	latest := revisions.Latest()
	for name, c := range map[string]struct {
		ctx  context.Context
		job  halfhour.Job
		want error
	}{
		"two bills": {context.Background(), two, tariffs.ErrSpan},
		"no bill":   {context.Background(), job(t), tariffs.ErrSpan},
		"cancelled": {done, job(t, june(t)), context.Canceled},
	} {
		if x, err := halfhour.Compare(c.ctx, c.job, latest, latest); x != nil || !errors.Is(err, c.want) {
			t.Errorf("Compare, %s: %v", name, err)
		}
		if x, err := halfhour.Steps(c.ctx, c.job); x != nil || !errors.Is(err, c.want) {
			t.Errorf("Steps, %s: %v", name, err)
		}
	}
	if _, err := halfhour.Compare(context.Background(), job(t, june(t)), revisions.UpTo(settlement.Untagged), latest); !errors.Is(err, tariffs.ErrMissing) || !strings.Contains(err.Error(), `"untagged"`) {
		t.Errorf("a view that holds nothing: %v", err)
	}
}

// TestReconcileJob: nothing is priced, what is missing is no error, and the
// months are those of the bills.
func TestReconcileJob(t *testing.T) {
	j := job(t, june(t))
	whole, hole := j.Meter, june(t).Lo+100
	j.Tariff = nil
	r, err := halfhour.Reconcile(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Data) < 2 || r.Data[0].MPAN != sample.MPAN() || r.Data[1].Of != "market" || r.View != "latest" {
		t.Fatalf("%+v", r)
	}
	energy := r.Data[0].Energy()
	if b := bill(t, job(t, june(t)), revisions.Latest()); len(energy) != 3 || !energy[0].Sum.Decimal(3).Equal(b.Volumes.MSP) || energy[0].HalfHours != 1440 || energy[0].Of != 1440 {
		t.Errorf("%+v, the bill has %s kWh", energy, b.Volumes.MSP)
	}
	j.Meter = without(whole, func(r *series.Reading) bool { return r.Period == hole })
	if r, err = halfhour.Reconcile(context.Background(), j); err != nil {
		t.Fatal(err)
	}
	src := r.Data[0].Report.Source("AI")
	if src.Missing != 1 || src.Merged != 47 || r.Data[0].Energy()[0].HalfHours != 1439 || len(src.Stretches) != 3 {
		t.Errorf("%+v", src)
	}
	if from, to := r.Data[0].Report.Days(src.Stretches[1]); src.Stretches[1].Kind != revisions.Merged || from.String() != "2025-06-03" || to != from+1 {
		t.Errorf("%s to %s: %s", from, to, src.Stretches[1].Kind)
	}
	j.Spans = nil
	if _, err := halfhour.Reconcile(context.Background(), j); !errors.Is(err, tariffs.ErrSpan) {
		t.Errorf("without days: %v", err)
	}
}
