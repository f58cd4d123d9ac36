package halfhour

import (
	"math/bits"

	"github.com/halfhour/halfhour/tariffs"
)

// ItemSet is a set of items: bit i is item i.
type ItemSet uint32

// Len is how many items are in the set.
func (s ItemSet) Len() int { return bits.OnesCount32(uint32(s)) }

// With is the set and an item.
func (s ItemSet) With(item tariffs.Item) ItemSet { return s | 1<<item }

// each gives the items in order, and their places among those of the set.
func (s ItemSet) each(yield func(int, tariffs.Item) bool) {
	for at := 0; s != 0; at++ {
		if !yield(at, tariffs.Item(bits.TrailingZeros32(uint32(s)))) {
			return
		}
		s &= s - 1
	}
}

// at is the place of an item, or of the next, among those of the set.
func (s ItemSet) at(item tariffs.Item) int { return (s & (1<<item - 1)).Len() }
