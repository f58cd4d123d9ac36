package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// progress is a line on a terminal that says how far a batch has come. Elsewhere it
// is silent.
type progress struct {
	out    io.Writer // nil for nowhere
	what   string
	of     int
	points int // of one, or 0
	done   atomic.Int64
	begun  time.Time
	end    chan struct{}
	once   sync.Once
	ended  sync.WaitGroup
}

// every is how often the line is written.
const every = 200 * time.Millisecond

func newProgress(out io.Writer, what string, of, points int) *progress {
	p := &progress{what: what, of: of, points: points, begun: time.Now(), end: make(chan struct{})}
	if !terminal(out) || of == 0 {
		return p
	}
	p.out = out
	p.ended.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-p.end:
				fmt.Fprint(p.out, "\r", strings.Repeat(" ", barWidth), "\r")
				return
			case <-tick.C:
				fmt.Fprint(p.out, "\r", p.line(time.Since(p.begun)))
			}
		}
	})
	return p
}

// terminal reports whether a person may be looking.
func terminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}

const barWidth = 79

// line is what stands there after some time.
func (p *progress) line(took time.Duration) string {
	const cells = 20
	done := int(p.done.Load())
	full := cells * done / p.of
	b := fmt.Sprintf("%s [%s%s] %d/%d meters", p.what, strings.Repeat("#", full), strings.Repeat(".", cells-full), done, p.of)
	if done > 0 && took > 0 {
		if p.points > 0 { // 10^13 in all at most, and a thousand times that
			b += fmt.Sprintf("  %s points/s", brief(int64(done)*int64(p.points)*1000/max(1, took.Milliseconds())))
		}
		left := took / time.Duration(done) * time.Duration(p.of-done)
		b += "  " + left.Round(time.Second).String() + " left"
	}
	return fmt.Sprintf("%-*s", barWidth, b)
}

// brief is a number in three digits and a unit.
func brief(n int64) string {
	for _, unit := range []string{"", "k", "M", "G"} {
		if n < 1000 {
			return fmt.Sprintf("%d%s", n, unit)
		}
		if n < 10_000 && unit != "G" {
			return fmt.Sprintf("%d.%02d%s", n/1000, n%1000/10, map[string]string{"": "k", "k": "M", "M": "G"}[unit])
		}
		n /= 1000
	}
	return fmt.Sprintf("%dT", n)
}

func (p *progress) step() { p.done.Add(1) }

// stop takes the line away.
func (p *progress) stop() {
	p.once.Do(func() { close(p.end) })
	p.ended.Wait()
}
