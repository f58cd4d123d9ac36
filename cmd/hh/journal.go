package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/dtc"
)

// now is the clock, which tests stop.
var now = time.Now

// journalled checks --journal and --known-at, and the files that say when they
// were received.
func (c *input) journalled(meter, market, contract []dated) (err error) {
	if c.KnownAt != "" {
		if !c.Journal {
			return usagef("--known-at goes with --journal: only deliveries say when they came")
		}
		if c.instant, err = instantOf(string(c.KnownAt)); err != nil {
			return usagef("--known-at %w", err)
		}
	}
	switch clock := now().UTC().Truncate(time.Second); {
	case !c.instant.After(clock):
	case c.KnownAt == "": // the end of a day: until then, what is known now is known
		c.instant = time.Time{}
	case c.instant.After(clock.Add(revisions.Skew)):
		return usagef("--known-at %s: want an instant not after now, %s: nobody knows what will be known, nor which runs will have closed", c.KnownAt, clock.Format(time.RFC3339Nano))
	}
	if !c.Journal {
		for _, f := range slices.Concat(meter, market, contract) {
			if f.said {
				return usagef("%s@%s: a file with the instant it was received goes with --journal", f.name, f.at.Format(time.RFC3339Nano))
			}
		}
		return nil
	}
	for _, f := range meter {
		if f.parquet && !f.said {
			return usagef("--journal: a Parquet file does not say when it was made: write %s@INSTANT, such as %[1]s@2025-07-01T12:00:00Z, to say when it was received, or leave --journal out: its runs are in the file", f.name)
		}
		if !f.flow && !f.said {
			return usagef("--journal: a CSV file does not say when it was made: write %s@INSTANT, such as %[1]s@2025-07-01T12:00:00Z, to say when it was received, or leave --journal out and state the run with --tag", f.name)
		}
	}
	for flag, files := range map[string][]dated{"--market": market, "--contract": contract} {
		said := func(f dated) bool { return f.said }
		if slices.ContainsFunc(files, said) && !slices.ContainsFunc(files, func(f dated) bool { return !f.said }) {
			continue
		}
		if slices.ContainsFunc(files, said) {
			return usagef("%s: say of each file when it was received, FILE@INSTANT, or of none", flag)
		}
	}
	return nil
}

// deliver makes files deliveries of a job. Without --known-at all of them are
// known that were received by now.
func (c *input) deliver(job *halfhour.Job, meter, market, contract []dated) (err error) {
	job.AtHand = now().Truncate(time.Second)
	for _, f := range meter {
		source, err := c.open(f)
		if err != nil {
			return err
		}
		d := halfhour.Delivery{Delivery: revisions.Delivery{Received: f.at, Source: filepath.Base(f.name)}, Readings: source}
		if err := c.header(&d, f); err != nil {
			return err
		}
		if !f.said {
			d.Received = d.Created
		}
		d.Received = d.Known()
		if err := c.believe(job, f, d.Received); err != nil {
			return err
		}
		job.Deliveries = append(job.Deliveries, d)
	}
	if job.MarketDeliveries, err = c.tablesAt(job, market, series.Market()); err != nil {
		return err
	}
	if job.ContractDeliveries, err = c.tablesAt(job, contract, series.Contract()); err != nil {
		return err
	}
	if job.KnownAt = job.AtHand; !c.instant.IsZero() {
		job.KnownAt = c.instant
	} else if c.ahead.After(job.KnownAt) {
		job.KnownAt = c.ahead
		fmt.Fprintf(c.stderr(), "hh: %s lies ahead of this clock, by at most %s: what is known is asked of that instant\n", c.ahead.Format(time.RFC3339Nano), revisions.Skew)
	}
	c.later = nil
	for _, d := range slices.Concat(job.Deliveries, job.MarketDeliveries, job.ContractDeliveries) {
		if d.Received.After(job.KnownAt) {
			c.later = append(c.later, d.Delivery)
		}
	}
	slices.SortFunc(c.later, func(a, b revisions.Delivery) int {
		return cmp.Or(a.Received.Compare(b.Received), cmp.Compare(a.Source, b.Source))
	})
	return nil
}

// header says of a delivery what its file does: when it was made, and whether it
// counts in UTC days.
func (c *input) header(d *halfhour.Delivery, f dated) (err error) {
	switch {
	case f.parquet: // it has no instant of its own, and counts in days of the clock
		return nil
	case !f.flow:
		d.UTCDays, err = c.utcDays()
		return err
	}
	if d.Created, err = dtc.Created(f.name, f.open); err != nil {
		return err
	}
	d.UTCDays, err = dtc.UTCDays(f.name, f.open)
	return err
}

// tablesAt are tables as deliveries, where they say when they were received.
func (c *input) tablesAt(job *halfhour.Job, files []dated, schema *series.Schema) (out []halfhour.Delivery, err error) {
	for _, f := range files {
		if !f.said {
			continue
		}
		if err := c.believe(job, f, f.at); err != nil {
			return nil, err
		}
		out = append(out, halfhour.Delivery{Delivery: revisions.Delivery{Received: f.at, Source: filepath.Base(f.name)}, Readings: c.lines(f, schema)})
	}
	return out, nil
}

// believe refuses a delivery that would be known now and says that it comes from
// the future, unless --known-at is given and so the clock is not asked. One that
// is ahead by no more than clocks and zones differ moves the instant.
func (c *input) believe(job *halfhour.Job, f dated, received time.Time) error {
	if c.KnownAt != "" || !c.instant.IsZero() && received.After(c.instant) || !received.After(job.AtHand) {
		return nil
	}
	if received.Sub(job.AtHand) <= revisions.Skew {
		if received.After(c.ahead) {
			c.ahead = received
		}
		return nil
	}
	remedy := "the header says when it was made: is it right, and this clock?"
	if f.said {
		remedy = "say when it was received, " + f.name + "@INSTANT"
	}
	return &series.Error{Pos: series.Pos{Source: f.name}, Value: received.UTC().Format(time.RFC3339Nano), Err: series.ErrValue,
		Want: fmt.Sprintf("an instant not after now, %s: %s; to leave it out, ask of an instant, --known-at", job.AtHand.UTC().Format(time.RFC3339Nano), remedy)}
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

// unknown refuses a job of which no meter data is known at the instant asked.
func (c *input) unknown(job *halfhour.Job) error {
	if !c.Journal || slices.ContainsFunc(job.Deliveries, func(d halfhour.Delivery) bool { return !d.Received.After(job.KnownAt) }) {
		return nil
	}
	return fmt.Errorf("no meter data was known at %s: all %d deliveries of it came later, so ask of a later instant (--known-at); %s",
		job.KnownAt.UTC().Format(time.RFC3339Nano), len(job.Deliveries), laterText(c.later))
}

// knownText says of which instant a view was asked, where it was of one and its
// name does not say so.
func knownText(view, at string) string {
	if at == "" || strings.Contains(view, "known at") {
		return ""
	}
	return ", known at " + at
}
