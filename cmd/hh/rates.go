package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
	"github.com/halfhour/halfhour/tariffs/gb"
)

type ratesCmd struct {
	Tariff  word   `arg:"" optional:"" help:"Tariff file (TOML). Without one: the sample's, or the example's."`
	Supply  word   `help:"Supply file (TOML) of the supply that is billed with it." placeholder:"FILE"`
	Example word   `help:"A worked example that is built in, such as wmid-hv-2025-12-04, instead of files." placeholder:"NAME"`
	From    word   `help:"First day looked at, such as 2025-04-01." placeholder:"DAY"`
	To      word   `help:"First day no longer looked at." placeholder:"DAY"`
	On      word   `help:"What applies on this day, and at which times of it, instead of --from and --to." placeholder:"DAY"`
	Accept  bool   `name:"accept-unconfirmed" help:"Do not take a rate whose figure could not be confirmed for a problem."`
	Book    word   `help:"List the published rates held for this distributor, such as 14, instead of a tariff." placeholder:"ID"`
	GSP     word   `name:"gsp" help:"With --book: the GSP group, such as _E. Default: that of the distributor's area." placeholder:"GROUP"`
	LLFC    word   `name:"llfc" help:"With --book: the rates of this line loss factor class only." placeholder:"CLASS"`
	Band    word   `help:"With --book: the rates of this residual charging band of TNUoS only, such as HV2." placeholder:"BAND"`
	Format  string `help:"Output: text or json." enum:"text,json" default:"text"`
}

// listing is what is printed of a tariff, or of a book.
type listing struct {
	tariff   *tariffs.Tariff
	supply   *tariffs.Supply // nil of a book
	span     settlement.Span // empty: all there is
	on       settlement.Day  // 0: the whole span
	entries  []tariffs.Entry
	problems []error

	distributor settlement.Distributor // of a book
}

// Run lists and checks. Problems are part of what is printed; with any, the
// exit code is 1.
func (c *ratesCmd) Run(stdout io.Writer) error {
	l, err := c.listing()
	if err != nil {
		return err
	}
	switch {
	case l.on != 0:
		l.entries = l.tariff.On(l.on, l.supply)
	case l.span.Empty():
		l.entries = l.tariff.Entries(settlement.Days(settlement.MinDay, settlement.MaxDay), l.supply)
	default:
		l.entries = l.tariff.Entries(l.span, l.supply)
	}
	if l.supply != nil {
		l.problems = l.tariff.Check(l.span, l.supply)
	} else {
		l.problems = c.notHeld(l)
	}
	if err := emit(stdout, c.Format, l.document(), l.write); err != nil {
		return err
	}
	switch {
	case len(l.problems) == 0:
		return nil
	case l.supply == nil:
		return errors.New("hh: not all that was asked for is held")
	}
	return errors.New("hh: the tariff has problems")
}

// listing is what the arguments name: a book, or else a tariff for a supply.
func (c *ratesCmd) listing() (*listing, error) {
	if c.On != "" && (c.From != "" || c.To != "") {
		return nil, usageError{errors.New("--on stands for --from and --to: give one or the others")}
	}
	l, err := c.tariff()
	if err != nil || c.On == "" {
		return l, err
	}
	if l.on, err = settlement.ParseDay(string(c.On)); err != nil {
		return nil, usageError{fmt.Errorf("--on: %w", err)}
	}
	l.span = l.on.Span()
	return l, nil
}

func (c *ratesCmd) tariff() (*listing, error) {
	from := source{input: input{Supply: c.Supply, Tariff: c.Tariff}, From: c.From, To: c.To}
	switch {
	case c.Book != "" && (c.Tariff != "" || c.Supply != "" || c.Example != "" || c.Accept):
		return nil, usageError{errors.New("--book lists what is published: leave the tariff, --supply, --example and --accept-unconfirmed out")}
	case c.Book != "":
		return c.book(&from)
	case c.GSP != "" || c.LLFC != "" || c.Band != "":
		return nil, usageError{errors.New("--gsp, --llfc and --band go with --book; a supply states its own")}
	case (c.Tariff == "") != (c.Supply == ""):
		return nil, usageError{errors.New("a tariff file needs --supply, and --supply a tariff file")}
	case c.Tariff != "" && c.Example != "":
		return nil, usageError{errors.New("--example brings its own tariff and supply: leave the files out")}
	case c.Tariff == "": // a job of what is built in has all that is asked for
		job, err := (&source{input: input{Example: c.Example, Accept: c.Accept}, From: c.From, To: c.To}).job()
		if err != nil {
			return nil, err
		}
		return &listing{tariff: job.Tariff, supply: job.Supply, span: job.Spans[0]}, nil
	case c.On == "" && (c.From == "" || c.To == ""):
		return nil, usageError{errors.New("say which days of the tariff to look at: --from and --to, or --on")}
	}
	l := &listing{}
	if err := l.days(&from); err != nil {
		return nil, err
	}
	job, err := from.termFiles()
	if err != nil {
		return nil, err
	}
	l.tariff, l.supply = job.Tariff, job.Supply
	l.tariff.Conventions.Unconfirmed = l.tariff.Conventions.Unconfirmed || c.Accept
	return l, nil
}

