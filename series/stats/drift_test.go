package stats

import (
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/settlement"
)

func d(v int64) decimal.Decimal { return decimal.New(v, -2) }

// became is a total that a run had by readings alone.
func became(old, now decimal.Decimal) Total { return left(old, now, decimal.Zero) }

// left is a total of which the later run leaves some estimated.
func left(old, now, guess decimal.Decimal) Total { return Total{old, now, guess, old.Abs()} }

// TestBetween is worked by hand.
func TestBetween(t *testing.T) {
	var h History
	// 100 → 101 and 300 → 297: together 400 → 398, −0.5 %. Ratios 1.01 and 0.99
	// with weights 0.5 and 1.5 about 0.995: (0.5 × 0.015² + 1.5 × 0.005²) ÷ 1 is
	// 0.00015, whose root is 0.012247.
	h.Add(settlement.SF, settlement.R1, false, became(d(100), d(101)))
	h.Add(settlement.SF, settlement.R1, false, became(d(300), d(297)))
	h.Add(settlement.SF, settlement.R1, false, became(d(0), d(5))) // no relative change
	h.Add(settlement.R1, settlement.RF, false, became(d(1000), d(1010)))
	h.Add(settlement.SF, settlement.RF, false, became(d(1000), d(9999))) // R1 was seen between
	for _, c := range []struct {
		from, to settlement.Run
		want     Drift
		ok       bool
	}{
		{settlement.SF, settlement.R1, Drift{-5000, 12247, 2}, true},
		{settlement.R1, settlement.RF, Drift{10000, 0, 1}, true},
		{settlement.SF, settlement.RF, Drift{4950, 0, 1}, true}, // 0.995 × 1.01 = 1.00495
		{settlement.RF, settlement.RF, Drift{}, true},
		{settlement.RF, settlement.SF, Drift{}, true},
		{settlement.II, settlement.RF, Drift{}, false},
		{settlement.SF, settlement.R3, Drift{}, false},
		{settlement.SF, settlement.DR, Drift{}, false},
	} {
		got, ok := h.Between(c.from, c.to, false)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%s to %s: %+v, %v, want %+v, %v", c.from, c.to, got, ok, c.want, c.ok)
		}
	}
	h.Add(settlement.II, settlement.SF, false, became(d(1), d(100_000_000)))
	if got, ok := h.Between(settlement.II, settlement.SF, false); ok {
		t.Errorf("a change a hundred millionfold gives %+v", got)
	}
}

// TestSpread is worked by hand: ratios 1.01, 1.02 and 1.03 of weights 1, 2 and 3
// are 1.023333 in the mean; (0.013333² + 2 × 0.003333² + 3 × 0.006667²) ÷ 6 × 3 ÷ 2 is
// 0.00008333, whose root is 0.009129. Not weighted it would be 0.01.
func TestSpread(t *testing.T) {
	var h History
	for _, x := range [][2]int64{{100, 101}, {200, 204}, {300, 309}} {
		h.Add(settlement.SF, settlement.R1, false, became(d(x[0]), d(x[1])))
	}
	if got, ok := h.Between(settlement.SF, settlement.R1, false); !ok || got != (Drift{23333, 9129, 3}) {
		t.Errorf("%+v, %v", got, ok)
	}
}

// TestBetweenEstimated: the first step is that of estimates, the rest that of
// readings.
func TestBetweenEstimated(t *testing.T) {
	var h History
	h.Add(settlement.II, settlement.SF, true, became(d(1000), d(900)))
	h.Add(settlement.II, settlement.SF, false, became(d(1000), d(1001)))
	h.Add(settlement.SF, settlement.R1, true, became(d(1000), d(500)))
	h.Add(settlement.SF, settlement.R1, false, became(d(1000), d(1010)))
	if got, ok := h.Between(settlement.II, settlement.R1, true); !ok || got != (Drift{-91000, 0, 1}) { // 0.9 × 1.01
		t.Errorf("%+v, %v", got, ok)
	}
	if got, ok := h.Between(settlement.SF, settlement.R1, true); !ok || got.Mean != -500000 {
		t.Errorf("%+v, %v", got, ok)
	}
}

// TestBetweenStillEstimated: what a step leaves estimated goes on as estimates
// do. Of £10 estimated at II, SF restates other data and leaves £6 of £9 estimated;
// R1 then replaces the £6 by £3, and by readings the £3 grow by 1 %: 3 × 1.01 + 6 × 0.5
// = 6.03, −39.7 %.
func TestBetweenStillEstimated(t *testing.T) {
	var h History
	h.Add(settlement.II, settlement.SF, true, left(d(1000), d(900), d(600)))
	h.Add(settlement.SF, settlement.R1, true, became(d(600), d(300)))
	h.Add(settlement.SF, settlement.R1, false, became(d(1000), d(1010)))
	if got, ok := h.Between(settlement.II, settlement.R1, true); !ok || got != (Drift{-397000, 0, 1}) {
		t.Errorf("%+v, %v", got, ok)
	}
	// All is still estimated, and no reading is seen going on: the estimates are.
	var all History
	all.Add(settlement.II, settlement.SF, true, left(d(1000), d(900), d(900)))
	all.Add(settlement.SF, settlement.R1, true, became(d(900), d(450)))
	if got, ok := all.Between(settlement.II, settlement.R1, true); !ok || got != (Drift{-550000, 0, 1}) {
		t.Errorf("%+v, %v", got, ok)
	}
	// Estimates that nothing follows further go on as readings.
	var lost History
	lost.Add(settlement.II, settlement.SF, true, left(d(1000), d(900), d(900)))
	lost.Add(settlement.SF, settlement.R1, false, became(d(1000), d(1010)))
	if _, ok := lost.Between(settlement.SF, settlement.R1, true); ok {
		t.Error("estimates of SF were never followed")
	}
	if got, ok := lost.Between(settlement.II, settlement.R1, true); !ok || got != (Drift{-91000, 0, 1}) {
		t.Errorf("%+v, %v", got, ok)
	}
	// Part is read, and no reading is seen going on.
	var part History
	part.Add(settlement.II, settlement.SF, true, left(d(1000), d(900), d(600)))
	part.Add(settlement.SF, settlement.R1, true, became(d(900), d(450)))
	if got, ok := part.Between(settlement.II, settlement.R1, true); ok {
		t.Errorf("%+v", got)
	}
}

