package tariffs

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Two items are charged on demand: excess capacity on the month's highest
// kVA, the locational transmission charge on the kW of the Triads.

// maxActive bounds readings whose squares are compared: two of them add up
// below 2^63.
const maxActive = 1 << 31

// squares refuses a frame with readings that cannot be squared.
func (s *Schedule) squares(in Inputs) error {
	for _, l := range []series.Line{s.metered(), series.RI, series.RE} {
		for i, v := range in.Meter.Line(l).Values {
			if magnitude(v) > maxActive {
				return tooLarge(series.Meter(), l, s.cal.span, i)
			}
		}
	}
	return nil
}

// monthExcess is the highest apparent power above the agreed capacity of its
// day, in kVA at demandScale, over the half-hours with active energy of days
// k <= d < end, which are of one month. It is 0 where nothing passes.
func (s *Schedule) monthExcess(in Inputs, sup *Supply, item Item, k, end int) (int64, error) {
	most := int64(0)
	for k < end {
		kva, entry, ok := sup.capacityOn(s.cal.day(k))
		if !ok {
			return 0, noCapacity(sup, item, s.cal.day(k))
		}
		to := k + 1
		for to < end {
			if _, e, _ := sup.capacityOn(s.cal.day(to)); e != entry {
				break
			}
			to++
		}
		square, active, proved := s.peak(in.Meter, int(s.cal.days[k]), int(s.cal.days[to]))
		if !proved {
			if err := s.squares(in); err != nil {
				return 0, err
			}
		}
		most = max(most, max(rootKVA(square), assumedKVA(active))-kva*pow10(demandScale-kvaScale))
		k = to
	}
	return most, nil
}

// peak is the highest sum of squares of active and reactive energy over half-
// hours lo <= i < hi, and the highest active energy of those of which no
// reactive energy is held. proved says that no square passes what a cell holds.
func (s *Schedule) peak(meter *series.Frame, lo, hi int) (square uint64, unknown int64, proved bool) {
	a, ri, re := meter.Line(s.metered()), meter.Line(series.RI), meter.Line(series.RE)
	active, imports, exports := a.Values[lo:hi], ri.Values[lo:hi], re.Values[lo:hi]
	square, most, lacks := kernel.Peak(active, imports, exports)
	if proved = most <= maxActive; proved && !lacks {
		return square, 0, true
	}
	square = 0
	imports, exports = imports[:len(active)], exports[:len(active)]
	for i, v := range active {
		if v <= 0 {
			continue
		}
		r := max(imports[i], exports[i])
		if r == 0 && !holds(ri, lo+i) && !holds(re, lo+i) {
			unknown = max(unknown, v)
			continue
		}
		square = max(square, uint64(v*v)+uint64(r*r))
	}
	return square, unknown, proved
}

func holds(c series.Column, i int) bool { return c.Valid[i>>6]>>(uint(i)&63)&1 != 0 }

func noCapacity(sup *Supply, item Item, day settlement.Day) error {
	return &Error{Pos: sup.Pos, Item: item.String(), Value: day.String(),
		Want: "the supply states no agreed capacity for this day; add one from it or earlier", Err: ErrMissing}
}

// excessDays is how many days a month's excess is charged for up to its day
// number k (from 0) of which the schedule's span has n, of how many parts.
func (s *Schedule) excessDays(month settlement.Month, from settlement.Day, k, n int) (days, parts int64) {
	if s.conventions.ExcessMonth {
		return int64(month.Days()) * int64(k), int64(n)
	}
	return int64(from-month.First()) + int64(k), 1
}

// excessUpTo is what a month's excess comes to in ticks up to its day number k
// of those in the span, of which there are n and the first is from.
func (s *Schedule) excessUpTo(excess, rate int64, from settlement.Day, k, n int) (int64, bool) {
	days, parts := s.excessDays(from.Month(), from, k, n)
	return quantityUpTo(excess, rate, days, parts*pow10(demandScale+kvaPriceScale-tickScale))
}

// monthAt is the days of the span, k <= d < end, that are of the month of day at.
func (s *Schedule) monthAt(at int) (k, end int) {
	return s.monthsDays(int(s.months[at]))
}

