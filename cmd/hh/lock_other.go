//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package main

import "os"

// locks says that lock keeps nobody away.
const locks = false

// lock does nothing where the system has no flock, as Windows has none: nobody keeps a
// second batch from the folder, and two at once write into one another's checkpoint.
// Run one at a time.
func lock(*os.File) error { return nil }

// syncDir does nothing where a folder cannot be opened to be synced, as on Windows. What
// files hold is on the disk there, too (File.Sync), but a file's new name need not be
// when a batch ends: a machine that then loses its power may come back with the files of
// the run before, or without the checkpoint. Either way the batch begins anew and
// nothing is taken for what it is not, for a manifest names its files by their SHA-256.
func syncDir(string) error { return nil }
