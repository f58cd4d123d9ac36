package halfhour

import (
	"slices"
	"time"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// OtherMeter is a meter of which a source holds readings that nobody looked at.
type OtherMeter struct {
	MPAN     settlement.MPAN // zero of readings without one, and of all meters after series.MaxMeters
	Readings int
}

// others counts readings by meter and by when they were received: a view of an
// instant knows of none that came later.
type others struct {
	of   map[settlement.MPAN][]counted
	rest []counted // of meters beyond those told apart
}

// counted is how many readings were received together.
type counted struct {
	received time.Time // zero of what does not say
	readings int
}

func (o *others) add(mpan settlement.MPAN, received time.Time) {
	if _, ok := o.of[mpan]; !ok && len(o.of) == series.MaxMeters {
		o.rest = count(o.rest, received)
		return
	}
	if o.of == nil {
		o.of = map[settlement.MPAN][]counted{}
	}
	o.of[mpan] = count(o.of[mpan], received)
}

// count enters one reading.
func count(all []counted, received time.Time) []counted {
	if n := len(all); n == 0 || !all[n-1].received.Equal(received) {
		all = append(all, counted{received: received})
	}
	all[len(all)-1].readings++
	return all
}

// known is how many readings were received by an instant.
func known(all []counted, at time.Time) (n int) {
	for _, c := range all {
		if !c.received.After(at) {
			n += c.readings
		}
	}
	return n
}

// list is what is known at an instant, in order of MPAN; what is not told apart
// comes last.
func (o *others) list(at time.Time) []OtherMeter {
	var out []OtherMeter
	for mpan, all := range o.of {
		if n := known(all, at); n > 0 {
			out = append(out, OtherMeter{mpan, n})
		}
	}
	slices.SortFunc(out, func(a, b OtherMeter) int { return a.MPAN.Compare(b.MPAN) })
	if n := known(o.rest, at); n > 0 {
		out = append(out, OtherMeter{Readings: n})
	}
	return out
}
