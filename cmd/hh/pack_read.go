package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// meter packs the readings of a meter.
func (p *pack) meter(in *input, days period) error {
	files, err := datedFiles(in.Files)
	if err != nil {
		return err
	}
	if err := in.told(files); err != nil {
		return err
	}
	if err := cmp.Or(in.onlyParquet(files), in.journalled(files, nil, nil), vouched(files...)); err != nil {
		return err
	}
	if in.Journal {
		return p.journal(in, files, days)
	}
	all, err := in.joined(files)
	if err != nil {
		return err
	}
	span, runs, err := p.survey(in, all, days)
	if err != nil {
		return err
	}
	p.cube = series.NewCube(nil, series.Meter(), runs, span)
	tally, err := series.Collect(p.cube, p.mpan, all)
	p.outside, p.others = tally.Outside, tally.Others
	return err
}

// lines packs lines that belong to no meter, or a contract.
func (p *pack) lines(in *input, names []string, schema *series.Schema, days period) error {
	files, err := datedFiles(names)
	if err != nil {
		return err
	}
	if err := sniff(files); err != nil {
		return err
	}
	if err := cmp.Or(in.journalled(files, nil, nil), vouched(files...)); err != nil {
		return err
	}
	all := unowned(in.tables(files, schema))
	span, runs, err := p.survey(&input{}, all, days)
	if err != nil {
		return err
	}
	if len(in.mpans) > 0 {
		p.mpan = in.mpans[0]
	}
	p.cube = series.NewCube(nil, schema, runs, span)
	tally, err := series.Collect(p.cube, settlement.MPAN{}, all)
	p.outside = tally.Outside
	return err
}

// unowned are readings without their MPAN: whose they may be was asked of the file.
func unowned(all series.Readings) series.Readings {
	return func(yield func(series.Reading, error) bool) {
		for r, err := range all {
			r.MPAN = settlement.MPAN{}
			if !yield(r, err) {
				return
			}
		}
	}
}

// journal packs what each run says of a meter, as deliveries have it.
func (p *pack) journal(in *input, files []dated, days period) error {
	var job halfhour.Job
	if err := in.deliver(&job, files, nil, nil); err != nil {
		return err
	}
	if err := in.unknown(&job); err != nil {
		return err
	}
	table, err := in.timetable()
	if err != nil {
		return err
	}
	span, _, err := p.survey(in, knownReadings(&job), days)
	if err != nil {
		return err
	}
	j := revisions.NewJournal(series.Meter())
	for _, d := range job.Deliveries {
		if d.Received.After(job.KnownAt) {
			continue
		}
		if _, err := j.Add(d.Delivery, p.own(d.Readings, d.Days(span))); err != nil {
			return err
		}
	}
	for _, x := range j.Conflicts(job.KnownAt) {
		if span.Contains(x.Span.Lo) { // and not the rest of a UTC day
			p.conflicts++
		}
	}
	p.later = in.later
	cut, every := revisions.TimetableCutoff(table), settlement.RankedRuns()
	view := func(runs []settlement.Run) {
		p.cube = series.NewCube(nil, series.Meter(), runs, span)
		j.View(p.cube, revisions.Latest(), p.mpan, job.KnownAt, cut)
	}
	view(every)
	view(slices.DeleteFunc(every, func(r settlement.Run) bool { return held(p.cube.Frame(r)) == 0 }))
	return nil
}

// own are the meter's readings of some days; the others are counted.
func (p *pack) own(all series.Readings, days settlement.Span) series.Readings {
	return func(yield func(series.Reading, error) bool) {
		for r, err := range all {
			switch {
			case err != nil:
			case r.MPAN != p.mpan:
				p.others++
				continue
			case !days.Contains(r.Period):
				p.outside++
				continue
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// survey says which days and runs there are: of the meter that is named, or of the
// only one there is, which is named then. Days that are asked for are whether there
// is data of them or not, if there is of some.
func (p *pack) survey(in *input, all series.Readings, days period) (span settlement.Span, runs []settlement.Run, err error) {
	looked := settlement.Span{Lo: settlement.MinDay.First(), Hi: settlement.MaxDay.First()}
	if days.from != 0 {
		looked.Lo = days.from.First()
	}
	if days.to != 0 {
		looked.Hi = days.to.First()
	}
	if looked.Empty() { // a mistake that span tells
		_, err := days.span(0, 0)
		return span, nil, err
	}
	meters, outside := 0, 0
	found, err := series.Survey(func(yield func(series.Reading, error) bool) {
		for r, err := range all {
			switch {
			case err != nil:
			case len(in.mpans) > 0 && r.MPAN != in.mpans[0]:
				meters++
				continue
			case !looked.Contains(r.Period):
				outside++
				continue
			}
			if !yield(r, err) {
				return
			}
		}
	})
	switch {
	case errors.Is(err, series.ErrEmpty) && meters+outside > 0:
		return span, nil, fmt.Errorf("nothing to pack: %d readings are of meters other than --mpan, and %d of days outside --from and --to: %w", meters, outside, series.ErrEmpty)
	case err != nil:
		return span, nil, err
	case len(found) > 1:
		return span, nil, usagef("readings of %d meters, and a file holds those of one: say which, --mpan %s or --mpan %s …", len(found), found[0].MPAN, found[1].MPAN)
	}
	p.mpan = found[0].MPAN
	spans, err := days.span(found[0].Span.From(), found[0].Span.To())
	if err != nil {
		return span, nil, err
	}
	return spans[0], found[0].Runs, nil
}

// held is how many values a frame has.
func held(f *series.Frame) (n int) {
	for l := range series.Line(f.Schema().Len()) {
		n += f.Line(l).CountValid(0, f.Len())
	}
	return n
}
