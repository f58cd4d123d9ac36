package hhcsv_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhcsv"
	"github.com/halfhour/halfhour/settlement"
)

// published is a file of somebody else, kept beside the repository because it is not ours.
func published(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", name))
	if err != nil {
		t.Skipf("no real data beside the repository: %v", err)
	}
	return b
}

func gunzip(t *testing.T, b []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	b, err = io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A half-hourly household, "start,value" in kWh: 2013 is whole.
func TestLCL(t *testing.T) {
	data := gunzip(t, published(t, "hh-lcl-eemeter/uk-electricity-sample-1.csv.gz"))
	l := of(t, "long,start,utc,kwh")
	l.Columns.Timestamp = "start"
	l.Round = true
	from, _ := settlement.ParseDay("2013-01-01")
	to, _ := settlement.ParseDay("2014-01-01")
	year := settlement.Span{Lo: settlement.Period(from) * 48, Hi: settlement.Period(to) * 48}
	seen := map[settlement.Period]bool{}
	var total int64
	for rd, err := range hhcsv.Read("sample-1", series.OpenBytes(data), l) {
		if err != nil {
			t.Fatal(err)
		}
		if year.Contains(rd.Period) {
			seen[rd.Period] = true
			total += rd.Value
		}
	}
	if len(seen) != 17520 {
		t.Errorf("2013 has %d half-hours, want 17520", len(seen))
	}
	t.Logf("2013: %d Wh", total)

	// The file is not clock time: on the short day it has the hour that the
	// clock leaves out, and as clock time it must be refused.
	l.Zone = hhcsv.London
	var errs series.Errors
	for _, err := range hhcsv.Read("sample-1", series.OpenBytes(data), l) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) == 0 || !strings.Contains(errs.Error(), "2013-03-31") {
		t.Errorf("as clock time: %v", errs)
	}
	t.Logf("as clock time: %v", errs)
}

func TestCutGzip(t *testing.T) {
	packed := published(t, "hh-lcl-eemeter/uk-electricity-sample-1.csv.gz")
	l := of(t, "long,start,utc,kwh")
	l.Columns.Timestamp = "start"
	l.Round = true
	open := func() (io.ReadCloser, error) { return gzip.NewReader(bytes.NewReader(packed[:len(packed)/2])) }
	var last error
	for _, err := range hhcsv.Read("cut", open, l) {
		last = err
	}
	if !errors.Is(last, io.ErrUnexpectedEOF) {
		t.Errorf("%v", last)
	}
}

// Import fixtures of school meters: what fits is read, the rest is refused
// with a reason.
func TestAMR(t *testing.T) {
	dir := "amr-formats/amr_data/row-per-day/"
	l := of(t, "wide,start,london,kwh,dmy")
	l.Columns.Date = "Reading Date"
	l.Round = true
	fullYears := func(b []byte) []byte {
		b = bytes.ReplaceAll(b, []byte("/11/17"), []byte("/11/2017"))
		return bytes.ReplaceAll(b, []byte("/11/18"), []byte("/11/2018"))
	}
	for _, c := range []struct {
		file   string
		fix    bool // write years with four digits
		n      int
		is     error
		reason string
	}{
		{"valid.csv", false, 0, series.ErrValue, "four digits"},
		{"valid.csv", true, 48, nil, ""},
		{"duplicate-rows.csv", true, 96, nil, ""},
		{"malformed.csv", true, 48, series.ErrFormat, "closing quote"},
		{"no-readings.csv", true, 0, series.ErrCount, "found 0"},
		{"some-missing-readings.csv", true, -1, series.ErrCount, "is empty"},
		{"incomplete-row.csv", true, 0, series.ErrFormat, "51 fields"},
		{"empty.csv", true, 0, series.ErrEmpty, ""},
		{"empty-msft.csv", true, 0, series.ErrEmpty, ""},
		{"empty-with-header.csv", true, 0, series.ErrEmpty, ""},
		{"valid-no-header.csv", true, 0, series.ErrFormat, "each heading once"},
	} {
		data := published(t, dir+c.file)
		if c.fix {
			data = fullYears(data)
		}
		got, errs := read(string(data), l)
		if c.n >= 0 && len(got) != c.n || c.is == nil && len(errs) > 0 {
			t.Errorf("%s: %d readings, %v", c.file, len(got), errs)
		}
		if c.is != nil && (len(errs) == 0 || !errors.Is(errs[0], c.is) || !strings.Contains(errs[0].Error(), c.reason)) {
			t.Errorf("%s: %v, want %v", c.file, errs, c.is)
		}
	}
	// Nothing else in the collection is in a layout of ours; none may be read
	// as if it were.
	for _, dir := range []string{"amr_upload_data_files", "amr_highlands", "amr_data/row-per-reading"} {
		files, _ := filepath.Glob(filepath.Join("..", "..", "..", "shared", "data", "amr-formats", dir, "*.csv"))
		for _, f := range files {
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, words := range []string{"long,end,london,kwh", "wide,end,london,kwh,dmy"} {
				if got, errs := read(string(data), of(t, words)); len(got) != 0 || len(errs) == 0 {
					t.Errorf("%s as %s: %d readings", f, words, len(got))
				}
			}
		}
	}
}

// Measured export in mean kW of a year spliced by its publisher.
func TestSandford(t *testing.T) {
	data := published(t, "hh-export-sandford-hydro/sandford_hydro_2018_30min_kW.csv")
	l := of(t, "long,start,utc,kw,dmy")
	l.Line = series.AE
	l.Round = true
	l.Columns = hhcsv.Columns{Timestamp: "Date_Time", Value: "Generator active power (kW)"}
	_, errs := read(string(data), l)
	if len(errs) != series.MaxErrors+1 || !strings.Contains(errs[0].Error(), "Date_Time") {
		t.Errorf("as it is, dates as 1/1/19: %v", errs)
	}
	// The dates written in full.
	rows := strings.SplitAfter(string(data), "\n")
	for i, row := range rows[1:] {
		date, rest, ok := strings.Cut(row, " ")
		p := strings.Split(date, "/")
		if !ok || len(p) != 3 {
			continue
		}
		for k := range p[:2] {
			if len(p[k]) == 1 {
				p[k] = "0" + p[k]
			}
		}
		if len(rest) > 4 && rest[1] == ':' {
			rest = "0" + rest
		}
		rows[i+1] = p[0] + "/" + p[1] + "/20" + p[2] + " " + rest
	}
	got, errs := read(strings.Join(rows, ""), l)
	if len(got) != 17520 || len(errs) != 0 {
		t.Errorf("%d readings, %v", len(got), errs)
	}
	stamps := map[settlement.Period]bool{}
	for _, rd := range got {
		stamps[rd.Period] = true
	}
	if n := len(got) - len(stamps); n != 952 {
		t.Errorf("%d duplicate stamps, want 952 as its source note says", n)
	}
}
