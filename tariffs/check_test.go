package tariffs

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

func TestCheck(t *testing.T) {
	d := func(s string) settlement.Day { return day(t, s) }
	year := span(t, "2026-04-01", "2027-04-01")
	vat := at(rate(t, VAT, "20 %"), 90, When{})
	of := func(item Item, price string, line int, when When) Rate { return at(rate(t, item, price), line, when) }
	energy := func(line int, when When) Rate { return of(EnergyUnit, "7.1 p/kWh", line, when) }
	share := func(line int, of Item, items ...Item) Rate {
		r := at(rate(t, of, "2.5 %"), line, When{})
		r.Of = items
		return r
	}
	unsure := of(RO, "3 p/kWh", 40, When{})
	unsure.Status, unsure.Source = Unconfirmed, "a forum"
	reduced := of(VAT, "5 %", 41, When{})
	reduced.Reduced = true
	windows := []Window{window(t, "night", "23:00-07:00"), window(t, "day", "07:00-23:00"), window(t, "mid", "07:00-22:30"),
		window(t, "weekdays", "mon-fri 07:00-23:00"), window(t, "working", "working-days 07:00-23:00"), window(t, "early", "00:30-02:30"), window(t, "one", "29jan 12:00-12:30"), window(t, "two", "29jan 12:00-13:00")}
	for _, c := range []struct {
		name  string
		rates []Rate
		want  []string // the errors, "|" between words of one
	}{
		{"sound", []Rate{energy(1, When{}), vat}, nil},
		{"a quarter missing", []Rate{energy(1, When{To: d("2026-07-01")}), energy(2, When{From: d("2026-10-01")}), vat},
			[]string{"tariff.toml:2: energy-unit: rate gap \"2026-07-01\": no figure for LLFC 101 holds from 2026-07-01 to 2026-09-30; add one from 2026-07-01, a zero one"}},
		{"two stretches missing", []Rate{energy(1, When{To: d("2026-07-01")}), energy(2, When{From: d("2026-07-03"), To: d("2027-01-01")}), energy(3, When{From: d("2027-01-02")}), vat},
			[]string{"from 2026-07-01 to 2026-07-02", "2027-01-01|holds on this day; add one from 2027-01-01"}},
		{"another class", []Rate{energy(1, When{LLFCs: []string{"999"}}), of(RO, "1 p/kWh", 2, When{To: d("2026-05-01")}), vat},
			[]string{"energy-unit|from 2026-04-01 to 2027-03-31", "ro|from 2026-05-01 to 2027-03-31"}},
		{"overlap", []Rate{energy(1, When{To: d("2026-10-01")}), energy(2, When{From: d("2026-09-01")}), vat},
			[]string{"tariff.toml:2: energy-unit: rates overlap \"2026-09-01\"|tariff.toml:1 holds for the same half-hours from 2026-09-01 to 2026-09-30; set its to = 2026-09-01"}},
		{"half-hours left, every day", []Rate{energy(1, When{Window: "night"}), energy(2, When{Window: "mid"}), vat},
			[]string{"2026-04-01/46|no window of the item covers 22:30-23:00 from 2026-04-01 to 2027-03-31; add a rate"}},
		{"half-hours left, weekends", []Rate{energy(1, When{Window: "night"}), energy(2, When{Window: "weekdays"}), vat},
			[]string{"2026-04-04/15|no window of the item covers 07:00-23:00 on sat,sun from 2026-04-04 to 2027-03-28"}},
		{"half-hours left, holidays too", []Rate{energy(1, When{Window: "night"}), energy(2, When{Window: "working"}), vat},
			[]string{"07:00-23:00 on 114 of the days from 2026-04-03 to 2027-03-29"}},
		{"half-hours left, over the short day", []Rate{energy(1, When{Window: "day"}), energy(2, When{Window: "early"}), vat},
			[]string{"covers 00:00-00:30 02:30-07:00 23:00-24:00 from 2026-04-01"}},
		{"one half-hour of one day twice", []Rate{energy(1, When{Window: "one"}), energy(2, When{Window: "two"}), energy(3, When{Window: "otherwise"}), vat},
			[]string{"tariff.toml:2: energy-unit: half-hour covered twice \"2027-01-29/25\": the rate at tariff.toml:1 covers this half-hour (12:00) too"}},
		{"twice and left, by season", []Rate{energy(1, When{Window: "night"}), energy(2, When{Window: "mid"}), energy(3, When{Window: "early", From: d("2026-06-01"), To: d("2026-06-11")}), vat},
			[]string{"covers 22:30-23:00 from 2026-04-01 to 2027-03-31", "tariff.toml:3|tariff.toml:1 covers 00:30-02:30 from 2026-06-01 to 2026-06-10 too; make their windows disjoint"}},
		{"undefined window", []Rate{energy(1, When{Window: "night"}), energy(2, When{Window: "dusk"}), vat}, []string{"tariff.toml:2|bad window \"dusk\""}},
		{"undefined windows", []Rate{energy(1, When{Window: "dawn"}), of(RO, "1 p/kWh", 2, When{Window: "dusk"}), vat}, []string{"dawn", "dusk"}},
		{"wrong basis", []Rate{energy(1, When{}), of(CCL, "1 p/day", 2, When{}), of(DUoSFixed, "1 p/kWh", 3, When{}), of(DUoSFixed, "1 p/day", 4, When{Window: "night"}), vat},
			[]string{"tariff.toml:2: ccl", "tariff.toml:3: duos-fixed", "tariff.toml:4: duos-fixed|only a price for energy"}},
		{"wrong volume", []Rate{{Items: []Item{CapacityMarket}, Price: price(t, "1 p/kWh"), At: "sea"}, vat}, []string{"capacity-market|\"sea\""}},
		{"to before from", []Rate{energy(1, When{From: d("2026-06-01"), To: d("2026-06-01")}), energy(2, When{}), vat}, []string{"tariff.toml:1|a day after 2026-06-01"}},
		{"prices not held", []Rate{energy(1, When{}), of(BSUoS, "0.0000001 p/kWh", 2, When{To: d("2026-10-01")}), of(BSUoS, "0.0000002 p/kWh", 3, When{From: d("2026-10-01")}), of(DUoSFixed, "0.0000001 p/day", 4, When{}), vat},
			[]string{"tariff.toml:4|8 decimals of £,", "tariff.toml:2|8 decimals of £/kWh", "tariff.toml:3"}},
		{"unconfirmed", []Rate{unsure, vat}, []string{"tariff.toml:40: ro: unconfirmed figure|a forum"}},
		{"bands", []Rate{of(DUoSRed, "1 p/kWh", 1, When{Window: "night"}), of(DUoSGreen, "1 p/kWh", 2, When{Window: "mid"}), vat},
			[]string{"duos: rate gap \"2026-04-01/46\": no red, amber or green band covers 22:30-23:00 from 2026-04-01 to 2027-03-31; complete the windows"}},
		{"bands twice", []Rate{of(DUoSRed, "1 p/kWh", 1, When{Window: "weekdays"}), of(DUoSGreen, "1 p/kWh", 2, When{}), vat},
			[]string{"tariff.toml:2: duos-green|duos-red at tariff.toml:1 covers 07:00-23:00 on mon-fri from 2026-04-01 to 2027-03-31 too"}},
		{"a band without rate is no gap of the bands", []Rate{of(DUoSRed, "1 p/kWh", 1, When{Window: "night", To: d("2027-03-01")}), of(DUoSGreen, "1 p/kWh", 2, When{Window: "day"}), vat},
			[]string{"duos-red|from 2027-03-01 to 2027-03-31"}},
		{"percentages", []Rate{energy(1, When{}), share(2, ManagementFee, EnergyUnit, RO), share(3, BSCCosts, GreenPremium), share(4, GreenPremium, BSCCosts), vat},
			[]string{"tariff.toml:4|percentage of itself", "tariff.toml:2|ro is not billed"}},
		{"percentage of what is refused", []Rate{of(RO, "1 p/day", 1, When{}), share(2, ManagementFee, RO), vat}, []string{"tariff.toml:1"}},
		{"no VAT", []Rate{energy(1, When{})}, []string{"vat: rate gap"}},
		{"only reduced VAT", []Rate{energy(1, When{}), reduced}, []string{"vat: rate gap"}},
		{"VAT too high", []Rate{energy(1, When{}), of(VAT, "101 %", 2, When{})}, []string{"tariff.toml:2|0 to 100 %"}},
		{"VAT changes and stops", []Rate{energy(1, When{}), of(VAT, "20 %", 2, When{To: d("2026-05-01")}), of(VAT, "5 %", 3, When{From: d("2026-05-02"), To: d("2027-03-01")})},
			[]string{"on this day; add one from 2026-05-01", "from 2027-03-01 to 2027-03-31", "tariff.toml:3|\"2026-05-02\"|changes inside the span"}},
		{"published", []Rate{{Items: []Item{RO}, Price: price(t, "published")}, energy(1, When{}), vat}, []string{"give the book"}},
		{"indices", []Rate{energy(1, When{To: d("2026-05-01")}), of(EnergyUnit, "system-price", 2, When{From: d("2026-05-01"), To: d("2026-06-01")}), of(EnergyUnit, "rcrc", 3, When{From: d("2026-06-01")}), vat},
			[]string{"tariff.toml:3|one index, here system-price"}},
		{"several at once", []Rate{energy(1, When{To: d("2026-05-01")}), of(RO, "1 p/day", 2, When{}), of(BSUoS, "1 p/kWh", 3, When{Window: "night"}), unsure},
			[]string{"ro|price it", "energy-unit|from 2026-05-01 to 2027-03-31", "bsuos|07:00-23:00 from 2026-04-01 to 2027-03-31", "ro: unconfirmed", "vat"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tariff, sup := &Tariff{Windows: windows, Rates: c.rates}, testSupply(t, "101")
			got := tariff.Check(year, sup)
			agrees(t, tariff, year, sup, got)
			if len(got) != len(c.want) {
				t.Fatalf("%d errors, want %d:\n%v", len(got), len(c.want), series.Errors(got))
			}
			for i, want := range c.want {
				for _, word := range strings.Split(want, "|") {
					if !strings.Contains(got[i].Error(), word) {
						t.Errorf("want %q in %v", word, got[i])
					}
				}
			}
		})
	}
}

