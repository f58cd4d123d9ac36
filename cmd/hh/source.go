package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/internal/example"
	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/dtc"
	"github.com/halfhour/halfhour/series/hhcsv"
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

// builtIn refuses flags that go with files.
func (c *input) builtIn() error {
	var given []string
	for _, x := range []struct {
		flag  string
		given bool
	}{
		{"--tariff", c.Tariff != ""}, {"--supply", c.Supply != ""}, {"--csv", c.CSV != ""}, {"--tag", c.Tag != ""},
		{"--journal", c.Journal}, {"--known-at", c.KnownAt != ""}, {"--round", c.Round}, {"--loose-end", c.LooseEnd},
		{"--market", len(c.Market) > 0}, {"--contract", len(c.Contract) > 0},
	} {
		if x.given {
			given = append(given, x.flag)
		}
	}
	switch n := len(given); n {
	case 0:
		return nil
	case 1:
		return usagef("%s goes with meter data: name its files, or leave %[1]s out to bill what is built in", given[0])
	default:
		return usagef("%s and %s go with meter data: name its files, or leave these out to bill what is built in", strings.Join(given[:n-1], ", "), given[n-1])
	}
}

// sample is the job of the built-in meter.
func (c *input) sample(days period) (halfhour.Job, error) {
	if err := c.builtIn(); err != nil {
		return halfhour.Job{}, err
	}
	var job halfhour.Job
	if err := terms(&job, "sample/supply.toml", sample.Supply(), "sample/tariff.toml", sample.Tariff()); err != nil {
		return job, err
	}
	span := sample.Span()
	var err error
	job.Spans, err = days.span(span.From(), span.To())
	job.Meter, job.Market, job.Contract = sample.Readings()
	return job, err
}

// example is the job of a worked example.
func (c *input) example(days period) (halfhour.Job, error) {
	var job halfhour.Job
	if err := c.builtIn(); err != nil {
		return job, err
	}
	files, ok := example.Open(string(c.Example))
	if !ok {
		return job, usageError{fmt.Errorf("--example %s: the examples are %s", c.Example, strings.Join(example.Names(), ", "))}
	}
	supply, errS := fs.ReadFile(files, "supply.toml")
	tariff, errT := fs.ReadFile(files, "tariff.toml")
	if err := errors.Join(errS, errT); err != nil {
		return job, err
	}
	if err := terms(&job, "supply.toml", supply, "tariff.toml", tariff); err != nil {
		return job, err
	}
	open := func(name string) series.Opener {
		return func() (io.ReadCloser, error) { return files.Open(name) }
	}
	layout, err := hhcsv.ParseLayout("long,start,london,kwh")
	if err != nil {
		return job, err
	}
	job.Meter = hhcsv.Read("meter.csv", open("meter.csv"), layout)
	job.Market = hhcsv.ReadTable("market.csv", open("market.csv"), series.Market())
	job.Contract = hhcsv.ReadTable("contract.csv", open("contract.csv"), series.Contract())
	return job, days.billed(&job, c)
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

// files is the job of the files named.
func (c *input) files(days period) (halfhour.Job, error) {
	switch {
	case c.Supply == "" && c.unpriced:
		return halfhour.Job{}, usageError{errors.New("meter data needs --supply")}
	case !c.unpriced && (c.Tariff == "" || c.Supply == ""):
		return halfhour.Job{}, usageError{errors.New("meter data needs --tariff and --supply")}
	}
	if c.LooseEnd && c.CSV == "" {
		return halfhour.Job{}, usageError{errors.New("--loose-end is about CSV files: give their layout with --csv")}
	}
	meter, errM := datedFiles(c.Files)
	market, errT := datedFiles(c.Market)
	contract, errC := datedFiles(c.Contract)
	if err := cmp.Or(errM, errT, errC, c.told(meter), c.onlyParquet(meter), sniff(market), sniff(contract)); err != nil {
		return halfhour.Job{}, err
	}
	if err := c.journalled(meter, market, contract); err != nil {
		return halfhour.Job{}, err
	}
	job, err := c.termFiles()
	if err != nil {
		return job, err
	}
	c.mpans = append(owners{job.Supply.MPAN}, job.Supply.Related...)
	if c.Journal {
		err = c.deliver(&job, meter, market, contract)
	} else {
		job.Meter, err = c.joined(meter)
	}
	if err != nil {
		return job, err
	}
	job.Market = c.tables(market, series.Market())
	job.Contract = c.tables(contract, series.Contract())
	return job, days.billed(&job, c)
}

// joined are meter files read one after the other.
func (c *input) joined(files []dated) (series.Readings, error) {
	sources := make([]series.Readings, len(files))
	for i, f := range files {
		var err error
		if sources[i], err = c.open(f); err != nil {
			return nil, err
		}
	}
	return series.Join(sources...), nil
}

// termFiles reads the supply and tariff files named.
func (c *input) termFiles() (job halfhour.Job, err error) {
	supply, err := readLimited(string(c.Supply))
	if err != nil {
		return job, err
	}
	if c.Tariff == "" {
		job.Supply, err = toml.ParseSupply(string(c.Supply), supply)
		return job, err
	}
	tariff, err := readLimited(string(c.Tariff))
	if err != nil {
		return job, err
	}
	return job, terms(&job, string(c.Supply), supply, string(c.Tariff), tariff)
}

// tables reads tables of lines of one schema that do not say when they were
// received; none is no source.
func (c *input) tables(files []dated, schema *series.Schema) series.Readings {
	var sources []series.Readings
	for _, f := range files {
		if !f.said {
			sources = append(sources, c.lines(f, schema))
		}
	}
	if len(sources) == 0 {
		return nil
	}
	return series.Join(sources...)
}

// lines reads lines of the market or of a contract: Parquet, or a table.
func (c *input) lines(f dated, schema *series.Schema) series.Readings {
	switch {
	case f.parquet && schema == series.Contract():
		return stored(f, schema, c.mpans.agreed)
	case f.parquet:
		return stored(f, schema, noMeter)
	}
	return hhcsv.ReadTable(f.name, f.open, schema)
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

// open reads a file as Parquet, as a flow, or as CSV in the layout of --csv.
func (c *input) open(f dated) (series.Readings, error) {
	if f.parquet {
		return stored(f, series.Meter(), c.mpans.readings), nil
	}
	return c.from(f.name, f.open, f.flow)
}

// from is open of a source that is called name.
func (c *input) from(name string, open series.Opener, flow bool) (series.Readings, error) {
	tag := settlement.Untagged
	if c.Tag != "" {
		r, err := settlement.ParseRun(string(c.Tag))
		if err != nil || !r.Ranked() {
			return nil, usageError{fmt.Errorf("--tag %s: want II, SF, R1, R2, R3, RF or DF", c.Tag)}
		}
		tag = r
	}
	if flow {
		return dtc.Read(name, open, dtc.Options{Run: tag, Round: c.Round}), nil
	}
	layout, err := c.layout()
	if err != nil {
		return nil, err
	}
	layout.Run, layout.Round, layout.LooseEnd = tag, c.Round, c.LooseEnd
	return hhcsv.Read(name, open, layout), nil
}

// layout reads --csv.
func (c *input) layout() (hhcsv.Layout, error) {
	layout, err := hhcsv.ParseLayout(string(c.CSV))
	if err != nil {
		return layout, usageError{err}
	}
	return layout, nil
}

// utcDays says whether a CSV file restates whole UTC days: one whose rows are
// such days does.
func (c *input) utcDays() (bool, error) {
	layout, err := c.layout()
	return layout.Shape == hhcsv.Wide && layout.Zone == hhcsv.UTC, err
}
