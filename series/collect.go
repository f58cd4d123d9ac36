package series

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/settlement"
)

// Tally counts what Collect met.
type Tally struct {
	Kept     int // readings written
	Repeated int // readings that said again what was there
	Outside  int // readings of the meter outside the cube's span
	Others   int // readings of other meters
}

// Collect writes the readings of one meter into the cube: all or nothing. A
// zero MPAN takes every reading. On any error the cube is left empty and
// every error found is returned, up to MaxErrors (see Limited).
//
// A reading outside the cube's span, or of another meter, is counted and left
// out. It is an error (ErrConflict) when two readings give one line, run and
// half-hour two different values, and when a reading is of a run the cube does
// not hold. Readings that repeat a value are fine; a flag stays only while all
// of them carry it, for an actual reading confirms an estimate it equals.
func Collect(dst *Cube, mpan settlement.MPAN, readings Readings) (Tally, error) {
	into := Collected{MPAN: mpan, Cube: dst}
	err := CollectAll(readings, &into)
	return into.Tally, err
}

// Collected is what CollectAll writes of one meter.
type Collected struct {
	MPAN  settlement.MPAN // zero for every reading
	Cube  *Cube
	Tally Tally
}

// CollectAll is Collect of several meters, in one pass over the readings.
func CollectAll(readings Readings, into ...*Collected) error {
	var errs Errors
	for r, err := range readings {
		more := err == nil || errs.Add(err)
		for _, m := range into {
			if err == nil {
				if err := m.take(&r); err != nil {
					more = errs.Add(err) && more
				}
			}
		}
		if !more {
			break
		}
	}
	if len(errs) == 0 {
		return nil
	}
	for _, m := range into {
		m.Cube.Reset(m.Cube.Span())
		m.Tally = Tally{}
	}
	return errs
}

// take writes a reading, or counts why not.
func (m *Collected) take(r *Reading) error {
	switch {
	case !m.MPAN.IsZero() && r.MPAN != m.MPAN:
		m.Tally.Others++
	case !m.Cube.Span().Contains(r.Period):
		m.Tally.Outside++
	default:
		return m.Cube.put(r, &m.Tally)
	}
	return nil
}

// put writes one reading.
func (c *Cube) put(r *Reading, t *Tally) error {
	f := c.Frame(r.Run)
	if f == nil {
		return &Error{Pos: r.Pos, Value: r.Run.String(), Want: fmt.Sprintf("a run among %v", c.runs), Err: ErrValue}
	}
	m := (r.Mark & Flags).From(r.Run)
	i := f.span.Index(r.Period)
	old, held := f.cols[r.Line].At(i)
	switch {
	case !held:
		f.Set(r.Line, r.Period, r.Value, m)
		t.Kept++
	case old == r.Value:
		f.cols[r.Line].Marks[i] &= m
		t.Repeated++
	default:
		def := c.schema.Def(r.Line)
		return &Error{
			Pos:   r.Pos,
			Value: decimal.New(r.Value, -int32(def.Scale)).String(),
			Want: fmt.Sprintf("%s as stated before for %s %s %s (both in %s): remove one of the two deliveries",
				decimal.New(old, -int32(def.Scale)), def.Name, r.Run, r.Period, def.Unit),
			Err: ErrConflict,
		}
	}
	return nil
}

// MaxMeters is how many meters one survey tells apart.
const MaxMeters = 10_000

// Extent is what a source holds of one meter.
type Extent struct {
	MPAN settlement.MPAN
	Span settlement.Span   // from the first to the last half-hour
	Runs []settlement.Run  // in rising order
	Held [MaxLines + 1]int // readings by line
}

// Survey ranges over the readings and says what there is of each meter, in
// order of appearance, so that a cube of the right size can be made before
// Collect. It fails as Collect does, with at most MaxErrors errors, and with
// ErrEmpty when there is no reading at all.
func Survey(readings Readings) ([]Extent, error) {
	var found []Extent
	var errs Errors
	at := map[settlement.MPAN]int{}
	for r, err := range readings {
		if err != nil {
			if !errs.Add(err) {
				break
			}
			continue
		}
		i, ok := at[r.MPAN]
		if !ok {
			if i = len(found); i == MaxMeters {
				return nil, &Error{Pos: r.Pos, Value: r.MPAN.String(), Want: "at most 10000 meters in one survey: name the meter and read its readings only", Err: ErrLimit}
			}
			at[r.MPAN] = i
			found = append(found, Extent{MPAN: r.MPAN, Span: settlement.Span{Lo: r.Period, Hi: r.Period + 1}})
		}
		found[i].add(&r)
	}
	if len(errs) > 0 {
		return nil, errs
	}
	if len(found) == 0 {
		return nil, &Error{Want: "at least one reading: is this the right file?", Err: ErrEmpty}
	}
	return found, nil
}

func (e *Extent) add(r *Reading) {
	e.Span.Lo = min(e.Span.Lo, r.Period)
	e.Span.Hi = max(e.Span.Hi, r.Period+1)
	e.Held[r.Line]++
	for i, run := range e.Runs {
		if run == r.Run {
			return
		}
		if run > r.Run {
			e.Runs = append(e.Runs[:i], append([]settlement.Run{r.Run}, e.Runs[i:]...)...)
			return
		}
	}
	e.Runs = append(e.Runs, r.Run)
}

// Join is several sources read one after the other.
func Join(sources ...Readings) Readings {
	return func(yield func(Reading, error) bool) {
		for _, s := range sources {
			for r, err := range s {
				if !yield(r, err) {
					return
				}
			}
		}
	}
}
