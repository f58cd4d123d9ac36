package main

import (
	"os"
	"path/filepath"

	"github.com/halfhour/halfhour/bench"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
	"github.com/halfhour/halfhour/tariffs"
)

// own is this library, with what it reuses from one meter to the next.
type own struct {
	*work
	all     *series.Cube // charges of every run
	views   *bench.Views
	byRun   *series.Cube // volumes of every run
	cells   *series.Frame
	totals  series.Totals
	scratch tariffs.Work
	report  revisions.Report

	// From Parquet.
	reader  *hhparquet.Reader
	cubes   [3]*series.Cube
	latest  [3]*series.Frame
	reports [3]revisions.Report
	vol     *series.Frame
	answers []answer
}

func newOwn(w *work) *own {
	o := &own{work: w, reader: hhparquet.NewReader(hhparquet.Limits{})}
	o.views = bench.ViewsOf(w.inputs[0], w.inputs[1], w.inputs[2])
	o.byRun = series.NewCube(nil, tariffs.Volumes(), bench.Runs(), w.span)
	o.all = series.NewCube(nil, w.schedule.Schema(), bench.Runs(), w.span)
	o.cells = series.NewFrame(nil, w.schedule.Schema(), w.span)
	o.vol = series.NewFrame(nil, tariffs.Volumes(), w.span)
	for i, in := range w.inputs {
		o.cubes[i] = series.NewCube(nil, in.Schema(), in.Runs(), w.span)
		o.latest[i] = series.NewFrame(nil, in.Schema(), w.span)
	}
	return o
}

func (o *own) points() int { return len(o.items) * len(bench.Runs()) * o.span.Len() }

// adjust makes the volumes of every run.
func (o *own) adjust() error {
	for _, r := range bench.Runs() {
		if err := o.schedule.Adjust(o.byRun.Frame(r), o.views.In(r)); err != nil {
			return err
		}
	}
	return nil
}

// charge charges every run from its volumes.
func (o *own) charge() error {
	return o.schedule.ChargeCube(o.all, o.byRun, o.views.In, o.supply)
}

// chargeReadings charges every run from its readings and loss factors.
func (o *own) chargeReadings() error {
	return o.schedule.ChargeReadings(o.all, o.vol, o.views.In, o.supply)
}

// charged holds what the cube of charges comes to against the other route.
func (o *own) charged() (string, error) {
	for _, r := range bench.Runs() {
		var of series.Totals
		o.all.Frame(r).TotalByMonth(&of)
		if err := o.schedule.TotalByMonth(&o.totals, &o.scratch, o.byRun.Frame(r), o.views.In(r), o.supply); err != nil {
			return "", err
		}
		if d := answerOf(&of, len(o.items)).differs(answerOf(&o.totals, len(o.items))); d != "" {
			return d, nil
		}
	}
	return "", nil
}

// materialised totals the winners by way of their cells.
func (o *own) materialised() error {
	if err := o.schedule.Charge(o.cells, o.volumes, o.winners, o.supply); err != nil {
		return err
	}
	o.cells.TotalByMonth(&o.totals)
	return nil
}

// fused totals the winners without cells.
func (o *own) fused() error {
	return o.schedule.TotalByMonth(&o.totals, &o.scratch, o.volumes, o.winners, o.supply)
}

// reconcile totals the winners of the lines of pounds.
func (o *own) reconcile() error {
	revisions.Latest().TotalByMonth(&o.totals, &o.report, o.charges)
	return nil
}

func (o *own) answer() (answer, error) { return answerOf(&o.totals, len(o.items)), nil }

// parquet reads the market and the contract once, then meter by meter: reads,
// reconciles, adjusts for losses and totals.
func (o *own) parquet() error {
	o.answers = o.answers[:0]
	for i, name := range []string{"market.parquet", "contract.parquet"} {
		if err := o.read(name, i+1); err != nil {
			return err
		}
	}
	for _, name := range o.meters {
		if err := o.read(name, 0); err != nil {
			return err
		}
		in := tariffs.Inputs{Meter: o.latest[0], Market: o.latest[1], Contract: o.latest[2]}
		if err := o.schedule.Adjust(o.vol, in); err != nil {
			return err
		}
		if err := o.schedule.TotalByMonth(&o.totals, &o.scratch, o.vol, in, o.supply); err != nil {
			return err
		}
		o.answers = append(o.answers, answerOf(&o.totals, len(o.items)))
	}
	return nil
}

func (o *own) read(name string, i int) error {
	f, err := os.Open(filepath.Join(o.folder, name))
	if err != nil {
		return err
	}
	defer f.Close()
	if err := o.reader.Load(name, f, nil); err != nil {
		return err
	}
	if _, err := o.reader.Into(o.cubes[i], hhparquet.Want{Latest: true}); err != nil {
		return err
	}
	revisions.Latest().Into(o.latest[i], &o.reports[i], o.cubes[i])
	return nil
}

// reconciledWords is how many cells win: what a reconciliation must read at least.
func (o *own) reconciledWords() int {
	var rep revisions.Report
	revisions.Latest().TotalByMonth(&o.totals, &rep, o.charges)
	words := 0
	for l := range series.Line(o.charges.Schema().Len()) {
		for _, n := range rep.Sources[o.charges.Schema().SourceOf(l)].ByRun {
			words += n
		}
	}
	return words
}
