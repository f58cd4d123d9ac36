package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/tariffs"
)

// resume looks at what an earlier run kept: a meter stands if its files are still
// those it was made from. The others are pending.
func (b *batch) resume(ctx context.Context, k *keeper, errs io.Writer) error {
	kept := b.done()
	bar := newProgress(errs, "checking", kept, 0)
	defer bar.stop()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range b.workers() {
		wg.Go(func() {
			l := b.newLoader()
			for ctx.Err() == nil {
				i := int(next.Add(1) - 1)
				if i >= len(b.states) {
					return
				}
				if b.states[i].size == 0 {
					continue
				}
				if _, digest, err := l.read(&b.book.entries[i]); err != nil || digest != b.states[i].digest {
					b.states[i] = state{} // the error comes again when it is priced
				}
				bar.step()
			}
		})
	}
	wg.Wait()
	for i := range b.states {
		if b.states[i].size == 0 {
			b.pending = append(b.pending, i)
		}
	}
	if k.damaged > 0 && errs != nil {
		bar.stop()
		fmt.Fprintf(errs, "%d damaged lines of the checkpoint are passed over; meters that stood there alone are priced again\n", k.damaged)
	}
	if kept > 0 && ctx.Err() == nil && errs != nil {
		bar.stop()
		fmt.Fprintf(errs, "%d of %d meters were done before and stand", len(b.states)-len(b.pending), len(b.states))
		if again := kept - (len(b.states) - len(b.pending)); again > 0 {
			fmt.Fprintf(errs, "; %d are priced again, for their files are others now or gone", again)
		}
		fmt.Fprintln(errs)
	}
	return ctx.Err()
}

// maxWorkers is the most goroutines that price: each keeps cubes of a meter.
const maxWorkers = 256

func (b *batch) workers() int {
	if b.Workers > 0 {
		return b.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// price prices what is pending, and keeps each meter as it is done.
func (b *batch) price(ctx context.Context, k *keeper, errs io.Writer) ([]halfhour.Failure, error) {
	bar := newProgress(errs, "pricing", len(b.pending), tariffs.NumItems*b.Span.Len())
	defer bar.stop()
	b.Meters = len(b.pending)
	b.Loader = func() halfhour.Loader { return b.newLoader().load }
	b.Done = func(p *halfhour.Priced) error {
		bar.step()
		return k.keep(b, b.pending[p.Index], p)
	}
	res, err := halfhour.RunBatch(ctx, b.Batch)
	if res == nil {
		return nil, err
	}
	return res.Failed, err
}

// lean gives back the memory that pricing took, for a full portfolio takes 130 MB of
// the 256 that a batch may, and until it is undone lets garbage be a tenth of what is
// held instead of as much again. There is little to collect, and the totals have no
// pointers to follow.
func (b *batch) lean() (undo func()) {
	b.Market, b.Contract, b.Loader, b.Done, b.tariffs, b.manifests = nil, nil, nil, nil, nil, nil
	debug.FreeOSMemory()
	before := debug.SetGCPercent(10)
	return func() { debug.SetGCPercent(before) }
}
