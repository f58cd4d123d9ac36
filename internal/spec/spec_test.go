package spec_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/halfhour/halfhour/internal/spec"
)

var update = flag.Bool("update", false, "rewrite what the specifications expect from what the engine says")

const folder = "../../testdata/spec"

func TestSpecifications(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(folder, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal(len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			rewritten, wrong := spec.Check("testdata/spec/"+filepath.Base(file), string(b))
			if !*update || rewritten == "" {
				for _, e := range wrong {
					t.Error(e)
				}
				return
			}
			if rewritten != string(b) {
				if err := os.WriteFile(file, []byte(rewritten), 0o644); err != nil {
					t.Fatal(err)
				}
				t.Log("rewritten")
			}
			// What rewriting cannot put right: a working that comes to something
			// else, and a bill that is not made.
			_, wrong = spec.Check("testdata/spec/"+filepath.Base(file), rewritten)
			for _, e := range wrong {
				t.Error(e)
			}
		})
	}
}
