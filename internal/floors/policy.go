// Package floors holds the import policy of the module, as text, and the test
// that keeps it.
//
// Changing the policy needs a reason, written beside the change: an arrow that
// points the wrong way is how one stage starts to know another.
package floors

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// policy lists every package of the module and what of the module, and of
// other modules, its code may import beyond the standard library: those
// packages and no others of the same module. A package that is not here may
// not exist, and a line may name only packages of lines above it.
//
// tariffs/gb is data: it reads its own embedded tables into a tariffs.Tariff and
// knows no more of the module than that takes.
//
// internal/kernel is loops on slices: what it may import of the standard
// library is listed, too: unsafe because a store past the caches needs to know where
// in a line of the cache a slice begins. series/stats is the one place for gonum and floats:
// means and spreads need a tested implementation, and what it gives out is
// integers. tariffs does not import it: the root carries its integers there.
//
// series/hhparquet is the one place for Parquet: nothing else may come to read
// it another way. It frames and checks its pages with the library's writers and
// column readers, never with pqarrow, and takes zstd by itself because the
// library's codecs are one map for the whole process, without limits. It fills
// bitmaps, so it has the kernel's.
//
// internal/example is files, handed out as such: whoever opens one reads it with
// the readers everyone has, so it knows none of them.
//
// bench makes the files of many made-up meters, so it knows the sample and the
// format; bench/cmd/meters writes them, and bench/cmd/bulk prices them through the
// root, as a program that embeds the engine does. cmd/hh reads and writes Parquet.
//
// internal/spec runs specifications against the engine's one entry, so it stands
// above it beside the command; it knows the stages only to look at a half-hour.
const policy = `
settlement       :
internal/kernel  : math/bits unsafe
series           : settlement internal/kernel github.com/apache/arrow/go/v17/arrow github.com/apache/arrow/go/v17/arrow/array github.com/apache/arrow/go/v17/arrow/memory github.com/shopspring/decimal
series/stats     : settlement github.com/shopspring/decimal gonum.org/v1/gonum/floats gonum.org/v1/gonum/stat
series/dtc       : settlement series
series/hhcsv     : settlement series
series/hhparquet : settlement series internal/kernel github.com/apache/arrow/go/v17/arrow/memory github.com/apache/arrow/go/v17/parquet github.com/apache/arrow/go/v17/parquet/compress github.com/apache/arrow/go/v17/parquet/file github.com/apache/arrow/go/v17/parquet/metadata github.com/apache/arrow/go/v17/parquet/schema github.com/klauspost/compress/zstd
revisions        : settlement series internal/kernel
tariffs          : settlement series internal/kernel github.com/shopspring/decimal
tariffs/gb       : settlement series tariffs github.com/shopspring/decimal
tariffs/toml     : settlement series tariffs github.com/pelletier/go-toml/v2 github.com/pelletier/go-toml/v2/unstable github.com/shopspring/decimal
.                : settlement series series/stats revisions tariffs
internal/sample  : settlement series
internal/example :
internal/floors  :
internal/spec    : . settlement series revisions tariffs tariffs/gb github.com/shopspring/decimal
bench            : settlement series series/hhparquet revisions tariffs internal/sample github.com/shopspring/decimal
bench/cmd/meters : settlement series/hhparquet internal/sample bench
bench/cmd/bulk   : . series series/hhparquet tariffs tariffs/toml internal/sample bench
cmd/hh           : . settlement series series/dtc series/hhcsv series/hhparquet revisions tariffs tariffs/gb tariffs/toml internal/example internal/sample github.com/alecthomas/kong github.com/shopspring/decimal
`

const kernel = "internal/kernel"

// core are floors 0 to 2 with the leaves below them: a bill is a function of
// its inputs, so nothing in them may know a file, a network, a clock, a zone
// database or chance.
var core = []string{"settlement", kernel, "series", "revisions", "tariffs"}

