package tariffs

import (
	"slices"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// block is how many half-hours are charged before the next item is: the
// prices of a block stay in the cache while every run is charged with them.
const block = 16384

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
	n, most := s.cal.span.Len(), s.extremes(vol)
	for lo := 0; lo < n; lo += block {
		for i := range s.columns {
			if c := &s.columns[i]; c.folds() {
				if err := c.fill(dst, vol, in, &most, lo, min(lo+block, n), s.cal.span); err != nil {
					return err
				}
			}
		}
	}
	return s.finish(dst, vol, nil, in, &most, sup)
}

// magnitudes bound each volume line of a frame.
type magnitudes [numVolumes]uint64

func (s *Schedule) extremes(vol *series.Frame) (m magnitudes) {
	for v := range m {
		if v := Volume(v); v < Reactive || s.needs[v] {
			m[v] = kernel.Magnitude(vol.Line(v).Values)
		}
	}
	return m
}

// ChargeCube is Charge for every run of a cube of volumes, into a cube of the
// same runs. in gives the inputs each run's volumes were made from.
func (s *Schedule) ChargeCube(dst, vol *series.Cube, in func(settlement.Run) Inputs, sup *Supply) error {
	if !slices.Equal(dst.Runs(), vol.Runs()) {
		panic(panicCharge)
	}
	var most [settlement.NumRanked]magnitudes
	for _, r := range vol.Runs() {
		s.check(dst.Frame(r), vol.Frame(r), sup)
		in(r).check(s.cal.span)
		dst.Frame(r).Writable()
		most[r] = s.extremes(vol.Frame(r))
	}
	n := s.cal.span.Len()
	for lo := 0; lo < n; lo += block {
		for i := range s.columns {
			c := &s.columns[i]
			if !c.folds() {
				continue
			}
			for _, r := range vol.Runs() {
				if err := c.fill(dst.Frame(r), vol.Frame(r), in(r), &most[r], lo, min(lo+block, n), s.cal.span); err != nil {
					return err
				}
			}
		}
	}
	var first *series.Frame // agreed capacity does not come by run: it is charged once and copied
	for _, r := range vol.Runs() {
		if err := s.finish(dst.Frame(r), vol.Frame(r), first, in(r), &most[r], sup); err != nil {
			return err
		}
		if first == nil {
			first = dst.Frame(r)
		}
	}
	return nil
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
// on the supply.
func (c *column) fill(dst, vol *series.Frame, in Inputs, most *magnitudes, lo, hi int, span settlement.Span) error {
	to := dst.Line(c.line).Values[lo:hi]
	switch {
	case c.perKVA != nil || c.perKW != nil:
		return nil // by demand: finish fills it
	case c.price == nil && c.standing == nil:
		clear(to) // a percentage: finish adds it
		return nil
	case c.price == nil:
		copy(to, c.standing[lo:hi])
		return nil
	case c.follow != nil:
		return c.fillFollowing(dst, vol, in, most[c.volume], lo, hi, span)
	}
	from, price := vol.Line(c.volume).Values[lo:hi], c.price[lo:hi]
	var standing []int64
	if c.standing != nil {
		standing = c.standing[lo:hi]
	}
	switch {
	case !kernel.Fits(most[c.volume], c.priceMag, c.standMag):
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
	return nil
}

// finish does what a block does not: the lines that VAT is read from, while
// they are in the cache; charges on demand, validity and marks, percentages; and
// VAT, which is allotted by the day. first is a frame of the same charges already
// finished, or nil.
func (s *Schedule) finish(dst, vol, first *series.Frame, in Inputs, most *magnitudes, sup *Supply) error {
	n := s.cal.span.Len()
	for i := range s.columns {
		c := &s.columns[i]
		to := dst.Line(c.line)
		if !c.folds() {
			if err := c.fill(dst, vol, in, most, 0, n, s.cal.span); err != nil {
				return err
			}
		}
		if err := s.fillDemand(dst, vol, first, c, in, sup); err != nil {
			return err
		}
		leads := s.schema.FirstLine(s.schema.SourceOf(c.line)) == c.line // the source's other lines share what is set here
		switch {
		case !leads || c.item == DUoSExcessCapacity || c.item == TNUoSLocational: // filled with their marks
		case c.follow != nil:
			c.hold(to, vol.Line(c.volume), in)
		case c.volume == NoVolume:
			kernel.SetRange(to.Valid, 0, n)
			clear(to.Marks)
		default:
			from := vol.Line(c.volume)
			copy(to.Valid, from.Valid)
			copy(to.Marks, from.Marks)
		}
		if c.volume != NoVolume && c.standing != nil {
			clearInvalid(to)
		}
	}
	for _, i := range s.shares {
		if err := s.fillShare(dst, &s.columns[i]); err != nil {
			return err
		}
	}
	return s.accrue(dst, vol, most)
}

// fillDemand charges an item that rests on capacity or demand.
func (s *Schedule) fillDemand(dst, vol, first *series.Frame, c *column, in Inputs, sup *Supply) error {
	to := dst.Line(c.line)
	switch {
	case c.perKW != nil:
		return s.fillTriads(to, c, vol, sup)
	case c.perKVA == nil:
		return nil
	case c.item == DUoSExcessCapacity:
		return s.fillExcess(to, c, in, sup)
	case first != nil:
		copy(to.Values, first.Line(c.line).Values)
		return nil
	}
	return s.capacity(to.Values, c, sup)
}

// capacity charges each day's agreed capacity.
func (s *Schedule) capacity(to []int64, c *column, sup *Supply) error {
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
		cells := to[s.cal.days[k]:s.cal.days[k+1]]
		clear(cells)
		addAllotted(cells, amount, 1)
	}
	return nil
}
