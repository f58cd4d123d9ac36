package hhparquet

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/halfhour/halfhour/series"
)

// Sum is what a manifest keeps of a file: its size and its SHA-256, and of a
// Parquet file of ours those of its tail, so that a reader can do without the rest.
type Sum struct {
	Size   int64
	Digest [sha256.Size]byte
	Tail   Tail // zero where there is none
}

// Tail is the end of a Parquet file: the footer, its length and "PAR1".
type Tail struct {
	Size   int64
	Digest [sha256.Size]byte
}

// begins says whether a file is the one of the sum, as far as its size and its tail
// tell; all of it where the sum has no tail.
func (s *Sum) begins(file []byte) bool {
	switch {
	case int64(len(file)) != s.Size:
		return false
	case s.Tail == Tail{}:
		return sha256.Sum256(file) == s.Digest
	}
	return s.Tail.Size >= int64(ending) && s.Tail.Size <= s.Size && sha256.Sum256(file[s.Size-s.Tail.Size:]) == s.Tail.Digest
}

// sumOf is the sum of a file of ours.
func sumOf(file []byte) Sum {
	s := Sum{Size: int64(len(file)), Digest: sha256.Sum256(file)}
	if at, ok := footerOf(file); ok {
		s.Tail = Tail{int64(len(file) - at), sha256.Sum256(file[at:])}
	}
	return s
}

// footerOf is where a Parquet file's footer begins; false where the file does not
// begin and end as one, with a footer that may be.
func footerOf(file []byte) (at int, ok bool) {
	if len(file) < len(magic)+ending || string(file[:len(magic)]) != magic || string(file[len(file)-len(magic):]) != magic {
		return 0, false
	}
	size := int64(binary.LittleEndian.Uint32(file[len(file)-ending:]))
	if size > maxFooter || size > int64(len(file)-len(magic)-ending) {
		return 0, false
	}
	return len(file) - ending - int(size), true
}

// SumOf reads src to its end. The sum has no tail: a reader that is given it hashes
// the whole file, where one of [Writer] lets it do with what it reads.
func SumOf(src io.Reader) (Sum, error) {
	h := sha256.New()
	n, err := io.Copy(h, src)
	if err != nil {
		return Sum{}, err
	}
	s := Sum{Size: n}
	h.Sum(s.Digest[:0])
	return s, nil
}

// Manifest names the files of one delivery with their sums. It is written last:
// files without a manifest that names them were not finished.
type Manifest struct{ sums map[string]Sum }

// Limits of a manifest that is read.
const (
	maxEntries = 1_000_000
	maxName    = 512
	maxEntry   = maxName + 2*(64+20) + 4
)

const (
	manifestHead = "halfhour manifest 2"
	manifestEnd  = "end"
	noTail       = "-"
)

const panicName = "hhparquet: a manifest has each name once, of 1 to 512 printable characters without a space at either end"

// Add names a file.
func (m *Manifest) Add(name string, s Sum) {
	if _, held := m.sums[name]; held || !nameable(name) {
		panic(panicName)
	}
	if m.sums == nil {
		m.sums = map[string]Sum{}
	}
	m.sums[name] = s
}

func nameable(name string) bool {
	return name != "" && len(name) <= maxName && strings.TrimSpace(name) == name &&
		!strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\ufffd' })
}

// Sum is what the manifest says of a file, and whether it names it.
func (m *Manifest) Sum(name string) (Sum, bool) {
	s, ok := m.sums[name]
	return s, ok
}

// Names are the files in order.
func (m *Manifest) Names() []string { return slices.Sorted(maps.Keys(m.sums)) }

// WriteTo writes the manifest, the same bytes for the same files.
func (m *Manifest) WriteTo(w io.Writer) (int64, error) {
	var b bytes.Buffer
	fmt.Fprintln(&b, manifestHead)
	for _, name := range m.Names() {
		s := m.sums[name]
		end := noTail
		if s.Tail != (Tail{}) {
			end = hex.EncodeToString(s.Tail.Digest[:])
		}
		fmt.Fprintf(&b, "%x %d %s %d %s\n", s.Digest, s.Size, end, s.Tail.Size, name)
	}
	fmt.Fprintf(&b, "%s %d %x\n", manifestEnd, len(m.sums), sha256.Sum256(b.Bytes()))
	return deliver(w, b.Bytes())
}

