package toml

import (
	"fmt"

	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// conventions reads [conventions]. What is not written is what most contracts
// do: the first word of each.
func (d *document) conventions() tariffs.Conventions {
	v, ok := d.root.m["conventions"]
	if !ok {
		return tariffs.Conventions{}
	}
	m, ok := v.(map[string]any)
	if !ok {
		d.root.bad("conventions", show(v), `write [conventions] and below it lines such as vat_rounding = "down"`)
		return tariffs.Conventions{}
	}
	t := table{d, "conventions", m}
	t.only("vat_rounding", "excess_days", "de_minimis", "unconfirmed")
	return tariffs.Conventions{
		VATDown:     t.choice("vat_rounding", "half-up", "down") == "down",
		ExcessMonth: t.choice("excess_days", "billed", "month") == "month",
		NoDeMinimis: !t.flag("de_minimis", true),
		Unconfirmed: t.choice("unconfirmed", "refuse", "accept") == "accept",
	}
}

// triads reads every [[triads]]: one for a charging year.
func (d *document) triads() []tariffs.Triads {
	var out []tariffs.Triads
	seen := map[settlement.Day]bool{}
	for _, t := range d.root.tables("triads", maxTriads) {
		t.only("year", "at", "status", "source")
		y := tariffs.Triads{Pos: d.pos(t.path)}
		var ok bool
		if y.Year, ok = t.day("year", required); ok {
			from, to := y.Year.ChargingYear()
			if seen[from] {
				t.bad("year", y.Year.String(), fmt.Sprintf("the Triads of the charging year from %s are stated already; state them once", from))
			}
			seen[from] = true
			t.threeTriads(&y, from, to)
		}
		y.Status, y.Source = t.provenance()
		out = append(out, y)
	}
	return out
}

// threeTriads reads the half-hours of one charging year.
func (t table) threeTriads(y *tariffs.Triads, from, to settlement.Day) {
	const example = `["2025-11-20/34", "2026-01-05/35", "2026-02-03/37"]`
	all, ok := t.listLike("at", example, required)
	if !ok {
		return
	}
	if len(all) != len(y.At) {
		t.bad("at", fmt.Sprintf("a list of %d", len(all)), "a charging year has three Triads: at = "+example)
		return
	}
	for i, s := range all {
		p, ok := t.triadTime("at", s)
		if !ok {
			return
		}
		if d := p.Day(); d < from || d >= to {
			t.bad("at", s, fmt.Sprintf("outside the charging year from %s; its Triads are from November to February", from))
			return
		}
		for _, other := range y.At[:i] {
			if other == p {
				t.bad("at", s, "name three different half-hours")
				return
			}
			if !tariffs.Apart(other, p) {
				t.bad("at", s, fmt.Sprintf("the Triads of a year have at least %d clear days between them, and %s is another; state those NESO published", tariffs.TriadGap, other))
				return
			}
		}
		y.At[i] = p
	}
}
