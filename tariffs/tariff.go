package tariffs

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Tariff is what people write: dated prices and loss factors in decimals. It
// may hold more than one supply needs (other classes, other years); Compile
// takes what a span and a supply call for.
type Tariff struct {
	Name        string
	Windows     []Window
	Rates       []Rate
	Factors     []Factor
	Triads      []Triads
	Conventions Conventions
}

// Rate is a price of one or more items from a day on.
type Rate struct {
	Items   []Item
	Price   Price
	When    When
	At      string // where the energy is measured: "MSP", "GSP" or "NBP"; "" is the catalogue's
	Of      []Item // of a percentage: the items it is taken of
	Reduced bool   // of VAT: the rate for qualifying use
	Status  Status
	Source  string     // the publication or contract the figure is from
	Pos     series.Pos // where the rate is written
}

// Triads are the three half-hours of highest demand of a charging year, once
// published: what the locational transmission charge is measured in.
type Triads struct {
	Year   settlement.Day // any day of the charging year
	At     [3]settlement.Period
	Status Status
	Source string
	Pos    series.Pos
}

// Factor is a loss factor a tariff states, for spans where no settlement data
// is held: LLF or TLM of series.Market.
type Factor struct {
	Line      series.Line
	Value     decimal.Decimal
	Published bool // no value: the book's factors hold, see Tariff.Publish
	When      When
	Status    Status
	Source    string
	Pos       series.Pos
}

// When says for which days, half-hours and supplies a figure holds.
type When struct {
	From   settlement.Day
	To     settlement.Day // exclusive; 0 is until further notice
	Window string         // "" is every half-hour; Otherwise is what the item's other windows leave
	LLFCs  []string       // line loss factor classes; empty is every class
	Bands  []string       // residual charging bands of TNUoS, such as "HV2"; empty is every band
	Flow   Flow           // of the supplies it is for

	asked asked // of a book's figure: what of the tariff it stands in for
}

// Flow is the direction of the supplies a figure is for. A class of generation
// has rates of its own, which an import supply must not be given by mistake.
type Flow uint8

const (
	EitherWay Flow = iota
	ImportOnly
	ExportOnly
)

// takes reports whether the figure is for supplies of that direction.
func (f Flow) takes(export bool) bool {
	return f == EitherWay || (f == ExportOnly) == export
}

// asked is the figure of a tariff in whose place Publish put a book's.
type asked struct {
	pos  series.Pos
	from settlement.Day
}

// place is where a rate of a bill is written in the tariff: of a book's, where
// the tariff asks for it.
func (r *Rate) place() series.Pos { return stated{when: r.When, pos: r.Pos}.place() }

func (w When) on(d settlement.Day, t *Terms) bool {
	return w.meets(d, d+1) && w.of(t)
}

// of reports whether a figure is one for a class and a band.
func (w When) of(t *Terms) bool {
	return w.Flow.takes(t.export) && (len(w.LLFCs) == 0 || slices.Contains(w.LLFCs, t.LLFC)) && (len(w.Bands) == 0 || slices.Contains(w.Bands, t.Band))
}

// Status is how well a figure is known.
type Status uint8

const (
	Confirmed   Status = iota + 1 // read in the official publication, or a copy of its data
	Contract                      // agreed between supplier and customer: nothing to publish
	Secondary                     // read where somebody quotes it
	Unconfirmed                   // found, and not to be relied on
	Assumed                       // not found: the tariff's author states one
)

var statusNames = [...]string{Confirmed: "confirmed", Contract: "contract", Secondary: "secondary", Unconfirmed: "unconfirmed", Assumed: "assumed"}

// String is the status as files write it.
func (s Status) String() string { return statusNames[s] }

// ParseStatus is the inverse of String.
func ParseStatus(s string) (Status, error) {
	for i, n := range statusNames {
		if n == s && i > 0 {
			return Status(i), nil
		}
	}
	return 0, &Error{Value: s, Want: "say how well the figure is known: confirmed, contract, secondary, unconfirmed or assumed", Err: ErrTariff}
}

// condition is what a bill that used the figure must say.
func (s Status) condition() Condition {
	switch s {
	case Secondary:
		return SecondaryRate
	case Unconfirmed:
		return UnconfirmedRate
	case Assumed:
		return AssumedRate
	}
	return 0
}
