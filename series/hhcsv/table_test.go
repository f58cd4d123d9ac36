package hhcsv_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhcsv"
	"github.com/halfhour/halfhour/settlement"
)

func readTable(text string, s *series.Schema) (got []series.Reading, errs []error) {
	for rd, err := range hhcsv.ReadTable("f", series.OpenBytes([]byte(text)), s) {
		if err != nil {
			errs = append(errs, err)
		} else {
			got = append(got, rd)
		}
	}
	return got, errs
}

// runsOf is readings as "LLF 2025-12-04/01 to 48=1043 II", with neighbours that
// say the same put together.
func runsOf(got []series.Reading, s *series.Schema) string {
	var b []string
	for i := 0; i < len(got); {
		j := i + 1
		for j < len(got) && got[j].Period == got[j-1].Period+1 && got[j].Line == got[i].Line && got[j].Value == got[i].Value && got[j].Run == got[i].Run {
			j++
		}
		text := s.Def(got[i].Line).Name + " " + got[i].Period.String()
		if j > i+1 {
			text += " to " + got[j-1].Period.String()
		}
		text += fmt.Sprintf("=%d", got[i].Value)
		if got[i].Run != settlement.Untagged {
			text += " " + got[i].Run.String()
		}
		b = append(b, text)
		i = j
	}
	return strings.Join(b, ", ")
}

func TestTable(t *testing.T) {
	for _, c := range []struct {
		name   string
		schema *series.Schema
		text   string
		want   string
	}{
		{"every line, an empty cell", series.Market(),
			"date,period,run,LLF,TLM,system-price,rcrc,cfd-rate\n2025-12-04,1,II,1.043,1.010106,62.00,0.05,\n2025-12-04,2,II,1.036,0.998765432,-3,-0.05,0\n",
			"LLF 2025-12-04/01=1043 II, TLM 2025-12-04/01=1010106000 II, system-price 2025-12-04/01=6200000 II, rcrc 2025-12-04/01=5000 II, " +
				"LLF 2025-12-04/02=1036 II, TLM 2025-12-04/02=998765432 II, system-price 2025-12-04/02=-300000 II, rcrc 2025-12-04/02=-5000 II, cfd-rate 2025-12-04/02=0 II"},
		{"any order and case, bom, crlf, quotes, sep, blank lines", series.Market(),
			"\ufeffsep=,\r\n\"CfD-Rate\",PERIOD,llf,Date\r\n\r\n\"9.5\",3,,2025-12-04\r\n,4,2.000,2025-12-04\r\n",
			"cfd-rate 2025-12-04/03=950000, LLF 2025-12-04/04=2000"},
		{"contract, signs", series.Contract(),
			"date,period,nominated,contract-price\n2025-12-04,48,-0.000001,-12.34567\n2025-12-05,1,0,0.00000\n",
			"nominated 2025-12-04/48=-1, contract-price 2025-12-04/48=-1234567, nominated 2025-12-05/01=0, contract-price 2025-12-05/01=0"},
		{"zeros past the scale are no digits", series.Market(),
			"date,period,LLF\n2025-12-04,1,1.04300000\n", "LLF 2025-12-04/01=1043"},
		{"runs", series.Market(),
			"run,date,period,LLF\nII,2025-12-04,1,1\nSF,2025-12-04,1,1.1\nDF,2025-12-04,1,1.2\nuntagged,2025-12-04,2,1.3\n,2025-12-04,3,1.3\n",
			"LLF 2025-12-04/01=1000 II, LLF 2025-12-04/01=1100 SF, LLF 2025-12-04/01=1200 DF, LLF 2025-12-04/02 to 2025-12-04/03=1300"},
		{"stretch of periods", series.Market(),
			"date,period,LLF\n2025-12-04,1-14,1.043\n2025-12-04,15-15,1.06\n2025-12-04,16-48,1.036\n",
			"LLF 2025-12-04/01 to 2025-12-04/14=1043, LLF 2025-12-04/15=1060, LLF 2025-12-04/16 to 2025-12-04/48=1036"},
		{"the two days, by number", series.Market(),
			"date,period,LLF\n2026-03-29,46,1\n2026-10-25,50,1\n2026-10-25,1-50,1.1\n",
			"LLF 2026-03-29/46=1000, LLF 2026-10-25/50=1000, LLF 2026-10-25/01 to 2026-10-25/50=1100"},
		{"all of a short, a long and a plain day", series.Market(),
			"date,period,LLF\n2026-03-29,*,1\n2026-10-25,*,1\n2026-12-04,*,1\n",
			"LLF 2026-03-29/01 to 2026-03-29/46=1000, LLF 2026-10-25/01 to 2026-10-25/50=1000, LLF 2026-12-04/01 to 2026-12-04/48=1000"},
		{"days, each with its own count; a cell in order of time", series.Market(),
			"date,period,LLF,rcrc\n2026-03-28..2026-03-30,*,1,2\n",
			"LLF 2026-03-28/01 to 2026-03-30/48=1000, rcrc 2026-03-28/01 to 2026-03-30/48=200000"},
		{"days with one night each", series.Market(),
			"date,period,LLF\n2026-03-28..2026-03-29,1-46,1\n2026-10-25..2026-10-25,47-50,1\n",
			"LLF 2026-03-28/01 to 2026-03-28/46=1000, LLF 2026-03-29/01 to 2026-03-29/46=1000, LLF 2026-10-25/47 to 2026-10-25/50=1000"},
		{"first and last day there are, the longest row", series.Market(),
			"date,period,LLF\n1996-01-01,1,1\n2099-12-31,*,1\n2025-01-01..2026-02-04,*,1\n",
			"LLF 1996-01-01/01=1000, LLF 2099-12-31/01 to 2099-12-31/48=1000, LLF 2025-01-01/01 to 2026-02-04/48=1000"},
	} {
		got, errs := readTable(c.text, c.schema)
		if text := runsOf(got, c.schema); len(errs) > 0 || text != c.want {
			t.Errorf("%s: %v\n got %s\nwant %s", c.name, errs, text, c.want)
		}
		for _, rd := range got {
			if !rd.MPAN.IsZero() || rd.Mark != 0 || rd.Pos.Source != "f" || rd.Pos.Line < 2 || rd.Pos.Column < 1 {
				t.Errorf("%s: %+v", c.name, rd)
			}
		}
	}
	got, _ := readTable("date,period,LLF,TLM\n2025-12-04,1,,1\n2025-12-04,2,1.5,\n", series.Market())
	if len(got) != 2 || got[0].Pos != (series.Pos{Source: "f", Line: 2, Column: 15}) || got[1].Pos != (series.Pos{Source: "f", Line: 3, Column: 14}) {
		t.Errorf("places: %+v", got)
	}
}

