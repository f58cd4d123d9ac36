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

	problems *problems // where they go; nil once compiled
}

func newCalendar(span settlement.Span, sup *Supply, windows []Window, p *problems) (*calendar, error) {
	c := &calendar{span: span, sup: sup, from: span.From(), in: map[string][]bool{}, problems: p}
	for d := range span.EachDay() {
		c.days = append(c.days, int32(d.First()-span.Lo))
	}
	c.days = append(c.days, int32(span.Len()))
	for _, w := range windows {
		if _, twice := c.in[w.Name]; twice {
			if err := p.found(&Error{Value: w.Name, Want: "define each window once", Err: ErrWindow}); err != nil {
				return nil, err
			}
			continue
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
	when    When
	pos     series.Pos
	refused bool // for what it is: it covers nothing
}

// place is where the tariff states a figure or asks for the book's.
func (f stated) place() series.Pos {
	if f.published() {
		return f.when.asked.pos
	}
	return f.pos
}

// since is the first day the tariff states there.
func (f stated) since() settlement.Day {
	if f.published() {
		return f.when.asked.from
	}
	return f.when.From
}

func (f stated) published() bool { return f.when.asked != asked{} }

// undefined reports whether a figure names a window that is not there.
func (c *calendar) undefined(w When) bool {
	_, ok := c.in[w.Window]
	return !ok && w.Window != "" && w.Window != Otherwise
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
// covered twice; unless partial, none may be left out. Where problems go on,
// such half-hours have the first of their figures, or none.
func (c *calendar) resolve(name string, figures []stated, partial bool) (*timeline, error) {
	if len(figures) > maxStated {
		return nil, &Error{Item: name, Want: "at most 10000 figures for one item", Err: ErrTariff}
	}
	t := &timeline{name: name, stated: figures, pick: make([]int16, c.span.Len()), days: make([]int32, len(c.days)-1)}
	c.problems.begin()
	var today, holding []int16
	for k := range len(c.days) - 1 {
		day := c.day(k)
		terms := c.sup.termsOn(day)
		today = today[:0]
		for i, f := range figures {
			if f.when.on(day, terms) {
				today = append(today, int16(i))
			}
		}
		if err := t.checkDay(c.problems, day, terms, today); err != nil {
			return nil, err
		}
		t.days[k] = t.set(today)
		anyway := partial || !t.sound(k)
		alone := len(today) == 1 && figures[today[0]].when.Window == "" && !figures[today[0]].refused // most days of most items
		for i := c.days[k]; i < c.days[k+1]; i++ {
			if alone {
				t.pick[i] = today[0]
				continue
			}
			holding = c.holding(holding[:0], figures, today, int(i))
			t.pick[i] = none
			if len(holding) > 0 {
				t.pick[i] = holding[0]
			}
			if err := t.checkHalfHour(c, int(i), holding, today, anyway); err != nil {
				return nil, err
			}
		}
		if err := c.problems.endDay(day); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// checkDay refuses a day without figures, or with two for one window.
func (t *timeline) checkDay(p *problems, day settlement.Day, terms *Terms, today []int16) error {
	if len(today) == 0 {
		before, after := t.lacks(day, terms)
		return p.onDay(day, Error{Pos: t.stated[len(t.stated)-1].place(), Item: t.name, Err: ErrGap}, before, after)
	}
	for k, i := range today {
		for _, j := range today[:k] {
			a, b := t.stated[j], t.stated[i]
			if !a.when.sameWindow(b.when) {
				continue
			}
			at, fix := between(a, b)
			if err := p.onDay(day, Error{Pos: b.place(), Item: t.name, Err: ErrOverlap},
				fmt.Sprintf("the rate at %s holds for the same half-hours ", at), "; "+fix); err != nil {
				return err
			}
		}
	}
	return nil
}

// between says where the other of two rates of one day is, and how to part them.
func between(a, b stated) (at series.Pos, fix string) {
	switch {
	case a.published() && a.place() == b.place():
		return a.pos, fmt.Sprintf("both are the book's (the other at %s), so leave the item out of this rate for those days and state its figure", b.pos)
	case a.since() == b.since():
		fix = "drop one of the two, or date them apart"
	case a.since() < b.since():
		fix = fmt.Sprintf("set its to = %s, or start this one later", b.since())
	default:
		fix = fmt.Sprintf("set to = %s here, or start that one later", a.since())
	}
	return a.place(), fix
}

// sameWindow reports whether two figures leave each other no half-hour.
func (w When) sameWindow(o When) bool {
	return w.Window == o.Window || w.Window+o.Window == Otherwise // "" leaves nothing otherwise
}

// checkHalfHour refuses a half-hour with two figures, or, unless it may
// be anyway, without one. What checkDay refused is not refused again.
func (t *timeline) checkHalfHour(c *calendar, i int, holding, today []int16, anyway bool) error {
	p := c.span.Lo + settlement.Period(i)
	if len(holding) == 0 && !anyway {
		return c.problems.at(p, Error{Pos: t.stated[today[0]].place(), Item: t.name, Err: ErrGap},
			"no window of the item covers ", fmt.Sprintf("; add a rate for it, or one with window = %q", Otherwise))
	}
	for k, b := range holding {
		for _, a := range holding[:k] {
			if t.stated[a].when.sameWindow(t.stated[b].when) {
				continue
			}
			fix := "make their windows disjoint"
			if t.stated[a].published() || t.stated[b].published() {
				fix = "charge the item at published rates or at the tariff's own, not at both"
			}
			if err := c.problems.at(p, Error{Pos: t.stated[b].place(), Item: t.name, Err: ErrTwice},
				fmt.Sprintf("the rate at %s covers ", t.stated[a].place()), " too; "+fix); err != nil {
				return err
			}
		}
	}
	return nil
}

// holding are today's figures that hold at half-hour i: those whose window
// covers it or, where none does, those for the rest.
func (c *calendar) holding(dst []int16, figures []stated, today []int16, i int) []int16 {
	for _, k := range today {
		f := &figures[k]
		if w := f.when.Window; !f.refused && w != Otherwise && (w == "" || c.in[w][i]) {
			dst = append(dst, k)
		}
	}
	if len(dst) > 0 {
		return dst
	}
	for _, k := range today {
		if !figures[k].refused && figures[k].when.Window == Otherwise {
			dst = append(dst, k)
		}
	}
	return dst
}

// sound reports whether day number k has figures, and none that was refused.
func (t *timeline) sound(k int) bool {
	set := t.active[t.days[k]]
	for _, i := range set {
		if t.stated[i].refused {
			return false
		}
	}
	return len(set) > 0
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
