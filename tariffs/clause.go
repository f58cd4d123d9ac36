package tariffs

import (
	"strconv"
	"strings"
	"time"
)

// clause is dates × days × a stretch of the clock that may cross midnight.
type clause struct {
	dates    dates
	weekdays uint8 // bit d for time.Weekday d
	days     dayKind
	from, to int // minutes after midnight; to <= from crosses midnight
}

type dayKind uint8

const (
	everyDay dayKind = iota
	workingDays
	bankHolidays
)

func parseClause(text string) ([]clause, error) {
	if strings.TrimSpace(text) == "" {
		return nil, &Error{Value: text, Want: "an empty clause says nothing; 00:00-24:00 is every half-hour", Err: ErrWindow}
	}
	var r clauseReader
	for _, word := range strings.Fields(text) {
		if wrong := r.read(word); wrong != "" {
			return nil, &Error{Value: word, Want: wrong, Err: ErrWindow}
		}
	}
	out, wrong := r.clauses()
	if wrong != "" {
		return nil, &Error{Value: text, Want: wrong, Err: ErrWindow}
	}
	return out, nil
}

// clauseReader is what the words of a clause said so far; nil and 0 are not
// said.
type clauseReader struct {
	months, stretch, away *dates
	weekdays              uint8
	days                  dayKind
	times                 []clause
	except                bool // the word before was "except"
}

// saidTwice is what is wrong with a second word of one kind.
const saidTwice = "say months, weekdays, dates, except, and working-days or bank-holidays once each in a clause: nov,dec and not nov dec"

// read takes in one word. It says what is wrong with it.
func (r *clauseReader) read(word string) (wrong string) {
	if r.except || word[0] >= '0' && word[0] <= '9' && !strings.Contains(word, ":") {
		return r.readDates(word)
	}
	if strings.Contains(word, ":") {
		from, to, ok := parseStretch(word)
		if !ok {
			return "write two times on half-hours, such as 07:30-16:00; 00:00-24:00 is the whole day"
		}
		r.times = append(r.times, clause{from: from, to: to})
		return ""
	}
	months, isMonths := parseSet(word, monthNames, 1, 12)
	weekdays, isWeekdays := parseSet(word, dayNames, 0, 6)
	switch {
	case word == "except":
		r.except = true
	case isMonths && r.months == nil:
		set := monthDates(months)
		r.months = &set
	case isWeekdays && r.weekdays == 0:
		r.weekdays = uint8(weekdays)
	case word == "working-days" && r.days == everyDay:
		r.days = workingDays
	case word == "bank-holidays" && r.days == everyDay:
		r.days = bankHolidays
	case isMonths, isWeekdays, word == "working-days", word == "bank-holidays":
		return saidTwice
	default:
		return "a clause is months (nov-feb), dates (22dec-4jan, except 25dec), days (mon-fri, working-days, bank-holidays) and times (16:00-19:00)"
	}
	return ""
}

func (r *clauseReader) readDates(word string) (wrong string) {
	set, wrong := parseDates(word)
	if wrong != "" {
		if r.except {
			return "except takes dates away: " + wrong
		}
		return wrong + "; times have a colon: 16:00-19:00"
	}
	into := &r.stretch
	if r.except {
		into, r.except = &r.away, false
	}
	if *into != nil {
		return saidTwice
	}
	*into = &set
	return ""
}

// clauses puts together what was read, a clause for each stretch of time.
func (r *clauseReader) clauses() (out []clause, wrong string) {
	base := clause{dates: monthDates(1<<13 - 2), weekdays: r.weekdays, days: r.days}
	if base.weekdays == 0 {
		base.weekdays = allWeek
	}
	for _, set := range []*dates{r.months, r.stretch} {
		if set != nil {
			base.dates = base.dates.and(*set)
		}
	}
	if r.away != nil {
		base.dates = base.dates.except(*r.away)
	}
	if _, _, any := base.dates.first(); r.except || !any {
		if r.except {
			return nil, "say after except which dates it takes away: except 22dec-4jan"
		}
		return nil, "its months, its dates and what it excepts leave no day; leave the clause out"
	}
	if len(r.times) == 0 {
		r.times = []clause{{from: 0, to: minutesOfDay}}
	}
	for _, t := range r.times {
		t.dates, t.weekdays, t.days = base.dates, base.weekdays, base.days
		out = append(out, t)
	}
	return out, ""
}

