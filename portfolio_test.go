package halfhour

import (
	"bytes"
	"fmt"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// days is a span of whole local days with the short day in it.
func days(from, n int) settlement.Span {
	first, err := settlement.ParseDay("2025-03-25")
	if err != nil {
		panic(err)
	}
	return settlement.Days(first+settlement.Day(from), first+settlement.Day(from+n))
}

// randomAmounts are of one meter: any items, sums up to the largest of a cell by the
// half-hours of a bucket, with and without gaps.
func randomAmounts(t *rapid.T, b *Buckets) *Amounts {
	a := new(Amounts)
	a.Reset(b)
	for _, item := range rapid.SliceOfNDistinct(rapid.IntRange(0, tariffs.NumItems-1), 0, 4, rapid.ID[int]).Draw(t, "items") {
		to := a.item(tariffs.Item(item))
		for i := range to {
			n := b.length(i)
			to[i].Of = rapid.SampledFrom([]int64{n, n, n, 0}).Draw(t, "of")
			to[i].Held = min(to[i].Of, rapid.SampledFrom([]int64{n, n, n - 1, 0}).Draw(t, "held"))
			if to[i].Held > 0 {
				v := rapid.OneOf(rapid.Int64(), rapid.Just(int64(math.MaxInt64)), rapid.Just(int64(math.MinInt64))).Draw(t, "cell")
				to[i].Sum = series.TotalOf(v).Mul(to[i].Held)
			}
		}
	}
	return a
}

func written(t interface{ Fatal(...any) }, p *Portfolio) string {
	var b bytes.Buffer
	if err := p.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	j, err := p.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return b.String() + string(j)
}

// TestPortfolioMerge: any split of meters into portfolios, merged in any order and
// nesting, writes the same bytes; each total is the sum of the meters' own, worked
// out the slow way.
func TestPortfolioMerge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]Bucket{ByMonth, ByDay, ByHalfHour}).Draw(t, "bucket")
		b := BucketsOf(kind, days(rapid.IntRange(0, 6).Draw(t, "from"), rapid.IntRange(1, 3).Draw(t, "days")))
		key := rapid.SampledFrom([]string{"", "site"}).Draw(t, "key")
		n := rapid.IntRange(0, 12).Draw(t, "meters")
		whole := NewPortfolio(b, key, 0)
		parts := []*Portfolio{}
		for range rapid.IntRange(1, 4).Draw(t, "parts") {
			parts = append(parts, NewPortfolio(b, key, 0))
		}
		sums, held, of, meters := map[string]*big.Int{}, map[string]int64{}, map[string]int64{}, map[string]int64{}
		for range n {
			into := parts[rapid.IntRange(0, len(parts)-1).Draw(t, "part")]
			value := ""
			if key != "" {
				value = rapid.SampledFrom([]string{"Leeds", "York, north", "", "\"x\""}).Draw(t, "value")
			}
			switch rapid.IntRange(0, 9).Draw(t, "kind") {
			case 0:
				whole.Lack(value)
				into.Lack(value)
				continue
			case 1:
				whole.LackStray()
				into.LackStray()
				continue
			}
			a := randomAmounts(t, b)
			if err := whole.Add(value, a); err != nil {
				t.Fatal(err)
			}
			if err := into.Add(value, a); err != nil {
				t.Fatal(err)
			}
			for item := range a.of {
				for i := range a.of[item] {
					k := fmt.Sprintf("%s/%d/%d", value, item, i)
					if sums[k] == nil {
						sums[k] = new(big.Int)
					}
					sums[k].Add(sums[k], a.of[item][i].Sum.Big())
					held[k] += a.of[item][i].Held
					of[k] += a.of[item][i].Of
					meters[k]++
				}
			}
		}
		rows := 0
		for r := range whole.Rows() {
			k := fmt.Sprintf("%s/%d/%d", r.Value, r.Item, r.Bucket)
			if sums[k] == nil || sums[k].Cmp(r.Sum.Big()) != 0 || held[k] != r.Held || of[k] != r.Of || meters[k] != r.Meters {
				t.Fatalf("%s: %+v, want %v of %d half-hours of %d, %d meters", k, r, sums[k], held[k], of[k], meters[k])
			}
			rows++
		}
		if rows != len(sums) {
			t.Fatalf("%d rows, want %d", rows, len(sums))
		}
		for len(parts) > 1 { // merge any two until one is left
			i := rapid.IntRange(0, len(parts)-1).Draw(t, "to")
			j := rapid.IntRange(0, len(parts)-2).Draw(t, "from")
			if j >= i {
				j++
			}
			before := written(t, parts[j])
			if err := parts[i].Merge(parts[j]); err != nil {
				t.Fatal(err)
			}
			if written(t, parts[j]) != before {
				t.Fatal("a merge changed what it read")
			}
			parts = append(parts[:j], parts[j+1:]...)
		}
		if got, want := written(t, parts[0]), written(t, whole); got != want {
			t.Fatalf("merged:\n%s\nadded one by one:\n%s", got, want)
		}
	})
}

