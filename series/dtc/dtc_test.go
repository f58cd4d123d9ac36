package dtc_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/dtc"
	"github.com/halfhour/halfhour/settlement"
)

const (
	zhv   = "ZHV|UC05176778|D0036001|C|SSIL|X|GMTR|20260605161900||||OPER|\n"
	zhv79 = "ZHV|UC05176778|D0379001|C|SSIL|X|GMTR|20260605161900||||OPER|\n"
	zhd   = "ZHD||D0036001|C|SSIL|X|GMTR|20260605161900||||OPER\n"
	m101  = "101|1014568234275|AI|GMTR|\n"
	m25B  = "25B|1014568234275|AE|GMTR|\n"
	mpan  = "1014568234275"
)

// zpt and zptD are the trailers that fit a body.
func zpt(body string) string {
	return fmt.Sprintf("ZPT|UC05176778|%d||1|20260605162000|\n", strings.Count(body, "\n"))
}

func zptD(body string) string {
	return fmt.Sprintf("ZPT|%d|1188273645\n", strings.Count(body, "\n")+2)
}

// whole wraps a body in the ZHV envelope of D0036.
func whole(body string) string { return zhv + body + zpt(body) }

// rows are n rows of D0036 with the values 0.1, 0.2, …
func rows(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "103|A|%d.%d|\n", (i+1)/10, (i+1)%10)
	}
	return b.String()
}

func day(date string, n int) string { return "102|" + date + "|\n" + rows(n) }

// rows79 are n rows of D0379 with the values 0.001, 0.002, …
func rows79(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "66L|A|0.%03d|\n", i+1)
	}
	return b.String()
}

// read ranges over a text to its end.
func read(text string, o dtc.Options) (got []series.Reading, errs []error) {
	for r, err := range dtc.Read("f", series.OpenBytes([]byte(text)), o) {
		if err != nil {
			errs = append(errs, err)
		} else {
			got = append(got, r)
		}
	}
	return got, errs
}

