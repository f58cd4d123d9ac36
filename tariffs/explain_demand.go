package tariffs

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// excessTicks is what the day has of its month's excess capacity.
func (e *explainer) excessTicks(a *Allotment, c *charge) (int64, error) {
	s := e.s
	first, last := s.monthAt(e.k)
	excess, err := s.monthExcess(e.in, e.sup, c.item, first, last)
	if err != nil {
		return 0, err
	}
	kva, _, _ := e.sup.capacityOn(e.day())
	e.add("agreed capacity", "%s kVA", decimal.New(kva, -kvaScale))
	e.highest(first, last)
	start, n := s.cal.day(first), last-first
	a.Quantity, a.Unit = decimal.New(excess, -demandScale), "kVA"
	a.From, a.To = start.Month().First(), start.Month().Next().First()
	a.Before, a.Per = s.excessDays(start.Month(), start, e.k-first, n)
	a.UpTo, _ = s.excessDays(start.Month(), start, e.k-first+1, n)
	rate := s.column(c).perKVA[e.k]
	upTo, _ := s.excessUpTo(excess, rate, start, e.k-first+1, n)
	before, _ := s.excessUpTo(excess, rate, start, e.k-first, n)
	return upTo - before, nil
}

// highest says which half-hour of days first <= k < last, which are of one
// month, passes the agreed capacity of its day by most, or comes nearest to it.
func (e *explainer) highest(first, last int) {
	s := e.s
	a, ri, re := e.in.Meter.Line(s.metered()), e.in.Meter.Line(series.RI), e.in.Meter.Line(series.RE)
	var square uint64 // the most under the capacity that entry states
	var unknown int64
	at, entry, most, power, agreed := -1, -1, int64(0), int64(0), int64(0)
	for k := first; k < last; k++ {
		kva, of, _ := e.sup.capacityOn(s.cal.day(k))
		if of != entry {
			square, unknown, entry = 0, 0, of
		}
		for i := int(s.cal.days[k]); i < int(s.cal.days[k+1]); i++ {
			v, r, demand := a.Values[i], max(ri.Values[i], re.Values[i]), int64(0)
			if v <= 0 {
				continue
			}
			if both := uint64(v*v) + uint64(r*r); r == 0 && !holds(ri, i) && !holds(re, i) {
				if v <= unknown {
					continue
				}
				unknown, demand = v, assumedKVA(v)
			} else {
				if both <= square {
					continue
				}
				square, demand = both, rootKVA(both)
			}
			if over := demand - kva*pow10(demandScale-kvaScale); at < 0 || over > most {
				at, most, power, agreed = i, over, demand, kva
			}
		}
	}
	days := fmt.Sprintf("%s to %s", s.cal.day(first), s.cal.day(last-1))
	if at < 0 {
		e.add("month's highest demand", "none: no half-hour of %s has active energy", days)
		return
	}
	p := s.cal.span.Lo + settlement.Period(at)
	over := decimal.New(most, -demandScale)
	e.add("month's highest demand", "%s kVA in %s, of the days %s", decimal.New(power, -demandScale), halfHour(p), days)
	held := fmt.Sprintf("%s, %s, %s", reading(e.in.Meter, s.metered(), at), reading(e.in.Meter, series.RI, at), reading(e.in.Meter, series.RE, at))
	if !holds(ri, at) && !holds(re, at) && max(ri.Values[at], re.Values[at]) == 0 {
		e.add("its readings", "%s: 2 × kWh ÷ 0.95, the power factor that is taken", held)
	} else {
		e.add("its readings", "%s: 2 × √(kWh² + the larger kVArh²)", held)
	}
	e.add("capacity of its day", "%s kVA", decimal.New(agreed, -kvaScale))
	if most > 0 {
		e.add("month's highest excess", "%s kVA", over)
	} else {
		e.add("month's highest excess", "0 kVA: the demand is %s kVA within the capacity", over.Neg())
	}
}

