package toml

import (
	"maps"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// termKeys are the facts that a change may restate.
var termKeys = []string{"llfc", "tnuos_band", "eii_exempt", "ccl_share", "ccl_relief", "qualifying"}

// ParseSupply reads a supply file and validates the supply; name is the
// file's, for messages.
func ParseSupply(name string, b []byte) (*tariffs.Supply, error) {
	known := append([]string{"mpan", "distributor", "gsp_group", "direction", "since", "related"}, termKeys...)
	d, err := open(name, b, tariffs.ErrSupply, append(known, "capacity", "change", "triad", "tags")...)
	if err != nil {
		return nil, err
	}
	t := d.root
	t.text("name", optional)
	s := &tariffs.Supply{Pos: d.pos("mpan")}
	s.MPAN = parsed(t, "mpan", settlement.ParseMPAN)
	s.Distributor = parsed(t, "distributor", settlement.ParseDistributor)
	s.GSPGroup = parsed(t, "gsp_group", settlement.ParseGSPGroup)
	s.Export = t.choice("direction", "import", "export") == "export"
	s.Since, _ = t.day("since", optional)
	s.Related = t.related(s.MPAN)
	s.Terms = d.terms()
	for _, c := range t.tables("capacity", maxCapacity) {
		s.Capacity = append(s.Capacity, c.capacity())
	}
	s.Triads = d.demands()
	s.Tags = d.tags()
	if len(d.errs) == 0 {
		d.checkCapacity(s)
		d.checkTerms(s)
		d.checkDemands(s)
	}
	if err := d.err(); err != nil {
		return nil, err
	}
	if err := s.Validate(); err != nil {
		return nil, err
	}
	return s, nil
}

// parsed is a required string that a parser of the settlement package reads.
func parsed[T any](t table, key string, parse func(string) (T, error)) T {
	var v T
	s, ok := t.text(key, required)
	if !ok {
		return v
	}
	v, err := parse(s)
	if err != nil {
		t.d.fail(key, err)
	}
	return v
}

// related are the other MPANs of the connection.
func (t table) related(own settlement.MPAN) []settlement.MPAN {
	names, _ := t.list("related", optional)
	if len(names) > maxRelated {
		t.bad("related", show(t.m["related"]), "at most 100 related MPANs")
		return nil
	}
	var out []settlement.MPAN
	seen := map[settlement.MPAN]bool{own: true}
	for _, n := range names {
		m, err := settlement.ParseMPAN(n)
		switch {
		case err != nil:
			t.d.fail("related", err)
		case seen[m]:
			t.bad("related", n, "a related MPAN is another one than the supply's own; name each once")
		default:
			out, seen[m] = append(out, m), true
		}
	}
	return out
}

// terms are those at the top of the file and after each [[change]], which
// leaves alone what it does not name.
func (d *document) terms() []tariffs.Terms {
	var first tariffs.Terms
	if s, ok := d.root.textLike("llfc", `"127"`, required); ok && d.root.name("llfc", s, tariffs.ParseLLFC) {
		first.LLFC = s
	}
	d.root.shares(&first)
	out := []tariffs.Terms{first}
	for _, t := range d.root.tables("change", maxChanges) {
		t.only(append([]string{"from"}, termKeys...)...)
		next := out[len(out)-1]
		next.From, _ = t.day("from", required)
		if s, ok := t.textLike("llfc", `"127"`, optional); ok && t.name("llfc", s, tariffs.ParseLLFC) {
			next.LLFC = s
		}
		t.shares(&next)
		if !t.any(termKeys...) {
			t.d.fail(t.path, &tariffs.Error{Value: "change", Want: `a change says what changes, such as llfc = "129" or eii_exempt = "85 %"`, Err: d.kind})
		}
		out = append(out, next)
	}
	return out
}

// shares reads the keys that the top of the file and a change share.
func (t table) shares(into *tariffs.Terms) {
	if s, ok := t.text("tnuos_band", optional); ok && t.name("tnuos_band", s, tariffs.ParseBand) {
		into.Band = s
	}
	t.share("eii_exempt", &into.EIIExempt)
	t.share("ccl_share", &into.CCLShare)
	t.share("ccl_relief", &into.CCLRelief)
	t.share("qualifying", &into.Qualifying)
}

// any reports whether one of the keys is written.
func (t table) any(keys ...string) bool {
	for _, k := range keys {
		if _, ok := t.m[k]; ok {
			return true
		}
	}
	return false
}

func (t table) capacity() tariffs.Capacity {
	t.only("from", "kva")
	var c tariffs.Capacity
	c.From, _ = t.day("from", required)
	c.KVA, _ = t.figure("kva", required)
	return c
}

// demands reads every [[triad]]. Without an LLF the demand is what it is at
// the grid supply point.
func (d *document) demands() []tariffs.TriadDemand {
	var out []tariffs.TriadDemand
	seen := map[settlement.Period]bool{}
	for _, t := range d.root.tables("triad", maxTriads) {
		t.only("at", "kw", "llf")
		demand := tariffs.TriadDemand{LLF: decimal.NewFromInt(1)}
		if s, ok := t.textLike("at", `"2025-11-20/34"`, required); ok {
			if demand.At, ok = t.triadTime("at", s); ok && seen[demand.At] {
				t.bad("at", s, "state the demand of each Triad once")
			}
			seen[demand.At] = ok
		}
		demand.KW, _ = t.figure("kw", required)
		if llf, ok := t.figure("llf", optional); ok {
			demand.LLF = llf
		}
		out = append(out, demand)
	}
	return out
}

// tags are the [tags], in order of name.
func (d *document) tags() []tariffs.Tag {
	v, ok := d.root.m["tags"]
	if !ok {
		return nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		d.root.bad("tags", show(v), "begin the tags with a line [tags]")
		return nil
	}
	if len(m) > maxTags {
		d.root.bad("tags", strconv.Itoa(len(m)), "at most 32 tags")
		return nil
	}
	var out []tariffs.Tag
	t := table{d, "tags", m}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		value, ok := t.textLike(name, `"Leeds"`, required)
		if !ok {
			continue
		}
		tag, err := tariffs.ParseTag(name, value)
		if err != nil {
			d.fail(join("tags", name), err)
			continue
		}
		out = append(out, tag)
	}
	return out
}

