package gb

import (
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// bands are the unit rates of a DUoS table that hold in windows; their column,
// their window after "gb:" and the key of their clauses are one word.
var bands = []string{"red", "amber", "green"}

// duosColumns are the figures of a DUoS table.
var duosColumns = []struct{ column, item, unit string }{
	{"red", "duos-red", "p/kWh"}, {"amber", "duos-amber", "p/kWh"}, {"green", "duos-green", "p/kWh"},
	{"fixed", "duos-fixed", "p/MPAN/day"},
	{"capacity", "duos-capacity", "p/kVA/day"}, {"excess", "duos-excess-capacity", "p/kVA/day"},
	{"reactive", "duos-reactive", "p/kVArh"},
}

// noCharge is a cell the publication leaves empty: the tariff has no such
// charge, and the book says so with a rate of zero.
const noCharge = "-"

// publication is the name of a table that a distributor has for a charging
// year, such as duos-14-2025.
type publication struct {
	kind string
	d    settlement.Distributor
	year int // in which it begins
}

func (p publication) String() string { return p.kind + "-" + p.d.String() + "-" + strconv.Itoa(p.year) }

// publications are the tables of a kind, by distributor and year.
func publications(kind string) (out []publication) {
	files, err := data.ReadDir("data")
	if err != nil {
		return nil
	}
	for _, f := range files { // in order of name
		parts := strings.Split(strings.TrimSuffix(f.Name(), ".csv"), "-")
		if len(parts) != 3 || parts[0] != kind {
			continue
		}
		d, errD := settlement.ParseDistributor(parts[1])
		year, errY := strconv.Atoi(parts[2])
		if errD == nil && errY == nil {
			out = append(out, publication{kind, d, year})
		}
	}
	return out
}

// Distributors lists those whose DUoS charges are held, in order.
func Distributors() (out []settlement.Distributor) {
	for _, p := range publications("duos") {
		out = append(out, p.d)
	}
	return slices.Compact(out)
}

// Years lists the charging years whose DUoS charges are held for a
// distributor, each by its first day.
func Years(d settlement.Distributor) (out []settlement.Day) {
	for _, p := range publications("duos") {
		if day, err := settlement.NewDay(p.year, 4, 1); err == nil && p.d == d {
			out = append(out, day)
		}
	}
	return out
}

// distribution adds a distributor's DUoS rates of all years, with the windows
// of its bands.
func (b *book) distribution() error {
	var tables []*table
	for _, p := range publications("duos") {
		if p.d == b.d {
			t, err := read(p.String())
			if err != nil {
				return err
			}
			tables = append(tables, t)
		}
	}
	return b.duos(tables)
}

func (b *book) duos(tables []*table) error {
	for _, t := range tables {
		for _, band := range bands {
			if err := b.window(windowOf(band, t, tables), t.head[band]); err != nil {
				return err
			}
		}
		for _, r := range t.rows {
			if err := b.tariffRow(r, tables); err != nil {
				return err
			}
		}
	}
	return nil
}

// tariffRow adds the rates of one tariff of a DUoS table.
func (b *book) tariffRow(r row, tables []*table) error {
	of, flow := classes(r.get("llfcs")), tariffs.ImportOnly
	if strings.Contains(r.get("tariff"), "Generation") {
		flow = tariffs.ExportOnly
	}
	for _, c := range duosColumns {
		figure, source := r.get(c.column), r.source()+": "+r.get("tariff")
		if figure == noCharge {
			figure, source = "0", source+", which has no such charge"
		}
		rate, err := r.rate(c.item, figure+" "+c.unit)
		if err != nil {
			return err
		}
		rate.When.LLFCs, rate.When.Flow, rate.Source = of, flow, source
		if slices.Contains(bands, c.column) {
			rate.When.Window = windowOf(c.column, r.of, tables)
		}
		b.out.Rates = append(b.out.Rates, rate)
	}
	return nil
}

// windowOf names a band's window: gb:red, and gb:red 2024 for a distributor
// whose bands are not the same in all years.
func windowOf(band string, t *table, tables []*table) string {
	for _, other := range tables {
		if other.head[band] != t.head[band] {
			year, _, _ := strings.Cut(t.head["from"], "-")
			return "gb:" + band + " " + year
		}
	}
	return "gb:" + band
}

// window adds a window, once.
func (b *book) window(name, clauses string) error {
	for _, w := range b.out.Windows {
		if w.Name == name {
			return nil
		}
	}
	w, err := tariffs.ParseWindow(name, strings.Split(clauses, "; ")...)
	b.out.Windows = append(b.out.Windows, w)
	return err
}

// windows adds those that no DUoS table states.
func (b *book) windows() error {
	t, err := read("windows")
	if err != nil {
		return err
	}
	for _, r := range t.rows {
		if d := r.get("distributor"); d != "" && d != b.d.String() {
			continue
		}
		if err := b.window(r.get("name"), r.get("clauses")); err != nil {
			return err
		}
	}
	return nil
}

// lineLosses adds the LLFs of a distributor.
func (b *book) lineLosses() error {
	for _, p := range publications("llf") {
		if p.d != b.d {
			continue
		}
		t, err := read(p.String())
		if err != nil {
			return err
		}
		for _, r := range t.rows {
			if err := b.factor(r, series.LLF, r.get("llf"), decimal.Decimal{}); err != nil {
				return err
			}
		}
	}
	return nil
}

// classes are the line loss factor classes of a cell. A class of one or two
// digits stands as published and with zeros in front as well: settlement's
// files write 70, the line above an MPAN 070.
func classes(cell string) (out []string) {
	for _, c := range strings.Fields(cell) {
		out = append(out, c)
		if _, err := strconv.Atoi(c); err == nil && len(c) < 3 {
			out = append(out, strings.Repeat("0", 3-len(c))+c)
		}
	}
	return out
}

// period reads a settlement period such as 2025-01-09/36.
func (r row) period(column string) (settlement.Period, error) {
	s := r.get(column)
	date, number, _ := strings.Cut(s, "/")
	d, errD := settlement.ParseDay(date)
	n, errN := strconv.Atoi(number)
	if errD == nil && errN == nil {
		if p, err := d.Period(n); err == nil {
			return p, nil
		}
	}
	return 0, r.wrong(s, "a settlement period, such as 2025-01-09/36")
}
