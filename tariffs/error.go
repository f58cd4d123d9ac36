package tariffs

import (
	"errors"

	"github.com/halfhour/halfhour/series"
)

// Error is a mistake in a tariff, a supply or the data a bill needs: where it
// stands, what stood there, what was expected and how to put it right.
type Error struct {
	Pos   series.Pos
	Item  string // the item concerned, if one is
	Value string // as found; cut to 64 characters when printed
	Want  string
	Err   error // one of this package's sentinels
}

func (e *Error) Error() string { return series.Located(e.Pos, e.Item, e.Err, e.Value, e.Want) }

func (e *Error) Unwrap() error { return e.Err }

// What can be wrong; match with errors.Is.
var (
	ErrItem        = errors.New("unknown item")
	ErrUnit        = errors.New("unknown unit")
	ErrBasis       = errors.New("item cannot be priced so")
	ErrPrice       = errors.New("bad price")
	ErrWindow      = errors.New("bad window")
	ErrTwice       = errors.New("half-hour covered twice")
	ErrGap         = errors.New("rate gap")
	ErrOverlap     = errors.New("rates overlap")
	ErrTariff      = errors.New("bad tariff")
	ErrSupply      = errors.New("bad supply")
	ErrSpan        = errors.New("bad span")
	ErrMissing     = errors.New("half-hours missing")
	ErrOverflow    = errors.New("charge too large for its cell")
	ErrShare       = errors.New("percentage cannot be worked out")
	ErrUnconfirmed = errors.New("unconfirmed figure")
	ErrRebill      = errors.New("bills do not match")
	ErrLedger      = errors.New("ledgers disagree")
)
