package revisions

import (
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"time"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Receipt counts what one delivery brought, in days of the delivery. It depends
// on what was there before; the journal after it does not.
type Receipt struct {
	Kept      int // days that are new
	Repeated  int // days that say again what a version of their creation and run says of the same half-hours
	Late      int // of those kept, made before one held of their day and run, which goes on speaking
	Conflicts int // of those kept, at odds with one of their creation and run: see Journal.Conflicts
}

// Add takes a delivery: all or nothing. On any error the journal is as it was
// and every error found is returned, up to series.MaxErrors.
//
// A delivery holds whole settlement days or, with UTCDays, whole UTC days, so a
// day with fewer half-hours than it has is an error (series.ErrCount). Two values
// for one half-hour of one run are an error (series.ErrConflict); readings that
// repeat a value are fine, and a flag stays only while all of them carry it, for an
// actual reading confirms an estimate it equals. A line the schema does not have,
// a run without a rank (D and DR are ordered by when they were run, which a
// reading does not say) and an instant outside the calendar are
// series.ErrValue; so are a delivery that was received before it was made and a
// day that was made before it was over, both by more than Skew. The latter is
// asked of what states a run, of the lines of a meter, system-price and rcrc; loss
// factors, estimated transmission losses, an interim levy and what a contract
// states are published ahead. What does not fit the limits is series.ErrLimit.
func (j *Journal) Add(d Delivery, from series.Readings) (Receipt, error) {
	if err := d.check(); err != nil {
		return Receipt{}, err
	}
	s := staging{j: j, delivery: d, days: map[stagedKey]*staged{}}
	for r, err := range from {
		if err == nil {
			err = s.put(&r)
		}
		if err != nil && !s.errs.Add(err) || s.full {
			return Receipt{}, s.errs
		}
	}
	days := s.versions()
	if len(s.errs) > 0 {
		return Receipt{}, s.errs
	}
	var receipt Receipt
	for _, day := range days {
		var got brought
		for _, p := range day {
			j.keep(p, &got)
		}
		receipt.count(got)
	}
	return receipt, nil
}

func (d Delivery) check() error {
	pos := series.Pos{Source: d.Source[:min(len(d.Source), MaxSourceName)]}
	known := func(t time.Time) bool { return !t.Before(firstInstant) && !t.After(lastInstant) }
	bad := func(value, want string) error {
		return &series.Error{Pos: pos, Value: value, Want: want, Err: series.ErrValue}
	}
	switch {
	case d.Source == "" || len(d.Source) > MaxSourceName:
		return bad(strconv.Itoa(len(d.Source))+" bytes",
			fmt.Sprintf("a source of 1 to %d bytes: name the delivery, so that whoever asks can find it", MaxSourceName))
	case !known(d.Received):
		return bad(d.Received.Format(time.RFC3339), fmt.Sprintf("the instant it was received, from %s to %s", settlement.MinDay, settlement.MaxDay))
	case !d.Created.IsZero() && !known(d.Created):
		return bad(d.Created.Format(time.RFC3339), fmt.Sprintf("the instant its source made it, from %s to %s, or none", settlement.MinDay, settlement.MaxDay))
	case d.Created.After(d.Known()):
		return bad(utc(d.Received), fmt.Sprintf("an instant of receipt that is not before %s, when the file says it was made: is it the year (hh: FILE@INSTANT), or another file? (an hour is allowed: clocks and zones differ)", utc(d.Created)))
	}
	return nil
}

// utc is an instant for a message.
func utc(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// staging is a delivery that is not kept yet.
type staging struct {
	j        *Journal
	delivery Delivery
	days     map[stagedKey]*staged
	order    []*staged // of appearance
	last     *staged   // readings of one day mostly stand together
	errs     series.Errors
	full     bool
}

type stagedKey struct {
	Key // its Day is a UTC day where the delivery holds such
	run settlement.Run
}

// staged is a day as far as it was read.
type staged struct {
	key    stagedKey
	span   settlement.Span
	pos    series.Pos // of its first reading
	held   uint64     // bit i is half-hour i
	values [longest]int64
	marks  [longest]series.Mark
}

// longest is the half-hours of the longest day.
const longest = 50

// put stages one reading.
func (s *staging) put(r *series.Reading) error {
	pos := r.Pos
	if pos.Source == "" {
		pos.Source = s.delivery.Source
	}
	bad := func(value, want string, sentinel error) error {
		return &series.Error{Pos: pos, Value: value, Want: want, Err: sentinel}
	}
	switch {
	case r.Line < 0 || int(r.Line) >= s.j.schema.Len():
		return bad("line "+strconv.Itoa(int(r.Line)), fmt.Sprintf("one of the %d lines of %s", s.j.schema.Len(), s.j.schema.Name()), series.ErrValue)
	case !r.Run.Ranked():
		return bad(r.Run.String(), "a run with a rank, II to DF, or untagged: other dispute runs are ordered by when they were run, which a reading does not say",
			fmt.Errorf("%w: %w", series.ErrValue, settlement.ErrRun))
	case r.Period < settlement.MinDay.First() || r.Period >= (settlement.MaxDay+1).First():
		return bad("period "+strconv.Itoa(int(r.Period)), "a half-hour from 1996 to 2099", fmt.Errorf("%w: %w", series.ErrValue, settlement.ErrPeriod))
	}
	day := s.last
	if day == nil || !day.span.Contains(r.Period) || day.key.MPAN != r.MPAN || day.key.Line != r.Line || day.key.run != r.Run {
		if day = s.find(r, pos); day == nil {
			s.full = true
			return bad("", fmt.Sprintf(wantRoom, s.j.maxTotal), series.ErrLimit)
		}
		s.last = day
	}
	i := day.span.Index(r.Period)
	switch {
	case day.held>>i&1 == 0:
		day.held |= 1 << i
		day.values[i], day.marks[i] = r.Value, r.Mark&series.Flags
	case day.values[i] == r.Value:
		day.marks[i] &= r.Mark
	default:
		def := s.j.schema.Def(r.Line)
		return bad(strconv.FormatInt(r.Value, 10),
			fmt.Sprintf("%d as stated before for %s %s %s (both × 10^-%d): these are two deliveries, and which is newer only their times say",
				day.values[i], def.Name, r.Run, r.Period, def.Scale), series.ErrConflict)
	}
	return nil
}

// find gives the day a reading belongs to, or nil when there is no room.
func (s *staging) find(r *series.Reading, pos series.Pos) *staged {
	date := r.Period.Day()
	span := date.Span()
	if s.delivery.UTCDays {
		date = settlement.Day(r.Period / utcDay)
		span = settlement.Span{Lo: settlement.Period(date) * utcDay, Hi: settlement.Period(date+1) * utcDay}
	}
	key := stagedKey{Key{r.MPAN, r.Line, date}, r.Run}
	day := s.days[key]
	if day == nil {
		if len(s.order) == s.j.maxTotal {
			return nil
		}
		day = &staged{key: key, span: span, pos: pos}
		s.days[key] = day
		s.order = append(s.order, day)
	}
	return day
}

// place is where a version belongs: a part of a local day.
type place struct {
	Key
	part int
}

type placed struct {
	place
	*version
}

// versions turns each staged day into versions of the parts it covers, in their
// order, or adds to the errors why it cannot be.
func (s *staging) versions() [][]placed {
	out := make([][]placed, 0, len(s.order))
	total, room := s.j.total, map[place]int{}
	for _, day := range s.order {
		if len(s.errs) > series.MaxErrors {
			return nil
		}
		cut := s.cut(day)
		out = append(out, cut)
		for _, p := range cut {
			held := s.j.days[p.Key][p.part]
			if _, same := alike(held, p.version); same >= 0 {
				continue
			}
			total++
			room[p.place]++
			switch {
			case len(held)+room[p.place] > s.j.maxDay:
				s.fail(day, "", fmt.Sprintf("at most %d versions of %s %s: is one file loaded again and again with new times?",
					s.j.maxDay, s.j.schema.Def(p.Line).Name, p.Day), series.ErrLimit)
			case total > s.j.maxTotal:
				s.fail(day, "", fmt.Sprintf(wantRoom, s.j.maxTotal), series.ErrLimit)
				return nil
			}
		}
	}
	return out
}

const wantRoom = "at most %d versions in one journal: keep one journal for each book of meters"

// cut gives the versions of the parts a staged day covers: none when it is not
// whole.
func (s *staging) cut(day *staged) []placed {
	d := &s.delivery
	if n := bits.OnesCount64(day.held); n != day.span.Len() {
		want := "all %d of %s %s: a version is a whole local day; ask for the day again, or say that the delivery holds UTC days, if it does"
		switch {
		case !s.j.derive:
			want = "all %d of %s %s: what says when it was received restates whole days, for else nobody could say which version speaks for a day; give the whole day, or give all such data without instants"
		case d.UTCDays:
			want = "all %d of %s %s in UTC: a version of a delivery in UTC days is a whole UTC day; ask for the day again"
		}
		s.fail(day, fmt.Sprintf("%d half-hours", n), fmt.Sprintf(want, day.span.Len(), s.j.schema.Def(day.key.Line).Name, day.key.Day), series.ErrCount)
		return nil
	}
	created := d.Created
	if created.IsZero() {
		created = d.Received
	}
	if end := day.span.Hi.Time(); created.Add(Skew).Before(end) && s.j.past(day.key.Line, day.key.run) {
		s.fail(day, utc(created), fmt.Sprintf("an instant of making that is not before %s, when %s of %s was over: is it the file's own instant, or the right day? (an hour is allowed: clocks and zones differ)",
			utc(end), s.j.schema.Def(day.key.Line).Name, day.key.Day), series.ErrValue)
		return nil
	}
	n := day.span.Len()
	all := &content{from: day.span.Lo, estimated: series.Count(day.marks[:n], series.Estimated), values: slices.Clone(day.values[:n])}
	if series.AnyOf(day.marks[:n]) != 0 {
		all.marks = slices.Clone(day.marks[:n])
	}
	var out []placed
	for date, part := range Parts(day.span) {
		v := &version{created: created.UnixNano(), received: d.Known().UnixNano(), run: day.key.run, utc: d.UTCDays, source: d.Source, day: all}
		lo, hi := day.span.Index(part.Lo), day.span.Index(part.Hi)
		v.values = all.values[lo:hi]
		if series.AnyOf(day.marks[lo:hi]) != 0 {
			v.marks = all.marks[lo:hi]
		}
		at := place{Key: Key{day.key.MPAN, day.key.Line, date}}
		if part.Lo != date.First() {
			at.part = 1
		}
		out = append(out, placed{at, v})
	}
	return out
}

// past reports whether nobody knows a line of a day before it is over. A run
// settles days that are; the flows hold what was metered, and the imbalance price
// and the residual cashflow come of it. The others may be published ahead, where
// they state no run: loss factors for a year, transmission losses as estimated for
// a season, the interim levy for a quarter.
func (j *Journal) past(l series.Line, run settlement.Run) bool {
	return run != settlement.Untagged || j.schema == series.Meter() ||
		j.schema == series.Market() && (l == series.SystemPrice || l == series.RCRC)
}

func (s *staging) fail(day *staged, value, want string, sentinel error) {
	s.errs.Add(&series.Error{Pos: day.pos, Value: value, Want: want, Err: sentinel})
}

// alike finds, among the versions of a part, whether one of v's creation and run
// says something else of it, and the index of the one whose whole day says the
// same, or -1.
func alike(held []*version, v *version) (odds bool, same int) {
	at, _ := slices.BinarySearchFunc(held, v, (*version).compareIdentity)
	same = -1
	for ; at < len(held) && held[at].compareIdentity(v) == 0; at++ {
		odds = odds || held[at].compareContent(v) != 0
		if held[at].day.compare(v.day) == 0 {
			same = at
		}
	}
	return odds, same
}

// brought is what a day brought in any of its parts.
type brought struct{ kept, late, conflict bool }

func (r *Receipt) count(day brought) {
	for _, x := range []struct {
		is bool
		n  *int
	}{{day.kept, &r.Kept}, {!day.kept, &r.Repeated}, {day.late, &r.Late}, {day.conflict, &r.Conflicts}} {
		if x.is {
			*x.n++
		}
	}
}

// keep puts a version in its place.
func (j *Journal) keep(p placed, got *brought) {
	v, all := p.version, j.days[p.Key]
	held := all[p.part]
	odds, same := alike(held, v)
	if same >= 0 {
		v = held[same].earliest(v)
		held = slices.Delete(held, same, same+1)
	} else {
		j.total++
		got.kept = true
		got.conflict = got.conflict || odds
		got.late = got.late || slices.ContainsFunc(held, func(w *version) bool { return w.run == v.run && w.created > v.created })
	}
	at, _ := slices.BinarySearchFunc(held, v, (*version).compare)
	for _, near := range []int{at - 1, at} { // a day sent again unchanged takes no more room
		if near >= 0 && near < len(held) && held[near].day.compare(v.day) == 0 {
			v.values, v.marks, v.day = held[near].values, held[near].marks, held[near].day
		}
	}
	all[p.part] = slices.Insert(held, at, v)
	j.days[p.Key] = all
}
