package hhcsv

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/halfhour/halfhour/series"
)

// Columns are the headings of a file where they differ from the defaults, which
// are the names of the fields in lower case. Case does not matter. A heading
// that is named here must be there.
//
// When and how a long file says when is told by which headings it has; if it
// has more than one of timestamp, time and period, naming one here settles it.
type Columns struct {
	MPAN, Line, Run, Flag string
	Timestamp, Date, Time string
	Period, Value         string
}

// none is the place of a column the file does not have.
const none = -1

// plan is where in a row everything stands.
type plan struct {
	headings []string // one for each field of a row
	mpan     int
	line     int
	run      int
	flag     int
	stamp    int
	date     int
	time     int
	period   int
	value    int
	cells    []int // wide: the field of each half-hour, in order
	clock    bool  // wide: the cells are headed by clock times
}

// A misfit is what is wrong with a heading; field none is the whole row.
type misfit struct {
	field       int
	value, want string
}

// bind finds the columns of a layout among the headings.
func bind(headings []string, seen map[string]int, l *Layout) (*plan, *misfit) {
	p := &plan{headings: headings}
	c := &l.Columns
	used := map[int]string{}
	for _, role := range []struct {
		at              *int
		named, fallback string
		shape           Shape // 0 for both
	}{
		{&p.mpan, c.MPAN, "mpan", 0},
		{&p.line, c.Line, "line", 0},
		{&p.run, c.Run, "run", 0},
		{&p.flag, c.Flag, "flag", 0},
		{&p.date, c.Date, "date", 0},
		{&p.stamp, c.Timestamp, "timestamp", Long},
		{&p.time, c.Time, "time", Long},
		{&p.period, c.Period, "period", Long},
		{&p.value, c.Value, "value", Long},
	} {
		*role.at = none
		if role.shape != 0 && role.shape != l.Shape {
			continue
		}
		i, ok := seen[strings.ToLower(strings.TrimSpace(cmp.Or(role.named, role.fallback)))]
		switch {
		case ok && used[i] != "":
			return nil, &misfit{i, headings[i], "one meaning for a column: it stands for " + used[i] + " and " + role.fallback}
		case ok:
			*role.at, used[i] = i, role.fallback
		case role.named != "":
			return nil, &misfit{none, role.named, "a column with this heading for the " + role.fallback + ", as Columns says; found " + list(p.headings)}
		}
	}
	if bad := p.defaults(l); bad != nil {
		return nil, bad
	}
	if l.Shape == Long {
		return p, p.when(c)
	}
	return p, p.wide(l, used)
}

// defaults checks that what has no column is declared.
func (p *plan) defaults(l *Layout) *misfit {
	if p.mpan == none && l.MPAN.IsZero() {
		return &misfit{none, "mpan", "a column headed mpan: rename the one that holds it, or add it (programs: Columns.MPAN, Layout.MPAN); found " + list(p.headings)}
	}
	if p.line == none {
		if want := l.Unit.misfit(l.Line); want != "" {
			return &misfit{none, series.Meter().Def(l.Line).Name, "a column headed line, or (programs: in Layout.Line) " + want}
		}
		if reactive := l.Line == series.RI || l.Line == series.RE; reactive && l.Unit == KWh {
			return &misfit{none, "kwh", "the unit kvarh for a file of a reactive line"}
		}
	}
	return nil
}

// when settles which columns of a long file say when.
func (p *plan) when(c *Columns) *misfit {
	if c.Timestamp != "" || c.Time != "" || c.Period != "" {
		if c.Timestamp == "" {
			p.stamp = none
		}
		if c.Time == "" {
			p.time = none
		}
		if c.Period == "" {
			p.period = none
		}
	}
	ways := 0
	for _, at := range []int{p.stamp, p.time, p.period} {
		if at != none {
			ways++
		}
	}
	const forms = "timestamp, or date and time, or date and period"
	switch {
	case ways > 1:
		return &misfit{none, "", "one of " + forms + "; rename the others, which would not be read (programs: Columns names the one that is meant); found " + list(p.headings)}
	case ways == 0 || p.stamp == none && p.date == none:
		return &misfit{none, "", "columns headed " + forms + ": rename those that say so (programs: Columns); found " + list(p.headings)}
	case p.value == none:
		return &misfit{none, "value", "a column headed value: rename the one that holds it (programs: Columns.Value); found " + list(p.headings)}
	}
	return nil
}

