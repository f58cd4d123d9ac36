//go:build !race

package halfhour_test

const raceEnabled = false
