package dtc_test

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/dtc"
)

func TestCreated(t *testing.T) {
	want := time.Date(2026, 6, 5, 16, 19, 0, 0, time.UTC)
	for name, text := range map[string]string{
		"zhv":                   zhv,
		"zhd":                   zhd,
		"D0379":                 zhv79,
		"crlf":                  strings.Replace(zhv, "\n", "\r\n", 1),
		"byte order mark":       "\xef\xbb\xbf" + zhv,
		"a test file":           strings.Replace(zhv, "OPER", "TR01", 1),
		"whatever follows":      zhv + "\x00 not a group\n",
		"a long file":           zhv + strings.Repeat(rows(48), 1000),
		"a line without an end": zhv + strings.Repeat("x", 1<<16),
	} {
		got, err := dtc.Created("f", series.OpenBytes([]byte(text)))
		if err != nil || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestUTCDays(t *testing.T) {
	for text, want := range map[string]bool{zhv: false, zhd: false, zhv79: true, zhv79 + "\x00": true} {
		got, err := dtc.UTCDays("f", series.OpenBytes([]byte(text)))
		if err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	if _, err := dtc.UTCDays("f", series.OpenBytes([]byte(strings.Replace(zhv, "D0036", "D0010", 1)))); !errors.Is(err, series.ErrFormat) {
		t.Error("another flow:", err)
	}
}

func TestCreatedBad(t *testing.T) {
	at := func(s string) string { return strings.Replace(zhv, "20260605161900", s, 1) }
	for _, tt := range []struct {
		name, text string
		is         error
		column     int
	}{
		{"empty", "", series.ErrEmpty, 0},
		{"nothing there", at(""), series.ErrValue, 39},
		{"no time", at("20260605"), series.ErrValue, 39},
		{"no such day", at("20260230161900"), series.ErrValue, 39},
		{"no such year", at("19000605161900"), series.ErrValue, 39},
		{"no such hour", at("20260605241900"), series.ErrValue, 39},
		{"no such minute", at("20260605166000"), series.ErrValue, 39},
		{"no such second", at("20260605161960"), series.ErrValue, 39},
		{"not digits", at("2026-06-05T16:"), series.ErrValue, 39},
		{"another flow", strings.Replace(zhv, "D0036", "D0010", 1), series.ErrFormat, 16},
		{"cut", strings.TrimSuffix(zhv, "\n"), series.ErrFormat, 0},
		{"not a header", m101, series.ErrFormat, 1},
		{"one endless line", strings.Repeat("x", 1<<20), series.ErrFormat, 4097},
		{"fields missing", "ZHV|UC05176778|D0036001|\n", series.ErrFormat, 0},
	} {
		got, err := dtc.Created("f", series.OpenBytes([]byte(tt.text)))
		var e *series.Error
		if !errors.Is(err, tt.is) || !errors.As(err, &e) || e.Pos.Source != "f" || e.Pos.Column != tt.column || !got.IsZero() {
			t.Errorf("%s: %v, %v", tt.name, got, err)
		}
	}
	broken := errors.New("broken")
	if _, err := dtc.Created("f", func() (io.ReadCloser, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Error("open:", err)
	}
	if _, err := dtc.Created("f", func() (io.ReadCloser, error) { return os.Open(t.TempDir()) }); err == nil || !strings.Contains(err.Error(), "f:1: ") {
		t.Error("read:", err)
	}
}

// Created takes a header and a buffer, however long the file is.
func TestCreatedReadsTheHeaderOnly(t *testing.T) {
	read := 0
	_, err := dtc.Created("f", func() (io.ReadCloser, error) {
		return io.NopCloser(io.TeeReader(strings.NewReader(zhv+strings.Repeat("x", 1<<20)), counter{&read})), nil
	})
	if err != nil || read > 5000 {
		t.Errorf("%d bytes, %v", read, err)
	}
}

type counter struct{ n *int }

func (c counter) Write(p []byte) (int, error) { *c.n += len(p); return len(p), nil }

func TestBegins(t *testing.T) {
	for text, want := range map[string]bool{
		zhv: true, zhd: true, zhv79: true, "\xef\xbb\xbf" + zhv: true, "ZHV|": true, "ZHD|\x00": true,
		"": false, "ZHV": false, "ZHVX|": false, "mpan,date,value\n": false, "zhv|": false, "\xef\xbb\xbfmpan": false, "101|": false, " ZHV|": false,
	} {
		got, err := dtc.Begins("f", series.OpenBytes([]byte(text)))
		if err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, open := range []series.Opener{
		func() (io.ReadCloser, error) { return nil, os.ErrNotExist },
		func() (io.ReadCloser, error) { return io.NopCloser(broken{}), nil },
	} {
		if _, err := dtc.Begins("f", open); err == nil || !strings.HasPrefix(err.Error(), "f: ") {
			t.Error(err)
		}
	}
}

// broken cannot be read.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, os.ErrPermission }
