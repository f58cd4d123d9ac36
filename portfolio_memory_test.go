package halfhour

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"testing"

	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/tariffs"
)

// live is what the heap holds once what nobody needs is collected, and all that was
// ever allocated.
func live() (held, allocated uint64) {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what the first found, swept
	runtime.ReadMemStats(&m)
	return m.HeapAlloc, m.TotalAlloc
}

// weigher counts what is written and, a few times, looks at what is held meanwhile.
type weigher struct {
	bytes, next int
	most        uint64
}

func (w *weigher) Write(p []byte) (int, error) {
	if w.bytes += len(p); w.bytes >= w.next {
		w.next += 4 << 20
		held, _ := live()
		w.most = max(w.most, held)
	}
	return len(p), nil
}

// TestPortfolioMemory: a total takes what its amount does, of many values with a bucket
// each little more; and writing totals holds none of them twice, and allocates less for
// each than its row is long.
func TestPortfolioMemory(t *testing.T) {
	for _, c := range []struct {
		values int
		kind   Bucket
		days   int
		most   uint64 // bytes held for each total
	}{{20, ByDay, 365, 33}, {7_000, ByMonth, 1, 40}, {1, ByHalfHour, 150, 35}} {
		t.Run(fmt.Sprintf("%d by %s", c.values, c.kind), func(t *testing.T) {
			b := BucketsOf(c.kind, days(0, c.days))
			a := new(Amounts)
			a.Reset(b)
			for item := range tariffs.Item(tariffs.NumItems) {
				for i := range a.item(item) {
					a.of[item][i] = Amount{Sum: series.TotalOf(1_234_567_890_123_456 * int64(item+1)), Held: b.length(i), Of: b.length(i)}
				}
			}
			before, _ := live()
			p := NewPortfolio(b, "meter", 0)
			for i := range c.values {
				if err := p.Add(fmt.Sprintf("14%011d", i), a); err != nil {
					t.Fatal(err)
				}
			}
			held, _ := live()
			rows := uint64(p.cells)
			if each := (held - before) / rows; each > c.most {
				t.Errorf("%d bytes for each of %d totals, at most %d", each, rows, c.most)
			}
			for name, write := range map[string]func(io.Writer) error{"CSV": p.WriteCSV, "JSON": p.WriteJSON} {
				w := &weigher{}
				_, begun := live()
				if err := write(w); err != nil {
					t.Fatal(err)
				}
				_, done := live()
				if each := (done - begun) / rows; each > 100 || w.bytes < 50*int(rows) {
					t.Errorf("%s: %d bytes allocated for each total, at most 100", name, each)
				}
				if w.most > held+1<<20 {
					t.Errorf("%s: %d bytes are held, %d before", name, w.most, held)
				}
			}
			runtime.KeepAlive(p)
			runtime.KeepAlive(a)
		})
	}
}

// TestPortfolioText: totals are written as decimal.Decimal writes them, and as JSON
// that encoding/json reads and would write.
func TestPortfolioText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := series.Total{Hi: rapid.OneOf(rapid.SampledFrom([]int64{0, -1, 1}), rapid.Int64()).Draw(t, "hi"), Lo: rapid.OneOf(rapid.SampledFrom([]uint64{0, 1, 1000, 1 << 63}), rapid.Uint64()).Draw(t, "lo")}
		scale := rapid.IntRange(0, series.MaxScale).Draw(t, "scale")
		if got, want := string(appendDecimal([]byte("x0"), total, scale)), "x0"+total.Decimal(scale).String(); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	})
	b := BucketsOf(ByDay, days(0, 2))
	a := new(Amounts)
	a.Reset(b)
	a.item(tariffs.RO)[1] = Amount{Sum: series.TotalOf(-5), Held: 47, Of: 48}
	p := NewPortfolio(b, "site", 0)
	for _, value := range []string{"", "<York & \"Leeds\">", "\u2028"} {
		if err := p.Add(value, a); err != nil {
			t.Fatal(err)
		}
	}
	p.Lack("")
	p.Lack("Hull")
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if own, err := p.MarshalJSON(); err != nil || string(own) != string(text) {
		t.Errorf("%s\nis not as encoding/json writes it:\n%s", own, text)
	}
	var back struct {
		LackBy []struct{ Value *string } `json:"lacks_by_value"`
		Totals []struct {
			Bucket, Pounds string
			Value          *string
			Whole          bool
		}
	}
	if err := json.Unmarshal(text, &back); err != nil || len(back.Totals) != 6 || len(back.LackBy) != 2 {
		t.Fatalf("%v: %s", err, text)
	}
	if back.Totals[0].Value != nil || back.LackBy[0].Value != nil || *back.LackBy[1].Value != "Hull" || *back.Totals[2].Value != "<York & \"Leeds\">" {
		t.Errorf("values: %s", text)
	}
	if one := back.Totals[3]; one.Bucket != "2025-03-26" || one.Pounds != "-0."+fmt.Sprintf("%0*d", tariffs.RO.Scale(), 5) || one.Whole {
		t.Errorf("%+v", one)
	}
}

// short takes so many bytes, and then fails.
type short int

func (s *short) Write(p []byte) (int, error) {
	if *s -= short(len(p)); *s < 0 {
		return 0, io.ErrClosedPipe
	}
	return len(p), nil
}

// TestPortfolioWriteFails: wherever what totals are written to fails, that is said.
func TestPortfolioWriteFails(t *testing.T) {
	b := BucketsOf(ByHalfHour, days(0, 3))
	a := new(Amounts)
	a.Reset(b)
	a.item(tariffs.RO)
	p := NewPortfolio(b, "", 0)
	if err := p.Add("", a); err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func(io.Writer) error{"CSV": p.WriteCSV, "JSON": p.WriteJSON} {
		all := &weigher{next: 1 << 30}
		if err := write(all); err != nil {
			t.Fatal(err)
		}
		for at := 0; at < all.bytes; at += 11 {
			room := short(at)
			if err := write(&room); err == nil {
				t.Fatalf("%s: no error where %d of %d bytes are taken", name, at, all.bytes)
			}
		}
	}
}
