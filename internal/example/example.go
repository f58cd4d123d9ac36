// Package example holds worked examples as the files people write: a tariff, a
// supply, the meter, the market and the contract, in the formats of this module.
// Each is a folder:
//
//	tariff.toml   supply.toml    see tariffs/toml
//	meter.csv                    see series/hhcsv, layout long,start,london,kwh
//	market.csv                   date,period,run and the lines of series.Market
//	contract.csv                 date,period and the lines of series.Contract
//	README.md                    which of its figures are made up
//
// In the last two tables an empty cell is no reading, and no run is
// settlement.Untagged.
package example

import (
	"embed"
	"io/fs"
	"slices"
)

//go:embed wmid-hv-2025-12-04
var files embed.FS

// Names are the examples there are, in order.
func Names() []string { return []string{"wmid-hv-2025-12-04"} }

// Open gives an example's files.
func Open(name string) (fs.FS, bool) {
	if !slices.Contains(Names(), name) {
		return nil, false
	}
	sub, err := fs.Sub(files, name)
	return sub, err == nil
}
