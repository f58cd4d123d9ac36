package revisions

import (
	"encoding/csv"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// anyPair draws two views of one cube, or two frames that have nothing to do
// with each other.
func anyPair(t *rapid.T) Pair {
	c := anyCube(t)
	if len(c.Runs()) > 1 && rapid.Bool().Draw(t, "frames") {
		runs := rapid.Permutation(c.Runs()).Draw(t, "two")
		return Pair{c.Frame(runs[0]), c.Frame(runs[1])}
	}
	from, _ := anyView(t, c.Span())
	to, _ := anyView(t, c.Span())
	a, _ := from.Reconcile(c)
	b, _ := to.Reconcile(c)
	return Pair{a, b}
}

// parts are the whole of a span, its days and its months.
func parts(s settlement.Span) []settlement.Span {
	out := []settlement.Span{s}
	for _, part := range s.EachDay() {
		out = append(out, part)
	}
	for _, part := range s.Months() {
		out = append(out, part)
	}
	return out
}

// TestChange compares with half-hours counted one by one in big integers.
func TestChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPair(t)
		span := p.Old.Span()
		for l := range series.Line(p.Old.Schema().Len()) {
			for _, part := range append(parts(span), settlement.Span{}) {
				got := p.Change(l, part)
				var old, new, delta, appeared, vanished big.Int
				var n [5]int // old, new, changed, appeared, vanished
				for at := part.Lo; at < part.Hi; at++ {
					a, inA := p.Old.Get(l, at)
					b, inB := p.New.Get(l, at)
					x, y := big.NewInt(a), big.NewInt(b)
					if inA {
						old.Add(&old, x)
						n[0]++
					}
					if inB {
						new.Add(&new, y)
						n[1]++
					}
					switch {
					case inA && inB:
						delta.Add(&delta, y).Sub(&delta, x)
						if a != b {
							n[2]++
						}
					case inB:
						appeared.Add(&appeared, y)
						n[3]++
					case inA:
						vanished.Add(&vanished, x)
						n[4]++
					}
				}
				for _, s := range []struct {
					name string
					got  Side
					sum  *big.Int
					n    int
				}{{"old", got.Old, &old, n[0]}, {"new", got.New, &new, n[1]}, {"delta", Side{got.Delta, got.Changed}, &delta, n[2]},
					{"appeared", got.Appeared, &appeared, n[3]}, {"vanished", got.Vanished, &vanished, n[4]}} {
					if s.got.Sum.Big().Cmp(s.sum) != 0 || s.got.HalfHours != s.n {
						t.Fatalf("line %d over %v, %s: %v of %d, want %v of %d", l, part, s.name, s.got.Sum.Big(), s.got.HalfHours, s.sum, s.n)
					}
				}
				if got.Net() != got.Delta.Add(got.Appeared.Sum).Sub(got.Vanished.Sum) {
					t.Fatalf("line %d over %v: %+v does not add up", l, part, got)
				}
				if got.None() != (n[2]+n[3]+n[4] == 0) {
					t.Fatalf("None = %v", got.None())
				}
			}
		}
	})
}

// TestDifferences: a cell holds new − old where both hold one, and nothing
// elsewhere; its sum is the change's.
func TestDifferences(t *testing.T) {
	refused, made := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		p := anyPair(t)
		if rapid.Bool().Draw(t, "tame") { // values whose differences fit
			for _, f := range []*series.Frame{p.Old, p.New} {
				for l := range series.Line(f.Schema().Len()) {
					for i, v := range f.Line(l).Values {
						f.Line(l).Values[i] = v >> 2
					}
				}
			}
		}
		dst := series.NewFrame(nil, p.Old.Schema(), p.Old.Span())
		for k := range dst.Schema().Sources() {
			for i := range dst.Len() {
				put(dst, k, i, -7, series.Flags, settlement.DF)
			}
		}
		fits := true
		for l := range series.Line(dst.Schema().Len()) {
			for at := dst.Span().Lo; at < dst.Span().Hi; at++ {
				a, inA := p.Old.Get(l, at)
				b, inB := p.New.Get(l, at)
				fits = fits && (!inA || !inB || new(big.Int).Sub(big.NewInt(b), big.NewInt(a)).IsInt64())
			}
		}
		if err := p.Differences(dst); (err == nil) != fits {
			t.Fatalf("they fit: %v, but %v", fits, err)
		} else if err != nil {
			if !errors.Is(err, series.ErrValue) {
				t.Fatal(err)
			}
			refused++
			return
		}
		made++
		for l := range series.Line(dst.Schema().Len()) {
			for at := dst.Span().Lo; at < dst.Span().Hi; at++ {
				a, inA := p.Old.Get(l, at)
				b, inB := p.New.Get(l, at)
				v, ok := dst.Get(l, at)
				m := dst.Line(l).Marks[dst.Span().Index(at)]
				if ok != (inA && inB) || ok && v != b-a || !ok && (v != 0 || m != 0) {
					t.Fatalf("line %d, %v: %d, %v, %#x", l, at, v, ok, m)
				}
			}
			for _, part := range parts(dst.Span()) {
				lo, hi := dst.Span().Index(part.Lo), dst.Span().Index(part.Hi)
				if c := p.Change(l, part); part.Len() > 0 && dst.Line(l).Sum(lo, hi) != c.Delta {
					t.Fatalf("line %d over %v: the cells sum to %v, the change is %v", l, part, dst.Line(l).Sum(lo, hi), c.Delta)
				}
			}
		}
	})
	if refused == 0 || made == 0 {
		t.Errorf("%d refused, %d made", refused, made)
	}
}

