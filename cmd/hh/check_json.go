package main

import (
	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/revisions"
)

// checkedJSON is a check as JSON: docs/format/check-json.md describes it.
type checkedJSON struct {
	Version   int              `json:"version"`
	Explained bool             `json:"explained"`
	Runs      []string         `json:"runs"`
	Rows      []checkedRowJSON `json:"rows"`
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
const checkedVersion = 1

func checkedDocument(res *halfhour.Checked) checkedJSON {
	d := checkedJSON{Version: checkedVersion, Explained: res.Unexplained() == 0, Runs: []string{}, Rows: []checkedRowJSON{}}
	for _, r := range res.Runs {
		d.Runs = append(d.Runs, r.String())
	}
	for i := range res.Rows {
		row := &res.Rows[i]
		f := row.Finding
		j := checkedRowJSON{
			Place: row.Pos.String(), Item: row.Item, From: row.From.String(), To: row.To.String(), Figures: []checkedFigureJSON{},
			Explained: f.Explained(), Ambiguous: f.Ambiguous(), Shape: f.Shape.String(), Candidates: []candidateJSON{},
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
	return d
}

func candidate(row *halfhour.CheckedRow, c *revisions.Candidate) candidateJSON {
	j := candidateJSON{Shape: c.Shape.String()}
	if c.Shape == revisions.OneDate {
		j.AsOf = c.AsOf.String()
	}
	for _, p := range c.Parts {
		j.Days = append(j.Days, daysJSON{p.From.String(), p.To.String(), p.Run.String()})
	}
	for k := range row.Figures {
		f := &row.Figures[k]
		j.Figures = append(j.Figures, comparedJSON{f.Name, c.Sums[k].Decimal(f.Scale).String(), c.Residuals[k].Decimal(f.Scale).String()})
	}
	return j
}
