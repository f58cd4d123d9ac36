package revisions

import (
	"iter"

	"github.com/halfhour/halfhour/settlement"
)

// utcDay is the half-hours of a UTC day; the first began at period 0.
const utcDay = 48

// partsOf cuts a local day at the UTC midnight inside it: in summer time its
// first hour belongs to the UTC day before. Without one the second part is empty.
func partsOf(day settlement.Day) [2]settlement.Span {
	whole := day.Span()
	midnight := (whole.Lo/utcDay + 1) * utcDay
	if midnight >= whole.Hi {
		return [2]settlement.Span{whole}
	}
	return [2]settlement.Span{{Lo: whole.Lo, Hi: midnight}, {Lo: midnight, Hi: whole.Hi}}
}

// Days is the half-hours of those days that the delivery restates, local or UTC
// ones, that a span has any of.
func (d Delivery) Days(span settlement.Span) settlement.Span {
	switch {
	case span.Empty():
		return span
	case d.UTCDays:
		return settlement.Span{Lo: span.Lo / utcDay * utcDay, Hi: (span.Hi + utcDay - 1) / utcDay * utcDay}
	}
	return settlement.Days(span.From(), span.To())
}

// Parts yields the parts of the local days of a span in order, each as far as it
// is inside the span. A day is cut at the UTC midnight inside it, if there is
// one, because a source that counts in UTC days restates either side apart: what
// speaks is one version in every part, and may be another in the next.
func Parts(span settlement.Span) iter.Seq2[settlement.Day, settlement.Span] {
	return func(yield func(settlement.Day, settlement.Span) bool) {
		for day := span.From(); day < span.To(); day++ {
			for _, part := range partsOf(day) {
				if part = part.Intersect(span); !part.Empty() && !yield(day, part) {
					return
				}
			}
		}
	}
}
