package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/dtc"
	"github.com/halfhour/halfhour/series/hhcsv"
	"github.com/halfhour/halfhour/series/hhparquet"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
	"github.com/halfhour/halfhour/tariffs/gb"
	"github.com/halfhour/halfhour/tariffs/toml"
)

// magic begins a Parquet file, and no flow or CSV of readings.
var magic = []byte("PAR1")

// shared reads lines that belong to no meter: each file Parquet or a table. One that
// was written for a meter is refused.
func shared(names []string, schema *series.Schema, span settlement.Span) (*series.Cube, error) {
	if len(names) == 0 {
		return nil, nil
	}
	for _, name := range names {
		if err := holdsLines(name, schema); err != nil {
			return nil, err
		}
	}
	c, kept, err := collectLines(names, schema, span)
	if err == nil && kept == 0 {
		return nil, &series.Error{Pos: series.Pos{Source: names[0]}, Want: fmt.Sprintf("%s lines of some half-hour from %s to %s: these files have none", schema.Name(), span.From(), span.To()-1), Err: series.ErrEmpty}
	}
	return c, err
}

// collectLines reads files of lines, and says how many of the span they hold.
func collectLines(names []string, schema *series.Schema, span settlement.Span) (c *series.Cube, kept int, err error) {
	var sources []series.Readings
	for _, name := range names {
		opener := func() (io.ReadCloser, error) { return os.Open(name) }
		parquet, err := isParquet(name)
		if err != nil {
			return nil, 0, err
		}
		if parquet {
			sources = append(sources, hhparquet.Read(name, opener, nil, hhparquet.Limits{}))
		} else {
			sources = append(sources, hhcsv.ReadTable(name, opener, schema))
		}
	}
	c = series.NewCube(nil, schema, settlement.RankedRuns(), span)
	tally, err := series.Collect(c, settlement.MPAN{}, series.Join(sources...))
	return c, tally.Kept, err
}

