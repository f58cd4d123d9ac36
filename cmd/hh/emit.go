package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/halfhour/halfhour/revisions"
)

// emit writes a document as JSON, or as text for a person to read without the
// spaces that columns leave behind its lines: all at once.
func emit(w io.Writer, format string, doc any, text func(io.Writer)) error {
	var out bytes.Buffer
	if format == "json" {
		enc := json.NewEncoder(&out)
		enc.SetIndent("", "  ")
		if err := enc.Encode(doc); err != nil {
			return err
		}
	} else {
		var b strings.Builder
		text(&b)
		for line := range strings.Lines(b.String()) {
			fmt.Fprintln(&out, strings.TrimRight(line, " \n"))
		}
	}
	_, err := w.Write(out.Bytes())
	return err
}

// stderr is where to say what is not part of the answer.
func (c *input) stderr() io.Writer {
	if c.errs == nil {
		return io.Discard
	}
	return c.errs
}

// firstLater is how many of the deliveries that came later are named.
const firstLater = 5

// emit is emit with the deliveries that came later than is asked, and were not
// read: as the last line, or as the last field of each object.
func (c *input) emit(w io.Writer, format string, doc any, text func(io.Writer)) error {
	if len(c.later) == 0 {
		return emit(w, format, doc, text)
	}
	if format != "json" {
		return emit(w, format, nil, func(w io.Writer) {
			text(w)
			fmt.Fprintf(w, "\n%s\n", laterText(c.later))
		})
	}
	return emit(w, format, noted{doc, "later", laterOf(c.later)}, nil)
}

// noted is a document with one more field, the last; an array has it in each
// object.
type noted struct {
	doc   any
	field string
	value any
}

// MarshalJSON writes the document and the field.
func (n noted) MarshalJSON() ([]byte, error) {
	doc, err := json.Marshal(n.doc)
	if err != nil {
		return nil, err
	}
	value, err := json.Marshal(n.value)
	return withField(doc, n.field, value), err
}

// withField adds a field to an object, or to each object of an array.
func withField(doc json.RawMessage, name string, value json.RawMessage) json.RawMessage {
	var all []json.RawMessage
	if json.Unmarshal(doc, &all) == nil {
		for i, x := range all {
			all[i] = withField(x, name, value)
		}
		return fmt.Appendf(nil, "[%s]", bytes.Join(rawBytes(all), []byte(",")))
	}
	return fmt.Appendf(nil, "%s,%q:%s}", bytes.TrimSuffix(doc, []byte("}")), name, value)
}

func rawBytes(all []json.RawMessage) [][]byte {
	out := make([][]byte, len(all))
	for i, x := range all {
		out[i] = x
	}
	return out
}

// laterJSON are the deliveries that came later, as the formats describe them.
type laterJSON struct {
	Count int            `json:"count"`
	First []deliveryJSON `json:"first"`
}

type deliveryJSON struct {
	Source   string `json:"source"`
	Received string `json:"received"`
}

func laterOf(all []revisions.Delivery) laterJSON {
	j := laterJSON{Count: len(all)}
	for _, d := range all[:min(len(all), firstLater)] {
		j.First = append(j.First, deliveryJSON{d.Source, d.Received.UTC().Format(time.RFC3339Nano)})
	}
	return j
}

func laterText(all []revisions.Delivery) string {
	var parts []string
	j := laterOf(all)
	for _, d := range j.First {
		parts = append(parts, d.Source+" "+d.Received)
	}
	if j.Count > len(j.First) {
		parts = append(parts, "…")
	}
	return fmt.Sprintf("received later, and not read: %d: %s", j.Count, strings.Join(parts, ", "))
}
