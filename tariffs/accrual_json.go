package tariffs

import (
	"encoding/json"

	"github.com/halfhour/halfhour/settlement"
)

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
	Silent   []learntJSON      `json:"silent"`
	Method   string            `json:"method"`
	NetExact string            `json:"net_exact_gbp"`
	NoRun    string            `json:"no_run_gbp"`
	Unknown  string            `json:"unknown_gbp"`
	Behind   string            `json:"behind_gbp"`
	Expected string            `json:"expected_gbp"`
	Spread   *string           `json:"spread_gbp"`
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
	Run       string  `json:"run"`
	Estimated bool    `json:"estimated"`
	Behind    bool    `json:"behind"`
	Pounds    string  `json:"pounds_gbp"`
	Gross     string  `json:"gross_gbp"`
	Settled   bool    `json:"settled"`
	Known     bool    `json:"known"`
	Mean      int64   `json:"mean_ppm"`
	Spread    *int64  `json:"spread_ppm"`
	Count     int     `json:"seen"`
	Expected  string  `json:"expected_gbp"`
	Width     *string `json:"spread_gbp"`
}

// MarshalJSON writes the accrual in the form docs/format/accrual-json.md
// describes.
func (a Accrual) MarshalJSON() ([]byte, error) {
	b := a.Bill
	j := accrualJSON{
		Version: Version, Kind: "accrual", MPAN: b.MPAN.String(), Tariff: b.Tariff, From: b.From.String(), To: b.To.String(), View: b.View.Name, Until: a.Until.String(), Learnt: learnt(a.Learnt), Silent: learnt(a.Silent), Method: a.Method(),
		NetExact: b.NetExact.String(), NoRun: a.NoRun.String(), Unknown: a.Unknown.String(), Behind: a.Behind.String(), Expected: a.Expected.String(), Spread: known(a.Spread), Lines: []accrualLineJSON{},
		Conditions: b.Conditions, Past: a.Past, Says: (b.Conditions | a.Past).Sentences(),
	}
	for _, l := range a.Lines {
		var ppm *int64
		if l.Spread.Valid {
			ppm = &l.Drift.Spread
		}
		j.Lines = append(j.Lines, accrualLineJSON{l.Run.String(), l.Estimated, l.Behind, l.Pounds.String(), l.Gross.String(), l.Settled, l.Known, l.Mean, ppm, l.Count, l.Expected.String(), known(l.Spread)})
	}
	return json.Marshal(j)
}

// learnt are spans of days, to exclusive.
func learnt(spans []settlement.Span) []learntJSON {
	out := []learntJSON{}
	for _, s := range spans {
		out = append(out, learntJSON{s.From().String(), s.To().String()})
	}
	return out
}
