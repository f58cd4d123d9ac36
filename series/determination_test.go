package series

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/settlement"
)

func TestPounds(t *testing.T) {
	for s, want := range map[string]int64{"0": 0, "1": 100, "-1234.50": -123450, "0.01": 1, "-0.01": -1, "12.3": 1230,
		"999999999999.99": 99_999_999_999_999} {
		got, err := ParsePounds(s)
		if err != nil || got != want {
			t.Errorf("%q is %d, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "-", "1.005", "1e3", "£1", "+1", "1,000.00", " 1", "1.", ".5", "1000000000000", "NaN"} {
		if got, err := ParsePounds(s); !errors.Is(err, ErrValue) || got != 0 {
			t.Errorf("%q is %d, %v", s, got, err)
		}
	}
	if got := (Determination{Pence: math.MinInt64}).Amount(); got != "-92233720368547758.08" {
		t.Error(got)
	}
	rapid.Check(t, func(t *rapid.T) {
		d := Determination{Pence: rapid.Int64Range(-maxPence+1, maxPence-1).Draw(t, "pence")}
		if got, err := ParsePounds(d.Amount()); err != nil || got != d.Pence {
			t.Fatalf("%s reads as %d, %v", d.Amount(), got, err)
		}
	})
}

// first is 1 June 2026, the first day of those made up here.
var first = settlement.MinDay + 30*365 + 8 + 151

func determination(id string, pence int64, reverses string) Determination {
	return Determination{ID: id, From: first, To: first + 4, Pence: pence,
		Reason: "wrong meter technical details", Source: "notice 7", Reverses: reverses, Pos: Pos{Source: "f", Line: 3}}
}

func TestDeterminations(t *testing.T) {
	list := []Determination{determination("undo", 12345, "a"), determination("a", -12345, ""), determination("b", -12345, "")}
	list[1].Before, list[2].Before = settlement.R1, settlement.DF
	list[0].Known, list[1].Known = (first + 40).First().Time(), (first + 40).First().Time()
	if err := CheckDeterminations(list); err != nil {
		t.Fatal(err)
	}
	if got := Standing(nil, list); len(got) != 1 || got[0].ID != "b" {
		t.Errorf("standing %v", got)
	}
	if got := Undone(list); len(got) != 1 || got["a"] != "undo" {
		t.Errorf("undone %v", got)
	}
	if err := CheckDeterminations(nil); err != nil {
		t.Error(err)
	}
	a := determination("a", 100, "")
	a.Known = first.First().Time()
	change := func(f func(*Determination)) Determination { d := determination("b", -100, ""); f(&d); return d }
	for _, tt := range []struct {
		name  string
		d     Determination
		words string
	}{
		{"no id", change(func(d *Determination) { d.ID = "" }), "f:3: bad determination: want an id"},
		{"a long id", change(func(d *Determination) { d.ID = strings.Repeat("é", 41) }), "1 to 40 characters"},
		{"an id after a space", change(func(d *Determination) { d.ID = " a" }), "neither begins nor ends with a space"},
		{"an id before one that does not break", change(func(d *Determination) { d.ID = "b\u00a0" }), "neither begins nor ends with a space"},
		{"an id twice", determination("a", 5, ""), "an id no other determination has"},
		{"no days", change(func(d *Determination) { d.To = d.From }), `"2026-06-01 to 2026-06-01"`},
		{"no day", change(func(d *Determination) { d.From = 0 }), `"no day to 2026-06-05"`},
		{"nothing", determination("b", 0, ""), `"0.00": want an amount other than 0`},
		{"too much", determination("b", math.MinInt64, ""), "at most £1,000,000,000,000"},
		{"no reason", change(func(d *Determination) { d.Reason = "" }), "a reason and a source"},
		{"no source", change(func(d *Determination) { d.Source = "" }), "a reason and a source"},
		{"a long reason", change(func(d *Determination) { d.Reason = strings.Repeat("é", 201) }), "at most 200 characters in one line"},
		{"two lines", change(func(d *Determination) { d.Source = "a\nb" }), "in one line"},
		{"turned round", change(func(d *Determination) { d.Reason = "\u202eb" }), "none of them of control or format"},
		{"before the first money", change(func(d *Determination) { d.Before = settlement.SF }), `"SF": want a reconciliation run`},
		{"before a dispute without rank", change(func(d *Determination) { d.Before = settlement.DR }), `"DR": want a reconciliation run`},
		{"a reversal before a run", change(func(d *Determination) { d.Reverses, d.Before, d.Known = "a", settlement.R1, a.Known }), "no run before which to undo what undoes a"},
		{"reverses none there is", determination("b", -100, "x"), `"x": want the id of a determination in the list`},
		{"reverses itself", determination("b", -100, "b"), "reverses none itself"},
		{"a penny short", determination("b", -99, "a"), `"-0.99": want exactly what undoes a: -1.00 (determination "b")`},
		{"the wrong way", determination("b", 100, "a"), "exactly what undoes a: -1.00"},
		{"other days", change(func(d *Determination) { d.Reverses = "a"; d.To++ }), "the days of what it reverses, 2026-06-01 to 2026-06-05"},
		{"known before what it reverses", change(func(d *Determination) { d.Reverses, d.Known = "a", a.Known.Add(-1) }), `"2026-05-31T22:59:59.999999999Z": want known no earlier than what it reverses, 2026-05-31T23:00:00Z`},
		{"always known, and what it reverses was not", determination("b", -100, "a"), "known no earlier than what it reverses"},
	} {
		err := CheckDeterminations([]Determination{a, tt.d})
		if !errors.Is(err, ErrDetermination) || !strings.Contains(err.Error(), tt.words) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	a.Known = time.Time{}
	for words, list := range map[string][]Determination{
		"reversed already":     {a, determination("b", -100, "a"), determination("c", -100, "a")},
		"reverses none itself": {a, determination("b", -100, "a"), determination("c", 100, "b")},
		"at most 10000":        make([]Determination, MaxDeterminations+1),
	} {
		if err := CheckDeterminations(list); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", words, err)
		}
	}
	if errs, ok := CheckDeterminations(make([]Determination, 100)).(Errors); !ok || len(errs) != MaxErrors+1 || !errors.Is(errs[MaxErrors], ErrLimit) {
		t.Errorf("%d errors", len(errs))
	}
}

// Whatever the order of a list that can stand, it nets to what stands.
func TestDeterminationsNet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list []Determination
		for i := range rapid.IntRange(0, 8).Draw(t, "n") {
			d := determination(string(rune('a'+i)), rapid.Int64Range(1, 1000).Draw(t, "pence"), "")
			list = append(list, d)
			if rapid.Bool().Draw(t, "reversed") {
				list = append(list, determination("not "+d.ID, -d.Pence, d.ID))
			}
		}
		list = rapid.Permutation(list).Draw(t, "order")
		if err := CheckDeterminations(list); err != nil {
			t.Fatal(err)
		}
		all, standing := int64(0), int64(0)
		for _, d := range list {
			all += d.Pence
		}
		for _, d := range Standing(nil, list) {
			standing += d.Pence
		}
		if all != standing {
			t.Fatalf("%d in all, %d standing", all, standing)
		}
	})
}

