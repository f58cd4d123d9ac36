package halfhour

import (
	"fmt"
	"strings"
	"time"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// reconcile lets a view decide which run speaks, adds the readings of related
// meters, and refuses spans that the active energy does not cover.
func (d *gathered) reconcile(b *billing, by revisions.Reconciler) error {
	j := d.job
	if err := d.asks(by); err != nil {
		return err
	}
	b.res.notes = make([]tariffs.Condition, len(j.Spans))
	note := func(rep *revisions.Report) {
		b.reports = append(b.reports, rep)
		for i, span := range j.Spans {
			if rep.PassedOver(span) {
				b.res.notes[i] |= tariffs.IncompleteRun
			}
		}
	}
	for k := range d.meters {
		frame, report := by.Reconcile(d.cube(&d.meters[k].holding, by))
		if err := d.covered(frame, by, &d.meters[k]); err != nil {
			return err
		}
		note(report)
		d.note(b, by, &d.meters[k].holding, frame, []series.Line{j.active(), series.RI, series.RE})
		b.frames = append(b.frames, frame)
		if k == 0 {
			b.in.Meter, b.res.Meter = frame, report
			if len(d.meters) > 1 {
				b.in.Meter = copied(frame)
			}
			continue
		}
		if err := tariffs.Combine(b.in.Meter, frame); err != nil {
			return err
		}
	}
	b.in.Market, b.res.Market = by.Reconcile(d.cube(&d.market, by))
	b.frames = append(b.frames, b.in.Market)
	note(b.res.Market)
	d.note(b, by, &d.market, b.in.Market, linesOf(b.in.Market))
	if d.contract.holds() {
		var report *revisions.Report
		b.in.Contract, report = by.Reconcile(d.cube(&d.contract, by))
		b.frames = append(b.frames, b.in.Contract)
		note(report)
		d.note(b, by, &d.contract, b.in.Contract, linesOf(b.in.Contract))
	}
	late, others := d.late(by), len(d.others.list(by.Known(d.known))) > 0
	for i, span := range j.Spans {
		b.res.notes[i] |= late | lacking(b.in.Market, span, series.LLF, series.TLM)
		if others {
			b.res.notes[i] |= tariffs.OtherMeters
		}
	}
	return nil
}

// copied is a frame that may be written to.
func copied(f *series.Frame) *series.Frame {
	out := series.NewFrame(nil, f.Schema(), f.Span())
	for k := range f.Schema().Sources() {
		out.Take(f, k, 0, f.Len())
	}
	return out
}

// covered refuses a span in which a half-hour has no active energy.
func (d *gathered) covered(frame *series.Frame, by revisions.Reconciler, m *delivered) error {
	j := d.job
	if j.gaps {
		return nil
	}
	what := "active import"
	if j.Supply.Export {
		what = "active export"
	}
	for _, span := range j.Spans {
		lo, hi := frame.Span().Index(span.Lo), frame.Span().Index(span.Hi)
		active := frame.Line(j.active())
		missing := span.Len() - active.CountValid(lo, hi)
		if missing == 0 {
			continue
		}
		first := frame.Span().Lo + settlement.Period(active.NextInvalid(lo, hi))
		fix := fmt.Sprintf("%d of %d half-hours of MPAN %s have no %s in the view %q, this one first; ", missing, span.Len(), m.mpan, what, by.View())
		switch {
		case m.seen.Empty() && len(d.later) > 0 && m.tally == (series.Tally{}):
			fix += "no meter data is known of them"
		case m.seen.Empty():
			fix += fmt.Sprintf("the source holds no %s of MPAN %s (%d readings are of other meters, %d of other lines of this one): is it the right file?", what, m.mpan, m.tally.Others, m.tally.Kept+m.tally.Outside)
		case !m.seen.Covers(span):
			fix += fmt.Sprintf("the source holds %s to %s: bill days inside that, or add the missing files", m.seen.Lo, m.seen.Hi-1)
		default:
			fix += "the source has gaps, or holds these days only in runs the view does not admit: choose another view, or ask the data collector for the missing days"
		}
		if len(d.later) > 0 {
			fix += "; " + d.laterText()
		}
		return &tariffs.Error{Value: first.String(), Want: fix, Err: tariffs.ErrMissing}
	}
	return nil
}

// firstLater is how many of the deliveries that came later an error names.
const firstLater = 5

// laterText names the first of the deliveries that came later than is asked.
func (d *gathered) laterText() string {
	var names []string
	for _, x := range d.later[:min(len(d.later), firstLater)] {
		names = append(names, x.Source+" of "+x.Received.UTC().Format(time.RFC3339Nano))
	}
	if len(d.later) > len(names) {
		names = append(names, "…")
	}
	j, all := d.job, ""
	if n := len(j.Deliveries) + len(j.MarketDeliveries) + len(j.ContractDeliveries); n == len(d.later) {
		all = "all "
	}
	return fmt.Sprintf("%s%d deliveries were received after %s and are not known then: %s", all, len(d.later), j.KnownAt.UTC().Format(time.RFC3339Nano), strings.Join(names, ", "))
}

// lacking says whether the market data has loss factors of some of the lines, but not
// for every half-hour of a span. Data without any is no promise of them.
func lacking(market *series.Frame, span settlement.Span, lines ...series.Line) tariffs.Condition {
	lo, hi := market.Span().Index(span.Lo), market.Span().Index(span.Hi)
	for _, l := range lines {
		c := market.Line(l)
		if n := c.CountValid(0, c.Len()); n > 0 && c.CountValid(lo, hi) < hi-lo {
			return tariffs.TariffLosses
		}
	}
	return 0
}
