package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
	"github.com/halfhour/halfhour/settlement"
)

// stored reads a Parquet file of lines of one schema. Each time it is ranged over,
// the file is read whole and held to the manifest beside it. A file of other lines is
// refused, for its readings number those; so is one that whose does not take.
func stored(f dated, schema *series.Schema, whose func(settlement.MPAN) error) series.Readings {
	return func(yield func(series.Reading, error) bool) {
		raw, err := f.packed()
		if err == nil {
			err = admitsAll(f.name, raw, schema, whose)
		}
		if err != nil {
			yield(series.Reading{}, err)
			return
		}
		hhparquet.Read(f.name, series.OpenBytes(raw.bytes), raw.sum, hhparquet.Limits{})(yield)
	}
}

// packed is a Parquet file in memory, and what a manifest says of it, or nil.
type packed struct {
	bytes []byte
	sum   *hhparquet.Sum
}

// packed reads the file, and no more than its reader would take.
func (f *dated) packed() (p packed, err error) {
	if p.sum, err = stated(f.name); err != nil {
		return p, err
	}
	if *f.once != nil {
		p.bytes = *f.once
		return p, nil
	}
	src, err := f.open()
	if err != nil {
		return p, err
	}
	p.bytes, err = io.ReadAll(io.LimitReader(src, hhparquet.DefaultBytes+1))
	return p, errors.Join(err, src.Close())
}

// admits loads a Parquet file into r and says whether it is one that a command can read:
// of the schema, of a meter that whose takes, or where that is nil of any, and of readings
// by run. Of the runs it looks at the one that states none, as which a reconciled frame is
// written; who reads any asks ownRuns of what was read.
func admits(r *hhparquet.Reader, name string, raw packed, schema *series.Schema, whose func(settlement.MPAN) error) error {
	bad := func(value, want string, err error) error {
		return &series.Error{Pos: series.Pos{Source: name}, Value: value, Want: want, Err: err}
	}
	if err := r.LoadBytes(name, raw.bytes, raw.sum); err != nil {
		return err
	}
	if r.Schema() != schema {
		return bad(r.Schema().Name(), "a file with the lines of "+schema.Name(), series.ErrSchema)
	}
	if whose != nil {
		if err := whose(r.MPAN()); err != nil {
			return bad(r.MPAN().String(), err.Error(), series.ErrValue)
		}
	}
	reconciled, err := r.Reconciled()
	if err == nil && reconciled {
		err = bad("other runs in "+settlement.Untagged.String(), byRun, series.ErrSchema)
	}
	return err
}

// admitsAll is admits of a file all of which is read.
func admitsAll(name string, raw packed, schema *series.Schema, whose func(settlement.MPAN) error) error {
	r := hhparquet.NewReader(hhparquet.Limits{})
	if err := admits(r, name, raw, schema, whose); err != nil {
		return err
	}
	for _, run := range r.Runs() {
		t, err := r.Into(series.NewCube(nil, schema, []settlement.Run{run}, settlement.Span{}), hhparquet.Want{})
		if err != nil {
			return err
		}
		if err := ownRuns(name, t); err != nil {
			return err
		}
	}
	return nil
}

const byRun = "readings by run, and this is a reconciled frame, which has lost the runs that did not speak: give the readings it was made from"

// ownRuns refuses what was read of a file in which a run has values that another supplied.
func ownRuns(name string, t hhparquet.Tally) error {
	if t.Foreign == 0 {
		return nil
	}
	return &series.Error{Pos: series.Pos{Source: name}, Value: fmt.Sprintf("%d values of other runs than theirs", t.Foreign), Want: byRun, Err: series.ErrSchema}
}

// owners are the meters whose Parquet files are taken, the supply's first; none for
// anyone's.
type owners []settlement.MPAN

// readings takes those of the meters; where none is named, of any.
func (o owners) readings(of settlement.MPAN) error {
	switch {
	case len(o) == 0 && !of.IsZero(), slices.Contains(o, of):
		return nil
	case len(o) == 0:
		return errors.New("readings of a meter: the file names none")
	}
	var names []string
	for _, m := range o {
		names = append(names, m.String())
	}
	return fmt.Errorf("readings of MPAN %s: is it the right file?", strings.Join(names, " or "))
}

// agreed takes contract lines of the supply, or of no meter: what is agreed with one
// customer would be charged to another.
func (o owners) agreed(of settlement.MPAN) error {
	switch {
	case of.IsZero(), len(o) > 0 && of == o[0]:
		return nil
	case len(o) == 0:
		return errors.New("lines of no meter, or the meter's --mpan")
	}
	return fmt.Errorf("lines of MPAN %s or of none", o[0])
}

// noMeter takes lines that belong to no meter.
func noMeter(of settlement.MPAN) error {
	if of.IsZero() {
		return nil
	}
	return errors.New("lines of no meter, for all share them")
}

// magic begins a Parquet file, and no flow or CSV of readings.
const magic = "PAR1"

// beginsParquet says whether a source begins as a Parquet file does.
func beginsParquet(open series.Opener) (bool, error) {
	f, err := open()
	if err != nil {
		return false, err
	}
	defer f.Close()
	first := make([]byte, len(magic))
	if _, err := io.ReadFull(f, first); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, err
	}
	return isParquet(first), nil
}

// isParquet says whether bytes begin as a Parquet file does.
func isParquet(b []byte) bool { return len(b) >= len(magic) && string(b[:len(magic)]) == magic }
