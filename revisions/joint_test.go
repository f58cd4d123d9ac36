package revisions

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// bill is every line of a choice as it is printed.
func (s *settling) bill(choice []int, unit int64) (rows []Bucket) {
	for line := range s.at {
		rows = append(rows, s.row(line, choice, 0, s.days, unit))
	}
	return rows
}

func off(b *Bucket, by int64) { b.Claims[0].Total = b.Claims[0].Total.Add(series.TotalOf(by)) }

func names(j *Joint) (out string) {
	for _, c := range j.Choices {
		out += c.Shape.String()
		for _, p := range c.Parts {
			out += fmt.Sprintf(" %v", p.Run)
		}
		out += ";"
	}
	return out
}

// TestInferRows: rows that one run explains but for one say which run it is, and
// the one is left with what it is off by.
func TestInferRows(t *testing.T) {
	for seed := range uint64(5) {
		s := settle(rand.New(rand.NewPCG(seed, 1)), kinds[1], 31, 7, 6)
		rows := s.bill(slices.Repeat([]int{2}, 31), 100)
		if j := InferRows(rows, settlement.GB()); names(j) != "run R1;" || slices.Contains(j.Fits, false) || j.Chance != nil {
			t.Errorf("all rows of R1: %s, %v", names(j), j.Fits)
		}
		off(&rows[3], 3700)
		j := InferRows(rows, settlement.GB())
		f := j.Rows[3]
		if names(j) != "run R1;" || j.Fits[3] || slices.Contains(slices.Delete(slices.Clone(j.Fits), 3, 4), false) {
			t.Errorf("%s, %v", names(j), j.Fits)
		}
		if f.Fits() || f.Explained() || !f.Against || f.Candidates[0].Parts[0].Run != settlement.R1 || !covers(f.Candidates[0].Residuals[0].Big().Sub(f.Candidates[0].Residuals[0].Big(), series.TotalOf(3700).Big()), 100) {
			t.Errorf("a row that is off: %+v", f)
		}
		half := slices.Clone(rows)
		for i := range 3 {
			half[i] = s.row(i, slices.Repeat([]int{4}, 31), 0, 31, 100)
		}
		if j := InferRows(half, settlement.GB()); names(j) != "" || j.Rows[0].Shape != OneRun || j.Rows[4].Shape != OneRun || j.Rows[3].Explained() {
			t.Errorf("half of the rows each: %s", names(j))
		}
	}
}

// TestInferRowsStairs: a staircase is found from the rows it fits, though the
// row that tells choices apart best is wrong; and in any order of rows.
func TestInferRowsStairs(t *testing.T) {
	for seed := range uint64(5) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		s := settle(rnd, kinds[1], 31, 7, 6)
		choice := s.stairs(2)
		rows := s.bill(choice, 100)
		rows[0] = s.row(0, choice, 0, 31, 1)
		off(&rows[0], 4321)
		j := InferRows(rows, settlement.GB())
		for i, f := range j.Rows {
			if i == 0 && (f.Explained() || !f.Against || f.Candidates[0].Residuals[0] != series.TotalOf(4321)) {
				t.Errorf("the row that is off: %+v", f)
			}
			if i > 0 && (!f.Explained() || !f.Joint || f.Shape != Stairs || f.Tried < 1000 || !s.among(f, choice)) {
				t.Errorf("row %d: %+v", i, f)
			}
		}
		order := rnd.Perm(len(rows))
		var other []Bucket
		for _, i := range order {
			other = append(other, rows[i])
		}
		k := InferRows(other, settlement.GB())
		for n, i := range order {
			if fmt.Sprint(k.Rows[n]) != fmt.Sprint(j.Rows[i]) {
				t.Errorf("in another order row %d is %+v, not %+v", i, k.Rows[n], j.Rows[i])
			}
		}
	}
}

// TestInferRowsDays: rows of days leave few runs for the days of a month, which
// is then told although its days are too many for mixes; a wrong one of them
// harms nothing. Rows of weeks are explained by what explains the month.
func TestInferRowsDays(t *testing.T) {
	s := settle(rand.New(rand.NewPCG(5, 5)), kinds[0], 31, 7, 4)
	choice := s.mix()
	rows := s.bill(choice, 1)
	if j := InferRows(rows, settlement.GB()); names(j) != "" || !j.Partial || j.Rows[0].Explained() {
		t.Errorf("without days: %s, %+v", names(j), j.Rows[0])
	}
	for d := range s.days {
		for line := range 3 {
			rows = append(rows, s.row(line, choice, d, d+1, 100))
		}
	}
	wrong := len(rows) - 1
	off(&rows[wrong], 777_700)
	j := InferRows(rows, settlement.GB())
	if len(j.Choices) != 1 || j.Choices[0].Shape != AnyMix || j.Fits[wrong] || !j.Rows[wrong].Against || !rare(j.Chance) {
		t.Fatalf("%d choices, chance %v, %+v", len(j.Choices), j.Chance, j.Rows[wrong])
	}
	for i, f := range j.Rows {
		if i != wrong && (!f.Explained() || !j.Fits[i]) || i < 4 && !s.among(f, choice) {
			t.Errorf("row %d: %+v", i, f)
		}
	}

	stairs := s.stairs(3)
	rows = s.bill(stairs, 100)
	for lo := 0; lo < 28; lo += 7 {
		rows = append(rows, s.row(3, stairs, lo, lo+7, 100))
	}
	if j := InferRows(rows, settlement.GB()); len(j.Choices) == 0 || slices.Contains(j.Fits, false) {
		t.Errorf("weeks of a staircase: %s, %v", names(j), j.Fits)
	}
}

