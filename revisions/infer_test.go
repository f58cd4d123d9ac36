package revisions

import (
	"fmt"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// billing is a cube, what each run's view of it comes to by day, and a truth
// drawn from them.
type billing struct {
	cube *series.Cube
	from settlement.Day
	days int
	runs []settlement.Run // that speak
	sums [][]*big.Int     // by run and day; nil where the view does not hold the day

	onDates [][]int // see dates
}

// anyBilling draws up to ten days of few different values, so that runs agree
// on some of them.
func anyBilling(t *rapid.T, most int) *billing {
	b := &billing{from: rapid.SampledFrom(from).Draw(t, "from"), days: rapid.IntRange(1, most).Draw(t, "days")}
	b.cube = series.NewCube(nil, series.Meter(), anyRuns(t), settlement.Days(b.from, b.from+settlement.Day(b.days)))
	values := rapid.SampledFrom([]int{2, 1000, 1_000_000}).Draw(t, "values")
	rnd := random(rapid.Uint64Range(1, 1<<60).Draw(t, "seed"))
	for _, r := range b.cube.Runs() {
		landed := rapid.IntRange(0, b.days).Draw(t, "landed")
		if rapid.Bool().Draw(t, "all") {
			landed = b.days
		}
		for k := range landed {
			d := (b.from + settlement.Day(k)).Span()
			v := int64(rnd.below(values))
			for p := d.Lo; p < d.Hi; p++ {
				put(b.cube.Frame(r), 0, b.cube.Span().Index(p), v, 0, r)
			}
		}
	}
	for _, r := range b.cube.Runs() {
		f, rep := UpTo(r).Reconcile(b.cube)
		if rep.Sources[0].ByRun[r] > 0 {
			b.runs = append(b.runs, r)
			b.sums = append(b.sums, b.byDay(f))
		}
	}
	return b
}

func (b *billing) byDay(f *series.Frame) []*big.Int {
	out := make([]*big.Int, b.days)
	for d, part := range f.Span().EachDay() {
		sum := new(big.Int)
		for p := part.Lo; p < part.Hi && sum != nil; p++ {
			if v, ok := f.Get(series.AI, p); ok {
				sum.Add(sum, big.NewInt(v))
			} else {
				sum = nil
			}
		}
		out[d-b.from] = sum
	}
	return out
}

// total is what a choice of a run for each day comes to.
func (b *billing) total(choice []int) (*big.Int, bool) {
	sum := new(big.Int)
	for k, r := range choice {
		if r < 0 || b.sums[r][k] == nil {
			return nil, false
		}
		sum.Add(sum, b.sums[r][k])
	}
	return sum, true
}

// values names the figures a choice takes, whichever runs they are of.
func (b *billing) values(choice []int) string {
	s := ""
	for k, r := range choice {
		s += b.sums[r][k].String() + " "
	}
	return s
}

// of reads a candidate back.
func (b *billing) of(t *rapid.T, c *Candidate) []int {
	choice := make([]int, 0, b.days)
	for _, p := range c.Parts {
		if p.From != b.from+settlement.Day(len(choice)) || p.To <= p.From {
			t.Fatalf("parts %v of days from %v", c.Parts, b.from)
		}
		for d := p.From; d < p.To; d++ {
			choice = append(choice, slices.Index(b.runs, p.Run))
		}
	}
	if len(choice) != b.days {
		t.Fatalf("parts %v of %d days", c.Parts, b.days)
	}
	return choice
}

// asOf is the choice of what was due on a day.
func (b *billing) asOf(on settlement.Day) []int {
	admits := asOf(on, settlement.GB())
	choice := make([]int, b.days)
	for k := range choice {
		choice[k] = -1
		for r := settlement.Untagged; r <= settlement.DF; r++ {
			if admits(b.from+settlement.Day(k), r) {
				for i, run := range b.runs {
					if run <= r {
						choice[k] = max(choice[k], i)
					}
				}
			}
		}
	}
	return choice
}

// every calls f with every choice of runs.
func (b *billing) every(f func([]int)) {
	choice := make([]int, b.days)
	for {
		f(choice)
		k := 0
		for k < b.days {
			if choice[k]++; choice[k] < len(b.runs) {
				break
			}
			choice[k] = 0
			k++
		}
		if k == b.days {
			return
		}
	}
}

// shape is the likeliest shape of a choice; more is how many steps it has.
func (b *billing) shape(choice []int) (s Shape, steps int) {
	falls := true
	for k := 1; k < len(choice); k++ {
		if choice[k] != choice[k-1] {
			steps++
		}
		falls = falls && choice[k] <= choice[k-1]
	}
	switch {
	case steps == 0:
		return OneRun, 0
	case b.onADate(choice):
		return OneDate, 0
	case falls:
		return Stairs, steps
	}
	return AnyMix, 0
}

func (b *billing) onADate(choice []int) bool {
	for _, on := range b.dates() {
		if slices.Equal(on, choice) {
			return true
		}
	}
	return false
}

// dates are the choices of what was due on each day until all is.
func (b *billing) dates() [][]int {
	if b.onDates == nil {
		for on := b.from; on < b.from+500; on++ {
			b.onDates = append(b.onDates, b.asOf(on))
		}
		b.onDates = slices.CompactFunc(b.onDates, slices.Equal[[]int])
	}
	return b.onDates
}

func totalOf(t *rapid.T, v *big.Int) series.Total {
	if !v.IsInt64() {
		t.Fatalf("%v", v)
	}
	return series.TotalOf(v.Int64())
}

// printedAs is a total as printed with a last unit: to the nearest, or at a
// half either way.
func printedAs(t *rapid.T, v *big.Int, unit int64) *big.Int {
	u, half := big.NewInt(unit), big.NewInt(unit/2)
	if unit%2 == 0 && rapid.Bool().Draw(t, "half down") {
		half = big.NewInt(unit/2 - 1)
	}
	q := new(big.Int).Add(v, half)
	m := new(big.Int).Mod(q, u)
	return q.Sub(q, m)
}

// TestInfer: what a choice of runs comes to, as printed, is explained by a
// shape as likely as that choice's or likelier; every candidate is what it says,
// and for few days and runs those listed are all there are.
func TestInfer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anyBilling(t, 6)
		if len(b.runs) == 0 {
			return
		}
		truth := make([]int, b.days)
		switch rapid.IntRange(0, 3).Draw(t, "truth") {
		case 0:
			r := rapid.IntRange(0, len(b.runs)-1).Draw(t, "run")
			truth = slices.Repeat([]int{r}, b.days)
		case 1:
			truth = b.asOf(b.from + settlement.Day(rapid.IntRange(1, 460).Draw(t, "as of")))
		case 2:
			for k := range truth {
				truth[k] = rapid.IntRange(0, len(b.runs)-1).Draw(t, "run")
			}
			slices.Sort(truth)
			slices.Reverse(truth)
		default:
			for k := range truth {
				truth[k] = rapid.IntRange(0, len(b.runs)-1).Draw(t, "run")
			}
		}
		sum, ok := b.total(truth)
		if !ok {
			return
		}
		unit := rapid.SampledFrom([]int64{1, 1, 10, 1000}).Draw(t, "unit")
		billed := printedAs(t, sum, unit)
		f := b.infer(t, billed, unit)
		if f.Partial || !f.Fits() {
			t.Fatalf("%v of %v is not explained: %+v", billed, b.sums, f)
		}
		for i := range f.Candidates {
			b.checkCandidate(t, &f.Candidates[i], billed, unit)
		}
		if n, _ := b.shape(truth); f.Shape > n {
			t.Fatalf("%v explains %v, and was not found before %v", n, billed, f.Shape)
		}
		b.checkAll(t, f, billed, unit)
	})
}