// TestWaterfall: start and signed steps make the end, for every line, day and
// month; the steps of the parts make the step of the whole.
func TestWaterfall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCube(t)
		v := EachRun(c)
		if len(v.Runs) == 0 {
			return
		}
		last, _ := Latest().Reconcile(c)
		for l := range series.Line(c.Schema().Len()) {
			whole := v.Waterfall(l, c.Span())
			months := make([]series.Total, len(whole.Steps))
			for _, part := range parts(c.Span()) {
				w := v.Waterfall(l, part)
				if len(w.Steps) != len(whole.Steps) || w.First != whole.First {
					t.Fatalf("line %d over %v starts with %v", l, part, w.First)
				}
				sum, n := w.Start.Sum, w.Start.HalfHours
				for _, s := range w.Steps {
					sum, n = sum.Add(s.Net()), n+s.Appeared.HalfHours-s.Vanished.HalfHours
				}
				lo, hi := c.Span().Index(part.Lo), c.Span().Index(part.Hi)
				if part.Empty() {
					lo, hi = 0, 0
				}
				if end := last.Line(l).Sum(lo, hi); sum != w.End.Sum || end != w.End.Sum || n != w.End.HalfHours {
					t.Fatalf("line %d over %v: start and steps make %v, the end is %v, the latest view holds %v", l, part, sum.Big(), w.End.Sum.Big(), end.Big())
				}
			}
			for _, part := range c.Span().Months() {
				for k, s := range v.Waterfall(l, part).Steps {
					months[k] = months[k].Add(s.Net())
				}
			}
			for k, s := range whole.Steps {
				if s.Net() != months[k] {
					t.Fatalf("line %d, %v: the months' steps make %v, the step is %v", l, s.Run, months[k].Big(), s.Net().Big())
				}
			}
		}
	})
}

// A run that holds nothing has not landed, and takes no step.
func TestLanded(t *testing.T) {
	span := settlement.Days(date("2026-10-25"), date("2026-10-26"))
	c := series.NewCube(nil, series.Market(), []settlement.Run{settlement.Untagged, settlement.II, settlement.SF, settlement.R1}, span)
	for i := range span.Len() {
		put(c.Frame(settlement.Untagged), 0, i, 1043, 0, settlement.Untagged)
		put(c.Frame(settlement.II), 1, i, 5, 0, settlement.II)
		put(c.Frame(settlement.R1), 1, i, 8, 0, settlement.R1)
	}
	v := EachRun(c)
	if len(v.Runs) != 3 || v.Runs[2] != settlement.R1 {
		t.Fatalf("landed: %v", v.Runs)
	}
	w := v.Waterfall(series.TLM, span) // the untagged view holds no multiplier; put writes 5^1 and 8^1
	if w.First != settlement.II || len(w.Steps) != 1 || w.Start.Sum != series.TotalOf(200) || w.Steps[0].Net() != series.TotalOf(250) || w.Steps[0].Changed != 50 {
		t.Errorf("%+v", w)
	}
	if w := v.Waterfall(series.LLF, span); w.First != settlement.Untagged || len(w.Steps) != 2 || !w.Steps[0].None() || !w.Steps[1].None() {
		t.Errorf("%+v", w)
	}
	if w := v.Waterfall(series.SystemPrice, span); w.Start.HalfHours != 0 || len(w.Steps) != 0 { // nobody holds any
		t.Errorf("%+v", w)
	}
}

