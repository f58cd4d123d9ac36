package tariffs

import (
	"strings"
	"testing"
)

func TestParseTag(t *testing.T) {
	for _, c := range []struct {
		name, value string
		ok          bool
	}{
		{"site", "Leeds", true}, {"cost-centre_2", "4711", true}, {strings.Repeat("a", 40), strings.Repeat("x", 100), true},
		{"", "x", false}, {"Site", "x", false}, {"si te", "x", false}, {strings.Repeat("a", 41), "x", false},
		{"site", "", false}, {"site", strings.Repeat("x", 101), false}, {"site", "a\nb", false}, {"site", "a\u202eb", false},
		{"meter", "x", false}, {"gsp-group", "x", false}, {"month", "x", false},
	} {
		if _, err := ParseTag(c.name, c.value); (err == nil) != c.ok {
			t.Errorf("%q = %q: %v", c.name, c.value, err)
		}
	}
}

func TestSupplyTags(t *testing.T) {
	e := flat(t, 0, 1000, 1_000_000_000, rate(t, ManagementFee, "0.01 GBP/kWh"))
	for _, c := range []struct {
		tags []Tag
		ok   bool
	}{
		{[]Tag{{"a", "1"}, {"b", "2"}}, true},
		{[]Tag{{"b", "1"}, {"a", "2"}}, false},
		{[]Tag{{"a", "1"}, {"a", "2"}}, false},
		{make([]Tag, 33), false},
	} {
		s := *e.sup
		s.Tags = c.tags
		if err := s.Validate(); (err == nil) != c.ok {
			t.Errorf("%v: %v", c.tags, err)
		}
		if c.ok && (s.Tag("b") != "2" || s.Tag("c") != "") {
			t.Error("a tag is not found by its name")
		}
	}
}
