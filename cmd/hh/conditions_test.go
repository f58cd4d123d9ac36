package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// told is what a program that reads the JSON is told to know.
type told struct {
	Conditions []string          `json:"conditions"`
	Old        []string          `json:"old_conditions"`
	New        []string          `json:"new_conditions"`
	Learnt     []string          `json:"learnt_conditions"`
	Says       map[string]string `json:"says"`
	Original   *told             `json:"original"`
	Rebill     *told             `json:"rebill"`
	Start      *told             `json:"start"`
	End        *told             `json:"end"`
	Steps      []told            `json:"steps"`
}

func (c *told) all() [][]string {
	lists := [][]string{c.Conditions, c.Old, c.New, c.Learnt}
	for _, x := range []*told{c.Original, c.Rebill, c.Start, c.End} {
		if x != nil {
			lists = append(lists, x.all()...)
		}
	}
	for i := range c.Steps {
		lists = append(lists, c.Steps[i].all()...)
	}
	return lists
}

// TestEveryBillTellsItsConditions: whatever is made from bills tells what a reader
// of them must know, of each, in words, in text and JSON. The readings of 1 and 2
// April conflict from the first; one market table does not say when it came; the
// readings of May are estimates.
func TestEveryBillTellsItsConditions(t *testing.T) {
	dir := t.TempDir()
	files := []string{
		sent(t, dir, "a", "20240404090000", 2, "1.0", "A"),
		sent(t, dir, "b", "20240404090000", 2, "2.0", "A"),
		sent(t, dir, "c", "20240520090000", 2, "3.0", "A"),
	}
	var may strings.Builder
	may.WriteString("101|1400000000001|AI|GMTR|\n")
	for d := range 2 {
		fmt.Fprintf(&may, "102|202405%02d|\n%s", d+1, strings.Repeat("103|E|4.0|\n", 48))
	}
	files = append(files, userFile(t, dir+"/may.D0036", "may", "20240504090000", may.String()))
	market := written(t, dir, "tlm.csv", "date,period,TLM\n2024-04-01,1,1.01\n")
	data := []string{"--market", market, "--known-at", settled, "--journal", "--supply", realSupply, "--tariff", realTariff}
	april := []string{"--first", "2024-04-01", "--last", "2024-04-02"}
	both := append([]string{"--from", "SF@2024-05-10T00:00:00Z", "--to", "newest"}, april...)
	const was, is = "SF known at 2024-05-10T00:00:00Z", "newest"
	for _, c := range []struct {
		command string
		flags   []string
		of      map[string]string // conditions, and of which bills the text says they are
	}{
		{"bill", []string{"--from", "2024-04-01", "--to", "2024-04-03", "--run", "SF"}, map[string]string{"conflicting-versions": "", "undated-market": "", "tariff-losses": ""}},
		{"compare", both, map[string]string{"conflicting-versions": was, "undated-market": was + ", " + is}},
		{"compare", april, map[string]string{"conflicting-versions": "II, SF", "undated-market": "II, SF, R1, R2, R3"}},
		{"rebill", both, map[string]string{"conflicting-versions": was, "undated-market": was + ", " + is}},
		{"accrue", []string{"--run", "SF", "--from", "2024-04-01", "--to", "2024-04-03", "--learn-from", "2024-05-01", "--learn-to", "2024-05-03"},
			map[string]string{"conflicting-versions": "the bill", "estimated-reads": "the days learnt from", "undated-market": "the bill)"}},
	} {
		args := slices.Concat([]string{c.command}, c.flags, data, files)
		code, out, errs := hh(args...)
		if code != exitFine {
			t.Fatalf("%v: code %d: %s", args, code, errs)
		}
		_, raw, _ := hh(append(args, "--format", "json")...)
		var doc told
		if err := json.Unmarshal([]byte(raw), &doc); err != nil {
			t.Fatal(err)
		}
		for name, of := range c.of {
			if of != "" {
				of = " (" + of
			}
			if !strings.Contains(out, "* "+name+of) {
				t.Errorf("%s: no %s%s in\n%s", c.command, name, of, out)
			}
			if !slices.ContainsFunc(doc.all(), func(list []string) bool { return slices.Contains(list, name) }) {
				t.Errorf("%s: no %s in the JSON: %v", c.command, name, doc.all())
			}
		}
		for _, list := range doc.all() {
			for _, name := range list {
				says := doc.Says[name]
				if says == "" || !strings.Contains(out, "* "+name) || !strings.Contains(out, ": "+says+"\n") {
					t.Errorf("%s: %s says %q in the JSON; the text:\n%s", c.command, name, says, out)
				}
			}
		}
	}
}
