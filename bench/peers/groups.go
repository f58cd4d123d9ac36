package main

import (
	"errors"
	"fmt"

	"github.com/halfhour/halfhour/bench"
)

// What is said of an answer that is right.
const (
	exact    = "exact"
	finished = "exact; three lines finished off the clock"
)

// engines are all of them on one work.
type engines struct {
	*work
	own   *own
	naive *naive
	float *float
	arrow *columns
	duck  *duck

	energy, pounds answer   // as the naive engine has them
	each           []answer // the same of each meter's energy; the first is energy
}

func newEngines(w *work) (*engines, error) {
	e := &engines{work: w, own: newOwn(w), naive: newNaive(w), float: newFloat(w), arrow: newColumns(w)}
	var err error
	if e.duck, err = newDuck(w); err != nil {
		return nil, err
	}
	if err := e.own.adjust(); err != nil {
		return nil, err
	}
	if err := e.naive.total(); err != nil {
		return nil, err
	}
	if e.energy, err = e.naive.answer(); err != nil {
		return nil, err
	}
	if err := e.naive.reconcile(); err != nil {
		return nil, err
	}
	if e.pounds, err = e.naive.reconciled(); err != nil {
		return nil, err
	}
	e.each = []answer{e.energy}
	for i := 1; i < len(w.meters); i++ {
		m, err := w.of(i)
		if err != nil {
			return nil, err
		}
		n := newNaive(m)
		if err := n.total(); err != nil {
			return nil, err
		}
		a, err := n.answer()
		if err != nil {
			return nil, err
		}
		e.each = append(e.each, a)
	}
	return e, nil
}

// allRight checks the answer of every meter against the naive engine's.
func (e *engines) allRight(got []answer, right string) (string, error) {
	if len(got) != len(e.each) {
		return "", fmt.Errorf("another answer: of %d meters, not %d", len(got), len(e.each))
	}
	for i, a := range got {
		if d := a.differs(e.each[i]); d != "" {
			return "", fmt.Errorf("meter %d: another answer: %s", i, d)
		}
	}
	return right, nil
}

// against checks an answer against the naive engine's.
func against(want answer, got func() (answer, error), right string) func() (string, error) {
	return func() (string, error) {
		a, err := got()
		if err != nil {
			return "", err
		}
		return wrong(a, want, right)
	}
}

func (e *engines) groups() []group {
	return []group{e.cube(), e.totals(), e.reconcile(), e.files()}
}

// reading is a row that reads so many words, laid end to end.
func reading(words int) row {
	laid, want := counted(words)
	var got int64
	return row{engine: "plain read of as many words", run: func() error { got = bench.PlainRead(laid); return nil }, check: func() (string, error) {
		if got != want {
			return "", errors.New("another sum")
		}
		return "—", nil
	}}
}

func counted(words int) (laid []int64, sum int64) {
	laid = make([]int64, words)
	for i := range laid {
		laid[i] = int64(i)
		sum += int64(i)
	}
	return laid, sum
}

// cube is making every cell of the charges, for every run.
func (e *engines) cube() group {
	points := e.own.points()
	src, want := counted(points)
	dst := make([]int64, points)
	copied := func() (string, error) {
		if bench.PlainRead(dst) != want {
			return "", errors.New("another sum")
		}
		return "—", nil
	}
	check := func() (string, error) {
		d, err := e.own.charged()
		if d != "" {
			err = errors.New(d)
		}
		return "exact: its totals are those of the other route", err
	}
	return group{title: "Charge every run", per: 1, about: fmt.Sprintf("The cube of charges, %d lines × %d runs × %d half-hours = %d cells. × is to `copy`.", len(e.items), len(bench.Runs()), e.span.Len(), points),
		rows: []row{
			reading(points),
			{engine: "`copy` of as many words", run: func() error { copy(dst, src); return nil }, check: copied, base: true},
			{engine: "halfhour, from loss-adjusted volumes", run: e.own.charge, check: check},
			{engine: "halfhour, from AI, LLF and TLM", run: e.own.chargeReadings, check: check},
		}}
}

