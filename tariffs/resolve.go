package tariffs

import (
	"fmt"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// calendar is a span with what every item asks of it, worked out once: where
// its days start and which half-hours each window covers.
type calendar struct {
	span settlement.Span
	sup  *Supply
	from settlement.Day
	days []int32           // index of each day's first half-hour, and the end
	in   map[string][]bool // window name -> half-hours it covers
}

func newCalendar(span settlement.Span, sup *Supply, windows []Window) (*calendar, error) {
	c := &calendar{span: span, sup: sup, from: span.From(), in: map[string][]bool{}}
	for d := range span.EachDay() {
		c.days = append(c.days, int32(d.First()-span.Lo))
	}
	c.days = append(c.days, int32(span.Len()))
	for _, w := range windows {
		if _, twice := c.in[w.Name]; twice {
			return nil, &Error{Value: w.Name, Want: "define each window once", Err: ErrWindow}
		}
		mask := make([]bool, span.Len())
		for k := range len(c.days) - 1 {
			facts := factsOf(c.day(k))
			for i := c.days[k]; i < c.days[k+1]; i++ {
				mask[i] = w.count(facts, (span.Lo+settlement.Period(i)).Clock()) > 0
			}
		}
		c.in[w.Name] = mask
	}
	return c, nil
}

func (c *calendar) day(k int) settlement.Day { return c.from + settlement.Day(k) }

// stated is a figure with its time, as resolve sees it.
type stated struct {
	when When
	pos  series.Pos
}

// timeline says which of an item's figures holds at each half-hour.
type timeline struct {
	name   string
	stated []stated
	pick   []int16 // index into stated, or none
	active [][]int16
	days   []int32 // for each day, the index of its set of figures in active
}

const none = -1

// maxStated bounds the figures of one item.
const maxStated = 10_000

// resolve lays an item's figures over the calendar. No half-hour may be
// covered twice; unless partial, none may be left out.
func (c *calendar) resolve(name string, figures []stated, partial bool) (*timeline, error) {
	if len(figures) > maxStated {
		return nil, &Error{Item: name, Want: "at most 10000 figures for one item", Err: ErrTariff}
	}
	t := &timeline{name: name, stated: figures, pick: make([]int16, c.span.Len()), days: make([]int32, len(c.days)-1)}
	var today []int16
	for k := range len(c.days) - 1 {
		day := c.day(k)
		terms := c.sup.termsOn(day)
		today = today[:0]
		for i, f := range figures {
			if f.when.on(day, terms) {
				today = append(today, int16(i))
			}
		}
		if err := t.checkDay(day, terms, today, partial); err != nil {
			return nil, err
		}
		t.days[k] = t.set(today)
		for i := c.days[k]; i < c.days[k+1]; i++ {
			at, err := t.choose(c, int(i), today)
			if err != nil {
				return nil, err
			}
			if at == none && !partial {
				return nil, &Error{Pos: figures[today[0]].pos, Item: name, Value: (c.span.Lo + settlement.Period(i)).String(),
					Want: fmt.Sprintf("no window of the item covers this half-hour (%s); add a rate for it, or one with window = %q",
						clockText((c.span.Lo + settlement.Period(i)).Clock()), Otherwise), Err: ErrGap}
			}
			t.pick[i] = at
		}
	}
	return t, nil
}

// checkDay refuses a day without figures, or with two for one window.
func (t *timeline) checkDay(day settlement.Day, terms *Terms, today []int16, partial bool) error {
	if len(today) == 0 {
		if partial && len(t.stated) == 0 {
			return nil
		}
		where := t.stated[len(t.stated)-1].pos
		fix := ", a zero one if nothing is charged"
		if _, isFactor := series.Market().Lookup(t.name); isFactor {
			fix = ""
		}
		return &Error{Pos: where, Item: t.name, Value: day.String(),
			Want: fmt.Sprintf("no figure for LLFC %s holds on this day; add one from %s%s, or end the bill there", terms, day, fix), Err: ErrGap}
	}
	for k, i := range today {
		for _, j := range today[:k] {
			a, b := t.stated[j], t.stated[i]
			if a.when.Window == b.when.Window || a.when.Window+b.when.Window == Otherwise { // "" leaves nothing otherwise
				return &Error{Pos: b.pos, Item: t.name, Value: day.String(),
					Want: fmt.Sprintf("the rate at %s holds for the same half-hours on this day; set its to = %s, or start this one later", a.pos, b.when.From), Err: ErrOverlap}
			}
		}
	}
	return nil
}

// choose is the figure of today's that covers half-hour i.
func (t *timeline) choose(c *calendar, i int, today []int16) (int16, error) {
	at, rest := int16(none), int16(none)
	for _, k := range today {
		w := t.stated[k].when.Window
		switch {
		case w == Otherwise:
			rest = k
			continue
		case w != "" && !c.in[w][i]:
			continue
		}
		if at != none {
			p := c.span.Lo + settlement.Period(i)
			return none, &Error{Pos: t.stated[k].pos, Item: t.name, Value: p.String(),
				Want: fmt.Sprintf("the rate at %s covers this half-hour too (%s); make their windows disjoint", t.stated[at].pos, clockText(p.Clock())), Err: ErrTwice}
		}
		at = k
	}
	if at == none {
		at = rest
	}
	return at, nil
}

// set is the number of a day's set of figures; equal neighbours share one.
func (t *timeline) set(today []int16) int32 {
	if n := len(t.active); n > 0 && equal(t.active[n-1], today) {
		return int32(n - 1)
	}
	t.active = append(t.active, append([]int16(nil), today...))
	return int32(len(t.active) - 1)
}

func equal(a, b []int16) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
