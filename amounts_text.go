package halfhour

import (
	"bytes"
	"fmt"
	"math/big"
	"strconv"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/tariffs"
)

// AppendText appends the amounts as one line of text, which UnmarshalText reads:
//
//	energy-unit:12345,-6,7/47/48;vat:…
//
// each item charged, with an amount for each bucket: the sum at the item's scale,
// and where not every half-hour of the bucket has a charge, how many have and how
// many should. Equal amounts make equal text.
func (a *Amounts) AppendText(dst []byte) []byte {
	first := true
	for item := range tariffs.Item(tariffs.NumItems) {
		of := a.of[item]
		if of == nil {
			continue
		}
		if !first {
			dst = append(dst, ';')
		}
		first = false
		dst = append(append(dst, item.String()...), ':')
		for i := range of {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendTotal(dst, of[i].Sum)
			if n := a.buckets.length(i); of[i].Held != n || of[i].Of != n {
				dst = strconv.AppendInt(append(dst, '/'), of[i].Held, 10)
				dst = strconv.AppendInt(append(dst, '/'), of[i].Of, 10)
			}
		}
	}
	return dst
}

func (b *Buckets) length(i int) int64 { return int64(b.bounds[i+1] - b.bounds[i]) }

func appendTotal(dst []byte, t series.Total) []byte {
	if t.Hi == int64(t.Lo)>>63 {
		return strconv.AppendInt(dst, int64(t.Lo), 10)
	}
	return t.Big().Append(dst, 10)
}

// UnmarshalText reads into a, for the buckets it is Reset to, what AppendText wrote
// of one meter. It fails with series.ErrFormat.
func (a *Amounts) UnmarshalText(text []byte) error {
	bad := func(value []byte, want string) error {
		return &series.Error{Value: string(value), Want: want, Err: series.ErrFormat}
	}
	a.Reset(a.buckets)
	last := -1
	for len(text) > 0 {
		var part []byte
		part, text, _ = bytes.Cut(text, []byte{';'})
		name, list, _ := bytes.Cut(part, []byte{':'})
		item, err := tariffs.ParseItem(string(name))
		if err != nil || int(item) <= last {
			return bad(name, "an item, in the catalogue's order")
		}
		last = int(item)
		to := a.item(item)
		for i := range to {
			var one []byte
			var more bool
			one, list, more = bytes.Cut(list, []byte{','})
			if more != (i < len(to)-1) || !to[i].parse(one, a.buckets.length(i)) {
				return bad(one, fmt.Sprintf("%d amounts, one for each %s", len(to), a.buckets.Kind))
			}
		}
	}
	return nil
}

// parse reads an amount of a bucket of n half-hours.
func (a *Amount) parse(text []byte, n int64) bool {
	sum, rest, parts := bytes.Cut(text, []byte{'/'})
	a.Held, a.Of = n, n
	if parts {
		held, of, _ := bytes.Cut(rest, []byte{'/'})
		var errH, errO error
		a.Held, errH = strconv.ParseInt(string(held), 10, 64)
		a.Of, errO = strconv.ParseInt(string(of), 10, 64)
		if errH != nil || errO != nil || a.Held < 0 || a.Of < a.Held || n < a.Of {
			return false
		}
	}
	if v, err := strconv.ParseInt(string(sum), 10, 64); err == nil {
		a.Sum = series.TotalOf(v)
		return true
	}
	v, ok := new(big.Int).SetString(string(sum), 10)
	if !ok || v.BitLen() > 100 { // 2^27 of the largest can be added
		return false
	}
	low := new(big.Int).And(v, new(big.Int).SetUint64(1<<64-1))
	a.Sum = series.Total{Hi: new(big.Int).Rsh(v, 64).Int64(), Lo: low.Uint64()}
	return true
}
