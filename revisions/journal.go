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
// journal is about 2 GiB. A day in two parts (Parts) counts as two.
const (
	MaxVersions    = 1 << 22 // versions of one journal
	MaxDayVersions = 1000    // versions of one part of a day of one line of one meter, all runs together
	MaxSourceName  = 256     // bytes of a delivery's source
)

// Journal keeps every version of every day that was received, and says what was
// known at any instant.
//
// A meter flow (D0036) names no run: what a later file says of a meter,
// quantity and day replaces what an earlier one said, and what a settlement run
// saw is what had been received by its data cut-off. Central data restates whole
// days for a run it names. The Journal holds both: a version is one whole day of
// one line of one meter, with the run its source states, if any, the instant its
// source made it, the instant it was received and where it came from. A day is a
// settlement day or, of a delivery in UTC days, a UTC day, and held in Parts.
//
// What a run saw is derived for the lines of a meter alone, whose flows name none.
// A line of the market or of a contract is settled by the runs its source states,
// or by none: loss factors of a year. What states none stays Untagged, under no
// run that might restate it, and every view of an instant knows it that is not
// before it was received.
//
// A version is known by when it was made and the run it states. The same content
// of the same version, received again later or under another name, is that
// version, received when it was received first: the content of the whole day that
// was delivered, for else parts of two deliveries would make a day that nobody
// sent. Other content of the same version is a conflict: both are kept and
// reported, and the one received last speaks, or of one instant the one with fewer
// estimates. What sources are called decides nothing.
//
// A Journal is a set. In what order deliveries are added does not matter, nor
// how they are cut into calls, and adding one again changes nothing. What was
// received later never changes what was known before, and what was made earlier
// never overwrites what was made later.
//
// It has one owner. Any number of goroutines may read it while none adds.
type Journal struct {
	schema *series.Schema
	days   map[Key][2][]*version // of the parts of a day, each in the order of version.compare
	total  int
	derive bool // what a run saw of data that states none: of meter lines alone

	maxTotal, maxDay int // the limits, smaller in tests
}

// Delivery says when and where from readings came.
type Delivery struct {
	// Created is the source's own instant, such as that of the header of a D0036
	// (dtc.Created): it puts versions in order. Zero is Received.
	Created time.Time

	// Received is the instant from which they are known here: what was known at
	// an instant, and what a run saw by its data cut-off, is what had been
	// received by then. It is not before Created, but for Skew: see Known.
	Received time.Time

	// Source names the delivery to people: a file id, a file name.
	Source string

	// UTCDays says that the delivery restates whole UTC days, as D0379 and MHHS
	// do, and not whole local days.
	UTCDays bool
}

// Skew is how far the instants of two clocks may be apart: senders' clocks differ,
// and no public source states the zone they write, which is an hour in summer.
const Skew = time.Hour

// Known is the instant from which a delivery is known: when it was received, or
// when it was made, if that is later by no more than Skew.
func (d Delivery) Known() time.Time {
	if ahead := d.Created.Sub(d.Received); ahead > 0 && ahead <= Skew {
		return d.Created
	}
	return d.Received
}

// Key is a settlement day of one line of one meter. The MPAN is zero for what
// belongs to no meter.
type Key struct {
	MPAN settlement.MPAN
	Line series.Line
	Day  settlement.Day
}

// Version is one version of a part of a day, without its values.
type Version struct {
	Delivery                  // Created is always set
	Run       settlement.Run  // Untagged where the source states none
	Span      settlement.Span // the part of the settlement day: see Parts
	Estimated int             // half-hours of it flagged as estimates
}

// String gives "untagged version of 2026-06-05T16:19:00Z from UC05176778" and,
// where it was received at another instant, "R1 version of 2026-06-05T16:19:00Z,
// received 2026-06-07T08:00:00Z, from UC05176778".
func (v Version) String() string {
	received := ""
	if !v.Received.Equal(v.Created) {
		received = ", received " + v.Received.Format(time.RFC3339Nano) + ","
	}
	return fmt.Sprintf("%s version of %s%s from %s", v.Run, v.Created.Format(time.RFC3339Nano), received, v.Source)
}

