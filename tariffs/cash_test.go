package tariffs

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// determined is a determination of days of a bill.
func determined(b *Bill, id string, pence int64, reverses string) series.Determination {
	return series.Determination{ID: id, From: b.From, To: b.To, Pence: pence, Reason: "a reason", Source: "a notice", Reverses: reverses}
}

// someCash are determinations of days of a bill, some of them reversed, in any
// order.
func someCash(t *rapid.T, b *Bill) (list []series.Determination) {
	for i := range rapid.IntRange(0, 6).Draw(t, "determinations") {
		d := determined(b, fmt.Sprint("D", i), rapid.Int64Range(-100_000, 100_000).Filter(func(p int64) bool { return p != 0 }).Draw(t, "pence"), "")
		d.From += settlement.Day(rapid.IntRange(0, int(d.To-d.From)-1).Draw(t, "from"))
		d.To -= settlement.Day(rapid.IntRange(0, int(d.To-d.From)-1).Draw(t, "to"))
		list = append(list, d)
		if rapid.Bool().Draw(t, "reversed") {
			undo := d
			undo.ID, undo.Reverses, undo.Pence = "not "+d.ID, d.ID, -d.Pence
			list = append(list, undo)
		}
	}
	return rapid.Permutation(list).Draw(t, "order")
}

func asJSON(t testing.TB, v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestCash: whatever the order of the list, the bill is the same; what is due is
// gross and what stands, for a determination and its reversal come to nothing;
// nothing else of the bill moves; and taken back, the bill is due the other way.
func TestCash(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		v := newVersions(t, rt)
		bare, e := v.charged()
		list := someCash(rt, bare)
		b := *bare
		if err := b.AddCash(list, e.in().Frames()...); err != nil {
			rt.Fatal(err)
		}
		stands := int64(0)
		for _, d := range series.Standing(nil, list) {
			stands += d.Pence
		}
		if got := b.Due.Sub(bare.Gross); len(b.Cash) != len(list) || !got.Equal(decimal.New(stands, -2)) {
			rt.Fatalf("%d lines that come to %s, and %d stand", len(b.Cash), got, stands)
		}
		for i, d := range b.Cash {
			if i > 0 && d.From < b.Cash[i-1].From {
				rt.Fatalf("%s stands after later days", d.ID)
			}
			if d.Reverses != "" && (i == 0 || b.Cash[i-1].ID != d.Reverses) {
				rt.Fatalf("%s does not follow %s", d.ID, d.Reverses)
			}
		}
		if want := len(list) > 0; b.Conditions.Has(CashWithoutVAT) != want || b.Conditions.Has(DeterminationStanding) {
			rt.Fatal(b.Conditions)
		}
		other := *bare
		if err := other.AddCash(rapid.Permutation(list).Draw(rt, "again"), e.in().Frames()...); err != nil || asJSON(t, &other) != asJSON(t, &b) {
			rt.Fatalf("another order gives another bill, %v", err)
		}
		wrong := b
		wrong.Due = b.Due.Sub(decimal.New(1, -2))
		if err := wrong.Verify(); !errors.Is(err, ErrLedger) {
			rt.Fatalf("a penny less due verifies: %v", err)
		}
		r := b.Reverse()
		if err := r.Verify(); err != nil || !r.Due.Add(b.Due).IsZero() {
			rt.Fatalf("taken back, %s is %s, %v", b.Due, r.Due, err)
		}
		if err := b.AddCash(nil, e.in().Frames()...); err != nil || asJSON(t, &b) != asJSON(t, bare) {
			rt.Fatalf("without determinations it is not the bill it was, %v", err)
		}
	})
}

// TestCashChain: a first bill and the adjustments after it are due what the last
// bill is, in all and by determination, however determinations come, go and are
// corrected on the way; in differences and as ledger.
func TestCashChain(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		v := newVersions(t, rt)
		next := func() *Bill {
			b, e := v.charged()
			if err := b.AddCash(someCash(rt, b), e.in().Frames()...); err != nil {
				rt.Fatal(err)
			}
			return b
		}
		last := next()
		due, ledger := last.Due, last.Due
		lines := map[string]decimal.Decimal{}
		for i := range last.Cash {
			lines[last.Cash[i].ID] = cashPounds(&last.Cash[i])
		}
		for range rapid.IntRange(1, 4).Draw(rt, "rebills") {
			b := next()
			a, err := b.Sub(last)
			if err != nil {
				rt.Fatal(err)
			}
			due = due.Add(a.Due)
			for _, d := range a.Cash {
				lines[d.ID] = lines[d.ID].Add(d.Amount)
			}
			back, book := a.Ledger()
			ledger, last = ledger.Add(back.Due).Add(book.Due), b
		}
		if !due.Equal(last.Due) || !ledger.Equal(last.Due) {
			rt.Fatalf("%s and %s are booked, the bill is due %s", due, ledger, last.Due)
		}
		for i := range last.Cash {
			d := &last.Cash[i]
			if !lines[d.ID].Equal(cashPounds(d)) {
				rt.Fatalf("%s is booked with %s, the bill has %s", d.ID, lines[d.ID], d.Amount())
			}
			delete(lines, d.ID)
		}
		for id, amount := range lines {
			if !amount.IsZero() {
				rt.Fatalf("%s is booked with %s, the bill has none", id, amount)
			}
		}
	})
}