func mustDay(t testing.TB, s string) settlement.Day {
	t.Helper()
	d, err := settlement.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestGood(t *testing.T) {
	crlf := func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
	bare := func(s string) string { return strings.ReplaceAll(s, "|\n", "\n") }
	pad := func(n int) string { return strings.Repeat("103|C|0.0|\n", n) }
	usual := m101 + day("20260604", 48)
	usual79 := m25B + "26B|20260604|\n" + rows79(48)
	short := m101 + "102|20260329|\n"
	long := m101 + "102|20261025|\n"
	local := func(s string) settlement.Period { return mustDay(t, s).First() }
	tests := []struct {
		name, text string
		first      settlement.Period
		n          int
		unit       int64 // value of the first reading; the i-th is (i+1) × it
	}{
		{"zhv", whole(usual), local("2026-06-04"), 48, 100},
		{"zhv version 3", strings.Replace(whole(usual), "D0036001", "D0036003", 1), local("2026-06-04"), 48, 100},
		{"zhv without last pipes", bare(whole(usual)), local("2026-06-04"), 48, 100},
		{"zhd", zhd + usual + zptD(usual), local("2026-06-04"), 48, 100},
		{"zhd with last pipes", strings.ReplaceAll(zhd+usual+zptD(usual), "OPER\n", "OPER|\n"), local("2026-06-04"), 48, 100},
		{"zhd with an id and no checksum", strings.Replace(zhd, "ZHD||", "ZHD|X|", 1) + usual + "ZPT|52||\n", local("2026-06-04"), 48, 100},
		{"zhd without a checksum", zhd + usual + "ZPT|52|\n", local("2026-06-04"), 48, 100},
		{"zhv D0379", zhv79 + usual79 + zpt(usual79), mustDayPeriod(t, "2026-06-04"), 48, 1},
		{"zhd D0379", strings.Replace(zhd, "D0036", "D0379", 1) + usual79 + zptD(usual79), mustDayPeriod(t, "2026-06-04"), 48, 1},
		{"D0379 without flags", zhv79 + strings.ReplaceAll(usual79, "66L|A|", "66L||") + zpt(usual79), mustDayPeriod(t, "2026-06-04"), 48, 1},
		{"D0379 on the short day", zhv79 + m25B + "26B|20260329|\n" + rows79(48) + zpt(usual79), mustDayPeriod(t, "2026-03-29"), 48, 1},
		{"crlf", crlf(whole(usual)), local("2026-06-04"), 48, 100},
		{"byte order mark", "\xef\xbb\xbf" + whole(usual), local("2026-06-04"), 48, 100},
		{"empty lines at the end", whole(usual) + "\n\r\n", local("2026-06-04"), 48, 100},
		{"short", whole(short + rows(46)), local("2026-03-29"), 46, 100},
		{"short, padded at the end", whole(short + rows(46) + pad(2)), local("2026-03-29"), 46, 100},
		{"short, padded to 50", whole(short + rows(46) + pad(4)), local("2026-03-29"), 46, 100},
		{"short, padded inside", whole(short + rows(2) + pad(2) + strings.TrimPrefix(rows(46), rows(2))), local("2026-03-29"), 46, 100},
		{"short, padded with nothing", whole(short + rows(46) + "103|C||\n103|C||\n"), local("2026-03-29"), 46, 100},
		{"usual, padded to 50", whole(usual + pad(2)), local("2026-06-04"), 48, 100},
		{"long", whole(long + rows(50)), local("2026-10-25"), 50, 100},
		{"three decimals", whole(strings.ReplaceAll(usual, "|0.5|", "|0.500|")), local("2026-06-04"), 48, 100},
		{"minus nothing", whole(strings.Replace(usual, "103|A|0.1|", "103|A|-0.0|", 1)), local("2026-06-04"), 48, 100},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, errs := read(tt.text, dtc.Options{Run: settlement.SF})
			if len(errs) > 0 {
				t.Fatal(errors.Join(errs...))
			}
			if len(got) != tt.n {
				t.Fatalf("%d readings, want %d", len(got), tt.n)
			}
			lines := strings.Split(tt.text, "\n")
			for i, r := range got {
				want := tt.unit * int64(i+1)
				if tt.name == "minus nothing" && i == 0 {
					want = 0
				}
				if r.MPAN.String() != mpan || r.Run != settlement.SF || r.Mark != 0 ||
					r.Period != tt.first+settlement.Period(i) || r.Value != want {
					t.Fatalf("reading %d is %+v", i, r)
				}
				v := strings.TrimPrefix(strings.TrimPrefix(lines[r.Pos.Line-1][r.Pos.Column-1:], "-"), "0.0")
				if !strings.HasPrefix(lines[r.Pos.Line-1], "103|") && !strings.HasPrefix(lines[r.Pos.Line-1], "66L|") ||
					r.Pos.Source != "f" || v == "" || lines[r.Pos.Line-1][r.Pos.Column-2] != '|' || strings.Contains(v, "A") {
					t.Fatalf("reading %d stands at %v: %q", i, r.Pos, v)
				}
			}
		})
	}
}

// mustDayPeriod is the first period of a UTC day.
func mustDayPeriod(t testing.TB, s string) settlement.Period {
	return settlement.Period(mustDay(t, s)) * 48
}

func TestSeveral(t *testing.T) {
	body := m101 + day("20260604", 48) + day("20260605", 48) +
		"101|1014568234275|RE|GMTR|\n" + day("20260604", 48) +
		"101|1400000000001|AE|GMTR|\n" + strings.ReplaceAll(day("20260604", 48), "|A|", "|E|")
	got, errs := read(whole(body), dtc.Options{})
	if len(errs) > 0 || len(got) != 4*48 {
		t.Fatal(len(got), errs)
	}
	lines := []series.Line{series.AI, series.AI, series.RE, series.AE}
	for i, r := range got {
		k := i / 48
		if r.Line != lines[k] || r.Run != settlement.Untagged || (r.Mark == series.Estimated) != (k == 3) ||
			(r.MPAN.String() == mpan) != (k < 3) || r.Period.Day() != mustDay(t, []string{"2026-06-04", "2026-06-05", "2026-06-04", "2026-06-04"}[k]) {
			t.Fatalf("reading %d is %+v", i, r)
		}
	}
}

func TestOptions(t *testing.T) {
	body := m101 + day("20260604", 48)
	fine := strings.Replace(body, "103|A|0.1|", "103|E|0.1005|", 1)
	got, errs := read(whole(fine), dtc.Options{Round: true})
	if len(errs) > 0 || len(got) != 48 || got[0].Value != 101 || got[0].Mark != series.Estimated|series.Rounded || got[1].Mark != 0 {
		t.Error("Round:", got, errs)
	}
	got, errs = read(strings.Replace(whole(body), "OPER", "TR01", 1), dtc.Options{Test: true})
	if len(errs) > 0 || len(got) != 48 {
		t.Error("Test:", len(got), errs)
	}
	for _, count := range []string{"|49|", "||", "|many|"} {
		got, errs = read(strings.Replace(whole(body), "|50|", count, 1), dtc.Options{AnyCount: true})
		if len(errs) > 0 || len(got) != 48 {
			t.Error("AnyCount:", count, len(got), errs)
		}
	}
}

