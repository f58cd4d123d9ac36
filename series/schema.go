package series

import "slices"

// Line is a column's place in its schema: 0 for the first.
type Line int

// Def declares a column: a cell v means v × 10^-Scale of Unit.
type Def struct {
	Name  string
	Unit  Unit
	Scale int // decimal places held, 0..MaxScale

	// Source names what one delivery restates together. Lines of one source
	// share one validity bitmap and one column of marks, and a settlement run
	// speaks for a whole day of a source or not at all.
	Source string
}

// Limits of a schema. They bound what a file or an imported record can ask for.
const (
	MaxScale = 14  // the finest charge cell: 6 decimals of kWh × 8 decimals of £/kWh
	MaxLines = 255 // lines of one schema
)

// Schema is an immutable list of lines; share it freely.
type Schema struct {
	name    string
	defs    []Def
	sources []string
	of      []int  // line -> source
	first   []Line // source -> its first line
	single  bool   // every source has exactly one line
}

// NewSchema makes a schema from its lines in order. It refuses a name or
// source that is empty, a name that stands twice, a unit or a scale that does
// not exist, and more than MaxLines lines; the error wraps ErrSchema.
func NewSchema(name string, defs ...Def) (*Schema, error) {
	if len(defs) == 0 || len(defs) > MaxLines {
		return nil, &Error{Value: name, Want: "between 1 and 255 lines", Err: ErrSchema}
	}
	s := &Schema{name: name, defs: slices.Clone(defs), of: make([]int, len(defs)), single: true}
	for i, d := range defs {
		switch {
		case d.Name == "" || d.Source == "":
			return nil, &Error{Value: d.Name, Want: "a line with a name and a source", Err: ErrSchema}
		case d.Unit == 0 || int(d.Unit) >= len(unitNames):
			return nil, &Error{Value: d.Name, Want: "a line with a unit", Err: ErrSchema}
		case d.Scale < 0 || d.Scale > MaxScale:
			return nil, &Error{Value: d.Name, Want: "a scale of 0 to 14 decimal places", Err: ErrSchema}
		case slices.ContainsFunc(defs[:i], func(e Def) bool { return e.Name == d.Name }):
			return nil, &Error{Value: d.Name, Want: "each line name once", Err: ErrSchema}
		}
		k := slices.Index(s.sources, d.Source)
		if k < 0 {
			k = len(s.sources)
			s.sources = append(s.sources, d.Source)
			s.first = append(s.first, Line(i))
		} else {
			s.single = false
		}
		s.of[i] = k
	}
	return s, nil
}

// Must is NewSchema for schemas written in the code: a mistake there panics.
func Must(s *Schema, err error) *Schema {
	if err != nil {
		panic(err)
	}
	return s
}

// Name is what the schema is called in metadata.
func (s *Schema) Name() string { return s.name }

// Len is the number of lines.
func (s *Schema) Len() int { return len(s.defs) }

// Def is the declaration of line l.
func (s *Schema) Def(l Line) Def { return s.defs[l] }

// Lookup finds a line by its name.
func (s *Schema) Lookup(name string) (Line, bool) {
	i := slices.IndexFunc(s.defs, func(d Def) bool { return d.Name == name })
	return Line(i), i >= 0
}

// SameLines says whether two schemas have the same lines in the same order: names,
// units, scales and sources. What the schemas are called may differ.
func (s *Schema) SameLines(o *Schema) bool { return s == o || slices.Equal(s.defs, o.defs) }

// Sources is the number of sources, SourceName the name of one, SourceOf the
// source of a line and FirstLine the first line of a source.
func (s *Schema) Sources() int            { return len(s.sources) }
func (s *Schema) SourceName(k int) string { return s.sources[k] }
func (s *Schema) SourceOf(l Line) int     { return s.of[l] }
func (s *Schema) FirstLine(k int) Line    { return s.first[k] }

// The lines of a meter, as the flows name them (D0036 measurement quantity).
const (
	AI Line = iota // active import, kWh
	AE             // active export, kWh
	RI             // reactive import, kVArh
	RE             // reactive export, kVArh
)

// The lines of the market: what is the same for every meter of one line loss
// factor class in one GSP group.
const (
	LLF         Line = iota // line loss factor: GSP kWh for one metered kWh
	TLM                     // transmission loss multiplier: NBP kWh for one GSP kWh
	SystemPrice             // the single imbalance price of the half-hour
	RCRC                    // residual cashflow reallocation; positive is a charge to who takes energy
	CfDRate                 // reconciled daily levy rate of Contracts for Difference
)

// The lines of a contract: what supplier and customer state for each half-hour
// of one supply.
const (
	Nominated     Line = iota // energy bought ahead for the supply, kWh at the national balancing point
	ContractPrice             // price of energy at the national balancing point
)

// Each quantity is restated on its own (a D0036 replaces MPAN × quantity ×
// settlement day), so each is a source.
var meter = Must(NewSchema("meter",
	Def{"AI", KWh, 3, "AI"}, Def{"AE", KWh, 3, "AE"}, Def{"RI", KVArh, 3, "RI"}, Def{"RE", KVArh, 3, "RE"}))

// LLF: 3 decimals in every D0265 read. TLM: 7 decimals in settlement reports
// (NETA IDD), 9 in the SVA Data Catalogue; 9 holds both exactly. Prices: system
// prices are published with 2 to 5 decimals, the levy with 3; how many RCRC has
// is not confirmed. Five of £/MWh are the eight of £/kWh that a price may have.
var (
	market = Must(NewSchema("market",
		Def{"LLF", Ratio, 3, "LLF"}, Def{"TLM", Ratio, 9, "TLM"},
		Def{"system-price", GBPPerMWh, IndexScale, "system-price"}, Def{"rcrc", GBPPerMWh, IndexScale, "rcrc"},
		Def{"cfd-rate", GBPPerMWh, IndexScale, "cfd-rate"}))
	contract = Must(NewSchema("contract",
		Def{"nominated", KWh, 6, "nominated"}, Def{"contract-price", GBPPerMWh, IndexScale, "contract-price"}))
)

// IndexScale is how many decimals of £/MWh a price line holds.
const IndexScale = 5

// Meter is the schema of meter data: AI, AE, RI, RE at 3 decimals.
func Meter() *Schema { return meter }

// Market is the schema of market data: LLF at 3 decimals, TLM at 9, and the
// prices that settlement states for each half-hour, in £/MWh at IndexScale.
func Market() *Schema { return market }

// Contract is the schema of what a contract states half-hour by half-hour:
// nominated energy in kWh at 6 decimals, and a price in £/MWh at IndexScale.
func Contract() *Schema { return contract }
