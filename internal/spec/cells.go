package spec

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
	"github.com/halfhour/halfhour/tariffs/gb"
)

// columns are the half-hours that a bill is made from.
type columns struct {
	span             settlement.Span
	volumes, charges *series.Frame
}

// columns makes a bill's half-hours, stage by stage as
// halfhour.Run does, and sees to it that they sum to the bill Run makes.
func (s *scene) columns(view revisions.Reconciler, span settlement.Span) (*columns, error) {
	bill, err := s.run(view, span)
	if err != nil {
		return nil, err
	}
	job, err := s.job(view, span)
	if err != nil {
		return nil, err
	}
	schedule, err := job.Tariff.Compile(span, job.Supply)
	if err != nil {
		return nil, err
	}
	in, err := inputs(&job, span)
	if err != nil {
		return nil, err
	}
	schedule.Losses(in.Market)
	c := &columns{span: span, volumes: series.NewFrame(nil, tariffs.Volumes(), span)}
	if err := schedule.Adjust(c.volumes, in); err != nil {
		return nil, err
	}
	if schedule.IsSmall(c.volumes, span) {
		if schedule, err = schedule.Small(); err != nil {
			return nil, err
		}
	}
	c.charges = series.NewFrame(nil, schedule.Schema(), span)
	if err := schedule.Charge(c.charges, c.volumes, in, job.Supply); err != nil {
		return nil, err
	}
	return c, schedule.VerifyCells(bill, c.charges)
}

// inputs collects and reconciles a job's sources.
func inputs(job *halfhour.Job, span settlement.Span) (in tariffs.Inputs, err error) {
	var runs []settlement.Run
	for r := range settlement.Run(settlement.NumRanked) {
		runs = append(runs, r)
	}
	frame := func(schema *series.Schema, mpan settlement.MPAN, from series.Readings) *series.Frame {
		cube := series.NewCube(nil, schema, runs, span)
		if from != nil && err == nil {
			_, err = series.Collect(cube, mpan, from)
		}
		f, _ := job.View.Reconcile(cube)
		return f
	}
	in.Meter = frame(series.Meter(), job.Supply.MPAN, job.Meter)
	for _, m := range job.Supply.Related {
		if other := frame(series.Meter(), m, job.Meter); err == nil {
			err = tariffs.Combine(in.Meter, other)
		}
	}
	in.Market = frame(series.Market(), settlement.MPAN{}, job.Market)
	if job.Contract != nil {
		in.Contract = frame(series.Contract(), settlement.MPAN{}, job.Contract)
	}
	return in, err
}

// checkCells states single half-hours, or whole days, of items and volumes.
func (s *scene) checkCells(st *statement) (out []outcome, err error) {
	view, span, err := s.asked(st)
	if err != nil {
		return nil, err
	}
	c, err := s.columns(view, span)
	if err != nil {
		return nil, err
	}
	for i := range st.below {
		l := &st.below[i]
		text, _ := l.stated()
		words := strings.Fields(text)
		if len(words) < 2 {
			return nil, &Mistake{s.file, l.number, "write a half-hour, an item or a volume, and its figure: 2025-10-26/3 duos-fixed 0.219394"}
		}
		name := strings.Join(words[1:max(2, len(words)-1)], " ")
		v, err := c.at(words[0], name)
		if err != nil {
			return nil, &Mistake{s.file, l.number, err.Error()}
		}
		out = append(out, outcome{cells: []string{words[0], name, v}, amount: v, depth: 1})
	}
	return out, nil
}

// at is the figure of an item or a volume in a half-hour or on a day.
func (c *columns) at(when, name string) (string, error) {
	var span settlement.Span
	if strings.Contains(when, "/") {
		p, err := period(when)
		if err != nil {
			return "", err
		}
		span = settlement.Span{Lo: p, Hi: p + 1}
	} else {
		day, err := settlement.ParseDay(when)
		if err != nil {
			return "", err
		}
		span = day.Span()
	}
	if !c.span.Covers(span) {
		return "", fmt.Errorf("%s is not billed here", when)
	}
	for _, f := range []*series.Frame{c.charges, c.volumes} {
		l, ok := f.Schema().Lookup(name)
		if !ok {
			continue
		}
		lo, hi := c.span.Index(span.Lo), c.span.Index(span.Hi)
		if f.Line(l).CountValid(lo, hi) < hi-lo {
			return "none", nil
		}
		return f.Line(l).Sum(lo, hi).Decimal(f.Schema().Def(l).Scale).String(), nil
	}
	return "", fmt.Errorf("%q is no item of this bill and no volume", name)
}

// checkBands states residual charging bands: GROUP QUANTITY DAY BAND.
func (s *scene) checkBands(st *statement) (out []outcome, err error) {
	for i := range st.below {
		l := &st.below[i]
		words := l.texts()
		if len(words) < 3 {
			return nil, &Mistake{s.file, l.number, "write a group, a quantity, a day and the band: HV 422 2025-12-04 HV1"}
		}
		var quantity decimal.Decimal
		day, err := settlement.ParseDay(words[2])
		if err == nil {
			quantity, err = tariffs.ParseFigure(words[1])
		}
		if err != nil {
			return nil, &Mistake{s.file, l.number, err.Error()}
		}
		band, err := gb.ResidualBand(words[0], quantity, day)
		if err != nil {
			return nil, &Mistake{s.file, l.number, err.Error()}
		}
		out = append(out, outcome{cells: append(words[:3:3], band), depth: 1})
	}
	return out, nil
}
