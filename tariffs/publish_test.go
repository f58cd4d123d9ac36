package tariffs

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// entry is a rate of a book or of a tariff in a few words.
func entry(t *testing.T, file string, line int, price_, from, to, window string, items ...Item) Rate {
	t.Helper()
	r := Rate{Items: items, Price: price(t, price_), Status: Confirmed, Source: file, Pos: series.Pos{Source: file, Line: line}}
	r.When = When{From: day(t, from), Window: window}
	if to != "" {
		r.When.To = day(t, to)
	}
	return r
}

// book has two years of DUoS for two classes, VAT, RO of the first year and
// losses.
func book(t *testing.T) *Tariff {
	t.Helper()
	b := &Tariff{Name: "book", Windows: []Window{window(t, "red", "mon-fri 16:00-19:00"), window(t, "unused", "sat")}}
	duos := func(line int, llfc, price, from, to, window string, items ...Item) {
		r := entry(t, "book", line, price, from, to, window, items...)
		r.When.LLFCs = []string{llfc}
		b.Rates = append(b.Rates, r)
	}
	duos(1, "101", "1 p/kWh", "2025-04-01", "2026-04-01", "red", DUoSRed)
	duos(2, "101", "2 p/kWh", "2026-04-01", "2027-04-01", "red", DUoSRed)
	duos(3, "101", "0.1 p/kWh", "2025-04-01", "2027-04-01", Otherwise, DUoSRed, DUoSGreen)
	duos(4, "102", "9 p/kWh", "2025-04-01", "2027-04-01", "", DUoSRed)
	b.Rates = append(b.Rates,
		entry(t, "book", 5, "33.06058 GBP/MWh", "2025-04-01", "2026-04-01", "", RO),
		entry(t, "book", 6, "20 %", "2011-01-04", "", "", VAT))
	b.Factors = []Factor{{Line: series.LLF, Value: decimal.New(1056, -3), When: When{From: day(t, "2025-04-01"), Window: "red"}, Status: Confirmed, Pos: series.Pos{Source: "book", Line: 7}},
		{Line: series.LLF, Value: decimal.New(1036, -3), When: When{From: day(t, "2025-04-01"), Window: Otherwise}, Status: Confirmed, Pos: series.Pos{Source: "book", Line: 8}}}
	b.Triads = []Triads{{Year: day(t, "2024-04-01"), Source: "book"}, {Year: day(t, "2025-04-01"), Source: "book"}}
	return b
}

