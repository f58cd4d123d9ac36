package tariffs

import (
	"encoding/json"

	"github.com/halfhour/halfhour/series"
)

// adjustmentJSON is an adjustment as JSON, in differences.
type adjustmentJSON struct {
	Version   int         `json:"version"`
	MPAN      string      `json:"mpan"`
	Related   []string    `json:"related,omitempty"`
	Direction string      `json:"direction"`
	Tariff    string      `json:"tariff"`
	From      string      `json:"from"`
	To        string      `json:"to"`
	VATDown   bool        `json:"vat_rounded_down,omitempty"`
	Original  sideJSON    `json:"original"`
	Rebill    sideJSON    `json:"rebill"`
	Lines     []deltaJSON `json:"lines"` // those that changed
	Unchanged int         `json:"unchanged_lines"`
	Net       string      `json:"net_gbp"`
	VAT       string      `json:"vat_gbp"`
	Gross     string      `json:"gross_gbp"`
	Cash      []cashJSON  `json:"cash,omitempty"` // those that changed
	Due       string      `json:"due_gbp"`
	NetExact  string      `json:"net_exact_gbp"`
	VATExact  string      `json:"vat_exact_gbp"`

	Says map[string]string `json:"says,omitempty"` // the conditions of both in words
}

// sideJSON is one of the two bills, without its lines.
type sideJSON struct {
	View       string      `json:"view"`
	Volumes    volumesJSON `json:"volumes"`
	Net        string      `json:"net_gbp"`
	VATRate    string      `json:"vat_rate"`
	VAT        string      `json:"vat_gbp"`
	Gross      string      `json:"gross_gbp"`
	Due        string      `json:"due_gbp"`
	NetExact   string      `json:"net_exact_gbp"`
	VATExact   string      `json:"vat_exact_gbp"`
	Conditions Condition   `json:"conditions"`
}

type deltaJSON struct {
	Line     string    `json:"line"`
	Kind     string    `json:"kind"`
	Item     string    `json:"item"`
	From     string    `json:"from"`
	To       string    `json:"to"`
	Quantity string    `json:"quantity"`
	Unit     string    `json:"unit"`
	Exact    string    `json:"exact_gbp"`
	Amount   string    `json:"amount_gbp"`
	Old      *lineJSON `json:"old"`
	New      *lineJSON `json:"new"`
}

type cashJSON struct {
	ID     string                `json:"id"`
	Kind   string                `json:"kind"`
	Amount string                `json:"amount_gbp"`
	Old    *series.Determination `json:"old"`
	New    *series.Determination `json:"new"`
}

// MarshalJSON writes the adjustment in the form docs/format/adjustment-json.md
// describes.
func (a Adjustment) MarshalJSON() ([]byte, error) {
	b := a.Rebill
	j := adjustmentJSON{
		Version: Version, MPAN: b.MPAN.String(), Related: b.related(), Direction: b.direction(), Tariff: b.Tariff,
		From: b.From.String(), To: b.To.String(), VATDown: b.VATDown, Original: a.Original.side(), Rebill: b.side(), Lines: []deltaJSON{},
		Net: pounds(a.Net), VAT: pounds(a.VAT), Gross: pounds(a.Gross), Due: pounds(a.Due), NetExact: a.NetExact.String(), VATExact: a.VATExact.String(), Says: (a.Original.Conditions | b.Conditions).Sentences(),
	}
	for i := range a.Lines {
		d := &a.Lines[i]
		if !d.Changed() {
			j.Unchanged++
			continue
		}
		j.Lines = append(j.Lines, deltaJSON{d.Key.String(), d.Kind(), d.Key.Item.String(), d.Key.From.String(), d.Key.To.String(),
			d.Quantity().String(), d.Key.Unit, d.Exact.String(), pounds(d.Amount), d.Old.side(), d.New.side()})
	}
	for i := range a.Cash {
		if d := &a.Cash[i]; d.Changed() {
			j.Cash = append(j.Cash, cashJSON{d.ID, d.Kind(), pounds(d.Amount), d.Old, d.New})
		}
	}
	return json.Marshal(j)
}

func (b *Bill) side() sideJSON {
	return sideJSON{b.View.Name, b.volumes(), pounds(b.Net), b.VATRate.String(), pounds(b.VAT), pounds(b.Gross), pounds(b.Due), b.NetExact.String(), b.VATExact.String(), b.Conditions}
}

// side is a line of one of the bills, null where it has none.
func (l *Line) side() *lineJSON {
	if l == nil {
		return nil
	}
	j := l.json()
	return &j
}
