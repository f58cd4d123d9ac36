package hhcsv_test

import (
	"errors"
	"testing"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhcsv"
	"github.com/halfhour/halfhour/settlement"
)

// FuzzRead: whatever the bytes, a reading lies in the calendar and on a line,
// is not negative and knows its place, an error is located, the count of errors
// is bounded, and reading twice gives the same.
func FuzzRead(f *testing.F) {
	long := "mpan,line,run,flag,timestamp,value\n" + mpanA + ",AI,SF,E,2026-10-25 01:00,1.5\n" + mpanA + ",AI,SF,,2026-10-25 01:00,2\n"
	f.Add([]byte(long), uint16(0))
	f.Add([]byte("\ufeffsep=,\r\ndate,time,value\r\n\"01/04/2024\",24:00,1\r\n"), uint16(0x1ff))
	f.Add([]byte("date,period,value\n2026-03-29,46,0.001\n"), uint16(4))
	f.Add([]byte("timestamp,value\n2026-10-25 01:30a,1\n2026-10-25T01:30+01:00,2\n"), uint16(2))
	f.Add([]byte("date,"+cells(50, 1)+"\n2026-10-25,"+cells(50, 1)+"\n2026-03-29,"+cells(46, 1)+",,,,\n"), uint16(1))
	f.Add([]byte("date,"+clocks(0, 47)+"\n2026-03-28,"+cells(48, 1)+"\n"), uint16(1))
	m := mpan(f, mpanA)
	f.Fuzz(func(t *testing.T, data []byte, bits uint16) {
		l := hhcsv.Layout{
			Shape: hhcsv.Shape(bits&1) + 1,
			Label: hhcsv.Label(bits>>1&1) + 1,
			Zone:  hhcsv.Zone(bits>>2&1) + 1,
			Unit:  hhcsv.Unit(bits>>3&7)%5 + 1,
			Dates: hhcsv.DateOrder(bits >> 6 & 1),
			Round: bits>>7&1 != 0, LooseEnd: bits>>8&1 != 0,
			MPAN: m,
		}
		if l.Unit == hhcsv.KVArh {
			l.Line = series.RI
		}
		got, errs := read(string(data), l)
		if len(errs) > series.MaxErrors+1 || len(got)+len(errs) == 0 {
			t.Fatalf("%d readings, %d errors", len(got), len(errs))
		}
		for _, rd := range got {
			if rd.Value < 0 || !rd.Period.Day().Valid() || rd.MPAN.IsZero() || rd.Line < 0 || rd.Line > series.RE || !rd.Run.Valid() ||
				rd.Pos.Line < 2 || rd.Pos.Column < 1 || rd.Pos.Source != "f" || rd.Mark.Run() != settlement.Untagged {
				t.Fatalf("%+v", rd)
			}
		}
		for _, err := range errs {
			var e *series.Error
			if !errors.As(err, &e) || e.Pos.Source != "f" || e.Want == "" || len(e.Error()) > 4096 {
				t.Fatalf("%v", err)
			}
		}
		again, errs2 := read(string(data), l)
		if len(again) != len(got) || len(errs2) != len(errs) {
			t.Fatalf("again: %d readings, %d errors; %d and %d before", len(again), len(errs2), len(got), len(errs))
		}
		for i := range got {
			if got[i] != again[i] {
				t.Fatalf("again: %+v, %+v before", again[i], got[i])
			}
		}
	})
}