// totals is the winners' volumes to totals.
func (e *engines) totals() group {
	return group{title: "Winning volumes to totals", per: 1, about: fmt.Sprintf("One run's volumes, with losses, to the totals of %d lines by month. × is to halfhour's fused route.", len(e.items)),
		rows: []row{
			{engine: "halfhour, fused", run: e.own.fused, check: against(e.energy, e.own.answer, exact), base: true},
			{engine: "halfhour, by way of the cells", run: e.own.materialised, check: against(e.energy, e.own.answer, exact)},
			{engine: "shopspring/decimal in maps", run: e.naive.total, check: against(e.energy, e.naive.answer, finished)},
			{engine: "gonum, float64 dot", run: e.float.total, check: func() (string, error) { return e.float.compare(e.energy) }},
			{engine: "arrow v17 compute: multiply; added up by a plain loop", run: e.arrow.total, check: func() (string, error) { return e.arrow.compare(e.energy) }},
			e.figured("DuckDB, energy by day and band of prices, then × price", e.duck.banded(winning)),
			e.figured("DuckDB, volume × price in each half-hour", e.duck.plain(winning)),
		}}
}

// figured is a row of DuckDB that gives figures.
func (e *engines) figured(engine, query string) row {
	var got []figures
	return row{engine: engine, run: func() (err error) { got, err = e.duck.figures(query, 1); return err }, check: func() (string, error) {
		a, err := e.finish(got[0])
		if err != nil {
			return "", err
		}
		return wrong(a, e.energy, finished)
	}}
}

// reconcile is the lines of pounds by run to totals of the winners.
func (e *engines) reconcile() group {
	g := group{title: "Reconcile and total", per: 1, about: fmt.Sprintf("%d lines of pounds by six runs, as settlement leaves them, to the totals of the latest by month. × is to halfhour.", len(e.items)),
		rows: []row{
			reading(e.own.reconciledWords()),
			{engine: "halfhour", run: e.own.reconcile, check: against(e.pounds, e.own.answer, exact), base: true},
			{engine: "shopspring/decimal in maps", run: e.naive.reconcile, check: against(e.pounds, e.naive.reconciled, exact)},
		}}
	for _, form := range []struct{ name, about string }{
		{"only", "DuckDB, a table of the winners alone: nothing to reconcile"},
		{"joined", "DuckDB, best form: a column a line, which run wins when is given"},
		{"latest", "DuckDB, a column a line, the latest row of each half-hour"},
		{"cell", "DuckDB, a row a cell, the latest value of each"},
	} {
		var got answer
		g.rows = append(g.rows, row{engine: form.about, run: func() (err error) { got, err = e.duck.pounds(form.name); return err },
			check: func() (string, error) { return wrong(got, e.pounds, exact) }})
	}
	return g
}

// files is Parquet to totals.
func (e *engines) files() group {
	g := group{title: "Parquet to totals", per: len(e.meters), about: fmt.Sprintf("AI, AE, RI, RE and marks by six runs, a file a meter, with one market and one contract file, to the totals of %d lines by month and meter; per meter, of %d in one job. × is to halfhour.", len(e.items), len(e.meters)),
		rows: []row{{engine: "halfhour, read, reconcile, adjust, total", run: e.own.parquet, base: true, check: func() (string, error) {
			return e.allRight(e.own.answers, "exact, every meter")
		}}}}
	for _, form := range []struct{ name, about string }{
		{"joined", "DuckDB, `read_parquet`, best form: which run wins when is given"},
		{"latest", "DuckDB, `read_parquet`, the latest row of each half-hour"},
		{"cell", "DuckDB, `read_parquet`, the latest value of each cell"},
	} {
		var got []figures
		query := e.duck.parquet(e.duck.parquetForms()[form.name])
		g.rows = append(g.rows, row{engine: form.about, run: func() (err error) { got, err = e.duck.figures(query, len(e.meters)); return err },
			check: func() (string, error) {
				var answers []answer
				for _, f := range got {
					a, err := e.finish(f)
					if err != nil {
						return "", err
					}
					answers = append(answers, a)
				}
				return e.allRight(answers, "exact, every meter; three lines finished off the clock")
			}})
	}
	return g
}
