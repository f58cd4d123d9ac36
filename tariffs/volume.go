package tariffs

import (
	"math/bits"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Volume is the energy an item is charged on: a line of the Volumes schema.
type Volume = series.Line

// The volume lines, in kWh. MSP is metered; GSP and NBP are the same energy
// measured further up, where more of it has to enter to make good the losses.
const (
	MSP                Volume = iota // metered: at the metering system point, 3 decimals
	GSP                              // MSP × LLF: at the grid supply point, exact at 6 decimals
	DistributionLosses               // GSP − MSP
	NBP                              // GSP × TLM: at the national balancing point, rounded half-even to 6 decimals
	TransmissionLosses               // NBP − GSP

	NoVolume Volume = -1
)

var volumes = series.Must(series.NewSchema("volumes",
	series.Def{Name: "MSP", Unit: series.KWh, Scale: 3, Source: "msp"},
	series.Def{Name: "GSP", Unit: series.KWh, Scale: 6, Source: "gsp"},
	series.Def{Name: "distribution losses", Unit: series.KWh, Scale: 6, Source: "gsp"},
	series.Def{Name: "NBP", Unit: series.KWh, Scale: 6, Source: "nbp"},
	series.Def{Name: "transmission losses", Unit: series.KWh, Scale: 6, Source: "nbp"},
))

// Volumes is the schema of loss-adjusted volumes.
func Volumes() *series.Schema { return volumes }

// milliToMicro brings 3 decimals to 6.
const milliToMicro = 1000

// Adjust fills dst, a frame of Volumes, from active import and loss factors:
// frames of series.Meter and series.Market over the same span. A half-hour
// without reading has no volume; one without LLF has no GSP volume; one
// without TLM no NBP volume. Marks add up. It fails with ErrOverflow where a
// product cannot be held (above some 9 million MWh in a half-hour).
func Adjust(dst, meter, market *series.Frame) error {
	if dst.Schema() != volumes || meter.Schema() != series.Meter() || market.Schema() != series.Market() ||
		dst.Span() != meter.Span() || dst.Span() != market.Span() {
		panic("tariffs: Adjust takes frames of Volumes, Meter and Market over one span")
	}
	dst.Writable()
	ai, llf, tlm := meter.Line(series.AI), market.Line(series.LLF), market.Line(series.TLM)
	msp, gsp, nbp := dst.Line(MSP), dst.Line(GSP), dst.Line(NBP)
	copy(msp.Values, ai.Values)
	copy(msp.Valid, ai.Valid)
	copy(msp.Marks, ai.Marks)

	if i := times(gsp.Values, msp.Values, llf.Values); i < len(gsp.Values) {
		return tooLarge(volumes, GSP, dst.Span(), i)
	}
	both(gsp, msp, llf)
	if i := roundNBP(nbp.Values, gsp.Values, tlm.Values); i < len(nbp.Values) {
		return tooLarge(volumes, NBP, dst.Span(), i)
	}
	both(nbp, gsp, tlm)

	if i := less(dst.Line(DistributionLosses).Values, gsp.Values, msp.Values, milliToMicro); i < dst.Len() {
		return tooLarge(volumes, DistributionLosses, dst.Span(), i)
	}
	if i := less(dst.Line(TransmissionLosses).Values, nbp.Values, gsp.Values, 1); i < dst.Len() {
		return tooLarge(volumes, TransmissionLosses, dst.Span(), i)
	}
	clearInvalid(dst.Line(DistributionLosses))
	clearInvalid(dst.Line(TransmissionLosses))
	return nil
}

// times is dst = a × b, by the fast loop where it is proved safe. It returns
// the first index that does not fit, or len(dst).
func times(dst, a, b []int64) int {
	if kernel.Fits(kernel.Magnitude(a), kernel.Magnitude(b), 0) {
		kernel.Mul(dst, a, b)
		return len(dst)
	}
	return kernel.MulAddChecked(dst, a, b, nil)
}

// less is dst = a − b × unit, by the fast loop where it is proved safe. It
// returns the first index that does not fit, or len(dst).
func less(dst, a, b []int64, unit int64) int {
	a, b = a[:len(dst)], b[:len(dst)]
	if kernel.Fits(kernel.Magnitude(b), uint64(unit), kernel.Magnitude(a)) {
		for i, v := range a {
			dst[i] = v - b[i]*unit
		}
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
	for i, m := range a.Marks {
		dst.Marks[i] = m | b.Marks[i]&series.Flags
	}
	clearInvalid(dst)
}

// clearInvalid puts 0 wherever there is no value.
func clearInvalid(c series.Column) {
	n := c.Len()
	for i := c.NextInvalid(0, n); i < n; i = c.NextInvalid(i+1, n) {
		c.Values[i] = 0
	}
}

func tooLarge(s *series.Schema, l series.Line, span settlement.Span, i int) error {
	p := span.Lo + settlement.Period(i)
	return &Error{Item: s.Def(l).Name, Value: p.String(),
		Want: "the figure for this half-hour passes what a cell holds; check the reading, its unit and the price", Err: ErrOverflow}
}
