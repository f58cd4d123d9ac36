package tariffs

import (
	"math/bits"
	"slices"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// block is how many half-hours are charged before the next item is: the
// prices of a block stay in the cache while every run is charged with them.
const block = 16384

const panicCharge = "tariffs: charge from Volumes to the schedule's own schema, both over the schedule's span, cubes of the same runs"

// Charge fills dst, a frame of the schedule's Schema, from loss-adjusted
// volumes. A cell is the exact product of volume and price, at the sum of
// their scales; what is charged by day, month or year is allotted to its
// half-hours. Outside its window a charge is a valid 0; without volume it is
// invalid. It allocates nothing.
//
// It fails with ErrOverflow, naming item and half-hour, when a cell cannot be
// held, and with ErrMissing when the supply has no agreed capacity on a day
// that is charged for it. dst is then not to be used.
func (s *Schedule) Charge(dst, vol *series.Frame, sup *Supply) error {
	s.check(dst, vol)
	dst.Writable()
	n, most := s.cal.span.Len(), extremes(vol)
	for lo := 0; lo < n; lo += block {
		for i := range s.columns {
			if err := s.columns[i].fill(dst, vol, &most, lo, min(lo+block, n), s.cal.span); err != nil {
				return err
			}
		}
	}
	return s.finish(dst, vol, nil, &most, sup)
}

// magnitudes bound each volume line of a frame.
type magnitudes [5]uint64

func extremes(vol *series.Frame) (m magnitudes) {
	for v := range m {
		m[v] = kernel.Magnitude(vol.Line(Volume(v)).Values)
	}
	return m
}

// ChargeCube is Charge for every run of a cube of volumes, into a cube of the
// same runs.
func (s *Schedule) ChargeCube(dst, vol *series.Cube, sup *Supply) error {
	if !slices.Equal(dst.Runs(), vol.Runs()) {
		panic(panicCharge)
	}
	for _, r := range vol.Runs() {
		s.check(dst.Frame(r), vol.Frame(r))
		dst.Frame(r).Writable()
	}
	n := s.cal.span.Len()
	var most [settlement.NumRanked]magnitudes
	for _, r := range vol.Runs() {
		most[r] = extremes(vol.Frame(r))
	}
	for lo := 0; lo < n; lo += block {
		for i := range s.columns {
			for _, r := range vol.Runs() {
				if err := s.columns[i].fill(dst.Frame(r), vol.Frame(r), &most[r], lo, min(lo+block, n), s.cal.span); err != nil {
					return err
				}
			}
		}
	}
	var first *series.Frame // capacity does not come by run: it is charged once and copied
	for _, r := range vol.Runs() {
		if err := s.finish(dst.Frame(r), vol.Frame(r), first, &most[r], sup); err != nil {
			return err
		}
		if first == nil {
			first = dst.Frame(r)
		}
	}
	return nil
}

func (s *Schedule) check(dst, vol *series.Frame) {
	if dst.Schema() != s.schema || vol.Schema() != volumes || dst.Span() != s.cal.span || vol.Span() != s.cal.span {
		panic(panicCharge)
	}
}

// fill charges the half-hours lo <= i < hi of one item, but for what depends
// on the supply.
func (c *column) fill(dst, vol *series.Frame, most *magnitudes, lo, hi int, span settlement.Span) error {
	to := dst.Line(c.line).Values[lo:hi]
	switch {
	case c.price == nil && c.standing == nil:
		return nil // by kVA: finish fills it
	case c.price == nil:
		copy(to, c.standing[lo:hi])
		return nil
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

// finish does what a block cannot: charges by capacity, validity and marks,
// and VAT, which is allotted by the day. first is a frame of the same charges
// already finished, or nil.
func (s *Schedule) finish(dst, vol, first *series.Frame, most *magnitudes, sup *Supply) error {
	n := s.cal.span.Len()
	for i := range s.columns {
		c := &s.columns[i]
		to := dst.Line(c.line)
		switch {
		case c.perKVA != nil && first != nil:
			copy(to.Values, first.Line(c.line).Values)
		case c.perKVA != nil:
			if err := s.capacity(to.Values, c, sup); err != nil {
				return err
			}
		}
		switch leads := s.schema.FirstLine(s.schema.SourceOf(c.line)) == c.line; {
		case leads && c.volume == NoVolume: // the source's other lines share what is set here
			kernel.SetRange(to.Valid, 0, n)
			clear(to.Marks)
		case leads:
			from := vol.Line(c.volume)
			copy(to.Valid, from.Valid)
			copy(to.Marks, from.Marks)
		}
		if c.volume != NoVolume && c.standing != nil {
			clearInvalid(to)
		}
	}
	return s.accrue(dst, vol, most)
}

// capacity charges each day's agreed capacity.
func (s *Schedule) capacity(to []int64, c *column, sup *Supply) error {
	for k, rate := range c.perKVA {
		day := s.cal.day(k)
		kva, _, ok := sup.capacityOn(day)
		if !ok {
			return &Error{Pos: sup.Pos, Item: c.item.String(), Value: day.String(),
				Want: "the supply states no agreed capacity for this day; add one from it or earlier", Err: ErrMissing}
		}
		hi, ticks := bits.Mul64(uint64(kva), magnitude(rate))
		if hi != 0 || ticks > maxFigure {
			return tooLarge(s.schema, c.line, s.cal.span, int(s.cal.days[k]))
		}
		amount := int64(ticks)
		if rate < 0 {
			amount = -amount
		}
		cells := to[s.cal.days[k]:s.cal.days[k+1]]
		clear(cells)
		addAllotted(cells, amount, 1)
	}
	return nil
}
