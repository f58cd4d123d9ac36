package series

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable reports whether a text reads on a bill as it is written: UTF-8 in
// one line, without control characters and without those of format, such as
// U+202E, that change how the rest is shown.
func Printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) })
}
