package hhcsv

import (
	"errors"
	"strings"

	"github.com/halfhour/halfhour/series"
)

// scale is the decimals of every meter line (series.Meter).
const scale = 3

// parseValue reads a value in the file's unit as thousandths of a kWh or kVArh,
// exactly:
//
//	kWh    v × 10^3          3 decimals
//	Wh     v                 0 decimals: a thousandth of a kWh is a Wh
//	MWh    v × 10^6          6 decimals
//	kW     v × 10^3 ÷ 2      3 decimals, the last of them even
//
// finer says that digits were lost, which is an error unless round.
func parseValue(s string, u Unit, round bool) (v int64, finer bool, want string) {
	if s == "" {
		return 0, false, "a value; a missing half-hour is left out, not left empty"
	}
	if s[0] == '-' {
		return 0, false, "a value of 0 or more; export is a line of its own, AE"
	}
	var err error
	switch u {
	case Wh:
		v, finer, err = series.ParseFixed(s, 0, round)
	case MWh:
		v, finer, err = series.ParseFixed(s, scale+3, round)
	case KW:
		v, finer, err = parsePower(s, round)
	default:
		v, finer, err = series.ParseFixed(s, scale, round)
	}
	if err == nil {
		return v, finer, ""
	}
	want = "a plain decimal number"
	var e *series.Error
	if errors.As(err, &e) {
		want = e.Want
	}
	return 0, false, want + " (the unit is " + units[u] + ")"
}

// parsePower halves mean power. Half of a whole number of thousandths rounds
// like the number it was cut from, half up: ⌊(⌊x⌋+1)/2⌋ = ⌊(x+1)/2⌋, so the
// digits that do not fit are cut, not rounded, before halving.
func parsePower(s string, round bool) (v int64, finer bool, err error) {
	v, finer, err = series.ParseFixed(s, scale, round)
	if err != nil {
		return 0, false, err
	}
	if finer {
		point := strings.IndexByte(s, '.')
		if v, _, err = series.ParseFixed(s[:point+1+scale], scale, false); err != nil {
			return 0, false, err
		}
	}
	if v%2 != 0 {
		if !round {
			return 0, false, &series.Error{Value: s, Err: series.ErrValue,
				Want: "an even third decimal, because half of it must be exact at 3 decimals of kWh; round it if that is meant (hh: --round)"}
		}
		finer = true
	}
	return (v + 1) / 2, finer, nil
}
