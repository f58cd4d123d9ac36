//go:build !unix

package main

import "os"

// lock does nothing where the system has no flock: run one batch at a time into a
// folder.
func lock(*os.File) error { return nil }

// syncDir does nothing where a folder cannot be synced.
func syncDir(string) error { return nil }
