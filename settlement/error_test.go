package settlement

import (
	"errors"
	"strings"
	"testing"
)

func TestError(t *testing.T) {
	_, err := ParseMPAN("2200000000000")
	want := `MPAN "2200000000000": want check digit 5 after 220000000000, found 0; one of the digits was misread`
	if err == nil || err.Error() != want {
		t.Errorf("message\n got %v\nwant %s", err, want)
	}
	var e *Error
	if !errors.As(err, &e) || e.What != "MPAN" || e.Value != "2200000000000" || e.Unwrap() != ErrCheckDigit {
		t.Errorf("error is %#v", e)
	}
}

func TestErrorQuotesShort(t *testing.T) {
	for value, want := range map[string]string{
		"a\nb\x00":               `"a\nb\x00"`,
		strings.Repeat("7", 64):  `"` + strings.Repeat("7", 64) + `"`,
		strings.Repeat("7", 65):  `"` + strings.Repeat("7", 64) + `"… (65 bytes)`,
		strings.Repeat("７", 100): `"` + strings.Repeat("７", 64) + `"… (300 bytes)`,
	} {
		if got := quote(value); got != want {
			t.Errorf("quote = %s, want %s", got, want)
		}
	}
	// Bytes that are no text count as a character each.
	if got := quote(strings.Repeat("\xff", 100)); len(got) > 4*64+20 {
		t.Errorf("quote = %s", got)
	}
}
