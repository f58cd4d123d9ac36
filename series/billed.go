package series

import (
	"iter"

	"github.com/halfhour/halfhour/settlement"
)

// Billed is a row of a supplier's bill, as the source states it: what an item
// comes to over some days.
type Billed struct {
	From, To settlement.Day // To exclusive
	Item     string         // as it stands
	Quantity Printed        // of the item's volume, kWh or kVArh
	Amount   Printed        // pounds
	Pos      Pos
}

// Printed is a figure as it was printed: Value × 10^-PrintScale, known to half
// a unit of its last decimal.
type Printed struct {
	Value    int64
	Decimals int  // printed, at most PrintScale
	Stated   bool // false where the source leaves it out
}

// PrintScale is how many decimals a printed figure is held at.
const PrintScale = 6

// AllBilled is what a reader of bills yields, as Readings is of readings.
type AllBilled = iter.Seq2[Billed, error]
