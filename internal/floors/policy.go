// Package floors holds the import policy of the module, as text, and the test
// that keeps it.
//
// Changing the policy needs a reason, written beside the change: an arrow that
// points the wrong way is how one stage starts to know another.
package floors

import (
	"fmt"
	"slices"
	"strings"
)

// policy lists every package of the module and what of the module, and of
// other modules, its code may import beyond the standard library. A package
// that is not here may not exist.
const policy = `
settlement       :
internal/kernel  :
series           : settlement internal/kernel github.com/apache/arrow/go/v17 github.com/shopspring/decimal
series/dtc       : settlement series
series/hhcsv     : settlement series
revisions        : settlement series internal/kernel
tariffs          : settlement series internal/kernel github.com/shopspring/decimal
tariffs/toml     : settlement series tariffs github.com/pelletier/go-toml/v2 github.com/shopspring/decimal
.                : settlement series revisions tariffs
internal/sample  : settlement series
internal/floors  :
bench            : settlement series revisions tariffs github.com/shopspring/decimal
cmd/hh           : . settlement series series/dtc series/hhcsv revisions tariffs tariffs/toml internal/sample github.com/alecthomas/kong github.com/shopspring/decimal
`

// core are floors 0 to 2: a bill is a function of its inputs, so nothing in
// them may know a file, a network, a clock, a zone database or chance.
var core = []string{"settlement", "internal/kernel", "series", "revisions", "tariffs"}

var (
	coreImports = []string{"os", "net", "math/rand", "math/rand/v2", "log", "log/slog", "time/tzdata"}
	coreCalls   = []string{"time.Now", "time.LoadLocation", "time.Local", "time.Since"}
	badNames    = []string{"util", "utils", "common", "helper", "helpers", "manager", "service"}
)

// allowed gives what each package may import, by its folder.
func allowed() map[string][]string {
	out := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(policy), "\n") {
		pkg, imports, _ := strings.Cut(line, ":")
		out[strings.TrimSpace(pkg)] = strings.Fields(imports)
	}
	return out
}

// file is what the policy asks of one source file.
type file struct {
	name    string
	folder  string   // of the module, "." for its root
	pkg     string   // package name
	imports []string // import paths, those of the module by folder
	calls   []string // "time.Now"
	names   []string // identifiers of types used: float32, float64
	inits   int
}

// check gives what is wrong with a file.
func (f *file) check(policy map[string][]string) []string {
	var out []string
	bad := func(format string, args ...any) {
		out = append(out, f.name+": "+fmt.Sprintf(format, args...)+" (see internal/floors: changing the policy needs a reason)")
	}
	may, known := policy[f.folder]
	if !known {
		bad("folder %s is not in the policy", f.folder)
	}
	if slices.Contains(badNames, f.pkg) {
		bad("a package named %s says nothing", f.pkg)
	}
	for _, path := range f.imports {
		third := strings.Contains(strings.SplitN(path, "/", 2)[0], ".") && path != "."
		_, ours := policy[path]
		if (third || ours) && !slices.ContainsFunc(may, func(m string) bool { return path == m || third && strings.HasPrefix(path, m+"/") }) {
			bad("%s may not import %s", f.folder, path)
		}
	}
	if !slices.Contains(core, f.folder) {
		return out
	}
	for _, path := range f.imports {
		if slices.Contains(coreImports, path) || strings.HasPrefix(path, "net/") {
			bad("the core may not import %s", path)
		}
	}
	for _, call := range f.calls {
		if slices.Contains(coreCalls, call) {
			bad("the core may not use %s", call)
		}
	}
	for _, name := range f.names {
		bad("%s near money or billed energy: use integers or decimals", name)
	}
	if f.inits > 0 {
		bad("init() hides state")
	}
	return out
}
