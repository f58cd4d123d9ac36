package main

import (
	"math/big"
	"strings"
	"testing"

	"github.com/halfhour/halfhour/settlement"
)

// month is November 2025: a month with a Triad in it.
func month(t *testing.T) *engines {
	t.Helper()
	from, err := settlement.ParseDay("2025-11-01")
	if err != nil {
		t.Fatal(err)
	}
	w, err := newWork(settlement.Days(from, from+30), 2, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	e, err := newEngines(w)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.duck.close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// Every engine has the naive one's answer, which has no code of the library's but
// what made its input.
func TestAnswers(t *testing.T) {
	e := month(t)
	for _, g := range e.groups() {
		if err := g.measure(limits{rounds: 1}); err != nil {
			t.Error(err)
		}
		for _, r := range g.rows {
			t.Logf("%s, %s: %s", g.title, r.engine, r.verdict)
		}
		if table := g.markdown(); strings.Count(table, "\n") < len(g.rows)+4 {
			t.Errorf("table lacks rows:\n%s", table)
		}
	}
}

// Every line comes to something, or nothing was compared.
func TestNothingIsZero(t *testing.T) {
	e := month(t)
	for l, it := range e.items {
		if e.energy[l][0].Sign() == 0 {
			t.Errorf("%s is 0", it.name)
		}
		if e.pounds[l][0].Sign() == 0 {
			t.Errorf("%s is 0 pounds by run", it.name)
		}
	}
}

// A single unit in a single half-hour is another answer.
func TestAnotherAnswer(t *testing.T) {
	e := month(t)
	for _, plant := range []string{
		"UPDATE hh SET v0 = v0 + 1 WHERE period = (SELECT min(period) FROM hh)",
		"UPDATE won SET c7 = c7 - 1 WHERE period = 0",
		"UPDATE cells SET pounds = pounds + 1 WHERE period = 0 AND line = 3 AND run = (SELECT max(run) FROM cells WHERE period = 0)",
		"UPDATE bands SET p0 = p0 + 1",
	} {
		if err := e.duck.exec(plant); err != nil {
			t.Fatal(err)
		}
	}
	caught := map[string]bool{}
	for _, g := range e.groups() {
		for _, r := range g.rows {
			if !strings.HasPrefix(r.engine, "DuckDB") {
				if err := r.run(); err != nil {
					t.Fatal(err)
				}
				continue
			}
			if err := r.run(); err != nil {
				t.Fatal(err)
			}
			if _, err := r.check(); err != nil && strings.Contains(err.Error(), "another answer") {
				caught[r.engine] = true
			}
		}
	}
	if len(caught) != 7 { // all but the two wide forms, whose table was left alone
		t.Errorf("caught in %d forms, want 7: %v", len(caught), caught)
	}
	if err := e.own.parquet(); err != nil {
		t.Fatal(err)
	}
	last := e.own.answers[len(e.own.answers)-1]
	last[0][0] = new(big.Int).Add(last[0][0], big.NewInt(1))
	if _, err := e.allRight(e.own.answers, exact); err == nil || !strings.Contains(err.Error(), "another answer") {
		t.Errorf("a unit more in the last of %d meters: %v", len(e.own.answers), err)
	}
	if _, err := e.allRight(e.own.answers[:1], exact); err == nil {
		t.Error("one meter stands for all")
	}
	a := answer{{big.NewInt(1)}}
	for _, b := range []answer{nil, {{}}, {{nil}}, {{big.NewInt(2)}}} {
		if a.differs(b) == "" {
			t.Errorf("%v does not differ from %v", a, b)
		}
	}
}
