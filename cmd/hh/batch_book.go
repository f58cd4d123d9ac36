package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/halfhour/halfhour/series"
)

// Limits of a book.
const (
	maxBook   = 256 << 20
	maxMeters = 1_000_000
	maxPath   = 512
)

// What can be wrong with a batch beyond the sentinels of the packages.
var (
	errTwice = errors.New("meter stands twice")
	errOther = errors.New("made with something else")
)

// book is the meters of a batch.
type book struct {
	name      string
	dir       string
	entries   []entry
	contracts bool // meters have contract lines of their own
}

// entry is a meter of the book: names of files, as they stand.
type entry struct {
	readings, supply, tariff string
	contract                 string // or ""
	sum                      []byte // SHA-256 of the readings, or nil
	line                     int
}

// id names the meter in a checkpoint: what it is, wherever it stands in the book.
func (e *entry) id() string {
	return e.readings + "\t" + e.supply + "\t" + e.tariff + "\t" + e.contract
}

// digest is the SHA-256 of the meters' names, in an order that is not the book's.
func (b *book) digest() string {
	ids := make([]string, len(b.entries))
	for i := range b.entries {
		ids[i] = b.entries[i].id()
	}
	slices.Sort(ids)
	h := sha256.New()
	for _, id := range ids {
		fmt.Fprintln(h, id)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// path is where a file of the book lies.
func (b *book) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(b.dir, name)
}

func (b *book) pos(i int) string { return fmt.Sprintf("%s:%d", b.name, b.entries[i].line) }

// readBook reads a book: docs/format/batch.md. It gives every mistake, up to
// series.MaxErrors.
func readBook(name string) (*book, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > maxBook {
		return nil, &series.Error{Pos: series.Pos{Source: name}, Want: "a book of at most 256 MiB: price it in parts", Err: series.ErrLimit}
	}
	b := &book{name: name, dir: filepath.Dir(name)}
	in := bufio.NewReader(f)
	if mark, err := in.Peek(3); err == nil && string(mark) == "\ufeff" { // spreadsheets write one
		in.Discard(3)
	}
	return b, b.read(in)
}

func (b *book) read(src io.Reader) error {
	in := csv.NewReader(src)
	in.ReuseRecord = true
	head, err := in.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return b.broken(err)
	}
	rest, ok := cutHead(head)
	if !ok {
		return &series.Error{Pos: series.Pos{Source: b.name, Line: 1}, Value: strings.Join(head, ","), Want: "a first line readings,supply,tariff and, if wanted, contract and sha256, in this order", Err: series.ErrFormat}
	}
	columns := slices.Clone(rest)
	b.contracts = slices.Contains(columns, "contract")
	var errs series.Errors
	seen := map[string]int{}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return append(errs, b.broken(err))
		}
		if len(b.entries) == maxMeters {
			return append(errs, &series.Error{Pos: series.Pos{Source: b.name}, Want: "at most 1,000,000 meters: price them in parts", Err: series.ErrLimit})
		}
		if e, err := b.entry(in, row, columns, seen); err != nil {
			if errs = append(errs, err); len(errs) == series.MaxErrors {
				return append(errs, series.TooMany(series.Pos{Source: b.name}))
			}
		} else {
			b.entries = append(b.entries, e)
		}
	}
	if len(errs) > 0 {
		return errs
	}
	if len(b.entries) == 0 {
		return &series.Error{Pos: series.Pos{Source: b.name}, Want: "at least one meter below the first line", Err: series.ErrEmpty}
	}
	return nil
}

// cutHead gives the columns after the first three.
func cutHead(head []string) (rest []string, ok bool) {
	if len(head) < 3 || !slices.Equal(head[:3], []string{"readings", "supply", "tariff"}) {
		return nil, false
	}
	for _, may := range [][]string{{}, {"contract"}, {"sha256"}, {"contract", "sha256"}} {
		ok = ok || slices.Equal(head[3:], may)
	}
	return head[3:], ok
}

func (b *book) broken(err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return &series.Error{Pos: series.Pos{Source: b.name, Line: p.Line, Column: p.Column}, Want: "CSV with as many columns in each line: " + p.Err.Error(), Err: series.ErrFormat}
	}
	return &series.Error{Pos: series.Pos{Source: b.name}, Want: "a book that can be read to its end", Err: err}
}

func (b *book) entry(in *csv.Reader, row, columns []string, seen map[string]int) (e entry, err error) {
	bad := func(column int, want string, kind error) error {
		line, col := in.FieldPos(column)
		return &series.Error{Pos: series.Pos{Source: b.name, Line: line, Column: col}, Value: row[column], Want: want, Err: kind}
	}
	for i, text := range row[:3] {
		if text == "" || len(text) > maxPath || !series.Printable(text) {
			return e, bad(i, "the name of a file, of at most 512 bytes in one line", series.ErrValue)
		}
	}
	e.readings, e.supply, e.tariff = row[0], row[1], row[2]
	e.line, _ = in.FieldPos(0)
	for i, name := range columns {
		at := 3 + i
		switch text := row[at]; {
		case text == "":
		case name == "contract" && (len(text) > maxPath || !series.Printable(text)):
			return e, bad(at, "the name of a file, of at most 512 bytes in one line, or nothing", series.ErrValue)
		case name == "contract":
			e.contract = text
		default:
			if e.sum, err = hex.DecodeString(text); err != nil || len(e.sum) != 32 {
				return e, bad(at, "a SHA-256 as 64 hexadecimal digits, or nothing", series.ErrValue)
			}
		}
	}
	if line, held := seen[e.supply]; held {
		return e, bad(1, fmt.Sprintf("each supply once, and this one is in line %d: its totals would count twice", line), errTwice)
	}
	seen[e.supply] = e.line
	return e, nil
}