// What a reader yields comes whole or not at all, its errors with it.
func TestCollectDeterminations(t *testing.T) {
	bad := &Error{Want: "something else", Err: ErrValue}
	yields := func(good, wrong int) AllDeterminations {
		return func(yield func(Determination, error) bool) {
			for i := range good {
				if !yield(determination(string(rune('a'+i)), 100, ""), nil) {
					return
				}
			}
			for range wrong {
				if !yield(Determination{}, bad) {
					return
				}
			}
		}
	}
	if list, err := CollectDeterminations(yields(3, 0)); err != nil || len(list) != 3 {
		t.Errorf("%v, %v", list, err)
	}
	if list, err := CollectDeterminations(yields(1, 2)); !errors.Is(err, ErrValue) || len(err.(Errors)) != 2 || list != nil {
		t.Errorf("%v, %v", list, err)
	}
	if _, err := CollectDeterminations(yields(0, 1000)); len(err.(Errors)) != MaxErrors+1 {
		t.Errorf("%d errors", len(err.(Errors)))
	}
	if list, err := CollectDeterminations(func(yield func(Determination, error) bool) { yield(determination("a", 0, ""), nil) }); !errors.Is(err, ErrDetermination) || list != nil {
		t.Error(list, err)
	}
}

// A run speaks for a determination's days when any half-hour of them rests on it
// or on a later run, in any source; before that, or beside its days, it does not.
func TestOvertaken(t *testing.T) {
	f := NewFrame(nil, Meter(), settlement.Days(first-1, first+3)) // the determination's last day is not in it
	d := determination("a", 100, "")
	d.Before = settlement.R1
	for day, part := range f.Span().EachDay() {
		for p := part.Lo; p < part.Hi; p++ {
			f.Set(AI, p, 1, Mark(0).From(settlement.SF))
			if day < first {
				f.Set(AI, p, 1, Mark(0).From(settlement.RF))
			}
		}
	}
	if d.Overtaken(f) {
		t.Error("SF is not R1, and the day before is not one of its days")
	}
	for _, run := range []settlement.Run{settlement.R1, settlement.R2, settlement.DF} {
		for _, line := range []Line{AI, RE} {
			p := (first + 2).First() + 47
			was, _ := f.Get(AI, p)
			f.Set(line, p, 1, Mark(0).From(run))
			if !d.Overtaken(f) {
				t.Errorf("%s speaks for one half-hour", run)
			}
			none := d
			none.Before = settlement.Untagged
			if none.Overtaken(f) {
				t.Error("it states no run")
			}
			f.Set(line, p, 1, Mark(0).From(settlement.SF))
			f.Set(AI, p, was, Mark(0).From(settlement.SF))
		}
	}
	if d.From, d.To = first+10, first+11; d.Overtaken(f) {
		t.Error("the frame holds none of its days")
	}
}

func TestDeterminationJSON(t *testing.T) {
	d := determination("a", -123450, "")
	b, err := json.Marshal(d)
	const plain = `{"id":"a","from":"2026-06-01","to":"2026-06-05","amount_gbp":"-1234.50","reason":"wrong meter technical details","source":"notice 7"}`
	if err != nil || string(b) != plain {
		t.Errorf("%s, %v", b, err)
	}
	d.Reverses, d.Before, d.Known = "x", settlement.R1, first.First().Time()
	if b, _ = json.Marshal(d); !strings.HasSuffix(string(b), `,"reverses":"x","before":"R1","known":"2026-05-31T23:00:00Z"}`) {
		t.Errorf("%s", b)
	}
}
