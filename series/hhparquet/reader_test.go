package hhparquet_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
	"github.com/halfhour/halfhour/settlement"
)

// TestLatestSkips reads of a year only what the latest needs: of the runs that
// have landed for every day one, of a staircase little more.
func TestLatestSkips(t *testing.T) {
	for _, c := range []struct {
		name   string
		landed sample.Landed
		most   int // values, of 17,520 half-hours of three lines
	}{
		{"all landed", sample.All, 3 * 17_520},
		{"a staircase", sample.AsOf(day(t, "2026-06-30")), 3 * 17_520 * 6 / 5},
	} {
		raw, _ := write(t, sample.MPAN(), meterCube(t, sample.Span(), c.landed))
		r := hhparquet.NewReader(hhparquet.Limits{})
		if err := r.LoadBytes("meter", raw, nil); err != nil {
			t.Fatal(err)
		}
		got := series.NewCube(nil, series.Meter(), sample.Runs(), settlement.Span{})
		every, err := r.Into(got, hhparquet.Want{Lines: billed})
		if err != nil {
			t.Fatal(err)
		}
		latest, err := r.Into(got, hhparquet.Want{Lines: billed, Latest: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: every run %+v, latest %+v", c.name, every, latest)
		if latest.Values > c.most {
			t.Errorf("%s: the latest took %d values, want at most %d of %d", c.name, latest.Values, c.most, every.Values)
		}
		if every.Pages+every.Skipped != latest.Pages+latest.Skipped {
			t.Errorf("%s: pages are lost: %+v, %+v", c.name, every, latest)
		}
	}
}

// TestReadings gives what Collect put into the cube.
func TestReadings(t *testing.T) {
	span := settlement.Days(day(t, "2025-10-20"), day(t, "2025-11-03"))
	for _, c := range []*series.Cube{meterCube(t, span, sample.AsOf(day(t, "2026-06-30"))), marketCube(t, span, sample.All)} {
		mpan := sample.MPAN()
		if c.Schema() != series.Meter() {
			mpan = settlement.MPAN{}
		}
		raw, sum := write(t, mpan, c)
		readings := hhparquet.Read("file", series.OpenBytes(raw), &sum, hhparquet.Limits{})
		got := series.NewCube(nil, c.Schema(), c.Runs(), span)
		tally, err := series.Collect(got, mpan, readings)
		if err != nil {
			t.Fatal(err)
		}
		same(t, c, got)
		n := 0
		for rd, err := range readings { // again, and stopped
			if err != nil || rd.MPAN != mpan || rd.Pos.Source != "file" {
				t.Fatal(rd, err)
			}
			if n++; n == 100 {
				break
			}
		}
		t.Logf("%d readings", tally.Kept)
	}
}

type closer struct {
	io.Reader
	err    error
	closed *int
}

func (c closer) Close() error { *c.closed++; return c.err }

func TestSourcesThatFail(t *testing.T) {
	_, raw, sum := small(t)
	broken := errors.New("broken")
	other, bare := sum, hhparquet.Sum{Size: sum.Size, Digest: sum.Digest}
	other.Tail.Digest[0]++
	wrong := bare
	wrong.Digest[0]++
	tail := func(n int64) *hhparquet.Sum { // of n bytes more than it should be
		s := sum
		s.Tail.Size += n
		s.Tail.Digest = sha256.Sum256(raw[s.Size-s.Tail.Size:])
		return &s
	}
	long := sum
	long.Size = 1 << 60
	for _, c := range []struct {
		name  string
		src   io.Reader
		open  error
		close error
		sum   *hhparquet.Sum
		limit hhparquet.Limits
		want  error
	}{
		{name: "whole", src: bytes.NewReader(raw), sum: &sum},
		{name: "a byte at a time", src: iotest.OneByteReader(bytes.NewReader(raw)), sum: &sum},
		{name: "end with the data", src: iotest.DataErrReader(bytes.NewReader(raw)), sum: &sum},
		{name: "does not open", open: broken, want: broken},
		{name: "does not read", src: iotest.ErrReader(broken), want: broken},
		{name: "breaks off", src: io.MultiReader(bytes.NewReader(raw[:99]), iotest.ErrReader(broken)), want: broken},
		{name: "does not close", src: bytes.NewReader(raw), close: broken, want: broken},
		{name: "another digest", src: bytes.NewReader(raw), sum: &other, want: hhparquet.ErrDigest},
		{name: "a sum without a tail", src: bytes.NewReader(raw), sum: &bare},
		{name: "no Parquet, by its own sum", src: strings.NewReader("other"), sum: &hhparquet.Sum{Size: 5, Digest: sha256.Sum256([]byte("other"))}, want: series.ErrFormat},
		{name: "another digest without a tail", src: bytes.NewReader(raw), sum: &wrong, want: hhparquet.ErrDigest},
		{name: "a tail that is longer", src: bytes.NewReader(raw), sum: tail(1), want: hhparquet.ErrDigest},
		{name: "a tail that is shorter", src: bytes.NewReader(raw), sum: tail(-1), want: hhparquet.ErrDigest},
		{name: "a tail of less than nothing", src: bytes.NewReader(raw), sum: &hhparquet.Sum{Size: sum.Size, Tail: hhparquet.Tail{Size: -1}}, want: hhparquet.ErrDigest},
		{name: "a tail of a byte", src: bytes.NewReader(raw), sum: tail(1 - sum.Tail.Size), want: hhparquet.ErrDigest},
		{name: "longer than its sum", src: io.MultiReader(bytes.NewReader(raw), strings.NewReader("x")), sum: &sum, want: hhparquet.ErrDigest},
		{name: "a sum past the limit", src: bytes.NewReader(raw), sum: &long, want: series.ErrLimit},
		{name: "past the limit", src: bytes.NewReader(raw), limit: hhparquet.Limits{Bytes: len(raw) - 1}, want: series.ErrLimit},
		{name: "at the limit", src: bytes.NewReader(raw), limit: hhparquet.Limits{Bytes: len(raw), Periods: 144}},
		{name: "too many half-hours", src: bytes.NewReader(raw), limit: hhparquet.Limits{Periods: 143}, want: series.ErrLimit},
		{name: "empty", src: strings.NewReader(""), want: series.ErrFormat},
	} {
		closed := 0
		open := func() (io.ReadCloser, error) {
			if c.open != nil {
				return nil, c.open
			}
			return closer{c.src, c.close, &closed}, nil
		}
		var errs []error
		n := 0
		for _, err := range hhparquet.Read("file", open, c.sum, c.limit) {
			if n++; err != nil {
				errs = append(errs, err)
			}
		}
		switch {
		case c.want == nil && (len(errs) > 0 || n == 0):
			t.Errorf("%s: %d readings, %v", c.name, n, errs)
		case c.want != nil && (len(errs) != 1 || !errors.Is(errs[0], c.want) || n != 1):
			t.Errorf("%s: %d readings, %v, want %v alone", c.name, n-len(errs), errs, c.want)
		case c.want != nil && !strings.Contains(errs[0].Error(), "file"):
			t.Errorf("%s: %v does not name the source", c.name, errs[0])
		case c.open == nil && closed != 1:
			t.Errorf("%s: closed %d times", c.name, closed)
		}
	}
}

// TestEndlessSource stops at the limit.
func TestEndlessSource(t *testing.T) {
	_, _, sum := small(t)
	for _, want := range []*hhparquet.Sum{nil, &sum} {
		r := hhparquet.NewReader(hhparquet.Limits{Bytes: 1 << 20})
		endless := &counted{}
		if err := r.Load("endless", endless, want); !errors.Is(err, series.ErrLimit) && !errors.Is(err, hhparquet.ErrDigest) {
			t.Fatal(err)
		}
		if endless.n > 3<<20 {
			t.Errorf("%d bytes were read", endless.n)
		}
	}
}

type counted struct{ n int }

func (c *counted) Read(p []byte) (int, error) { c.n += len(p); return len(p), nil }

func TestOtherCubes(t *testing.T) {
	c, raw, _ := small(t)
	r := hhparquet.NewReader(hhparquet.Limits{})
	if err := r.LoadBytes("small", raw, nil); err != nil {
		t.Fatal(err)
	}
	meter := series.NewCube(nil, series.Meter(), sample.Runs(), c.Span())
	if _, err := r.Into(meter, hhparquet.Want{}); !errors.Is(err, series.ErrSchema) {
		t.Errorf("another schema: %v", err)
	}
	// The file's own schema, runs it has and has not, and a span past it.
	span := settlement.Span{Lo: c.Span().Lo - 100, Hi: c.Span().Hi + 100}
	wide := series.NewCube(nil, r.Schema(), []settlement.Run{settlement.II, settlement.RF}, span)
	if _, err := r.Into(wide, hhparquet.Want{Span: span}); err != nil {
		t.Fatal(err)
	}
	got := wide.Frame(settlement.RF).Line(1)
	from := c.Frame(settlement.RF).Line(1)
	n := got.Len()
	if !reflect.DeepEqual(got.Values[100:n-100], from.Values) || !slices.Equal(got.Marks[100:n-100], from.Marks) ||
		got.CountValid(0, n) != from.CountValid(0, from.Len()) || got.CountValid(100, n-100) != got.CountValid(0, n) {
		t.Error("a longer cube is not the file with nothing about it")
	}
	if wide.Frame(settlement.II).Line(0).CountValid(0, n) != 0 {
		t.Error("a run the file has not is not empty")
	}
	// Nothing of the file.
	far := settlement.Span{Lo: span.Hi + 1000, Hi: span.Hi + 2000}
	if tally, err := r.Into(wide, hhparquet.Want{Span: far}); err != nil || tally.Values != 0 || wide.Frame(settlement.RF).Line(0).CountValid(0, 1000) != 0 {
		t.Errorf("%+v, %v", tally, err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("a reader that has loaded nothing was asked")
			}
		}()
		if err := r.LoadBytes("nothing", nil, nil); err == nil {
			t.Error("nothing was loaded")
		}
		r.Span()
	}()
}
