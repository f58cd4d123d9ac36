package tariffs

import (
	"fmt"
	"slices"
	"strings"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// lacks is what to say, before and after its time, of a day on which no figure
// holds: that none is for the class or for the band on any day, or that none is
// dated so.
func (t *timeline) lacks(day settlement.Day, terms *Terms) (before, after string) {
	what, which, zero := "rate", "rate of this item", ", a zero one if nothing is charged"
	if _, isFactor := series.Market().Lookup(t.name); isFactor {
		what, which, zero = "factor", "factor", ""
	}
	class, band := false, false // some figure is for the class; for the class and the band
	var classes, bands []string
	for _, f := range t.stated {
		if w := f.when; len(w.LLFCs) == 0 || slices.Contains(w.LLFCs, terms.LLFC) {
			class = true
			band = band || w.of(terms)
			bands = added(bands, w.Bands)
		} else {
			classes = added(classes, w.LLFCs)
		}
	}
	switch {
	case !class:
		return fmt.Sprintf("no %s is for LLFC %s (its classes are %s), so none holds ", which, terms.LLFC, few(classes)),
			fmt.Sprintf("; correct the supply's LLFC, or add a %s for it%s", what, zero)
	case !band && terms.Band == "":
		return fmt.Sprintf("every %s is for a TNUoS band (%s), and the supply states none, so none holds ", which, few(bands)),
			"; state the supply's band (tnuos_band)"
	case !band:
		return fmt.Sprintf("no %s is for TNUoS band %s (its bands are %s), so none holds ", which, terms.Band, few(bands)),
			fmt.Sprintf("; correct the supply's band, or add a %s for it%s", what, zero)
	}
	return fmt.Sprintf("no figure for LLFC %s holds ", terms), fmt.Sprintf("; add one from %s%s, or end the bill there", day, zero)
}

// added are names and those of more that are not among them.
func added(names, more []string) []string {
	for _, n := range more {
		if !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}

// few are the first of a list of names.
func few(names []string) string {
	const most = 5
	if len(names) > most+1 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
