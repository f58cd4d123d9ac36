package main

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/halfhour/halfhour/series/hhparquet"
)

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

// sweep removes what a process that was killed while it placed files of these names left
// half written, but for files that keep says are others'. Whoever calls it holds the
// folder: else what another is about to place would go.
func sweep(dir string, keep func(name string) bool, names ...string) error {
	list, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, f := range list {
		for _, name := range names {
			number, found := strings.CutPrefix(f.Name(), "."+name+"-")
			if !found || number == "" || strings.Trim(number, "0123456789") != "" || !f.Type().IsRegular() || keep != nil && keep(f.Name()) {
				continue
			}
			if err := os.Remove(filepath.Join(dir, f.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
