package toml_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
	"github.com/halfhour/halfhour/tariffs/toml"
)

// head is the first two lines of a tariff.
const head = "version = 1\nname = \"T\"\n"

// vat is a rate of six lines without mistake.
const vat = "[[rate]]\nitem = \"vat\"\nfrom = 2024-04-01\nprice = \"20 %\"\nstatus = \"confirmed\"\nsource = \"H\"\n"

// rate is a rate of seven lines, the first of them line 3 after head:
//
//	3 [[rate]]  4 item  5 from  6 to  7 price  8 status  9 source
const rate = "[[rate]]\nitem = \"ccl\"\nfrom = 2024-04-01\nto = 2025-04-01\nprice = \"0.775 p/kWh\"\nstatus = \"confirmed\"\nsource = \"H\"\n"

// percent is a rate of a percentage, and triads those of a year, of the same form:
//
//	3 [[rate]]  4 item  5 of  6 price  7 from  8 status  9 source
//	9 [[triads]]  10 year  11 at  12 status  13 source   (after vat)
const (
	percent = "[[rate]]\nitem = \"management-fee\"\nof = [\"ro\", \"ccl\"]\nprice = \"2.5 %\"\nfrom = 2024-04-01\nstatus = \"contract\"\nsource = \"C\"\n"
	triads  = "[[triads]]\nyear = 2025-04-01\nat = [\"2025-11-20/34\", \"2026-01-05/35\", \"2026-02-03/37\"]\nstatus = \"confirmed\"\nsource = \"N\"\n"
)

func with(text, old, new string) string {
	if !strings.Contains(text, old) {
		panic("nothing to replace: " + old)
	}
	return strings.Replace(text, old, new, 1)
}

// mistake is an error as it must come: where, of what kind, and words in it.
type mistake struct {
	line, column int
	err          error
	words        string // separated by |
}

// flat are the errors of err, each of which must be a *tariffs.Error.
func flat(t *testing.T, err error) []*tariffs.Error {
	t.Helper()
	all := []error{err}
	if many, ok := err.(series.Errors); ok {
		all = many
	}
	var out []*tariffs.Error
	for _, e := range all {
		te, ok := e.(*tariffs.Error)
		if !ok {
			t.Fatalf("%T: %v", e, e)
		}
		out = append(out, te)
	}
	return out
}

func expect(t *testing.T, err error, want ...mistake) {
	t.Helper()
	if err == nil {
		t.Error("accepted")
		return
	}
	got := flat(t, err)
	if len(got) != len(want) {
		t.Errorf("%d errors, want %d:\n%v", len(got), len(want), err)
		return
	}
	for i, w := range want {
		g := got[i]
		if g.Pos.Line != w.line || g.Pos.Column != w.column || g.Pos.Source == "" || !errors.Is(g, w.err) {
			t.Errorf("want %d:%d %v, got %v", w.line, w.column, w.err, g)
		}
		for _, word := range strings.Split(w.words, "|") {
			if !strings.Contains(g.Error(), word) {
				t.Errorf("want %q in %v", word, g)
			}
		}
	}
}

