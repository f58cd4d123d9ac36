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

// Receipt counts what one delivery brought, in versions. It depends on what was
// there before; the journal after it does not.
type Receipt struct {
	Kept      int // versions that are new
	Repeated  int // said again what a version of their instant and run says
	Late      int // of those kept, older than one held of their day and run, which goes on speaking
	Conflicts int // of those kept, at odds with one of their instant and run: see Journal.Conflicts
}

// Add takes a delivery: all or nothing. On any error the journal is as it was
// and every error found is returned, up to series.MaxErrors.
//
// A version is a whole settlement day, so a day with fewer half-hours than it
// has is an error (series.ErrCount). Two values for one half-hour of one run are
// an error (series.ErrConflict); readings that repeat a value are fine, and a
// flag stays only while all of them carry it. A line the schema does not have,
// a run without a rank (D and DR are ordered by when they were run, which a
// reading does not say) and an instant outside the calendar are
// series.ErrValue; what does not fit the limits is series.ErrLimit.
func (j *Journal) Add(d Delivery, from series.Readings) (Receipt, error) {
	if err := d.check(); err != nil {
		return Receipt{}, err
	}
	s := staging{j: j, delivery: d, days: map[stagedKey]*staged{}}
	for r, err := range from {
		if err == nil {
			err = s.put(&r)
		}
		if err != nil {
			s.errs = append(s.errs, err)
		}
		if len(s.errs) >= series.MaxErrors || s.full {
			return Receipt{}, s.errs
		}
	}
	versions := s.versions()
	if len(s.errs) > 0 {
		return Receipt{}, s.errs
	}
	var receipt Receipt
	for i, v := range versions {
		j.keep(s.order[i].key.Key, v, &receipt)
	}
	return receipt, nil
}

func (d Delivery) check() error {
	pos := series.Pos{Source: d.Source[:min(len(d.Source), MaxSourceName)]}
	switch {
	case d.UTCDays:
		return &series.Error{Pos: pos, Value: "UTC days", Want: "local days", Err: series.ErrValue}
	case d.Source == "" || len(d.Source) > MaxSourceName:
		return &series.Error{Pos: pos, Value: strconv.Itoa(len(d.Source)) + " bytes", Err: series.ErrValue,
			Want: fmt.Sprintf("a source of 1 to %d bytes: name the delivery, so that whoever asks can find it", MaxSourceName)}
	case d.Received.Before(firstInstant) || d.Received.After(lastInstant):
		return &series.Error{Pos: pos, Value: d.Received.Format(time.RFC3339), Err: series.ErrValue,
			Want: fmt.Sprintf("the instant it was received, from %s to %s", settlement.MinDay, settlement.MaxDay)}
	}
	return nil
}

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
	Key
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
	key := stagedKey{Key{r.MPAN, r.Line, r.Period.Day()}, r.Run}
	day := s.days[key]
	if day == nil {
		if len(s.order) == s.j.maxTotal {
			return nil
		}
		day = &staged{key: key, span: key.Day.Span(), pos: pos}
		s.days[key] = day
		s.order = append(s.order, day)
	}
	return day
}

// versions turns the staged days into versions, in their order, or adds to the
// errors why it cannot be.
func (s *staging) versions() []*version {
	out := make([]*version, 0, len(s.order))
	total, room := s.j.total, map[Key]int{}
	for _, day := range s.order {
		if len(s.errs) >= series.MaxErrors {
			return nil
		}
		v := s.version(day)
		if v == nil {
			continue
		}
		out = append(out, v)
		held := s.j.days[day.key.Key]
		if _, same := alike(held, v); same >= 0 {
			continue
		}
		total++
		room[day.key.Key]++
		switch {
		case len(held)+room[day.key.Key] > s.j.maxDay:
			s.fail(day, "", fmt.Sprintf("at most %d versions of %s %s: is one file loaded again and again with new times?",
				s.j.maxDay, s.j.schema.Def(day.key.Line).Name, day.key.Day), series.ErrLimit)
		case total > s.j.maxTotal:
			s.fail(day, "", fmt.Sprintf(wantRoom, s.j.maxTotal), series.ErrLimit)
			return nil
		}
	}
	return out
}

const wantRoom = "at most %d versions in one journal: keep one journal for each book of meters"

// version makes the version of a staged day, or nil when it is not whole.
func (s *staging) version(day *staged) *version {
	n := bits.OnesCount64(day.held)
	if n != day.span.Len() {
		s.fail(day, fmt.Sprintf("%d half-hours", n), fmt.Sprintf(
			"all %d of %s %s: a version is a whole local day; ask for the day again (what counts in UTC days has no whole local day at its ends in summer)",
			day.span.Len(), s.j.schema.Def(day.key.Line).Name, day.key.Day), series.ErrCount)
		return nil
	}
	v := &version{received: s.delivery.Received.UnixNano(), run: day.key.run, source: s.delivery.Source,
		values: slices.Clone(day.values[:n])}
	if series.AnyOf(day.marks[:n]) != 0 {
		v.marks = slices.Clone(day.marks[:n])
	}
	return v
}

func (s *staging) fail(day *staged, value, want string, sentinel error) {
	s.errs = append(s.errs, &series.Error{Pos: day.pos, Value: value, Want: want, Err: sentinel})
}

// alike finds, among the versions of a day, how many share v's instant and run,
// and the index of the one that also says the same, or -1.
func alike(held []*version, v *version) (n, same int) {
	at, _ := slices.BinarySearchFunc(held, v, (*version).compareIdentity)
	same = -1
	for ; at < len(held) && held[at].compareIdentity(v) == 0; at++ {
		n++
		if held[at].compareContent(v) == 0 {
			same = at
		}
	}
	return n, same
}

// keep puts a version in its place. Of one content at one instant the first
// source by name is remembered, whichever was added first.
func (j *Journal) keep(k Key, v *version, receipt *Receipt) {
	held := j.days[k]
	n, same := alike(held, v)
	switch {
	case same >= 0 && held[same].source <= v.source:
		receipt.Repeated++
		return
	case same >= 0:
		receipt.Repeated++
		held = slices.Delete(held, same, same+1)
	default:
		receipt.Kept++
		j.total++
		if n > 0 {
			receipt.Conflicts++
		}
		if slices.ContainsFunc(held, func(w *version) bool { return w.run == v.run && w.received > v.received }) {
			receipt.Late++
		}
	}
	at, _ := slices.BinarySearchFunc(held, v, (*version).compare)
	for _, near := range []int{at - 1, at} { // a day sent again unchanged takes no more room
		if near >= 0 && near < len(held) && held[near].compareContent(v) == 0 {
			v.values, v.marks = held[near].values, held[near].marks
		}
	}
	j.days[k] = slices.Insert(held, at, v)
}
