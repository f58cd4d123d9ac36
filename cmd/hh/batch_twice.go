package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/halfhour/halfhour/series"
)

// agreements are the contract files of a book, each once: by their paths without links,
// and by what is in them. Only files as long as another are read.
type agreements struct {
	of     *batch
	byPath map[string]*agreement
	bySize map[int64]*agreement // the first of each
	bySum  map[string]*agreement
}

// agreement is a contract file.
type agreement struct {
	path      string
	at        int // the first entry that has it
	info      os.FileInfo
	digest    string // of its bytes, once another is as long
	looked    bool
	nominates bool // it holds nominated energy, once that was looked for
}

// nominatedOnce refuses a book in which two meters have one file of nominated energy,
// which is one supply's: it would be charged twice. A link is the file it leads to. A
// copy may be meant, for two supplies can have nominated the same: it is told. A file
// that cannot be read is its meters' own mistake.
func (b *batch) nominatedOnce() (told []string, err error) {
	var errs series.Errors
	all := &agreements{of: b, byPath: map[string]*agreement{}, bySize: map[int64]*agreement{}, bySum: map[string]*agreement{}}
	for i := range b.book.entries {
		e := &b.book.entries[i]
		if e.contract == "" {
			continue
		}
		same, one := all.find(b.book.path(e.contract), i)
		if same == nil || !all.nominates(same) {
			continue
		}
		first := b.book.entries[same.at].line
		if !one {
			told = append(told, fmt.Sprintf("%s:%d: %s holds the same nominated energy as %s in line %d, byte for byte: it is taken as each supply's own, and where both are priced both are charged", b.book.name, e.line, e.contract, b.book.entries[same.at].contract, first))
			continue
		}
		if errs = append(errs, &series.Error{Pos: series.Pos{Source: b.book.name, Line: e.line}, Value: e.contract,
			Want: fmt.Sprintf("nominated energy of this supply alone, and this file is that of line %d: it would be charged twice", first), Err: errTwice}); len(errs) == series.MaxErrors {
			return nil, append(errs, series.TooMany(series.Pos{Source: b.book.name}))
		}
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return told, nil
}

// find gives the file of an earlier entry that is the same one, or holds the same bytes.
func (a *agreements) find(path string, at int) (same *agreement, one bool) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if f := a.byPath[path]; f != nil {
		return f, true
	}
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil, false
	}
	f := &agreement{path: path, at: at, info: info}
	a.byPath[path] = f
	first := a.bySize[info.Size()]
	if first == nil {
		a.bySize[info.Size()] = f
		return nil, false
	}
	a.sum(first)
	if same = a.sum(f); same == nil || same == f {
		return nil, false
	}
	return same, os.SameFile(same.info, info)
}

// sum finds the first file with the bytes of f: nil if they cannot be read.
func (a *agreements) sum(f *agreement) *agreement {
	if f.digest == "" {
		var err error
		if f.digest, err = digestOf(fileOf(f.path)); err != nil {
			return nil
		}
	}
	if a.bySum[f.digest] == nil {
		a.bySum[f.digest] = f
	}
	return a.bySum[f.digest]
}

// nominates reports whether a file holds nominated energy.
func (a *agreements) nominates(f *agreement) bool {
	if !f.looked {
		files := []dated{fileOf(f.path)}
		err, c := sniff(files), (*series.Cube)(nil)
		if err == nil {
			c, _, err = collectLines(files, series.Contract(), a.of.Span, nil)
		}
		f.looked, f.nominates = true, err == nil && holdsAny(c, series.Nominated)
	}
	return f.nominates
}