// TestChanceOnce: a row that says the same thing again makes nothing less
// likely to be chance; one that says another does.
func TestChanceOnce(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	s := settle(rnd, kinds[0], 31, 7, 2)
	priced := NewAmounts(s.from, s.from+31)
	for r := range s.runs {
		priced.Add(s.runs[r], func(d settlement.Day) (series.Total, bool) { return s.at[0][r][d-s.from].Mul(17), true })
	}
	choice := s.stairs(1)
	row := s.row(0, choice, 0, 31, 1)
	again := Bucket{From: row.From, To: row.To, Claims: []Claim{{Of: priced, Total: row.Claims[0].Total.Mul(17), Unit: 17}}}
	one := InferRows([]Bucket{row}, settlement.GB()).Rows[0]
	two := InferRows([]Bucket{row, again}, settlement.GB()).Rows[0]
	both := row
	both.Claims = append(slices.Clone(row.Claims), again.Claims...)
	cell := Infer(both, settlement.GB())
	other := InferRows([]Bucket{row, s.row(1, choice, 0, 31, 1)}, settlement.GB()).Rows[0]
	if one.Chance == nil || one.Chance.Cmp(two.Chance) != 0 || one.Chance.Cmp(cell.Chance) != 0 {
		t.Errorf("once %v, twice %v, in one row %v", one.Chance, two.Chance, cell.Chance)
	}
	if other.Chance == nil || other.Chance.Cmp(one.Chance) >= 0 {
		t.Errorf("one row %v, two %v", one.Chance, other.Chance)
	}
}

// TestInferRowsSigns: nothing, credits and rows that no run holds are rows like
// others.
func TestInferRowsSigns(t *testing.T) {
	s := settle(rand.New(rand.NewPCG(8, 8)), kinds[5], 31, 6, 4)
	choice := s.date()
	rows := s.bill(choice, 1)
	zero := NewAmounts(s.from, s.from+31)
	gap := NewAmounts(s.from, s.from+31)
	for _, r := range s.runs {
		zero.Add(r, func(settlement.Day) (series.Total, bool) { return series.Total{}, true })
		gap.Add(r, func(d settlement.Day) (series.Total, bool) { return series.TotalOf(1), d != s.from+3 })
	}
	rows = append(rows, Bucket{From: s.from, To: s.from + 31, Claims: []Claim{{Of: zero, Total: series.Total{}, Unit: 100}}},
		Bucket{From: s.from, To: s.from + 31, Claims: []Claim{{Of: gap, Total: series.TotalOf(31), Unit: 1}}})
	j := InferRows(rows, settlement.GB())
	if len(j.Choices) == 0 || j.Choices[0].Shape != OneDate || !slices.Equal(j.Fits, []bool{true, true, true, true, true, false}) || j.Held[5] || j.Rows[5].Missing != 1 {
		t.Errorf("%s, fits %v, holds %v, %+v", names(j), j.Fits, j.Held, j.Rows[5])
	}
	if f := j.Rows[4]; f.Shape != OneRun || len(f.Candidates) != 6 {
		t.Errorf("nothing, of every run: %+v", f)
	}
	if j := InferRows(nil, settlement.GB()); len(j.Rows) != 0 {
		t.Errorf("no rows: %+v", j)
	}
}

// BenchmarkInferRows: thirty rows of a month of seven runs, of a staircase, of one
// but for a row, and of nothing; and thirty-two whose rows tell different runs apart,
// right and but for a row.
func BenchmarkInferRows(b *testing.B) {
	s := settle(rand.New(rand.NewPCG(9, 9)), kinds[1], 31, 7, 30)
	stairs := s.bill(s.stairs(3), 100)
	nothing := s.bill(s.stairs(3), 100)
	for i := range nothing {
		nothing[i].Claims[0].Total = s.anywhere(i, 100)
	}
	fine := slices.Clone(nothing)
	for i := range fine {
		fine[i] = s.row(i, s.mix(), 0, 31, 1)
	}
	but := slices.Clone(stairs)
	but[3] = nothing[3]
	apart := apartly(rand.New(rand.NewPCG(9, 9)), 31, 7, 1000)
	for range 3 {
		more := apartly(apart.rnd, 31, 7, 1000)
		apart.at, apart.of = append(apart.at, more.at...), append(apart.of, more.of...)
	}
	differ := apart.bill(apart.stairs(3), penny)
	off := slices.Clone(differ)
	off[2].Claims = []Claim{{Of: apart.of[2], Total: apart.anywhere(2, penny), Unit: penny}}
	for name, rows := range map[string][]Bucket{
		"stairs": stairs, "but one": but, "nothing": nothing, "nothing, finely": fine, "apart": differ, "apart, but one": off,
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				InferRows(rows, settlement.GB())
			}
		})
	}
}