// TestBetweenSigns: −£100 → −£110 and £300 → £300. Together £200 → £190, −5 %; the
// mean of the ratios by what they are of, 1.025, would foretell more pounds where
// there came to be less. From it lie −110 + 95 of 100 and 300 − 285 of 300: by
// weights of 0.5 and 1.5, √(0.5 × 0.15² + 1.5 × 0.05²) = 0.122474.
func TestBetweenSigns(t *testing.T) {
	var h History
	h.Add(settlement.SF, settlement.R1, false, became(d(-100), d(-110)))
	h.Add(settlement.SF, settlement.R1, false, became(d(300), d(300)))
	if got, ok := h.Between(settlement.SF, settlement.R1, false); !ok || got != (Drift{-50000, 122474, 2}) {
		t.Errorf("%+v, %v", got, ok)
	}
	// Charges of 250 against credits of 150, and 300 of charges: of 400 and 300.
	var g History
	g.Add(settlement.SF, settlement.R1, false, Total{Old: d(100), New: d(110), Gross: d(400)})
	g.Add(settlement.SF, settlement.R1, false, became(d(300), d(290)))
	// Σ is 400 → 400. 10 of 400 and −10 of 300, by weights of 8/7 and 6/7:
	// √(8/7 × 0.025² + 6/7 × 0.0333²) = 0.040825.
	if got, ok := g.Between(settlement.SF, settlement.R1, false); !ok || got != (Drift{0, 40825, 2}) {
		t.Errorf("%+v, %v", got, ok)
	}
	// What comes to nothing together has no ratio; nor has what is of nothing.
	var none History
	none.Add(settlement.SF, settlement.R1, false, became(d(-100), d(-110)))
	none.Add(settlement.SF, settlement.R1, false, became(d(100), d(110)))
	none.Add(settlement.SF, settlement.R2, false, Total{Old: d(0), New: d(5)})
	for _, to := range []settlement.Run{settlement.R1, settlement.R2} {
		if got, ok := none.Between(settlement.SF, to, false); ok {
			t.Errorf("%+v", got)
		}
	}
}

// TestBetweenCreditEstimated: what is left estimated is a credit, and so less than
// no part of the whole: the readings' spread counts in full, and there is one.
func TestBetweenCreditEstimated(t *testing.T) {
	var h History
	for range 2 {
		h.Add(settlement.II, settlement.SF, true, left(d(1000), d(900), d(-90)))
	}
	h.Add(settlement.SF, settlement.R1, false, became(d(100), d(101)))
	h.Add(settlement.SF, settlement.R1, false, became(d(300), d(297))) // ± 0.012247, see TestBetween
	h.Add(settlement.SF, settlement.R1, true, became(d(100), d(50)))
	h.Add(settlement.SF, settlement.R1, true, became(d(100), d(150)))                                       // ± 0.7
	if got, ok := h.Between(settlement.II, settlement.R1, true); !ok || got != (Drift{-104950, 12247, 2}) { // 0.99 × 0.995 − 0.09 × 1
		t.Errorf("%+v, %v", got, ok)
	}
}

// Credits move like charges.
func TestBetweenCredits(t *testing.T) {
	var h History
	h.Add(settlement.SF, settlement.R1, false, became(d(-100), d(-101)))
	h.Add(settlement.SF, settlement.R1, false, became(d(-300), d(-297)))
	if got, ok := h.Between(settlement.SF, settlement.R1, false); !ok || got != (Drift{-5000, 12247, 2}) {
		t.Errorf("%+v, %v", got, ok)
	}
}

func TestAddPanics(t *testing.T) {
	for _, c := range [][2]settlement.Run{{settlement.R1, settlement.SF}, {settlement.SF, settlement.SF}, {settlement.SF, settlement.D}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s to %s does not panic", c[0], c[1])
				}
			}()
			new(History).Add(c[0], c[1], false, became(d(1), d(1)))
		}()
	}
}

// TestOrder: the order in which totals were added does not matter, and where
// every total moves alike there is no spread.
func TestOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		pairs := rapid.SliceOfN(rapid.Int64Range(1, 1e9), 1, 40).Draw(rt, "old")
		shift := rapid.Int64Range(-1e5, 1e5).Draw(rt, "ppm")
		var a, b, same History
		for i, v := range pairs {
			a.Add(settlement.II, settlement.SF, false, became(d(v), d(v+int64(i))))
			w := pairs[len(pairs)-1-i]
			b.Add(settlement.II, settlement.SF, false, became(d(w), d(w+int64(len(pairs)-1-i))))
			same.Add(settlement.II, settlement.SF, false, became(d(v*1e6), d(v*(1e6+shift))))
		}
		x, okX := a.Between(settlement.II, settlement.SF, false)
		y, okY := b.Between(settlement.II, settlement.SF, false)
		if x != y || okX != okY {
			rt.Fatalf("%+v and %+v", x, y)
		}
		if z, ok := same.Between(settlement.II, settlement.SF, false); !ok || z.Mean != shift || z.Spread != 0 || z.Count != len(pairs) {
			rt.Fatalf("%+v, want %d", z, shift)
		}
	})
}
