package spec

import (
	"fmt"
	"maps"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// usual is the supply of a specification that says nothing of it: one at high
// voltage in the West Midlands, of a number that is nobody's.
var usual = map[string]string{"mpan": "1400000000118", "distributor": "14", "gsp-group": "_E", "llfc": "H02"}

// supplying is a supply block being read.
type supplying struct {
	supply *tariffs.Supply
	starts map[settlement.Day]bool // days from which terms hold
	terms  []func(*tariffs.Terms, settlement.Day)
}

// supplied makes the supply.
func (s *scene) supplied() (*tariffs.Supply, error) {
	r := supplying{supply: &tariffs.Supply{}, starts: map[settlement.Day]bool{0: true}}
	for _, key := range slices.Sorted(maps.Keys(usual)) {
		if slices.ContainsFunc(s.supply, func(e entry) bool { return e.about == key }) {
			continue
		}
		if err := r.key(key, []string{usual[key]}); err != nil {
			return nil, err
		}
	}
	for _, e := range s.supply {
		if err := r.key(e.about, e.texts()[1:]); err != nil {
			return nil, &Mistake{s.file, e.number, err.Error()}
		}
		r.supply.Pos = s.pos(&e.line)
	}
	for _, day := range slices.Sorted(maps.Keys(r.starts)) {
		t := tariffs.Terms{From: day}
		for _, state := range r.terms {
			state(&t, day)
		}
		r.supply.Terms = append(r.supply.Terms, t)
	}
	return r.supply, r.supply.Validate()
}

// key reads what follows a key of a supply block.
func (r *supplying) key(key string, args []string) (err error) {
	from := settlement.Day(0)
	if n := len(args); n >= 2 && args[n-2] == "from" {
		if from, err = settlement.ParseDay(args[n-1]); err != nil {
			return err
		}
		args = args[:n-2]
	}
	if len(args) == 0 && key != "export" {
		return fmt.Errorf("%s has a value", key)
	}
	switch key {
	case "mpan":
		r.supply.MPAN, err = settlement.ParseMPAN(args[0])
	case "distributor":
		r.supply.Distributor, err = settlement.ParseDistributor(args[0])
	case "gsp-group":
		r.supply.GSPGroup, err = settlement.ParseGSPGroup(args[0])
	case "export":
		r.supply.Export = true
	case "since":
		r.supply.Since, err = settlement.ParseDay(args[0])
	case "related":
		for _, a := range args {
			m, err := settlement.ParseMPAN(a)
			if err != nil {
				return err
			}
			r.supply.Related = append(r.supply.Related, m)
		}
	case "capacity":
		c := tariffs.Capacity{From: max(from, settlement.MinDay)}
		c.KVA, err = tariffs.ParseFigure(args[0])
		r.supply.Capacity = append(r.supply.Capacity, c)
	case "triad":
		err = triad(r.supply, args)
	default:
		return r.term(key, args, from)
	}
	return err
}

// term reads a key whose value may change.
func (r *supplying) term(key string, args []string, from settlement.Day) error {
	var set func(*tariffs.Terms)
	switch key {
	case "llfc":
		set = func(t *tariffs.Terms) { t.LLFC = args[0] }
	case "tnuos-band":
		set = func(t *tariffs.Terms) { t.Band = args[0] }
	case "eii-exempt", "ccl-share", "ccl-relief", "qualifying":
		part, err := share(args)
		if err != nil {
			return err
		}
		set = func(t *tariffs.Terms) {
			*map[string]*decimal.Decimal{"eii-exempt": &t.EIIExempt, "ccl-share": &t.CCLShare, "ccl-relief": &t.CCLRelief, "qualifying": &t.Qualifying}[key] = part
		}
	default:
		return fmt.Errorf("%q is no key of a supply", key)
	}
	r.starts[from] = true
	r.terms = append(r.terms, func(t *tariffs.Terms, day settlement.Day) {
		if day >= from {
			set(t)
		}
	})
	return nil
}

// share reads "85 %" as a fraction.
func share(args []string) (decimal.Decimal, error) {
	if len(args) != 2 || args[1] != "%" {
		return decimal.Decimal{}, fmt.Errorf("write a share as 85 %%")
	}
	v, err := tariffs.ParseFigure(args[0])
	return v.Shift(-2), err
}

// triad reads "2025-11-20/34 840 kW [LLF 1.056]".
func triad(sup *tariffs.Supply, args []string) error {
	d := tariffs.TriadDemand{LLF: decimal.NewFromInt(1)}
	if len(args) != 3 && (len(args) != 5 || args[3] != "LLF") || args[2] != "kW" {
		return fmt.Errorf("write the demand in a Triad as triad 2025-11-20/34 840 kW LLF 1.056")
	}
	var err error
	if d.At, err = period(args[0]); err != nil {
		return err
	}
	if d.KW, err = tariffs.ParseFigure(args[1]); err != nil {
		return err
	}
	if len(args) == 5 {
		d.LLF, err = tariffs.ParseFigure(args[4])
	}
	sup.Triads = append(sup.Triads, d)
	return err
}
