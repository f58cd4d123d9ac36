package tariffs

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"
)

// The random tariffs and supplies. Figures are few and chosen for ties, zeros,
// signs and extremes; random_data_test.go draws the half-hours.

var (
	figuresKWh = []string{"0", "0.5", "1.5", "2.5", "-0.5", "28.123456", "7.1", "-3.2", "0.000001", "99.999999", "0.237"}
	figuresMWh = []string{"15.69", "33.06058", "0.1089", "-12.5", "0.00001", "1999.99999", "0"}
	figuresDay = []string{"0", "1096.97", "0.5", "0.000001", "-3.5", "999999.999999"}
	figuresKVA = []string{"9.5", "0.001", "0", "-1.25", "99.999"}
	figuresKW  = []string{"2.990958", "0", "69.5", "-1.5", "0.000001", "10.123037"}
	figuresPct = []string{"2.5", "0.125", "-1", "100", "0", "33.3333"}
	figuresMon = []string{"0.155", "0.15", "0.14", "10", "0.00000001", "-31.005", "99999.99999999"}
	figuresYr  = []string{"540", "1.825", "1.83", "-365.365", "0.00000001", "99999.99999999", "0"}
	kilowattsD = []string{"0", "840", "820.5", "800.001", "25000"}
	startDays  = []string{"2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25", "2024-02-27", "2024-02-29", "2026-03-30",
		"2024-03-31", "2026-04-01", "2027-02-26", "2026-01-30", "2025-12-24", "2026-06-15", "2026-12-31", "2024-10-26", "2025-11-17"}
	weekdaysMF = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	weekend    = []time.Weekday{time.Saturday, time.Sunday}
	classes    = []string{"101", "H02"}
	tnuosBands = []string{"HV2", "HV3"}

	// takers are the items that only who takes energy pays.
	takers = strings.Fields("tnuos-residual tnuos-locational bsuos ro fit cfd-ilr cfd-ocl capacity-market aahedc eii-support-levy nuclear-rab ccl")
)

// refDates are n+1 dates from one on.
func refDates(from string, n int) []string {
	at, err := time.Parse(time.DateOnly, from)
	if err != nil {
		panic(err)
	}
	out := make([]string, n+1)
	for i := range out {
		out[i] = at.AddDate(0, 0, i).Format(time.DateOnly)
	}
	return out
}

// randomSpec draws a tariff, a supply and their half-hours: a few days with
// many items, rarely more than a year with few.
func randomSpec(t *rapid.T) *refSpec {
	n := rapid.SampledFrom([]int{1, 2, 3, 5, 1, 2, 3, 4, 6, 32, 45}).Draw(t, "days")
	long := rapid.IntRange(0, 49).Draw(t, "long") == 0
	if long {
		n = 400
	}
	dates := refDates(rapid.SampledFrom(startDays).Draw(t, "from"), n)
	s := &refSpec{from: dates[0], to: dates[n], windows: map[string][]refClause{}}
	r := &spinner{t: t, s: s, dates: dates}
	s.lay()
	s.export = r.oneIn(8, "export")
	r.supply()
	if r.pricedEnergy("energy-unit", "contract-price", "system-price"); !long {
		r.energies()
	}
	if r.coin("duos") {
		r.bands()
	}
	if r.coin("reactive") {
		r.dated(func(from, to string) {
			r.keyed(refRate{item: "duos-reactive", figure: r.from([]string{"0.489", "0", "-0.5", "100"}), unit: "p/kVArh", from: from, to: to})
		})
	}
	r.standing()
	if !s.export && r.coin("triads") {
		r.triads()
	}
	r.shares()
	r.vat()
	r.data()
	return s
}

type spinner struct {
	t     *rapid.T
	s     *refSpec
	dates []string
}

func (r *spinner) coin(what string) bool         { return rapid.Bool().Draw(r.t, what) }
func (r *spinner) oneIn(n int, what string) bool { return rapid.IntRange(1, n).Draw(r.t, what) == n }
func (r *spinner) from(of []string) string       { return rapid.SampledFrom(of).Draw(r.t, "of") }
func (r *spinner) takes(item string) bool        { return slices.Contains(takers, item) }
func (r *spinner) charges(item string) bool      { return !(r.s.export && r.takes(item)) && r.coin(item) }
func (r *spinner) add(rates ...refRate)          { r.s.rates = append(r.s.rates, rates...) }
func (r *spinner) day() string                   { return rapid.SampledFrom(r.dates).Draw(r.t, "day") }
func (r *spinner) instant(d refDay) time.Time {
	return r.s.hhs[rapid.IntRange(d.lo, d.hi-1).Draw(r.t, "hh")].start
}
func (r *spinner) window(id string, c ...refClause) { r.s.windows[id] = c }