const panicJournal = "revisions: a journal needs a schema where every source has one line"

// NewJournal makes an empty journal of any schema in which every source has one
// line: series.Meter, series.Market, series.Contract. It panics on another.
func NewJournal(schema *series.Schema) *Journal {
	if schema.Sources() != schema.Len() {
		panic(panicJournal)
	}
	return &Journal{schema: schema, days: map[Key][2][]*version{}, derive: schema == series.Meter(), maxTotal: MaxVersions, maxDay: MaxDayVersions}
}

// Schema says which lines the journal holds.
func (j *Journal) Schema() *series.Schema { return j.schema }

// Len is the number of versions held, each part of a day counted for itself.
func (j *Journal) Len() int { return j.total }

// Versions lists what is held of one day: of each of its parts in turn, from the
// oldest to the newest, as they were made.
func (j *Journal) Versions(k Key) []Version {
	var out []Version
	for i, span := range partsOf(k.Day) {
		for _, v := range j.days[k][i] {
			out = append(out, v.version(span))
		}
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

// version is one version of a part of a day. Versions that say the same share
// values and marks; nobody writes to them.
type version struct {
	created  int64 // nanoseconds since 1970, UTC
	received int64
	run      settlement.Run
	utc      bool // of a delivery in UTC days
	source   string
	values   []int64       // one for each half-hour of the part
	marks    []series.Mark // flags only; nil when no half-hour has one
	day      *content      // of the delivery's whole day
}

// content is what a delivery says of one of its days.
type content struct {
	from      settlement.Period // a UTC day may say what a local day does, of others
	estimated int
	values    []int64
	marks     []series.Mark
}

// compare puts the content that speaks last: an actual reading speaks before an
// estimate. It is 0 for days that say the same of the same half-hours.
func (c *content) compare(d *content) int {
	return cmp.Or(cmp.Compare(d.estimated, c.estimated), slices.Compare(c.values, d.values), slices.Compare(c.marks, d.marks),
		cmp.Compare(c.from, d.from))
}

// compare orders versions of one part: the last is the newest. Of what was made
// at one instant the later run is the newer. Where even the run is the same, the
// one received last is, and at last content decides, because something has to
// that depends neither on the order of arrival nor on names. It is the content of
// the whole day, so that one version speaks for all parts of it.
func (v *version) compare(w *version) int {
	return cmp.Or(v.compareIdentity(w), cmp.Compare(v.received, w.received), v.day.compare(w.day))
}

// compareIdentity is 0 for versions of one run made at one instant.
func (v *version) compareIdentity(w *version) int {
	return cmp.Or(cmp.Compare(v.created, w.created), cmp.Compare(v.run, w.run))
}

// compareContent is 0 for versions that say the same of their part.
func (v *version) compareContent(w *version) int {
	return cmp.Or(slices.Compare(v.values, w.values), slices.Compare(v.marks, w.marks))
}

// earliest is a version as it is remembered when it was received twice: when it
// was received first; of one instant, in a local day before a UTC day, and from the
// first source by name.
func (v *version) earliest(w *version) *version {
	switch {
	case v.received < w.received:
		return v
	case v.received > w.received:
		return w
	}
	out := *v
	if v.utc && !w.utc || v.utc == w.utc && w.source < v.source {
		out.source, out.utc = w.source, w.utc
	}
	return &out
}

func (v *version) estimated() int { return series.Count(v.marks, series.Estimated) }

func (v *version) mark(i int) series.Mark {
	if v.marks == nil {
		return 0
	}
	return v.marks[i]
}

func (v *version) version(span settlement.Span) Version {
	return Version{
		Delivery: Delivery{Created: time.Unix(0, v.created).UTC(), Received: time.Unix(0, v.received).UTC(), Source: v.source, UTCDays: v.utc},
		Run:      v.run, Span: span, Estimated: v.estimated(),
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
