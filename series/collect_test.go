package series

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/settlement"
)

var twoRuns = []settlement.Run{settlement.SF, settlement.R1}

func mpans(t interface {
	Helper()
	Fatal(...any)
}) (a, b settlement.MPAN) {
	t.Helper()
	var got []settlement.MPAN
	for _, first := range []string{"120000000001", "120000000002"} {
		digit, err := settlement.CheckDigit(first)
		if err != nil {
			t.Fatal(err)
		}
		m, err := settlement.ParseMPAN(fmt.Sprint(first, digit))
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, m)
	}
	return got[0], got[1]
}

// item is a reading or an error, as a reader yields them.
type item struct {
	r   Reading
	err error
}

func of(items ...item) Readings {
	return func(yield func(Reading, error) bool) {
		for _, x := range items {
			if !yield(x.r, x.err) {
				return
			}
		}
	}
}

func isEmpty(c *Cube) bool {
	for _, f := range frames(c) {
		if same(f, NewFrame(nil, c.Schema(), c.Span())) != "" {
			return false
		}
	}
	return true
}

func TestCollect(t *testing.T) {
	mine, other := mpans(t)
	good := Reading{MPAN: mine, Line: AI, Run: settlement.SF, Period: start + 5, Value: 7, Mark: Estimated, Pos: Pos{"f", 3, 4}}
	with := func(change func(*Reading)) item {
		r := good
		change(&r)
		return item{r: r}
	}
	bad := errors.New("line 9 is no reading")
	for name, x := range map[string]struct {
		items []item
		want  Tally
		errs  []error
	}{
		"one":            {items: []item{{r: good}}, want: Tally{Kept: 1}},
		"none":           {},
		"repeat":         {items: []item{{r: good}, {r: good}, {r: good}}, want: Tally{Kept: 1, Repeated: 2}},
		"other meter":    {items: []item{with(func(r *Reading) { r.MPAN = other; r.Value = 9 }), {r: good}}, want: Tally{Kept: 1, Others: 1}},
		"below the span": {items: []item{with(func(r *Reading) { r.Period = start - 1 }), {r: good}}, want: Tally{Kept: 1, Outside: 1}},
		"above the span": {items: []item{with(func(r *Reading) { r.Period = start + 100 })}, want: Tally{Outside: 1}},
		"edges":          {items: []item{with(func(r *Reading) { r.Period = start }), with(func(r *Reading) { r.Period = start + 99 })}, want: Tally{Kept: 2}},
		"another run":    {items: []item{{r: good}, with(func(r *Reading) { r.Run = settlement.R1; r.Value = 8 })}, want: Tally{Kept: 2}},
		"another line":   {items: []item{{r: good}, with(func(r *Reading) { r.Line = RE; r.Value = 8 })}, want: Tally{Kept: 2}},
		"zero is held":   {items: []item{with(func(r *Reading) { r.Value, r.Mark = 0, 0 }), with(func(r *Reading) { r.Value = 1 })}, errs: []error{ErrConflict}},
		"conflict":       {items: []item{{r: good}, with(func(r *Reading) { r.Value++ })}, errs: []error{ErrConflict}},
		"flags differ":   {items: []item{{r: good}, with(func(r *Reading) { r.Mark = 0 })}, want: Tally{Kept: 1, Repeated: 1}},
		"unknown run":    {items: []item{{r: good}, with(func(r *Reading) { r.Run = settlement.RF })}, errs: []error{ErrValue}},
		"unranked run":   {items: []item{with(func(r *Reading) { r.Run = settlement.DR })}, errs: []error{ErrValue}},
		"a bad record":   {items: []item{{r: good}, {err: bad}}, errs: []error{bad}},
		"several":        {items: []item{{err: bad}, {r: good}, with(func(r *Reading) { r.Run = settlement.RF }), with(func(r *Reading) { r.Value++ })}, errs: []error{bad, ErrValue, ErrConflict}},
	} {
		c := NewCube(nil, Meter(), twoRuns, spanOfLen(100))
		tally, err := Collect(c, mine, of(x.items...))
		if tally != x.want {
			t.Errorf("%s: %+v, want %+v", name, tally, x.want)
		}
		if len(x.errs) == 0 {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		var all Errors
		if !errors.As(err, &all) || len(all) != len(x.errs) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i, want := range x.errs {
			if !errors.Is(all[i], want) {
				t.Errorf("%s: error %d is %v, want %v", name, i, all[i], want)
			}
			var located *Error
			if want != bad && (!errors.As(all[i], &located) || located.Pos != good.Pos || !strings.HasPrefix(all[i].Error(), "f:3:4: ")) {
				t.Errorf("%s: error %d is not located: %v", name, i, all[i])
			}
		}
		if !isEmpty(c) {
			t.Errorf("%s: the cube is not empty after an error", name)
		}
	}
}

// A reader's mark cannot name the run: the reading's run does.
func TestCollectMarks(t *testing.T) {
	c := NewCube(nil, Meter(), twoRuns, spanOfLen(9))
	r := Reading{Line: AE, Run: settlement.R1, Period: start + 1, Value: -3, Mark: Mark(0xf0) | Rounded}
	if tally, err := Collect(c, settlement.MPAN{}, of(item{r: r})); err != nil || tally.Kept != 1 {
		t.Fatal(tally, err)
	}
	col := c.Frame(settlement.R1).Line(AE)
	if v, ok := col.At(1); v != -3 || !ok || col.Marks[1].Run() != settlement.R1 || col.Marks[1]&Flags != Rounded {
		t.Errorf("%d, %v, mark %#x", v, ok, col.Marks[1])
	}
}

// A zero MPAN takes the readings of every meter.
func TestCollectEveryMeter(t *testing.T) {
	a, b := mpans(t)
	c := NewCube(nil, Meter(), twoRuns, spanOfLen(9))
	r := Reading{MPAN: a, Run: settlement.SF, Period: start, Value: 1}
	s := r
	s.MPAN, s.Period = b, start+1
	if tally, err := Collect(c, settlement.MPAN{}, of(item{r: r}, item{r: s})); err != nil || tally != (Tally{Kept: 2}) {
		t.Error(tally, err)
	}
}

// At the limit of errors nothing more is read.
func TestErrorLimit(t *testing.T) {
	for name, read := range map[string]func(Readings) error{
		"Collect": func(r Readings) error {
			c := NewCube(nil, Meter(), twoRuns, spanOfLen(9))
			_, err := Collect(c, settlement.MPAN{}, r)
			return err
		},
		"Survey": func(r Readings) error { _, err := Survey(r); return err },
	} {
		for _, n := range []int{1, MaxErrors - 1, MaxErrors, MaxErrors + 1, 1000} {
			yielded := 0
			err := read(func(yield func(Reading, error) bool) {
				for i := range n {
					yielded++
					if !yield(Reading{}, fmt.Errorf("number %d", i)) {
						return
					}
				}
			})
			var all Errors
			if !errors.As(err, &all) || len(all) != min(n, MaxErrors+1) || yielded != len(all) || errors.Is(err, ErrLimit) != (n > MaxErrors) {
				t.Errorf("%s of %d errors: %d, after %d", name, n, len(all), yielded)
			}
		}
	}
}

// One pass for several meters is a pass for each.
func TestCollectAll(t *testing.T) {
	mine, other := mpans(t)
	rapid.Check(t, func(t *rapid.T) {
		var items []item
		for range rapid.IntRange(0, 40).Draw(t, "n") {
			p := rapid.IntRange(-1, 9).Draw(t, "p")
			v := int64(p)
			if rapid.IntRange(0, 300).Draw(t, "odd") == 7 {
				v++
			}
			items = append(items, item{r: Reading{MPAN: rapid.SampledFrom([]settlement.MPAN{mine, other}).Draw(t, "mpan"), Run: rapid.SampledFrom(twoRuns).Draw(t, "run"), Period: start + settlement.Period(p), Value: v}})
		}
		var into []*Collected
		var failed []error
		for _, mpan := range []settlement.MPAN{mine, other, {}} {
			into = append(into, &Collected{MPAN: mpan, Cube: NewCube(nil, Meter(), twoRuns, spanOfLen(9))})
			_, err := Collect(NewCube(nil, Meter(), twoRuns, spanOfLen(9)), mpan, of(items...))
			failed = append(failed, err)
		}
		if err := CollectAll(of(items...), into...); err != nil {
			if failed[0] == nil && failed[1] == nil && failed[2] == nil {
				t.Fatal(err)
			}
			for _, m := range into {
				if !isEmpty(m.Cube) || m.Tally != (Tally{}) {
					t.Fatalf("%v: %+v", err, m.Tally)
				}
			}
			return
		}
		for i, m := range into {
			want := NewCube(nil, Meter(), twoRuns, spanOfLen(9))
			tally, err := Collect(want, m.MPAN, of(items...))
			if err != nil || failed[i] != nil || tally != m.Tally {
				t.Fatalf("%v, %+v, want %+v", err, m.Tally, tally)
			}
			for _, r := range twoRuns {
				if d := same(m.Cube.Frame(r), want.Frame(r)); d != "" {
					t.Fatal(d)
				}
			}
		}
	})
}

// All or nothing, whatever comes in whatever order.
func TestCollectProperty(t *testing.T) {
	mine, other := mpans(t)
	rapid.Check(t, func(t *rapid.T) {
		var items []item
		type key struct {
			l Line
			r settlement.Run
			p settlement.Period
		}
		type stated struct {
			v int64
			m Mark
		}
		want, tally, fails := map[key]stated{}, Tally{}, 0
		span := spanOfLen(70)
		for range rapid.IntRange(0, 60).Draw(t, "n") {
			if rapid.IntRange(0, 150).Draw(t, "bad") == 77 {
				items = append(items, item{err: errors.New("bad")})
				fails++
				continue
			}
			r := Reading{
				MPAN:   rapid.SampledFrom([]settlement.MPAN{mine, mine, mine, other}).Draw(t, "mpan"),
				Line:   Line(rapid.IntRange(0, 3).Draw(t, "line")),
				Run:    rapid.SampledFrom(twoRuns).Draw(t, "run"),
				Period: start + settlement.Period(rapid.IntRange(-2, 71).Draw(t, "p")),
				Mark:   rapid.SampledFrom([]Mark{0, 0, 0, Estimated}).Draw(t, "mark"),
			}
			r.Value = int64(r.Period) * int64(r.Line+1) // most repeats agree
			if rapid.IntRange(0, 40).Draw(t, "odd") == 7 {
				r.Value = rapid.SampledFrom(extremes).Draw(t, "v")
			}
			items = append(items, item{r: r})
			k, s := key{r.Line, r.Run, r.Period}, stated{r.Value, r.Mark}
			switch had, held := want[k]; {
			case r.MPAN != mine:
				tally.Others++
			case !span.Contains(r.Period):
				tally.Outside++
			case !held:
				want[k] = s
				tally.Kept++
			case had.v == s.v:
				want[k] = stated{s.v, had.m & s.m}
				tally.Repeated++
			default:
				fails++
			}
		}
		c := NewCube(nil, Meter(), twoRuns, span)
		got, err := Collect(c, mine, of(items...))
		if fails > 0 {
			var all Errors
			if !errors.As(err, &all) || len(all) != min(fails, MaxErrors+1) || got != (Tally{}) || !isEmpty(c) {
				t.Fatalf("%d errors: %v, %+v", fails, err, got)
			}
			return
		}
		if err != nil || got != tally {
			t.Fatalf("%+v, %v; want %+v", got, err, tally)
		}
		for _, run := range twoRuns {
			for l := AI; l <= RE; l++ {
				for p := span.Lo; p < span.Hi; p++ {
					w, held := want[key{l, run, p}]
					v, ok := c.Frame(run).Get(l, p)
					mark := Mark(0)
					if held {
						mark = w.m | Mark(run)<<4
					}
					if v != w.v || ok != held || c.Frame(run).Line(l).Marks[span.Index(p)] != mark {
						t.Fatalf("%v %v %v: %d, %v", l, run, p, v, ok)
					}
				}
			}
		}
	})
}

func TestSurvey(t *testing.T) {
	a, b := mpans(t)
	r := func(m settlement.MPAN, l Line, run settlement.Run, p settlement.Period) item {
		return item{r: Reading{MPAN: m, Line: l, Run: run, Period: p}}
	}
	got, err := Survey(of(
		r(b, AI, settlement.R1, start+9), r(a, RE, settlement.RF, start), r(b, AE, settlement.Untagged, start+3),
		r(b, AI, settlement.R1, start+4), r(b, AI, settlement.SF, start+20)))
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	x := got[0]
	if x.MPAN != b || x.Span != (settlement.Span{Lo: start + 3, Hi: start + 21}) ||
		!slices.Equal(x.Runs, []settlement.Run{settlement.Untagged, settlement.SF, settlement.R1}) ||
		x.Held[AI] != 3 || x.Held[AE] != 1 || x.Held[RI] != 0 {
		t.Errorf("%+v", x)
	}
	if y := got[1]; y.MPAN != a || y.Span != (settlement.Span{Lo: start, Hi: start + 1}) || !slices.Equal(y.Runs, []settlement.Run{settlement.RF}) || y.Held[RE] != 1 {
		t.Errorf("%+v", y)
	}
	if got, err := Survey(of()); !errors.Is(err, ErrEmpty) || got != nil {
		t.Errorf("of nothing: %v, %v", got, err)
	}
	if got, err := Survey(of(r(a, AI, settlement.SF, start), item{err: ErrFormat})); !errors.Is(err, ErrFormat) || got != nil {
		t.Errorf("of a bad record: %v, %v", got, err)
	}
}

// A cube of the size Survey found takes every reading.
func TestSurveyThenCollect(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var items []item
		for range rapid.IntRange(1, 30).Draw(t, "n") {
			items = append(items, item{r: Reading{Line: Line(rapid.IntRange(0, 3).Draw(t, "l")),
				Run:    settlement.Run(rapid.IntRange(0, 7).Draw(t, "run")),
				Period: start + settlement.Period(rapid.IntRange(-90, 90).Draw(t, "p"))}})
		}
		x, err := Survey(of(items...))
		if err != nil || len(x) != 1 {
			t.Fatal(x, err)
		}
		c := NewCube(nil, Meter(), x[0].Runs, x[0].Span)
		tally, err := Collect(c, settlement.MPAN{}, of(items...))
		if err != nil || tally.Outside != 0 || tally.Kept+tally.Repeated != len(items) {
			t.Fatal(tally, err)
		}
	})
}

