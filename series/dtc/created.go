package dtc

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/halfhour/halfhour/series"
)

// headerCreated is the header's field of when the file was made, YYYYMMDDHHMMSS.
const headerCreated = 7

// Created gives the instant the header says the file was made. The flows name no
// version, so this is what tells a newer file from an older one, and it is the
// same whenever and wherever the file is loaded.
//
// It reads the header and no more, of test files too; Read judges the rest. The
// time is taken as UTC: no public source states its zone. If a sender writes
// local time, the instant is an hour late in summer, while the order of its
// files still holds but for those made in the hour that is lived twice.
//
// Errors are those of Read for a header, and series.ErrValue for a field that
// is no date and time.
func Created(name string, open series.Opener) (created time.Time, err error) {
	err = header(name, open, func(r *reader) {
		var ok bool
		if created, ok = parseInstant(r.rec.field(headerCreated)); !ok {
			r.failField(headerCreated, "when the file was made, written YYYYMMDDHHMMSS, such as 20260605161900", series.ErrValue)
		}
	})
	return created, err
}

// UTCDays says whether the header names a flow that counts in UTC days (D0379)
// and not in settlement days (D0036): a later file restates whole days of that
// kind. It reads what Created reads, with the same errors.
func UTCDays(name string, open series.Opener) (utc bool, err error) {
	err = header(name, open, func(r *reader) { utc = r.flow.utc })
	return utc, err
}

// Begins says whether a source begins as a flow does, with a ZHV or ZHD header: so
// it is told from a CSV file. It reads the first bytes and no more, and judges
// nothing else.
func Begins(name string, open series.Opener) (flow bool, err error) {
	src, err := open()
	if err != nil {
		return false, fmt.Errorf("%s: %w", name, err)
	}
	defer func() { // whose error cannot matter: everything asked for was read
		_ = src.Close()
	}()
	first, err := io.ReadAll(io.LimitReader(src, int64(len(byteOrderMark)+len("ZHV|"))))
	if err != nil {
		return false, fmt.Errorf("%s: %w", name, err)
	}
	code, _, piped := bytes.Cut(bytes.TrimPrefix(first, byteOrderMark), []byte("|"))
	for i := range envelopes {
		flow = flow || piped && string(code) == envelopes[i].code
	}
	return flow, nil
}

// header shows a reader that has read the header, of which only failures are
// returned.
func header(name string, open series.Opener, see func(*reader)) (err error) {
	src, err := open()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer func() { // whose error cannot matter: everything asked for was read
		_ = src.Close()
	}()
	r := &reader{name: name, opt: Options{Test: true}, yield: func(_ series.Reading, e error) bool {
		err = e
		return false
	}}
	r.lines.src = bufio.NewReaderSize(io.LimitReader(src, int64(headerBytes)), headerBytes)
	if r.header() {
		see(r)
	}
	return err
}

// headerBytes hold a byte order mark, the longest line and its end.
const headerBytes = maxLine + len("\xef\xbb\xbf") + len("\r\n")

// parseInstant reads YYYYMMDDHHMMSS as UTC.
func parseInstant(b []byte) (time.Time, bool) {
	if len(b) != len("20240401235959") || !isDigits(b) {
		return time.Time{}, false
	}
	day, err := parseDate(b[:8])
	two := func(i int) int { return int(b[i]-'0')*10 + int(b[i+1]-'0') }
	hour, minute, second := two(8), two(10), two(12)
	if err != nil || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	year, month, dd := day.Date()
	return time.Date(year, month, dd, hour, minute, second, 0, time.UTC), true
}
