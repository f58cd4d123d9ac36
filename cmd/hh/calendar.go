package main

import (
	"github.com/halfhour/halfhour/series/hhcsv"
	"github.com/halfhour/halfhour/settlement"
)

// timetable is that of Great Britain, with the dates of --calendar, read once.
func (c *input) timetable() (settlement.Timetable, error) {
	if c.table != nil {
		return *c.table, nil
	}
	table := settlement.GB()
	if c.Calendar != "" {
		f := fileOf(string(c.Calendar))
		var err error
		if *f.once, err = slurp(nil, f.name); err != nil {
			return table, err
		}
		if table, err = hhcsv.ReadCalendar(f.name, f.open, table); err != nil {
			return table, err
		}
		c.calendar = []dated{f}
	}
	c.table = &table
	return table, nil
}

// dates is the SHA-256 of the calendar that the timetable has the dates of.
func (c *input) dates() (string, error) {
	if _, err := c.timetable(); err != nil {
		return "", err
	}
	return digestOf(c.calendar...)
}
