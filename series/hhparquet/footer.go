package hhparquet

import (
	"bytes"
	"hash/crc32"
	"slices"
	"strconv"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// A Parquet file is "PAR1", the pages of each column of each row group, the
// footer, its length in four bytes, and "PAR1" again.
const (
	magic     = "PAR1"
	ending    = 4 + len(magic)
	maxFooter = 1 << 20
)

// keyNames are the keys in the order of footer.keys.
var keyNames = [numKeys]string{keyVersion, keySchema, keyLines, keyMPAN, keySpan, keyRuns, keyCoverage, keyParts, keyCheck}

const (
	atVersion = iota
	atSchema
	atLines
	atMPAN
	atSpan
	atRuns
	atCoverage
	atParts
	atCheck
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checkOf is a CRC-32C of the other keys' values, each with a zero byte behind
// it: what they say is as much the data as the pages are, and no frame's
// checksum is over it.
func checkOf(values *[numKeys][]byte) uint32 {
	sum := uint32(0)
	for _, v := range values[:atCheck] {
		sum = crc32.Update(crc32.Update(sum, castagnoli, v), castagnoli, zero[:])
	}
	return sum
}

var zero [1]byte

// parse reads the footer of the file in r.raw and checks it against what the
// format allows: nothing later believes a number that was not checked here. The tail
// that a digest is known of must be all that is parsed.
func (r *Reader) parse(want *Sum) (err error) {
	defer r.saved(&err)
	r.open = false
	raw := r.raw
	at, ok := footerOf(raw)
	switch {
	case want != nil && want.Tail != Tail{} && (!ok || want.Tail.Size != int64(len(raw)-at)):
		return r.otherSum()
	case !ok:
		return r.fail("", "a Parquet file with a footer of at most "+strconv.Itoa(maxFooter)+" bytes: "+damaged, series.ErrFormat)
	}
	r.end = at
	w := wire{b: raw[r.end : len(raw)-ending]}
	f := &r.foot
	if !f.read(&w) || w.at != len(w.b) {
		return r.broken("footer")
	}
	if v := string(f.keys[atVersion]); v != version {
		return r.fail(v, "version "+version+" of the format: another halfhour wrote this file, or it is not one of ours; write it again with this one, or read it with that", ErrVersion)
	}
	if check, ok := hexOf(f.keys[atCheck]); !ok || len(f.keys[atCheck]) != 8 || check != checkOf(&f.keys) {
		return r.fail(string(f.keys[atCheck]), "the check of the metadata in "+keyCheck+": "+damaged, series.ErrFormat)
	}
	if err := r.who(); err != nil {
		return err
	}
	if !r.layout.matches(f.schema) {
		return r.fail("", "columns as "+keyLines+" says: "+damaged, series.ErrSchema)
	}
	if err := r.where(); err != nil {
		return err
	}
	r.open = true
	return nil
}

// who reads whose file it is: schema, meter, runs and span. What is as in the
// file before is kept, for files mostly come in thousands of one kind.
func (r *Reader) who() error {
	keys := &r.foot.keys
	if r.layout == nil || string(keys[atLines]) != r.layout.text || string(keys[atSchema]) != r.layout.schema.Name() {
		l, err := layoutOfText(string(keys[atSchema]), string(keys[atLines]))
		if err != nil {
			return r.fail(err.Error(), "lines and their units in "+keyLines+": "+damaged, series.ErrSchema)
		}
		r.layout, r.same = l, nil
	}
	if string(keys[atMPAN]) != r.mpanText || r.mpanText == "" {
		r.mpan, r.mpanText = settlement.MPAN{}, ""
		if len(keys[atMPAN]) > 0 {
			m, err := settlement.ParseMPAN(string(keys[atMPAN]))
			if err != nil {
				return r.fail(string(keys[atMPAN]), "an MPAN in "+keyMPAN+": "+damaged, err)
			}
			r.mpan, r.mpanText = m, string(keys[atMPAN])
		}
	}
	if err := r.readRuns(keys[atRuns]); err != nil {
		return err
	}
	lo, hi, found := bytes.Cut(keys[atSpan], []byte(".."))
	span := settlement.Span{Lo: periodOf(lo), Hi: periodOf(hi)}
	if !found || span.Empty() || span.Lo < settlement.MinDay.First() || span.Hi > settlement.MaxDay.First() {
		return r.fail(string(keys[atSpan]), "two half-hours in "+keySpan+": "+damaged, series.ErrFormat)
	}
	if span.Len() > r.limits.Periods {
		return r.fail(span.String(), "at most "+strconv.Itoa(r.limits.Periods)+" half-hours: raise the reader's limit or split the file", series.ErrLimit)
	}
	r.cal.set(span)
	return nil
}

func (r *Reader) readRuns(text []byte) error {
	r.runs = r.runs[:0]
	for more := true; more; {
		var code []byte
		code, text, more = bytes.Cut(text, []byte(","))
		run, ok := runOf(code)
		if !ok || len(r.runs) > 0 && r.runs[len(r.runs)-1] >= run {
			return r.fail(string(code), "ranked runs in rising order in "+keyRuns+": "+damaged, series.ErrFormat)
		}
		r.runs = append(r.runs, run)
	}
	return nil
}

func runOf(code []byte) (settlement.Run, bool) {
	for run := settlement.Run(0); run < settlement.NumRanked; run++ {
		if string(code) == run.String() {
			return run, true
		}
	}
	return 0, false
}

// periodOf reads a half-hour as the format writes it, in decimal; the first of
// all, which no span has, for what is not one.
func periodOf(text []byte) settlement.Period {
	n := 0
	for _, c := range text {
		if c < '0' || c > '9' || n > 1<<27 {
			return 0
		}
		n = 10*n + int(c-'0')
	}
	return settlement.Period(n)
}

// hexOf reads a number of up to eight hexadecimal digits, all small letters.
func hexOf(text []byte) (n uint32, ok bool) {
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9':
			n = n<<4 | uint32(c-'0')
		case c >= 'a' && c <= 'f':
			n = n<<4 | uint32(c-'a'+10)
		default:
			return 0, false
		}
	}
	return n, len(text) <= 8
}