func TestJoin(t *testing.T) {
	r := func(p settlement.Period) item { return item{r: Reading{Period: p}} }
	joined := Join(of(r(1), r(2)), of(), of(item{err: ErrFormat}, r(3)))
	for range 2 { // as often as the sources can be
		var got []string
		for x, err := range joined {
			got = append(got, fmt.Sprint(int(x.Period), err))
		}
		if want := []string{"1 <nil>", "2 <nil>", "0 bad record", "3 <nil>"}; !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
	}
	for stop := range 4 { // one that stops is not called again, in any source
		n := 0
		for range joined {
			if n++; n > stop {
				break
			}
		}
		if n != stop+1 {
			t.Errorf("stopped at %d of %d", n, stop)
		}
	}
	for range Join() {
		t.Error("nothing joined yields something")
	}
}

// TestConflictInDecimals: a conflict states both values as people write them.
func TestConflictInDecimals(t *testing.T) {
	cube := NewCube(nil, Market(), twoRuns, settlement.Span{Lo: 10, Hi: 20})
	line, _ := Market().Lookup("rcrc")
	scale := Market().Def(line).Scale
	r := Reading{Line: line, Run: settlement.SF, Period: 12}
	_, err := Collect(cube, settlement.MPAN{}, func(yield func(Reading, error) bool) {
		for _, s := range []string{"1.5", "-2.25"} {
			v, _, err := ParseFixed(s, scale, false)
			if r.Value = v; err != nil || !yield(r, nil) {
				return
			}
		}
	})
	if !errors.Is(err, ErrConflict) || !strings.Contains(err.Error(), `"-2.25": want 1.5 as stated before for rcrc SF`) || !strings.Contains(err.Error(), "GBP/MWh") {
		t.Error(err)
	}
}
