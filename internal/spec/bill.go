package spec

import (
	"context"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// asked reads what follows bill, halfhour or error: a view and a span.
func (s *scene) asked(st *statement) (view revisions.Reconciler, span settlement.Span, err error) {
	view, args, err := viewOf(st.texts()[1:])
	if span = s.span; err == nil && len(args) > 0 {
		if span, args, err = days(args); err != nil {
			return view, span, err
		}
	}
	if err == nil && len(args) > 0 {
		return view, span, fmt.Errorf("after %s stand upto RUN, as-of DAY or latest, and days if not the whole span", st.words[0].text)
	}
	return view, span, err
}

// viewOf reads a view from the front of some words; the latest where there is none.
func viewOf(args []string) (view revisions.Reconciler, rest []string, err error) {
	switch {
	case len(args) >= 2 && args[0] == "upto":
		run, err := settlement.ParseRun(args[1])
		if err != nil {
			return view, args, err
		}
		return revisions.UpTo(run), args[2:], nil
	case len(args) >= 2 && args[0] == "as-of":
		day, err := settlement.ParseDay(args[1])
		if err != nil {
			return view, args, err
		}
		return revisions.AsOf(day, settlement.GB()), args[2:], nil
	case len(args) >= 1 && args[0] == "latest":
		args = args[1:]
	}
	return view, args, nil
}

// job is the scene as a caller of the engine states it.
func (s *scene) job(view revisions.Reconciler, span settlement.Span) (halfhour.Job, error) {
	sup, err := s.supplied()
	if err != nil {
		return halfhour.Job{}, err
	}
	tariff, err := s.priced()
	if err != nil {
		return halfhour.Job{}, err
	}
	job := halfhour.Job{Supply: sup, Tariff: tariff, Spans: []settlement.Span{span}, View: view,
		Meter: s.readings(meterLoad, sup.MPAN), Market: s.readings(marketLoad, sup.MPAN), Contract: s.readings(contractLoad, sup.MPAN),
		Determinations: s.cash}
	if job.Meter == nil {
		return job, fmt.Errorf("load readings first")
	}
	return job, nil
}

// run makes the bill of a view and a span.
func (s *scene) run(view revisions.Reconciler, span settlement.Span) (*tariffs.Bill, error) {
	job, err := s.job(view, span)
	if err != nil {
		return nil, err
	}
	res, err := halfhour.Run(context.Background(), job)
	if err != nil {
		return nil, err
	}
	return res.Bills[0], nil
}

// checkBill prints the bill.
func (s *scene) checkBill(st *statement) (out []outcome, err error) {
	view, span, err := s.asked(st)
	if err != nil {
		return nil, err
	}
	b, err := s.run(view, span)
	if err != nil {
		return nil, err
	}
	said := tariffs.Condition(0)
	for i := range b.Lines {
		out = append(out, billLine(b, &b.Lines[i])...)
		said |= b.Lines[i].Conditions
	}
	out = append(out, total("net", b.Net), total("vat "+b.VATRate.Shift(2).String()+" %", b.VAT), total("total", b.Gross))
	out = append(out, cashLines(b)...)
	if rest := b.Conditions &^ said; rest != 0 {
		out = append(out, outcome{cells: []string{note(rest)}, depth: 1})
	}
	return out, nil
}

// billLine is a line of a bill and its windows.
func billLine(b *tariffs.Bill, l *tariffs.Line) []outcome {
	name := l.Item.String() + datesOf(b, l.From, l.To)
	rate := l.Rate
	stated := ""
	if len(l.Parts) == 1 {
		stated = l.Parts[0].Price
	}
	o := outcome{cells: []string{name, l.Quantity.String() + " " + l.Unit, each(rate, stated, l.Divisor), pounds(l.Amount)}, amount: pounds(l.Amount), depth: 1}
	if l.Conditions != 0 {
		o.note = note(l.Conditions)
	}
	out := []outcome{o}
	if len(l.Parts) < 2 {
		return out
	}
	for _, p := range l.Parts {
		exact := "(" + p.Exact.String() + ")"
		out = append(out, outcome{cells: []string{p.Window, p.Quantity.String() + " " + l.Unit, each(p.Rate, p.Price, 1), exact}, amount: exact, depth: 2})
	}
	return out
}

// datesOf are the days of a line where they are not all of the bill's.
func datesOf(b *tariffs.Bill, from, to settlement.Day) string {
	if from == b.From && to == b.To {
		return ""
	}
	return " " + from.String() + ".." + (to - 1).String()
}

func total(name string, amount decimal.Decimal) outcome {
	return outcome{cells: []string{name, "", "", pounds(amount)}, amount: pounds(amount), depth: 1}
}

// note is conditions as a line has them.
func note(c tariffs.Condition) string { return "* " + c.String() }

// each is a rate in pounds, or the price that follows an index as stated.
func each(rate decimal.NullDecimal, stated string, divisor int64) string {
	text := stated
	if rate.Valid {
		text = rate.Decimal.String()
	}
	if text == "" {
		return ""
	}
	if divisor > 1 {
		text += fmt.Sprintf(" / %d", divisor)
	}
	return "at " + text
}

// pounds is money to the penny, the sign in front.
func pounds(d decimal.Decimal) string {
	s := d.StringFixed(2)
	if after, negative := strings.CutPrefix(s, "-"); negative {
		return "-£" + after
	}
	return "£" + s
}
