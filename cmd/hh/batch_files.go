package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/halfhour/halfhour/series/hhparquet"
)

// The files of a result.
const (
	totalsCSV     = "totals.csv"
	totalsJSON    = "totals.json"
	totalsParquet = "totals.parquet"
	failedCSV     = "failed.csv"
)

// withdraw removes the manifest of an earlier batch from a folder, whose files are not
// those of the one that begins, and what a process that was killed left half written.
func withdraw(dir string) error {
	if err := os.Remove(filepath.Join(dir, manifestName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	list, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, f := range list {
		for _, name := range []string{totalsCSV, totalsJSON, totalsParquet, failedCSV, manifestName} {
			if strings.HasPrefix(f.Name(), "."+name+"-") {
				if err := os.Remove(filepath.Join(dir, f.Name())); err != nil {
					return err
				}
			}
		}
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

// place puts a file in a folder so that nobody sees half of it: under another name,
// onto the disk, under its own, and that onto the disk too. check, if there is one, may
// refuse what was written. It gives the sum of it.
func place(dir, name string, write func(io.Writer) error, check func(*os.File) error) (sum hhparquet.Sum, err error) {
	f, err := os.CreateTemp(dir, "."+name+"-*")
	if err != nil {
		return sum, err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	h := sha256.New()
	out := bufio.NewWriterSize(io.MultiWriter(f, h), 64<<10)
	err = errors.Join(write(out), out.Flush(), f.Chmod(0o644), f.Sync())
	if err == nil && check != nil {
		err = check(f)
	}
	info, errS := f.Stat()
	if err = errors.Join(err, errS, f.Close()); err != nil {
		return sum, err
	}
	sum.Size = info.Size()
	h.Sum(sum.Digest[:0])
	if err = os.Rename(f.Name(), filepath.Join(dir, name)); err != nil {
		return sum, err
	}
	return sum, syncDir(dir)
}
