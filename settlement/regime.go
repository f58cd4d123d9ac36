package settlement

// Regime is one settlement timetable, in force for the settlement days from
// From until the next regime's From.
type Regime struct {
	Name    string // such as "legacy 14-month"
	From    Day    // first settlement day it governs
	Planned bool   // announced for the future when this table was written, and not confirmed since
	Source  string // the publication the offsets come from
}

// regime is a Regime with its content. The offsets are working days after the
// settlement day, 0 for a run the regime does not have. They are a fallback for
// days without a published date: see Timetable.
type regime struct {
	Regime
	due    []Run // runs with an offset, in order
	offset [numRuns]int16
}

// gbRegimes is GB's table, in order of From. Nobody writes to it. Changes of
// plan are changes of these rows.
var gbRegimes = [...]regime{
	{
		// Two published counts differ by one, the day a run is made against the
		// day its result is notified: II is also given as WD+4 and SF as WD+15
		// (MHHS-DEL1590 v2.3). R2 and R3 rest on one secondary quotation of the
		// guide and are not confirmed. The row is carried back to MinDay without
		// a source for the early years.
		Regime: Regime{
			Name:   "legacy 14-month",
			From:   MinDay,
			Source: "Elexon, Beginner's Guide to Settlement Performance for Suppliers (2017); R2 and R3 from a secondary quotation of it, unconfirmed",
		},
		due:    []Run{II, SF, R1, R2, R3, RF},
		offset: [numRuns]int16{II: 5, SF: 16, R1: 39, R2: 84, R3: 154, RF: 292},
	},
	{
		// Unconfirmed: RF is planned to move from 14 to 7 months on 1 April
		// 2027, subject to a decision in October 2026. It then takes R3's slot.
		// That the change goes by settlement day is this table's reading.
		Regime: Regime{
			Name:    "7-month",
			From:    MinDay + 31*365 + 8 + 90, // 2027-04-01: 31 years, 8 of them leap, and 90 days
			Planned: true,
			Source:  "Elexon and MHHS Programme plan for RF at 7 months from 1 April 2027, from a secondary quotation, unconfirmed",
		},
		due:    []Run{II, SF, R1, R2, RF},
		offset: [numRuns]int16{II: 5, SF: 16, R1: 39, R2: 84, RF: 154},
	},
	{
		// Milestone M16: the timetable of market-wide half-hourly settlement.
		// The Final Dispute limit falls from 28 to 20 months with it.
		Regime: Regime{
			Name:    "MHHS",
			From:    MinDay + 31*365 + 8 + 182, // 2027-07-02: 31 years, 8 of them leap, and 182 days
			Planned: true,
			Source:  "MHHS Programme, MHHS-DEL1590 v2.3 (14 March 2025), milestone M16",
		},
		due:    []Run{II, SF, R1, RF},
		offset: [numRuns]int16{II: 4, SF: 7, R1: 30, RF: 84},
	},
}
