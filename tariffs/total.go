package tariffs

import (
	"slices"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
)

// Work is the room TotalByMonth works in. The zero value is ready; kept for one
// schedule after another meter it is used again and nothing is allocated. One
// goroutine uses it at a time.
type Work struct {
	charges *series.Frame // of what cannot be totalled without its cells
	energy  []series.Total
}

// band is the half-hours of one month with one price other than 0.
type band struct {
	month int
	price int64
	at    []piece
	n     int  // half-hours of them
	whole bool // they are all of the month
}

// piece is half-hours lo <= i < hi.
type piece struct{ lo, hi int32 }

// TotalByMonth fills dst with what the cells that Charge makes come to, by item
// and month, and with how many of them there are, without making most of them:
// an item at prices that hold for a while is the sum of its volume over each of
// them × the price. It is the same to the last digit, for what is allotted by day
// and for VAT, too; it fails where Charge does, and takes the same volumes and
// inputs.
//
// Items that follow a line of data, rest on demand or on other items, or have a
// price for each half-hour have their cells made in work, where the next meter's
// replace them. So have all where a cell could not be held in 64 bits.
func (s *Schedule) TotalByMonth(dst *series.Totals, work *Work, vol *series.Frame, in Inputs, sup *Supply) error {
	if work.charges == nil || work.charges.Schema() != s.schema || work.charges.Span() != s.cal.span {
		work.charges = series.NewFrame(nil, s.schema, s.cal.span)
		work.energy = make([]series.Total, numVolumes*(len(s.bounds)-1))
	}
	s.check(work.charges, vol, sup)
	in.check(s.cal.span)
	c := charging{dst: work.charges, vol: vol, in: in, sup: sup, most: s.extremes(vol, 0, s.cal.span.Len())}
	if !s.fits(&c.most) {
		if err := s.charge(&c); err != nil {
			return err
		}
		work.charges.TotalByMonth(dst)
		return nil
	}
	dst.Reset(s.schema, s.cal.span)
	c.totals = dst
	work.sum(s, vol)
	for i := range s.columns {
		if col := &s.columns[i]; col.sums {
			col.total(dst, work, vol, &c.most)
		}
	}
	if err := s.charge(&c); err != nil {
		return err
	}
	s.count(&c)
	return nil
}

// fits proves from the extremes that every cell that is not made could be held.
func (s *Schedule) fits(most *magnitudes) bool {
	for i := range s.columns {
		if c := &s.columns[i]; c.sums && c.volume != NoVolume && !kernel.Fits(most[c.volume], c.priceMag, c.standMag) {
			return false
		}
	}
	return true
}

// sum fills the energy of each month of the volumes that are charged at one
// price for all of it.
func (w *Work) sum(s *Schedule, vol *series.Frame) {
	months := len(w.energy) / numVolumes
	for v, summed := range s.summed {
		if !summed {
			continue
		}
		for m := range months {
			hi, lo := kernel.Sum(vol.Line(Volume(v)).Values[s.bounds[m]:s.bounds[m+1]])
			w.energy[v*months+m] = series.Total{Hi: hi, Lo: lo}
		}
	}
}

// total adds what a column's cells come to, as though it held every half-hour:
// without a volume its price adds nothing, and count takes away what is standing.
func (c *column) total(dst *series.Totals, w *Work, vol *series.Frame, most *magnitudes) {
	months := len(w.energy) / numVolumes
	for i := range c.bands {
		b := &c.bands[i]
		sum := w.energy[max(0, int(c.volume)*months+b.month)]
		if !b.whole {
			sum = b.energy(vol.Line(c.volume).Values, most[c.volume])
		}
		dst.Add(c.line, b.month, sum.Mul(b.price))
	}
	for m, sum := range c.monthly {
		dst.Add(c.line, m, sum)
	}
}

// energy is the sum of the volume over a band. most bounds each half-hour.
func (b *band) energy(from []int64, most uint64) (sum series.Total) {
	if kernel.Fits(most, uint64(b.n), 0) {
		var s int64
		for _, st := range b.at {
			for _, v := range from[st.lo:st.hi] {
				s += v
			}
		}
		return series.TotalOf(s)
	}
	for _, st := range b.at {
		hi, lo := kernel.Sum(from[st.lo:st.hi])
		sum = sum.Add(series.Total{Hi: hi, Lo: lo})
	}
	return sum
}

// count adds the half-hours that are held, and the cells that were made.
func (s *Schedule) count(c *charging) {
	for m := range len(s.bounds) - 1 {
		lo, hi := int(s.bounds[m]), int(s.bounds[m+1])
		for k := range s.schema.Sources() {
			c.totals.AddHeld(k, m, kernel.CountSet(c.dst.Source(k).Valid, lo, hi))
		}
		for i := range s.columns {
			col := &s.columns[i]
			switch to := c.dst.Line(col.line); {
			case !col.sums:
				c.totals.Add(col.line, m, to.Sum(lo, hi))
			case col.monthly != nil: // a standing charge is of the half-hours that are held
				for j := to.NextInvalid(lo, hi); j < hi; j = to.NextInvalid(j+1, hi) {
					c.totals.Add(col.line, m, series.TotalOf(-col.standing[j]))
				}
			}
		}
	}
}

// compileTotals lays out by month what is totalled without its cells: what is
// priced on a measured volume at prices that hold for a while, and by time. What
// a percentage is of has its cells made.
func (s *Schedule) compileTotals() error {
	s.months = make([]int32, 0, len(s.cal.days)-1)
	s.bounds, s.monthDay = append(s.bounds, 0), append(s.monthDay, 0)
	for _, part := range s.cal.span.Months() {
		for range part.EachDay() {
			s.months = append(s.months, int32(len(s.bounds)-1))
		}
		s.bounds = append(s.bounds, int32(part.Hi-s.cal.span.Lo))
		s.monthDay = append(s.monthDay, int32(len(s.months)))
	}
	shared := make([]bool, len(s.columns))
	for _, i := range s.shares {
		for _, f := range s.columns[i].share.figures {
			for _, l := range f.lines {
				shared[l] = true
			}
		}
	}
	for i := range s.columns {
		c := &s.columns[i]
		c.read = c.share != nil || shared[i]
		if c.sums = c.folds() && !shared[i] && (c.price == nil || c.levels != nil); c.sums {
			s.compileBands(c)
		}
	}
	return nil
}

// monthsDays are the days k <= d < end of month m of the span.
func (s *Schedule) monthsDays(m int) (k, end int) {
	k = int(s.monthDay[m])
	return k, int(s.monthDay[m+1])
}

func (s *Schedule) compileBands(c *column) {
	for m := range len(s.bounds) - 1 {
		lo, hi := s.bounds[m], s.bounds[m+1]
		first := len(c.bands)
		for _, l := range c.levels {
			a, b := max(lo, int32(l.lo)), min(hi, int32(l.hi))
			if a >= b || l.price == 0 {
				continue
			}
			i := first + slices.IndexFunc(c.bands[first:], func(b band) bool { return b.price == l.price })
			if i < first {
				i = len(c.bands)
				c.bands = append(c.bands, band{month: m, price: l.price})
			}
			of := &c.bands[i]
			of.at, of.n = append(of.at, piece{a, b}), of.n+int(b-a)
			if of.whole = of.n == int(hi-lo); of.whole {
				s.summed[c.volume] = true
			}
		}
		if c.standing != nil {
			h, w := kernel.Sum(c.standing[lo:hi])
			c.monthly = append(c.monthly, series.Total{Hi: h, Lo: w})
		}
	}
}
