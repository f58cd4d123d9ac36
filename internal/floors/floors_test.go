package floors

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/halfhour/halfhour"

// read parses one source file.
func read(t *testing.T, name, folder string, src any) *source {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), name, src, 0)
	if err != nil {
		t.Fatal(err)
	}
	f := &source{name: name, folder: folder, pkg: tree.Name.Name, test: strings.HasSuffix(name, "_test.go")}
	called := map[string]string{} // local name -> import path
	for _, spec := range tree.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		local := path.Base(imported)
		if spec.Name != nil {
			local = spec.Name.Name
		}
		called[local] = imported
		if local == "." {
			f.dots++
		}
		switch rest, below := strings.CutPrefix(imported, module+"/"); {
		case imported == module:
			f.ours = append(f.ours, ".")
		case below:
			f.ours = append(f.ours, rest)
		default:
			f.others = append(f.others, imported)
		}
	}
	for _, decl := range tree.Decls {
		f.declare(decl)
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && called[x.Name] != "" {
				f.uses = append(f.uses, called[x.Name]+"."+n.Sel.Name)
			}
			if strings.Contains(n.Sel.Name, "Float") { // decimal.NewFromFloat, InexactFloat64, math.Float64bits
				f.floats = append(f.floats, n.Sel.Name)
			}
		case *ast.Ident:
			if n.Name == "float32" || n.Name == "float64" {
				f.floats = append(f.floats, n.Name)
			}
		case *ast.BasicLit:
			if n.Kind == token.FLOAT || n.Kind == token.IMAG {
				f.floats = append(f.floats, n.Value)
			}
		}
		return true
	})
	return f
}

// declare looks at one declaration of the package.
func (f *source) declare(decl ast.Decl) {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if decl.Recv == nil && decl.Name.Name == "init" {
			f.inits++
		}
	case *ast.GenDecl:
		if decl.Tok != token.VAR {
			return
		}
		for _, spec := range decl.Specs {
			for _, name := range spec.(*ast.ValueSpec).Names {
				if name.IsExported() && !strings.HasPrefix(name.Name, "Err") {
					f.vars = append(f.vars, name.Name)
				}
			}
		}
	}
}

// root is the folder of the module's go.mod, from here upward.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for !exists(filepath.Join(dir, "go.mod")) {
		up := filepath.Dir(dir)
		if up == dir {
			t.Skip("no go.mod above: the test needs the sources of the module")
		}
		dir = up
	}
	return dir
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

func TestPolicy(t *testing.T) {
	root, seen := root(t), map[string]bool{}
	folders, allowed := packages()
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || exists(filepath.Join(name, "go.mod"))) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		f := read(t, rel, path.Dir(rel), src)
		seen[f.folder] = seen[f.folder] || !f.test
		for _, wrong := range f.check(allowed) {
			t.Error(wrong)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		if !seen[folder] {
			t.Errorf("the policy names %s, where there is no code", folder)
		}
	}
}

// TestPolicyPointsUp: a package is named once, and below all it may import.
func TestPolicyPointsUp(t *testing.T) {
	folders, allowed := packages()
	for i, folder := range folders {
		if slices.Contains(folders[:i], folder) {
			t.Errorf("%s stands twice", folder)
		}
		for _, imported := range allowed[folder] {
			if !third(imported) && folder != kernel && !slices.Contains(folders[:i], imported) {
				t.Errorf("%s may import %s, which is not above it", folder, imported)
			}
		}
	}
	for _, c := range [][2]string{{"revisions", "tariffs"}, {"tariffs", "revisions"}} {
		if slices.Contains(allowed[c[0]], c[1]) {
			t.Errorf("%s may import %s: they meet only at series", c[0], c[1])
		}
	}
}

