package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
	"github.com/halfhour/halfhour/tariffs/gb"
	"github.com/halfhour/halfhour/tariffs/toml"
)

// source is what the commands that bill have in common: the data, the tariff
// and the supply, and what of them is looked at.
type source struct {
	input `embed:""`
	From  word `help:"First day billed, such as 2024-04-01. Default: the first day of the meter data, or of what is built in." placeholder:"DAY"`
	To    word `help:"First day no longer billed. Default: the day after the last of the meter data, or of what is built in." placeholder:"DAY"`
	Month word `help:"Bill this calendar month, such as 2024-04, instead of --from and --to." placeholder:"MONTH"`
	Named word `name:"run" help:"The view: of a settlement run, II, SF, R1, R2, R3, RF or DF, for which the run before speaks where it has not landed; or latest, as-of:DAY, and with --journal newest, known-at:INSTANT or R1@INSTANT. Default: latest; with --journal, newest (of reconcile: latest)." placeholder:"VIEW"`
	AsOf  word `help:"The same as --run as-of:DAY: the view as it was due to be known on this day, under the settlement timetable or the --calendar." placeholder:"DAY"`
}

// input is the data, the tariff and the supply.
type input struct {
	Files    []string `arg:"" optional:"" help:"Meter data: D0036 or D0379 flows, Parquet as hh pack writes it, and CSV files with --csv. With --journal, FILE@INSTANT says when a file was received, such as may.csv@2025-07-01T12:00:00Z."`
	Example  word     `help:"A worked example that is built in, such as wmid-hv-2025-12-04, instead of files." placeholder:"NAME"`
	Tariff   word     `help:"Tariff file (TOML)." placeholder:"FILE"`
	Supply   word     `help:"Supply file (TOML)." placeholder:"FILE"`
	Market   []string `help:"Tables of market lines (CSV, or Parquet as hh pack writes it): loss factors, system prices, RCRC, CfD rates. With --journal, FILE@INSTANT says when a table was received; without it a bill of an earlier instant cannot tell what came later, and says so." placeholder:"FILE"`
	Contract []string `help:"Tables of contract lines (CSV or Parquet): nominated energy, prices by half-hour; FILE@INSTANT as of --market." placeholder:"FILE"`
	Tag      word     `help:"Take meter data that states no settlement run as this one (the flows state none)." placeholder:"RUN"`
	CSV      word     `help:"Layout of CSV files: shape,label,zone,unit such as long,start,london,kwh. A file that begins as a flow does, with ZHV or ZHD, is read as one, and Parquet as Parquet." placeholder:"LAYOUT"`
	Journal  bool     `help:"Take each file as a delivery received when FILE@INSTANT says, or of a flow when its header says it was made: what each settlement run saw follows from that. Default view: newest, the readings received last (of reconcile: latest)."`
	KnownAt  word     `help:"With --journal: look at what was known at this instant, such as 2025-07-01T12:00:00Z, and at the runs that had closed. Not after now. Default: now." placeholder:"INSTANT"`
	Calendar word     `help:"A published settlement calendar (CSV: day, run, due): its dates are taken before those counted in working days." placeholder:"FILE"`
	LooseEnd bool     `help:"Accept a CSV file whose last line has no line end; it may have been cut short."`
	Accept   bool     `name:"accept-unconfirmed" help:"Bill with rates whose figure could not be confirmed, and say so, instead of refusing them."`
	Round    bool     `help:"Round readings finer than 0.001 kWh, and say so, instead of refusing them."`

	instant  time.Time // --known-at, or what stands in for it when it is left out
	unpriced bool      // nothing is priced: the tariff may be left out

	mpans owners // whose Parquet files may be

	errs  io.Writer             // where to say what is not part of the answer; nil for nowhere
	table *settlement.Timetable // once it is read

	calendar []dated              // that was read for it, if there is one
	ahead    time.Time            // the latest a delivery lies ahead of the clock; zero if none does
	later    []revisions.Delivery // received after the instant that is asked of, and not read
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

// job is what the arguments name, seen as they say.
func (c *source) job() (halfhour.Job, error) {
	view, err := c.seen()
	if err != nil {
		return halfhour.Job{}, err
	}
	days, err := c.days()
	if err != nil {
		return halfhour.Job{}, usageError{err}
	}
	job, err := c.data(days)
	job.View = view
	return job, err
}

// data is the job of files, of an example, or else of the sample, over the days
// asked for.
func (c *input) data(days period) (job halfhour.Job, err error) {
	switch {
	case c.Example != "" && len(c.Files) > 0:
		return job, usageError{errors.New("--example brings its own meter data: leave the files out")}
	case c.Example != "":
		job, err = c.example(days)
	case len(c.Files) == 0:
		job, err = c.sample(days)
	default:
		job, err = c.files(days)
	}
	if err == nil {
		job.Calendar, err = c.timetable()
	}
	if c.Accept && err == nil && job.Tariff != nil {
		job.Tariff.Conventions.Unconfirmed = true // the job's own: Publish made it
	}
	return job, err
}

// days reads --from, --to and --month.
func (c *source) days() (period, error) { return daysNamed(c.From, c.To, c.Month) }

// seen reads --run and --as-of.
func (c *source) seen() (revisions.Reconciler, error) {
	switch {
	case c.Named != "" && c.AsOf != "":
		return revisions.Latest(), usagef("--run and --as-of are two views: give one")
	case c.AsOf != "":
		return c.view("--as-of", "as-of:"+c.AsOf)
	}
	return c.view("--run", c.Named)
}

// terms reads a supply and a tariff, and the book of published rates where the
// tariff passes them through.
func terms(job *halfhour.Job, supplyName string, supply []byte, tariffName string, tariff []byte) (err error) {
	if job.Supply, err = toml.ParseSupply(supplyName, supply); err != nil {
		return err
	}
	if job.Tariff, err = toml.ParseTariff(tariffName, tariff); err != nil {
		return err
	}
	book, err := gb.Book(job.Supply.Distributor, job.Supply.GSPGroup)
	if err != nil {
		return ofSupply(err, job.Supply)
	}
	job.Tariff, err = job.Tariff.Publish(book)
	return err
}

// ofSupply locates in its file an error about what a supply states that was found
// without it.
func ofSupply(err error, s *tariffs.Supply) error {
	var bad *tariffs.Error
	if !errors.As(err, &bad) || bad.Err != tariffs.ErrSupply || bad.Pos != (series.Pos{}) {
		return err
	}
	located := *bad // others may share it
	located.Pos = s.Pos
	return &located
}
