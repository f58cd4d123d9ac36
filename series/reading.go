package series

import (
	"iter"

	"github.com/halfhour/halfhour/settlement"
)

// Reading is one value for one half-hour, as a source states it.
type Reading struct {
	MPAN   settlement.MPAN // the meter; zero for data that belongs to no meter
	Line   Line            // in the schema the reader documents, Meter unless it says otherwise
	Run    settlement.Run  // Untagged where the source states none
	Period settlement.Period
	Value  int64 // at the line's scale
	Mark   Mark  // flags only; Collect adds the run
	Pos    Pos   // where it stood
}

// Readings is what a reader yields: readings in the order of the source, and
// a located error for each record that is not one. A reader goes on after a
// bad record until its limit of errors, then yields ErrLimit and stops. It can
// be ranged over as often as its source can be opened.
type Readings = iter.Seq2[Reading, error]
