package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// errBusy says that a folder is held. Which of the two holds it cannot be told.
var errBusy = errors.New("another hh batch or hh pack writes here")

// hold keeps others from a folder until free is called, where the system can. It waits
// for whoever has it, until ctx ends.
func hold(ctx context.Context, dir string, wait time.Duration) (free func() error, err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	for until := time.Now().Add(wait); ; {
		if err = lock(f); !errors.Is(err, errBusy) || time.Now().After(until) {
			break
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("%s: %w; stopped waiting: %w", dir, err, ctx.Err()), f.Close())
		case <-time.After(5 * time.Millisecond):
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w: wait until it is done, or write to another folder", dir, err), f.Close())
	}
	return f.Close, nil
}
