package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"slices"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/dtc"
	"github.com/halfhour/halfhour/series/hhcsv"
	"github.com/halfhour/halfhour/series/hhparquet"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs/toml"
)

// onlyParquet reports whether every meter's readings are known to be Parquet.
func (b *book) onlyParquet() bool {
	for i := range b.entries {
		f := fileOf(b.path(b.entries[i].readings))
		if regular(f.name) != nil {
			return false // its meter fails, and says so
		}
		if parquet, err := beginsParquet(f.open); err != nil || !parquet {
			return false
		}
	}
	return true
}

// maxReadings is the most bytes a meter's readings may have.
const maxReadings = hhparquet.DefaultBytes

// loader reads the meters of one goroutine into memory it keeps.
type loader struct {
	of    *batch
	file  []byte // the readings
	lines []byte // of the contract, if there are any

	readings, contracts *hhparquet.Reader
}

func (b *batch) newLoader() *loader {
	return &loader{of: b, readings: hhparquet.NewReader(hhparquet.Limits{}), contracts: hhparquet.NewReader(hhparquet.Limits{})}
}

// read takes in the files of an entry and gives the digest of all that its totals
// are made from, but for what all meters share.
func (l *loader) read(e *entry) (m halfhour.Loaded, digest [32]byte, err error) {
	m.Name = e.readings
	for _, name := range []string{e.supply, e.tariff, e.readings, e.contract} {
		if err := regular(l.of.book.path(name)); name != "" && err != nil {
			return m, digest, err
		}
	}
	supply, err := readLimited(l.of.book.path(e.supply))
	if err != nil {
		return m, digest, err
	}
	if m.Supply, err = toml.ParseSupply(e.supply, supply); err != nil {
		return m, digest, err
	}
	t, err := l.of.tariffs.of(l.of.book.path(e.tariff), e.tariff, m.Supply)
	if err != nil {
		return m, digest, ofSupply(err, m.Supply)
	}
	m.Tariff = t.tariff
	if l.file, err = slurp(l.file, l.of.book.path(e.readings)); err != nil {
		return m, digest, err
	}
	if l.lines = l.lines[:0]; e.contract != "" {
		if l.lines, err = slurp(l.lines, l.of.book.path(e.contract)); err != nil {
			return m, digest, err
		}
	}
	parts, own, lines := sha256.Sum256(l.file), sha256.Sum256(supply), sha256.Sum256(l.lines)
	switch {
	case e.sum == nil:
		err = l.of.vouched(e.readings, l.file, parts)
	case !bytes.Equal(e.sum, parts[:]):
		err = otherBytes(e.readings, "book")
	}
	if err == nil && e.contract != "" {
		err = l.of.vouched(e.contract, l.lines, lines)
	}
	all := slices.Concat(parts[:], own[:], t.digest[:], lines[:])
	return m, sha256.Sum256(all), err
}

// vouched holds a file of the book to the manifest beside it, if that names it. As
// elsewhere, beside what is no Parquet a file that is called manifest may be none.
func (b *batch) vouched(name string, file []byte, digest [32]byte) error {
	sum, err := statedBy(b.manifests.of, b.book.path(name))
	if err != nil && !isParquet(file) {
		return nil
	}
	if err == nil && sum != nil && sum.Digest != digest {
		err = otherBytes(name, "manifest beside it")
	}
	return err
}

// otherBytes is of a file that is not the one whose sum is stated.
func otherBytes(name, by string) error {
	return &series.Error{Pos: series.Pos{Source: name}, Want: "the bytes whose SHA-256 the " + by + " states: the file was damaged, cut short or replaced since; get it again", Err: hhparquet.ErrDigest}
}

// regular refuses what is there and no file: it cannot be read again when the batch
// goes on, and may never be read to its end.
func regular(path string) error {
	if info, err := os.Stat(path); err != nil || info.Mode().IsRegular() {
		return nil // whoever opens it says what is wrong
	}
	return &series.Error{Pos: series.Pos{Source: path}, Want: "a file: a folder, a pipe or a device in a book cannot be read again when the batch goes on", Err: series.ErrFormat}
}

