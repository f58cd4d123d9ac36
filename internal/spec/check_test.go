package spec_test

import (
	"strings"
	"testing"

	"github.com/halfhour/halfhour/internal/spec"
)

const night = `# The long day.
span 2026-10-25
load SF AI  1.0x50
load R1 AI  1.0x48 2.0x2
tariff
  energy-unit  night "00:30-07:30"   7.5 p/kWh
  energy-unit  otherwise            28.0 p/kWh
  vat          20 %

bill upto SF
  energy-unit  50 kWh            £10.72  = 16 × 0.075 + 34 × 0.28
    night      16 kWh  at 0.075  (1.2)   = 16 × 0.075
    otherwise  34 kWh  at 0.28   (9.52)
  net                            £10.72
  vat 20 %                        £2.14
  total                          £12.86

halfhour upto SF
  2026-10-25/3  energy-unit  0.075 = 0.075
  2026-10-25    MSP          50

adjust SF R1
  energy-unit  +£0.56  = 2 × 0.28
  net          +£0.56
  vat          +£0.12
  total        +£0.68

error upto SF 2026-10-24
  half-hours missing
# The end.
`

func TestGoodSpecification(t *testing.T) {
	rewritten, wrong := spec.Check("night.txt", night)
	if len(wrong) > 0 || rewritten != night {
		t.Errorf("%v\n%s", wrong, rewritten)
	}
}

// What is expected and not so is shown at its line, and put right by the
// rewritten text alone.
func TestDifferences(t *testing.T) {
	for _, c := range []struct {
		name, was, is string
		words         string // of the mistakes, in order
		rewritable    bool
	}{
		{"an amount", "(1.2)   = 16 × 0.075", "(1.3)", "night.txt:10: bill upto SF|- night 16 kWh at 0.075 (1.3)   (line 12)|+ night 16 kWh at 0.075 (1.2)", true},
		{"a line too many", "  net   ", "  ro  1 kWh at 1  £1.00\n  net   ", "- ro 1 kWh at 1 £1.00   (line 14)", true},
		{"a line too few", "  vat 20 %                        £2.14\n", "", "+ vat 20 % £2.14", true},
		{"a half-hour", "0.075 = 0.075", "0.076", "halfhour upto SF|- 2026-10-25/3 energy-unit 0.076|+ 2026-10-25/3 energy-unit 0.075", true},
		{"an adjustment", "vat          +£0.12", "vat          +£0.11", "- vat +£0.11|+ vat +£0.12", true},
		{"an error's words", "half-hours missing", "rate gap", "error upto SF 2026-10-24|- rate gap|+ half-hours missing", true},
		{"a working", "= 2 × 0.28", "= 3 × 0.28", "night.txt:23: 3 × 0.28 comes to 0.84, the engine has +£0.56", false},
		{"a working of nothing", "= 2 × 0.28", "= 2 × (0.28", "bracket", false},
		{"a bill that is not made", "bill upto SF\n", "bill upto II\n", `night.txt:10: half-hours missing "2026-10-25/01"`, false},
		{"a bill instead of an error", "error upto SF 2026-10-24", "error upto SF", "the bill is made", false},
		{"an unknown item", "energy-unit  0.075 =", "ro  0.075 =", `night.txt:19: "ro" is no item`, false},
		{"an unknown case", "adjust SF R1", "adjust from before", `no case "before"`, false},
		{"half an adjustment", "adjust SF R1", "adjust SF", "night.txt:22: write adjust SF R1", false},
		{"three views", "adjust SF R1", "adjust SF R1 latest", "night.txt:22: write adjust SF R1", false},
		{"a determination that came", "adjust SF R1", "determination D 2026-10-25 -£1.00 known 2026-12-02\nadjust as-of 2026-12-01 as-of 2026-12-02",
			"+ determination D -£1.00|+ due -£1.00", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(night, c.was) {
				t.Fatal(c.was)
			}
			rewritten, wrong := spec.Check("night.txt", strings.Replace(night, c.was, c.is, 1))
			said := ""
			for _, e := range wrong {
				said += e.Error() + "\n"
			}
			for _, w := range strings.Split(c.words, "|") {
				if !strings.Contains(said, w) {
					t.Errorf("%q is not in\n%s", w, said)
				}
			}
			if _, again := spec.Check("night.txt", rewritten); (len(again) == 0) != c.rewritable {
				t.Errorf("rewritten: %v\n%s", again, rewritten)
			}
		})
	}
}

