package tariffs

import (
	"encoding/json"
	"strings"
)

// Condition is a set of things a reader of a bill must know: none is an
// error, each can move pennies.
type Condition uint32

const (
	EstimatedReads         Condition = 1 << iota // some half-hours are estimates
	MissingRun                                   // the run asked for has not landed everywhere: an earlier one speaks
	RunNotStated                                 // some half-hours come from data that names no settlement run
	MixedRuns                                    // different half-hours rest on different runs
	MergedDay                                    // a day was put together from several incomplete runs
	RoundedReads                                 // the source was finer than 0.001 kWh and was rounded
	AssumedRate                                  // nobody published the figure: the tariff states an assumption
	UnconfirmedRate                              // the figure could not be confirmed
	SecondaryRate                                // the figure is quoted from a secondary source
	AssumedLosses                                // a loss factor is the tariff's: assumed, unconfirmed or from a secondary source
	IncompleteRun                                // a run did not hold a whole day: an earlier one that does speaks for it, or all there are together
	TariffLosses                                 // settlement data lacks loss factors for some half-hours: the tariff's stand in
	DistributorDiffers                           // the supply's distributor is not the one the MPAN begins with
	InterimRate                                  // the index a rate follows has not landed: its stand-in is charged
	ProvisionalTriad                             // the Triads, or the demand in them, are not all known
	NoReactive                                   // some half-hours have no reactive readings: a power factor of 0.95 is taken
	OneReactive                                  // some half-hours have only one of reactive import and export
	RunVolumes                                   // DUoS is charged on the volumes of the bill's settlement run
	UnsettledVolume                              // no publication settles which volume the item is charged on
	SmallSupply                                  // at most 33 kWh a day: reduced VAT, no CCL
	QualifyingUse                                // domestic or charitable use: reduced VAT, no CCL, on its share
	RelatedMeters                                // the readings of related MPANs are billed with this one
	OtherMeters                                  // the data holds readings of meters that are not billed here
	ConflictingVersions                          // a day came twice, made at one instant, with different content
	EstimateReplacedActual                       // some half-hours are estimates that replaced an actual reading
	NewerReadings                                // newer readings were received than the latest run has seen
	UndatedMarket                                // market or contract data may hold what came after the instant asked about
	CashWithoutVAT                               // no VAT is worked out on the determinations
	DeterminationStanding                        // a determination stands though the run before which it is undone speaks
)

var conditionNames = []struct{ name, says string }{
	{"estimated-reads", "some half-hours are estimated; they may change when actual readings arrive"},
	{"missing-run", "the run asked for has not landed everywhere; the latest earlier run stands in"},
	{"run-not-stated", "some half-hours come from data that names no settlement run, so which run saw it can be told only from when it was received"},
	{"mixed-runs", "different half-hours rest on different settlement runs"},
	{"merged-day", "at least one day was put together from runs that did not hold the whole day"},
	{"rounded-reads", "readings finer than 0.001 kWh were rounded"},
	{"assumed-rate", "no figure was published or found for a rate; the tariff states an assumed one"},
	{"unconfirmed-rate", "a rate could not be confirmed"},
	{"secondary-rate", "a rate is quoted from a secondary source"},
	{"assumed-losses", "a loss factor is the tariff's own figure, not a confirmed publication"},
	{"incomplete-run", "a run did not hold the whole of a day; an earlier run that does speaks for it, and where none does the day is put together of what there is"},
	{"tariff-losses", "settlement data lacks loss factors for some half-hours; the tariff's stand in where a charge needs them"},
	{"distributor-differs", "the supply's distributor is not the one its MPAN begins with"},
	{"interim-rate", "the index that a rate follows has not landed for some half-hours; its stand-in is charged, and will be reconciled"},
	{"provisional-triad", "the Triads or the demand in them are not all known: those count nothing yet, and the charge will be trued up"},
	{"no-reactive", "some half-hours have no reactive readings: a power factor of 0.95 is taken, which costs no reactive charge (LC14 2.73)"},
	{"one-reactive", "some half-hours have only one of reactive import and export; that one is charged on"},
	{"run-volumes", "DUoS is charged on the volumes of the bill's settlement run; the distributor bills it from readings, which do not come by run"},
	{"unsettled-volume", "no publication settles which volume the item is charged on; the contract may say (at)"},
	{"small-supply", "at most 33 kWh a day: VAT at the reduced rate and no CCL (VAT Notice 701/19)"},
	{"qualifying-use", "domestic or charitable use: VAT at the reduced rate and no CCL on its share, from 60 % on the whole (VAT Notice 701/19)"},
	{"related-meters", "the readings of related MPANs at the same connection are billed with this one, half-hour by half-hour"},
	{"other-meters", "the data holds readings of meters that are not billed here; name those at the same connection as related"},
	{"conflicting-versions", "a day came twice, made at one instant, and differs; what was received last is billed, or of what came at once the day with fewer estimates, then the greater values"},
	{"estimate-replaced-actual", "some half-hours are estimates that replaced an actual reading received before"},
	{"newer-readings", "newer readings were received after the data cut-off of the run that speaks; they are not billed in this view"},
	{"undated-market", "market or contract data does not say when it was received; what came after the instant asked about, such as later runs, may be in it"},
	{"cash-without-vat", "no VAT is worked out on the determinations: no source at hand says how they are treated"},
	{"determination-standing", "a determination is not reversed, though the run before which it was to be undone speaks for its days: the money may be counted twice"},
}

// Has reports whether every condition of d is in c.
func (c Condition) Has(d Condition) bool { return c&d == d }

// Names are the conditions by their fixed names, in order; never nil.
func (c Condition) Names() []string {
	out := []string{}
	for i, n := range conditionNames {
		if c>>i&1 != 0 {
			out = append(out, n.name)
		}
	}
	return out
}

// String joins the names.
func (c Condition) String() string { return strings.Join(c.Names(), ", ") }

// Says is a sentence for each condition, in the order of Names.
func (c Condition) Says() []string {
	var out []string
	for i, n := range conditionNames {
		if c>>i&1 != 0 {
			out = append(out, n.says)
		}
	}
	return out
}

// Sentences are what Says has, by name; nil where there is no condition.
func (c Condition) Sentences() map[string]string {
	if c == 0 {
		return nil
	}
	out, says := map[string]string{}, c.Says()
	for i, name := range c.Names() {
		out[name] = says[i]
	}
	return out
}

// MarshalJSON writes the names as an array.
func (c Condition) MarshalJSON() ([]byte, error) { return json.Marshal(c.Names()) }
