package dtc_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/dtc"
)

// FuzzRead: no bytes make the reader panic, hang or take much memory, and
// what it yields is always right in itself.
func FuzzRead(f *testing.F) {
	body := m101 + day("20260604", 48)
	body79 := m25B + "26B|20260604|\n" + rows79(48)
	short := m101 + "102|20260329|\n" + rows(46) + "103|C|0.0|\n103|C||\n"
	for _, text := range []string{
		"", "\xef\xbb\xbf", zhv, whole(body), whole(short), whole(m101 + day("20261025", 50)),
		zhd + body + zptD(body), zhv79 + body79 + zpt(body79),
		strings.ReplaceAll(whole(body), "\n", "\r\n"),
		whole(m101 + "102|20240230|\n" + rows(3)), whole(rows(2) + m101 + rows(2)),
		whole(m101 + "102|20240403|\n103|E|-1.5|\n103|A|1.2345|\n103|X|1|\n104|\n\n|||\n"),
		whole(body) + "ZPT|", zhv + strings.Repeat("|", 5000) + "\n",
	} {
		f.Add([]byte(text), uint8(0))
		f.Add([]byte(text), uint8(7))
	}
	f.Fuzz(func(t *testing.T, data []byte, opt uint8) {
		o := dtc.Options{Round: opt&1 != 0, Test: opt&2 != 0, AnyCount: opt&4 != 0}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		n, errs := check(t, data, o)
		runtime.ReadMemStats(&after)
		if got, most := after.TotalAlloc-before.TotalAlloc, uint64(4*len(data)+1<<20); got > most {
			t.Errorf("allocated %d bytes for %d, want at most %d", got, len(data), most)
		}
		if n == 0 && errs == 0 {
			t.Error("neither a reading nor an error")
		}
		if n2, errs2 := check(t, data, o); n2 != n || errs2 != errs {
			t.Errorf("%d readings and %d errors, the second time %d and %d", n, errs, n2, errs2)
		}
		if k := len(data); errs == 0 && data[k-1] == '\n' && data[k-2] > ' ' {
			if _, errs := check(t, data[:k-1], o); errs == 0 {
				t.Error("cut by its last byte and still no error")
			}
		}
	})
}

// check reads data and looks at everything that is yielded.
func check(t *testing.T, data []byte, o dtc.Options) (n, errs int) {
	var last series.Pos
	for r, err := range dtc.Read("f", series.OpenBytes(data), o) {
		if err != nil {
			errs++
			var e *series.Error
			if !errors.As(err, &e) || e.Err == nil || e.Pos.Source != "f" || e.Error() == "" {
				t.Fatalf("not a located error: %v", err)
			}
			if e.Pos.Line == 0 && !errors.Is(err, series.ErrEmpty) {
				t.Fatalf("no line: %v", err)
			}
			continue
		}
		n++
		if r.MPAN.IsZero() || r.Line < series.AI || r.Line > series.RE || r.Value < 0 ||
			r.Mark&^(series.Estimated|series.Rounded) != 0 || !o.Round && r.Mark.Has(series.Rounded) ||
			r.Pos.Line <= last.Line || r.Pos.Column < 1 {
			t.Fatalf("%+v after %v", r, last)
		}
		last = r.Pos
	}
	if errs > series.MaxErrors+1 {
		t.Fatal(errs, "errors")
	}
	return n, errs
}
