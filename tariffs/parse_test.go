package tariffs

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/settlement"
)

func TestParseFigure(t *testing.T) {
	for _, s := range []string{"0", "4.331", "-3.2", "999999999.9999999999", "0.0000000001", "007", "-0"} {
		if d, err := ParseFigure(s); err != nil || !d.Equal(decimal.RequireFromString(s)) {
			t.Errorf("%q: %s, %v", s, d, err)
		}
	}
	for _, s := range []string{"", "-", "+1", "1e3", "1E-3", ".5", "1.", "--1", "1-", "1.2.3", "1,000", " 1", "1 ", "1_000", "٣", "１", "−1", "NaN", "Inf", "0x1", "½",
		"1234567890", "0.12345678901", "0000000001", "1\x00", "£1"} {
		if d, err := ParseFigure(s); !errors.Is(err, ErrPrice) {
			t.Errorf("%q: %s, %v", s, d, err)
		}
	}
}

func TestParsePrice(t *testing.T) {
	for in, want := range map[string]struct {
		gbp   string
		basis Basis
	}{
		"4.331 p/kWh": {"0.04331", PerKWh}, "0.00775 GBP/kWh": {"0.00775", PerKWh}, "15.69 GBP/MWh": {"0.01569", PerKWh}, "15.69 £/MWh": {"0.01569", PerKWh},
		"1096.97 p/MPAN/day": {"10.9697", PerDay}, "62.799637 GBP/site/day": {"62.799637", PerDay}, "-1 p/day": {"-0.01", PerDay}, "1 £/day": {"1", PerDay},
		"9.50 p/kVA/day": {"0.095", PerKVADay}, "1 GBP/kVA/day": {"1", PerKVADay}, "10 GBP/month": {"10", PerMonth}, "540 £/year": {"540", PerYear}, "17.5 %": {"0.175", Percent},
	} {
		p, err := ParsePrice(in)
		if err != nil || !p.GBP.Equal(decimal.RequireFromString(want.gbp)) || p.Basis != want.basis {
			t.Errorf("%q: %s of %s, %v", in, p.GBP, p.Basis, err)
		}
	}
	if p, err := ParsePrice("published"); err != nil || !p.Published || p.Basis != 0 || p.String() != "published" {
		t.Errorf("%+v, %v", p, err)
	}
	for in, want := range map[string]error{
		"": ErrPrice, "4.331": ErrPrice, "4.331p/kWh": ErrPrice, "p/kWh 4": ErrPrice, "1e3 p/kWh": ErrPrice, "+1 p/kWh": ErrPrice, "٣ p/kWh": ErrPrice, " 1 p/kWh": ErrPrice,
		"1 ": ErrUnit, "1  p/kWh": ErrUnit, "1 p/KWH": ErrUnit, "1 p/kwh": ErrUnit, "1 EUR/MWh": ErrUnit, "1 ££/MWh": ErrUnit, "1 p/kWh ": ErrUnit, "1 p": ErrUnit, "1 p/month": ErrUnit, "Published": ErrPrice, "published p/kWh": ErrPrice, "published ": ErrPrice,
	} {
		if _, err := ParsePrice(in); !errors.Is(err, want) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

// clockOf is the period at a time of the clock.
func clockOf(t *testing.T, s string) settlement.Period {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", s, london)
	if err != nil {
		t.Fatal(err)
	}
	p, err := settlement.PeriodAt(at)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestParseWindow(t *testing.T) {
	for _, c := range []struct {
		clauses []string
		in, out []string
	}{
		{[]string{"23:00-07:00"}, []string{"2026-06-15 23:00", "2026-06-15 00:00", "2026-06-15 06:30"}, []string{"2026-06-15 07:00", "2026-06-15 22:30"}},
		{[]string{"nov-feb mon-fri 16:00-19:00 19:30-20:00"}, []string{"2026-11-02 16:00", "2026-12-25 18:30", "2026-02-27 19:30", "2026-01-01 16:00"},
			[]string{"2026-11-02 19:00", "2026-11-01 16:00", "2026-03-02 16:00", "2026-10-30 16:00", "2026-11-02 15:30", "2026-11-02 20:00"}},
		{[]string{"working-days"}, []string{"2026-06-15 00:00", "2026-12-24 23:30"}, []string{"2026-12-25 12:00", "2026-12-28 12:00", "2026-06-13 12:00", "2026-04-06 12:00"}},
		{[]string{"bank-holidays 08:00-24:00"}, []string{"2026-12-25 08:00", "2026-12-28 23:30"}, []string{"2026-12-25 07:30", "2026-12-26 12:00"}},
		{[]string{"working-days", "sat,sun", "bank-holidays"}, []string{"2026-12-25 08:00", "2026-12-26 12:00", "2026-06-15 12:00"}, nil},
		{[]string{"mon-fri 22:00-06:00"}, []string{"2026-06-15 02:00", "2026-06-19 23:00"}, []string{"2026-06-20 02:00", "2026-06-14 23:00"}},
		{[]string{"fri-mon 00:00-24:00"}, []string{"2026-06-12 00:00", "2026-06-15 23:30"}, []string{"2026-06-16 00:00", "2026-06-18 23:30"}},
		{[]string{"jun,jul sat,sun 00:00-00:30"}, []string{"2026-06-13 00:00"}, []string{"2026-06-13 00:30", "2026-06-12 00:00", "2026-08-01 00:00"}},
		{[]string{"23:30-00:00"}, []string{"2026-06-13 23:30"}, []string{"2026-06-13 00:00", "2026-06-13 23:00"}},
		{[]string{"22dec-4jan"}, []string{"2025-12-22 00:00", "2025-12-31 23:30", "2026-01-01 00:00", "2026-01-04 23:30"}, []string{"2025-12-21 23:30", "2026-01-05 00:00", "2026-06-13 12:00"}},
		{[]string{"25dec 08:00-09:00"}, []string{"2025-12-25 08:30", "2026-12-25 08:00"}, []string{"2025-12-25 09:00", "2025-12-24 08:00", "2025-11-25 08:00"}},
		{[]string{"nov-feb mon-fri 17:00-19:00 except 22dec-4jan"}, []string{"2025-11-03 17:00", "2025-12-19 18:30", "2026-01-05 17:00", "2026-02-27 18:30"},
			[]string{"2025-12-22 17:00", "2025-12-25 17:00", "2026-01-02 18:30", "2026-01-05 19:00", "2025-12-20 17:00", "2025-10-31 17:00"}},
		{[]string{"28feb-01mar"}, []string{"2024-02-28 12:00", "2024-02-29 12:00", "2024-03-01 12:00", "2025-02-28 12:00", "2025-03-01 12:00"}, []string{"2024-02-27 12:00", "2024-03-02 12:00"}},
		{[]string{"29feb"}, []string{"2024-02-29 12:00"}, []string{"2025-02-28 12:00", "2025-03-01 12:00"}},
		{[]string{"except 29feb"}, []string{"2024-02-28 12:00", "2025-03-01 12:00"}, []string{"2024-02-29 12:00"}},
		{[]string{"15jan-14jan"}, []string{"2026-01-15 00:00", "2026-01-14 23:30", "2026-07-01 12:00"}, nil},
		{[]string{"jun 15may-10jun", "11jun-30jun"}, []string{"2026-06-01 12:00", "2026-06-10 12:00", "2026-06-11 12:00"}, []string{"2026-05-31 12:00", "2026-07-01 12:00"}},
		{[]string{"dec,jan except 22dec-4jan 16:00-19:00", "22dec-4jan"}, []string{"2026-01-05 16:00", "2026-01-04 03:00"}, []string{"2026-01-05 03:00"}},
	} {
		w := window(t, "w", c.clauses...)
		for _, s := range c.in {
			if !w.Covers(clockOf(t, s)) {
				t.Errorf("%q does not hold %s", c.clauses, s)
			}
		}
		for _, s := range c.out {
			if w.Covers(clockOf(t, s)) {
				t.Errorf("%q holds %s", c.clauses, s)
			}
		}
	}
	for _, c := range []struct {
		name    string
		clauses []string
		want    error
	}{
		{"w", []string{"16:00-19:00", "18:30-20:00"}, ErrTwice},
		{"w", []string{"16:00-19:00 18:30-20:00"}, ErrTwice},
		{"w", []string{"23:00-07:00", "mon 06:30-08:00"}, ErrTwice},
		{"w", []string{"mon-fri", "bank-holidays"}, ErrTwice},
		{"w", []string{"working-days", "bank-holidays", "dec"}, ErrTwice},
		{"", []string{"16:00-19:00"}, ErrWindow}, {"otherwise", []string{"16:00-19:00"}, ErrWindow}, {"w", nil, ErrWindow},
		{"w", []string{"16:00"}, ErrWindow}, {"w", []string{"16:15-19:00"}, ErrWindow}, {"w", []string{"16:00-16:00"}, ErrWindow}, {"w", []string{"24:00-01:00"}, ErrWindow},
		{"w", []string{"16:00-24:30"}, ErrWindow}, {"w", []string{"6:00-7:00"}, ErrWindow}, {"w", []string{"16:00–19:00"}, ErrWindow}, {"w", []string{"-1:00-07:00"}, ErrWindow},
		{"w", []string{"Mon-Fri"}, ErrWindow}, {"w", []string{"monday"}, ErrWindow}, {"w", []string{"mon-"}, ErrWindow}, {"w", []string{"mon,"}, ErrWindow}, {"w", []string{"mon-jun"}, ErrWindow},
		{"w", []string{"holidays"}, ErrWindow}, {"w", []string{"１６:00-19:00"}, ErrWindow},
		{"w", []string{"nov dec 16:00-19:00"}, ErrWindow}, {"w", []string{"mon tue"}, ErrWindow}, {"w", []string{"working-days bank-holidays"}, ErrWindow},
		{"w", make([]string, maxClauses+1), ErrWindow},
		{"w", []string{"22dec-4jan", "4jan-10jan"}, ErrTwice}, {"w", []string{"29feb", "feb 10:00-10:30"}, ErrTwice}, {"w", []string{"dec except 25dec", "24dec mon"}, ErrTwice},
		{"w", []string{"dec", "bank-holidays 25dec"}, ErrTwice},
		{"w", []string{"31jun"}, ErrWindow}, {"w", []string{"30feb-4mar"}, ErrWindow}, {"w", []string{"1jan-32jan"}, ErrWindow}, {"w", []string{"0jan"}, ErrWindow}, {"w", []string{"001jan"}, ErrWindow},
		{"w", []string{"22dec-"}, ErrWindow}, {"w", []string{"22-24dec"}, ErrWindow}, {"w", []string{"22dec,25dec"}, ErrWindow}, {"w", []string{"22Dec"}, ErrWindow}, {"w", []string{"1jan-3jan-5jan"}, ErrWindow},
		{"w", []string{"dec22"}, ErrWindow}, {"w", []string{"25"}, ErrWindow}, {"w", []string{"1600-1900"}, ErrWindow}, {"w", []string{"1jan 2jan"}, ErrWindow},
		{"w", []string{"except"}, ErrWindow}, {"w", []string{"dec except"}, ErrWindow}, {"w", []string{"except dec"}, ErrWindow}, {"w", []string{"except 16:00-19:00"}, ErrWindow},
		{"w", []string{"except except 25dec"}, ErrWindow}, {"w", []string{"except 24dec except 25dec"}, ErrWindow}, {"w", []string{"25dec except 22dec-4jan"}, ErrWindow}, {"w", []string{"jun 25dec"}, ErrWindow},
	} {
		if _, err := ParseWindow(c.name, c.clauses...); !errors.Is(err, c.want) {
			t.Errorf("%q %q: %v, want %v", c.name, c.clauses, err, c.want)
		}
	}
}

// TestWindowDates compares every date of a leap year and of another with the
// plain comparison of month and day.
func TestWindowDates(t *testing.T) {
	first, last := [2]int{11, 20}, [2]int{2, 29}
	w := window(t, "w", "20nov-29feb except 22dec-4jan")
	for d := day(t, "2023-06-01"); d < day(t, "2025-06-01"); d++ {
		_, m, n := d.Date()
		at := [2]int{int(m), n}
		after := func(a, b [2]int) bool { return a[0] > b[0] || a[0] == b[0] && a[1] >= b[1] }
		want := (after(at, first) || after(last, at)) && !(after(at, [2]int{12, 22}) || after([2]int{1, 4}, at))
		if got := w.Covers(d.First()); got != want {
			t.Errorf("%s: %v, want %v", d, got, want)
		}
	}
}

// TestDisjointDates compares the check of two clauses with a walk through every
// half-hour of 28 years, in which every date falls on every weekday.
func TestDisjointDates(t *testing.T) {
	if testing.Short() {
		t.Skip("walks through 28 years")
	}
	parts := []string{"", "dec", "22dec-4jan", "4jan-31jan", "29feb", "mon-fri", "sat,sun except 1feb-23dec", "except 24dec-31dec", "dec working-days", "bank-holidays 16:00-19:00", "18:30-20:00 mon", "19:00-07:00 25dec"}
	lo, hi := day(t, "2000-01-01"), day(t, "2028-01-01")
	masks := make([][]bool, len(parts))
	for i, part := range parts {
		if part == "" {
			part = "00:00-24:00"
		}
		w := window(t, "w", part)
		for d := lo; d < hi; d++ {
			facts := factsOf(d)
			for clock := 0; clock < minutesOfDay; clock += 30 {
				masks[i] = append(masks[i], w.count(facts, clock) > 0)
			}
		}
	}
	for i, a := range parts {
		for j, b := range parts[:i] {
			met := false
			for k := range masks[i] {
				met = met || masks[i][k] && masks[j][k]
			}
			if b == "" {
				b = "00:00-24:00"
			}
			// Any date may become a bank holiday, so the check may refuse what
			// the calendar of these years lets pass.
			byKind := strings.Contains(a+b, "working-days") || strings.Contains(a+b, "bank-holidays")
			if _, err := ParseWindow("w", a, b); met != errors.Is(err, ErrTwice) && (met || !byKind) {
				t.Errorf("%q and %q meet: %v, %v", a, b, met, err)
			}
		}
	}
}

func TestCatalogue(t *testing.T) {
	all := Catalogue()
	if len(all) != 30 || NumItems != 30 {
		t.Fatalf("%d items", len(all))
	}
	seen := map[string]bool{}
	for i, d := range all {
		if seen[d.ID] || d.ID == "" || d.Group == "" || d.Rule == "" {
			t.Errorf("%d: %+v", i, d)
		}
		seen[d.ID] = true
		if back, err := ParseItem(d.ID); err != nil || back != Item(i) || back.String() != d.ID {
			t.Errorf("%s: %v, %v", d.ID, back, err)
		}
		want := 8
		if d.Volume != NoVolume {
			want = Volumes().Def(d.Volume).Scale + 8
		}
		if i := Item(i); i == RO || i == FiT || i == CCL { // a share or a relief of metered energy needs 3 more
			want += 3
		}
		if d.Scale != want {
			t.Errorf("%s: scale %d, want %d", d.ID, d.Scale, want)
		}
		if len(d.Bases) == 0 || d.Spread == "" || d.Restated == "" {
			t.Errorf("%s: %+v", d.ID, d)
		}
		if len(d.Bases) > 0 { // the caller's own copy
			d.Bases[0] = 99
		}
	}
	if defs[EnergyUnit].Bases[0] != PerKWh {
		t.Error("Catalogue gives away the package's own table")
	}
	for _, s := range []string{"", "Energy-Unit", "energy unit", "item(31)", "energy-unit "} {
		if _, err := ParseItem(s); !errors.Is(err, ErrItem) {
			t.Errorf("%q: %v", s, err)
		}
	}
	if s := Item(31).String(); s != "item(31)" {
		t.Error(s)
	}
}

// TestBands counts half-hours per band over charging years, as distributors
// publish their windows.
func TestBands(t *testing.T) {
	type bands struct{ red, amber, green []string }
	wmid := bands{[]string{"mon-fri 16:00-19:00"}, []string{"mon-fri 07:30-16:00 19:00-21:00"}, []string{"mon-fri 21:00-07:30", "sat,sun"}}
	sepd := bands{[]string{"mon-fri 16:30-19:30"}, []string{"mon-fri 07:00-16:30 19:30-22:00", "sat,sun 09:30-21:30"}, []string{"mon-fri 22:00-07:00", "sat,sun 21:30-09:30"}}
	lpn := bands{[]string{"mon-fri 11:00-14:00 16:00-19:00"}, []string{"mon-fri 07:00-11:00 14:00-16:00 19:00-23:00"}, []string{"mon-fri 23:00-07:00", "sat,sun"}}
	for _, c := range []struct {
		name     string
		of       bands
		from, to string
		want     [3]int
	}{
		{"West Midlands 2025/26", wmid, "2025-04-01", "2026-04-01", [3]int{1566, 5481, 10473}},
		{"West Midlands 2027/28", wmid, "2027-04-01", "2028-04-01", [3]int{1572, 5502, 10494}},
		{"SEPD 2025/26", sepd, "2025-04-01", "2026-04-01", [3]int{1566, 8760, 7194}},
		{"LPN 2025/26", lpn, "2025-04-01", "2026-04-01", [3]int{3132, 5220, 9168}},
	} {
		tariff := &Tariff{Windows: []Window{window(t, "red", c.of.red...), window(t, "amber", c.of.amber...), window(t, "green", c.of.green...)}, Rates: []Rate{rate(t, VAT, "20 %")}}
		for i, w := range tariff.Windows {
			r := rate(t, DUoSRed+Item(i), "1 p/kWh")
			r.When.Window = w.Name
			tariff.Rates = append(tariff.Rates, r)
		}
		s, err := tariff.Compile(span(t, c.from, c.to), testSupply(t, "101"))
		if err != nil {
			t.Fatal(c.name, err)
		}
		var got [3]int
		for k := range got {
			for _, p := range s.columns[k].price {
				if p != 0 {
					got[k]++
				}
			}
		}
		if got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
