package main

import (
	"fmt"
	"maps"
	"math/big"
	"path/filepath"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/halfhour/halfhour/series"
)

// The forms of reconciling and totalling the lines of pounds. In the wide ones a
// row is a run and half-hour, with a column a line: they rest on all lines of a
// half-hour having one winner, as they have in these data.
func (d *duck) poundsForms() map[string]string {
	lines := d.charges.Schema().Len()
	sums := strings.ReplaceAll(strings.Join(numbered("sum(c", lines, ")"), ", "), " )", ")")
	return map[string]string{
		"only":   "SELECT month, " + sums + " FROM won GROUP BY month",
		"joined": "SELECT month, " + sums + " FROM wide SEMI JOIN winners USING (run, period) GROUP BY month",
		"latest": "SELECT month, " + sums + " FROM (SELECT * FROM wide WHERE c0 IS NOT NULL QUALIFY run = max(run) OVER (PARTITION BY period)) GROUP BY month",
		"cell":   "SELECT line, month, sum(pounds) FROM (SELECT line, period, month, arg_max(pounds, run) AS pounds FROM cells GROUP BY line, period, month) GROUP BY line, month",
	}
}

// pounds runs a form and gives its answer: rows of a month with a column a line,
// or of a line and a month.
func (d *duck) pounds(form string) (answer, error) {
	lines := d.charges.Schema().Len()
	out := make(answer, lines)
	for l := range out {
		out[l] = make([]*big.Int, d.months())
	}
	rows, err := d.query(d.poundsForms()[form])
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		if form == "cell" {
			var l, m int
			var v *big.Int
			if err := rows.Scan(&l, &m, &v); err != nil {
				return nil, err
			}
			out[l][m] = v
			continue
		}
		var m int
		cells := make([]*big.Int, lines)
		to := []any{&m}
		for l := range cells {
			to = append(to, &cells[l])
		}
		if err := rows.Scan(to...); err != nil {
			return nil, err
		}
		for l, v := range cells {
			out[l][m] = v
		}
	}
	return out, rows.Err()
}

// plain is the query of the figures by volume × price in each half-hour, from rows
// of hh with a column meter.
func (d *duck) plain(from string) string {
	var sums []string
	for l, it := range d.items {
		price := fmt.Sprintf("p%d", l)
		switch {
		case it.kind > standing:
			continue
		case it.kind == instead:
			price = fmt.Sprintf("coalesce(x%d, %s)", it.index, price)
		case it.index != noIndex:
			price = fmt.Sprintf("(%s + x%d)", price, it.index)
		}
		if it.kind != standing {
			price = fmt.Sprintf("v%d * %s", it.volume, price)
		}
		sums = append(sums, fmt.Sprintf("sum(%s) AS s%d", price, l))
	}
	return "WITH hhs AS (" + from + "), daily AS (SELECT meter, month, day, " + strings.Join(sums, ", ") + ", " + demand + " FROM hhs GROUP BY meter, month, day) " + d.byMonth()
}

// banded is the same in the form that suits many meters best: energy is summed by day and
// band of prices, and only the sums are multiplied. Where an index is added to the
// price, it is multiplied in each half-hour.
func (d *duck) banded(from string) string {
	energies, sums := map[string]bool{}, []string{}
	for l, it := range d.items {
		switch {
		case it.kind > standing:
		case it.kind == standing:
			sums = append(sums, fmt.Sprintf("any_value(stands.s%d) AS s%d", l, l))
		case it.kind == instead:
			energies[fmt.Sprintf("sum(CASE WHEN x%d IS NULL THEN v%d ELSE 0 END) AS n%d", it.index, it.volume, l)] = true
			energies[fmt.Sprintf("sum(CASE WHEN x%d IS NULL THEN 0 ELSE v%d * x%d END) AS i%d", it.index, it.volume, it.index, l)] = true
			sums = append(sums, fmt.Sprintf("sum(n%d * p%d + i%d) AS s%d", l, l, l, l))
		default:
			energies[fmt.Sprintf("sum(v%d) AS w%d", it.volume, it.volume)] = true
			of := fmt.Sprintf("w%d * p%d", it.volume, l)
			if it.index != noIndex {
				energies[fmt.Sprintf("sum(v%d * x%d) AS i%d", it.volume, it.index, l)] = true
				of += fmt.Sprintf(" + i%d", l)
			}
			sums = append(sums, fmt.Sprintf("sum(%s) AS s%d", of, l))
		}
	}
	return "WITH hhs AS (" + from + "), banded AS (SELECT meter, month, day, band, " + strings.Join(slices.Sorted(maps.Keys(energies)), ", ") + ", " + demand +
		" FROM hhs GROUP BY meter, month, day, band), daily AS (SELECT meter, month, day, " + strings.Join(sums, ", ") +
		", max(square) AS square, sum(triads) AS triads FROM banded JOIN bands USING (band) JOIN stands USING (day) GROUP BY meter, month, day) " + d.byMonth()
}

// demand is what the items on demand look at.
const demand = `max(CASE WHEN ai > 0 THEN ai * ai + greatest(ri, re) * greatest(ri, re) ELSE 0 END) AS square, sum(CASE WHEN triad THEN v1 ELSE 0 END) AS triads`

// byMonth makes the figures of a table daily, by day because VAT is due by day.
func (d *duck) byMonth() string {
	var months, base []string
	for l, it := range d.items {
		if it.kind <= standing {
			months = append(months, fmt.Sprintf("sum(s%d)", l))
			base = append(base, fmt.Sprintf("s%d * %v", l, d.toDayScale(l)))
		}
	}
	return "SELECT meter, month, max(square), sum(triads), list(" + strings.Join(base, " + ") + " ORDER BY day), " + strings.Join(months, ", ") +
		" FROM daily GROUP BY meter, month ORDER BY meter, month"
}

