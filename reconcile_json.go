package halfhour

import (
	"encoding/json"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

type reconciliationJSON struct {
	Version int              `json:"version"`
	View    string           `json:"view"`
	Known   string           `json:"known_at,omitempty"`
	From    string           `json:"from"`
	To      string           `json:"to"`
	Data    []reconciledJSON `json:"data"`
	Want    string           `json:"want,omitempty"`
	On      string           `json:"on,omitempty"`

	Conflicts []string `json:"conflicts,omitempty"`
	Anomalies []string `json:"anomalies,omitempty"`

	Determinations []Determined `json:"determinations,omitempty"`

	Undated bool        `json:"undated_market,omitempty"`
	Others  *othersJSON `json:"other_meters,omitempty"`
}

type determinedJSON struct {
	State         string               `json:"state"`
	ReversedBy    string               `json:"reversed_by,omitempty"`
	Determination series.Determination `json:"determination"`
}

type othersJSON struct {
	Meters   int              `json:"meters"`
	Readings int              `json:"readings"`
	First    []otherMeterJSON `json:"first"`
}

type otherMeterJSON struct {
	MPAN     string `json:"mpan,omitempty"`
	Readings int    `json:"readings"`
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
	States     map[string]int `json:"states,omitempty"`
	FellBack   map[string]int `json:"fell_back,omitempty"`
	Expected   []expectedJSON `json:"expected,omitempty"`
}

type stretchJSON struct {
	From      string `json:"from"`
	To        string `json:"to"`
	Kind      string `json:"kind"`
	Run       string `json:"run,omitempty"`
	HalfHours int    `json:"half_hours"`
}

type expectedJSON struct {
	From      string `json:"from"`
	To        string `json:"to"`
	HalfHours int    `json:"half_hours"`
	Kind      string `json:"kind"`
	Run       string `json:"run,omitempty"`
	State     string `json:"state"`
	Awaited   string `json:"awaited,omitempty"`
	Due       string `json:"due,omitempty"`
	LastDue   string `json:"last_due,omitempty"`
	Late      bool   `json:"late,omitempty"`
	Regime    string `json:"regime,omitempty"`
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
	j := reconciliationJSON{Version: Version, View: r.View, Known: r.Known, From: r.Span.From().String(), To: r.Span.To().String(), Data: []reconciledJSON{}, Determinations: r.Determinations, Undated: r.Undated}
	for _, x := range r.Conflicts {
		j.Conflicts = append(j.Conflicts, x.String())
	}
	for _, x := range r.Anomalies {
		j.Anomalies = append(j.Anomalies, x.String())
	}
	if len(r.Others) > 0 {
		j.Others = &othersJSON{Meters: len(r.Others), Readings: r.OtherReadings()}
		for _, x := range r.Others[:min(len(r.Others), FirstMeters)] {
			m := otherMeterJSON{Readings: x.Readings}
			if !x.MPAN.IsZero() {
				m.MPAN = x.MPAN.String()
			}
			j.Others.First = append(j.Others.First, m)
		}
	}
	for i := range r.Data {
		j.Data = append(j.Data, r.Data[i].json())
		if e := r.Data[i].Expected; e != nil {
			j.Want, j.On = e.Want.String(), e.On.String()
		}
	}
	return json.Marshal(j)
}

// MarshalJSON writes the determination and its state in the form
// docs/format/reconcile-json.md describes.
func (d Determined) MarshalJSON() ([]byte, error) {
	return json.Marshal(determinedJSON{d.State.String(), d.ReversedBy, d.Determination})
}

func (r *Reconciled) json() reconciledJSON {
	j := reconciledJSON{Of: r.Of, Sources: []sourceJSON{}, Months: []monthJSON{}}
	if r.Of == "meter" {
		j.MPAN = r.MPAN.String()
	}
	for i := range r.Report.Sources {
		src := &r.Report.Sources[i]
		s := sourceJSON{Source: src.Name, HalfHours: map[string]int{}, Missing: src.Missing, Merged: src.Merged, Estimated: src.Estimated, Incomplete: src.Incomplete, Stretches: []stretchJSON{}}
		byRun(s.HalfHours, src.ByRun)
		for _, st := range src.Stretches {
			from, to := r.Report.Days(st)
			x := stretchJSON{From: from.String(), To: to.String(), Kind: st.Kind.String(), HalfHours: st.Hi - st.Lo}
			if st.Kind == revisions.Whole {
				x.Run = st.Run.String()
			}
			s.Stretches = append(s.Stretches, x)
		}
		if r.Expected != nil {
			x := &r.Expected.Sources[i]
			s.States, s.FellBack, s.Expected = map[string]int{}, map[string]int{}, expectedOf(x)
			byRun(s.FellBack, x.FellBack)
			for state, n := range x.ByState {
				if n > 0 {
					s.States[revisions.State(state).String()] = n
				}
			}
		}
		j.Sources = append(j.Sources, s)
	}
	for _, t := range r.Energy() {
		j.Months = append(j.Months, monthJSON{t.Def.Name, t.Def.Unit.String(), t.Month.String(), t.Sum.Decimal(t.Def.Scale).String(), t.HalfHours, t.Of})
	}
	return j
}

// byRun enters half-hours by run, those there are.
func byRun(dst map[string]int, counts [settlement.NumRanked]int) {
	for run, n := range counts {
		if n > 0 {
			dst[settlement.Run(run).String()] = n
		}
	}
}

func expectedOf(x *revisions.Expected) []expectedJSON {
	var out []expectedJSON
	for _, o := range x.Outlooks {
		e := expectedJSON{From: o.From.String(), To: o.To.String(), HalfHours: o.HalfHours, Kind: o.Kind.String(), State: o.State.String(), Regime: o.Regime}
		if o.Kind == revisions.Whole {
			e.Run = o.Run.String()
		}
		if o.Awaited != settlement.Untagged {
			e.Awaited, e.Due, e.LastDue, e.Late = o.Awaited.String(), o.Due.String(), o.LastDue.String(), o.Late
		}
		out = append(out, e)
	}
	return out
}
