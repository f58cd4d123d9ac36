package gb

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// shared is where the rates that the tables were made from lie, beside the
// repository. Without it these tests are skipped: the tables stand alone.
const shared = "../../../shared/rates"

func readShared(t *testing.T, name string, into any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(shared, name+".json"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no %s: the figures are not compared with what they were made from", shared)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

type sharedDUoS struct {
	ID    string                            `json:"dno_id"`
	From  string                            `json:"effective_from"`
	Bands map[string]map[string][][2]string `json:"time_bands"`
	Steps []struct {
		Group, Unit string
		Band        int
		Lower       *json.Number `json:"lower_exclusive"`
		Upper       *json.Number `json:"upper_inclusive"`
	} `json:"residual_charging_bands"`
	Tariffs []map[string]*string
}

// TestSharedDUoS compares every figure, band and threshold of every
// distributor's publication.
func TestSharedDUoS(t *testing.T) {
	files, _ := filepath.Glob(shared + "/duos_[0-9]*.json")
	if len(files) == 0 {
		t.Skipf("no %s: the figures are not compared with what they were made from", shared)
	}
	if held := len(publications("duos")); held != len(files) {
		t.Errorf("%d tables for %d publications", held, len(files))
	}
	for _, file := range files {
		var j sharedDUoS
		readShared(t, strings.TrimSuffix(filepath.Base(file), ".json"), &j)
		d, err := settlement.ParseDistributor(j.ID)
		if err != nil {
			t.Fatal(err)
		}
		b, from := bookOf(t, d), day(t, j.From)
		_, to := from.ChargingYear()
		for _, row := range j.Tariffs {
			compareTariff(t, b, row, from, to)
		}
		compareBands(t, b, j, from)
		compareSteps(t, j, from)
	}
}

// sharedColumns are the figures of a tariff and their units.
var sharedColumns = map[string][2]string{
	"red_p_per_kwh": {"duos-red", "p/kWh"}, "amber_p_per_kwh": {"duos-amber", "p/kWh"}, "green_p_per_kwh": {"duos-green", "p/kWh"},
	"fixed_p_per_mpan_day": {"duos-fixed", "p/MPAN/day"}, "capacity_p_per_kva_day": {"duos-capacity", "p/kVA/day"},
	"exceeded_capacity_p_per_kva_day": {"duos-excess-capacity", "p/kVA/day"}, "reactive_p_per_kvarh": {"duos-reactive", "p/kVArh"},
}

func compareTariff(t *testing.T, b *tariffs.Tariff, row map[string]*string, from, to settlement.Day) {
	t.Helper()
	for column, of := range sharedColumns {
		want := "0 " + of[1] // an empty cell
		if row[column] != nil {
			want = *row[column] + " " + of[1]
		}
		item, err := tariffs.ParseItem(of[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, llfc := range sharedClasses(t, *row["open_llfcs"]) {
			for _, d := range []settlement.Day{from, to - 1} {
				if got := price(t, b, item, d, llfc, ""); got != want {
					t.Errorf("%s of class %s on %s: %q, want %q", of[0], llfc, d, got, want)
				}
			}
		}
	}
	if len(row) != len(sharedColumns)+2 {
		t.Errorf("%s: %d columns", *row["tariff"], len(row))
	}
}

// sharedClasses reads "1-2, 909".
func sharedClasses(t *testing.T, s string) (out []string) {
	for _, m := range regexp.MustCompile(`([A-Z0-9]+)(-([0-9]+))?`).FindAllStringSubmatch(s, -1) {
		out = append(out, m[1])
		if m[3] == "" {
			continue
		}
		lo, errLo := strconv.Atoi(m[1])
		hi, errHi := strconv.Atoi(m[3])
		if errLo != nil || errHi != nil {
			t.Fatal(s)
		}
		for n := lo + 1; n <= hi; n++ {
			out = append(out, strconv.Itoa(n))
		}
	}
	return out
}

// compareBands looks at every half-hour of a week, bank holidays in it.
func compareBands(t *testing.T, b *tariffs.Tariff, j sharedDUoS, from settlement.Day) {
	t.Helper()
	christmas := from + 268 // 25 December
	for d := christmas; d < christmas+7; d++ {
		kind := "weekday"
		if d.Weekday() == 0 || d.Weekday() == 6 {
			kind = "weekend"
		}
		for _, band := range bands {
			w := windowNamed(t, b, "gb:"+band)
			for n := range 48 {
				clock := string([]byte{byte('0' + n/20), byte('0' + n/2%10), ':', byte('0' + n%2*3), '0'})
				in := slices.ContainsFunc(j.Bands[kind][band], func(s [2]string) bool { return s[0] <= clock && clock < s[1] })
				if got := w.Covers(d.First() + settlement.Period(n)); got != in {
					t.Errorf("%s %s: %s %s %v", j.ID, d, band, clock, got)
				}
			}
		}
	}
}

func compareSteps(t *testing.T, j sharedDUoS, from settlement.Day) {
	t.Helper()
	for _, s := range j.Steps {
		group := map[string]string{"no MIC": "LV_NoMIC", "h MIC": "LV", "at HV": "HV", "Properties": "EHV"}
		for end, name := range group {
			if !strings.HasSuffix(s.Group, end) {
				continue
			}
			want := bandName(name, s.Band)
			if s.Upper != nil {
				if got, err := ResidualBand(name, decimal.RequireFromString(s.Upper.String()), from); got != want {
					t.Errorf("%s %s: %s, %v", j.ID, want, got, err)
				}
			}
			if s.Lower != nil {
				if got, err := ResidualBand(name, decimal.RequireFromString(s.Lower.String()+".001"), from); got != want {
					t.Errorf("%s above %s: %s, %v, want %s", j.ID, s.Lower, got, err, want)
				}
			}
		}
	}
}

func TestSharedHalfHours(t *testing.T) {
	var j struct {
		Counts map[string]struct{ Red, Amber, Green int }
	}
	readShared(t, "duos_halfhour_counts", &j)
	n := 0
	for d, years := range halfHours {
		for year, got := range years {
			n++
			if w := j.Counts[strconv.Itoa(year)+"-"+d.String()]; got != [3]int{w.Red, w.Amber, w.Green} {
				t.Errorf("%s %d: %v, want %v", d, year, got, w)
			}
		}
	}
	if n != len(j.Counts) {
		t.Errorf("%d years of %d", n, len(j.Counts))
	}
}

// TestSharedLineLosses compares every half-hour of the year with the published
// pattern of its day.
func TestSharedLineLosses(t *testing.T) {
	var j struct {
		Classes map[string][]struct {
			N    int      `json:"n_periods"`
			Days int      `json:"n_days"`
			LLF  []string `json:"llf_by_settlement_period"`
		}
	}
	readShared(t, "llf_14_wmid_2025", &j)
	b := bookOf(t, 14)
	in := windowsOf(b)
	for llfc, patterns := range j.Classes {
		used := make([]int, len(patterns))
		for d := day(t, "2025-04-01"); d < day(t, "2026-04-01"); d++ {
			got := make([]string, d.Len())
			for i := range got {
				got[i] = llfOf(b, in, llfc, d.First()+settlement.Period(i))
			}
			k := slices.IndexFunc(patterns, func(p struct {
				N    int      `json:"n_periods"`
				Days int      `json:"n_days"`
				LLF  []string `json:"llf_by_settlement_period"`
			}) bool {
				return slices.Equal(p.LLF, got)
			})
			if k < 0 {
				t.Fatalf("%s: %s has no published pattern: %v", llfc, d, got)
			}
			used[k]++
		}
		for k, p := range patterns {
			if used[k] != p.Days || len(p.LLF) != p.N {
				t.Errorf("%s: a pattern holds on %d days, published for %d", llfc, used[k], p.Days)
			}
		}
	}
}