func TestTariffMistakes(t *testing.T) {
	bad, window := tariffs.ErrTariff, tariffs.ErrWindow
	for _, c := range []struct {
		name, text   string
		line, column int
		err          error
		words        string
	}{
		{"unknown key", head + with(rate, "to =", "until ="), 6, 1, bad, `"until"|unknown key|from, to`},
		{"unknown key, indented", head + with(rate, "to =", "  until ="), 6, 3, bad, `"until"`},
		{"unknown key at the top", "colour = 1\n" + head + vat, 1, 1, bad, `"colour"|unknown key`},
		{"unknown table", head + vat + "[rates]\n", 9, 2, bad, `"rates"|unknown key`},
		{"table below a rate", head + rate + "[rate.more]\n", 10, 7, bad, `"more"|unknown key`},
		{"unknown unit", head + with(rate, "p/kWh", "p/therm"), 7, 1, tariffs.ErrUnit, `"p/therm"|GBP/MWh`},
		{"price without unit", head + with(rate, " p/kWh", ""), 7, 1, tariffs.ErrPrice, `"0.775"|4.331 p/kWh`},
		{"price with exponent", head + with(rate, "0.775", "1e9"), 7, 1, tariffs.ErrPrice, `"1e9"`},
		{"unknown item", head + with(rate, "ccl", "climate"), 4, 1, tariffs.ErrItem, `"climate"|duos-red`},
		{"unknown item of items", head + with(rate, `item = "ccl"`, `items = ["ccl", "climate"]`), 4, 1, tariffs.ErrItem, `"climate"`},
		{"item twice", head + with(rate, `item = "ccl"`, `items = ["ccl", "ccl"]`), 4, 1, bad, `"ccl"|once`},
		{"item and items", head + with(rate, `item = "ccl"`, "item = \"ccl\"\nitems = [\"ro\"]"), 5, 1, bad, "not both"},
		{"no item", head + with(rate, `item = "ccl"`, ``), 3, 3, bad, `"item"|missing`},
		{"empty items", head + with(rate, `item = "ccl"`, `items = []`), 4, 1, bad, "list of strings"},
		{"items of numbers", head + with(rate, `item = "ccl"`, `items = ["ccl", 3]`), 4, 1, bad, "list of strings"},
		{"no such date", head + with(rate, "2024-04-01", "2024-02-30"), 5, 1, bad, "2024-02-30"},
		{"date out of range", head + with(rate, "2024-04-01", "1024-04-01"), 5, 1, bad, `"1024-04-01"|1996`},
		{"date in quotes", head + with(rate, "2024-04-01", `"2024-04-01"`), 5, 1, bad, "without quotes"},
		{"date and time", head + with(rate, "2024-04-01", `2024-04-01T00:00:00`), 5, 1, bad, "without quotes or time"},
		{"to before from", head + with(rate, "2025-04-01", "2024-04-01"), 6, 1, bad, `"2024-04-01"|no longer holds`},
		{"float price", head + with(rate, `"0.775 p/kWh"`, "0.775"), 7, 1, bad, `"0.775"|write it as a string|price = "4.331 p/kWh"`},
		{"integer price", head + with(rate, `"0.775 p/kWh"`, "1"), 7, 1, bad, "write it as a string"},
		{"price list", head + with(rate, `"0.775 p/kWh"`, `["1 p/kWh"]`), 7, 1, bad, "write a string"},
		{"missing source", head + with(rate, "source = \"H\"\n", ""), 3, 3, bad, `"source"|missing`},
		{"empty source", head + with(rate, `"H"`, `" "`), 9, 1, bad, "empty"},
		{"missing status", head + with(rate, "status = \"confirmed\"\n", ""), 3, 3, bad, `"status"|missing`},
		{"unknown status", head + with(rate, "confirmed", "certain"), 8, 1, bad, `"certain"|unconfirmed`},
		{"llfc not a list", head + with(rate, "to =", "llfc = \"127\"\nto ="), 6, 1, bad, `llfc = ["127"]`},
		{"undefined window", head + with(rate, "to =", "window = \"red\"\nto ="), 6, 1, window, `"red"|define it`},
		{"window syntax", head + "[window]\nred = [\"mon-fri 16:15-19:00\"]\n" + vat, 4, 1, window, "16:15-19:00|half-hours"},
		{"window day", head + "[window]\nred = [\"monday\"]\n" + vat, 4, 1, window, "monday|mon-fri"},
		{"window covers twice", head + "[window]\nred = [\"mon-fri 16:00-19:00\", \"18:30-20:00\"]\n" + vat, 4, 1, tariffs.ErrTwice, "red|Monday|18:30"},
		{"window not a list", head + "[window]\nred = \"16:00-19:00\"\n" + vat, 4, 1, bad, "list of strings"},
		{"window called otherwise", head + "[window]\notherwise = [\"sat\"]\n" + vat, 4, 1, window, "otherwise"},
		{"window a value", head + "window = 3\n" + vat, 3, 1, bad, "[window]"},
		{"version 2", with(head, "1", "2") + vat, 1, 1, bad, `"2"|version 1`},
		{"version in quotes", with(head, "1", `"1"`) + vat, 1, 1, bad, "without quotes"},
		{"no version", "name = \"T\"\n" + vat, 0, 0, bad, `"version"|version = 1`},
		{"no name", "version = 1\n" + vat, 0, 0, bad, `"name"|missing`},
		{"name a number", "version = 1\nname = 3\n" + vat, 2, 1, bad, "string"},
		{"description a number", head + "description = 3\n" + vat, 3, 1, bad, "string"},
		{"no rates", head, 0, 0, bad, "[[rate]]"},
		{"rate a table", head + "[rate]\nitem = \"vat\"\n", 3, 2, bad, "[[rate]]"},
		{"factor unknown", head + vat + factor("LAF", `"1.08"`), 10, 1, bad, `"LAF"|TLM`},
		{"factor a float", head + vat + factor("LLF", `1.08`), 12, 1, bad, `value = "1.080"`},
		{"factor not a figure", head + vat + factor("LLF", `"1,08"`), 12, 1, tariffs.ErrPrice, `"1,08"`},
		{"bands not a list", head + with(rate, "to =", "bands = \"HV2\"\nto ="), 6, 1, bad, `bands = ["HV2"]`},
		{"at unknown", head + with(rate, "to =", "at = \"BMU\"\nto ="), 6, 1, bad, `"BMU"|NBP`},
		{"at of a day price", head + with(with(rate, "p/kWh", "p/day"), "to =", "at = \"GSP\"\nto ="), 6, 1, bad, `"GSP"|leave the key out`},
		{"of an unknown item", head + with(percent, `"ccl"`, `"climate"`), 5, 1, tariffs.ErrItem, `"climate"`},
		{"of an item twice", head + with(percent, `"ccl"`, `"ro"`), 5, 1, bad, `"ro"|once`},
		{"of nothing", head + with(percent, `["ro", "ccl"]`, "[]"), 5, 1, bad, `of = ["energy-unit"`},
		{"of beside a price for energy", head + with(percent, "2.5 %", "2.5 p/kWh"), 5, 1, bad, `"2.5 p/kWh"|percentage`},
		{"of beside VAT", head + with(percent, "management-fee", "vat"), 5, 1, bad, "sum of all lines"},
		{"percentage of what", head + with(percent, "of = [\"ro\", \"ccl\"]\n", ""), 5, 1, bad, `"2.5 %"|of = [`},
		{"reduced in quotes", head + with(vat, "from", "reduced = \"true\"\nfrom"), 5, 1, bad, `reduced = true|without quotes`},
		{"reduced levy", head + with(rate, "to =", "reduced = true\nto ="), 6, 1, bad, "only VAT"},
		{"index of a day", head + with(rate, "0.775 p/kWh", "rcrc + 1 p/day"), 7, 1, tariffs.ErrUnit, "price of energy"},
		{"unknown index", head + with(rate, "0.775 p/kWh", "n2ex"), 7, 1, tariffs.ErrPrice, `"n2ex"|rcrc`},
		{"published and a figure", head + with(rate, "0.775 p/kWh", "published 0.775 p/kWh"), 7, 1, tariffs.ErrPrice, `published"`},
		{"factor nearly published", head + vat + factor("LLF", `"Published"`), 12, 1, tariffs.ErrPrice, `"Published"`},
		{"conventions a value", head + vat + "[[conventions]]\n", 9, 3, bad, "[conventions]"},
		{"unknown convention", head + vat + "[conventions]\nvat = \"down\"\n", 10, 1, bad, `"vat"|vat_rounding`},
		{"VAT rounding", head + vat + "[conventions]\nvat_rounding = \"up\"\n", 10, 1, bad, `"up"|"half-up" or "down"`},
		{"excess days", head + vat + "[conventions]\nexcess_days = 31\n", 10, 1, bad, `excess_days = "billed"`},
		{"de minimis in quotes", head + vat + "[conventions]\nde_minimis = \"false\"\n", 10, 1, bad, "de_minimis = true or de_minimis = false"},
		{"unconfirmed", head + vat + "[conventions]\nunconfirmed = true\n", 10, 1, bad, `unconfirmed = "refuse"`},
		{"two Triads close", head + vat + with(triads, "2026-01-05/35", "2025-11-30/35"), 11, 1, bad, `"2025-11-30/35"|10 clear days|2025-11-20/34`},
		{"a source in two lines", head + with(rate, `"H"`, `"H\nTotal 0.00"`), 9, 1, bad, `one line`},
		{"a source turned round", head + with(rate, `"H"`, `"H\u202e"`), 9, 1, bad, `one line`},
		{"a factor's source", head + vat + with(factor("LLF", `"1.08"`), `"F"`, `"\u001b[2J"`), 14, 1, bad, `one line`},
		{"a source of Triads", head + vat + with(triads, `"N"`, `"N\u0000"`), 13, 1, bad, `one line`},
		{"a name in two lines", with(head, `"T"`, `"T\nU"`) + vat, 2, 1, bad, `one line`},
		{"a class turned round", head + with(rate, "to =", "llfc = [\"127\", \"1\\u202e2\"]\nto ="), 6, 1, bad, `one line`},
		{"a class too long", head + with(rate, "to =", "llfc = [\"12345678901\"]\nto ="), 6, 1, bad, `1 to 10 characters`},
		{"a band too long", head + with(rate, "to =", "bands = [\"123456789012345678901\"]\nto ="), 6, 1, bad, `1 to 20 characters`},
		{"of VAT", head + with(percent, `"ccl"`, `"vat"`), 5, 1, bad, `"vat"|on the whole bill`},
		{"two Triads", head + vat + with(triads, `, "2026-02-03/37"`, ""), 11, 1, bad, "a list of 2|three"},
		{"a Triad twice", head + vat + with(triads, "2026-02-03/37", "2025-11-20/34"), 11, 1, bad, `"2025-11-20/34"|different`},
		{"a Triad of March", head + vat + with(triads, "2026-02-03/37", "2026-03-03/37"), 11, 1, bad, `"2026-03-03/37"|November to February`},
		{"a Triad of the year before", head + vat + with(triads, "2025-11-20/34", "2025-01-20/34"), 11, 1, bad, `"2025-01-20/34"|2025-04-01`},
		{"a Triad without period", head + vat + with(triads, "2025-11-20/34", "2025-11-20"), 11, 1, bad, `"2025-11-20"|2025-11-20/34`},
		{"a Triad in period 49", head + vat + with(triads, "2025-11-20/34", "2025-11-20/49"), 11, 1, settlement.ErrPeriod, `"49"|1 to 48`},
		{"a Triad on no day", head + vat + with(triads, "2025-11-20/34", "2025-11-31/34"), 11, 1, settlement.ErrDay, `"2025-11-31"`},
		{"Triads without year", head + vat + with(triads, "year = 2025-04-01\n", ""), 9, 3, bad, `"year"|missing`},
		{"Triads without source", head + vat + with(triads, "source = \"N\"\n", ""), 9, 3, bad, `"source"|missing`},
		{"Triads without status", head + vat + with(triads, "confirmed", "known"), 12, 1, bad, `"known"`},
		{"Triads of a year twice", head + vat + triads + with(triads, "2025-04-01", "2026-03-31"), 15, 1, bad, `"2026-03-31"|2025-04-01|once`},
		{"unknown key of Triads", head + vat + with(triads, "year", "day = 1\nyear"), 10, 1, bad, `"day"|year, at`},
		{"key twice", head + with(rate, "to =", "from = 2025-01-01\nto ="), 6, 1, bad, "from"},
		{"syntax", head + "[[rate]\n", 3, 7, bad, "not TOML"},
		{"string not closed", head + "description = \"x\n", 3, 17, bad, "not TOML"},
		{"nested too deeply", head + "a = [[[[[[[[[[[]]]]]]]]]]]\n", 3, 1, bad, "nested too deeply"},
		{"key too long", head + strings.Repeat("a.", 1000) + "a = 1\n", 3, 17, bad, "nested too deeply"},
		{"too many keys", head + vat + "[window]\n" + manyKeys(), 1010, 1, bad, "too many keys"},
		{"too many windows", head + vat + "[window]\n" + manyKeys()[:11*300], 9, 2, bad, "at most 256"},
		{"too large", head + vat + strings.Repeat("# a comment\n", 100_000), 0, 0, bad, "1 MiB|split it"},
		{"too many rates", head + strings.Repeat("[[rate]]\n", 10_001), 3, 3, bad, "10000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := toml.ParseTariff("t.toml", []byte(c.text))
			if got != nil {
				t.Errorf("%+v", got)
			}
			expect(t, err, mistake{c.line, c.column, c.err, c.words})
		})
	}
}

