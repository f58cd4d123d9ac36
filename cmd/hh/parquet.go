package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
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
			err = admits(f.name, raw, schema, whose)
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
	src, err := f.open()
	if err != nil {
		return p, err
	}
	p.bytes, err = io.ReadAll(io.LimitReader(src, hhparquet.DefaultBytes+1))
	return p, errors.Join(err, src.Close())
}

// stated is what the manifest beside a file says of it: nil where there is none, or
// none that names the file.
func stated(path string) (*hhparquet.Sum, error) {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil, err
	}
	m, err := manifestOf(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	sum, named := m.Sum(filepath.Base(path))
	if !named {
		return nil, nil
	}
	return &sum, nil
}

// manifestOf reads the manifest of a folder; one without has an empty one.
func manifestOf(dir string) (*hhparquet.Manifest, error) {
	path := filepath.Join(dir, manifestName)
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return new(hhparquet.Manifest), nil
	case err != nil:
		return nil, err
	}
	m, err := hhparquet.ReadManifest(path, f)
	return m, errors.Join(err, f.Close())
}

// admits says whether a file is one that a command can read: of the schema, of the
// meter, and of readings by run.
func admits(name string, raw packed, schema *series.Schema, whose func(settlement.MPAN) error) error {
	bad := func(value, want string, err error) error {
		return &series.Error{Pos: series.Pos{Source: name}, Value: value, Want: want, Err: err}
	}
	r := hhparquet.NewReader(hhparquet.Limits{})
	if err := r.LoadBytes(name, raw.bytes, raw.sum); err != nil {
		return err
	}
	if r.Schema() != schema {
		return bad(r.Schema().Name(), "a file with the lines of "+schema.Name(), series.ErrSchema)
	}
	if err := whose(r.MPAN()); err != nil {
		return bad(r.MPAN().String(), err.Error(), series.ErrValue)
	}
	for _, run := range r.Runs() {
		c := series.NewCube(nil, schema, []settlement.Run{run}, settlement.Span{})
		if _, err := r.Into(c, hhparquet.Want{}); err != nil {
			return err
		}
		if spoke, other := speaksFor(c.Frame(run), run); other {
			return bad(spoke.String()+" in "+run.String(), "readings by run, and this is a reconciled frame, which has lost the runs that did not speak: give the readings it was made from", series.ErrSchema)
		}
	}
	return nil
}

// speaksFor finds a value of a frame that another run than its own supplied.
func speaksFor(f *series.Frame, run settlement.Run) (spoke settlement.Run, other bool) {
	for k := range f.Schema().Sources() {
		col := f.Line(f.Schema().FirstLine(k))
		for i, m := range col.Marks {
			if _, held := col.At(i); held && m.Run() != run {
				return m.Run(), true
			}
		}
	}
	return run, false
}

// mine takes the Parquet files of the meters looked at; where none is named, of any.
func (c *input) mine(of settlement.MPAN) error {
	switch {
	case len(c.mpans) == 0 && !of.IsZero(), slices.Contains(c.mpans, of):
		return nil
	case len(c.mpans) == 0:
		return errors.New("readings of a meter: the file names none")
	}
	var names []string
	for _, m := range c.mpans {
		names = append(names, m.String())
	}
	return fmt.Errorf("readings of MPAN %s: is it the right file?", strings.Join(names, " or "))
}

// noMeter takes lines that belong to no meter.
func noMeter(of settlement.MPAN) error {
	if of.IsZero() {
		return nil
	}
	return errors.New("lines of no meter, for all share them")
}

// agreed takes contract lines of the meter looked at, or of none: what is agreed with
// one customer would be charged to another.
func (c *input) agreed(of settlement.MPAN) error {
	switch {
	case of.IsZero(), len(c.mpans) > 0 && of == c.mpans[0]:
		return nil
	case len(c.mpans) == 0:
		return errors.New("lines of no meter, or the meter's --mpan")
	}
	return fmt.Errorf("lines of MPAN %s or of none", c.mpans[0])
}

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
	return string(first) == string(magic), nil
}