// wide finds the columns of the half-hours.
func (p *plan) wide(l *Layout, used map[int]string) *misfit {
	if p.date == none {
		return &misfit{none, "date", "a column headed date: rename the one that holds it (programs: Columns.Date); found " + list(p.headings)}
	}
	var numbers [50]int // field + 1 of each number
	var clocks [49]int  // field + 1 of each clock time
	n, k := 0, 0
	for i, h := range p.headings {
		if used[i] != "" {
			continue
		}
		if v, ok := number(h); ok && v >= 1 && v <= len(numbers) {
			numbers[v-1] = i + 1
			n++
		} else if v, ok := halfOf(h); ok {
			clocks[v] = i + 1
			k++
		}
	}
	switch {
	case n > 0 && k > 0:
		return &misfit{none, "", "half-hours headed by numbers or by clock times, not both; found " + list(p.headings)}
	case n > 0:
		return p.numbered(numbers[:], n)
	case k > 0:
		return p.clocked(&clocks, k, l.Label)
	}
	return &misfit{none, "", "half-hours headed 1 to 48, 1 to 50, or 00:00 to 23:30 (start), 00:30 to 24:00 (end); found " + list(p.headings)}
}

func (p *plan) numbered(numbers []int, n int) *misfit {
	if n != 48 && n != 50 {
		return &misfit{none, strconv.Itoa(n) + " headings", "headings 1 to 48, or 1 to 50 for files that hold the long day, without a gap"}
	}
	for i, at := range numbers[:n] {
		if at == 0 {
			return &misfit{none, "", "a column headed " + strconv.Itoa(i+1) + ": the numbers must be 1 to " + strconv.Itoa(n) + " without a gap"}
		}
		p.cells = append(p.cells, at-1)
	}
	return nil
}

// clocked takes the 48 clock times. Starts and ends written 00:30 … 23:30,
// 00:00 are the same headings; where 00:00 stands tells which are meant, and it
// must be what the layout says.
func (p *plan) clocked(clocks *[49]int, n int, label Label) *misfit {
	from := 0
	if label == End {
		from = 1
		if clocks[48] == 0 {
			if clocks[48] = clocks[0]; clocks[0] != 0 && clocks[0] < clocks[1] {
				return &misfit{clocks[0] - 1, "00:00", "ends, 00:30 to 24:00, as the layout says; these headings are starts: is the label start?"}
			}
			clocks[0] = 0
		}
	} else if clocks[0] > clocks[47] && clocks[47] != 0 {
		return &misfit{clocks[0] - 1, "00:00", "starts, 00:00 to 23:30, as the layout says; these headings are ends: is the label end?"}
	}
	for i, at := range clocks {
		inside := i >= from && i < from+48
		switch {
		case inside && at == 0:
			return &misfit{none, "", "a column headed " + clockOf(i) + ": 48 clock times, 00:00 to 23:30 for the label start, 00:30 to 24:00 for the label end; found " + strconv.Itoa(n)}
		case !inside && at != 0:
			return &misfit{at - 1, p.headings[at-1], "48 clock times, 00:00 to 23:30 for the label start, 00:30 to 24:00 for the label end"}
		case inside:
			p.cells = append(p.cells, at-1)
		}
	}
	p.clock = true
	return nil
}

// list is the headings for a message, cut short.
func list(headings []string) string {
	s := strings.Join(headings, ",")
	if len(s) > 200 {
		s = s[:200] + "…"
	}
	return strconv.Quote(s)
}
