package hhparquet

import (
	"fmt"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Read gives the readings of the file that open gives, line by line, run by run,
// in order of time. Their lines are of the file's own schema, which a Reader
// tells. want is as for Load, and nil where no manifest is.
//
// It opens and reads the source again for each range, and always closes it.
// There is one error at most, and it is the last thing yielded: damaged bytes
// leave nothing to go on with.
func Read(name string, open series.Opener, want *Sum, limits Limits) series.Readings {
	return func(yield func(series.Reading, error) bool) {
		r := NewReader(limits)
		err := r.fetch(name, open, want)
		if err == nil {
			var stopped bool
			if stopped, err = r.each(yield); stopped {
				return
			}
		}
		if err != nil {
			yield(series.Reading{}, err)
		}
	}
}

func (r *Reader) fetch(name string, open series.Opener, want *Sum) (err error) {
	src, err := open()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer func() {
		if close := src.Close(); close != nil && err == nil {
			err = fmt.Errorf("%s: %w", name, close)
		}
	}()
	return r.Load(name, src, want)
}

// each yields what the loaded file holds, a source and run at a time.
func (r *Reader) each(yield func(series.Reading, error) bool) (stopped bool, err error) {
	s := r.layout.schema
	for i := range s.Len() {
		l := series.Line(i)
		for _, run := range r.runs {
			c := series.NewCube(nil, s, []settlement.Run{run}, settlement.Span{})
			for _, p := range r.cal.pages {
				span := settlement.Span{Lo: r.cal.span.Lo + settlement.Period(p.lo), Hi: r.cal.span.Lo + settlement.Period(p.hi)}
				if _, err := r.Into(c, Want{Span: span, Lines: []series.Line{l}}); err != nil {
					return false, err
				}
				if !yieldAll(c.Frame(run), series.Reading{MPAN: r.mpan, Line: l, Run: run, Pos: series.Pos{Source: r.name}}, yield) {
					return true, nil
				}
			}
		}
	}
	return false, nil
}

func yieldAll(f *series.Frame, rd series.Reading, yield func(series.Reading, error) bool) bool {
	col, n := f.Line(rd.Line), f.Len()
	for i := kernel.NextSet(col.Valid, 0, n); i < n; i = kernel.NextSet(col.Valid, i+1, n) {
		rd.Period, rd.Value, rd.Mark = f.Span().Lo+settlement.Period(i), col.Values[i], col.Marks[i]&series.Flags
		if !yield(rd, nil) {
			return false
		}
	}
	return true
}
