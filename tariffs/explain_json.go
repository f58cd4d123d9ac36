package tariffs

import (
	"encoding/json"
	"time"

	"github.com/halfhour/halfhour/settlement"
)

// explanationJSON is an explanation as JSON.
type explanationJSON struct {
	Version    int             `json:"version"`
	Item       string          `json:"item"`
	Rule       string          `json:"rule"`
	RuleSource string          `json:"rule_source"`
	Spread     string          `json:"spread"`
	Restated   string          `json:"restated"`
	Day        string          `json:"day"`
	Period     int             `json:"period,omitempty"` // settlement period; absent for a whole day
	Label      string          `json:"label"`
	Start      string          `json:"start"` // UTC
	HalfHours  int             `json:"half_hours"`
	View       string          `json:"view"`
	Read       []figureJSON    `json:"read"`
	Volumes    []figureJSON    `json:"volumes"`
	Parameters []parameterJSON `json:"parameters"`
	Terms      []termJSON      `json:"rates"`
	Exact      string          `json:"exact_gbp"`
	Lines      []lineJSON      `json:"lines"`         // none for VAT
	Due        *dueJSON        `json:"due,omitempty"` // of VAT
	Note       string          `json:"note,omitempty"`
	Conditions Condition       `json:"conditions"`
}

type figureJSON struct {
	Name      string         `json:"name"`
	Unit      string         `json:"unit"`
	Value     *string        `json:"value"` // null of a factor or a price, and where a half-hour is missing
	Low       string         `json:"low"`
	High      string         `json:"high"`
	Held      int            `json:"held"`
	HalfHours map[string]int `json:"half_hours"`
	Estimated int            `json:"estimated"`
	Assumed   int            `json:"assumed"`
}

type parameterJSON struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type termJSON struct {
	Per       string        `json:"per"`
	Window    string        `json:"window,omitempty"`
	Price     string        `json:"price"`
	Part      string        `json:"part"`
	HalfHours int           `json:"half_hours"`
	Low       string        `json:"low_gbp"`  // of one unit
	High      string        `json:"high_gbp"` // of one unit
	Indexed   int           `json:"indexed,omitempty"`
	StoodIn   int           `json:"stood_in,omitempty"`
	Quantity  *string       `json:"quantity"`
	Product   *string       `json:"product_gbp"` // null where the amount is allotted
	Earlier   *string       `json:"earlier_gbp,omitempty"`
	Allotted  *allottedJSON `json:"allotted,omitempty"`
	Amount    string        `json:"amount_gbp"`
	Says      []string      `json:"says"`
	Status    string        `json:"status"`
	Source    string        `json:"source"`
	Place     string        `json:"place"`
}

type allottedJSON struct {
	Quantity string `json:"quantity"`
	Unit     string `json:"unit"`
	Rate     string `json:"rate"`
	From     string `json:"from"`
	To       string `json:"to"`
	Number   int    `json:"number"`
	Before   int64  `json:"before"`
	UpTo     int64  `json:"up_to"`
	Per      int64  `json:"per"`
	Day      string `json:"day_gbp"`
	HalfHour int    `json:"half_hour,omitempty"` // absent for the whole day
	Of       int    `json:"of"`
}

type dueJSON struct {
	Net      string `json:"net_gbp"`
	Exact    string `json:"exact_gbp"`
	Amount   string `json:"amount_gbp"`
	Rounding string `json:"rounding"`
}

// MarshalJSON writes the explanation in the form docs/format/explain-json.md
// describes.
func (x Explanation) MarshalJSON() ([]byte, error) {
	def := &defs[x.Item]
	j := explanationJSON{
		Version: Version, Item: def.ID, Rule: def.Rule, RuleSource: def.Source, Spread: def.Spread, Restated: def.Restated,
		Day: x.Span.From().String(), Label: x.Label(), Start: x.Span.Lo.Time().UTC().Format(time.RFC3339), HalfHours: x.Span.Len(), View: x.View.Name,
		Read: figuresJSON(x.Read), Volumes: figuresJSON(x.Volumes), Parameters: []parameterJSON{}, Terms: []termJSON{},
		Exact: x.Exact.String(), Lines: []lineJSON{}, Note: x.Note, Conditions: x.Conditions,
	}
	if x.Span.Len() == 1 {
		j.Period = x.Span.Lo.Number()
	}
	for _, p := range x.Parameters {
		j.Parameters = append(j.Parameters, parameterJSON(p))
	}
	for _, t := range x.Terms {
		j.Terms = append(j.Terms, t.json())
	}
	for _, l := range x.Lines {
		j.Lines = append(j.Lines, l.json())
	}
	if d := x.Due; d != nil {
		j.Due = &dueJSON{pounds(d.Net), d.Exact.String(), pounds(d.Amount), d.Rounding()}
	}
	return json.Marshal(j)
}

func (t *Term) json() termJSON {
	j := termJSON{
		Per: t.Basis.String(), Window: t.Window, Price: t.Price.String(), Part: t.Part.String(), HalfHours: t.HalfHours,
		Low: t.Low.String(), High: t.High.String(), Indexed: t.Indexed, StoodIn: t.StoodIn,
		Quantity: known(t.Quantity), Product: known(t.Product), Earlier: known(t.Earlier), Amount: t.Amount.String(), Says: t.Says(),
		Status: t.Status.String(), Source: t.Source, Place: t.Pos.String(),
	}
	if j.Says == nil {
		j.Says = []string{}
	}
	if a := t.Allotted; a != nil {
		j.Allotted = &allottedJSON{a.Quantity.String(), a.Unit, a.Rate.String(), a.From.String(), a.To.String(), a.Number, a.Before, a.UpTo, a.Per, a.Day.String(), a.HalfHour, a.Of}
	}
	return j
}

func figuresJSON(figures []Figure) []figureJSON {
	out := []figureJSON{}
	for _, f := range figures {
		runs := map[string]int{}
		for run, n := range f.HalfHours {
			if n > 0 {
				runs[settlement.Run(run).String()] = n
			}
		}
		out = append(out, figureJSON{f.Name, f.Unit.String(), known(f.Value), f.Low.String(), f.High.String(), f.Held, runs, f.Estimated, f.Assumed})
	}
	return out
}
