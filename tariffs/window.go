package tariffs

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/halfhour/halfhour/settlement"
)

// Window is a set of half-hours of the clock on the wall, such as a DUoS band
// or a night rate. A half-hour is in it when one of its clauses holds it.
type Window struct {
	Name    string
	clauses []clause
	text    []string
}

// clause is months × days × a stretch of the clock that may cross midnight.
type clause struct {
	months   uint16 // bit m for month m, 1..12
	weekdays uint8  // bit d for time.Weekday d
	days     dayKind
	from, to int // minutes after midnight; to <= from crosses midnight
}

type dayKind uint8

const (
	everyDay dayKind = iota
	workingDays
	bankHolidays
)

// Otherwise names the window of all half-hours that no other window of the
// same item covers.
const Otherwise = "otherwise"

const (
	maxClauses = 64
	allMonths  = 0x1ffe
	allWeek    = 0x7f
)

// ParseWindow reads a window's clauses. A clause is words: months ("nov-feb",
// "jun,jul"), days ("mon-fri", "sat,sun", "working-days", "bank-holidays") and
// one or more stretches of clock time ("16:00-19:00"); months and days left
// out mean all. A stretch ends before its second time and may cross midnight
// ("23:00-07:00"). Days and months are those of the half-hour itself: "mon-fri
// 22:00-06:00" holds Monday 02:00 and not Saturday 02:00. Times lie on
// half-hours. "mon-fri" includes bank holidays, as distributors mean it;
// "working-days" does not.
func ParseWindow(name string, clauses ...string) (Window, error) {
	w := Window{Name: name, text: clauses}
	if name == "" || name == Otherwise || len(clauses) == 0 {
		return w, &Error{Value: name, Want: "a window has a name other than \"otherwise\" and at least one clause", Err: ErrWindow}
	}
	if !printable(name) {
		return w, &Error{Value: name, Want: "a window's name is printed on the bill: write it without control characters", Err: ErrWindow}
	}
	for _, text := range clauses {
		cs, err := parseClause(text)
		if err != nil {
			return w, err
		}
		if w.clauses = append(w.clauses, cs...); len(w.clauses) > maxClauses {
			return w, &Error{Value: name, Want: "at most 64 stretches of time in a window", Err: ErrWindow}
		}
	}
	return w, w.disjoint()
}

func parseClause(text string) ([]clause, error) {
	base := clause{months: allMonths, weekdays: allWeek}
	var out []clause
	twice := func(word string) error {
		return &Error{Value: word, Want: "say months, weekdays, and working-days or bank-holidays once each in a clause: nov,dec and not nov dec", Err: ErrWindow}
	}
	if strings.TrimSpace(text) == "" {
		return nil, &Error{Value: text, Want: "an empty clause says nothing; 00:00-24:00 is every half-hour", Err: ErrWindow}
	}
	for _, word := range strings.Fields(text) {
		switch months, okM := parseSet(word, monthNames, 1, 12); {
		case okM:
			if base.months != allMonths {
				return nil, twice(word)
			}
			base.months = uint16(months)
		case word == "working-days" || word == "bank-holidays":
			if base.days != everyDay {
				return nil, twice(word)
			}
			if base.days = workingDays; word == "bank-holidays" {
				base.days = bankHolidays
			}
		case strings.Contains(word, ":"):
			from, to, ok := parseStretch(word)
			if !ok {
				return nil, &Error{Value: word, Want: "write two times on half-hours, such as 07:30-16:00; 00:00-24:00 is the whole day", Err: ErrWindow}
			}
			out = append(out, clause{from: from, to: to})
		default:
			days, okD := parseSet(word, dayNames, 0, 6)
			if !okD {
				return nil, &Error{Value: word, Want: "a clause is months (nov-feb), days (mon-fri, working-days, bank-holidays) and times (16:00-19:00)", Err: ErrWindow}
			}
			if base.weekdays != allWeek {
				return nil, twice(word)
			}
			base.weekdays = uint8(days)
		}
	}
	if len(out) == 0 {
		out = append(out, clause{from: 0, to: minutesOfDay})
	}
	for i := range out {
		out[i].months, out[i].weekdays, out[i].days = base.months, base.weekdays, base.days
	}
	return out, nil
}

const minutesOfDay = 24 * 60

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
	if c.months>>d.month&1 == 0 || c.weekdays>>d.weekday&1 == 0 {
		return false
	}
	if c.days == workingDays && (d.holiday || d.weekday == time.Saturday || d.weekday == time.Sunday) || c.days == bankHolidays && !d.holiday {
		return false
	}
	if c.from < c.to {
		return c.from <= clock && clock < c.to
	}
	return clock >= c.from || clock < c.to
}

// dayFacts is what a clause asks of a day.
type dayFacts struct {
	month   time.Month
	weekday time.Weekday
	holiday bool
}

func factsOf(d settlement.Day) dayFacts {
	_, m, _ := d.Date()
	return dayFacts{m, d.Weekday(), settlement.IsBankHoliday(d)}
}

// Covers reports whether the window holds a half-hour.
func (w Window) Covers(p settlement.Period) bool {
	return w.count(factsOf(p.Day()), p.Clock()) > 0
}

func (w Window) count(d dayFacts, clock int) int {
	n := 0
	for _, c := range w.clauses {
		if c.covers(d, clock) {
			n++
		}
	}
	return n
}

// disjoint refuses a window two of whose clauses hold one half-hour, whatever
// the day: any month, weekday, working day or bank holiday (which is never on
// a weekend: its substitute day is).
func (w Window) disjoint() error {
	for m := time.January; m <= time.December; m++ {
		for wd := time.Sunday; wd <= time.Saturday; wd++ {
			for _, holiday := range []bool{false, true} {
				if holiday && (wd == time.Saturday || wd == time.Sunday) {
					continue
				}
				for clock := 0; clock < minutesOfDay; clock += 30 {
					if w.count(dayFacts{m, wd, holiday}, clock) > 1 {
						at := wd.String() + " in " + m.String() + " at " + clockText(clock)
						return &Error{Value: w.Name, Want: "its clauses both hold a " + at + "; make them disjoint", Err: ErrTwice}
					}
				}
			}
		}
	}
	return nil
}

// printable reports whether a name can be printed on a bill as it is.
func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

func clockText(minutes int) string {
	const digits = "0123456789"
	h, m := minutes/60, minutes%60
	return string([]byte{digits[h/10], digits[h%10], ':', digits[m/10], digits[m%10]})
}

// String is the window as it was written.
func (w Window) String() string { return strings.Join(w.text, "; ") }
