package halfhour

import (
	"context"
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
	market   holding
	contract holding // it holds nothing when the job has none
	cash     placed  // of one bill that is looked at in several views
	others   others  // meters that the source holds and the supply does not name

	known   time.Time // of deliveries: what was received later is not read
	cut     revisions.Cutoff
	later   []revisions.Delivery
	reading time.Time // when the delivery that is read was received; zero of a source
}

// holding is what a source holds, by run.
type holding struct {
	cube    *series.Cube       // of a journal, room for what a view looks at: see gathered.cube
	journal *revisions.Journal // nil where the job gives one source and not deliveries
	mpan    settlement.MPAN    // zero of what belongs to no meter
}

// holds reports whether there is anything to look at.
func (h *holding) holds() bool { return h.cube != nil || h.journal != nil }

// delivered is what a source holds of one meter.
type delivered struct {
	holding
	seen  settlement.Span // from the first to the last half-hour of active energy
	tally series.Tally
}

// prepare checks a job, compiles its tariff and gathers its data.
func (j Job) prepare(ctx context.Context) (*gathered, error) {
	whole, schedule, err := j.compile()
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

// compile checks a job and compiles its tariff for the whole of its spans.
func (j *Job) compile() (settlement.Span, *tariffs.Schedule, error) {
	if j.Tariff == nil {
		panic(panicJob)
	}
	whole, err := j.whole()
	if err != nil {
		return whole, nil, err
	}
	schedule, err := j.Tariff.Compile(whole, j.Supply)
	return whole, schedule, err
}

const panicJob = "halfhour: a job needs a supply, a tariff and a meter source: Meter or Deliveries, not both"

const panicDated = "halfhour: market and contract are a source or deliveries, not both, and deliveries go with those of the meter"

// whole checks the job, fills in what it leaves out and gives the span from its
// first bill to its last.
func (j *Job) whole() (settlement.Span, error) {
	switch {
	case j.Supply == nil || (j.Meter == nil) == (len(j.Deliveries) == 0):
		panic(panicJob)
	case j.Meter != nil && len(j.MarketDeliveries)+len(j.ContractDeliveries) > 0,
		j.Market != nil && len(j.MarketDeliveries) > 0, j.Contract != nil && len(j.ContractDeliveries) > 0:
		panic(panicDated)
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
	for _, s := range j.Spans {
		if s.Empty() || !s.WholeDays() {
			return settlement.Span{}, &tariffs.Error{Value: s.String(), Want: "bill whole local days, at least one", Err: tariffs.ErrSpan}
		}
	}
	whole := extent(j.Spans)
	if whole.Len() > series.MaxPeriods {
		return settlement.Span{}, &tariffs.Error{Value: whole.String(), Want: "bill at most twenty years at once", Err: tariffs.ErrSpan}
	}
	return whole, nil
}

// extent is from the first half-hour of any span to the last one's.
func extent(spans []settlement.Span) settlement.Span {
	whole := spans[0]
	for _, s := range spans {
		whole.Lo, whole.Hi = min(whole.Lo, s.Lo), max(whole.Hi, s.Hi)
	}
	return whole
}

// gather collects the readings of the meter, of related ones, and the lines
// that belong to no meter.
func (j *Job) gather(ctx context.Context, whole settlement.Span) (*gathered, error) {
	d := &gathered{job: j, whole: whole}
	for _, mpan := range j.mpans() {
		d.meters = append(d.meters, delivered{holding: holding{mpan: mpan}})
	}
	collect := d.collect
	if j.Meter == nil {
		collect = d.journalled
	}
	if err := collect(ctx); err != nil {
		return nil, err
	}
	for i := range d.meters {
		m := &d.meters[i]
		j.Log.Info("readings collected", "mpan", m.mpan.String(), "kept", m.tally.Kept, "outside", m.tally.Outside, "others", m.tally.Others)
	}
	return d, nil
}

// mpans are the meters billed, the supply's own first.
func (j *Job) mpans() []settlement.MPAN {
	return append([]settlement.MPAN{j.Supply.MPAN}, j.Supply.Related...)
}

// active is the line of the meter that the supply is charged on.
func (j *Job) active() series.Line {
	if j.Supply.Export {
		return series.AE
	}
	return series.AI
}

// calendar is the timetable of the runs still to come.
func (j *Job) calendar() settlement.Timetable { return j.Calendar.OrGB() }

// collect reads sources that do not say when they were received.
func (d *gathered) collect(ctx context.Context) error {
	into := make([]*series.Collected, len(d.meters))
	for i := range d.meters {
		m := &d.meters[i]
		m.cube = series.NewCube(nil, series.Meter(), settlement.RankedRuns(), d.whole)
		into[i] = &series.Collected{MPAN: m.mpan, Cube: m.cube}
	}
	if err := series.CollectAll(watch(ctx, d.job.Meter, d.see), into...); err != nil {
		return err
	}
	for i := range d.meters {
		d.meters[i].tally = into[i].Tally
	}
	return d.undated(ctx)
}

// undated reads the market and the contract where they do not say when they
// were received.
func (d *gathered) undated(ctx context.Context) (err error) {
	if !d.market.holds() {
		if d.market.cube, err = lines(ctx, d.job.Market, series.Market(), d.whole); err != nil {
			return err
		}
	}
	if !d.contract.holds() && d.job.Contract != nil {
		d.contract.cube, err = lines(ctx, d.job.Contract, series.Contract(), d.whole)
	}
	return err
}

// see notes a reading of the meter source: of which meter it is, and when.
func (d *gathered) see(r *series.Reading) (mine bool) {
	for i := range d.meters {
		if m := &d.meters[i]; r.MPAN == m.mpan {
			mine = true
			if r.Line == d.job.active() {
				m.see(r.Period)
			}
		}
	}
	if !mine {
		d.others.add(r.MPAN, d.reading)
	}
	return mine
}

// part is the data of some days of the whole, to be billed by themselves.
func (d *gathered) part(spans []settlement.Span, schedule *tariffs.Schedule) *gathered {
	of, job := *d, *d.job
	job.Spans = spans
	of.job, of.whole, of.schedule = &job, extent(spans), schedule
	of.meters = slices.Clone(d.meters)
	for i := range of.meters {
		of.meters[i].cut(of.whole)
	}
	of.market.cut(of.whole)
	of.contract.cut(of.whole)
	return &of
}

// cut leaves of a holding some days. A journal gives any.
func (h *holding) cut(whole settlement.Span) {
	switch {
	case h.journal != nil:
		h.cube = nil
	case h.cube != nil:
		h.cube = h.cube.Part(whole)
	}
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
	cube := series.NewCube(nil, schema, settlement.RankedRuns(), whole)
	if from == nil {
		return cube, nil
	}
	_, err := series.Collect(cube, settlement.MPAN{}, watch(ctx, from, all))
	return cube, err
}

// watch shows every reading to see, and stops when ctx is done.
func watch(ctx context.Context, from Source, see func(*series.Reading) bool) Source {
	return func(yield func(series.Reading, error) bool) {
		var seen series.Reading // one for all: each would be allocated
		for r, err := range from {
			if ctx.Err() != nil {
				yield(series.Reading{}, ctx.Err())
				return
			}
			if err == nil {
				seen = r
				see(&seen)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// all is for what nothing is to be noted of.
func all(*series.Reading) bool { return true }
