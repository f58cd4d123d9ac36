package sample

import (
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Contract yields the energy bought ahead for the site, in whole kWh at the
// national balancing point: the site's ordinary consumption with its losses,
// as a forecast a few per cent off for the day has it. A contract states no run.
func Contract(seed uint64, span settlement.Span) series.Readings {
	return each(settlement.MPAN{}, span, All, []settlement.Run{settlement.Untagged}, []series.Line{series.Nominated}, func(_ series.Line, _ settlement.Run, at moment) (int64, series.Mark) {
		off := 1000 + within(noise(seed, forecast, at.day.First()), 40)
		kwh := at.usual() * lineLoss(at) / 1000 * 1010 / 1000 * off / 1000 / 1000
		return kwh * 1_000_000, 0
	})
}
