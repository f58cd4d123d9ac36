package tariffs

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Entry is a rate of one item, or a loss factor, as a tariff lists it.
type Entry struct {
	Name   string // the item, or "LLF" or "TLM"
	When   When
	Price  string              // as stated
	GBP    decimal.NullDecimal // pounds for one Unit; not of an index, a percentage or a factor
	Unit   string              // "kWh", "day" and so on; "" of a factor
	Note   string              // "at NBP", "of ro, ccl" or "reduced", where the rate says so
	Status Status
	Source string
	Pos    series.Pos

	// Times are the half-hours of a day at which it applies, in order: of On
	// only. There are none where the day has no half-hour in its window.
	Times []settlement.Span

	basis Basis
}

// Entries are the rates and factors that hold on some day of a span for a
// supply: in the order of the catalogue and then of the tariff, the factors
// last. Without a supply (nil) they are those of every class and band. Whether
// they are complete and do not contradict each other, Check says.
func (t *Tariff) Entries(span settlement.Span, sup *Supply) []Entry {
	var out []Entry
	for item := range Item(NumItems) {
		for i := range t.Rates {
			r := &t.Rates[i]
			if !slices.Contains(r.Items, item) || !r.When.concerns(span, sup) {
				continue
			}
			f := Entry{Name: item.String(), When: r.When, Price: r.Price.String(), Note: r.note(), Status: r.Status, Source: r.Source, Pos: r.Pos, basis: r.Price.Basis}
			if !r.Price.Published {
				f.Unit = r.Price.Basis.String()
				f.GBP = decimal.NullDecimal{Decimal: r.Price.GBP, Valid: r.Price.Index == "" && r.Price.Basis != Percent}
			}
			out = append(out, f)
		}
	}
	for _, o := range t.Factors {
		if !o.When.concerns(span, sup) {
			continue
		}
		f := Entry{Name: series.Market().Def(o.Line).Name, When: o.When, Price: o.Value.String(), Status: o.Status, Source: o.Source, Pos: o.Pos}
		if o.Published {
			f.Price = published
		}
		out = append(out, f)
	}
	return out
}

// note is what a rate says beside its price.
func (r *Rate) note() string {
	var out []string
	if r.At != "" {
		out = append(out, "at "+r.At)
	}
	for i, item := range r.Of {
		if i == 0 {
			out = append(out, "of "+item.String())
			continue
		}
		out = append(out, item.String())
	}
	if r.Reduced {
		out = append(out, "reduced")
	}
	return strings.Join(out, ", ")
}

// On are the entries that hold on a day for a supply, as Entries gives them,
// with the half-hours at which each applies. Without a supply what is left to
// Otherwise is by the figures of the same classes and bands.
func (t *Tariff) On(day settlement.Day, sup *Supply) []Entry {
	out := t.Entries(day.Span(), sup)
	cal, err := newCalendar(day.Span(), sup, t.Windows, &problems{})
	if err != nil {
		panic("tariffs: a calendar that goes on has no error: " + err.Error())
	}
	done := make([]bool, len(out))
	for first := range out {
		if done[first] {
			continue
		}
		var group []*Entry
		var figures []stated
		var today, holding []int16
		for i := first; i < len(out); i++ {
			if e := &out[i]; e.beside(&out[first]) && (sup != nil || e.When.sameFor(out[first].When)) {
				done[i] = true
				group, today = append(group, e), append(today, int16(len(group)))
				figures = append(figures, stated{e.When, e.Pos, cal.undefined(e.When)})
			}
		}
		for i := range day.Len() {
			holding = cal.holding(holding[:0], figures, today, i)
			for _, k := range holding {
				group[k].addTime(day.First() + settlement.Period(i))
			}
		}
	}
	return out
}

// beside reports whether two figures share out the half-hours: they are of one
// item on one basis, or of one factor.
func (e *Entry) beside(o *Entry) bool { return e.Name == o.Name && e.basis == o.basis }

// sameFor reports whether two figures are for the same classes, bands and
// direction.
func (w When) sameFor(o When) bool {
	return w.Flow == o.Flow && slices.Equal(w.LLFCs, o.LLFCs) && slices.Equal(w.Bands, o.Bands)
}

// addTime adds a half-hour after those there are.
func (e *Entry) addTime(p settlement.Period) {
	if n := len(e.Times); n > 0 && e.Times[n-1].Hi == p {
		e.Times[n-1].Hi = p + 1
		return
	}
	e.Times = append(e.Times, settlement.Span{Lo: p, Hi: p + 1})
}

// Clock is Times by the clock on the wall, "00:00-07:00 23:00-24:00", or "" for
// none. On the long day the hour from 01:00 is there twice and may be named
// twice; Times tells the two apart.
func (e Entry) Clock() string {
	var out []string
	for _, s := range e.Times {
		out = append(out, clockText(s.Lo.Clock())+"-"+clockText((s.Hi-1).Clock()+30))
	}
	return strings.Join(out, " ")
}

// concerns reports whether a figure holds on some day of a span for a supply.
func (w When) concerns(span settlement.Span, sup *Supply) bool {
	if sup == nil {
		return w.meets(span.From(), span.To())
	}
	for i := range sup.Terms {
		from, to := span.From(), span.To()
		if i > 0 {
			from = max(from, sup.Terms[i].From)
		}
		if i+1 < len(sup.Terms) {
			to = min(to, sup.Terms[i+1].From)
		}
		if from < to && w.meets(from, to) && w.of(&sup.Terms[i]) {
			return true
		}
	}
	return false
}

// meets reports whether a figure holds on some of the days from <= d < to.
func (w When) meets(from, to settlement.Day) bool {
	return w.From < to && (w.To == 0 || from < w.To && w.From < w.To)
}
