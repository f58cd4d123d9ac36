package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
)

// vacant refuses a file to be written that is there, unless it is to be replaced, a name
// that a manifest cannot hold, and one in no folder.
func vacant(path string, replace bool) error {
	name := filepath.Base(path)
	switch info, err := os.Lstat(path); {
	case len(name) > maxPath || !series.Printable(name) || strings.TrimSpace(name) != name || strings.ContainsRune(name, '\ufffd'):
		return usagef("--out %q: want a name of at most %d printable characters, without a space at either end", path, maxPath)
	case name == manifestName || name == checkpointName || slices.Contains(results, name):
		return usagef("--out %s: %s is what a file is called that hh itself writes to a folder: take another name", path, name)
	case err == nil && !info.Mode().IsRegular():
		return usagef("--out %s: there is something of this name that is no file", path)
	case err == nil && !replace:
		return usagef("--out %s: the file is there: take another name, or --replace it", path)
	}
	dir := filepath.Dir(path)
	switch info, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return usagef("--out %s: there is no folder %s: make it first", path, dir)
	case err != nil:
		return err
	case !info.IsDir():
		return usagef("--out %s: %s is no folder", path, dir)
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

// maxWait is how long others are waited for.
const maxWait = time.Minute

// deposit places a file in its folder and then names it in the folder's manifest, and
// says how many files that names. While it does, others wait. It ends with ctx as long as
// it waits for others; what it has begun to write it finishes.
func deposit(ctx context.Context, path string, content []byte, sum hhparquet.Sum, replace bool) (named int, err error) {
	dir, name := filepath.Dir(path), filepath.Base(path)
	free, err := hold(ctx, dir, maxWait)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, free()) }()
	if err := ctx.Err(); err != nil {
		return 0, err
	}
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
	if locks { // else another's, which is not done, could go
		named := func(name string) bool { _, named := m.Sum(name); return named }
		if err := sweep(dir, named, name, manifestName); err != nil {
			return 0, err
		}
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
