package settlement

import (
	"errors"
	"testing"
)

func TestDistributor(t *testing.T) {
	for _, c := range []struct{ id, mpid, group string }{
		{"10", "EELC", "_A"}, {"11", "EMEB", "_B"}, {"12", "LOND", "_C"}, {"13", "MANW", "_D"}, {"14", "MIDE", "_E"},
		{"15", "NEEB", "_F"}, {"16", "NORW", "_G"}, {"17", "HYDE", "_P"}, {"18", "SPOW", "_N"}, {"19", "SEEB", "_J"},
		{"20", "SOUT", "_H"}, {"21", "SWAE", "_K"}, {"22", "SWEB", "_L"}, {"23", "YELG", "_M"},
		{"24", "IPNL", ""}, {"52", "GLPN", ""}, {"28", "", ""}, {"53", "", ""}, {"77", "", ""}, {"99", "", ""},
	} {
		d, err := ParseDistributor(c.id)
		if err != nil || d.String() != c.id || d.MPID() != c.mpid {
			t.Errorf("%s: %v, %v, MPID %q, want %q", c.id, d, err, d.MPID(), c.mpid)
		}
		g, ok := d.GSPGroup()
		if ok != (c.group != "") || ok && g.String() != c.group || !ok && g != 0 {
			t.Errorf("%s is in %v, %v, want %q", c.id, g, ok, c.group)
		}
	}
	// The fourteen areas and the fourteen groups match one to one.
	seen := map[GSPGroup]bool{}
	for _, g := range areaGroups {
		seen[g] = g.Zone() != 0
	}
	if len(seen) != len(gspGroups) {
		t.Errorf("areas cover groups %v", seen)
	}
	for _, s := range []string{"", "1", "09", "00", "100", "+1", " 1", "1０", "_A"} {
		if d, err := ParseDistributor(s); !errors.Is(err, ErrDistributor) || d != 0 {
			t.Errorf("ParseDistributor(%q) = %v, %v, want ErrDistributor", s, d, err)
		}
	}
	for _, d := range []Distributor{0, 9, 100, 255} {
		if _, ok := d.GSPGroup(); ok || d.MPID() != "" || d.String() != "no distributor" {
			t.Errorf("Distributor(%d) is %v", uint8(d), d)
		}
	}
}
