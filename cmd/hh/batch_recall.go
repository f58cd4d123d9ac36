package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// checked is a line without its checksum and its end; ok if it is whole.
func checked(line []byte) (payload []byte, ok bool) {
	line, ended := bytes.CutSuffix(line, []byte{'\n'})
	at := len(line) - sumDigits - 1
	if !ended || at < 0 || line[at] != '\t' {
		return nil, false
	}
	sum := sha256.Sum256(line[:at])
	return line[:at], string(line[at+1:]) == hex.EncodeToString(sum[:sumDigits/2])
}

// recall reads an earlier checkpoint. What stands after the last whole line was cut
// short and is dropped. A damaged line before that is passed over, and its meter
// priced again: a machine that loses its power may leave some lines on the disk and
// not those before them. A first line that is damaged says nothing of the others, so
// it is refused, and so is a checkpoint made with anything else, which says with what.
func (k *keeper) recall(b *batch, path string) error {
	in := bufio.NewReaderSize(k.file, maxRecord)
	byID := map[string]int{}
	for i := range b.book.entries {
		byID[b.book.entries[i].id()] = i
	}
	at, damaged := int64(0), 0 // damaged since the last whole line
	for n := 1; ; n++ {
		line, err := in.ReadSlice('\n')
		payload, whole := checked(line)
		pos := series.Pos{Source: path, Line: n}
		switch {
		case errors.Is(err, io.EOF) && n == 1:
			return k.begin(b) // new, or cut short before anything was kept
		case errors.Is(err, io.EOF):
			return k.file.Truncate(k.size)
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return err
		case !whole && n == 1:
			return &series.Error{Pos: pos, Want: "a line as it was written: the checkpoint was damaged; remove it to begin anew", Err: series.ErrFormat}
		case !whole:
			damaged++
		case n == 1:
			err = b.sameHead(string(payload), pos)
		default:
			err = b.recallMeter(payload, at, len(line), byID, pos)
		}
		at += int64(len(line))
		if !whole {
			continue
		}
		if err != nil {
			return err
		}
		k.size, k.damaged, damaged = at, k.damaged+damaged, 0
	}
}

// sameHead refuses a checkpoint that was made with something else.
func (b *batch) sameHead(text string, pos series.Pos) error {
	parts := strings.Split(text, "\t")
	if parts[0] != checkpointHead || len(parts) != len(b.head)+1 {
		return &series.Error{Pos: pos, Value: parts[0], Want: "a checkpoint of this version of hh batch (" + checkpointHead + "): write to another folder", Err: series.ErrFormat}
	}
	for i, f := range b.head {
		if name, was, _ := strings.Cut(parts[i+1], "="); name != f.name || was != f.value {
			return &series.Error{Pos: pos, Value: was, Want: fmt.Sprintf("the same %s as now, %s: meters that are done were priced with another; write to another folder, or remove the checkpoint to price all of them again", f.name, f.value), Err: errOther}
		}
	}
	return nil
}

// recallMeter notes where a meter's line stands. A meter that is no longer in the
// book is passed over; of one that was done twice the later line holds.
func (b *batch) recallMeter(payload []byte, at int64, size int, byID map[string]int, pos series.Pos) error {
	r, err := parseRecord(payload)
	if err != nil {
		return &series.Error{Pos: pos, Want: err.Error(), Err: series.ErrFormat}
	}
	if i, held := byID[r.id]; held {
		b.states[i] = state{digest: r.digest, at: at, size: size}
	}
	return nil
}

// record is a meter's line.
type record struct {
	id         string
	digest     [32]byte
	mpan       settlement.MPAN
	value      string
	conditions tariffs.Condition
	amounts    []byte
}

func parseRecord(payload []byte) (r record, err error) {
	parts := bytes.SplitN(payload, []byte{'\t'}, 10)
	if len(parts) != 10 || string(parts[0]) != meterWord {
		return r, errors.New("a line of a meter, with ten parts: remove the file to begin anew")
	}
	r.id = string(parts[1]) + "\t" + string(parts[2]) + "\t" + string(parts[3]) + "\t" + string(parts[4])
	if n, err := hex.Decode(r.digest[:], parts[5][:min(len(parts[5]), 64)]); err != nil || n != 32 {
		return r, errors.New("a SHA-256")
	}
	if r.mpan, err = settlement.ParseMPAN(string(parts[6])); err != nil {
		return r, err
	}
	if r.value, err = strconv.Unquote(string(parts[7])); err != nil {
		return r, errors.New("a quoted value")
	}
	conditions, err := strconv.ParseUint(string(parts[8]), 10, 32)
	r.conditions, r.amounts = tariffs.Condition(conditions), parts[9]
	return r, err
}
