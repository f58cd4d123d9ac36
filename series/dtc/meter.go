package dtc

import (
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// meter is the group that days belong to.
type meter struct {
	state state
	at    int // line
	mpan  settlement.MPAN
	line  series.Line
}

// readMeter begins a meter.
func (r *reader) readMeter() bool {
	if !r.endMeter() {
		return false
	}
	m := &r.meter
	m.state, m.at = refused, r.lines.n
	if !r.rec.has(4) {
		return r.failFields(4, r.flow.meter+"|MPAN|Quantity|Supplier|")
	}
	mpan, err := settlement.ParseMPAN(string(r.rec.field(1)))
	if err != nil {
		return r.failSettlement(1, err, "")
	}
	line, ok := series.Meter().Lookup(string(r.rec.field(2)))
	if !ok {
		return r.failField(2, "a measurement quantity: AI, AE, RI or RE", series.ErrValue)
	}
	m.mpan, m.line, m.state = mpan, line, open
	return true
}

// endMeter ends the meter at hand, if there is one, and its last day.
func (r *reader) endMeter() bool {
	empty := r.meter.state == open && r.day.state == absent
	if !r.endDay() {
		return false
	}
	r.meter.state = absent
	return !empty || r.fail(r.meter.at, 0, nil, "at least one "+r.flow.day+" group: the meter has no day", series.ErrFormat)
}
