package spec

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// kind is whose lines a load states.
type kind uint8

const (
	meterLoad kind = iota
	marketLoad
	contractLoad
)

func (k kind) schema() *series.Schema {
	return [...]*series.Schema{series.Meter(), series.Market(), series.Contract()}[k]
}

// load is a line of readings: a value for each half-hour of some days, or none.
type load struct {
	kind  kind
	mpan  settlement.MPAN // zero: the supply's own
	run   settlement.Run
	line  series.Line
	span  settlement.Span
	cells []cell
}

// cell is one value, or a half-hour that has none.
type cell struct {
	value int64
	mark  series.Mark
	none  bool
}

// load reads [MPAN] [RUN[,RUN …]] LINE [DAY [DAY]] VALUES.
func (s *scene) load(k kind, args []string) error {
	l := load{kind: k, span: s.span}
	if s.span.Empty() {
		return fmt.Errorf("state the span first")
	}
	if len(args) > 0 && k == meterLoad {
		if m, err := settlement.ParseMPAN(args[0]); err == nil {
			l.mpan, args = m, args[1:]
		}
	}
	runs := []settlement.Run{settlement.Untagged}
	if len(args) > 0 {
		if named, ok := parseRuns(args[0]); ok {
			runs, args = named, args[1:]
		}
	}
	if len(args) == 0 {
		return fmt.Errorf("name the line")
	}
	var ok bool
	if l.line, ok = k.schema().Lookup(args[0]); !ok {
		return fmt.Errorf("%q is no line of %s data", args[0], k.schema().Name())
	}
	args = args[1:]
	if len(args) > 0 && strings.Count(args[0], "-") == 2 {
		var err error
		if l.span, args, err = days(args); err != nil {
			return err
		}
	}
	var err error
	if l.cells, err = pattern(args, l.span, k.schema().Def(l.line).Scale); err != nil {
		return err
	}
	s.loads = slices.Clone(s.loads)
	for _, l.run = range runs {
		s.loads = append(s.loads, l)
	}
	return nil
}

// parseRuns reads SF, or SF,R1,R2.
func parseRuns(s string) (runs []settlement.Run, ok bool) {
	for name := range strings.SplitSeq(s, ",") {
		r, err := settlement.ParseRun(name)
		if err != nil {
			return nil, false
		}
		runs = append(runs, r)
	}
	return runs, true
}

// stretch is a value so many times; times 0 fills the day.
type stretch struct {
	cell
	times int
}

// pattern lays values over a span: those of every day, with one that fills it
// up, or those of each half-hour.
func pattern(args []string, span settlement.Span, scale int) ([]cell, error) {
	var all []stretch
	count, fills := 0, 0
	for _, a := range args {
		st, err := parseStretch(a, scale)
		if err != nil {
			return nil, err
		}
		if all, count = append(all, st), count+st.times; st.times == 0 {
			fills++
		}
	}
	if fills > 1 {
		return nil, fmt.Errorf("only one value can fill up the day (x*)")
	}
	if fills == 0 && count == span.Len() {
		return expand(all, 0), nil
	}
	var out []cell
	for day, part := range span.EachDay() {
		if count > part.Len() || fills == 0 && count != part.Len() {
			return nil, fmt.Errorf("%d values for the %d half-hours of %s and the %d of %s; fill a day up with x*", count, part.Len(), day, span.Len(), span)
		}
		out = append(out, expand(all, part.Len()-count)...)
	}
	return out, nil
}

func expand(all []stretch, rest int) (out []cell) {
	for _, st := range all {
		if st.times == 0 {
			st.times = rest
		}
		out = append(out, slices.Repeat([]cell{st.cell}, st.times)...)
	}
	return out
}

// parseStretch reads a value such as 1.0, 1.0x48, 300Ex2 or -x*.
func parseStretch(s string, scale int) (st stretch, err error) {
	st.times = 1
	value, times, many := strings.Cut(s, "x")
	if many {
		if st.times = 0; times != "*" {
			if st.times, err = strconv.Atoi(times); err != nil || st.times < 1 {
				return st, fmt.Errorf("%q: after x stands how often, or * for the rest of the day", s)
			}
		}
	}
	if st.none = value == "-"; st.none {
		return st, nil
	}
	value, estimated := strings.CutSuffix(value, "E")
	if estimated {
		st.mark = series.Estimated
	}
	st.value, _, err = series.ParseFixed(value, scale, false)
	return st, err
}

// readings are the loads of a kind as a source. Where loads of one meter, run
// and line meet, the later one holds.
func (s *scene) readings(k kind, own settlement.MPAN) series.Readings {
	type place struct {
		mpan settlement.MPAN
		run  settlement.Run
		line series.Line
	}
	held := map[place]map[settlement.Period]cell{}
	var order []place
	for _, l := range s.loads {
		if l.kind != k {
			continue
		}
		at := place{l.mpan, l.run, l.line}
		if k == meterLoad && at.mpan.IsZero() {
			at.mpan = own
		}
		if held[at] == nil {
			held[at], order = map[settlement.Period]cell{}, append(order, at)
		}
		for i, c := range l.cells {
			held[at][l.span.Lo+settlement.Period(i)] = c
		}
	}
	if order == nil {
		return nil
	}
	return func(yield func(series.Reading, error) bool) {
		for _, at := range order {
			for _, p := range slices.Sorted(maps.Keys(held[at])) {
				c := held[at][p]
				if !c.none && !yield(series.Reading{MPAN: at.mpan, Line: at.line, Run: at.run, Period: p, Value: c.value, Mark: c.mark, Pos: series.Pos{Source: s.file}}, nil) {
					return
				}
			}
		}
	}
}
