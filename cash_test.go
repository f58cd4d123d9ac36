package halfhour_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// money is a determination of whole days.
func money(t testing.TB, id, from, to string, pence int64) series.Determination {
	a, errA := settlement.ParseDay(from)
	b, errB := settlement.ParseDay(to)
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	return series.Determination{ID: id, From: a, To: b, Pence: pence, Reason: "a reason", Source: "a notice", Pos: series.Pos{Source: "d.csv", Line: 2}}
}

// undo reverses a determination.
func undo(d series.Determination, id string) series.Determination {
	d.ID, d.Reverses, d.Pence, d.Before = id, d.ID, -d.Pence, settlement.Untagged
	return d
}

func ids(list []series.Determination) string {
	var out []string
	for i := range list {
		out = append(out, list[i].ID)
	}
	return strings.Join(out, " ")
}

// TestDeterminationsOnBills: each determination stands on the bill that holds all
// its days, whether one schedule makes the bills or several, in whatever order
// bills and determinations are given; those of other days are named.
func TestDeterminationsOnBills(t *testing.T) {
	june, july, gap := days(t, "2025-06-01", "2025-06-04"), days(t, "2025-06-04", "2025-06-06"), days(t, "2025-06-10", "2025-06-11")
	list := []series.Determination{money(t, "J", "2025-06-01", "2025-06-04", -500), money(t, "K", "2025-06-03", "2025-06-04", 70),
		money(t, "L", "2025-06-04", "2025-06-05", 9), money(t, "G", "2025-06-10", "2025-06-11", 1), money(t, "O", "2025-06-06", "2025-06-10", 11), money(t, "P", "2024-06-06", "2024-06-10", 12)}
	list = append(list, undo(list[1], "not K"))
	want := map[settlement.Span]struct {
		ids string
		due int64
	}{june: {"J K not K", -500}, july: {"L", 9}, gap: {"G", 1}}
	for _, spans := range [][]settlement.Span{{june, july}, {july, june, gap}, {gap, june, july}, {june, july, gap}} {
		j := job(t, spans...)
		for range 2 {
			j.Determinations = list
			res, err := halfhour.Run(context.Background(), j)
			if err != nil {
				t.Fatal(err)
			}
			outside := []string{}
			for i, b := range res.Bills {
				w := want[spans[i]]
				if ids(b.Cash) != w.ids || !b.Due.Sub(b.Gross).Equal(decimal.New(w.due, -2)) {
					t.Errorf("%s: %s, due %s of %s", spans[i], ids(b.Cash), b.Due, b.Gross)
				}
			}
			for i := range res.Outside {
				outside = append(outside, res.Outside[i].ID)
			}
			slices.Sort(outside)
			if got := strings.Join(outside, " "); got != "O P" && !(len(spans) == 2 && got == "G O P") || len(res.Unknown) > 0 {
				t.Errorf("%v outside %v, %v unknown", spans, outside, res.Unknown)
			}
			list = slices.Clone(list)
			slices.Reverse(list)
		}
	}
}