// deliver writes b in pieces, and is an error unless all of it was taken.
func deliver(w io.Writer, b []byte) (int64, error) {
	const piece = 256 << 10
	total := int64(0)
	for len(b) > 0 {
		n, err := w.Write(b[:min(piece, len(b))])
		total += int64(n)
		switch {
		case err != nil:
			return total, err
		case n != min(piece, len(b)):
			return total, io.ErrShortWrite
		}
		b = b[n:]
	}
	return total, nil
}

// ReadManifest reads a manifest as WriteTo writes it. source is what errors call
// it. One bit changed, or a byte missing, is an error.
func ReadManifest(source string, src io.Reader) (*Manifest, error) {
	m := &Manifest{sums: map[string]Sum{}}
	line := 0
	fail := func(value, want string, err error) error {
		return &series.Error{Pos: series.Pos{Source: source, Line: line}, Value: value, Want: want, Err: err}
	}
	in, h := bufio.NewReaderSize(src, 2*maxEntry), sha256.New()
	last := ""
	for {
		line++
		text, err := in.ReadSlice('\n')
		if err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, bufio.ErrBufferFull) {
				return nil, fail("", "a last line that begins with "+manifestEnd+": the manifest was cut short or is none; get it again", series.ErrFormat)
			}
			return nil, fail("", "a manifest that can be read to its end", err)
		}
		row := string(text[:len(text)-1])
		if rest, found := strings.CutPrefix(row, manifestEnd+" "); found {
			if rest != fmt.Sprintf("%d %x", len(m.sums), h.Sum(nil)) {
				return nil, fail("", "the lines that were written: the manifest was changed since; get it again", ErrDigest)
			}
			break
		}
		h.Write(text)
		if line == 1 {
			if row != manifestHead {
				return nil, fail(row, manifestHead+": another halfhour wrote this manifest, or it is none; write it again with its files, or read them with that", ErrVersion)
			}
			continue
		}
		name, sum, ok := entryOf(row)
		if !ok || line > 2 && name <= last {
			return nil, fail(row, "a digest and a size, those of the tail and a name, in order of names: "+damaged, series.ErrFormat)
		}
		if len(m.sums) == maxEntries {
			return nil, fail("", "at most "+strconv.Itoa(maxEntries)+" files: use several manifests", series.ErrLimit)
		}
		m.sums[name], last = sum, name
	}
	if _, err := in.ReadByte(); !errors.Is(err, io.EOF) {
		return nil, fail("", "nothing after the line that begins with "+manifestEnd, series.ErrFormat)
	}
	return m, nil
}

// entryOf reads a line of a manifest, and takes only what WriteTo writes.
func entryOf(row string) (name string, s Sum, ok bool) {
	f := strings.SplitN(row, " ", 5)
	if len(f) != 5 || !nameable(f[4]) || !digestOf(&s.Digest, f[0]) || !sizeOf(&s.Size, f[1]) || !sizeOf(&s.Tail.Size, f[3]) {
		return "", s, false
	}
	if f[2] == noTail {
		return f[4], s, s.Tail.Size == 0
	}
	return f[4], s, digestOf(&s.Tail.Digest, f[2]) && s.Tail.Size >= int64(ending) && s.Tail.Size <= s.Size
}

func digestOf(dst *[sha256.Size]byte, text string) bool {
	raw, err := hex.DecodeString(text)
	return err == nil && copy(dst[:], raw) == len(dst) && text == hex.EncodeToString(dst[:])
}

func sizeOf(dst *int64, text string) bool {
	n, err := strconv.ParseInt(text, 10, 64)
	*dst = n
	return err == nil && n >= 0 && text == strconv.FormatInt(n, 10)
}

// Verify reads src to the end of the file that name should be, all of it, and fails with
// ErrDigest unless it is that file, and with series.ErrEmpty if the manifest
// does not name it. It holds no more than a few kilobytes of it.
func (m *Manifest) Verify(name string, src io.Reader) error {
	want, ok := m.sums[name]
	if !ok {
		return &series.Error{Pos: series.Pos{Source: name}, Want: "a file that the manifest names", Err: series.ErrEmpty}
	}
	got, err := SumOf(io.LimitReader(src, want.Size+1))
	if err != nil {
		return &series.Error{Pos: series.Pos{Source: name}, Want: "a source that can be read to its end", Err: err}
	}
	if got.Size != want.Size || got.Digest != want.Digest {
		return &series.Error{Pos: series.Pos{Source: name}, Want: otherBytes, Err: ErrDigest}
	}
	return nil
}