// agrees compares with Compile: no problem there is none here, and its one is
// the same as one of these, but for what is said of its time.
func agrees(t testing.TB, tariff *Tariff, sp settlement.Span, sup *Supply, got []error) {
	t.Helper()
	_, err := tariff.Compile(sp, sup)
	if (err == nil) != (len(got) == 0) {
		t.Fatalf("Compile says %v, Check %v", err, series.Errors(got))
	}
	var one *Error
	if err == nil || !errors.As(err, &one) {
		return
	}
	if len(got) <= series.MaxErrors && !slices.ContainsFunc(got, func(e error) bool {
		var x *Error
		return errors.As(e, &x) && x.Pos == one.Pos && x.Item == one.Item && x.Err == one.Err && x.Value == one.Value
	}) {
		t.Fatalf("Compile says %v, which is not among\n%v", err, series.Errors(got))
	}
}

func TestCheckShortDay(t *testing.T) {
	windows := []Window{window(t, "rest", "00:00-01:00 02:00-24:00"), window(t, "hour", "01:00-02:00")}
	check := func(from, to string, windowed string) []error {
		tariff := &Tariff{Windows: windows, Rates: []Rate{at(rate(t, RO, "1 p/kWh"), 1, When{Window: windowed}), rate(t, VAT, "20 %")}}
		got := tariff.Check(span(t, from, to), testSupply(t, "101"))
		agrees(t, tariff, span(t, from, to), testSupply(t, "101"), got)
		return got
	}
	// The hour that is left out every day is not there on the short day.
	if got := check("2026-03-29", "2026-03-30", "rest"); got != nil {
		t.Error(got)
	}
	if got := check("2026-03-27", "2026-04-01", "rest"); len(got) != 1 || !strings.Contains(got[0].Error(), "01:00-02:00 on 4 of the days from 2026-03-27 to 2026-03-31") {
		t.Error(got)
	}
	if got := check("2026-03-27", "2026-04-01", "hour"); len(got) != 1 || !strings.Contains(got[0].Error(), "00:00-01:00 02:00-24:00 from 2026-03-27 to 2026-03-31") {
		t.Error(got)
	}
	if got := check("2026-10-24", "2026-10-27", "rest"); len(got) != 1 || !strings.Contains(got[0].Error(), "01:00-02:00 from 2026-10-24 to 2026-10-26") {
		t.Error(got)
	}
}

