package main

import "bufio"

// indented writes JSON that comes in pieces and without spaces as json.Indent writes
// it whole, two spaces to a level.
type indented struct {
	out     *bufio.Writer // of which the first error stays
	depth   int
	empty   bool // nothing stands yet in the object or array that was opened last
	text    bool // inside a string
	escaped bool // behind a backslash in it
}

func (d *indented) Write(p []byte) (int, error) {
	for _, c := range p {
		if d.text {
			d.text, d.escaped = d.escaped || c != '"', !d.escaped && c == '\\'
			d.out.WriteByte(c)
			continue
		}
		closes := c == '}' || c == ']'
		if closes {
			d.depth--
		}
		if d.empty != closes {
			d.line()
		}
		d.empty = c == '{' || c == '['
		d.out.WriteByte(c)
		switch c {
		case '{', '[':
			d.depth++
		case ',':
			d.line()
		case ':':
			d.out.WriteByte(' ')
		case '"':
			d.text = true
		}
	}
	return len(p), d.err()
}

// line begins a line.
func (d *indented) line() {
	d.out.WriteByte('\n')
	for range d.depth {
		d.out.WriteString("  ")
	}
}

// err is the first error of what is written to.
func (d *indented) err() error {
	_, err := d.out.Write(nil)
	return err
}