// TestDeterminationsRefused: what two bills share, or days that are not billed,
// has no half-hours to be parted by: the error says what to bill together.
func TestDeterminationsRefused(t *testing.T) {
	june, july, gap := days(t, "2025-06-01", "2025-06-04"), days(t, "2025-06-04", "2025-06-06"), days(t, "2025-06-10", "2025-06-11")
	for name, c := range map[string]struct {
		spans []settlement.Span
		list  []series.Determination
		words string
	}{
		"two bills":               {[]settlement.Span{june, july}, []series.Determination{money(t, "D", "2025-06-03", "2025-06-05", 1)}, `d.csv:2: bad determination "2025-06-03 to 2025-06-05": want days that one bill holds whole, and no other any of: bill 2025-06-01 to 2025-06-06 together (determination "D")`},
		"partly before":           {[]settlement.Span{june}, []series.Determination{money(t, "D", "2025-05-31", "2025-06-02", 1)}, "bill 2025-05-31 to 2025-06-04 together"},
		"partly after":            {[]settlement.Span{july, june}, []series.Determination{money(t, "D", "2025-06-05", "2025-06-08", 1)}, "bill 2025-06-04 to 2025-06-08 together"},
		"two schedules":           {[]settlement.Span{june, gap}, []series.Determination{money(t, "D", "2025-06-01", "2025-06-11", 1)}, "bill 2025-06-01 to 2025-06-11 together"},
		"counted twice":           {[]settlement.Span{june, days(t, "2025-06-01", "2025-06-06")}, []series.Determination{money(t, "D", "2025-06-01", "2025-06-02", 1)}, "no other any of: bill 2025-06-01 to 2025-06-06 together"},
		"they cannot stand":       {[]settlement.Span{june}, []series.Determination{money(t, "D", "2024-06-01", "2024-06-02", 1), money(t, "D", "2024-06-01", "2024-06-02", 1)}, "an id no other determination has"},
		"and a schedule for each": {[]settlement.Span{gap, june}, []series.Determination{money(t, "D", "2025-06-01", "2025-06-02", 0)}, "an amount other than 0"},
	} {
		j := job(t, c.spans...)
		j.Determinations = c.list
		if _, err := halfhour.Run(context.Background(), j); !errors.Is(err, series.ErrDetermination) || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: %v", name, err)
		}
	}
	j := job(t, june)
	for i := range 100 {
		j.Determinations = append(j.Determinations, money(t, fmt.Sprint("D", i), "2025-06-01", "2025-06-05", 1))
	}
	if _, err := halfhour.Run(context.Background(), j); !errors.Is(err, series.ErrLimit) || len(err.(series.Errors)) != series.MaxErrors+1 {
		t.Error(err)
	}
	if _, err := halfhour.Reconcile(context.Background(), halfhour.Job{Supply: j.Supply, Spans: j.Spans, Meter: j.Meter, Determinations: []series.Determination{{}}}); !errors.Is(err, series.ErrDetermination) {
		t.Error(err)
	}
}

// TestDeterminationsKnown: a bill as of a day, and one that knows up to an
// instant, has what was known by then, and what came later changes nothing in it.
// A chain of rebills through a determination and its reversal is exact.
func TestDeterminationsKnown(t *testing.T) {
	june := days(t, "2025-06-01", "2025-06-04")
	d := money(t, "D", "2025-06-01", "2025-06-04", -12345)
	on := func(s string) settlement.Day { return days(t, s, "2026-12-01").From() }
	d.Before, d.Known = settlement.R1, on("2025-07-10").First().Time()
	back := undo(d, "not D")
	back.Known = on("2025-07-20").First().Time()
	j := job(t, june)
	j.Determinations = []series.Determination{back, d}
	cash := map[string]int64{"2025-07-09": 0, "2025-07-10": -12345, "2025-07-19": -12345, "2025-07-20": 0, "2025-09-01": 0}
	unknown := map[string]string{"2025-07-09": "not D D", "2025-07-10": "not D", "2025-07-19": "not D"}
	var due decimal.Decimal
	var before revisions.Reconciler
	for i, s := range []string{"2025-07-09", "2025-07-10", "2025-07-19", "2025-07-20", "2025-09-01"} {
		view := revisions.AsOf(on(s), settlement.GB())
		j.View = view
		res, err := halfhour.Run(context.Background(), j)
		if err != nil {
			t.Fatal(err)
		}
		b := res.Bills[0]
		if !b.Due.Sub(b.Gross).Equal(decimal.New(cash[s], -2)) || ids(res.Unknown) != unknown[s] {
			t.Errorf("as of %s: %s due of %s, unknown %v", s, b.Due, b.Gross, ids(res.Unknown))
		}
		if b.Conditions.Has(tariffs.DeterminationStanding) {
			t.Errorf("as of %s R1 is not there", s)
		}
		if i == 0 {
			due = b.Due
		} else {
			r, err := halfhour.Rebill(context.Background(), j, before, view)
			if err != nil {
				t.Fatal(err)
			}
			due = due.Add(r.Adjustments[0].Due)
		}
		if before = view; !due.Equal(b.Due) {
			t.Errorf("as of %s: %s booked, %s due", s, due, b.Due)
		}
	}
	j.View, j.KnownAt = revisions.Latest(), d.Known
	if res, err := halfhour.Run(context.Background(), j); err != nil || ids(res.Bills[0].Cash) != "D" || ids(res.Unknown) != "not D" || !res.Bills[0].Conditions.Has(tariffs.DeterminationStanding) {
		t.Errorf("%+v, %v", res, err)
	}
	if j.KnownAt = d.Known.Add(-1); true {
		if res, err := halfhour.Run(context.Background(), j); err != nil || len(res.Bills[0].Cash) != 0 || ids(res.Unknown) != "not D D" {
			t.Errorf("%+v, %v", res, err)
		}
	}
}

