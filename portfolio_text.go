package halfhour

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"slices"
	"strconv"

	"github.com/halfhour/halfhour/series"
)

// By names what the totals are told apart by: item, bucket and, if there is one, the
// key.
func (p *Portfolio) By() []string {
	by := []string{"item", p.buckets.Kind.String()}
	if p.key != "" {
		by = append(by, p.key)
	}
	return by
}

// WriteCSV writes the totals as docs/format/batch.md describes: the same bytes for
// the same totals. It goes row by row and holds none of them.
func (p *Portfolio) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	head := append(p.By(), "pounds", "half_hours", "of", "meters", "lacks")
	if err := out.Write(head); err != nil {
		return err
	}
	row, names, pounds := make([]string, 0, len(head)), p.buckets.Names(), []byte(nil)
	for r := range p.Rows() {
		row = append(row[:0], r.Item.String(), names[r.Bucket])
		if p.key != "" {
			row = append(row, r.Value)
		}
		if pounds = pounds[:0]; !r.Missing() {
			pounds = appendDecimal(pounds, r.Sum, r.Item.Scale())
		}
		row = append(row, string(pounds), strconv.FormatInt(r.Held, 10), strconv.FormatInt(r.Of, 10),
			strconv.FormatInt(r.Meters, 10), strconv.FormatInt(r.Lacks, 10))
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// WriteJSON writes the totals in the form docs/format/batch.md describes, on one line
// without an end. It goes row by row and holds none of them.
func (p *Portfolio) WriteJSON(w io.Writer) error {
	head, err := p.headJSON()
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	out.Write(head[:len(head)-1]) // of a bufio.Writer the first error stays
	out.WriteString(`,"totals":[`)
	names, row, first, value, quoted := p.buckets.Names(), []byte(nil), true, "", []byte("null")
	for r := range p.Rows() {
		if r.Value != value {
			value = r.Value
			if quoted, err = json.Marshal(value); err != nil {
				return err
			}
		}
		row = row[:0]
		if !first {
			row = append(row, ',')
		}
		first = false
		row = append(append(append(append(row, `{"item":"`...), r.Item.String()...), `","bucket":"`...), names[r.Bucket]...)
		row = append(row, '"')
		if p.key != "" {
			row = append(append(row, `,"value":`...), quoted...)
		}
		if row = append(row, `,"pounds":`...); r.Missing() {
			row = append(row, "null"...)
		} else {
			row = append(appendDecimal(append(row, '"'), r.Sum, r.Item.Scale()), '"')
		}
		row = strconv.AppendInt(append(row, `,"half_hours":`...), r.Held, 10)
		row = strconv.AppendInt(append(row, `,"of":`...), r.Of, 10)
		row = strconv.AppendInt(append(row, `,"meters":`...), r.Meters, 10)
		row = strconv.AppendInt(append(row, `,"lacks":`...), r.Lacks, 10)
		row = append(strconv.AppendBool(append(row, `,"whole":`...), r.Whole()), '}')
		if _, err := out.Write(row); err != nil {
			return err
		}
	}
	out.WriteString("]}")
	return out.Flush()
}

// headJSON is what the totals say beside their rows, as an object.
func (p *Portfolio) headJSON() ([]byte, error) {
	type lack struct {
		Value  *string `json:"value"`
		Meters int64   `json:"meters"`
	}
	out := struct {
		By     []string `json:"by"`
		Meters int64    `json:"meters"`
		Lacks  int64    `json:"lacks"`
		Whole  bool     `json:"whole"`
		LackBy []lack   `json:"lacks_by_value"`
		Stray  int64    `json:"lacks_of_unknown_value"`
	}{By: p.By(), LackBy: []lack{}, Stray: p.strays}
	out.Meters, out.Lacks = p.Meters()
	out.Whole = out.Lacks == 0
	for _, value := range p.values() {
		if n := p.holdings[value].lacks; n > 0 {
			l := lack{Meters: n}
			if value != "" {
				l.Value = &value
			}
			out.LackBy = append(out.LackBy, l)
		}
	}
	for r := range p.Rows() {
		out.Whole = out.Whole && r.Whole()
	}
	return json.Marshal(out)
}

// MarshalJSON gives in one piece what WriteJSON writes: of many totals, several times
// what the portfolio itself takes.
func (p *Portfolio) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	err := p.WriteJSON(&out)
	return out.Bytes(), err
}

// appendDecimal appends t × 10^-scale as decimal.Decimal has it: in full, without zeros
// behind the last digit.
func appendDecimal(dst []byte, t series.Total, scale int) []byte {
	at := len(dst)
	dst = appendTotal(dst, t)
	if dst[at] == '-' {
		at++
	}
	for len(dst)-at <= scale {
		dst = slices.Insert(dst, at, '0')
	}
	dst = slices.Insert(dst, len(dst)-scale, '.')
	return bytes.TrimSuffix(bytes.TrimRight(dst, "0"), []byte("."))
}