// dated calls f for the whole time, or for the times before and after a day.
func (r *spinner) dated(f func(from, to string)) {
	if r.oneIn(3, "changes") {
		at := r.day()
		f("", at)
		f(at, "")
		return
	}
	f("", "")
}

// keyed adds a rate for every supply, or one for each class or band, with a
// figure of its own for the later ones, and one that is nobody's.
func (r *spinner) keyed(rate refRate) {
	switch rapid.SampledFrom([]string{"all", "all", "class", "band"}).Draw(r.t, "key") {
	case "all":
		r.add(rate)
	case "class":
		for i, c := range append(classes, "999") {
			one := rate
			if one.llfc = c; i > 0 {
				one.figure = rapid.SampledFrom([]string{rate.figure, "1.25", "0"}).Draw(r.t, "class figure")
			}
			r.add(one)
		}
	case "band":
		for i, b := range tnuosBands {
			one := rate
			if one.band = b; i > 0 {
				one.figure = rapid.SampledFrom([]string{rate.figure, "2.75"}).Draw(r.t, "band figure")
			}
			r.add(one)
		}
	}
}

// supply draws terms and capacities that may change on any day.
func (r *spinner) supply() {
	q := r.from([]string{"0", "0", "0", "0.4", "0.6", "1"})
	terms := func(from string) {
		t := refTerms{from: from, llfc: r.from(classes), band: r.from(tnuosBands), exempt: "0", share: "0", relief: "0", qualifying: q}
		if r.coin("relief") {
			t.share, t.relief = r.from([]string{"0.8", "1"}), r.from([]string{"0.92", "1"})
		}
		if r.coin("exempt") {
			t.exempt = r.from([]string{"0.85", "1", "0.5", "0.001"})
		}
		r.s.terms = append(r.s.terms, t)
	}
	terms("")
	last := ""
	for range rapid.IntRange(0, 2).Draw(r.t, "changes of terms") {
		if at := r.day(); at > last {
			terms(at)
			last = at
		}
	}
	kva := func() string { return r.from([]string{"900", "910", "650", "0", "0.001", "123.457", "1000000"}) }
	r.s.capacity = []refCapacity{{"2020-01-01", kva()}}
	if r.coin("capacity changes") {
		r.s.capacity = append(r.s.capacity, refCapacity{r.day(), kva()})
	}
	if r.coin("since") {
		r.s.since = r.s.from
	}
	r.s.excessMonth, r.s.vatDown = r.coin("excess month"), r.coin("vat down")
}

func (r *spinner) energies() {
	index := []string{"contract-price", "system-price", "rcrc", "cfd-rate", "", "", "", "", "", ""}
	for _, of := range []struct {
		item  string
		index []string
	}{{"energy-imbalance", []string{"system-price", "system-price", ""}}, {"losses-distribution", []string{"contract-price", ""}},
		{"losses-transmission", []string{"contract-price", ""}}, {"rcrc", []string{"rcrc", "rcrc", ""}}, {"cfd-ilr", []string{"cfd-rate", ""}},
		{"bsuos", index}, {"bsc-costs", index}, {"ro", index}, {"fit", index}, {"cfd-ocl", index}, {"aahedc", index}, {"eii-support-levy", index},
		{"nuclear-rab", index}, {"green-premium", index}, {"management-fee", index}} {
		if r.charges(of.item) {
			r.pricedEnergy(of.item, of.index...)
		}
	}
	if r.charges("ccl") {
		r.dated(func(from, to string) {
			r.keyed(refRate{item: "ccl", figure: r.from([]string{"0.00775", "0.00801", "0", "0.5"}), unit: "GBP/kWh", from: from, to: to})
		})
	}
	if r.charges("capacity-market") {
		peak := refClause{months: []time.Month{11, 12, 1, 2}, days: "working-days", times: [][2]int{{960, 1140}}}
		if r.coin("all year") {
			peak.months = nil
		}
		r.window("winter peak", peak)
		at := r.from([]string{"", "MSP", "GSP", "NBP"})
		r.dated(func(from, to string) {
			r.keyed(refRate{item: "capacity-market", figure: r.from([]string{"181.5", "140.9", "0"}), unit: "GBP/MWh", window: "winter peak", from: from, to: to, at: at})
		})
	}
	if r.charges("duos-super-red") {
		r.window("super-red", refClause{months: []time.Month{11, 12, 1, 2}, weekdays: weekdaysMF, times: [][2]int{{1020, 1140}}, not: [2]string{"12-22", "01-04"}})
		r.add(refRate{item: "duos-super-red", figure: "12.345", unit: "p/kWh", window: "super-red"})
	}
}

