package gb

import (
	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// flat are the tables of rates that no distributor has of its own, in the
// order of the catalogue.
var flat = []string{"tnuos-residual", "tnuos-locational", "bsuos", "ro", "fit", "cfd-ilr", "cfd-ocl", "capacity-market",
	"aahedc", "eii-support-levy", "nuclear-rab", "ccl", "vat"}

// Book gives every published rate that can concern a supply of a distributor in
// a GSP group, of all years held, with the windows they name, the loss factors
// and the Triads. For a distributor whose charges are not held it has no DUoS,
// and for no GSP group no locational rates. Names of windows begin with "gb:".
//
// A book is made anew by each call, and is the same for the same arguments. It
// fails with tariffs.ErrSupply when the group is none there is, or not that of
// the distributor's area.
func Book(d settlement.Distributor, g settlement.GSPGroup) (*tariffs.Tariff, error) {
	if g != 0 && g.Zone() == 0 {
		return nil, &tariffs.Error{Value: string(rune(g)), Want: "a GSP group is one of _A to _P", Err: tariffs.ErrSupply}
	}
	if area, ok := d.GSPGroup(); ok && g != 0 && g != area {
		return nil, &tariffs.Error{Value: g.String(), Want: "distributor " + d.String() + " is the area of group " + area.String() + "; state that group or another distributor", Err: tariffs.ErrSupply}
	}
	b := &book{d: d, g: g, out: &tariffs.Tariff{Name: "GB published rates"}}
	for _, step := range []func() error{b.windows, b.distribution, b.flatRates, b.lineLosses, b.transmissionLosses, b.triads} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return b.out, nil
}

// book is a book in the making.
type book struct {
	d   settlement.Distributor
	g   settlement.GSPGroup
	out *tariffs.Tariff
}

// flatRates adds the rates that do not depend on the distributor.
func (b *book) flatRates() error {
	for _, name := range flat {
		t, err := read(name)
		if err != nil {
			return err
		}
		for _, r := range t.rows {
			if group := r.get("group"); group != "" && group != b.g.String() {
				continue
			}
			rate, err := r.rate(t.head["item"], r.get("price")+" "+r.get("unit"))
			if err != nil {
				return err
			}
			if band := r.get("band"); band != "" {
				rate.When.Bands = []string{band}
			}
			rate.Reduced = r.get("kind") == "reduced"
			b.out.Rates = append(b.out.Rates, rate)
		}
	}
	return nil
}

// rate is a row's price of an item.
func (r row) rate(item, price string) (out tariffs.Rate, err error) {
	of, err := tariffs.ParseItem(item)
	if err != nil {
		return out, r.wrong(item, "an item of the catalogue")
	}
	if out.Price, err = tariffs.ParsePrice(price); err != nil {
		return out, r.wrong(price, "a price with its unit")
	}
	out.When, out.Status, err = r.dates()
	out.Items, out.Source, out.Pos = []tariffs.Item{of}, r.source(), r.pos()
	return out, err
}

// transmissionLosses adds a TLM for each stretch of the estimate.
func (b *book) transmissionLosses() error {
	t, err := read("etlmo")
	if err != nil {
		return err
	}
	for _, r := range t.rows {
		if err := b.factor(r, series.TLM, r.get("etlmo"), decimal.NewFromInt(1)); err != nil {
			return err
		}
	}
	return nil
}

// factor adds a row's loss factor: its figure, and plus.
func (b *book) factor(r row, line series.Line, figure string, plus decimal.Decimal) error {
	v, err := tariffs.ParseFigure(figure)
	if err != nil {
		return r.wrong(figure, "a factor in figures")
	}
	when, status, err := r.dates()
	if err != nil {
		return err
	}
	when.Window, when.LLFCs = r.get("window"), classes(r.get("llfcs"))
	b.out.Factors = append(b.out.Factors, tariffs.Factor{Line: line, Value: v.Add(plus), When: when, Status: status, Source: r.source(), Pos: r.pos()})
	return nil
}

// triads adds the Triads of each year.
func (b *book) triads() error {
	t, err := read("triads")
	if err != nil {
		return err
	}
	for _, r := range t.rows {
		when, status, err := r.dates()
		if err != nil {
			return err
		}
		of := tariffs.Triads{Year: when.From, Status: status, Source: r.source(), Pos: r.pos()}
		for i, column := range []string{"first", "second", "third"} {
			if of.At[i], err = r.period(column); err != nil {
				return err
			}
		}
		b.out.Triads = append(b.out.Triads, of)
	}
	return nil
}
