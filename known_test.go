package halfhour_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// heldOn are a source's readings of a day, by run.
func heldOn(tb testing.TB, from halfhour.Source, day settlement.Day) map[settlement.Run][]series.Reading {
	tb.Helper()
	out := map[settlement.Run][]series.Reading{}
	for r, err := range from {
		if err != nil {
			tb.Fatal(err)
		}
		if day.Span().Contains(r.Period) {
			out[r.Run] = append(out[r.Run], r)
		}
	}
	return out
}

// received are readings as a delivery, of a run, each moved by so much.
func received(name string, at time.Time, all []series.Reading, run settlement.Run, by int64) halfhour.Delivery {
	return halfhour.Delivery{Delivery: revisions.Delivery{Received: at, Source: name}, Readings: func(yield func(series.Reading, error) bool) {
		for _, r := range all {
			r.Run, r.Value = run, r.Value+by
			if !yield(r, nil) {
				return
			}
		}
	}}
}

// known is the sample's day as deliveries: what each view needs came early, and
// what is drawn came at any time.
type known struct {
	day                     settlement.Day
	meter, market, contract map[settlement.Run][]series.Reading
}

func knownOf(tb testing.TB) *known {
	tb.Helper()
	day, err := settlement.ParseDay("2025-10-07")
	if err != nil {
		tb.Fatal(err)
	}
	return knownOn(tb, day)
}

func knownOn(tb testing.TB, day settlement.Day) *known {
	tb.Helper()
	whole := job(tb, day.Span())
	return &known{day, heldOn(tb, whole.Meter, day), heldOn(tb, whole.Market, day), heldOn(tb, whole.Contract, day)}
}

func (k *known) at(after int) time.Time {
	return (k.day + settlement.Day(after)).First().Time().Add(12 * time.Hour)
}

func (k *known) job(tb testing.TB) halfhour.Job {
	j := job(tb, k.day.Span())
	j.Meter, j.Market, j.Contract = nil, nil, nil
	j.Deliveries = []halfhour.Delivery{received("meter", k.at(1), k.meter[settlement.II], settlement.Untagged, 0)}
	j.MarketDeliveries = []halfhour.Delivery{
		received("llf", k.at(-30), k.market[settlement.Untagged], settlement.Untagged, 0),
		received("market-II", k.at(6), k.market[settlement.II], settlement.II, 0)}
	j.ContractDeliveries = []halfhour.Delivery{received("contract", k.at(-1), k.contract[settlement.Untagged], settlement.Untagged, 0)}
	return j
}

// add gives a job one delivery more, received so many days after.
func (k *known) add(t *rapid.T, j *halfhour.Job, after int) {
	name := fmt.Sprintf("more-%d-%d", after, rapid.IntRange(0, 3).Draw(t, "name"))
	by := rapid.Int64Range(0, 2000).Draw(t, "by")
	switch rapid.IntRange(0, 4).Draw(t, "of") {
	case 0:
		run := rapid.SampledFrom([]settlement.Run{settlement.Untagged, settlement.Untagged, settlement.SF, settlement.RF}).Draw(t, "meter run")
		d := received(name, k.at(after), k.meter[settlement.R1], run, by)
		if rapid.Bool().Draw(t, "estimates") {
			d = changed(d, guessed)
		}
		j.Deliveries = append(j.Deliveries, d)
	case 4:
		j.Deliveries = append(j.Deliveries, changed(received(name, k.at(after), k.meter[settlement.R1], settlement.Untagged, by), strange))
	case 1:
		run := rapid.SampledFrom([]settlement.Run{settlement.II, settlement.SF, settlement.R1, settlement.RF}).Draw(t, "market run")
		j.MarketDeliveries = append(j.MarketDeliveries, received(name, k.at(after), k.market[run], run, by))
	case 2:
		j.MarketDeliveries = append(j.MarketDeliveries, received(name, k.at(after), k.market[settlement.Untagged], settlement.Untagged, by/100))
	default:
		j.ContractDeliveries = append(j.ContractDeliveries, received(name, k.at(after), k.contract[settlement.Untagged], settlement.Untagged, by))
	}
}

