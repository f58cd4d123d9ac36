package halfhour

import (
	"context"
	"fmt"
	"slices"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// Comparison is one bill under two views: what each item changed by, printed
// and exact, what it came from, and what changed in the data.
type Comparison struct {
	tariffs.BillChange
	Energy []LineChange // MSP, GSP and NBP
	Data   []LineChange // the lines of meter, market and contract that either view holds
	Days   []DayChange

	Attribution *tariffs.Attribution // of any half-hours of the bill
}

// LineChange is the change of a line of data.
type LineChange struct {
	Def series.Def
	revisions.Change
}

// Summed reports whether the sums mean anything: those of energy do, those of
// factors and prices do not, of which only the half-hours count.
func (x *LineChange) Summed() bool { return summed(x.Def.Unit) }

func summed(u series.Unit) bool { return u == series.KWh || u == series.KVArh }

// restated reports whether the two views differ in any data.
func (c *Comparison) restated() bool {
	return slices.ContainsFunc(c.Data, func(x LineChange) bool { return !x.None() })
}

// DayChange is the change of a local day: of the net, before rounding, and of
// the metered energy.
type DayChange struct {
	Day settlement.Day
	Net tariffs.Shift
	MSP LineChange
}

// Compare makes the bill of the job's only span under two views, two runs' or
// two days', and takes the change apart. The job's own View is not looked at.
//
// What came from volumes, loss factors and prices is exact, for each item and
// half-hour: see tariffs.Attribution. It fails as Run does.
func Compare(ctx context.Context, job Job, old, new revisions.Reconciler) (*Comparison, error) {
	d, err := job.prepareOne(ctx)
	if err != nil {
		return nil, err
	}
	was, err := d.billed(ctx, old)
	if err != nil {
		return nil, err
	}
	is, err := d.billed(ctx, new)
	if err != nil {
		return nil, err
	}
	return d.compare(was, is)
}

// prepareOne is prepare for a job of one bill, with the determinations it may have.
func (j Job) prepareOne(ctx context.Context) (*gathered, error) {
	if len(j.Spans) != 1 {
		return nil, &tariffs.Error{Value: fmt.Sprint(len(j.Spans)), Want: "this is a question about one bill: give one span", Err: tariffs.ErrSpan}
	}
	cash, err := j.place()
	if err != nil {
		return nil, err
	}
	d, err := j.prepare(ctx)
	if err != nil {
		return nil, err
	}
	d.cash = cash
	return d, nil
}

// billed is a view and the bill it makes.
type billed struct {
	*billing
	bill *tariffs.Bill
}

func (d *gathered) billed(ctx context.Context, by revisions.Reconciler) (billed, error) {
	if err := ctx.Err(); err != nil {
		return billed{}, err
	}
	b, err := d.view(by)
	if err != nil {
		return billed{}, err
	}
	_, bill, err := b.bill(by, 0, d.job.Spans[0])
	if err != nil {
		return billed{}, err
	}
	known, _ := d.job.known(by, d.cash.on[0])
	return billed{b, bill}, bill.AddCash(known, b.frames...)
}

// compare takes the change from one bill to another apart.
func (d *gathered) compare(was, is billed) (*Comparison, error) {
	span := d.job.Spans[0]
	a, err := d.schedule.Attribute(was.in, is.in, d.job.Supply, span)
	if err != nil {
		return nil, err
	}
	bills, err := a.Bills(was.bill, is.bill)
	if err != nil {
		return nil, err
	}
	c := &Comparison{BillChange: *bills, Attribution: a}
	volumes := revisions.Pair{Old: was.volumes, New: is.volumes}
	for _, l := range []series.Line{tariffs.MSP, tariffs.GSP, tariffs.NBP} {
		c.Energy = append(c.Energy, lineChange(volumes, l, span))
	}
	frames := is.in.Frames()
	for k, f := range was.in.Frames() {
		for l := range series.Line(f.Schema().Len()) {
			x := lineChange(revisions.Pair{Old: f, New: frames[k]}, l, span)
			if x.Old.HalfHours+x.New.HalfHours > 0 {
				c.Data = append(c.Data, x)
			}
		}
	}
	for day, part := range span.EachDay() {
		c.Days = append(c.Days, DayChange{day, a.Net(part), lineChange(volumes, tariffs.MSP, part)})
	}
	return c, nil
}

func lineChange(p revisions.Pair, l series.Line, part settlement.Span) LineChange {
	return LineChange{p.Old.Schema().Def(l), p.Change(l, part)}
}
