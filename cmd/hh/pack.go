package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

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

// Run packs. Nothing is written until all of it is read, packed and read back. It ends
// with ctx, and what was written by then is whole.
func (c *packCmd) Run(ctx context.Context, stdout io.Writer) error {
	if err := c.used(); err != nil {
		return err
	}
	if err := vacant(string(c.Out), c.Replace); err != nil {
		return err
	}
	p, err := within(ctx, c.pack)
	if p != nil && c.errs != nil {
		c.errs.Write(p.errs.Bytes())
	}
	if err == nil {
		p.named, err = deposit(ctx, string(c.Out), p.bytes, p.sum, c.Replace)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("stopped: nothing was written to %s: %w", c.Out, err)
	case err != nil:
		return err
	}
	return emit(stdout, "text", nil, func(w io.Writer) { p.text(w, string(c.Out)) })
}

// within gives what f gives, or only the error of ctx once that ends: f is left alone
// then, for nothing ends the reading of a pipe that nobody writes to.
func within[T any](ctx context.Context, f func() (*T, error)) (*T, error) {
	type given struct {
		v   *T
		err error
	}
	done := make(chan given, 1)
	go func() {
		v, err := f()
		done <- given{v, err}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case g := <-done:
		return g.v, g.err
	}
}

// pack reads and packs, in memory alone.
func (c *packCmd) pack() (*pack, error) {
	p := new(pack)
	if err := c.read(p); err != nil {
		return p, err
	}
	var raw bytes.Buffer
	var err error
	if p.sum, err = hhparquet.NewWriter().Write(&raw, p.mpan, p.cube); err != nil {
		return p, fmt.Errorf("%s: %w", c.Out, err)
	}
	p.bytes = raw.Bytes()
	return p, nil
}

// pack is what is packed, and what is told of it.
type pack struct {
	mpan      settlement.MPAN
	cube      *series.Cube
	outside   int // readings of other days
	others    int // readings of other meters
	conflicts int // of a journal
	later     []revisions.Delivery
	bytes     []byte // the file
	sum       hhparquet.Sum
	named     int          // files that the manifest names
	errs      bytes.Buffer // what is said of it that is not part of the answer
}

// read reads what the command line names.
func (c *packCmd) read(p *pack) error {
	days, err := daysNamed(c.From, c.To, "")
	if err != nil {
		return usageError{err}
	}
	in := &input{Files: c.Files, Tag: c.Tag, CSV: c.CSV, Journal: c.Journal, KnownAt: c.KnownAt, Calendar: c.Calendar, LooseEnd: c.LooseEnd, Round: c.Round, errs: &p.errs}
	if c.MPAN != "" {
		m, err := settlement.ParseMPAN(string(c.MPAN))
		if err != nil {
			return usagef("--mpan: %w", err)
		}
		in.mpans = owners{m}
	}
	switch {
	case len(c.Market) > 0:
		return p.lines(in, c.Market, series.Market(), days)
	case len(c.Contract) > 0:
		return p.lines(in, c.Contract, series.Contract(), days)
	}
	return p.meter(in, days)
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
