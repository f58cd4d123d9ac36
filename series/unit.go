package series

import "strconv"

// Unit is what one whole unit of a line measures. A column never mixes units;
// a reader converts at the edge or refuses.
type Unit uint8

// The units of the project's own lines.
const (
	KWh       Unit = iota + 1 // active energy, kilowatt-hours in the half-hour
	KVArh                     // reactive energy, kilovolt-ampere-reactive-hours in the half-hour
	Ratio                     // a pure number, such as a line loss factor
	GBP                       // pounds sterling
	GBPPerMWh                 // pounds sterling for a megawatt-hour
)

var unitNames = [...]string{KWh: "kWh", KVArh: "kVArh", Ratio: "ratio", GBP: "GBP", GBPPerMWh: "GBP/MWh"}

// String is the unit as it is written in files and metadata.
func (u Unit) String() string {
	if int(u) < len(unitNames) && u != 0 {
		return unitNames[u]
	}
	return "unit(" + strconv.Itoa(int(u)) + ")"
}

// ParseUnit is the inverse of String. Its error wraps ErrUnit.
func ParseUnit(s string) (Unit, error) {
	for u, name := range unitNames {
		if name == s && u != 0 {
			return Unit(u), nil
		}
	}
	return 0, &Error{Value: s, Want: "one of kWh, kVArh, ratio, GBP, GBP/MWh", Err: ErrUnit}
}
