package halfhour

import (
	"encoding/json"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/tariffs"
)

// Version is the version of the JSON of comparisons, waterfalls and
// reconciliations.
const Version = 1

type comparisonJSON struct {
	Version int    `json:"version"`
	MPAN    string `json:"mpan"`
	Tariff  string `json:"tariff"`
	From    string `json:"from"`
	To      string `json:"to"`
	stepJSON
	Data []lineJSON        `json:"data"`
	Days []dayJSON         `json:"days"`
	Says map[string]string `json:"says,omitempty"` // the conditions in words
}

// stepJSON is what a comparison and a step of a waterfall have in common.
type stepJSON struct {
	Old    string               `json:"old_view"`
	New    string               `json:"new_view"`
	Was    string               `json:"old_known_at,omitempty"`
	Is     string               `json:"new_known_at,omitempty"`
	Items  []tariffs.ItemChange `json:"items"`
	Net    tariffs.Change       `json:"net"`
	VAT    tariffs.Change       `json:"vat"`
	Gross  tariffs.Change       `json:"gross"`
	Energy []lineJSON           `json:"energy"`

	WasSo tariffs.Condition `json:"old_conditions"`
	IsSo  tariffs.Condition `json:"new_conditions"`
}

type lineJSON struct {
	Line     string   `json:"line"`
	Unit     string   `json:"unit"`
	Old      sideJSON `json:"old"`
	New      sideJSON `json:"new"`
	Delta    *string  `json:"change"` // null of a factor or a price
	Changed  int      `json:"changed"`
	Appeared sideJSON `json:"appeared"`
	Vanished sideJSON `json:"vanished"`
}

type sideJSON struct {
	Sum       *string `json:"sum"` // null of a factor or a price
	HalfHours int     `json:"half_hours"`
}

type dayJSON struct {
	Day string        `json:"day"`
	Net tariffs.Shift `json:"net"`
	MSP lineJSON      `json:"energy"`
}

type waterfallJSON struct {
	Version  int        `json:"version"`
	MPAN     string     `json:"mpan"`
	Tariff   string     `json:"tariff"`
	From     string     `json:"from"`
	To       string     `json:"to"`
	Unbilled []string   `json:"unbilled"`
	Start    pointJSON  `json:"start"`
	Steps    []stepJSON `json:"steps"`
	End      pointJSON  `json:"end"`

	Says map[string]string `json:"says,omitempty"`
}

type pointJSON struct {
	View     string `json:"view"`
	Net      string `json:"net_gbp"`
	VAT      string `json:"vat_gbp"`
	Gross    string `json:"gross_gbp"`
	NetExact string `json:"net_exact_gbp"`
	VATExact string `json:"vat_exact_gbp"`

	Conditions tariffs.Condition `json:"conditions"`
}

// MarshalJSON writes the comparison in the form docs/format/compare-json.md
// describes.
func (c Comparison) MarshalJSON() ([]byte, error) {
	j := comparisonJSON{Version: Version, MPAN: c.Old.MPAN.String(), Tariff: c.Old.Tariff, From: c.Old.From.String(), To: c.Old.To.String(),
		stepJSON: c.step(), Data: linesJSON(c.Data), Days: []dayJSON{}, Says: (c.Old.Conditions | c.New.Conditions).Sentences()}
	for _, d := range c.Days {
		j.Days = append(j.Days, dayJSON{d.Day.String(), d.Net, d.MSP.json()})
	}
	return json.Marshal(j)
}

func (c *Comparison) step() stepJSON {
	return stepJSON{c.Old.View.Name, c.New.View.Name, c.Old.View.KnownAt, c.New.View.KnownAt, c.Items, c.Net, c.VAT, c.Gross, linesJSON(c.Energy), c.Old.Conditions, c.New.Conditions}
}

// MarshalJSON writes the waterfall in the form docs/format/compare-json.md
// describes.
func (w Waterfall) MarshalJSON() ([]byte, error) {
	b := w.Start
	j := waterfallJSON{Version: Version, MPAN: b.MPAN.String(), Tariff: b.Tariff, From: b.From.String(), To: b.To.String(),
		Unbilled: []string{}, Start: point(b), Steps: []stepJSON{}, End: point(w.End())}
	for _, r := range w.Unbilled {
		j.Unbilled = append(j.Unbilled, r.String())
	}
	all := b.Conditions
	for _, s := range w.Steps {
		j.Steps = append(j.Steps, s.step())
		all |= s.New.Conditions
	}
	j.Says = all.Sentences()
	return json.Marshal(j)
}

func point(b *tariffs.Bill) pointJSON {
	return pointJSON{b.View.Name, b.Net.StringFixed(2), b.VAT.StringFixed(2), b.Gross.StringFixed(2), b.NetExact.String(), b.VATExact.String(), b.Conditions}
}

func linesJSON(lines []LineChange) []lineJSON {
	out := []lineJSON{}
	for i := range lines {
		out = append(out, lines[i].json())
	}
	return out
}

func (x *LineChange) json() lineJSON {
	return lineJSON{x.Def.Name, x.Def.Unit.String(), x.side(x.Old), x.side(x.New), x.sum(x.Delta), x.Changed, x.side(x.Appeared), x.side(x.Vanished)}
}

func (x *LineChange) side(s revisions.Side) sideJSON { return sideJSON{x.sum(s.Sum), s.HalfHours} }

// sum is a sum of energy, and nothing of what is not to be summed.
func (x *LineChange) sum(t series.Total) *string {
	if !x.Summed() {
		return nil
	}
	s := t.Decimal(x.Def.Scale).String()
	return &s
}
