package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// refused runs the command and wants it to be wrong use, to say so, and to have begun
// nothing.
func (s *shop) refused(t *testing.T, want string, args ...string) {
	t.Helper()
	code, out, errs := s.hh(append(args, "--out", s.path("none"))...)
	if code != exitUsage || !strings.Contains(errs, want) || out != "" || exists(s.path("none")) {
		t.Errorf("%v: exit %d, %q: want %q in %s", args, code, out, want, errs)
	}
}

// TestBatchTooMany: more totals than can be held are refused before a meter is priced,
// whatever the key: the readings are not even there.
func TestBatchTooMany(t *testing.T) {
	s := newShop(t, 1)
	book := "readings,supply,tariff\n"
	for i := range 95 {
		s.write(t, fmt.Sprintf("s%d.toml", i), supplyText(mpanOf(t, i), 400, fmt.Sprintf("site %d", i)))
		book += fmt.Sprintf("none%d.parquet,s%d.toml,tariff.toml\n", i, i)
	}
	s.write(t, "book.csv", book)
	for _, key := range []string{"site", "meter"} {
		s.refused(t, "--by item,half-hour,"+key+": 4104950 totals (95 values of "+key+", by 1490 of half-hour, each item of their tariffs), at most 4000000: tell fewer values apart, price fewer meters or days at once, or total them by month", "--by", "item,half-hour,"+key)
	}
	// One in every two of one value: half as many, and the meters' own mistakes come up.
	for i := range 95 {
		s.write(t, fmt.Sprintf("s%d.toml", i), supplyText(mpanOf(t, i), 400, fmt.Sprintf("site %d", i/2)))
	}
	if code, _, errs := s.hh("--by", "item,half-hour,site"); code != exitData || !strings.Contains(errs, "95 of 95 meters are not in the totals") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if code, _, errs := s.hh("--by", "item,half-hour,gsp-group"); code != exitData || !strings.Contains(errs, "95 of 95") {
		t.Errorf("one value: exit %d: %s", code, errs)
	}
}

// TestBatchNobody: a tag that no supply has, a class of line losses that none is of and
// one of a market without line loss factors are refused. One supply is enough.
func TestBatchNobody(t *testing.T) {
	s := newShop(t, 3)
	s.refused(t, `--by item,month,region: none of the 3 supplies of the book has a tag "region"`, "--by", "item,month,region")
	s.write(t, "m002.toml", supplyText(mpanOf(t, 2), 400, "site 2")+"region = \"north\"\n")
	if out := s.must(t, "--by", "item,month,region"); !strings.Contains(out, "region: not stated") || !strings.Contains(out, "region: north") {
		t.Errorf("printed:\n%s", out)
	}
	class := slices.Index(s.args, "14/H02")
	for _, of := range []string{"14/H03", "13/H02"} {
		s.args[class] = of
		s.refused(t, "--llf-of "+of+": none of the 3 supplies of the book is of this distributor and class over 2025-10-01 to 2025-10-31")
	}
	s.write(t, "m001.toml", strings.Replace(supplyText(mpanOf(t, 1), 400, "site 1"), "H02", "H03", 1))
	s.args[class] = "14/H03"
	if code, _, errs := s.hh(); code == exitUsage { // its tariff lacks their factors, which is another matter
		t.Errorf("a class that one supply is of: %s", errs)
	}
	s.args[class] = "14/H02"
	s.write(t, "rcrc.csv", "date,period,run,rcrc\n2025-10-01,1,DF,0.5\n")
	s.args[slices.Index(s.args, "--market")+1] = s.path("rcrc.csv")
	s.refused(t, "and it holds none: leave it out")

	s = newShop(t, 2)
	for i := range 2 { // what cannot be read is no proof of anything: the meters say what is wrong
		s.write(t, fmt.Sprintf("m%03d.toml", i), "version = 1\n")
	}
	if code, _, errs := s.hh("--by", "item,month,region"); code != exitData || !strings.Contains(errs, "book.csv:2: m000.toml") {
		t.Errorf("exit %d: %s", code, errs)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	b, err := (&batchCmd{Book: word(s.path("book.csv")), Month: "2025-10", By: "item,month,region", MaxFailed: 1}).plan()
	if err != nil {
		t.Fatal(err)
	}
	if err := (&batchCmd{By: "item,month,region"}).survey(ctx, b); err == nil {
		t.Error("a survey that is stopped goes on")
	}
}