// manyKeys are 1,001 lines of windows, each of 11 bytes.
func manyKeys() string {
	var b strings.Builder
	for i := range 1001 {
		fmt.Fprintf(&b, "w%04d = []\n", i)
	}
	return b.String()
}

func factor(name, value string) string {
	return "[[factor]]\nfactor = \"" + name + "\"\nfrom = 2024-04-01\nvalue = " + value + "\nstatus = \"assumed\"\nsource = \"F\"\n"
}

// What only a span and a class can show is located as well: the rates carry
// their places.
func TestCompileMistakesHavePlaces(t *testing.T) {
	span := settlement.Days(day(t, "2024-04-01"), day(t, "2025-04-01"))
	for _, c := range []struct {
		name, text   string
		line, column int
		err          error
		words        string
	}{
		{"gap in days", head + with(rate, "to = 2025-04-01", "to = 2024-10-01") + vat, 3, 3, tariffs.ErrGap, "ccl|2024-10-01"},
		{"gap in the clock", head + "[window]\nday = [\"07:00-24:00\"]\n" + with(rate, "to =", "window = \"day\"\nto =") + vat, 5, 3, tariffs.ErrGap, "ccl|00:00|otherwise"},
		{"overlap", head + rate + with(rate, "2024-04-01", "2025-03-01") + vat, 10, 3, tariffs.ErrOverlap, "ccl|t.toml:3:3|2025-03-01"},
		{"two windows for one half-hour", head + "[window]\na = [\"00:00-13:00\"]\nb = [\"12:00-24:00\"]\n" +
			with(rate, "to =", "window = \"a\"\nto =") + with(rate, "to =", "window = \"b\"\nto =") + vat, 14, 3, tariffs.ErrTwice, "ccl|12:00"},
		{"wrong basis", head + with(rate, "p/kWh", "p/day") + vat, 3, 3, tariffs.ErrBasis, "ccl|kWh"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tariff, err := toml.ParseTariff("t.toml", []byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			_, err = tariff.Compile(span, &tariffs.Supply{Terms: []tariffs.Terms{{LLFC: "127"}}})
			expect(t, err, mistake{c.line, c.column, c.err, c.words})
		})
	}
}

