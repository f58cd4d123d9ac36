package hhparquet

import (
	"errors"
	"fmt"

	"github.com/halfhour/halfhour/series"
)

// What can be wrong with a file beyond the sentinels of series; match with
// errors.Is.
var (
	ErrDigest   = errors.New("not the bytes its digest is of")
	ErrVersion  = errors.New("unknown version of the format")
	ErrReadBack = errors.New("written file does not read back as it was")
)

// fail is bad data in the file at hand.
func (r *Reader) fail(value, want string, sentinel error) error {
	return &series.Error{Pos: series.Pos{Source: r.name}, Value: value, Want: want, Err: sentinel}
}

const damaged = "the file is damaged or not one of ours: get it again"

// broken is fail for a place in the file.
func (r *Reader) broken(format string, args ...any) error {
	return r.fail(fmt.Sprintf(format, args...), "a file as it was written: "+damaged, series.ErrFormat)
}

// saved turns a panic into an error: nothing a file holds may end the process.
// No file is known that gets here; the tests look for the words.
func (r *Reader) saved(err *error) {
	if p := recover(); p != nil {
		*err = r.broken("the reader failed: %v", p)
	}
}
