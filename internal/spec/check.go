package spec

import (
	"errors"
	"fmt"
	"strings"
)

// expectation is a block of a file that says what the engine must.
type expectation struct {
	name  string
	check func(*scene, *statement) ([]outcome, error)
}

var expectations = []expectation{{"bill", (*scene).checkBill}, {"adjust", (*scene).checkAdjust}, {"halfhour", (*scene).checkCells}, {"error", (*scene).checkError}, {"band", (*scene).checkBands}}

// outcome is one line of an expectation as the engine has it.
type outcome struct {
	cells  []string // the columns of the line
	amount string   // what a working is to come to; "" where none belongs
	note   string   // what follows amount: conditions
	depth  int      // 1, or 2 for a line's windows
}

// Check runs a specification. It gives the text with what is expected as the
// engine has it, and what differs: a Mistake for each block, at its line. A
// file that cannot be read gives one Mistake and no text.
func Check(file, text string) (rewritten string, wrong []error) {
	all, err := statements(file, text)
	if err != nil {
		return "", []error{err}
	}
	head := scene{file: file, before: map[string]*scene{}}
	now := head
	raw := strings.Split(text, "\n")
	var out strings.Builder
	done := 0
	for i := range all {
		st := &all[i]
		check := expected(st.words[0].text)
		switch {
		case st.words[0].text == "case":
			if now.name == "" {
				head = now
			}
			last := now
			head.before[last.name] = &last
			now = head
			now.name = strings.Join(st.texts()[1:], " ")
			continue
		case check == nil:
			if err := now.read(st); err != nil {
				return "", append(wrong, at(file, st, err))
			}
			continue
		}
		outcomes, err := check(&now, st)
		if err != nil {
			wrong = append(wrong, at(file, st, err))
			continue
		}
		works, bad := workings(st.below, outcomes)
		for _, m := range bad {
			wrong = append(wrong, &Mistake{file, m.Line, now.said() + m.What})
		}
		if diff := differ(st.below, outcomes); diff != "" {
			wrong = append(wrong, &Mistake{file, st.number, now.said() + strings.TrimSpace(st.raw) + "\n" + diff})
			for ; done < st.number; done++ {
				out.WriteString(raw[done] + "\n")
			}
			out.WriteString(layOut(outcomes, works))
			done = st.next
		}
	}
	if !hasExpectation(all) {
		wrong = append(wrong, &Mistake{file, len(raw), "nothing is expected here: add a bill"})
	}
	out.WriteString(strings.Join(raw[done:], "\n"))
	return out.String(), wrong
}

func hasExpectation(all []statement) bool {
	for i := range all {
		if expected(all[i].words[0].text) != nil {
			return true
		}
	}
	return false
}

// expected is the check of a statement that expects something, or nil.
func expected(name string) func(*scene, *statement) ([]outcome, error) {
	for _, e := range expectations {
		if e.name == name {
			return e.check
		}
	}
	return nil
}

// said is the case's name for a message.
func (s *scene) said() string {
	if s.name == "" {
		return ""
	}
	return s.name + ": "
}

// at puts an error at a statement unless it has a line of its own.
func at(file string, st *statement, err error) error {
	var m *Mistake
	if errors.As(err, &m) {
		return m
	}
	return &Mistake{file, st.number, err.Error()}
}

// text is an outcome's line with single spaces.
func (o *outcome) text() string {
	return strings.Join(strings.Fields(strings.Join(append(append([]string(nil), o.cells...), o.note), " ")), " ")
}

// stated is a line of a file with single spaces and its working apart.
func (l *line) stated() (text, working string) {
	text, _, _ = strings.Cut(strings.Join(strings.Fields(l.raw), " "), " #")
	text, working, _ = strings.Cut(text, " = ")
	return text, working
}

