package series

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/halfhour/halfhour/settlement"
)

// Determination is an extra-settlement determination: money moved outside any
// settlement run, and moved back before the next one. It has no volume, no
// half-hours and no run, so it is never part of a cube: it stands beside the
// charges as a line of its own.
//
// It is here because a reader makes it, a bill has it and a report of runs looks
// at it, and those meet nowhere else.
type Determination struct {
	ID       string         // of this line, unique among its kind
	From, To settlement.Day // settlement days it concerns, To exclusive
	Pence    int64          // positive is paid, negative is received; ParsePounds reads it
	Reason   string         // what it puts right
	Source   string         // the notice that states it
	Reverses string         // ID of the line it undoes; empty for one that undoes none
	Before   settlement.Run // the reconciliation run before which it is to be undone; Untagged where nobody says
	Known    time.Time      // when it was made known; zero where nobody says: it always was
	Pos      Pos            // where it stood
}

// AllDeterminations is what a reader of determinations yields, as Readings is of
// readings.
type AllDeterminations = iter.Seq2[Determination, error]

// Limits of determinations. The sum of as many as there may be fits an int64.
const (
	MaxDeterminations = 10_000
	maxPence          = 100_000_000_000_000 // £1,000,000,000,000
	maxID             = 40                  // characters, as of a name on a line
	maxSaid           = 200                 // of a reason and a source, each
)

// ErrDetermination is a determination that cannot stand; match with errors.Is.
var ErrDetermination = errors.New("bad determination")

// ParsePounds reads a signed amount in pounds, to the penny at the finest, as
// pence: "-1234.50" is -123450. Its error wraps ErrValue.
func ParsePounds(s string) (pence int64, err error) {
	pence, _, err = ParseFixed(s, 2, false)
	if err != nil {
		return 0, &Error{Value: s, Want: "pounds with at most 2 decimals and 12 digits before the point, such as -1234.50", Err: ErrValue}
	}
	return pence, nil
}

// Amount is the pounds as ParsePounds reads them, with both decimals.
func (d Determination) Amount() string {
	sign, p := "", uint64(d.Pence)
	if d.Pence < 0 {
		sign, p = "-", -p
	}
	return fmt.Sprintf("%s%d.%02d", sign, p/100, p%100)
}

// CollectDeterminations takes in what a reader yields, all of it or nothing, and
// checks it as CheckDeterminations does. The reader's errors come first, up to
// MaxErrors.
func CollectDeterminations(all AllDeterminations) ([]Determination, error) {
	var list []Determination
	var errs Errors
	for d, err := range all {
		if err != nil {
			if !errs.Add(err) {
				break
			}
			continue
		}
		list = append(list, d)
	}
	if len(errs) > 0 {
		return nil, errs
	}
	if err := CheckDeterminations(list); err != nil {
		return nil, err
	}
	return list, nil
}

// CheckDeterminations reports whether a list of determinations can stand
// together. Each has an ID of its own, whole days, an amount, a reason and a
// source. One that reverses another names one in the list that reverses none
// itself, is the only one to reverse it, concerns the same days, undoes exactly
// its amount and was not known before it. The order of the list does not matter.
//
// Every error found is returned, up to MaxErrors (see Limited); each but
// the one that says there are more wraps ErrDetermination.
func CheckDeterminations(list []Determination) error {
	if len(list) > MaxDeterminations {
		return wrong(&list[MaxDeterminations], "", fmt.Sprintf("at most %d determinations in one list", MaxDeterminations))
	}
	byID, undone := map[string]*Determination{}, map[string]bool{}
	var errs Errors
	for i := range list {
		d := &list[i]
		err := d.check()
		if err == nil && byID[d.ID] != nil {
			err = wrong(d, d.ID, "an id no other determination has")
		}
		if err != nil && !errs.Add(err) {
			return errs
		}
		byID[d.ID] = d
	}
	for i := range list {
		d := &list[i]
		if d.Reverses == "" {
			continue
		}
		err := d.checkReversal(byID[d.Reverses])
		if err == nil && undone[d.Reverses] {
			err = wrong(d, d.Reverses, "a determination that is reversed once: it is reversed already")
		}
		if err != nil && !errs.Add(err) {
			return errs
		}
		undone[d.Reverses] = true
	}
	if len(errs) == 0 {
		return nil
	}
	return errs
}

