package settlement

import (
	"errors"
	"testing"
)

func TestGSPGroup(t *testing.T) {
	all := GSPGroups()
	if len(all) != 14 {
		t.Fatalf("%d groups", len(all))
	}
	names := map[string]bool{}
	for i, g := range all {
		back, err := ParseGSPGroup(g.String())
		if err != nil || back != g || g.Zone() != i+1 || g.Name() == "" {
			t.Errorf("%v: %v, %v, zone %d, name %q", g, back, err, g.Zone(), g.Name())
		}
		names[g.Name()] = true
	}
	if len(names) != 14 {
		t.Errorf("names repeat: %v", names)
	}
	for s, want := range map[string]string{"_A": "Eastern", "_H": "Southern", "_J": "South Eastern", "_P": "North Scotland"} {
		if g, err := ParseGSPGroup(s); err != nil || g.Name() != want {
			t.Errorf("%s is %q, %v, want %q", s, g.Name(), err, want)
		}
	}
	all[0] = 'Z'
	if GSPGroups()[0] != 'A' {
		t.Error("GSPGroups gave away its own table")
	}
	for _, s := range []string{"", "A", "_I", "_O", "_Q", "_a", "_", "_AA", " _A", "_\x00"} {
		if g, err := ParseGSPGroup(s); !errors.Is(err, ErrGSPGroup) || g != 0 {
			t.Errorf("ParseGSPGroup(%q) = %v, %v, want ErrGSPGroup", s, g, err)
		}
	}
	if g := GSPGroup(0); g.Zone() != 0 || g.Name() != "" || g.String() != "no GSP group" {
		t.Errorf("zero group is %v", g)
	}
}
