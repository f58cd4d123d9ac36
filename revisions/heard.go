package revisions

import (
	"math"
	"slices"

	"github.com/halfhour/halfhour/settlement"
)

// cutoffs are the data cut-offs of one day's runs, by rank.
type cutoffs [settlement.NumRanked]int64

// never is the cut-off of a run that does not close: it has seen whatever was
// received when it was.
const never = math.MaxInt64

// cutoffs are those of a day: of lines that are not derived, none. None is after
// that of a later run, whatever the Cutoff says: else a run that has closed would
// fall back to an earlier one that saw what came since.
func (j *Journal) cutoffs(cut Cutoff, day settlement.Day) (c cutoffs) {
	last := int64(never)
	for r := len(c) - 1; r >= 0; r-- {
		c[r] = never
		if cut == nil || !j.derive || settlement.Run(r) == settlement.Untagged {
			continue
		}
		if at, ok := cut(day, settlement.Run(r)); ok {
			last = min(last, instant(at))
			c[r] = last
		}
	}
	return c
}

// heard is what was known of a part of a day at an instant. It says which version
// speaks, to every view alike.
type heard struct {
	held   []*version // those received later are passed over
	known  int64
	cuts   *cutoffs
	stated [settlement.NumRanked]*version // the newest of each run; of Untagged, without one
	later  int                            // received after the instant
}

func hear(held []*version, known int64, cuts *cutoffs) heard {
	h := heard{held: held, known: known, cuts: cuts}
	for _, v := range held {
		if v.received > known {
			h.later++
			continue
		}
		h.stated[v.run] = v
	}
	return h
}

// says is what a run says, or nil: see Journal.Cube.
func (h *heard) says(r settlement.Run) *version {
	switch {
	case h.stated[r] != nil || r == settlement.Untagged:
		return h.stated[r]
	case h.cuts[r] > h.known: // it has not closed
		return nil
	}
	return h.unseen(r, h.cuts[r])
}

// newest is what a run after all of them would see, or nil: see Journal.KnownAt.
func (h *heard) newest() *version {
	if u := h.unseen(settlement.Run(len(h.stated)), h.known); u != nil {
		return u
	}
	for r := len(h.stated) - 1; r >= int(settlement.II); r-- {
		if v := h.stated[r]; v != nil {
			return v
		}
	}
	return nil
}

// unseen is the newest version without a run received by an instant, unless a
// version that states a run before r had seen it.
func (h *heard) unseen(r settlement.Run, by int64) *version {
	u := h.untagged(by)
	for q := settlement.II; u != nil && q < r; q++ {
		if v := h.stated[q]; v != nil && v.saw(u, h.cuts) {
			return nil
		}
	}
	return u
}

// untagged is the newest version without a run received by an instant, or nil.
func (h *heard) untagged(by int64) *version {
	for _, v := range slices.Backward(h.held) {
		if v.run == settlement.Untagged && v.received <= by {
			return v
		}
	}
	return nil
}

// saw reports whether a version that states its run was made knowing one that
// states none.
func (v *version) saw(u *version, cuts *cutoffs) bool {
	return u.received <= min(v.received, cuts[v.run])
}

// replaces reports whether v speaks before w wherever both are known.
func (v *version) replaces(w *version, cuts *cutoffs) bool {
	switch {
	case v.run == w.run:
		return v.created > w.created
	case w.run == settlement.Untagged:
		return v.saw(w, cuts)
	case v.run == settlement.Untagged:
		return !w.saw(v, cuts)
	}
	return v.run > w.run
}
