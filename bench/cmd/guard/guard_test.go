package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// repo is a repository whose change is on a branch off main. Its benchmarks report
// figures that are drawn about a given one, as noisy as a shared machine's, so that
// the test does not rest on this machine; BenchmarkLoop is timed.
type repo struct {
	t      *testing.T
	folder string
}

func newRepo(t *testing.T, hot ...string) repo {
	t.Helper()
	for name, value := range map[string]string{"GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CONFIG_NOSYSTEM": "1",
		"GIT_AUTHOR_NAME": "test", "GIT_AUTHOR_EMAIL": "test@example.com", "GIT_COMMITTER_NAME": "test", "GIT_COMMITTER_EMAIL": "test@example.com"} {
		t.Setenv(name, value)
	}
	r := repo{t, t.TempDir()}
	r.git("init", "--quiet", "--initial-branch=main")
	r.write("go.mod", "module example.com/guarded\n\ngo 1.25.0\n")
	r.write("guarded.go", "package guarded\n")
	r.write("hot.txt", "# hot\n"+strings.Join(hot, "\n")+"\n")
	return r
}

func (r repo) git(args ...string) string {
	r.t.Helper()
	out, err := git(context.Background(), r.folder, args...)
	if err != nil {
		r.t.Fatal(err)
	}
	return out
}

func (r repo) write(name, text string) {
	r.t.Helper()
	path := filepath.Join(r.folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		r.t.Fatal(err)
	}
}

func (r repo) commit() {
	r.t.Helper()
	r.git("add", "--all")
	r.git("commit", "--quiet", "--message=step")
}

// drawn is a benchmark whose figures are within 4 % of ns.
func drawn(name string, ns int, hash string) string {
	return fmt.Sprintf(`func Benchmark%s(b *testing.B) {
	for b.Loop() {
	}
	b.ReportMetric(%d*(0.96+0.08*rand.Float64()), "cpu-ns/op")
	b.Logf("hash %s")
}
`, name, ns, hash)
}

const head = "package guarded\n\nimport (\n\t\"math/rand\"\n\t\"testing\"\n)\n\nvar (\n\t_ = rand.Float64\n\t_ testing.TB\n)\n\n"

func (r repo) guard(o options) (lost int, out string, err error) {
	r.t.Helper()
	if o.onto == "" {
		o.onto = "main"
	}
	o.hot, o.alpha, o.loss = "hot.txt", 0.05, 0.05
	if o.duration == "" {
		o.rounds, o.duration = 10, "1x"
	}
	var b strings.Builder
	lost, err = guard(context.Background(), &b, r.folder, o)
	if n := strings.Count(r.git("worktree", "list"), "\n"); n != 0 {
		r.t.Errorf("%d worktrees are left", n)
	}
	r.t.Log(b.String(), err)
	return lost, b.String(), err
}

const one, two = "0000000000000001", "0000000000000002"

