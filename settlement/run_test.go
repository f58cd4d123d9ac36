package settlement

import (
	"errors"
	"slices"
	"testing"
)

func TestRun(t *testing.T) {
	order := []Run{Untagged, II, SF, R1, R2, R3, RF, DF, D, DR}
	codes := []string{"untagged", "II", "SF", "R1", "R2", "R3", "RF", "DF", "D", "DR"}
	for i, r := range order {
		got, err := ParseRun(codes[i])
		if err != nil || got != r || r.String() != codes[i] || !r.Valid() || int(r) != i {
			t.Errorf("ParseRun(%q) = %v, %v", codes[i], got, err)
		}
		if r.Ranked() != (i < NumRanked) || r.Ranked() != (r != D && r != DR) {
			t.Errorf("%v.Ranked() = %v", r, r.Ranked())
		}
	}
	if got := RankedRuns(); !slices.Equal(got, order[:NumRanked]) {
		t.Errorf("RankedRuns() = %v", got)
	}
	if r := Run(10); r.Valid() || r.Ranked() || r.String() != "Run(10)" {
		t.Errorf("Run(10) = %v", r)
	}
	for _, s := range []string{"", "sf", " SF", "SF ", "R4", "Untagged", "ＳＦ", "DFF"} {
		if r, err := ParseRun(s); !errors.Is(err, ErrRun) || r != Untagged {
			t.Errorf("ParseRun(%q) = %v, %v, want ErrRun", s, r, err)
		}
	}
}
