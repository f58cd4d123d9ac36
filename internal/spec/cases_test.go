package spec_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Every case has its place, every place is there, and every specification is
// in the table.
func TestTableOfCases(t *testing.T) {
	const docs = "../../docs"
	b, err := os.ReadFile(filepath.Join(docs, "cases.md"))
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= 54; n++ {
		row := regexp.MustCompile(`(?m)^\| ` + strconv.Itoa(n) + ` \| [^|]+ \| \[.+ \|$`)
		if got := len(row.FindAll(b, -1)); got != 1 {
			t.Errorf("case %d has %d rows", n, got)
		}
	}
	for _, link := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(string(b), -1) {
		if _, err := os.Stat(filepath.Join(docs, link[1])); err != nil {
			t.Error(err)
		}
	}
	files, _ := filepath.Glob(filepath.Join(folder, "*.txt"))
	for _, f := range files {
		if !strings.Contains(string(b), "/"+filepath.Base(f)+")") {
			t.Errorf("%s is not in the table", filepath.Base(f))
		}
	}
}
