package gb

import (
	"embed"
	"slices"
	"strings"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

//go:embed data/*.csv
var data embed.FS

// table is one file: lines "# key: value" that hold for all of it, the names of
// the columns, and rows. Any other line with # is a comment.
type table struct {
	name    string // "duos-14-2025.csv"
	head    map[string]string
	columns []string
	rows    []row
}

// row is a line of a table.
type row struct {
	of    *table
	line  int
	cells []string
}

// read reads an embedded table by its name without ".csv".
func read(name string) (*table, error) {
	t := &table{name: name + ".csv", head: map[string]string{}}
	text, err := data.ReadFile("data/" + t.name)
	if err != nil {
		return nil, &tariffs.Error{Pos: series.Pos{Source: "gb/" + t.name}, Value: name, Want: "a table of this package", Err: tariffs.ErrTariff}
	}
	return t, t.parse(string(text))
}

func (t *table) parse(text string) error {
	n := 0
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		n++
		if said, isNote := strings.CutPrefix(line, "# "); isNote {
			if key, value, ok := strings.Cut(said, ": "); ok && t.columns == nil && isKey(key) {
				t.head[key] = value
			}
			continue
		}
		if t.columns == nil {
			t.columns = strings.Split(line, ",")
			continue
		}
		// The last column is text and may hold commas.
		r := row{of: t, line: n, cells: strings.SplitN(line, ",", len(t.columns))}
		if len(r.cells) != len(t.columns) {
			return r.wrong(line, "a cell for each of "+strings.Join(t.columns, ", "))
		}
		t.rows = append(t.rows, r)
	}
	return nil
}

func isKey(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz-") == ""
}

// get is the cell of a column; where there is none or it is empty, what the
// head says for the whole table.
func (r row) get(column string) string {
	if i := slices.Index(r.of.columns, column); i >= 0 && r.cells[i] != "" {
		return r.cells[i]
	}
	return r.of.head[column]
}

func (r row) pos() series.Pos { return series.Pos{Source: "gb/" + r.of.name, Line: r.line} }

func (r row) wrong(value, want string) error {
	return &tariffs.Error{Pos: r.pos(), Value: value, Want: want, Err: tariffs.ErrTariff}
}

// day is the day in a column; an empty one is none.
func (r row) day(column string) (settlement.Day, error) {
	s := r.get(column)
	if s == "" {
		return 0, nil
	}
	d, err := settlement.ParseDay(s)
	if err != nil {
		return 0, r.wrong(s, "a day, such as 2025-04-01")
	}
	return d, nil
}

// dates is the time a row holds for, and its status.
func (r row) dates() (when tariffs.When, status tariffs.Status, err error) {
	if when.From, err = r.day("from"); err != nil {
		return
	}
	if when.To, err = r.day("to"); err != nil {
		return
	}
	if status, err = tariffs.ParseStatus(r.get("status")); err != nil {
		err = r.wrong(r.get("status"), "the status of the figure")
	}
	return
}

// source is the publication: of the table, with what the row adds to it.
func (r row) source() string {
	head := r.of.head["source"]
	if own := r.get("source"); own != head {
		return head + ": " + own
	}
	return head
}
