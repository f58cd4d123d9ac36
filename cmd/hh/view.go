package main

import (
	"fmt"
	"strings"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/settlement"
)

// viewWords are the views that every command takes.
const viewWords = "a run (II, SF, R1, R2, R3, RF, DF, or untagged for data that states none), latest, as-of:DAY; and with --journal newest, known-at:INSTANT, or any of the others with @INSTANT, such as R1@2025-07-01T12:00:00Z"

// view reads a view; what is left out is the command's own.
func (c *input) view(flag string, w word) (revisions.Reconciler, error) {
	if _, err := c.timetable(); err != nil {
		return revisions.Latest(), err // of the file, and not of the view
	}
	view, err := c.named(string(w))
	if err != nil {
		return view, usagef("%s %s: %w", flag, w, err)
	}
	return view, nil
}

// named is the view of a name.
func (c *input) named(name string) (revisions.Reconciler, error) {
	latest := revisions.Latest()
	if at := strings.LastIndexByte(name, '@'); at >= 0 {
		base, err := c.named(name[:at])
		if err != nil || name[:at] == "" {
			return latest, fmt.Errorf("want %s", viewWords)
		}
		return c.knownAt(base, name[at+1:])
	}
	if instant, ok := strings.CutPrefix(name, "known-at:"); ok {
		return c.knownAt(revisions.Newest(), instant)
	}
	if date, ok := strings.CutPrefix(name, "as-of:"); ok {
		return c.asOf(date)
	}
	switch name {
	case "":
		return c.unnamed(), nil
	case "latest":
		return latest, nil
	case "newest":
		if !c.Journal {
			return latest, fmt.Errorf("goes with --journal: only deliveries say when they came")
		}
		return revisions.Newest(), nil
	}
	r, err := settlement.ParseRun(name)
	if err != nil || !r.Ranked() {
		return latest, fmt.Errorf("want %s", viewWords)
	}
	return revisions.UpTo(r), nil
}

// knownAt is a view as known at an instant.
func (c *input) knownAt(view revisions.Reconciler, instant string) (revisions.Reconciler, error) {
	at, err := instantOf(instant)
	switch {
	case err != nil:
		return view, err
	case !c.Journal:
		return view, fmt.Errorf("goes with --journal: only deliveries say when they came")
	}
	return view.At(at), nil
}

// asOf is the view of a day.
func (c *input) asOf(date string) (revisions.Reconciler, error) {
	day, err := settlement.ParseDay(date)
	if err != nil {
		return revisions.Latest(), err
	}
	table, err := c.timetable()
	return revisions.AsOf(day, table), err
}

// unnamed is the view of a flag left out.
func (c *input) unnamed() revisions.Reconciler {
	if c.Journal {
		return revisions.Newest()
	}
	return revisions.Latest()
}
