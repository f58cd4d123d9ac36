package tariffs

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Supply is what is one meter's own: where it is connected, on what terms it
// is supplied and what capacity it has agreed. Distributor and LLFC are
// stated, never derived from the MPAN.
type Supply struct {
	MPAN        settlement.MPAN
	Distributor settlement.Distributor
	GSPGroup    settlement.GSPGroup
	Export      bool              // the supply is of active export: AE is what is metered
	Since       settlement.Day    // first day supplied; 0 is not stated
	Related     []settlement.MPAN // supplied at the same connection, measured and billed with this one
	Terms       []Terms           // in order of date; the first holds for all earlier days
	Capacity    []Capacity        // agreed capacity, in order of date
	Triads      []TriadDemand
	Tags        []Tag      // in order of name; nothing is priced on them
	Pos         series.Pos // where the supply is written

	kva     []kvaFrom // Capacity in integers, set by Validate
	triadKW []int64   // Triads in integers, the same
}

// Terms are the facts that decide a supply's rates, from a day on. A change
// takes effect at the start of a local day.
type Terms struct {
	From settlement.Day
	LLFC string // line loss factor class, as the distributor writes it
	Band string // residual charging band of TNUoS, such as "HV2"; "" is not stated

	// Fractions of the supply, 0 to 1, with at most 3 decimals.
	EIIExempt  decimal.Decimal // exempt from RO, FiT, CfD, Capacity Market and nuclear RAB as an energy-intensive industry
	CCLShare   decimal.Decimal // covered by a relief from CCL
	CCLRelief  decimal.Decimal // of the levy that is relieved on that share: 0.92 under a climate change agreement
	Qualifying decimal.Decimal // domestic or charitable use: reduced VAT and no CCL; from 0.6 on, for the whole supply

	export bool // the supply's, set by Validate
}

type kvaFrom struct {
	from settlement.Day
	kva  int64 // × 10^-kvaScale
}

// Capacity is the agreed capacity from a day on.
type Capacity struct {
	From settlement.Day
	KVA  decimal.Decimal
}

// TriadDemand is a supply's demand in one half-hour that is, or may be, a
// Triad: KW at the meter × LLF is the demand at the grid supply point.
type TriadDemand struct {
	At  settlement.Period
	KW  decimal.Decimal
	LLF decimal.Decimal
}

const (
	kvaScale   = 3         // decimals of kVA held
	maxKVA     = 1_000_000 // kVA; the largest connections are some hundreds of MVA
	shareScale = 3         // decimals of a share of the supply
	maxTerms   = 1_000
	maxRelated = 100
)

// Validate refuses a supply without MPAN, distributor or LLFC; terms and
// capacities that are out of order; shares outside 0 to 1 or finer than 0.001;
// capacities that are negative, too large or finer than 0.001 kVA. The error
// wraps ErrSupply. A supply is charged only after it was validated, and must
// not be changed afterwards.
func (s *Supply) Validate() error {
	switch {
	case s.MPAN.IsZero():
		return s.bad("mpan", "state the 13-digit MPAN core")
	case s.Distributor == 0:
		return s.bad("distributor", "state the two-digit distributor id; it is not taken from the MPAN")
	case len(s.Terms) == 0:
		return s.bad("llfc", "state the line loss factor class")
	case len(s.Terms) > maxTerms || len(s.Capacity) > maxTerms || len(s.Related) > maxRelated || len(s.Triads) > maxTerms:
		return s.bad("terms", "at most 1000 changes of terms, of capacity and Triads, and 100 related MPANs")
	}
	s.Terms = slices.Clone(s.Terms) // Validate writes to them, and the caller may share them
	for i := range s.Terms {
		s.Terms[i].export = s.Export
		if err := s.validateTerms(i); err != nil {
			return err
		}
	}
	for i, m := range s.Related {
		if m.IsZero() || m == s.MPAN {
			return s.bad(m.String(), "a related MPAN is another one than the supply's own")
		}
		for _, other := range s.Related[:i] {
			if m == other {
				return s.bad(m.String(), "name each related MPAN once")
			}
		}
	}
	for i, t := range s.Triads {
		kw, okK := scaled(t.KW, kvaScale)
		llf, okL := scaled(t.LLF, kvaScale)
		if !okK || !okL || kw < 0 || kw > maxKVA*1000 || llf <= 0 || llf > 2000 {
			return s.bad(t.KW.String(), "write the demand in a Triad in kW, from 0 to 1000000, and its LLF, above 0 and at most 2, with at most 3 decimals")
		}
		for _, other := range s.Triads[:i] {
			if other.At == t.At {
				return s.bad(t.At.String(), "state the demand of each Triad once")
			}
		}
	}
	s.triadKW = inKW(s.Triads)
	if err := s.validateTags(); err != nil {
		return err
	}
	return s.validateCapacity()
}

