package tariffs_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// ranked are the runs a cube may hold.
var ranked = []settlement.Run{settlement.Untagged, settlement.II, settlement.SF, settlement.R1, settlement.R2, settlement.R3, settlement.RF, settlement.DF}

// landing draws what each run says of each line: the meter, the market and the
// contract land apart, in whole days and in days with holes.
func (s *site) landing(t *rapid.T) []*series.Cube {
	var cubes []*series.Cube
	for _, schema := range data() {
		cube := series.NewCube(nil, schema, ranked, s.span)
		for l := range series.Line(schema.Len()) {
			name := schema.Def(l).Name
			often := rapid.Int64Range(1, 4).Draw(t, name)
			holes := rapid.SampledFrom([]int64{0, 0, 60}).Draw(t, "holes")
			for k, r := range ranked {
				for _, day := range s.span.EachDay() {
					if s.rnd.below(4) >= often || k > 0 && often == 4 && name == "LLF" { // some lines come once, without a run
						continue
					}
					for p := day.Lo; p < day.Hi; p++ {
						if v := s.rnd.cell(schema, l, 300_000); holes == 0 || s.rnd.below(holes) > 0 {
							cube.Frame(r).Set(l, p, v, series.Mark(0).From(r))
						}
					}
				}
			}
		}
		cubes = append(cubes, cube)
	}
	return cubes
}

// reconciled are the inputs one view has of cubes.
func reconciled(cubes []*series.Cube, view revisions.Reconciler) tariffs.Inputs {
	var frames []*series.Frame
	for _, c := range cubes {
		f, _ := view.Reconcile(c)
		frames = append(frames, f)
	}
	return inputs(frames)
}

// keepLanded drops a run's charges on the days for which nothing landed in it.
func (s *site) keepLanded(charges *series.Cube, cubes []*series.Cube) {
	for _, r := range ranked {
		for _, day := range s.span.EachDay() {
			lo, hi, landed := s.span.Index(day.Lo), s.span.Index(day.Hi), false
			for _, c := range cubes {
				for k := range c.Schema().Sources() {
					landed = landed || c.Frame(r).Source(k).CountValid(lo, hi) > 0
				}
			}
			for l := range series.Line(charges.Schema().Len()) {
				for i := lo; i < hi && !landed; i++ {
					c := charges.Frame(r).Line(l)
					c.Values[i], c.Marks[i] = 0, 0
					c.Valid[i>>6] &^= 1 << (i & 63)
				}
			}
		}
	}
}

// perUnit reports whether an item's cell depends on its own half-hour alone: not
// on a month's demand, the Triads, other items, or the rest of its day.
func perUnit(tariff *tariffs.Tariff, name string) bool {
	switch name {
	case "duos-excess-capacity", "tnuos-locational", "vat":
		return false
	}
	item := must(tariffs.ParseItem(name))
	for _, r := range tariff.Rates {
		if r.Items[0] == item && r.Price.Basis == tariffs.Percent {
			return false
		}
	}
	return true
}

// TestPriceOrReconcileFirst: for every item that is charged by the unit, pricing
// the view of every run and taking the last is pricing what is reconciled. It
// holds for the latest view, for that of each run and for that of a day, whether
// or not a run is priced for days on which nothing landed in it. The meter and
// the market land separately, and prices that follow settlement are among the
// items.
func TestPriceOrReconcileFirst(t *testing.T) {
	cells, follow := 0, map[string]bool{}
	rapid.Check(t, func(t *rapid.T) {
		s := anySite(t)
		for i := range s.tariff.Rates { // on a price, or on a percentage: each item one of them
			if r := &s.tariff.Rates[i]; r.Items[0] == tariffs.ManagementFee && r.Price.Basis == tariffs.Percent && rapid.Bool().Draw(t, "no percentage") {
				s.tariff.Rates = append(s.tariff.Rates[:i:i], s.tariff.Rates[i+1:]...)
				break
			}
		}
		schedule := must(s.tariff.Compile(s.span, s.supply))
		cubes := s.landing(t)
		charges := series.NewCube(nil, schedule.Schema(), ranked, s.span)
		for _, r := range ranked {
			in := reconciled(cubes, revisions.UpTo(r))
			vol := series.NewFrame(nil, tariffs.Volumes(), s.span)
			if err := schedule.Adjust(vol, in); err != nil {
				t.Fatal(err)
			}
			if err := schedule.Charge(charges.Frame(r), vol, in, s.supply); err != nil {
				t.Fatal(err)
			}
		}
		if rapid.Bool().Draw(t, "only what landed") {
			s.keepLanded(charges, cubes)
		}
		views := []revisions.Reconciler{revisions.Latest(), revisions.UpTo(rapid.SampledFrom(ranked).Draw(t, "up to"))}
		due, ok := settlement.GB().Due(s.span.From(), rapid.SampledFrom(ranked[1:7]).Draw(t, "due"))
		if ok {
			views = append(views, revisions.AsOf(due, settlement.GB()))
		}
		for _, view := range views {
			_, want := priced(schedule, reconciled(cubes, view), s.supply)
			got, _ := view.Reconcile(charges)
			for l := range series.Line(schedule.Schema().Len()) {
				name := schedule.Schema().Def(l).Name
				if !perUnit(s.tariff, name) {
					continue
				}
				for p := s.span.Lo; p < s.span.Hi; p++ {
					v, is := got.Get(l, p)
					w, held := want.Get(l, p)
					if v != w || is != held {
						t.Fatalf("%s, %v, view %s: priced and then reconciled %d, %v; reconciled and then priced %d, %v", name, p, view.View(), v, is, w, held)
					}
					if held {
						cells++
						follow[name] = follow[name] || v != 0
					}
				}
			}
		}
	})
	for _, name := range []string{"energy-unit", "energy-imbalance", "rcrc", "cfd-ilr", "bsuos", "management-fee", "duos-reactive", "capacity-market"} {
		if !t.Failed() && !follow[name] {
			t.Errorf("%s was never charged", name)
		}
	}
	if !t.Failed() && cells < 100_000 {
		t.Errorf("only %d cells", cells)
	}
}