func (d *Determination) check() error {
	switch {
	case d.ID == "" || utf8.RuneCountInString(d.ID) > maxID:
		return wrong(d, "", fmt.Sprintf("an id of 1 to %d characters, so that a reversal can name it", maxID))
	case strings.TrimSpace(d.ID) != d.ID:
		return wrong(d, d.ID, "an id that neither begins nor ends with a space: another would look the same where it is printed")
	case !d.From.Valid() || !d.To.Valid() || d.From >= d.To:
		return wrong(d, d.From.String()+" to "+d.To.String(), "the settlement days it concerns, from the first to the day after the last")
	case d.Pence == 0 || d.Pence > maxPence || d.Pence < -maxPence:
		return wrong(d, d.Amount(), "an amount other than 0, of at most £1,000,000,000,000")
	case d.Reason == "" || d.Source == "":
		return wrong(d, d.ID, "a reason and a source: it is money outside any run, and somebody will ask")
	case d.Before != settlement.Untagged && (d.Before < settlement.R1 || !d.Before.Ranked()):
		return wrong(d, d.Before.String(), "a reconciliation run, R1, R2, R3, RF or DF, before which it is to be undone, or none")
	case d.Before != settlement.Untagged && d.Reverses != "":
		return wrong(d, d.Before.String(), "no run before which to undo what undoes "+d.Reverses+": state it there")
	}
	for _, s := range []string{d.ID, d.Reason, d.Source} {
		if !Printable(s) || utf8.RuneCountInString(s) > maxSaid {
			return wrong(d, s, fmt.Sprintf("at most %d characters in one line, none of them of control or format: it is printed on a bill", maxSaid))
		}
	}
	return nil
}

// checkReversal holds a reversal against what it names, nil if there is none.
func (d *Determination) checkReversal(of *Determination) error {
	switch {
	case of == nil:
		return wrong(d, d.Reverses, "the id of a determination in the list to reverse")
	case of.Reverses != "":
		return wrong(d, d.Reverses, "a determination that reverses none itself: make a new one instead of undoing an undoing")
	case d.From != of.From || d.To != of.To:
		return wrong(d, d.From.String()+" to "+d.To.String(), "the days of what it reverses, "+of.From.String()+" to "+of.To.String())
	case d.Pence != -of.Pence:
		return wrong(d, d.Amount(), "exactly what undoes "+of.ID+": "+Determination{Pence: -of.Pence}.Amount())
	case d.Known.Before(of.Known):
		return wrong(d, d.knownAt(), "known no earlier than what it reverses, "+of.knownAt())
	}
	return nil
}

func wrong(d *Determination, value, want string) error {
	if d.ID != "" {
		want += " (determination " + strconv.Quote(d.ID) + ")"
	}
	return &Error{Pos: d.Pos, Value: value, Want: want, Err: ErrDetermination}
}

// Undone gives, by the ID of each determination of a list that is reversed, the
// ID of the one that reverses it.
func Undone(list []Determination) map[string]string {
	by := map[string]string{}
	for i := range list {
		if list[i].Reverses != "" {
			by[list[i].Reverses] = list[i].ID
		}
	}
	return by
}

// Standing appends to dst those of a list that passed CheckDeterminations that
// were not reversed and reverse nothing, in their order.
func Standing(dst, list []Determination) []Determination {
	undone := Undone(list)
	for _, d := range list {
		if _, gone := undone[d.ID]; d.Reverses == "" && !gone {
			dst = append(dst, d)
		}
	}
	return dst
}

// Overtaken reports whether the run before which a determination is to be undone,
// or a later one, speaks for any half-hour of its days in any source of a frame.
// What still stands then may be counted twice, in cash and in the run: that run may
// speak in loss factors alone.
func (d *Determination) Overtaken(f *Frame) bool {
	if d.Before == settlement.Untagged {
		return false
	}
	part := settlement.Days(d.From, d.To).Intersect(f.Span())
	if part.Empty() {
		return false
	}
	for k := range f.Schema().Sources() {
		c := f.Source(k)
		for i := f.Span().Index(part.Lo); i < f.Span().Index(part.Hi); i++ {
			if r := c.Marks[i].Run(); r >= d.Before && r.Ranked() && c.Valid[i>>6]>>(uint(i)&63)&1 != 0 {
				return true
			}
		}
	}
	return false
}

// knownAt is when it was made known, in UTC; empty where nobody says.
func (d *Determination) knownAt() string {
	if d.Known.IsZero() {
		return ""
	}
	return d.Known.UTC().Format(time.RFC3339Nano)
}

// MarshalJSON writes a determination in the form docs/format/bill-json.md
// describes.
func (d Determination) MarshalJSON() ([]byte, error) {
	j := struct {
		ID       string `json:"id"`
		From     string `json:"from"`
		To       string `json:"to"`
		Amount   string `json:"amount_gbp"`
		Reason   string `json:"reason"`
		Source   string `json:"source"`
		Reverses string `json:"reverses,omitempty"`
		Before   string `json:"before,omitempty"`
		Known    string `json:"known,omitempty"`
	}{ID: d.ID, From: d.From.String(), To: d.To.String(), Amount: d.Amount(), Reason: d.Reason, Source: d.Source, Reverses: d.Reverses, Known: d.knownAt()}
	if d.Before != settlement.Untagged {
		j.Before = d.Before.String()
	}
	return json.Marshal(j)
}
