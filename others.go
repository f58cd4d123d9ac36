package halfhour

import (
	"slices"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// OtherMeter is a meter of which a source holds readings that nobody looked at.
type OtherMeter struct {
	MPAN     settlement.MPAN // zero of readings without one, and of all meters after series.MaxMeters
	Readings int
}

// others counts readings by meter.
type others struct {
	of   map[settlement.MPAN]int
	rest int // of meters beyond those told apart
}

func (o *others) add(mpan settlement.MPAN) {
	if _, ok := o.of[mpan]; !ok && len(o.of) == series.MaxMeters {
		o.rest++
		return
	}
	if o.of == nil {
		o.of = map[settlement.MPAN]int{}
	}
	o.of[mpan]++
}

// list is in order of MPAN; what is not told apart comes last.
func (o *others) list() []OtherMeter {
	var out []OtherMeter
	for mpan, n := range o.of {
		out = append(out, OtherMeter{mpan, n})
	}
	slices.SortFunc(out, func(a, b OtherMeter) int { return a.MPAN.Compare(b.MPAN) })
	if o.rest > 0 {
		out = append(out, OtherMeter{Readings: o.rest})
	}
	return out
}
