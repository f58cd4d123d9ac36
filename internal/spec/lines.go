package spec

import (
	"fmt"
	"strings"
)

// Mistake is what is wrong at a line of a specification.
type Mistake struct {
	File string
	Line int
	What string
}

func (m *Mistake) Error() string { return fmt.Sprintf("%s:%d: %s", m.File, m.Line, m.What) }

// word is a word of a line; one in quotes may hold spaces.
type word struct {
	text   string
	quoted bool
}

// line is a line of a file that says something.
type line struct {
	number int
	raw    string
	words  []word
}

// statement is a line at the margin with the indented lines below it.
type statement struct {
	line
	below []line
	next  int // the line after the last of below, counting from 0
}

func (l *line) texts() []string {
	out := make([]string, len(l.words))
	for i, w := range l.words {
		out[i] = w.text
	}
	return out
}

// statements reads a file. Lines that are empty or a comment are passed over;
// a comment also follows a space and # on a line.
func statements(file, text string) (out []statement, err error) {
	for i, raw := range strings.Split(text, "\n") {
		l := line{number: i + 1, raw: raw}
		if l.words, err = words(raw); err != nil {
			return nil, &Mistake{file, l.number, err.Error()}
		}
		switch indented := raw != strings.TrimLeft(raw, " \t"); {
		case len(l.words) == 0:
		case !indented:
			out = append(out, statement{line: l, next: i + 1})
		case len(out) == 0:
			return nil, &Mistake{file, l.number, "an indented line belongs to a statement above it; there is none"}
		default:
			s := &out[len(out)-1]
			s.below, s.next = append(s.below, l), i+1
		}
	}
	return out, nil
}

// words splits a line; quotes hold a word together, # after a space ends it.
func words(raw string) (out []word, err error) {
	rest := strings.TrimSpace(raw)
	for rest != "" && rest[0] != '#' {
		if quoted, ok := strings.CutPrefix(rest, `"`); ok {
			text, after, closed := strings.Cut(quoted, `"`)
			if !closed {
				return nil, fmt.Errorf("the quote is not closed")
			}
			out, rest = append(out, word{text, true}), strings.TrimLeft(after, " \t")
			continue
		}
		end := strings.IndexAny(rest, " \t")
		if end < 0 {
			end = len(rest)
		}
		out, rest = append(out, word{text: rest[:end]}), strings.TrimLeft(rest[end:], " \t")
	}
	return out, nil
}
