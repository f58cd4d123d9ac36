package settlement_test

import (
	"fmt"

	"github.com/halfhour/halfhour/settlement"
)

// The hour from 01:00 is lived twice on the day the clocks go back.
func ExampleDay_Period() {
	day, err := settlement.ParseDay("2026-10-25")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(day, "has", day.Len(), "periods")
	for n := 3; n <= 6; n++ {
		p, err := day.Period(n)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%v  clock %02d:%02d  %s\n", p, p.Clock()/60, p.Clock()%60, p.Time().Format("15:04Z"))
	}
	// Output:
	// 2026-10-25 has 50 periods
	// 2026-10-25/03  clock 01:00  00:00Z
	// 2026-10-25/04  clock 01:30  00:30Z
	// 2026-10-25/05  clock 01:00  01:00Z
	// 2026-10-25/06  clock 01:30  01:30Z
}

// Which runs a day is due depends on the day.
func ExampleTimetable_Runs() {
	gb := settlement.GB()
	for _, s := range []string{"2026-06-01", "2027-06-01", "2028-06-01"} {
		day, err := settlement.ParseDay(s)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(day, gb.Runs(day), gb.Regime(day).Name)
	}
	// Output:
	// 2026-06-01 [II SF R1 R2 R3 RF] legacy 14-month
	// 2027-06-01 [II SF R1 R2 RF] 7-month
	// 2028-06-01 [II SF R1 RF] MHHS
}

// A refused value comes with the way to put it right.
func ExampleParseMPAN() {
	_, err := settlement.ParseMPAN("2200000000000")
	fmt.Println(err)
	// Output:
	// MPAN "2200000000000": want check digit 5 after 220000000000, found 0; one of the digits was misread
}
