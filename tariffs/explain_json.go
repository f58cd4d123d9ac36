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
	Start      string          `json:"start"`            // UTC
	HalfHours  int             `json:"half_hours"`
	View       string          `json:"view"`
	Read       []figureJSON    `json:"read"`
	Volumes    []figureJSON    `json:"volumes"`
	Parameters []parameterJSON `json:"parameters"`
	Terms      []termJSON      `json:"rates"`
	Exact      string          `json:"exact_gbp"`
	Line       *lineJSON       `json:"line"` // null for VAT, which has no line
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
	Per       string  `json:"per"`
	Window    string  `json:"window,omitempty"`
	Price     string  `json:"price"`
	Part      string  `json:"part"`
	HalfHours int     `json:"half_hours"`
	Quantity  *string `json:"quantity"`
	Product   *string `json:"product_gbp"` // null where the amount is allotted
	Status    string  `json:"status"`
	Source    string  `json:"source"`
	Place     string  `json:"place"`
}

// MarshalJSON writes the explanation in the form docs/format/explain-json.md
// describes.
func (x Explanation) MarshalJSON() ([]byte, error) {
	def := &defs[x.Item]
	j := explanationJSON{
		Version: Version, Item: def.ID, Rule: def.Rule, RuleSource: def.Source, Spread: def.Spread, Restated: def.Restated,
		Day: x.Span.From().String(), Start: x.Span.Lo.Time().UTC().Format(time.RFC3339), HalfHours: x.Span.Len(), View: x.View.Name,
		Read: figuresJSON(x.Read), Volumes: figuresJSON(x.Volumes), Parameters: []parameterJSON{}, Terms: []termJSON{},
		Exact: x.Exact.String(), Conditions: x.Conditions,
	}
	if x.Span.Len() == 1 {
		j.Period = x.Span.Lo.Number()
	}
	for _, p := range x.Parameters {
		j.Parameters = append(j.Parameters, parameterJSON(p))
	}
	for _, t := range x.Terms {
		j.Terms = append(j.Terms, termJSON{t.Basis.String(), t.Window, t.Price.String(), t.Part.String(), t.HalfHours,
			known(t.Quantity), known(t.Product), t.Status.String(), t.Source, t.Pos.String()})
	}
	if x.Line != nil {
		l := x.Line.json()
		j.Line = &l
	}
	return json.Marshal(j)
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
