package revisions

import (
	"time"

	"github.com/halfhour/halfhour/settlement"
)

// Reconciler says which runs may speak. It is an immutable value; the zero
// value is Latest.
type Reconciler struct {
	limit     settlement.Run // runs above it do not speak; 0 is no limit
	capped    bool
	asOf      settlement.Day // 0 unless AsOf
	timetable settlement.Timetable
	newest    bool
	at        time.Time // zero unless At
}

// Latest lets the latest run there is speak.
func Latest() Reconciler { return Reconciler{} }

// Newest lets the newest version speak, as far as the data says when it came:
// see Journal.View. Of a cube that was not made from a journal it is Latest.
func Newest() Reconciler { return Reconciler{newest: true} }

// KnownAt is Newest as known at an instant. It panics on the zero time.
func KnownAt(at time.Time) Reconciler { return Newest().At(at) }

// At is the same view as known at an instant; of two instants, the earlier. Only
// a journal says when its data came (Journal.View): a cube from elsewhere cannot
// honour the instant, Reconcile does not look at it, and so whoever has only
// such a cube must refuse a view that has one. It panics on the zero time.
func (r Reconciler) At(at time.Time) Reconciler {
	if at.IsZero() {
		panic("revisions: At needs an instant")
	}
	if r.at.IsZero() || at.Before(r.at) {
		r.at = at.Round(0).UTC()
	}
	return r
}

// Instant is the one that At put on a view.
func (r Reconciler) Instant() (time.Time, bool) { return r.at, !r.at.IsZero() }

// UpTo is the view of one run: it speaks, and where it has not landed the
// latest run before it does. Untagged data ranks before every run. It panics on
// a run without a rank.
func UpTo(r settlement.Run) Reconciler {
	if !r.Ranked() {
		panic("revisions: a dispute run without a rank has no view; reconcile by what it restates")
	}
	return Reconciler{limit: r, capped: true}
}

// AsOf is what was known at the end of a calendar day: for each settlement day
// the runs due by then under the timetable. Untagged data states no run and so
// no date: it is admitted for days that were over by then, and the report names it.
func AsOf(day settlement.Day, t settlement.Timetable) Reconciler {
	if day == 0 {
		panic("revisions: AsOf needs a day")
	}
	return Reconciler{asOf: day, timetable: t}
}

// Cap is the same view with no run above one: of UpTo, the lower of the two; of
// AsOf, what was known of that run on the day; of Newest, UpTo. It panics as
// UpTo does.
func (r Reconciler) Cap(run settlement.Run) Reconciler {
	if r.capped {
		run = min(run, r.limit)
	}
	c := UpTo(run)
	r.limit, r.capped, r.newest = c.limit, c.capped, false
	return r
}

// View names what is admitted: "latest", "newest", a run such as "R1", "as of
// 2026-11-23", or "R1 as of 2026-11-23"; and, of At, with the instant: "R1 known
// at 2025-07-01T12:00:00Z", and of Newest the instant alone: "known at
// 2025-07-01T12:00:00Z".
func (r Reconciler) View() string {
	view := "latest"
	switch {
	case r.asOf != 0 && r.capped:
		view = r.limit.String() + " as of " + r.asOf.String()
	case r.asOf != 0:
		view = "as of " + r.asOf.String()
	case r.capped:
		view = r.limit.String()
	case r.newest && !r.at.IsZero():
		return "known at " + r.at.Format(time.RFC3339Nano)
	case r.newest:
		view = "newest"
	}
	if !r.at.IsZero() {
		view += " known at " + r.at.Format(time.RFC3339Nano)
	}
	return view
}

// IsLatest reports whether the view is Latest, of whatever instant it is asked.
func (r Reconciler) IsLatest() bool { return !r.capped && !r.newest && r.asOf == 0 }

// Beyond reports whether a view asks of what nobody can know yet at an instant: of
// At, of a later one; of AsOf alone, of a day that has not begun then. Of the day
// that has begun, what is known of it then is all there is.
func (r Reconciler) Beyond(at time.Time) bool {
	if !r.at.IsZero() {
		return r.at.After(at)
	}
	return r.asOf != 0 && r.asOf.First().Time().After(at)
}

// Knows reports whether the view is asked of a time at which something was known
// that was made known at an instant: of AsOf, by the end of its day, of At, by its
// instant; of every other view, at any.
func (r Reconciler) Knows(made time.Time) bool { return !made.After(r.Known(made)) }

// Limit is the run of an UpTo view, or the one Cap put on a view.
func (r Reconciler) Limit() (settlement.Run, bool) { return r.limit, r.capped }

// admits reports whether run may speak for a day.
func (r Reconciler) admits(d settlement.Day, run settlement.Run) bool {
	switch {
	case r.capped && run > r.limit:
		return false
	case r.asOf == 0:
		return true
	case run == settlement.Untagged:
		return d < r.asOf
	}
	due, ok := r.timetable.Due(d, run)
	return ok && due <= r.asOf
}