func TestCheckLimit(t *testing.T) {
	tariff := &Tariff{}
	for range series.MaxErrors {
		tariff.Rates = append(tariff.Rates, at(rate(t, CCL, "1 p/day"), len(tariff.Rates)+1, When{}))
	}
	sp, sup := span(t, "2026-06-01", "2026-06-02"), testSupply(t, "101")
	got := tariff.Check(sp, sup) // with no VAT, one too many
	if n := len(got); n != series.MaxErrors+1 || !errors.Is(got[n-1], series.ErrLimit) || errors.Is(got[n-2], series.ErrLimit) {
		t.Errorf("%d errors, the last %v", n, got[n-1])
	}
	tariff.Rates[0] = rate(t, VAT, "20 %")
	if got := tariff.Check(sp, sup); len(got) != series.MaxErrors-1 {
		t.Errorf("%d errors", len(got))
	}
	// So many pairs of rates overlap that the first day is not looked at to its end.
	for _, windowed := range []bool{false, true} {
		tariff = &Tariff{Rates: []Rate{rate(t, VAT, "20 %")}}
		for i := range 40 {
			w := ""
			if windowed {
				w = fmt.Sprintf("w%d", i)
				tariff.Windows = append(tariff.Windows, window(t, w, "00:00-24:00"))
			}
			tariff.Rates = append(tariff.Rates, at(rate(t, RO, "1 p/kWh"), i+1, When{Window: w}))
		}
		got := tariff.Check(span(t, "2006-06-01", "2026-06-01"), sup)
		if n := len(got); n != series.MaxErrors+1 || !errors.Is(got[n-1], series.ErrLimit) || !strings.Contains(got[0].Error(), "from 2006-06-01 on") {
			t.Errorf("%d errors, the first %v", n, got[0])
		}
		agrees(t, tariff, span(t, "2006-06-01", "2026-06-01"), sup, got)
	}
	if got := tariff.Check(settlement.Span{Lo: sp.Lo, Hi: sp.Lo}, sup); len(got) != 1 || !errors.Is(got[0], ErrSpan) {
		t.Error(got)
	}
}

