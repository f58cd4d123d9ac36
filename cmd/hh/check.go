package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhcsv"
	"github.com/halfhour/halfhour/settlement"
)

type checkCmd struct {
	Billed string `arg:"" name:"supplier" help:"What the supplier billed: CSV with the columns from, to, item, quantity, amount."`
	Format string `help:"Output: text or json." enum:"text,json" default:"text"`
	source `embed:""`
}

// Run checks. The findings are printed whole, and a row that nothing explains
// is a problem of the data.
func (c *checkCmd) Run(ctx context.Context, stdout io.Writer) error {
	if c.Named != "" || c.AsOf != "" {
		return usageError{errors.New("hh check tries every run and date: leave --run and --as-of out")}
	}
	job, err := c.job()
	if err != nil {
		return err
	}
	if c.Month == "" && c.From == "" && c.To == "" {
		job.Spans = nil // the days of the rows
	}
	res, err := halfhour.Check(ctx, job, hhcsv.ReadBilled(c.Billed, func() (io.ReadCloser, error) { return os.Open(c.Billed) }))
	if err != nil {
		return err
	}
	if err := c.emit(stdout, c.Format, checkedDocument(res), func(out io.Writer) { writeChecked(out, res) }); err != nil {
		return err
	}
	if n := res.Unexplained(); n > 0 {
		return fmt.Errorf("%s: rows not explained: %d of %d", c.Billed, n, len(res.Rows))
	}
	return nil
}

// writeChecked prints the rows for a person to read, a line for each figure.
func writeChecked(w io.Writer, res *halfhour.Checked) {
	fmt.Fprintf(w, "runs that speak in the data: %s\n\n", runNames(res.Runs, ", "))
	t := columns(w)
	fmt.Fprintln(t, "row\titem\tfrom\tto\tunit\ttheirs\tours\tdifference\t\t")
	for i := range res.Rows {
		row := &res.Rows[i]
		says := verdict(row, res.Runs)
		if row.Rounding() {
			says += " (within the rounding of the lines only)"
		}
		if row.Reason != "" {
			fmt.Fprintf(t, "%d\t%s\t%s\t%s\t\t\t\t\t\t%s\n", row.Pos.Line, row.Item, row.From, row.To-1, says)
		}
		for k := range row.Figures {
			f := &row.Figures[k]
			ours, left := "not known", ""
			if len(row.Finding.Candidates) > 0 {
				ours, left = compared(row, k)
			}
			fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\t%s\n", row.Pos.Line, row.Item, row.From, row.To-1, f.Unit, printed(f), ours, left, says)
			says = ""
		}
	}
	t.Flush()
	if len(res.Days) > 0 {
		fmt.Fprintln(w)
	}
	for i := range res.Days {
		writeTogether(w, res, &res.Days[i])
	}
	fmt.Fprintf(w, "\nrows explained: %d of %d\n", len(res.Rows)-res.Unexplained(), len(res.Rows))
	for _, r := range res.Runs {
		fmt.Fprintf(w, "by %s on every day: %d\n", r, explainedBy(res, r))
	}
	var views []conditioned
	for i, r := range res.Runs {
		views = append(views, conditioned{r.String(), res.Conditions[i]})
	}
	writeConditions(w, views...)
}

// writeTogether prints what the rows of the same days have in common.
func writeTogether(w io.Writer, res *halfhour.Checked, d *halfhour.CheckedDays) {
	fmt.Fprintf(w, "%s to %s together: ", d.From, d.To-1)
	if len(d.Choices) == 0 {
		said := "no one choice of runs fits most rows"
		if d.Partial {
			said = "no one choice of runs was found to fit most rows" + notAll
		}
		fmt.Fprintln(w, said)
		return
	}
	held, not := 0, []string{}
	for k, i := range d.Of {
		if d.Held[k] {
			held++
			if !d.Fits[k] {
				not = append(not, fmt.Sprintf("%d (%s)", res.Rows[i].Pos.Line, res.Rows[i].Item))
			}
		}
	}
	first := &d.Choices[0]
	what := chosen(first.Shape, first.AsOf, first.Parts, first.Alike)
	of := "" // whose the rows are that differ
	if len(d.Choices) > 1 {
		of = "the first of them "
	}
	switch n := len(d.Choices) - 1; {
	case first.Shape == revisions.OneRun:
		if n > 0 {
			of = first.Parts[0].Run.String() + " "
		}
		what = runsOf(len(d.Choices), func(i int) settlement.Run { return d.Choices[i].Parts[0].Run }, res.Runs)
	case d.More:
		what += fmt.Sprintf(" (or more than %d others)", n)
	case n > 0:
		what += fmt.Sprintf(" (or %d others)", n)
	}
	count := fmt.Sprintf("all %d rows", held)
	if len(not) > 0 {
		count = fmt.Sprintf("%d of %d rows", held-len(not), held)
	}
	if n := len(d.Of) - held; n > 0 {
		count += fmt.Sprintf(" (of %d, %d cannot be held against it)", len(d.Of), n)
	}
	if len(not) > 0 {
		what += fmt.Sprintf("; %snot %s", of, strings.Join(not, ", "))
	}
	fmt.Fprintf(w, "%s: %s\n", count, what)
}

