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

// supplied makes the supply.
func (s *scene) supplied() (*tariffs.Supply, error) {
	sup := &tariffs.Supply{}
	terms := map[settlement.Day]*tariffs.Terms{}
	var dated []func(*tariffs.Terms, settlement.Day)
	stated := map[string]bool{}
	for _, e := range s.supply {
		stated[e.about] = true
	}
	for _, key := range slices.Sorted(maps.Keys(usual)) {
		if !stated[key] {
			if err := s.key(sup, terms, &dated, []string{key, usual[key]}); err != nil {
				return nil, err
			}
		}
	}
	for _, e := range s.supply {
		if err := s.key(sup, terms, &dated, e.texts()); err != nil {
			return nil, &Mistake{s.file, e.number, err.Error()}
		}
		sup.Pos = s.pos(&e.line)
	}
	if terms[0] == nil {
		terms[0] = &tariffs.Terms{}
	}
	for _, day := range slices.Sorted(maps.Keys(terms)) {
		t := tariffs.Terms{From: day}
		for _, state := range dated {
			state(&t, day)
		}
		sup.Terms = append(sup.Terms, t)
	}
	return sup, sup.Validate()
}

// key reads a line of a supply block.
func (s *scene) key(sup *tariffs.Supply, terms map[settlement.Day]*tariffs.Terms, dated *[]func(*tariffs.Terms, settlement.Day), args []string) (err error) {
	key, args := args[0], args[1:]
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
	term := func(set func(*tariffs.Terms)) error {
		terms[from] = &tariffs.Terms{}
		*dated = append(*dated, func(t *tariffs.Terms, day settlement.Day) {
			if day >= from {
				set(t)
			}
		})
		return nil
	}
	switch key {
	case "mpan":
		sup.MPAN, err = settlement.ParseMPAN(args[0])
	case "distributor":
		sup.Distributor, err = settlement.ParseDistributor(args[0])
	case "gsp-group":
		sup.GSPGroup, err = settlement.ParseGSPGroup(args[0])
	case "export":
		sup.Export = true
	case "since":
		sup.Since, err = settlement.ParseDay(args[0])
	case "related":
		for _, a := range args {
			m, err := settlement.ParseMPAN(a)
			if err != nil {
				return err
			}
			sup.Related = append(sup.Related, m)
		}
	case "capacity":
		c := tariffs.Capacity{From: max(from, settlement.MinDay)}
		c.KVA, err = tariffs.ParseFigure(args[0])
		sup.Capacity = append(sup.Capacity, c)
	case "triad":
		return triad(sup, args)
	case "llfc":
		return term(func(t *tariffs.Terms) { t.LLFC = args[0] })
	case "tnuos-band":
		return term(func(t *tariffs.Terms) { t.Band = args[0] })
	case "eii-exempt", "ccl-share", "ccl-relief", "qualifying":
		part, err := share(args)
		if err != nil {
			return err
		}
		return term(func(t *tariffs.Terms) {
			*map[string]*decimal.Decimal{"eii-exempt": &t.EIIExempt, "ccl-share": &t.CCLShare, "ccl-relief": &t.CCLRelief, "qualifying": &t.Qualifying}[key] = part
		})
	default:
		return fmt.Errorf("%q is no key of a supply", key)
	}
	return err
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
