package tariffs

import (
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Schedules keeps the schedules of one span, so that supplies on the same terms
// share one. Any number of goroutines may use it. It keeps the schedules that were
// asked for last, up to a limit: one of a year with thirty items takes some
// megabytes.
//
// Schedules of it that charge the same items share a schema, so that what is kept
// for one schema (Work, frames, totals) serves them all.
type Schedules struct {
	span  settlement.Span
	limit int
	seed  maphash.Seed

	mu      sync.Mutex
	clock   int64
	held    map[scheduleKey][]*Kept
	count   int
	schemas []*series.Schema
}

type scheduleKey struct {
	tariff *Tariff
	terms  uint64 // a hash of them
}

// Kept is a schedule of Schedules: the one for usual bills, and with Small the one
// for small ones.
type Kept struct {
	of     *Schedules
	sup    *Supply
	usual  once
	small  once
	used   int64
	seen   sync.Once // makes market
	market atomic.Pointer[series.Frame]
}

type once struct {
	sync.Once
	schedule *Schedule
	err      error
}

// MaxLayouts is how many sets of items Schedules tells apart before it forgets
// which schemas it has given out.
const MaxLayouts = 16

// NewSchedules keeps at most limit schedules of a span.
func NewSchedules(span settlement.Span, limit int) *Schedules {
	return &Schedules{span: span, limit: max(1, limit), seed: maphash.MakeSeed(), held: map[scheduleKey][]*Kept{}}
}

// Of gives the schedule of a tariff for a validated supply: the same as of any
// supply on the same terms under the same *Tariff. It compiles what it does not
// hold, and fails as Tariff.Compile does. Where it holds it, it allocates nothing.
func (c *Schedules) Of(t *Tariff, sup *Supply) (*Kept, *Schedule, error) {
	k := c.kept(t, sup)
	s, err := k.usual.make(func() (*Schedule, error) { return t.Compile(c.span, k.sup) }, c)
	return k, s, err
}

func (o *once) make(compile func() (*Schedule, error), c *Schedules) (*Schedule, error) {
	o.Do(func() {
		if o.schedule, o.err = compile(); o.err == nil {
			o.schedule.schema = c.share(o.schedule.schema)
		}
	})
	return o.schedule, o.err
}

// kept finds the place of a schedule, or makes one for it to be compiled in
// outside the lock.
func (c *Schedules) kept(t *Tariff, sup *Supply) *Kept {
	key := scheduleKey{t, sup.hash(c.seed)}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clock++
	for _, k := range c.held[key] {
		if sup.alike(k.sup) {
			k.used = c.clock
			return k
		}
	}
	own := *sup
	k := &Kept{of: c, sup: &own, used: c.clock}
	if c.count == c.limit {
		c.forget()
	}
	c.held[key] = append(c.held[key], k)
	c.count++
	return k
}

// forget drops the schedule that was asked for longest ago. Who has it keeps it.
func (c *Schedules) forget() {
	var oldest scheduleKey
	at, used := -1, c.clock+1
	for key, list := range c.held {
		for i, k := range list {
			if k.used < used {
				oldest, at, used = key, i, k.used
			}
		}
	}
	if c.held[oldest] = slices.Delete(c.held[oldest], at, at+1); len(c.held[oldest]) == 0 {
		delete(c.held, oldest)
	}
	c.count--
}

// share gives the schema to use for one: the first that has the same lines.
func (c *Schedules) share(s *series.Schema) *series.Schema {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, o := range c.schemas {
		if s.SameLines(o) {
			return o
		}
	}
	if len(c.schemas) == MaxLayouts {
		c.schemas = c.schemas[:0]
	}
	c.schemas = append(c.schemas, s)
	return s
}

// Small is the schedule for small bills: Schedule.Small.
func (k *Kept) Small() (*Schedule, error) {
	return k.small.make(func() (*Schedule, error) { return k.usual.schedule.Small() }, k.of)
}

// Market gives a market as the schedule sees it: with what the tariff states for
// the loss factors it lacks, and without its line loss factors where they are not
// the supply's. It is the frame given where that changes nothing, and else a copy
// for every supply on the terms. Every call has the same arguments.
func (k *Kept) Market(shared *series.Frame, othersLLF bool) *series.Frame {
	if f := k.market.Load(); f != nil {
		return f
	}
	k.seen.Do(func() { k.market.Store(k.usual.schedule.market(shared, othersLLF)) })
	return k.market.Load()
}

func (s *Schedule) market(shared *series.Frame, othersLLF bool) *series.Frame {
	others := othersLLF && shared.Line(series.LLF).CountValid(0, shared.Len()) > 0
	if !others && !s.lacksLosses(shared) {
		return shared
	}
	own := series.NewFrame(nil, series.Market(), shared.Span())
	for source := range shared.Schema().Sources() {
		if !others || source != shared.Schema().SourceOf(series.LLF) {
			own.Take(shared, source, 0, shared.Len())
		}
	}
	s.Losses(own)
	return own
}

// lacksLosses reports whether the tariff states anything that a market lacks.
func (s *Schedule) lacksLosses(market *series.Frame) bool {
	for _, f := range s.factors {
		if c := market.Line(f.line); c.NextInvalid(0, c.Len()) < c.Len() {
			return true
		}
	}
	return false
}

// Class reports whether the supply is of a distributor's line loss factor class
// from the first day of a span to the last.
func (s *Supply) Class(of settlement.Distributor, llfc string, span settlement.Span) bool {
	if s.Distributor != of {
		return false
	}
	for day := range span.EachDay() {
		if s.termsOn(day).LLFC != llfc {
			return false
		}
	}
	return true
}

// hash is the same for supplies that are alike.
func (s *Supply) hash(seed maphash.Seed) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	h.WriteByte(byte(s.GSPGroup))
	h.WriteByte(byte(s.Distributor))
	for i := range s.Terms {
		h.WriteString(s.Terms[i].LLFC)
		h.WriteByte(0)
		h.WriteString(s.Terms[i].Band)
		h.WriteByte(byte(s.Terms[i].From))
	}
	return h.Sum64()
}
