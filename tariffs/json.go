package tariffs

import (
	"encoding/json"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Version is that of the JSON a Bill marshals to, docs/format/bill-json.md. A
// field may be added without changing it. What Explain, a listing of rates and a
// check write have versions of their own.
const Version = 1

// document is a bill as JSON. Dates are local, to is exclusive; money, energy
// and rates are decimal strings.
type document struct {
	Version    int                    `json:"version"`
	MPAN       string                 `json:"mpan"`
	Related    []string               `json:"related,omitempty"`
	Direction  string                 `json:"direction"`
	Tariff     string                 `json:"tariff"`
	From       string                 `json:"from"`
	To         string                 `json:"to"`
	View       string                 `json:"view"`
	KnownAt    string                 `json:"known_at,omitempty"`
	Reversal   bool                   `json:"reversal,omitempty"`
	Volumes    volumesJSON            `json:"volumes"`
	Lines      []lineJSON             `json:"lines"`
	Net        string                 `json:"net_gbp"`
	VATRate    string                 `json:"vat_rate"`
	VAT        string                 `json:"vat_gbp"`
	VATDown    bool                   `json:"vat_rounded_down,omitempty"`
	Gross      string                 `json:"gross_gbp"`
	Cash       []series.Determination `json:"cash,omitempty"`
	Due        string                 `json:"due_gbp"`
	NetExact   string                 `json:"net_exact_gbp"`
	VATExact   string                 `json:"vat_exact_gbp"`
	Runs       []sourceJSON           `json:"runs"`
	Pounds     *poundsJSON            `json:"pounds,omitempty"`
	Outlook    *outlookJSON           `json:"to_come,omitempty"`
	Conditions Condition              `json:"conditions"`
	Says       map[string]string      `json:"says,omitempty"` // the conditions in words
}

type volumesJSON struct {
	MSP string  `json:"msp_kwh"`
	GSP *string `json:"gsp_kwh"`
	NBP *string `json:"nbp_kwh"`
}

type lineJSON struct {
	Item       string     `json:"item"`
	From       string     `json:"from"`
	To         string     `json:"to"`
	Quantity   string     `json:"quantity"`
	Unit       string     `json:"unit"`
	Volume     string     `json:"volume,omitempty"`
	Rate       *string    `json:"rate"` // null where the windows have their own
	Price      string     `json:"price,omitempty"`
	Divisor    int64      `json:"divisor,omitempty"`
	Windows    []partJSON `json:"windows,omitempty"`
	Exact      string     `json:"exact_gbp"`
	Amount     string     `json:"amount_gbp"`
	Rounding   string     `json:"rounding_gbp"`
	Conditions Condition  `json:"conditions"`
}

type partJSON struct {
	Window   string  `json:"window"`
	Quantity string  `json:"quantity"`
	Rate     *string `json:"rate"` // null where it follows an index
	Price    string  `json:"price,omitempty"`
	Exact    string  `json:"exact_gbp"`
}

type sourceJSON struct {
	Source    string            `json:"source"`
	HalfHours map[string]int    `json:"half_hours"`
	Estimated int               `json:"estimated"`
	Assumed   int               `json:"assumed"`
	Percent   map[string]string `json:"percent"`           // of the source's half-hours, by run
	Guessed   *string           `json:"estimated_percent"` // of them
}

// MarshalJSON writes the bill in the form docs/format/bill-json.md describes.
func (b Bill) MarshalJSON() ([]byte, error) {
	d := document{
		Version: Version, MPAN: b.MPAN.String(), Related: b.related(), Direction: b.direction(), VATDown: b.VATDown, Tariff: b.Tariff, From: b.From.String(), To: b.To.String(), View: b.View.Name, KnownAt: b.View.KnownAt,
		Reversal: b.Reversal, Volumes: b.volumes(),
		Lines: make([]lineJSON, 0, len(b.Lines)),
		Net:   pounds(b.Net), VATRate: b.VATRate.String(), VAT: pounds(b.VAT), Gross: pounds(b.Gross), Cash: b.Cash, Due: pounds(b.Due),
		NetExact: b.NetExact.String(), VATExact: b.VATExact.String(),
		Runs: make([]sourceJSON, 0, len(b.Runs)), Pounds: b.Mix.json(), Outlook: outlook(b.Outlook), Conditions: b.Conditions, Says: b.Conditions.Sentences(),
	}
	for i := range b.Lines {
		d.Lines = append(d.Lines, b.Lines[i].json())
	}
	for _, r := range b.Runs {
		d.Runs = append(d.Runs, r.json())
	}
	return json.Marshal(d)
}

func (l *Line) json() lineJSON {
	j := lineJSON{
		Item: l.Item.String(), From: l.From.String(), To: l.To.String(),
		Quantity: l.Quantity.String(), Unit: l.Unit, Volume: l.Volume,
		Rate:  known(l.Rate),
		Exact: l.Exact.String(), Amount: pounds(l.Amount), Rounding: l.Rounding().String(), Conditions: l.Conditions,
	}
	if l.Divisor > 1 {
		j.Divisor = l.Divisor
	}
	if len(l.Parts) == 1 {
		j.Price = l.Parts[0].Price
	}
	if len(l.Parts) > 1 {
		for _, p := range l.Parts {
			j.Windows = append(j.Windows, partJSON{p.Window, p.Quantity.String(), known(p.Rate), p.Price, p.Exact.String()})
		}
	}
	return j
}

func (b *Bill) volumes() volumesJSON {
	return volumesJSON{b.Volumes.MSP.String(), known(b.Volumes.GSP), known(b.Volumes.NBP)}
}

func (b *Bill) related() (out []string) {
	for _, m := range b.Related {
		out = append(out, m.String())
	}
	return out
}

func (b *Bill) direction() string {
	if b.Export {
		return "export"
	}
	return "import"
}

// share is so many of the source's half-hours in per cent.
func (r *RunShare) share(n int) *string {
	return percent(decimal.NewFromInt(int64(n)), decimal.NewFromInt(int64(r.Total())))
}

func (r *RunShare) json() sourceJSON {
	j := sourceJSON{Source: r.Source, HalfHours: map[string]int{}, Estimated: r.Estimated, Assumed: r.Assumed, Percent: map[string]string{}}
	for run, n := range r.HalfHours {
		if n > 0 {
			j.HalfHours[settlement.Run(run).String()] = n
			j.Percent[settlement.Run(run).String()] = *r.share(n)
		}
	}
	j.Guessed = r.share(r.Estimated)
	return j
}

// known is a decimal, or nothing where there is none.
func known(d decimal.NullDecimal) *string {
	if !d.Valid {
		return nil
	}
	s := d.Decimal.String()
	return &s
}

// pounds is money to the penny, with both digits.
func pounds(d decimal.Decimal) string { return d.StringFixed(pennyDec) }