func (r *spinner) figure() (string, string) {
	if r.coin("per MWh") {
		return r.from(figuresMWh), "GBP/MWh"
	}
	return r.from(figuresKWh), "p/kWh"
}

// finest is a figure with all decimals that a price of metered energy may have
// while nobody is exempt: 11 of £/kWh. Others are whole at 8.
func (r *spinner) finest(item, figure, unit string) (string, string) {
	if item != "ro" && item != "fit" || slices.ContainsFunc(r.s.terms, func(t refTerms) bool { return t.exempt != "0" }) || !r.coin("fine") {
		return figure, unit
	}
	return r.from([]string{"0.000000001", "33.060580001", "-0.123456789"}), "p/kWh"
}

// pricedEnergy prices an item on its volume, flat or by windows, fixed or
// following one of the indices ("" for fixed).
func (r *spinner) pricedEnergy(item string, indices ...string) {
	index, at := r.from(append(indices, "")), ""
	if item == "eii-support-levy" {
		at = r.from([]string{"", "MSP", "GSP", "NBP"})
	}
	r.dated(func(from, to string) {
		add := func(w string) {
			figure, unit := r.figure()
			figure, unit = r.finest(item, figure, unit)
			one := refRate{item: item, figure: figure, unit: unit, from: from, to: to, window: w, at: at}
			if one.index = index; index != "" && r.oneIn(4, "fixed here") {
				one.index = ""
			}
			if one.index != "" {
				if r.coin("nothing added") {
					one.figure = ""
				}
				if r.coin("else") {
					one.other = r.from([]string{"10.298", "0", "-2.5"})
				}
				r.add(one)
				return
			}
			r.keyed(one)
		}
		if !r.coin("windowed") {
			add("")
			return
		}
		r.windows(add)
	})
}

// windows draws windows that together cover every half-hour.
func (r *spinner) windows(add func(window string)) {
	id := fmt.Sprintf("w%d ", len(r.s.windows))
	a := 30 * rapid.IntRange(0, 47).Draw(r.t, "a")
	b := (a + 30*rapid.IntRange(1, 47).Draw(r.t, "len")) % 1440 // may cross midnight
	night := refClause{times: [][2]int{{a, b}}}
	shape := rapid.IntRange(0, 4).Draw(r.t, "shape")
	switch shape {
	case 1:
		night.weekdays = weekdaysMF
	case 2:
		night.months = []time.Month{10, 2, 3}
	case 3:
		night.days = "working-days"
		r.window(id+"bank", refClause{days: "bank-holidays", times: [][2]int{{a, b}}})
		add(id + "bank")
	case 4:
		night.not = [2]string{"12-22", "01-04"}
	}
	r.window(id+"night", night)
	add(id + "night")
	if shape == 0 && r.coin("day window") {
		r.window(id+"day", refClause{times: [][2]int{{b, a}}})
		add(id + "day")
		return
	}
	add("otherwise")
}

// bands are the red, amber and green of a distributor.
func (r *spinner) bands() {
	cut := rapid.SliceOfNDistinct(rapid.IntRange(1, 47), 4, 4, rapid.ID[int]).Draw(r.t, "bands")
	slices.Sort(cut)
	a, b, c, d := cut[0]*30, cut[1]*30, cut[2]*30, cut[3]*30
	r.window("red", refClause{weekdays: weekdaysMF, times: [][2]int{{b, c}}})
	r.window("amber", refClause{weekdays: weekdaysMF, times: [][2]int{{a, b}, {c, d}}})
	r.window("green", refClause{weekdays: weekdaysMF, times: [][2]int{{d, a}}}, refClause{weekdays: weekend})
	index := r.from([]string{"", "", "", "rcrc"}) // nobody's DUoS follows an index, but nothing forbids it
	r.dated(func(from, to string) {
		for _, band := range []string{"red", "amber", "green"} {
			figure, unit := r.figure()
			one := refRate{item: "duos-" + band, figure: figure, unit: unit, from: from, to: to, window: band}
			if band == "amber" && index != "" {
				one.index, one.other = index, "1.25"
			}
			r.keyed(one)
		}
	})
}