func (s *Supply) bad(value, want string) error {
	return &Error{Pos: s.Pos, Value: value, Want: want, Err: ErrSupply}
}

func (s *Supply) validateTerms(i int) error {
	t := &s.Terms[i]
	_, errL := ParseLLFC(t.LLFC)
	_, errB := ParseBand(t.Band)
	switch {
	case t.LLFC == "":
		return s.bad("llfc", "state the line loss factor class")
	case errL != nil:
		return s.bad(t.LLFC, errL.(*Error).Want)
	case t.Band != "" && errB != nil:
		return s.bad(t.Band, errB.(*Error).Want)
	case i > 0 && (!t.From.Valid() || s.Terms[i-1].From >= t.From):
		return s.bad(t.From.String(), "write changes of terms in order of date, each day once")
	}
	for _, share := range []decimal.Decimal{t.EIIExempt, t.CCLShare, t.CCLRelief, t.Qualifying} {
		if v, ok := scaled(share, shareScale); !ok || v < 0 || v > 1000 {
			return s.bad(share.String(), "a share of the supply is from 0 to 100 %, with at most 1 decimal")
		}
	}
	if t.CCLShare.IsZero() != t.CCLRelief.IsZero() {
		return s.bad("ccl", "a relief from CCL has both: the share of the supply it covers and how much of the levy it relieves")
	}
	return nil
}

func (s *Supply) validateCapacity() error {
	s.kva = make([]kvaFrom, 0, len(s.Capacity))
	for i, c := range s.Capacity {
		v, ok := scaled(c.KVA, kvaScale)
		switch {
		case !ok || v < 0 || c.KVA.GreaterThan(decimal.NewFromInt(maxKVA)):
			return s.bad(c.KVA.String(), "write the agreed capacity in kVA, from 0 to 1000000, with at most 3 decimals")
		case !c.From.Valid():
			return s.bad(c.From.String(), "state the day each capacity starts")
		case i > 0 && s.Capacity[i-1].From >= c.From:
			return s.bad(c.From.String(), "write capacities in order of date, each day once")
		}
		s.kva = append(s.kva, kvaFrom{c.From, v})
	}
	return nil
}

// termsOn are the terms that hold on a day.
func (s *Supply) termsOn(d settlement.Day) *Terms {
	for i := len(s.Terms) - 1; i > 0; i-- {
		if s.Terms[i].From <= d {
			return &s.Terms[i]
		}
	}
	return &s.Terms[0]
}

// alike reports whether a schedule for one supply holds for the other.
func (s *Supply) alike(o *Supply) bool {
	return s == o || s.Export == o.Export && s.Distributor == o.Distributor && s.GSPGroup == o.GSPGroup && slices.EqualFunc(s.Terms, o.Terms, func(a, b Terms) bool {
		return a.From == b.From && a.LLFC == b.LLFC && a.Band == b.Band && a.EIIExempt.Equal(b.EIIExempt) &&
			a.CCLShare.Equal(b.CCLShare) && a.CCLRelief.Equal(b.CCLRelief) && a.Qualifying.Equal(b.Qualifying)
	})
}

// capacityOn is the agreed capacity on a day, in kVA × 10^kvaScale, and the
// index of the entry that states it.
func (s *Supply) capacityOn(d settlement.Day) (kva int64, entry int, ok bool) {
	if s.kva == nil {
		panic("tariffs: the supply was not validated")
	}
	for i := len(s.kva) - 1; i >= 0; i-- {
		if s.kva[i].from <= d {
			return s.kva[i].kva, i, true
		}
	}
	return 0, -1, false
}

// conditions are those of the supply itself.
func (s *Supply) conditions() (c Condition) {
	if !s.MPAN.BeginsWith(s.Distributor) {
		c |= DistributorDiffers
	}
	if len(s.Related) > 0 {
		c |= RelatedMeters
	}
	return c
}

// String names the terms in messages.
func (t *Terms) String() string {
	if t.Band == "" {
		return t.LLFC
	}
	return t.LLFC + " (TNUoS band " + t.Band + ")"
}
