package halfhour

import (
	"context"
	"slices"
	"time"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// knownAt is the instant of which views of the job's deliveries are asked, or
// nothing.
func (j *Job) knownAt() string {
	if j.Meter != nil || j.KnownAt.IsZero() {
		return ""
	}
	return j.KnownAt.UTC().Format(time.RFC3339)
}

// journalled keeps what is known of the job's deliveries: of the meters and days
// that are looked at, each delivery read once.
func (d *gathered) journalled(ctx context.Context) error {
	j := d.job
	d.journal, d.known, d.cut = revisions.NewJournal(series.Meter()), j.KnownAt, j.Cutoff
	if d.known.IsZero() {
		d.known = settlement.MaxDay.First().Time()
	}
	if d.cut == nil {
		d.cut = revisions.TimetableCutoff(j.calendar())
	}
	for _, mpan := range j.mpans() {
		d.meters = append(d.meters, delivered{mpan: mpan})
	}
	for _, x := range j.Deliveries {
		if x.Received.After(d.known) {
			d.later++
			continue
		}
		receipt, err := d.journal.Add(x.Delivery, d.kept(ctx, x))
		if err != nil {
			return err
		}
		j.Log.Info("delivery kept", "source", x.Source, "received", x.Received.UTC().Format(time.RFC3339), "days", receipt.Kept, "repeated", receipt.Repeated, "late", receipt.Late, "conflicts", receipt.Conflicts)
	}
	for i := range d.meters {
		m := &d.meters[i]
		m.cube = series.NewCube(nil, series.Meter(), ranked(), d.whole)
		d.journal.Cube(m.cube, m.mpan, d.known, d.cut)
		j.Log.Info("readings collected", "mpan", m.mpan.String(), "kept", m.tally.Kept, "outside", m.tally.Outside, "others", m.tally.Others)
	}
	d.conflicts = slices.DeleteFunc(d.journal.Conflicts(), func(c revisions.Conflict) bool { return !d.whole.Contains(c.Span.Lo) })
	d.anomalies = slices.DeleteFunc(d.journal.Anomalies(d.cut), func(a revisions.Anomaly) bool { return !d.whole.Contains(a.Now.Span.Lo) })
	return nil
}

// kept are the readings of a delivery that are looked at, of UTC days as whole
// days. It counts all of them.
func (d *gathered) kept(ctx context.Context, from Delivery) Source {
	whole := d.whole
	if from.UTCDays {
		const day = 48 // half-hours
		whole.Lo -= whole.Lo % day
		whole.Hi += (day - whole.Hi%day) % day
	}
	return func(yield func(series.Reading, error) bool) {
		for r, err := range watch(ctx, from.Readings, func(*series.Reading) {}) {
			if err == nil && (!d.count(&r) || !whole.Contains(r.Period)) {
				continue
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// count enters a reading in every meter's tally, and reports whether it is of
// one.
func (d *gathered) count(r *series.Reading) bool {
	mine := false
	for i := range d.meters {
		m := &d.meters[i]
		if r.MPAN != m.mpan {
			m.tally.Others++
			continue
		}
		mine = true
		if r.Line == d.job.active() {
			m.see(r.Period)
		}
		if !d.whole.Contains(r.Period) {
			m.tally.Outside++
			continue
		}
		m.tally.Kept++
	}
	d.strange = d.strange || !mine
	return mine
}

// cube is what a view looks at of a meter.
func (d *gathered) cube(m *delivered, by revisions.Reconciler) *series.Cube {
	if d.journal == nil {
		return m.cube
	}
	cube := series.NewCube(nil, series.Meter(), ranked(), d.whole)
	d.journal.View(cube, by, m.mpan, d.known, d.cut)
	return cube
}

// note adds to the notes of every span what versions of a journal bring up: of
// the lines that may be charged, those that speak in the meter's frame.
func (d *gathered) note(b *billing, by revisions.Reconciler, meter int, frame *series.Frame) {
	if d.journal == nil {
		return
	}
	latest := revisions.Latest()
	if at, ok := by.Instant(); ok {
		latest = latest.At(at)
	}
	for i, span := range d.job.Spans {
		for _, part := range revisions.Parts(span) {
			for _, l := range []series.Line{d.job.active(), series.RI, series.RE} {
				at := frame.Span().Index(part.Lo)
				if _, held := frame.Line(l).At(at); !held {
					continue
				}
				run := frame.Line(l).Marks[at].Run()
				s, ok := d.journal.Spoken(d.meters[meter].mpan, l, part.Lo, run, by, d.known, d.cut)
				switch {
				case !ok:
					continue
				case s.Contested > 0:
					b.res.notes[i] |= tariffs.ConflictingVersions
				}
				if s.Estimates > 0 {
					b.res.notes[i] |= tariffs.EstimateReplacedActual
				}
				if s.Newer && by.View() == latest.View() {
					b.res.notes[i] |= tariffs.NewerReadings
				}
			}
		}
	}
}

// untagged drops data without a run from the runs of a journal that has others:
// what it holds is what they saw, or did not see yet.
func (d *gathered) untagged(runs []settlement.Run) []settlement.Run {
	if d.journal == nil || len(runs) < 2 {
		return runs
	}
	return slices.DeleteFunc(runs, func(r settlement.Run) bool { return r == settlement.Untagged })
}
