package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/dtc"
	"github.com/halfhour/halfhour/series/hhcsv"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
	"github.com/halfhour/halfhour/tariffs/toml"
)

type billCmd struct {
	Files    []string `arg:"" optional:"" help:"Meter data: D0036 or D0379 flows, or CSV with --csv."`
	Tariff   word     `help:"Tariff file (TOML)." placeholder:"FILE"`
	Supply   word     `help:"Supply file (TOML)." placeholder:"FILE"`
	From     word     `help:"First day billed, such as 2024-04-01." placeholder:"DAY"`
	To       word     `help:"First day no longer billed." placeholder:"DAY"`
	Month    word     `help:"Bill this calendar month, such as 2024-04, instead of --from and --to." placeholder:"MONTH"`
	By       string   `help:"One bill for the whole span, or one a calendar month." enum:"span,month" default:"span"`
	UpTo     word     `name:"run" help:"View of this settlement run: II, SF, R1, R2, R3, RF or DF; where it has not landed the run before speaks. Default: the latest." placeholder:"RUN"`
	AsOf     word     `help:"View as it was due to be known on this day, under the settlement timetable." placeholder:"DAY"`
	Tag      word     `help:"Take meter data that states no settlement run as this one (the flows state none)." placeholder:"RUN"`
	CSV      word     `help:"Layout of CSV files: shape,label,zone,unit such as long,start,london,kwh." placeholder:"LAYOUT"`
	LooseEnd bool     `help:"Accept a CSV file whose last line has no line end; it may have been cut short."`
	Round    bool     `help:"Round readings finer than 0.001 kWh, and say so, instead of refusing them."`
	Format   string   `help:"Output: text or json." enum:"text,json" default:"text"`
}

// word is a flag's value: given once, and not empty. An empty one is a script's
// mistake, such as a variable that is not set.
type word string

func (w *word) UnmarshalText(text []byte) error {
	switch {
	case len(text) == 0:
		return errors.New("the value is empty; leave the flag out or give one")
	case *w != "":
		return fmt.Errorf("given twice: %q and %q", string(*w), text)
	}
	*w = word(text)
	return nil
}

// Run bills. Nothing is printed until every bill is made and verified.
func (c *billCmd) Run(ctx context.Context, stdout io.Writer) error {
	view, err := c.view()
	if err != nil {
		return usageError{err}
	}
	var job halfhour.Job
	if len(c.Files) == 0 {
		job, err = c.sample()
	} else {
		job, err = c.files()
	}
	if err != nil {
		return err
	}
	job.View = view
	res, err := halfhour.Run(ctx, job)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if c.Format == "json" {
		err = writeJSON(&out, res.Bills)
	} else {
		writeText(&out, res.Bills)
	}
	if err != nil {
		return err
	}
	_, err = stdout.Write(out.Bytes())
	return err
}

func writeJSON(w io.Writer, bills []*tariffs.Bill) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if len(bills) == 1 {
		return enc.Encode(bills[0])
	}
	return enc.Encode(bills)
}

// view reads --run and --as-of.
func (c *billCmd) view() (revisions.Reconciler, error) {
	switch {
	case c.UpTo != "" && c.AsOf != "":
		return revisions.Latest(), errors.New("--run and --as-of are two views: give one")
	case c.UpTo != "":
		r, err := settlement.ParseRun(string(c.UpTo))
		if err != nil || !r.Ranked() || r == settlement.Untagged {
			return revisions.Latest(), fmt.Errorf("--run %s: want II, SF, R1, R2, R3, RF or DF", c.UpTo)
		}
		return revisions.UpTo(r), nil
	case c.AsOf != "":
		d, err := settlement.ParseDay(string(c.AsOf))
		if err != nil {
			return revisions.Latest(), fmt.Errorf("--as-of: %w", err)
		}
		return revisions.AsOf(d, settlement.GB()), nil
	}
	return revisions.Latest(), nil
}

// sample is the job of the built-in meter.
func (c *billCmd) sample() (halfhour.Job, error) {
	if c.Tariff != "" || c.Supply != "" || c.CSV != "" || c.Tag != "" || c.Round || c.LooseEnd {
		return halfhour.Job{}, usageError{errors.New("--tariff, --supply, --csv, --tag, --round and --loose-end go with meter data: name the files, or leave all out to bill the sample")}
	}
	supply, err := toml.ParseSupply("sample/supply.toml", sample.Supply())
	if err != nil {
		return halfhour.Job{}, err
	}
	tariff, err := toml.ParseTariff("sample/tariff.toml", sample.Tariff())
	if err != nil {
		return halfhour.Job{}, err
	}
	span := sample.Span()
	spans, err := c.spans(span.From(), span.To())
	meter, market := sample.Readings()
	return halfhour.Job{Supply: supply, Tariff: tariff, Spans: spans, Meter: meter, Market: market}, err
}