// markExcess finds each month's excess, and marks what is held of the line: a month
// with a gap may have had its peak in it.
func (s *Schedule) markExcess(c *charging, col *column) error {
	to := c.dst.Line(col.line)
	clear(to.Valid)
	active, ri, re := c.in.Meter.Line(s.metered()), c.in.Meter.Line(series.RI), c.in.Meter.Line(series.RE)
	for m := range len(s.bounds) - 1 {
		k, end := s.monthsDays(m)
		excess, err := s.monthExcess(c.in, c.sup, col.item, k, end)
		if err != nil {
			return err
		}
		c.excess[m] = max(excess, 0)
		lo, hi := int(s.bounds[m]), int(s.bounds[m+1])
		held := active.CountValid(lo, hi) == hi-lo
		if held {
			kernel.SetRange(to.Valid, lo, hi)
		}
		switch marks := to.Marks[lo:hi]; {
		case c.totals != nil:
		case held:
			c.copyMarks(marks, active.Marks[lo:hi])
			flag(marks, ri.Marks[lo:hi])
			flag(marks, re.Marks[lo:hi])
		default:
			clear(marks)
		}
	}
	return nil
}

// fillExcess charges days k <= d < end their parts of their months' excess.
func (s *Schedule) fillExcess(to []int64, c *charging, col *column, k, end int, reach *uint64) error {
	a := allotment{cal: s.cal, to: to, first: k}
	for j, upTo := k, int64(0); j < end; j++ {
		from, next := s.monthsDays(int(s.months[j]))
		excess, rate := c.excess[s.months[j]], col.perKVA[j]
		if excess == 0 {
			a.day(j, 0)
			continue
		}
		before, okU, okB := upTo, true, true
		if j == k || j == from || rate != col.perKVA[j-1] {
			before, okB = s.excessUpTo(excess, rate, s.cal.day(from), j-from, next-from)
		}
		upTo, okU = s.excessUpTo(excess, rate, s.cal.day(from), j-from+1, next-from)
		if !okU || !okB {
			return tooLarge(s.schema, col.line, s.cal.span, int(s.cal.days[j]))
		}
		a.day(j, upTo-before)
	}
	clearInvalid(to, c.dst.Line(col.line), int(s.cal.days[k]))
	*reach = a.reach()
	return nil
}

// triadYear is a charging year's Triads, as far as they are published.
type triadYear struct {
	from, to  settlement.Day
	at        []settlement.Period
	condition Condition
}

// compileTriads gathers the Triads of the charging years of the span.
func (s *Schedule) compileTriads(t *Tariff) error {
	for day := s.cal.span.From(); day < s.cal.span.To(); {
		from, to := day.ChargingYear()
		y := triadYear{from: from, to: to}
		for _, of := range t.Triads {
			if first, _ := of.Year.ChargingYear(); first != from {
				continue
			}
			if y.at != nil {
				if err := s.found(&Error{Pos: of.Pos, Item: TNUoSLocational.String(), Value: of.Year.String(), Want: "the Triads of this charging year are stated twice", Err: ErrOverlap}); err != nil {
					return err
				}
			}
			if of.Status == Unconfirmed && !s.conventions.Unconfirmed {
				if err := s.found(unconfirmed(of.Pos, TNUoSLocational.String(), from.String(), of.Source)); err != nil {
					return err
				}
			}
			for _, p := range of.At {
				if p.Day() >= from && p.Day() < to {
					continue
				}
				if err := s.found(&Error{Pos: of.Pos, Item: TNUoSLocational.String(), Value: p.String(), Want: fmt.Sprintf("a Triad of the charging year from %s lies in it", from), Err: ErrTariff}); err != nil {
					return err
				}
			}
			y.at, y.condition = of.At[:], of.Status.condition()
		}
		s.triads = append(s.triads, y)
		day = to
	}
	return nil
}

