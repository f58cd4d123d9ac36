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

// members are the meters of one value of the key. Of many values with few buckets
// each, what an item takes that nobody is charged would be more than the totals: only
// those charged have room.
type members struct {
	charged ItemSet
	cells   []Amount // of the items charged, in order, bucket by bucket
	meters  []int64  // that are charged each of those items; nil while all in it are
	whole   int64    // meters that are in it
	lacks   int64    // meters that are not
}

// join makes room for meters that are charged some items, of n buckets, and counts
// them: as many of each item as of gives by place, or all of them where it is nil.
func (g *members) join(charged ItemSet, of []int64, whole int64, n int) {
	all := g.charged | charged
	if g.whole > 0 && (g.meters != nil || all != g.charged || charged != g.charged) || of != nil {
		meters := make([]int64, all.Len())
		for from, item := range g.charged.each {
			meters[all.at(item)] = g.count(from)
		}
		for from, item := range charged.each {
			more := whole
			if of != nil {
				more = of[from]
			}
			meters[all.at(item)] += more
		}
		g.meters = meters
	}
	if g.whole += whole; all == g.charged {
		return
	}
	cells := make([]Amount, all.Len()*n)
	for from, item := range g.charged.each {
		copy(cells[all.at(item)*n:], g.cells[from*n:(from+1)*n])
	}
	g.charged, g.cells = all, cells
}

// count is how many meters are charged the item at a place.
func (g *members) count(at int) int64 {
	if g.meters == nil {
		return g.whole
	}
	return g.meters[at]
}

// add adds amounts of an item, for which there is room.
func (g *members) add(item tariffs.Item, amounts []Amount) {
	to := g.cells[g.charged.at(item)*len(amounts):]
	for i := range amounts {
		to[i].add(&amounts[i])
	}
}

// MaxCells is how many totals a portfolio holds unless told otherwise: of 32 bytes
// each, and some 40 where each value has one bucket.
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
		p.holdings[value] = g
	}
	return g
}

// Add adds what a meter's items come to. value is "" where the meter has none of the
// key. It fails with series.ErrLimit where the totals would be more than the portfolio
// may hold, and is then as it was.
func (p *Portfolio) Add(value string, a *Amounts) error {
	if !p.buckets.same(a.buckets) {
		panic(panicBuckets)
	}
	if err := p.grow(p.growth(value, a.charged())); err != nil {
		return err
	}
	g := p.holding(value)
	g.join(a.charged(), nil, 1, p.buckets.Len())
	for _, item := range a.charged().each {
		g.add(item, a.of[item])
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
	more, n := 0, p.buckets.Len()
	for value, from := range o.holdings {
		more += p.growth(value, from.charged)
	}
	if err := p.grow(more); err != nil {
		return err
	}
	p.strays += o.strays
	for value, from := range o.holdings {
		to := p.holding(value)
		to.join(from.charged, from.meters, from.whole, n)
		to.lacks += from.lacks
		for at, item := range from.charged.each {
			to.add(item, from.cells[at*n:(at+1)*n])
		}
	}
	return nil
}

// growth is how many totals a value gains by items.
func (p *Portfolio) growth(value string, charged ItemSet) int {
	if g := p.holdings[value]; g != nil {
		charged &^= g.charged
	}
	return charged.Len() * p.buckets.Len()
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
	Value  string // of the key; "" without a key, or where meters have none of it
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
			for at, item := range g.charged.each {
				for i, a := range g.cells[at*p.buckets.Len():][:p.buckets.Len()] {
					if !yield(Row{value, item, i, a, g.count(at), g.lacks + p.strays}) {
						return
					}
				}
			}
		}
	}
}

func (p *Portfolio) values() []string { return slices.Sorted(maps.Keys(p.holdings)) }