func TestTableRefused(t *testing.T) {
	head := "date,period,run,LLF,rcrc\n"
	row := "2025-12-04,1,II,1.043,2\n"
	for _, c := range []struct {
		name, text   string
		is           error
		line, column int
		words        string // parts of the message, by |
	}{
		{"empty", "", series.ErrEmpty, 0, 0, "empty"},
		{"headings only", head, series.ErrEmpty, 0, 0, "at least one row"},
		{"unknown heading", "date,period,LLF,llfc\n" + row, series.ErrFormat, 1, 17, `"llfc"|market line: LLF, TLM, system-price, rcrc, cfd-rate|remove the column`},
		{"a line of another schema", "date,period,nominated\n" + row, series.ErrFormat, 1, 13, "LLF, TLM"},
		{"no heading", "date,period,LLF,\n" + row, series.ErrFormat, 1, 17, "remove the column"},
		{"heading twice", "date,period,LLF,llf\n", series.ErrFormat, 1, 17, "each heading once|field 3"},
		{"no date", "period,LLF\n", series.ErrFormat, 1, 0, "date and period|period,LLF"},
		{"no period", "date,LLF\n", series.ErrFormat, 1, 0, "date and period"},
		{"no line", "date,period,run\n", series.ErrFormat, 1, 0, "at least one market line: LLF, TLM"},
		{"utf-16", "\xff\xfed\x00", series.ErrFormat, 1, 1, "UTF-16"},
		{"short row", head + row + "2025-12-04,1\n", series.ErrFormat, 3, 0, "5 fields|not 2"},
		{"long line", head + row + strings.Repeat("x", 5000) + "\n", series.ErrFormat, 3, 0, "4096 bytes"},
		{"cut", head + row + "2025-12-04,2,II,1.043,2", series.ErrFormat, 3, 0, "line end|cut short"},
		{"no values", head + "2025-12-04,1,II,,\n", series.ErrFormat, 2, 0, "a value for LLF, TLM|left out"},
		{"no such date", head + "2025-02-29,1,II,1,\n", series.ErrValue, 2, 1, `1996 to 2099|2025-12-01..2025-12-31|column "date"`},
		{"no date at all", head + ",1,II,1,\n", series.ErrValue, 2, 1, "1996 to 2099"},
		{"british date", head + "04/12/2025,1,II,1,\n", series.ErrValue, 2, 1, "2025-12-04"},
		{"half a stretch", head + "2025-12-01..,1,II,1,\n", series.ErrValue, 2, 1, "both its ends"},
		{"three days", head + "2025-12-01..2025-12-02..2025-12-03,1,II,1,\n", series.ErrValue, 2, 1, "both its ends"},
		{"days backwards", head + "2025-12-31..2025-12-01,1,II,1,\n", series.ErrValue, 2, 1, "2025-12-01..2025-12-31"},
		{"too many days", head + "2025-01-01..2026-02-05,*,II,1,\n", series.ErrValue, 2, 1, "at most 400 days|not 401"},
		{"a century", head + "1996-01-01..2099-12-31,*,II,1,\n", series.ErrValue, 2, 1, "at most 400 days"},
		{"period 0", head + "2025-12-04,0,II,1,\n", series.ErrValue, 2, 12, `1-48|*|column "period"`},
		{"no period at all", head + "2025-12-04,,II,1,\n", series.ErrValue, 2, 12, "1-48"},
		{"period 49", head + "2025-12-04,49,II,1,\n", series.ErrValue, 2, 12, "1 to 48 half-hours of 2025-12-04"},
		{"period 47 of a short day", head + "2026-03-29,47,II,1,\n", series.ErrValue, 2, 12, "1 to 46 half-hours of 2026-03-29, when the clocks go forward"},
		{"stretch over a short day", head + "2026-03-28..2026-03-30,1-48,II,1,\n", series.ErrValue, 2, 24, "46 half-hours of 2026-03-29|* is all of a day"},
		{"period 51 of a long day", head + "2026-10-25,51,II,1,\n", series.ErrValue, 2, 12, "1 to 50"},
		{"periods backwards", head + "2025-12-04,48-1,II,1,\n", series.ErrValue, 2, 12, "1-48"},
		{"half a stretch of periods", head + "2025-12-04,1-,II,1,\n", series.ErrValue, 2, 12, "both its ends"},
		{"padded period", head + "2025-12-04,01,II,1,\n", series.ErrValue, 2, 12, "a settlement period as 17"},
		{"run", head + "2025-12-04,1,XX,1,\n", settlement.ErrRun, 2, 14, `II, SF, R1|or nothing|column "run"`},
		{"run, as bad value", head + "2025-12-04,1,ii,1,\n", series.ErrValue, 2, 14, "in capitals"},
		{"run without a rank", head + "2025-12-04,1,D,1,\n", settlement.ErrRun, 2, 14, "II, SF, R1, R2, R3, RF, DF"},
		{"finer", head + "2025-12-04,1,II,1.0431,\n", series.ErrValue, 2, 17, `at most 3 decimals: LLF|never rounded|ratio|column "LLF"`},
		{"finer price", head + "2025-12-04,1,II,,1.000001\n", series.ErrValue, 2, 18, "at most 5 decimals: rcrc|GBP/MWh"},
		{"no number", head + "2025-12-04,1,II,1,n/a\n", series.ErrValue, 2, 19, "plain decimal"},
		{"space", head + "2025-12-04,1,II,1, \n", series.ErrValue, 2, 19, "plain decimal"},
		{"too big", head + "2025-12-04,1,II,1,1234567890123\n", series.ErrValue, 2, 19, "12 digits"},
		{"factor 0", head + "2025-12-04,1,II,0,\n", series.ErrValue, 2, 17, "above 0 and at most 2"},
		{"factor below 0", head + "2025-12-04,1,II,-1.043,\n", series.ErrValue, 2, 17, "above 0 and at most 2"},
		{"a percentage", head + "2025-12-04,1,II,2.001,\n", series.ErrValue, 2, 17, "above 0 and at most 2"},
	} {
		got, errs := readTable(c.text, series.Market())
		if len(errs) != 1 {
			t.Errorf("%s: %d errors: %v", c.name, len(errs), errs)
			continue
		}
		for _, rd := range got {
			if rd.Pos.Line == c.line {
				t.Errorf("%s: a reading of the bad row, %+v", c.name, rd)
			}
		}
		err := errs[0]
		var e *series.Error
		if !errors.As(err, &e) || !errors.Is(err, c.is) || e.Pos != (series.Pos{Source: "f", Line: c.line, Column: c.column}) {
			t.Errorf("%s: %v; want %v at %d:%d", c.name, err, c.is, c.line, c.column)
		}
		for _, w := range strings.Split(c.words, "|") {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %v\ndoes not say %q", c.name, err, w)
			}
		}
	}
}

