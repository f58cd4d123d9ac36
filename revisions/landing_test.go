package revisions

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// landed is a quantity by run and day, of which each run brings a part of the days
// and leaves the others as they were.
func landed(rnd *rand.Rand, runs, days int, part float64, value func() int64) (out [][]int64) {
	now := make([]int64, days)
	for r := range runs {
		for d := range now {
			if r == 0 || rnd.Float64() < part {
				now[d] = value()
			}
		}
		out = append(out, slices.Clone(now))
	}
	return out
}

// apartly makes eight lines of a bill in GBP at 1e-9, made of readings, loss
// multipliers and prices that land apart, so that the rows tell different runs
// apart: the energy and what is charged at the meter by its readings alone, the
// rest by readings, losses and a price of their own.
func apartly(rnd *rand.Rand, days, runs int, kwh int64) *settling {
	s := &settling{from: date("2024-10-01"), days: days, rnd: rnd}
	s.runs = []settlement.Run{settlement.II, settlement.SF, settlement.R1, settlement.R2, settlement.R3, settlement.RF, settlement.DF}[:runs]
	between := func(lo, hi int64) func() int64 { return func() int64 { return lo + rnd.Int64N(hi-lo+1) } }
	var meter [3][][]int64 // kWh at 1e-3 in three windows, which land together
	all := landed(rnd, runs, days, .3, between(kwh*920, kwh*1080))
	share := landed(rnd, 1, days, 0, between(100, 300))[0]
	for w := range meter {
		meter[w] = make([][]int64, runs)
		for r := range all {
			for d, v := range all[r] {
				part := v * share[d] / 1000
				if w == 2 {
					part = v - 2*part
				}
				meter[w][r] = append(meter[w][r], part+v%int64(7+w))
			}
		}
	}
	losses := landed(rnd, runs, days, .5, between(7000, 13_000)) // at 1e-6
	system := landed(rnd, runs, days, .4, between(60, 90))       // GBP/MWh
	cash := landed(rnd, runs, days, .3, between(-150, 150))      // GBP/MWh at 1e-3
	levy := landed(rnd, runs, days, .2, between(5000, 15_000))   // the same
	price := landed(rnd, 1, days, 0, between(60, 120))[0]
	line := func(gbp func(r, d int, kwh int64) int64) {
		a := NewAmounts(s.from, s.from+settlement.Day(days))
		var views [][]series.Total
		for r := range s.runs {
			view := make([]series.Total, days)
			for d := range view {
				view[d] = series.TotalOf(gbp(r, d, meter[0][r][d]+meter[1][r][d]+meter[2][r][d]))
			}
			views = append(views, view)
			a.Add(s.runs[r], func(d settlement.Day) (series.Total, bool) { return view[d-s.from], true })
		}
		s.at, s.of = append(s.at, views), append(s.of, a)
	}
	line(func(r, d int, kwh int64) int64 { return kwh * price[d] * 1000 })
	line(func(r, d int, kwh int64) int64 { return kwh * 3 * 1000 })
	line(func(r, d int, kwh int64) int64 { return kwh * losses[r][d] / 1000 * system[r][d] })
	line(func(r, d int, kwh int64) int64 { return (kwh + kwh*losses[r][d]/1_000_000) * cash[r][d] })
	line(func(r, d int, kwh int64) int64 { return (kwh + kwh*losses[r][d]/1_000_000) * levy[r][d] })
	for w, rate := range []int64{16_420, 2370, 210} {
		line(func(r, d int, _ int64) int64 { return meter[w][r][d] * rate })
	}
	return s
}

const penny = 10_000_000

// verdicts of rows.
type verdicts struct{ rows, explained, unsure, off int }

func (v *verdicts) add(f *Finding) {
	switch v.rows++; {
	case f.Explained():
		v.explained++
	case f.Fits():
		v.unsure++
	default:
		v.off++
	}
}

// TestInferRowsApart: a right bill, of a date or a staircase, is explained though
// its rows tell different runs apart, and none of its rows is said to be off. A
// line of it that has nothing to do with the data is next to never explained, and
// makes no other row one that is off.
func TestInferRowsApart(t *testing.T) {
	rnd := rand.New(rand.NewPCG(12, 28))
	var right, wrong, beside verdicts
	bills, whole, among, byRun := 0, 0, 0, 0
	for k := range 6 {
		s := apartly(rnd, 12, 7, []int64{1000, 100}[k%2])
		for n := range 14 {
			truth := s.date()
			if n >= 7 {
				truth = s.stairs(1 + rnd.IntN(4))
			}
			rows := s.bill(truth, penny)
			j := InferRows(rows, settlement.GB())
			explained := right.explained
			for _, f := range j.Rows {
				right.add(f)
			}
			if bills++; right.explained == explained+len(rows) {
				whole++
			}
			if s.rests(j, truth) {
				among++
			}
			i := rnd.IntN(len(rows))
			was := rows[i].Claims[0].Total
			if rows[i].Claims[0].Total = s.anywhere(i, penny); rows[i].Claims[0].Total == was {
				continue
			}
			for k, f := range InferRows(rows, settlement.GB()).Rows {
				switch {
				case k != i:
					beside.add(f)
				case f.Shape == OneRun:
					byRun++
				default:
					wrong.add(f)
				}
			}
		}
	}
	t.Logf("%d right bills: %d explained whole, %d by the truth; rows %+v", bills, whole, among, right)
	t.Logf("a line of nothing: %+v, and %d that a run prints; rows beside it: %+v", wrong, byRun, beside)
	if whole*10 < bills*8 || right.explained*100 < right.rows*95 || right.off > 0 {
		t.Error("right bills are not explained")
	}
	if wrong.explained*50 >= wrong.rows || wrong.off*10 < wrong.rows*9 || beside.off > 0 {
		t.Error("a wrong line is not told from the others")
	}
}

