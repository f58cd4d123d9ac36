// Package sample is a made-up meter: a plausible high-voltage industrial site
// for one charging year, seen by six settlement runs. It is a function of its
// seed: the same seed gives the same half-hours on every machine.
//
// The first run estimates about one half-hour in a hundred and three whole
// days; the next replaces most of them with actual readings; later runs make
// small corrections. Transmission losses, system prices and RCRC move a little
// with every run. The sizes are judgement, not statistics: no distribution of
// changes between runs is published for half-hourly meters.
package sample

import (
	_ "embed"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

//go:embed tariff.toml
var tariff []byte

//go:embed supply.toml
var supply []byte

// Tariff and Supply are the files that go with the meter.
func Tariff() []byte { return append([]byte(nil), tariff...) }
func Supply() []byte { return append([]byte(nil), supply...) }

// Seed is the seed of the built-in meter.
const Seed = 2026

// MPAN is the meter's, made up with a valid check digit.
func MPAN() settlement.MPAN {
	m, err := settlement.ParseMPAN("1400000000118")
	if err != nil {
		panic(err)
	}
	return m
}

// Span is the charging year 2025/26.
func Span() settlement.Span { return settlement.Days(day("2025-04-01"), day("2026-04-01")) }

// Runs are the runs of the 14-month timetable.
func Runs() []settlement.Run {
	return []settlement.Run{settlement.II, settlement.SF, settlement.R1, settlement.R2, settlement.R3, settlement.RF}
}

func day(s string) settlement.Day {
	d, err := settlement.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

// Landed says whether a run of a settlement day has landed.
type Landed func(settlement.Day, settlement.Run) bool

// All lets every run have landed for every day.
func All(settlement.Day, settlement.Run) bool { return true }

// AsOf lets the runs have landed that were due by a day: the older the
// settlement day, the later the run.
func AsOf(seen settlement.Day) Landed {
	table := settlement.GB()
	return func(d settlement.Day, r settlement.Run) bool {
		due, ok := table.Due(d, r)
		return ok && due <= seen
	}
}

// Readings are the built-in meter, its market and its contract as they were
// known on 30 June 2026, when the year's first days had had their final
// reconciliation.
func Readings() (meter, market, contract series.Readings) {
	landed := AsOf(day("2026-06-30"))
	return Meter(Seed, Span(), landed), Market(Seed, Span(), landed), Contract(Seed, Span())
}

// noise is a hash of a seed, a stream and a half-hour (splitmix64's finish).
func noise(seed uint64, stream int, p settlement.Period) uint64 {
	x := seed + uint64(stream)*0x9e3779b97f4a7c15 + uint64(uint32(p))*0xd1342543de82ef95
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// within is noise as a number from -most to most.
func within(n uint64, most int64) int64 { return int64(n%uint64(2*most+1)) - most }
