package main

import (
	"context"
	"fmt"
	"io"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

type reconcileCmd struct {
	source `embed:""`
	Format string `help:"Output: text or json." enum:"text,json" default:"text"`
}

// Run reconciles. Nothing is priced, so a tariff is not needed.
func (c *reconcileCmd) Run(ctx context.Context, stdout io.Writer) error {
	c.unpriced = true
	job, err := c.job()
	if err != nil {
		return err
	}
	r, err := halfhour.Reconcile(ctx, job)
	if err != nil {
		return err
	}
	return emit(stdout, c.Format, r, func(out io.Writer) { writeReconciliation(out, r) })
}

// writeReconciliation prints which run speaks for which days.
func writeReconciliation(w io.Writer, r *halfhour.Reconciliation) {
	from, to := r.Span.From(), r.Span.To()
	fmt.Fprintf(w, "%s to %s (days: %d)   view: %s\n", from, to-1, to-from, r.View)
	for i := range r.Data {
		d := &r.Data[i]
		fmt.Fprintf(w, "\n%s", d.Of)
		if d.Of == "meter" {
			fmt.Fprintf(w, " %s", d.MPAN)
		}
		fmt.Fprintln(w)
		writeStretches(w, d.Report)
		for k := range d.Report.Sources {
			writeSource(w, &d.Report.Sources[k])
		}
		writeMonths(w, d)
	}
}

// writeStretches prints a row for the days that are decided alike.
func writeStretches(w io.Writer, rep *revisions.Report) {
	t := columns(w)
	fmt.Fprintln(t, "source\tfrom\tto\tdays\tspeaks\t")
	for k := range rep.Sources {
		src := &rep.Sources[k]
		if src.Missing == rep.Span.Len() {
			continue // a line below says so
		}
		for _, st := range src.Stretches {
			from, to := rep.Days(st)
			speaks := st.Run.String()
			switch st.Kind {
			case revisions.Merged:
				speaks = "merged: no run holds the day whole"
			case revisions.Missing:
				speaks = "missing"
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%s\t\n", src.Name, from, to-1, to-from, speaks)
		}
	}
	t.Flush()
}

// writeSource prints a source's half-hours in one line.
func writeSource(w io.Writer, src *revisions.Source) {
	share := tariffs.RunShare{HalfHours: [settlement.NumRanked]int(src.ByRun), Estimated: src.Estimated}
	text := runsText(&share)
	for _, x := range []struct {
		n    int
		what string
	}{{src.Merged, "of merged days"}, {src.Missing, "missing"}} {
		if x.n == 0 {
			continue
		}
		if text != "" {
			text += ", "
		}
		text += fmt.Sprintf("%d %s", x.n, x.what)
	}
	fmt.Fprintf(w, "%s half-hours: %s\n", src.Name, text)
	if src.Incomplete > 0 {
		fmt.Fprintf(w, "%s: on %d days a run was passed over because it did not hold the whole day\n", src.Name, src.Incomplete)
	}
}

// writeMonths prints the energy of each month.
func writeMonths(w io.Writer, d *halfhour.Reconciled) {
	months := d.Energy()
	if len(months) == 0 {
		return
	}
	fmt.Fprintln(w)
	t := columns(w)
	fmt.Fprintln(t, "month\tline\tenergy\tunit\thalf-hours\tof\t")
	for _, m := range months {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%d\t\n", m.Month, m.Def.Name, m.Sum.Decimal(m.Def.Scale), m.Def.Unit, m.HalfHours, m.Of)
	}
	t.Flush()
}
