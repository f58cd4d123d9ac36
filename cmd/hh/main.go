// Command hh bills half-hourly meters.
//
// Exit codes: 0 the bill is made, 1 the data has problems, 2 wrong use.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/halfhour/halfhour/series"
)

const (
	exitFine  = 0
	exitData  = 1
	exitUsage = 2
)

type cli struct {
	Bill      billCmd      `cmd:"" help:"Bill a meter. Without files, bills the sample meter that is built in."`
	Rebill    rebillCmd    `cmd:"" help:"Bill again in a later view, and print what has to be corrected."`
	Accrue    accrueCmd    `cmd:"" help:"Say what a bill is expected to change by in later runs, from how earlier months changed."`
	Explain   explainCmd   `cmd:"" help:"Take a charge apart: what was read, adjusted and priced, and how earlier runs had it."`
	Compare   compareCmd   `cmd:"" help:"Compare a bill under two views, or follow it from run to run: what changed, and what it came from."`
	Reconcile reconcileCmd `cmd:"" help:"Say which settlement run speaks for which days, and what is missing."`
	Check     checkCmd     `cmd:"" help:"Find the settlement runs that explain what a supplier billed."`
	Batch     batchCmd     `cmd:"" help:"Price many meters and total them: by item, time and site or any other key. A batch that is stopped goes on where it was."`
	Pack      packCmd      `cmd:"" help:"Pack the readings of a meter, or lines of the market or of a contract, into a Parquet file."`
	Rates     ratesCmd     `cmd:"" help:"List a tariff's rates and check them: gaps, overlaps, what applies on a day."`
}

// inputs are those of the commands that read data.
func (c *cli) inputs() []*input {
	return []*input{&c.Bill.input, &c.Rebill.input, &c.Accrue.input, &c.Explain.input, &c.Compare.input, &c.Reconcile.input, &c.Check.input}
}

func main() {
	// Who schedules batches sends SIGTERM and means the same. A second signal ends the
	// process at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() {
		stop()
		fmt.Fprintln(os.Stderr, "hh: a signal came: what can be ended cleanly is; a second one ends it at once")
	})
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// named is the command that arguments name, or else bill.
func named(parser *kong.Kong, args []string) string {
	for _, arg := range args {
		if slices.ContainsFunc(parser.Model.Children, func(n *kong.Node) bool { return n.Name == arg }) {
			return arg
		}
	}
	return "bill"
}

// usageError is a mistake in the command line, not in the data.
type usageError struct{ error }

// run is the command without the process: what it prints and its exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var c cli
	exited := -1
	parser, err := kong.New(&c, kong.Name("hh"),
		kong.Description("Half-hourly electricity billing, exact to the half-hour.\n\nExit codes: 0 fine, 1 the data has problems, 2 wrong use."),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { exited = code }), kong.UsageOnError())
	if err != nil {
		fmt.Fprintln(stderr, "hh:", err)
		return exitUsage
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	if exited >= 0 { // --help
		return exitFine
	}
	if err != nil {
		fmt.Fprintln(stderr, "hh:", err)
		fmt.Fprintf(stderr, "hh: try hh --help, or hh %s --help\n", named(parser, args))
		return exitUsage
	}
	for _, in := range c.inputs() {
		in.errs = stderr
	}
	c.Batch.errs, c.Pack.errs = stderr, stderr
	k.BindTo(ctx, (*context.Context)(nil))
	k.BindTo(stdout, (*io.Writer)(nil))
	err = k.Run()
	var usage usageError
	switch {
	case err == nil:
		return exitFine
	case errors.As(err, &usage):
		fmt.Fprintln(stderr, "hh:", err)
		return exitUsage
	}
	fmt.Fprintln(stderr, err)
	if errors.Is(err, series.ErrFormat) && strings.Contains(err.Error(), "want a ZHV or ZHD header") {
		fmt.Fprintln(stderr, "hh: a file is read as Parquet if it begins with PAR1, and else as a flow unless --csv says otherwise; for CSV give its layout with --csv, such as --csv long,start,london,kwh")
	}
	return exitData
}
