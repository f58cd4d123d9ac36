package tariffs

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// The loops of 32 bits are taken where the extremes prove them right, and these are
// the extremes: figures on either side of what 32 bits hold.
var narrowEdges = []int64{math.MaxInt32, math.MaxInt32 + 1, math.MaxInt32 + 2, math.MinInt32, math.MinInt32 - 1, math.MinInt32 - 2, 1 << 32, 1<<32 + 1, -1 << 32, 1 << 33, 1, -1, 0}

// TestFollowNarrow: a price that follows data, and a volume, at the edges of 32 bits;
// the cells kept near and stored past the caches.
func TestFollowNarrow(t *testing.T) {
	e := flat(t, 0, 1000, 1_000_000_000, rate(t, RCRC, "rcrc + 0.00000001 GBP/kWh"))
	e.charge(t)
	col := &e.s.columns[0]
	if col.follow == nil || col.item != RCRC {
		t.Fatal("the first item does not follow RCRC")
	}
	cube := series.NewCube(nil, e.s.Schema(), []settlement.Run{settlement.RF}, e.s.Span())
	vol := series.NewCube(nil, Volumes(), cube.Runs(), e.s.Span())
	overflows, narrow := 0, 0
	for _, v := range narrowEdges {
		for _, price := range narrowEdges {
			index := price / col.follow.unit
			for i := range e.vol.Len() {
				e.market.Set(series.RCRC, e.s.Span().Lo+settlement.Period(i), index-int64(i%3), 0)
				e.vol.Line(NBP).Values[i] = v - int64(i%2)
			}
			vol.Frame(settlement.RF).Take(e.vol, volumes.SourceOf(NBP), 0, e.vol.Len())
			vol.Frame(settlement.RF).Take(e.vol, volumes.SourceOf(GSP), 0, e.vol.Len())
			vol.Frame(settlement.RF).Take(e.vol, volumes.SourceOf(MSP), 0, e.vol.Len())
			want, held := make([]*big.Int, e.vol.Len()), true
			for i := range want {
				at := col.price[i] + (index-int64(i%3))*col.follow.unit
				want[i] = new(big.Int).Mul(big.NewInt(v-int64(i%2)), big.NewInt(at))
				held = held && want[i].IsInt64()
			}
			for _, past := range []int{0, cellsPast} {
				e.s.past = past
				err := e.s.ChargeCube(cube, vol, func(settlement.Run) Inputs { return e.in() }, e.sup)
				if !held {
					if overflows++; !errors.Is(err, ErrOverflow) {
						t.Fatalf("%d × %d: %v, want an overflow", v, price, err)
					}
					continue
				}
				if err != nil {
					t.Fatalf("%d × %d: %v", v, price, err)
				}
				for i, c := range cube.Frame(settlement.RF).Line(col.line).Values {
					if want[i].Cmp(big.NewInt(c)) != 0 {
						t.Fatalf("%d × %d, half-hour %d: %d, want %v", v, price, i, c, want[i])
					}
				}
				if kernel.Magnitude(e.vol.Line(NBP).Values) <= kernel.Narrow {
					narrow++
				}
			}
		}
	}
	if narrow == 0 {
		t.Error("no volume was within 32 bits")
	}
}

// TestPeakNarrow: readings at the edges of what can be squared.
func TestPeakNarrow(t *testing.T) {
	e := flat(t, 0, 1000, 1_000_000_000, rate(t, DUoSExcessCapacity, "1 p/kVA/day"))
	e.charge(t)
	lo := e.meter.Span().Lo
	for _, active := range narrowEdges {
		for _, imported := range narrowEdges {
			for _, exported := range []int64{0, math.MaxInt32, math.MaxInt32 + 1} {
				at := lo + 20
				e.meter.Set(series.AI, at, active, 0)
				e.meter.Set(series.RI, at, imported, 0)
				e.meter.Set(series.RE, at, exported, 0)
				c := charging{dst: e.charges0(), vol: e.vol, in: e.in(), sup: e.sup}
				err := e.s.markExcess(&c, &e.s.columns[0])
				if max(magnitude(active), magnitude(imported), magnitude(exported)) > maxActive {
					if !errors.Is(err, ErrOverflow) {
						t.Fatalf("%d, %d, %d: %v, want an overflow", active, imported, exported, err)
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				want := int64(0)
				if active > 0 {
					r := max(imported, exported)
					want = max(0, rootKVA(uint64(active)*uint64(active)+uint64(r*r))-900*pow10(demandScale))
				}
				if c.excess[0] != want {
					t.Fatalf("%d, %d, %d: an excess of %d, want %d", active, imported, exported, c.excess[0], want)
				}
			}
		}
	}
}

// TestReactiveNarrow: reactive energy beyond the free part at the edges of 32 bits.
func TestReactiveNarrow(t *testing.T) {
	e := flat(t, 0, 1000, 1_000_000_000, rate(t, DUoSReactive, "1 p/kVArh"))
	e.charge(t)
	lo := e.meter.Span().Lo
	for _, active := range narrowEdges {
		for _, imported := range narrowEdges {
			for _, exported := range narrowEdges {
				e.meter.Set(series.AI, lo+20, active, 0)
				e.meter.Set(series.RI, lo+20, imported, 0)
				e.meter.Set(series.RE, lo+20, exported, 0)
				to := e.vol.Line(Reactive)
				if at := reactive(to, e.meter, series.AI); at != to.Len() {
					t.Fatalf("%d, %d, %d: stopped at %d", active, imported, exported, at)
				}
				want := int64(0)
				if over := max(imported, exported)*100 - active*33; active > 0 && over > 0 {
					want = over
				}
				if to.Values[20] != want {
					t.Fatalf("%d, %d, %d: %d, want %d", active, imported, exported, to.Values[20], want)
				}
			}
		}
	}
}

// TestChargeReadingsFails: a run whose volumes cannot be held is not charged from what
// was made of them.
func TestChargeReadingsFails(t *testing.T) {
	e := flat(t, 1000, 1000, 1_000_000_000, rate(t, GreenPremium, "0.1 GBP/kWh"))
	e.charge(t)
	good, bad := e.in(), e.in()
	bad.Meter = series.NewFrame(nil, series.Meter(), e.s.Span())
	for p := e.s.Span().Lo; p < e.s.Span().Hi; p++ {
		bad.Meter.Set(series.AI, p, math.MaxInt64/2, 0)
	}
	dst := series.NewCube(nil, e.s.Schema(), []settlement.Run{settlement.II, settlement.SF}, e.s.Span())
	err := e.s.ChargeReadings(dst, e.vol, func(r settlement.Run) Inputs {
		if r == settlement.SF {
			return bad
		}
		return good
	}, e.sup)
	var at *Error
	if !errors.Is(err, ErrOverflow) || !errors.As(err, &at) || at.Item != volumes.Def(GSP).Name {
		t.Errorf("%v, want the GSP volume that passes what a cell holds", err)
	}
}
