package tariffs

import (
	"strings"

	"github.com/shopspring/decimal"
)

// Price is a decimal with its unit, as a person writes it: "4.331 p/kWh".
type Price struct {
	Value decimal.Decimal
	Unit  string // one of the units ParsePrice knows
	Basis Basis
	GBP   decimal.Decimal // pounds for one kWh, day, kVA-day, month or year; a fraction for Percent
}

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
	{"GBP/month", PerMonth, 0}, {"GBP/year", PerYear, 0}, {"%", Percent, -2},
}

// Limits of a stated figure.
const (
	maxPriceWhole    = 9  // digits before the point
	maxPriceDecimals = 10 // digits after it
)

// ParsePrice reads a figure, a space and a unit. £ may be written for GBP. It
// fails with ErrPrice or ErrUnit.
func ParsePrice(s string) (Price, error) {
	figure, unit, ok := strings.Cut(s, " ")
	if !ok {
		return Price{}, &Error{Value: s, Want: `write a figure, a space and a unit, such as "4.331 p/kWh"`, Err: ErrPrice}
	}
	v, err := ParseFigure(figure)
	if err != nil {
		return Price{}, err
	}
	name := strings.Replace(unit, "£", "GBP", 1)
	for _, u := range units {
		if u.name == name {
			return Price{Value: v, Unit: name, Basis: u.basis, GBP: v.Shift(u.shift)}, nil
		}
	}
	known := make([]string, len(units))
	for i, u := range units {
		known[i] = u.name
	}
	return Price{}, &Error{Value: unit, Want: "use one of " + strings.Join(known, ", "), Err: ErrUnit}
}

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
