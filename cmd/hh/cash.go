package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhcsv"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// cash is the money outside any run, of the commands that look at it.
type cash struct {
	Determinations word `help:"Extra-settlement determinations (CSV): money outside any run, with what reverses it." placeholder:"FILE"`
}

// read puts the determinations of the file, where one is named, on a job.
func (c *cash) read(job *halfhour.Job) (err error) {
	if name := string(c.Determinations); name != "" {
		job.Determinations, err = series.CollectDeterminations(hhcsv.ReadDeterminations(name, func() (io.ReadCloser, error) { return os.Open(name) }))
	}
	return err
}

// writeCash prints the determinations of a bill and what is due with them, as
// rows of its table.
func writeCash(t io.Writer, b *tariffs.Bill) {
	for i := range b.Cash {
		d := &b.Cash[i]
		fmt.Fprintf(t, "%s\t%s\t%s\t\t\t\t%s\t\t%s\n", d.ID, d.From, d.To-1, d.Amount(), cashNote(d))
	}
	if len(b.Cash) > 0 {
		fmt.Fprintf(t, "due\t\t\t\t\t\t%s\t\t\n", b.Due.StringFixed(2))
	}
}

// cashNote says what a determination is beside its amount.
func cashNote(d *series.Determination) string {
	parts := []string{"determination"}
	if d.Reverses != "" {
		parts[0] = "reverses " + d.Reverses
	}
	if d.Before != settlement.Untagged {
		parts = append(parts, "to be reversed before "+d.Before.String())
	}
	return strings.Join(append(parts, d.Reason, d.Source), "; ")
}

// writeCashDeltas prints the determinations that changed, and what that makes
// due, as rows of an adjustment's table.
func writeCashDeltas(t io.Writer, a *tariffs.Adjustment) {
	for i := range a.Cash {
		d := &a.Cash[i]
		if !d.Changed() {
			continue
		}
		of, was, is, note := d.New, "", "", ""
		if d.Old != nil {
			was = d.Old.Amount()
		}
		if d.New != nil {
			is = d.New.Amount()
		} else {
			of = d.Old
		}
		if d.Kind() != "change" {
			note = d.Kind() + "; "
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t\t\t%s\t%s\t%s\t\t%s\n", d.ID, of.From, of.To-1, was, is, d.Amount.StringFixed(2), note+cashNote(of))
	}
	if len(a.Cash) > 0 {
		fmt.Fprintf(t, "due\t\t\t\t\t%s\t%s\t%s\t\t\n", a.Original.Due.StringFixed(2), a.Rebill.Due.StringFixed(2), a.Due.StringFixed(2))
	}
}

// withUnbilled is a document with the determinations that stand on none of the
// bills, where there are any.
func withUnbilled(doc any, res *halfhour.Result) any {
	if rest := res.Unbilled(); len(rest) > 0 {
		return noted{doc, "unbilled", rest}
	}
	return doc
}

// writeUnbilled names the determinations that stand on none of the bills.
func writeUnbilled(w io.Writer, res *halfhour.Result) {
	for _, x := range []struct {
		list []series.Determination
		why  string
	}{{res.Outside, "determinations of days that are not billed here"}, {res.Unknown, "determinations made known later"}} {
		if len(x.list) == 0 {
			continue
		}
		names := make([]string, 0, len(x.list))
		sum := decimal.Zero
		for i := range x.list {
			names = append(names, x.list[i].ID)
			sum = sum.Add(decimal.New(x.list[i].Pence, -2))
		}
		fmt.Fprintf(w, "\n%s: %d, GBP %s: %s\n", x.why, len(names), sum.StringFixed(2), strings.Join(names, ", "))
	}
}

// writeDetermined prints how determinations stand.
func writeDetermined(w io.Writer, all []halfhour.Determined) {
	if len(all) == 0 {
		return
	}
	fmt.Fprintln(w)
	t := columns(w)
	fmt.Fprintln(t, "determination\tfrom\tto\tGBP\tstands\t\t")
	for i := range all {
		d := &all[i]
		stands := d.State.String()
		if d.ReversedBy != "" {
			stands += " by " + d.ReversedBy
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t\t%s\n", d.ID, d.From, d.To-1, d.Amount(), stands, cashNote(&d.Determination))
	}
	t.Flush()
}
