package sample

import (
	"time"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Market yields the loss factors and the prices that settlement states: LLF
// untagged, for they are published for the year and not by run; TLM, system
// price and RCRC for every run; and the reconciled daily rate of Contracts for
// Difference from R1 on, for at II and SF the interim rate is charged.
//
// The LLFs are those of West Midlands class H02 for 2025/26 (Elexon D0265,
// LDSO MIDE). TLM is made up about the published estimate of 1.010106, and
// moves in its fifth decimal with each run. The prices are made up. They belong
// to no meter.
func Market(seed uint64, span settlement.Span, landed Landed) series.Readings {
	llf := each(settlement.MPAN{}, span, landed, []settlement.Run{settlement.Untagged}, []series.Line{series.LLF}, func(_ series.Line, _ settlement.Run, at moment) (int64, series.Mark) {
		return lineLoss(at), 0
	})
	byRun := each(settlement.MPAN{}, span, landed, Runs(), []series.Line{series.TLM, series.SystemPrice, series.RCRC}, func(l series.Line, r settlement.Run, at moment) (int64, series.Mark) {
		switch l {
		case series.SystemPrice:
			return systemPrice(seed, r, at), 0
		case series.RCRC:
			v := within(noise(seed, reallocated, at.p), 90) + within(noise(seed, reallocated+10*int(r), at.p), 5)
			return v * thousandth, 0
		}
		v := 1_010_106_000 + 100*within(noise(seed, losses, at.p), 20_000)
		return v + 100*within(noise(seed, losses+10*int(r), at.p), 300), 0
	})
	cfd := each(settlement.MPAN{}, span, landed, reconciled(), []series.Line{series.CfDRate}, func(_ series.Line, r settlement.Run, at moment) (int64, series.Mark) {
		first := at.day.First()
		v := interimRate(at) + within(noise(seed, levy, first), 2_500) + within(noise(seed, levy+10*int(r), first), 20)
		return v * thousandth, 0
	})
	return series.Join(llf, byRun, cfd)
}

// thousandth is £0.001/MWh at series.IndexScale, penny £0.01/MWh.
const (
	thousandth = 100
	penny      = 1_000
)

// reconciled are the runs by which the levy of a day has its reconciled rate.
func reconciled() []settlement.Run { return Runs()[2:] }

// systemPrice is the imbalance price as a run knows it: higher in the evening
// and in the cold, low at night and below zero in some when the wind blows, in
// one half-hour of a hundred a spike. Each run moves one in fifty by a few
// pence.
func systemPrice(seed uint64, r settlement.Run, at moment) int64 {
	n := noise(seed, balance, at.p)
	v := 74_00 + at.cold*3_00 + within(n, 30_00)
	switch {
	case at.clock >= 16*60 && at.clock < 19*60:
		v += 45_00
	case at.clock >= 23*60 || at.clock < 7*60:
		v -= 24_00
	}
	if noise(seed, windy, at.day.First())%6 == 0 {
		v -= 40_00
	}
	if n>>32%100 == 0 {
		v += 160_00
	}
	for run := settlement.SF; run <= r; run++ {
		if n := noise(seed, balance+10*int(run), at.p); n%50 == 0 {
			v += within(n>>20, 75)
		}
	}
	return v * penny
}

// interimRate is the levy of a quarter in £0.001/MWh, as the tariff has it.
func interimRate(at moment) int64 {
	_, month, _ := at.day.Date()
	switch (month - 1) / 3 {
	case 1:
		return 9_000
	case 2:
		return 8_812
	}
	return 10_298
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