// reading is a line of the meter in one half-hour.
func reading(f *series.Frame, l series.Line, i int) string {
	def := f.Schema().Def(l)
	if !holds(f.Line(l), i) {
		return def.Name + " not held"
	}
	return fmt.Sprintf("%s %s %s", def.Name, decimal.New(f.Line(l).Values[i], -int32(def.Scale)), def.Unit)
}

// halfHour names a half-hour by number and by the clock.
func halfHour(p settlement.Period) string {
	return fmt.Sprintf("%s (%s)", p, clockSpan(settlement.Span{Lo: p, Hi: p + 1}))
}

// triadTicks is what the day has of its charging year's demand in the Triads.
func (e *explainer) triadTicks(a *Allotment, c *charge) int64 {
	day := e.day()
	var y *triadYear
	for i := range e.s.triads {
		if t := &e.s.triads[i]; t.from <= day && day < t.to {
			y = t
		}
	}
	sum, provisional := e.s.triadSum(y, e.vol, e.sup)
	if provisional {
		e.x.Conditions |= ProvisionalTriad
	}
	e.triadsOf(y)
	e.add("demand in the Triads together", "%s kW at the grid supply point", kilowatts(sum))
	e.add("days of the charging year", "%d", y.to-y.from)
	k := int64(day - y.from)
	a.From, a.To, a.Before, a.UpTo, a.Per, a.Unit = y.from, y.to, k, k+1, int64(y.to-y.from), "kW"
	a.Quantity = kilowatts(sum)
	if sum%3 == 0 {
		a.Quantity = kilowatts(sum / 3)
	} else {
		a.Per *= 3
	}
	rate := e.s.column(c).perKW[e.k]
	upTo, _ := triadUpTo(sum, rate, y, k+1)
	before, _ := triadUpTo(sum, rate, y, k)
	return upTo - before
}

// triadsOf says what each Triad of a year counts, and why.
func (e *explainer) triadsOf(y *triadYear) {
	if y.at == nil {
		e.add("Triads", "of the charging year from %s to %s are not published; the three highest demands that the supply states for it stand for them", y.from, y.to-1)
		var of []int
		for i, t := range e.sup.Triads {
			if d := t.At.Day(); y.from <= d && d < y.to {
				of = append(of, i)
			}
		}
		slices.SortStableFunc(of, func(i, j int) int { return cmp.Compare(e.sup.triadKW[j], e.sup.triadKW[i]) })
		for n, i := range of {
			counts := ""
			if n >= 3 {
				counts = "; it does not count"
			}
			e.add("Triad candidate", "%s: %s%s", halfHour(e.sup.Triads[i].At), e.stated(i), counts)
		}
		return
	}
	for _, p := range y.at {
		e.add("Triad", "%s: %s", halfHour(p), e.triad(p))
	}
}

func (e *explainer) stated(i int) string {
	t := &e.sup.Triads[i]
	return fmt.Sprintf("%s kW × LLF %s = %s kW, stated by the supply", t.KW, t.LLF, kilowatts(e.sup.triadKW[i]))
}

// triad is what a published Triad counts, as triadSum has it.
func (e *explainer) triad(p settlement.Period) string {
	for i := range e.sup.Triads {
		if e.sup.Triads[i].At == p {
			return e.stated(i)
		}
	}
	gsp, i := e.vol.Line(GSP), e.s.cal.span.Index(p)
	switch {
	case e.s.cal.span.Contains(p) && holds(gsp, i):
		return fmt.Sprintf("2 × %s kWh at the grid supply point = %s kW, held", kilowatts(gsp.Values[i]), kilowatts(2*gsp.Values[i]))
	case e.sup.Since == 0 || p.Day() >= e.sup.Since:
		return "neither stated by the supply nor held; it counts nothing yet"
	}
	return fmt.Sprintf("before the supply began on %s; it counts nothing", e.sup.Since)
}