const (
	minutesOfDay = 24 * 60
	allWeek      = 0x7f
)

var (
	monthNames = []string{"", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}
	dayNames   = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
)

// parseSet reads "a-b" (which may wrap) or "a,b,c" as a bit set.
func parseSet(word string, names []string, lo, hi int) (set uint32, ok bool) {
	find := func(s string) int {
		for i := lo; i <= hi; i++ {
			if names[i] == s {
				return i
			}
		}
		return -1
	}
	if a, b, isRange := strings.Cut(word, "-"); isRange {
		i, j := find(a), find(b)
		if i < 0 || j < 0 {
			return 0, false
		}
		for set = 1 << i; i != j; set |= 1 << i {
			if i++; i > hi {
				i = lo
			}
		}
		return set, true
	}
	for _, s := range strings.Split(word, ",") {
		i := find(s)
		if i < 0 {
			return 0, false
		}
		set |= 1 << i
	}
	return set, true
}

func parseStretch(word string) (from, to int, ok bool) {
	a, b, cut := strings.Cut(word, "-")
	from, okA := parseClock(a)
	to, okB := parseClock(b)
	if !cut || !okA || !okB || from == to || from == minutesOfDay {
		return 0, 0, false
	}
	return from, to, true
}

func parseClock(s string) (int, bool) {
	if len(s) != 5 || s[2] != ':' || !allDigits(s[:2]) || !allDigits(s[3:]) {
		return 0, false
	}
	h, _ := strconv.Atoi(s[:2])
	m, _ := strconv.Atoi(s[3:])
	t := h*60 + m
	return t, (m == 0 || m == 30) && t <= minutesOfDay
}

// covers reports whether the clause holds a half-hour of a day that starts at
// a time of the clock.
func (c clause) covers(d dayFacts, clock int) bool {
	if !c.dates.has(d.month, d.day) || c.weekdays>>d.weekday&1 == 0 {
		return false
	}
	if c.days == workingDays && (d.holiday || d.weekday == time.Saturday || d.weekday == time.Sunday) || c.days == bankHolidays && !d.holiday {
		return false
	}
	return c.holds(clock)
}

// holds reports whether a time of the clock lies in the clause's stretch.
func (c clause) holds(clock int) bool {
	if c.from < c.to {
		return c.from <= clock && clock < c.to
	}
	return clock >= c.from || clock < c.to
}

// meets finds a half-hour that both clauses hold. What a clause asks of the
// date, of the kind of day and of the clock it asks of each alone, so two
// clauses meet when they do in all three.
func (c clause) meets(o clause) (at string, both bool) {
	m, day, ok := c.dates.and(o.dates).first()
	if !ok {
		return "", false
	}
	clock := 0
	for clock < minutesOfDay && !(c.holds(clock) && o.holds(clock)) {
		clock += 30
	}
	if clock == minutesOfDay {
		return "", false
	}
	for wd := time.Sunday; wd <= time.Saturday; wd++ {
		for _, holiday := range []bool{false, true} {
			if holiday && (wd == time.Saturday || wd == time.Sunday) {
				continue
			}
			d := dayFacts{m, day, wd, holiday}
			if c.covers(d, clock) && o.covers(d, clock) {
				return clockText(clock) + " where " + strconv.Itoa(day) + " " + m.String() + " is a " + wd.String(), true
			}
		}
	}
	return "", false
}