// TestCheckAgrees breaks random tariffs, or does not: Check is empty exactly
// when Compile succeeds, and says what Compile says.
func TestCheckAgrees(t *testing.T) {
	broken := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		s := randomSpec(rt)
		tariff, sup := s.tariff(tb{t, rt})
		if rapid.Bool().Draw(rt, "a share") {
			r := rate(tb{t, rt}, ManagementFee, "2.5 %")
			r.Of = rapid.SliceOfN(rapid.SampledFrom([]Item{EnergyUnit, RO, BSCCosts, CCL, VAT}), 1, 3).Draw(rt, "of")
			tariff.Rates = append(tariff.Rates, r)
		}
		if rapid.Bool().Draw(rt, "a factor") {
			tariff.Factors = append(tariff.Factors, Factor{Line: series.LLF, Value: decimal.RequireFromString(rapid.SampledFrom([]string{"1.05", "3", "1.00001"}).Draw(rt, "LLF")), Status: Confirmed})
		}
		for range rapid.IntRange(0, 4).Draw(rt, "breaks") {
			breakTariff(tb{t, rt}, rt, tariff, s)
		}
		sp := span(tb{t, rt}, s.from, s.to)
		got := tariff.Check(sp, sup)
		agrees(tb{t, rt}, tariff, sp, sup, got)
		for _, e := range got {
			broken[fmt.Sprint(errors.Unwrap(e))]++
		}
		if len(got) == 0 {
			broken["none"]++
		}
	})
	t.Log(broken)
	if !t.Failed() && len(broken) < 6 {
		t.Errorf("too few kinds of problem: %v", broken)
	}
}