func TestSupplyMistakes(t *testing.T) {
	// 1 version  2 mpan  3 distributor  4 llfc  5 gsp_group  6 [[capacity]]  7 from  8 kva
	const good = "version = 1\nmpan = \"1400000000001\"\ndistributor = \"14\"\nllfc = \"127\"\ngsp_group = \"_E\"\n[[capacity]]\nfrom = 2024-01-01\nkva = \"70\"\n"
	s, err := toml.ParseSupply("s.toml", []byte(good))
	if err != nil || s.Pos.Line != 2 || s.Terms[0].LLFC != "127" || len(s.Capacity) != 1 {
		t.Fatal(s, err)
	}
	bad := tariffs.ErrSupply
	for _, c := range []struct {
		name, text   string
		line, column int
		err          error
		words        string
	}{
		{"wrong check digit", with(good, "0001", "0002"), 2, 1, settlement.ErrCheckDigit, "check digit 1"},
		{"mpan a number", with(good, `"1400000000001"`, "1400000000001"), 2, 1, bad, "as a string"},
		{"long mpan", with(good, "140", "00801127140"), 2, 1, settlement.ErrMPAN, "last 13"},
		{"no mpan", with(good, "mpan = \"1400000000001\"\n", ""), 0, 0, bad, `"mpan"|missing`},
		{"distributor", with(good, `"14"`, `"9"`), 3, 1, settlement.ErrDistributor, "two digits"},
		{"llfc a number", with(good, `"127"`, "127"), 4, 1, bad, `llfc = "127"`},
		{"llfc in two lines", with(good, `"127"`, `"12\n7"`), 4, 1, bad, "one line"},
		{"llfc too long", with(good, `"127"`, `"12345678901"`), 4, 1, bad, "1 to 10 characters"},
		{"band turned round", with(good, "mpan", "tnuos_band = \"HV\\u202e2\"\nmpan"), 2, 1, bad, "one line"},
		{"band too long", with(good, "mpan", "tnuos_band = \"123456789012345678901\"\nmpan"), 2, 1, bad, "1 to 20 characters"},
		{"a change to a long class", good + "[[change]]\nfrom = 2025-01-01\nllfc = \"12345678901\"\n", 11, 1, bad, "1 to 10 characters"},
		{"name in two lines", with(good, "mpan", "name = \"a\\nb\"\nmpan"), 2, 1, bad, "one line"},
		{"gsp group", with(good, "_E", "_I"), 5, 1, settlement.ErrGSPGroup, "_I"},
		{"no gsp group", with(good, "gsp_group = \"_E\"\n", ""), 0, 0, bad, `"gsp_group"|missing`},
		{"unknown key", with(good, "gsp_group", "gsp-group = 1\ngsp_group"), 5, 1, bad, `"gsp-group"|unknown key`},
		{"unknown key of capacity", good + "kw = 3\n", 9, 1, bad, `"kw"|from, kva`},
		{"kva a float", with(good, `"70"`, "70.5"), 8, 1, bad, `kva = "70"`},
		{"kva with a unit", with(good, `"70"`, `"70 kVA"`), 8, 1, tariffs.ErrPrice, "70 kVA"},
		{"kva negative", with(good, `"70"`, `"-70"`), 8, 1, bad, "-70"},
		{"kva too fine", with(good, `"70"`, `"70.0001"`), 8, 1, bad, "3 decimals"},
		{"capacities out of order", good + "[[capacity]]\nfrom = 2023-01-01\nkva = \"60\"\n", 10, 1, bad, "order of date"},
		{"capacity a number", with(good, "[[capacity]]\nfrom = 2024-01-01\nkva = \"70\"\n", "capacity = 70\n"), 6, 1, bad, "[[capacity]]"},
		{"direction", with(good, "mpan", "direction = \"both\"\nmpan"), 2, 1, bad, `"both"|"import" or "export"`},
		{"since in quotes", with(good, "mpan", "since = \"2025-05-01\"\nmpan"), 2, 1, bad, "without quotes"},
		{"related to itself", with(good, "mpan", "related = [\"1400000000001\"]\nmpan"), 2, 1, bad, "1400000000001|another"},
		{"related twice", with(good, "mpan", "related = [\"1400000000118\", \"1400000000118\"]\nmpan"), 2, 1, bad, "1400000000118|once"},
		{"related not an MPAN", with(good, "mpan", "related = [\"1400000000119\"]\nmpan"), 2, 1, settlement.ErrCheckDigit, "1400000000119"},
		{"related a string", with(good, "mpan", "related = \"1400000000118\"\nmpan"), 2, 1, bad, "list of strings"},
		{"too many related", with(good, "mpan", "related = ["+strings.Repeat(`"1400000000118",`, 101)+"]\nmpan"), 2, 1, bad, "at most 100"},
		{"band a number", with(good, "mpan", "tnuos_band = 2\nmpan"), 2, 1, bad, `tnuos_band = "HV2"`},
		{"share without %", with(good, "mpan", "eii_exempt = \"85\"\nmpan"), 2, 1, bad, `"85"|eii_exempt = "85 %"`},
		{"share a number", with(good, "mpan", "eii_exempt = 0.85\nmpan"), 2, 1, bad, `eii_exempt = "85 %"`},
		{"share too large", with(good, "mpan", "qualifying = \"100.1 %\"\nmpan"), 2, 1, bad, "0 to 100"},
		{"share negative", with(good, "mpan", "qualifying = \"-1 %\"\nmpan"), 2, 1, bad, "0 to 100"},
		{"share too fine", with(good, "mpan", "qualifying = \"33.33 %\"\nmpan"), 2, 1, bad, "at most 1 decimal"},
		{"share of another unit", with(good, "mpan", "qualifying = \"1 p/kWh\"\nmpan"), 2, 1, bad, `qualifying = "40 %"`},
		{"half a relief", with(good, "mpan", "ccl_relief = \"92 %\"\nmpan"), 2, 1, bad, "both"},
		{"half a relief taken back", with(good, "mpan", "ccl_share = \"80 %\"\nccl_relief = \"92 %\"\nmpan") + change("ccl_share = \"0 %\""), 13, 1, bad, "both"},
		{"change without a day", good + "[[change]]\nllfc = \"129\"\n", 9, 3, bad, `"from"|missing`},
		{"change of nothing", good + change(""), 9, 3, bad, `llfc = "129"`},
		{"change of what cannot", good + change("gsp_group = \"_E\"\nllfc = \"129\""), 11, 1, bad, `"gsp_group"|llfc, tnuos_band`},
		{"change out of order", good + change(`llfc = "129"`) + with(change(`llfc = "130"`), "2025-10-01", "2025-09-30"), 13, 1, bad, "2025-09-30|order of date"},
		{"change to a number", good + change("llfc = 129"), 11, 1, bad, `llfc = "127"`},
		{"change a table", good + "[change]\nfrom = 2025-10-01\n", 9, 2, bad, "[[change]]"},
		{"Triad without demand", good + with(demand, "kw = \"840.0\"\n", ""), 9, 3, bad, `"kw"|missing`},
		{"Triad demand negative", good + with(demand, "840.0", "-1"), 11, 1, bad, "-1|kW"},
		{"Triad demand too fine", good + with(demand, "840.0", "840.0001"), 11, 1, bad, "3 decimals"},
		{"Triad LLF", good + with(demand, "1.056", "0"), 12, 1, bad, "LLF"},
		{"Triad LLF a number", good + with(demand, `"1.056"`, "1.056"), 12, 1, bad, `llf = "1.056"`},
		{"Triad in summer", good + with(demand, "2025-11-20", "2025-06-20"), 10, 1, bad, "November to February"},
		{"Triad a date", good + with(demand, `"2025-11-20/34"`, "2025-11-20"), 10, 1, bad, `at = "2025-11-20/34"`},
		{"Triad twice", good + demand + demand, 14, 1, bad, "2025-11-20/34|once"},
		{"unknown key of a Triad", good + with(demand, "llf", "LLF"), 12, 1, bad, `"LLF"|at, kw, llf`},
		{"name a list", with(good, "mpan", "name = []\nmpan"), 2, 1, bad, "name"},
		{"version 3", with(good, "1", "3"), 1, 1, bad, "version 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := toml.ParseSupply("s.toml", []byte(c.text))
			if got != nil {
				t.Errorf("%+v", got)
			}
			expect(t, err, mistake{c.line, c.column, c.err, c.words})
		})
	}
}

