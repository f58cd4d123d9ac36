package tariffs

import (
	"strings"
	"time"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Window is a set of half-hours of the clock on the wall, such as a DUoS band
// or a night rate. A half-hour is in it when one of its clauses holds it.
type Window struct {
	Name    string
	clauses []clause
	text    []string
}

// Otherwise names the window of all half-hours that no other window of the
// same item covers.
const Otherwise = "otherwise"

const maxClauses = 64

// ParseWindow reads a window's clauses. A clause is words: months ("nov-feb",
// "jun,jul"), dates of any year ("22dec-4jan", "25dec"), days ("mon-fri",
// "sat,sun", "working-days", "bank-holidays") and one or more stretches of
// clock time ("16:00-19:00"); what is left out means all. "except" takes the
// dates that follow it away: "nov-feb mon-fri 17:00-19:00 except 22dec-4jan".
// Dates include both ends and may pass the new year; 29feb is there in leap
// years. A clause has at most one stretch of dates and one except.
//
// A stretch of time ends before its second time and may cross midnight
// ("23:00-07:00"). Dates, days and months are those of the half-hour itself:
// "mon-fri 22:00-06:00" holds Monday 02:00 and not Saturday 02:00. Times lie on
// half-hours. "mon-fri" includes bank holidays, as distributors mean it;
// "working-days" does not.
func ParseWindow(name string, clauses ...string) (Window, error) {
	w := Window{Name: name, text: clauses}
	if name == "" || name == Otherwise || len(clauses) == 0 {
		return w, &Error{Value: name, Want: "a window has a name other than \"otherwise\" and at least one clause", Err: ErrWindow}
	}
	if !series.Printable(name) {
		return w, &Error{Value: name, Want: "a window's name is printed on the bill: write it in one line, without characters of control or format", Err: ErrWindow}
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

// dayFacts is what a clause asks of a day.
type dayFacts struct {
	month   time.Month
	day     int
	weekday time.Weekday
	holiday bool
}

func factsOf(d settlement.Day) dayFacts {
	_, m, day := d.Date()
	return dayFacts{m, day, d.Weekday(), settlement.IsBankHoliday(d)}
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
// the year: any date may fall on any weekday and may be, or be made, a bank
// holiday unless it is on a weekend (its substitute day is one then).
func (w Window) disjoint() error {
	for i, a := range w.clauses {
		for _, b := range w.clauses[:i] {
			if at, both := a.meets(b); both {
				return &Error{Value: w.Name, Want: "its clauses both hold " + at + "; make them disjoint", Err: ErrTwice}
			}
		}
	}
	return nil
}

func clockText(minutes int) string {
	const digits = "0123456789"
	h, m := minutes/60, minutes%60
	return string([]byte{digits[h/10], digits[h%10], ':', digits[m/10], digits[m%10]})
}

// String is the window as it was written.
func (w Window) String() string { return strings.Join(w.text, "; ") }
