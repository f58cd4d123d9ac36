package tariffs

import (
	"slices"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

const (
	// daysAtOnce is how many days are charged before the next are, line by line: a line
	// of them, its volume and VAT stay in the second cache together, and are long enough
	// to be read and written as streams.
	daysAtOnce = 400

	// cellsPast is how many cells a cube has from which on they are stored past the
	// caches: by the time all are made, little of them would still be in any.
	cellsPast = 2 << 20
)

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
// same runs. in gives the inputs each run's volumes were made from. It fails as Charge
// does, at the first run that does; dst is then not to be used.
func (s *Schedule) ChargeCube(dst, vol *series.Cube, in func(settlement.Run) Inputs, sup *Supply) error {
	if !slices.Equal(dst.Runs(), vol.Runs()) {
		panic(panicCharge)
	}
	for _, r := range vol.Runs() {
		s.check(dst.Frame(r), vol.Frame(r), sup)
	}
	return s.chargeEach(dst, func(r settlement.Run) (*series.Frame, Inputs, error) { return vol.Frame(r), in(r), nil }, sup)
}

// ChargeReadings is ChargeCube from the readings and loss factors themselves: the
// volumes of one run after the other are made in vol, as Adjust makes them, and
// charged while they are still in a cache. Those of the last run are left there. It
// fails as Adjust and Charge do, at the first run that does; dst is then not to be used.
func (s *Schedule) ChargeReadings(dst *series.Cube, vol *series.Frame, in func(settlement.Run) Inputs, sup *Supply) error {
	for _, r := range dst.Runs() {
		s.check(dst.Frame(r), vol, sup)
	}
	return s.chargeEach(dst, func(r settlement.Run) (*series.Frame, Inputs, error) {
		of := in(r)
		return vol, of, s.Adjust(vol, of)
	}, sup)
}

// chargeEach charges the runs of a cube from what of gives for each.
func (s *Schedule) chargeEach(dst *series.Cube, of func(settlement.Run) (*series.Frame, Inputs, error), sup *Supply) error {
	c := charging{sup: sup, past: len(dst.Runs())*s.schema.Len()*s.cal.span.Len() >= s.past}
	defer kernel.Fence()
	for _, run := range dst.Runs() {
		vol, in, err := of(run)
		if err != nil {
			return err
		}
		in.check(s.cal.span)
		c.dst, c.vol, c.in = dst.Frame(run), vol, in
		c.dst.Writable()
		if err := s.charge(&c); err != nil {
			return err
		}
	}
	return nil
}

// maxMonths is how many months a span of series.MaxPeriods can touch.
const maxMonths = 256

// charging is one call of Charge, or of ChargeCube for one run after another.
type charging struct {
	dst, vol *series.Frame
	in       Inputs
	sup      *Supply
	excess   [maxMonths]int64 // of each month, in kVA at demandScale
	reach    [NumItems]uint64 // bounds the cells of each column: of the half-hours that were charged last
	most     magnitudes       // bounds the volumes, of the same half-hours
	past     bool             // cells that nothing here reads are stored past the caches
	totals   *series.Totals   // where only totals are asked for, and what cannot be totalled without its cells is charged
}

func (s *Schedule) charge(c *charging) error {
	if err := s.begin(c); err != nil {
		return err
	}
	for k, days := 0, len(s.cal.days)-1; k < days; k += s.block {
		if err := s.chargeDays(c, k, min(k+s.block, days)); err != nil {
			return err
		}
	}
	return nil
}

// begin marks what is held, and finds what days have a part of: each month's excess.
func (s *Schedule) begin(c *charging) error {
	for i := range s.columns {
		col := &s.columns[i]
		switch {
		case col.item == DUoSExcessCapacity:
			if err := s.markExcess(c, col); err != nil {
				return err
			}
		case col.item == TNUoSLocational:
			s.markTriads(c, col)
		case s.schema.FirstLine(s.schema.SourceOf(col.line)) == col.line: // the source's other lines share it
			c.mark(col)
		}
	}
	vat := c.dst.Line(series.Line(s.schema.Len() - 1))
	kernel.SetRange(vat.Valid, 0, vat.Len())
	for k := range s.schema.Sources() - 1 {
		kernel.AndRange(vat.Valid, c.dst.Source(k).Valid, 0, vat.Len())
	}
	if c.totals == nil {
		clear(vat.Marks)
	}
	return nil
}

// chargeDays charges days k <= d < end.
func (s *Schedule) chargeDays(c *charging, k, end int) error {
	lo, hi := int(s.cal.days[k]), int(s.cal.days[end])
	if c.totals == nil {
		c.most = s.extremes(c.vol, lo, hi)
	}
	vat := c.dst.Line(series.Line(s.schema.Len() - 1)).Values[lo:hi]
	s.measure(vat, c.vol, lo)
	for i := range s.columns {
		col := &s.columns[i]
		if c.totals != nil && col.sums {
			continue
		}
		to := c.dst.Line(col.line).Values[lo:hi]
		if err := s.fill(to, vat, c, col, k, end, &c.reach[i]); err != nil {
			return err
		}
	}
	for _, i := range s.shares {
		col := &s.columns[i]
		if err := s.fillShare(c.dst, col, k, end, &c.reach[i]); err != nil {
			return err
		}
		col.accrue(vat, c.dst.Line(col.line).Values[lo:hi], c.reach[i])
	}
	return s.accrue(c, k, end)
}

// accrue adds cells of the column to what VAT is on, as far as 64 bits hold it.
func (c *column) accrue(vat, cells []int64, reach uint64) {
	if reach < kernel.Narrow {
		kernel.AddScaled32(vat, cells, c.unit)
	} else {
		kernel.AddScaled(vat, cells, c.unit)
	}
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

// fill charges days k <= d < end of one item into to, sets what bounds the cells, and
// adds those that VAT is on and measure did not. Of a percentage it sets what it is
// added to once the lines it is of are there.
func (s *Schedule) fill(to, vat []int64, c *charging, col *column, k, end int, reach *uint64) error {
	lo, hi := int(s.cal.days[k]), int(s.cal.days[end])
	if col.follow != nil {
		return col.fillFollowing(to, vat, c, lo, hi, s.cal.span, reach)
	}
	var err error
	switch {
	case col.item == DUoSExcessCapacity:
		err = s.fillExcess(to, c, col, k, end, reach)
	case col.perKVA != nil:
		err = s.fillCapacity(to, c, col, k, end, reach)
	case col.perKW != nil:
		err = s.fillTriads(to, c, col, k, end, reach)
	case col.price != nil:
		err = col.fillPriced(to, c, lo, hi, s.cal.span, reach)
	default:
		col.fillStanding(to, c, lo, hi, reach)
	}
	if err != nil || col.folds() || col.share != nil {
		return err
	}
	col.accrue(vat, to, *reach)
	return nil
}

// fillStanding charges the half-hours lo <= i < hi what does not rest on the meter,
// if anything.
func (c *column) fillStanding(to []int64, q *charging, lo, hi int, reach *uint64) {
	*reach = c.standMag
	switch {
	case c.standing == nil:
		clear(to)
	case q.past && !c.read:
		kernel.Stream(to, c.standing[lo:hi])
	default:
		copy(to, c.standing[lo:hi])
	}
}

// fillPriced charges the half-hours lo <= i < hi of an item at its own prices.
func (c *column) fillPriced(to []int64, q *charging, lo, hi int, span settlement.Span, reach *uint64) error {
	from, price, most := q.vol.Line(c.volume).Values[lo:hi], c.price[lo:hi], q.most[c.volume]
	var b bounded
	b.add(most, c.priceMag)
	b.add(c.standMag, 1)
	*reach = uint64(b)
	past := q.past && c.folds() && !c.read
	var standing []int64
	if c.standing != nil {
		standing = c.standing[lo:hi]
	}
	switch {
	case !kernel.Fits(most, c.priceMag, c.standMag):
		if i := kernel.MulAddChecked(to, from, price, standing); i < len(to) {
			return tooLarge(q.dst.Schema(), c.line, span, lo+i)
		}
	case standing != nil:
		kernel.MulAdd(to, from, price, standing)
	case c.long:
		for _, l := range c.levels {
			switch a, b := max(l.lo, lo)-lo, min(l.hi, hi)-lo; {
			case a >= b:
			case past:
				kernel.StreamScale(to[a:b], from[a:b], l.price)
			default:
				kernel.Scale(to[a:b], from[a:b], l.price)
			}
		}
	case past:
		kernel.StreamMul(to, from, price)
	default:
		kernel.Mul(to, from, price)
	}
	if standing != nil {
		clearInvalid(to, q.dst.Line(c.line), lo)
	}
	return nil
}

// mark sets which half-hours a column holds, and their marks, where what it
// rests on says so: a percentage takes away from it. Totals need no marks.
func (c *charging) mark(col *column) {
	to, marks := c.dst.Line(col.line), c.totals == nil
	if col.volume == NoVolume {
		kernel.SetRange(to.Valid, 0, to.Len())
		if marks {
			clear(to.Marks)
		}
		return
	}
	from := c.vol.Line(col.volume)
	copy(to.Valid, from.Valid)
	if marks {
		c.copyMarks(to.Marks, from.Marks)
	}
	if col.follow != nil {
		col.follow.hold(to, c.in, marks)
	}
}

func (c *charging) copyMarks(to, from []series.Mark) {
	if c.past {
		kernel.StreamBytes(to, from)
	} else {
		copy(to, from)
	}
}

// fillCapacity charges each of the days k <= d < end its agreed capacity.
func (s *Schedule) fillCapacity(to []int64, c *charging, col *column, k, end int, reach *uint64) error {
	a := allotment{cal: s.cal, to: to, first: k}
	for ; k < end; k++ {
		day := s.cal.day(k)
		kva, _, ok := c.sup.capacityOn(day)
		if !ok {
			return noCapacity(c.sup, col.item, day)
		}
		amount, ok := quantityUpTo(kva, col.perKVA[k], 1, 1)
		if !ok || magnitude(amount) > maxFigure {
			return tooLarge(s.schema, col.line, s.cal.span, int(s.cal.days[k]))
		}
		a.day(k, amount)
	}
	*reach = a.reach()
	return nil
}

// allotment writes amounts of days to their half-hours, one day after another.
type allotment struct {
	cal   *calendar
	to    []int64  // half-hours from the start of day first
	first int      // a day
	made  [2]parts // the last two that differ
	turn  int      // which of them is older
	most  uint64   // the largest amount of a day
}

// parts is an amount, and the half-hours of a day that have it.
type parts struct {
	amount int64
	cells  []int64
}

// day sets the half-hours of day k to their parts of an amount in ticks. Most days
// have what one of the days before them has: parts of a month differ by a tick.
func (a *allotment) day(k int, amount int64) {
	base := a.cal.days[a.first]
	cells := a.to[a.cal.days[k]-base : a.cal.days[k+1]-base]
	for i := range a.made {
		if m := &a.made[i]; m.amount == amount && len(m.cells) == len(cells) {
			copy(cells, m.cells)
			return
		}
	}
	clear(cells)
	addAllotted(cells, amount, 1)
	a.made[a.turn] = parts{amount, cells}
	a.turn ^= 1
	a.most = max(a.most, magnitude(amount))
}

// reach bounds the half-hours of the days: of the 46 or more of a day, each has
// its part of the amount to the next tick.
func (a *allotment) reach() uint64 { return a.most/46 + 1 }
