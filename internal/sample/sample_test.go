package sample

import (
	"encoding/binary"
	"hash/fnv"
	"maps"
	"slices"
	"testing"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// all gathers readings; the generator never fails.
func all(t testing.TB, readings series.Readings) []series.Reading {
	t.Helper()
	var out []series.Reading
	for r, err := range readings {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

// fingerprint hashes everything a reading says.
func fingerprint(t testing.TB, readings series.Readings) uint64 {
	t.Helper()
	h := fnv.New64a()
	var b [32]byte
	for _, r := range all(t, readings) {
		binary.LittleEndian.PutUint64(b[0:], uint64(r.Value))
		binary.LittleEndian.PutUint32(b[8:], uint32(r.Period))
		b[12], b[13], b[14] = byte(r.Line), byte(r.Run), byte(r.Mark)
		copy(b[16:], r.MPAN.String())
		h.Write(b[:])
	}
	return h.Sum64()
}

// TestPinned: the sample is a function of its seed. A change of these figures
// changes the bill of the sample and the hash of every benchmark.
func TestPinned(t *testing.T) {
	meter, market, contract := Readings()
	for _, c := range []struct {
		name     string
		readings series.Readings
		want     uint64
	}{
		{"meter, all runs", Meter(Seed, Span(), All), 0x3b935c63644c67cd},
		{"market, all runs", Market(Seed, Span(), All), 0xb58b1b667da9331e},
		{"meter, built in", meter, 0x713c56258383abb6},
		{"market, built in", market, 0xcbe40b5bd5e9564d},
		{"contract", contract, 0xac856669854e1952},
	} {
		one, two := fingerprint(t, c.readings), fingerprint(t, c.readings)
		if one != two {
			t.Errorf("%s: %#x, then %#x", c.name, one, two)
		}
		if one != c.want {
			t.Errorf("%s: %#x, want %#x", c.name, one, c.want)
		}
	}
	if fingerprint(t, Meter(Seed+1, Span(), All)) == fingerprint(t, Meter(Seed, Span(), All)) {
		t.Error("another seed gives the same meter")
	}
}

// TestCounts: a charging year without a 29 February has 17,520 half-hours, and
// the days the clocks change have 46 and 50 of them.
func TestCounts(t *testing.T) {
	type key struct {
		line series.Line
		run  settlement.Run
	}
	count := func(readings series.Readings) (n map[key]int, last series.Reading) {
		n = map[key]int{}
		for _, r := range all(t, readings) {
			k, before := key{r.Line, r.Run}, key{last.Line, last.Run}
			if k == before && r.Period <= last.Period && n[k] > 0 {
				t.Fatalf("%v after %v: want each line and run in order of time", r, last)
			}
			if k != before && n[k] > 0 {
				t.Fatalf("%v: want each line and run in one piece", r)
			}
			n[k]++
			last = r
		}
		return n, last
	}
	for _, c := range []struct {
		span settlement.Span
		want int
	}{
		{Span(), 17_520},
		{day("2025-10-26").Span(), 50},
		{day("2026-03-29").Span(), 46},
		{settlement.Span{Lo: Span().Lo + 7, Hi: Span().Lo + 107}, 100},
		{settlement.Span{}, 0},
	} {
		want := map[key]int{}
		for _, r := range Runs() {
			for _, l := range []series.Line{series.AI, series.RI, series.RE} {
				want[key{l, r}] = c.want
			}
		}
		if c.want == 0 {
			clear(want)
		}
		if got, _ := count(Meter(Seed, c.span, All)); !maps.Equal(got, want) {
			t.Errorf("meter over %s: %v, want %v", c.span, got, want)
		}
		clear(want)
		for _, r := range Runs() {
			want[key{series.TLM, r}], want[key{series.SystemPrice, r}], want[key{series.RCRC, r}] = c.want, c.want, c.want
			if r >= settlement.R1 {
				want[key{series.CfDRate, r}] = c.want
			}
		}
		want[key{series.LLF, settlement.Untagged}] = c.want
		if c.want == 0 {
			clear(want)
		}
		if got, _ := count(Market(Seed, c.span, All)); !maps.Equal(got, want) {
			t.Errorf("market over %s: %v, want %v", c.span, got, want)
		}
		clear(want)
		if c.want > 0 {
			want[key{series.Nominated, settlement.Untagged}] = c.want
		}
		if got, _ := count(Contract(Seed, c.span)); !maps.Equal(got, want) {
			t.Errorf("contract over %s: %v, want %v", c.span, got, want)
		}
	}
}

// TestPartOfYear: a half-hour does not depend on the span it is asked for in,
// though that starts or ends inside a day.
func TestPartOfYear(t *testing.T) {
	part := settlement.Days(day("2025-10-25"), day("2025-11-02"))
	part.Lo, part.Hi = part.Lo+7, part.Hi-9
	for name, of := range map[string]func(settlement.Span) series.Readings{
		"meter":    func(s settlement.Span) series.Readings { return Meter(Seed, s, All) },
		"market":   func(s settlement.Span) series.Readings { return Market(Seed, s, All) },
		"contract": func(s settlement.Span) series.Readings { return Contract(Seed, s) },
	} {
		var want []series.Reading
		for _, r := range all(t, of(Span())) {
			if part.Contains(r.Period) {
				want = append(want, r)
			}
		}
		if got := all(t, of(part)); !slices.Equal(got, want) {
			t.Errorf("%s: a week on its own differs from the same week of the year", name)
		}
	}
}

// TestRuns: estimates only in II and SF, and after SF small corrections.
func TestRuns(t *testing.T) {
	value := map[settlement.Run][]int64{}
	estimated := map[settlement.Run]int{}
	days := map[settlement.Run]map[settlement.Day]int{}
	for _, r := range all(t, Meter(Seed, Span(), All)) {
		if r.MPAN != MPAN() || r.Pos.Source != "sample" || r.Mark&^series.Estimated != 0 {
			t.Fatalf("%+v: want the sample's MPAN and position, and no flag but Estimated", r)
		}
		if r.Line != series.AI {
			continue
		}
		value[r.Run] = append(value[r.Run], r.Value)
		if r.Mark.Has(series.Estimated) {
			if days[r.Run] == nil {
				days[r.Run] = map[settlement.Day]int{}
			}
			estimated[r.Run]++
			days[r.Run][r.Period.Day()]++
		}
	}
	whole := map[settlement.Run]int{}
	for run, byDay := range days {
		for d, n := range byDay {
			if n == d.Len() {
				whole[run]++
			}
		}
	}
	if want := map[settlement.Run]int{settlement.II: 3, settlement.SF: 2}; !maps.Equal(whole, want) {
		t.Errorf("whole days estimated: %v, want %v", whole, want)
	}
	if want := map[settlement.Run]int{settlement.II: 329, settlement.SF: 96}; !maps.Equal(estimated, want) {
		t.Errorf("half-hours estimated: %v, want %v, about 1 %% and three days, then two days", estimated, want)
	}
	for _, r := range []settlement.Run{settlement.R2, settlement.R3, settlement.RF} {
		changed := 0
		for i, v := range value[r] {
			before := value[r-1][i]
			if v != before {
				changed++
			}
			if d := v - before; 200*max(d, -d) > max(v, before)+200 {
				t.Errorf("%s corrects %d to %d: want at most 0.5 %%", r, before, v)
			}
		}
		if n := len(value[r]); changed < n/1000 || changed > n/200 {
			t.Errorf("%s changes %d of %d half-hours, want 0.1 to 0.5 %%", r, changed, n)
		}
	}
}

// TestBounds: the meter is that of a site of about 900 kVA on two shifts.
func TestBounds(t *testing.T) {
	active := map[settlement.Run]map[settlement.Period]int64{}
	over, apparent := 0, 0
	for _, r := range Runs() {
		active[r] = map[settlement.Period]int64{}
	}
	for _, r := range all(t, Meter(Seed, Span(), All)) {
		d, clock := r.Period.Day(), r.Period.Clock()
		shift := settlement.IsWorkingDay(d) && clock >= 6*60 && clock < 22*60
		lo, hi := int64(100_000), int64(150_000)
		if shift {
			lo, hi = 250_000, 420_000
		}
		ai := active[r.Run][r.Period]
		switch r.Line {
		case series.AI:
			active[r.Run][r.Period] = r.Value
		case series.RI: // Wh and VArh cut to whole ones
			lo, hi = ai*300/1000, ai*450/1000
			apparent++
			if 4*(ai*ai+r.Value*r.Value) > 900_000*900_000 {
				over++
			}
		case series.RE:
			lo, hi = ai/50, ai/50
			if shift {
				lo, hi = 0, 0
			}
		}
		if r.Value < lo || r.Value > hi {
			t.Fatalf("%s %s %s: %d, want %d to %d", series.Meter().Def(r.Line).Name, r.Run, r.Period, r.Value, lo, hi)
		}
	}
	if over*1000 > apparent {
		t.Errorf("%d of %d half-hours above the agreed 900 kVA, want next to none", over, apparent)
	}
}

// TestMarket: every run moves every transmission loss multiplier a little, and
// line loss factors change with the clock on the wall.
func TestMarket(t *testing.T) {
	before := map[settlement.Period]int64{}
	same := 0
	for _, r := range all(t, Market(Seed, Span(), All)) {
		if !r.MPAN.IsZero() || r.Mark != 0 {
			t.Fatalf("%+v: want no meter and no flag", r)
		}
		if r.Line != series.TLM {
			continue
		}
		if r.Value < 1_008_000_000 || r.Value > 1_012_200_000 || r.Value%100 != 0 {
			t.Fatalf("TLM %s %s: %d, want about 1.0101 at 7 decimals", r.Run, r.Period, r.Value)
		}
		if old, ok := before[r.Period]; ok {
			if d := r.Value - old; max(d, -d) > 60_000 {
				t.Fatalf("TLM %s %s moves by %d × 10^-9, want less than 0.00006", r.Run, r.Period, d)
			} else if d == 0 {
				same++
			}
		}
		before[r.Period] = r.Value
	}
	if total := 5 * Span().Len(); same*100 > total {
		t.Errorf("%d of %d TLMs do not move from one run to the next, want next to none", same, total)
	}
}

// TestPrices: system prices are those of an ordinary year, some negative and
// only at night; RCRC is a few pence; a run moves a few of them a little. The
// levy is one rate for a day, about the interim rate of its quarter.
func TestPrices(t *testing.T) {
	type cell struct {
		line series.Line
		p    settlement.Period
	}
	before := map[cell]int64{}
	moved, negative, sum := map[series.Line]int{}, 0, int64(0)
	most := map[series.Line]int64{series.SystemPrice: 75_000, series.RCRC: 1_000, series.CfDRate: 4_000}
	for _, r := range all(t, Market(Seed, Span(), All)) {
		name, clock := series.Market().Def(r.Line).Name, r.Period.Clock()
		lo, hi := int64(0), int64(0)
		switch r.Line {
		case series.SystemPrice:
			lo, hi = -2_500_000, 33_000_000
			if r.Value < 0 {
				negative++
				if clock >= 7*60 && clock < 23*60 {
					t.Fatalf("%s %s %s: %d by day", name, r.Run, r.Period, r.Value)
				}
			}
			sum += r.Value
		case series.RCRC:
			lo, hi = -9_500, 9_500
		case series.CfDRate:
			lo, hi = 6_200_00, 12_900_00
			if first, ok := before[cell{r.Line, r.Period.Day().First()}]; ok && r.Period != r.Period.Day().First() && first != r.Value {
				t.Fatalf("%s %s %s: %d, and %d when the day began", name, r.Run, r.Period, r.Value, first)
			}
		default:
			continue
		}
		if r.Value < lo || r.Value > hi || r.Value%100 != 0 || !r.MPAN.IsZero() || r.Mark != 0 {
			t.Fatalf("%s %s: %+v, want %d to %d in £0.001/MWh, no meter and no flag", name, r.Period, r, lo, hi)
		}
		if old, ok := before[cell{r.Line, r.Period}]; ok && old != r.Value {
			if d := r.Value - old; max(d, -d) > most[r.Line] {
				t.Fatalf("%s %s %s moves by %d × 10^-5, want at most %d", name, r.Run, r.Period, d, most[r.Line])
			}
			moved[r.Line]++
		}
		before[cell{r.Line, r.Period}] = r.Value
	}
	n := Span().Len()
	if negative < 6*n/200 || negative > 6*n/20 {
		t.Errorf("%d of %d system prices below zero, want a few per cent", negative, 6*n)
	}
	if mean := sum / int64(6*n); mean < 60*100_000 || mean > 100*100_000 {
		t.Errorf("system price £%d/MWh on average", mean/100_000)
	}
	if k := moved[series.SystemPrice]; k < 5*n/100 || k > 5*n/40 {
		t.Errorf("%d of %d system prices move from one run to the next, want about one in fifty", k, 5*n)
	}
	if moved[series.RCRC] == 0 || moved[series.CfDRate] == 0 {
		t.Errorf("moved: %v, want some of each", moved)
	}
}

// TestContract: what is nominated is near what the site takes: within a fifth
// in each half-hour of a shift, within 1 % over the year.
func TestContract(t *testing.T) {
	taken := map[settlement.Period]int64{}
	for _, r := range all(t, Meter(Seed, Span(), All)) {
		if r.Line == series.AI && r.Run == settlement.RF {
			taken[r.Period] = r.Value * 1056 // Wh at the national balancing point, or near it
		}
	}
	var ahead, drawn int64
	for _, r := range all(t, Contract(Seed, Span())) {
		if !r.MPAN.IsZero() || r.Mark != 0 || r.Run != settlement.Untagged || r.Value%1_000_000 != 0 {
			t.Fatalf("%+v: want whole kWh, no meter, no run and no flag", r)
		}
		if d := r.Value - taken[r.Period]; 5*max(d, -d) > r.Value {
			t.Errorf("%s: %d nominated, %d taken", r.Period, r.Value, taken[r.Period])
		}
		ahead, drawn = ahead+r.Value, drawn+taken[r.Period]
	}
	if d := ahead - drawn; 100*max(d, -d) > drawn {
		t.Errorf("over the year %d nominated, %d taken", ahead, drawn)
	}
}

// TestLineLoss: the year's figures by the clock, with both days it changes.
func TestLineLoss(t *testing.T) {
	for _, c := range []struct {
		day    string
		number int
		want   int64
	}{
		{"2025-07-16", 1, 1043},  // 00:00
		{"2025-07-16", 2, 1036},  // 00:30
		{"2025-07-16", 15, 1036}, // 07:00
		{"2025-07-16", 16, 1043}, // 07:30, summer
		{"2025-07-16", 34, 1043}, // 16:30, summer
		{"2026-01-14", 15, 1036}, // 07:00
		{"2026-01-14", 16, 1053}, // 07:30
		{"2026-01-14", 32, 1053}, // 15:30
		{"2026-01-14", 33, 1056}, // 16:00
		{"2026-01-14", 38, 1056}, // 18:30
		{"2026-01-14", 39, 1053}, // 19:00
		{"2026-01-14", 40, 1053}, // 19:30
		{"2026-01-14", 41, 1043}, // 20:00
		{"2026-01-17", 35, 1043}, // a Saturday
		{"2025-12-25", 35, 1056}, // a bank holiday, but a weekday
		{"2025-10-31", 35, 1043}, // the day before winter
		{"2025-11-03", 35, 1056},
		{"2026-02-27", 35, 1056},
		{"2026-03-02", 35, 1043},
		{"2025-10-26", 5, 1036},  // 01:00 for the second time
		{"2025-10-26", 17, 1036}, // 07:00 of 50
		{"2025-10-26", 18, 1043}, // 07:30
		{"2026-03-29", 13, 1036}, // 07:00 of 46
		{"2026-03-29", 14, 1043}, // 07:30
	} {
		p, err := day(c.day).Period(c.number)
		if err != nil {
			t.Fatal(err)
		}
		got := all(t, Market(Seed, settlement.Span{Lo: p, Hi: p + 1}, AsOf(settlement.MinDay)))
		if len(got) != 1 || got[0].Line != series.LLF || got[0].Run != settlement.Untagged || got[0].Value != c.want {
			t.Errorf("%s: %v, want the line loss factor %d and nothing that has not landed", p, got, c.want)
		}
	}
}

// TestStaircase: on every day there are the runs that were due, whole, and no
// others.
func TestStaircase(t *testing.T) {
	seen, table := day("2026-06-30"), settlement.GB()
	type cell struct {
		day  settlement.Day
		run  settlement.Run
		line series.Line
	}
	meter, market, _ := Readings()
	for name, c := range map[string]struct {
		readings series.Readings
		lines    []series.Line
	}{
		"meter":  {meter, []series.Line{series.AI, series.RI, series.RE}},
		"market": {market, []series.Line{series.TLM, series.SystemPrice, series.RCRC, series.CfDRate}},
	} {
		held, want := map[cell]int{}, map[cell]int{}
		for _, r := range all(t, c.readings) {
			if r.Run != settlement.Untagged {
				held[cell{r.Period.Day(), r.Run, r.Line}]++
			}
		}
		for d := range Span().EachDay() {
			for _, r := range Runs() {
				for _, l := range c.lines {
					if due, ok := table.Due(d, r); ok && due <= seen && (l != series.CfDRate || r >= settlement.R1) {
						want[cell{d, r, l}] = d.Len()
					}
				}
			}
		}
		if !maps.Equal(held, want) {
			t.Errorf("%s: the days and runs that have landed are not those that were due by %s", name, seen)
		}
		if c, r := (cell{day("2025-04-01"), settlement.RF, c.lines[0]}), settlement.RF; held[c] == 0 {
			t.Errorf("%s: the first day of the year lacks %s: the steps do not reach the top", name, r)
		}
		if held[cell{day("2026-03-31"), settlement.R2, c.lines[0]}] != 0 {
			t.Errorf("%s: the last day of the year has R2 already", name)
		}
	}
}

// TestFilesAreCopies: who writes into a file does not write into the next one's.
func TestFilesAreCopies(t *testing.T) {
	for name, file := range map[string]func() []byte{"tariff": Tariff, "supply": Supply} {
		b := file()
		if len(b) == 0 {
			t.Errorf("%s: empty", name)
			continue
		}
		b[0] ^= 1
		if file()[0] == b[0] {
			t.Errorf("%s: shared", name)
		}
	}
}

func BenchmarkMeter(b *testing.B) {
	for b.Loop() {
		n := 0
		for range Meter(Seed, Span(), All) {
			n++
		}
		if n == 0 {
			b.Fatal("no readings")
		}
	}
}
