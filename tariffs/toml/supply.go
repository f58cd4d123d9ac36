package toml

import (
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// ParseSupply reads a supply file and validates the supply; name is the
// file's, for messages.
func ParseSupply(name string, b []byte) (*tariffs.Supply, error) {
	d, err := open(name, b, tariffs.ErrSupply, "mpan", "distributor", "llfc", "gsp_group", "capacity")
	if err != nil {
		return nil, err
	}
	t := d.root
	t.text("name", optional)
	s := &tariffs.Supply{Pos: d.pos("mpan")}
	s.MPAN = parsed(t, "mpan", settlement.ParseMPAN)
	s.Distributor = parsed(t, "distributor", settlement.ParseDistributor)
	s.GSPGroup = parsed(t, "gsp_group", settlement.ParseGSPGroup)
	llfc, _ := t.textLike("llfc", `"127"`, required)
	s.Terms = []tariffs.Terms{{LLFC: llfc}}
	for _, c := range t.tables("capacity", maxCapacity) {
		s.Capacity = append(s.Capacity, c.capacity())
	}
	if len(d.errs) == 0 {
		d.checkCapacity(s)
	}
	if err := d.err(); err != nil {
		return nil, err
	}
	return s, s.Validate()
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

func (t table) capacity() tariffs.Capacity {
	t.only("from", "kva")
	var c tariffs.Capacity
	c.From, _ = t.day("from", required)
	if s, ok := t.text("kva", required); ok {
		var err error
		if c.KVA, err = tariffs.ParseFigure(s); err != nil {
			t.d.fail(join(t.path, "kva"), err)
		}
	}
	return c
}

// checkCapacity asks Validate about each capacity by itself and after the one
// before it, so that what it refuses has a line.
func (d *document) checkCapacity(s *tariffs.Supply) {
	for i := range s.Capacity {
		of := *s
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
