package gb

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
	"github.com/halfhour/halfhour/tariffs/toml"
)

// halfHours are the half-hours of a charging year in red, amber and green, by
// distributor: counted from the distributors' published bands apart from this
// module (line by line over the clock), 2024/25 to 2027/28.
var halfHours = map[settlement.Distributor]map[int][3]int{
	10: {2025: {1566, 6786, 9168}},
	12: {2024: {3132, 5220, 9168}, 2025: {3132, 5220, 9168}, 2026: {3132, 5220, 9168}, 2027: {3144, 5240, 9184}},
	13: {2025: {1566, 6835, 9119}},
	14: {2024: {1566, 5481, 10473}, 2025: {1566, 5481, 10473}, 2026: {1566, 5481, 10473}, 2027: {1572, 5502, 10494}},
	16: {2025: {1566, 5061, 10893}},
	18: {2025: {1566, 6835, 9119}, 2026: {1566, 6835, 9119}, 2027: {1572, 6858, 9138}},
	20: {2024: {1566, 8760, 7194}, 2025: {1566, 8760, 7194}, 2026: {1566, 8760, 7194}, 2027: {1572, 8784, 7212}},
	22: {2024: {1044, 6888, 9588}, 2025: {1044, 6888, 9588}, 2026: {1044, 6888, 9588}, 2027: {1048, 6912, 9608}},
}

func TestHalfHours(t *testing.T) {
	for _, d := range Distributors() {
		b := bookOf(t, d)
		years := Years(d)
		if len(years) != len(halfHours[d]) {
			t.Errorf("%s: years %v", d, years)
		}
		for _, from := range years {
			lo, hi := from.ChargingYear()
			year, _, _ := lo.Date()
			var got [3]int
			for i, name := range bands {
				w := windowNamed(t, b, "gb:"+name)
				for p := lo.First(); p < hi.First(); p++ {
					if w.Covers(p) {
						got[i]++
					}
				}
			}
			if lo != from || got != halfHours[d][year] || got[0]+got[1]+got[2] != int(hi.First()-lo.First()) {
				t.Errorf("%s %d: %v, want %v", d, year, got, halfHours[d][year])
			}
		}
	}
}

// TestSuperRed looks at the edges of the EHV windows.
func TestSuperRed(t *testing.T) {
	for _, c := range []struct {
		d     settlement.Distributor
		on    string
		clock string
		want  bool
	}{
		{22, "2025-12-19", "17:00", true}, {22, "2025-12-22", "17:00", false}, {22, "2025-12-25", "17:00", false}, {22, "2026-01-02", "17:00", false}, {22, "2026-01-05", "17:00", true}, {22, "2026-01-05", "16:30", false}, {22, "2026-03-02", "17:00", false},
		{22, "2026-12-21", "17:00", true}, {22, "2026-12-22", "17:00", false}, {22, "2027-01-04", "17:00", false}, {22, "2027-01-05", "17:00", true},
		{12, "2025-06-02", "11:00", true}, {12, "2025-06-02", "14:00", false}, {12, "2025-06-02", "16:00", false}, {12, "2025-12-25", "16:00", true}, {12, "2025-12-25", "11:00", false}, {12, "2025-05-30", "11:00", false},
		{14, "2025-12-04", "16:00", true}, {14, "2025-12-06", "16:00", false}, {14, "2025-10-31", "16:00", false}, {20, "2025-12-04", "16:00", false}, {20, "2025-12-04", "19:00", true}, {18, "2026-02-27", "16:30", true},
	} {
		w := windowNamed(t, bookOf(t, c.d), "gb:super-red")
		n := int(c.clock[0]-'0')*20 + int(c.clock[1]-'0')*2 + int(c.clock[3]-'0')/3 + 1 // no clock change in these
		p, err := day(t, c.on).Period(n)
		if err != nil || w.Covers(p) != c.want {
			t.Errorf("%s %s %s: %v, %v", c.d, c.on, c.clock, !c.want, err)
		}
	}
	cm := windowNamed(t, bookOf(t, 14), "gb:capacity-market")
	for date, want := range map[string]bool{"2025-12-04": true, "2025-12-25": false, "2025-12-06": false, "2026-03-02": false} {
		if p, _ := day(t, date).Period(33); cm.Covers(p) != want {
			t.Errorf("capacity market on %s: %v", date, !want)
		}
	}
}

