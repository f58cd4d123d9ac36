package dtc_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"testing"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/dtc"
	"github.com/halfhour/halfhour/settlement"
)

// realFile is a year's part of one real non-domestic meter under a made-up
// MPAN, from the test fixtures of Energy Sparks (MIT licence), written as a
// D0036. It lies beside the repository, not in it.
const realFile = "../../../shared/data/hh-nondomestic-2024/1400000000001_AI_20240101_20240831.D0036"

func TestRealFile(t *testing.T) {
	if _, err := os.Stat(realFile); errors.Is(err, fs.ErrNotExist) {
		t.Skip("the real meter's file is not beside the repository: " + realFile)
	}
	readings := dtc.Read(realFile, func() (io.ReadCloser, error) { return os.Open(realFile) }, dtc.Options{})

	extents, err := series.Survey(readings)
	if err != nil {
		t.Fatal(err)
	}
	from, to := mustDay(t, "2024-01-01"), mustDay(t, "2024-09-01")
	if len(extents) != 1 || extents[0].MPAN.String() != "1400000000001" ||
		extents[0].Span != settlement.Days(from, to) || extents[0].Held[series.AI] != 11710 {
		t.Fatalf("%+v", extents)
	}

	cube := series.NewCube(nil, series.Meter(), []settlement.Run{settlement.Untagged}, extents[0].Span)
	tally, err := series.Collect(cube, extents[0].MPAN, readings)
	if err != nil || tally != (series.Tally{Kept: 11710}) {
		t.Fatal(tally, err)
	}
	ai := cube.Frame(settlement.Untagged).Line(series.AI)
	if ai.CountValid(0, ai.Len()) != 11710 || ai.Len() != 11710 || to-from != 244 {
		t.Error(ai.Len(), "half-hours,", to-from, "days")
	}
	if n := series.Count(ai.Marks, series.Estimated); n != 190 {
		t.Error(n, "estimates, want 190")
	}
	want := []int64{27962_600, 25745_100, 28013_000, 26288_800, 27069_100, 25826_400, 27566_900, 27786_100}
	i := 0
	for m, part := range cube.Span().Months() {
		sum := int64(0)
		for p := part.Lo; p < part.Hi; p++ {
			sum += ai.Values[cube.Span().Index(p)]
		}
		if sum != want[i] {
			t.Errorf("%v: %d Wh, want %d", m, sum, want[i])
		}
		i++
	}
	if i != len(want) {
		t.Error(i, "months")
	}
}