func TestBad(t *testing.T) {
	const d = "102|20240403|\n"
	usual := m101 + d + rows(48)
	swap := func(old, new string) string { return strings.Replace(whole(usual), old, new, 1) }
	body79 := m25B + "26B|20260604|\n" + rows79(48)
	long := strings.Repeat("x", 5000)
	tests := []struct {
		name, text string
		line       int
		is         error
		words      string // all of them, cut at /
		readings   int
	}{
		{"empty", "", 0, series.ErrEmpty, "file is empty", 0},
		{"only a mark", "\xef\xbb\xbf", 0, series.ErrEmpty, "file is empty", 0},
		{"no meter", zhv + zpt(""), 2, series.ErrEmpty, "at least one 101 group", 0},
		{"another flow", swap("D0036001", "D0275001"), 1, series.ErrFormat, `"D0275001"/D0036 or D0379`, 0},
		{"no version", swap("D0036001", "D0036"), 1, series.ErrFormat, "D0036 or D0379/three digits", 0},
		{"letters for a version", swap("D0036001", "D0036a01"), 1, series.ErrFormat, "three digits", 0},
		{"header short", swap("||||OPER", "|||OPER"), 1, series.ErrFormat, "12 fields/not 11", 0},
		{"header long", swap("||||OPER", "|||||OPER"), 1, series.ErrFormat, "12 fields/not 13", 0},
		{"header very long", swap("||||OPER", strings.Repeat("|", 30)+"OPER"), 1, series.ErrFormat, "12 fields/not 38", 0},
		{"no file id", strings.Replace(whole(usual), "UC05176778", "", 1), 1, series.ErrValue, "file id", 0},
		{"data before the header", usual + whole(usual), 1, series.ErrFormat, "ZHV or ZHD header", 0},
		{"not a flow", "MPAN,Start,Value\n", 1, series.ErrFormat, "ZHV or ZHD header", 0},
		{"test file", swap("OPER", "TR01"), 1, series.ErrValue, `"TR01"/OPER/test file`, 0},
		{"no test flag", swap("OPER", ""), 1, series.ErrValue, "OPER", 0},
		{"header cut", zhv[:20], 1, series.ErrFormat, "cut short", 0},
		{"header in UTF-16", "\xff\xfeZ\x00H\x00V\x00", 1, series.ErrFormat, "printable ASCII", 0},
		{"header too long", long + "\n", 1, series.ErrFormat, "4096 bytes", 0},

		{"no trailer", zhv + usual, 51, series.ErrFormat, "the file ends without its ZPT trailer: it was cut short; ask for it again", 0},
		{"trailer cut", strings.TrimSuffix(whole(usual), "\n"), 52, series.ErrFormat, "cut short", 0},
		{"trailer fields", swap("||1|2026", "||2026"), 52, series.ErrFormat, "6 fields/Groups/not 5", 48},
		{"trailer of another file", zhv + usual + strings.Replace(zpt(usual), "UC05176778", "UC05176779", 1), 52, series.ErrFormat, `"UC05176779"/"UC05176778"/another file`, 48},
		{"count", swap("|50|", "|49|"), 52, series.ErrCount, `"49": want 50/between header and trailer`, 48},
		{"count of zhd", zhd + usual + "ZPT|50|1\n", 52, series.ErrCount, `"50": want 52/with header and trailer`, 48},
		{"count not a number", swap("|50|", "|5O|"), 52, series.ErrValue, `"5O": want the number of records, 50`, 48},
		{"data after the trailer", whole(usual) + "103|A|1.0|\n", 53, series.ErrFormat, "nothing after the ZPT", 48},
		{"cut data after the trailer", whole(usual) + "1", 53, series.ErrFormat, "nothing after the ZPT", 48},
		{"two files joined", whole(usual) + whole(usual), 53, series.ErrFormat, "nothing after the ZPT", 48},
		{"header twice", zhv + usual + whole(usual), 52, series.ErrFormat, "ZPT trailer before another header", 0},

		{"103 before 102", whole(m101 + rows(48)), 3, series.ErrFormat, "102 group before the first 103", 0},
		{"103 before 101", whole(rows(48)), 2, series.ErrFormat, "101 and a 102 group before the first 103", 0},
		{"102 before 101", whole(d + rows(48) + usual), 2, series.ErrFormat, "101 group before the first 102", 48},
		{"101 without a day", whole(m101 + usual), 2, series.ErrFormat, "at least one 102", 48},
		{"unknown group", whole(m101 + d + rows(20) + "104|A|1.0|\n" + rows(27) + usual), 24, series.ErrFormat, `"104"/101, 102 or 103, the groups of D0036`, 48},
		{"groups of the other flow", whole(body79[:len(m25B)] + usual), 2, series.ErrFormat, `"25B"/D0036`, 48},
		{"empty line", whole(usual + "\n" + usual), 52, series.ErrFormat, "empty", 48},

		{"101 fields", whole("101|1014568234275|AI|\n" + d + rows(48) + usual), 2, series.ErrFormat, "4 fields/not 3", 48},
		{"102 fields", whole(m101 + "102|20240403|x|\n" + rows(48) + d + rows(48)), 3, series.ErrFormat, "2 fields/not 3", 48},
		{"103 fields", swap("103|A|0.5|", "103|A|0.5||"), 8, series.ErrFormat, "3 fields/not 4", 0},
		{"103 without a value", swap("103|A|0.5|", "103|A"), 8, series.ErrFormat, "3 fields/not 2", 0},
		{"check digit", strings.Replace(whole(usual), "1014568234275", "1014568234276", 1), 2, settlement.ErrCheckDigit, `"1014568234276"/check digit 5`, 0},
		{"check digit is a value", strings.Replace(whole(usual), "1014568234275", "1014568234276", 1), 2, series.ErrValue, "", 0},
		{"mpan", strings.Replace(whole(usual), "1014568234275", "10145682342", 1), 2, settlement.ErrMPAN, "13 digits", 0},
		{"quantity", strings.Replace(whole(usual), "|AI|", "|UN|", 1), 2, series.ErrValue, `"UN"/AI, AE, RI or RE`, 0},
		{"no such date", whole(m101 + "102|20240230|\n" + rows(48) + d + rows(48)), 3, series.ErrValue, `"20240230"/YYYYMMDD`, 48},
		{"date with dashes", whole(m101 + "102|2024-4-3|\n" + rows(48)), 3, settlement.ErrDay, "YYYYMMDD", 0},
		{"date short", whole(m101 + "102|2024043|\n" + rows(48)), 3, settlement.ErrDay, "YYYYMMDD", 0},

		{"47 rows", whole(m101 + d + rows(47) + day("20240404", 48)), 3, series.ErrCount,
			`"47 rows for 2024-04-03": want 48 (46 on the short day, 50 on the long day); ask the data collector to resend the day`, 48},
		{"no rows", whole(m101 + d + day("20240404", 48)), 3, series.ErrCount, `"0 rows for 2024-04-03": want 48`, 48},
		{"49 rows", whole(m101 + d + rows(49)), 3, series.ErrCount, `"49 rows for 2024-04-03": want 48`, 0},
		{"500 rows", whole(m101 + d + rows(500)), 3, series.ErrCount, `"500 rows for 2024-04-03": want 48`, 0},
		{"48 rows on the short day", whole(m101 + day("20240331", 48)), 3, series.ErrCount, `"48 rows for 2024-03-31": want 46/forward`, 0},
		{"48 rows on the long day", whole(m101 + day("20241027", 48)), 3, series.ErrCount, `"48 rows for 2024-10-27": want 50/back`, 0},
		{"49 rows and padding", whole(m101 + d + rows(49) + "103|C|0|\n"), 3, series.ErrCount, `"50 rows for 2024-04-03, 1 of them padding": want 48`, 0},
		{"46 rows and a pad", whole(m101 + d + rows(46) + "103|C|0|\n"), 3, series.ErrCount, `"47 rows for 2024-04-03, 1 of them padding": want 48`, 0},
		{"C inside the count", whole(m101 + d + rows(47) + "103|C|0.0|\n"), 51, series.ErrFormat, `"C": want A or E/47 rows that are not padding`, 0},
		{"C inside the count after dropping", whole(m101 + d + "103|C|0|\n" + rows(47) + "103|C|0.0|\n"), 4, series.ErrFormat, `"C"`, 0},
		{"C with energy", whole(m101 + d + rows(48) + "103|C|0.1|\n"), 52, series.ErrValue, "padding/lost", 0},
		{"C with nonsense", whole(m101 + d + rows(48) + "103|C|x|\n"), 52, series.ErrValue, "plain decimal", 0},
		{"flag", swap("103|A|0.5|", "103|X|0.5|"), 8, series.ErrValue, `"X"/A (actual), E (estimated) or C (padding)`, 0},
		{"no flag", swap("103|A|0.5|", "103||0.5|"), 8, series.ErrValue, "A (actual)", 0},
		{"negative", swap("103|A|0.5|", "103|A|-0.5|"), 8, series.ErrValue, `"-0.5"/not negative/METH002`, 0},
		{"too fine", swap("103|A|0.5|", "103|A|0.5001|"), 8, series.ErrValue, "at most 3 decimals/round", 0},
		{"no value", swap("103|A|0.5|", "103|A||"), 8, series.ErrValue, "plain decimal", 0},
		{"exponent", swap("103|A|0.5|", "103|A|5e-1|"), 8, series.ErrValue, `"5e-1"`, 0},
		{"comma", swap("103|A|0.5|", "103|A|0,5|"), 8, series.ErrValue, `"0,5"`, 0},
		{"point without digits", swap("103|A|0.5|", "103|A|0.|"), 8, series.ErrValue, `"0."`, 0},
		{"13 digits", swap("103|A|0.5|", "103|A|1000000000000|"), 8, series.ErrValue, "12 digits", 0},

		{"control byte in a row", whole(m101 + d + strings.Replace(rows(48), "0.5", "0\t5", 1) + day("20240404", 48)), 8, series.ErrFormat, `"\t"/printable ASCII`, 48},
		{"NUL", swap("103|A|0.5|", "103|A|0.5\x00|"), 8, series.ErrFormat, `"\x00"`, 0},
		{"no-break space", swap("103|A|0.5|", "103|A|0.5\u00a0|"), 8, series.ErrFormat, "printable ASCII", 0},
		{"lone carriage return", swap("103|A|0.5|", "103|A|0.5|\r"), 8, nil, "", 48},
		{"two carriage returns", swap("103|A|0.5|", "103|A|0.5|\r\r"), 8, series.ErrFormat, `"\r"`, 0},
		{"control byte in a day", whole(m101 + d + rows(48) + "102|2024\x010404|\n" + rows(48)), 52, series.ErrFormat, "printable ASCII", 48},
		{"control byte in a meter", whole(usual + "101|\x7f|AI|\n" + d + rows(48) + usual), 52, series.ErrFormat, "printable ASCII", 48},
		{"long line", whole(usual + "103|A|" + long + "|\n" + usual), 52, series.ErrFormat, "4096 bytes", 48},
		{"endless line", whole(usual + strings.Repeat(long, 50) + "\n" + usual), 52, series.ErrFormat, "4096 bytes", 48},

		{"D0379 of 46", zhv79 + m25B + "26B|20240331|\n" + rows79(46) + zpt(rows(48)), 3, series.ErrCount, `"46 rows for 2024-03-31": want 48 (every UTC day has 48)`, 0},
		{"D0379 flag", zhv79 + strings.Replace(body79, "66L|A|", "66L|C|", 1) + zpt(body79), 4, series.ErrValue, `"C"/not confirmed`, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, errs := read(tt.text, dtc.Options{})
			if tt.is == nil {
				if len(errs) != 0 || len(got) != tt.readings {
					t.Fatalf("%d readings, want %d: %v", len(got), tt.readings, errs)
				}
				return
			}
			if len(errs) != 1 {
				t.Fatalf("%d errors, want 1: %v", len(errs), errs)
			}
			var e *series.Error
			if !errors.As(errs[0], &e) {
				t.Fatalf("%T: %v", errs[0], errs[0])
			}
			if e.Pos.Line != tt.line || e.Pos.Source != "f" {
				t.Errorf("at %v, want line %d: %v", e.Pos, tt.line, e)
			}
			if !errors.Is(e, tt.is) {
				t.Errorf("not %v: %v", tt.is, e)
			}
			for word := range strings.SplitSeq(tt.words, "/") {
				if !strings.Contains(e.Error(), word) {
					t.Errorf("%q is not in: %v", word, e)
				}
			}
			if len(got) != tt.readings {
				t.Errorf("%d readings, want %d", len(got), tt.readings)
			}
		})
	}
}