// differ compares a block with its outcomes and gives the lines that differ:
// - expected, + made.
func differ(below []line, outcomes []outcome) string {
	var want, got []string
	for i := range below {
		text, _ := below[i].stated()
		want = append(want, text)
	}
	for i := range outcomes {
		got = append(got, outcomes[i].text())
	}
	var out strings.Builder
	for i, j := 0, 0; i < len(want) || j < len(got); {
		switch {
		case i < len(want) && j < len(got) && want[i] == got[j]:
			i, j = i+1, j+1
		case i < len(want) && (j == len(got) || !contains(got[j:], want[i])):
			fmt.Fprintf(&out, "  - %s   (line %d)\n", want[i], below[i].number)
			i++
		default:
			fmt.Fprintf(&out, "  + %s\n", got[j])
			j++
		}
	}
	return strings.TrimRight(out.String(), "\n")
}

func contains(all []string, s string) bool {
	for _, a := range all {
		if a == s {
			return true
		}
	}
	return false
}

// workings calculates what follows " = " on the lines of a block and gives it
// by the line's first words, for a rewritten block to keep. What does not come
// to the amount that the engine has on the line is a mistake.
func workings(below []line, outcomes []outcome) (kept map[string]string, wrong []*Mistake) {
	kept = map[string]string{}
	made := map[string]*outcome{}
	seen := map[string]int{}
	for i := range outcomes {
		made[key(outcomes[i].text(), seen)] = &outcomes[i]
	}
	clear(seen)
	for i := range below {
		l := &below[i]
		text, working := l.stated()
		k := key(text, seen)
		if working == "" {
			continue
		}
		kept[k] = working
		o := made[k]
		if o == nil || o.amount == "" {
			wrong = append(wrong, &Mistake{Line: l.number, What: "no amount is made here for the working " + working})
			continue
		}
		got, err := calculate(working, decimals(o.amount))
		if err != nil {
			wrong = append(wrong, &Mistake{Line: l.number, What: err.Error()})
		} else if got != plain(o.amount) {
			wrong = append(wrong, &Mistake{Line: l.number, What: fmt.Sprintf("%s comes to %s, the engine has %s: %s", working, got, o.amount, o.text())})
		}
	}
	return kept, wrong
}

// key tells the lines of a block apart: the first word and how often it came.
func key(text string, seen map[string]int) string {
	name, _, _ := strings.Cut(text, " ")
	seen[name]++
	return fmt.Sprintf("%s %d", name, seen[name])
}

// layOut writes a block's outcomes in columns.
func layOut(outcomes []outcome, works map[string]string) string {
	var width []int
	pad := func(o *outcome, i int) string {
		if i == 0 {
			return strings.Repeat("  ", o.depth) + o.cells[0]
		}
		return o.cells[i]
	}
	for k := range outcomes {
		o := &outcomes[k]
		for i := range o.cells {
			if i == len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], len([]rune(pad(o, i))))
		}
	}
	var out strings.Builder
	seen := map[string]int{}
	for k := range outcomes {
		o := &outcomes[k]
		var l strings.Builder
		for i := range o.cells {
			c := pad(o, i)
			space := strings.Repeat(" ", width[i]-len([]rune(c)))
			if strings.HasPrefix(c, "£") || strings.HasPrefix(c, "-£") || strings.HasPrefix(c, "+£") {
				l.WriteString(space + c + "  ")
			} else {
				l.WriteString(c + space + "  ")
			}
		}
		if o.note != "" {
			l.WriteString(o.note + "  ")
		}
		if w := works[key(o.text(), seen)]; w != "" {
			l.WriteString("= " + w)
		}
		out.WriteString(strings.TrimRight(l.String(), " ") + "\n")
	}
	return out.String()
}

// checkError expects the bill to be refused, in words.
func (s *scene) checkError(st *statement) ([]outcome, error) {
	view, span, err := s.asked(st)
	if err != nil {
		return nil, err
	}
	_, err = s.run(view, span)
	if err == nil {
		return nil, fmt.Errorf("the bill is made, and an error is expected; write bill to see it")
	}
	said := strings.Join(strings.Fields(err.Error()), " ")
	var out []outcome
	for i := range st.below {
		text, _ := st.below[i].stated()
		if !strings.Contains(said, text) {
			out = nil
			break
		}
		out = append(out, outcome{cells: []string{text}, depth: 1})
	}
	if out == nil {
		out = []outcome{{cells: []string{said}, depth: 1}}
	}
	return out, nil
}
