package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/halfhour/halfhour/series/hhparquet"
)

// TestFolderHeld: while a folder is written to, neither a batch nor a pack begins there,
// and nothing of what lies there changes.
func TestFolderHeld(t *testing.T) {
	if !locks {
		t.Skip("nothing keeps others away here")
	}
	s := newShop(t, 1)
	out := s.path("o")
	s.must(t, "--out", out)
	was := files(t, out)
	free, err := hold(context.Background(), out, 0)
	if err != nil {
		t.Fatal(err)
	}
	if code, _, errs := s.hh("--out", out); code != exitData || !strings.Contains(errs, out+": another hh batch or hh pack writes here: wait until it is done, or write to another folder") {
		t.Errorf("exit %d: %s", code, errs)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := deposit(ctx, filepath.Join(out, "x"), []byte("x"), hhparquet.Sum{Size: 1}, false); !errors.Is(err, errBusy) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a pack that waits: %v", err)
	}
	if files(t, out) != was {
		t.Error("the folder has changed")
	}
	if err := free(); err != nil {
		t.Fatal(err)
	}
	s.must(t, "--out", out)
	closed, err := os.Open(s.path("book.csv"))
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	if err := lock(closed); err == nil || errors.Is(err, errBusy) {
		t.Errorf("a file that cannot be locked: %v", err)
	}
}

// TestBatchHolds: a batch has its folder until it ends.
func TestBatchHolds(t *testing.T) {
	if !locks {
		t.Skip("nothing keeps others away here")
	}
	s := newShop(t, 1)
	c := &batchCmd{Book: word(s.path("book.csv")), Month: "2025-10", By: "item,month", Market: []string{s.path("market.parquet")}, LLFOf: "14/H02", Out: word(s.path("o")), MaxFailed: 1}
	b, err := c.plan()
	if err != nil {
		t.Fatal(err)
	}
	k, err := c.open(context.Background(), b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hold(context.Background(), s.path("o"), 0); !errors.Is(err, errBusy) {
		t.Errorf("while it prices: %v", err)
	}
	k.close()
	free, err := hold(context.Background(), s.path("o"), 0)
	if err != nil {
		t.Fatal(err)
	}
	free()
}

// TestBatchOthersManifest: a manifest that names what no batch writes stays, and so does
// all else in its folder: nothing is priced.
func TestBatchOthersManifest(t *testing.T) {
	s := newShop(t, 2)
	out := s.path("o")
	if err := os.Mkdir(out, 0o755); err != nil {
		t.Fatal(err)
	}
	flow := sent(t, s.dir, "a", "20240404090000", 2, "1.0", "E")
	packs(t, flow, "--out", filepath.Join(out, "m.parquet"))
	was := files(t, out)
	for range 2 {
		code, said, errs := s.hh("--out", out)
		if code != exitUsage || said != "" || !strings.Contains(errs, "--out "+out+": its manifest names m.parquet, which is no file of a batch") || !strings.Contains(errs, "write to another folder") {
			t.Errorf("exit %d: %s", code, errs)
		}
		if files(t, out) != was || exists(filepath.Join(out, checkpointName)) {
			t.Error("the folder has changed")
		}
	}
	// Beside a batch's own files it is not the batch's either.
	os.RemoveAll(out)
	s.must(t, "--out", out)
	packs(t, flow, "--out", filepath.Join(out, "m.parquet"))
	was = files(t, out)
	if code, _, errs := s.hh("--out", out); code != exitUsage || files(t, out) != was {
		t.Errorf("exit %d: %s", code, errs)
	}
	// Nor is one that cannot be read.
	written(t, out, manifestName, "mine\n")
	was = files(t, out)
	if code, _, errs := s.hh("--out", out); code != exitData || !strings.Contains(errs, "which files its manifest names cannot be told") || files(t, out) != was {
		t.Errorf("exit %d: %s", code, errs)
	}
	os.Remove(filepath.Join(out, manifestName))
	s.must(t, "--out", out)
}

// TestSweep: what a killed process left half written goes with the next that writes the
// name, and nothing else does.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	flow := sent(t, dir, "a", "20240404090000", 2, "1.0", "E")
	packs(t, flow, "--out", filepath.Join(dir, ".m.parquet-7")) // a file like another, and no rest of one
	for _, name := range []string{".m.parquet-123", ".manifest-9", ".m.parquet-notes", ".m.parquet-", ".m.parquet-1-2", ".n.parquet-5"} {
		written(t, dir, name, "x")
	}
	if err := os.Mkdir(filepath.Join(dir, ".m.parquet-8"), 0o755); err != nil {
		t.Fatal(err)
	}
	packs(t, flow, "--out", filepath.Join(dir, "m.parquet"))
	left, err := filepath.Glob(filepath.Join(dir, ".m*"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range left {
		left[i] = filepath.Base(left[i])
	}
	want := []string{".m.parquet-", ".m.parquet-1-2", ".m.parquet-7", ".m.parquet-8", ".m.parquet-notes"}
	if !locks {
		want = append(want, ".m.parquet-123", ".manifest-9")
		slices.Sort(want)
	}
	if !slices.Equal(left, want) || !exists(filepath.Join(dir, ".n.parquet-5")) {
		t.Errorf("left %q, want %q", left, want)
	}
}

// TestPackLooksFirst: a folder that is not there is found before anything is read.
func TestPackLooksFirst(t *testing.T) {
	dir := t.TempDir()
	code, _, errs := hh("pack", filepath.Join(dir, "no.D0036"), "--out", filepath.Join(dir, "none", "x"))
	if code != exitUsage || !strings.Contains(errs, "there is no folder "+filepath.Join(dir, "none")) {
		t.Errorf("exit %d: %s", code, errs)
	}
}
