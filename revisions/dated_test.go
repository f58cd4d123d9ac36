package revisions

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/halfhour/halfhour/settlement"
)

// TestInferRowsDated: days that a run fits and a date fits all of, beside months of
// the date: the months prove it, as many as they are.
func TestInferRowsDated(t *testing.T) {
	s := settle(rand.New(rand.NewPCG(6, 1)), kinds[1], 31, 6, 4)
	b := billing{from: s.from, days: s.days, runs: s.runs}
	tried := 0
	for late := range settlement.Day(90) {
		choice := b.asOf(s.from + settlement.Day(s.days) + late)
		if slices.Min(choice) < 0 || slices.Min(choice) == slices.Max(choice) {
			continue
		}
		tried++
		s.dated(t, choice)
	}
	if tried < 20 {
		t.Errorf("%d dates", tried)
	}
}

func (s *settling) dated(t *testing.T, choice []int) {
	rows := s.bill(choice, 100)
	for line := range s.at {
		for lo := range s.days {
			rows = append(rows, s.row(line, choice, lo, lo+1, 100))
		}
	}
	j := InferRows(rows, settlement.GB())
	if len(j.Choices) != 1 || j.Choices[0].Shape != OneDate || slices.Contains(j.Fits, false) || !s.among(j.Rows[0], choice) {
		t.Errorf("%s, fits %v", names(j), j.Fits)
	}
}
