package halfhour

import (
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/tariffs"
)

// Portfolio is totals over many meters, by item, bucket and the value of one key:
// each meter has one. They are exact, and merging is associative and commutative:
// in whatever parts and order meters are added, the portfolio is the same, to the
// byte when it is written.
//
// The trap: a meter that could not be priced is in no total. It has to be told
// (Lack), so that a part is never taken for a whole.
type Portfolio struct {
	buckets  *Buckets
	key      string
	limit    int
	cells    int
	holdings map[string]*members
	strays   int64 // meters that are missing and of no known value
}

// members are the meters of one value of the key.
type members struct {
	amounts Amounts
	meters  [tariffs.NumItems]int64 // that are charged the item
	whole   int64                   // meters that are in it
	lacks   int64                   // meters that are not
}

// MaxCells is how many totals a portfolio holds unless told otherwise: some 130 MB.
const MaxCells = 4_000_000

// NewPortfolio makes an empty portfolio of the buckets. key says what its values
// are of: "" for one total over all meters. limit bounds the totals it holds; 0 is
// MaxCells.
func NewPortfolio(b *Buckets, key string, limit int) *Portfolio {
	if limit <= 0 {
		limit = MaxCells
	}
	return &Portfolio{buckets: b, key: key, limit: limit, holdings: map[string]*members{}}
}

// Buckets and Key say what the totals are told apart by.
func (p *Portfolio) Buckets() *Buckets { return p.buckets }
func (p *Portfolio) Key() string       { return p.key }

func (p *Portfolio) holding(value string) *members {
	g := p.holdings[value]
	if g == nil {
		g = &members{}
		g.amounts.Reset(p.buckets)
		p.holdings[value] = g
	}
	return g
}

// Add adds what a meter's items come to. It fails with series.ErrLimit where the
// totals would be more than the portfolio may hold, and is then as it was.
func (p *Portfolio) Add(value string, a *Amounts) error {
	if err := p.grow(p.growth(value, a)); err != nil {
		return err
	}
	g := p.holding(value)
	g.amounts.Add(a)
	g.whole++
	for item, of := range a.of {
		if of != nil {
			g.meters[item]++
		}
	}
	return nil
}

// Lack says that a meter is missing from the totals.
func (p *Portfolio) Lack(value string) { p.holding(value).lacks++ }

// LackStray says so of a meter of which no value is known: any total may lack it.
func (p *Portfolio) LackStray() { p.strays++ }

// Merge adds another portfolio of the same buckets and key, which stays as it is. It
// fails as Add does, and adds all of it or nothing.
func (p *Portfolio) Merge(o *Portfolio) error {
	if !p.buckets.same(o.buckets) || p.key != o.key {
		panic("halfhour: portfolios of other buckets or keys")
	}
	more := 0
	for value, from := range o.holdings {
		more += p.growth(value, &from.amounts)
	}
	if err := p.grow(more); err != nil {
		return err
	}
	p.strays += o.strays
	for value, from := range o.holdings {
		to := p.holding(value)
		to.amounts.Add(&from.amounts)
		to.whole += from.whole
		to.lacks += from.lacks
		for i := range from.meters {
			to.meters[i] += from.meters[i]
		}
	}
	return nil
}

// growth is how many totals a value gains by amounts.
func (p *Portfolio) growth(value string, a *Amounts) (n int) {
	g := p.holdings[value]
	for item, of := range a.of {
		if of != nil && (g == nil || g.amounts.of[item] == nil) {
			n += p.buckets.Len()
		}
	}
	return n
}

// grow makes room for so many totals, or refuses them.
func (p *Portfolio) grow(more int) error {
	if n := p.cells + more; n > p.limit {
		return &series.Error{Value: fmt.Sprint(n), Want: fmt.Sprintf("at most %d totals: tell fewer values of %q apart, or longer buckets", p.limit, p.key), Err: series.ErrLimit}
	}
	p.cells += more
	return nil
}

// Meters is how many meters are in the totals, and how many are not.
func (p *Portfolio) Meters() (in, lacking int64) {
	for _, g := range p.holdings {
		in += g.whole
		lacking += g.lacks
	}
	return in, lacking + p.strays
}

// Row is a total of a portfolio.
type Row struct {
	Value  string // of the key
	Item   tariffs.Item
	Bucket int
	Amount
	Meters int64 // that are charged the item
	Lacks  int64 // meters of the value, or of none that is known, that are not in its totals
}

// Whole reports whether nothing is missing: no half-hour, and no meter that is,
// or may be, of the value.
func (r *Row) Whole() bool { return r.Amount.Whole() && r.Lacks == 0 }

// Rows gives the totals by value, item and bucket, in order. A value of which no
// meter is in the totals has none.
func (p *Portfolio) Rows() iter.Seq[Row] {
	return func(yield func(Row) bool) {
		for _, value := range p.values() {
			g := p.holdings[value]
			for item := range tariffs.Item(tariffs.NumItems) {
				for i, a := range g.amounts.of[item] {
					if !yield(Row{value, item, i, a, g.meters[item], g.lacks + p.strays}) {
						return
					}
				}
			}
		}
	}
}

func (p *Portfolio) values() []string { return slices.Sorted(maps.Keys(p.holdings)) }
