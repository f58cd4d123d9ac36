package tariffs

// Conventions are the rules a contract may choose between where the sources
// leave a choice. The zero value is what most contracts do.
type Conventions struct {
	// VATDown cuts VAT on a bill to the whole penny instead of rounding half
	// away from zero: VAT Notice 700 section 17.5 allows it on a bill's total.
	VATDown bool

	// ExcessMonth charges a month's excess capacity for all days of the month,
	// however few of them are billed; otherwise for the days billed.
	ExcessMonth bool

	// NoDeMinimis leaves a bill of at most 33 kWh a day at the rates of any
	// other; otherwise it is qualifying use: the reduced rate of VAT, no CCL.
	NoDeMinimis bool

	// Unconfirmed accepts figures whose status is Unconfirmed; otherwise a
	// schedule that needs one is refused.
	Unconfirmed bool
}