// A tenth more is caught, a tenth less told, and noise about the same figure is
// neither. What only one side has ends cleanly.
func TestVerdicts(t *testing.T) {
	r := newRepo(t, ". BenchmarkSlower", ". BenchmarkFaster", ". BenchmarkSame", ". BenchmarkNew", "./apart BenchmarkApart")
	r.write("bench_test.go", head+drawn("Slower", 1_000_000, one)+drawn("Faster", 1_000_000, one)+drawn("Same", 1_000_000, one))
	r.commit()
	r.git("checkout", "--quiet", "-b", "change")
	r.write("bench_test.go", head+drawn("Slower", 1_120_000, one)+drawn("Faster", 880_000, two)+drawn("Same", 1_000_000, one)+drawn("New", 5, one))
	r.write("apart/apart_test.go", head+drawn("Apart", 5, one))
	r.commit()
	failed, out, err := r.guard(options{history: "history.tsv"})
	if err != nil || failed != 2 {
		t.Fatalf("%d have failed, %v: one is slower, one has another answer", failed, err)
	}
	for name, want := range map[string]string{". BenchmarkSlower": "slower", ". BenchmarkFaster": "faster, another answer", ". BenchmarkSame": "same", ". BenchmarkNew": "new", "./apart BenchmarkApart": "new"} {
		found := false
		for line := range strings.SplitSeq(out, "\n") {
			found = found || strings.HasPrefix(line, name+" ") && strings.HasSuffix(line, " "+want)
		}
		if !found {
			t.Errorf("%s is not %s in\n%s", name, want, out)
		}
	}
	if failed, _, err := r.guard(options{history: "history.tsv", answers: true}); err != nil || failed != 1 {
		t.Fatalf("%d have failed where other answers are meant, %v", failed, err)
	}
	text, err := os.ReadFile(filepath.Join(r.folder, "history.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) != 11 || lines[0]+"\n" != columns {
		t.Fatalf("history has %d lines:\n%s", len(lines), text)
	}
	for _, l := range lines {
		if got, want := strings.Count(l, "\t"), strings.Count(columns, "\t"); got != want {
			t.Errorf("%d columns, not %d: %s", got+1, want+1, l)
		}
	}
}

// Over many comparisons of the same with the same, next to none is called a loss.
func TestNoiseAlone(t *testing.T) {
	var hot []string
	text := head
	for i := range 20 {
		name := fmt.Sprintf("Same%d", i)
		hot, text = append(hot, ". Benchmark"+name), text+drawn(name, 1_000_000, one)
	}
	r := newRepo(t, hot...)
	r.write("bench_test.go", text)
	r.commit()
	lost, _, err := r.guard(options{})
	if err != nil || lost > 0 {
		t.Errorf("%d of the same have lost, %v", lost, err)
	}
}

// A loop that does three times the work is caught by the processor's time, also
// before it is committed.
func TestSlowdown(t *testing.T) {
	loop := func(n int) string {
		return fmt.Sprintf(`package guarded

import (
	"syscall"
	"testing"
)

var sink uint64

func processor(b *testing.B) int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

func BenchmarkLoop(b *testing.B) {
	start := processor(b)
	for b.Loop() {
		x := sink
		for i := range uint64(%d) {
			x = x*6364136223846793005 + i
		}
		sink = x
	}
	b.ReportMetric(float64(processor(b)-start)/float64(b.N), "cpu-ns/op")
}
`, n)
	}
	r := newRepo(t, ". BenchmarkLoop")
	r.write("bench_test.go", loop(20_000))
	r.commit()
	r.write("bench_test.go", loop(60_000))
	lost, out, err := r.guard(options{rounds: 10, duration: "200x"})
	if err != nil || lost != 1 || !strings.Contains(out, "processor") || !strings.Contains(out, "-dirty") {
		t.Errorf("%d have lost, %v:\n%s", lost, err, out)
	}
}

// What is judged is reported on both sides: the time that passed, where one has no
// other.
func TestClock(t *testing.T) {
	figures := func(value float64, units ...string) (out []figure) {
		for i := range 10 {
			f := figure{values: map[string]float64{}}
			for _, u := range units {
				f.values[u] = value + float64(i)/1e6
			}
			out = append(out, f)
		}
		return out
	}
	p := &pair{pkg: "."}
	r, err := p.judge("x", measured{"x": {figures(1, "sec/op"), figures(2, "sec/op", "cpu-sec/op")}}, options{alpha: 0.05, loss: 0.05})
	if err != nil || r.unit != "sec/op" || r.verdict != slower {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := p.judge("x", measured{"x": {figures(1, "sec/op"), figures(2, "cpu-sec/op")}}, options{alpha: 0.05}); err == nil {
		t.Errorf("judged by %s", r.unit)
	}
}

// What cannot be compared is an error, not a pass.
func TestErrors(t *testing.T) {
	r := newRepo(t, ". BenchmarkGone")
	r.write("bench_test.go", head+drawn("Gone", 5, one))
	r.commit()
	r.write("bench_test.go", head)
	if _, _, err := r.guard(options{}); err == nil || !strings.Contains(err.Error(), "put it back") {
		t.Errorf("a benchmark that is gone: %v", err)
	}
	r.write("bench_test.go", "package guarded\n\nfunc (\n")
	if _, _, err := r.guard(options{}); err == nil {
		t.Error("no error where the change does not build")
	}
	for _, text := range []string{"", "# nothing\n", ". Slower\n", "BenchmarkSlower\n"} {
		r.write("hot.txt", text)
		if _, _, err := r.guard(options{}); err == nil {
			t.Errorf("no error of the hot list %q", text)
		}
	}
	if _, _, err := r.guard(options{rounds: 3, duration: "1x"}); err == nil || !strings.Contains(err.Error(), "fewer") {
		t.Errorf("three rounds: %v", err)
	}
	if _, _, err := r.guard(options{onto: "elsewhere"}); err == nil {
		t.Error("no error where there is no such branch")
	}
}