func TestTableSchema(t *testing.T) {
	for _, s := range []*series.Schema{series.Meter(), nil} {
		if got, errs := readTable("date,period,AI\n2025-12-04,1,1\n", s); len(got) != 0 || len(errs) != 1 || !errors.Is(errs[0], series.ErrSchema) {
			t.Errorf("%d readings, %v", len(got), errs)
		}
	}
}

func TestTableLimits(t *testing.T) {
	head := "date,period,run,LLF,rcrc\n"
	got, errs := readTable(head+strings.Repeat("2025-12-04,1,II,x,y\n", 100), series.Market())
	if len(got) != 0 || len(errs) != series.MaxErrors+1 || !errors.Is(errs[series.MaxErrors], series.ErrLimit) {
		t.Errorf("%d readings, %d errors, last %v", len(got), len(errs), errs[len(errs)-1])
	}
	// Nineteen rows of 400 days fit into each run and line.
	rows := func(n int, run string) string {
		return strings.Repeat("2024-04-01..2025-05-05,1-46,"+run+",1,2\n", n)
	}
	const fit = series.MaxPeriods / (400 * 46)
	got, errs = readTable(head+rows(fit, "II")+rows(fit, ""), series.Market())
	if len(got) != 2*2*fit*400*46 || len(errs) != 0 {
		t.Errorf("%d readings, %v", len(got), errs)
	}
	got, errs = readTable(head+rows(fit, "II")+rows(fit, "")+rows(9, "II"), series.Market())
	if len(got) != 2*2*fit*400*46 || len(errs) != 1 || !errors.Is(errs[0], series.ErrLimit) || !strings.Contains(errs[0].Error(), fmt.Sprintf("f:%d:", 2*fit+2)) {
		t.Errorf("%d readings, %v", len(got), errs)
	}
}

