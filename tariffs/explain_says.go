package tariffs

import "fmt"

// tick is what allotted amounts are whole numbers of.
const tick = "each to GBP 0.00000001"

// Says are sentences on how the amount of a term came about, where quantity ×
// price does not say it all: an index, a running total, an amount that is
// allotted.
func (t *Term) Says() []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if t.Price.Index != "" {
		switch {
		case t.StoodIn == 0:
			say("%s has landed and is used in %s", t.Price.Index, halfHours(t.Indexed, t.HalfHours))
		case t.Indexed == 0:
			say("%s has not landed: its stand-in is used in %s", t.Price.Index, halfHours(t.StoodIn, t.HalfHours))
		default:
			say("%s is used in %s, its stand-in in the other %d", t.Price.Index, halfHours(t.Indexed, t.HalfHours), t.StoodIn)
		}
	}
	switch {
	case t.Earlier.Valid && t.Earlier.Decimal.IsZero():
		say("GBP %s, to GBP 0.00000001", t.Amount)
	case t.Earlier.Valid:
		before := t.Earlier.Decimal
		say("through the day: GBP %s × %s less GBP %s × %s for the half-hours before, %s = GBP %s", before.Add(t.Quantity.Decimal), t.Price, before, t.Price, tick, t.Amount)
	case t.Allotted != nil:
		out = append(out, t.Allotted.says())
		if a := t.Allotted; a.HalfHour > 0 {
			say("half-hour %d of %d: GBP %s × %d/%d less GBP %s × %d/%d, %s = GBP %s", a.HalfHour, a.Of, a.Day, a.HalfHour, a.Of, a.Day, a.HalfHour-1, a.Of, tick, t.Amount)
		} else {
			say("÷ %d half-hours: number k has GBP %s × k/%d less GBP %s × (k−1)/%d, %s", a.Of, a.Day, a.Of, a.Day, a.Of, tick)
		}
	}
	return out
}

func halfHours(n, of int) string {
	if of == 1 {
		return "the half-hour"
	}
	return fmt.Sprintf("%d of %d half-hours", n, of)
}

// says is how the day comes by its amount.
func (a *Allotment) says() string {
	whole := "GBP " + a.Rate.String()
	if a.Unit != "" {
		whole = fmt.Sprintf("%s %s × %s", a.Quantity, a.Unit, whole)
	}
	parts := func(n int64) string {
		switch {
		case a.Per > 1:
			return fmt.Sprintf("%s × %d/%d", whole, n, a.Per)
		case n == 1:
			return whole + " × 1 day"
		}
		return fmt.Sprintf("%s × %d days", whole, n)
	}
	switch {
	case a.To == a.From+1:
		return fmt.Sprintf("the day: %s = GBP %s", whole, a.Day)
	case a.Before == 0:
		return fmt.Sprintf("the day, number %d of the %d from %s: %s, to GBP 0.00000001 = GBP %s", a.Number, a.To-a.From, a.From, parts(a.UpTo), a.Day)
	}
	return fmt.Sprintf("the day, number %d of the %d from %s: %s less %s, %s = GBP %s", a.Number, a.To-a.From, a.From, parts(a.UpTo), parts(a.Before), tick, a.Day)
}