// taken is what a tariff takes of a book for a class on a day: the items it has
// a figure of, confirmed or not, VAT at the standard rate, the Triads, and the
// loss factors of the class.
func taken(b *tariffs.Tariff, d settlement.Day, llfc, band string) *tariffs.Tariff {
	out := &tariffs.Tariff{Name: b.Name, Windows: b.Windows, Triads: b.Triads, Conventions: tariffs.Conventions{Unconfirmed: true}}
	has := map[tariffs.Item]bool{}
	for _, r := range b.Rates {
		if on(r.When, d, llfc, band) && !r.Reduced {
			has[r.Items[0]] = true
		}
	}
	for _, r := range b.Rates {
		if has[r.Items[0]] && !r.Reduced {
			out.Rates = append(out.Rates, r)
		}
	}
	for _, f := range b.Factors {
		if on(f.When, d, llfc, band) {
			out.Factors = append(out.Factors, f)
		}
	}
	return out
}

func supply(t *testing.T, d settlement.Distributor, llfc, band string) *tariffs.Supply {
	t.Helper()
	mpan, err := settlement.ParseMPAN("1400000000001")
	if err != nil {
		t.Fatal(err)
	}
	g, _ := d.GSPGroup()
	s := &tariffs.Supply{MPAN: mpan, Distributor: d, GSPGroup: g, Terms: []tariffs.Terms{{LLFC: llfc, Band: band}},
		Capacity: []tariffs.Capacity{{From: day(t, "2020-01-01"), KVA: decimal.NewFromInt(100)}}}
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestCompile compiles the book of every class on a weekday and a Saturday of
// every year: its bands share out the half-hours, or Compile fails.
func TestCompile(t *testing.T) {
	for _, d := range Distributors() {
		b := bookOf(t, d)
		for _, p := range publications("duos") {
			if p.d != d {
				continue
			}
			tab, err := read(p.String())
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range tab.rows {
				llfc := classes(r.get("llfcs"))[0]
				from, _ := r.day("from")
				lo := from + settlement.Day((12-int(from.Weekday()))%7) // the first Friday from the day
				sup := supply(t, d, llfc, "none")
				tariff := taken(b, lo, llfc, "none")
				items := []tariffs.Item{tariffs.DUoSRed, tariffs.DUoSAmber, tariffs.DUoSGreen, tariffs.DUoSFixed, tariffs.DUoSCapacity, tariffs.CCL}
				if strings.Contains(r.get("tariff"), "Generation") {
					tariff.Rates = slices.DeleteFunc(tariff.Rates, func(r tariffs.Rate) bool { return tariffs.Catalogue()[r.Items[0]].Takers })
					sup.Export, items = true, items[:5]
					if err := sup.Validate(); err != nil {
						t.Fatal(err)
					}
				}
				s, err := tariff.Compile(settlement.Days(lo, lo+2), sup)
				if err != nil {
					t.Errorf("%s: %s: %v", r.pos(), llfc, err)
					continue
				}
				for _, item := range items {
					if _, ok := s.Line(item); !ok {
						t.Errorf("%s: no %s", r.pos(), item)
					}
				}
			}
		}
	}
}

// TestSampleTariffs compares books with the tariffs of this module that were
// written by hand from the same publications.
func TestSampleTariffs(t *testing.T) {
	for file, c := range map[string]struct{ llfc, band, on string }{
		"../../internal/sample/tariff.toml":        {"H02", "HV2", "2025-12-04"},
		"../../testdata/tariffs/wmid-lv-2024.toml": {"127", "LV1", "2024-06-04"},
	} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		hand, err := toml.ParseTariff(file, text)
		if err != nil {
			t.Fatal(err)
		}
		b, compared := bookOf(t, 14), 0
		for _, r := range hand.Rates {
			for _, item := range r.Items {
				if r.Status != tariffs.Confirmed && r.Status != tariffs.Secondary || !on(r.When, day(t, c.on), c.llfc, c.band) {
					continue
				}
				if item == tariffs.DUoSSuperRed { // schedules have it at extra-high voltage only, where each site has its own
					if !r.Price.GBP.IsZero() {
						t.Errorf("%s: %s is %s, want 0 below extra-high voltage", r.Pos, item, r.Price)
					}
					continue
				}
				compared++
				stated := r.Price.GBP
				if r.Price.Else.Valid { // what stands in until the reconciled rate has landed is what is published
					stated = r.Price.Else.Decimal
				}
				got := price(t, b, item, day(t, c.on), c.llfc, c.band)
				if p, err := tariffs.ParsePrice(got); err != nil || !p.GBP.Equal(stated) {
					t.Errorf("%s: %s is %q in the book, %s here", r.Pos, item, got, r.Price)
				}
			}
		}
		if compared < 10 {
			t.Errorf("%s: %d rates compared", file, compared)
		}
	}
}
