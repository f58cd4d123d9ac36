package revisions

import "github.com/halfhour/halfhour/settlement"

// Outlook is what is still to come for a source over whole days of the report,
// after the run that speaks for each. A day that no run holds whole awaits every
// run of its timetable. on is the day it is asked, 0 where nobody says.
func (r *Report) Outlook(source string, span settlement.Span, t settlement.Timetable, on settlement.Day) *settlement.Outlook {
	o := &settlement.Outlook{On: on}
	src, at := r.Source(source), 0
	for d, part := range span.Intersect(r.Span).EachDay() {
		spoke := settlement.Untagged
		if src != nil {
			for at < len(src.Stretches)-1 && src.Stretches[at].Hi <= r.Span.Index(part.Lo) {
				at++
			}
			if st := src.Stretches[at]; st.Kind == Whole {
				spoke = st.Run
			}
		}
		o.Add(t, d, spoke)
	}
	return o
}