// A day with several bad rows says each of them; the count of a day with bad
// rows says nothing more.
func TestEveryRow(t *testing.T) {
	body := m101 + "102|20240403|\n103|A|x|\n103|Q|1.0|\n103|A|-1|\n" + rows(40) + day("20240404", 48)
	got, errs := read(whole(body), dtc.Options{})
	if len(errs) != 3 || len(got) != 48 {
		t.Fatal(len(got), errs)
	}
	for i, err := range errs {
		if e := err.(*series.Error); e.Pos.Line != 4+i || e.Pos.Column != []int{7, 5, 7}[i] {
			t.Errorf("%v at %v", err, e.Pos)
		}
	}
}

// A list of errors that was cut says so, and one that is just as long does not.
func TestLimit(t *testing.T) {
	_, errs := read(whole(m101+"102|20240403|\n"+strings.Repeat("103|A|x|\n", series.MaxErrors)+day("20240404", 48)), dtc.Options{})
	if len(errs) != series.MaxErrors || errors.Is(errs[series.MaxErrors-1], series.ErrLimit) {
		t.Fatal(len(errs))
	}
	var got []series.Reading
	got, errs = read(whole(m101+"102|20240403|\n"+strings.Repeat("103|A|x|\n", 30)+day("20240404", 48)), dtc.Options{})
	if len(got) != 0 || len(errs) != series.MaxErrors+1 {
		t.Fatal(len(got), len(errs))
	}
	for i, err := range errs {
		if errors.Is(err, series.ErrLimit) != (i == series.MaxErrors) {
			t.Error(i, err)
		}
	}
}

