package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestBatchResumes: a checkpoint cut at any byte goes on to the same files.
func TestBatchResumes(t *testing.T) {
	s := newShop(t, 5)
	s.must(t, "--out", s.path("whole"))
	want := files(t, s.path("whole"))
	kept, err := os.ReadFile(s.path("whole/checkpoint"))
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	cuts := []int{0, 1, len(kept) - 1, len(kept), bytes.IndexByte(kept, '\n'), bytes.IndexByte(kept, '\n') + 1}
	for range 12 {
		cuts = append(cuts, random.IntN(len(kept)))
	}
	for _, cut := range cuts {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, checkpointName), kept[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		s.must(t, "--out", dir)
		if files(t, dir) != want {
			t.Errorf("cut at %d of %d: other files", cut, len(kept))
		}
	}
	dir := t.TempDir() // all done, and the beginning of a line after that
	if err := os.WriteFile(filepath.Join(dir, checkpointName), append(slices.Clone(kept), "meter\tm0"...), 0o600); err != nil {
		t.Fatal(err)
	}
	s.must(t, "--out", dir)
	if left, err := os.ReadFile(filepath.Join(dir, checkpointName)); err != nil || !bytes.Equal(left, kept) {
		t.Error("a line that was cut short is still there")
	}
	lines := bytes.SplitAfter(kept, []byte("\n"))
	for _, c := range []struct {
		name    string
		damaged []byte // in place of the third line
		says    string
	}{
		{"zeros", make([]byte, len(lines[2])), "1 damaged lines"},
		{"zeros and an end", append(make([]byte, len(lines[2])-1), '\n'), "1 damaged lines"},
		{"more zeros than a line has", make([]byte, 2*maxRecord+5), "3 damaged lines"},
		{"noise", []byte("x\ny\n"), "2 damaged lines"},
	} {
		dir := t.TempDir()
		bad := slices.Concat(lines[0], lines[1], c.damaged, lines[3], lines[4], lines[5])
		if err := os.WriteFile(filepath.Join(dir, checkpointName), bad, 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, errs := s.hh("--out", dir)
		if code != 0 || !strings.Contains(errs, c.says) || files(t, dir) != want {
			t.Errorf("%s: exit %d: %s", c.name, code, errs)
		}
		if code, _, errs := s.hh("--out", dir); code != 0 || !strings.Contains(errs, "5 of 5 meters were done before") || files(t, dir) != want {
			t.Errorf("%s, again: exit %d: %s", c.name, code, errs)
		}
		bad = slices.Concat(lines[0], lines[1], c.damaged) // nothing whole comes after it
		if err := os.WriteFile(filepath.Join(dir, checkpointName), bad, 0o600); err != nil {
			t.Fatal(err)
		}
		s.must(t, "--out", dir)
		if left, err := os.ReadFile(filepath.Join(dir, checkpointName)); err != nil || len(left) != len(kept) || files(t, dir) != want {
			t.Errorf("%s at the end: %d bytes are left, want %d", c.name, len(left), len(kept))
		}
	}
	for at := 0; at < len(lines[0]); at += len(lines[0]) / 9 { // the first line is what all others rest on
		dir := t.TempDir()
		bad := slices.Clone(kept)
		bad[at] ^= 1
		if err := os.WriteFile(filepath.Join(dir, checkpointName), bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if code, _, errs := s.hh("--out", dir); code != exitData || !strings.Contains(errs, "checkpoint:1") {
			t.Errorf("byte %d of the first line changed: exit %d: %s", at, code, errs)
		}
	}
	for range 40 { // one byte of it changed: priced again, or, of the first line, refused
		at, dir := random.IntN(len(kept)), t.TempDir()
		bad := slices.Clone(kept)
		bad[at] ^= 1 << random.IntN(8)
		if err := os.WriteFile(filepath.Join(dir, checkpointName), bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if code, _, errs := s.hh("--out", dir); code == 0 && files(t, dir) != want || code != 0 && !strings.Contains(errs, "checkpoint:") {
			t.Errorf("byte %d changed: exit %d: %s", at, code, errs)
		}
	}
}

// TestBatchChanges: what a meter was made from must still be so: it is priced again
// where its own files changed, and nothing is where what all share did.
func TestBatchChanges(t *testing.T) {
	s := newShop(t, 5)
	s.must(t, "--out", s.path("o"))
	code, _, errs := s.hh("--out", s.path("o"))
	if code != 0 || !strings.Contains(errs, "5 of 5 meters were done before and stand\n") {
		t.Fatalf("again: exit %d: %s", code, errs)
	}
	s.write(t, "m002.toml", supplyText(mpanOf(t, 2), 999, "site 9"))
	if code, _, errs = s.hh("--out", s.path("o")); code != 0 || !strings.Contains(errs, "4 of 5 meters were done before and stand; 1 are priced again") {
		t.Fatalf("a supply changed: exit %d: %s", code, errs)
	}
	s.must(t, "--out", s.path("fresh"))
	if files(t, s.path("o")) != files(t, s.path("fresh")) {
		t.Error("a changed supply: other files than from the start")
	}
	for name, args := range map[string][]string{
		"view": {"--run", "SF"}, "by": {"--by", "item,day"}, "rules": {"--gaps"}, "days": {"--month", "", "--from", "2025-10-01", "--to", "2025-10-31"}, "market": {"--market", s.path("other.csv")},
	} {
		all := append(slices.Clone(s.args), "--out", s.path("o"))
		switch name {
		case "days":
			at := slices.Index(all, "--month")
			all = slices.Delete(all, at, at+2)
			args = args[2:]
		case "by":
			at := slices.Index(all, "--by")
			all = slices.Delete(all, at, at+2)
		case "market":
			s.write(t, "other.csv", "date,period,run,rcrc\n2025-10-01,1,DF,0.5\n")
		}
		var o, e bytes.Buffer
		code := run(context.Background(), append(all, args...), &o, &e)
		if code != exitData || !strings.Contains(e.String(), "the same "+name) || o.Len() > 0 {
			t.Errorf("another %s: exit %d: %s", name, code, e.String())
		}
	}
}

// TestBatchKilled stops a real process at random, gently and not, again and again
// until it is done: it comes to the files of one that was not stopped.
func TestBatchKilled(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals there")
	}
	s := newShop(t, 60)
	begun := time.Now()
	s.child(t, s.path("whole"), nil, 0)
	took := time.Since(begun)
	want := files(t, s.path("whole"))
	random := rand.New(rand.NewPCG(3, uint64(time.Now().UnixNano())))
	stops, partly := 0, 0
	for round := range 6 {
		dir := s.path(fmt.Sprintf("killed%d", round))
		for attempt := 0; ; attempt++ {
			var signal os.Signal
			if attempt < 5 {
				signal = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGKILL}[random.IntN(3)]
			}
			if s.child(t, dir, signal, time.Duration(random.Int64N(int64(took)))) {
				break
			}
			stops++
			kept, _ := os.ReadFile(filepath.Join(dir, checkpointName))
			if n := bytes.Count(kept, []byte("\nmeter")); n > 0 && n < 60 {
				partly++
			}
			// The manifest is written last: a process stopped between it and its end was done.
			if _, err := os.Stat(filepath.Join(dir, manifestName)); err == nil && withoutTemp(t, dir) != want {
				t.Errorf("round %d: stopped with a manifest and other files than of one that was not stopped", round)
			}
		}
		if got := withoutTemp(t, dir); got != want {
			t.Errorf("round %d: other files than of one that was not stopped", round)
		}
	}
	t.Logf("a run takes %v; stopped %d times, %d of them with some meters done", took, stops, partly)
	if stops == 0 {
		t.Error("no process was stopped: nothing was tested")
	}
}

// TestBatchTold: a batch that is told to end, by a person or by what schedules it, ends
// between two meters, says what is kept and exits as with any problem.
func TestBatchTold(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals there")
	}
	s := newShop(t, 100)
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		stopped := false
		for attempt := 0; attempt < 20 && !stopped; attempt++ {
			out := s.path(fmt.Sprintf("%v%d", signal, attempt))
			cmd, errs := s.process(out)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			for range 10_000 { // until a meter is done
				if kept, _ := os.ReadFile(filepath.Join(out, checkpointName)); bytes.Contains(kept, []byte("\nmeter")) {
					break
				}
				time.Sleep(time.Millisecond)
			}
			cmd.Process.Signal(signal)
			if cmd.Wait() == nil {
				continue // it was done before
			}
			stopped = true
			kept, err := os.ReadFile(filepath.Join(out, checkpointName))
			if err != nil {
				t.Fatal(err)
			}
			n := bytes.Count(kept, []byte("\nmeter"))
			if want := fmt.Sprintf("stopped: %d of 100 meters are done and kept in %s; the same command goes on", n, out); cmd.ProcessState.ExitCode() != exitData || !strings.Contains(errs.String(), want) {
				t.Errorf("%v: exit %d: %s; want %s", signal, cmd.ProcessState.ExitCode(), errs, want)
			}
		}
		if !stopped {
			t.Errorf("%v: every process was done before it came", signal)
		}
	}
}

