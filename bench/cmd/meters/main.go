// Command meters writes the files of many made-up meters, for benchmarks: a Parquet
// file each, their market and contract, a supply file each, a tariff, the book that
// names them all and the manifest of the Parquet files.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/halfhour/halfhour/bench"
	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/series/hhparquet"
	"github.com/halfhour/halfhour/settlement"
)

func main() {
	dir := flag.String("dir", "", "directory to write to")
	n := flag.Int("n", 100, "meters")
	shape := flag.String("shape", string(bench.AllLanded), "landed or stairs")
	seed := flag.Uint64("seed", sample.Seed, "seed")
	flag.Parse()
	landing := bench.Landing(*shape)
	if *dir == "" || *n < 1 || landing != bench.AllLanded && landing != bench.InStairs {
		flag.Usage()
		os.Exit(2)
	}
	if err := write(*dir, *n, bench.NewFleet(landing, *seed)); err != nil {
		fmt.Fprintln(os.Stderr, "meters:", err)
		os.Exit(1)
	}
}

func write(dir string, n int, f *bench.Fleet) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	w := hhparquet.NewWriter()
	var manifest hhparquet.Manifest
	parquet := func(name string, write func(io.Writer) (hhparquet.Sum, error)) (sum hhparquet.Sum, err error) {
		err = file(dir, name, func(out io.Writer) (err error) {
			sum, err = write(out)
			return err
		})
		if err == nil {
			manifest.Add(name, sum)
		}
		return sum, err
	}
	if _, err := parquet("market.parquet", func(out io.Writer) (hhparquet.Sum, error) {
		return w.Write(out, settlement.MPAN{}, f.Market())
	}); err != nil {
		return err
	}
	if _, err := parquet("contract.parquet", func(out io.Writer) (hhparquet.Sum, error) {
		return w.Write(out, settlement.MPAN{}, f.Contract())
	}); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "tariff.toml"), sample.Tariff(), 0o644); err != nil {
		return err
	}
	if err := file(dir, "book.csv", func(book io.Writer) error {
		fmt.Fprintln(book, "readings,supply,tariff,contract,sha256")
		for i := range n {
			readings, supply, contract := fmt.Sprintf("meter%05d.parquet", i), fmt.Sprintf("meter%05d.toml", i), fmt.Sprintf("contract%05d.parquet", i)
			sum, err := parquet(readings, func(out io.Writer) (hhparquet.Sum, error) { return f.WriteMeter(out, i) })
			if err != nil {
				return err
			}
			s := f.Supply(i)
			// A meter of a book has nominated energy of its own; all nominate the same here.
			if _, err := parquet(contract, func(out io.Writer) (hhparquet.Sum, error) { return w.Write(out, s.MPAN, f.Contract()) }); err != nil {
				return err
			}
			text := fmt.Sprintf("version = 1\nmpan = %q\ndistributor = \"14\"\nllfc = \"H02\"\ngsp_group = \"_E\"\ntnuos_band = \"HV2\"\n\n[[capacity]]\nfrom = 2025-04-01\nkva = %q\n\n[tags]\nsite = %q\n",
				s.MPAN, s.Capacity[0].KVA, s.Tag("site"))
			if err := os.WriteFile(filepath.Join(dir, supply), []byte(text), 0o644); err != nil {
				return err
			}
			if _, err := fmt.Fprintf(book, "%s,%s,tariff.toml,%s,%x\n", readings, supply, contract, sum.Digest); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	return file(dir, "manifest", func(out io.Writer) error {
		_, err := manifest.WriteTo(out)
		return err
	})
}

// file writes a file and says whether it was closed well.
func file(dir, name string, write func(io.Writer) error) error {
	out, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	if err := write(out); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}