// TestAmountsText: amounts come back from their text as they were, and no text with
// one byte more, less or other does so silently as something that cannot be.
func TestAmountsText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := BucketsOf(rapid.SampledFrom([]Bucket{ByMonth, ByDay}).Draw(t, "bucket"), days(0, rapid.IntRange(1, 10).Draw(t, "days")))
		a, back := randomAmounts(t, b), new(Amounts)
		text := a.AppendText(nil)
		back.Reset(b)
		if err := back.UnmarshalText(text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if again := back.AppendText(nil); !bytes.Equal(again, text) {
			t.Fatalf("%s came back as %s", text, again)
		}
		for item := range a.of {
			for i := range a.of[item] {
				if a.of[item][i] != back.of[item][i] {
					t.Fatalf("%+v came back as %+v", a.of[item][i], back.of[item][i])
				}
			}
		}
	})
}

func TestAmountsTextRefuses(t *testing.T) {
	b := BucketsOf(ByDay, days(0, 2))
	for _, text := range []string{
		"x", "ro", "ro:", "ro:1", "ro:1,2,3", "ro:1,", "ro:1,2;", "ro:1,2;ro:1,2", "vat:1,2;ro:1,2", "ro:1,2/3", "ro:1,2/49/48", "ro:1,2/1/999",
		"ro:1,2/-1/48", "ro:1.5,2", "ro:1e3,2", "ro: 1,2", "ro:1,340282366920938463463374607431768211456", "tea:1,2",
	} {
		a := new(Amounts)
		a.Reset(b)
		if err := a.UnmarshalText([]byte(text)); (err == nil) != (text == "ro:1,2;") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestPortfolioLimit(t *testing.T) {
	b := BucketsOf(ByDay, days(0, 10))
	a := new(Amounts)
	a.Reset(b)
	a.item(tariffs.RO)
	p := NewPortfolio(b, "site", 25)
	if p.Add("a", a) != nil || p.Add("b", a) != nil || p.Add("a", a) != nil || p.Add("c", a) == nil {
		t.Error("at most 25 totals are two values of ten days")
	}
	full := written(t, p)
	o := NewPortfolio(b, "site", 0)
	o.LackStray()
	o.Lack("a")
	for _, value := range []string{"a", "c", "d"} {
		if err := o.Add(value, a); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 { // what is refused leaves nothing behind, and no less room
		if p.Add("c", a) == nil || p.Merge(o) == nil || written(t, p) != full {
			t.Errorf("refused, and then:\n%s\nwas\n%s", written(t, p), full)
		}
		if len(p.values()) != 2 || p.Add("a", a) != nil {
			t.Errorf("values %q: want a and b, and room for what they hold", p.values())
		}
		full = written(t, p)
	}
}

func TestBucketNames(t *testing.T) {
	for _, c := range []struct {
		kind  Bucket
		n     int
		names []string
	}{
		{ByMonth, 2, []string{"2025-03", "2025-04"}},
		{ByDay, 8, []string{"2025-03-30", "2025-03-31"}},
		{ByHalfHour, 46 + 48*7, []string{"2025-03-30/01", "2025-03-30/02"}},
	} {
		b := BucketsOf(c.kind, days(5, 8))
		if b.Len() != c.n || b.Name(0) != c.names[0] || b.Name(1) != c.names[1] {
			t.Errorf("%s: %d buckets, %s and %s", c.kind, b.Len(), b.Name(0), b.Name(1))
		}
		half := int64(0)
		for i := range b.Len() {
			half += b.length(i)
		}
		if half != int64(b.Span.Len()) {
			t.Errorf("%s: buckets of %d half-hours of %d", c.kind, half, b.Span.Len())
		}
	}
}