// withoutTemp are a folder's files but for those that a kill left under other names.
func withoutTemp(t *testing.T, dir string) string {
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range left {
		os.Remove(name)
	}
	return files(t, dir)
}

// child runs the command as a process and, with a signal, stops it after a while. It
// reports whether it came to its end.
func (s *shop) child(t *testing.T, out string, signal os.Signal, after time.Duration) bool {
	t.Helper()
	cmd, errs := s.process(out)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if signal != nil {
		time.Sleep(after)
		cmd.Process.Signal(signal)
	}
	err := cmd.Wait()
	switch {
	case err == nil:
		return true
	case signal == nil:
		t.Fatalf("%v: %s", err, errs.String())
	case signal != syscall.SIGKILL && cmd.ProcessState.Exited() && !strings.Contains(errs.String(), "stopped"):
		t.Errorf("interrupted: %s", errs.String())
	}
	return false
}

// process is the command as a process of its own, and what it says.
func (s *shop) process(out string) (*exec.Cmd, *bytes.Buffer) {
	cmd, errs := exec.Command(os.Args[0]), new(bytes.Buffer)
	cmd.Env = append(os.Environ(), childArgs+"="+strings.Join(append(slices.Clone(s.args), "--out", out, "--workers", "1"), "\n"))
	cmd.Stdout, cmd.Stderr = io.Discard, errs
	return cmd, errs
}

