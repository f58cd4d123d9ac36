package bench

import (
	"fmt"
	"io"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// Landing is how far settlement has come with a year of meters.
type Landing string

// Every run has landed for every day; or each day has those that were due by 30 June
// 2026, from the last of them for April to the first few for March.
const (
	AllLanded Landing = "landed"
	InStairs  Landing = "stairs"
)

func (s Landing) landed() sample.Landed {
	if s == InStairs {
		return sample.AsOf(day("2026-06-30"))
	}
	return sample.All
}

// Fleet makes the files of many meters, one after the other: AI, RI, RE and their
// flags in six runs, a year each, and those of the market and the contract they
// share. The same seed makes the same files.
type Fleet struct {
	Landing Landing
	Seed    uint64
	cube    *series.Cube
	writer  *hhparquet.Writer
}

// NewFleet makes a fleet.
func NewFleet(landing Landing, seed uint64) *Fleet {
	return &Fleet{Landing: landing, Seed: seed, cube: series.NewCube(nil, series.Meter(), Runs(), Year()), writer: hhparquet.NewWriter()}
}

// MPAN is that of meter i: made up, with a valid check digit.
func (f *Fleet) MPAN(i int) settlement.MPAN {
	first := fmt.Sprintf("14%010d", i)
	digit, err := settlement.CheckDigit(first)
	if err != nil {
		panic(err)
	}
	m, err := settlement.ParseMPAN(fmt.Sprintf("%s%d", first, digit))
	if err != nil {
		panic(err)
	}
	return m
}

// Supply is that of meter i: all are of one class, each with a capacity and a site.
func (f *Fleet) Supply(i int) *tariffs.Supply {
	s := Supply()
	s.MPAN = f.MPAN(i)
	s.Capacity[0].KVA = decimal.NewFromInt(int64(500 + i%500))
	s.Tags = []tariffs.Tag{{Name: "site", Value: fmt.Sprintf("site %03d", i%250)}}
	if err := s.Validate(); err != nil {
		panic(err)
	}
	return s
}

// WriteMeter writes the readings of meter i.
func (f *Fleet) WriteMeter(w io.Writer, i int) (hhparquet.Sum, error) {
	f.cube.Reset(Year())
	if _, err := series.Collect(f.cube, sample.MPAN(), sample.Meter(f.Seed+uint64(i), Year(), f.Landing.landed())); err != nil {
		return hhparquet.Sum{}, err
	}
	return f.writer.Write(w, f.MPAN(i), f.cube)
}

// Market and Contract are what all meters share.
func (f *Fleet) Market() *series.Cube {
	return f.lines(series.Market(), sample.Market(f.Seed, Year(), f.Landing.landed()))
}

func (f *Fleet) Contract() *series.Cube {
	return f.lines(series.Contract(), sample.Contract(f.Seed, Year()))
}

func (f *Fleet) lines(s *series.Schema, from series.Readings) *series.Cube {
	c := series.NewCube(nil, s, append([]settlement.Run{settlement.Untagged}, Runs()...), Year())
	if _, err := series.Collect(c, settlement.MPAN{}, from); err != nil {
		panic(err) // the sample's own
	}
	return c
}
