package revisions

// sieve holds back the choices that do not fit the rows that are given, and
// those that come to what others came to before: they fit the same figures.
type sieve struct {
	*search
	rows   []*row
	claims []*claim      // of those of all days, which are tried first
	known  map[sums]bool // of what is counted; to begin with, what is known not to fit
	trials int
}

func (s *search) sift(given base, of []*claim) *sieve {
	v := &sieve{search: s, rows: given.rows, claims: s.counted(measured(given.rows)), known: map[sums]bool{}}
	for _, choice := range given.choices {
		v.known[*sumsOf(of, choice)] = true
	}
	return v
}

// pass gives the sums after those of the sieve's claims, unless they are held
// back. After so many trials, the claims alone tell.
func (v *sieve) pass(sum *sums, choice func() []uint8) (rest sums, ok bool) {
	for i, c := range v.claims {
		if sum[i] < c.grid.least || sum[i] > c.grid.most {
			return rest, false
		}
	}
	copy(rest[:], sum[len(v.claims):])
	if len(v.rows) == 0 {
		return rest, true
	}
	if v.known[rest] {
		return rest, false
	}
	if v.trials < maxWeighed {
		made := choice()
		for _, w := range v.rows {
			if v.trials++; !v.fits(w, made) {
				return rest, false
			}
		}
		v.known[rest] = true
	}
	return rest, true
}
