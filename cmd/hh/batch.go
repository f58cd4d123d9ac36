package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

type batchCmd struct {
	Book      word     `arg:"" help:"The meters: a CSV file with the columns readings, supply and tariff (paths relative to it) and, if wanted, contract (a table of the meter's own lines) and sha256 of the readings."`
	From      word     `help:"First day priced, such as 2024-04-01." placeholder:"DAY"`
	To        word     `help:"First day no longer priced." placeholder:"DAY"`
	Month     word     `help:"Price this calendar month, such as 2024-04, instead of --from and --to." placeholder:"MONTH"`
	Market    []string `help:"Market lines that all meters share: Parquet, or tables (CSV)." placeholder:"FILE"`
	Contract  []string `help:"Contract lines that all meters share: Parquet, or tables (CSV). Nominated energy is one supply's, and stands in the book." placeholder:"FILE"`
	LLFOf     word     `name:"llf-of" help:"Whose line loss factors --market holds: distributor and class, such as 14/H02. Supplies of another have their tariff's." placeholder:"CLASS"`
	Named     word     `name:"run" help:"The view: of a settlement run, for which the run before speaks where it has not landed; latest, or as-of:DAY. Default: latest." placeholder:"VIEW"`
	By        string   `help:"What totals are told apart by: item, one of month, day and half-hour, and if wanted one of meter, gsp-group, distributor, tariff or a tag of the supplies, such as item,month,site." default:"item,month"`
	Out       word     `help:"Write the totals to this folder as CSV, JSON and Parquet, with a manifest, and keep there what is done: the same command goes on where it was stopped." placeholder:"DIR"`
	Workers   int      `help:"Goroutines that price. Default: one for each processor." placeholder:"N"`
	MaxFailed int      `name:"max-failed" help:"Meters that may fail before the batch stops." default:"1000" placeholder:"N"`
	Gaps      bool     `help:"Price a meter with missing half-hours as far as it is held, and say so, instead of refusing it."`
	Cells     bool     `help:"Make every half-hour's charges and add them up, instead of the totals straight from the volumes. The totals are the same."`
	Tag       word     `help:"Take meter data that states no settlement run as this one (the flows state none)." placeholder:"RUN"`
	CSV       word     `help:"Layout of readings that are CSV: shape,label,zone,unit such as long,start,london,kwh." placeholder:"LAYOUT"`
	Calendar  word     `help:"A published settlement calendar (CSV: day, run, due), for as-of views." placeholder:"FILE"`
	LooseEnd  bool     `help:"Accept a CSV file whose last line has no line end; it may have been cut short."`
	Accept    bool     `name:"accept-unconfirmed" help:"Price with rates whose figure could not be confirmed, and say so, instead of refusing them."`
	Round     bool     `help:"Round readings finer than 0.001 kWh, and say so, instead of refusing them."`
	Format    string   `help:"Output: text or json." enum:"text,json" default:"text"`

	errs io.Writer // where to say what is not part of the answer
}

// maxTold is how many lines are told of what may be a mistake.
const maxTold = 20

// Run prices the book's meters. Totals are printed once all that can be priced are.
func (c *batchCmd) Run(ctx context.Context, stdout io.Writer) error {
	b, err := c.plan()
	if err != nil {
		return err
	}
	if err := c.survey(ctx, b); err != nil {
		return err
	}
	for i, line := range b.told {
		if i == maxTold {
			line = fmt.Sprintf("… and %d more", len(b.told)-i)
		}
		if i <= maxTold && c.errs != nil {
			fmt.Fprintln(c.errs, line)
		}
	}
	keep, err := c.open(ctx, b)
	if err != nil {
		return err
	}
	defer keep.close()
	if err := b.resume(ctx, keep, c.errs); err != nil {
		return c.stopped(err, b)
	}
	failed, err := b.price(ctx, keep, c.errs)
	if synced := keep.sync(); err != nil || synced != nil {
		if synced == nil {
			err = c.stopped(err, b)
		}
		return errors.Join(b.listed(failed), err, synced, c.keepFailed(b.failed(failed)))
	}
	defer b.lean()()
	listed, meters := b.listed(failed), len(b.book.entries)
	res, err := b.finish(keep, failed)
	if err != nil {
		return err
	}
	b.book, b.states, b.pending = nil, nil, nil // of many meters they are much, and only totals are left to do
	if c.Out != "" {
		if err := res.write(string(c.Out)); err != nil {
			return err
		}
	}
	if err := res.emit(stdout, c.Format); err != nil || len(failed) == 0 {
		return err
	}
	return fmt.Errorf("%w\n%d of %d meters are not in the totals", listed, len(failed), meters)
}

