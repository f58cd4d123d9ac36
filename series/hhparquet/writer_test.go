package hhparquet_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
	"github.com/halfhour/halfhour/settlement"
)

// TestEqualCubesMakeEqualBytes writes the same cubes thirty times, by one writer
// with others in between and by a new one each time.
func TestEqualCubesMakeEqualBytes(t *testing.T) {
	span := settlement.Days(day(t, "2025-09-20"), day(t, "2025-11-10"))
	meter, market := meterCube(t, span, sample.All), marketCube(t, span, sample.All)
	used := hhparquet.NewWriter()
	seen := map[[32]byte]int{}
	for i := range 30 {
		w := hhparquet.NewWriter()
		if i%2 == 0 {
			w = used
		}
		for _, c := range []*series.Cube{meter, market} {
			var b bytes.Buffer
			sum, err := w.Write(&b, sample.MPAN(), c)
			if err != nil {
				t.Fatal(err)
			}
			if sum.Digest != sha256.Sum256(b.Bytes()) || sum.Size != int64(b.Len()) {
				t.Fatal("the sum is not the file's")
			}
			seen[sum.Digest]++
		}
	}
	if len(seen) != 2 {
		t.Fatalf("two cubes, written 30 times each, made %d files", len(seen))
	}
}

var errSink = errors.New("the disk is full")

// sink fails at its nth write, counted from 0: with an error, or by taking less.
type sink struct {
	n     int
	short bool
	bytes.Buffer
}

func (s *sink) Write(p []byte) (int, error) {
	if s.n--; s.n >= 0 {
		return s.Buffer.Write(p)
	}
	if s.short {
		n, _ := s.Buffer.Write(p[:len(p)-1])
		return n, nil
	}
	return 0, errSink
}

// TestSinkThatFails fails every write in turn: each is an error, and only what
// was taken whole is a success.
func TestSinkThatFails(t *testing.T) {
	c := marketCube(t, sample.Span(), sample.All)
	whole, _ := write(t, settlement.MPAN{}, c)
	w := hhparquet.NewWriter()
	for _, short := range []bool{false, true} {
		for n := 0; ; n++ {
			s := &sink{n: n, short: short}
			_, err := w.Write(s, settlement.MPAN{}, c)
			if err == nil {
				if n < 2 || !bytes.Equal(s.Bytes(), whole) {
					t.Fatalf("a success at %d writes with %d of %d bytes", n, s.Len(), len(whole))
				}
				break
			}
			if want := map[bool]error{false: errSink, true: io.ErrShortWrite}[short]; !errors.Is(err, want) {
				t.Fatalf("write %d: %v, want %v", n, err, want)
			}
		}
	}
	var m hhparquet.Manifest
	m.Add("x", hhparquet.Sum{})
	if _, err := m.WriteTo(&sink{}); !errors.Is(err, errSink) {
		t.Errorf("a manifest that could not be written: %v", err)
	}
}

func TestWhatIsNotWritten(t *testing.T) {
	span := settlement.Days(day(t, "2025-05-01"), day(t, "2025-05-02"))
	one := func(defs ...series.Def) *series.Cube {
		return series.NewCube(nil, series.Must(series.NewSchema("one", defs...)), []settlement.Run{settlement.SF}, span)
	}
	def := series.Def{Name: "a", Unit: series.GBP, Scale: 12, Source: "a"}
	big, least, hidden := one(def), one(def), one(def)
	big.Frame(settlement.SF).Set(0, span.Lo+5, 1_000_000_000_000_000_000, 0)
	least.Frame(settlement.SF).Set(0, span.Lo+5, -1<<63, 0)
	hidden.Frame(settlement.SF).Line(0).Values[7] = 1 // no value, and not 0
	fine := one(series.Def{Name: "a", Unit: series.GBP, Scale: 13, Source: "a"})
	fine.Frame(settlement.SF).Set(0, span.Lo, -1<<63, 0)
	named := func(name string) *series.Cube {
		return one(series.Def{Name: name, Unit: series.GBP, Source: "a"})
	}
	for _, c := range []struct {
		name string
		cube *series.Cube
		want error
	}{
		{"19 digits", big, series.ErrValue},
		{"the least of all numbers", least, series.ErrValue},
		{"a value where none is", hidden, hhparquet.ErrReadBack},
		{"19 digits at 13 decimals", fine, nil},
		{"no half-hour", series.NewCube(nil, series.Meter(), sample.Runs(), settlement.Span{}), series.ErrEmpty},
		{"no run", series.NewCube(nil, series.Meter(), nil, span), series.ErrEmpty},
		{"a comma", named("a,b"), series.ErrSchema},
		{"a key column's name", named("start"), series.ErrSchema},
		{"a mark column's name", named("a_mark"), series.ErrSchema},
	} {
		var b bytes.Buffer
		_, err := hhparquet.NewWriter().Write(&b, settlement.MPAN{}, c.cube)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if err != nil && b.Len() > 0 {
			t.Errorf("%s: %d bytes of it were written", c.name, b.Len())
		}
	}
	_, err := hhparquet.NewWriter().Write(io.Discard, settlement.MPAN{}, big)
	for _, want := range []string{"1000000000000000000", "a of SF", "2025-05-01/06"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %s", err, want)
		}
	}
}

// TestFrameKeepsWhoSpoke writes a reconciled frame: its marks come back with
// their runs.
func TestFrameKeepsWhoSpoke(t *testing.T) {
	span := settlement.Days(day(t, "2025-05-01"), day(t, "2025-06-02"))
	f := series.NewFrame(nil, series.Meter(), span)
	for i := range span.Len() {
		if i%48 != 7 {
			f.Set(series.AI, span.Lo+settlement.Period(i), int64(i), (series.Merged & series.Mark(i)).From(settlement.Run(i%settlement.NumRanked)))
		}
	}
	var b bytes.Buffer
	sum, err := hhparquet.NewWriter().WriteFrame(&b, sample.MPAN(), f)
	if err != nil {
		t.Fatal(err)
	}
	r := hhparquet.NewReader(hhparquet.Limits{})
	if err := r.Load("frame", &b, &sum); err != nil {
		t.Fatal(err)
	}
	got := series.NewCube(nil, series.Meter(), r.Runs(), span)
	if _, err := r.Into(got, hhparquet.Want{}); err != nil {
		t.Fatal(err)
	}
	a, c := f.Line(series.AI), got.Frame(settlement.Untagged).Line(series.AI)
	for i := range span.Len() {
		v, held := a.At(i)
		if u, is := c.At(i); u != v || is != held || a.Marks[i] != c.Marks[i] {
			t.Fatalf("half-hour %d: %d %v %#x, want %d %v %#x", i, u, is, c.Marks[i], v, held, a.Marks[i])
		}
	}
}
