package revisions

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/halfhour/halfhour/settlement"
)

// TestInferRowsWhole: rows that cannot be put together from days speak for the run
// that fits them, and against a staircase that fits fewer.
func TestInferRowsWhole(t *testing.T) {
	for whole, want := range []string{"stairs", "stairs", "stairs", "none", "run", "run"} {
		s := settle(rand.New(rand.NewPCG(5, 1)), kinds[1], 31, 6, 3+whole)
		choice := s.stairs(3)
		rows := s.bill(choice, 100)
		for i := range whole {
			rows[i] = s.row(i, slices.Repeat([]int{2}, 31), 0, 31, 100)
			rows[i].Whole = true
		}
		j := InferRows(rows, settlement.GB())
		got := NoShape
		if len(j.Choices) > 0 {
			got = j.Choices[0].Shape
		}
		if got.String() != want {
			t.Errorf("%d whole rows of R1 and three of a staircase: %s, held %v", whole, names(j), j.Held)
		}
		if want == "run" && (names(j) != "run R1;" || slices.Contains(j.Held[:whole], false) || slices.Contains(j.Fits[:whole], false)) {
			t.Errorf("%d whole rows: %s, held %v, fits %v", whole, names(j), j.Held, j.Fits)
		}
	}
}