// The same half-hour twice is for Collect, which sees other files too.
func TestTableConflict(t *testing.T) {
	text := "date,period,LLF\n2025-12-04,*,1.04\n2025-12-04,1,1.04\n2025-12-04,2,1.05\n"
	d, _ := settlement.ParseDay("2025-12-04")
	cube := series.NewCube(nil, series.Market(), []settlement.Run{settlement.Untagged}, d.Span())
	_, err := series.Collect(cube, settlement.MPAN{}, hhcsv.ReadTable("f", series.OpenBytes([]byte(text)), series.Market()))
	if !errors.Is(err, series.ErrConflict) || !strings.Contains(err.Error(), "f:4:14") {
		t.Error(err)
	}
}

func TestTableSource(t *testing.T) {
	broken := errors.New("broken")
	s := &source{text: "date,period,LLF\n2025-12-04,*,1.04\n2025-12-05,1,1.04\n"}
	readings := hhcsv.ReadTable("f", s.open, series.Market())
	for stop := range 60 {
		n := 0
		for range readings {
			if n++; n == stop {
				break
			}
		}
		if want := min(stop, 49); n != want && stop != 0 || stop == 0 && n != 49 {
			t.Errorf("stop at %d: %d", stop, n)
		}
	}
	if s.opened != 60 || s.closed != 60 {
		t.Errorf("opened %d, closed %d", s.opened, s.closed)
	}
	s.close = broken
	_, err := series.Survey(readings)
	if !errors.Is(err, broken) {
		t.Errorf("close: %v", err)
	}
	s.close, s.read = nil, broken
	if _, err = series.Survey(readings); !errors.Is(err, broken) {
		t.Errorf("read: %v", err)
	}
}

// A cut anywhere inside the last line is noticed.
func TestTableTruncation(t *testing.T) {
	head, row := "date,period,LLF,rcrc\n", "2025-12-04,1,1.043,2.75\r\n"
	for n := 1; n < len(row); n++ {
		if got, errs := readTable(head+row[:n], series.Market()); len(got) != 0 || len(errs) != 1 || !errors.Is(errs[0], series.ErrFormat) {
			t.Errorf("cut at %q: %d readings, %v", row[:n], len(got), errs)
		}
	}
}

// A row costs no allocation of its own.
func TestTableAllocations(t *testing.T) {
	b := strings.Builder{}
	b.WriteString("date,period,run,LLF,rcrc\n")
	for i := range 4800 {
		fmt.Fprintf(&b, "2025-12-04,%d,II,1.043,%d\n", i%48+1, i)
	}
	data := []byte(b.String())
	if got := testing.AllocsPerRun(3, func() {
		for rd := range hhcsv.ReadTable("f", series.OpenBytes(data), series.Market()) {
			sink += rd.Value
		}
	}); got > 100 {
		t.Errorf("%v allocations for 4800 rows, want at most 100", got)
	}
}
