package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/dtc"
)

// now is the clock, which tests stop.
var now = time.Now

// journalled checks --journal and --known-at.
func (c *input) journalled() error {
	switch {
	case c.KnownAt != "" && !c.Journal:
		return errors.New("--known-at goes with --journal: only deliveries say when they came")
	case c.Journal && c.CSV != "":
		return errors.New("--journal: a CSV file does not say when it was made, so no run can be derived from it: give flows, or state the run with --tag instead")
	case c.KnownAt == "":
		return nil
	}
	at, err := time.Parse(time.RFC3339, string(c.KnownAt))
	if err != nil {
		return fmt.Errorf("--known-at %s: want a date and time with its zone, such as 2025-07-01T12:00:00Z", c.KnownAt)
	}
	c.instant = at
	return nil
}

// deliver makes the files deliveries of a job. Without an instant all of them
// are known, those too that by the clock were made later: senders' clocks, and
// zones, differ.
func (c *input) deliver(job *halfhour.Job, files []series.Readings) error {
	newest := now().Truncate(time.Second)
	for i, name := range c.Files {
		open := func() (io.ReadCloser, error) { return os.Open(name) }
		created, err := dtc.Created(name, open)
		if err != nil {
			return err
		}
		utc, err := dtc.UTCDays(name, open)
		if err != nil {
			return err
		}
		if created.After(newest) {
			newest = created
		}
		job.Deliveries = append(job.Deliveries, halfhour.Delivery{
			Delivery: revisions.Delivery{Received: created, Source: filepath.Base(name), UTCDays: utc}, Readings: files[i]})
	}
	if job.KnownAt = c.instant; c.instant.IsZero() {
		job.KnownAt = newest
	}
	return nil
}

// knownReadings are the meter readings of a job that are known.
func knownReadings(job *halfhour.Job) series.Readings {
	if job.Meter != nil {
		return job.Meter
	}
	var all []series.Readings
	for _, d := range job.Deliveries {
		if !d.Received.After(job.KnownAt) {
			all = append(all, d.Readings)
		}
	}
	return series.Join(all...)
}

// knownText says of which instant a view was asked, where it was of one.
func knownText(at string) string {
	if at == "" {
		return ""
	}
	return ", known at " + at
}