// demand is a supply's demand in a Triad, of four lines.
const demand = "[[triad]]\nat = \"2025-11-20/34\"\nkw = \"840.0\"\nllf = \"1.056\"\n"

// change is a change of terms, of three lines.
func change(line string) string { return "[[change]]\nfrom = 2025-10-01\n" + line + "\n" }

func TestErrorsAreGatheredInOrder(t *testing.T) {
	text := head + with(with(rate, "ccl", "climate"), "p/kWh", "p/therm") + "[window]\nred = []\n"
	_, err := toml.ParseTariff("t.toml", []byte(text))
	expect(t, err, mistake{4, 1, tariffs.ErrItem, "climate"}, mistake{7, 1, tariffs.ErrUnit, "therm"}, mistake{11, 1, tariffs.ErrTariff, "red"})

	_, err = toml.ParseTariff("t.toml", []byte(head+strings.Repeat("[[rate]]\n", 50)))
	if n := len(flat(t, err)); n != 20 {
		t.Errorf("%d errors, want 20", n)
	}
}

func FuzzParseTariff(f *testing.F) {
	f.Add(read(f, lvTariff))
	f.Add([]byte(head + rate + factor("LLF", `"1.08"`)))
	f.Add([]byte(head + percent + vat + triads + "[conventions]\nde_minimis = false\n"))
	f.Add([]byte("version = 1\nrate = [{item = \"vat\"}, {a.\"b.c\" = [[{}]]}]\n[window.x]\n[[window.x.y]]\n"))
	f.Add([]byte("[[a]]\n[[a.b]]\n[a.b.c]\nd = 2024-02-30\r\n'' = 1"))
	from := day(f, "2024-10-24") // a week with the long day: a year would take most of the time
	span := settlement.Days(from, from+7)
	f.Fuzz(func(t *testing.T, b []byte) {
		tariff, err := toml.ParseTariff("t.toml", b)
		if (tariff == nil) != (err != nil) {
			t.Fatal("a tariff or an error, not both")
		}
		if err != nil {
			checkPlaces(t, err, b)
			return
		}
		tariff.Compile(span, &tariffs.Supply{Terms: []tariffs.Terms{{LLFC: "127"}}}) // any result, no panic
	})
}

