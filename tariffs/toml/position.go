package toml

import (
	"errors"
	"sort"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// index says where each key of a file stands: the decoder hands over values
// without their places.
type index struct {
	at    map[string]int // path of a key, such as rate[3].price -> offset
	keys  []int          // offset of every key, ascending
	lines []int          // offset of the start of every line
	count map[string]int // tables so far in each array of tables
	below map[string]int // different keys so far in each table
	err   error          // why the file is refused although it is TOML
}

// Limits of a file's form. maxDepth bounds how deep tables, arrays and dotted
// keys nest; our files need three. It keeps paths short and the decoder's
// recursion shallow. maxKeys bounds the keys of one table: the decoder compares
// each with all the others.
const (
	maxDepth = 8
	maxKeys  = 1_000
)

var (
	errDepth = errors.New("nested too deeply")
	errKeys  = errors.New("too many keys in one table")
)

// newIndex reads the keys of a file. What it says of a syntax error is where
// the file stops being TOML, and why.
func newIndex(b []byte) (*index, error) {
	x := &index{at: map[string]int{}, count: map[string]int{}, below: map[string]int{}, lines: []int{0}}
	for i, c := range b {
		if c == '\n' {
			x.lines = append(x.lines, i+1)
		}
	}
	var p unstable.Parser
	p.Reset(b)
	base := ""
	for p.NextExpression() {
		node := p.Expression()
		switch node.Kind {
		case unstable.Table, unstable.ArrayTable:
			base = x.key("", node)
		case unstable.KeyValue:
			x.value(base, node, strings.Count(base, "."))
		}
		if x.err != nil {
			return x, &offsetError{x.keys[len(x.keys)-1], x.err}
		}
	}
	if err := p.Error(); err != nil {
		at := len(b)
		var pe *unstable.ParserError
		if errors.As(err, &pe) {
			at = int(p.Range(pe.Highlight).Offset)
		}
		return x, &offsetError{at, err}
	}
	return x, nil
}

// offsetError is a syntax error and its place.
type offsetError struct {
	offset int
	err    error
}

func (e *offsetError) Error() string { return e.err.Error() }
func (e *offsetError) Unwrap() error { return e.err }

// key notes the places of a node's dotted key below base and gives its path.
func (x *index) key(base string, node *unstable.Node) string {
	path := base
	it := node.Key()
	for depth := 0; it.Next() && x.err == nil; depth++ {
		part := it.Node()
		at, table := int(part.Raw.Offset), path
		x.keys = append(x.keys, at)
		path = join(path, string(part.Data))
		if _, known := x.at[path]; !known {
			x.at[path] = at
			x.below[table]++
		}
		switch {
		case depth == maxDepth:
			x.err = errDepth
		case x.below[table] > maxKeys:
			x.err = errKeys
		}
		if node.Kind == unstable.ArrayTable && it.IsLast() {
			x.count[path]++
			x.at[element(path, x.count[path]-1)] = at
		}
		if n := x.count[path]; n > 0 && node.Kind != unstable.KeyValue {
			path = element(path, n-1)
		}
	}
	return path
}

// value notes a key and those inside its value.
func (x *index) value(base string, node *unstable.Node, depth int) {
	path := x.key(base, node)
	x.inside(path, node.Value(), depth+1)
}

func (x *index) inside(path string, v *unstable.Node, depth int) {
	if depth > maxDepth && x.err == nil {
		x.err = errDepth
	}
	it := v.Children()
	switch v.Kind {
	case unstable.InlineTable:
		for x.err == nil && it.Next() {
			if n := it.Node(); n.Kind == unstable.KeyValue {
				x.value(path, n, depth)
			}
		}
	case unstable.Array:
		for i := 0; x.err == nil && it.Next(); i++ {
			child := it.Node()
			if child.Kind != unstable.InlineTable && child.Kind != unstable.Array {
				continue // a plain element stands where its key does
			}
			of := element(path, i)
			if child.Kind == unstable.InlineTable {
				x.at[of] = int(child.Raw.Offset)
			}
			x.inside(of, child, depth+1)
		}
	}
}

// join is the path of a key below base. Keys that are not plain words are
// quoted, so that no two keys share a path.
func join(base, key string) string {
	if strings.ContainsAny(key, ".[]\"") || key == "" {
		key = strconv.Quote(key)
	}
	if base == "" {
		return key
	}
	return base + "." + key
}

func element(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// offset is where a path stands, and whether it is known.
func (x *index) offset(path string) (int, bool) {
	at, ok := x.at[path]
	return at, ok
}

// keyBefore is the nearest key at or before an offset: the one whose value
// stands there.
func (x *index) keyBefore(offset int) int {
	i := sort.SearchInts(x.keys, offset+1)
	if i == 0 {
		return offset
	}
	return x.keys[i-1]
}

// lineColumn counts both from 1, columns in bytes.
func (x *index) lineColumn(offset int) (line, column int) {
	line = sort.SearchInts(x.lines, offset+1)
	return line, offset - x.lines[line-1] + 1
}
