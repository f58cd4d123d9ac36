package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
)

// vacant refuses a file to be written that is there, unless it is to be replaced, and a
// name that a manifest cannot hold.
func vacant(path string, replace bool) error {
	name := filepath.Base(path)
	switch info, err := os.Lstat(path); {
	case len(name) > maxPath || !series.Printable(name) || strings.TrimSpace(name) != name || strings.ContainsRune(name, '\ufffd'):
		return usagef("--out %q: want a name of at most %d printable characters, without a space at either end", path, maxPath)
	case name == manifestName || name == checkpointName:
		return usagef("--out %s: %s is what the folder's own file is called: take another name", path, name)
	case err == nil && !info.Mode().IsRegular():
		return usagef("--out %s: there is something of this name that is no file", path)
	case err == nil && !replace:
		return usagef("--out %s: the file is there: take another name, or --replace it", path)
	}
	return nil
}

// reads says whether a file holds what was written to it.
func reads(path string, content []byte) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if [sha256.Size]byte(h.Sum(nil)) != sha256.Sum256(content) {
		return &series.Error{Pos: series.Pos{Source: path}, Want: "the bytes that were written to it: is the disk full, or failing?", Err: hhparquet.ErrReadBack}
	}
	return nil
}

// deposit places a file in its folder and then names it in the folder's manifest, and
// says how many files that names. While it does, others wait.
func deposit(path string, content []byte, sum hhparquet.Sum, replace bool) (named int, err error) {
	dir, name := filepath.Dir(path), filepath.Base(path)
	free, err := hold(dir)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, free()) }()
	if err := vacant(path, replace); err != nil { // another may have written it meanwhile
		return 0, err
	}
	old, err := manifestOf(dir)
	if err != nil {
		return 0, err
	}
	m := new(hhparquet.Manifest)
	m.Add(name, sum)
	for _, other := range old.Names() {
		if s, _ := old.Sum(other); other != name {
			m.Add(other, s)
		}
	}
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		return 0, err
	}
	if _, err := hhparquet.ReadManifest(filepath.Join(dir, manifestName), bytes.NewReader(b.Bytes())); err != nil { // too many files
		return 0, err
	}
	if err := settle(dir, name, content); err != nil {
		return 0, err
	}
	return len(m.Names()), settle(dir, manifestName, b.Bytes())
}

// settle places a file once the disk has what was written. Whoever calls it holds the
// folder.
func settle(dir, name string, content []byte) error {
	_, err := place(dir, name, func(w io.Writer) error { _, err := w.Write(content); return err },
		func(f *os.File) error { return reads(f.Name(), content) })
	return err
}

// maxWait is how long others are waited for.
const maxWait = time.Minute

// hold keeps others from a folder's manifest until free is called, where the system
// can.
func hold(dir string) (free func() error, err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	for until := time.Now().Add(maxWait); ; time.Sleep(5 * time.Millisecond) {
		err = lock(f)
		if !errors.Is(err, errBusy) || time.Now().After(until) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", dir, err), f.Close())
	}
	return f.Close, nil
}
