package tariffs

import (
	"errors"
	"strings"
	"testing"

	"github.com/halfhour/halfhour/series"
)

// TestPrintable: what a bill or a message prints as it stands is one line and
// shows what it says.
func TestPrintable(t *testing.T) {
	for _, bad := range []string{"a\nb", "a\tb", "\x1b[2J", "\x00", "\u202e02", "a\u200b", "a\u2028b", "\ufeffa", "\xff"} {
		if series.Printable(bad) {
			t.Errorf("%q is printable", bad)
		}
		vat := rate(t, VAT, "20 %")
		energy := rate(t, EnergyUnit, "7 p/kWh")
		named, sourced, classed, banded := energy, energy, energy, energy
		sourced.Source = bad
		classed.When.LLFCs = []string{"101", bad}
		banded.When.Bands = []string{bad}
		for _, tariff := range []*Tariff{
			{Name: bad, Rates: []Rate{vat, named}}, {Rates: []Rate{vat, sourced}}, {Rates: []Rate{vat, classed}}, {Rates: []Rate{vat, banded}},
			{Rates: []Rate{vat, energy}, Factors: []Factor{{Source: bad}}},
			{Rates: []Rate{vat, energy}, Triads: []Triads{{Year: day(t, "2026-04-01"), Source: bad}}},
		} {
			err := compileError(tariff, t, "2026-06-01", "2026-06-02", "101")
			var te *Error
			if !errors.As(err, &te) || te.Err != ErrTariff || te.Value != bad || !series.Printable(err.Error()) {
				t.Errorf("%q: %v", bad, err)
			}
			if got := tariff.Check(span(t, "2026-06-01", "2026-06-02"), testSupply(t, "101")); len(got) == 0 {
				t.Errorf("%q passes Check", bad)
			}
		}
		for _, of := range []func(*Terms){func(s *Terms) { s.LLFC = bad }, func(s *Terms) { s.Band = bad }} {
			sup := *testSupply(t, "101")
			sup.Terms = []Terms{sup.Terms[0]}
			of(&sup.Terms[0])
			if err := sup.Validate(); !errors.Is(err, ErrSupply) || !series.Printable(err.Error()) {
				t.Errorf("%q: %v", bad, err)
			}
		}
	}
	for _, good := range []string{"NGED, Annex 1 – 2024/25", "Gwynedd â", "£"} {
		if !series.Printable(good) {
			t.Errorf("%q is not printable", good)
		}
	}
}

func TestClassesAndBandsHaveLimits(t *testing.T) {
	for _, c := range []struct {
		parse func(string) (string, error)
		most  int
	}{{ParseLLFC, maxLLFC}, {ParseBand, maxBand}} {
		for n, ok := range map[int]bool{0: false, 1: true, c.most: true, c.most + 1: false} {
			s := strings.Repeat("é", n)
			if got, err := c.parse(s); (err == nil) != ok || got != s || err != nil && !errors.Is(err, ErrSupply) {
				t.Errorf("%d characters: %v", n, err)
			}
		}
	}
}
