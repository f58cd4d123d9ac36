package toml

import (
	"bytes"
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"

	gotoml "github.com/pelletier/go-toml/v2"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// Limits of a file.
const (
	maxBytes    = 1 << 20
	maxRates    = 10_000
	maxFactors  = 10_000
	maxWindows  = 256
	maxCapacity = 1_000
	maxTriads   = 100
	maxChanges  = 999 // and the terms at the top make a thousand
	maxRelated  = 100
	maxTags     = 32
	maxErrors   = 20
)

const version = 1

// byteOrderMark may stand at the start of a file; some editors write it. It is
// not counted in the columns of the first line.
var byteOrderMark = []byte("\xef\xbb\xbf")

// document is a decoded file with the places of its keys, and the errors found
// in it so far.
type document struct {
	source string
	index  *index
	kind   error // tariffs.ErrTariff or tariffs.ErrSupply
	errs   []*tariffs.Error
	root   table
}

// table is one table of a document.
type table struct {
	d    *document
	path string // "" is the document
	m    map[string]any
}

// open decodes a file. The keys its top level may have are known.
func open(source string, b []byte, kind error, known ...string) (*document, error) {
	whole := func(line, column int, want string) error {
		return &tariffs.Error{Pos: series.Pos{Source: source, Line: line, Column: column}, Want: want, Err: kind}
	}
	if len(b) > maxBytes {
		return nil, whole(0, 0, fmt.Sprintf("the file has %d bytes, at most %d (1 MiB) are read; split it by year", len(b), maxBytes))
	}
	b = bytes.TrimPrefix(b, byteOrderMark)
	x, err := newIndex(b)
	if err != nil {
		var oe *offsetError
		errors.As(err, &oe)
		line, column := x.lineColumn(oe.offset)
		return nil, whole(line, column, "this is not TOML as these files use it: "+err.Error())
	}
	d := &document{source: source, index: x, kind: kind}
	var m map[string]any
	if err := gotoml.Unmarshal(b, &m); err != nil {
		var de *gotoml.DecodeError
		if !errors.As(err, &de) {
			return nil, whole(0, 0, err.Error())
		}
		line, column := de.Position()
		at := x.keyBefore(x.lines[line-1] + column - 1)
		line, column = x.lineColumn(at)
		text, _, _ := strings.Cut(string(b[at:]), "\n")
		return nil, &tariffs.Error{Pos: series.Pos{Source: source, Line: line, Column: column},
			Value: strings.TrimSpace(text), Want: strings.TrimPrefix(de.Error(), "toml: "), Err: kind}
	}
	d.root = table{d: d, m: m}
	d.checkVersion()
	d.root.only(append(known, "version", "name", "description")...)
	d.root.text("description", optional)
	return d, nil
}

func (d *document) checkVersion() {
	switch v := d.root.m["version"].(type) {
	case nil:
		d.fail("", &tariffs.Error{Value: "version", Want: "the key is missing; write version = 1 in the first line", Err: d.kind})
	case int64:
		if v != version {
			d.fail("version", &tariffs.Error{Value: fmt.Sprint(v), Want: "this program reads version 1; a newer one may read this file", Err: d.kind})
		}
	default:
		d.fail("version", &tariffs.Error{Value: fmt.Sprint(v), Want: "write version = 1, without quotes", Err: d.kind})
	}
}

// pos is the place of a key. A path that is not in the file, such as that of a
// missing key, has the place of the file.
func (d *document) pos(path string) series.Pos {
	p := series.Pos{Source: d.source}
	if at, ok := d.index.offset(path); ok {
		p.Line, p.Column = d.index.lineColumn(at)
	}
	return p
}

// fail keeps an error, located at a path. Errors that come without item, value
// or advice of their own are taken in.
func (d *document) fail(path string, err error) {
	if len(d.errs) == maxErrors {
		return
	}
	var te *tariffs.Error
	var se *settlement.Error
	out := &tariffs.Error{Want: err.Error(), Err: d.kind}
	if errors.As(err, &te) {
		*out = *te
	} else if errors.As(err, &se) {
		*out = tariffs.Error{Value: se.Value, Want: "write " + se.Want, Err: fmt.Errorf("%w: %w", d.kind, se.Err)}
	}
	out.Pos = d.pos(path)
	d.errs = append(d.errs, out)
}

// err is everything found, in the order of the file.
func (d *document) err() error {
	sort.SliceStable(d.errs, func(i, j int) bool {
		a, b := d.errs[i].Pos, d.errs[j].Pos
		return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
	})
	switch len(d.errs) {
	case 0:
		return nil
	case 1:
		return d.errs[0]
	}
	all := make(series.Errors, len(d.errs))
	for i, e := range d.errs {
		all[i] = e
	}
	return all
}

// need says whether a key may be left out.
type need bool

const (
	required need = true
	optional need = false
)

func (t table) bad(key, value, want string) {
	t.d.fail(join(t.path, key), &tariffs.Error{Value: value, Want: want, Err: t.d.kind})
}

func (t table) missing(key, example string) {
	t.d.fail(t.path, &tariffs.Error{Value: key, Want: "the key is missing; write, for example, " + key + " = " + example, Err: t.d.kind})
}

// only refuses keys that are not known, in the order of the file.
func (t table) only(known ...string) {
	var unknown []string
	for k := range t.m {
		if !contains(known, k) {
			unknown = append(unknown, k)
		}
	}
	sort.Slice(unknown, func(i, j int) bool {
		a, _ := t.d.index.offset(join(t.path, unknown[i]))
		b, _ := t.d.index.offset(join(t.path, unknown[j]))
		return a < b
	})
	for _, k := range unknown {
		if len(t.d.errs) == maxErrors {
			return
		}
		t.bad(k, k, "unknown key; the keys here are "+strings.Join(known, ", "))
	}
}

func contains(all []string, s string) bool {
	for _, a := range all {
		if a == s {
			return true
		}
	}
	return false
}

// examples are what each key looks like, for messages.
var examples = map[string]string{
	"name":        `"West Midlands LV 2024/25"`,
	"description": `"in a few words"`,
	"item":        `"duos-red"`,
	"items":       `["energy-unit", "losses-distribution"]`,
	"window":      `"red"`,
	"llfc":        `["127"]`,
	"from":        "2024-04-01",
	"to":          "2025-04-01",
	"price":       `"4.331 p/kWh"`,
	"value":       `"1.080"`,
	"factor":      `"LLF"`,
	"status":      `"confirmed"`,
	"source":      `"the publication or contract the figure is from"`,
	"mpan":        `"1400000000001"`,
	"distributor": `"14"`,
	"gsp_group":   `"_E"`,
	"kva":         `"70"`,
	"bands":       `["HV2"]`,
	"at":          `"NBP"`,
	"of":          `["energy-unit", "losses-distribution"]`,
	"year":        "2025-04-01",
	"direction":   `"import"`,
	"since":       "2025-05-01",
	"related":     `["1400000000127"]`,
	"tnuos_band":  `"HV2"`,
	"eii_exempt":  `"85 %"`,
	"ccl_share":   `"80 %"`,
	"ccl_relief":  `"92 %"`,
	"qualifying":  `"40 %"`,
	"kw":          `"840.0"`,
	"llf":         `"1.056"`,
}

// text is a string, not empty.
func (t table) text(key string, n need) (string, bool) {
	return t.textLike(key, examples[key], n)
}

func (t table) textLike(key, example string, n need) (string, bool) {
	switch v := t.m[key].(type) {
	case nil:
		if n == required {
			t.missing(key, example)
		}
		return "", false
	case string:
		if strings.TrimSpace(v) == "" {
			t.bad(key, v, "it is empty; write, for example, "+key+" = "+example)
			return "", false
		}
		return v, key == "description" || t.printable(key, v)
	case int64, float64:
		t.bad(key, fmt.Sprint(v), "a number without quotes is not exact; write it as a string: "+key+" = "+example)
	default:
		t.bad(key, show(v), "write a string: "+key+" = "+example)
	}
	return "", false
}

// list is an array of strings, not empty.
func (t table) list(key string, n need) ([]string, bool) {
	all, ok := t.listLike(key, examples[key], n)
	for _, s := range all {
		if ok && !t.printable(key, s) {
			return nil, false
		}
	}
	return all, ok
}

// printable refuses a text that would not read as it is written, on a bill or
// in a message.
func (t table) printable(key, s string) bool {
	if !series.Printable(s) {
		t.bad(key, s, "write it in one line, without characters of control or format")
		return false
	}
	return true
}

// name reports whether parse takes a text for a class or a band.
func (t table) name(key, s string, parse func(string) (string, error)) bool {
	_, err := parse(s)
	if err != nil {
		t.bad(key, s, err.(*tariffs.Error).Want)
	}
	return err == nil
}

// names are those of a list of classes or bands.
func (t table) names(key string, parse func(string) (string, error)) []string {
	all, _ := t.list(key, optional)
	for _, s := range all {
		if !t.name(key, s, parse) {
			return nil
		}
	}
	return all
}

func (t table) listLike(key, example string, n need) ([]string, bool) {
	v, ok := t.m[key]
	if !ok {
		if n == required {
			t.missing(key, example)
		}
		return nil, false
	}
	all, _ := v.([]any)
	out := make([]string, 0, len(all))
	for _, e := range all {
		if s, ok := e.(string); ok && strings.TrimSpace(s) != "" {
			out = append(out, s)
		}
	}
	if len(out) == 0 || len(out) < len(all) {
		t.bad(key, show(v), "write a list of strings: "+key+" = "+example)
		return nil, false
	}
	return out, true
}

// day is a TOML local date.
func (t table) day(key string, n need) (settlement.Day, bool) {
	switch v := t.m[key].(type) {
	case nil:
		if n == required {
			t.missing(key, examples[key])
		}
	case gotoml.LocalDate:
		d, err := settlement.NewDay(v.Year, time.Month(v.Month), v.Day)
		if err != nil {
			t.d.fail(join(t.path, key), err)
			return 0, false
		}
		return d, true
	default:
		t.bad(key, show(v), "write a date without quotes or time: "+key+" = "+examples[key])
	}
	return 0, false
}

// tables are the tables of [[key]], at most limit.
func (t table) tables(key string, limit int) []table {
	v, ok := t.m[key]
	if !ok {
		return nil
	}
	all, _ := v.([]any)
	if len(all) > limit {
		t.bad(key, fmt.Sprint(len(all)), fmt.Sprintf("at most %d of these in a file; split it by year", limit))
		return nil
	}
	out := make([]table, 0, len(all))
	for i, e := range all {
		if m, ok := e.(map[string]any); ok {
			out = append(out, table{t.d, element(join(t.path, key), i), m})
		}
	}
	if len(out) == 0 || len(out) < len(all) {
		t.bad(key, show(v), "begin each of these with a line [["+key+"]]")
		return nil
	}
	return out
}

// show is a value of the wrong kind, for a message.
func show(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case map[string]any:
		return "a table"
	case []any:
		return fmt.Sprintf("a list of %d", len(v))
	}
	return fmt.Sprint(v)
}
