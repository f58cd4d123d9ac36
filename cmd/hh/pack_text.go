package main

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/halfhour/halfhour/series"
)

// text says what was written.
func (p *pack) text(w io.Writer, path string) {
	s, span, runs := p.cube.Schema(), p.cube.Span(), p.cube.Runs()
	of := s.Name() + " lines"
	switch {
	case s == series.Meter():
		of = "readings of MPAN " + p.mpan.String()
	case !p.mpan.IsZero():
		of += " of MPAN " + p.mpan.String()
	}
	fmt.Fprintf(w, "%s: %s, %s to %s (days: %d)\n\n", path, of, span.From(), span.To()-1, span.To()-span.From())
	t, values := columns(w), 0
	fmt.Fprint(t, "run\thalf-hours\t")
	for l := range series.Line(s.Len()) {
		fmt.Fprintf(t, "%s\t", s.Def(l).Name)
	}
	fmt.Fprint(t, "estimated\t\n")
	for _, r := range runs {
		f, estimated := p.cube.Frame(r), 0
		values += held(f)
		fmt.Fprintf(t, "%s\t%d\t", r, f.Len())
		for l := range series.Line(s.Len()) {
			fmt.Fprintf(t, "%d\t", f.Line(l).CountValid(0, f.Len()))
		}
		for k := range s.Sources() {
			estimated += series.Count(f.Source(k).Marks, series.Estimated)
		}
		fmt.Fprintf(t, "%d\t\n", estimated)
	}
	t.Flush()
	fmt.Fprintf(w, "\nrows: %d, runs: %d, values: %d\nbytes: %d, %.2f a value\nSHA-256: %x\n", len(runs)*span.Len(), len(runs), values, len(p.bytes), float64(len(p.bytes))/float64(values), p.sum.Digest)
	fmt.Fprintf(w, "%s names it, of %d\n", filepath.Join(filepath.Dir(path), manifestName), p.named)
	if p.outside+p.others > 0 {
		fmt.Fprintf(w, "readings left out: %d of other days, %d of other meters\n", p.outside, p.others)
	}
	if p.conflicts > 0 {
		fmt.Fprintf(w, "conflicts: %d, of days or parts of days with two versions of one instant, of which one was packed: no bill of this file says so (hh reconcile --journal names them)\n", p.conflicts)
	}
	if len(p.later) > 0 {
		fmt.Fprintln(w, laterText(p.later))
	}
}