// listed is an error that names the meters that failed, by their lines of the book; nil
// where none did.
func (b *batch) listed(failed []halfhour.Failure) error {
	var all []error
	for _, f := range failed {
		all = append(all, fmt.Errorf("%s: %w", b.book.pos(b.pending[f.Index]), f.Err))
	}
	return errors.Join(all...)
}

// keepFailed writes the list of the meters that failed before a batch was stopped.
func (c *batchCmd) keepFailed(failed []failedJSON) error {
	if c.Out == "" || len(failed) == 0 {
		return nil
	}
	_, err := place(string(c.Out), failedCSV, (&batchResult{Failed: failed}).writeFailed, nil)
	return err
}

// stopped says what is kept of a batch that did not come to its end.
func (c *batchCmd) stopped(err error, b *batch) error {
	if !errors.Is(err, context.Canceled) {
		return err
	}
	if c.Out == "" {
		return errors.New("stopped: nothing is kept without --out")
	}
	return fmt.Errorf("stopped: %d of %d meters are done and kept in %s; the same command goes on", b.done(), len(b.book.entries), c.Out)
}

// batch is what a command line asks for, and how far it has come.
type batch struct {
	halfhour.Batch
	book    *book
	input   *input // how readings that are not Parquet are read
	accept  bool
	buckets *halfhour.Buckets
	key     string
	head    []field // what a checkpoint must have been made with
	states  []state // of each entry of the book
	pending []int   // entries to be priced
	tariffs *tariffShelf

	manifests        *manifests // of the folders that the book's files lie in
	market, contract string     // digests of what all meters share
	told             []string   // of the book, what is no mistake but may be one
	latest           bool       // only what the latest run says of a day needs to be read
}

// plan reads the command line, the book and what all meters share.
func (c *batchCmd) plan() (*batch, error) {
	b := &batch{input: &input{Tag: c.Tag, CSV: c.CSV, Calendar: c.Calendar, LooseEnd: c.LooseEnd, Round: c.Round}, accept: c.Accept, manifests: new(manifests)}
	var err error
	if b.key, b.Bucket, err = c.by(); err != nil {
		return nil, err
	}
	if b.Span, err = c.span(b.Bucket); err != nil {
		return nil, err
	}
	if c.Out != "" {
		if err := ours(string(c.Out)); err != nil {
			return nil, err
		}
	}
	if b.View, err = b.input.view("--run", c.Named); err != nil {
		return nil, err
	}
	if b.Class, err = c.class(); err != nil {
		return nil, err
	}
	if c.Workers < 0 || c.Workers > maxWorkers || c.MaxFailed < 1 {
		return nil, usagef("--workers and --max-failed count from 1, and there are at most %d workers: more than processors price no faster", maxWorkers)
	}
	b.Workers, b.MaxFailed, b.Gaps = c.Workers, c.MaxFailed, c.Gaps
	if c.Cells {
		b.Route = halfhour.Materialised
	}
	b.seen()
	if _, err := b.input.from("", nil, c.CSV == ""); err != nil { // how the readings are read
		return nil, err
	}
	if b.book, err = readBook(string(c.Book)); err != nil {
		return nil, err
	}
	if err := c.used(b); err != nil {
		return nil, err
	}
	if b.Market, b.market, err = shared(c.Market, series.Market(), b.Span); err != nil {
		return nil, err
	}
	if b.Contract, b.contract, err = shared(c.Contract, series.Contract(), b.Span); err != nil {
		return nil, err
	}
	if err := c.losses(b); err != nil {
		return nil, err
	}
	switch b.Contracts = b.book.contracts; {
	case b.Contracts && b.Contract != nil:
		return nil, usagef("the book has contract lines for each meter: leave --contract out")
	case len(b.book.entries) > 1 && holdsAny(b.Contract, series.Nominated):
		return nil, usagef("--contract holds nominated energy, which is one supply's, and the book has %d: give each its own in a column contract", len(b.book.entries))
	}
	if b.told, err = b.nominatedOnce(); err != nil {
		return nil, err
	}
	b.buckets = halfhour.BucketsOf(b.Bucket, b.Span)
	b.states = make([]state, len(b.book.entries))
	b.tariffs = &tariffShelf{accept: c.Accept}
	return b, b.heading(c)
}

