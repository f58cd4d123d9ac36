package tariffs

import (
	"errors"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// at gives a rate a place and a time.
func at(r Rate, line int, when When) Rate {
	r.When, r.Pos = when, series.Pos{Source: "tariff.toml", Line: line}
	return r
}

func TestCompileErrors(t *testing.T) {
	d := func(s string) settlement.Day { return day(t, s) }
	june := span(t, "2026-06-01", "2026-07-01")
	vat := at(rate(t, VAT, "20 %"), 90, When{})
	energy := func(line int, when When) Rate { return at(rate(t, EnergyUnit, "7.1 p/kWh"), line, when) }
	windows := []Window{window(t, "night", "23:00-07:00"), window(t, "early", "00:00-07:30"), window(t, "day", "07:00-23:00"), window(t, "mid", "07:00-22:30")}
	factor := func(v string) []Factor {
		return []Factor{{Line: series.LLF, Value: decimal.RequireFromString(v), Pos: series.Pos{Source: "tariff.toml", Line: 7}, Status: Confirmed}}
	}
	for _, c := range []struct {
		name  string
		rates []Rate
		facts []Factor
		span  settlement.Span
		want  error
		pos   int
		says  string
	}{
		{"gap in dates", []Rate{energy(1, When{To: d("2026-06-10")}), energy(2, When{From: d("2026-06-11")}), vat}, nil, june, ErrGap, 2, "2026-06-10"},
		{"starts late", []Rate{energy(1, When{From: d("2026-06-02")}), vat}, nil, june, ErrGap, 1, "2026-06-01"},
		{"overlap", []Rate{energy(1, When{To: d("2026-06-11")}), energy(2, When{From: d("2026-06-10")}), vat}, nil, june, ErrOverlap, 2, "to = 2026-06-10"},
		{"item twice in a rate", []Rate{at(Rate{Items: []Item{RO, RO}, Price: price(t, "1 p/kWh")}, 4, When{}), vat}, nil, june, ErrOverlap, 4, "2026-06-01"},
		{"to before from", []Rate{energy(1, When{From: d("2026-06-10"), To: d("2026-06-10")}), vat}, nil, june, ErrTariff, 1, "a day after 2026-06-10"},
		{"two windows on one half-hour", []Rate{energy(1, When{Window: "night"}), energy(2, When{Window: "early"}), vat}, nil, june, ErrTwice, 2, "make their windows disjoint"},
		{"a window and all day", []Rate{energy(1, When{}), energy(2, When{Window: "night"}), vat}, nil, june, ErrTwice, 2, "disjoint"},
		{"windows leave a half-hour", []Rate{energy(1, When{Window: "night"}), energy(2, When{Window: "mid"}), vat}, nil, june, ErrGap, 1, "22:30"},
		{"two for the rest", []Rate{energy(1, When{Window: "otherwise"}), energy(2, When{Window: "otherwise"}), vat}, nil, june, ErrOverlap, 2, "drop one of the two, or date them apart"},
		{"overlap, the later first", []Rate{energy(1, When{From: d("2026-06-10")}), energy(2, When{}), vat}, nil, june, ErrOverlap, 2, "set to = 2026-06-10 here"},
		{"bands leave a half-hour", []Rate{at(rate(t, DUoSRed, "1 p/kWh"), 1, When{Window: "night"}), at(rate(t, DUoSGreen, "1 p/kWh"), 2, When{Window: "mid"}), vat}, nil, june, ErrGap, 1, "22:30"},
		{"bands cover one twice", []Rate{at(rate(t, DUoSRed, "1 p/kWh"), 1, When{Window: "early"}), at(rate(t, DUoSGreen, "1 p/kWh"), 2, When{Window: "day"}), vat}, nil, june, ErrTwice, 2, "make the bands disjoint"},
		{"undefined window", []Rate{energy(5, When{Window: "dusk"}), vat}, nil, june, ErrWindow, 5, "define the window"},
		{"class without a rate", []Rate{energy(6, When{LLFCs: []string{"999"}}), vat}, nil, june, ErrGap, 6, "LLFC 101"},
		{"wrong unit", []Rate{at(rate(t, CCL, "1 p/day"), 9, When{}), vat}, nil, june, ErrBasis, 9, "price it for each kWh"},
		{"wrong unit of two", []Rate{at(rate(t, BSCCosts, "1 p/day"), 9, When{}), vat}, nil, june, ErrBasis, 9, "kWh or month"},
		{"window on a day price", []Rate{at(rate(t, DUoSFixed, "1 p/day"), 9, When{Window: "night"}), vat}, nil, june, ErrWindow, 9, "only a price for energy"},
		{"price too fine", []Rate{at(rate(t, BSUoS, "0.0000001 p/kWh"), 11, When{}), vat}, nil, june, ErrPrice, 11, "8 decimals of £/kWh"},
		{"MWh price too fine", []Rate{at(rate(t, BSUoS, "0.000001 GBP/MWh"), 11, When{}), vat}, nil, june, ErrPrice, 11, "8 decimals of £/kWh"},
		{"kVA price too fine", []Rate{at(rate(t, DUoSCapacity, "0.0001 p/kVA/day"), 12, When{}), vat}, nil, june, ErrPrice, 12, "5 decimals of £/kVA"},
		{"day price too fine", []Rate{at(rate(t, DUoSFixed, "0.0000001 p/day"), 13, When{}), vat}, nil, june, ErrPrice, 13, "8 decimals of £"},
		{"price too large", []Rate{at(rate(t, DUoSFixed, "1000000.00000001 GBP/day"), 13, When{}), vat}, nil, june, ErrPrice, 13, "at most 8 decimals of £, up to £1000000"},
		{"energy price too large", []Rate{at(rate(t, RO, "1000.1 GBP/kWh"), 13, When{}), vat}, nil, june, ErrPrice, 13, "at most 11 decimals of £/kWh, up to £1000"},
		{"no VAT", []Rate{energy(1, When{})}, nil, june, ErrGap, 0, "20 %"},
		{"VAT changes", []Rate{energy(1, When{}), at(vat, 2, When{To: d("2026-06-15")}), at(rate(t, VAT, "5 %"), 3, When{From: d("2026-06-15")})}, nil, june, ErrTariff, 3, "2026-06-15"},
		{"VAT above 100 %", []Rate{at(rate(t, VAT, "100.1 %"), 14, When{})}, nil, june, ErrPrice, 14, "0 to 100 %"},
		{"VAT below 0", []Rate{at(rate(t, VAT, "-1 %"), 14, When{})}, nil, june, ErrPrice, 14, "0 to 100 %"},
		{"half a day", []Rate{energy(1, When{}), vat}, nil, settlement.Span{Lo: june.Lo + 1, Hi: june.Hi}, ErrSpan, 0, "whole local days"},
		{"ends inside a day", []Rate{energy(1, When{}), vat}, nil, settlement.Span{Lo: june.Lo, Hi: june.Hi - 1}, ErrSpan, 0, "whole local days"},
		{"no days", []Rate{energy(1, When{}), vat}, nil, settlement.Span{Lo: june.Lo, Hi: june.Lo}, ErrSpan, 0, "whole local days"},
		{"factor above 2", []Rate{energy(1, When{}), vat}, factor("2.001"), june, ErrPrice, 7, "at most 2"},
		{"factor of 0", []Rate{energy(1, When{}), vat}, factor("0"), june, ErrPrice, 7, "above 0"},
		{"factor too fine", []Rate{energy(1, When{}), vat}, factor("1.0001"), june, ErrPrice, 7, "3 decimals"},
	} {
		_, err := (&Tariff{Windows: windows, Rates: c.rates, Factors: c.facts}).Compile(c.span, testSupply(t, "101"))
		var e *Error
		if !errors.Is(err, c.want) || !errors.As(err, &e) || e.Pos.Line != c.pos || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, err := (&Tariff{Windows: append(windows, windows[0]), Rates: []Rate{vat}}).Compile(june, testSupply(t, "101")); !errors.Is(err, ErrWindow) {
		t.Errorf("window defined twice: %v", err)
	}
	// What stands just inside every limit.
	fine := &Tariff{Windows: windows, Factors: factor("2"), Rates: []Rate{vat, energy(1, When{To: d("2026-06-10"), Window: "night"}), energy(2, When{To: d("2026-06-10"), Window: "day"}),
		energy(3, When{From: d("2026-06-10")}), at(rate(t, CCL, "0.00001 GBP/MWh"), 4, When{}), at(rate(t, DUoSCapacity, "0.001 p/kVA/day"), 5, When{}), at(rate(t, DUoSFixed, "1000000 GBP/day"), 6, When{})}}
	if _, err := fine.Compile(june, testSupply(t, "101")); err != nil {
		t.Error(err)
	}
}

func TestMissing(t *testing.T) {
	e := flat(t, 1000, 1000, 1_000_000_000, rate(t, DUoSCapacity, "9.5 p/kVA/day"), rate(t, BSUoS, "15.69 GBP/MWh"))
	e.charge(t)
	late := testSupply(t, "101", Capacity{day(t, "2026-06-16"), decimal.NewFromInt(900)})
	var located *Error
	if err := e.s.Charge(e.charges, e.vol, e.in(), late); !errors.Is(err, ErrMissing) || !errors.As(err, &located) || located.Pos.Line != 3 || !strings.Contains(err.Error(), "2026-06-15") || !strings.Contains(err.Error(), "add one") {
		t.Errorf("no capacity: %v", err)
	}
	// A half-hour without a factor has no NBP volume, and no bill.
	full := e.market
	e.market = series.NewFrame(nil, series.Market(), e.meter.Span())
	for p := full.Span().Lo; p < full.Span().Hi; p++ {
		e.market.Set(series.LLF, p, 1000, 0)
		if p != full.Span().Lo+10 {
			e.market.Set(series.TLM, p, 1_000_000_000, 0)
		}
	}
	e.charge(t)
	_, err := e.s.Bill(e.sup, e.meter.Span(), View{}, e.vol, e.charges, e.in())
	if !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "2026-06-15/11") || !strings.Contains(err.Error(), "1 of the 48") {
		t.Errorf("no TLM: %v", err)
	}
	for _, sp := range []settlement.Span{{}, {Lo: e.meter.Span().Lo, Hi: e.meter.Span().Hi - 1}, span(t, "2026-06-15", "2026-06-17")} {
		if _, err := e.s.Bill(e.sup, sp, View{}, e.vol, e.charges, e.in()); !errors.Is(err, ErrSpan) {
			t.Errorf("%v: %v", sp, err)
		}
	}
}
