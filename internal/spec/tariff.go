package spec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
	"github.com/halfhour/halfhour/tariffs/gb"
)

// subjects are what a line of a tariff block is about: its items, or its first
// word (with the second for a convention). A name that comes again is the price:
// rcrc is an item, and the line of the market that it follows.
func subjects(l *line) (out []string) {
	for _, w := range l.words {
		if _, err := tariffs.ParseItem(w.text); err != nil || w.quoted || slices.Contains(out, w.text) {
			break
		}
		out = append(out, w.text)
	}
	switch {
	case out != nil:
		return out
	case l.words[0].text == "convention" && len(l.words) > 1:
		return []string{"convention " + l.words[1].text}
	}
	return []string{l.words[0].text}
}

// reading is a tariff block being read.
type reading struct {
	scene     *scene
	tariff    *tariffs.Tariff
	windows   map[string]string
	published bool
}

// priced makes the tariff.
func (s *scene) priced() (*tariffs.Tariff, error) {
	r := reading{s, &tariffs.Tariff{Name: "specification"}, map[string]string{}, false}
	for i := range s.tariff {
		e := &s.tariff[i]
		if err := r.entry(e); err != nil {
			return nil, &Mistake{s.file, e.number, err.Error()}
		}
	}
	if !r.published {
		return r.tariff, nil
	}
	sup, err := s.supplied()
	if err != nil {
		return nil, err
	}
	book, err := gb.Book(sup.Distributor, sup.GSPGroup)
	if err != nil {
		return nil, err
	}
	return r.tariff.Publish(book)
}

// entry reads one line of a tariff block for what it is about.
func (r *reading) entry(e *entry) error {
	switch kind, named, _ := strings.Cut(e.about, " "); kind {
	case "convention":
		return r.convention(named, e.words[2:])
	case "triads":
		return r.triads(e)
	case "LLF", "TLM":
		return r.factor(e)
	}
	item, err := tariffs.ParseItem(e.about)
	if err != nil {
		return err
	}
	rate := tariffs.Rate{Items: []tariffs.Item{item}, Status: tariffs.Confirmed, Source: "stated", Pos: r.scene.pos(&e.line)}
	price, err := r.when(&rate, e.words[len(subjects(&e.line)):])
	if err != nil {
		return err
	}
	if rate.Price, err = tariffs.ParsePrice(price); err != nil {
		return err
	}
	r.published = r.published || rate.Price.Published
	r.tariff.Rates = append(r.tariff.Rates, rate)
	return nil
}

// when reads [WINDOW ["CLAUSES" …]] PRICE [OPTIONS] and gives the price.
func (r *reading) when(rate *tariffs.Rate, words []word) (price string, err error) {
	if len(words) > 0 && !isPrice(words[0].text) {
		rate.When.Window, words = words[0].text, words[1:]
		var clauses []string
		for len(words) > 0 && words[0].quoted {
			clauses, words = append(clauses, words[0].text), words[1:]
		}
		if err := r.window(rate.When.Window, clauses); err != nil {
			return "", err
		}
	}
	var of []string
	for len(words) > 0 && !slices.Contains(options, words[0].text) {
		of, words = append(of, words[0].text), words[1:]
	}
	for len(words) > 0 {
		if words, err = r.option(rate, words); err != nil {
			return "", err
		}
	}
	return strings.Join(of, " "), nil
}

// isPrice tells a price from the name of a window.
func isPrice(s string) bool {
	_, err := tariffs.ParseFigure(s)
	_, index := tariffs.ParsePrice(s)
	return err == nil || index == nil
}

// window defines a window where clauses are given; the same once more is fine.
func (r *reading) window(name string, clauses []string) error {
	if clauses == nil {
		return nil
	}
	w, err := tariffs.ParseWindow(name, clauses...)
	if err != nil {
		return err
	}
	if before, defined := r.windows[name]; defined {
		if before != w.String() {
			return fmt.Errorf("the window %s was %q before", name, before)
		}
		return nil
	}
	r.windows[name] = w.String()
	r.tariff.Windows = append(r.tariff.Windows, w)
	return nil
}

// options are the words that may follow a price.
var options = []string{"from", "to", "llfc", "bands", "at", "of", "status", "reduced"}

func (r *reading) option(rate *tariffs.Rate, words []word) (rest []word, err error) {
	name := words[0].text
	if name == "reduced" {
		rate.Reduced = true
		return words[1:], nil
	}
	if len(words) < 2 {
		return nil, fmt.Errorf("what follows %s?", name)
	}
	value := words[1].text
	switch name {
	case "from":
		rate.When.From, err = settlement.ParseDay(value)
	case "to":
		rate.When.To, err = settlement.ParseDay(value)
	case "llfc":
		rate.When.LLFCs = strings.Split(value, ",")
	case "bands":
		rate.When.Bands = strings.Split(value, ",")
	case "at":
		rate.At = value
	case "status":
		rate.Status, err = tariffs.ParseStatus(value)
	case "of":
		for _, n := range strings.Split(value, ",") {
			item, err := tariffs.ParseItem(n)
			if err != nil {
				return nil, err
			}
			rate.Of = append(rate.Of, item)
		}
	default:
		return nil, fmt.Errorf("%q is none of %s", name, strings.Join(options, ", "))
	}
	return words[2:], err
}

// factor reads LLF or TLM [WINDOW ["CLAUSES" …]] FIGURE [OPTIONS].
func (r *reading) factor(e *entry) error {
	line, _ := series.Market().Lookup(e.about)
	var rate tariffs.Rate
	figure, err := r.when(&rate, e.words[1:])
	if err != nil {
		return err
	}
	f := tariffs.Factor{Line: line, When: rate.When, Status: max(rate.Status, tariffs.Confirmed), Source: "stated", Pos: r.scene.pos(&e.line)}
	if f.Published = figure == "published"; f.Published {
		r.published = true
	} else if f.Value, err = tariffs.ParseFigure(figure); err != nil {
		return err
	}
	r.tariff.Factors = append(r.tariff.Factors, f)
	return nil
}

// triads reads the three Triads of a charging year.
func (r *reading) triads(e *entry) error {
	if len(e.words) != 4 {
		return fmt.Errorf("a charging year has three Triads")
	}
	y := tariffs.Triads{Status: tariffs.Confirmed, Source: "stated", Pos: r.scene.pos(&e.line)}
	for i := range y.At {
		var err error
		if y.At[i], err = period(e.words[i+1].text); err != nil {
			return err
		}
	}
	y.Year = y.At[0].Day()
	r.tariff.Triads = append(r.tariff.Triads, y)
	return nil
}

func (r *reading) convention(name string, words []word) error {
	c := &r.tariff.Conventions
	value := ""
	if len(words) == 1 {
		value = words[0].text
	}
	switch name + " " + value {
	case "vat-rounding half-up":
		c.VATDown = false
	case "vat-rounding down":
		c.VATDown = true
	case "excess-days billed":
		c.ExcessMonth = false
	case "excess-days month":
		c.ExcessMonth = true
	case "de-minimis on":
		c.NoDeMinimis = false
	case "de-minimis off":
		c.NoDeMinimis = true
	case "unconfirmed refuse":
		c.Unconfirmed = false
	case "unconfirmed accept":
		c.Unconfirmed = true
	default:
		return fmt.Errorf("%q is no convention with this value", name)
	}
	return nil
}
