package tariffs

import (
	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// RunMix says which settlement runs the pounds of a bill rest on.
type RunMix struct {
	Pounds              // of the whole bill: they sum to its NetExact
	Items  []ItemPounds // of each item charged: they sum to its lines before rounding
}

// ItemPounds is what the pounds of an item rest on.
type ItemPounds struct {
	Item Item
	Pounds
}

// Pounds are exact pounds before rounding and VAT, told apart in three ways, each
// of which makes all of them: by the run of the reading, by the run of the market
// data, and by the stage.
type Pounds struct {
	ByRun     [settlement.NumRanked]decimal.Decimal // the run that supplied the reading; with NoRun all pounds
	Estimated [settlement.NumRanked]decimal.Decimal // of ByRun, those of estimated half-hours
	NoRun     decimal.Decimal                       // charged by time, agreed capacity or Triads: no run restates them

	// Market is by the latest run that the lines of the market and the contract
	// state that a charge is made from: loss factors, an index, nominated energy.
	// Untagged is of lines that state none, such as loss factors for a year.
	Market   [settlement.NumRanked]decimal.Decimal
	NoMarket decimal.Decimal // made from no such line; with Market all pounds

	Stages map[Standing]decimal.Decimal // with NoRun all pounds
}

// Footing is how far settlement has come with a half-hour of a bill: its stage,
// the latest run that states any of the readings, loss factors, indices and
// nominations that the bill is made from there; Untagged where none does.
type Footing struct {
	Run       settlement.Run
	Estimated bool // something the charge is made from is flagged as an estimate
}

// Standing is what pounds stand on. They are behind where something they are made
// from is of an earlier run than the stage (readings of SF where TLM is of R1,
// readings or TLM that state no run), or where a stand-in speaks for a line that
// comes by run and has not come: TLM of the tariff, a price of its own for an index.
type Standing struct {
	Footing
	Behind bool
}

// standings are all there may be, in order: by stage, actual before estimated,
// what is behind last.
func standings() (all []Standing) {
	for r := range settlement.Run(settlement.NumRanked) {
		for _, estimated := range []bool{false, true} {
			for _, behind := range []bool{false, true} {
				all = append(all, Standing{Footing{r, estimated}, behind})
			}
		}
	}
	return all
}

// Total is the pounds together.
func (p *Pounds) Total() decimal.Decimal { return total(p.NoRun, p.ByRun[:]) }

// Gross is the pounds of a standing without their sign, item by item: of a charge
// and a credit that come to nothing it is both.
func (m *RunMix) Gross(at Standing) (sum decimal.Decimal) {
	for i := range m.Items {
		sum = sum.Add(m.Items[i].Stages[at].Abs())
	}
	return sum
}

// Behind is the pounds that are behind their stage, without their sign, and the
// whole that they are a part of.
func (m *RunMix) Behind() (behind, whole decimal.Decimal) {
	for i := range m.Items {
		whole = whole.Add(m.Items[i].NoRun.Abs())
	}
	for _, at := range standings() {
		gross := m.Gross(at)
		if whole = whole.Add(gross); at.Behind {
			behind = behind.Add(gross)
		}
	}
	return behind, whole
}

func total(sum decimal.Decimal, parts []decimal.Decimal) decimal.Decimal {
	for _, d := range parts {
		sum = sum.Add(d)
	}
	return sum
}

// verify holds the mix against what it comes to, and against its items.
func (m *RunMix) verify(exact decimal.Decimal) error {
	if err := m.Pounds.verify(exact); err != nil {
		return err
	}
	var items Pounds
	for i := range m.Items {
		items.add(&m.Items[i].Pounds, 1)
	}
	for _, at := range standings() {
		if !items.Stages[at].Equal(m.Stages[at]) {
			return ledger("pounds of items by stage "+at.Run.String(), items.Stages[at], m.Stages[at])
		}
	}
	return nil
}

// verify holds each way of telling the pounds apart against what they come to.
func (p *Pounds) verify(exact decimal.Decimal) error {
	stages := p.NoRun
	for _, d := range p.Stages {
		stages = stages.Add(d)
	}
	for _, way := range []struct {
		what string
		sum  decimal.Decimal
	}{{"run", p.Total()}, {"run of the market", total(p.NoMarket, p.Market[:])}, {"stage", stages}} {
		if !way.sum.Equal(exact) {
			return ledger("pounds by "+way.what, way.sum, exact)
		}
	}
	return nil
}

// add adds sign × q.
func (p *Pounds) add(q *Pounds, sign int64) {
	by := decimal.NewFromInt(sign)
	for r := range p.ByRun {
		p.ByRun[r] = p.ByRun[r].Add(q.ByRun[r].Mul(by))
		p.Estimated[r] = p.Estimated[r].Add(q.Estimated[r].Mul(by))
		p.Market[r] = p.Market[r].Add(q.Market[r].Mul(by))
	}
	p.NoRun, p.NoMarket = p.NoRun.Add(q.NoRun.Mul(by)), p.NoMarket.Add(q.NoMarket.Mul(by))
	for at, d := range q.Stages {
		p.put(at, d.Mul(by))
	}
}

// put adds pounds to a standing.
func (p *Pounds) put(at Standing, d decimal.Decimal) {
	if p.Stages == nil {
		p.Stages = map[Standing]decimal.Decimal{}
	}
	p.Stages[at] = p.Stages[at].Add(d)
}

// RunMix gives the mix of a bill from the charges it was made from and the inputs
// those were made from. An item with a fee for each month beside its price for
// energy rests on both. A percentage rests on all that the charges it is of rest
// on. The pounds of a month's highest demand go with the half-hours they are
// allotted to; they are behind while any reading of the month is.
func (s *Schedule) RunMix(b *Bill, charges *series.Frame, in Inputs) *RunMix {
	(&Charged{s, charges, in}).check()
	lo, hi := s.cal.span.Index(b.From.First()), s.cal.span.Index(b.To.First())
	mix := new(RunMix)
	st := s.stages(in, lo, hi)
	same := map[int][]stretch{} // lines of one source of the charges share their marks, and what they rest on
	for i := range s.columns {
		c := &s.columns[i]
		item, col, source := ItemPounds{Item: c.item}, charges.Line(c.line), s.schema.SourceOf(c.line)
		if same[source] == nil {
			same[source] = []stretch{{lo: lo, hi: hi}} // on no run
			if st.rests[i] != nil {
				same[source] = st.stretches(st.rests[i], col.Marks, lo)
			}
		}
		item.fill(c, col, same[source])
		mix.Items = append(mix.Items, item)
		mix.add(&item.Pounds, 1)
	}
	return mix
}

// fill sets the pounds of a column from the stretches of its half-hours.
func (p *Pounds) fill(c *column, col series.Column, of []stretch) {
	scale := defs[c.item].Scale
	sums := map[basis]series.Total{}
	var none series.Total
	for _, x := range of {
		all := col.Sum(x.lo, x.hi)
		byTime := c.byTime(x.lo, x.hi)
		if !x.on {
			byTime = all
		}
		none = none.Add(byTime)
		sums[x.basis] = sums[x.basis].Add(all.Sub(byTime))
	}
	p.NoRun = none.Decimal(scale)
	p.NoMarket = p.NoRun
	for on, sum := range sums {
		if on.on {
			p.rest(on, sum.Decimal(scale))
		}
	}
}

// rest adds pounds to what they rest on.
func (p *Pounds) rest(on basis, d decimal.Decimal) {
	p.ByRun[on.reading] = p.ByRun[on.reading].Add(d)
	if on.estimated {
		p.Estimated[on.reading] = p.Estimated[on.reading].Add(d)
	}
	if on.onMarket {
		p.Market[on.market] = p.Market[on.market].Add(d)
	} else {
		p.NoMarket = p.NoMarket.Add(d)
	}
	p.put(Standing{Footing{on.stage, on.estimated}, on.behind(on.stage)}, d)
}

// reverse is the mix with every sign turned.
func (m *RunMix) reverse() *RunMix {
	r := new(RunMix)
	r.add(&m.Pounds, -1)
	for i := range m.Items {
		item := ItemPounds{Item: m.Items[i].Item}
		item.add(&m.Items[i].Pounds, -1)
		r.Items = append(r.Items, item)
	}
	return r
}