func (b *billing) infer(t *rapid.T, billed *big.Int, unit int64) *Finding {
	bucket := Bucket{From: b.from, To: b.from + settlement.Day(b.days),
		Claims: []Claim{{Of: AmountsOf(b.cube, series.AI), Total: totalOf(t, billed), Unit: unit}}}
	f := Infer(bucket, settlement.GB())
	if again := Infer(bucket, settlement.GB()); fmt.Sprint(again) != fmt.Sprint(f) {
		t.Fatalf("%+v, and then %+v", f, again)
	}
	return f
}

func (b *billing) checkCandidate(t *rapid.T, c *Candidate, billed *big.Int, unit int64) {
	sum, ok := b.total(b.of(t, c))
	left := new(big.Int)
	if ok {
		left.Sub(billed, sum)
	}
	if !ok || c.Sums[0].Big().Cmp(sum) != 0 || c.Residuals[0].Big().Cmp(left) != 0 {
		t.Fatalf("candidate %+v of %v", c, b.sums)
	}
	if !covers(left, unit) {
		t.Fatalf("%+v leaves %v of a unit of %d", c, left, unit)
	}
	if choice := b.of(t, c); c.Shape == OneDate && !slices.Equal(choice, b.asOf(c.AsOf)) {
		t.Fatalf("%+v is not what was due on %v: %v", c, c.AsOf, b.asOf(c.AsOf))
	}
}