// triadSum is the demand of a year's three Triads together, in kW at the grid
// supply point at 6 decimals, and whether it is not final: the Triads are not
// published, or the demand of one is neither stated nor held. Such a Triad
// counts nothing, and the bill says so; one before the supply began counts
// nothing and is final. Until the Triads are published, the three highest of
// the demands a supply states for the year stand for them.
func (s *Schedule) triadSum(y *triadYear, vol *series.Frame, sup *Supply) (sum int64, provisional bool) {
	if y.at == nil {
		var most [3]int64
		for i, t := range sup.Triads {
			if d := t.At.Day(); d < y.from || y.to <= d {
				continue
			}
			for k, kw := 0, sup.triadKW[i]; k < len(most); k++ {
				if kw > most[k] {
					most[k], kw = kw, most[k]
				}
			}
		}
		return most[0] + most[1] + most[2], true
	}
	gsp := vol.Line(GSP)
next:
	for _, p := range y.at {
		for i, t := range sup.Triads {
			if t.At == p {
				sum += sup.triadKW[i]
				continue next
			}
		}
		switch {
		case s.cal.span.Contains(p) && holds(gsp, s.cal.span.Index(p)):
			sum += 2 * gsp.Values[s.cal.span.Index(p)]
		case sup.Since == 0 || p.Day() >= sup.Since:
			provisional = true
		}
	}
	return sum, provisional
}

// triadUpTo is what a year's Triads come to in ticks by the end of its day
// number k.
func triadUpTo(sum, rate int64, y *triadYear, k int64) (int64, bool) {
	// kW and £/kW have 6 decimals each; three Triads make a mean.
	return quantityUpTo(sum, rate, k, 3*int64(y.to-y.from)*pow10(2*kwScale-tickScale))
}

// fillTriads charges days k <= d < end their parts of their years' Triads: every day
// of the span is of one of the years.
func (s *Schedule) fillTriads(to []int64, c *charging, col *column, k, end int, reach *uint64) error {
	a := allotment{cal: s.cal, to: to, first: k}
	for i := range s.triads {
		y := &s.triads[i]
		from, next := max(k, int(y.from-s.cal.from)), min(end, int(y.to-s.cal.from))
		if from >= next {
			continue
		}
		sum, _ := s.triadSum(y, c.vol, c.sup)
		for j, upTo := from, int64(0); j < next; j++ {
			rate, day := col.perKW[j], int64(s.cal.day(j)-y.from)
			before, okU, okB := upTo, true, true
			if j == from || rate != col.perKW[j-1] {
				before, okB = triadUpTo(sum, rate, y, day)
			}
			upTo, okU = triadUpTo(sum, rate, y, day+1)
			if !okU || !okB || magnitude(sum) > maxFigure {
				return tooLarge(s.schema, col.line, s.cal.span, int(s.cal.days[j]))
			}
			a.day(j, upTo-before)
		}
	}
	*reach = a.reach()
	return nil
}

// markTriads holds every half-hour of the line, with the flags of what its year's
// demand is from.
func (s *Schedule) markTriads(c *charging, col *column) {
	to := c.dst.Line(col.line)
	kernel.SetRange(to.Valid, 0, to.Len())
	if c.totals != nil {
		return
	}
	clear(to.Marks)
	for i := range s.triads {
		y := &s.triads[i]
		lo, hi := max(y.from, s.cal.from)-s.cal.from, min(y.to, s.cal.span.To())-s.cal.from
		if flags := s.triadFlags(y, c.vol, c.sup); flags != 0 {
			marks := to.Marks[s.cal.days[lo]:s.cal.days[hi]]
			for k := range marks {
				marks[k] = flags
			}
		}
	}
}

// triadFlags are those of the held half-hours that a year's demand is from.
func (s *Schedule) triadFlags(y *triadYear, vol *series.Frame, sup *Supply) (flags series.Mark) {
	gsp := vol.Line(GSP)
	for _, p := range y.at {
		stated := slices.ContainsFunc(sup.Triads, func(t TriadDemand) bool { return t.At == p })
		if !stated && s.cal.span.Contains(p) && holds(gsp, s.cal.span.Index(p)) {
			flags |= gsp.Marks[s.cal.span.Index(p)] & series.Flags
		}
	}
	return flags
}

const kwScale = 6 // decimals of kW at the grid supply point, and of £/kW

// inKW are the demands a supply states, at kwScale at the grid supply point.
func inKW(triads []TriadDemand) []int64 {
	out := make([]int64, len(triads))
	for i, t := range triads {
		out[i], _ = scaled(t.KW.Mul(t.LLF), kwScale)
	}
	return out
}

// kilowatts is a demand as a decimal.
func kilowatts(v int64) decimal.Decimal { return decimal.New(v, -kwScale) }