// floating are the folders of the core that may name floats: in statistics they
// are the subject, and the TOML reader names the type to refuse it.
var floating = []string{"series/stats", "tariffs/toml"}

var (
	coreImports = []string{"C", "os", "net", "math/rand", "crypto/rand", "log", "syscall", "plugin", "time/tzdata"} // and what lies below them
	coreUses    = []string{"time.Now", "time.Since", "time.Until", "time.Local", "time.LoadLocation", "time.After", "time.Sleep", "time.NewTimer", "time.NewTicker", "time.Tick"}
	badNames    = []string{"util", "utils", "common", "helper", "helpers", "manager", "service"}
)

// packages gives the folders of the policy in its order, allowed what each may
// import.
func packages() (folders []string, allowed map[string][]string) {
	allowed = map[string][]string{}
	for line := range strings.SplitSeq(strings.TrimSpace(policy), "\n") {
		folder, imports, _ := strings.Cut(line, ":")
		folder = strings.TrimSpace(folder)
		folders = append(folders, folder)
		allowed[folder] = strings.Fields(imports)
	}
	return folders, allowed
}

// within says whether a package is one of the roots or lies below one.
func within(roots []string, name string) bool {
	return slices.ContainsFunc(roots, func(root string) bool { return name == root || strings.HasPrefix(name, root+"/") })
}

// source is what the policy asks of one file.
type source struct {
	name   string
	folder string // of the module, "." for its root
	pkg    string // package name
	test   bool

	ours   []string // imports of the module, by folder
	others []string // imports of other modules and of the standard library
	dots   int      // imports into the file's own scope
	uses   []string // "time.Now", under the import path, whatever it is called here
	floats []string // float types, float literals and conversions to them
	vars   []string // exported variables of the package
	inits  int
}

// third says whether an import path is of another module: only those start
// with a domain.
func third(imported string) bool {
	domain, _, _ := strings.Cut(imported, "/")
	return strings.Contains(domain, ".")
}

// check gives what is wrong with a file.
func (f *source) check(allowed map[string][]string) (wrong []string) {
	bad := func(format string, args ...any) {
		wrong = append(wrong, f.name+": "+fmt.Sprintf(format, args...)+
			" (internal/floors/policy.go; changing the policy needs a reason, written beside the change)")
	}
	inCore := within(core, f.folder)
	if f.test { // tests may use anything, but the core's do not know the commands
		for _, imported := range f.ours {
			if inCore && within([]string{"cmd"}, imported) {
				bad("a test of %s may not import %s", f.folder, imported)
			}
		}
		return wrong
	}
	may, known := allowed[f.folder]
	if !known {
		bad("folder %s is not in the policy", f.folder)
	}
	for _, name := range slices.Compact([]string{f.pkg, path.Base(f.folder)}) {
		if slices.Contains(badNames, name) {
			bad("a package named %s says nothing", name)
		}
	}
	for _, imported := range f.ours {
		if !slices.Contains(may, imported) {
			bad("%s may not import %s", f.folder, imported)
		}
	}
	for _, imported := range f.others {
		if (third(imported) || f.folder == kernel) && !slices.Contains(may, imported) {
			bad("%s may not import %s", f.folder, imported)
		}
	}
	if inCore {
		f.checkCore(bad)
	}
	return wrong
}

func (f *source) checkCore(bad func(string, ...any)) {
	for _, imported := range f.others {
		if within(coreImports, imported) {
			bad("the core may not import %s", imported)
		}
	}
	if f.dots > 0 {
		bad("a dot import hides where a name is from")
	}
	for _, use := range f.uses {
		if slices.Contains(coreUses, use) {
			bad("the core may not use %s", use)
		}
	}
	for _, name := range f.floats {
		if !within(floating, f.folder) {
			bad("%s near money or billed energy: use integers or decimals", name)
		}
	}
	for _, name := range f.vars {
		bad("exported variable %s can be written by anyone: only errors, named Err…, may be", name)
	}
	if f.inits > 0 {
		bad("init() hides state")
	}
}
