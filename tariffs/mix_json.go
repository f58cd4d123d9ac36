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
}

func (m *RunMix) json() *poundsJSON {
	if m == nil {
		return nil
	}
	return &poundsJSON{named(&m.ByRun), named(&m.Estimated), m.NoRun.String()}
}

// named are amounts by the names of their runs, without those that are nothing.
func named(amounts *[settlement.NumRanked]decimal.Decimal) map[string]string {
	out := map[string]string{}
	for r, d := range amounts {
		if !d.IsZero() {
			out[settlement.Run(r).String()] = d.String()
		}
	}
	return out
}

// outlookJSON is what is still to come for the days of a bill.
type outlookJSON struct {
	Final int           `json:"final_days"`
	Next  *string       `json:"next"`
	Last  *string       `json:"last"`
	Runs  []awaitedJSON `json:"runs"`
}

type awaitedJSON struct {
	Run   string `json:"run"`
	Days  int    `json:"days"`
	Next  int    `json:"next_days"`
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
	for _, a := range o.Awaited {
		j.Runs = append(j.Runs, awaitedJSON{a.Run.String(), a.Days, a.Next, a.First.String(), a.Last.String()})
	}
	return j
}
