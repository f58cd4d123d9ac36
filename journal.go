package halfhour

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// knownAt is the instant of which a view of the job's deliveries is asked, its
// own or else the job's, or nothing.
func (j *Job) knownAt(by revisions.Reconciler) string {
	at, ok := by.Instant()
	switch {
	case ok:
		return at.Format(time.RFC3339Nano)
	case j.Meter != nil || j.KnownAt.IsZero():
		return ""
	}
	return j.KnownAt.UTC().Format(time.RFC3339Nano)
}

// asked is the day on which a view is asked: that of its own instant, its own day,
// or that of the job's instant, whichever is first; 0 where none is given.
func (j *Job) asked(by revisions.Reconciler) settlement.Day {
	never := settlement.MaxDay.First().Time()
	at := never
	if j.Meter == nil && !j.KnownAt.IsZero() && j.KnownAt.Before(never) {
		at = j.KnownAt
	}
	if at = by.Known(at); at.Equal(never) {
		return 0
	}
	p, err := settlement.PeriodAt(at.Truncate(30 * time.Minute))
	if err != nil {
		return 0 // before any day that can be told
	}
	return p.Day()
}

// dated says whether the meters' data says when it was received.
func (d *gathered) dated() bool { return d.job.Meter == nil }

// ErrView is a view that a job's data cannot answer.
var ErrView = errors.New("data cannot answer the view")

// asks refuses a view that asks of an instant what does not say when it was
// received, or what lies beyond what was read.
func (d *gathered) asks(by revisions.Reconciler) error {
	_, ok := by.Instant()
	switch {
	case !d.dated() && ok:
		return &tariffs.Error{Value: by.View(), Want: "meter data that says when it was received: give Deliveries instead of Meter (hh: --journal), or a view without an instant", Err: ErrView}
	case d.dated() && by.Beyond(d.known):
		return &tariffs.Error{Value: by.View(), Want: "a day or an instant not after " + d.known.UTC().Format(time.RFC3339Nano) + ", for what was received later is not read: ask with a later KnownAt (hh: --known-at)", Err: ErrView}
	}
	return nil
}

// journalled keeps what is known of the job's deliveries: of the meters and days
// that are looked at, each delivery read once.
func (d *gathered) journalled(ctx context.Context) error {
	j := d.job
	d.known, d.cut = j.KnownAt, j.Cutoff
	if d.known.IsZero() {
		d.known = settlement.MaxDay.First().Time()
	}
	if d.cut == nil {
		d.cut = revisions.TimetableCutoff(j.calendar())
	}
	d.cut = daily(d.cut, d.whole)
	meter, err := d.keep(ctx, series.Meter(), j.Deliveries, d.count)
	if err != nil {
		return err
	}
	for i := range d.meters {
		d.meters[i].journal = meter
	}
	for _, x := range []struct {
		to     *holding
		schema *series.Schema
		from   []Delivery
	}{{&d.market, series.Market(), j.MarketDeliveries}, {&d.contract, series.Contract(), j.ContractDeliveries}} {
		if len(x.from) == 0 {
			continue
		}
		journal, err := d.keep(ctx, x.schema, x.from, func(r *series.Reading) bool {
			r.MPAN = settlement.MPAN{} // it belongs to none
			return true
		})
		if err != nil {
			return err
		}
		x.to.journal = journal
	}
	slices.SortFunc(d.later, func(a, b revisions.Delivery) int {
		return cmp.Or(a.Received.Compare(b.Received), cmp.Compare(a.Source, b.Source))
	})
	return d.undated(ctx)
}

// keep puts what is known of deliveries in a journal. of says whose readings are
// looked at.
func (d *gathered) keep(ctx context.Context, schema *series.Schema, from []Delivery, of func(*series.Reading) bool) (*revisions.Journal, error) {
	journal := revisions.NewJournal(schema)
	for _, x := range from {
		if x.Received = x.Known(); x.Received.After(d.known) {
			d.later = append(d.later, x.Delivery)
			continue
		}
		d.reading = x.Received
		receipt, err := journal.Add(x.Delivery, d.kept(ctx, x.Readings, x.Days(d.whole), of))
		if err != nil {
			return nil, err
		}
		d.job.Log.Info("delivery kept", "source", x.Source, "received", x.Received.UTC().Format(time.RFC3339Nano), "days", receipt.Kept, "repeated", receipt.Repeated, "late", receipt.Late, "conflicts", receipt.Conflicts)
	}
	return journal, nil
}

// daily is a cut-off that is asked once of each day of a span: every view asks of
// every day, line by line.
func daily(cut revisions.Cutoff, whole settlement.Span) revisions.Cutoff {
	type answer struct {
		at time.Time
		ok bool
	}
	from := whole.From()
	days := make([]*[settlement.NumRanked]answer, whole.To()-from)
	return func(day settlement.Day, run settlement.Run) (time.Time, bool) {
		if day < from || day >= from+settlement.Day(len(days)) || !run.Ranked() {
			return cut(day, run)
		}
		at := &days[day-from]
		if *at == nil {
			*at = new([settlement.NumRanked]answer)
			for r := settlement.II; r <= settlement.DF; r++ {
				(*at)[r].at, (*at)[r].ok = cut(day, r)
			}
		}
		return (*at)[run].at, (*at)[run].ok
	}
}

