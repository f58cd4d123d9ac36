package revisions

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Determination is an extra-settlement determination: money moved outside any
// settlement run, and moved back before the next one. It has no volume, no
// half-hours and no run, so it is never part of a cube: it stands beside the
// charges as a line of its own.
type Determination struct {
	ID       string         // of this line, unique among its kind
	From, To settlement.Day // settlement days it concerns, To exclusive
	Pence    int64          // positive is paid, negative is received; ParsePounds reads it
	Reason   string         // what it puts right
	Source   string         // the notice that states it
	Reverses string         // ID of the line it undoes; empty for one that undoes none
	Pos      series.Pos     // where it stood
}

// Limits of determinations. The sum of as many as there may be fits an int64.
const (
	MaxDeterminations = 10_000
	maxPence          = 100_000_000_000_000 // £1,000,000,000,000
)

// ErrDetermination is a determination that cannot stand; match with errors.Is.
var ErrDetermination = errors.New("bad determination")

// ParsePounds reads a signed amount in pounds, to the penny at the finest, as
// pence: "-1234.50" is -123450. Its error wraps series.ErrValue.
func ParsePounds(s string) (pence int64, err error) {
	pence, _, err = series.ParseFixed(s, 2, false)
	if err != nil {
		return 0, &series.Error{Value: s, Want: "pounds with at most 2 decimals and 12 digits before the point, such as -1234.50", Err: series.ErrValue}
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

// CheckDeterminations reports whether a list of determinations can stand
// together. Each has an ID of its own, whole days, an amount, a reason and a
// source. One that reverses another names one in the list that reverses none
// itself, is the only one to reverse it, concerns the same days and undoes
// exactly its amount. The order of the list does not matter.
//
// Every error found is returned, up to series.MaxErrors; each wraps
// ErrDetermination.
func CheckDeterminations(list []Determination) error {
	if len(list) > MaxDeterminations {
		return wrong(&list[MaxDeterminations], "", fmt.Sprintf("at most %d determinations in one list", MaxDeterminations))
	}
	byID, undone := map[string]*Determination{}, map[string]bool{}
	var errs series.Errors
	for i := range list {
		d := &list[i]
		if err := d.check(); err != nil {
			errs = append(errs, err)
		} else if byID[d.ID] != nil {
			errs = append(errs, wrong(d, d.ID, "an id no other determination has"))
		}
		byID[d.ID] = d
	}
	for i := range list {
		d := &list[i]
		if d.Reverses == "" {
			continue
		}
		if err := d.checkReversal(byID[d.Reverses]); err != nil {
			errs = append(errs, err)
		} else if undone[d.Reverses] {
			errs = append(errs, wrong(d, d.Reverses, "a determination that is reversed once: it is reversed already"))
		}
		undone[d.Reverses] = true
	}
	if len(errs) == 0 {
		return nil
	}
	return errs[:min(len(errs), series.MaxErrors)]
}

func (d *Determination) check() error {
	switch {
	case d.ID == "":
		return wrong(d, "", "an id, so that a reversal can name it")
	case !d.From.Valid() || !d.To.Valid() || d.From >= d.To:
		return wrong(d, d.From.String()+" to "+d.To.String(), "the settlement days it concerns, from the first to the day after the last")
	case d.Pence == 0 || d.Pence > maxPence || d.Pence < -maxPence:
		return wrong(d, d.Amount(), "an amount other than 0, of at most £1,000,000,000,000")
	case d.Reason == "" || d.Source == "":
		return wrong(d, d.ID, "a reason and a source: it is money outside any run, and somebody will ask")
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
	}
	return nil
}

func wrong(d *Determination, value, want string) error {
	if d.ID != "" {
		want += " (determination " + strconv.Quote(d.ID) + ")"
	}
	return &series.Error{Pos: d.Pos, Value: value, Want: want, Err: ErrDetermination}
}

// Standing appends to dst those of a list that passed CheckDeterminations that
// were not reversed and reverse nothing, in their order.
func Standing(dst, list []Determination) []Determination {
	undone := map[string]bool{}
	for i := range list {
		if list[i].Reverses != "" {
			undone[list[i].Reverses] = true
		}
	}
	for _, d := range list {
		if d.Reverses == "" && !undone[d.ID] {
			dst = append(dst, d)
		}
	}
	return dst
}
