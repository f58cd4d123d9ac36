package hhparquet

import (
	"strconv"
	"strings"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// A file says in its metadata which run holds which days of which source, so
// that a reader who wants the latest knows what it need not decode:
//
//	II AI w365;II AE n365;SF AI w300 p1 n64;…
//
// w are days of which every half-hour in the span has a value, p days of which
// some have, n days of which none has. Runs and sources are in the file's
// order. A file whose coverage would be longer than maxCoverage says unknown,
// and is decoded whole.
const (
	dayWhole = 'w'
	dayPart  = 'p'
	dayNone  = 'n'

	maxCoverage = 64 << 10
	unknown     = "unknown"
)

// cover says how much of a day a bitmap holds.
func cover(valid []uint64, lo, hi int) byte {
	switch kernel.CountSet(valid, lo, hi) {
	case hi - lo:
		return dayWhole
	case 0:
		return dayNone
	}
	return dayPart
}

// coverage is the text for the frames of the runs.
func coverage(c *calendar, s *series.Schema, runs []settlement.Run, frames []*series.Frame) string {
	var b strings.Builder
	for r, f := range frames {
		for k := range s.Sources() {
			if b.Len() > maxCoverage {
				return unknown
			}
			if b.Len() > 0 {
				b.WriteByte(';')
			}
			b.WriteString(runs[r].String() + " " + s.SourceName(k))
			valid := f.Source(k).Valid
			for d := 0; d < c.numDays(); {
				code, from := cover(valid, int(c.days[d]), int(c.days[d+1])), d
				for d++; d < c.numDays() && cover(valid, int(c.days[d]), int(c.days[d+1])) == code; d++ {
				}
				b.WriteString(" " + string(code) + strconv.Itoa(d-from))
			}
		}
	}
	if b.Len() > maxCoverage {
		return unknown
	}
	return b.String()
}

// readCoverage fills days, run by run and source by source, with the code of
// each day, and gives it; nil where the text says unknown. It is false for text
// that does not say each day once.
func readCoverage(days []byte, text []byte, s *series.Schema, runs []settlement.Run, numDays int) ([]byte, bool) {
	if string(text) == unknown {
		return nil, true
	}
	days = days[:0]
	at := 0
	word := func(want string, end byte) bool { // the text here is want, then end
		if len(text)-at <= len(want) || string(text[at:at+len(want)]) != want || text[at+len(want)] != end {
			return false
		}
		at += len(want) + 1
		return true
	}
	for r, run := range runs {
		for k := range s.Sources() {
			if !word(run.String(), ' ') || !word(s.SourceName(k), ' ') {
				return nil, false
			}
			for left := numDays; ; {
				code, n, ok := stretch(text, &at)
				if !ok || n > left {
					return nil, false
				}
				left -= n
				for ; n > 0; n-- {
					days = append(days, code)
				}
				last := r == len(runs)-1 && k == s.Sources()-1
				switch {
				case at == len(text):
					return days, left == 0 && last
				case text[at] == ';' && left == 0 && !last:
				case text[at] == ' ' && left > 0:
					at++
					continue
				default:
					return nil, false
				}
				at++
				break
			}
		}
	}
	return nil, false
}

// stretch reads a code and how many days have it.
func stretch(text []byte, at *int) (code byte, n int, ok bool) {
	if *at >= len(text) {
		return 0, 0, false
	}
	code = text[*at]
	for *at++; *at < len(text) && text[*at] >= '0' && text[*at] <= '9' && n < series.MaxPeriods; *at++ {
		n = 10*n + int(text[*at]-'0')
	}
	return code, n, n > 0 && (code == dayWhole || code == dayPart || code == dayNone)
}