// holdsLines refuses a Parquet file of other lines, for its readings number them, and
// one of a meter.
func holdsLines(name string, schema *series.Schema) error {
	if parquet, err := isParquet(name); err != nil || !parquet {
		return err
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	r := hhparquet.NewReader(hhparquet.Limits{})
	if err := r.Load(name, f, nil); err != nil {
		return err
	}
	if !r.Schema().SameLines(schema) {
		return &series.Error{Pos: series.Pos{Source: name}, Value: r.Schema().Name(), Want: "a file with the lines of " + schema.Name(), Err: series.ErrSchema}
	}
	return ofMeter(name, r.MPAN(), settlement.MPAN{})
}

// ofMeter refuses a Parquet file of lines that was written for another meter: what is
// agreed with one customer would be charged to another. One for no meter is for any.
func ofMeter(name string, of, want settlement.MPAN) error {
	switch {
	case of == settlement.MPAN{} || of == want:
		return nil
	case want == settlement.MPAN{}:
		return &series.Error{Pos: series.Pos{Source: name}, Value: of.String(), Want: "lines of no meter, for they are shared: give a meter its own in the book's column contract", Err: series.ErrValue}
	}
	return &series.Error{Pos: series.Pos{Source: name}, Value: of.String(), Want: fmt.Sprintf("lines of MPAN %s, the supply's, or of none", want), Err: series.ErrValue}
}

// onlyParquet reports whether every meter's readings are known to be Parquet.
func (b *book) onlyParquet() bool {
	for i := range b.entries {
		if parquet, err := isParquet(b.path(b.entries[i].readings)); err != nil || !parquet {
			return false
		}
	}
	return true
}

func isParquet(name string) (bool, error) {
	return beginsParquet(func() (io.ReadCloser, error) { return os.Open(name) })
}

// maxReadings is the most bytes a meter's readings may have.
const maxReadings = hhparquet.DefaultBytes

// loader reads the meters of one goroutine into memory it keeps.
type loader struct {
	of      *batch
	parquet *hhparquet.Reader
	file    []byte // the readings
	lines   []byte // of the contract, if there are any
	second  *hhparquet.Reader
}

func (b *batch) newLoader() *loader {
	return &loader{of: b, parquet: hhparquet.NewReader(hhparquet.Limits{}), second: hhparquet.NewReader(hhparquet.Limits{})}
}

// read takes in the files of an entry and gives the digest of all that its totals
// are made from, but for what all meters share.
func (l *loader) read(e *entry) (m halfhour.Loaded, digest [32]byte, err error) {
	m.Name = e.readings
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
	parts := sha256.Sum256(l.file)
	if e.sum != nil && !bytes.Equal(e.sum, parts[:]) {
		return m, digest, &series.Error{Pos: series.Pos{Source: e.readings}, Want: "the bytes whose SHA-256 the book states: the file was damaged, cut short or replaced since; get it again", Err: hhparquet.ErrDigest}
	}
	own, lines := sha256.Sum256(supply), sha256.Sum256(l.lines)
	all := slices.Concat(parts[:], own[:], t.digest[:], lines[:])
	return m, sha256.Sum256(all), nil
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
	if !bytes.HasPrefix(l.file, magic) {
		return m, l.collect(e, &m, dst)
	}
	if err := l.parquet.LoadBytes(e.readings, l.file, nil); err != nil {
		return m, err
	}
	if of := l.parquet.MPAN(); of != m.Supply.MPAN {
		return m, &series.Error{Pos: series.Pos{Source: e.readings}, Value: of.String(), Want: fmt.Sprintf("readings of MPAN %s, the supply's", m.Supply.MPAN), Err: series.ErrValue}
	}
	active := series.AI
	if m.Supply.Export {
		active = series.AE
	}
	lines := [...]series.Line{active, series.RI, series.RE}
	t, err := l.parquet.Into(dst, hhparquet.Want{Span: l.of.Span, Lines: lines[:], Latest: l.of.latest})
	m.Values = t.Values
	return m, err
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
	if bytes.HasPrefix(l.lines, magic) {
		if err := l.second.LoadBytes(e.contract, l.lines, nil); err != nil {
			return err
		}
		if err := ofMeter(e.contract, l.second.MPAN(), mpan); err != nil {
			return err
		}
		_, err := l.second.Into(dst, hhparquet.Want{Span: l.of.Span})
		return err
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

// tariffShelf keeps the tariffs read last, with the published figures of an area in
// them, so that meters on one share it.
type tariffShelf struct {
	accept bool
	mu     sync.Mutex
	held   map[tariffKey]*shelved
}

type tariffKey struct {
	path  string
	of    settlement.Distributor
	group settlement.GSPGroup
}

type shelved struct {
	sync.Once
	tariff *tariffs.Tariff
	digest [32]byte
	err    error
}

// maxShelf bounds the tariffs kept at once.
const maxShelf = 64

func (s *tariffShelf) of(path, name string, sup *tariffs.Supply) (*shelved, error) {
	key := tariffKey{path, sup.Distributor, sup.GSPGroup}
	s.mu.Lock()
	t := s.held[key]
	if t == nil {
		if s.held == nil || len(s.held) == maxShelf {
			s.held = map[tariffKey]*shelved{}
		}
		t = new(shelved)
		s.held[key] = t
	}
	s.mu.Unlock()
	t.Do(func() { t.err = t.read(path, name, sup, s.accept) })
	return t, t.err
}

func (t *shelved) read(path, name string, sup *tariffs.Supply, accept bool) error {
	text, err := readLimited(path)
	if err != nil {
		return err
	}
	t.digest = sha256.Sum256(text)
	written, err := toml.ParseTariff(name, text)
	if err != nil {
		return err
	}
	book, err := gb.Book(sup.Distributor, sup.GSPGroup)
	if err != nil {
		return err
	}
	if t.tariff, err = written.Publish(book); err == nil && accept {
		t.tariff.Conventions.Unconfirmed = true // Publish made it
	}
	return err
}