// said is all that a job says in a view: its bill, or that there is none, what
// the view rests on, and what changed since the first run.
func said(t *rapid.T, j halfhour.Job, by revisions.Reconciler) string {
	var out strings.Builder
	tell := func(doc any, err error) {
		switch {
		case errors.Is(err, tariffs.ErrMissing):
			out.WriteString("missing")
		case err != nil:
			t.Fatal(err)
		}
		text, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(append(text, '\n'))
	}
	j.View = by
	if res, err := halfhour.Run(context.Background(), j); err != nil {
		tell(nil, err)
	} else {
		tell(res.Bills, nil)
	}
	if res, err := halfhour.Rebill(context.Background(), j, by.Cap(settlement.II), by); err != nil {
		tell(nil, err)
	} else {
		tell(res.Adjustments, nil)
	}
	if w, err := halfhour.Steps(context.Background(), j); err != nil {
		tell(nil, err)
	} else {
		tell(w, nil)
	}
	r, err := halfhour.Reconcile(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	tell(r, nil)
	return out.String()
}

// unnamed is what was said without the names of instants.
func unnamed(said string, at time.Time) string {
	text := at.Format(time.RFC3339)
	return strings.NewReplacer(`"known at `+text, `"newest`, " known at "+text, "", `"known_at":"`+text+`",`, "").Replace(said)
}

// TestKnownNeverChanges: what is said of an instant is the same, to the byte,
// whatever comes later, of the meter, the market or the contract.
func TestKnownNeverChanges(t *testing.T) {
	k := knownOf(t)
	moved := 0
	rapid.Check(t, func(rt *rapid.T) {
		j := k.job(t)
		for range rapid.IntRange(0, 4).Draw(rt, "early") {
			k.add(rt, &j, rapid.IntRange(1, 500).Draw(rt, "after"))
		}
		asked := rapid.IntRange(7, 500).Draw(rt, "asked")
		instant := k.at(asked).Add(time.Hour)
		view := rapid.SampledFrom([]revisions.Reconciler{
			revisions.Newest(), revisions.Latest(), revisions.UpTo(settlement.SF), revisions.UpTo(settlement.RF),
			revisions.AsOf(k.day+settlement.Day(asked), settlement.GB()),
		}).Draw(rt, "view")

		bounded := j
		bounded.KnownAt = instant
		was, wasAt := said(rt, bounded, view), said(rt, j, view.At(instant))
		if unnamed(was, instant) != unnamed(wasAt, instant) {
			rt.Fatalf("the instant of the job and that of the view differ:\n%s\n%s", was, wasAt)
		}
		later := j
		later.Deliveries, later.MarketDeliveries, later.ContractDeliveries = slices.Clone(j.Deliveries), slices.Clone(j.MarketDeliveries), slices.Clone(j.ContractDeliveries)
		for range rapid.IntRange(1, 3).Draw(rt, "later") {
			k.add(rt, &later, rapid.IntRange(asked+1, 600).Draw(rt, "after"))
		}
		if is := said(rt, later, view.At(instant)); is != wasAt {
			rt.Fatalf("what came later changes %s:\n%s\n%s", view.At(instant).View(), wasAt, is)
		}
		if unnamed(said(rt, later, view), instant) != unnamed(wasAt, instant) {
			moved++
		}
		later.KnownAt = instant
		if is := said(rt, later, view); is != was {
			rt.Fatalf("what came later changes %s at %s:\n%s\n%s", view.View(), instant, was, is)
		}
	})
	if moved == 0 {
		t.Error("nothing that came later ever changed what is known now: the test cannot fail")
	}
}

// TestMarketAsItWasKnown: a later run of the market, and a correction of data that
// states none, speak from when they came.
func TestMarketAsItWasKnown(t *testing.T) {
	k := knownOf(t)
	j := k.job(t)
	j.MarketDeliveries = append(j.MarketDeliveries, received("market-SF", k.at(20), k.market[settlement.SF], settlement.SF, 100_000),
		received("llf again", k.at(30), k.market[settlement.Untagged], settlement.Untagged, 50))
	j.ContractDeliveries = append(j.ContractDeliveries, received("contract again", k.at(40), k.contract[settlement.Untagged], settlement.Untagged, 1_000_000))
	volumes := map[string]bool{}
	for _, after := range []int{10, 25, 35} {
		res, err := halfhour.Rebill(context.Background(), j, revisions.KnownAt(k.at(after)), revisions.Newest())
		if err != nil {
			t.Fatal(err)
		}
		volumes[res.Original.Bills[0].Volumes.NBP.Decimal.String()] = true
		if res.Adjustments[0].NetExact.IsZero() {
			t.Errorf("after %d days: nothing moved", after)
		}
	}
	if len(volumes) != 3 {
		t.Errorf("the energy at the national balancing point is %v", volumes)
	}
	// An older run that comes late speaks for itself and no other.
	j.View = revisions.Newest()
	was, err := halfhour.Run(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	j.MarketDeliveries = append(j.MarketDeliveries, received("late", k.at(60), k.market[settlement.II], settlement.II, 0))
	is, err := halfhour.Run(context.Background(), j)
	if err != nil || !was.Bills[0].NetExact.Equal(is.Bills[0].NetExact) {
		t.Errorf("an older run overwrites a newer one: %v", err)
	}
}

// TestStepsAsKnown: a run that came after the instant is not one that holds too
// little; nor is one that saw loss factors, which state no run, and nothing else.
func TestStepsAsKnown(t *testing.T) {
	k := knownOf(t)
	j := k.job(t)
	j.Deliveries = []halfhour.Delivery{received("SF", k.at(20), k.meter[settlement.SF], settlement.SF, 0), received("II", k.at(100), k.meter[settlement.II], settlement.II, 0)}
	j.MarketDeliveries[1] = received("market-SF", k.at(20), k.market[settlement.SF], settlement.SF, 0)
	for after, unbilled := range map[int]int{50: 0, 100: 1} {
		for _, view := range []revisions.Reconciler{revisions.KnownAt(k.at(after)), revisions.AsOf(k.day+settlement.Day(after), settlement.GB())} {
			j.View = view
			w, err := halfhour.Steps(context.Background(), j)
			if err != nil || len(w.Unbilled) != unbilled || w.Start.Net.IsZero() {
				t.Errorf("%s: %+v, %v", view.View(), w, err)
			}
		}
	}
}

// TestCashAsKnown: a determination stands in views of instants from when it was
// made known.
func TestCashAsKnown(t *testing.T) {
	k := knownOf(t)
	j := k.job(t)
	j.Determinations = []series.Determination{{ID: "D1", From: k.day, To: k.day + 1, Pence: -12345, Reason: "test", Source: "test", Known: k.at(50)}}
	res, err := halfhour.Rebill(context.Background(), j, revisions.KnownAt(k.at(50).Add(-1)), revisions.KnownAt(k.at(50)))
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Original.Unknown) != 1 || len(res.Rebill.Unknown) != 0 || res.Adjustments[0].Due.StringFixed(2) != "-123.45" || !res.Adjustments[0].Net.IsZero() {
		t.Errorf("unknown before %v and after %v, due %s", res.Original.Unknown, res.Rebill.Unknown, res.Adjustments[0].Due)
	}
}

// TestApartAsKnown: of deliveries too, bills made apart are what each is by
// itself, whatever instant each view is of.
func TestApartAsKnown(t *testing.T) {
	a := knownOf(t)
	b := knownOn(t, a.day+20)
	j, other := a.job(t), b.job(t)
	later := received("later", a.at(60), a.meter[settlement.R1], settlement.Untagged, 5)
	j.Deliveries = append(append(j.Deliveries, other.Deliveries...), later)
	j.MarketDeliveries = append(j.MarketDeliveries, other.MarketDeliveries...)
	j.ContractDeliveries = append(j.ContractDeliveries, other.ContractDeliveries...)
	together, was, is := j, revisions.KnownAt(a.at(40)), revisions.Newest()
	together.Spans = []settlement.Span{b.day.Span(), a.day.Span()}
	res, err := halfhour.Rebill(context.Background(), together, was, is)
	if err != nil {
		t.Fatal(err)
	}
	for i, span := range together.Spans {
		alone := j
		alone.Spans = []settlement.Span{span}
		one, err := halfhour.Rebill(context.Background(), alone, was, is)
		if err != nil {
			t.Fatal(err)
		}
		sameBills(t, "known before", res.Original.Bills[i], one.Original.Bills[0])
		sameBills(t, "known now", res.Rebill.Bills[i], one.Rebill.Bills[0])
		if moved := !res.Adjustments[i].NetExact.IsZero(); moved != (i == 1) {
			t.Errorf("%s moved: %v", span, moved)
		}
	}
}

// TestViewRefused: a view of an instant is never quietly another.
func TestViewRefused(t *testing.T) {
	k := knownOf(t)
	at := (k.day + 10).First().Time()
	ctx, view, latest := context.Background(), revisions.KnownAt(at), revisions.Latest()
	plain := job(t, k.day.Span())
	early := k.job(t)
	early.KnownAt = at.Add(-time.Second)
	ask := func(j halfhour.Job, by revisions.Reconciler) map[string]error {
		j.View = by
		out := map[string]error{}
		_, out["run"] = halfhour.Run(ctx, j)
		_, out["rebill from"] = halfhour.Rebill(ctx, j, by, latest)
		_, out["rebill to"] = halfhour.Rebill(ctx, j, latest, by)
		_, out["compare"] = halfhour.Compare(ctx, j, latest, by)
		_, out["steps"] = halfhour.Steps(ctx, j)
		_, out["explain"] = halfhour.Explain(ctx, j, tariffs.DUoSRed, k.day.Span())
		_, out["reconcile"] = halfhour.Reconcile(ctx, j)
		return out
	}
	for name, errs := range map[string]map[string]error{"instant": ask(plain, revisions.UpTo(settlement.SF).At(at)), "newest": ask(plain, view), "too late": ask(early, view),
		"a day too late": ask(early, revisions.AsOf(k.day+10, settlement.GB()))} {
		for what, err := range errs {
			var e *tariffs.Error
			if !errors.Is(err, halfhour.ErrView) || !errors.As(err, &e) || e.Want == "" {
				t.Errorf("%s of %s: %v", what, name, err)
			}
		}
	}
}

// TestDayNotOver: a day that has begun can be asked of, and what is known of it so
// far is all there is.
func TestDayNotOver(t *testing.T) {
	k := knownOf(t)
	j := k.job(t)
	for _, x := range []struct {
		known time.Time
		by    revisions.Reconciler
		want  bool
	}{
		{(k.day + 10).First().Time(), revisions.AsOf(k.day+10, settlement.GB()), true},
		{(k.day + 10).First().Time().Add(-1), revisions.AsOf(k.day+10, settlement.GB()), false},
		{k.at(9), revisions.AsOf(k.day+10, settlement.GB()).At(k.at(9)), true},
		{k.at(9), revisions.AsOf(k.day+8, settlement.GB()).At(k.at(9).Add(1)), false},
	} {
		j.KnownAt, j.View = x.known, x.by
		if _, err := halfhour.Reconcile(context.Background(), j); errors.Is(err, halfhour.ErrView) == x.want || err != nil == x.want {
			t.Errorf("%s at %s: %v", x.by.View(), x.known, err)
		}
	}
}

// TestUndatedMarket: what does not say when it came is a condition where an
// instant is asked of before it was at hand.
func TestUndatedMarket(t *testing.T) {
	k := knownOf(t)
	j := k.job(t)
	j.MarketDeliveries, j.Market = nil, job(t, k.day.Span()).Market
	for _, x := range []struct {
		known, atHand time.Time
		view          revisions.Reconciler
		want          bool
	}{
		{time.Time{}, time.Time{}, revisions.Newest(), false},
		{k.at(50), time.Time{}, revisions.Newest(), true},
		{k.at(50), k.at(50), revisions.Newest(), false},
		{k.at(50), k.at(51), revisions.Newest(), true},
		{k.at(50), k.at(50), revisions.KnownAt(k.at(49)), true},
		{time.Time{}, k.at(50), revisions.KnownAt(k.at(50)), false},
		{time.Time{}, time.Time{}, revisions.KnownAt(k.at(50)), true},
		{k.at(50), k.at(50), revisions.AsOf(k.day+10, settlement.GB()), true},
		{k.at(50), k.at(50), revisions.AsOf(k.day+50, settlement.GB()), false}, // the day has not ended
		{time.Time{}, k.at(50), revisions.AsOf(k.day+49, settlement.GB()), true},
		{time.Time{}, k.at(50), revisions.AsOf(k.day+50, settlement.GB()), false},
		{time.Time{}, time.Time{}, revisions.AsOf(k.day+50, settlement.GB()), true},
		{time.Time{}, time.Time{}, revisions.Latest(), false},
		{k.at(50), k.at(50), revisions.AsOf(k.day+50, settlement.GB()).At(k.at(49)), true},
	} {
		j.KnownAt, j.AtHand, j.View = x.known, x.atHand, x.view
		res, err := halfhour.Run(context.Background(), j)
		if err != nil {
			t.Fatal(err)
		}
		if got := res.Bills[0].Conditions.Has(tariffs.UndatedMarket); got != x.want {
			t.Errorf("known at %s, at hand %s, %s: %v", x.known, x.atHand, x.view.View(), got)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("market as a source and as deliveries is no job")
		}
	}()
	j.MarketDeliveries = k.job(t).MarketDeliveries
	_, _ = halfhour.Run(context.Background(), j)
}
