package settlement

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseMPAN(t *testing.T) {
	for _, s := range []string{
		"2278676232781", "2204707514535", "2273682392188", "2210653921534", "2200013784589", "1000000000003",
		"2298132107763", "2000000000006", "2248274887874", "1014568234275", "1200023305967", "1100013222946",
		"1000000000040", "1000000000110", // remainder 10, digit 0
	} {
		m, err := ParseMPAN(s)
		if err != nil || m.String() != s || m.Distributor() != s[:2] || m.IsZero() {
			t.Errorf("ParseMPAN(%q) = %v, %v", s, m, err)
		}
		if again, _ := ParseMPAN(s); again != m {
			t.Errorf("two MPANs of %s differ", s)
		}
		if n, err := CheckDigit(s[:12]); err != nil || n != int(s[12]-'0') {
			t.Errorf("CheckDigit(%s) = %d, %v", s[:12], n, err)
		}
	}
	for s, want := range map[string]string{"2200000000000": "check digit 5", "1014849201837": "check digit 0"} {
		_, err := ParseMPAN(s)
		if !errors.Is(err, ErrCheckDigit) || !errors.Is(err, ErrMPAN) || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseMPAN(%q): %v, want %s", s, err, want)
		}
	}
	for _, s := range []string{
		"", "227867623278", "22786762327811", " 2278676232781", "22 7867 6232 781", "227867623278１", "+278676232781",
		"\ufeff2278676232781", "2.27868E+12", "0000000000000", "0278676232781", strings.Repeat("2", 10_000),
	} {
		m, err := ParseMPAN(s)
		if !errors.Is(err, ErrMPAN) || errors.Is(err, ErrCheckDigit) || !m.IsZero() {
			t.Errorf("ParseMPAN(%.20q) = %v, %v, want ErrMPAN", s, m, err)
		}
	}
	if _, err := ParseMPAN("008011112278676232781"); err == nil || !strings.Contains(err.Error(), "last 13") {
		t.Errorf("full form: %v, want advice to give the last 13 digits", err)
	}
	var none MPAN
	if !none.IsZero() || none.String() != "no MPAN" || none.Distributor() != "" {
		t.Errorf("zero MPAN is %v", none)
	}
	for _, s := range []string{"", "22786762327", "2278676232781", "22786762327x"} {
		if _, err := CheckDigit(s); !errors.Is(err, ErrMPAN) {
			t.Errorf("CheckDigit(%q): %v", s, err)
		}
	}
}

// Any single digit misread is caught, save where the remainders 0 and 10 share
// the digit 0.
func TestCheckDigitCatchesMisreading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := rapid.StringMatching(`[1-9][0-9]{11}`).Draw(t, "first")
		n, err := CheckDigit(first)
		if err != nil || n < 0 || n > 9 {
			t.Fatalf("CheckDigit = %d, %v", n, err)
		}
		s := []byte(first + string(rune('0'+n)))
		if _, err := ParseMPAN(string(s)); err != nil {
			t.Fatal(err)
		}
		i := rapid.IntRange(1, 12).Draw(t, "i")
		s[i] = '0' + (s[i]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "by")))%10
		if _, err := ParseMPAN(string(s)); err == nil && n != 0 {
			t.Fatalf("%s passes with digit %d misread from %s", s, i, first)
		}
	})
}

func FuzzParseMPAN(f *testing.F) {
	for _, s := range []string{"2278676232781", "2200000000000", "008011112278676232781", "", "0000000000000", "227867623278１"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := ParseMPAN(s)
		if err != nil {
			if !errors.Is(err, ErrMPAN) || !m.IsZero() || len(err.Error()) > 1000 {
				t.Fatalf("ParseMPAN(%q) = %v, %v", s, m, err)
			}
			return
		}
		if m.String() != s || m.IsZero() {
			t.Fatalf("ParseMPAN(%q) = %v", s, m)
		}
		if _, err := ParseDistributor(m.Distributor()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestCompareMPAN(t *testing.T) {
	var none MPAN
	a, _ := ParseMPAN("1014568234275")
	b, _ := ParseMPAN("1400000000001")
	for _, x := range []struct {
		m, o MPAN
		want int
	}{{none, none, 0}, {none, a, -1}, {a, none, 1}, {a, a, 0}, {a, b, -1}, {b, a, 1}} {
		if got := x.m.Compare(x.o); got != x.want {
			t.Errorf("%v compared with %v is %d, want %d", x.m, x.o, got, x.want)
		}
	}
}

func TestBeginsWith(t *testing.T) {
	m, err := ParseMPAN("1400000000118")
	if err != nil {
		t.Fatal(err)
	}
	if !m.BeginsWith(14) || m.BeginsWith(1) || m.BeginsWith(40) || m.BeginsWith(0) || (MPAN{}).BeginsWith(0) {
		t.Error("it begins with 14, and with nothing else")
	}
}