// checkCapacity asks Validate about each capacity by itself and after the one
// before it, so that what it refuses has a line.
func (d *document) checkCapacity(s *tariffs.Supply) {
	for i := range s.Capacity {
		of := bare(s)
		path := element("capacity", i)
		of.Capacity = s.Capacity[i : i+1]
		if err := of.Validate(); err != nil {
			d.fail(join(path, "kva"), err)
			continue
		}
		of.Capacity = s.Capacity[max(0, i-1) : i+1]
		if err := of.Validate(); err != nil {
			d.fail(join(path, "from"), err)
		}
	}
}

// checkTerms does so with the terms. Shares are in range already: what is left
// is half a relief from CCL, and changes out of order.
func (d *document) checkTerms(s *tariffs.Supply) {
	written := append([]table{d.root}, d.root.tables("change", maxChanges)...)
	for i, in := range written {
		of, path := bare(s), in.path
		of.Terms = s.Terms[i : i+1]
		if err := of.Validate(); err != nil {
			for _, key := range []string{"ccl_share", "ccl_relief"} {
				if in.any(key) {
					path = join(in.path, key)
				}
			}
			d.fail(path, err)
			return // what follows inherits it
		}
		of.Terms = s.Terms[max(0, i-1) : i+1]
		if err := of.Validate(); err != nil {
			d.fail(join(path, "from"), err)
		}
	}
}

// checkDemands does so with the demand in each Triad: first the kW, then the
// LLF.
func (d *document) checkDemands(s *tariffs.Supply) {
	for i, demand := range s.Triads {
		of, path := bare(s), element("triad", i)
		one := demand
		one.LLF = decimal.NewFromInt(1)
		of.Triads = []tariffs.TriadDemand{one}
		if err := of.Validate(); err != nil {
			d.fail(join(path, "kw"), err)
			continue
		}
		of.Triads[0] = demand
		if err := of.Validate(); err != nil {
			d.fail(join(path, "llf"), err)
		}
	}
}

// bare is the supply without what is checked piece by piece.
func bare(s *tariffs.Supply) tariffs.Supply {
	return tariffs.Supply{MPAN: s.MPAN, Distributor: s.Distributor, Pos: s.Pos, Terms: []tariffs.Terms{{LLFC: s.Terms[0].LLFC}}}
}
