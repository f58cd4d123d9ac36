package halfhour_test

import (
	"context"
	"testing"
	"time"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// changed is a delivery with every reading changed.
func changed(d halfhour.Delivery, change func(*series.Reading)) halfhour.Delivery {
	from := d.Readings
	d.Readings = func(yield func(series.Reading, error) bool) {
		for r, err := range from {
			if change(&r); !yield(r, err) {
				return
			}
		}
	}
	return d
}

func guessed(r *series.Reading) { r.Mark |= series.Estimated }

// strange makes a reading one of a meter that no job names.
func strange(r *series.Reading) {
	m, err := settlement.ParseMPAN("1400000000001")
	if err != nil {
		panic(err)
	}
	r.MPAN = m
}

// TestOddsAsKnown: what is at odds is told as the view knows it, whichever way the
// instant is asked: what came later is in no conflict, no anomaly and no list of
// meters.
func TestOddsAsKnown(t *testing.T) {
	k := knownOf(t)
	all := k.job(t)
	estimate := changed(received("estimate", k.at(20), k.meter[settlement.R1], settlement.Untagged, 0), guessed)
	all.Deliveries = append(all.Deliveries, estimate,
		received("at odds", k.at(30), k.meter[settlement.R1], settlement.Untagged, 1),
		received("with it", k.at(30), k.meter[settlement.R1], settlement.Untagged, 2),
		changed(received("stranger", k.at(60), k.meter[settlement.R1], settlement.Untagged, 0), strange))
	for _, name := range []string{"a", "b"} {
		by := int64(len(all.MarketDeliveries)) * 1000
		all.MarketDeliveries = append(all.MarketDeliveries, received("market "+name, k.at(40), k.market[settlement.SF], settlement.SF, by))
		all.ContractDeliveries = append(all.ContractDeliveries, received("contract "+name, k.at(50), k.contract[settlement.Untagged], settlement.Untagged, by))
	}
	for _, x := range []struct {
		after int
		want  odds
	}{{19, odds{}}, {20, odds{anomaly: true}}, {30, odds{anomaly: true, meter: true}}, {40, odds{anomaly: true, meter: true, market: true}},
		{50, odds{true, true, true, true, false}}, {60, odds{true, true, true, true, true}}} {
		bounded := all
		bounded.KnownAt = k.at(x.after).Add(1)
		at := bounded.KnownAt
		day := k.day + settlement.Day(x.after)
		for name, ask := range map[string]struct {
			job  halfhour.Job
			view revisions.Reconciler
		}{
			"of the job": {bounded, revisions.Newest()}, "of newest": {all, revisions.KnownAt(at)}, "of a run": {all, revisions.UpTo(settlement.R1).At(at)},
			"of a day": {all, revisions.AsOf(day, settlement.GB())},
		} {
			ask.job.View = ask.view
			rec, err := halfhour.Reconcile(context.Background(), ask.job)
			if err != nil {
				t.Fatal(err)
			}
			res, err := halfhour.Run(context.Background(), ask.job)
			if err != nil {
				t.Fatal(err)
			}
			re, err := halfhour.Rebill(context.Background(), ask.job, ask.view, ask.view)
			if err != nil {
				t.Fatal(err)
			}
			for _, of := range []struct {
				conflicts []revisions.Conflict
				anomalies []revisions.Anomaly
			}{{rec.Conflicts, rec.Anomalies}, {res.Conflicts, res.Anomalies}, {re.Original.Conflicts, re.Rebill.Anomalies}} {
				is := odds{anomaly: len(of.anomalies) > 0, others: len(rec.Others) > 0}
				for _, c := range of.conflicts {
					is.meter = is.meter || !c.MPAN.IsZero()
					is.market = is.market || c.Sources[0] == "market a"
					is.contract = is.contract || c.Sources[0] == "contract a"
				}
				if is != x.want || res.Bills[0].Conditions.Has(tariffs.OtherMeters) != x.want.others {
					t.Errorf("after %d days, %s: %v, %v, %v, %s", x.after, name, of.conflicts, of.anomalies, rec.Others, res.Bills[0].Conditions)
				}
			}
		}
	}
}

// odds are what is told of.
type odds struct{ anomaly, meter, market, contract, others bool }

// TestOddsOfDaysLookedAt: of UTC days, what is at odds outside the days that are
// looked at is not told.
func TestOddsOfDaysLookedAt(t *testing.T) {
	k := knownOf(t)
	whole := job(t, settlement.Days(k.day-2, k.day+2))
	var all []series.Reading
	for r, err := range whole.Meter {
		if err != nil {
			t.Fatal(err)
		}
		if r.Run == settlement.II && r.Period/48 >= k.day.First()/48 && r.Period/48 <= (k.day.Span().Hi-1)/48 {
			all = append(all, r)
		}
	}
	utc := func(name string, after int, by int64) halfhour.Delivery {
		d := received(name, k.at(after), all, settlement.Untagged, by)
		d.UTCDays = true
		return d
	}
	j := k.job(t)
	j.Deliveries = []halfhour.Delivery{utc("a", 3, 0), changed(utc("b", 4, 1), guessed), changed(utc("c", 4, 2), guessed)}
	rec, err := halfhour.Reconcile(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	parts := map[settlement.Period]bool{}
	for _, c := range rec.Conflicts {
		parts[c.Span.Lo] = true
		if !k.day.Span().Contains(c.Span.Lo) {
			t.Errorf("%s", c)
		}
	}
	for _, a := range rec.Anomalies {
		parts[-a.Now.Span.Lo] = true
		if !k.day.Span().Contains(a.Now.Span.Lo) {
			t.Errorf("%s", a)
		}
	}
	if len(parts) != 4 {
		t.Errorf("%d parts of the day are at odds", len(parts))
	}
}

// TestNotesOfEveryDelivery: versions at odds of the market and of the contract are
// conditions of the bill that rests on them, as those of the meter are.
func TestNotesOfEveryDelivery(t *testing.T) {
	k := knownOf(t)
	for name, add := range map[string]func(*halfhour.Job, int64){
		"meter": func(j *halfhour.Job, by int64) {
			j.Deliveries = append(j.Deliveries, received("again", k.at(30), k.meter[settlement.II], settlement.Untagged, by))
		},
		"market": func(j *halfhour.Job, by int64) {
			j.MarketDeliveries = append(j.MarketDeliveries, received("again", k.at(30), k.market[settlement.SF], settlement.SF, by))
		},
		"contract": func(j *halfhour.Job, by int64) {
			j.ContractDeliveries = append(j.ContractDeliveries, received("again", k.at(30), k.contract[settlement.Untagged], settlement.Untagged, by))
		},
	} {
		j := k.job(t)
		for by := range int64(2) {
			add(&j, by)
			for _, view := range []revisions.Reconciler{revisions.Newest(), revisions.KnownAt(k.at(29))} {
				j.View = view
				res, err := halfhour.Run(context.Background(), j)
				if err != nil {
					t.Fatal(err)
				}
				_, early := view.Instant()
				if got := res.Bills[0].Conditions.Has(tariffs.ConflictingVersions); got != (by == 1 && !early) {
					t.Errorf("%s, %d versions, %s: %v", name, by+1, view.View(), got)
				}
			}
		}
	}
}

// TestMarketOfNoMeter: rows of market and contract that name a meter are of none.
func TestMarketOfNoMeter(t *testing.T) {
	k := knownOf(t)
	bill := func(change func(*series.Reading)) string {
		j := k.job(t)
		for _, list := range [][]halfhour.Delivery{j.MarketDeliveries, j.ContractDeliveries} {
			for i := range list {
				list[i] = changed(list[i], change)
			}
		}
		res, err := halfhour.Run(context.Background(), j)
		if err != nil {
			t.Fatal(err)
		}
		return res.Bills[0].NetExact.String()
	}
	if got, want := bill(strange), bill(func(*series.Reading) {}); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestUndatedContract: a contract that does not say when it came is a condition too.
func TestUndatedContract(t *testing.T) {
	k := knownOf(t)
	j := k.job(t)
	j.ContractDeliveries, j.Contract = nil, job(t, k.day.Span()).Contract
	j.KnownAt = k.at(50)
	for _, atHand := range []time.Time{k.at(50), k.at(51)} {
		j.AtHand = atHand
		res, err := halfhour.Run(context.Background(), j)
		if err != nil {
			t.Fatal(err)
		}
		if got := res.Bills[0].Conditions.Has(tariffs.UndatedMarket); got != atHand.After(j.KnownAt) {
			t.Errorf("at hand %s: %v", atHand, got)
		}
	}
}

// TestContractPassedOver: a run of the contract that holds half a day is passed
// over, and the bill says so.
func TestContractPassedOver(t *testing.T) {
	k := knownOf(t)
	j := job(t, k.day.Span())
	agreed := k.contract[settlement.Untagged]
	half := received("", k.at(1), agreed[:len(agreed)/2], settlement.SF, 1).Readings
	j.Contract = series.Join(received("", k.at(1), agreed, settlement.Untagged, 0).Readings, half)
	for view, want := range map[settlement.Run]bool{settlement.II: false, settlement.SF: true} {
		j.View = revisions.UpTo(view)
		res, err := halfhour.Run(context.Background(), j)
		if err != nil {
			t.Fatal(err)
		}
		if got := res.Bills[0].Conditions.Has(tariffs.IncompleteRun); got != want {
			t.Errorf("%s: %s", view, res.Bills[0].Conditions)
		}
	}
}

// TestKnownToTheNanosecond: a bill can be made again from the instant it prints.
func TestKnownToTheNanosecond(t *testing.T) {
	k := knownOf(t)
	j := k.job(t)
	at := k.at(30).Add(250 * time.Millisecond)
	j.Deliveries = append(j.Deliveries, received("more", at, k.meter[settlement.R1], settlement.Untagged, 7))
	for name, of := range map[string]func(halfhour.Job, time.Time) halfhour.Job{
		"view": func(j halfhour.Job, at time.Time) halfhour.Job { j.View = revisions.KnownAt(at); return j },
		"job":  func(j halfhour.Job, at time.Time) halfhour.Job { j.KnownAt, j.View = at, revisions.Newest(); return j },
	} {
		was, err := halfhour.Run(context.Background(), of(j, at))
		if err != nil {
			t.Fatal(err)
		}
		printed, err := time.Parse(time.RFC3339, was.Bills[0].View.KnownAt)
		if err != nil || !printed.Equal(at) {
			t.Errorf("%s: %s, %v", name, was.Bills[0].View.KnownAt, err)
		}
		is, err := halfhour.Run(context.Background(), of(j, printed))
		if err != nil {
			t.Fatal(err)
		}
		sameBills(t, name, was.Bills[0], is.Bills[0])
		rec, err := halfhour.Reconcile(context.Background(), of(j, at))
		if err != nil || rec.Known != was.Bills[0].View.KnownAt {
			t.Errorf("%s: %s, %v", name, rec.Known, err)
		}
	}
}

// TestCalendarOfDatesAlone: dates published to a timetable without regimes are those
// of the job.
func TestCalendarOfDatesAlone(t *testing.T) {
	k := knownOf(t)
	j := k.job(t)
	j.Deliveries = append(j.Deliveries, received("later", k.at(20), k.meter[settlement.R1], settlement.Untagged, 5))
	j.KnownAt, j.View = k.at(100), revisions.UpTo(settlement.II)
	net := func() string {
		res, err := halfhour.Run(context.Background(), j)
		if err != nil {
			t.Fatal(err)
		}
		return res.Bills[0].NetExact.String()
	}
	was := net()
	j.Calendar = settlement.Timetable{}.Publish(k.day, settlement.II, k.day+22)
	if is := net(); is == was {
		t.Error("II closed after the second file, and did not see it")
	}
	j.Calendar = settlement.Timetable{}
	if is := net(); is != was {
		t.Errorf("%s, want %s", is, was)
	}
}

// TestDeliveriesAllocateByTheDay: keeping deliveries allocates for each day, and not
// for each reading.
func TestDeliveriesAllocateByTheDay(t *testing.T) {
	k := knownOf(t)
	given, readings := k.job(t), 0
	for _, list := range [][]halfhour.Delivery{given.Deliveries, given.MarketDeliveries, given.ContractDeliveries} {
		for i := range list {
			list[i] = changed(list[i], func(*series.Reading) { readings++ })
		}
	}
	few := testing.AllocsPerRun(1, func() { reconciled(t, given) })
	held := readings / 2
	for range 20 {
		given.Deliveries = append(given.Deliveries, given.Deliveries[0])
	}
	readings = 0
	many := testing.AllocsPerRun(1, func() { reconciled(t, given) })
	if more := readings/2 - held; more < 1000 || many-few > float64(more)/2 {
		t.Errorf("%d readings more take %.0f allocations more", more, many-few)
	}
}

func reconciled(t *testing.T, j halfhour.Job) {
	t.Helper()
	if _, err := halfhour.Reconcile(context.Background(), j); err != nil {
		t.Fatal(err)
	}
}