func TestPublish(t *testing.T) {
	supplier := &Tariff{Name: "T", Windows: []Window{window(t, "night", "23:00-07:00")}, Conventions: Conventions{VATDown: true}}
	pass := entry(t, "tariff", 1, "published", "2026-01-01", "2026-07-01", "", DUoSRed, VAT)
	pass.Status = Contract
	supplier.Rates = []Rate{pass, entry(t, "tariff", 2, "7.1 p/kWh", "2026-01-01", "", "", EnergyUnit)}
	supplier.Factors = []Factor{{Line: series.LLF, Published: true, When: When{From: day(t, "2026-01-01"), LLFCs: []string{"101"}}}}
	supplier.Triads = []Triads{{Year: day(t, "2026-03-31"), Source: "own"}}
	got, err := supplier.Publish(book(t))
	if err != nil {
		t.Fatal(err)
	}
	var text []string
	for _, r := range got.Rates {
		text = append(text, strings.Join([]string{r.Pos.String(), r.Items[0].String(), r.Price.String(), r.When.From.String(), r.When.To.String(), r.When.Window, r.Status.String()}, " "))
	}
	want := []string{
		"book:1 duos-red 1 p/kWh 2026-01-01 2026-04-01 red confirmed",
		"book:2 duos-red 2 p/kWh 2026-04-01 2026-07-01 red confirmed",
		"book:3 duos-red 0.1 p/kWh 2026-01-01 2026-07-01 otherwise confirmed",
		"book:4 duos-red 9 p/kWh 2026-01-01 2026-07-01  confirmed",
		"book:6 vat 20 % 2026-01-01 2026-07-01  confirmed",
		"tariff:2 energy-unit 7.1 p/kWh 2026-01-01 no day  confirmed",
	}
	if !slices.Equal(text, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(text, "\n"), strings.Join(want, "\n"))
	}
	if len(got.Rates[2].Items) != 1 {
		t.Errorf("green was not asked for: %v", got.Rates[2].Items)
	}
	if len(got.Windows) != 2 || got.Windows[0].Name != "night" || got.Windows[1].Name != "red" {
		t.Errorf("windows %v", got.Windows)
	}
	if len(got.Factors) != 2 || got.Factors[0].Published || got.Factors[0].When.From != day(t, "2026-01-01") || got.Factors[0].When.LLFCs[0] != "101" || got.Factors[1].Pos.Line != 8 {
		t.Errorf("factors %+v", got.Factors)
	}
	if len(got.Triads) != 2 || got.Triads[0].Source != "own" || got.Triads[1].Year != day(t, "2024-04-01") {
		t.Errorf("triads %+v", got.Triads)
	}
	if got.Name != "T" || !got.Conventions.VATDown {
		t.Errorf("%+v", got)
	}
	if len(supplier.Rates) != 2 || !supplier.Rates[0].Price.Published || len(supplier.Windows) != 1 || !supplier.Factors[0].Published || len(supplier.Triads) != 1 {
		t.Errorf("the tariff was changed: %+v", supplier)
	}
	if err := compileError(got, t, "2026-01-01", "2026-07-01", "101"); err != nil {
		t.Error(err)
	}
}

// compileError is what Compile says of a tariff for a class.
func compileError(tariff *Tariff, t *testing.T, from, to, llfc string) error {
	t.Helper()
	_, err := tariff.Compile(span(t, from, to), testSupply(t, llfc))
	return err
}

func TestPublishCutsClassesAndBands(t *testing.T) {
	b := &Tariff{}
	for i, band := range []string{"HV1", "HV2"} {
		r := entry(t, "book", i+1, "10 GBP/day", "2025-04-01", "", "", TNUoSResidual)
		r.When.Bands = []string{band}
		b.Rates = append(b.Rates, r)
	}
	pass := entry(t, "tariff", 1, "published", "2025-04-01", "", "", TNUoSResidual)
	pass.When.Bands, pass.When.LLFCs = []string{"HV2", "HV3"}, []string{"H02"}
	got, err := (&Tariff{Rates: []Rate{pass}}).Publish(b)
	if err != nil || len(got.Rates) != 1 {
		t.Fatal(got, err)
	}
	if w := got.Rates[0].When; !slices.Equal(w.Bands, []string{"HV2"}) || !slices.Equal(w.LLFCs, []string{"H02"}) || got.Rates[0].Pos.Line != 2 {
		t.Errorf("%+v", got.Rates[0])
	}
}

