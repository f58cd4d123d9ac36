package toml

import (
	"fmt"
	"slices"
	"sort"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/tariffs"
)

// ParseTariff reads a tariff file; name is the file's, for messages. A tariff
// that it accepts is well formed; whether its rates are without gap or overlap
// depends on the span and the class, and is for Tariff.Compile to say, at the
// places ParseTariff has noted in the rates.
func ParseTariff(name string, b []byte) (*tariffs.Tariff, error) {
	d, err := open(name, b, tariffs.ErrTariff, "window", "rate", "factor", "triads", "conventions")
	if err != nil {
		return nil, err
	}
	t := &tariffs.Tariff{}
	t.Name, _ = d.root.text("name", required)
	windows := d.windows(t)
	rates := d.root.tables("rate", maxRates)
	if _, ok := d.root.m["rate"]; !ok {
		d.fail("", &tariffs.Error{Value: "rate", Want: "a tariff has at least one [[rate]]", Err: d.kind})
	}
	for _, r := range rates {
		t.Rates = append(t.Rates, r.rate(windows))
	}
	for _, f := range d.root.tables("factor", maxFactors) {
		t.Factors = append(t.Factors, f.factor(windows))
	}
	t.Triads = d.triads()
	t.Conventions = d.conventions()
	if err := d.err(); err != nil {
		return nil, err
	}
	return t, nil
}

// windows reads [window] in the order of the file and gives the names it
// defines, those with a mistake included: one mistake is one error.
func (d *document) windows(t *tariffs.Tariff) map[string]bool {
	defined := map[string]bool{tariffs.Otherwise: true}
	v, ok := d.root.m["window"]
	if !ok {
		return defined
	}
	m, ok := v.(map[string]any)
	if !ok || len(m) > maxWindows {
		d.root.bad("window", show(v), fmt.Sprintf(`write [window] and below it at most %d lines such as red = ["mon-fri 16:00-19:00"]`, maxWindows))
		return defined
	}
	in := table{d, "window", m}
	names := make([]string, 0, len(m))
	for n := range m {
		names, defined[n] = append(names, n), true
	}
	sort.Slice(names, func(i, j int) bool {
		a, _ := d.index.offset(join(in.path, names[i]))
		b, _ := d.index.offset(join(in.path, names[j]))
		return a < b
	})
	for _, n := range names {
		clauses, ok := in.listLike(n, `["mon-fri 16:00-19:00"]`, required)
		if !ok {
			continue
		}
		w, err := tariffs.ParseWindow(n, clauses...)
		if err != nil {
			d.fail(join(in.path, n), err)
			continue
		}
		t.Windows = append(t.Windows, w)
	}
	return defined
}

func (t table) rate(windows map[string]bool) tariffs.Rate {
	t.only("item", "items", "window", "llfc", "bands", "from", "to", "price", "at", "of", "reduced", "status", "source")
	r := tariffs.Rate{Pos: t.d.pos(t.path), Items: t.items(), When: t.when(windows)}
	r.When.Bands = t.names("bands", tariffs.ParseBand)
	if s, ok := t.text("at", optional); ok {
		if r.At = s; s != "MSP" && s != "GSP" && s != "NBP" {
			t.bad("at", s, `where the energy is measured: "MSP" at the meter, "GSP" at the grid supply point or "NBP" at the national balancing point`)
		}
	}
	of, _ := t.list("of", optional)
	r.Of = t.named("of", of)
	r.Reduced = t.flag("reduced", false)
	var ok bool
	if r.Price, ok = t.price("price"); ok {
		t.fits(&r)
	}
	r.Status, r.Source = t.provenance()
	return r
}

// fits refuses keys that mean nothing beside the rate's price or items.
func (t table) fits(r *tariffs.Rate) {
	percent, vat := r.Price.Basis == tariffs.Percent, len(r.Items) == 1 && r.Items[0] == tariffs.VAT
	if r.At != "" && r.Price.Basis != tariffs.PerKWh {
		t.bad("at", r.At, "only a price for energy is measured at a place; leave the key out")
	}
	switch _, of := t.m["of"]; {
	case of && slices.Contains(r.Of, tariffs.VAT) && !vat:
		t.bad("of", "vat", "VAT is on the whole bill, and no item is a percentage of it; take it out of the list")
	case of && vat:
		t.bad("of", "vat", "VAT is of the sum of all lines; leave the key out")
	case of && !percent:
		t.bad("of", r.Price.String(), `only a percentage is taken of other items; write the price as "2.5 %", or leave the key out`)
	case !of && !vat && percent && len(r.Items) > 0:
		t.bad("price", r.Price.String(), "say what it is a percentage of: of = "+examples["of"])
	}
	if r.Reduced && !vat {
		t.bad("reduced", "true", "only VAT has a reduced rate for qualifying use; leave the key out")
	}
}

// items are those of item or of items: one of the two is written.
func (t table) items() []tariffs.Item {
	key, names := "item", []string(nil)
	_, one := t.m["item"]
	_, many := t.m["items"]
	switch {
	case one && many:
		t.bad("items", "items", "write either item or items, not both")
		return nil
	case many:
		key = "items"
		names, _ = t.list(key, required)
	default:
		if s, ok := t.text(key, required); ok {
			names = []string{s}
		}
	}
	return t.named(key, names)
}

// named are the items of a key's names, each once.
func (t table) named(key string, names []string) []tariffs.Item {
	var out []tariffs.Item
	seen := map[string]bool{}
	for _, n := range names {
		item, err := tariffs.ParseItem(n)
		switch {
		case err != nil:
			t.d.fail(join(t.path, key), err)
		case seen[n]:
			t.bad(key, n, "list each item once")
		default:
			out, seen[n] = append(out, item), true
		}
	}
	return out
}

// when reads the keys a rate and a factor share.
func (t table) when(windows map[string]bool) tariffs.When {
	var w tariffs.When
	var ok bool
	if w.Window, ok = t.text("window", optional); ok && !windows[w.Window] {
		t.d.fail(join(t.path, "window"), &tariffs.Error{Value: w.Window, Want: "no such window; define it under [window], or leave the key out for every half-hour", Err: tariffs.ErrWindow})
	}
	w.LLFCs = t.names("llfc", tariffs.ParseLLFC)
	from, ok := t.day("from", required)
	to, okTo := t.day("to", optional)
	if ok && okTo && to <= from {
		t.bad("to", to.String(), fmt.Sprintf("to is the first day the figure no longer holds: a day after %s", from))
	}
	w.From, w.To = from, to
	return w
}

// provenance is how well a figure is known and where it is from.
func (t table) provenance() (status tariffs.Status, source string) {
	if s, ok := t.text("status", required); ok {
		var err error
		if status, err = tariffs.ParseStatus(s); err != nil {
			t.d.fail(join(t.path, "status"), err)
		}
	}
	source, _ = t.text("source", required)
	return status, source
}

func (t table) factor(windows map[string]bool) tariffs.Factor {
	t.only("factor", "window", "llfc", "from", "to", "value", "status", "source")
	f := tariffs.Factor{Pos: t.d.pos(t.path), When: t.when(windows)}
	if s, ok := t.text("factor", required); ok {
		switch s {
		case "LLF":
			f.Line = series.LLF
		case "TLM":
			f.Line = series.TLM
		default:
			t.bad("factor", s, `write "LLF" for a line loss factor or "TLM" for a transmission loss multiplier`)
		}
	}
	if f.Published = t.m["value"] == "published"; !f.Published {
		f.Value, _ = t.figure("value", required)
	}
	f.Status, f.Source = t.provenance()
	return f
}
