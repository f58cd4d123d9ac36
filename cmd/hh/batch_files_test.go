package main

import (
	"bytes"
	"encoding/csv"
	"math/big"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
	"github.com/halfhour/halfhour/settlement"
)

// TestBatchParquet: totals.parquet is byte for byte what the rows of totals.csv make,
// of which the format's own tests show that another implementation reads it back; and
// what nobody has a charge of is missing in every form, not nothing.
func TestBatchParquet(t *testing.T) {
	s := newShop(t, 3)
	s.write(t, "m001.toml", strings.Split(supplyText(mpanOf(t, 1), 400, ""), "\n[tags]")[0])
	month, err := settlement.ParseMonth("2025-10")
	if err != nil {
		t.Fatal(err)
	}
	c := series.NewCube(nil, series.Meter(), sample.Runs(), month.Span())
	fifth := month.Span().Lo + 5*48
	if _, err := series.Collect(c, sample.MPAN(), altered(sample.Meter(sample.Seed, month.Span(), sample.All), func(p settlement.Period) bool { return p < fifth || p >= fifth+48 })); err != nil {
		t.Fatal(err)
	}
	var raw bytes.Buffer
	if _, err := hhparquet.NewWriter().Write(&raw, mpanOf(t, 1), c); err != nil {
		t.Fatal(err)
	}
	s.write(t, "m001.parquet", raw.String())
	for _, by := range []string{"item,month", "item,day,site", "item,half-hour,meter"} {
		out := s.path("o " + by)
		printed := s.must(t, "--gaps", "--out", out, "--by", by)
		file, errP := os.ReadFile(out + "/totals.parquet")
		text, errC := os.ReadFile(out + "/totals.csv")
		written, errJ := os.ReadFile(out + "/totals.json")
		if errP != nil || errC != nil || errJ != nil {
			t.Fatal(errP, errC, errJ)
		}
		rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		words := strings.Split(by, ",")
		key, missing := strings.Join(words[2:], ""), 0
		var totals []hhparquet.Total
		for _, row := range rows[1:] {
			one := hhparquet.Total{Item: row[0], Bucket: row[1], Span: bucketSpan(t, row[1]), Scale: series.MaxScale}
			if row = row[2:]; key != "" {
				one.Value, row = row[0], row[1:]
			}
			if one.Missing = row[0] == ""; one.Missing {
				missing++
			} else {
				one.Pounds = totalOf(t, row[0])
			}
			for i, to := range []*int64{&one.HalfHours, &one.Of, &one.Meters, &one.Lacks} {
				if *to, err = strconv.ParseInt(row[1+i], 10, 64); err != nil {
					t.Fatal(err)
				}
			}
			totals = append(totals, one)
		}
		var want bytes.Buffer
		if _, err := hhparquet.WriteTotals(&want, words[1], key, slices.Values(totals)); err != nil || !bytes.Equal(want.Bytes(), file) {
			t.Errorf("--by %s: %v: the totals in Parquet are not those in CSV", by, err)
		}
		if nulls := bytes.Count(written, []byte(`"pounds":null`)); nulls != missing || strings.Count(printed, "   none * 0 of ") != missing || (missing == 0) != (by == "item,month") {
			t.Errorf("--by %s: %d totals are missing in CSV, %d in JSON, %d as printed", by, missing, nulls, strings.Count(printed, "   none * 0 of "))
		}
	}
	if code, _, errs := s.hh("--by", "item,month,pounds"); code != exitUsage || !strings.Contains(errs, "--by item,month,pounds: the totals have a column pounds that is not of the tag") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

// altered gives the readings of some half-hours.
func altered(all series.Readings, keep func(settlement.Period) bool) series.Readings {
	return func(yield func(series.Reading, error) bool) {
		for r, err := range all {
			if (err != nil || keep(r.Period)) && !yield(r, err) {
				return
			}
		}
	}
}

// bucketSpan is the bucket that a name is of.
func bucketSpan(t *testing.T, name string) settlement.Span {
	t.Helper()
	if m, err := settlement.ParseMonth(name); err == nil {
		return m.Span()
	}
	text, number, half := strings.Cut(name, "/")
	day, err := settlement.ParseDay(text)
	if err != nil {
		t.Fatal(err)
	}
	if !half {
		return day.Span()
	}
	n, err := strconv.Atoi(number)
	if err != nil {
		t.Fatal(err)
	}
	at := day.First() + settlement.Period(n-1)
	return settlement.Span{Lo: at, Hi: at + 1}
}

// totalOf is pounds at the finest scale.
func totalOf(t *testing.T, pounds string) series.Total {
	t.Helper()
	d, err := decimal.NewFromString(pounds)
	if err != nil || -d.Exponent() > series.MaxScale {
		t.Fatal(pounds, err)
	}
	v := d.Shift(series.MaxScale).BigInt()
	low := new(big.Int).And(v, new(big.Int).SetUint64(1<<64-1))
	return series.Total{Hi: new(big.Int).Rsh(v, 64).Int64(), Lo: low.Uint64()}
}
