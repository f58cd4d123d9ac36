package revisions

import (
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/series"
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
		if got, err := ParsePounds(s); !errors.Is(err, series.ErrValue) || got != 0 {
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

func determination(id string, pence int64, reverses string) Determination {
	return Determination{ID: id, From: date("2026-06-01"), To: date("2026-06-05"), Pence: pence,
		Reason: "wrong meter technical details", Source: "notice 7", Reverses: reverses, Pos: series.Pos{Source: "f", Line: 3}}
}

func TestDeterminations(t *testing.T) {
	list := []Determination{determination("undo", 12345, "a"), determination("a", -12345, ""), determination("b", -12345, "")}
	if err := CheckDeterminations(list); err != nil {
		t.Fatal(err)
	}
	if got := Standing(nil, list); len(got) != 1 || got[0].ID != "b" {
		t.Errorf("standing %v", got)
	}
	if err := CheckDeterminations(nil); err != nil {
		t.Error(err)
	}
	a := determination("a", 100, "")
	change := func(f func(*Determination)) Determination { d := determination("b", -100, ""); f(&d); return d }
	for _, tt := range []struct {
		name  string
		d     Determination
		words string
	}{
		{"no id", change(func(d *Determination) { d.ID = "" }), "f:3: bad determination: want an id"},
		{"an id twice", determination("a", 5, ""), "an id no other determination has"},
		{"no days", change(func(d *Determination) { d.To = d.From }), `"2026-06-01 to 2026-06-01"`},
		{"no day", change(func(d *Determination) { d.From = 0 }), `"no day to 2026-06-05"`},
		{"nothing", determination("b", 0, ""), `"0.00": want an amount other than 0`},
		{"too much", determination("b", math.MinInt64, ""), "at most £1,000,000,000,000"},
		{"no reason", change(func(d *Determination) { d.Reason = "" }), "a reason and a source"},
		{"no source", change(func(d *Determination) { d.Source = "" }), "a reason and a source"},
		{"reverses none there is", determination("b", -100, "x"), `"x": want the id of a determination in the list`},
		{"reverses itself", determination("b", -100, "b"), "reverses none itself"},
		{"a penny short", determination("b", -99, "a"), `"-0.99": want exactly what undoes a: -1.00 (determination "b")`},
		{"the wrong way", determination("b", 100, "a"), "exactly what undoes a: -1.00"},
		{"other days", change(func(d *Determination) { d.Reverses = "a"; d.To++ }), "the days of what it reverses, 2026-06-01 to 2026-06-05"},
	} {
		err := CheckDeterminations([]Determination{a, tt.d})
		if !errors.Is(err, ErrDetermination) || !strings.Contains(err.Error(), tt.words) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	for words, list := range map[string][]Determination{
		"reversed already":     {a, determination("b", -100, "a"), determination("c", -100, "a")},
		"reverses none itself": {a, determination("b", -100, "a"), determination("c", 100, "b")},
		"at most 10000":        make([]Determination, MaxDeterminations+1),
	} {
		if err := CheckDeterminations(list); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", words, err)
		}
	}
	if errs, ok := CheckDeterminations(make([]Determination, 100)).(series.Errors); !ok || len(errs) != series.MaxErrors {
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
