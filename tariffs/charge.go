package tariffs

import (
	"slices"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// block is how many days are charged before the next are: what a block reads and
// writes, some forty lines, stays in the second cache until VAT has read it.
const block = 64

const panicCharge = "tariffs: charge from Volumes to the schedule's own schema, both over the schedule's span, cubes of the same runs"

// Charge fills dst, a frame of the schedule's Schema, from the volumes Adjust
// made and the inputs it made them from. A cell is the exact product of volume
// and price, at the sum of their scales; what is charged by day, month or year
// is allotted to its half-hours. Outside its window a charge is a valid 0;
// without volume, or without the line its price follows, it is invalid. It
// allocates nothing.
//
// It fails with ErrOverflow, naming item and half-hour, when a cell cannot be
// held, and with ErrMissing when the supply has no agreed capacity on a day
// that is charged for it. dst is then not to be used.
func (s *Schedule) Charge(dst, vol *series.Frame, in Inputs, sup *Supply) error {
	s.check(dst, vol, sup)
	in.check(s.cal.span)
	dst.Writable()
	c := charging{dst: dst, vol: vol, in: in, sup: sup}
	return s.charge(&c)
}

// ChargeCube is Charge for every run of a cube of volumes, into a cube of the
// same runs. in gives the inputs each run's volumes were made from.
func (s *Schedule) ChargeCube(dst, vol *series.Cube, in func(settlement.Run) Inputs, sup *Supply) error {
	if !slices.Equal(dst.Runs(), vol.Runs()) {
		panic(panicCharge)
	}
	for _, r := range vol.Runs() {
		s.check(dst.Frame(r), vol.Frame(r), sup)
		in(r).check(s.cal.span)
		dst.Frame(r).Writable()
	}
	c := charging{sup: sup}
	for _, r := range vol.Runs() {
		c.dst, c.vol, c.in = dst.Frame(r), vol.Frame(r), in(r)
		if err := s.charge(&c); err != nil {
			return err
		}
		c.first = dst.Frame(vol.Runs()[0])
	}
	return nil
}

// charging is one call of Charge, or of ChargeCube for one run after another.
type charging struct {
	dst, vol *series.Frame
	in       Inputs
	sup      *Supply
	first    *series.Frame    // of the first run, once it is made: agreed capacity does not come by run and is copied
	reach    [NumItems]uint64 // bounds the cells of each column: of the half-hours that were charged last
	most     magnitudes       // bounds the volumes, of the same half-hours
	totals   *series.Totals   // where only totals are asked for, and what cannot be totalled without its cells is charged
}

func (s *Schedule) charge(c *charging) error {
	for i := range s.columns { // what rests on a month or a year
		col := &s.columns[i]
		if err := s.fillDemand(c, col, &c.reach[i]); err != nil {
			return err
		}
		if s.schema.FirstLine(s.schema.SourceOf(col.line)) == col.line { // the source's other lines share it
			c.mark(col)
		}
	}
	days := len(s.cal.days) - 1
	for k := 0; k < days; k += block {
		if err := s.chargeDays(c, k, min(k+block, days)); err != nil {
			return err
		}
	}
	return nil
}

// chargeDays charges days k <= d < end, but for what rests on demand.
func (s *Schedule) chargeDays(c *charging, k, end int) error {
	lo, hi := int(s.cal.days[k]), int(s.cal.days[end])
	if c.totals == nil {
		c.most = s.extremes(c.vol, lo, hi)
	}
	for i := range s.columns {
		if col := &s.columns[i]; c.totals == nil || !col.sums {
			if err := col.fill(c.dst, c.vol, c.in, &c.most, lo, hi, s.cal.span, &c.reach[i]); err != nil {
				return err
			}
		}
	}
	for _, i := range s.shares {
		if err := s.fillShare(c.dst, &s.columns[i], k, end, &c.reach[i]); err != nil {
			return err
		}
	}
	return s.accrue(c, k, end)
}

// magnitudes bound each volume line of a frame.
type magnitudes [numVolumes]uint64

// extremes bound the volumes of half-hours lo <= i < hi.
func (s *Schedule) extremes(vol *series.Frame, lo, hi int) (m magnitudes) {
	for v := range m {
		if v := Volume(v); v < Reactive || s.needs[v] {
			m[v] = kernel.Magnitude(vol.Line(v).Values[lo:hi])
		}
	}
	return m
}

func (s *Schedule) check(dst, vol *series.Frame, sup *Supply) {
	if dst.Schema() != s.schema || vol.Schema() != volumes || dst.Span() != s.cal.span || vol.Span() != s.cal.span {
		panic(panicCharge)
	}
	if sup != s.made && !sup.alike(s.cal.sup) {
		panic("tariffs: the supply is on other terms than the schedule was compiled for")
	}
}

// fill charges the half-hours lo <= i < hi of one item, but for what depends
// on the supply, and sets what bounds them.
func (c *column) fill(dst, vol *series.Frame, in Inputs, most *magnitudes, lo, hi int, span settlement.Span, reach *uint64) error {
	to := dst.Line(c.line).Values[lo:hi]
	switch {
	case c.perKVA != nil || c.perKW != nil:
		return nil // by demand: filled already
	case c.price == nil && c.standing == nil:
		clear(to) // a percentage: added once the lines it is of are there
		*reach = 0
		return nil
	case c.price == nil:
		copy(to, c.standing[lo:hi])
		*reach = c.standMag
		return nil
	case c.follow != nil:
		return c.fillFollowing(dst, vol, in, most[c.volume], lo, hi, span, reach)
	}
	var b bounded
	b.add(most[c.volume], c.priceMag)
	b.add(c.standMag, 1)
	*reach = uint64(b)
	return c.fillPriced(dst, vol, most[c.volume], lo, hi, span)
}

// fillPriced charges the half-hours lo <= i < hi of an item at its own prices.
// most bounds the volume.
func (c *column) fillPriced(dst, vol *series.Frame, most uint64, lo, hi int, span settlement.Span) error {
	to, from, price := dst.Line(c.line).Values[lo:hi], vol.Line(c.volume).Values[lo:hi], c.price[lo:hi]
	var standing []int64
	if c.standing != nil {
		standing = c.standing[lo:hi]
	}
	switch {
	case !kernel.Fits(most, c.priceMag, c.standMag):
		if i := kernel.MulAddChecked(to, from, price, standing); i < len(to) {
			return tooLarge(dst.Schema(), c.line, span, lo+i)
		}
	case standing != nil:
		kernel.MulAdd(to, from, price, standing)
	case c.levels != nil:
		for _, l := range c.levels {
			if a, b := max(l.lo, lo)-lo, min(l.hi, hi)-lo; a < b {
				kernel.Scale(to[a:b], from[a:b], l.price)
			}
		}
	default:
		kernel.Mul(to, from, price)
	}
	if standing != nil {
		clearInvalid(dst.Line(c.line), lo, hi)
	}
	return nil
}

// mark sets which half-hours a column holds, and their marks, where what it
// rests on says so: a percentage takes away from it, demand has its own. Totals
// need no marks.
func (c *charging) mark(col *column) {
	to, marks := c.dst.Line(col.line), c.totals == nil
	switch {
	case col.item == DUoSExcessCapacity || col.item == TNUoSLocational: // filled with their marks
	case col.volume == NoVolume:
		kernel.SetRange(to.Valid, 0, to.Len())
		if marks {
			clear(to.Marks)
		}
	default:
		from := c.vol.Line(col.volume)
		copy(to.Valid, from.Valid)
		if marks {
			copy(to.Marks, from.Marks)
		}
		if col.follow != nil {
			col.follow.hold(to, c.in, marks)
		}
	}
}

// fillDemand charges an item that rests on capacity or demand, and sets what
// bounds its cells.
func (s *Schedule) fillDemand(c *charging, col *column, reach *uint64) error {
	to := c.dst.Line(col.line)
	switch {
	case col.perKW != nil:
		return s.fillTriads(to, col, c.vol, c.sup, reach)
	case col.perKVA == nil:
		return nil
	case col.item == DUoSExcessCapacity:
		return s.fillExcess(to, col, c.in, c.sup, reach)
	case c.first != nil:
		copy(to.Values, c.first.Line(col.line).Values) // and the bound stays
		return nil
	}
	return s.capacity(to.Values, col, c.sup, reach)
}

// capacity charges each day's agreed capacity.
func (s *Schedule) capacity(to []int64, c *column, sup *Supply, reach *uint64) error {
	a := allotment{cal: s.cal, to: to}
	for k, rate := range c.perKVA {
		day := s.cal.day(k)
		kva, _, ok := sup.capacityOn(day)
		if !ok {
			return noCapacity(sup, c.item, day)
		}
		amount, ok := quantityUpTo(kva, rate, 1, 1)
		if !ok || magnitude(amount) > maxFigure {
			return tooLarge(s.schema, c.line, s.cal.span, int(s.cal.days[k]))
		}
		a.day(k, amount)
	}
	*reach = a.reach()
	return nil
}

// allotment writes amounts of days to their half-hours, one day after another.
type allotment struct {
	cal  *calendar
	to   []int64
	last int64  // the amount of the day before
	most uint64 // the largest of a day
}

// day sets the half-hours of day k to their parts of an amount in ticks. Most
// days have what the day before them has.
func (a *allotment) day(k int, ticks int64) {
	lo, hi := a.cal.days[k], a.cal.days[k+1]
	cells := a.to[lo:hi]
	if k > 0 && ticks == a.last && lo-a.cal.days[k-1] == hi-lo {
		copy(cells, a.to[a.cal.days[k-1]:lo])
		return
	}
	clear(cells)
	addAllotted(cells, ticks, 1)
	a.last, a.most = ticks, max(a.most, magnitude(ticks))
}

// reach bounds the half-hours of the days: of the 46 or more of a day, each has
// its part of the amount to the next tick.
func (a *allotment) reach() uint64 { return a.most/46 + 1 }
