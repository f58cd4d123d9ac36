package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"testing"

	"pgregory.net/rapid"
)

// TestIndented: any document, in pieces of any length, is as json.Indent writes it.
func TestIndented(t *testing.T) {
	var value func(depth int) *rapid.Generator[any]
	value = func(depth int) *rapid.Generator[any] {
		leaf := rapid.OneOf(rapid.Map(rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{`\`, `"`, `a\"{`, `,:[]`})), func(s string) any { return s }),
			rapid.Map(rapid.Int(), func(i int) any { return i }), rapid.Just(any(nil)), rapid.Just(any(true)))
		if depth == 0 {
			return leaf
		}
		inner := value(depth - 1)
		return rapid.OneOf(leaf, rapid.Map(rapid.SliceOfN(inner, 0, 3), func(s []any) any { return s }),
			rapid.Map(rapid.MapOfN(rapid.String(), inner, 0, 3), func(m map[string]any) any { return m }))
	}
	rapid.Check(t, func(t *rapid.T) {
		doc := value(4).Draw(t, "document")
		text, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		var want, got bytes.Buffer
		if err := json.Indent(&want, append(text, '\n'), "", "  "); err != nil {
			t.Fatal(err)
		}
		out := bufio.NewWriter(&got)
		in := &indented{out: out}
		for rest := append(text, '\n'); len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "piece")
			if m, err := in.Write(rest[:n]); m != n || err != nil {
				t.Fatal(m, err)
			}
			rest = rest[n:]
		}
		if out.Flush(); got.String() != want.String() {
			t.Fatalf("%s\nwant\n%s", got.String(), want.String())
		}
	})
}
