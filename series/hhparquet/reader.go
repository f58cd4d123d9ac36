package hhparquet

import (
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"slices"
	"strconv"

	"github.com/klauspost/compress/zstd"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Limits bound what a file may ask for. Zero is the default.
type Limits struct {
	Bytes   int // of the file; DefaultBytes
	Periods int // half-hours of the file's span; series.MaxPeriods
}

// DefaultBytes is the largest file a reader takes unless told otherwise: the
// charges of ten meter-years.
const DefaultBytes = 256 << 20

// maxPage is the most bytes a page may have once it is decompressed: a month
// of 16-byte values is 24 KB.
const maxPage = 32 << 10

// maxPacked is the most bytes a page may have in the file: header, frame, and what
// cannot be compressed.
const maxPacked = maxPage + 1<<10

// Reader reads files one after the other into memory it keeps. Beside the file
// itself it holds some tens of kilobytes and a byte for each day of each source
// and run, 9 KB for a meter-year. It is for one goroutine.
type Reader struct {
	limits Limits
	zstd   *zstd.Decoder

	name string
	raw  []byte // the file
	held []byte // memory for it
	end  int    // of the pages; the footer begins
	open bool
	foot footer

	layout   *layout
	mpan     settlement.MPAN
	mpanText string
	runs     []settlement.Run
	cal      calendar
	days     []byte // coverage, if covered: days of each run and source
	covered  bool
	same     *series.Schema // the last schema found to have the file's lines

	whole   bool   // the digest of the whole file was right
	vouched []bool // for each part, whether its digest was right
	hash    hash.Hash
	digest  [sha256.Size]byte
	text    []byte // the digest in hexadecimal

	tally  Tally    // of the reading at hand
	need   []bool   // for each page of a column, whether it is wanted
	body   []byte   // a page, decompressed
	values []int64  // of a page
	valid  []uint64 // of a page
}

// NewReader makes a reader.
func NewReader(limits Limits) *Reader {
	if limits.Bytes <= 0 {
		limits.Bytes = DefaultBytes
	}
	if limits.Periods <= 0 || limits.Periods > series.MaxPeriods {
		limits.Periods = series.MaxPeriods
	}
	// In this goroutine, never more than a page, and only into our own memory.
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxPage), zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		panic(err) // options are constants
	}
	return &Reader{
		limits: limits, zstd: d, hash: sha256.New(), text: make([]byte, 0, digestWidth),
		body: make([]byte, maxPage+slack), values: make([]int64, maxRows), valid: make([]uint64, (maxRows+63)/64),
	}
}

// Load takes the next file: all of src, which name calls in errors. With a sum, as a
// manifest states it, the footer is held to the sum's digest of the tail before it is
// parsed, and each part of the file, which is a month of a run, to its digest in the
// footer before [Reader.Into] looks at it: else the error is ErrDigest. So nothing is
// parsed or returned that is not that file to the bit, and what is not wanted is not
// hashed. A sum without a tail is of the whole file, which is hashed before it is
// parsed.
//
// Without a sum the parts are held to their digests all the same, and what the
// footer says is guarded by a CRC-32C: that finds damage, and not another file in
// this one's place.
func (r *Reader) Load(name string, src io.Reader, want *Sum) error {
	r.name, r.open = name, false
	limit := r.limits.Bytes
	if want != nil {
		if want.Size < 0 || want.Size > int64(limit) {
			return r.tooBig()
		}
		limit = int(want.Size)
	}
	buf := r.held[:0]
	for {
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, max(64<<10, min(len(buf), limit+1-len(buf))))
		}
		n, err := src.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if len(buf) > limit {
			r.held = buf
			if want != nil {
				return r.otherSum()
			}
			return r.tooBig()
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			r.held = buf
			return &series.Error{Pos: series.Pos{Source: name}, Want: "a source that can be read to its end", Err: err}
		}
	}
	r.held = buf
	return r.LoadBytes(name, buf, want)
}

// LoadBytes is Load of a file that is in memory. The reader looks at file until
// the next Load; it must not change.
func (r *Reader) LoadBytes(name string, file []byte, want *Sum) error {
	r.name, r.open, r.raw = name, false, file
	if len(file) > r.limits.Bytes {
		return r.tooBig()
	}
	if want != nil && !want.begins(file) {
		return r.otherSum()
	}
	r.whole = want != nil && want.Tail == (Tail{})
	return r.parse(want)
}

func (r *Reader) tooBig() error {
	return r.fail("", "a file of at most "+strconv.Itoa(r.limits.Bytes)+" bytes: raise the reader's limit or split the file", series.ErrLimit)
}

func (r *Reader) otherSum() error {
	return r.fail("", otherBytes, ErrDigest)
}

const otherBytes = "the bytes that were written: the file was damaged, cut short or replaced since; get it again"

const panicLoad = "hhparquet: Load a file without an error first"

// Schema, MPAN, Span and Runs say what the file holds. MPAN is zero where it
// belongs to no meter. Runs is in rising order, is for reading only, and lives
// until the next Load.
func (r *Reader) Schema() *series.Schema { r.loaded(); return r.layout.schema }
func (r *Reader) MPAN() settlement.MPAN  { r.loaded(); return r.mpan }
func (r *Reader) Span() settlement.Span  { r.loaded(); return r.cal.span }
func (r *Reader) Runs() []settlement.Run { r.loaded(); return r.runs }

func (r *Reader) loaded() {
	if !r.open {
		panic(panicLoad)
	}
}
