package hhparquet_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
)

func manifest(t testing.TB, names ...string) (*hhparquet.Manifest, []byte) {
	t.Helper()
	var m hhparquet.Manifest
	for _, name := range names {
		m.Add(name, hhparquet.Sum{Size: int64(len(name)), Digest: sha256.Sum256([]byte(name))})
	}
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return &m, b.Bytes()
}

func TestManifestComesBack(t *testing.T) {
	for _, names := range [][]string{{}, {"a.parquet"}, {"z/1.parquet", "a b.parquet", "1400000000118.parquet", "Ä.parquet"}} {
		m, raw := manifest(t, names...)
		got, err := hhparquet.ReadManifest("manifest", bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(names)
		if !slices.Equal(got.Names(), names) {
			t.Fatalf("names %q, want %q", got.Names(), names)
		}
		for _, name := range names {
			s, ok := got.Sum(name)
			if want, _ := m.Sum(name); !ok || s != want {
				t.Errorf("%s: %v %v", name, s, ok)
			}
			if err := got.Verify(name, strings.NewReader(name)); err != nil {
				t.Error(err)
			}
			for _, other := range []string{name + "x", name[1:], "x" + name[1:], ""} {
				if err := got.Verify(name, strings.NewReader(other)); !errors.Is(err, hhparquet.ErrDigest) {
					t.Errorf("%q for %q: %v", other, name, err)
				}
			}
		}
		if err := got.Verify("another", strings.NewReader("")); !errors.Is(err, series.ErrEmpty) {
			t.Errorf("a file that is not named: %v", err)
		}
	}
}

// TestManifestDamage cuts a manifest at every byte and flips its every bit.
func TestManifestDamage(t *testing.T) {
	_, raw := manifest(t, "a.parquet", "b.parquet", "c.parquet")
	for n := range raw {
		if _, err := hhparquet.ReadManifest("manifest", bytes.NewReader(raw[:n])); err == nil {
			t.Fatalf("cut at %d of %d bytes, and read", n, len(raw))
		}
	}
	for bit := range 8 * len(raw) {
		damaged := bytes.Clone(raw)
		damaged[bit/8] ^= 1 << (bit % 8)
		_, err := hhparquet.ReadManifest("manifest", bytes.NewReader(damaged))
		if located := (*series.Error)(nil); !errors.As(err, &located) {
			t.Fatalf("bit %d: %v", bit, err)
		}
	}
	for _, more := range []string{"\n", "x", string(raw)} {
		if _, err := hhparquet.ReadManifest("manifest", strings.NewReader(string(raw)+more)); err == nil {
			t.Errorf("%q follows, and it is read", more)
		}
	}
	later := strings.Replace(string(raw), "manifest 1", "manifest 2", 1)
	if _, err := hhparquet.ReadManifest("manifest", strings.NewReader(later)); !errors.Is(err, hhparquet.ErrVersion) {
		t.Errorf("another version: %v", err)
	}
	endless := strings.Repeat("x", 1<<20)
	if _, err := hhparquet.ReadManifest("manifest", strings.NewReader(endless)); !errors.Is(err, series.ErrFormat) {
		t.Errorf("a line without end: %v", err)
	}
}

func TestManifestNames(t *testing.T) {
	for _, name := range []string{"", " a", "a ", "a\nb", "a\x00b", strings.Repeat("x", 513), "twice"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q was taken", name)
				}
			}()
			var m hhparquet.Manifest
			m.Add("twice", hhparquet.Sum{})
			m.Add(name, hhparquet.Sum{})
		}()
	}
}

func FuzzManifest(f *testing.F) {
	_, raw := manifest(f, "a.parquet", "b.parquet")
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := hhparquet.ReadManifest("manifest", bytes.NewReader(raw))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if _, err := m.WriteTo(&b); err != nil || !bytes.Equal(b.Bytes(), raw) {
			t.Fatalf("%q is read, and written as %q", raw, b.Bytes())
		}
	})
}