// TestPolicyBites shows that each rule can fail.
func TestPolicyBites(t *testing.T) {
	_, allowed := packages()
	for _, c := range []struct{ folder, src, want string }{
		{"revisions", `package revisions; import _ "github.com/halfhour/halfhour/tariffs"`, "revisions may not import tariffs"},
		{"tariffs", `package tariffs; import _ "github.com/halfhour/halfhour/revisions"`, "tariffs may not import revisions"},
		{"series", `package series; import _ "github.com/halfhour/halfhour/series/dtc"`, "may not import series/dtc"},
		{"tariffs", `package tariffs; import _ "github.com/halfhour/halfhour/tariffs/toml"`, "may not import tariffs/toml"},
		{"series", `package series; import _ "github.com/halfhour/halfhour"`, "may not import ."},
		{".", `package halfhour; import _ "github.com/halfhour/halfhour/bench/peers"`, "may not import bench/peers"},
		{".", `package halfhour; import _ "github.com/shopspring/decimal"`, "may not import github.com/shopspring/decimal"},
		{"settlement", `package settlement; import _ "github.com/shopspring/decimal"`, "may not import github.com/shopspring/decimal"},
		{"series", `package series; import _ "github.com/apache/arrow/go/v17/parquet/pqarrow"`, "may not import github.com/apache/arrow/go/v17/parquet/pqarrow"},
		{"series", `package series; import _ "gonum.org/v1/gonum/stat"`, "may not import gonum.org/v1/gonum/stat"},
		{"internal/kernel", `package kernel; import _ "fmt"`, "internal/kernel may not import fmt"},
		{"series", `package series; import _ "os"`, "core may not import os"},
		{"series/dtc", `package dtc; import _ "os/exec"`, "core may not import os/exec"},
		{"series", `package series; import _ "net"`, "core may not import net"},
		{"series", `package series; import _ "net/http"`, "core may not import net/http"},
		{"revisions", `package revisions; import _ "math/rand"`, "core may not import math/rand"},
		{"revisions", `package revisions; import _ "math/rand/v2"`, "core may not import math/rand/v2"},
		{"tariffs", `package tariffs; import _ "log"`, "core may not import log"},
		{"tariffs", `package tariffs; import _ "log/slog"`, "core may not import log/slog"},
		{"tariffs", `package tariffs; import "C"`, "core may not import C"},
		{"tariffs", `package tariffs; import . "time"`, "dot import"},
		{"tariffs", `package tariffs; import "time"; var _ = time.Now`, "may not use time.Now"},
		{"tariffs", `package tariffs; import clock "time"; var _ = clock.Now()`, "may not use time.Now"},
		{"settlement", `package settlement; import "time"; func f() { time.LoadLocation("Europe/London") }`, "may not use time.LoadLocation"},
		{"settlement", `package settlement; import "time"; var _ = time.Local`, "may not use time.Local"},
		{"tariffs", `package tariffs; type rate float64`, "float64 near money"},
		{"series", `package series; func f(x int64) { _ = float32(x) }`, "float32 near money"},
		{"revisions", `package revisions; func f() { x := 1.5; _ = x }`, "1.5 near money"},
		{"tariffs", `package tariffs; import "github.com/shopspring/decimal"; var _ = decimal.NewFromFloat(2)`, "NewFromFloat near money"},
		{"tariffs", `package tariffs; func init() {}`, "init()"},
		{"tariffs", `package tariffs; var cache, Registry = 1, map[string]int{}`, "variable Registry"},
		{"attic", `package attic`, "not in the policy"},
		{"tariffs", `package util`, "says nothing"},
		{"series/helper", `package lines`, "says nothing"},
	} {
		wrong := strings.Join(read(t, "x.go", c.folder, c.src).check(allowed), "\n")
		if !strings.Contains(wrong, c.want) || !strings.Contains(wrong, "needs a reason") {
			t.Errorf("%s\n gives %q, want %q", c.src, wrong, c.want)
		}
	}
	cmd := `package series_test; import _ "github.com/halfhour/halfhour/cmd/hh"`
	if wrong := read(t, "x_test.go", "series", cmd).check(allowed); len(wrong) != 1 {
		t.Errorf("a test of the core may import a command: %v", wrong)
	}
}

// TestPolicyAllows shows that the rules leave sound code alone.
func TestPolicyAllows(t *testing.T) {
	_, allowed := packages()
	for _, c := range []struct{ name, folder, src string }{
		{"x.go", "series", `package series; import ("github.com/apache/arrow/go/v17/arrow/memory"; "github.com/halfhour/halfhour/settlement"; "math/bits"); func (f *F) init() {}`},
		{"x.go", "series", `package series; import "errors"; var ErrBad = errors.New("1.5 float64"); var table = [...]int{1}; const Limit = 1`},
		{"x.go", "tariffs", `package tariffs; import "time"; func f(t time.Time) time.Month { return t.Month() }`},
		{"x.go", "tariffs/toml", `package toml; func f(v any) bool { _, inexact := v.(float64); return inexact }`},
		{"x.go", "cmd/hh", `package main; import ("os"; "time"; _ "github.com/alecthomas/kong"); var Started = time.Now(); func init() { _ = os.Args }`},
		{"x_test.go", "series", `package series_test; import ("os"; "math/rand"; _ "github.com/halfhour/halfhour/internal/sample"); var X float64`},
	} {
		if wrong := read(t, c.name, c.folder, c.src).check(allowed); len(wrong) != 0 {
			t.Errorf("%s\n is refused: %v", c.src, wrong)
		}
	}
}

// direct lists the modules a go.mod requires without the word indirect.
func direct(mod string) []string {
	var out []string
	block := ""
	for line := range strings.SplitSeq(mod, "\n") {
		code, comment, _ := strings.Cut(line, "//")
		f := strings.Fields(code)
		switch {
		case len(f) == 2 && f[1] == "(":
			block = f[0]
			continue
		case len(f) == 1 && f[0] == ")":
			block = ""
			continue
		case block != "":
			f = append([]string{block}, f...)
		}
		if indirect := strings.TrimSpace(comment); len(f) == 3 && f[0] == "require" && indirect != "indirect" && !strings.HasPrefix(indirect, "indirect;") {
			out = append(out, f[1])
		}
	}
	slices.Sort(out)
	return out
}

func TestDirect(t *testing.T) {
	mod := `module example.com/m

go 1.25.0

require example.com/line v1.0.0
require example.com/line/indirect v1.0.0 // indirect

require (
	example.com/b v1.0.0 // why it is here
	example.com/a v1.0.0
	example.com/c v1.0.0 // indirect
	example.com/d v1.0.0 // indirect; for a test
)

exclude (
	example.com/e v1.0.0
)

replace example.com/f v1.0.0 => ../f

tool example.com/c/cmd/c
`
	if got, want := direct(mod), []string{"example.com/a", "example.com/b", "example.com/line"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestDependencies keeps the list of direct dependencies a visible diff.
func TestDependencies(t *testing.T) {
	mod, err := os.ReadFile(filepath.Join(root(t), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile("deps.txt")
	if err != nil {
		t.Fatal(err)
	}
	got, want := direct(string(mod)), strings.Fields(string(list))
	for _, m := range got {
		if !slices.Contains(want, m) {
			t.Errorf("go.mod requires %s, which is not in internal/floors/deps.txt: a new dependency needs a line there and a reason in the change", m)
		}
	}
	for _, m := range want {
		if !slices.Contains(got, m) {
			t.Errorf("internal/floors/deps.txt lists %s, which go.mod does not require directly: take the line out, or run go mod tidy", m)
		}
	}
}
