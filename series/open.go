package series

import (
	"bytes"
	"io"
)

// Opener gives a source from its start, each time it is called.
type Opener func() (io.ReadCloser, error)

// OpenBytes is a source in memory.
func OpenBytes(b []byte) Opener {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
}
