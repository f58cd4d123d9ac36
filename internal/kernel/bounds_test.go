package kernel

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"regexp"
	"strconv"
	"testing"
)

// checked are the loops that may look whether an index is inside its slice, and
// why. Every other loop here has been written so that the compiler proves it.
var checked = map[string]string{
	"next":          "a word of a bitmap stands for 64 half-hours",
	"CountSet":      "the same",
	"SetRange":      "the same",
	"ClearRange":    "the same",
	"CopyRange":     "the same",
	"AndRange":      "the same",
	"GatherBits":    "the same, and which bitmap is in the data",
	"GatherSum":     "which column is in the data",
	"MulAddChecked": "its products take 128 bits; no check is felt beside them",
}

// TestBounds asks the compiler which bounds checks it left in, and holds every
// loop to none.
func TestBounds(t *testing.T) {
	out, err := exec.Command("go", "build", "-gcflags=-d=ssa/check_bce", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	found := regexp.MustCompile(`(?m)([a-z0-9_]+\.go):(\d+):\d+: Found Is`).FindAllSubmatch(out, -1)
	seen, files := map[string]bool{}, map[string][]loop{}
	for _, f := range found {
		name := string(f[1])
		line, err := strconv.Atoi(string(f[2]))
		if err != nil {
			t.Fatal(err)
		}
		if files[name] == nil {
			files[name] = loops(t, name)
		}
		for _, l := range files[name] {
			if l.from <= line && line <= l.to {
				seen[l.in] = true
				if checked[l.in] == "" {
					t.Errorf("%s:%d: the loop in %s checks a bound", name, line, l.in)
				}
			}
		}
	}
	if !seen["GatherSum"] {
		t.Errorf("the compiler named no check in GatherSum, which has one: is this still what it prints?\n%s", out)
	}
}

// loop is the lines of the body of a for statement, and the function it is in.
type loop struct {
	in       string
	from, to int
}

func loops(t *testing.T, name string) (out []loop) {
	files := token.NewFileSet()
	tree, err := parser.ParseFile(files, name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range tree.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ForStmt:
				out = append(out, loop{f.Name.Name, files.Position(n.Pos()).Line, files.Position(n.End()).Line})
			case *ast.RangeStmt: // what it ranges over is looked at once
				out = append(out, loop{f.Name.Name, files.Position(n.Body.Pos()).Line, files.Position(n.End()).Line})
			}
			return true
		})
	}
	return out
}
