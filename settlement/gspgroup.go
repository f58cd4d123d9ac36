package settlement

// GSPGroup is a Grid Supply Point group, one of the fourteen areas that
// settlement balances energy in and most charges differ by: its letter, 'A' to
// 'P' without 'I' and 'O'. The zero value is no group.
type GSPGroup byte

// gspGroups are the groups in order of letter, with their names in Market Domain
// Data. It is also the order of the transmission loss zones, 1 to 14, as seen in
// data in use; no specification of the zones was read.
var gspGroups = [...]struct {
	letter GSPGroup
	name   string
}{
	{'A', "Eastern"},
	{'B', "East Midlands"},
	{'C', "London"},
	{'D', "Merseyside and North Wales"},
	{'E', "Midlands"},
	{'F', "Northern"},
	{'G', "North Western"},
	{'H', "Southern"},
	{'J', "South Eastern"},
	{'K', "South Wales"},
	{'L', "South Western"},
	{'M', "Yorkshire"},
	{'N', "South Scotland"},
	{'P', "North Scotland"},
}

// ParseGSPGroup reads a group's code as the market writes it, "_A" to "_P". It
// fails with ErrGSPGroup for anything else.
func ParseGSPGroup(s string) (GSPGroup, error) {
	if len(s) == 2 && s[0] == '_' {
		if g := GSPGroup(s[1]); g.Zone() != 0 {
			return g, nil
		}
	}
	return 0, &Error{
		What:  "GSP group",
		Value: s,
		Want:  "an underscore and a capital letter, _A to _P without _I and _O",
		Err:   ErrGSPGroup,
	}
}

// GSPGroups gives the fourteen groups in order, in a slice of the caller's own.
func GSPGroups() []GSPGroup {
	all := make([]GSPGroup, len(gspGroups))
	for i, g := range gspGroups {
		all[i] = g.letter
	}
	return all
}

// Zone is the group's transmission loss zone, 1 to 14, and 0 for no group.
func (g GSPGroup) Zone() int {
	for i := range gspGroups {
		if gspGroups[i].letter == g {
			return i + 1
		}
	}
	return 0
}

// String gives the code, "_A", and "no GSP group" for the zero value and for
// what is not a group.
func (g GSPGroup) String() string {
	if g.Zone() == 0 {
		return "no GSP group"
	}
	return string([]byte{'_', byte(g)})
}

// Name gives the area's name, "Eastern", and nothing for no group.
func (g GSPGroup) Name() string {
	if z := g.Zone(); z != 0 {
		return gspGroups[z-1].name
	}
	return ""
}
