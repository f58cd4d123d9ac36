package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// write prints for a person to read.
func (l *listing) write(w io.Writer) {
	fmt.Fprintf(w, "%s\n%s\n\n", l.tariff.Name, l.what())
	t := columns(w)
	times, of := "", ""
	if l.on != 0 {
		times = "times\t"
	}
	if l.supply == nil {
		of = "for\t"
	}
	fmt.Fprintf(t, "item\twindow\t%sfrom\tto\t%sprice\tGBP each\tunit\tstatus\t\tsource\n", times, of)
	for i := range l.entries {
		l.writeEntry(t, &l.entries[i])
	}
	t.Flush()
	if l.supply != nil {
		fmt.Fprintln(w)
	}
	for _, err := range l.problems {
		fmt.Fprintln(w, err)
	}
	if l.supply != nil && len(l.problems) == 0 {
		fmt.Fprintln(w, "no problems")
	}
}

// what says of which supply and days the listing is.
func (l *listing) what() string {
	of := "published rates"
	if l.supply != nil {
		of = "MPAN " + l.supply.MPAN.String()
	}
	switch {
	case l.on != 0:
		return fmt.Sprintf("%s   on %s, %s (half-hours: %d)", of, l.on, l.on.Weekday(), l.on.Len())
	case l.span.Empty():
		return of + "   all days"
	}
	return fmt.Sprintf("%s   %s to %s (days: %d)", of, l.span.From(), l.span.To()-1, l.span.To()-l.span.From())
}

func (l *listing) writeEntry(w io.Writer, e *tariffs.Entry) {
	times, of, gbp, to := "", "", "", ""
	if l.on != 0 {
		if times = e.Clock() + "\t"; len(e.Times) == 0 {
			times = "none\t"
		}
	}
	if l.supply == nil {
		of = short(slices.Concat(e.When.LLFCs, e.When.Bands)) + "\t"
	}
	if e.GBP.Valid {
		gbp = e.GBP.Decimal.String()
	}
	if e.When.To != 0 {
		to = (e.When.To - 1).String()
	}
	price := e.Price
	if e.Note != "" {
		price += " " + e.Note
	}
	fmt.Fprintf(w, "%s\t%s\t%s%s\t%s\t%s%s\t%s\t%s\t%s\t\t%s\n", e.Name, e.When.Window, times, day(e.When.From), to, of, price, gbp, e.Unit, e.Status, e.Source)
}

// short is a list of names, cut when it is long.
func short(names []string) string {
	if len(names) > 4 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:3], " "), len(names)-3)
	}
	return strings.Join(names, " ")
}

// day is a day, or nothing where there is none.
func day(d settlement.Day) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// ratesJSON is a listing as docs/format/rates-json.md describes it.
type ratesJSON struct {
	Version  int           `json:"version"`
	Tariff   string        `json:"tariff"`
	MPAN     string        `json:"mpan,omitempty"`
	From     string        `json:"from,omitempty"`
	To       string        `json:"to,omitempty"`
	On       string        `json:"on,omitempty"`
	Rates    []entryJSON   `json:"rates"`
	Problems []problemJSON `json:"problems"`
}

type entryJSON struct {
	Item   string     `json:"item"`
	Window string     `json:"window,omitempty"`
	From   string     `json:"from,omitempty"`
	To     string     `json:"to,omitempty"`
	LLFCs  []string   `json:"llfc,omitempty"`
	Bands  []string   `json:"bands,omitempty"`
	Price  string     `json:"price"`
	Note   string     `json:"note,omitempty"`
	GBP    *string    `json:"gbp"`
	Unit   string     `json:"unit,omitempty"`
	Status string     `json:"status"`
	Source string     `json:"source"`
	At     string     `json:"at,omitempty"`
	Times  []timeJSON `json:"times,omitempty"`
}

// timeJSON is a stretch of a day: by the clock, and by settlement periods.
type timeJSON struct {
	Clock string `json:"clock"`
	First int    `json:"first"`
	Last  int    `json:"last"`
}

type problemJSON struct {
	At      string `json:"at,omitempty"`
	Item    string `json:"item,omitempty"`
	Problem string `json:"problem"`
	Value   string `json:"value,omitempty"`
	Want    string `json:"want"`
}

func (l *listing) document() ratesJSON {
	out := ratesJSON{Version: 1, Tariff: l.tariff.Name, On: day(l.on), Rates: make([]entryJSON, 0, len(l.entries)), Problems: make([]problemJSON, 0, len(l.problems))}
	if l.supply != nil {
		out.MPAN = l.supply.MPAN.String()
	}
	if !l.span.Empty() && l.on == 0 {
		out.From, out.To = l.span.From().String(), l.span.To().String()
	}
	for _, e := range l.entries {
		j := entryJSON{Item: e.Name, Window: e.When.Window, From: day(e.When.From), To: day(e.When.To), LLFCs: e.When.LLFCs, Bands: e.When.Bands,
			Price: e.Price, Note: e.Note, Unit: e.Unit, Status: e.Status.String(), Source: e.Source, At: e.Pos.String()}
		if e.GBP.Valid {
			s := e.GBP.Decimal.String()
			j.GBP = &s
		}
		for _, s := range e.Times {
			_, first := s.Lo.Split()
			_, last := (s.Hi - 1).Split()
			j.Times = append(j.Times, timeJSON{tariffs.Entry{Times: []settlement.Span{s}}.Clock(), first, last})
		}
		out.Rates = append(out.Rates, j)
	}
	for _, err := range l.problems {
		out.Problems = append(out.Problems, problem(err))
	}
	return out
}

func problem(err error) problemJSON {
	var e *tariffs.Error
	if !errors.As(err, &e) {
		return problemJSON{Problem: "limit reached", Want: err.Error()}
	}
	return problemJSON{At: e.Pos.String(), Item: e.Item, Problem: e.Err.Error(), Value: e.Value, Want: e.Want}
}
