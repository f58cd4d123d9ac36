package gb

import (
	"strings"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// ResidualBand says which residual charging band a site is in by the table of a
// day, such as "HV2" or "LV_NoMIC_3". The group is "LV", "HV" or "EHV", whose
// quantity is the agreed capacity in kVA, or "LV_NoMIC", whose is kWh a year.
// The upper bound of a band is in it, the lower one is not.
//
// It is the band of the table, not always the site's: a site keeps the band it
// was allocated until it is allocated again (DCUSA Schedule 32). It fails with
// tariffs.ErrSupply for a group without bands or a quantity that is not above
// 0, and with tariffs.ErrGap for a day without a table.
func ResidualBand(group string, quantity decimal.Decimal, on settlement.Day) (band string, err error) {
	t, err := read("residual-bands")
	if err != nil {
		return "", err
	}
	known := map[string]bool{}
	for _, r := range t.rows {
		known[r.get("group")] = true
	}
	switch {
	case !known[group]:
		return "", &tariffs.Error{Value: group, Want: "a group of sites with bands: LV, HV, EHV (agreed capacity in kVA) or LV_NoMIC (kWh a year)", Err: tariffs.ErrSupply}
	case !quantity.IsPositive():
		return "", &tariffs.Error{Value: quantity.String(), Want: "a site's agreed capacity in kVA, or kWh a year, is above 0", Err: tariffs.ErrSupply}
	}
	for _, r := range t.rows {
		from, errF := r.day("from")
		to, errT := r.day("to")
		if errF != nil || errT != nil {
			return "", r.wrong(r.get("from"), "the days the bands hold")
		}
		if r.get("group") == group && from <= on && on < to {
			n, err := r.band(quantity)
			return bandName(group, n), err
		}
	}
	return "", &tariffs.Error{Value: on.String(), Want: "no table of residual charging bands is held for this day; state the band the distributor gave", Err: tariffs.ErrGap}
}

// band is the number of the first band whose bound the quantity does not pass.
func (r row) band(quantity decimal.Decimal) (int, error) {
	uppers := []string{"band1", "band2", "band3"}
	for i, column := range uppers {
		upper, err := tariffs.ParseFigure(r.get(column))
		if err != nil {
			return 0, r.wrong(r.get(column), "the upper bound of a band")
		}
		if quantity.LessThanOrEqual(upper) {
			return i + 1, nil
		}
	}
	return len(uppers) + 1, nil
}

// bandName is the band as the residual's tariffs name it.
func bandName(group string, n int) string {
	number := string(rune('0' + n))
	if strings.Contains(group, "_") {
		return group + "_" + number
	}
	return group + number
}
