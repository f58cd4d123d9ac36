package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
	"github.com/halfhour/halfhour/settlement"
)

type packCmd struct {
	Files    []string `arg:"" optional:"" help:"Readings of one meter, as hh bill takes them: flows, Parquet, and CSV files with --csv. With --journal, FILE@INSTANT says when a file was received."`
	Market   []string `help:"Instead: tables of market lines (CSV or Parquet)." placeholder:"FILE"`
	Contract []string `help:"Instead: tables of contract lines (CSV or Parquet)." placeholder:"FILE"`
	Out      word     `required:"" help:"The Parquet file to write. The manifest beside it names it from then on." placeholder:"FILE"`
	Replace  bool     `help:"Write over a file that is there."`
	MPAN     word     `name:"mpan" help:"Whose readings are packed, where the files hold those of several meters; with --contract, whose contract it is. Default: the one meter of the files; of a contract, nobody's in particular." placeholder:"MPAN"`
	From     word     `help:"First day packed, such as 2024-04-01. Default: the first there is data of." placeholder:"DAY"`
	To       word     `help:"First day no longer packed. Default: the day after the last there is data of." placeholder:"DAY"`
	Tag      word     `help:"Take meter data that states no settlement run as this one (the flows state none)." placeholder:"RUN"`
	CSV      word     `help:"Layout of CSV files: shape,label,zone,unit such as long,start,london,kwh." placeholder:"LAYOUT"`
	Journal  bool     `help:"Take each file as a delivery: what each settlement run saw follows from when it came, and is what is packed."`
	KnownAt  word     `help:"With --journal: what was known at this instant, such as 2025-07-01T12:00:00Z. Default: now." placeholder:"INSTANT"`
	Calendar word     `help:"With --journal: a published settlement calendar (CSV: day, run, due)." placeholder:"FILE"`
	LooseEnd bool     `help:"Accept a CSV file whose last line has no line end; it may have been cut short."`
	Round    bool     `help:"Round readings finer than 0.001 kWh, and mark them, instead of refusing them."`

	errs io.Writer
}

// Run packs. Nothing is written until all of it is read, packed and read back.
func (c *packCmd) Run(stdout io.Writer) error {
	p, err := c.plan()
	if err != nil {
		return err
	}
	var raw bytes.Buffer
	sum, err := hhparquet.NewWriter().Write(&raw, p.mpan, p.cube)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Out, err)
	}
	p.bytes = raw.Len()
	if p.named, err = deposit(string(c.Out), raw.Bytes(), sum, c.Replace); err != nil {
		return err
	}
	return emit(stdout, "text", nil, func(w io.Writer) { p.text(w, string(c.Out), &sum) })
}

// pack is what is packed, and what is told of it.
type pack struct {
	mpan      settlement.MPAN
	cube      *series.Cube
	outside   int // readings of other days
	others    int // readings of other meters
	conflicts int // of a journal
	later     []revisions.Delivery
	bytes     int
	named     int // files that the manifest names
}

// plan reads the command line and what it names.
func (c *packCmd) plan() (*pack, error) {
	if err := c.used(); err != nil {
		return nil, err
	}
	if err := vacant(string(c.Out), c.Replace); err != nil {
		return nil, err
	}
	days, err := daysNamed(c.From, c.To, "")
	if err != nil {
		return nil, usageError{err}
	}
	in := &input{Files: c.Files, Tag: c.Tag, CSV: c.CSV, Journal: c.Journal, KnownAt: c.KnownAt, Calendar: c.Calendar, LooseEnd: c.LooseEnd, Round: c.Round, errs: c.errs}
	if c.MPAN != "" {
		m, err := settlement.ParseMPAN(string(c.MPAN))
		if err != nil {
			return nil, usagef("--mpan: %w", err)
		}
		in.mpans = owners{m}
	}
	p := new(pack)
	switch {
	case len(c.Market) > 0:
		err = p.lines(in, c.Market, series.Market(), days)
	case len(c.Contract) > 0:
		err = p.lines(in, c.Contract, series.Contract(), days)
	default:
		err = p.meter(in, days)
	}
	return p, err
}

// used refuses a command line that packs nothing, or several things in one file, and
// flags that nothing would come of.
func (c *packCmd) used() error {
	given := 0
	for _, of := range [][]string{c.Files, c.Market, c.Contract} {
		given += min(len(of), 1)
	}
	if given != 1 {
		return usagef("a Parquet file holds the readings of a meter, market lines or contract lines: name files of one of them (FILES, --market or --contract)")
	}
	lines := len(c.Files) == 0
	for _, x := range []struct {
		flag  string
		given bool
		want  string // what it goes with, where there is none of that
	}{
		{"--mpan", c.MPAN != "" && len(c.Market) > 0, "readings or a contract: market lines belong to no meter"},
		{"--tag", c.Tag != "" && lines, "readings: tables state their runs"},
		{"--csv", c.CSV != "" && lines, "readings: tables have one layout"},
		{"--round", c.Round && lines, "readings: no line of a table is rounded"},
		{"--journal", c.Journal && lines, "readings: tables state their runs"},
		{"--known-at", c.KnownAt != "" && !c.Journal, "--journal: only deliveries say when they came"},
		{"--calendar", c.Calendar != "" && !c.Journal, "--journal: what is packed hangs on no date else"},
		{"--loose-end", c.LooseEnd && c.CSV == "", "CSV files: give their layout with --csv"},
	} {
		if x.given {
			return usagef("%s goes with %s", x.flag, x.want)
		}
	}
	return nil
}

// meter packs the readings of a meter.
func (p *pack) meter(in *input, days period) error {
	files, err := datedFiles(in.Files)
	if err != nil {
		return err
	}
	if err := in.told(files); err != nil {
		return err
	}
	if err := errors.Join(in.onlyParquet(files), in.journalled(files, nil, nil)); err != nil {
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
	if err := in.journalled(files, nil, nil); err != nil {
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
	cut, every := revisions.TimetableCutoff(table), make([]settlement.Run, 0, settlement.NumRanked)
	for r := range settlement.Run(settlement.NumRanked) {
		every = append(every, r)
	}
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
	other := 0
	found, err := series.Survey(func(yield func(series.Reading, error) bool) {
		for r, err := range all {
			if err == nil && (len(in.mpans) > 0 && r.MPAN != in.mpans[0] || !looked.Contains(r.Period)) {
				other++
				continue
			}
			if !yield(r, err) {
				return
			}
		}
	})
	switch {
	case errors.Is(err, series.ErrEmpty) && other > 0:
		return span, nil, fmt.Errorf("nothing to pack: all %d readings are of other days or meters: %w", other, series.ErrEmpty)
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
