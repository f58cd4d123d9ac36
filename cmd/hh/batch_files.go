package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
)

// The files of a result.
const (
	totalsCSV     = "totals.csv"
	totalsJSON    = "totals.json"
	totalsParquet = "totals.parquet"
	failedCSV     = "failed.csv"
)

// results are the files of a result that its manifest names.
var results = []string{totalsCSV, totalsJSON, totalsParquet, failedCSV}

// ours refuses a folder whose manifest names other files than those of a batch, which
// replaces the manifest: whoever reads them would have nothing to hold them to.
func ours(dir string) error {
	m, err := manifestOf(dir)
	var bad *series.Error
	switch {
	case errors.As(err, &bad):
		return fmt.Errorf("--out %s: which files its manifest names cannot be told, and a batch replaces it: write to another folder, or remove the manifest if no file rests on it: %w", dir, err)
	case err != nil:
		return err
	}
	for _, name := range m.Names() {
		if !slices.Contains(results, name) {
			return usagef("--out %s: its manifest names %s, which is no file of a batch and would be held to nothing once the batch has replaced the manifest: write to another folder", dir, name)
		}
	}
	return nil
}

// withdraw removes the manifest of an earlier batch from a folder, whose files are not
// those of the one that begins, and what a process that was killed left half written.
func withdraw(dir string) error {
	if err := os.Remove(filepath.Join(dir, manifestName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := sweep(dir, nil, append([]string{manifestName}, results...)...); err != nil {
		return err
	}
	return syncDir(dir)
}

// write writes the result's files to a folder that the manifest was withdrawn from, and
// last the manifest: files that no manifest names were not finished.
func (res *batchResult) write(dir string) error {
	var m hhparquet.Manifest
	var written *hhparquet.TotalsWritten
	for _, f := range []struct {
		name  string
		write func(io.Writer) error
		check func(*os.File) error
	}{
		{totalsCSV, res.Totals.WriteCSV, nil},
		{totalsJSON, res.writeJSON, nil},
		{totalsParquet, func(w io.Writer) (err error) {
			written, err = hhparquet.WriteTotals(w, res.Totals.Buckets().Kind.String(), res.Totals.Key(), res.rows)
			return err
		}, func(f *os.File) error { return written.Check(f) }},
		{failedCSV, res.writeFailed, nil},
	} {
		sum, err := place(dir, f.name, f.write, f.check)
		if err != nil {
			return err
		}
		m.Add(f.name, sum)
	}
	_, err := place(dir, manifestName, func(w io.Writer) error {
		_, err := m.WriteTo(w)
		return err
	}, nil)
	return err
}

// rows are the totals as their file takes them.
func (res *batchResult) rows(yield func(hhparquet.Total) bool) {
	b := res.Totals.Buckets()
	names := b.Names()
	for r := range res.Totals.Rows() {
		if !yield(hhparquet.Total{Item: r.Item.String(), Bucket: names[r.Bucket], Value: r.Value, Span: b.At(r.Bucket), Pounds: r.Sum, Scale: r.Item.Scale(), Missing: r.Missing(),
			HalfHours: r.Held, Of: r.Of, Meters: r.Meters, Lacks: r.Lacks}) {
			return
		}
	}
}

func (res *batchResult) writeFailed(w io.Writer) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"line", "readings", "supply", "error"}}
	for _, f := range res.Failed {
		rows = append(rows, []string{strconv.Itoa(f.Line), f.Readings, f.Supply, f.Error})
	}
	return out.WriteAll(rows)
}
