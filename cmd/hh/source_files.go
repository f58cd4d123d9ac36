package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/dtc"
	"github.com/halfhour/halfhour/series/hhcsv"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs/toml"
)

// files is the job of the files named.
func (c *input) files(days period) (halfhour.Job, error) {
	switch {
	case c.Supply == "" && c.unpriced:
		return halfhour.Job{}, usageError{errors.New("meter data needs --supply")}
	case !c.unpriced && (c.Tariff == "" || c.Supply == ""):
		return halfhour.Job{}, usageError{errors.New("meter data needs --tariff and --supply")}
	}
	if c.LooseEnd && c.CSV == "" {
		return halfhour.Job{}, usageError{errors.New("--loose-end is about CSV files: give their layout with --csv")}
	}
	meter, errM := datedFiles(c.Files)
	market, errT := datedFiles(c.Market)
	contract, errC := datedFiles(c.Contract)
	if err := cmp.Or(errM, errT, errC, c.told(meter), c.onlyParquet(meter), sniff(market), sniff(contract)); err != nil {
		return halfhour.Job{}, err
	}
	if err := vouched(slices.Concat(meter, market, contract)...); err != nil {
		return halfhour.Job{}, err
	}
	if err := c.journalled(meter, market, contract); err != nil {
		return halfhour.Job{}, err
	}
	job, err := c.termFiles()
	if err != nil {
		return job, err
	}
	c.mpans = append(owners{job.Supply.MPAN}, job.Supply.Related...)
	if c.Journal {
		err = c.deliver(&job, meter, market, contract)
	} else {
		job.Meter, err = c.joined(meter)
	}
	if err != nil {
		return job, err
	}
	job.Market = c.tables(market, series.Market())
	job.Contract = c.tables(contract, series.Contract())
	return job, days.billed(&job, c)
}

// joined are meter files read one after the other.
func (c *input) joined(files []dated) (series.Readings, error) {
	sources := make([]series.Readings, len(files))
	for i, f := range files {
		var err error
		if sources[i], err = c.open(f); err != nil {
			return nil, err
		}
	}
	return series.Join(sources...), nil
}

// termFiles reads the supply and tariff files named.
func (c *input) termFiles() (job halfhour.Job, err error) {
	supply, err := readLimited(string(c.Supply))
	if err != nil {
		return job, err
	}
	if c.Tariff == "" {
		job.Supply, err = toml.ParseSupply(string(c.Supply), supply)
		return job, err
	}
	tariff, err := readLimited(string(c.Tariff))
	if err != nil {
		return job, err
	}
	return job, terms(&job, string(c.Supply), supply, string(c.Tariff), tariff)
}

// tables reads tables of lines of one schema that do not say when they were
// received; none is no source.
func (c *input) tables(files []dated, schema *series.Schema) series.Readings {
	var sources []series.Readings
	for _, f := range files {
		if !f.said {
			sources = append(sources, c.lines(f, schema))
		}
	}
	if len(sources) == 0 {
		return nil
	}
	return series.Join(sources...)
}

// lines reads lines of the market or of a contract: Parquet, or a table.
func (c *input) lines(f dated, schema *series.Schema) series.Readings {
	switch {
	case f.parquet && schema == series.Contract():
		return stored(f, schema, c.mpans.agreed)
	case f.parquet:
		return stored(f, schema, noMeter)
	}
	return hhcsv.ReadTable(f.name, f.open, schema)
}

// maxConfig is the most bytes a tariff or supply file may have.
const maxConfig = 1 << 20

func readLimited(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	if err == nil && len(b) > maxConfig {
		err = fmt.Errorf("%s: larger than 1 MiB: not a tariff or supply file", name)
	}
	return b, err
}

// open reads a file as Parquet, as a flow, or as CSV in the layout of --csv.
func (c *input) open(f dated) (series.Readings, error) {
	if f.parquet {
		return stored(f, series.Meter(), c.mpans.readings), nil
	}
	return c.from(f.name, f.open, f.flow)
}

// from is open of a source that is called name.
func (c *input) from(name string, open series.Opener, flow bool) (series.Readings, error) {
	tag := settlement.Untagged
	if c.Tag != "" {
		r, err := settlement.ParseRun(string(c.Tag))
		if err != nil || !r.Ranked() {
			return nil, usageError{fmt.Errorf("--tag %s: want II, SF, R1, R2, R3, RF or DF", c.Tag)}
		}
		tag = r
	}
	if flow {
		return dtc.Read(name, open, dtc.Options{Run: tag, Round: c.Round}), nil
	}
	layout, err := c.layout()
	if err != nil {
		return nil, err
	}
	layout.Run, layout.Round, layout.LooseEnd = tag, c.Round, c.LooseEnd
	return hhcsv.Read(name, open, layout), nil
}

// layout reads --csv.
func (c *input) layout() (hhcsv.Layout, error) {
	layout, err := hhcsv.ParseLayout(string(c.CSV))
	if err != nil {
		return layout, usageError{err}
	}
	return layout, nil
}

// utcDays says whether a CSV file restates whole UTC days: one whose rows are
// such days does.
func (c *input) utcDays() (bool, error) {
	layout, err := c.layout()
	return layout.Shape == hhcsv.Wide && layout.Zone == hhcsv.UTC, err
}