// figures runs such a query.
func (d *duck) figures(query string, meters int) ([]figures, error) {
	rows, err := d.query(query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := make([]figures, meters)
	for rows.Next() {
		var meter, month int
		var square int64
		var triads *big.Int
		var days duckdb.Composite[[]*big.Int]
		to := []any{&meter, &month, &square, &triads, &days}
		cells := make([]*big.Int, len(d.items))
		for l, it := range d.items {
			if it.kind <= standing {
				to = append(to, &cells[l])
			}
		}
		if err := rows.Scan(to...); err != nil {
			return nil, err
		}
		f := &out[meter]
		if f.sums == nil {
			f.sums, f.triads = make(answer, len(d.items)), new(big.Int)
		}
		f.square, f.days = append(f.square, big.NewInt(square)), append(f.days, days.Get()...)
		f.triads.Add(f.triads, triads)
		for l, v := range cells {
			if v != nil {
				f.sums[l] = append(f.sums[l], v)
			}
		}
	}
	return out, rows.Err()
}

// winning are the rows of the winners' volumes.
const winning = "SELECT 0 AS meter, * FROM hh"

// rank orders the codes of runs, which do not sort as they stand.
const rank = "CASE run WHEN 'untagged' THEN 0 WHEN 'II' THEN 1 WHEN 'SF' THEN 2 WHEN 'R1' THEN 3 WHEN 'R2' THEN 4 WHEN 'R3' THEN 5 WHEN 'RF' THEN 6 END"

func (d *duck) files(names ...string) string {
	var out []string
	for _, n := range names {
		out = append(out, "'"+filepath.Join(d.folder, n)+"'")
	}
	return "read_parquet([" + strings.Join(out, ", ") + "], filename = true)"
}

// parquet is the query from the files. Readings are asked for as latest does.
func (d *duck) parquet(readings string) string {
	return d.banded(`WITH
		latest AS (` + readings + `),
		market AS (SELECT start, arg_max(LLF, ` + rank + `) AS llf, arg_max(TLM, ` + rank + `) AS tlm, arg_max("system-price", ` + rank + `) AS price,
			arg_max(rcrc, ` + rank + `) AS rcrc, arg_max("cfd-rate", ` + rank + `) AS cfd FROM ` + d.files("market.parquet") + ` GROUP BY start),
		priced AS (SELECT price.*, (llf * 1000)::BIGINT AS llf, (tlm::DECIMAL(38, 9) * 1000000000)::BIGINT AS tlm, (nominated::DECIMAL(38, 6) * 1000000)::BIGINT AS nominated,
			(market.price::DECIMAL(38, 5) * 100000)::BIGINT AS x2, (rcrc::DECIMAL(38, 5) * 100000)::BIGINT AS x3, (cfd::DECIMAL(38, 5) * 100000)::BIGINT AS x4
			FROM market JOIN ` + d.files("contract.parquet") + ` USING (start) JOIN price USING (start)),
		metered AS (SELECT meter, (AI * 1000)::BIGINT AS ai, (RI * 1000)::BIGINT AS ri, (RE * 1000)::BIGINT AS re, priced.* FROM latest JOIN priced USING (start)),
		gsp AS (SELECT *, ai * llf AS v1 FROM metered),
		nbp AS (SELECT *, (v1 * tlm + 499999999 + (v1 * tlm // 1000000000) % 2) // 1000000000 AS v3 FROM gsp)
		SELECT *, ai AS v0, v1 - ai * 1000 AS v2, v3 - v1 AS v4,
			CASE WHEN ai > 0 THEN greatest(greatest(ri, re) * 100 - ai * 33, 0) ELSE 0 END AS v5, v3 - nominated AS v6 FROM nbp`)
}

// The forms of the winning readings: the latest value of each line by itself; the
// latest row, which rests on all lines of a half-hour having one winner, as they
// have in these data.
func (d *duck) parquetForms() map[string]string {
	from := d.files(d.meters...)
	meter := "list_position([" + d.filenames() + "], filename) - 1 AS meter"
	return map[string]string{
		"cell":   "SELECT " + meter + ", start, arg_max(AI, " + rank + ") AS AI, arg_max(RI, " + rank + ") AS RI, arg_max(RE, " + rank + ") AS RE FROM " + from + " GROUP BY filename, start",
		"latest": "SELECT " + meter + ", start, AI, RI, RE FROM " + from + " WHERE AI IS NOT NULL QUALIFY " + rank + " = max(" + rank + ") OVER (PARTITION BY filename, start)",
		"joined": d.joined(meter),
	}
}

func (d *duck) filenames() string {
	var out []string
	for _, n := range d.meters {
		out = append(out, "'"+filepath.Join(d.folder, n)+"'")
	}
	return strings.Join(out, ", ")
}

// joined is given which run speaks for which half-hours: it reads of each run what
// wins, as far as DuckDB passes over the rest.
func (d *duck) joined(meter string) string {
	var parts []string
	marks := d.winners.Meter.Line(series.AI).Marks
	for k := 0; k < len(marks); {
		lo, run := k, marks[k].Run()
		for k < len(marks) && marks[k].Run() == run {
			k++
		}
		at := func(i int) string { return fmt.Sprintf("to_timestamp(%d)", (int64(d.span.Lo)+int64(i))*1800) }
		parts = append(parts, fmt.Sprintf("SELECT %s, start, AI, RI, RE FROM %s WHERE run = '%v' AND start >= %s AND start < %s", meter, d.files(d.meters...), run, at(lo), at(k)))
	}
	return strings.Join(parts, " UNION ALL ")
}
