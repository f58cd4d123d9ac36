package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/halfhour/halfhour/series/hhparquet"
)

// manifestName is what the manifest of a folder is called.
const manifestName = "manifest"

// stated is what the manifest beside a file says of it: nil where there is none, or
// none that names the file.
func stated(path string) (*hhparquet.Sum, error) { return statedBy(manifestOf, path) }

func statedBy(manifest func(dir string) (*hhparquet.Manifest, error), path string) (*hhparquet.Sum, error) {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil, err
	}
	m, err := manifest(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	sum, named := m.Sum(filepath.Base(path))
	if !named {
		return nil, nil
	}
	return &sum, nil
}

// vouched holds files that are no Parquet to the manifests beside them, where those
// name them: Parquet is held as it is read. A file that is called manifest and is none
// is somebody's own there.
func vouched(files ...dated) error {
	for _, f := range files {
		if f.parquet {
			continue
		}
		sum, err := stated(f.name)
		if err != nil || sum == nil {
			continue
		}
		src, err := f.open()
		if err != nil {
			return err
		}
		got, err := hhparquet.SumOf(src)
		if err := errors.Join(err, src.Close()); err != nil {
			return err
		}
		if got.Size != sum.Size || got.Digest != sum.Digest {
			return otherBytes(f.name, "manifest beside it")
		}
	}
	return nil
}

// manifestOf reads the manifest of a folder; one without has an empty one.
func manifestOf(dir string) (*hhparquet.Manifest, error) {
	path := filepath.Join(dir, manifestName)
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return new(hhparquet.Manifest), nil
	case err != nil:
		return nil, err
	}
	m, err := hhparquet.ReadManifest(path, f)
	return m, errors.Join(err, f.Close())
}

// manifests keeps the manifests of folders, each read once: a book may have a million
// files in one.
type manifests struct {
	mu   sync.Mutex
	held map[string]func() (*hhparquet.Manifest, error)
}

// maxManifests bounds the manifests kept at once.
const maxManifests = 256

func (s *manifests) of(dir string) (*hhparquet.Manifest, error) {
	s.mu.Lock()
	read := s.held[dir]
	if read == nil {
		if s.held == nil || len(s.held) == maxManifests {
			s.held = map[string]func() (*hhparquet.Manifest, error){}
		}
		read = sync.OnceValues(func() (*hhparquet.Manifest, error) { return manifestOf(dir) })
		s.held[dir] = read
	}
	s.mu.Unlock()
	return read()
}
