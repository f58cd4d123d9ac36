package tariffs

import (
	"math/bits"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Volume is the energy an item is charged on: a line of the Volumes schema.
type Volume = series.Line

// The volume lines. MSP is metered; GSP and NBP are the same energy measured
// further up, where more of it has to enter to make good the losses.
const (
	MSP                Volume = iota // metered: at the metering system point, kWh at 3 decimals
	GSP                              // MSP × LLF: at the grid supply point, exact at 6 decimals
	DistributionLosses               // GSP − MSP
	NBP                              // GSP × TLM: at the national balancing point, rounded half-even to 6 decimals
	TransmissionLosses               // NBP − GSP
	Reactive                         // kVArh beyond 0.33 of the active kWh, exact at 5 decimals
	Imbalance                        // NBP − nominated
	ChargeableMSP                    // MSP less what is exempt for an energy-intensive industry, exact at 6 decimals
	ChargeableGSP                    // GSP less the same, rounded half-even to 6 decimals
	ChargeableNBP                    // NBP less the same

	NoVolume Volume = -1

	numVolumes = 10
)

var volumes = series.Must(series.NewSchema("volumes",
	series.Def{Name: "MSP", Unit: series.KWh, Scale: 3, Source: "msp"},
	series.Def{Name: "GSP", Unit: series.KWh, Scale: 6, Source: "gsp"},
	series.Def{Name: "distribution losses", Unit: series.KWh, Scale: 6, Source: "gsp"},
	series.Def{Name: "NBP", Unit: series.KWh, Scale: 6, Source: "nbp"},
	series.Def{Name: "transmission losses", Unit: series.KWh, Scale: 6, Source: "nbp"},
	series.Def{Name: "reactive", Unit: series.KVArh, Scale: 5, Source: "reactive"},
	series.Def{Name: "imbalance", Unit: series.KWh, Scale: 6, Source: "imbalance"},
	series.Def{Name: "chargeable MSP", Unit: series.KWh, Scale: 6, Source: "chargeable msp"},
	series.Def{Name: "chargeable GSP", Unit: series.KWh, Scale: 6, Source: "chargeable gsp"},
	series.Def{Name: "chargeable NBP", Unit: series.KWh, Scale: 6, Source: "chargeable nbp"},
))

// Volumes is the schema of the volumes that items are charged on.
func Volumes() *series.Schema { return volumes }

// Inputs are what a view of one meter's data comes to: frames over one span.
type Inputs struct {
	Meter    *series.Frame // series.Meter
	Market   *series.Frame // series.Market
	Contract *series.Frame // series.Contract; nil where nothing is stated by half-hour
}

func (in Inputs) check(span settlement.Span) {
	if in.Meter.Schema() != series.Meter() || in.Market.Schema() != series.Market() || in.Meter.Span() != span || in.Market.Span() != span ||
		in.Contract != nil && (in.Contract.Schema() != series.Contract() || in.Contract.Span() != span) {
		panic("tariffs: inputs are frames of Meter, Market and Contract over the schedule's span")
	}
}

// Frames are the inputs there are, the meter's first.
func (in Inputs) Frames() []*series.Frame {
	if in.Contract == nil {
		return []*series.Frame{in.Meter, in.Market}
	}
	return []*series.Frame{in.Meter, in.Market, in.Contract}
}

const (
	milliToMicro = 1000 // brings 3 decimals to 6

	// A site may draw reactive energy of a third of its active energy without a
	// charge: LC14 2.50, where the tangent of a power factor of 0.95 is taken to
	// two decimals, as 0.33.
	reactiveFree = 33
	reactiveUnit = 100 // brings 3 decimals to 5
)

// Adjust fills dst, a frame of Volumes, from a meter's readings, the loss
// factors and the nominated energy: with the volumes the schedule charges
// on; its other lines hold nothing. A half-hour without reading has no volume;
// one without LLF has no GSP volume; one without TLM no NBP volume; one
// without nomination no imbalance. Marks add up. A half-hour without reactive
// readings has no reactive volume beyond the free part, which a bill then says
// (LC14 2.73: a power factor of 0.95 is taken). It allocates nothing.
//
// It fails with ErrOverflow where a product cannot be held (above some 9
// million MWh in a half-hour).
func (s *Schedule) Adjust(dst *series.Frame, in Inputs) error {
	in.check(s.cal.span)
	if dst.Schema() != volumes || dst.Span() != s.cal.span {
		panic("tariffs: Adjust fills a frame of Volumes over the schedule's span")
	}
	dst.Writable()
	if err := lossAdjust(dst, in.Meter.Line(s.metered()), in.Market); err != nil {
		return err
	}
	for v := Reactive; v < numVolumes; v++ {
		if !s.needs[v] {
			clear(dst.Line(v).Values)
			clear(dst.Line(v).Valid)
			clear(dst.Line(v).Marks)
			continue
		}
		at := dst.Len()
		switch v {
		case Reactive:
			at = reactive(dst.Line(v), in.Meter, s.metered())
		case Imbalance:
			at = imbalance(dst, in.Contract)
		case ChargeableMSP:
			at = s.chargeable(dst.Line(v), dst.Line(MSP), milliToMicro)
		case ChargeableGSP:
			at = s.chargeable(dst.Line(v), dst.Line(GSP), 1)
		case ChargeableNBP:
			at = s.chargeable(dst.Line(v), dst.Line(NBP), 1)
		}
		if at < dst.Len() {
			return tooLarge(volumes, v, dst.Span(), at)
		}
	}
	return nil
}

// metered is the line of the meter that the supply is charged on.
func (s *Schedule) metered() series.Line {
	if s.cal.sup.Export {
		return series.AE
	}
	return series.AI
}

func lossAdjust(dst *series.Frame, active series.Column, market *series.Frame) error {
	llf, tlm := market.Line(series.LLF), market.Line(series.TLM)
	msp, gsp, nbp := dst.Line(MSP), dst.Line(GSP), dst.Line(NBP)
	copy(msp.Values, active.Values)
	copy(msp.Valid, active.Valid)
	copy(msp.Marks, active.Marks)

	most := kernel.Magnitude(msp.Values)
	if i := times(gsp.Values, msp.Values, llf.Values, most); i < len(gsp.Values) {
		return tooLarge(volumes, GSP, dst.Span(), i)
	}
	both(gsp, msp, llf)
	up := kernel.Magnitude(gsp.Values)
	if i := roundNBP(nbp.Values, gsp.Values, tlm.Values, up); i < len(nbp.Values) {
		return tooLarge(volumes, NBP, dst.Span(), i)
	}
	both(nbp, gsp, tlm)

	if i := less(dst.Line(DistributionLosses).Values, gsp.Values, msp.Values, milliToMicro, up, most); i < dst.Len() {
		return tooLarge(volumes, DistributionLosses, dst.Span(), i)
	}
	if i := less(dst.Line(TransmissionLosses).Values, nbp.Values, gsp.Values, 1, kernel.Magnitude(nbp.Values), up); i < dst.Len() {
		return tooLarge(volumes, TransmissionLosses, dst.Span(), i)
	}
	clearInvalid(dst.Line(DistributionLosses).Values, dst.Line(DistributionLosses), 0)
	clearInvalid(dst.Line(TransmissionLosses).Values, dst.Line(TransmissionLosses), 0)
	return nil
}

// reactive fills dst with what passes the free part. Whichever of import and
// export reactive is more counts; one alone counts by itself; a half-hour
// without active energy has none.
func reactive(dst series.Column, meter *series.Frame, active series.Line) int {
	a, ri, re := meter.Line(active), meter.Line(series.RI), meter.Line(series.RE)
	n := dst.Len()
	most := max(kernel.Magnitude(ri.Values), kernel.Magnitude(re.Values), kernel.Magnitude(a.Values))
	if most > 1<<55 {
		for i := range n {
			if max(magnitude(ri.Values[i]), magnitude(re.Values[i]), magnitude(a.Values[i])) > 1<<55 {
				return i
			}
		}
	}
	if most <= kernel.Narrow { // an invalid cell holds 0
		kernel.Beyond32(dst.Values, a.Values, ri.Values, re.Values, reactiveUnit, reactiveFree)
	} else {
		kernel.Beyond(dst.Values, a.Values, ri.Values, re.Values, reactiveUnit, reactiveFree)
	}
	copy(dst.Valid, a.Valid)
	copy(dst.Marks, a.Marks)
	flag(dst.Marks, ri.Marks)
	flag(dst.Marks, re.Marks)
	clearInvalid(dst.Values, dst, 0)
	return n
}

// imbalance fills NBP − nominated.
func imbalance(dst *series.Frame, contract *series.Frame) int {
	to, nbp := dst.Line(Imbalance), dst.Line(NBP)
	if contract == nil {
		clear(to.Values)
		clear(to.Valid)
		clear(to.Marks)
		return dst.Len()
	}
	nominated := contract.Line(series.Nominated)
	i := less(to.Values, nbp.Values, nominated.Values, 1, kernel.Magnitude(nbp.Values), kernel.Magnitude(nominated.Values))
	both(to, nbp, nominated)
	return i
}

// chargeable fills dst with the part of a volume that is not exempt, day by
// day; unit brings the volume to the decimals of dst.
func (s *Schedule) chargeable(dst, from series.Column, unit int64) int {
	copy(dst.Valid, from.Valid)
	copy(dst.Marks, from.Marks)
	for k, share := range s.exempt {
		lo, hi := s.cal.days[k], s.cal.days[k+1]
		if at := roundShare(dst.Values[lo:hi], from.Values[lo:hi], whole-share, unit); at < int(hi-lo) {
			return int(lo) + at
		}
	}
	return dst.Len()
}

// times is dst = a × b, by the fast loop where it is proved safe: most bounds a. It
// returns the first index that does not fit, or len(dst).
func times(dst, a, b []int64, most uint64) int {
	if kernel.Fits(most, kernel.Magnitude(b), 0) {
		kernel.Mul(dst, a, b)
		return len(dst)
	}
	return kernel.MulAddChecked(dst, a, b, nil)
}

// less is dst = a − b × unit, by the fast loop where it is proved safe: mostA and
// mostB bound them. It returns the first index that does not fit, or len(dst).
func less(dst, a, b []int64, unit int64, mostA, mostB uint64) int {
	a, b = a[:len(dst)], b[:len(dst)]
	if kernel.Fits(mostB, uint64(unit), mostA) {
		kernel.AddOf(dst, a, b, -unit)
		return len(dst)
	}
	for i, v := range a {
		hi, lo := kernel.Mul64(b[i], unit)
		d, borrow := bits.Sub64(uint64(v), lo, 0)
		if v>>63-hi-int64(borrow) != int64(d)>>63 {
			return i
		}
		dst[i] = int64(d)
	}
	return len(dst)
}

// both makes dst valid where a and b are, with the run of a and the flags of
// both. Cells without a value are cleared: a zero factor is not a zero volume.
func both(dst, a, b series.Column) {
	for w := range dst.Valid {
		dst.Valid[w] = a.Valid[w] & b.Valid[w]
	}
	copy(dst.Marks, a.Marks)
	flag(dst.Marks, b.Marks)
	clearInvalid(dst.Values, dst, 0)
}

// flag adds the flags of some marks to others. Most have none.
func flag(to, of []series.Mark) {
	if series.AnyOf(of)&series.Flags == 0 {
		return
	}
	for i, m := range of[:len(to)] {
		to[i] |= m & series.Flags
	}
}

// clearInvalid puts 0 into the cells of half-hours from lo on that c does not hold.
func clearInvalid(cells []int64, c series.Column, lo int) {
	hi := lo + len(cells)
	for i := c.NextInvalid(lo, hi); i < hi; i = c.NextInvalid(i+1, hi) {
		cells[i-lo] = 0
	}
}

func tooLarge(s *series.Schema, l series.Line, span settlement.Span, i int) error {
	p := span.Lo + settlement.Period(i)
	return &Error{Item: s.Def(l).Name, Value: p.String(),
		Want: "the figure for this half-hour passes what a cell holds; check the reading, its unit and the price", Err: ErrOverflow}
}
