package main

import (
	"errors"
	"fmt"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// period is the days asked for, to exclusive; 0 is left out.
type period struct{ from, to settlement.Day }

// month is the days of a month.
func month(w word) (period, error) {
	m, err := settlement.ParseMonth(string(w))
	return period{m.First(), m.Next().First()}, err
}

// dayFlag reads a day; 0 is a flag left out.
func dayFlag(name string, w word) (settlement.Day, error) {
	if w == "" {
		return 0, nil
	}
	d, err := settlement.ParseDay(string(w))
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return d, nil
}

// daysNamed reads --from and --to, or --month.
func daysNamed(from, to, of word) (p period, err error) {
	if of != "" {
		if from != "" || to != "" {
			return p, errors.New("--month stands for --from and --to: give one or the others")
		}
		return month(of)
	}
	if p.from, err = dayFlag("--from", from); err != nil {
		return p, err
	}
	p.to, err = dayFlag("--to", to)
	return p, err
}

// billed sets the job's spans: those asked for, or all days of the meter data.
func (p period) billed(job *halfhour.Job, c *input) (err error) {
	var from, to settlement.Day
	if p.from == 0 || p.to == 0 {
		if err := c.unknown(job); err != nil {
			return err
		}
		if from, to, err = extent(knownReadings(job), job.Supply); err != nil {
			return err
		}
	}
	job.Spans, err = p.span(from, to)
	return err
}

// extent is the whole local days for which the source holds active energy of
// a supply.
func extent(readings series.Readings, supply *tariffs.Supply) (from, to settlement.Day, err error) {
	others, line, what := 0, series.AI, "import"
	if supply.Export {
		line, what = series.AE, "export"
	}
	found, err := series.Survey(func(yield func(series.Reading, error) bool) {
		for r, err := range readings {
			if err == nil && (r.MPAN != supply.MPAN || r.Line != line) {
				others++
				continue
			}
			if !yield(r, err) {
				return
			}
		}
	})
	switch {
	case errors.Is(err, series.ErrEmpty) && others > 0:
		return 0, 0, fmt.Errorf("the files hold no active %s of MPAN %s (%d readings are of other meters or lines): are they the right files?", what, supply.MPAN, others)
	case err != nil:
		return 0, 0, err
	}
	return found[0].Span.From(), found[0].Span.To(), nil
}

// span is the whole asked for; from and to stand in for what was left out.
func (p period) span(from, to settlement.Day) ([]settlement.Span, error) {
	if p.from != 0 {
		from = p.from
	}
	if p.to != 0 {
		to = p.to
	}
	if from >= to {
		return nil, usageError{fmt.Errorf("%s to %s: the first day must be before the first day no longer billed", from, to)}
	}
	if to-from > 20*366 {
		return nil, usageError{fmt.Errorf("%s to %s is more than twenty years: bill fewer at once", from, to)}
	}
	return []settlement.Span{settlement.Days(from, to)}, nil
}
