package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/series"
)

// A checkpoint is a text file that only grows: a line that says what it was made
// with, and one for each meter that is done. Each line ends with a checksum of what
// stands before it, so that a line that was cut short is found: docs/format/batch.md.
const (
	checkpointName = "checkpoint"
	checkpointHead = "halfhour-batch 1"
	meterWord      = "meter"
	sumDigits      = 16      // hexadecimal digits of the checksum: 64 bits of a SHA-256
	maxRecord      = 4 << 20 // bytes of a line: maxLine totals, of 40 digits at most as a rule 15
)

// keeper is the checkpoint of a batch that runs.
type keeper struct {
	file *os.File
	free func() error // lets others into the folder; nil where there is none
	temp bool         // nobody asked for it: it goes when the batch ends
	size int64
	line []byte
	told int // meters since the last sync

	damaged int // lines that were passed over
}

// state is what is known of an entry of the book.
type state struct {
	digest [32]byte // of its inputs
	at     int64    // where its line stands
	size   int      // of the line; 0 while there is none
}

// field is a part of the first line.
type field struct{ name, value string }

// heading makes the first line: all that a meter's totals rest on but its own files.
func (b *batch) heading(c *batchCmd) error {
	program, err := engine()
	if err != nil {
		return err
	}
	dates, err := b.input.dates()
	if err != nil {
		return err
	}
	b.head = []field{
		{"program", program},
		{"days", b.Span.From().String() + " to " + (b.Span.To() - 1).String()},
		{"view", b.View.View()},
		{"by", b.words()},
		{"market", b.market},
		{"contract", b.contract},
		{"llf-of", string(c.LLFOf)},
		{"calendar", dates},
		{"readings", fmt.Sprintf("csv=%s tag=%s loose-end=%v round=%v", c.CSV, c.Tag, c.LooseEnd, c.Round)},
		{"rules", fmt.Sprintf("gaps=%v accept-unconfirmed=%v", c.Gaps, c.Accept)},
	}
	return nil
}

// engine names the program that prices, by its own bytes: another may price
// otherwise.
var engine = sync.OnceValues(func() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	sum, err := digestOf(fileOf(path))
	return runtime.GOARCH + " " + sum, err
})

// maxBatchWait is how long a pack, which has a folder for no longer, is waited for.
const maxBatchWait = time.Second

// open opens the checkpoint, and reads what an earlier run left in it. From then on the
// folder is this batch's alone.
func (c *batchCmd) open(ctx context.Context, b *batch) (*keeper, error) {
	k := &keeper{temp: c.Out == ""}
	err := k.open(ctx, b, string(c.Out))
	if err != nil {
		k.close()
		return nil, err
	}
	return k, nil
}

func (k *keeper) open(ctx context.Context, b *batch, dir string) (err error) {
	if k.temp {
		if k.file, err = os.CreateTemp("", "hh-batch-*"); err != nil {
			return err
		}
		return k.begin(b)
	}
	_, missing := os.Stat(dir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if missing != nil {
		if err := syncDir(filepath.Dir(dir)); err != nil {
			return err
		}
	}
	if k.free, err = hold(ctx, dir, maxBatchWait); err != nil {
		return err
	}
	if err := ours(dir); err != nil { // another may have packed into it meanwhile
		return err
	}
	path := filepath.Join(dir, checkpointName)
	if k.file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644); err != nil {
		return err
	}
	if err := lock(k.file); err != nil { // of a folder on another machine the lock may be this machine's alone
		return fmt.Errorf("%s: %w: wait until it is done, or write to another folder", path, err)
	}
	if err := k.recall(b, path); err != nil {
		return err
	}
	return withdraw(dir)
}

// begin writes the first line of a new checkpoint, and makes it and the name of
// the file to be on the disk: nothing that follows is good without them.
func (k *keeper) begin(b *batch) error {
	if err := k.file.Truncate(0); err != nil {
		return err
	}
	k.line = append(k.line[:0], checkpointHead...)
	for _, f := range b.head {
		k.line = append(k.line, '\t')
		k.line = append(k.line, f.name...)
		k.line = append(k.line, '=')
		k.line = append(k.line, f.value...)
	}
	if _, _, err := k.append(); err != nil || k.temp {
		return err
	}
	return errors.Join(k.file.Sync(), syncDir(filepath.Dir(k.file.Name())))
}

// append writes k.line with its checksum.
func (k *keeper) append() (at int64, size int, err error) {
	sum := sha256.Sum256(k.line)
	k.line = append(k.line, '\t')
	k.line = hex.AppendEncode(k.line, sum[:sumDigits/2])
	k.line = append(k.line, '\n')
	at, size = k.size, len(k.line)
	if _, err = k.file.WriteAt(k.line, at); err != nil {
		return 0, 0, err
	}
	k.size += int64(size)
	return at, size, nil
}

// keep writes the line of a meter that is done.
func (k *keeper) keep(b *batch, at int, p *halfhour.Priced) (err error) {
	e, s := &b.book.entries[at], &b.states[at]
	k.line = append(append(k.line[:0], meterWord...), '\t')
	k.line = append(append(k.line, e.id()...), '\t')
	k.line = append(hex.AppendEncode(k.line, s.digest[:]), '\t')
	k.line = append(append(k.line, p.Supply.MPAN.String()...), '\t')
	k.line = append(strconv.AppendQuote(k.line, b.value(e, p.Supply)), '\t')
	k.line = append(strconv.AppendUint(k.line, uint64(p.Conditions), 10), '\t')
	k.line = p.Amounts.AppendText(k.line)
	if len(k.line) > maxRecord-sumDigits-2 {
		return &series.Error{Pos: series.Pos{Source: e.readings}, Want: "totals of at most 4 MiB for a meter: price fewer days at once", Err: series.ErrLimit}
	}
	if s.at, s.size, err = k.append(); err != nil {
		return err
	}
	if k.told++; k.told%syncEvery == 0 {
		return k.sync()
	}
	return nil
}

// syncEvery is after how many meters the checkpoint is made to be on the disk: a
// machine that stops loses no more of them.
const syncEvery = 1000

func (k *keeper) sync() error {
	if k.temp {
		return nil
	}
	return k.file.Sync()
}

func (k *keeper) close() {
	if k.file != nil {
		k.file.Close()
		if k.temp {
			os.Remove(k.file.Name())
		}
	}
	if k.free != nil {
		k.free()
	}
}

// read gives the record at a place, for which it uses buf.
func (k *keeper) read(s state, buf []byte) (record, []byte, error) {
	if cap(buf) < s.size {
		buf = make([]byte, s.size)
	}
	buf = buf[:s.size]
	if _, err := k.file.ReadAt(buf, s.at); err != nil {
		return record{}, buf, err
	}
	payload, ok := checked(buf)
	if !ok {
		return record{}, buf, &series.Error{Pos: series.Pos{Source: k.file.Name()}, Want: "lines as they were written: the checkpoint was damaged meanwhile", Err: series.ErrFormat}
	}
	r, err := parseRecord(payload)
	return r, buf, err
}
