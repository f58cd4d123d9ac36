package settlement

import "strconv"

// Distributor is a distributor's two-digit id, 10 to 99: the first two digits
// of an MPAN. The zero value is none.
//
// Ids 10 to 23 are the fourteen distribution areas, each of them one GSP group.
// Ids from 24 are independent networks inside those areas, and administrative
// ids.
type Distributor uint8

// distributors gives the market participant id by distributor id (Market Domain
// Data, version 377). An id that is not here may have been issued since.
var distributors = [...]string{
	10: "EELC", 11: "EMEB", 12: "LOND", 13: "MANW", 14: "MIDE", 15: "NEEB", 16: "NORW",
	17: "HYDE", 18: "SPOW", 19: "SEEB", 20: "SOUT", 21: "SWAE", 22: "SWEB", 23: "YELG",

	24: "IPNL", 25: "LENG", 26: "GUCL", 27: "ETCL", 29: "HARL", 30: "PENL", 31: "UKPD",
	32: "UDNL", 33: "GGEN", 34: "MPDL", 35: "FEAL", 36: "VATT", 37: "FORB", 38: "INDI",
	39: "STRK", 40: "UTAL", 42: "AENL", 43: "IDCS", 45: "AURO", 46: "AIDI", 47: "VEPN",
	48: "EONN", 51: "AGRN", 52: "GLPN",
}

// areaGroups gives the GSP group of distributor ids 10 to 23.
var areaGroups = [...]GSPGroup{'A', 'B', 'C', 'D', 'E', 'F', 'G', 'P', 'N', 'J', 'H', 'K', 'L', 'M'}

const firstArea = 10

// ParseDistributor reads a distributor id, two digits from 10 to 99. It fails
// with ErrDistributor for anything else. It accepts ids it does not know,
// because new ones are issued.
func ParseDistributor(s string) (Distributor, error) {
	n, ok := digits(s)
	if len(s) != 2 || !ok || n < firstArea {
		return 0, &Error{
			What:  "distributor id",
			Value: s,
			Want:  "two digits, 10 to 99, the first two of the MPAN core",
			Err:   ErrDistributor,
		}
	}
	return Distributor(n), nil
}

// String gives the two digits, and "no distributor" for the zero value and for
// what is not an id.
func (d Distributor) String() string {
	if d < firstArea || d > 99 {
		return "no distributor"
	}
	return strconv.Itoa(int(d))
}

// MPID gives the distributor's market participant id, "EELC", and nothing for
// an id the package does not know.
func (d Distributor) MPID() string {
	if int(d) < len(distributors) {
		return distributors[d]
	}
	return ""
}

// GSPGroup gives the group of one of the fourteen areas. It is not ok for an
// independent network, which can be in any group: ask the supply's own data.
func (d Distributor) GSPGroup() (GSPGroup, bool) {
	if d < firstArea || int(d) >= firstArea+len(areaGroups) {
		return 0, false
	}
	return areaGroups[d-firstArea], true
}