// TestCashByHand: -£12.50 comes, and then is reversed.
func TestCashByHand(t *testing.T) {
	none, stands, undone := made(t, "0.2"), made(t, "0.2"), made(t, "0.2")
	d := determined(none, "D1", -1250, "")
	for b, list := range map[*Bill][]series.Determination{stands: {d}, undone: {determined(none, "D2", 1250, "D1"), d}} {
		if err := b.AddCash(list); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		from, to *Bill
		due      string
		lines    string // of the JSON
	}{
		{none, none, "0.00", ""},
		{none, stands, "-12.50", "D1 booking -12.50"},
		{stands, undone, "12.50", "D2 booking 12.50"}, // D1 stands in both
		{none, undone, "0.00", "D1 booking -12.50, D2 booking 12.50"},
		{undone, none, "0.00", "D1 reversal 12.50, D2 reversal -12.50"},
	} {
		a, err := c.to.Sub(c.from)
		if err != nil {
			t.Fatal(err)
		}
		var j struct {
			Due  string `json:"due_gbp"`
			Cash []struct{ ID, Kind, Amount_GBP string }
		}
		if err := json.Unmarshal([]byte(asJSON(t, a)), &j); err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, l := range j.Cash {
			lines = append(lines, l.ID+" "+l.Kind+" "+l.Amount_GBP)
		}
		if got := strings.Join(lines, ", "); got != c.lines || j.Due != c.due || !a.Gross.IsZero() {
			t.Errorf("%s due, %s; want %s, %s", j.Due, got, c.due, c.lines)
		}
	}
	// A correction that moves no money is a change all the same.
	other := made(t, "0.2")
	d.Reason = "another"
	if err := other.AddCash([]series.Determination{d}); err != nil {
		t.Fatal(err)
	}
	if a, err := other.Sub(stands); err != nil || len(a.Cash) != 1 || !a.Cash[0].Changed() || a.Cash[0].Kind() != "change" || !a.Due.IsZero() {
		t.Errorf("%+v, %v", a, err)
	}
	d.Reason, d.Pos = "a reason", series.Pos{Source: "g", Line: 9}
	if err := other.AddCash([]series.Determination{d}); err != nil {
		t.Fatal(err)
	}
	if a, err := other.Sub(stands); err != nil || a.Cash[0].Changed() {
		t.Errorf("where it stood is no change: %+v, %v", a, err)
	}
}

// TestCashRefusedChangesNothing: a bill that takes another back has that one's
// money already, with its signs turned; and a bill that cannot stand with the money
// it is given is as it was.
func TestCashRefusedChangesNothing(t *testing.T) {
	b := made(t, "0.2")
	d := determined(b, "D1", -1250, "")
	back := b.Reverse()
	was := asJSON(t, back)
	if err := back.AddCash([]series.Determination{d}); !errors.Is(err, series.ErrDetermination) || asJSON(t, back) != was {
		t.Errorf("a reversal: %v, due %s", err, back.Due)
	}
	b.Net = b.Net.Add(decimal.New(1, -2)) // it does not verify
	was = asJSON(t, b)
	if err := b.AddCash([]series.Determination{d}); !errors.Is(err, ErrLedger) || asJSON(t, b) != was || len(b.Cash) > 0 {
		t.Errorf("a bill that does not verify: %v, due %s with %d", err, b.Due, len(b.Cash))
	}
}