func TestComparePanics(t *testing.T) {
	day := settlement.Days(date("2026-01-01"), date("2026-01-02"))
	f := series.NewFrame(nil, series.Meter(), day)
	next := series.NewFrame(nil, series.Meter(), settlement.Days(date("2026-01-02"), date("2026-01-03")))
	for name, do := range map[string]func(){
		"schema": func() { Pair{f, series.NewFrame(nil, series.Market(), day)}.Change(0, day) },
		"span":   func() { Pair{f, next}.Change(0, day) },
		"part":   func() { Pair{f, f}.Change(0, next.Span()) },
		"dst":    func() { _ = Pair{f, f}.Differences(next) },
		"views":  func() { Views{}.Waterfall(0, day) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			do()
		}()
	}
}

func TestCompareNoAllocation(t *testing.T) {
	c := staircase(true)
	a, _ := UpTo(settlement.SF).Reconcile(c)
	b, _ := Latest().Reconcile(c)
	dst := series.NewFrame(nil, c.Schema(), c.Span())
	p := Pair{a, b}
	if n := testing.AllocsPerRun(5, func() { p.Change(0, c.Span()) }); n != 0 {
		t.Errorf("Change allocates %v times", n)
	}
	if n := testing.AllocsPerRun(5, func() { _ = p.Differences(dst) }); n != 0 {
		t.Errorf("Differences allocates %v times", n)
	}
}

// published are the columns of the real runs.
var published = series.Must(series.NewSchema("bsuos",
	series.Def{Name: "volume", Unit: series.KWh, Scale: 3, Source: "run"},
	series.Def{Name: "recovery", Unit: series.GBP, Scale: 2, Source: "run"}))

// TestRealRuns: three settlement runs of one day that NESO published; totals
// and what came between are those its source note states.
func TestRealRuns(t *testing.T) {
	path := filepath.Join("..", "..", "shared", "data", "neso-bsuos-runs", "bsuos_2025-04-01_II_SF_RF.csv")
	file, err := os.Open(path)
	if os.IsNotExist(err) {
		t.Skipf("%s is not there: the published runs are not compared", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	day := settlement.Days(date("2025-04-01"), date("2025-04-02"))
	runs := []settlement.Run{settlement.II, settlement.SF, settlement.R1, settlement.RF} // R1 is not published
	c := series.NewCube(nil, published, runs, day)
	for _, row := range rows[1:] {
		n, err := strconv.Atoi(row[1])
		if err != nil || row[0] != "2025-04-01T00:00:00" {
			t.Fatal(row)
		}
		mwh, err1 := decimal.NewFromString(row[3])
		gbp, err2 := decimal.NewFromString(row[4])
		run, err3 := settlement.ParseRun(row[5])
		if err := errors.Join(err1, err2, err3); err != nil {
			t.Fatal(row, err)
		}
		i, f := n-1, c.Frame(run)
		put(f, 0, i, 0, 0, run)
		f.Line(0).Values[i] = mwh.Shift(3 + 3).IntPart() // MWh as kWh at 3 decimals
		f.Line(1).Values[i] = gbp.Shift(2).IntPart()
	}
	v := EachRun(c)
	w := v.Waterfall(1, day)
	pounds := func(t series.Total) string { return t.Decimal(2).StringFixed(2) }
	if len(w.Steps) != 2 || pounds(w.Start.Sum) != "7585896.64" || pounds(w.Steps[0].New.Sum) != "7910626.24" || pounds(w.End.Sum) != "7961175.09" ||
		pounds(w.Steps[0].Net()) != "324729.60" || pounds(w.Steps[1].Net()) != "50548.85" {
		t.Errorf("recovery: %s, %s, %s", pounds(w.Start.Sum), pounds(w.Steps[0].New.Sum), pounds(w.End.Sum))
	}
	dst := series.NewFrame(nil, published, day)
	if err := (Pair{v.Frames[1], v.Frames[2]}).Differences(dst); err != nil {
		t.Fatal(err)
	}
	for i, kwh := range dst.Line(0).Values {
		if (kwh < 0) != (i == 10) {
			t.Errorf("period %d: the volume of RF is %d above that of SF; it is below at period 11 only", i+1, kwh)
		}
	}
	if got := dst.Line(0).Sum(0, 48); got != v.Waterfall(0, day).Steps[1].Delta || got == series.TotalOf(0) {
		t.Errorf("volume: %v", got)
	}
}