// where checks the column chunks and keeps where they lie, and reads the coverage.
// The parts' records it only counts: each is looked at when it is wanted.
func (r *Reader) where() error {
	f := &r.foot
	cols := r.layout.cols
	rows := int64(r.cal.span.Len())
	if f.groups != len(r.runs) || len(f.chunks) != f.groups*len(cols) || f.rows != rows*int64(f.groups) {
		return r.broken("%d row groups with %d column chunks and %d rows for %d runs", f.groups, len(f.chunks), f.rows, len(r.runs))
	}
	next := len(magic) // nothing lies between the chunks, and none on another
	for i := range f.chunks {
		w := wire{b: r.raw[r.end : len(r.raw)-ending], at: f.chunks[i].at}
		m := metaOf(&w)
		c := &cols[i%len(cols)]
		kind, _, _ := c.physical()
		switch {
		case w.bad || m.elsewhere || m.dictionary || m.kind != kind || string(m.name) != c.name:
		case m.codec != codecZstd:
			return r.fail(c.name, "zstd: the format knows no other compression; "+damaged, series.ErrFormat)
		case m.values != rows:
		case m.at != int64(next) || m.size <= 0 || m.size > int64(r.end-next):
		default:
			f.chunks[i] = chunk{next, int(m.size)}
			next += int(m.size)
			continue
		}
		return r.broken("column %s of run %s", c.name, r.runs[i/len(cols)])
	}
	if next != r.end {
		return r.broken("%d bytes between the last column and the footer", r.end-next)
	}
	var ok bool
	if days, known := readCoverage(r.days, f.keys[atCoverage], r.layout.schema, r.runs, r.cal.numDays()); known {
		ok, r.covered = true, days != nil
		if days != nil {
			r.days = days
		}
	}
	if !ok {
		return r.broken("days in %s", keyCoverage)
	}
	n := len(r.runs) * len(r.cal.pages)
	if len(f.keys[atParts]) != n*r.layout.partWidth() {
		return r.broken("%d bytes in %s for %d parts", len(f.keys[atParts]), keyParts, n)
	}
	r.vouched = slices.Grow(r.vouched[:0], n)[:n]
	for i := range r.vouched {
		r.vouched[i] = r.whole
	}
	return nil
}
