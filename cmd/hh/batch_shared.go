package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhcsv"
	"github.com/halfhour/halfhour/settlement"
)

// shared reads lines that belong to no meter: each file Parquet or a table. One that
// was written for a meter is refused. Each is read once, and digest is of those bytes.
func shared(names []string, schema *series.Schema, span settlement.Span) (c *series.Cube, digest string, err error) {
	files := make([]dated, len(names))
	for i, name := range names {
		files[i] = fileOf(name)
		if *files[i].once, err = slurp(nil, name); err != nil {
			return nil, "", err
		}
		files[i].parquet = isParquet(*files[i].once)
	}
	if err := vouched(files...); err != nil {
		return nil, "", err
	}
	if digest, err = digestOf(files...); err != nil || len(names) == 0 {
		return nil, digest, err
	}
	whose := noMeter
	if schema == series.Contract() {
		whose = nobodys
	}
	c, kept, err := collectLines(files, schema, span, whose)
	if err == nil && kept == 0 {
		err = &series.Error{Pos: series.Pos{Source: names[0]}, Want: fmt.Sprintf("%s lines of some half-hour from %s to %s: these files have none", schema.Name(), span.From(), span.To()-1), Err: series.ErrEmpty}
	}
	return c, digest, err
}

// nobodys takes contract lines of no meter.
func nobodys(of settlement.MPAN) error {
	if of.IsZero() {
		return nil
	}
	return errors.New("lines of no meter, for they are shared: give a meter its own in the book's column contract")
}

// collectLines reads files of lines, and says how many of the span they hold.
func collectLines(files []dated, schema *series.Schema, span settlement.Span, whose func(settlement.MPAN) error) (c *series.Cube, kept int, err error) {
	var sources []series.Readings
	for _, f := range files {
		if f.parquet {
			sources = append(sources, stored(f, schema, whose))
		} else {
			sources = append(sources, hhcsv.ReadTable(f.name, f.open, schema))
		}
	}
	c = series.NewCube(nil, schema, settlement.RankedRuns(), span)
	tally, err := series.Collect(c, settlement.MPAN{}, unowned(series.Join(sources...)))
	return c, tally.Kept, err
}

// digestOf is the SHA-256 of files one after the other, with their sizes.
func digestOf(files ...dated) (string, error) {
	if len(files) == 0 {
		return "none", nil
	}
	h := sha256.New()
	for _, file := range files {
		f, err := file.open()
		if err != nil {
			return "", err
		}
		n, err := io.Copy(h, f)
		if err := errors.Join(err, f.Close()); err != nil {
			return "", err
		}
		fmt.Fprintf(h, "\n%d\n", n)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
