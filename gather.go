package halfhour

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// gathered is a job's data in columns, run by run, before a view is chosen:
// the sources are read once, however many views are looked at.
type gathered struct {
	job      *Job
	whole    settlement.Span
	schedule *tariffs.Schedule // nil where nothing is priced
	meters   []delivered       // the supply's own first, then those related
	market   *series.Cube
	contract *series.Cube // nil when the job has none
	strange  bool         // the source holds readings of meters that are not billed

	journal   *revisions.Journal // nil where the job gives one source and not deliveries
	known     time.Time
	cut       revisions.Cutoff
	conflicts []revisions.Conflict
	anomalies []revisions.Anomaly
	later     int
}

// delivered is what a source holds of one meter.
type delivered struct {
	mpan  settlement.MPAN
	cube  *series.Cube    // of a journal, what each run said
	seen  settlement.Span // from the first to the last half-hour of active energy
	tally series.Tally

	strange bool // there are readings of meters that the supply does not name
}

// prepare checks a job, compiles its tariff and gathers its data.
func (j Job) prepare(ctx context.Context) (*gathered, error) {
	if j.Tariff == nil {
		panic(panicJob)
	}
	whole, err := j.whole()
	if err != nil {
		return nil, err
	}
	schedule, err := j.Tariff.Compile(whole, j.Supply)
	if err != nil {
		return nil, err
	}
	d, err := j.gather(ctx, whole)
	if err != nil {
		return nil, err
	}
	d.schedule = schedule
	return d, nil
}

const panicJob = "halfhour: a job needs a supply, a tariff and a meter source: Meter or Deliveries, not both"

// whole checks the job, fills in what it leaves out and gives the span from its
// first bill to its last.
func (j *Job) whole() (settlement.Span, error) {
	if j.Supply == nil || (j.Meter == nil) == (len(j.Deliveries) == 0) {
		panic(panicJob)
	}
	if j.Log == nil {
		j.Log = slog.New(slog.DiscardHandler)
	}
	supply := *j.Supply // Validate writes to it, and the caller may share it
	j.Supply = &supply
	if err := supply.Validate(); err != nil {
		return settlement.Span{}, err
	}
	if len(j.Spans) == 0 {
		return settlement.Span{}, &tariffs.Error{Want: "give at least one span to bill", Err: tariffs.ErrSpan}
	}
	whole := j.Spans[0]
	for _, s := range j.Spans {
		if s.Empty() || !s.WholeDays() {
			return settlement.Span{}, &tariffs.Error{Value: s.String(), Want: "bill whole local days, at least one", Err: tariffs.ErrSpan}
		}
		whole.Lo, whole.Hi = min(whole.Lo, s.Lo), max(whole.Hi, s.Hi)
	}
	if whole.Len() > series.MaxPeriods {
		return settlement.Span{}, &tariffs.Error{Value: whole.String(), Want: "bill at most twenty years at once", Err: tariffs.ErrSpan}
	}
	return whole, nil
}

// gather collects the readings of the meter, of related ones, and the lines
// that belong to no meter.
func (j *Job) gather(ctx context.Context, whole settlement.Span) (*gathered, error) {
	d := &gathered{job: j, whole: whole}
	if j.Meter == nil {
		if err := d.journalled(ctx); err != nil {
			return nil, err
		}
	}
	for _, mpan := range j.mpans() {
		if j.Meter == nil {
			break
		}
		m, err := j.meter(ctx, whole, mpan)
		if err != nil {
			return nil, err
		}
		d.meters = append(d.meters, m)
		d.strange = m.strange
		j.Log.Info("readings collected", "mpan", mpan.String(), "kept", m.tally.Kept, "outside", m.tally.Outside, "others", m.tally.Others)
	}
	var err error
	if d.market, err = lines(ctx, j.Market, series.Market(), whole); err != nil {
		return nil, err
	}
	if j.Contract != nil {
		d.contract, err = lines(ctx, j.Contract, series.Contract(), whole)
	}
	return d, err
}

// mpans are the meters billed, the supply's own first.
func (j *Job) mpans() []settlement.MPAN {
	return append([]settlement.MPAN{j.Supply.MPAN}, j.Supply.Related...)
}

// ranked are the runs a cube may hold.
func ranked() []settlement.Run {
	var runs []settlement.Run
	for r := range settlement.Run(settlement.NumRanked) {
		runs = append(runs, r)
	}
	return runs
}

// active is the line of the meter that the supply is charged on.
func (j *Job) active() series.Line {
	if j.Supply.Export {
		return series.AE
	}
	return series.AI
}

// calendar is the timetable of the runs still to come.
func (j *Job) calendar() settlement.Timetable {
	if j.Calendar.Runs(j.Spans[0].From()) == nil {
		return settlement.GB()
	}
	return j.Calendar
}

// meter collects the readings of one meter.
func (j *Job) meter(ctx context.Context, whole settlement.Span, mpan settlement.MPAN) (delivered, error) {
	m := delivered{mpan: mpan, cube: series.NewCube(nil, series.Meter(), ranked(), whole)}
	var err error
	m.tally, err = series.Collect(m.cube, mpan, watch(ctx, j.Meter, func(r *series.Reading) {
		if r.MPAN != mpan || r.Line != j.active() {
			m.strange = m.strange || r.MPAN != j.Supply.MPAN && !slices.Contains(j.Supply.Related, r.MPAN)
			return
		}
		m.see(r.Period)
	}))
	return m, err
}