// days sets the span to --from and --to, if they are given.
func (l *listing) days(c *source) error {
	if c.From == "" && c.To == "" {
		return nil
	}
	if c.From == "" || c.To == "" {
		return usageError{errors.New("--from and --to go together")}
	}
	days, err := c.days()
	if err != nil {
		return usageError{err}
	}
	spans, err := days.span(0, 0)
	if err == nil {
		l.span = spans[0]
	}
	return err
}

// book is the listing of published rates.
func (c *ratesCmd) book(from *source) (*listing, error) {
	l := &listing{}
	if err := l.days(from); err != nil {
		return nil, err
	}
	d, err := settlement.ParseDistributor(string(c.Book))
	if err != nil {
		return nil, usageError{fmt.Errorf("--book: %w", err)}
	}
	l.distributor = d
	group, _ := d.GSPGroup()
	if c.GSP != "" {
		if group, err = settlement.ParseGSPGroup(string(c.GSP)); err != nil {
			return nil, usageError{fmt.Errorf("--gsp: %w", err)}
		}
	}
	if l.tariff, err = gb.Book(d, group); err != nil {
		return nil, usageError{err}
	}
	others := func(w tariffs.When) bool {
		return c.LLFC != "" && len(w.LLFCs) > 0 && !slices.Contains(w.LLFCs, string(c.LLFC)) ||
			c.Band != "" && len(w.Bands) > 0 && !slices.Contains(w.Bands, string(c.Band))
	}
	l.tariff.Rates = slices.DeleteFunc(l.tariff.Rates, func(r tariffs.Rate) bool { return others(r.When) })
	l.tariff.Factors = slices.DeleteFunc(l.tariff.Factors, func(f tariffs.Factor) bool { return others(f.When) })
	return l, nil
}

// notHeld is what was asked of a book and is not in it.
func (c *ratesCmd) notHeld(l *listing) (out []error) {
	lacks := func(value word, want string) {
		out = append(out, &tariffs.Error{Value: string(value), Want: want, Err: tariffs.ErrGap})
	}
	years := gb.Years(l.distributor)
	held := slices.ContainsFunc(years, func(y settlement.Day) bool {
		from, to := y.ChargingYear()
		return l.span.Empty() || from < l.span.To() && l.span.From() < to
	})
	of := func(names func(tariffs.When) []string) bool {
		return slices.ContainsFunc(l.entries, func(e tariffs.Entry) bool { return len(names(e.When)) > 0 })
	}
	classes := func(w tariffs.When) []string { return w.LLFCs }
	bands := func(w tariffs.When) []string { return w.Bands }
	switch {
	case len(years) == 0:
		lacks(c.Book, fmt.Sprintf("no DUoS charges of this distributor are held, only what is the same for all; held are those of %s", names(gb.Distributors())))
	case !held:
		lacks(c.Book, fmt.Sprintf("no DUoS charges of this distributor are held for these days; held are the charging years from %s", names(years)))
	case c.LLFC != "" && !of(classes):
		lacks(c.LLFC, fmt.Sprintf("no rate of distributor %s for this line loss factor class is held for these days; leave --llfc out to see the classes", l.distributor))
	}
	if c.Band != "" && !of(bands) {
		lacks(c.Band, "no rate for this residual charging band is held for these days; leave --band out to see the bands")
	}
	return out
}

// names are several things by their names.
func names[T fmt.Stringer](all []T) string {
	var out []string
	for _, a := range all {
		out = append(out, a.String())
	}
	return strings.Join(out, ", ")
}