// source counts its openings and closings, and can fail.
type source struct {
	text           string
	chunk          int // bytes of one Read, 0 for all
	failAt         int // 0 for never
	openErr, close error
	opened, closed int
	at             int
}

func (s *source) open() (io.ReadCloser, error) {
	if s.openErr != nil {
		return nil, s.openErr
	}
	s.opened++
	s.at = 0
	return s, nil
}

func (s *source) Read(p []byte) (int, error) {
	if s.failAt > 0 && s.at >= s.failAt {
		return 0, errSource
	}
	if s.at == len(s.text) {
		return 0, io.EOF
	}
	if s.chunk > 0 {
		p = p[:min(len(p), s.chunk)]
	}
	if s.failAt > 0 {
		p = p[:min(len(p), s.failAt-s.at)]
	}
	n := copy(p, s.text[s.at:])
	s.at += n
	return n, nil
}

func (s *source) Close() error { s.closed++; return s.close }

var errSource = errors.New("the source failed")

func TestSource(t *testing.T) {
	text := whole(m101 + day("20260604", 48) + day("20260605", 48))
	s := &source{text: text, chunk: 1}
	it := dtc.Read("f", s.open, dtc.Options{})
	for range 3 {
		n := 0
		for _, err := range it {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != 96 {
			t.Fatal(n, "readings")
		}
	}
	for stop := range 96 {
		n := 0
		for range it {
			if n == stop {
				break
			}
			n++
		}
	}
	if s.opened != 3+96 || s.closed != s.opened {
		t.Error("opened", s.opened, "closed", s.closed)
	}

	for at := 1; at < len(text); at++ { // every byte may be the last the source gives
		s := &source{text: text, failAt: at}
		var errs []error
		for _, err := range dtc.Read("f", s.open, dtc.Options{}) {
			if err != nil {
				errs = append(errs, err)
			}
		}
		if len(errs) != 1 || !errors.Is(errs[0], errSource) || !strings.HasPrefix(errs[0].Error(), "f:") || s.closed != 1 {
			t.Fatal(at, errs)
		}
	}

	for _, s := range []*source{{text: text, openErr: errSource}, {text: text, close: errSource}} {
		var errs []error
		for _, err := range dtc.Read("f", s.open, dtc.Options{}) {
			if err != nil {
				errs = append(errs, err)
			}
		}
		if len(errs) != 1 || !errors.Is(errs[0], errSource) || !strings.HasPrefix(errs[0].Error(), "f: ") || s.closed != s.opened {
			t.Error(errs)
		}
	}
}

// A consumer that stops on an error is not called again, whatever the error.
func TestStopOnError(t *testing.T) {
	body := m101 + "102|20240403|\n103|A|x|\n103|C|x|\n103|A|-1|\n103|Q|1|\n103\n" +
		"102|20240404|\n" + rows(47) + "102|20240405|\n" + rows(47) + "103|C|0|\n" +
		"102|20240230|\n102\n" + m101 + m101 + "103|A|1|\n101\n101|1|AI|x|\n" +
		m101 + "103|A|\t|\n" + m101 + "102|20240404|\n" + rows(48) + "102|\t|\n" + m101 + "102|20240404|\n" + rows(47) + "102|\t|\n" +
		strings.Repeat("x", 5000) + "\n\njunk\n"
	for _, text := range []string{
		zhv + body, whole(body), zhv + "ZPT|other|7||1|x|\n", zhv + "ZPT|UC05176778|x||1|x|\n", zhv + m101 + zpt(m101),
		zhv + rows(1) + zpt("") + "x", zhv + day("20240404", 1), zhv + "x", "x\n", "",
	} {
		for stop, stopped := 0, true; stopped; stop++ {
			n := 0
			stopped = false
			for range dtc.Read("f", series.OpenBytes([]byte(text)), dtc.Options{}) {
				if n == stop {
					stopped = true
					break // the runtime panics if the reader goes on
				}
				n++
			}
		}
	}
}

// The limit of a line holds to the byte, with every line end and at every place.
func TestLineLimit(t *testing.T) {
	header := strings.Replace(zhv, "SSIL", "%s", 1)
	header = strings.TrimSuffix(header, "\n")
	pad := 4096 - len(header) + len("%s")
	body := m101 + day("20260604", 48)
	for _, end := range []string{"\n", "\r\n"} {
		for over := range 4 {
			_, errs := read(fmt.Sprintf(header, strings.Repeat("S", pad+over))+end+body+zpt(body), dtc.Options{})
			if (len(errs) == 0) != (over == 0) || over > 0 && !strings.Contains(errs[0].Error(), "at most 4096 bytes") {
				t.Errorf("%d bytes and %q: %v", 4096+over, end, errs)
			}
		}
	}
	for _, n := range []int{4097, 4099, 65535, 65536, 65537, 200_000} { // no end at all
		_, errs := read(zhv+body+strings.Repeat("S", n), dtc.Options{})
		if len(errs) != 2 || !strings.Contains(errs[0].Error(), "at most 4096 bytes") || !strings.Contains(errs[1].Error(), "cut short") {
			t.Errorf("%d bytes at the end: %v", n, errs)
		}
	}
}

// What fails after the trailer is not passed over.
func TestFailAfterTrailer(t *testing.T) {
	text := whole(m101 + day("20260604", 48))
	s := &source{text: text, failAt: len(text)}
	n := 0
	var last error
	for _, err := range dtc.Read("f", s.open, dtc.Options{}) {
		n, last = n+1, err
	}
	if n != 49 || !errors.Is(last, errSource) {
		t.Error(n, last)
	}
}

func TestTruncation(t *testing.T) {
	body := m101 + day("20260604", 48)
	body79 := m25B + "26B|20260604|\n" + rows79(48)
	for _, text := range []string{
		whole(body), zhd + body + zptD(body), zhv79 + body79 + zpt(body79), strings.ReplaceAll(zhd+body+zptD(body), "\n", "\r\n"),
	} {
		for _, o := range []dtc.Options{{}, {AnyCount: true, Test: true, Round: true}} {
			d := mustDay(t, "2026-06-04")
			cube := series.NewCube(nil, series.Meter(), []settlement.Run{settlement.Untagged}, settlement.Days(d-1, d+2))
			for cut := range len(text) + 1 {
				tally, err := series.Collect(cube, settlement.MPAN{}, dtc.Read("f", series.OpenBytes([]byte(text[:cut])), o))
				held := 0
				for l := range series.Line(4) {
					held += cube.Frame(settlement.Untagged).Line(l).CountValid(0, cube.Span().Len())
				}
				if cut == len(text) {
					if err != nil || held != 48 || tally.Kept != 48 {
						t.Fatal("the whole file:", err, held)
					}
				} else if err == nil || held != 0 {
					t.Fatalf("cut at %d of %d: error %v, %d cells", cut, len(text), err, held)
				}
			}
		}
	}
}
