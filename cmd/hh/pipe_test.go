//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
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
	for _, flags := range [][]string{nil, {"--journal"}} {
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
