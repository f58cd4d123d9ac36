package dtc

import "github.com/halfhour/halfhour/series"

// scale is that of every line of series.Meter.
const scale = 3

// parseValue is series.ParseFixed at that scale, without making a string of
// the plain values: up to 12 digits, and up to 3 after a point.
func parseValue(b []byte, round bool) (v int64, finer bool, err error) {
	i := 0
	for i < len(b) && i < 12 && b[i]-'0' <= 9 {
		v = v*10 + int64(b[i]-'0')
		i++
	}
	if i == 0 {
		return series.ParseFixed(string(b), scale, round)
	}
	if i == len(b) {
		return v * 1000, false, nil
	}
	frac := b[i+1:]
	if b[i] != '.' || len(frac) == 0 || len(frac) > scale {
		return series.ParseFixed(string(b), scale, round)
	}
	for k := range scale {
		d := byte(0)
		if k < len(frac) {
			if d = frac[k] - '0'; d > 9 {
				return series.ParseFixed(string(b), scale, round)
			}
		}
		v = v*10 + int64(d)
	}
	return v, false, nil
}