// A day the book leaves out is a gap of the bill, not of the tariff.
func TestPublishLeavesGapsToCompile(t *testing.T) {
	pass := entry(t, "tariff", 1, "published", "2025-04-01", "", "", RO, VAT)
	got, err := (&Tariff{Rates: []Rate{pass}}).Publish(book(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := compileError(got, t, "2026-03-01", "2026-04-01", "101"); err != nil {
		t.Error(err)
	}
	err = compileError(got, t, "2026-03-01", "2026-04-02", "101")
	var te *Error
	if !errors.As(err, &te) || te.Err != ErrGap || te.Pos.Source != "tariff" || te.Pos.Line != 1 || te.Value != "2026-04-01" {
		t.Error(err)
	}
}

func TestPublishErrors(t *testing.T) {
	pass := func(window string, items ...Item) Rate {
		return entry(t, "tariff", 4, "published", "2025-04-01", "", window, items...)
	}
	future := pass("", RO)
	future.When.From = day(t, "2026-04-01")
	measured := pass("", RO)
	measured.At = "GSP"
	ownRed := []Window{window(t, "red", "mon-fri 16:30-19:00")}
	factor := func(line series.Line, window string) []Factor {
		return []Factor{{Line: line, Published: true, When: When{Window: window}, Pos: series.Pos{Source: "tariff", Line: 4}}}
	}
	lost := book(t)
	lost.Windows = nil
	for _, c := range []struct {
		name   string
		tariff Tariff
		book   *Tariff
		want   error
		says   string
	}{
		{"no rate of the item", Tariff{Rates: []Rate{pass("", RO, CapacityMarket)}}, book(t), ErrGap, "capacity-market: rate gap|no published rate|state the supplier's own"},
		{"no rate in the time", Tariff{Rates: []Rate{future}}, book(t), ErrGap, "ro: rate gap|from 2026-04-01 on"},
		{"a window", Tariff{Rates: []Rate{pass("red", DUoSRed)}, Windows: ownRed}, book(t), ErrWindow, "leave the window out"},
		{"measured elsewhere", Tariff{Rates: []Rate{measured}}, book(t), ErrTariff, "leave at, of and reduced out"},
		{"two windows of a name", Tariff{Rates: []Rate{pass("", DUoSRed)}, Windows: ownRed}, book(t), ErrWindow, `"mon-fri 16:00-19:00"|"mon-fri 16:30-19:00"|another name`},
		{"window not in the book", Tariff{Rates: []Rate{pass("", DUoSRed)}}, lost, ErrWindow, "define it there"},
		{"no factor", Tariff{Factors: factor(series.TLM, "")}, book(t), ErrGap, "TLM: rate gap|no published factor for any day"},
		{"factor with a window", Tariff{Factors: factor(series.LLF, "red")}, book(t), ErrWindow, "leave the window out"},
		{"factor's window", Tariff{Factors: factor(series.LLF, ""), Windows: ownRed}, book(t), ErrWindow, "another name"},
	} {
		got, err := c.tariff.Publish(c.book)
		var te *Error
		if got != nil || !errors.Is(err, c.want) || !errors.As(err, &te) || te.Pos.Source != "tariff" || te.Pos.Line != 4 {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for word := range strings.SplitSeq(c.says, "|") {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%s: want %q in %v", c.name, word, err)
			}
		}
	}
	same := Tariff{Rates: []Rate{pass("", DUoSRed)}, Windows: []Window{window(t, "red", "mon-fri 16:00-19:00")}}
	if got, err := same.Publish(book(t)); err != nil || len(got.Windows) != 1 {
		t.Error("a window defined alike is one window:", err)
	}
}

func TestCompileRefusesWhatIsNotPublished(t *testing.T) {
	vat := entry(t, "tariff", 9, "20 %", "2011-01-04", "", "", VAT)
	at := series.Pos{Source: "tariff", Line: 4}
	for _, tariff := range []*Tariff{
		{Rates: []Rate{vat, entry(t, "tariff", 4, "published", "2025-04-01", "", "", RO)}},
		{Rates: []Rate{vat}, Factors: []Factor{{Line: series.LLF, Published: true, When: When{From: settlement.MinDay}, Pos: at}}},
	} {
		err := compileError(tariff, t, "2026-03-01", "2026-04-01", "101")
		var te *Error
		if !errors.As(err, &te) || te.Err != ErrPrice || te.Pos != at || !strings.Contains(te.Want, "give the book (Tariff.Publish)") {
			t.Error(err)
		}
	}
}

// What is wrong with the days that a published rate leaves out, or shares, is
// told at the tariff's rate: nobody can put right a line of the book.
func TestPublishedPlaces(t *testing.T) {
	pass := func(line int, from, to string, items ...Item) Rate {
		return entry(t, "tariff", line, "published", from, to, "", items...)
	}
	vat, own := entry(t, "tariff", 9, "20 %", "2011-01-04", "", "", VAT), entry(t, "tariff", 2, "3 p/kWh", "2026-01-01", "", "", RO)
	banded := book(t)
	for i, band := range []string{"HV1", "HV2"} {
		r := entry(t, "book", 20+i, "10 GBP/day", "2025-04-01", "", "", TNUoSResidual)
		r.When.Bands = []string{band}
		banded.Rates = append(banded.Rates, r)
	}
	twice := book(t)
	twice.Rates = append(twice.Rates, entry(t, "book", 30, "1 p/kWh", "2026-01-01", "", "", RO))
	same := own
	same.When.From = day(t, "2025-04-01")
	red := entry(t, "tariff", 2, "3 p/kWh", "2026-01-01", "", "night", DUoSRed)
	for _, c := range []struct {
		name  string
		rates []Rate
		book  *Tariff
		llfc  string
		want  error
		line  int
		says  string
	}{
		{"no class", []Rate{pass(1, "2025-04-01", "", DUoSRed)}, book(t), "ZZZ", ErrGap, 1, "no rate of this item is for LLFC ZZZ (its classes are 101, 102), so none holds"},
		{"no band", []Rate{pass(1, "2025-04-01", "", TNUoSResidual)}, banded, "101", ErrGap, 1, "(HV1, HV2)|the supply states none|tnuos_band"},
		{"not from the first", []Rate{pass(1, "2026-01-02", "", RO)}, book(t), "101", ErrGap, 1, "no figure for LLFC 101 holds on this day"},
		{"then the tariff's own", []Rate{pass(1, "2025-04-01", "", RO), own}, book(t), "101", ErrOverlap, 2, "tariff:1 holds|set its to = 2026-01-01"},
		{"the tariff's own first", []Rate{own, pass(1, "2025-04-01", "", RO)}, book(t), "101", ErrOverlap, 1, "tariff:2 holds|set to = 2026-01-01 here"},
		{"both from one day", []Rate{pass(1, "2025-04-01", "", RO), same}, book(t), "101", ErrOverlap, 2, "tariff:1 holds|drop one of the two, or date them apart"},
		{"the book has two", []Rate{pass(1, "2025-04-01", "", RO)}, twice, "101", ErrOverlap, 1, "book:5 holds|both are the book's (the other at book:30)"},
		{"windows", []Rate{pass(1, "2025-04-01", "", DUoSRed), red}, book(t), "102", ErrTwice, 2, "tariff:1 covers|not at both"},
	} {
		got, err := (&Tariff{Rates: append(c.rates, vat), Windows: []Window{window(t, "night", "23:00-07:00")}}).Publish(c.book)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		err = compileError(got, t, "2026-01-01", "2026-01-02", c.llfc)
		var te *Error
		if !errors.As(err, &te) || te.Err != c.want || te.Pos != (series.Pos{Source: "tariff", Line: c.line}) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for word := range strings.SplitSeq(c.says, "|") {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%s: want %q in %v", c.name, word, err)
			}
		}
	}
}

// TestSharesLeaveTooManyDecimals: of the levy, the supply's shares may leave a
// figure that cannot be held, and then it is they that are named.
func TestSharesLeaveTooManyDecimals(t *testing.T) {
	sup := testSupply(t, "101")
	sup.Terms = []Terms{sup.Terms[0]}
	sup.Terms[0].CCLShare, sup.Terms[0].CCLRelief, sup.Terms[0].Qualifying = dec("0.801"), dec("0.921"), dec("0.333")
	if err := sup.Validate(); err != nil {
		t.Fatal(err)
	}
	tariff := &Tariff{Rates: []Rate{rate(t, VAT, "20 %"), rate(t, CCL, "0.775 p/kWh")}}
	_, err := tariff.Compile(span(t, "2026-01-01", "2026-01-02"), sup)
	if !errors.Is(err, ErrPrice) || !strings.Contains(err.Error(), "ccl_share, ccl_relief, qualifying") || !strings.Contains(err.Error(), "up to £1000;") {
		t.Error(err)
	}
}