// slurp reads a file into memory that is kept.
func slurp(buf []byte, path string) ([]byte, error) {
	buf = buf[:0]
	f, err := os.Open(path)
	if err != nil {
		return buf, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && info.Size() < maxReadings {
		buf = slices.Grow(buf, int(info.Size())+1)
	}
	for {
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, 64<<10)
		}
		n, err := f.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		switch {
		case len(buf) > maxReadings:
			return buf, &series.Error{Pos: series.Pos{Source: path}, Want: "a file of at most 256 MiB", Err: series.ErrLimit}
		case errors.Is(err, io.EOF):
			return buf, nil
		case err != nil:
			return buf, err
		}
	}
}

// load is the batch's Loader for entry i of those that are pending.
func (l *loader) load(i int, dst, contract *series.Cube) (halfhour.Loaded, error) {
	at := l.of.pending[i]
	e := &l.of.book.entries[at]
	m, digest, err := l.read(e)
	if err != nil {
		return m, err
	}
	l.of.states[at].digest = digest // nobody else has this entry
	if contract != nil {
		if err := l.agreed(e, m.Supply.MPAN, contract); err != nil {
			return m, err
		}
	}
	if !isParquet(l.file) {
		return m, l.collect(e, &m, dst)
	}
	if err := admits(l.readings, e.readings, packed{bytes: l.file}, series.Meter(), owners{m.Supply.MPAN}.readings); err != nil { // read has looked at the sum
		return m, err
	}
	active := series.AI
	if m.Supply.Export {
		active = series.AE
	}
	lines := [...]series.Line{active, series.RI, series.RE}
	t, err := l.readings.Into(dst, hhparquet.Want{Span: l.of.Span, Lines: lines[:], Latest: l.of.latest})
	if m.Values = t.Values; err != nil {
		return m, err
	}
	return m, ownRuns(e.readings, t)
}

// collect reads a flow, or CSV where its layout is stated.
func (l *loader) collect(e *entry, m *halfhour.Loaded, dst *series.Cube) error {
	dst.Reset(l.of.Span)
	open, flow := series.OpenBytes(l.file), l.of.input.CSV == ""
	if !flow { // as every command has it: beside CSV there may be flows
		var err error
		if flow, err = dtc.Begins(e.readings, open); err != nil {
			return err
		}
	}
	readings, err := l.of.input.from(e.readings, open, flow)
	if err != nil {
		return err
	}
	t, err := series.Collect(dst, m.Supply.MPAN, l.admitted(readings))
	m.Values = t.Kept
	return err
}

// agreed reads the meter's own contract lines, if it has any.
func (l *loader) agreed(e *entry, mpan settlement.MPAN, dst *series.Cube) error {
	if isParquet(l.lines) {
		if err := admits(l.contracts, e.contract, packed{bytes: l.lines}, series.Contract(), owners{mpan}.agreed); err != nil {
			return err
		}
		t, err := l.contracts.Into(dst, hhparquet.Want{Span: l.of.Span})
		if err != nil {
			return err
		}
		return ownRuns(e.contract, t)
	}
	dst.Reset(l.of.Span)
	if e.contract == "" {
		return nil
	}
	_, err := series.Collect(dst, settlement.MPAN{}, l.admitted(hhcsv.ReadTable(e.contract, series.OpenBytes(l.lines), series.Contract())))
	return err
}

// admitted leaves out the runs that the view does not see, which cubes do not hold.
func (l *loader) admitted(all series.Readings) series.Readings {
	most := l.of.Runs[len(l.of.Runs)-1]
	return func(yield func(series.Reading, error) bool) {
		for r, err := range all {
			if err == nil && r.Run.Ranked() && r.Run > most {
				continue
			}
			if !yield(r, err) {
				return
			}
		}
	}
}
