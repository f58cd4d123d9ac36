package tariffs

import (
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"
)

// What is not charged on energy: time, capacity, Triads, percentages, VAT.

// standing are the charges by time and by capacity.
func (r *spinner) standing() {
	for _, st := range []struct {
		item, unit string
		of         []string
	}{{"tnuos-residual", "GBP/site/day", figuresMon}, {"duos-fixed", "p/MPAN/day", figuresDay}, {"duos-capacity", "p/kVA/day", figuresKVA},
		{"duos-excess-capacity", "p/kVA/day", figuresKVA}, {"metering-agents", "GBP/year", figuresYr}, {"metering-agents", "GBP/month", figuresMon},
		{"metering-agents", "p/day", figuresDay}, {"bsc-costs", "GBP/month", figuresMon}, {"management-fee", "GBP/month", figuresMon}} {
		if r.charges(st.item) {
			r.dated(func(from, to string) {
				r.keyed(refRate{item: st.item, figure: r.from(st.of), unit: st.unit, from: from, to: to})
			})
		}
	}
}

// triads draws published and unpublished years, and demands the supply states.
func (r *spinner) triads() {
	r.dated(func(from, to string) {
		r.keyed(refRate{item: "tnuos-locational", figure: r.from(figuresKW), unit: "GBP/kW", from: from, to: to})
	})
	s := r.s
	s.triads = map[string][3]time.Time{}
	years := map[string]bool{}
	for _, d := range s.days {
		_, _, year := place("year", d)
		if years[year] {
			continue
		}
		years[year] = true
		var three [3]time.Time
		for i := range three {
			three[i] = time.Date(d.noon.Year(), time.December, 2+12*i, 17, 0, 0, 0, london)
			if yearOf(three[i]) != year {
				three[i] = time.Date(d.noon.Year()-1, time.December, 2+12*i, 17, 0, 0, 0, london)
			}
		}
		for i := range three {
			in := r.instant(rapid.SampledFrom(s.days).Draw(r.t, "triad day"))
			near := func(other time.Time) bool { // ten clear days are left between two
				return other != three[i] && other.Sub(in).Abs() < 12*24*time.Hour
			}
			if r.coin("held") && yearOf(in) == year && !slices.ContainsFunc(three[:], near) {
				three[i] = in
			}
			if before := three[i].Format(time.DateOnly) < s.since; !before && r.coin("stated") {
				s.demands = append(s.demands, refDemand{three[i], r.from(kilowattsD), r.from([]string{"1", "1.056", "0.985", "1.1"})})
			}
		}
		if r.coin("published") {
			s.triads[year] = three
		}
	}
}

// shares are percentages of other items, and of those drawn before.
func (r *spinner) shares() {
	var shares, others []string
	for _, item := range rapid.Permutation(strings.Fields("bsc-costs green-premium management-fee")).Draw(r.t, "order") {
		if r.oneIn(3, "share") {
			shares = append(shares, item)
		}
	}
	for _, rate := range r.s.rates {
		if !slices.Contains(others, rate.item) && !slices.Contains(shares, rate.item) {
			others = append(others, rate.item)
		}
	}
	for _, item := range shares {
		r.dated(func(from, to string) {
			of := rapid.Permutation(others).Draw(r.t, "of")
			r.keyed(refRate{item: item, figure: r.from(figuresPct), unit: "%", from: from, to: to, of: of[:rapid.IntRange(1, len(of)).Draw(r.t, "items")]})
		})
		others = append(others, item)
	}
}

// vat draws the rates that the supply's use calls for, or a small bill.
func (r *spinner) vat() {
	r.s.vat = r.from([]string{"0", "5", "20", "17.5"})
	r.s.small = r.oneIn(6, "small")
	if r.s.small || r.s.terms[0].qualifying != "0" || r.coin("reduced") {
		r.s.reduced = r.from([]string{"5", "0", "8"})
	}
}
