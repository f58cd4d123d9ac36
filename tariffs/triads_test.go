package tariffs

import (
	"errors"
	"strings"
	"testing"

	"github.com/halfhour/halfhour/settlement"
)

// TestTriadsApart: ten clear days lie between two Triads, as between 25 November
// and 6 December 2013, which were.
func TestTriadsApart(t *testing.T) {
	half := func(s string) settlement.Period { return day(t, s).First() + 34 }
	for _, c := range []struct {
		at [3]string
		ok bool
	}{
		{[3]string{"2025-11-25", "2025-12-06", "2026-01-30"}, true},
		{[3]string{"2025-11-25", "2025-12-05", "2026-01-30"}, false},
		{[3]string{"2026-01-30", "2025-11-25", "2026-01-20"}, false},
		{[3]string{"2025-11-25", "2025-11-25", "2026-01-20"}, false},
	} {
		y := Triads{Year: day(t, "2025-04-01"), Status: Confirmed}
		for i, s := range c.at {
			y.At[i] = half(s)
		}
		tariff := &Tariff{Rates: []Rate{rate(t, VAT, "20 %"), rate(t, TNUoSLocational, "3 GBP/kW")}, Triads: []Triads{y}}
		err := compileError(tariff, t, "2026-03-01", "2026-03-02", "101")
		if c.ok && err != nil || !c.ok && (!errors.Is(err, ErrTariff) || !strings.Contains(err.Error(), "10 clear days")) {
			t.Errorf("%v: %v", c.at, err)
		}
		if err := compileError(tariff, t, "2026-05-01", "2026-05-02", "101"); err != nil {
			t.Errorf("%v, another year: %v", c.at, err)
		}
	}
}
