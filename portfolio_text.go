package halfhour

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
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
// the same totals.
func (p *Portfolio) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	head := append(p.By(), "pounds", "half_hours", "of", "meters", "lacks")
	if err := out.Write(head); err != nil {
		return err
	}
	row := make([]string, 0, len(head))
	for r := range p.Rows() {
		row = append(row[:0], r.Item.String(), p.buckets.Name(r.Bucket))
		if p.key != "" {
			row = append(row, r.Value)
		}
		row = append(row, r.Sum.Decimal(r.Item.Scale()).String(), strconv.FormatInt(r.Held, 10), strconv.FormatInt(r.Of, 10),
			strconv.FormatInt(r.Meters, 10), strconv.FormatInt(r.Lacks, 10))
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// MarshalJSON writes the totals in the form docs/format/batch.md describes.
func (p *Portfolio) MarshalJSON() ([]byte, error) {
	type total struct {
		Item      string `json:"item"`
		Bucket    string `json:"bucket"`
		Value     string `json:"value,omitempty"`
		Pounds    string `json:"pounds"`
		HalfHours int64  `json:"half_hours"`
		Of        int64  `json:"of"`
		Meters    int64  `json:"meters"`
		Lacks     int64  `json:"lacks"`
		Whole     bool   `json:"whole"`
	}
	type lack struct {
		Value  string `json:"value"`
		Meters int64  `json:"meters"`
	}
	out := struct {
		By     []string `json:"by"`
		Meters int64    `json:"meters"`
		Lacks  int64    `json:"lacks"`
		Whole  bool     `json:"whole"`
		LackBy []lack   `json:"lacks_by_value"`
		Stray  int64    `json:"lacks_of_unknown_value"`
		Totals []total  `json:"totals"`
	}{By: p.By(), Whole: true, LackBy: []lack{}, Stray: p.strays, Totals: []total{}}
	out.Meters, out.Lacks = p.Meters()
	out.Whole = out.Lacks == 0
	for _, value := range p.values() {
		if n := p.holdings[value].lacks; n > 0 {
			out.LackBy = append(out.LackBy, lack{value, n})
		}
	}
	for r := range p.Rows() {
		out.Whole = out.Whole && r.Whole()
		out.Totals = append(out.Totals, total{r.Item.String(), p.buckets.Name(r.Bucket), r.Value, r.Sum.Decimal(r.Item.Scale()).String(), r.Held, r.Of, r.Meters, r.Lacks, r.Whole()})
	}
	return json.Marshal(out)
}