// rests reports whether a choice is among those of all rows, or one with its
// figures.
func (s *settling) rests(j *Joint, truth []int) bool {
	return slices.ContainsFunc(j.Choices, func(c Choice) bool {
		return s.among(&Finding{Candidates: []Candidate{{Parts: c.Parts}}}, truth)
	})
}

// line adds a line of the figures of each run by day.
func (s *settling) line(views ...[]int64) {
	a := NewAmounts(s.from, s.from+settlement.Day(s.days))
	var at [][]series.Total
	for r, view := range views {
		var day []series.Total
		for _, v := range view {
			day = append(day, series.TotalOf(v))
		}
		at = append(at, day)
		a.Add(s.runs[r], func(d settlement.Day) (series.Total, bool) { return day[d-s.from], true })
	}
	s.at, s.of = append(s.at, at), append(s.of, a)
}

// alikeOn is four days of three lines of energy, of which SF and R1 have the first
// days alike, and of a line for each view of prices.
func alikeOn(days int, prices ...[][]int64) *settling {
	s := &settling{from: date("2024-10-01"), days: 4, runs: []settlement.Run{settlement.II, settlement.SF, settlement.R1}}
	for i := range int64(3) {
		ii, sf := []int64{901_000 + i, 917_100, 904_700 - 31*i, 988_000}, []int64{702_317 + 977*i, 798_003, 731_911 + 7*i, 733_000}
		r1 := []int64{511_000 + i, 634_001, 622_123 + 97*i, 612_345}
		s.line(ii, sf, append(slices.Clone(sf[:days]), r1[days:]...))
	}
	for _, p := range prices {
		s.line(p...)
	}
	return s
}

var fine = [][]int64{{5100, 77_300, 90_210, 41_700}, {61_000, 3200, 45_100, 97_003}, {33_017, 51_009, 8800, 70_001}}

// TestInferRowsAlike: where the energy of two runs is the same and the prices are
// not, the rows of energy name both runs, and no row of prices is held against the
// wrong one.
func TestInferRowsAlike(t *testing.T) {
	s := alikeOn(3, fine)
	rows := s.bill([]int{2, 1, 1, 0}, 1)
	j := InferRows(rows, settlement.GB())
	if names(j) != "stairs R1 SF II;" || slices.Contains(j.Fits, false) || len(j.Choices[0].Alike) > 0 {
		t.Fatalf("%s %v, fits %v, alike %v", names(j), j.Choices, j.Fits, j.Choices[0].Alike)
	}
	sf, r1 := Part{s.from, s.from + 1, settlement.SF}, Part{s.from + 1, s.from + 3, settlement.R1}
	for i, f := range j.Rows {
		energy := i < 3
		if !f.Explained() || f.Ambiguous() != energy || energy && !slices.Equal(f.Candidates[0].Alike, []Part{sf, r1}) {
			t.Errorf("row %d: %+v", i, f)
		}
	}
	off(&rows[3], 1)
	if j := InferRows(rows, settlement.GB()); j.Fits[3] || !j.Held[3] || !j.Rows[3].Against || !j.Rows[0].Explained() {
		t.Errorf("a price that is off: %+v", j.Rows[3])
	}
}

// TestInferRowsTie: of two choices that fit as many rows but other ones, neither
// explains a row that the other does not fit, and neither says that it is off.
func TestInferRowsTie(t *testing.T) {
	other := slices.Clone(fine)
	slices.Reverse(other)
	s := alikeOn(3, fine, other)
	rows := s.bill([]int{2, 1, 1, 0}, 1)
	rows[4] = s.row(4, []int{2, 2, 1, 0}, 0, 4, 1)
	j := InferRows(rows, settlement.GB())
	if names(j) != "stairs R1 SF II;stairs R1 SF II;" || !slices.Equal(j.Held, []bool{true, true, true, true, false}) {
		t.Fatalf("%s, holds %v", names(j), j.Held)
	}
	for i, f := range j.Rows {
		if energy := i < 3; !f.Fits() || f.Explained() != energy || f.Joint != energy || f.Against {
			t.Errorf("row %d: %+v", i, f)
		}
	}
}

// TestChanceGiven: beside rows that are explained, chance is of the other choices
// that fit those, each once: the one there is here, in the 128 figures that a
// quarter of the range of the last row holds. Where prices are coarser by half,
// that is too likely to be chance to explain the row, and it is not said to be off.
func TestChanceGiven(t *testing.T) {
	price := [][]int64{{0, 150, 20, 147}, {140, 0, 160, 0}, {9, 80, 0, 70}}
	for unit, chance := range map[int64]*big.Rat{1: big.NewRat(1, 128), 3: big.NewRat(1, 32)} {
		s := alikeOn(1, price)
		rows := s.bill([]int{2, 1, 1, 0}, 1)
		rows[3] = s.row(3, []int{2, 1, 1, 0}, 0, 4, unit)
		j := InferRows(rows, settlement.GB())
		f := j.Rows[3]
		if f.Chance == nil || f.Chance.Cmp(chance) != 0 || f.Explained() != rare(chance) || f.Against || j.Held[3] != rare(chance) {
			t.Errorf("unit %d: %+v, holds %v", unit, f, j.Held)
		}
	}
}
