package tariffs

import "encoding/json"

// accrualJSON is an accrual as JSON.
type accrualJSON struct {
	Version  int               `json:"version"`
	Kind     string            `json:"kind"` // "accrual": not a bill
	MPAN     string            `json:"mpan"`
	Tariff   string            `json:"tariff"`
	From     string            `json:"from"`
	To       string            `json:"to"`
	View     string            `json:"view"`
	Until    string            `json:"until"`
	Learnt   []learntJSON      `json:"learnt"`
	Method   string            `json:"method"`
	NetExact string            `json:"net_exact_gbp"`
	NoRun    string            `json:"no_run_gbp"`
	Unknown  string            `json:"unknown_gbp"`
	Behind   string            `json:"behind_gbp"`
	Expected string            `json:"expected_gbp"`
	Spread   string            `json:"spread_gbp"`
	Lines    []accrualLineJSON `json:"footings"`

	Conditions Condition         `json:"conditions"`        // of the bill
	Past       Condition         `json:"learnt_conditions"` // of the bills of the days learnt from
	Says       map[string]string `json:"says,omitempty"`    // both in words
}

type learntJSON struct {
	From string `json:"from"`
	To   string `json:"to"`
}

type accrualLineJSON struct {
	Run       string `json:"run"`
	Estimated bool   `json:"estimated"`
	Behind    bool   `json:"behind"`
	Pounds    string `json:"pounds_gbp"`
	Settled   bool   `json:"settled"`
	Known     bool   `json:"known"`
	Mean      int64  `json:"mean_ppm"`
	Spread    int64  `json:"spread_ppm"`
	Count     int    `json:"seen"`
	Expected  string `json:"expected_gbp"`
	Width     string `json:"spread_gbp"`
}

// MarshalJSON writes the accrual in the form docs/format/accrual-json.md
// describes.
func (a Accrual) MarshalJSON() ([]byte, error) {
	b := a.Bill
	j := accrualJSON{
		Version: Version, Kind: "accrual", MPAN: b.MPAN.String(), Tariff: b.Tariff, From: b.From.String(), To: b.To.String(), View: b.View.Name, Until: a.Until.String(), Learnt: []learntJSON{}, Method: a.Method(),
		NetExact: b.NetExact.String(), NoRun: a.NoRun.String(), Unknown: a.Unknown.String(), Behind: a.Behind.String(), Expected: a.Expected.String(), Spread: a.Spread.String(), Lines: []accrualLineJSON{},
		Conditions: b.Conditions, Past: a.Past, Says: (b.Conditions | a.Past).Sentences(),
	}
	for _, s := range a.Learnt {
		j.Learnt = append(j.Learnt, learntJSON{s.From().String(), s.To().String()})
	}
	for _, l := range a.Lines {
		j.Lines = append(j.Lines, accrualLineJSON{l.Run.String(), l.Estimated, l.Behind, l.Pounds.String(), l.Settled, l.Known, l.Mean, l.Drift.Spread, l.Count, l.Expected.String(), l.Spread.String()})
	}
	return json.Marshal(j)
}