// TestJointFirst: of the runs that fit a row the one that all rest on comes first,
// and a row that only another fits is not said to be joint.
func TestJointFirst(t *testing.T) {
	s := settle(rand.New(rand.NewPCG(5, 1)), kinds[1], 10, 3, 4)
	line := func(value func(run, day int) int64) Bucket {
		a := NewAmounts(s.from, s.from+10)
		for r := range s.runs {
			a.Add(s.runs[r], func(d settlement.Day) (series.Total, bool) { return series.TotalOf(value(r, int(d-s.from))), true })
		}
		return Bucket{From: s.from, To: s.from + 10, Claims: []Claim{{Of: a, Total: series.TotalOf(10_000), Unit: 1}}}
	}
	either := line(func(r, _ int) int64 { return []int64{1000, 1000, 5000}[r] })
	third := line(func(r, _ int) int64 { return []int64{5000, 5000, 1000}[r] })
	j := InferRows(append(s.bill(slices.Repeat([]int{1}, 10), 100), either, third), settlement.GB())
	if f := j.Rows[4]; names(j) != "run SF;" || !f.Joint || len(f.Candidates) != 2 || f.Candidates[0].Parts[0].Run != settlement.SF {
		t.Errorf("%s: %+v", names(j), f)
	}
	if f := j.Rows[5]; f.Joint || f.Shape != OneRun || j.Fits[5] {
		t.Errorf("a row of another run: %+v", f)
	}
	stairs := s.stairs(2)
	same := line(func(r, d int) int64 {
		if r == 0 && stairs[d] != 0 {
			return 1001
		}
		return 1000
	})
	j = InferRows(append(s.bill(stairs, 100), same), settlement.GB())
	if f := j.Rows[4]; j.Choices[0].Shape != Stairs || !j.Fits[4] || f.Shape != OneRun || f.Joint {
		t.Errorf("%s: a row that a run fits: %+v", names(j), f)
	}
}

// TestInferRowsHoles: rows of which no run holds a day for both are no reason not to
// look for what the others rest on, and it is not held against a row that it has
// no figures for.
func TestInferRowsHoles(t *testing.T) {
	s := settle(rand.New(rand.NewPCG(5, 1)), kinds[1], 31, 6, 4)
	choice := s.stairs(2)
	rows := s.bill(choice, 100)
	third := choice[3]
	for _, only := range []bool{true, false} {
		a := NewAmounts(s.from, s.from+31)
		for r := range s.runs {
			a.Add(s.runs[r], func(d settlement.Day) (series.Total, bool) {
				return series.TotalOf(5), d != s.from+3 || (r == third) == only
			})
		}
		rows = append(rows, Bucket{From: s.from, To: s.from + 31, Claims: []Claim{{Of: a, Total: series.TotalOf(1), Unit: 1}}})
	}
	j := InferRows(rows, settlement.GB())
	if len(j.Choices) != 1 || j.Choices[0].Shape != Stairs || !s.among(j.Rows[0], choice) || !slices.Equal(j.Held, []bool{true, true, true, true, true, false}) {
		t.Fatalf("%s, held %v, %+v", names(j), j.Held, j.Rows[0])
	}
	if f := j.Rows[5]; f.Fits() || f.Against {
		t.Errorf("a row without a figure of the day: %+v", f)
	}
	day := s.row(0, choice, 3, 4, 100) // fits a run that others do not hold
	for r := range s.runs {
		if s.at[0][r][3] != s.at[0][third][3] {
			day.Claims = []Claim{{Of: s.of[0], Total: nearest(s.at[0][r][3], 100), Unit: 100}}
		}
	}
	if j := InferRows(append(rows[:5:5], day), settlement.GB()); len(j.Choices) != 1 || !j.Rows[0].Explained() {
		t.Errorf("with a day of another run: %s", names(j))
	}
}

// TestInferRowsDates: every date is looked at, however many rows there are.
func TestInferRowsDates(t *testing.T) {
	s := settle(rand.New(rand.NewPCG(5, 1)), kinds[1], 92, 6, 30)
	b := billing{from: s.from, days: s.days, runs: s.runs}
	choice := b.asOf(s.from + settlement.Day(s.days+200))
	rows := s.bill(choice, 100)
	for line := range s.at {
		for lo := range s.days {
			rows = append(rows, s.row(line, choice, lo, lo+1, 100_000_000)) // fits whatever the run
		}
	}
	if j := InferRows(rows, settlement.GB()); len(j.Choices) == 0 || j.Choices[0].Shape != OneDate || j.Partial || slices.Contains(j.Fits, false) {
		t.Errorf("%s, partial %v", names(j), j.Partial)
	}
}
