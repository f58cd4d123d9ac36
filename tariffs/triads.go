package tariffs

import (
	"fmt"

	"github.com/halfhour/halfhour/settlement"
)

// TriadGap is how many clear days lie between two Triads, at least: NESO takes
// the half-hour of the year's highest demand and the two next highest that are
// as far from it and from each other.
const TriadGap = 10

// checkTriads refuses Triads that are too close, in the years that concern a
// span.
func (t *Tariff) checkTriads(span settlement.Span, p *problems) error {
	for _, y := range t.Triads {
		if from, to := y.Year.ChargingYear(); to <= span.From() || span.To() <= from {
			continue
		}
		for i, at := range y.At {
			for _, other := range y.At[:i] {
				if Apart(at, other) {
					continue
				}
				if err := p.found(&Error{Pos: y.Pos, Item: TNUoSLocational.String(), Value: at.String(),
					Want: fmt.Sprintf("the Triads of a year have at least %d clear days between them, and %s is another; state those NESO published", TriadGap, other), Err: ErrTariff}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// Apart reports whether two half-hours are far enough apart to be Triads of one
// year: TriadGap days or more lie between their days.
func Apart(a, b settlement.Period) bool {
	days := a.Day() - b.Day()
	return max(days, -days) > TriadGap
}
