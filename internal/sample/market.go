package sample

import (
	"time"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Market yields the loss factors: LLF untagged, for they are published for the
// year and not by run, and TLM for every run.
//
// The LLFs are those of West Midlands class H02 for 2025/26 (Elexon D0265,
// LDSO MIDE). TLM is made up about the published estimate of 1.010106, and
// moves in its fifth decimal with each run. They belong to no meter.
func Market(seed uint64, span settlement.Span, landed Landed) series.Readings {
	llf := each(settlement.MPAN{}, span, landed, []settlement.Run{settlement.Untagged}, []series.Line{series.LLF}, func(_ series.Line, _ settlement.Run, at moment) (int64, series.Mark) {
		return lineLoss(at), 0
	})
	tlm := each(settlement.MPAN{}, span, landed, Runs(), []series.Line{series.TLM}, func(_ series.Line, r settlement.Run, at moment) (int64, series.Mark) {
		v := 1_010_106_000 + 100*within(noise(seed, losses, at.p), 20_000)
		return v + 100*within(noise(seed, losses+10*int(r), at.p), 300), 0
	})
	return series.Join(llf, tlm)
}

func lineLoss(at moment) int64 {
	_, month, _ := at.day.Date()
	winter := month >= time.November || month <= time.February
	weekday := at.day.Weekday() != time.Saturday && at.day.Weekday() != time.Sunday
	const peak, end = 16 * 60, 20 * 60
	switch {
	case at.clock >= 30 && at.clock < 7*60+30:
		return 1036
	case winter && weekday && at.clock >= peak && at.clock < 19*60:
		return 1056
	case winter && weekday && at.clock >= 7*60+30 && at.clock < end:
		return 1053
	}
	return 1043
}
