package hhparquet_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
)

func manifest(t testing.TB, names ...string) (*hhparquet.Manifest, []byte) {
	t.Helper()
	var m hhparquet.Manifest
	for i, name := range names {
		s := hhparquet.Sum{Size: int64(len(name)), Digest: sha256.Sum256([]byte(name))}
		if i%2 == 0 { // as of a Parquet file
			s.Tail = hhparquet.Tail{Size: 8, Digest: sha256.Sum256([]byte(name[1:]))}
		}
		m.Add(name, s)
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
	for _, version := range []string{"1", "3"} {
		other := strings.Replace(string(raw), "manifest 2", "manifest "+version, 1)
		if _, err := hhparquet.ReadManifest("manifest", strings.NewReader(other)); !errors.Is(err, hhparquet.ErrVersion) {
			t.Errorf("version %s: %v", version, err)
		}
	}
	digest := strings.Repeat("0a", 32)
	for _, row := range []string{
		digest + " 9 - 0 a", digest + " 9 " + digest + " 9 a", // as they are written
		digest + " 9 - 8 a", digest + " 9 " + digest + " 7 a", digest + " 9 " + digest + " 10 a", digest + " 9 " + digest + " 08 a",
		digest + " 9 " + strings.ToUpper(digest) + " 8 a", digest + " 9 " + digest[2:] + " 8 a", digest + " 9 a",
	} {
		lines := "halfhour manifest 2\n" + row + "\n"
		_, err := hhparquet.ReadManifest("manifest", strings.NewReader(fmt.Sprintf("%send 1 %x\n", lines, sha256.Sum256([]byte(lines)))))
		if ok := strings.HasSuffix(row, "- 0 a") || strings.HasSuffix(row, " 9 a") && len(row) > 100; (err == nil) != ok {
			t.Errorf("%q: %v", row, err)
		}
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
