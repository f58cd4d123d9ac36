package floors

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/halfhour/halfhour"

// read parses one source file.
func read(t *testing.T, name, folder string, src any) *file {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), name, src, 0)
	if err != nil {
		t.Fatal(err)
	}
	f := &file{name: name, folder: folder, pkg: tree.Name.Name}
	for _, spec := range tree.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		if path == module {
			path = "."
		}
		f.imports = append(f.imports, strings.TrimPrefix(path, module+"/"))
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok {
				f.calls = append(f.calls, x.Name+"."+n.Sel.Name)
			}
		case *ast.Ident:
			if n.Name == "float32" || n.Name == "float64" {
				f.names = append(f.names, n.Name)
			}
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				f.inits++
			}
		}
		return true
	})
	return f
}

func TestPolicy(t *testing.T) {
	root, seen, policy := filepath.Join("..", ".."), map[string]bool{}, allowed()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || exists(filepath.Join(path, "go.mod"))) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		folder := filepath.ToSlash(filepath.Dir(rel))
		seen[folder] = true
		for _, wrong := range read(t, path, folder, nil).check(policy) {
			t.Error(wrong)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for folder := range policy {
		if !seen[folder] {
			t.Errorf("the policy names %s, where there is no code", folder)
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// TestPolicyBites shows that each rule can fail.
func TestPolicyBites(t *testing.T) {
	for _, c := range []struct{ folder, src, want string }{
		{"revisions", `package revisions; import _ "github.com/halfhour/halfhour/tariffs"`, "may not import tariffs"},
		{"tariffs", `package tariffs; import _ "github.com/halfhour/halfhour/revisions"`, "may not import revisions"},
		{"settlement", `package settlement; import _ "github.com/shopspring/decimal"`, "may not import github.com/shopspring/decimal"},
		{"series", `package series; import _ "github.com/halfhour/halfhour"`, "may not import ."},
		{"series", `package series; import _ "os"`, "may not import os"},
		{"series", `package series; import _ "net/http"`, "may not import net/http"},
		{"tariffs", `package tariffs; import "time"; var _ = time.Now`, "may not use time.Now"},
		{"tariffs", `package tariffs; type rate float64`, "float64"},
		{"tariffs", `package tariffs; func init() {}`, "init()"},
		{"attic", `package attic`, "not in the policy"},
		{"tariffs", `package util`, "says nothing"},
	} {
		wrong := strings.Join(read(t, "x.go", c.folder, c.src).check(allowed()), "\n")
		if !strings.Contains(wrong, c.want) {
			t.Errorf("%s\n gives %q, want %q", c.src, wrong, c.want)
		}
	}
	fine := `package series; import ("github.com/apache/arrow/go/v17/arrow/memory"; "github.com/halfhour/halfhour/settlement"; "math/bits"); func (f *F) init() {}`
	if wrong := read(t, "x.go", "series", fine).check(allowed()); len(wrong) != 0 {
		t.Errorf("a sound file is refused: %v", wrong)
	}
}

// TestDependencies keeps the list of direct dependencies a visible diff.
func TestDependencies(t *testing.T) {
	mod, err := os.ReadFile(filepath.Join("..", "..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	var direct []string
	for _, line := range strings.Split(string(mod), "\n") {
		if f := strings.Fields(line); len(f) == 2 && strings.Contains(f[0], ".") && strings.HasPrefix(f[1], "v") {
			direct = append(direct, f[0])
		}
	}
	want, err := os.ReadFile("deps.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(direct, "\n") + "\n"; got != string(want) {
		t.Errorf("go.mod requires directly:\n%sdeps.txt lists:\n%sa new dependency needs a line there and a reason in the change", got, want)
	}
}
