package main

import (
	"io"
	"os"

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
		var err error
		if table, err = hhcsv.ReadCalendar(string(c.Calendar), func() (io.ReadCloser, error) { return os.Open(string(c.Calendar)) }, table); err != nil {
			return table, err
		}
	}
	c.table = &table
	return table, nil
}
