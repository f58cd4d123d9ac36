package halfhour

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// Route is how a meter's totals are made. Both come to the same, to the last digit.
type Route uint8

const (
	Fused        Route = iota // volumes to totals by month; most cells are never made
	Materialised              // every cell is made, and summed
)

// Batch is many meters priced over the same days in the same view.
type Batch struct {
	Span     settlement.Span      // whole local days
	Bucket   Bucket               // what amounts are told apart by; by day and half-hour the route is Materialised
	View     revisions.Reconciler // which runs speak; the zero value is the latest
	Market   *series.Cube         // lines of series.Market over the span, shared by all meters; nil when the tariffs state the loss factors
	Contract *series.Cube         // lines of series.Contract over the span, shared by all meters; nil when nothing is agreed by half-hour

	// Contracts says that each meter has contract lines of its own, such as nominated
	// energy, which the loader fills in: instead of Contract.
	Contracts bool

	// Class is whose line loss factors the market holds: they are of one class.
	// Supplies of another have those of their tariff. It must be given where the
	// market holds any.
	Class LossClass

	Meters int // how many; they are numbered from 0

	// Loader is called once for each goroutine that loads, before it does, and gives
	// the function that loads a meter.
	Loader func() Loader

	// Done is told of each meter priced, one at a time, in no order. What it is given
	// is good until it returns. An error of it ends the batch: the meter does not count
	// as priced, and Done is not called again.
	Done func(*Priced) error

	Route     Route
	Gaps      bool             // a meter with missing half-hours is priced as far as it is held, and its amounts say so
	Runs      []settlement.Run // that readings of meters may state, rising; nil is every ranked one. Contract lines may state any
	Workers   int              // 0 is one for each processor Go uses
	MaxFailed int              // failures after which the batch stops; 0 is DefaultFailed
	Schedules int              // kept at once; 0 is DefaultSchedules
}

// Limits of a batch unless told otherwise.
const (
	DefaultFailed    = 1_000
	DefaultSchedules = 16 // of a year with thirty items each takes some 4 MB
)

// LossClass is a line loss factor class of a distributor.
type LossClass struct {
	Distributor settlement.Distributor
	LLFC        string
}

// Loader empties meter, a cube of series.Meter with what the last meter left, by a
// Reset to the batch's span (a reader may do that), fills it with the readings of
// meter i, does so with contract, a cube of series.Contract or nil (see Contracts),
// and says what else there is to know of it. The supply is validated, and neither it
// nor the tariff changes afterwards; meters under one tariff have the same *Tariff, so
// that they can share schedules. What it gives beside an error says as much as is
// known. It keeps nothing of the cubes.
type Loader func(i int, meter, contract *series.Cube) (Loaded, error)

// Loaded is a meter beside its readings.
type Loaded struct {
	Name   string // for people: where the readings are from
	Supply *tariffs.Supply
	Tariff *tariffs.Tariff
	Values int // read
}

// Priced is a meter and what it comes to.
type Priced struct {
	Index int
	Loaded
	Amounts    *Amounts
	Report     *revisions.Report // which run supplied what
	Conditions tariffs.Condition // of all that is charged: see tariffs.Schedule.Notes
}

// Failure is a meter that was not priced.
type Failure struct {
	Index int
	Loaded
	Err error
}

// BatchResult says what a batch came to.
type BatchResult struct {
	Priced int
	Failed []Failure // in order of meters
	Values int64     // read
}

// Errors of a batch; match with errors.Is.
var (
	ErrBatch  = errors.New("bad batch")
	ErrFailed = errors.New("too many meters failed")
)

// RunBatch prices many meters. Each goroutine that prices has one set of frames and
// each meter is loaded into one of a fixed number of cubes, so memory does not grow
// with the meters; loading the next meters goes on while others are priced.
// Schedules and market data are shared, never copied, but for the loss factors that
// a class has of its own. After the first meters nothing is allocated but by the
// loader and Done.
//
// A meter is billed by calendar months: what rests on a bill, the rule for small
// ones, is decided month by month. Amounts are exact, before printing: VAT is the
// accrual of half-hours. Money outside any run, and supplies with related MPANs, are
// not for batches.
//
// What a meter comes to does not depend on the others, on how many goroutines there
// are or on who finishes first. A meter with a mistake is not priced, the others
// are, and the result lists it; after more than MaxFailed the batch ends
// (ErrFailed). When ctx is done it ends between two meters, with ctx's error. What
// Done was told of by then stands; the result holds what there is. It panics without
// a Loader or Done, and where there is a contract for all and one for each.
func RunBatch(ctx context.Context, b Batch) (*BatchResult, error) {
	e, err := b.start()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	free, loaded := make(chan *slot, 2*e.Workers), make(chan *slot, e.Workers)
	for range 2 * e.Workers {
		free <- e.slot()
	}
	var loaders, pricers sync.WaitGroup
	for range e.Workers {
		loaders.Go(func() { e.load(ctx, free, loaded) })
		pricers.Go(func() {
			w := e.worker()
			for s := range loaded {
				if ctx.Err() == nil {
					e.settle(ctx, cancel, s, w)
				}
				free <- s
			}
		})
	}
	loaders.Wait()
	close(loaded)
	pricers.Wait()
	slices.SortFunc(e.result.Failed, func(a, b Failure) int { return cmp.Compare(a.Index, b.Index) })
	return &e.result, context.Cause(ctx)
}