// odds are the conflicts and anomalies of the days that are looked at, as a view
// knows them.
func (d *gathered) odds(by revisions.Reconciler) (conflicts []revisions.Conflict, anomalies []revisions.Anomaly) {
	at := by.Known(d.known)
	for _, journal := range []*revisions.Journal{d.meters[0].journal, d.market.journal, d.contract.journal} { // of all meters one
		if journal == nil {
			continue
		}
		for _, c := range journal.Conflicts(at) {
			if d.whole.Contains(c.Span.Lo) { // and not the rest of a UTC day
				conflicts = append(conflicts, c)
			}
		}
		for _, a := range journal.Anomalies(at, d.cut) {
			if d.whole.Contains(a.Now.Span.Lo) {
				anomalies = append(anomalies, a)
			}
		}
	}
	return conflicts, anomalies
}

// kept are the readings of a delivery that are looked at.
func (d *gathered) kept(ctx context.Context, from Source, days settlement.Span, of func(*series.Reading) bool) Source {
	return func(yield func(series.Reading, error) bool) {
		var seen series.Reading // one for all: each would be allocated
		for r, err := range watch(ctx, from, all) {
			if seen = r; err == nil && (!of(&seen) || !days.Contains(r.Period)) {
				continue
			}
			if !yield(seen, err) {
				return
			}
		}
	}
}

// count enters a reading of a meter in every meter's tally, and reports whether
// it is of one of them.
func (d *gathered) count(r *series.Reading) bool {
	for i := range d.meters {
		m := &d.meters[i]
		switch {
		case r.MPAN != m.mpan:
			m.tally.Others++
		case d.whole.Contains(r.Period):
			m.tally.Kept++
		default:
			m.tally.Outside++
		}
	}
	return d.see(r)
}

// room is a journal's cube, for one view after the other.
func (d *gathered) room(h *holding) *series.Cube {
	if h.cube == nil {
		h.cube = series.NewCube(nil, h.journal.Schema(), settlement.RankedRuns(), d.whole)
	}
	return h.cube
}

// cube is what a view looks at of a holding. It holds until the next view.
func (d *gathered) cube(h *holding, by revisions.Reconciler) *series.Cube {
	if h.journal != nil {
		h.journal.View(d.room(h), by, h.mpan, d.known, d.cut)
	}
	return h.cube
}

// note adds to the notes of every span what versions of a journal bring up: of
// the lines given, those that speak in the frame.
func (d *gathered) note(b *billing, by revisions.Reconciler, h *holding, frame *series.Frame, lines []series.Line) {
	if h.journal == nil {
		return
	}
	for i, span := range d.job.Spans {
		for _, part := range revisions.Parts(span) {
			for _, l := range lines {
				at := frame.Span().Index(part.Lo)
				if _, held := frame.Line(l).At(at); !held {
					continue
				}
				run := frame.Line(l).Marks[at].Run()
				s, ok := h.journal.Spoken(h.mpan, l, part.Lo, run, by, d.known, d.cut)
				switch {
				case !ok:
					continue
				case s.Contested > 0:
					b.res.notes[i] |= tariffs.ConflictingVersions
				}
				if s.Estimates > 0 {
					b.res.notes[i] |= tariffs.EstimateReplacedActual
				}
				if s.Newer && by.IsLatest() {
					b.res.notes[i] |= tariffs.NewerReadings
				}
			}
		}
	}
}

// linesOf are all lines of a frame.
func linesOf(f *series.Frame) []series.Line {
	out := make([]series.Line, f.Schema().Len())
	for l := range out {
		out[l] = series.Line(l)
	}
	return out
}

// late says whether what is asked of an instant rests on market or contract data
// that does not say when it was received: what came after the instant may be in
// it, unless it was at hand by then. The end of the day of an as-of view is such
// an instant.
func (d *gathered) late(by revisions.Reconciler) tariffs.Condition {
	j, at := d.job, by.Known(d.known)
	asked := !j.KnownAt.IsZero() || at.Before(d.known)
	if !d.dated() || !asked || !j.AtHand.IsZero() && !at.Before(j.AtHand) {
		return 0
	}
	for _, h := range []*holding{&d.market, &d.contract} {
		if h.journal == nil && h.cube != nil && len(revisions.Landed(h.cube)) > 0 {
			return tariffs.UndatedMarket
		}
	}
	return 0
}

// untagged drops data without a run from the runs of a journal that has others:
// what it holds is what they saw, or did not see yet.
func (d *gathered) untagged(runs []settlement.Run) []settlement.Run {
	if !d.dated() || len(runs) < 2 {
		return runs
	}
	return slices.DeleteFunc(runs, func(r settlement.Run) bool { return r == settlement.Untagged })
}