func covers(left *big.Int, unit int64) bool {
	twice := new(big.Int).Lsh(new(big.Int).Abs(left), 1)
	return twice.Cmp(big.NewInt(unit)) <= 0
}

// checkAll compares with every choice there is.
func (b *billing) checkAll(t *rapid.T, f *Finding, billed *big.Int, unit int64) {
	many := 1
	for range b.days {
		many *= len(b.runs)
	}
	if many > 2000 || f.More {
		return
	}
	want, least := map[string]bool{}, b.days
	b.every(func(choice []int) {
		sum, ok := b.total(choice)
		if !ok || !covers(sum.Sub(billed, sum), unit) {
			return
		}
		shape, steps := b.shape(choice)
		if f.Shape != OneRun && shape == OneRun || shape < f.Shape {
			t.Fatalf("%v explains %v: not found, but %+v", choice, billed, f)
		}
		if f.Shape == Stairs && shape == Stairs && steps < least {
			least = steps
			clear(want)
		}
		switch {
		case shape != f.Shape || shape == Stairs && steps > least:
		case shape == OneRun:
			want[fmt.Sprint(choice)] = true
		default:
			want[b.values(choice)] = true
		}
	})
	got := map[string]bool{}
	for i := range f.Candidates {
		if choice := b.of(t, &f.Candidates[i]); f.Shape == OneRun {
			got[fmt.Sprint(choice)] = true
		} else {
			got[b.values(choice)] = true
		}
	}
	if len(got) != len(f.Candidates) || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("%d candidates %v, want %v", len(f.Candidates), got, want)
	}
}

// TestInferNothing: a total that no choice comes to is unexplained; the nearest
// run or date comes first, with what it leaves to the last digit.
func TestInferNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anyBilling(t, 5)
		if len(b.runs) == 0 {
			return
		}
		billed := big.NewInt(rapid.Int64Range(-1000, 300_000_000).Draw(t, "billed"))
		if r := rapid.IntRange(0, len(b.runs)-1).Draw(t, "run"); rapid.Bool().Draw(t, "near") {
			if sum, ok := b.total(slices.Repeat([]int{r}, b.days)); ok {
				billed = sum.Add(sum, big.NewInt(rapid.Int64Range(-50, 50).Draw(t, "off")))
			}
		}
		f := b.infer(t, billed, 1)
		if f.Fits() {
			for i := range f.Candidates {
				b.checkCandidate(t, &f.Candidates[i], billed, 1)
			}
			return
		}
		if f.Explained() || f.Ambiguous() || f.More {
			t.Fatalf("%+v", f)
		}
		var least *big.Int
		consider := func(choice []int) {
			sum, ok := b.total(choice)
			if !ok {
				return
			}
			if sum.Sub(billed, sum); least == nil || sum.CmpAbs(least) < 0 {
				least = sum
			}
		}
		for r := range b.runs {
			consider(slices.Repeat([]int{r}, b.days))
		}
		if f.Missing == 0 {
			for _, choice := range b.dates() {
				consider(choice)
			}
		}
		if least == nil {
			if len(f.Candidates) > 0 {
				t.Fatalf("%+v", f)
			}
			return
		}
		if got := f.Candidates[0].Residuals[0].Big(); got.CmpAbs(least) != 0 {
			t.Fatalf("nearest leaves %v, want %v", got, least)
		}
	})
}

// TestInferTogether: two claims on the same days are explained by one choice,
// and a choice that explains one of them does not do.
func TestInferTogether(t *testing.T) {
	span := settlement.Days(date("2026-06-01"), date("2026-06-03"))
	runs := []settlement.Run{settlement.SF, settlement.R1, settlement.RF}
	c := series.NewCube(nil, series.Meter(), runs, span)
	for at, r := range runs {
		for i := range span.Len() {
			put(c.Frame(r), int(series.AI), i, int64(at/2), 0, r) // SF and R1 alike
			put(c.Frame(r), int(series.RI), i, int64((at+1)/2), 0, r)
		}
	}
	ai, ri := AmountsOf(c, series.AI), AmountsOf(c, series.RI)
	claim := func(a, b int64) *Finding {
		return Infer(Bucket{From: span.From(), To: span.To(), Claims: []Claim{
			{Of: ai, Total: series.TotalOf(a), Unit: 1}, {Of: ri, Total: series.TotalOf(b), Unit: 1}}}, settlement.GB())
	}
	ones, twos := int64(span.Len()), int64(0)
	for i := range span.Len() {
		v, _ := c.Frame(settlement.R1).Line(series.RI).At(i)
		twos += v
	}
	f := claim(0, twos)
	if f.Shape != OneRun || len(f.Candidates) != 1 || f.Candidates[0].Parts[0].Run != settlement.R1 {
		t.Errorf("R1: %+v", f)
	}
	if f := claim(ones, 2*twos+7); f.Fits() || len(f.Candidates) < 3 || f.Candidates[0].Parts[0].Run != settlement.RF {
		t.Errorf("the run that explains one of two is nearest: %+v", f)
	}
}

