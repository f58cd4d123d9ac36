package sample

import (
	"time"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// streams of noise, so that one kind of change does not move with another: at
// most ten, for a run's own is ten times its number further on
const (
	shape = iota
	guess
	correct
	reactive
	losses
	balance
	windy
	reallocated
	levy
	forecast
)

// Meter yields active import and reactive import and export, line by line, run
// by run, in order of time.
func Meter(seed uint64, span settlement.Span, landed Landed) series.Readings {
	return each(MPAN(), span, landed, Runs(), []series.Line{series.AI, series.RI, series.RE}, func(l series.Line, r settlement.Run, at moment) (int64, series.Mark) {
		ai, mark := imported(seed, r, at)
		switch l {
		case series.RI:
			return ai * (360 + within(noise(seed, reactive, at.p), 60)) / 1000, mark
		case series.RE:
			if at.shift {
				return 0, mark
			}
			return ai / 50, mark
		}
		return ai, mark
	})
}

// imported is active import in Wh as a run knows it.
func imported(seed uint64, r settlement.Run, at moment) (int64, series.Mark) {
	actual := truth(seed, at)
	whole := at.day%122 == 17          // three days of a year
	late := whole && at.day/122%2 == 0 // and of those every other one is late for SF, too
	one := noise(seed, guess, at.p)%100 == 0
	switch {
	case (whole || one) && r == settlement.II, late && r == settlement.SF:
		return at.usual(), series.Estimated
	}
	for run := settlement.R1; run <= r; run++ { // a few half-hours in a thousand, each run
		if n := noise(seed, correct+10*int(run), at.p); n%400 == 0 {
			actual += within(n>>20, actual/200)
		}
	}
	return actual, 0
}

// truth is what the meter measured, before any correction.
func truth(seed uint64, at moment) int64 {
	u := at.usual()
	return u + within(noise(seed, shape, at.p), u/12)
}

// moment is a half-hour and what a site's day knows of it.
type moment struct {
	p     settlement.Period
	day   settlement.Day
	shift bool // a working day between 06:00 and 22:00
	cold  int64
	clock int
}

// usual is the site's ordinary consumption in Wh: a base load, two shifts, and
// some heating.
func (at moment) usual() int64 {
	u := int64(118_000) + at.cold*1_500
	if at.shift {
		u += 170_000 + at.cold*3_000
		if at.clock >= 8*60 && at.clock < 17*60 {
			u += 70_000
		}
	}
	return u
}

func momentOf(p settlement.Period, d settlement.Day, working bool, month time.Month) moment {
	clock := p.Clock()
	cold := int64(month) - 7
	if cold < 0 {
		cold = -cold
	}
	return moment{p, d, working && clock >= 6*60 && clock < 22*60, cold, clock}
}

// each yields the lines for every run that has landed. Untagged data is
// published ahead and always there.
func each(mpan settlement.MPAN, span settlement.Span, landed Landed, runs []settlement.Run, lines []series.Line, value func(series.Line, settlement.Run, moment) (int64, series.Mark)) series.Readings {
	return func(yield func(series.Reading, error) bool) {
		for _, l := range lines {
			for _, r := range runs {
				for d, part := range span.EachDay() {
					if r != settlement.Untagged && !landed(d, r) {
						continue
					}
					_, month, _ := d.Date()
					working := settlement.IsWorkingDay(d)
					for p := part.Lo; p < part.Hi; p++ {
						v, m := value(l, r, momentOf(p, d, working, month))
						if !yield(series.Reading{MPAN: mpan, Line: l, Run: r, Period: p, Value: v, Mark: m, Pos: series.Pos{Source: "sample"}}, nil) {
							return
						}
					}
				}
			}
		}
	}
}
