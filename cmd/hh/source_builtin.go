package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/internal/example"
	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhcsv"
)

// builtIn refuses flags that go with files.
func (c *input) builtIn() error {
	var given []string
	for _, x := range []struct {
		flag  string
		given bool
	}{
		{"--tariff", c.Tariff != ""}, {"--supply", c.Supply != ""}, {"--csv", c.CSV != ""}, {"--tag", c.Tag != ""},
		{"--journal", c.Journal}, {"--known-at", c.KnownAt != ""}, {"--round", c.Round}, {"--loose-end", c.LooseEnd},
		{"--market", len(c.Market) > 0}, {"--contract", len(c.Contract) > 0},
	} {
		if x.given {
			given = append(given, x.flag)
		}
	}
	switch n := len(given); n {
	case 0:
		return nil
	case 1:
		return usagef("%s goes with meter data: name its files, or leave %[1]s out to bill what is built in", given[0])
	default:
		return usagef("%s and %s go with meter data: name its files, or leave these out to bill what is built in", strings.Join(given[:n-1], ", "), given[n-1])
	}
}

// sample is the job of the built-in meter.
func (c *input) sample(days period) (halfhour.Job, error) {
	if err := c.builtIn(); err != nil {
		return halfhour.Job{}, err
	}
	var job halfhour.Job
	if err := terms(&job, "sample/supply.toml", sample.Supply(), "sample/tariff.toml", sample.Tariff()); err != nil {
		return job, err
	}
	span := sample.Span()
	var err error
	job.Spans, err = days.span(span.From(), span.To())
	job.Meter, job.Market, job.Contract = sample.Readings()
	return job, err
}

// example is the job of a worked example.
func (c *input) example(days period) (halfhour.Job, error) {
	var job halfhour.Job
	if err := c.builtIn(); err != nil {
		return job, err
	}
	files, ok := example.Open(string(c.Example))
	if !ok {
		return job, usageError{fmt.Errorf("--example %s: the examples are %s", c.Example, strings.Join(example.Names(), ", "))}
	}
	supply, errS := fs.ReadFile(files, "supply.toml")
	tariff, errT := fs.ReadFile(files, "tariff.toml")
	if err := errors.Join(errS, errT); err != nil {
		return job, err
	}
	if err := terms(&job, "supply.toml", supply, "tariff.toml", tariff); err != nil {
		return job, err
	}
	open := func(name string) series.Opener {
		return func() (io.ReadCloser, error) { return files.Open(name) }
	}
	layout, err := hhcsv.ParseLayout("long,start,london,kwh")
	if err != nil {
		return job, err
	}
	job.Meter = hhcsv.Read("meter.csv", open("meter.csv"), layout)
	job.Market = hhcsv.ReadTable("market.csv", open("market.csv"), series.Market())
	job.Contract = hhcsv.ReadTable("contract.csv", open("contract.csv"), series.Contract())
	return job, days.billed(&job, c)
}
