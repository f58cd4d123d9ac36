package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// batchResult is what a batch comes to, as it is printed and written. It says
// nothing of when, how fast or in how many runs: the same meters make the same bytes.
type batchResult struct {
	Version    int                 `json:"version"`
	From       string              `json:"from"`
	To         string              `json:"to"` // exclusive
	View       string              `json:"view"`
	Meters     int                 `json:"meters"`
	Book       string              `json:"book"`
	Whole      bool                `json:"whole"`
	Failed     []failedJSON        `json:"failed"`
	Conditions []conditionJSON     `json:"conditions"`
	Totals     *halfhour.Portfolio `json:"-"` // "totals", the last field: see writeJSON
}

type failedJSON struct {
	Line     int    `json:"line"`
	Readings string `json:"readings"`
	Supply   string `json:"supply"`
	Error    string `json:"error"`
}

type conditionJSON struct {
	Name   string `json:"name"`
	Meters int    `json:"meters"`
}

// finish adds up what the checkpoint holds of the book's meters.
func (b *batch) finish(k *keeper, failed []halfhour.Failure) (*batchResult, error) {
	res := &batchResult{Version: 1, From: b.Span.From().String(), To: b.Span.To().String(), View: b.View.View(), Meters: len(b.book.entries), Book: b.book.digest(),
		Conditions: []conditionJSON{}, Totals: halfhour.NewPortfolio(b.buckets, b.key, 0)}
	counts, seen := map[string]int{}, map[settlement.MPAN]int{}
	amounts := new(halfhour.Amounts)
	amounts.Reset(b.buckets)
	res.Whole = len(failed) == 0
	var errs series.Errors
	var buf []byte
	for i, s := range b.states {
		if s.size == 0 {
			continue
		}
		r, room, err := k.read(s, buf)
		if buf = room; err != nil {
			return nil, err
		}
		if first, twice := seen[r.mpan]; twice && len(errs) < series.MaxErrors {
			errs = append(errs, &series.Error{Pos: series.Pos{Source: b.book.name, Line: b.book.entries[i].line}, Value: r.mpan.String(),
				Want: fmt.Sprintf("each MPAN once, and this one is in line %d: its totals would count twice", b.book.entries[first].line), Err: errTwice})
		}
		seen[r.mpan] = i
		if err := amounts.UnmarshalText(r.amounts); err != nil {
			return nil, err
		}
		if _, _, lacking := amounts.Lacking(); lacking {
			res.Whole = false
		}
		if err := res.Totals.Add(r.value, amounts); err != nil {
			return nil, err
		}
		for _, name := range r.conditions.Names() {
			counts[name]++
		}
	}
	if len(errs) > 0 {
		return nil, errs
	}
	res.Failed = b.failed(failed)
	for _, f := range failed {
		e := &b.book.entries[b.pending[f.Index]]
		if f.Supply == nil {
			res.Totals.LackStray()
		} else {
			res.Totals.Lack(b.value(e, f.Supply))
		}
	}
	for _, name := range (^tariffs.Condition(0)).Names() {
		if n := counts[name]; n > 0 {
			res.Conditions = append(res.Conditions, conditionJSON{name, n})
		}
	}
	return res, nil
}

// failed are the meters that failed as they stand in the book.
func (b *batch) failed(list []halfhour.Failure) []failedJSON {
	out := []failedJSON{}
	for _, f := range list {
		e := &b.book.entries[b.pending[f.Index]]
		out = append(out, failedJSON{e.line, e.readings, e.supply, f.Err.Error()})
	}
	return out
}

// writeJSON writes the result as JSON on one line, the totals row by row: there may be
// millions, and in one piece they would take many times what they take here.
func (res *batchResult) writeJSON(w io.Writer) error {
	head, err := json.Marshal(res)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, `%s,"totals":`, bytes.TrimSuffix(head, []byte("}"))); err != nil {
		return err
	}
	if err := res.Totals.WriteJSON(w); err != nil {
		return err
	}
	_, err = io.WriteString(w, "}\n")
	return err
}

// emit prints the result as it goes.
func (res *batchResult) emit(w io.Writer, format string) error {
	out := bufio.NewWriter(w)
	if format == "json" {
		if err := res.writeJSON(&indented{out: out}); err != nil {
			return err
		}
		return out.Flush()
	}
	res.text(out)
	return out.Flush() // the first error stays
}

// text writes the result for a person.
func (res *batchResult) text(w *bufio.Writer) {
	in, lacking := res.Totals.Meters()
	last, _ := settlement.ParseDay(res.To)
	fmt.Fprintf(w, "%d meters, %s to %s, view %s\n", in, res.From, last-1, res.View)
	if lacking > 0 {
		fmt.Fprintf(w, "NOT WHOLE: %d of %d meters could not be priced and are in no total\n", lacking, res.Meters)
	} else if !res.Whole {
		fmt.Fprintf(w, "NOT WHOLE: some half-hours are missing; the totals marked * lack them\n")
	}
	for _, c := range res.Conditions {
		fmt.Fprintf(w, "%s: %d meters\n", c.Name, c.Meters)
	}
	value, first := "", true
	for r := range res.Totals.Rows() {
		if res.Totals.Key() != "" && (first || r.Value != value) {
			fmt.Fprintf(w, "\n%s: %s\n", res.Totals.Key(), cmp.Or(strings.TrimRight(r.Value, " "), "not stated"))
		}
		value, first = r.Value, false
		mark, pounds := "", "none"
		if !r.Missing() {
			pounds = r.Sum.Decimal(r.Item.Scale()).StringFixed(int32(r.Item.Scale()))
		}
		if !r.Whole() {
			mark = fmt.Sprintf(" * %d of %d half-hours, %d meters missing", r.Held, r.Of, r.Lacks)
		}
		if _, err := fmt.Fprintf(w, "  %-24s %-13s %28s%s\n", r.Item, res.Totals.Buckets().Name(r.Bucket), pounds, mark); err != nil {
			return
		}
	}
}