// TestCashStanding: the bill says that money may be counted twice where a run at
// or after the one stated speaks for a half-hour of the determination's days, and
// only then.
func TestCashStanding(t *testing.T) {
	span := settlement.Days(day(t, "2026-06-01"), day(t, "2026-06-04"))
	in := Inputs{Meter: series.NewFrame(nil, series.Meter(), span), Market: series.NewFrame(nil, series.Market(), span)}
	for p := span.Lo; p < span.Hi; p++ {
		in.Meter.Set(series.AI, p, 1, series.Mark(0).From(settlement.SF))
	}
	in.Meter.Set(series.AI, span.Lo+100, 1, series.Mark(0).From(settlement.R2)) // 3 June
	in.Market.Set(series.LLF, span.Lo+60, 1, series.Mark(0).From(settlement.R1))
	for _, c := range []struct {
		from, to string
		before   settlement.Run
		undone   bool
		want     bool
	}{
		{"2026-06-01", "2026-06-04", settlement.R1, false, true},
		{"2026-06-01", "2026-06-04", settlement.R1, true, false},
		{"2026-06-01", "2026-06-04", settlement.Untagged, false, false},
		{"2026-06-01", "2026-06-02", settlement.R1, false, false},
		{"2026-06-02", "2026-06-03", settlement.R1, false, true}, // loss factors
		{"2026-06-02", "2026-06-03", settlement.R2, false, false},
		{"2026-06-03", "2026-06-04", settlement.R1, false, true},
		{"2026-06-03", "2026-06-04", settlement.R2, false, true},
		{"2026-06-03", "2026-06-04", settlement.R3, false, false},
	} {
		b := made(t, "0.2")
		b.From, b.To = span.From(), span.To()
		d := determined(b, "D1", 5, "")
		d.From, d.To, d.Before = day(t, c.from), day(t, c.to), c.before
		list := []series.Determination{d}
		if c.undone {
			d.ID, d.Reverses, d.Pence, d.Before = "D2", "D1", -5, settlement.Untagged
			list = append(list, d)
		}
		if err := b.AddCash(list, in.Frames()...); err != nil || b.Conditions.Has(DeterminationStanding) != c.want {
			t.Errorf("%+v: %v, %v", c, b.Conditions, err)
		}
		if err := b.AddCash(nil, in.Frames()...); err != nil || b.Conditions.Has(DeterminationStanding) {
			t.Errorf("%+v: the condition stays, %v", c, err)
		}
	}
}

// TestCashRefuses: what cannot stand on the bill is refused where it stood, and
// what was tampered with does not verify.
func TestCashRefuses(t *testing.T) {
	fresh := func() *Bill {
		b := made(t, "0.2")
		if err := b.AddCash([]series.Determination{determined(b, "D1", -1250, ""), determined(b, "D2", 1250, "D1"), determined(b, "D3", 7, "")}); err != nil {
			t.Fatal(err)
		}
		return b
	}
	for name, change := range map[string]func(*series.Determination){
		"a day before": func(d *series.Determination) { d.From-- },
		"a day after":  func(d *series.Determination) { d.To++ },
		"no reason":    func(d *series.Determination) { d.Reason = "" },
	} {
		b := fresh()
		d := determined(b, "D9", 1, "")
		d.Pos = series.Pos{Source: "f", Line: 4}
		change(&d)
		if err := b.AddCash([]series.Determination{d}); !errors.Is(err, series.ErrDetermination) || !strings.HasPrefix(err.Error(), "f:4: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, tamper := range map[string]func(*Bill){
		"due":                 func(b *Bill) { b.Due = b.Due.Add(decimal.New(1, -2)) },
		"an amount":           func(b *Bill) { b.Cash[2].Pence++ },
		"a reversal and due":  func(b *Bill) { b.Cash[1].Pence++; settle(b) },
		"a line gone":         func(b *Bill) { b.Cash = b.Cash[:2] },
		"a line twice":        func(b *Bill) { b.Cash = append(b.Cash, b.Cash[2]); settle(b) },
		"another's days":      func(b *Bill) { b.Cash[2].To++ },
		"the reversed gone":   func(b *Bill) { b.Cash = b.Cash[1:]; settle(b) },
		"gross and not cash":  func(b *Bill) { b.Cash = nil },
		"a line of no reason": func(b *Bill) { b.Cash[2].Reason = "" },
	} {
		b := fresh()
		tamper(b)
		if err := b.Verify(); !errors.Is(err, ErrLedger) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, tamper := range map[string]func(*Adjustment){
		"due":          func(a *Adjustment) { a.Due = a.Due.Add(decimal.New(1, -2)) },
		"an amount":    func(a *Adjustment) { a.Cash[0].Amount = a.Cash[0].Amount.Neg() },
		"a line gone":  func(a *Adjustment) { a.Cash = a.Cash[1:] },
		"a line moved": func(a *Adjustment) { a.Cash[0].Old = a.Cash[0].New },
		"another name": func(a *Adjustment) { a.Cash[0].ID = "D9" },
		"two swapped":  func(a *Adjustment) { slices.Reverse(a.Cash) },
	} {
		a, err := fresh().Sub(made(t, "0.2"))
		if err != nil {
			t.Fatal(err)
		}
		tamper(a)
		if err := a.Verify(); !errors.Is(err, ErrLedger) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCashLimit: as many determinations as there may be, of as much, are exact.
func TestCashLimit(t *testing.T) {
	b := made(t, "0.2")
	var list []series.Determination
	for i := range series.MaxDeterminations {
		list = append(list, determined(b, fmt.Sprint("D", i), 100_000_000_000_000, ""))
	}
	if err := b.AddCash(list); err != nil || b.Due.Sub(b.Gross).String() != "10000000000000000" {
		t.Errorf("%s, %v", b.Due, err)
	}
	if err := b.AddCash(append(list, determined(b, "more", 1, ""))); !errors.Is(err, series.ErrDetermination) {
		t.Error(err)
	}
}
