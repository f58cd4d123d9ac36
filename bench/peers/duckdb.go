package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// duck is DuckDB in memory, on one thread, with the work's tables.
type duck struct {
	*work
	db    *sql.DB
	conn  *sql.Conn
	ready map[string]*sql.Stmt
}

func newDuck(w *work) (*duck, error) {
	connector, err := duckdb.NewConnector("?threads=1", nil)
	if err != nil {
		return nil, err
	}
	d := &duck{work: w, db: sql.OpenDB(connector), ready: map[string]*sql.Stmt{}}
	if d.conn, err = d.db.Conn(context.Background()); err != nil {
		return nil, err
	}
	return d, d.load()
}

func (d *duck) close() error {
	for _, s := range d.ready {
		if err := s.Close(); err != nil {
			return err
		}
	}
	if err := d.conn.Close(); err != nil {
		return err
	}
	return d.db.Close()
}

func (d *duck) exec(query string) error {
	_, err := d.conn.ExecContext(context.Background(), query)
	return err
}

// query runs a query that is parsed and planned the first time it is met.
func (d *duck) query(text string) (*sql.Rows, error) {
	s := d.ready[text]
	if s == nil {
		var err error
		if s, err = d.conn.PrepareContext(context.Background(), text); err != nil {
			return nil, err
		}
		d.ready[text] = s
	}
	return s.QueryContext(context.Background())
}

// table makes a table and fills it with rows of integers.
func (d *duck) table(name string, columns []string, rows func(add func(cells ...driver.Value) error) error) error {
	if err := d.exec("CREATE TABLE " + name + " (" + strings.Join(columns, ", ") + ")"); err != nil {
		return err
	}
	return d.conn.Raw(func(c any) error {
		to, err := duckdb.NewAppenderFromConn(c.(driver.Conn), "", name)
		if err != nil {
			return err
		}
		if err := rows(func(cells ...driver.Value) error { return to.AppendRow(cells...) }); err != nil {
			return err
		}
		return to.Close()
	})
}

// month gives the number of each half-hour's month, from 0.
func (w *work) month() []int32 {
	out := make([]int32, w.span.Len())
	i := int32(0)
	for _, part := range w.span.Months() {
		for p := part.Lo; p < part.Hi; p++ {
			out[w.span.Index(p)] = i
		}
		i++
	}
	return out
}

func numbered(prefix string, n int, kind string) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("%s%d %s", prefix, i, kind))
	}
	return out
}

// load fills the tables: the lines of pounds by run, as they arrive and as winners
// only; and the volumes, prices and indices of the winners.
func (d *duck) load() error {
	if err := d.loadPounds(); err != nil {
		return err
	}
	return d.loadEnergy()
}

func cell(c series.Column, k int) driver.Value {
	if !valid(c, k) {
		return nil
	}
	return c.Values[k]
}

func (d *duck) loadPounds() error {
	month, lines := d.month(), d.charges.Schema().Len()
	err := d.table("cells", []string{"line TINYINT", "period INTEGER", "month TINYINT", "run TINYINT", "pounds BIGINT"}, func(add func(...driver.Value) error) error {
		for r, run := range d.charges.Runs() {
			for l := range lines {
				c := d.charges.Frame(run).Line(series.Line(l))
				for k := range month {
					if !valid(c, k) {
						continue
					}
					if err := add(int8(l), int32(k), int8(month[k]), int8(r), c.Values[k]); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = d.table("wide", append([]string{"run TINYINT", "period INTEGER", "month TINYINT"}, numbered("c", lines, "BIGINT")...), func(add func(...driver.Value) error) error {
		for r, run := range d.charges.Runs() {
			f := d.charges.Frame(run)
			for k := range month {
				row := []driver.Value{int8(r), int32(k), int8(month[k])}
				for l := range lines {
					row = append(row, cell(f.Line(series.Line(l)), k))
				}
				if err := add(row...); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.exec(`
		CREATE TABLE won AS SELECT * FROM wide WHERE c0 IS NOT NULL QUALIFY run = max(run) OVER (PARTITION BY period) ORDER BY period;
		CREATE TABLE winners AS SELECT period, run FROM won;`)
}

// loadEnergy fills table hh: a row a half-hour with the winners' volumes, the
// prices, the indices, and what the demand items look at; and table price, the
// same without what the files hold.
func (d *duck) loadEnergy() error {
	month := d.month()
	isTriad := map[settlement.Period]bool{}
	for _, p := range triadPeriods() {
		isTriad[p] = true
	}
	columns := append([]string{"period BIGINT", "day SMALLINT", "month TINYINT", "band INTEGER", "triad BOOLEAN", "ai BIGINT", "ri BIGINT", "re BIGINT"},
		numbered("v", tariffs.Volumes().Len(), "BIGINT")...)
	columns = append(append(columns, numbered("x", series.Market().Len(), "BIGINT")...), numbered("p", len(d.items), "BIGINT")...)
	band := d.bands()
	err := d.table("hh", columns, func(add func(...driver.Value) error) error {
		for k := range month {
			p := d.span.Lo + settlement.Period(k)
			row := []driver.Value{int64(p), int16(p.Day() - d.span.From()), int8(month[k]), int32(band[k]), isTriad[p]}
			for _, l := range []series.Line{series.AI, series.RI, series.RE} {
				row = append(row, cell(d.winners.Meter.Line(l), k))
			}
			for _, f := range []*series.Frame{d.volumes, d.winners.Market} {
				for l := range series.Line(f.Schema().Len()) {
					row = append(row, cell(f.Line(l), k))
				}
			}
			for _, it := range d.items {
				row = append(row, it.prices[k])
			}
			if err := add(row...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	var prices, stands []string
	for l, it := range d.items {
		switch {
		case it.kind < standing:
			prices = append(prices, fmt.Sprintf("any_value(p%d) AS p%d", l, l))
		case it.kind == standing:
			stands = append(stands, fmt.Sprintf("sum(p%d)::BIGINT AS s%d", l, l))
		}
	}
	return d.exec(`
		CREATE TABLE price AS SELECT to_timestamp(period * 1800) AS start, day, month, band, triad FROM hh;
		CREATE TABLE bands AS SELECT band, ` + strings.Join(prices, ", ") + ` FROM hh GROUP BY band;
		CREATE TABLE stands AS SELECT day, ` + strings.Join(stands, ", ") + ` FROM hh GROUP BY day`)
}

// bands numbers the half-hours by the prices they have: those with the same prices
// of energy are of one band.
func (w *work) bands() []int {
	out, seen := make([]int, w.span.Len()), map[string]int{}
	for k := range out {
		var b strings.Builder
		for _, it := range w.items {
			if it.kind < standing {
				fmt.Fprint(&b, it.prices[k], " ")
			}
		}
		id, ok := seen[b.String()]
		if !ok {
			id = len(seen)
			seen[b.String()] = id
		}
		out[k] = id
	}
	return out
}