// TestBatchOtherBook: totals of one book never stand under a manifest while another is
// priced into their folder, and they say of which book they are.
func TestBatchOtherBook(t *testing.T) {
	s := newShop(t, 3)
	s.must(t, "--out", s.path("o"))
	first := bookOf(t, s.path("o"))
	s.write(t, "o/.totals.csv-123", "half")
	s.write(t, "o/.manifest-4", "")
	s.write(t, "book.csv", "readings,supply,tariff\nm001.parquet,m001.toml,tariff.toml\n")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var o, e bytes.Buffer
	if code := run(ctx, append(slices.Clone(s.args), "--out", s.path("o")), &o, &e); code == 0 {
		t.Fatal("not stopped")
	}
	if left, _ := filepath.Glob(s.path("o/.*")); len(left) > 0 {
		t.Errorf("%v are still there", left)
	}
	if _, err := os.Stat(s.path("o/manifest")); err == nil {
		t.Error("the totals of another book stand under a manifest")
	}
	s.must(t, "--out", s.path("o"))
	if second := bookOf(t, s.path("o")); second == first {
		t.Errorf("both books are %s", first)
	}
	s.write(t, "book.csv", "readings,supply,tariff\nm002.parquet,m002.toml,tariff.toml\nm001.parquet,m001.toml,tariff.toml\nm000.parquet,m000.toml,tariff.toml\n")
	s.must(t, "--out", s.path("o"))
	if third := bookOf(t, s.path("o")); third != first {
		t.Errorf("the same meters in another order are %s, not %s", third, first)
	}
}

func bookOf(t *testing.T, dir string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, totalsJSON))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Book string }
	if err := json.Unmarshal(text, &doc); err != nil || len(doc.Book) != 64 {
		t.Fatalf("%v, book %q", err, doc.Book)
	}
	return doc.Book
}
