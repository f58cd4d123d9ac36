package series

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/halfhour/halfhour/settlement"
)

func TestNewSchemaRefuses(t *testing.T) {
	ok := Def{"x", KWh, 3, "s"}
	var many []Def
	for i := range MaxLines + 1 {
		many = append(many, Def{fmt.Sprint(i), GBP, 2, "s"})
	}
	for name, defs := range map[string][]Def{
		"no line": {}, "no name": {{"", KWh, 3, "s"}}, "no source": {{"x", KWh, 3, ""}}, "twice": {ok, ok},
		"no unit": {{"x", 0, 3, "s"}}, "unit": {{"x", GBPPerMWh + 1, 3, "s"}}, "scale": {{"x", KWh, MaxScale + 1, "s"}},
		"negative scale": {{"x", KWh, -1, "s"}}, "many": many,
	} {
		if s, err := NewSchema("bad", defs...); !errors.Is(err, ErrSchema) || s != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewSchema("most", many[:MaxLines]...); err != nil {
		t.Error(err)
	}
	defs := []Def{ok}
	s := Must(NewSchema("mine", defs...))
	if defs[0].Name = "changed"; s.Def(0) != ok {
		t.Error("a schema changes with the slice it was made from")
	}
}

func TestSchema(t *testing.T) {
	for l, src := range []int{0, 1, 1, 2, 1} {
		if shared.SourceOf(Line(l)) != src {
			t.Errorf("line %d is of source %d", l, shared.SourceOf(Line(l)))
		}
		if got, ok := shared.Lookup(shared.Def(Line(l)).Name); !ok || got != Line(l) {
			t.Errorf("Lookup of line %d = %d, %v", l, got, ok)
		}
	}
	for k, first := range []Line{0, 1, 3} {
		if shared.FirstLine(k) != first || shared.SourceName(k) != []string{"one", "many", "last"}[k] {
			t.Errorf("source %d", k)
		}
	}
	if _, ok := shared.Lookup("none"); ok || shared.Len() != 5 || shared.Sources() != 3 || shared.Name() != "shared" {
		t.Error("shared")
	}
	for l, name := range []string{"AI", "AE", "RI", "RE"} {
		unit := KWh
		if l >= 2 {
			unit = KVArh
		}
		if Meter().Def(Line(l)) != (Def{name, unit, 3, name}) {
			t.Errorf("%+v", Meter().Def(Line(l)))
		}
	}
	if Market().Def(LLF) != (Def{"LLF", Ratio, 3, "LLF"}) || Market().Def(TLM) != (Def{"TLM", Ratio, 9, "TLM"}) {
		t.Error("market")
	}
}

// TestSameLines tells apart whatever a line declares, the order and the number of
// lines, and nothing else.
func TestSameLines(t *testing.T) {
	a, b := Def{"a", KWh, 3, "x"}, Def{"b", GBP, 2, "x"}
	of := Must(NewSchema("one", a, b))
	for _, c := range []struct {
		defs []Def
		same bool
	}{
		{[]Def{a, b}, true},
		{[]Def{b, a}, false},
		{[]Def{a}, false},
		{[]Def{a, b, {"c", GBP, 2, "x"}}, false},
		{[]Def{{"A", KWh, 3, "x"}, b}, false},
		{[]Def{{"a", KVArh, 3, "x"}, b}, false},
		{[]Def{{"a", KWh, 4, "x"}, b}, false},
		{[]Def{a, {"b", GBP, 2, "y"}}, false},
	} {
		s := Must(NewSchema("another", c.defs...))
		if of.SameLines(s) != c.same || s.SameLines(of) != c.same {
			t.Errorf("%+v: want %v", c.defs, c.same)
		}
	}
	if !of.SameLines(of) {
		t.Error("a schema has not its own lines")
	}
}

func TestUnit(t *testing.T) {
	for u := KWh; u <= GBPPerMWh; u++ {
		if got, err := ParseUnit(u.String()); err != nil || got != u {
			t.Errorf("%v: %v, %v", u, got, err)
		}
	}
	for _, s := range []string{"", "kwh", "kWh ", "unit(0)", "unit(9)"} {
		if u, err := ParseUnit(s); !errors.Is(err, ErrUnit) || u != 0 {
			t.Errorf("ParseUnit(%q) = %v, %v", s, u, err)
		}
	}
	if Unit(0).String() != "unit(0)" || Unit(200).String() != "unit(200)" {
		t.Error(Unit(0), Unit(200))
	}
}

// Every byte is a mark: its run and its flags make it again.
func TestMark(t *testing.T) {
	for b := range 256 {
		m := Mark(b)
		if Mark(m.Run())<<4|m&Flags != m || m.From(m.Run()) != m {
			t.Errorf("mark %#x", b)
		}
		for r := settlement.Untagged; r <= settlement.DR; r++ {
			if x := m.From(r); x.Run() != r || x&Flags != m&Flags {
				t.Errorf("%#x from %v is %#x", b, r, x)
			}
		}
		for _, flag := range []Mark{Estimated, Assumed, Rounded, Merged} {
			if m.Has(flag) != (m&flag != 0) || Count([]Mark{m, 0, m}, flag) != 2*int(m&flag/flag) {
				t.Errorf("%#x has %#x", b, flag)
			}
		}
		for n := range 100 { // in every lane of the unrolled loop, and after it
			marks := make([]Mark, 100)
			marks[0], marks[99], marks[n] = 0xf0, 0xe0, m
			if AnyOf(marks) != m&Flags || AnyOf(marks[n:n+1]) != m&Flags {
				t.Errorf("AnyOf(%#x) at %d", b, n)
			}
		}
	}
	if Mark(Estimated).Has(Estimated|Merged) || AnyOf(nil) != 0 || Count(nil, Merged) != 0 {
		t.Error("Has needs every flag")
	}
}

func TestError(t *testing.T) {
	e := &Error{Pos: Pos{"a.csv", 3, 7}, Value: strings.Repeat("x", 65), Want: "a number", Err: ErrValue}
	if want := `a.csv:3:7: bad value "` + strings.Repeat("x", 64) + `…": want a number`; e.Error() != want {
		t.Error(e)
	}
	if s := (&Error{Err: ErrEmpty}).Error(); s != "no readings" {
		t.Error(s)
	}
	for want, p := range map[string]Pos{"": {}, "f": {Source: "f"}, "f:2": {"f", 2, 0}, "f:2:9": {"f", 2, 9}} {
		if p.String() != want {
			t.Errorf("%q, want %q", p, want)
		}
	}
	all := error(Errors{e, &Error{Err: ErrLimit}})
	if !errors.Is(all, ErrValue) || !errors.Is(all, ErrLimit) || errors.Is(all, ErrUnit) || strings.Count(all.Error(), "\n") != 1 {
		t.Error(all)
	}
}

func TestOpenBytes(t *testing.T) {
	open := OpenBytes([]byte("abc"))
	for range 2 {
		r, err := open()
		if err != nil {
			t.Fatal(err)
		}
		if b, _ := io.ReadAll(r); string(b) != "abc" || r.Close() != nil {
			t.Errorf("%q", b)
		}
	}
}
