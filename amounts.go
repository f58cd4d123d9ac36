package halfhour

import (
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// Bucket is the time that totals are of.
type Bucket uint8

const (
	ByMonth    Bucket = iota // local calendar month
	ByDay                    // local day
	ByHalfHour               // half-hour
)

var bucketNames = [...]string{ByMonth: "month", ByDay: "day", ByHalfHour: "half-hour"}

// String is the bucket as files name it.
func (b Bucket) String() string { return bucketNames[b] }

// Buckets are the buckets of a span of whole local days, in order. They are
// immutable; share them.
type Buckets struct {
	Kind   Bucket
	Span   settlement.Span
	bounds []int32 // bucket i is half-hours bounds[i] <= k < bounds[i+1] of the span
}

// BucketsOf cuts a span, of at most series.MaxPeriods half-hours, into buckets.
func BucketsOf(kind Bucket, span settlement.Span) *Buckets {
	b := &Buckets{Kind: kind, Span: span, bounds: []int32{0}}
	switch kind {
	case ByMonth:
		for _, part := range span.Months() {
			b.bounds = append(b.bounds, int32(part.Hi-span.Lo))
		}
	case ByDay:
		for _, part := range span.EachDay() {
			b.bounds = append(b.bounds, int32(part.Hi-span.Lo))
		}
	default:
		for i := range span.Len() {
			b.bounds = append(b.bounds, int32(i+1))
		}
	}
	return b
}

// Len is how many buckets there are.
func (b *Buckets) Len() int { return len(b.bounds) - 1 }

// At is the part of the span that bucket i is.
func (b *Buckets) At(i int) settlement.Span {
	return settlement.Span{Lo: b.Span.Lo + settlement.Period(b.bounds[i]), Hi: b.Span.Lo + settlement.Period(b.bounds[i+1])}
}

// Name is bucket i as files write it: 2025-04, 2025-04-01 or 2025-04-01/07.
func (b *Buckets) Name(i int) string {
	first := b.At(i).Lo
	switch b.Kind {
	case ByMonth:
		return first.Day().Month().String()
	case ByDay:
		return first.Day().String()
	}
	return first.String()
}

// Names are the names of all buckets, in order.
func (b *Buckets) Names() []string {
	out := make([]string, b.Len())
	for i := range out {
		out[i] = b.Name(i)
	}
	return out
}

func (b *Buckets) same(o *Buckets) bool { return b.Kind == o.Kind && b.Span == o.Span }

// Amount is what an item comes to in a bucket.
type Amount struct {
	Sum  series.Total // pounds × 10^the item's scale, exact
	Held int64        // half-hours that have a charge
	Of   int64        // half-hours that should have
}

// Whole reports whether nothing is missing.
func (a *Amount) Whole() bool { return a.Held == a.Of }

// Missing reports whether no half-hour has a charge of those that should: there is no
// sum, and Sum is 0 only because something has to stand there.
func (a *Amount) Missing() bool { return a.Held == 0 && a.Of > 0 }

// add never overflows: see series.Total.
func (a *Amount) add(o *Amount) {
	a.Sum = a.Sum.Add(o.Sum)
	a.Held += o.Held
	a.Of += o.Of
}

// Amounts are what the items of a meter, or of many, come to, bucket by bucket. An
// item that is not charged in a bucket is of no half-hours there.
type Amounts struct {
	buckets *Buckets
	of      [tariffs.NumItems][]Amount // nil until something is charged
	room    [tariffs.NumItems][]Amount // memory for it
}

// Buckets are what the amounts are told apart by.
func (a *Amounts) Buckets() *Buckets { return a.buckets }

// Item gives the amounts of an item by bucket, for reading; nil if it is charged
// in none.
func (a *Amounts) Item(item tariffs.Item) []Amount { return a.of[item] }

// charged are the items that something is charged of.
func (a *Amounts) charged() (s ItemSet) {
	for item, of := range a.of {
		if of != nil {
			s = s.With(tariffs.Item(item))
		}
	}
	return s
}

// Reset empties the amounts for some buckets, keeping its memory.
func (a *Amounts) Reset(b *Buckets) {
	if a.buckets == nil || a.buckets.Len() != b.Len() {
		a.room = [tariffs.NumItems][]Amount{}
	}
	a.buckets, a.of = b, [tariffs.NumItems][]Amount{}
}

// item gives the amounts of an item to be written.
func (a *Amounts) item(item tariffs.Item) []Amount {
	if a.of[item] == nil {
		if a.room[item] == nil {
			a.room[item] = make([]Amount, a.buckets.Len())
		}
		clear(a.room[item])
		a.of[item] = a.room[item]
	}
	return a.of[item]
}

const panicBuckets = "halfhour: amounts of other buckets"

// Add adds amounts of the same buckets.
func (a *Amounts) Add(o *Amounts) {
	if !a.buckets.same(o.buckets) {
		panic(panicBuckets)
	}
	for item, of := range o.of {
		if of == nil {
			continue
		}
		to := a.item(tariffs.Item(item))
		for i := range of {
			to[i].add(&of[i])
		}
	}
}

// Lacking finds the first amount that is not whole.
func (a *Amounts) Lacking() (item tariffs.Item, bucket int, found bool) {
	for item := range tariffs.Item(tariffs.NumItems) {
		for i := range a.of[item] {
			if !a.of[item][i].Whole() {
				return item, i, true
			}
		}
	}
	return 0, 0, false
}

// take adds the totals of the lines of a schedule that are items, in the months
// wanted: amounts by month.
func (a *Amounts) take(items []tariffs.Item, t *series.Totals, wanted []bool) {
	for l, item := range items {
		to := a.item(item)
		for m := range to {
			if wanted[m] {
				to[m] = Amount{Sum: t.Sum(series.Line(l), m), Held: int64(t.Held(series.Line(l), m)), Of: int64(a.buckets.bounds[m+1] - a.buckets.bounds[m])}
			}
		}
	}
}

// takeCells adds the charges of half-hours lo <= k < hi, bounds of buckets.
func (a *Amounts) takeCells(items []tariffs.Item, charges *series.Frame, lo, hi int) {
	for l, item := range items {
		to, col := a.item(item), charges.Line(series.Line(l))
		for i := range to {
			from, end := int(a.buckets.bounds[i]), int(a.buckets.bounds[i+1])
			if from < lo || hi < end {
				continue
			}
			if a.buckets.Kind == ByHalfHour {
				to[i] = Amount{Sum: series.TotalOf(col.Values[from]), Held: int64(col.Valid[from>>6] >> (uint(from) & 63) & 1), Of: 1}
				continue
			}
			to[i] = Amount{Sum: col.Sum(from, end), Held: int64(col.CountValid(from, end)), Of: int64(end - from)}
		}
	}
}
