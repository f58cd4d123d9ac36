package tariffs

import (
	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/settlement"
)

// poundsJSON is what the pounds of a bill rest on.
type poundsJSON struct {
	ByRun     map[string]string `json:"by_run_gbp"`
	Estimated map[string]string `json:"estimated_gbp"`
	NoRun     string            `json:"no_run_gbp"`
	Market    map[string]string `json:"market_gbp"`
	NoMarket  string            `json:"no_market_gbp"`
	Stages    []stageJSON       `json:"stages"`
	Percent   percentJSON       `json:"percent"`
}

type stageJSON struct {
	Run       string  `json:"run"`
	Estimated bool    `json:"estimated"`
	Behind    bool    `json:"behind"`
	Pounds    string  `json:"pounds_gbp"`
	Percent   *string `json:"percent"`
}

// percentJSON is poundsJSON in per cent of the whole.
type percentJSON struct {
	ByRun     map[string]string `json:"by_run"`
	Estimated map[string]string `json:"estimated"`
	NoRun     *string           `json:"no_run"`
	Market    map[string]string `json:"market"`
	NoMarket  *string           `json:"no_market"`
}

func (m *RunMix) json() *poundsJSON {
	if m == nil {
		return nil
	}
	whole := m.Total()
	plain := func(d decimal.Decimal) *string { s := d.String(); return &s }
	of := func(d decimal.Decimal) *string { return percent(d, whole) }
	j := &poundsJSON{named(&m.ByRun, plain), named(&m.Estimated, plain), m.NoRun.String(), named(&m.Market, plain), m.NoMarket.String(), []stageJSON{},
		percentJSON{named(&m.ByRun, of), named(&m.Estimated, of), of(m.NoRun), named(&m.Market, of), of(m.NoMarket)}}
	for _, at := range standings() {
		if d := m.Stages[at]; !m.Gross(at).IsZero() {
			j.Stages = append(j.Stages, stageJSON{at.Run.String(), at.Estimated, at.Behind, d.String(), of(d)})
		}
	}
	return j
}

// percent is a share as a string, or nothing of nothing.
func percent(part, whole decimal.Decimal) *string {
	share, ok := InPercent(part, whole)
	return known(decimal.NullDecimal{Decimal: share, Valid: ok})
}

// named are amounts by the names of their runs, as text has them, without those
// that are nothing.
func named(amounts *[settlement.NumRanked]decimal.Decimal, text func(decimal.Decimal) *string) map[string]string {
	out := map[string]string{}
	for r, d := range amounts {
		if s := text(d); !d.IsZero() && s != nil {
			out[settlement.Run(r).String()] = *s
		}
	}
	return out
}

// outlookJSON is what is still to come for the days of a bill.
type outlookJSON struct {
	On     *string       `json:"on"` // null where nobody says on which day it is asked
	Final  int           `json:"final_days"`
	Next   *string       `json:"next"`
	Last   *string       `json:"last"`
	Runs   []awaitedJSON `json:"runs"`
	Passed []passedJSON  `json:"passed,omitempty"`
}

type awaitedJSON struct {
	Run   string `json:"run"`
	Days  int    `json:"days"`
	Next  int    `json:"next_days"`
	First string `json:"first"`
	Last  string `json:"last"`
}

type passedJSON struct {
	Run   string `json:"run"`
	Days  int    `json:"days"`
	First string `json:"first"`
	Last  string `json:"last"`
}

func outlook(o *settlement.Outlook) *outlookJSON {
	if o == nil {
		return nil
	}
	j := &outlookJSON{Final: o.Final, Runs: []awaitedJSON{}}
	if len(o.Awaited) > 0 {
		next, last := o.Next.String(), o.Last.String()
		j.Next, j.Last = &next, &last
	}
	if o.On != 0 {
		on := o.On.String()
		j.On = &on
	}
	for _, a := range o.Awaited {
		j.Runs = append(j.Runs, awaitedJSON{a.Run.String(), a.Days, a.Next, a.First.String(), a.Last.String()})
	}
	for _, a := range o.Passed {
		j.Passed = append(j.Passed, passedJSON{a.Run.String(), a.Days, a.First.String(), a.Last.String()})
	}
	return j
}
