package settlement

import "strconv"

// Run is a settlement run: one of the times a day's energy is settled, each
// with better readings than the one before. The codes are the "Run Type" of
// the Elexon SVA Data Catalogue Volume 2 and the NETA Interface Definition and
// Design, Part 1.
//
// Runs compare as integers where they are Ranked: II < SF < R1 < R2 < R3 < RF
// < DF. The zero value, Untagged, ranks below them all: it is data whose source
// states no run, such as a D0036 flow, which carries none.
type Run uint8

const (
	Untagged Run = iota // the source states no run
	II                  // Interim Information: for information, not invoiced
	SF                  // Initial Settlement: the first that moves money
	R1                  // First Reconciliation
	R2                  // Second Reconciliation
	R3                  // Third Reconciliation
	RF                  // Final Reconciliation
	DF                  // Final Dispute: only after an upheld dispute, so a day without one is complete
	D                   // dispute, not final: no rank
	DR                  // dispute, not final, as the "Settlement Code" list has it: no rank
)

// NumRanked is the number of runs that have a rank, Untagged to DF. A ranked
// run is an index below it. It is not the number of runs a day is due: that is
// a question for a Timetable.
const NumRanked = 8

// RankedRuns gives the runs that have a rank, in rising order: all that a cube may
// hold. The slice is the caller's.
func RankedRuns() []Run {
	runs := make([]Run, NumRanked)
	for i := range runs {
		runs[i] = Run(i)
	}
	return runs
}

// numRuns is NumRanked with D and DR.
const numRuns = 10

var runCodes = [numRuns]string{"untagged", "II", "SF", "R1", "R2", "R3", "RF", "DF", "D", "DR"}

// ParseRun reads a run's code, exactly and in capitals, or "untagged". It fails
// with ErrRun for anything else, the empty string included: a caller whose
// source has no run says Untagged itself.
func ParseRun(s string) (Run, error) {
	for r, code := range runCodes {
		if s == code {
			return Run(r), nil
		}
	}
	return 0, &Error{
		What:  "run",
		Value: s,
		Want:  "one of II, SF, R1, R2, R3, RF, DF, D, DR in capitals, or untagged for data that states no run",
		Err:   ErrRun,
	}
}

// Ranked says whether r has a place in the order of runs. D and DR have none:
// they are ordered by when they were run, which only the data knows.
func (r Run) Ranked() bool { return r < NumRanked }

// Valid says whether r is one of the constants.
func (r Run) Valid() bool { return r < numRuns }

// String gives the code, "untagged" for Untagged, and "Run(n)" for what is not
// a run.
func (r Run) String() string {
	if !r.Valid() {
		return "Run(" + strconv.Itoa(int(r)) + ")"
	}
	return runCodes[r]
}