// held are the readings of a source inside a span, read once.
func held(t *testing.T, from halfhour.Source, span settlement.Span) halfhour.Source {
	var all []series.Reading
	for r, err := range from {
		if err != nil {
			t.Fatal(err)
		}
		if span.Contains(r.Period) {
			all = append(all, r)
		}
	}
	return func(yield func(series.Reading, error) bool) {
		for _, r := range all {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// TestDeterminationsLater: whatever is made known after the day of a view, and
// however the list is shuffled, the bill is the same to the byte.
func TestDeterminationsLater(t *testing.T) {
	j := job(t, days(t, "2025-06-01", "2025-06-03"))
	on := days(t, "2025-07-10", "2025-07-11").From()
	j.View = revisions.AsOf(on, settlement.GB())
	j.Meter, j.Market, j.Contract = held(t, j.Meter, j.Spans[0]), held(t, j.Market, j.Spans[0]), held(t, j.Contract, j.Spans[0])
	bill := func(t *rapid.T, list []series.Determination) string {
		j := j
		j.Determinations = list
		res, err := halfhour.Run(context.Background(), j)
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(res.Bills[0])
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	rapid.Check(t, func(rt *rapid.T) {
		var known, later []series.Determination
		for i := range rapid.IntRange(0, 4).Draw(rt, "determinations") {
			d := money(t, fmt.Sprint("D", i), "2025-06-01", "2025-06-03", int64(i)+1)
			d.Known = (on + settlement.Day(rapid.IntRange(-3, 3).Draw(rt, "known"))).First().Time()
			back := undo(d, "not "+d.ID)
			back.Known = back.Known.AddDate(0, 0, rapid.IntRange(0, 4).Draw(rt, "reversed"))
			for _, x := range []series.Determination{d, back} {
				if x.Known.Before((on + 1).First().Time()) {
					known = append(known, x)
				} else {
					later = append(later, x)
				}
			}
		}
		all := rapid.Permutation(append(later, known...)).Draw(rt, "order")
		if one, other := bill(rt, known), bill(rt, all); one != other {
			rt.Fatalf("%s\n%s", one, other)
		}
	})
}

// TestDetermined: a reconciliation says how each determination stands.
func TestDetermined(t *testing.T) {
	j := job(t, days(t, "2025-06-01", "2025-06-04"))
	stands, twice, undone := money(t, "S", "2025-06-01", "2025-06-02", 1), money(t, "T", "2025-05-01", "2025-06-02", 1), money(t, "U", "2025-06-01", "2025-06-02", 1)
	stands.Before, twice.Before = settlement.DF, settlement.R1
	later := undo(stands, "not S")
	later.Known = days(t, "2030-01-01", "2030-01-02").Lo.Time()
	j.KnownAt = later.Known.Add(-1)
	j.Determinations = []series.Determination{stands, twice, undone, undo(undone, "not U"), later, money(t, "O", "2025-06-04", "2025-06-05", 1)}
	r, err := halfhour.Reconcile(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range r.Determinations {
		got = append(got, d.ID+" "+d.State.String()+" "+d.ReversedBy)
	}
	if s := strings.Join(got, "\n"); s != "S standing \nT may be counted twice \nU reversed not U\nnot U reversal \nnot S not known yet \nO outside " {
		t.Errorf("%s", s)
	}
	b, err := json.Marshal(r)
	if err != nil || !strings.Contains(string(b), `"determinations":[{"state":"standing","determination":{"id":"S","from":"2025-06-01","to":"2025-06-02","amount_gbp":"0.01","reason":"a reason","source":"a notice","before":"DF"}}`) ||
		!strings.Contains(string(b), `{"state":"reversed","reversed_by":"not U","determination":{"id":"U"`) {
		t.Errorf("%s, %v", b, err)
	}
}
