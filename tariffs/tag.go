package tariffs

import (
	"slices"

	"github.com/halfhour/halfhour/series"
)

// Tag is a fact about a supply that totals may be told apart by and nothing is
// priced on: its site, a cost centre, who manages it.
type Tag struct{ Name, Value string }

// Limits of tags.
const (
	maxTags     = 32
	maxTagName  = 40
	maxTagValue = 100
)

// keyed are the names by which totals are told apart without a tag.
var keyed = []string{"item", "month", "day", "half-hour", "meter", "gsp-group", "distributor", "tariff"}

// Tag is the value of a supply's tag, or "" if it has none of the name.
func (s *Supply) Tag(name string) string {
	for _, t := range s.Tags {
		if t.Name == name {
			return t.Value
		}
	}
	return ""
}

// ParseTag refuses what cannot be a tag: a name of anything but 1 to 40 of a to z,
// 0 to 9, - and _, one by which totals are told apart without a tag, and a value
// that is empty, longer than 100 bytes or not series.Printable. Its error wraps
// ErrSupply.
func ParseTag(name, value string) (Tag, error) {
	plain := name != "" && len(name) <= maxTagName
	for _, r := range name {
		plain = plain && (r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_')
	}
	switch {
	case !plain:
		return Tag{}, &Error{Value: name, Want: "name a tag with 1 to 40 of a to z, 0 to 9, - and _", Err: ErrSupply}
	case slices.Contains(keyed, name):
		return Tag{}, &Error{Value: name, Want: "totals are told apart by this without a tag; name the tag something else", Err: ErrSupply}
	case value == "" || len(value) > maxTagValue || !series.Printable(value):
		return Tag{}, &Error{Value: value, Want: "give a tag a value of 1 to 100 bytes in one line, without characters of control or format", Err: ErrSupply}
	}
	return Tag{name, value}, nil
}

func (s *Supply) validateTags() error {
	if len(s.Tags) > maxTags {
		return s.bad("tags", "at most 32 tags")
	}
	for i, t := range s.Tags {
		if _, err := ParseTag(t.Name, t.Value); err != nil {
			return s.bad(err.(*Error).Value, err.(*Error).Want)
		}
		if i > 0 && s.Tags[i-1].Name >= t.Name {
			return s.bad(t.Name, "write tags in order of name, each once")
		}
	}
	return nil
}
