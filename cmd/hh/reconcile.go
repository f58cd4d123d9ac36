package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

type reconcileCmd struct {
	source `embed:""`
	cash   `embed:""`
	Want   word   `help:"With --on: the run expected, II to DF. Default: RF." placeholder:"RUN"`
	On     word   `help:"Say also how every day stands to the timetable on this day: supplied, fell back, not due yet, overdue, not applicable, missing. With --journal and no --known-at: what was known at its end." placeholder:"DAY"`
	Format string `help:"Output: text or json." enum:"text,json" default:"text"`
}

// Run reconciles. Nothing is priced, so a tariff is not needed.
func (c *reconcileCmd) Run(ctx context.Context, stdout io.Writer) error {
	c.unpriced = true
	want, on, err := c.expected()
	if err != nil {
		return usageError{err}
	}
	if on != 0 && c.KnownAt == "" {
		c.instant = (on + 1).First().Time().Add(-time.Second)
	}
	job, err := c.job()
	if err != nil {
		return err
	}
	if err := c.cash.read(&job); err != nil {
		return err
	}
	if c.Named == "" && c.AsOf == "" {
		job.View = revisions.Latest() // of a journal, too: the question is which run speaks
	}
	r, err := halfhour.Reconcile(ctx, job)
	if err != nil {
		return err
	}
	if on != 0 {
		r.Expect(want, job.Calendar, on)
	}
	return c.emit(stdout, c.Format, r, func(out io.Writer) { writeReconciliation(out, r) })
}

// writeReconciliation prints which run speaks for which days.
func writeReconciliation(w io.Writer, r *halfhour.Reconciliation) {
	from, to := r.Span.From(), r.Span.To()
	fmt.Fprintf(w, "%s to %s (days: %d)   view: %s%s\n", from, to-1, to-from, r.View, knownText(r.View, r.Known))
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
		writeExpected(w, d)
	}
	writeDetermined(w, r.Determinations)
	writeVersions(w, r)
}

// expected reads --want and --on; on is 0 when nothing is asked.
func (c *reconcileCmd) expected() (want settlement.Run, on settlement.Day, err error) {
	if c.Want != "" && c.On == "" {
		return want, on, errors.New("--want goes with --on: what is due depends on the day it is asked")
	}
	if c.On != "" && (c.Named == "newest" || strings.HasPrefix(string(c.Named), "known-at:")) {
		return want, on, fmt.Errorf("--run %s looks past the runs, and --on asks for them: leave one out", c.Named)
	}
	want = settlement.RF
	if c.Want != "" {
		if want, err = settlement.ParseRun(string(c.Want)); err != nil || !want.Ranked() || want == settlement.Untagged {
			return want, on, fmt.Errorf("--want %s: want II, SF, R1, R2, R3, RF or DF", c.Want)
		}
	}
	on, err = dayFlag("--on", c.On)
	return want, on, err
}

// writeExpected prints how what speaks stands to the timetable. Of what is not
// held at all only the active source is told: nobody may owe the others.
func writeExpected(w io.Writer, d *halfhour.Reconciled) {
	e := d.Expected
	if e == nil {
		return
	}
	of := ""
	if d.Held != d.Report {
		of = ", of what is held in view " + d.Held.View
	}
	fmt.Fprintf(w, "\n%s expected, asked on %s%s\n", e.Want, e.On, of)
	for i := range e.Sources {
		x := &e.Sources[i]
		held := func(o revisions.Outlook) bool { return o.Kind != revisions.Missing }
		if x.Name != d.Active && !slices.ContainsFunc(x.Outlooks, held) {
			continue
		}
		for _, o := range x.Outlooks {
			fmt.Fprintf(w, "%s %s\n", x.Name, o)
		}
		fmt.Fprintf(w, "%s half-hours: %s\n", x.Name, expectedText(x))
	}
}

// expectedText counts the half-hours of a source by how they stand.
func expectedText(x *revisions.Expected) string {
	var parts []string
	for s, n := range x.ByState {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, revisions.State(s)))
		}
	}
	for run, n := range x.FellBack {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d fell back to %s", n, settlement.Run(run)))
		}
	}
	for _, y := range []struct {
		n    int
		what string
	}{{x.Missing, "missing"}, {x.Estimated, "estimated"}} {
		if y.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", y.n, y.what))
		}
	}
	return strings.Join(parts, ", ")
}

// writeVersions prints what is at odds among the versions of a journal, and what
// of the files was not looked at.
func writeVersions(w io.Writer, r *halfhour.Reconciliation) {
	if len(r.Conflicts)+len(r.Anomalies)+len(r.Others) > 0 || r.Undated {
		fmt.Fprintln(w)
	}
	for _, x := range r.Conflicts {
		fmt.Fprintf(w, "conflict: %s\n", x)
	}
	for _, x := range r.Anomalies {
		fmt.Fprintf(w, "anomaly: %s\n", x)
	}
	if r.Undated {
		fmt.Fprintln(w, "market or contract data does not say when it was received: what came after the instant may be in it (undated-market)")
	}
	if len(r.Others) > 0 {
		fmt.Fprintf(w, "readings of other meters, not looked at: %d, of %d: %s\n", r.OtherReadings(), len(r.Others), othersText(r.Others))
	}
}

// othersText names the first of the meters that nobody looked at.
func othersText(all []halfhour.OtherMeter) string {
	var parts []string
	for _, x := range all[:min(len(all), halfhour.FirstMeters)] {
		name := "without MPAN"
		if !x.MPAN.IsZero() {
			name = x.MPAN.String()
		}
		parts = append(parts, fmt.Sprintf("%s (%d)", name, x.Readings))
	}
	if len(all) > halfhour.FirstMeters {
		parts = append(parts, "…")
	}
	return strings.Join(parts, ", ")
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