// printed is a figure as the supplier prints it.
func printed(f *halfhour.CheckedFigure) string {
	return series.TotalOf(f.Value).Decimal(series.PrintScale).StringFixed(int32(f.Decimals))
}

// compared is what the first candidate makes of a figure and what is left.
// Where nothing is left within the precision of print, ours is printed alike.
func compared(row *halfhour.CheckedRow, k int) (ours, left string) {
	f, c := &row.Figures[k], &row.Finding.Candidates[0]
	exact, residual := c.Sums[k].Decimal(f.Scale), c.Residuals[k].Decimal(f.Scale)
	unit := decimal.New(1, -int32(f.Decimals))
	if residual.Abs().Mul(decimal.NewFromInt(2)).GreaterThan(unit) {
		return exact.String(), residual.String()
	}
	if s := exact.StringFixed(int32(f.Decimals)); s == printed(f) {
		return s, "0"
	}
	return exact.String(), "0" // half a unit, which they rounded the other way
}

// notAll is said where nothing was found and not all was looked at.
const notAll = " (not all choices were tried)"

// verdict says what explains a row.
func verdict(row *halfhour.CheckedRow, all []settlement.Run) string {
	f := row.Finding
	switch {
	case row.Reason != "":
		return row.Reason
	case f.Missing > 0:
		return fmt.Sprintf("no run holds %d of the days", f.Missing)
	case len(f.Candidates) == 0:
		return "no run holds all of the days"
	case !f.Fits():
		nearest := &f.Candidates[0]
		note := "nothing; nearest: " + chosen(nearest.Shape, nearest.AsOf, nearest.Parts, nil)
		if f.Against {
			note = "nothing; most other rows: " + chosen(nearest.Shape, nearest.AsOf, nearest.Parts, nil)
		}
		if f.Partial {
			note += notAll
		}
		return note
	case f.Shape == revisions.OneRun:
		return runsOf(len(f.Candidates), func(i int) settlement.Run { return f.Candidates[i].Parts[0].Run }, all)
	}
	first := &f.Candidates[0]
	says := chosen(first.Shape, first.AsOf, first.Parts, first.Alike)
	several := f.More || len(f.Candidates) > 1
	switch many := howMany(f); {
	case !f.Explained() && several:
		return fmt.Sprintf("nothing for certain: %s fit, where %s would by chance, such as %s", many, rounded(f.Chance, 2), says)
	case !f.Explained():
		return fmt.Sprintf("nothing for certain: %s fits, where %s would by chance: %s", many, rounded(f.Chance, 2), says)
	case several:
		return fmt.Sprintf("%s, one of %s that fit", says, many)
	}
	return says
}

// howMany counts the candidates of a finding that fit.
func howMany(f *revisions.Finding) string {
	one, more := "choice of runs", "choices of runs"
	if f.Shape == revisions.OneDate {
		one, more = "date", "dates"
	}
	switch n := len(f.Candidates); {
	case f.More:
		return fmt.Sprintf("more than %d %s", n, more)
	case n > 1:
		return fmt.Sprintf("%d %s", n, more)
	}
	return "1 " + one
}

// runsOf names runs that fit alike.
func runsOf(n int, run func(int) settlement.Run, all []settlement.Run) string {
	var runs []settlement.Run
	for i := range n {
		runs = append(runs, run(i))
	}
	slices.Sort(runs)
	if len(runs) == len(all) && len(all) > 1 {
		return "any run"
	}
	return runNames(runs, " or ")
}

// rounded is a chance rounded up, so that none is nought.
func rounded(of *big.Rat, places int32) decimal.Decimal {
	scaled := new(big.Int).Mul(of.Num(), decimal.New(1, places).BigInt())
	scaled.Add(scaled, of.Denom())
	scaled.Sub(scaled, big.NewInt(1))
	return decimal.NewFromBigInt(scaled.Div(scaled, of.Denom()), -places)
}

// chosen is a choice of runs. A run that has the same figures as the one chosen
// on all of its days is named beside it.
func chosen(shape revisions.Shape, asOf settlement.Day, of, alike []revisions.Part) string {
	if shape == revisions.OneRun {
		return of[0].Run.String()
	}
	parts := make([]string, 0, len(of))
	for _, p := range of {
		days := p.From.String()
		if p.To > p.From+1 {
			days += ".." + (p.To - 1).String()
		}
		runs := []settlement.Run{p.Run}
		for _, a := range alike {
			if a.From <= p.From && p.To <= a.To {
				runs = append(runs, a.Run)
			}
		}
		parts = append(parts, runNames(runs, " or ")+" "+days)
	}
	text := strings.Join(parts, ", ")
	if shape == revisions.OneDate {
		text = "as of " + asOf.String() + ": " + text
	}
	return text
}

func runNames(runs []settlement.Run, between string) string {
	names := make([]string, 0, len(runs))
	for _, r := range runs {
		names = append(names, r.String())
	}
	return strings.Join(names, between)
}

// explainedBy counts the rows that one run explains on every day.
func explainedBy(res *halfhour.Checked, run settlement.Run) (n int) {
	for i := range res.Rows {
		f := res.Rows[i].Finding
		for k := range f.Candidates {
			if f.Shape == revisions.OneRun && f.Candidates[k].Parts[0].Run == run {
				n++
			}
		}
	}
	return n
}
