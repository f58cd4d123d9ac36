package tariffs

import (
	"errors"
	"fmt"
	"math/bits"
	"strings"
	"time"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Check finds every mistake that Compile would meet over a span for a supply,
// in the order it would meet them. One that lasts is one error, which names its
// first and last day and, where it is of some half-hours, their clock times and
// the days of the week. There are none exactly when Compile succeeds. After
// series.MaxErrors the work ends and the last is series.TooMany.
//
// A mistake hides those that only follow from it: where a rate is refused for
// its window or unit, the half-hours that it leaves are not errors too.
func (t *Tariff) Check(span settlement.Span, sup *Supply) []error {
	p := &problems{}
	_, err := t.compile(span, sup, false, p)
	_ = p.found(err) // noted
	return p.tell()
}

// problems takes in what is wrong with a tariff while it is compiled, so that
// Compile and Check have one set of rules. For Compile it is nil: each method
// returns the problem, which ends the work. For Check it notes the problem and
// returns nil, and the work goes on as well as it can.
type problems struct {
	all   []*problem
	today []*problem // of the half-hours of a day, until it ends
	since int        // the problems from here on may go on
	more  bool       // than series.MaxErrors
}

// errEnough ends the work of a Check.
var errEnough = errors.New("too many problems")

// problem is a mistake and the time it lasts, where it has one.
type problem struct {
	Error                // without Want where before and after are given
	before, after string // Want is these, and between them the time
	first, last   settlement.Day
	days          int
	weekdays      uint8  // bit d for time.Weekday d
	clocks        uint64 // bit n for the half-hour of the clock from n × 30 minutes; 0 for whole days
	open          bool   // how long it lasts was not looked at
}

// begin is for each pass over the days of the span: what was found before is
// over.
func (p *problems) begin() {
	if p != nil {
		p.since = len(p.all)
	}
}

// found takes in a mistake without a time, once.
func (p *problems) found(err error) error {
	if p == nil || err == nil {
		return err
	}
	if p.more {
		return errEnough
	}
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Want: err.Error(), Err: ErrTariff}
	}
	for _, f := range p.all {
		if f.Error == *e {
			return nil
		}
	}
	p.begin()
	return p.note(&problem{Error: *e})
}

// note adds a problem that is not there.
func (p *problems) note(f *problem) error {
	if len(p.all) < series.MaxErrors {
		p.all = append(p.all, f)
		return nil
	}
	p.more = true
	for _, g := range p.all[p.since:] {
		g.open = true
	}
	return errEnough
}

// onDay takes in a mistake of a whole day: e, of which Want is before, the time
// and after. It is one with that of the day before.
func (p *problems) onDay(d settlement.Day, e Error, before, after string) error {
	e.Value = d.String()
	f := &problem{Error: e, before: before, after: after, first: d, last: d, days: 1}
	if p == nil {
		return f.tell()
	}
	for _, g := range p.all {
		if g.clocks == 0 && g.like(f) && d-g.last <= 1 {
			g.add(d)
			return nil
		}
	}
	return p.note(f)
}

// at takes in a mistake of a half-hour. The day's are put together by endDay.
func (p *problems) at(at settlement.Period, e Error, before, after string) error {
	d := at.Day()
	e.Value = at.String()
	f := &problem{Error: e, before: before, after: after, first: d, last: d, days: 1, weekdays: 1 << d.Weekday(), clocks: clockBit(at)}
	if p == nil {
		return f.tell()
	}
	for _, g := range p.today {
		if g.like(f) {
			g.clocks |= f.clocks
			return nil
		}
	}
	if len(p.today) == series.MaxErrors {
		return errors.Join(p.endDay(d), p.note(f))
	}
	p.today = append(p.today, f)
	return nil
}

// endDay joins a day's mistakes to those at the same clock times of days before.
func (p *problems) endDay(d settlement.Day) error {
	if p == nil || len(p.today) == 0 {
		return nil
	}
	var there uint64 // the times there are: the short day leaves some out
	for at := range settlement.Period(d.Len()) {
		there |= clockBit(d.First() + at)
	}
next:
	for _, f := range p.today {
		for _, g := range p.all {
			if g.clocks != 0 && g.like(f) && (g.clocks^f.clocks)&there == 0 {
				g.add(d)
				continue next
			}
		}
		if err := p.note(f); err != nil {
			return err
		}
	}
	p.today = p.today[:0]
	return nil
}

func clockBit(at settlement.Period) uint64 { return 1 << (at.Clock() / 30) }

// like reports whether two problems are one but for their time. What follows
// the time may name the day it began.
func (f *problem) like(g *problem) bool {
	return f.Pos == g.Pos && f.Item == g.Item && f.Err == g.Err && f.before == g.before
}

func (f *problem) add(d settlement.Day) {
	if d != f.last {
		f.last = d
		f.days++
	}
	f.weekdays |= 1 << d.Weekday()
}

func (p *problems) tell() []error {
	var out []error
	for _, f := range p.all {
		out = append(out, f.tell())
	}
	if p.more {
		out = append(out, series.TooMany(series.Pos{Source: p.all[0].Pos.Source}))
	}
	return out
}

func (f *problem) tell() error {
	e := f.Error
	if f.days > 0 {
		e.Want = f.before + f.time() + f.after
	}
	return &e
}

// time is when the problem is, in words. A problem's Value is the beginning.
func (f *problem) time() string {
	days := fmt.Sprintf("from %s to %s", f.first, f.last)
	switch of := int(f.last - f.first + 1); {
	case f.open:
		days = "from " + f.first.String() + " on"
	case f.first == f.last:
		days = "on this day"
	case of > f.days && of > 7 && f.weekly():
		days = "on " + weekdaysText(f.weekdays) + " " + days
	case of > f.days:
		days = fmt.Sprintf("on %d of the days %s", f.days, days)
	}
	switch {
	case f.clocks == 0:
		return days
	case f.first == f.last && !f.open && bits.OnesCount64(f.clocks) == 1:
		return "this half-hour (" + clockText(bits.TrailingZeros64(f.clocks)*30) + ")"
	}
	return clocksText(f.clocks) + " " + days
}

// weekly reports whether the problem is on all days of its time that are of its
// days of the week.
func (f *problem) weekly() bool {
	n := 0
	for d := f.first; d <= f.last; d++ {
		n += int(f.weekdays >> d.Weekday() & 1)
	}
	return n == f.days
}

// weekdaysText is days of the week as a window's clause writes them.
func weekdaysText(set uint8) string {
	const working = 1<<time.Monday | 1<<time.Tuesday | 1<<time.Wednesday | 1<<time.Thursday | 1<<time.Friday
	if set == working {
		return "mon-fri"
	}
	var names []string
	for k := range 7 { // Monday first
		if wd := (k + 1) % 7; set>>wd&1 == 1 {
			names = append(names, dayNames[wd])
		}
	}
	return strings.Join(names, ",")
}

// clocksText is a set of half-hours of the clock as stretches.
func clocksText(set uint64) string {
	var out []string
	for set != 0 {
		lo := bits.TrailingZeros64(set)
		n := bits.TrailingZeros64(^(set >> lo))
		set &^= (1<<n - 1) << lo
		out = append(out, clockText(lo*30)+"-"+clockText((lo+n)*30))
	}
	return strings.Join(out, " ")
}
