package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/halfhour/halfhour/series/dtc"
)

// dated is a file, and when it was received where that is said.
type dated struct {
	name string
	at   time.Time
	said bool
	flow bool // and no CSV file

	parquet bool // which is neither

	once *[]byte // of what is read once, such as a pipe: all of it, after the first reading
}

// maxPipe is the most bytes kept of what can be read once only.
const maxPipe = 256 << 20

// open opens the file. Days that are not named are looked for before they are
// billed, so a file is read twice; a pipe is kept.
func (f *dated) open() (io.ReadCloser, error) {
	if *f.once != nil {
		return io.NopCloser(bytes.NewReader(*f.once)), nil
	}
	file, err := os.Open(f.name)
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err != nil || info.Mode().IsRegular() || info.IsDir() {
		return file, nil
	}
	defer file.Close()
	all, err := io.ReadAll(io.LimitReader(file, maxPipe+1))
	switch {
	case err != nil:
		return nil, err
	case len(all) > maxPipe:
		return nil, fmt.Errorf("%s: more than %d MiB from a pipe: write it to a file and name that", f.name, maxPipe>>20)
	}
	*f.once = all // never nil: what is empty is read once, too
	return io.NopCloser(bytes.NewReader(all)), nil
}

// fileOf is a file that does not say when it was received.
func fileOf(name string) dated { return dated{name: name, once: new([]byte)} }

// datedFile reads FILE or FILE@INSTANT. A file of the full name is that file,
// and so is what has no instant after its last @.
func datedFile(arg string) (dated, error) {
	at := strings.LastIndexByte(arg, '@')
	if at < 1 || exists(arg) {
		return fileOf(arg), nil
	}
	t, err := instantOf(arg[at+1:])
	switch {
	case err == nil:
		return dated{name: arg[:at], at: t, said: true, once: new([]byte)}, nil
	case exists(arg[:at]):
		return dated{}, usagef("%s: there is no such file, and after the @ of %s stands no instant: %w", arg, arg[:at], err)
	}
	return fileOf(arg), nil
}

// datedFiles reads all of a list.
func datedFiles(args []string) ([]dated, error) {
	out := make([]dated, len(args))
	for i, arg := range args {
		var err error
		if out[i], err = datedFile(arg); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// told says of each meter file what it is: Parquet if it begins so; else without
// --csv a flow, and with it those that begin as flows do. What can be read once only,
// such as a pipe, is Parquet or what --csv says.
func (c *input) told(files []dated) error {
	if err := sniff(files); err != nil {
		return err
	}
	for i := range files {
		f := &files[i]
		if f.flow = c.CSV == "" && !f.parquet; f.flow || f.parquet {
			continue
		}
		info, err := os.Stat(f.name)
		if err != nil {
			return err
		}
		if info.Mode().IsRegular() {
			if f.flow, err = dtc.Begins(f.name, f.open); err != nil {
				return err
			}
		}
	}
	return nil
}

// sniff says of each file whether it is Parquet.
func sniff(files []dated) (err error) {
	for i := range files {
		if files[i].parquet, err = beginsParquet(files[i].open); err != nil {
			return err
		}
	}
	return nil
}

// onlyParquet refuses flags that nothing would come of where all meter files are
// Parquet.
func (c *input) onlyParquet(files []dated) error {
	if slices.ContainsFunc(files, func(f dated) bool { return !f.parquet }) {
		return nil
	}
	for _, x := range []struct {
		flag  string
		given bool
	}{{"--tag", c.Tag != ""}, {"--csv", c.CSV != ""}, {"--round", c.Round}, {"--loose-end", c.LooseEnd}} {
		if x.given {
			return usagef("%s is of flows and CSV, and the meter data is Parquet alone, which states its runs and values: leave it out", x.flag)
		}
	}
	return nil
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// instantOf reads an instant with its zone.
func instantOf(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, fmt.Errorf("%s: want a date and time with its zone, such as 2025-07-01T12:00:00Z", s)
	}
	return t, nil
}

// usagef is a usageError in words.
func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }
