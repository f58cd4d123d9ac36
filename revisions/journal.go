package revisions

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Limits of a journal. A version of one day is some 500 bytes, so a full
// journal is about 2 GiB.
const (
	MaxVersions    = 1 << 22 // versions of one journal
	MaxDayVersions = 1000    // versions of one day of one line of one meter, all runs together
	MaxSourceName  = 256     // bytes of a delivery's source
)

// Journal keeps every version of every day that was received, and says what was
// known at any instant.
//
// A meter flow (D0036) names no run: what a later file says of a meter,
// quantity and day replaces what an earlier one said, and what a settlement run
// saw is what had been received by its data cut-off. Central data restates whole
// days for a run it names. The Journal holds both: a version is one whole
// settlement day of one line of one meter, with the run its source states, if
// any, the instant it was received and where it came from.
//
// A Journal is a set. In what order deliveries are added does not matter, nor
// how they are cut into calls, and adding one again changes nothing. What was
// received later never changes what was known before.
//
// It has one owner. Any number of goroutines may read it while none adds.
type Journal struct {
	schema *series.Schema
	days   map[Key][]*version // each in the order of version.compare
	total  int

	maxTotal, maxDay int // the limits, smaller in tests
}

// Delivery says when and where from readings came.
type Delivery struct {
	// Created is the source's own instant, such as that of the header of a D0036
	// (dtc.Created): it puts versions in order. Zero is Received.
	Created time.Time

	// Received is the instant from which they are known here: what was known at
	// an instant, and what a run saw by its data cut-off, is what had been
	// received by then.
	Received time.Time

	// Source names the delivery to people: a file id, a file name.
	Source string

	// UTCDays says that the delivery restates whole UTC days, as D0379 and MHHS
	// do, and not whole local days.
	UTCDays bool
}

// Key is what a version restates: one settlement day of one line of one meter.
// The MPAN is zero for what belongs to no meter.
type Key struct {
	MPAN settlement.MPAN
	Line series.Line
	Day  settlement.Day
}

// Version is one version of a day, without its values.
type Version struct {
	Delivery
	Run       settlement.Run // Untagged where the source states none
	Estimated int            // half-hours flagged as estimates
}

// String gives "untagged version of 2026-06-05T16:19:00Z from UC05176778".
func (v Version) String() string {
	return fmt.Sprintf("%s version of %s from %s", v.Run, v.Received.Format(time.RFC3339Nano), v.Source)
}

const panicJournal = "revisions: a journal needs a schema where every source has one line"

// NewJournal makes an empty journal of any schema in which every source has one
// line: series.Meter, series.Market, series.Contract. It panics on another.
func NewJournal(schema *series.Schema) *Journal {
	if schema.Sources() != schema.Len() {
		panic(panicJournal)
	}
	return &Journal{schema: schema, days: map[Key][]*version{}, maxTotal: MaxVersions, maxDay: MaxDayVersions}
}

// Schema says which lines the journal holds.
func (j *Journal) Schema() *series.Schema { return j.schema }

// Len is the number of versions held.
func (j *Journal) Len() int { return j.total }

// Versions lists what is held of one day, from the oldest to the newest.
func (j *Journal) Versions(k Key) []Version {
	held := j.days[k]
	out := make([]Version, len(held))
	for i, v := range held {
		out[i] = v.version()
	}
	return out
}

// keys are those of all days held, in order of meter, line and day.
func (j *Journal) keys() []Key {
	keys := make([]Key, 0, len(j.days))
	for k := range j.days {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b Key) int {
		return cmp.Or(a.MPAN.Compare(b.MPAN), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Day, b.Day))
	})
	return keys
}

// version is one version of one day. Versions that say the same share values
// and marks; nobody writes to them.
type version struct {
	received int64 // nanoseconds since 1970, UTC
	run      settlement.Run
	source   string
	values   []int64       // one for each half-hour of the day
	marks    []series.Mark // flags only; nil when no half-hour has one
}

// compare orders versions of one day: the last is the newest. Of what came at
// one instant the later run is the newer, and where even the run is the same
// the order of sources and content decides, because something has to that does
// not depend on the order of arrival.
func (v *version) compare(w *version) int {
	return cmp.Or(v.compareIdentity(w), cmp.Compare(v.source, w.source), v.compareContent(w))
}

// compareIdentity is 0 for versions of one run received at one instant.
func (v *version) compareIdentity(w *version) int {
	return cmp.Or(cmp.Compare(v.received, w.received), cmp.Compare(v.run, w.run))
}

func (v *version) compareContent(w *version) int {
	return cmp.Or(slices.Compare(v.values, w.values), slices.Compare(v.marks, w.marks))
}

func (v *version) mark(i int) series.Mark {
	if v.marks == nil {
		return 0
	}
	return v.marks[i]
}

func (v *version) version() Version {
	return Version{
		Delivery:  Delivery{Received: time.Unix(0, v.received).UTC(), Source: v.source},
		Run:       v.run,
		Estimated: series.Count(v.marks, series.Estimated),
	}
}

// The instants a version may have been received at: those of the days the
// calendar knows, and so far from the edge of an int64 of nanoseconds.
var (
	firstInstant = settlement.MinDay.First().Time()
	lastInstant  = settlement.MaxDay.First().Time()
)

// instant is t as versions have it. What lies outside their instants is before
// or after all of them.
func instant(t time.Time) int64 {
	switch {
	case t.Before(firstInstant):
		return firstInstant.UnixNano() - 1
	case t.After(lastInstant):
		return lastInstant.UnixNano()
	}
	return t.UnixNano()
}
