package tariffs

import (
	"fmt"
	"unicode/utf8"

	"github.com/halfhour/halfhour/series"
)

// Limits of names that a distributor gives out, in characters. Classes have
// three and the longest band, LV_NoMIC_1, ten.
const (
	maxLLFC = 10
	maxBand = 20
)

// ParseLLFC refuses what cannot be a line loss factor class: an empty text, one
// of more than 10 characters and one that is not series.Printable. It gives the class
// back as it is, for distributors write them in ways of their own. Its error
// wraps ErrSupply.
func ParseLLFC(s string) (string, error) {
	return s, checkName(s, "a line loss factor class", maxLLFC)
}

// ParseBand does so with a residual charging band of TNUoS, of at most 20
// characters.
func ParseBand(s string) (string, error) {
	return s, checkName(s, "a residual charging band", maxBand)
}

func checkName(s, what string, most int) error {
	if s == "" || !series.Printable(s) || utf8.RuneCountInString(s) > most {
		return &Error{Value: s, Want: fmt.Sprintf("%s has 1 to %d characters, none of them of control or format: write it as the distributor does", what, most), Err: ErrSupply}
	}
	return nil
}

// checkText refuses what a figure says of itself that cannot be printed, and
// classes and bands there are none of.
func checkText(pos series.Pos, source string, when When) error {
	if !series.Printable(source) {
		return &Error{Pos: pos, Value: source, Want: "a source is printed beside the figure: write it in one line, without characters of control or format", Err: ErrTariff}
	}
	at := func(err error) error {
		e := *err.(*Error)
		e.Pos, e.Err = pos, ErrTariff
		return &e
	}
	for _, s := range when.LLFCs {
		if _, err := ParseLLFC(s); err != nil {
			return at(err)
		}
	}
	for _, s := range when.Bands {
		if _, err := ParseBand(s); err != nil {
			return at(err)
		}
	}
	return nil
}