func FuzzParseSupply(f *testing.F) {
	f.Add(read(f, lvSupply))
	f.Add(append(read(f, hvSupply), demand+change("ccl_share = \"80 %\"\nccl_relief = \"92 %\"")...))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := toml.ParseSupply("s.toml", b)
		if (s == nil) != (err != nil) {
			t.Fatal("a supply or an error, not both")
		}
		if err != nil {
			checkPlaces(t, err, b)
		}
	})
}

// checkPlaces sees to it that every error stands inside the file.
func checkPlaces(t *testing.T, err error, b []byte) {
	t.Helper()
	lines := strings.Split(string(b), "\n")
	for _, e := range flat(t, err) {
		if e.Pos.Line > len(lines) || e.Pos.Line > 0 && e.Pos.Column > len(lines[e.Pos.Line-1])+1 || e.Pos.Line > 0 && e.Pos.Column < 1 {
			t.Fatalf("no such place: %v", e)
		}
	}
}

// Some editors begin a file with a byte-order mark. It is not part of it: not
// of the columns either. Elsewhere it is a character like any other.
func TestByteOrderMark(t *testing.T) {
	const mark = "\ufeff"
	if got, err := toml.ParseTariff("t.toml", []byte(mark+head+vat)); err != nil || got.Name != "T" {
		t.Error(got, err)
	}
	_, err := toml.ParseTariff("t.toml", []byte(mark+with(head, "1", "2")+vat))
	expect(t, err, mistake{1, 1, tariffs.ErrTariff, `version 1`})
	_, err = toml.ParseTariff("t.toml", []byte(mark+mark+head+vat))
	expect(t, err, mistake{1, 1, tariffs.ErrTariff, "not TOML"})
}
