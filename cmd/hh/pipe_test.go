//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/halfhour/halfhour/series/hhparquet"
)

// TestPipe: what can be read once only is billed as the file it comes from, also
// where the days are looked for before they are billed, and with a journal.
func TestPipe(t *testing.T) {
	dir := t.TempDir()
	file := sent(t, dir, "file", "20240415120000", 3, "1.5", "A")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pipe := filepath.Join(dir, "pipe")
	for _, flags := range [][]string{nil, {"--journal", "--known-at", settled}} { // which else is now, to the second
		bill := func(name string) string {
			args := append([]string{"bill", name, "--tariff", "../../testdata/tariffs/wmid-lv-2024.toml", "--supply", "../../testdata/supplies/lv-70kva.toml"}, flags...)
			code, stdout, stderr := hh(args...)
			if code != exitFine {
				t.Fatalf("%v: exit %d: %s", args, code, stderr)
			}
			return strings.ReplaceAll(stdout, pipe, file)
		}
		want := bill(file)
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Fatal(err)
		}
		go os.WriteFile(pipe, text, 0)
		if got := bill(pipe); got != want {
			t.Errorf("%v: from a pipe\n%s\nwant\n%s", flags, got, want)
		}
		os.Remove(pipe)
	}
}

// TestBatchPipe: what all meters share is read once, so that it can come from a pipe.
func TestBatchPipe(t *testing.T) {
	s := newShop(t, 1)
	want := s.must(t)
	raw, err := os.ReadFile(s.path("market.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(s.path("market.parquet")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(s.path("market.parquet"), 0o600); err != nil {
		t.Fatal(err)
	}
	go os.WriteFile(s.path("market.parquet"), raw, 0)
	if got := s.must(t); got != want {
		t.Errorf("from a pipe\n%s\nwant\n%s", got, want)
	}
}

// TestBatchBookPipe: a pipe in a book, whatever it stands for, fails its meter, and
// nobody waits for who may never write.
func TestBatchBookPipe(t *testing.T) {
	for _, name := range []string{"m001.parquet", "m001.toml"} {
		s := newShop(t, 2)
		if err := os.Remove(s.path(name)); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(s.path(name), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, more := range [][]string{nil, {"--csv", "long,start,london,kwh"}, {"--tag", "SF"}} {
			if code, _, errs := s.hh(more...); code == exitFine || name == "m001.parquet" && more != nil && code != exitData {
				t.Errorf("%s %v: exit %d: %s", name, more, code, errs)
			}
		}
		if code, _, errs := s.hh(); code != exitData || !strings.Contains(errs, name) || !strings.Contains(errs, "cannot be read again when the batch goes on") {
			t.Errorf("%s: exit %d: %s", name, code, errs)
		}
	}
}

// TestPackStops: a pack that reads what nobody writes ends when it is told to, and
// leaves nothing.
func TestPackStops(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	code, said := make(chan int), new(bytes.Buffer)
	go func() {
		code <- run(ctx, []string{"pack", pipe, "--out", filepath.Join(out, "m.parquet")}, io.Discard, said)
	}()
	writer, err := os.OpenFile(pipe, os.O_WRONLY, 0) // once it reads
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	cancel()
	if got := <-code; got != exitData || !strings.Contains(said.String(), "stopped: nothing was written to "+out) {
		t.Errorf("exit %d: %s", got, said)
	}
	if list, err := os.ReadDir(out); err != nil || len(list) > 0 {
		t.Errorf("left %v: %v", list, err)
	}
}

// TestPackStoppedBefore: a pack that is stopped once it has read all, and before it has
// the folder, writes nothing.
func TestPackStoppedBefore(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := deposit(ctx, filepath.Join(dir, "x"), []byte("x"), hhparquet.Sum{Size: 1}, false); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) > 0 {
		t.Errorf("left %v: %v", list, err)
	}
}
