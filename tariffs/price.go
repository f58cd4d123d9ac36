package tariffs

import (
	"strings"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
)

// Price is what a rate asks for one unit, as a person writes it: a figure with
// its unit, "4.331 p/kWh"; a line of market or contract data that it follows
// half-hour by half-hour and run by run, "rcrc", with a figure added or taken
// off, "system-price - 9.400 p/kWh"; and a figure that stands in until the line
// has landed, "cfd-rate else 10.298 GBP/MWh"; or no figure but the published
// ones, "published".
type Price struct {
	Value decimal.Decimal
	Unit  string // one of the units ParsePrice knows
	Basis Basis
	GBP   decimal.Decimal // pounds for one kWh, day, kVA-day, month or year; a fraction for Percent

	Index string              // the £/MWh line of series.Market or series.Contract that is added; "" for none
	Else  decimal.NullDecimal // £/kWh while Index has no value

	Published bool // no figure, unit and basis: the book's rates hold, see Tariff.Publish

	text string
}

// published is how a price says so.
const published = "published"

// units are the units of price: what they are a price of, and the power of ten
// that turns the figure into pounds for one of it.
var units = []struct {
	name  string
	basis Basis
	shift int32
}{
	{"p/kWh", PerKWh, -2}, {"GBP/kWh", PerKWh, 0}, {"GBP/MWh", PerKWh, -3},
	{"p/day", PerDay, -2}, {"p/MPAN/day", PerDay, -2}, {"p/site/day", PerDay, -2},
	{"GBP/day", PerDay, 0}, {"GBP/MPAN/day", PerDay, 0}, {"GBP/site/day", PerDay, 0},
	{"p/kVA/day", PerKVADay, -2}, {"GBP/kVA/day", PerKVADay, 0},
	{"p/kVArh", PerKVArh, -2}, {"GBP/kVArh", PerKVArh, 0}, {"GBP/kW", PerKW, 0},
	{"GBP/month", PerMonth, 0}, {"GBP/year", PerYear, 0}, {"%", Percent, -2},
}

// Limits of a stated figure.
const (
	maxPriceWhole    = 9  // digits before the point
	maxPriceDecimals = 10 // digits after it
)

// ParsePrice reads a price: a figure, a space and a unit ("4.331 p/kWh"; £ may
// be written for GBP), or
//
//	INDEX [+ FIGURE UNIT | - FIGURE UNIT] [else FIGURE UNIT]
//
// where INDEX is a price line of series.Market or series.Contract
// (system-price, rcrc, cfd-rate, contract-price) and the figures are prices of
// energy, or "published" and nothing else. It fails with ErrPrice or ErrUnit.
func ParsePrice(s string) (Price, error) {
	if s == published {
		return Price{Published: true, text: s}, nil
	}
	words := strings.Split(s, " ")
	if !isIndex(words[0]) {
		figure, unit, ok := strings.Cut(s, " ")
		if !ok {
			return Price{}, &Error{Value: s, Want: `write a figure, a space and a unit, such as "4.331 p/kWh", an index such as "rcrc" or "system-price - 9.400 p/kWh", or "published"`, Err: ErrPrice}
		}
		return parseFixed(figure, unit)
	}
	p := Price{Unit: PerKWh.String(), Basis: PerKWh, Index: words[0], text: s}
	words = words[1:]
	for len(words) >= 3 {
		fixed, err := parseFixed(words[1], words[2])
		if err != nil {
			return Price{}, err
		}
		if fixed.Basis != PerKWh {
			return Price{}, &Error{Value: words[2], Want: "an index is a price of energy: add p/kWh or GBP/MWh to it", Err: ErrUnit}
		}
		switch sign := words[0]; {
		case (sign == "+" || sign == "-") && p.GBP.IsZero() && !p.Else.Valid:
			if p.GBP = fixed.GBP; sign == "-" {
				p.GBP = p.GBP.Neg()
			}
		case sign == "else" && !p.Else.Valid:
			p.Else = decimal.NewNullDecimal(fixed.GBP)
		default:
			return Price{}, badIndex(s)
		}
		words = words[3:]
	}
	if len(words) > 0 {
		return Price{}, badIndex(s)
	}
	p.Value = p.GBP
	return p, nil
}

func badIndex(s string) error {
	return &Error{Value: s, Want: `write an index, what is added to it and what stands in for it, such as "system-price - 9.400 p/kWh" or "cfd-rate else 10.298 GBP/MWh"`, Err: ErrPrice}
}

// isIndex reports whether a name is that of a price line.
func isIndex(name string) bool {
	_, _, ok := indexLine(name)
	return ok
}

// indexLine finds a price line of the market or of the contract.
func indexLine(name string) (line series.Line, contract, ok bool) {
	for _, s := range []*series.Schema{series.Market(), series.Contract()} {
		if l, found := s.Lookup(name); found && s.Def(l).Unit == series.GBPPerMWh {
			return l, s == series.Contract(), true
		}
	}
	return 0, false, false
}

func parseFixed(figure, unit string) (Price, error) {
	v, err := ParseFigure(figure)
	if err != nil {
		return Price{}, err
	}
	name := strings.Replace(unit, "£", "GBP", 1)
	for _, u := range units {
		if u.name == name {
			return Price{Value: v, Unit: name, Basis: u.basis, GBP: v.Shift(u.shift), text: figure + " " + name}, nil
		}
	}
	known := make([]string, len(units))
	for i, u := range units {
		known[i] = u.name
	}
	return Price{}, &Error{Value: unit, Want: "use one of " + strings.Join(known, ", "), Err: ErrUnit}
}

// String is the price as it was written.
func (p Price) String() string { return p.text }

// ParseFigure reads a plain decimal of at most 9 digits and 10 decimals, with
// or without a minus sign. It fails with ErrPrice.
func ParseFigure(s string) (decimal.Decimal, error) {
	digits := strings.TrimPrefix(s, "-")
	whole, frac, point := strings.Cut(digits, ".")
	if !allDigits(whole) || len(whole) > maxPriceWhole || point && !allDigits(frac) || len(frac) > maxPriceDecimals {
		return decimal.Decimal{}, &Error{Value: s, Want: "write a plain decimal number of at most 9 digits and 10 decimals, such as 4.331", Err: ErrPrice}
	}
	return decimal.NewFromString(s)
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// scaled is d × 10^scale when that is a whole number that fits.
func scaled(d decimal.Decimal, scale int) (int64, bool) {
	s := d.Shift(int32(scale))
	if !s.IsInteger() || !s.BigInt().IsInt64() {
		return 0, false
	}
	return s.BigInt().Int64(), true
}