// month is a June of runs that differ on every day by amounts of their own.
func month(runs []settlement.Run) (*Amounts, func(day, run int) int64) {
	at := func(day, run int) int64 { return 1_000_000 + int64(day*day*977+run*(7919+day*day*day*31)) }
	a := NewAmounts(date("2026-06-01"), date("2026-07-01"))
	for i, r := range runs {
		a.Add(r, func(d settlement.Day) (series.Total, bool) {
			return series.TotalOf(at(int(d-date("2026-06-01")), i)), true
		})
	}
	return a, at
}

// TestInferMonth: a month of all runs is searched to the end of its staircases,
// within the bounds; one that nothing explains says what was not tried.
func TestInferMonth(t *testing.T) {
	runs := []settlement.Run{settlement.II, settlement.SF, settlement.R1, settlement.R2, settlement.R3, settlement.RF, settlement.DF}
	a, at := month(runs)
	ask := func(total int64, whole bool) *Finding {
		return Infer(Bucket{From: date("2026-06-01"), To: date("2026-07-01"), Whole: whole,
			Claims: []Claim{{Of: a, Total: series.TotalOf(total), Unit: 1}}}, settlement.GB())
	}
	stairs, shuffled := int64(0), int64(0)
	for k := range 30 {
		stairs += at(k, []int{5, 4, 1}[min(k/11, 2)])
		shuffled += at(k, k*5%7)
	}
	f := ask(stairs, false)
	if f.Shape != Stairs || f.Ambiguous() || !f.Explained() || f.Partial || len(f.Candidates[0].Parts) != 3 || f.Candidates[0].Parts[1] != (Part{date("2026-06-12"), date("2026-06-23"), settlement.R3}) {
		t.Errorf("%+v", f)
	}
	if f := ask(stairs, true); f.Fits() || f.Tried != 7 {
		t.Errorf("what is not put together from days: %+v", f)
	}
	if f := ask(-1, false); f.Fits() || !f.Partial || len(f.Candidates) != 8 || f.Tried > 3*maxStairs {
		t.Errorf("%+v", f)
	}
	if f := ask(shuffled, false); f.Fits() && f.Shape != Stairs { // a staircase may come to it by chance
		t.Errorf("%+v", f)
	}
}

// TestInferMisuse: mistakes in the program panic.
func TestInferMisuse(t *testing.T) {
	a, _ := month([]settlement.Run{settlement.SF})
	b, _ := month([]settlement.Run{settlement.R1})
	june := func(claims ...Claim) Bucket {
		return Bucket{From: date("2026-06-01"), To: date("2026-07-01"), Claims: claims}
	}
	one := Claim{Of: a, Unit: 1}
	for name, f := range map[string]func(){
		"no claims":  func() { Infer(june(), settlement.GB()) },
		"other runs": func() { Infer(june(one, Claim{Of: b, Unit: 1}), settlement.GB()) },
		"no unit":    func() { Infer(june(Claim{Of: a}), settlement.GB()) },
		"days before": func() {
			Infer(Bucket{From: date("2026-05-31"), To: date("2026-06-02"), Claims: []Claim{one}}, settlement.GB())
		},
		"days after": func() {
			Infer(Bucket{From: date("2026-06-30"), To: date("2026-07-02"), Claims: []Claim{one}}, settlement.GB())
		},
		"a run again":    func() { a.Add(settlement.SF, nil) },
		"without a rank": func() { a.Add(settlement.D, nil) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s did not panic", name)
				}
			}()
			f()
		}()
	}
	if f := Infer(Bucket{From: date("2026-06-05"), To: date("2026-06-05"), Claims: []Claim{one}}, settlement.GB()); f.Fits() || f.Explained() {
		t.Errorf("no days: %+v", f)
	}
}
