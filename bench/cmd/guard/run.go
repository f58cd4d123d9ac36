package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// side is the test binary of one package, before or after.
type side struct {
	binary string // "" where there is no such package
	folder string
}

// pair is the two sides of a package, and what of it is hot.
type pair struct {
	pkg   string
	sides [2]side // before, after
	names []string
}

const (
	before = iota
	after
)

// run gives what a command prints.
func run(ctx context.Context, folder, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = folder
	var out, bad bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &bad
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s %s in %s: %w\n%s%s", name, strings.Join(args, " "), folder, err, out.String(), bad.String())
	}
	return out.String(), nil
}

func git(ctx context.Context, folder string, args ...string) (string, error) {
	out, err := run(ctx, folder, "git", args...)
	return strings.TrimSpace(out), err
}

// build builds the test binaries of the packages in the list on both sides. A
// package that the merge base does not have is left out of that side.
func build(ctx context.Context, root, base, temp string, list []hot) ([]*pair, error) {
	var out []*pair
	at := map[string]*pair{}
	for _, h := range list {
		p := at[h.pkg]
		if p == nil {
			p = &pair{pkg: h.pkg}
			at[h.pkg] = p
			out = append(out, p)
			for i, top := range []string{base, root} {
				folder := filepath.Join(top, h.pkg)
				if _, err := os.Stat(folder); i == before && os.IsNotExist(err) {
					continue
				}
				binary := filepath.Join(temp, fmt.Sprintf("%d-%d.test", len(out), i))
				if _, err := run(ctx, top, "go", "test", "-c", "-o", binary, h.pkg); err != nil {
					return nil, err
				}
				if _, err := os.Stat(binary); err != nil { // a package without tests builds nothing
					binary = ""
				}
				p.sides[i] = side{binary, folder}
			}
		}
		p.names = append(p.names, h.name)
	}
	return out, nil
}

// figure is what one run of a benchmark came to, by unit, the hash of what it made
// and the processor it ran on.
type figure struct {
	values map[string]float64
	hash   string
	cpu    string // as the testing package names it; "" where it cannot
}

var hashes = regexp.MustCompile(`^\s+\S+\.go:\d+: hash ([0-9a-f]{16})$`)

// bench runs benchmarks once and gives the figure of each that there is.
func (s side) bench(ctx context.Context, names []string, duration string) (map[string]figure, error) {
	out := map[string]figure{}
	if s.binary == "" {
		return out, nil
	}
	for _, name := range names {
		var parts []string
		for part := range strings.SplitSeq(name, "/") {
			parts = append(parts, "^"+regexp.QuoteMeta(part)+"$")
		}
		text, err := run(ctx, s.folder, s.binary, "-test.run=^$", "-test.bench="+strings.Join(parts, "/"), "-test.benchtime="+duration, "-test.cpu=1")
		if err != nil {
			return nil, err
		}
		results := benchfmt.NewReader(strings.NewReader(text), s.binary)
		for results.Scan() {
			r, ok := results.Result().(*benchfmt.Result)
			if !ok || "Benchmark"+string(r.Name.Full()) != name { // others below it
				continue
			}
			f := figure{values: map[string]float64{}, cpu: r.GetConfig("cpu")}
			for _, v := range r.Values {
				f.values[v.Unit] = v.Value
			}
			out[name] = f
		}
		if err := results.Err(); err != nil {
			return nil, err
		}
		for line := range strings.SplitSeq(text, "\n") {
			if m := hashes.FindStringSubmatch(line); m != nil {
				if f, ok := out[name]; ok {
					f.hash = m[1]
					out[name] = f
				}
			}
		}
	}
	return out, nil
}