// used refuses flags that nothing would come of, and totals that a portfolio cannot
// hold: each meter is charged something, so that what is told apart by meter is known.
func (c *batchCmd) used(b *batch) error {
	cells := len(b.book.entries) * halfhour.BucketsOf(b.Bucket, b.Span).Len()
	switch {
	case c.LooseEnd && c.CSV == "":
		return usagef("--loose-end is of CSV: state its layout with --csv, or leave it out")
	case c.LLFOf != "" && len(c.Market) == 0:
		return usagef("--llf-of says whose line loss factors --market holds, and there is no --market")
	case b.key == "meter" && cells > halfhour.MaxCells:
		return usagef("--by %s: at least %d totals, at most %d: price fewer meters or days at once, or leave meter out", c.By, cells, halfhour.MaxCells)
	case (c.Tag != "" || c.Round || c.CSV != "") && b.book.onlyParquet():
		return usagef("--tag, --round and --csv are of flows and CSV, and the book has Parquet alone, which states all three: leave them out")
	}
	return nil
}

// seen leaves out what the view cannot see: runs above its own and, where the
// latest speaks, what later runs replace.
func (b *batch) seen() {
	limit, capped := b.View.Limit()
	for r := range settlement.Run(settlement.NumRanked) {
		if !capped || r <= limit {
			b.Runs = append(b.Runs, r)
		}
	}
	b.latest = b.View.View() == revisions.Latest().View() || capped && b.View.View() == revisions.UpTo(limit).View()
}

// maxLine is how many totals a meter may have in a checkpoint.
const maxLine = 1 << 16

// span reads the days.
func (c *batchCmd) span(bucket halfhour.Bucket) (settlement.Span, error) {
	days, err := daysNamed(c.From, c.To, c.Month)
	if err != nil {
		return settlement.Span{}, usageError{err}
	}
	if days.from == 0 || days.to == 0 {
		return settlement.Span{}, usagef("say which days: --month, or --from and --to")
	}
	spans, err := days.span(0, 0)
	if err != nil {
		return settlement.Span{}, err
	}
	if n := halfhour.BucketsOf(bucket, spans[0]).Len() * tariffs.NumItems; n > maxLine {
		return settlement.Span{}, usagef("%d totals by %s of thirty items for each meter, at most %d: price fewer days at once", n, bucket, maxLine)
	}
	return spans[0], nil
}

// class reads --llf-of.
func (c *batchCmd) class() (halfhour.LossClass, error) {
	if c.LLFOf == "" {
		return halfhour.LossClass{}, nil
	}
	id, llfc, _ := strings.Cut(string(c.LLFOf), "/")
	of, errD := settlement.ParseDistributor(id)
	_, errC := tariffs.ParseLLFC(llfc)
	if err := errors.Join(errD, errC); err != nil {
		return halfhour.LossClass{}, usagef("--llf-of %s: want a distributor and a line loss factor class, such as 14/H02: %w", c.LLFOf, err)
	}
	return halfhour.LossClass{Distributor: of, LLFC: llfc}, nil
}

// done is how many meters are kept.
func (b *batch) done() (n int) {
	for i := range b.states {
		if b.states[i].size > 0 {
			n++
		}
	}
	return n
}

func holdsAny(c *series.Cube, l series.Line) bool {
	if c == nil {
		return false
	}
	for _, r := range c.Runs() {
		if col := c.Frame(r).Line(l); col.CountValid(0, col.Len()) > 0 {
			return true
		}
	}
	return false
}