// breakTariff changes one rate, which may or may not break the tariff.
func breakTariff(t testing.TB, rt *rapid.T, tariff *Tariff, s *refSpec) {
	dates := refDates(s.from, len(s.days))
	i := rapid.IntRange(0, len(tariff.Rates)-1).Draw(rt, "rate")
	r := &tariff.Rates[i]
	switch rapid.IntRange(0, 12).Draw(rt, "break") {
	case 0:
		r.When.From = day(t, rapid.SampledFrom(dates).Draw(rt, "from"))
	case 1:
		r.When.To = day(t, rapid.SampledFrom(dates).Draw(rt, "to"))
	case 2:
		r.When.LLFCs = []string{"999"}
	case 3:
		r.When.Window = rapid.SampledFrom([]string{"", "dusk", Otherwise, "red", "winter peak"}).Draw(rt, "window")
	case 4:
		tariff.Rates = append(tariff.Rates, *r)
	case 5:
		if len(tariff.Rates) > 1 {
			tariff.Rates = slices.Delete(tariff.Rates, i, i+1)
		}
	case 6:
		r.Price = price(t, rapid.SampledFrom([]string{"1 p/day", "1 p/kWh", "2 %", "0.0000001 p/kWh", "1 GBP/kW", "rcrc", "system-price", "published", "0.0000001 p/day", "101 %"}).Draw(rt, "price"))
	case 7:
		r.Status = Unconfirmed
	case 8:
		tariff.Conventions.Unconfirmed = true
	case 9:
		if len(tariff.Windows) > 0 {
			tariff.Windows = append(tariff.Windows, tariff.Windows[0])
		}
	case 10:
		if len(tariff.Windows) > 0 {
			tariff.Windows = tariff.Windows[1:]
		}
	case 11:
		r.At = rapid.SampledFrom([]string{"MSP", "NBP", "sea"}).Draw(rt, "at")
	case 12:
		r.Items = append(slices.Clone(r.Items), rapid.SampledFrom([]Item{RO, CapacityMarket, DUoSRed, VAT, DUoSReactive, TNUoSLocational}).Draw(rt, "item"))
	}
}

func TestEntries(t *testing.T) {
	d := func(s string) settlement.Day { return day(t, s) }
	tariff := &Tariff{
		Windows: []Window{window(t, "night", "23:00-07:00"), window(t, "hour", "01:00-01:30"), window(t, "weekend", "sat,sun")},
		Rates: []Rate{
			at(rate(t, VAT, "20 %"), 1, When{}),
			at(rate(t, EnergyUnit, "7.1 p/kWh"), 2, When{Window: "night", To: d("2026-10-26")}),
			at(rate(t, EnergyUnit, "9.5 p/kWh"), 3, When{Window: Otherwise}),
			at(rate(t, EnergyUnit, "8 p/kWh"), 4, When{From: d("2026-10-26"), Window: "weekend"}),
			at(rate(t, RO, "33.06 GBP/MWh"), 5, When{Window: "hour", LLFCs: []string{"101"}}),
			at(rate(t, RO, "1 p/kWh"), 6, When{Window: "hour", LLFCs: []string{"102"}}),
			at(rate(t, RCRC, "rcrc + 1 p/kWh"), 7, When{}),
		},
		Factors: []Factor{{Line: series.LLF, Value: decimal.RequireFromString("1.056"), When: When{Window: "night"}, Status: Assumed, Source: "S", Pos: series.Pos{Source: "tariff.toml", Line: 8}}},
	}
	show := func(all []Entry) string {
		var out []string
		for _, e := range all {
			gbp := "-"
			if e.GBP.Valid {
				gbp = e.GBP.Decimal.String()
			}
			out = append(out, fmt.Sprintf("%d %s %s %s %s [%s]", e.Pos.Line, e.Name, e.Price, gbp, e.Unit, e.Clock()))
		}
		return strings.Join(out, "\n")
	}
	sup := testSupply(t, "101")
	sup.Terms = append(sup.Terms, Terms{From: d("2026-12-01"), LLFC: "102"})
	for _, c := range []struct{ name, got, want string }{
		{"an ordinary day", show(tariff.On(d("2026-10-20"), sup)), `2 energy-unit 7.1 p/kWh 0.071 kWh [00:00-07:00 23:00-24:00]
3 energy-unit 9.5 p/kWh 0.095 kWh [07:00-23:00]
7 rcrc rcrc + 1 p/kWh - kWh [00:00-24:00]
5 ro 33.06 GBP/MWh 0.03306 kWh [01:00-01:30]
1 vat 20 % - % [00:00-24:00]
8 LLF 1.056 -  [00:00-07:00 23:00-24:00]`},
		{"the long day", show(tariff.On(d("2026-10-25"), sup)), `2 energy-unit 7.1 p/kWh 0.071 kWh [00:00-07:00 23:00-24:00]
3 energy-unit 9.5 p/kWh 0.095 kWh [07:00-23:00]
7 rcrc rcrc + 1 p/kWh - kWh [00:00-24:00]
5 ro 33.06 GBP/MWh 0.03306 kWh [01:00-01:30 01:00-01:30]
1 vat 20 % - % [00:00-24:00]
8 LLF 1.056 -  [00:00-07:00 23:00-24:00]`},
		{"the short day", show(tariff.On(d("2026-03-29"), sup)[3:4]), `5 ro 33.06 GBP/MWh 0.03306 kWh []`},
		{"a weekday and a window of weekends", show(tariff.On(d("2026-11-02"), sup)[:2]), "3 energy-unit 9.5 p/kWh 0.095 kWh [00:00-24:00]\n4 energy-unit 8 p/kWh 0.08 kWh []"},
		{"another class", show(tariff.On(d("2026-12-05"), sup)[:4]), "3 energy-unit 9.5 p/kWh 0.095 kWh []\n4 energy-unit 8 p/kWh 0.08 kWh [00:00-24:00]\n7 rcrc rcrc + 1 p/kWh - kWh [00:00-24:00]\n6 ro 1 p/kWh 0.01 kWh [01:00-01:30]"},
		{"both classes in the span", show(tariff.Entries(span(t, "2026-11-30", "2026-12-02"), sup)[3:5]), "5 ro 33.06 GBP/MWh 0.03306 kWh []\n6 ro 1 p/kWh 0.01 kWh []"},
		{"one class in the span", show(tariff.Entries(span(t, "2026-12-01", "2026-12-02"), sup)[3:4]), "6 ro 1 p/kWh 0.01 kWh []"},
		{"no supply, by class", show((&Tariff{Windows: tariff.Windows, Rates: []Rate{
			at(rate(t, RO, "1 p/kWh"), 1, When{Window: "night", LLFCs: []string{"101"}}), at(rate(t, RO, "2 p/kWh"), 2, When{Window: Otherwise, LLFCs: []string{"102"}})}}).On(d("2026-12-01"), nil)),
			"1 ro 1 p/kWh 0.01 kWh [00:00-07:00 23:00-24:00]\n2 ro 2 p/kWh 0.02 kWh [00:00-24:00]"},
		{"no supply", fmt.Sprint(len(tariff.Entries(span(t, "2026-12-01", "2026-12-02"), nil)), len(tariff.On(d("2026-12-01"), nil))), "7 7"},
	} {
		if c.got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, c.got, c.want)
		}
	}
	long := tariff.On(d("2026-10-25"), sup)
	if first := d("2026-10-25").First(); !slices.Equal(long[3].Times, []settlement.Span{{Lo: first + 2, Hi: first + 3}, {Lo: first + 4, Hi: first + 5}}) || long[0].Times[0].Len() != 16 {
		t.Errorf("the long day's half-hours: %v %v", long[3].Times, long[0].Times)
	}
}

