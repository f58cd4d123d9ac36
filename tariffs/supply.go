package tariffs

import (
	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Supply is what is one meter's own: where it is connected and what capacity
// it has agreed. Distributor and LLFC are stated, never derived from the MPAN.
type Supply struct {
	MPAN        settlement.MPAN
	Distributor settlement.Distributor
	LLFC        string // line loss factor class, as the distributor writes it
	GSPGroup    settlement.GSPGroup
	Capacity    []Capacity // agreed capacity, in order of date
	Pos         series.Pos // where the supply is written

	kva []kvaFrom // Capacity in integers, set by Validate
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

const (
	kvaScale = 3         // decimals of kVA held
	maxKVA   = 1_000_000 // kVA; the largest connections are some hundreds of MVA
)

// Validate refuses a supply without MPAN, distributor or LLFC, and capacities
// that are negative, too large, finer than 0.001 kVA or out of order. The
// error wraps ErrSupply. A supply is charged only after it was validated, and
// must not be changed afterwards.
func (s *Supply) Validate() error {
	bad := func(value, want string) error {
		return &Error{Pos: s.Pos, Value: value, Want: want, Err: ErrSupply}
	}
	switch {
	case s.MPAN.IsZero():
		return bad("mpan", "state the 13-digit MPAN core")
	case s.Distributor == 0:
		return bad("distributor", "state the two-digit distributor id; it is not taken from the MPAN")
	case s.LLFC == "":
		return bad("llfc", "state the line loss factor class")
	}
	s.kva = make([]kvaFrom, 0, len(s.Capacity))
	for i, c := range s.Capacity {
		v, ok := scaled(c.KVA, kvaScale)
		switch {
		case !ok || v < 0 || c.KVA.GreaterThan(decimal.NewFromInt(maxKVA)):
			return bad(c.KVA.String(), "write the agreed capacity in kVA, from 0 to 1000000, with at most 3 decimals")
		case !c.From.Valid():
			return bad(c.From.String(), "state the day each capacity starts")
		case i > 0 && s.Capacity[i-1].From >= c.From:
			return bad(c.From.String(), "write capacities in order of date, each day once")
		}
		s.kva = append(s.kva, kvaFrom{c.From, v})
	}
	return nil
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
func (s *Supply) conditions() Condition {
	if s.MPAN.Distributor() != s.Distributor.String() {
		return DistributorDiffers
	}
	return 0
}