// bulk is a batch that runs.
type bulk struct {
	Batch
	buckets   *Buckets
	months    []settlement.Span
	market    *series.Frame
	contract  *series.Frame
	known     tariffs.Condition // of the market and the contract
	losses    tariffs.Condition // of supplies whose line loss factors the market holds
	others    tariffs.Condition // of supplies of another class
	schedules *tariffs.Schedules

	next   atomic.Int64
	mu     sync.Mutex // of what follows, and of Done
	result BatchResult
}

// slot is the cubes of a meter, and which it is.
type slot struct {
	cube     *series.Cube
	contract *series.Cube // nil unless meters have their own
	index    int
	Loaded
	err error
}

const panicBatch = "halfhour: a batch needs a loader and someone to tell, and one contract for all or one for each"
const panicLoader = "halfhour: a loader has to Reset its cubes to the batch's span before it fills them: the last meter is in them"

func (b Batch) start() (*bulk, error) {
	if b.Loader == nil || b.Done == nil || b.Contracts && b.Contract != nil {
		panic(panicBatch)
	}
	if b.Span.Empty() || !b.Span.WholeDays() || b.Span.Len() > series.MaxPeriods {
		return nil, &tariffs.Error{Value: b.Span.String(), Want: "price whole local days, at least one and at most twenty years of them", Err: tariffs.ErrSpan}
	}
	if b.Workers <= 0 {
		b.Workers = runtime.GOMAXPROCS(0)
	}
	b.Workers = min(b.Workers, max(b.Meters, 1)) // each has cubes of its own
	if b.MaxFailed <= 0 {
		b.MaxFailed = DefaultFailed
	}
	if b.Schedules <= 0 {
		b.Schedules = DefaultSchedules
	}
	if b.Runs == nil {
		b.Runs = settlement.RankedRuns()
	}
	if b.Bucket != ByMonth {
		b.Route = Materialised
	}
	e := &bulk{Batch: b, buckets: BucketsOf(b.Bucket, b.Span), schedules: tariffs.NewSchedules(b.Span, b.Schedules)}
	for _, part := range b.Span.Months() {
		e.months = append(e.months, part)
	}
	e.market = e.shared(b.Market, series.Market())
	e.others = lacking(e.market, b.Span, series.TLM)
	e.losses = e.others | lacking(e.market, b.Span, series.LLF)
	if b.Contract != nil {
		e.contract = e.shared(b.Contract, series.Contract())
	}
	if b.Class == (LossClass{}) && e.market.Line(series.LLF).CountValid(0, e.market.Len()) > 0 {
		return nil, &tariffs.Error{Item: series.Market().Def(series.LLF).Name, Want: "the market data holds line loss factors, which are of one class: say of which distributor and class, or leave them to the tariffs", Err: ErrBatch}
	}
	return e, nil
}

// shared reconciles lines that belong to no meter.
func (e *bulk) shared(c *series.Cube, schema *series.Schema) *series.Frame {
	if c == nil {
		return series.NewFrame(nil, schema, e.Span)
	}
	f, rep := e.View.Reconcile(c)
	e.known |= e.runs(rep, false)
	return f
}

func (e *bulk) slot() *slot {
	s := &slot{cube: series.NewCube(nil, series.Meter(), e.Runs, e.Span)}
	if e.Contracts {
		s.contract = series.NewCube(nil, series.Contract(), settlement.RankedRuns(), e.Span)
	}
	return s
}

// resets counts how often each cube was emptied.
func (s *slot) resets() (n [2]int) {
	n[0] = s.cube.Resets()
	if s.contract != nil {
		n[1] = s.contract.Resets()
	}
	return n
}

// fresh reports whether each cube was emptied since, and is over a span.
func (s *slot) fresh(was [2]int, span settlement.Span) bool {
	now := s.resets()
	return now[0] > was[0] && s.cube.Span() == span && (s.contract == nil || now[1] > was[1] && s.contract.Span() == span)
}

// load loads meters into free cubes until there are no more.
func (e *bulk) load(ctx context.Context, free <-chan *slot, loaded chan<- *slot) {
	load := e.Loader()
	for {
		var s *slot
		select {
		case s = <-free:
		case <-ctx.Done():
			return
		}
		s.index = int(e.next.Add(1) - 1)
		if s.index >= e.Meters || ctx.Err() != nil {
			return
		}
		was := s.resets()
		if s.Loaded, s.err = load(s.index, s.cube, s.contract); s.err == nil && !s.fresh(was, e.Span) {
			panic(panicLoader)
		}
		loaded <- s
	}
}

// settle prices a meter and tells what came of it, unless the batch has ended
// meanwhile. What goes wrong there ends it before anybody else is told.
func (e *bulk) settle(ctx context.Context, end context.CancelCauseFunc, s *slot, w *worker) {
	err := s.err
	if err == nil {
		err = w.price(s)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.result.Values += int64(s.Values)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		e.result.Failed = append(e.result.Failed, Failure{s.index, s.Loaded, err})
		if len(e.result.Failed) > e.MaxFailed {
			end(fmt.Errorf("%w: %d; the last is %s: %w", ErrFailed, len(e.result.Failed), s.Name, err))
		}
		return
	}
	if err := e.Done(&w.priced); err != nil {
		end(err)
		return
	}
	e.result.Priced++
}
