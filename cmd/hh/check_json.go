package main

import (
	"math/big"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// checkedJSON is a check as JSON: docs/format/check-json.md describes it.
type checkedJSON struct {
	Version   int              `json:"version"`
	Explained bool             `json:"explained"`
	Runs      []string         `json:"runs"`
	Rows      []checkedRowJSON `json:"rows"`
	Together  []togetherJSON   `json:"together"`

	Conditions []tariffs.Condition `json:"conditions"` // of each of the runs
	Says       map[string]string   `json:"says,omitempty"`
}

// togetherJSON is what the rows of the same days have in common.
type togetherJSON struct {
	From    string       `json:"from"`
	To      string       `json:"to"`
	Shape   string       `json:"shape"`
	Choices []choiceJSON `json:"choices"`
	More    bool         `json:"more"`
	Chance  string       `json:"chance,omitempty"`
	Fits    []string     `json:"fits"`
	Differs []string     `json:"differs"`
	Partial bool         `json:"partial"`
}

type choiceJSON struct {
	AsOf  string     `json:"as_of,omitempty"`
	Days  []daysJSON `json:"days"`
	Alike []daysJSON `json:"alike,omitempty"`
}

type checkedRowJSON struct {
	Place      string              `json:"place"`
	Item       string              `json:"item"`
	From       string              `json:"from"`
	To         string              `json:"to"`
	Figures    []checkedFigureJSON `json:"figures"`
	Explained  bool                `json:"explained"`
	Ambiguous  bool                `json:"ambiguous"`
	Shape      string              `json:"shape"`
	Chance     string              `json:"chance,omitempty"`
	Joint      bool                `json:"joint"`
	Against    bool                `json:"against"`
	Rounding   bool                `json:"rounding,omitempty"`
	Candidates []candidateJSON     `json:"candidates"`
	More       bool                `json:"more"`
	Tried      int                 `json:"tried"`
	Partial    bool                `json:"partial"`
	Missing    int                 `json:"missing_days"`
	Reason     string              `json:"reason,omitempty"`
}

type checkedFigureJSON struct {
	Figure string `json:"figure"`
	Unit   string `json:"unit"`
	Theirs string `json:"theirs"`
}

type candidateJSON struct {
	Shape   string         `json:"shape"`
	AsOf    string         `json:"as_of,omitempty"`
	Days    []daysJSON     `json:"days"`
	Alike   []daysJSON     `json:"alike,omitempty"`
	Figures []comparedJSON `json:"figures"`
}

type daysJSON struct {
	From string `json:"from"`
	To   string `json:"to"`
	Run  string `json:"run"`
}

type comparedJSON struct {
	Figure   string `json:"figure"`
	Ours     string `json:"ours"`
	Residual string `json:"residual"`
}

// checkedVersion is the version of the JSON of a check.
const checkedVersion = 2

func checkedDocument(res *halfhour.Checked) checkedJSON {
	d := checkedJSON{Version: checkedVersion, Explained: res.Unexplained() == 0, Runs: []string{}, Rows: []checkedRowJSON{}, Together: []togetherJSON{}, Conditions: []tariffs.Condition{}}
	var all tariffs.Condition
	for i, r := range res.Runs {
		d.Runs = append(d.Runs, r.String())
		d.Conditions = append(d.Conditions, res.Conditions[i])
		all |= res.Conditions[i]
	}
	d.Says = all.Sentences()
	for i := range res.Rows {
		row := &res.Rows[i]
		f := row.Finding
		j := checkedRowJSON{
			Place: row.Pos.String(), Item: row.Item, From: row.From.String(), To: row.To.String(), Figures: []checkedFigureJSON{},
			Explained: f.Explained(), Ambiguous: f.Ambiguous(), Shape: f.Shape.String(), Candidates: []candidateJSON{},
			Chance: likelihood(f.Chance), Joint: f.Joint, Against: f.Against, Rounding: row.Rounding(),
			More: f.More, Tried: f.Tried, Partial: f.Partial, Missing: f.Missing, Reason: row.Reason,
		}
		for k := range row.Figures {
			j.Figures = append(j.Figures, checkedFigureJSON{row.Figures[k].Name, row.Figures[k].Unit.String(), printed(&row.Figures[k])})
		}
		for k := range f.Candidates {
			j.Candidates = append(j.Candidates, candidate(row, &f.Candidates[k]))
		}
		d.Rows = append(d.Rows, j)
	}
	for i := range res.Days {
		d.Together = append(d.Together, together(res, &res.Days[i]))
	}
	return d
}

func together(res *halfhour.Checked, d *halfhour.CheckedDays) togetherJSON {
	j := togetherJSON{
		From: d.From.String(), To: d.To.String(), Shape: revisions.NoShape.String(), Choices: []choiceJSON{},
		More: d.More, Chance: likelihood(d.Chance), Fits: []string{}, Differs: []string{}, Partial: d.Partial,
	}
	for i := range d.Choices {
		c := &d.Choices[i]
		j.Shape = c.Shape.String()
		j.Choices = append(j.Choices, choiceJSON{asOfDate(c.Shape, c.AsOf), daysOf(c.Parts), daysOf(c.Alike)})
	}
	for k, i := range d.Of {
		switch place := res.Rows[i].Pos.String(); {
		case d.Fits[k]:
			j.Fits = append(j.Fits, place)
		case d.Held[k]:
			j.Differs = append(j.Differs, place)
		}
	}
	return j
}

// likelihood is a chance to nine decimals, rounded up.
func likelihood(chance *big.Rat) string {
	if chance == nil {
		return ""
	}
	return rounded(chance, 9).String()
}

func asOfDate(shape revisions.Shape, asOf settlement.Day) string {
	if shape != revisions.OneDate {
		return ""
	}
	return asOf.String()
}

func daysOf(parts []revisions.Part) (out []daysJSON) {
	for _, p := range parts {
		out = append(out, daysJSON{p.From.String(), p.To.String(), p.Run.String()})
	}
	return out
}

func candidate(row *halfhour.CheckedRow, c *revisions.Candidate) candidateJSON {
	j := candidateJSON{Shape: c.Shape.String(), AsOf: asOfDate(c.Shape, c.AsOf), Days: daysOf(c.Parts), Alike: daysOf(c.Alike)}
	for k := range row.Figures {
		f := &row.Figures[k]
		j.Figures = append(j.Figures, comparedJSON{f.Name, c.Sums[k].Decimal(f.Scale).String(), c.Residuals[k].Decimal(f.Scale).String()})
	}
	return j
}