// files is the job of the files named.
func (c *billCmd) files() (halfhour.Job, error) {
	if c.Tariff == "" || c.Supply == "" {
		return halfhour.Job{}, usageError{errors.New("meter data needs --tariff and --supply")}
	}
	if c.LooseEnd && c.CSV == "" {
		return halfhour.Job{}, usageError{errors.New("--loose-end is about CSV files: give their layout with --csv")}
	}
	var job halfhour.Job
	b, err := readLimited(string(c.Supply))
	if err != nil {
		return job, err
	}
	if job.Supply, err = toml.ParseSupply(string(c.Supply), b); err != nil {
		return job, err
	}
	if b, err = readLimited(string(c.Tariff)); err != nil {
		return job, err
	}
	if job.Tariff, err = toml.ParseTariff(string(c.Tariff), b); err != nil {
		return job, err
	}
	sources := make([]series.Readings, len(c.Files))
	for i, name := range c.Files {
		if sources[i], err = c.open(name); err != nil {
			return job, err
		}
	}
	job.Meter = series.Join(sources...)
	var from, to settlement.Day
	if c.From == "" && c.Month == "" || c.To == "" && c.Month == "" {
		if from, to, err = extent(job.Meter, job.Supply.MPAN); err != nil {
			return job, err
		}
	}
	job.Spans, err = c.spans(from, to)
	return job, err
}

// maxConfig is the most bytes a tariff or supply file may have.
const maxConfig = 1 << 20

func readLimited(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	if err == nil && len(b) > maxConfig {
		err = fmt.Errorf("%s: larger than 1 MiB: not a tariff or supply file", name)
	}
	return b, err
}

// open reads a file as a flow, or as CSV when --csv states its layout.
func (c *billCmd) open(name string) (series.Readings, error) {
	tag := settlement.Untagged
	if c.Tag != "" {
		r, err := settlement.ParseRun(string(c.Tag))
		if err != nil || !r.Ranked() {
			return nil, usageError{fmt.Errorf("--tag %s: want II, SF, R1, R2, R3, RF or DF", c.Tag)}
		}
		tag = r
	}
	opener := func() (io.ReadCloser, error) { return os.Open(name) }
	if c.CSV == "" {
		return dtc.Read(name, opener, dtc.Options{Run: tag, Round: c.Round}), nil
	}
	layout, err := hhcsv.ParseLayout(string(c.CSV))
	if err != nil {
		return nil, usageError{err}
	}
	layout.Run, layout.Round, layout.LooseEnd = tag, c.Round, c.LooseEnd
	return hhcsv.Read(name, opener, layout), nil
}

// extent is the whole local days for which the source holds active import of
// a meter.
func extent(readings series.Readings, mpan settlement.MPAN) (from, to settlement.Day, err error) {
	others := 0
	found, err := series.Survey(func(yield func(series.Reading, error) bool) {
		for r, err := range readings {
			if err == nil && (r.MPAN != mpan || r.Line != series.AI) {
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
		return 0, 0, fmt.Errorf("the files hold no active import of MPAN %s (%d readings are of other meters or lines): are they the right files?", mpan, others)
	case err != nil:
		return 0, 0, err
	}
	return found[0].Span.From(), found[0].Span.To(), nil
}

// spans are the bills asked for; from and to stand in for what was left out.
func (c *billCmd) spans(from, to settlement.Day) ([]settlement.Span, error) {
	var err error
	if c.Month != "" {
		if c.From != "" || c.To != "" {
			return nil, usageError{errors.New("--month stands for --from and --to: give one or the others")}
		}
		m, err := settlement.ParseMonth(string(c.Month))
		if err != nil {
			return nil, usageError{err}
		}
		return []settlement.Span{m.Span()}, nil
	}
	if c.From != "" {
		if from, err = settlement.ParseDay(string(c.From)); err != nil {
			return nil, usageError{fmt.Errorf("--from: %w", err)}
		}
	}
	if c.To != "" {
		if to, err = settlement.ParseDay(string(c.To)); err != nil {
			return nil, usageError{fmt.Errorf("--to: %w", err)}
		}
	}
	if from >= to {
		return nil, usageError{fmt.Errorf("--from %s must be before --to %s, the first day no longer billed", from, to)}
	}
	if to-from > 20*366 {
		return nil, usageError{fmt.Errorf("--from %s to --to %s is more than twenty years: bill fewer at once", from, to)}
	}
	whole := settlement.Days(from, to)
	if c.By == "span" {
		return []settlement.Span{whole}, nil
	}
	var spans []settlement.Span
	for _, part := range whole.Months() {
		spans = append(spans, part)
	}
	return spans, nil
}