// see widens what is seen of a meter by a half-hour.
func (m *delivered) see(p settlement.Period) {
	if m.seen.Empty() {
		m.seen = settlement.Span{Lo: p, Hi: p + 1}
	}
	m.seen.Lo, m.seen.Hi = min(m.seen.Lo, p), max(m.seen.Hi, p+1)
}

// lines collects lines that belong to no meter; without a source the cube is
// empty.
func lines(ctx context.Context, from Source, schema *series.Schema, whole settlement.Span) (*series.Cube, error) {
	cube := series.NewCube(nil, schema, ranked(), whole)
	if from == nil {
		return cube, nil
	}
	_, err := series.Collect(cube, settlement.MPAN{}, watch(ctx, from, func(*series.Reading) {}))
	return cube, err
}

// watch shows every reading to see and stops when ctx is done.
func watch(ctx context.Context, from Source, see func(*series.Reading)) Source {
	return func(yield func(series.Reading, error) bool) {
		for r, err := range from {
			if ctx.Err() != nil {
				yield(series.Reading{}, ctx.Err())
				return
			}
			if err == nil {
				see(&r)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// reconcile lets a view decide which run speaks, adds the readings of related
// meters, and refuses spans that the active energy does not cover.
func (d *gathered) reconcile(b *billing, by revisions.Reconciler) error {
	j := d.job
	b.res.Conflicts, b.res.Anomalies, b.res.Later = d.conflicts, d.anomalies, d.later
	b.res.notes = make([]tariffs.Condition, len(j.Spans))
	note := func(rep *revisions.Report) {
		b.reports = append(b.reports, rep)
		for i, span := range j.Spans {
			if rep.PassedOver(span) {
				b.res.notes[i] |= tariffs.IncompleteRun
			}
		}
	}
	for k := range d.meters {
		frame, report := by.Reconcile(d.cube(&d.meters[k], by))
		if err := d.covered(frame, by, &d.meters[k]); err != nil {
			return err
		}
		note(report)
		d.note(b, by, k, frame)
		if k == 0 {
			b.in.Meter, b.res.Meter = frame, report
			continue
		}
		if err := tariffs.Combine(b.in.Meter, frame); err != nil {
			return err
		}
	}
	b.in.Market, b.res.Market = by.Reconcile(d.market)
	note(b.res.Market)
	if d.contract != nil {
		var report *revisions.Report
		b.in.Contract, report = by.Reconcile(d.contract)
		b.reports = append(b.reports, report)
	}
	for i, span := range j.Spans {
		b.res.notes[i] |= j.lacking(b.in.Market, span)
		if d.strange {
			b.res.notes[i] |= tariffs.OtherMeters
		}
	}
	return nil
}

// covered refuses a span in which a half-hour has no active energy.
func (d *gathered) covered(frame *series.Frame, by revisions.Reconciler, m *delivered) error {
	j := d.job
	if j.gaps {
		return nil
	}
	what := "active import"
	if j.Supply.Export {
		what = "active export"
	}
	for _, span := range j.Spans {
		lo, hi := frame.Span().Index(span.Lo), frame.Span().Index(span.Hi)
		active := frame.Line(j.active())
		missing := span.Len() - active.CountValid(lo, hi)
		if missing == 0 {
			continue
		}
		first := frame.Span().Lo + settlement.Period(active.NextInvalid(lo, hi))
		fix := fmt.Sprintf("%d of %d half-hours of MPAN %s have no %s in the view %q, this one first; ", missing, span.Len(), m.mpan, what, by.View())
		switch {
		case m.seen.Empty():
			fix += fmt.Sprintf("the source holds no %s of MPAN %s (%d readings are of other meters, %d of other lines of this one): is it the right file?", what, m.mpan, m.tally.Others, m.tally.Kept+m.tally.Outside)
		case !m.seen.Covers(span):
			fix += fmt.Sprintf("the source holds %s to %s: bill days inside that, or add the missing files", m.seen.Lo, m.seen.Hi-1)
		default:
			fix += "the source has gaps, or holds these days only in runs the view does not admit: choose another view, or ask the data collector for the missing days"
		}
		if d.later > 0 {
			fix += fmt.Sprintf("; %d deliveries were received after %s and are not known then", d.later, j.KnownAt.Format(time.RFC3339))
		}
		return &tariffs.Error{Value: first.String(), Want: fix, Err: tariffs.ErrMissing}
	}
	return nil
}

// lacking says whether the market data has loss factors, but not for every
// half-hour of a span. Data without any is no promise of them.
func (j *Job) lacking(market *series.Frame, span settlement.Span) tariffs.Condition {
	lo, hi := market.Span().Index(span.Lo), market.Span().Index(span.Hi)
	for _, l := range []series.Line{series.LLF, series.TLM} {
		c := market.Line(l)
		if n := c.CountValid(0, c.Len()); n > 0 && c.CountValid(lo, hi) < hi-lo {
			return tariffs.TariffLosses
		}
	}
	return 0
}
