package spec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// scene is what stands above an expectation.
type scene struct {
	file   string
	name   string // of the case; "" in the head
	span   settlement.Span
	supply []entry
	tariff []entry
	loads  []load
	cash   []series.Determination
	before map[string]*scene // earlier cases, by name
}

// entry is a line of a supply or a tariff block, under what it is about: a
// key, an item, a factor.
type entry struct {
	about string
	line
	own bool // stated in the case, not in the head
}

// with is the entries with what a case's block states instead of the head's
// about the same things.
func with(entries, more []entry) []entry {
	out := slices.DeleteFunc(slices.Clone(entries), func(e entry) bool {
		return !e.own && slices.ContainsFunc(more, func(m entry) bool { return m.own && m.about == e.about })
	})
	return append(out, more...)
}

// read takes in a statement that gives something.
func (s *scene) read(st *statement) error {
	args := st.texts()[1:]
	switch st.words[0].text {
	case "title":
		return nil
	case "span":
		span, rest, err := days(args)
		if err != nil || len(rest) > 0 {
			return fmt.Errorf("write span and a day, or the first day and the first that is not billed: span 2025-12-01 2026-01-01")
		}
		s.span = span
		return nil
	case "supply":
		var more []entry
		for _, l := range st.below {
			more = append(more, entry{l.words[0].text, l, s.name != ""})
		}
		s.supply = with(s.supply, more)
		_, err := s.supplied()
		return err
	case "tariff":
		var more []entry
		for _, l := range st.below {
			for _, about := range subjects(&l) {
				more = append(more, entry{about, l, s.name != ""})
			}
		}
		s.tariff = with(s.tariff, more)
		_, err := s.priced()
		return err
	case "determination":
		return s.determination(st)
	case "load":
		return s.load(meterLoad, args)
	case "market":
		return s.load(marketLoad, args)
	case "contract":
		return s.load(contractLoad, args)
	}
	return fmt.Errorf("%q is no word of a specification (docs/format/spec.md)", st.words[0].text)
}

// days reads a day, or a day and the first that follows the last, from the
// front of some words.
func days(args []string) (settlement.Span, []string, error) {
	if len(args) == 0 {
		return settlement.Span{}, args, fmt.Errorf("a day is missing")
	}
	from, err := settlement.ParseDay(args[0])
	if err != nil {
		return settlement.Span{}, args, err
	}
	if len(args) > 1 {
		if to, err := settlement.ParseDay(args[1]); err == nil && to > from {
			return settlement.Days(from, to), args[2:], nil
		}
	}
	return settlement.Days(from, from+1), args[1:], nil
}

// period reads a half-hour such as 2025-11-20/34.
func period(s string) (settlement.Period, error) {
	date, number, _ := strings.Cut(s, "/")
	day, err := settlement.ParseDay(date)
	if err != nil {
		return 0, err
	}
	n := 0
	if _, err := fmt.Sscanf(number, "%d", &n); err != nil {
		return 0, fmt.Errorf("%q: write a date and the number of a settlement period: 2025-11-20/34", s)
	}
	return day.Period(n)
}

// pos is where a line stands, as the engine's errors name it.
func (s *scene) pos(l *line) series.Pos { return series.Pos{Source: s.file, Line: l.number} }
