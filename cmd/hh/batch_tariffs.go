package main

import (
	"crypto/sha256"
	"sync"

	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
	"github.com/halfhour/halfhour/tariffs/gb"
	"github.com/halfhour/halfhour/tariffs/toml"
)

// tariffShelf keeps the tariffs read last, with the published figures of an area in
// them, so that meters on one share it.
type tariffShelf struct {
	accept bool
	mu     sync.Mutex
	held   map[tariffKey]*shelved
}

type tariffKey struct {
	path  string
	of    settlement.Distributor
	group settlement.GSPGroup
}

type shelved struct {
	sync.Once
	tariff *tariffs.Tariff
	digest [32]byte
	err    error
}

// maxShelf bounds the tariffs kept at once.
const maxShelf = 64

func (s *tariffShelf) of(path, name string, sup *tariffs.Supply) (*shelved, error) {
	key := tariffKey{path, sup.Distributor, sup.GSPGroup}
	s.mu.Lock()
	t := s.held[key]
	if t == nil {
		if s.held == nil || len(s.held) == maxShelf {
			s.held = map[tariffKey]*shelved{}
		}
		t = new(shelved)
		s.held[key] = t
	}
	s.mu.Unlock()
	t.Do(func() { t.err = t.read(path, name, sup, s.accept) })
	return t, t.err
}

func (t *shelved) read(path, name string, sup *tariffs.Supply, accept bool) error {
	text, err := readLimited(path)
	if err != nil {
		return err
	}
	t.digest = sha256.Sum256(text)
	written, err := toml.ParseTariff(name, text)
	if err != nil {
		return err
	}
	book, err := gb.Book(sup.Distributor, sup.GSPGroup)
	if err != nil {
		return err
	}
	if t.tariff, err = written.Publish(book); err == nil && accept {
		t.tariff.Conventions.Unconfirmed = true // Publish made it
	}
	return err
}
