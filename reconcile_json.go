package halfhour

import (
	"encoding/json"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/settlement"
)

type reconciliationJSON struct {
	Version int              `json:"version"`
	View    string           `json:"view"`
	From    string           `json:"from"`
	To      string           `json:"to"`
	Data    []reconciledJSON `json:"data"`
}

type reconciledJSON struct {
	Of      string       `json:"of"`
	MPAN    string       `json:"mpan,omitempty"`
	Sources []sourceJSON `json:"sources"`
	Months  []monthJSON  `json:"months"`
}

type sourceJSON struct {
	Source     string         `json:"source"`
	HalfHours  map[string]int `json:"half_hours"`
	Missing    int            `json:"missing"`
	Merged     int            `json:"merged"`
	Estimated  int            `json:"estimated"`
	Incomplete int            `json:"incomplete_days"`
	Stretches  []stretchJSON  `json:"stretches"`
}

type stretchJSON struct {
	From      string `json:"from"`
	To        string `json:"to"`
	Kind      string `json:"kind"`
	Run       string `json:"run,omitempty"`
	HalfHours int    `json:"half_hours"`
}

type monthJSON struct {
	Line      string `json:"line"`
	Unit      string `json:"unit"`
	Month     string `json:"month"`
	Sum       string `json:"sum"`
	HalfHours int    `json:"half_hours"`
	Of        int    `json:"of"`
}

// MarshalJSON writes the reconciliation in the form
// docs/format/reconcile-json.md describes.
func (r Reconciliation) MarshalJSON() ([]byte, error) {
	j := reconciliationJSON{Version, r.View, r.Span.From().String(), r.Span.To().String(), []reconciledJSON{}}
	for i := range r.Data {
		j.Data = append(j.Data, r.Data[i].json())
	}
	return json.Marshal(j)
}

func (r *Reconciled) json() reconciledJSON {
	j := reconciledJSON{Of: r.Of, Sources: []sourceJSON{}, Months: []monthJSON{}}
	if r.Of == "meter" {
		j.MPAN = r.MPAN.String()
	}
	for i := range r.Report.Sources {
		src := &r.Report.Sources[i]
		s := sourceJSON{Source: src.Name, HalfHours: map[string]int{}, Missing: src.Missing, Merged: src.Merged, Estimated: src.Estimated, Incomplete: src.Incomplete, Stretches: []stretchJSON{}}
		for run, n := range src.ByRun {
			if n > 0 {
				s.HalfHours[settlement.Run(run).String()] = n
			}
		}
		for _, st := range src.Stretches {
			from, to := r.Report.Days(st)
			x := stretchJSON{From: from.String(), To: to.String(), Kind: st.Kind.String(), HalfHours: st.Hi - st.Lo}
			if st.Kind == revisions.Whole {
				x.Run = st.Run.String()
			}
			s.Stretches = append(s.Stretches, x)
		}
		j.Sources = append(j.Sources, s)
	}
	for _, t := range r.Energy() {
		j.Months = append(j.Months, monthJSON{t.Def.Name, t.Def.Unit.String(), t.Month.String(), t.Sum.Decimal(t.Def.Scale).String(), t.HalfHours, t.Of})
	}
	return j
}