// A file that cannot be read gives one mistake, at its line, and no text.
func TestMistakes(t *testing.T) {
	for _, c := range []struct {
		name, was, is string
		line          string
		words         string
	}{
		{"a word", "span", "spam", "2", `"spam"`},
		{"a day", "2026-10-25\nload", "2026-02-30\nload", "2", "span"},
		{"too few values", "1.0x50", "1.0x49", "3", "49 values for the 50 half-hours"},
		{"two that fill up", "1.0x50", "1.0x* 2.0x*", "3", "only one"},
		{"a value", "1.0x50", "1,0x50", "3", "1,0"},
		{"too fine a value", "1.0x50", "1.0001x50", "3", "at most 3 decimals"},
		{"times", "1.0x50", "1.0xx", "3", "after x"},
		{"a line of data", "load SF AI", "load SF IA", "3", `"IA"`},
		{"a run", "load SF", "load SG", "3", `"SG"`},
		{"a market line", "load SF AI", "market SF AI", "3", `"AI" is no line of market`},
		{"a quote", `"00:30-07:30"`, `"00:30-07:30`, "6", "quote"},
		{"a window", "00:30-07:30", "00:15-07:30", "6", "half-hours"},
		{"another window", "otherwise            28", `night "01:00-02:00" 28`, "7", "was"},
		{"an item", "energy-unit  otherwise", "energy-units  otherwise", "7", "energy-units"},
		{"a price", "28.0 p/kWh", "28.0 p/therm", "7", "p/therm"},
		{"an option", "28.0 p/kWh", "28.0 p/kWh from", "7", "from"},
		{"a key of a supply", "tariff\n", "supply\n  mpn 1\ntariff\n", "6", `"mpn"`},
		{"a check digit", "tariff\n", "supply\n  mpan 1400000000119\ntariff\n", "6", "check digit"},
		{"a share", "tariff\n", "supply\n  qualifying 60\ntariff\n", "6", "85 %"},
		{"a convention", "  vat          20 %", "  vat 20 %\n  convention vat-rounding up", "9", "vat-rounding"},
		{"an indented line", "# The long day.\n", "  here\n", "1", "indented"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(night, c.was) {
				t.Fatal(c.was)
			}
			rewritten, wrong := spec.Check("night.txt", strings.Replace(night, c.was, c.is, 1))
			if rewritten != "" || len(wrong) != 1 {
				t.Fatalf("%q %v", rewritten, wrong)
			}
			if said := wrong[0].Error(); !strings.HasPrefix(said, "night.txt:"+c.line+":") || !strings.Contains(said, c.words) {
				t.Errorf("%s, want line %s and %q", said, c.line, c.words)
			}
		})
	}
}

// A case begins with what stands above the first one; what it says of an item
// or a key stands instead of that.
func TestCases(t *testing.T) {
	const text = `span 2025-12-04
load SF AI  1x48
tariff
  energy-unit  night "00:00-07:00"  1 GBP/kWh
  energy-unit  otherwise            2 GBP/kWh
  vat  0 %
case one price
tariff
  energy-unit  3 GBP/kWh
bill
  energy-unit  48 kWh  at 3  £144.00
  net                        £144.00
  vat 0 %                      £0.00
  total                      £144.00
case as above
bill
  energy-unit  48 kWh         £82.00 + 0
    night      14 kWh  at 1  (14)
`
	_, wrong := spec.Check("cases.txt", text)
	if len(wrong) != 1 || !strings.Contains(wrong[0].Error(), "cases.txt:16: as above: bill") || !strings.Contains(wrong[0].Error(), "+ otherwise 34 kWh at 2 (68)") {
		t.Error(wrong)
	}
	if _, wrong := spec.Check("none.txt", "span 2025-12-04\nload SF AI  1x48\n"); len(wrong) != 1 || !strings.Contains(wrong[0].Error(), "nothing is expected") {
		t.Error(wrong)
	}
}
