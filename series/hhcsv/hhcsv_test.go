package hhcsv_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhcsv"
	"github.com/halfhour/halfhour/settlement"
)

const (
	mpanA = "1014568234275"
	mpanB = "2248274887874"
)

func mpan(t testing.TB, s string) settlement.MPAN {
	t.Helper()
	m, err := settlement.ParseMPAN(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func layout(t testing.TB, words string) hhcsv.Layout {
	t.Helper()
	l, err := hhcsv.ParseLayout(words)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// of is a layout for files without an mpan column.
func of(t testing.TB, words string) hhcsv.Layout {
	l := layout(t, words)
	l.MPAN = mpan(t, mpanA)
	return l
}

func read(text string, l hhcsv.Layout) (got []series.Reading, errs []error) {
	for rd, err := range hhcsv.Read("f", series.OpenBytes([]byte(text)), l) {
		if err != nil {
			errs = append(errs, err)
		} else {
			got = append(got, rd)
		}
	}
	return got, errs
}

// short is readings as "2024-04-01/01=1500", with what is not plain AI.
func short(got []series.Reading) string {
	var b []string
	for _, rd := range got {
		s := fmt.Sprintf("%s=%d", rd.Period, rd.Value)
		if rd.Line != series.AI {
			s += " " + series.Meter().Def(rd.Line).Name
		}
		if rd.Run != settlement.Untagged {
			s += " " + rd.Run.String()
		}
		if rd.Mark.Has(series.Estimated) {
			s += " E"
		}
		if rd.Mark.Has(series.Rounded) {
			s += " R"
		}
		b = append(b, s)
	}
	return strings.Join(b, ", ")
}

func TestLong(t *testing.T) {
	round := func(l hhcsv.Layout) hhcsv.Layout { l.Round = true; return l }
	for _, c := range []struct {
		name   string
		layout hhcsv.Layout
		text   string
		want   string
	}{
		{"all columns, any order and case", layout(t, "long,start,london,kwh"),
			"Value,FLAG,Run,line,site,TimeStamp,mpan\n1.5,E,SF,AE,Café,2024-04-01 00:00," + mpanA + "\n0,A,untagged,AI,,2024-04-01T23:30:00," + mpanA + "\n2.25,,R1,RI,x,2024-04-01 00:30," + mpanA + "\n",
			"2024-04-01/01=1500 AE SF E, 2024-04-01/48=0, 2024-04-01/02=2250 RI R1"},
		{"bom, crlf, blank lines, quotes, sep", of(t, "long,start,london,kwh"),
			"\ufeffsep=,\r\n\"timestamp\",value,\"a \"\"b\"\", c\"\r\n\r\n\"2024-04-01 00:00\",\"1.5\",\"x,\"\"y\"\r\n2024-04-01 00:30,2,\n\n",
			"2024-04-01/01=1500, 2024-04-01/02=2000"},
		{"end", of(t, "long,end,london,kwh"),
			"timestamp,value\n2024-04-01 00:30,1\n2024-04-01 24:00,2\n2024-04-02 00:00,3\n",
			"2024-04-01/01=1000, 2024-04-01/48=2000, 2024-04-01/48=3000"},
		{"utc in summer", of(t, "long,start,utc,kwh"),
			"timestamp,value\n2024-07-01 00:00,1\n2024-06-30 23:00,2\n",
			"2024-07-01/03=1000, 2024-07-01/01=2000"},
		{"utc end in summer", of(t, "long,end,utc,kwh"),
			"timestamp,value\n2024-06-30 24:00,1\n2024-06-30 23:30,2\n",
			"2024-07-01/02=1000, 2024-07-01/01=2000"},
		{"offsets settle the instant", of(t, "long,start,london,kwh"),
			"timestamp,value\n2024-07-01 00:00Z,1\n2024-07-01T01:00:00+01:00,2\n2024-07-01T00:00+00:00,3\n2024-10-27 01:30Z,4\n2024-10-27 01:30+01:00,5\n",
			"2024-07-01/03=1000, 2024-07-01/03=2000, 2024-07-01/03=3000, 2024-10-27/06=4000, 2024-10-27/04=5000"},
		{"offset in a utc file", of(t, "long,end,utc,kwh"),
			"timestamp,value\n2024-07-01T00:30+01:00,2\n", "2024-07-01/01=2000"},
		{"dmy", of(t, "long,start,london,kwh,dmy"),
			"timestamp,value\n01/04/2024 00:00,1\n13/12/2024T00:30:00,2\n",
			"2024-04-01/01=1000, 2024-12-13/02=2000"},
		{"date and time", of(t, "long,end,london,kwh"),
			"date,time,value\n2024-04-01,00:30:00,1\n2024-04-01,24:00,2\n", "2024-04-01/01=1000, 2024-04-01/48=2000"},
		{"date and period", of(t, "long,end,london,kwh"),
			"date,period,value\n2026-03-29,46,1\n2026-10-25,50,2\n2026-10-25,5,3\n", "2026-03-29/46=1000, 2026-10-25/50=2000, 2026-10-25/05=3000"},
		{"utc period", of(t, "long,start,utc,kwh"),
			"date,period,value\n2024-07-01,1,1\n2024-07-01,48,2\n", "2024-07-01/03=1000, 2024-07-02/02=2000"},
		{"short day", of(t, "long,start,london,kwh"),
			"timestamp,value\n2026-03-29 00:30,1\n2026-03-29 02:00,2\n2026-03-29 23:30,3\n",
			"2026-03-29/02=1000, 2026-03-29/03=2000, 2026-03-29/46=3000"},
		{"short day, ends", of(t, "long,end,london,kwh"),
			"timestamp,value\n2026-03-29 01:00,1\n2026-03-29 02:30,2\n2026-03-30 00:00,3\n",
			"2026-03-29/02=1000, 2026-03-29/03=2000, 2026-03-29/46=3000"},
		{"long day in order", of(t, "long,start,london,kwh"),
			"timestamp,value\n2026-10-25 00:30,1\n2026-10-25 01:00,2\n2026-10-25 01:30,3\n2026-10-25 01:00,4\n2026-10-25 01:30,5\n2026-10-25 02:00,6\n2026-10-26 00:00,7\n",
			"2026-10-25/02=1000, 2026-10-25/03=2000, 2026-10-25/04=3000, 2026-10-25/05=4000, 2026-10-25/06=5000, 2026-10-25/07=6000, 2026-10-26/01=7000"},
		{"long day sorted by label", of(t, "long,start,london,kwh"),
			"timestamp,value\n2026-10-25 01:00,2\n2026-10-25 01:00,3\n2026-10-25 01:30,4\n2026-10-25 01:30,5\n",
			"2026-10-25/03=2000, 2026-10-25/05=3000, 2026-10-25/04=4000, 2026-10-25/06=5000"},
		{"long day, ends with suffix", of(t, "long,end,london,kwh"),
			"timestamp,value\n2026-10-25 01:00,1\n2026-10-25 01:30,2\n2026-10-25 02:00,3\n2026-10-25 01:30a,4\n2026-10-25 02:00a,5\n2026-10-25 02:30,6\n",
			"2026-10-25/02=1000, 2026-10-25/03=2000, 2026-10-25/04=3000, 2026-10-25/05=4000, 2026-10-25/06=5000, 2026-10-25/07=6000"},
		{"long day, suffix, newest first, one missing", of(t, "long,start,london,kwh"),
			"timestamp,value\n2026-10-25 02:00,1\n2026-10-25 01:30a,2\n2026-10-25 01:00a,3\n2026-10-25 01:30,4\n",
			"2026-10-25/07=1000, 2026-10-25/06=2000, 2026-10-25/05=3000, 2026-10-25/04=4000"},
		{"long day, hour missing for both", of(t, "long,start,london,kwh"),
			"timestamp,value\n2026-10-25 00:30,1\n2026-10-25 02:00,2\n", "2026-10-25/02=1000, 2026-10-25/07=2000"},
		{"long day, series apart", layout(t, "long,start,london,kwh"),
			"mpan,line,timestamp,value\n" + mpanA + ",AI,2026-10-25 01:00,1\n" + mpanB + ",AI,2026-10-25 01:00,2\n" + mpanA + ",AE,2026-10-25 01:00,3\n" +
				mpanA + ",AI,2026-10-25 01:00,4\n" + mpanB + ",AI,2026-10-25 01:00,5\n" + mpanA + ",AE,2026-10-25 01:00,6\n",
			"2026-10-25/03=1000, 2026-10-25/03=2000, 2026-10-25/03=3000 AE, 2026-10-25/05=4000, 2026-10-25/05=5000, 2026-10-25/05=6000 AE"},
		{"wh", of(t, "long,start,london,wh"), "timestamp,value\n2024-04-01 00:00,1500\n2024-04-01 00:30,7.0\n", "2024-04-01/01=1500, 2024-04-01/02=7"},
		{"mwh", of(t, "long,start,london,mwh"), "timestamp,value\n2024-04-01 00:00,1.5\n2024-04-01 00:30,0.000001\n", "2024-04-01/01=1500000, 2024-04-01/02=1"},
		{"kw", of(t, "long,start,london,kw"), "timestamp,value\n2024-04-01 00:00,3\n2024-04-01 00:30,0.0020\n", "2024-04-01/01=1500, 2024-04-01/02=1"},
		{"kvarh", layout(t, "long,start,london,kvarh"), "mpan,line,timestamp,value\n" + mpanA + ",RI,2024-04-01 00:00,3\n", "2024-04-01/01=3000 RI"},
		{"kwh with reactive rows", layout(t, "long,start,london,kwh"), "mpan,line,timestamp,value\n" + mpanA + ",RE,2024-04-01 00:00,3\n", "2024-04-01/01=3000 RE"},
		{"round kwh", round(of(t, "long,start,london,kwh")), "timestamp,value\n2024-04-01 00:00,1.2345\n2024-04-01 00:30,1.2340\n2024-04-01 01:00,0.0004\n",
			"2024-04-01/01=1235 R, 2024-04-01/02=1234, 2024-04-01/03=0 R"},
		{"round kw once", round(of(t, "long,start,london,kw")), "timestamp,value\n2024-04-01 00:00,0.0025\n2024-04-01 00:30,0.003\n2024-04-01 01:00,0.00299\n2024-04-01 01:30,0.0009999\n",
			"2024-04-01/01=1 R, 2024-04-01/02=2 R, 2024-04-01/03=1 R, 2024-04-01/04=0 R"},
		{"round wh", round(of(t, "long,start,london,wh")), "timestamp,value\n2024-04-01 00:00,0.5\n2024-04-01 00:30,1.49\n", "2024-04-01/01=1 R, 2024-04-01/02=1 R"},
	} {
		got, errs := read(c.text, c.layout)
		if len(errs) > 0 || short(got) != c.want {
			t.Errorf("%s: got %s %v\nwant %s", c.name, short(got), errs, c.want)
		}
	}
}

// cells is n cells from a value on, separated by commas.
func cells(n, from int) string {
	s := make([]string, n)
	for i := range s {
		s[i] = fmt.Sprint(from + i)
	}
	return strings.Join(s, ",")
}

// clocks is the 48 clock times from one on, in half-hours after midnight.
func clocks(from, to int) string {
	var s []string
	for h := from; h <= to; h++ {
		s = append(s, fmt.Sprintf("%02d:%02d", h/2, h%2*30))
	}
	return strings.Join(s, ",")
}

func TestWide(t *testing.T) {
	holes := "1,2,,," + cells(44, 3)
	for _, c := range []struct {
		name, layout, text string
		days               string
		n                  int
	}{
		{"numbers", "wide,start,london,kwh", "date," + cells(48, 1) + "\n2024-04-01," + cells(48, 1) + "\n", "[2024-04-01, 2024-04-02)", 48},
		{"numbers, backwards", "wide,start,london,kwh", "3,1,2," + cells(45, 4) + ",date\n3,1,2," + cells(45, 4) + ",2024-04-01\n", "[2024-04-01, 2024-04-02)", 48},
		{"fifty", "wide,end,london,kwh", "date," + cells(50, 1) + "\n2024-04-01," + cells(48, 1) + ",,\n2024-04-02," + cells(48, 1) + ",\"\",\n", "[2024-04-01, 2024-04-03)", 96},
		{"short", "wide,start,london,kwh", "date," + cells(48, 1) + "\n2026-03-29," + cells(46, 1) + ",,\n", "[2026-03-29, 2026-03-30)", 46},
		{"long", "wide,start,london,kwh", "date," + cells(50, 1) + "\n2026-10-25," + cells(50, 1) + "\n", "[2026-10-25, 2026-10-26)", 50},
		{"clock starts", "wide,start,london,kwh,dmy", "date," + clocks(0, 47) + "\n01/04/2024," + cells(48, 1) + "\n", "[2024-04-01, 2024-04-02)", 48},
		{"clock starts, short", "wide,start,london,kwh", "date," + clocks(0, 47) + "\n2026-03-29," + holes + "\n", "[2026-03-29, 2026-03-30)", 46},
		{"clock ends, short", "wide,end,london,kwh", "date," + clocks(1, 48) + "\n2026-03-29," + holes + "\n", "[2026-03-29, 2026-03-30)", 46},
		{"clock ends 24:00", "wide,end,london,kwh", "date," + clocks(1, 48) + "\n2024-04-01," + cells(48, 1) + "\n", "[2024-04-01, 2024-04-02)", 48},
		{"clock ends 00:00", "wide,end,london,kwh", "date," + clocks(1, 47) + ",00:00\n2024-04-01," + cells(48, 1) + "\n", "[2024-04-01, 2024-04-02)", 48},
		{"utc", "wide,start,utc,kwh", "date," + clocks(0, 47) + "\n2026-10-25," + cells(48, 1) + "\n", "[2026-10-25/03, 2026-10-26/01)", 48},
		{"utc summer", "wide,end,utc,kwh", "date," + cells(50, 1) + "\n2026-07-01," + cells(48, 1) + ",,\n", "[2026-07-01/03, 2026-07-02/03)", 48},
	} {
		got, errs := read(c.text, of(t, c.layout))
		if len(errs) > 0 || len(got) != c.n {
			t.Errorf("%s: %d readings, %v", c.name, len(got), errs)
			continue
		}
		at := map[settlement.Period]bool{}
		for _, rd := range got {
			at[rd.Period] = true
		}
		first := got[0].Period
		for _, rd := range got {
			first = min(first, rd.Period)
		}
		span := settlement.Span{Lo: first, Hi: first + settlement.Period(len(at))}
		if span.String() != c.days || len(at) != c.n {
			t.Errorf("%s: span %v, %d different", c.name, span, len(at))
		}
		for _, rd := range got {
			if n := rd.Value / 1000; n != int64(rd.Period-first)%48+1 && n != int64(rd.Period-first)+1 {
				t.Errorf("%s: %v holds %d", c.name, rd.Period, rd.Value)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	long := "long,start,london,kwh"
	head := "timestamp,value\n"
	row := "2024-04-01 00:00,1\n"
	num := "date," + cells(48, 1) + "\n"
	day := "2024-04-01," + cells(48, 1) + "\n"
	for _, c := range []struct {
		name, layout, text string
		is                 error
		line, column       int
		words              string // parts of the message, by |
	}{
		{"empty", long, "", series.ErrEmpty, 0, 0, "empty"},
		{"headings only", long, head + "\r\n", series.ErrEmpty, 0, 0, "at least one row"},
		{"headings only, no line end", long, "timestamp,value", series.ErrEmpty, 0, 0, "at least one row"},
		{"no headings", long, row + row, series.ErrFormat, 1, 0, "timestamp"},
		{"no value", long, "timestamp,val\n" + row, series.ErrFormat, 1, 0, "headed value|timestamp,val"},
		{"no when", long, "date,value\n", series.ErrFormat, 1, 0, "date and time, or date and period"},
		{"time without date", long, "time,value\n", series.ErrFormat, 1, 0, "date and time"},
		{"two whens", long, "timestamp,date,period,value\n", series.ErrFormat, 1, 0, "names the one that is meant"},
		{"heading twice", long, "timestamp,value,Value\n", series.ErrFormat, 1, 17, "each heading once|field 2"},
		{"unit", "long,start,london,kvarh", head + row, series.ErrFormat, 1, 0, "reactive"},
		{"short row", long, head + row + "2024-04-01 00:30\n", series.ErrFormat, 3, 0, "2 fields|not 1"},
		{"many fields", long, head + "2024-04-01 00:00,1,\n", series.ErrFormat, 2, 0, "not 3"},
		{"loose end", long, head + row + "2024-04-01 00:30,1.2", series.ErrFormat, 3, 0, "line end|cut short"},
		{"empty value", long, head + "2024-04-01 00:00,\n", series.ErrValue, 2, 18, `left out, not left empty|column "value"`},
		{"negative", long, head + "2024-04-01 00:00,-1\n", series.ErrValue, 2, 18, "0 or more"},
		{"minus zero", long, head + "2024-04-01 00:00,-0.0\n", series.ErrValue, 2, 18, "0 or more"},
		{"exponent", long, head + "2024-04-01 00:00,1e3\n", series.ErrValue, 2, 18, "plain decimal"},
		{"nan", long, head + "2024-04-01 00:00,NaN\n", series.ErrValue, 2, 18, "plain decimal"},
		{"space", long, head + "2024-04-01 00:00, 1\n", series.ErrValue, 2, 18, "plain decimal"},
		{"thousands", long, head + "2024-04-01 00:00,\"1,000\"\n", series.ErrValue, 2, 18, "plain decimal"},
		{"full-width digit", long, head + "2024-04-01 00:00,１\n", series.ErrValue, 2, 18, "plain decimal"},
		{"finer", long, head + "2024-04-01 00:00,1.2345\n", series.ErrValue, 2, 18, "at most 3 decimals|round"},
		{"finer wh", "long,start,london,wh", head + "2024-04-01 00:00,1.5\n", series.ErrValue, 2, 18, "at most 0 decimals|wh"},
		{"finer mwh", "long,start,london,mwh", head + "2024-04-01 00:00,1.1234567\n", series.ErrValue, 2, 18, "at most 6 decimals"},
		{"odd kw", "long,start,london,kw", head + "2024-04-01 00:00,1.001\n", series.ErrValue, 2, 18, "even third decimal"},
		{"too big", long, head + "2024-04-01 00:00,1234567890123\n", series.ErrValue, 2, 18, "12 digits"},
		{"not on a half-hour", long, head + "2024-04-01 00:15,1\n", series.ErrValue, 2, 1, "on a half-hour"},
		{"seconds", long, head + "2024-04-01 00:00:01,1\n", series.ErrValue, 2, 1, "on a half-hour"},
		{"other offset", long, head + "2024-04-01 00:00+02:00,1\n", series.ErrValue, 2, 1, "Great Britain"},
		{"24:00 as start", long, head + "2024-04-01 24:00,1\n", series.ErrValue, 2, 1, "is the label end?"},
		{"24:30", "long,end,london,kwh", head + "2024-04-01 24:30,1\n", series.ErrValue, 2, 1, "half-hour"},
		{"date", long, head + "2024-02-30 00:00,1\n", series.ErrValue, 2, 1, "2024-04-01"},
		{"other order", long, head + "01/04/2024 00:00,1\n", series.ErrValue, 2, 1, "dmy"},
		{"two-digit year", "long,start,london,kwh,dmy", "date,period,value\n01/04/24,1,1\n", series.ErrValue, 2, 1, "four digits of the year"},
		{"month first", "long,start,london,kwh,dmy", head + "04/13/2024 00:00,1\n", series.ErrValue, 2, 1, "day first"},
		{"too early", long, head + "1995-12-31 00:00,1\n", series.ErrValue, 2, 1, "1996"},
		{"too early by label", "long,end,london,kwh", head + "1996-01-01 00:00,1\n", series.ErrValue, 2, 1, "1996"},
		{"too early by offset", long, head + "1996-01-01 00:30+01:00,1\n", series.ErrValue, 2, 1, "1996"},
		{"short day's missing hour", long, head + "2026-03-29 01:00,1\n", series.ErrValue, 2, 1, "clock|2026-03-29|utc"},
		{"short day's missing hour, end", "long,end,london,kwh", head + "2026-03-29 02:00,1\n", series.ErrValue, 2, 1, "clock|2026-03-29"},
		{"suffix", long, head + "2024-04-01 01:00a,1\n", series.ErrValue, 2, 1, "suffix a"},
		{"suffix on the long day", long, head + "2026-10-25 02:00a,1\n", series.ErrValue, 2, 1, "suffix a"},
		{"suffix in utc", "long,start,utc,kwh", head + "2026-10-25 01:00a,1\n", series.ErrValue, 2, 1, "suffix a"},
		{"long day, one only", long, head + "2026-10-25 00:30,1\n2026-10-25 01:00,1\n2026-10-25 02:00,1\n", series.ErrCount, 3, 0, "01:00|twice on 2026-10-25|50 period numbers"},
		{"long day, one only, goes on", long, head + "2026-10-25 01:30,1\n2026-10-26 02:00,1\n", series.ErrCount, 2, 0, "01:30|twice"},
		{"long day, one only, end", "long,end,london,kwh", head + "2026-10-25 02:00,1\n", series.ErrCount, 2, 0, "02:00|twice"},
		{"long day, three", long, head + strings.Repeat("2026-10-25 01:00,1\n", 3), series.ErrValue, 4, 1, "at most twice"},
		{"long day, plain again after a suffix", long, head + "2026-10-25 01:00,1\n2026-10-25 01:30a,1\n2026-10-25 01:00,1\n", series.ErrValue, 4, 1, "at most twice"},
		{"long day, second a twice", long, head + strings.Repeat("2026-10-25 01:00a,1\n", 2), series.ErrValue, 3, 1, "each half-hour once"},
		{"period 47 of 46", long, "date,period,value\n2026-03-29,47,1\n", series.ErrValue, 2, 12, "1 to 46"},
		{"period 0", long, "date,period,value\n2026-03-29,0,1\n", series.ErrValue, 2, 12, "1 to 46"},
		{"period 49 of utc", "long,start,utc,kwh", "date,period,value\n2026-10-25,49,1\n", series.ErrValue, 2, 12, "1 to 48"},
		{"check digit", long, "mpan,timestamp,value\n1014568234276,2024-04-01 00:00,1\n", settlement.ErrCheckDigit, 2, 1, "bad value|check digit 5"},
		{"empty mpan", long, "mpan,timestamp,value\n,2024-04-01 00:00,1\n", settlement.ErrMPAN, 2, 1, "13 digits"},
		{"line", long, "line,timestamp,value\nai,2024-04-01 00:00,1\n", series.ErrValue, 2, 1, "AI, AE, RI, RE"},
		{"active in kvarh", "long,start,london,kvarh", "line,timestamp,value\nAI,2024-04-01 00:00,1\n", series.ErrValue, 2, 1, "reactive line"},
		{"reactive in wh", "long,start,london,wh", "line,timestamp,value\nRI,2024-04-01 00:00,1\n", series.ErrValue, 2, 1, "active line"},
		{"run", long, "run,timestamp,value\n,2024-04-01 00:00,1\n", settlement.ErrRun, 2, 1, "untagged"},
		{"flag", long, "timestamp,value,flag\n2024-04-01 00:00,1,Actual\n", series.ErrValue, 2, 20, "A (actual)"},
		{"nul", long, head + "2024-04-01 00:00,1\x00\n", series.ErrFormat, 2, 19, "control bytes"},
		{"lone carriage returns", long, "timestamp,value\r2024-04-01 00:00,1\r", series.ErrFormat, 1, 16, "control bytes"},
		{"open quote", long, head + "\"2024-04-01 00:00,1\n", series.ErrFormat, 2, 1, "closing quote"},
		{"text after quote", long, head + "\"2024-04-01\" 00:00,1\n", series.ErrFormat, 2, 1, "closing quote"},
		{"quote inside", long, head + "2024-04-01 \"00:00\",1\n", series.ErrFormat, 2, 12, "quotes around"},
		{"long line", long, head + strings.Repeat("x", 5000) + "\n", series.ErrFormat, 2, 0, "4096"},
		{"very long line", long, head + strings.Repeat("x", 300<<10) + "\n", series.ErrFormat, 2, 0, "4096"},
		{"very long line, no end", long, head + strings.Repeat("x", 300<<10), series.ErrFormat, 2, 0, "4096"},
		{"long headings", long, strings.Repeat("x", 300<<10), series.ErrFormat, 1, 0, "4096"},
		{"many headings", long, strings.Repeat("x,", 200) + "\n", series.ErrFormat, 1, 256, "128 fields"},
		{"utf-16", long, "\xff\xfet\x00i\x00\n", series.ErrFormat, 1, 1, "UTF-16"},
		{"gzip", long, "\x1f\x8b\x08\x00\n", series.ErrFormat, 1, 1, "gzip"},

		{"wide, no date", "wide,start,london,kwh", cells(48, 1) + "\n", series.ErrFormat, 1, 0, "headed date"},
		{"wide, no half-hours", "wide,start,london,kwh", "date,value\n", series.ErrFormat, 1, 0, "1 to 48"},
		{"wide, 47 headings", "wide,start,london,kwh", "date," + cells(47, 1) + "\n", series.ErrFormat, 1, 0, "47 headings"},
		{"wide, gap", "wide,start,london,kwh", "date," + cells(40, 1) + "," + cells(8, 42) + "\n", series.ErrFormat, 1, 0, "headed 41"},
		{"wide, mixed", "wide,start,london,kwh", "date," + cells(48, 1) + ",00:00\n", series.ErrFormat, 1, 0, "not both"},
		{"wide, starts as ends", "wide,end,london,kwh", "date," + clocks(0, 47) + "\n", series.ErrFormat, 1, 6, "is the label start?"},
		{"wide, ends as starts", "wide,start,london,kwh", "date," + clocks(1, 47) + ",00:00\n", series.ErrFormat, 1, 288, "is the label end?"},
		{"wide, 24:00 as start", "wide,start,london,kwh", "date," + clocks(1, 48) + "\n", series.ErrFormat, 1, 0, "headed 00:00"},
		{"wide, 49 clocks", "wide,end,london,kwh", "date," + clocks(0, 48) + "\n", series.ErrFormat, 1, 6, "48 clock times"},
		{"47 cells", "wide,start,london,kwh", num + "2024-04-01," + cells(47, 1) + ",\n", series.ErrCount, 2, 144, "48 half-hours of 2024-04-01, found 47|long form"},
		{"no cells", "wide,start,london,kwh", num + "2024-04-01" + strings.Repeat(",", 48) + "\n", series.ErrCount, 2, 12, "found 0"},
		{"hole", "wide,start,london,kwh", num + "2024-04-01,1,," + cells(46, 3) + "\n", series.ErrCount, 2, 14, `found 47; the column "2" is empty`},
		{"padded short day", "wide,start,london,kwh", num + "2026-03-29," + cells(48, 1) + "\n", series.ErrCount, 2, 141, "46 half-hours of 2026-03-29, found 48|padding"},
		{"padded short day, clock", "wide,start,london,kwh", "date," + clocks(0, 47) + "\n2026-03-29," + cells(48, 1) + "\n", series.ErrCount, 2, 16, `46 half-hours|found 48; the column "01:00"|padding`},
		{"long day, 48 columns", "wide,start,london,kwh", num + "2026-10-25," + cells(48, 1) + "\n", series.ErrCount, 2, 1, "columns 1 to 50"},
		{"long day, clock", "wide,start,london,kwh", "date," + clocks(0, 47) + "\n2026-10-25," + cells(48, 1) + "\n", series.ErrCount, 2, 1, "columns 1 to 50, or utc"},
		{"long day, 48 cells", "wide,start,london,kwh", "date," + cells(50, 1) + "\n2026-10-25," + cells(48, 1) + ",,\n", series.ErrCount, 2, 147, "50 half-hours of 2026-10-25, found 48"},
		{"utc, 50 cells", "wide,start,utc,kwh", "date," + cells(50, 1) + "\n2026-10-25," + cells(50, 1) + "\n", series.ErrCount, 2, 147, "48 half-hours|found 50"},
		{"bad cell", "wide,start,london,kwh", num + day + "2024-04-02,1,x," + cells(46, 3) + "\n", series.ErrValue, 3, 14, `plain decimal|column "2"`},
		{"bad day", "wide,start,london,kwh", num + "2024-04-31," + cells(48, 1) + "\n", series.ErrValue, 2, 1, `column "date"`},
		{"wide cut", "wide,start,london,kwh", num + day[:len(day)-4] + "\n", series.ErrFormat, 2, 0, "49 fields"},
	} {
		_, errs := read(c.text, of(t, c.layout))
		if len(errs) != 1 {
			t.Errorf("%s: %d errors: %v", c.name, len(errs), errs)
			continue
		}
		err := errs[0]
		var e *series.Error
		if !errors.As(err, &e) || !errors.Is(err, c.is) || e.Pos.Source != "f" || e.Pos.Line != c.line || e.Pos.Column != c.column {
			t.Errorf("%s: %v at %d:%d; want %v at %d:%d", c.name, err, e.Pos.Line, e.Pos.Column, c.is, c.line, c.column)
		}
		for _, w := range strings.Split(c.words, "|") {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %v\ndoes not say %q", c.name, err, w)
			}
		}
	}
}

// Newest first, order tells nothing: it must not be taken for oldest first.
func TestLongDayOutOfOrder(t *testing.T) {
	for _, times := range []string{
		"02:00 01:30 01:00 01:30 01:00 00:30",
		"01:30 01:00 01:30 01:00",
		"01:00 01:30 02:00 23:30 01:00 01:30",
		"02:00 00:30 01:00 01:30 01:00 01:30",
	} {
		text := "timestamp,value\n"
		for _, s := range strings.Fields(times) {
			text += "2026-10-25 " + s + ",1\n"
		}
		if _, errs := read(text, of(t, "long,start,london,kwh")); len(errs) == 0 || !strings.Contains(errs[0].Error(), "rows in order of the clock") {
			t.Errorf("%s: %v", times, errs)
		}
	}
}

// What is left when a series stands alone comes in order of the rows, and the
// row that ends a long day is read.
func TestLongDayLeft(t *testing.T) {
	text := "mpan,timestamp,value\n" +
		mpanB + ",2026-10-25 01:30,1\n" + mpanA + ",2026-10-25 01:00,1\n" + mpanB + ",2026-10-26 00:00,1\n"
	got, errs := read(text+mpanB+",2026-10-26 00:30,1\n", layout(t, "long,start,london,kwh"))
	if len(got) != 4 || len(errs) != 2 || !strings.Contains(errs[0].Error(), "f:2:") || !strings.Contains(errs[1].Error(), "f:3:") {
		t.Errorf("%d readings, %v", len(got), errs)
	}
}

// A series that meets a second long day starts afresh: what it left alone on
// the first is said when it goes on, before the readings that follow.
func TestTwoLongDays(t *testing.T) {
	text := "timestamp,value\n"
	for _, day := range []string{"2025-10-26", "2026-10-25"} {
		for _, s := range []string{"01:00", "01:30", "01:00", "01:30"} {
			text += day + " " + s + ",1\n"
		}
	}
	got, errs := read(text, of(t, "long,start,london,kwh"))
	const want = "2025-10-26/03=1000, 2025-10-26/04=1000, 2025-10-26/05=1000, 2025-10-26/06=1000, " +
		"2026-10-25/03=1000, 2026-10-25/04=1000, 2026-10-25/05=1000, 2026-10-25/06=1000"
	if len(errs) > 0 || short(got) != want {
		t.Errorf("%s %v", short(got), errs)
	}
	text = "timestamp,value\n2025-10-26 01:00,1\n2025-10-27 00:00,1\n"
	var order string
	for _, err := range hhcsv.Read("f", series.OpenBytes([]byte(text)), of(t, "long,start,london,kwh")) {
		if err != nil {
			order += "e"
		} else {
			order += "r"
		}
	}
	if order != "rer" {
		t.Errorf("readings and errors come as %q", order)
	}
}

// A line without an end costs no more than reading past it.
func TestEndlessLine(t *testing.T) {
	const size = 16 << 20
	open := func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader("timestamp,value\n"), io.LimitReader(endless{}, size))), nil
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	errs := 0
	for range hhcsv.Read("f", open, of(t, "long,start,london,kwh")) {
		errs++
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; errs != 1 || used > 3*size {
		t.Errorf("%d errors, %d bytes allocated for a line of %d", errs, used, size)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestUndeclared(t *testing.T) {
	good := of(t, "long,start,london,kwh")
	for want, change := range map[string]func(*hhcsv.Layout){
		"Layout.Shape": func(l *hhcsv.Layout) { l.Shape = 0 },
		"Layout.Label": func(l *hhcsv.Layout) { l.Label = 0 },
		"Layout.Zone":  func(l *hhcsv.Layout) { l.Zone = 3 },
		"Layout.Unit":  func(l *hhcsv.Layout) { l.Unit = 0 },
		"Layout.Dates": func(l *hhcsv.Layout) { l.Dates = 9 },
		"Layout.Line":  func(l *hhcsv.Layout) { l.Line = 4 },
		"Layout.Run":   func(l *hhcsv.Layout) { l.Run = 99 },
		"Layout.MPAN":  func(l *hhcsv.Layout) { l.MPAN = settlement.MPAN{} },
		"unit kvarh":   func(l *hhcsv.Layout) { l.Line = series.RI },
		"\"start\"":    func(l *hhcsv.Layout) { l.Columns.Timestamp = "start" },
		"\"status\"":   func(l *hhcsv.Layout) { l.Columns.Flag = "status" },
		"one meaning":  func(l *hhcsv.Layout) { l.Columns.Flag = "value" },
	} {
		l := good
		change(&l)
		_, errs := read("timestamp,value\n2024-04-01 00:00,1\n", l)
		if len(errs) != 1 || !errors.Is(errs[0], series.ErrFormat) || !strings.Contains(errs[0].Error(), want) {
			t.Errorf("%s: %v", want, errs)
		}
	}
}

func TestColumns(t *testing.T) {
	l := layout(t, "long,end,london,kwh")
	l.Columns = hhcsv.Columns{MPAN: "MPR", Timestamp: "ReadDatetime", Value: "KWH"}
	l.Line, l.Run = series.AE, settlement.SF
	got, errs := read("MPR,readdatetime,kWh,date,time\n"+mpanB+",2024-04-01 00:30,1,,\n", l)
	if len(errs) != 0 || short(got) != "2024-04-01/01=1000 AE SF" || got[0].MPAN != mpan(t, mpanB) {
		t.Errorf("%s %v", short(got), errs)
	}
	if want := (series.Pos{Source: "f", Line: 2, Column: 32}); got[0].Pos != want {
		t.Errorf("at %v, want %v", got[0].Pos, want)
	}
}

func TestParseLayout(t *testing.T) {
	l, err := hhcsv.ParseLayout("wide,end,utc,kw,dmy")
	want := hhcsv.Layout{Shape: hhcsv.Wide, Label: hhcsv.End, Zone: hhcsv.UTC, Unit: hhcsv.KW, Dates: hhcsv.DMY}
	if err != nil || l != want {
		t.Errorf("%+v %v", l, err)
	}
	for _, s := range []string{"", "long", "long,start,london", "long,start,london,kwh,ymd,x", "Long,start,london,kwh",
		",start,london,kwh", "long,,london,kwh", "long,start,london,", "start,long,london,kwh", "long,start,gmt,kwh", "long,start,london,kwh,", "long, start,london,kwh"} {
		l, err := hhcsv.ParseLayout(s)
		if !errors.Is(err, series.ErrValue) || l != (hhcsv.Layout{}) {
			t.Errorf("%q: %+v %v", s, l, err)
			continue
		}
		for _, w := range []string{"long|wide", "start|end", "london|utc", "kwh|wh|mwh|kw|kvarh", "ymd|dmy"} {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%q: %v does not say %s", s, err, w)
			}
		}
	}
}

func TestLimitOfErrors(t *testing.T) {
	for _, c := range []struct{ layout, text string }{
		{"long,start,london,kwh", "timestamp,value\n" + strings.Repeat("2024-04-01 00:00,x\n", 100)},
		{"wide,start,london,kwh", "date," + cells(48, 1) + "\n2024-04-01" + strings.Repeat(",x", 48) + "\n"},
	} {
		got, errs := read(c.text, of(t, c.layout))
		if len(got) != 0 || len(errs) != series.MaxErrors+1 || !errors.Is(errs[series.MaxErrors], series.ErrLimit) || errors.Is(errs[series.MaxErrors-1], series.ErrLimit) {
			t.Errorf("%s: %d readings, %d errors, last %v", c.layout, len(got), len(errs), errs[len(errs)-1])
		}
	}
}

// A source that counts how often it was opened and closed, and can fail.
type source struct {
	text           string
	opened, closed int
	read, close    error
}

func (s *source) open() (io.ReadCloser, error) {
	s.opened++
	r := io.Reader(strings.NewReader(s.text))
	if s.read != nil {
		r = io.MultiReader(r, iotest.ErrReader(s.read))
	}
	return &handle{iotest.OneByteReader(r), s}, nil
}

type handle struct {
	io.Reader
	s *source
}

func (h *handle) Close() error { h.s.closed++; return h.s.close }

func TestSource(t *testing.T) {
	text := "timestamp,value\n2024-04-01 00:00,1\n2024-04-01 00:30,x\n2024-04-01 01:00,2\n"
	broken := errors.New("broken")
	l := of(t, "long,start,london,kwh")
	for stop := range 4 {
		s := &source{text: text}
		readings := hhcsv.Read("f", s.open, l)
		for range 2 {
			n := 0
			for range readings {
				if n++; n == stop {
					break
				}
			}
			if want := stop; n != want && stop != 0 || stop == 0 && n != 3 {
				t.Errorf("stop at %d: %d", stop, n)
			}
		}
		if s.opened != 2 || s.closed != 2 {
			t.Errorf("opened %d, closed %d", s.opened, s.closed)
		}
	}
	for _, read := range []error{broken, io.ErrUnexpectedEOF} {
		// What stands before the failure is not a row, loose end or not.
		s := &source{text: text + "2024-04-01 01:30,3", read: read}
		l := l
		l.LooseEnd = true
		var got []series.Reading
		var errs series.Errors
		for rd, err := range hhcsv.Read("f", s.open, l) {
			if err != nil {
				errs = append(errs, err)
			} else {
				got = append(got, rd)
			}
		}
		if len(errs) != 2 || !errors.Is(errs[1], read) || len(got) != 2 || s.closed != 1 {
			t.Errorf("%d readings, %v", len(got), errs)
		}
	}
	s := &source{text: text, close: broken}
	var errs series.Errors
	for _, err := range hhcsv.Read("f", s.open, l) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) != 2 || !errors.Is(errs[1], broken) {
		t.Errorf("close: %v", errs)
	}
	for _, err := range hhcsv.Read("f", func() (io.ReadCloser, error) { return nil, broken }, l) {
		if !errors.Is(err, broken) {
			t.Errorf("open: %v", err)
		}
	}
}

// A cut anywhere inside the last line is noticed; a cut at its end is a file.
func TestTruncation(t *testing.T) {
	for _, c := range []struct{ layout, head, row string }{
		{"long,start,london,kwh", "timestamp,value,flag\n", "2024-04-01 00:00,12.345,E"},
		{"long,start,london,kwh", "flag,value,timestamp\n", "E,12.345,2024-04-01 00:00"},
		{"wide,start,london,kwh", "date," + cells(48, 1) + "\n", "2024-04-01," + cells(48, 1)},
	} {
		for _, end := range []string{"\n", "\r\n"} {
			whole := c.head + c.row + end
			for n := len(c.head) + 1; n < len(whole); n++ {
				if got, errs := read(whole[:n], of(t, c.layout)); len(got) != 0 || len(errs) != 1 || !errors.Is(errs[0], series.ErrFormat) {
					t.Errorf("cut at %q: %d readings, %v", whole[:n], len(got), errs)
				}
			}
		}
		l := of(t, c.layout)
		l.LooseEnd = true
		if got, errs := read(c.head+c.row, l); len(got) == 0 || len(errs) != 0 {
			t.Errorf("loose end: %v", errs)
		}
	}
}
