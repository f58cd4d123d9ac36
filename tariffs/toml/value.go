package toml

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// choice is one of a few words, the first of which is what a missing key means.
func (t table) choice(key string, words ...string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = strconv.Quote(w)
	}
	s, ok := t.textLike(key, quoted[0], optional)
	if !ok {
		return words[0]
	}
	if !contains(words, s) {
		t.bad(key, s, "write "+strings.Join(quoted, " or "))
		return words[0]
	}
	return s
}

// flag is true or false; missing is what a missing key means.
func (t table) flag(key string, missing bool) bool {
	switch v := t.m[key].(type) {
	case nil:
	case bool:
		return v
	default:
		t.bad(key, show(v), fmt.Sprintf("write %s = true or %s = false, without quotes", key, key))
	}
	return missing
}

// figure is a plain decimal.
func (t table) figure(key string, n need) (decimal.Decimal, bool) {
	s, ok := t.text(key, n)
	if !ok {
		return decimal.Decimal{}, false
	}
	v, err := tariffs.ParseFigure(s)
	if err != nil {
		t.d.fail(join(t.path, key), err)
		return decimal.Decimal{}, false
	}
	return v, true
}

// price is a required price of any unit.
func (t table) price(key string) (p tariffs.Price, ok bool) {
	s, ok := t.text(key, required)
	if !ok {
		return p, false
	}
	p, err := tariffs.ParsePrice(s)
	if err != nil {
		t.d.fail(join(t.path, key), err)
	}
	return p, err == nil
}

// shareDecimals are those of a share as a fraction: one of per cent.
const shareDecimals = 3

// share reads a percentage of the supply as a fraction, if the key is there.
func (t table) share(key string, into *decimal.Decimal) {
	s, ok := t.text(key, optional)
	if !ok {
		return
	}
	p, err := tariffs.ParsePrice(s)
	if err != nil || p.Basis != tariffs.Percent || p.GBP.IsNegative() || p.GBP.GreaterThan(decimal.NewFromInt(1)) ||
		!p.GBP.Shift(shareDecimals).IsInteger() {
		t.bad(key, s, "a share is from 0 to 100 with at most 1 decimal, a space and %: "+key+" = "+examples[key])
		return
	}
	*into = p.GBP
}

// halfHour reads a local date and the number of a settlement period, as
// settlement.Period prints them.
func (t table) halfHour(key, s string) (settlement.Period, bool) {
	date, number, cut := strings.Cut(s, "/")
	n, err := strconv.ParseUint(number, 10, 8)
	if !cut || err != nil || len(number) > 2 {
		t.bad(key, s, `write a date and the number of a settlement period, such as "2025-11-20/34"`)
		return 0, false
	}
	day, err := settlement.ParseDay(date)
	if err != nil {
		t.d.fail(join(t.path, key), err)
		return 0, false
	}
	p, err := day.Period(int(n))
	if err != nil {
		t.d.fail(join(t.path, key), err)
		return 0, false
	}
	return p, true
}

// triadTime reads a half-hour that may be a Triad: those are looked for from
// November to February only.
func (t table) triadTime(key, s string) (settlement.Period, bool) {
	p, ok := t.halfHour(key, s)
	if !ok {
		return 0, false
	}
	if _, m, _ := p.Day().Date(); m > 2 && m < 11 {
		t.bad(key, s, "a Triad is a half-hour of November to February")
		return 0, false
	}
	return p, true
}