// TestOnCoversTheDay: where Check finds nothing, the entries of an item on one
// basis that is not charged in its window only share out the day.
func TestOnCoversTheDay(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := randomSpec(rt)
		tariff, sup := s.tariff(tb{t, rt})
		d := day(tb{t, rt}, rapid.SampledFrom(refDates(s.from, len(s.days)-1)).Draw(rt, "day"))
		if got := tariff.Check(d.Span(), sup); got != nil {
			rt.Fatal(got)
		}
		sched, err := tariff.Compile(d.Span(), sup)
		if err != nil {
			rt.Fatal(err)
		}
		covered := map[string]int{}
		for _, e := range tariff.On(d, sup) {
			for _, sp := range e.Times {
				covered[e.Name+e.Unit] += sp.Len()
			}
			for i := range sched.charges {
				c := &sched.charges[i]
				if c.item.String() != e.Name || c.basis != e.basis {
					continue
				}
				for k, at := range c.time.pick {
					in := slices.ContainsFunc(e.Times, func(sp settlement.Span) bool { return sp.Contains(d.First() + settlement.Period(k)) })
					if in != (at != none && c.rates[at].Pos == e.Pos) {
						rt.Fatalf("%s %s at %d: %v", e.Pos, e.Name, k, in)
					}
				}
			}
		}
		for i := range sched.charges {
			if c := &sched.charges[i]; !defs[c.item].Banded && covered[c.item.String()+c.basis.String()] != d.Len() {
				rt.Fatalf("%s: %d half-hours of %d", c.item, covered[c.item.String()+c.basis.String()], d.Len())
			}
		}
	})
}
